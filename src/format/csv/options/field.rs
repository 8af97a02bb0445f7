//! Reads the `from` of a field.

use crate::diag::{Problem, Problems, did_you_mean};
use crate::document::Item;
use crate::format::csv::codes;
use crate::format::csv::kinds::is_named;
use crate::format::csv::plan::CsvPlan;
use crate::format::csv::select::{Column, CsvField, CsvSelect};

impl CsvField {
    /// Reads the `from` of a field of the record at `own` in `records`, all in the mapping's order.
    pub fn parse(
        from: &Item<String>,
        plan: &CsvPlan,
        own: usize,
        records: &[(Item<String>, CsvSelect)],
        problems: &mut Problems,
    ) -> Option<Self> {
        let text = from.value.as_str();
        let (name, select) = records.get(own)?;
        let is_open = is_named(plan, &select.conditions) && select.columns.is_empty();
        if let Some(column) = (!is_open).then(|| column(plan, select, text)).flatten() {
            return Some(Self { kind: None, column });
        }
        let dotted = text.split_once('.').and_then(|(kind, text)| {
            let at = records.iter().position(|(name, _)| name.value == kind)?;
            Some((at, text, records.get(at)?))
        });
        let (name, select, text) = match dotted {
            Some((at, text, (_, select))) if let Some(column) = column(plan, select, text) => {
                let kind = (at != own).then_some(at);
                return Some(Self { kind, column });
            }
            Some((_, text, (name, select))) => (name, select, text),
            None => (name, select, text),
        };
        if is_open
            && dotted.is_none()
            && let Some(column) = column(plan, select, text)
        {
            return Some(Self { kind: None, column });
        }
        problems.push(unknown_column(from, &name.value, select, text));
        None
    }
}

/// The column that a text means in lines of a kind.
fn column(plan: &CsvPlan, select: &CsvSelect, text: &str) -> Option<Column> {
    let columns = &select.columns;
    let position = columns.iter().position(|name| name == text);
    if is_named(plan, &select.conditions) {
        let is_known = position.is_some() || columns.is_empty();
        return (is_known && !text.is_empty()).then(|| Column::Named(text.to_owned()));
    }
    let number = || {
        text.parse()
            .ok()
            .filter(|number| (1..=columns.len()).contains(number))
    };
    position
        .or_else(|| number().map(|number| number - 1))
        .map(Column::At)
}

fn unknown_column(from: &Item<String>, kind: &str, select: &CsvSelect, text: &str) -> Problem {
    let message = format!("`{text}` is no column of `{kind}`");
    let columns = || select.columns.iter().map(String::as_str);
    let help = did_you_mean(text, columns()).map_or_else(
        || {
            let known: Vec<String> = columns().map(|name| format!("`{name}`")).collect();
            format!(
                "write one of {}, a number from 1, or `kind.column`",
                known.join(", ")
            )
        },
        |near| format!("did you mean `{near}`?"),
    );
    Problem::error(codes::UNKNOWN_COLUMN, from.place.clone(), message).help(help)
}
