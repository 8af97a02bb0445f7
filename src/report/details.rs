//! Every row that a figure is made of, on a line of its own, with the place of its bytes.

use std::collections::{BTreeMap, HashMap};

use super::content::Content;
use super::csv::{Cell, Table};
use super::folder::Making;
use super::{DETAILS, ReportError, Request, trace};
use crate::dataset::Reader;
use crate::db::Database;
use crate::id::{Fen, FileNo};
use crate::reconcile::{Figure, Line, PartSource, Selection, Signs, Title};

/// Lines of the details, both included, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lines {
    pub(super) first: u64,
    pub(super) last: u64,
}

/// Where the rows of each figure stand, and what each file gave.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By component and group.
    groups: HashMap<(String, String), Lines>,
    /// By component.
    parts: HashMap<String, Lines>,
    pub(super) by_file: BTreeMap<FileNo, Figure>,
    pub(super) neutralised: u64,
}

impl Index {
    pub(super) fn group(&self, part: &str, group: &str) -> Option<Lines> {
        self.groups
            .get(&(part.to_owned(), group.to_owned()))
            .copied()
    }

    pub(super) fn part(&self, part: &str) -> Option<Lines> {
        self.parts.get(part).copied()
    }

    fn see(&mut self, part: &str, group: &str, line: u64) {
        let grow = |lines: &mut Lines| lines.last = line;
        let one = Lines {
            first: line,
            last: line,
        };
        self.parts
            .entry(part.to_owned())
            .and_modify(grow)
            .or_insert(one);
        let key = (part.to_owned(), group.to_owned());
        self.groups.entry(key).and_modify(grow).or_insert(one);
    }
}

/// Writes the details and says where everything stands. Without tables only the files are counted.
pub(super) async fn write(
    db: &Database,
    request: &Request<'_>,
    content: &Content,
    making: &mut Making,
) -> Result<Index, ReportError> {
    let path = request.reports.join(DETAILS);
    let mut table = Table::new(making.sink()?).map_err(ReportError::io("write", &path))?;
    let l = request.language;
    let headings = [
        l.pick("组成项", "Component"),
        l.pick("分组标识", "Group"),
        l.pick("数据集", "Dataset"),
        l.pick("记录标识", "Row"),
        l.pick("笔数", "Rows"),
        l.pick("金额（元）", "Amount (yuan)"),
        l.pick("文件编号", "File"),
        l.pick("文件名", "File name"),
        l.pick("落地文件 SHA-256", "Landed SHA-256"),
        l.pick("记录号", "Record"),
        l.pick("字节偏移", "Byte offset"),
        l.pick("字节长度", "Byte length"),
        l.pick("追溯命令", "Trace"),
    ];
    table
        .row(&headings.map(Cell::Text))
        .map_err(ReportError::io("write", &path))?;
    let mut index = Index::default();
    let (_, plan) = request.reconcile;
    let claimed = ("claimed", &plan.claimed.title, &plan.claimed.selection);
    let parts = plan.parts.iter().filter_map(|part| match &part.source {
        PartSource::Rows(selection) => Some((part.name.as_str(), &part.title, &**selection)),
        PartSource::Unknown(_) => None,
    });
    for (name, title, selection) in std::iter::once(claimed).chain(parts) {
        let mut sum = Figure::ZERO;
        let see = |group: &str, line: Line| {
            sum = sum.plus(Signs::PLUS, figure(&line), name)?;
            let at = one(
                &mut table,
                request,
                content,
                (title, selection, group),
                &line,
            )
            .map_err(ReportError::io("write", &path))?;
            index.see(name, group, at);
            let of_file = index.by_file.entry(line.lineage.file).or_default();
            *of_file = of_file.plus(Signs::PLUS, figure(&line), name)?;
            Ok(())
        };
        selection
            .each_row::<ReportError>(&mut Reader::from(db), request.scene(), see)
            .await?;
        check(content, name, sum)?;
    }
    let (sink, _, neutralised) = table.finish();
    index.neutralised = neutralised;
    if request.plan.csv {
        making.keep(sink, DETAILS)?;
    }
    Ok(index)
}

fn figure(line: &Line) -> Figure {
    Figure {
        count: line.count,
        amount: line.amount.unwrap_or(Fen::ZERO),
    }
}

fn one(
    table: &mut Table<super::folder::Sink>,
    request: &Request<'_>,
    content: &Content,
    (title, selection, group): (&Title, &Selection, &str),
    line: &Line,
) -> std::io::Result<u64> {
    let source = content.files.get(&line.lineage.file);
    let digest = source.and_then(super::content::SourceFile::digest);
    table.row(&[
        Cell::Text(title.in_language(request.language)),
        Cell::Text(group),
        Cell::Text(selection.dataset().name().as_str()),
        Cell::Text(&line.object),
        Cell::Int(line.count),
        Cell::money(line.amount),
        Cell::Int(line.lineage.file.0),
        Cell::text(source.and_then(|source| source.name())),
        Cell::text(digest.as_deref()),
        Cell::Int(line.lineage.record),
        Cell::Int(line.lineage.offset),
        Cell::Int(line.lineage.length),
        Cell::Text(&trace::of_record(
            line.lineage.file.0,
            Some(line.lineage.record),
        )),
    ])
}

/// The rows written are the figure shown, to the 分.
fn check(content: &Content, name: &str, now: Figure) -> Result<(), ReportError> {
    let then = content.figure(name).unwrap_or_default();
    if then == now {
        return Ok(());
    }
    Err(ReportError::StoreChanged {
        part: name.to_owned(),
        then,
        now,
    })
}
