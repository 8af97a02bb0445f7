//! The tables of rows matched one by one, written from the ledger row by row: however many breaks
//! a day has, memory stays flat.

use super::book::{Book, Place};
use super::cell::Cell;
use super::content::{Content, SourceFile};
use super::folder::Making;
use super::grid::{Grid, Named};
use super::tables::{amount_known, break_title};
use super::view::Maker;
use super::{ReportError, Request, trace, words};
use crate::db::Database;
use crate::id::{Fen, FileNo};
use crate::ledger::{BreakRow, BreakSum, MatchRow, ReconNo, each_break, each_cleared, each_match};

/// What the tables are made from.
#[derive(Clone, Copy)]
struct Scribe<'s> {
    request: &'s Request<'s>,
    content: &'s Content,
    make: &'s Maker<'s>,
}

const BREAK_HEADINGS: [(&str, &str); 22] = [
    ("序号", "No."),
    ("差异类型", "Type"),
    ("资金影响", "Funds effect"),
    ("差异", "Break"),
    ("标识", "Object"),
    ("我方金额（元）", "Our amount (yuan)"),
    ("对方金额（元）", "Their amount (yuan)"),
    ("差额（元）", "Theirs less ours (yuan)"),
    ("比对结果", "Compared"),
    ("首次发现", "First seen"),
    ("账龄（工作日）", "Age (working days)"),
    ("状态", "State"),
    ("消除日", "Closed by the day"),
    ("匹配规则", "Pass"),
    ("我方文件编号", "Our file"),
    ("我方文件名", "Our file's name"),
    ("我方记录号", "Our record"),
    ("我方追溯命令", "Trace ours"),
    ("对方文件编号", "Their file"),
    ("对方文件名", "Their file's name"),
    ("对方记录号", "Their record"),
    ("对方追溯命令", "Trace theirs"),
];

/// Writes them; returns how many cells of files were neutralised.
pub(super) async fn write(
    db: &Database,
    make: &Maker<'_>,
    making: &mut Making,
    mut book: Option<&mut Book>,
) -> Result<u64, ReportError> {
    let (request, content) = (make.request, make.content);
    let scribe = Scribe {
        request,
        content,
        make,
    };
    let recon = content.recon.recon_no;
    let mut neutralised = scribe.kinds(making, book.as_deref_mut())?;
    let named = Named {
        file: "breaks.csv",
        sheet: ("差异", "Breaks"),
        place: Some(Place::Breaks),
    };
    let mut table = Grid::new(request, named, BREAK_HEADINGS, making, book.as_deref_mut())?;
    each_break(db, recon, |found| scribe.found(&mut table, &found)).await?;
    neutralised += table.finish()?;
    let named = Named {
        file: "cleared.csv",
        sheet: ("以前未达销账", "Cleared"),
        place: Some(Place::Cleared),
    };
    let mut table = Grid::new(request, named, BREAK_HEADINGS, making, book.as_deref_mut())?;
    each_cleared(db, recon, |found| scribe.found(&mut table, &found)).await?;
    neutralised += table.finish()?;
    Ok(neutralised + scribe.matches(db, recon, making, book).await?)
}

impl Scribe<'_> {
    fn source(&self, file: Option<FileNo>) -> Option<&SourceFile> {
        self.content.files.get(&file?)
    }

    /// One break on a line.
    fn found(&self, table: &mut Grid<'_>, found: &BreakRow) -> Result<(), ReportError> {
        let l = self.request.language;
        let closed = found.closed_by.and_then(|by| self.make.day_of(by));
        let compared = self.make.compared(found);
        let ours = Side::of(found.ours_file, found.ours_record);
        let theirs = Side::of(found.theirs_file, found.theirs_record);
        let difference = amount_known(found).then_some(Fen(found.amount));
        let [our_cells, their_cells] = [&ours, &theirs].map(|side| {
            [
                Cell::no(side.file.map(|file| file.0)),
                Cell::text(self.source(side.file).and_then(SourceFile::name)),
                Cell::no(side.record),
                Cell::Text(&side.command),
            ]
        });
        let mut cells = vec![
            Cell::No(found.break_no),
            Cell::Text(words::kind(found.kind, l)),
            Cell::Text(words::effect(found.funds_effect, l)),
            Cell::Text(break_title(found, self.request)),
            Cell::Text(&found.object),
            Cell::money(found.ours_amount.map(Fen)),
            Cell::money(found.theirs_amount.map(Fen)),
            Cell::money(difference),
            Cell::Text(&compared),
            Cell::Date(found.first_seen),
            Cell::Int(self.make.days(found.first_seen)),
            Cell::Text(words::ending(found.state, found.closed_as, l)),
            closed.map_or(Cell::Blank, Cell::Date),
            Cell::text(found.pass.as_deref()),
        ];
        cells.extend(our_cells);
        cells.extend(their_cells);
        table.row(&cells)
    }

    /// How many of what kind, state and age.
    fn kinds(&self, making: &mut Making, book: Option<&mut Book>) -> Result<u64, ReportError> {
        let l = self.request.language;
        let named = Named {
            file: "kinds.csv",
            sheet: ("差异汇总", "Kinds"),
            place: Some(Place::Kinds),
        };
        let headings = [
            ("差异类型", "Type"),
            ("资金影响", "Funds effect"),
            ("首次发现", "First seen"),
            ("状态", "State"),
            ("消除日", "Closed by the day"),
            ("项数", "Items"),
            ("我方笔数", "Our rows"),
            ("我方金额（元）", "Our amount (yuan)"),
            ("对方笔数", "Their rows"),
            ("对方金额（元）", "Their amount (yuan)"),
            ("差额（元）", "Theirs less ours (yuan)"),
        ];
        let mut table = Grid::new(self.request, named, headings, making, book)?;
        for sum in &self.content.sums {
            let BreakSum { kind, state, .. } = *sum;
            let closed = sum.closed_by.and_then(|by| self.make.day_of(by));
            table.row(&[
                Cell::Text(words::kind(kind, l)),
                Cell::Text(words::effect(sum.funds_effect, l)),
                Cell::Date(sum.first_seen),
                Cell::Text(words::ending(state, sum.closed_as, l)),
                closed.map_or(Cell::Blank, Cell::Date),
                Cell::Int(sum.items),
                Cell::Int(sum.ours_rows),
                Cell::Money(Fen(sum.ours_amount)),
                Cell::Int(sum.theirs_rows),
                Cell::Money(Fen(sum.theirs_amount)),
                Cell::Money(Fen(sum.amount)),
            ])?;
        }
        table.finish()
    }

    /// What was matched by a tolerance or as a group; what an exact key matched, the key says.
    async fn matches(
        &self,
        db: &Database,
        recon: ReconNo,
        making: &mut Making,
        book: Option<&mut Book>,
    ) -> Result<u64, ReportError> {
        let named = Named {
            file: "matches.csv",
            sheet: ("容差与合计匹配", "Matches"),
            place: Some(Place::Matches),
        };
        let headings = [
            ("匹配号", "Match"),
            ("匹配规则", "Pass"),
            ("一方", "Side"),
            ("标识", "Object"),
            ("金额（元）", "Amount (yuan)"),
            ("业务日期", "Business day"),
            ("文件编号", "File"),
            ("文件名", "File name"),
            ("记录号", "Record"),
            ("字节偏移", "Byte offset"),
            ("字节长度", "Byte length"),
            ("追溯命令", "Trace"),
        ];
        let mut table = Grid::new(self.request, named, headings, making, book)?;
        each_match(db, recon, |row: MatchRow| {
            let command = trace::of_record(row.file.0, Some(row.record));
            table.row(&[
                Cell::No(row.match_no),
                Cell::Text(self.make.pass_title(&row.pass)),
                Cell::Text(self.make.side_title(&row.side)),
                Cell::Text(&row.object),
                Cell::money(row.amount.map(Fen)),
                Cell::Date(row.business_date),
                Cell::No(row.file.0),
                Cell::text(self.source(Some(row.file)).and_then(SourceFile::name)),
                Cell::No(row.record),
                Cell::No(row.byte_offset),
                Cell::No(row.byte_length),
                Cell::Text(&command),
            ])
        })
        .await?;
        table.finish()
    }
}

/// The place of one side of a break.
struct Side {
    file: Option<FileNo>,
    record: Option<i64>,
    command: String,
}

impl Side {
    fn of(file: Option<FileNo>, record: Option<i64>) -> Self {
        Self {
            file,
            record,
            command: file.map_or(String::new(), |file| trace::of_record(file.0, record)),
        }
    }
}
