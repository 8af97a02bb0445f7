//! The row of column names: read once, compared with what the mapping wants.

use super::codes;
use super::kinds::{csv_fields, csv_select, main_kind};
use super::plan::{CsvPlan, ExtraColumns, Header};
use super::select::Column;
use super::split::Fields;
use crate::diag::{Code, did_you_mean};
use crate::format::Layout;
use crate::text::Encoding;

/// What is wrong with a header row: the code and what was found and expected.
type HeaderFault = (&'static Code, String);

fn mismatch(detail: String) -> HeaderFault {
    (codes::HEADER_MISMATCH, detail)
}

/// The names of a header row of `count` fields.
pub(super) fn names(
    fields: &Fields<'_>,
    count: usize,
    encoding: Encoding,
) -> Result<Vec<String>, HeaderFault> {
    (0..count)
        .map(|column| {
            let bytes = fields.get(column).unwrap_or_default();
            encoding.decode(bytes).map(String::from).map_err(|error| {
                mismatch(format!(
                    "the name of column {} in the header row: {error}",
                    column + 1
                ))
            })
        })
        .collect()
}

/// Compares the names of a header row with what the layout wants.
pub(super) fn check(plan: &CsvPlan, layout: &Layout, names: &[String]) -> Result<(), HeaderFault> {
    if let Some((at, name)) =
        (names.iter().enumerate()).find(|(at, name)| names.iter().take(*at).any(|n| n == *name))
    {
        let detail = format!(
            "the header row has `{}` twice, again as column {}",
            short(name),
            at + 1
        );
        return Err((codes::DUPLICATE_HEADER, detail));
    }
    let declared = main_kind(layout)
        .and_then(|main| layout.records.get(main))
        .map_or(&[][..], |record| &csv_select(record).columns);
    match plan.header {
        Header::None => Ok(()),
        Header::Position => in_order(declared, names),
        Header::Name => by_name(plan, layout, declared, names),
    }
}

fn in_order(declared: &[String], names: &[String]) -> Result<(), HeaderFault> {
    if let Some((at, (found, expected))) =
        (names.iter().zip(declared).enumerate()).find(|(_, (found, expected))| found != expected)
    {
        return Err(mismatch(format!(
            "column {} of the header row is `{}`, expected `{expected}`",
            at + 1,
            short(found)
        )));
    }
    if names.len() != declared.len() {
        return Err(mismatch(format!(
            "the header row has {} names, expected {}",
            names.len(),
            declared.len()
        )));
    }
    Ok(())
}

fn by_name(
    plan: &CsvPlan,
    layout: &Layout,
    declared: &[String],
    names: &[String],
) -> Result<(), HeaderFault> {
    let wanted = wanted(layout, declared);
    let missing: Vec<String> = (wanted.iter())
        .filter(|any_of| {
            !any_of
                .iter()
                .any(|name| names.iter().any(|found| found == name))
        })
        .map(|any_of| describe_missing(any_of, names))
        .collect();
    if !missing.is_empty() {
        return Err(mismatch(format!(
            "the header row lacks {}; it has {}",
            missing.join(", "),
            list(names.iter().map(String::as_str))
        )));
    }
    let extra: Vec<&str> = (names.iter().map(String::as_str))
        .filter(|name| !wanted.iter().flatten().any(|known| known == name))
        .collect();
    if plan.extra_columns == ExtraColumns::Refuse && !extra.is_empty() {
        return Err(mismatch(format!(
            "the header row has {}, which nothing reads; `extra_columns = \"ignore\"` admits them",
            list(extra.into_iter())
        )));
    }
    Ok(())
}

/// What the header row must have: of each entry, one name. The declared columns if there are
/// any, else what the slots of all kinds take from the main one.
fn wanted<'a>(layout: &'a Layout, declared: &'a [String]) -> Vec<Vec<&'a str>> {
    let mut wanted: Vec<Vec<&str>> = declared.iter().map(|name| vec![name.as_str()]).collect();
    for sources in layout.records.iter().flat_map(|record| &record.slots) {
        let any_of: Vec<&str> = csv_fields(sources)
            .filter_map(|field| match &field.column {
                Column::Named(name) => Some(name.as_str()),
                Column::At(_) => None,
            })
            .collect();
        if !any_of.is_empty() && !wanted.contains(&any_of) {
            wanted.push(any_of);
        }
    }
    wanted
}

fn describe_missing(any_of: &[&str], names: &[String]) -> String {
    let known = || names.iter().map(String::as_str);
    let near = any_of.iter().find_map(|name| did_you_mean(name, known()));
    let wanted: Vec<String> = any_of.iter().map(|name| format!("`{name}`")).collect();
    match near {
        Some(near) => format!("{} (near: `{}`)", wanted.join(" or "), short(near)),
        None => wanted.join(" or "),
    }
}

/// A partner's names in a message, not without end.
fn list<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    const MOST: usize = 20;
    let more = names.len().saturating_sub(MOST);
    let mut shown: Vec<String> = names
        .take(MOST)
        .map(|name| format!("`{}`", short(name)))
        .collect();
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    shown.join(", ")
}

/// A partner's name in a message: what cannot be seen is escaped, so that it is seen.
fn short(name: &str) -> String {
    const MOST: usize = 40;
    let mut shown = String::new();
    for c in name.chars().take(MOST) {
        match c {
            '"' | '\'' | '\\' => shown.push(c),
            _ => shown.extend(c.escape_debug()),
        }
    }
    if name.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}
