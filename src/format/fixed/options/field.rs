//! Reads the `from` of a field.

use crate::diag::{Problem, Problems, did_you_mean};
use crate::document::Item;
use crate::format::fixed::codes::UNKNOWN_COLUMN;
use crate::format::fixed::select::{FixedField, FixedSelect};

impl FixedField {
    /// Reads the `from` of a field of the record at `own` in `records`, all in the mapping's order.
    pub fn parse(
        from: &Item<String>,
        own: usize,
        records: &[(Item<String>, FixedSelect)],
        problems: &mut Problems,
    ) -> Option<Self> {
        let text = from.value.as_str();
        let (name, select) = records.get(own)?;
        let field = |kind, column| {
            Some(Self {
                kind,
                column,
                is_number: false,
            })
        };
        if let Some(column) = column(select, text) {
            return field(None, column);
        }
        let dotted = text.split_once('.').and_then(|(kind, text)| {
            let at = records.iter().position(|(name, _)| name.value == kind)?;
            Some((at, text, records.get(at)?))
        });
        let (name, select, text) = match dotted {
            Some((at, text, (name, select))) => match column(select, text) {
                Some(column) => return field((at != own).then_some(at), column),
                None => (name, select, text),
            },
            None => (name, select, text),
        };
        problems.push(unknown_column(from, &name.value, select, text));
        None
    }

    /// The same for a field whose type is a number.
    #[must_use]
    pub fn of_number(self) -> Self {
        Self {
            is_number: true,
            ..self
        }
    }
}

fn column(select: &FixedSelect, name: &str) -> Option<usize> {
    (select.columns.iter()).position(|column| column.name == name)
}

fn unknown_column(from: &Item<String>, kind: &str, select: &FixedSelect, text: &str) -> Problem {
    let message = format!("`{text}` is no column of `{kind}`");
    let columns = || select.columns.iter().map(|column| column.name.as_str());
    let help = did_you_mean(text, columns()).map_or_else(
        || {
            let known: Vec<String> = columns().map(|name| format!("`{name}`")).collect();
            format!("write one of {}, or `kind.column`", known.join(", "))
        },
        |near| format!("did you mean `{near}`?"),
    );
    Problem::error(UNKNOWN_COLUMN, from.place.clone(), message).help(help)
}
