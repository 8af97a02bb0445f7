//! The tables beside the page: the same figures for spreadsheets.

use super::content::Content;
use super::csv::{Cell, Table};
use super::details::Index;
use super::folder::{Making, Sink};
use super::{ReportError, Request, Rule, words};
use crate::id::Fen;
use crate::ledger::BreakRow;
use crate::reconcile::Figure;
use serde_json::Value as Json;

/// Writes all of them; returns how many cells were neutralised.
pub(super) fn write(
    request: &Request<'_>,
    content: &Content,
    index: &Index,
    making: &mut Making,
) -> Result<u64, ReportError> {
    let tables: [(&str, Fill); 6] = [
        ("summary.csv", summary),
        ("breakdown.csv", breakdown),
        ("breaks.csv", breaks),
        ("candidates.csv", candidates),
        ("reasons.csv", reasons),
        ("sources.csv", sources),
    ];
    let mut neutralised = 0;
    for (name, fill) in tables {
        let path = request.reports.join(name);
        let failed = || ReportError::io("write", &path);
        let mut table = Table::new(making.sink()?).map_err(failed())?;
        fill(&mut table, request, content, index).map_err(failed())?;
        let (sink, _, cells) = table.finish();
        making.keep(sink, name)?;
        neutralised += cells;
    }
    Ok(neutralised)
}

type Out = Table<Sink>;
type Fill = fn(&mut Out, &Request<'_>, &Content, &Index) -> std::io::Result<()>;

fn heading<const N: usize>(
    table: &mut Out,
    request: &Request<'_>,
    titles: [(&str, &str); N],
) -> std::io::Result<()> {
    let cells = titles.map(|(zh, en)| Cell::Text(request.language.pick(zh, en)));
    table.row(&cells).map(drop)
}

fn summary(
    table: &mut Out,
    request: &Request<'_>,
    content: &Content,
    _index: &Index,
) -> std::io::Result<()> {
    heading(
        table,
        request,
        [
            ("项目", "Item"),
            ("笔数", "Rows"),
            ("金额（元）", "Amount (yuan)"),
            ("大写金额", "In capitals"),
            ("说明", "Note"),
        ],
    )?;
    let l = request.language;
    let (_, plan) = request.reconcile;
    let mut line = |title: &str, figure: Option<Figure>, note: &str| {
        let capitals = figure.map(|figure| figure.amount.capitals());
        table.row(&[
            Cell::Text(title),
            Cell::int(figure.map(|figure| figure.count)),
            Cell::money(figure.map(|figure| figure.amount)),
            Cell::text(capitals.as_deref()),
            Cell::Text(note),
        ])
    };
    line(
        plan.claimed.title.in_language(l),
        content.figure("claimed"),
        "",
    )?;
    for part in &content.parts {
        let note = part.unknown.as_deref().unwrap_or_default();
        line(part.title.in_language(l), Some(part.figure), note)?;
    }
    line(l.pick("我方合计", "Our total"), content.figure("ours"), "")?;
    let agrees = match content.recon.agrees {
        true => l.pick("相符", "agrees"),
        false => l.pick("不符", "differs"),
    };
    line(
        l.pick("差额", "Difference"),
        content.figure("difference"),
        agrees,
    )?;
    Ok(())
}

fn breakdown(
    table: &mut Out,
    request: &Request<'_>,
    content: &Content,
    index: &Index,
) -> std::io::Result<()> {
    heading(
        table,
        request,
        [
            ("组成项", "Component"),
            ("标识", "Group"),
            ("笔数", "Rows"),
            ("金额（元）", "Amount (yuan)"),
            ("文件编号", "File"),
            ("文件名", "File name"),
            ("落地文件 SHA-256", "Landed SHA-256"),
            ("明细首行", "First line of details"),
            ("明细末行", "Last line of details"),
        ],
    )?;
    for part in &content.parts {
        for group in &part.groups {
            let source = group.file.and_then(|file| content.files.get(&file));
            let digest = source.and_then(super::content::SourceFile::digest);
            let lines = index.group(part.name.as_str(), &group.object);
            let line = |at: Option<u64>| Cell::int(at.and_then(|at| i64::try_from(at).ok()));
            table.row(&[
                Cell::Text(part.title.in_language(request.language)),
                Cell::Text(&group.object),
                Cell::Int(group.count),
                Cell::Money(group.amount),
                Cell::int(group.file.map(|file| file.0)),
                Cell::text(source.and_then(|source| source.name())),
                Cell::text(digest.as_deref()),
                line(lines.map(|lines| lines.first)),
                line(lines.map(|lines| lines.last)),
            ])?;
        }
    }
    Ok(())
}

fn breaks(
    table: &mut Out,
    request: &Request<'_>,
    content: &Content,
    _index: &Index,
) -> std::io::Result<()> {
    heading(
        table,
        request,
        [
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
        ],
    )?;
    let l = request.language;
    for found in &content.breaks {
        let number = |key: &str| Cell::int(found.detail.get(key).and_then(Json::as_i64));
        let text = |key: &str| Cell::text(found.detail.get(key).and_then(Json::as_str));
        let first_seen = found.first_seen.to_string();
        let known = amount_known(found);
        table.row(&[
            Cell::Int(found.break_no),
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
            Cell::Text(&first_seen),
            Cell::Text(words::state(found.state, l)),
            text("since"),
            text("deadline"),
            number("file"),
            number("record"),
            number("offset"),
            number("length"),
        ])?;
    }
    Ok(())
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

fn candidates(
    table: &mut Out,
    request: &Request<'_>,
    content: &Content,
    _index: &Index,
) -> std::io::Result<()> {
    heading(
        table,
        request,
        [
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
        ],
    )?;
    for candidate in &content.candidates {
        let text = request.language.pick(&candidate.text, &candidate.text_en);
        for row in &candidate.rows {
            let place = |value: i64| {
                if row.file > 0 {
                    Cell::Int(value)
                } else {
                    Cell::Blank
                }
            };
            let source = content.source(row.file);
            table.row(&[
                Cell::int(i64::try_from(candidate.rank).ok()),
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
    Ok(())
}

fn reasons(
    table: &mut Out,
    request: &Request<'_>,
    content: &Content,
    _index: &Index,
) -> std::io::Result<()> {
    heading(
        table,
        request,
        [
            ("分布", "Distribution"),
            ("代码", "Code"),
            ("名称", "Title"),
            ("笔数", "Rows"),
            ("金额（元）", "Amount (yuan)"),
            ("未检查的原因", "Not checked, because"),
        ],
    )?;
    let (_, plan) = request.reconcile;
    for (distribution, groups) in plan.distributions.iter().zip(&content.distributions) {
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
    Ok(())
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

fn sources(
    table: &mut Out,
    request: &Request<'_>,
    content: &Content,
    index: &Index,
) -> std::io::Result<()> {
    heading(
        table,
        request,
        [
            ("文件编号", "File"),
            ("文件名", "File name"),
            ("落地文件 SHA-256", "Landed SHA-256"),
            ("收到时间", "Received at"),
            ("计入笔数", "Rows counted"),
            ("计入金额（元）", "Amount counted (yuan)"),
        ],
    )?;
    for source in content.files.values() {
        let digest = source.digest();
        let received = source
            .known
            .as_ref()
            .map(|known| request.local(known.received_at));
        let figure = index.by_file.get(&source.file).copied().unwrap_or_default();
        table.row(&[
            Cell::Int(source.file.0),
            Cell::text(source.name()),
            Cell::text(digest.as_deref()),
            Cell::text(received.as_deref()),
            Cell::Int(figure.count),
            Cell::Money(figure.amount),
        ])?;
    }
    Ok(())
}
