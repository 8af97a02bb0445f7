//! Reads the `from` of a field.

use crate::diag::{Problem, Problems};
use crate::document::Item;
use crate::format::excel::codes::EXCEL_OPTION;
use crate::format::excel::heading::plain_heading;
use crate::format::excel::plan::{CellKind, ExcelField, ExcelPlan};

impl ExcelField {
    /// Reads the `from` of a field: a name of `columns`, else a heading.
    pub fn read(from: &Item<String>, plan: &ExcelPlan, problems: &mut Problems) -> Option<Self> {
        let text = from.value.as_str();
        let plain = plain_heading(text);
        let refuse = |message: String| Problem::error(EXCEL_OPTION, from.place.clone(), message);
        let is_name = plan.columns.iter().any(|column| column.name == text);
        if !is_name {
            if plain.is_empty() {
                problems.push(refuse("a heading has at least one character".to_owned()));
                return None;
            }
            // A column has one name, so that two fields of it are known to be of one column.
            let has_heading = |heading: &String| plain_heading(heading) == plain;
            let owner = plan
                .columns
                .iter()
                .find(|column| column.headings.iter().any(has_heading));
            if let Some(owner) = owner {
                let message = format!("`{text}` is a heading of the column `{}`", owner.name);
                let help = format!("write `from = \"{}\"`", owner.name);
                problems.push(refuse(message).help(help));
                return None;
            }
        }
        Some(Self {
            column: text.to_owned(),
            wanted: CellKind::Text,
        })
    }
}
