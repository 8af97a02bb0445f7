//! The tables beside the page: the same figures for spreadsheets, as files and as sheets.

use super::book::{Book, Place};
use super::cell::Cell;
use super::content::{Content, SourceFile};
use super::details::Index;
use super::folder::Making;
use super::grid::{Grid, Named};
use super::view::Maker;
use super::{ReportError, Request, Rule, Subject, words};
use crate::id::Fen;
use crate::ledger::BreakRow;
use crate::reconcile::Figure;
use serde_json::Value as Json;

/// What a table is made from, and where it goes.
struct Desk<'d> {
    request: &'d Request<'d>,
    content: &'d Content,
    index: &'d Index,
    making: &'d mut Making,
    book: Option<&'d mut Book>,
}

impl Desk<'_> {
    fn grid<const N: usize>(
        &mut self,
        named: Named,
        headings: [(&str, &str); N],
    ) -> Result<Grid<'_>, ReportError> {
        Grid::new(
            self.request,
            named,
            headings,
            self.making,
            self.book.as_deref_mut(),
        )
    }
}

/// Writes one; returns how many cells of its file were neutralised.
type Fill = fn(&mut Desk<'_>) -> Result<u64, ReportError>;

/// Writes all of them; returns how many cells of files were neutralised.
pub(super) fn write(
    request: &Request<'_>,
    content: &Content,
    index: &Index,
    making: &mut Making,
    book: Option<&mut Book>,
) -> Result<u64, ReportError> {
    let mut desk = Desk {
        request,
        content,
        index,
        making,
        book,
    };
    let totals: [Fill; 6] = [summary, breakdown, breaks, candidates, reasons, sources];
    let rows: [Fill; 3] = [summary, breakdown, sources];
    let tables: &[Fill] = match request.subject() {
        Subject::Totals(_) => &totals,
        Subject::Rows(_) => &rows,
    };
    tables
        .iter()
        .try_fold(0, |neutralised, table| Ok(neutralised + table(&mut desk)?))
}

fn summary(desk: &mut Desk<'_>) -> Result<u64, ReportError> {
    let (request, content, index) = (desk.request, desk.content, desk.index);
    let named = Named {
        file: "summary.csv",
        sheet: ("汇总", "Summary"),
        place: Some(Place::Summary),
    };
    let headings = [
        ("项目", "Item"),
        ("笔数", "Rows"),
        ("金额（元）", "Amount (yuan)"),
        ("大写金额", "In capitals"),
        ("说明", "Note"),
    ];
    let mut table = desk.grid(named, headings)?;
    for line in Maker::new(request, content, index).balance() {
        let capitals = line.figure.map(|figure| figure.amount.capitals());
        table.row(&[
            Cell::Text(&line.title),
            Cell::int(line.figure.map(|figure| figure.count)),
            Cell::money(line.figure.map(|figure| figure.amount)),
            Cell::text(capitals.as_deref()),
            Cell::Text(&line.note),
        ])?;
    }
    table.finish()
}

fn breakdown(desk: &mut Desk<'_>) -> Result<u64, ReportError> {
    let (request, content, index) = (desk.request, desk.content, desk.index);
    // The workbook has a sheet for each component instead.
    let named = Named {
        file: "breakdown.csv",
        sheet: ("", ""),
        place: None,
    };
    let headings = [
        ("组成项", "Component"),
        ("标识", "Group"),
        ("笔数", "Rows"),
        ("金额（元）", "Amount (yuan)"),
        ("文件编号", "File"),
        ("文件名", "File name"),
        ("落地文件 SHA-256", "Landed SHA-256"),
        ("明细首行", "First line of details"),
        ("明细末行", "Last line of details"),
    ];
    let mut table = desk.grid(named, headings)?;
    for part in &content.parts {
        for group in &part.groups {
            let source = group.file.and_then(|file| content.files.get(&file));
            let digest = source.and_then(SourceFile::digest);
            let lines = index.group(part.name.as_str(), &group.object);
            table.row(&[
                Cell::Text(part.title.in_language(request.language)),
                Cell::Text(&group.object),
                Cell::Int(group.count),
                Cell::Money(group.amount),
                Cell::no(group.file.map(|file| file.0)),
                Cell::text(source.and_then(|source| source.name())),
                Cell::text(digest.as_deref()),
                Cell::line(lines.map(|lines| lines.first)),
                Cell::line(lines.map(|lines| lines.last)),
            ])?;
        }
    }
    table.finish()
}

fn breaks(desk: &mut Desk<'_>) -> Result<u64, ReportError> {
    let (request, content) = (desk.request, desk.content);
    let named = Named {
        file: "breaks.csv",
        sheet: ("差异", "Breaks"),
        place: Some(Place::Breaks),
    };
    let headings = [
        ("序号", "No."),
        ("差异类型", "Type"),
        ("资金影响", "Funds effect"),
        ("差异", "Break"),
        ("标识", "Object"),
        ("笔数", "Rows"),
        ("金额（元）", "Amount (yuan)"),
        ("首次发现", "First seen"),
        ("状态", "State"),
        ("起算日", "Since"),
        ("期限", "Deadline"),
        ("文件编号", "File"),
        ("记录号", "Record"),
        ("字节偏移", "Byte offset"),
        ("字节长度", "Byte length"),
    ];
    let mut table = desk.grid(named, headings)?;
    let l = request.language;
    for found in &content.breaks {
        let number = |key: &str| Cell::no(found.detail.get(key).and_then(Json::as_i64));
        let day = |key: &str| Cell::day(found.detail.get(key).and_then(Json::as_str));
        let known = amount_known(found);
        table.row(&[
            Cell::No(found.break_no),
            Cell::Text(words::kind(found.kind, l)),
            Cell::Text(words::effect(found.funds_effect, l)),
            Cell::Text(break_title(found, request)),
            Cell::Text(&found.object),
            if known {
                Cell::Int(found.count)
            } else {
                Cell::Blank
            },
            if known {
                Cell::Money(Fen(found.amount))
            } else {
                Cell::Blank
            },
            Cell::Date(found.first_seen),
            Cell::Text(words::state(found.state, l)),
            day("since"),
            day("deadline"),
            number("file"),
            number("record"),
            number("offset"),
            number("length"),
        ])?;
    }
    table.finish()
}

/// Whether count and amount of a break are figures, or not known.
pub(super) fn amount_known(found: &BreakRow) -> bool {
    let known = found.detail.get("amount_known").and_then(Json::as_bool);
    known.unwrap_or(true)
}

pub(super) fn break_title<'a>(found: &'a BreakRow, request: &Request<'_>) -> &'a str {
    let english = found.detail.get("title_en").and_then(Json::as_str);
    request
        .language
        .pick(&found.title, english.unwrap_or(&found.title))
}

fn candidates(desk: &mut Desk<'_>) -> Result<u64, ReportError> {
    let (request, content) = (desk.request, desk.content);
    let named = Named {
        file: "candidates.csv",
        sheet: ("可能来源", "Candidates"),
        place: Some(Place::Candidates),
    };
    let headings = [
        ("排序", "Rank"),
        ("可能的来源", "Possible source"),
        ("笔数", "Rows"),
        ("金额（元）", "Amount (yuan)"),
        ("记录标识", "Row"),
        ("记录金额（元）", "Amount of the row"),
        ("文件编号", "File"),
        ("文件名", "File name"),
        ("记录号", "Record"),
        ("字节偏移", "Byte offset"),
        ("字节长度", "Byte length"),
    ];
    let mut table = desk.grid(named, headings)?;
    for candidate in &content.candidates {
        let text = request.language.pick(&candidate.text, &candidate.text_en);
        for row in &candidate.rows {
            let place = |value: i64| {
                if row.file > 0 {
                    Cell::No(value)
                } else {
                    Cell::Blank
                }
            };
            let source = content.source(row.file);
            table.row(&[
                Cell::no(i64::try_from(candidate.rank).ok()),
                Cell::Text(text),
                Cell::Int(candidate.count),
                Cell::money(candidate.amount.map(Fen)),
                Cell::Text(&row.object),
                Cell::money(row.amount.map(Fen)),
                place(row.file),
                Cell::text(source.and_then(|source| source.name())),
                place(row.record),
                place(row.offset),
                place(row.length),
            ])?;
        }
    }
    table.finish()
}

fn reasons(desk: &mut Desk<'_>) -> Result<u64, ReportError> {
    let (request, content) = (desk.request, desk.content);
    let named = Named {
        file: "reasons.csv",
        sheet: ("分布", "Distributions"),
        place: Some(Place::Reasons),
    };
    let headings = [
        ("分布", "Distribution"),
        ("代码", "Code"),
        ("名称", "Title"),
        ("笔数", "Rows"),
        ("金额（元）", "Amount (yuan)"),
        ("未检查的原因", "Not checked, because"),
    ];
    let mut table = desk.grid(named, headings)?;
    let plan = request.subject().totals();
    let declared = plan.into_iter().flat_map(|plan| &plan.distributions);
    for (distribution, groups) in declared.zip(&content.distributions) {
        let title = distribution.title.in_language(request.language);
        for (code, rule, figure) in by_code(request.rules, groups) {
            table.row(&[
                Cell::Text(title),
                Cell::Text(&code),
                Cell::Text(&rule.title),
                Cell::Int(figure.count),
                Cell::Money(figure.amount),
                Cell::text(rule.not_checked.as_deref()),
            ])?;
        }
    }
    table.finish()
}

/// Every code of the rules with its figure, zero ones and those not checked too, and codes that no
/// rule knows.
pub(super) fn by_code(
    rules: &[Rule],
    groups: &[crate::reconcile::Group],
) -> Vec<(String, Rule, Figure)> {
    let mut lines: Vec<(String, Rule, Figure)> = Vec::new();
    for rule in rules {
        let code = rule.code.to_string();
        match lines.iter_mut().find(|(known, ..)| *known == code) {
            // Several rules may give one code: it is not checked only if none of them is.
            Some((_, known, _)) => {
                if !known.title.contains(&rule.title) {
                    known.title = format!("{}／{}", known.title, rule.title);
                }
                if rule.not_checked.is_none() {
                    known.not_checked = None;
                }
            }
            None => lines.push((code, rule.clone(), Figure::ZERO)),
        }
    }
    lines.sort_by_key(|(_, rule, _)| rule.code);
    for group in groups {
        let code = match group.key.first() {
            Some(crate::value::Value::Int(code)) => code.to_string(),
            Some(crate::value::Value::Text(code)) => code.clone(),
            _ => group.object.clone(),
        };
        let figure = Figure {
            count: group.count,
            amount: group.amount,
        };
        match lines.iter_mut().find(|(known, ..)| *known == code) {
            Some(line) => line.2 = figure,
            None => {
                let rule = Rule {
                    code: code.parse().unwrap_or_default(),
                    title: String::new(),
                    not_checked: None,
                };
                lines.push((code, rule, figure));
            }
        }
    }
    lines
}

fn sources(desk: &mut Desk<'_>) -> Result<u64, ReportError> {
    let (request, content, index) = (desk.request, desk.content, desk.index);
    let named = Named {
        file: "sources.csv",
        sheet: ("数据来源", "Sources"),
        place: Some(Place::Sources),
    };
    let headings = [
        ("文件编号", "File"),
        ("文件名", "File name"),
        ("落地文件 SHA-256", "Landed SHA-256"),
        ("收到时间", "Received at"),
        ("计入笔数", "Rows counted"),
        ("计入金额（元）", "Amount counted (yuan)"),
    ];
    let mut table = desk.grid(named, headings)?;
    for source in content.files.values() {
        let digest = source.digest();
        let received = source
            .known
            .as_ref()
            .map(|known| Cell::Moment(request.local_time(known.received_at)));
        let figure = index.by_file.get(&source.file).copied().unwrap_or_default();
        table.row(&[
            Cell::No(source.file.0),
            Cell::text(source.name()),
            Cell::text(digest.as_deref()),
            received.unwrap_or(Cell::Blank),
            Cell::Int(figure.count),
            Cell::Money(figure.amount),
        ])?;
    }
    table.finish()
}
