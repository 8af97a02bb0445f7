//! The components of our side, a sheet each: groups under the headings of their dataset.

use super::{Book, Place};
use crate::id::Ident;
use crate::reconcile::{Group, PartFigure, Selection};
use crate::report::cell::Cell;
use crate::report::content::{Content, SourceFile};
use crate::report::details::Index;
use crate::report::{ReportError, Request};
use crate::value::Value;

/// Writes them; what cannot be known has no sheet, the cover says why.
pub(in crate::report) fn parts(
    book: &mut Book,
    request: &Request<'_>,
    content: &Content,
    index: &Index,
) -> Result<(), ReportError> {
    for (part, rows) in content.parts.iter().zip(request.parts()) {
        let Some(rows) = rows else { continue };
        let l = request.language;
        let name = format!("{}-{}", l.pick("分项", "Part"), part.title.in_language(l));
        let mut headings = titles(rows.selection, rows.by, request);
        headings.extend([
            l.pick("笔数", "Rows").to_owned(),
            l.pick("金额（元）", "Amount (yuan)").to_owned(),
            l.pick("文件编号", "File").to_owned(),
            l.pick("文件名", "File name").to_owned(),
            l.pick("明细首行", "First line of details").to_owned(),
            l.pick("明细末行", "Last line of details").to_owned(),
        ]);
        let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
        book.begin(Place::Parts, &name, &headings)?;
        for group in &part.groups {
            one(book, content, index, (part, group), request)?;
        }
        book.end()?;
    }
    Ok(())
}

fn one(
    book: &mut Book,
    content: &Content,
    index: &Index,
    (part, group): (&PartFigure, &Group),
    request: &Request<'_>,
) -> Result<(), ReportError> {
    let source = group.file.and_then(|file| content.files.get(&file));
    let lines = index.group(part.name.as_str(), &group.object);
    let texts: Vec<Option<String>> = group.key.iter().map(id).collect();
    let key = group.key.iter().zip(&texts);
    let mut cells: Vec<Cell<'_>> = key
        .map(|(value, text)| key_cell(value, text.as_deref(), request))
        .collect();
    cells.extend([
        Cell::Int(group.count),
        Cell::Money(group.amount),
        Cell::no(group.file.map(|file| file.0)),
        Cell::text(source.and_then(SourceFile::name)),
        Cell::line(lines.map(|lines| lines.first)),
        Cell::line(lines.map(|lines| lines.last)),
    ]);
    book.row(&cells)
}

/// The titles that a dataset gives columns.
pub(in crate::report) fn titles(
    selection: &Selection,
    columns: &[Ident],
    request: &Request<'_>,
) -> Vec<String> {
    let title = |name: &Ident| {
        let column = selection.dataset().column(name.as_str());
        let title = column.map(|column| request.language.pick(&column.title, &column.title_en));
        title.unwrap_or(name.as_str()).to_owned()
    };
    columns.iter().map(title).collect()
}

/// The text of a key's value that is written as text; numbers that name something are.
pub(in crate::report) fn id(value: &Value) -> Option<String> {
    match value {
        Value::Int(number) => Some(number.to_string()),
        Value::Text(text) => Some(text.clone()),
        Value::Bytes(bytes) => Some(format!("{} bytes", bytes.len())),
        Value::Null(_) | Value::Date(_) | Value::Instant(_) => None,
    }
}

/// The cell of a key's value, `text` being what [`id`] made of it.
pub(in crate::report) fn key_cell<'a>(
    value: &Value,
    text: Option<&'a str>,
    request: &Request<'_>,
) -> Cell<'a> {
    match value {
        Value::Date(day) => Cell::Date(*day),
        Value::Instant(moment) => Cell::Moment(request.local_time(*moment)),
        _ => Cell::text(text),
    }
}
