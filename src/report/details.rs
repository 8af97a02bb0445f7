//! Every row that a figure is made of, on a line of its own, with the place of its bytes.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use super::book::{Book, Place, id, key_cell, titles};
use super::cell::Cell;
use super::content::{Content, SourceFile};
use super::csv::Table;
use super::folder::{Making, Sink};
use super::{DETAILS, ReportError, Request, Subject, trace};
use crate::dataset::Reader;
use crate::db::Database;
use crate::id::{Fen, FileNo};
use crate::reconcile::{Figure, Line, Selection, Signs, Title};

/// The headings of the file.
const HEADINGS: [(&str, &str); 13] = [
    ("组成项", "Component"),
    ("分组标识", "Group"),
    ("数据集", "Dataset"),
    ("记录标识", "Row"),
    ("笔数", "Rows"),
    ("金额（元）", "Amount (yuan)"),
    ("文件编号", "File"),
    ("文件名", "File name"),
    ("落地文件 SHA-256", "Landed SHA-256"),
    ("记录号", "Record"),
    ("字节偏移", "Byte offset"),
    ("字节长度", "Byte length"),
    ("追溯命令", "Trace"),
];

/// The headings of a sheet after those of its dataset.
const SHEET_HEADINGS: [(&str, &str); 8] = [
    ("笔数", "Rows"),
    ("金额（元）", "Amount (yuan)"),
    ("文件编号", "File"),
    ("文件名", "File name"),
    ("记录号", "Record"),
    ("字节偏移", "Byte offset"),
    ("字节长度", "Byte length"),
    ("追溯命令", "Trace"),
];

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

/// The rows in every form that is written; the line is counted in any case.
struct Rows<'r> {
    request: &'r Request<'r>,
    content: &'r Content,
    path: PathBuf,
    csv: Option<Table<Sink>>,
    book: Option<&'r mut Book>,
    line: u64,
}

/// Writes the details and says where everything stands. Without tables only the files are counted.
pub(super) async fn write(
    db: &Database,
    request: &Request<'_>,
    content: &Content,
    making: &mut Making,
    book: Option<&mut Book>,
) -> Result<Index, ReportError> {
    let mut rows = Rows::new(request, content, making, book)?;
    let mut index = Index::default();
    for part in request.detailed() {
        let mut sum = Figure::ZERO;
        let (selection, scene) = (part.selection, request.scene());
        rows.begin(part.title, selection)?;
        let see = |group: &str, line: Line| {
            sum = sum.plus(Signs::PLUS, figure(&line), part.name)?;
            let at = rows.row((part.title, selection, group), &line)?;
            index.see(part.name, group, at);
            let of_file = index.by_file.entry(line.lineage.file).or_default();
            *of_file = of_file.plus(Signs::PLUS, figure(&line), part.name)?;
            Ok::<_, ReportError>(())
        };
        let reader = &mut Reader::from(db);
        match request.subject() {
            Subject::Totals(_) => selection.each_row(reader, scene, see).await?,
            Subject::Rows(_) => selection.each_row_by_file(reader, scene, see).await?,
        }
        check(content, part.component, sum)?;
    }
    index.neutralised = rows.finish(making)?;
    Ok(index)
}

impl<'r> Rows<'r> {
    fn new(
        request: &'r Request<'r>,
        content: &'r Content,
        making: &Making,
        book: Option<&'r mut Book>,
    ) -> Result<Self, ReportError> {
        let path = request.reports.join(DETAILS);
        let mut csv = None;
        if request.plan.csv {
            let failed = || ReportError::io("write", &path);
            let mut table = Table::new(making.sink()?).map_err(failed())?;
            let headings = HEADINGS.map(|(zh, en)| Cell::Text(request.language.pick(zh, en)));
            table.row(&headings).map_err(failed())?;
            csv = Some(table);
        }
        Ok(Self {
            request,
            content,
            path,
            csv,
            book,
            // The heading.
            line: 1,
        })
    }

    /// Begins a component: a sheet of its own, under the headings of its dataset.
    fn begin(&mut self, title: &Title, selection: &Selection) -> Result<(), ReportError> {
        let Some(book) = &mut self.book else {
            return Ok(());
        };
        let l = self.request.language;
        let name = format!("{}-{}", l.pick("明细", "Details"), title.in_language(l));
        let mut headings = vec![l.pick("明细行", "Line").to_owned()];
        headings.extend(titles(selection, &selection.row_columns(), self.request));
        headings.extend(SHEET_HEADINGS.map(|(zh, en)| l.pick(zh, en).to_owned()));
        let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
        book.begin(Place::Details, &name, &headings)
    }

    fn row(
        &mut self,
        (title, selection, group): (&Title, &Selection, &str),
        line: &Line,
    ) -> Result<u64, ReportError> {
        self.line += 1;
        let lineage = line.lineage;
        let source = self.content.files.get(&lineage.file);
        let command = trace::of_record(lineage.file.0, Some(lineage.record));
        if let Some(csv) = &mut self.csv {
            let digest = source.and_then(SourceFile::digest);
            let cells = [
                Cell::Text(title.in_language(self.request.language)),
                Cell::Text(group),
                Cell::Text(selection.dataset().name().as_str()),
                Cell::Text(&line.object),
                Cell::Int(line.count),
                Cell::money(line.amount),
                Cell::No(lineage.file.0),
                Cell::text(source.and_then(SourceFile::name)),
                Cell::text(digest.as_deref()),
                Cell::No(lineage.record),
                Cell::No(lineage.offset),
                Cell::No(lineage.length),
                Cell::Text(&command),
            ];
            csv.row(&cells)
                .map_err(ReportError::io("write", &self.path))?;
        }
        if let Some(book) = &mut self.book {
            let texts: Vec<Option<String>> = line.key.iter().map(id).collect();
            let key = line.key.iter().zip(&texts);
            let mut cells = vec![Cell::No(i64::try_from(self.line).unwrap_or(i64::MAX))];
            cells.extend(key.map(|(value, text)| key_cell(value, text.as_deref(), self.request)));
            cells.extend([
                Cell::Int(line.count),
                Cell::money(line.amount),
                Cell::No(lineage.file.0),
                Cell::text(source.and_then(SourceFile::name)),
                Cell::No(lineage.record),
                Cell::No(lineage.offset),
                Cell::No(lineage.length),
                Cell::Text(&command),
            ]);
            book.detail(self.line, &cells)?;
        }
        Ok(self.line)
    }

    /// Ends every form; returns how many cells of the file were neutralised.
    fn finish(self, making: &mut Making) -> Result<u64, ReportError> {
        if let Some(book) = self.book {
            book.end()?;
        }
        let Some(csv) = self.csv else { return Ok(0) };
        let (sink, neutralised) = csv.finish();
        making.keep(sink, DETAILS)?;
        Ok(neutralised)
    }
}

fn figure(line: &Line) -> Figure {
    Figure {
        count: line.count,
        amount: line.amount.unwrap_or(Fen::ZERO),
    }
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
