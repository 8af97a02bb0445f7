//! Finds datasets and columns by the names that people wrote, or says what they may have meant.

use super::codes::{UNKNOWN_COLUMN, UNKNOWN_DATASET};
use super::column::Column;
use super::table::{Dataset, Datasets};
use crate::diag::{Code, Place, Problem, Problems, did_you_mean};
use crate::document::Item;

/// How many known names a help lists.
const SHOWN: usize = 12;

/// The dataset of a name; an unknown one is a problem. One that is broken is `None` too, and its
/// own problems are reported already.
pub fn dataset_of<'a>(
    name: &Item<String>,
    datasets: &'a Datasets,
    problems: &mut Problems,
) -> Option<&'a Dataset> {
    let found = datasets.get(&name.value);
    if found.is_none() && !datasets.is_broken(&name.value) {
        let message = format!("there is no dataset `{}`", name.value);
        let names: Vec<&str> = datasets.names().collect();
        problems.push(unknown(&UNKNOWN_DATASET, name, message, &names));
    }
    found
}

impl Dataset {
    /// The declared column of a name; an unknown one is a problem.
    pub fn column_named(&self, name: &Item<String>, problems: &mut Problems) -> Option<&Column> {
        let found = self.column(&name.value);
        if found.is_none() {
            let message = format!("dataset `{}` has no column `{}`", self.name(), name.value);
            let names = names(self.columns());
            problems.push(unknown(&UNKNOWN_COLUMN, name, message, &names));
        }
        found
    }
}

/// A name that is not among those known.
pub(super) fn unknown(
    code: &'static Code,
    name: &Item<String>,
    message: String,
    known: &[&str],
) -> Problem {
    let problem = Problem::error(code, name.place.clone(), message);
    match (did_you_mean(&name.value, known.iter().copied()), known) {
        (Some(near), _) => problem.help(format!("did you mean `{near}`?")),
        (None, []) => problem,
        (None, known) => problem.help(format!("known here: {}", listed(known))),
    }
}

/// `a`, `b` and how many more.
fn listed(names: &[&str]) -> String {
    let shown = names.iter().take(SHOWN).map(|name| format!("`{name}`"));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn names(columns: &[Column]) -> Vec<&str> {
    columns.iter().map(|column| column.name.as_str()).collect()
}

/// A problem of shape or meaning at a place.
pub(super) fn wrong(
    code: &'static Code,
    place: &Place,
    message: String,
    help: impl Into<String>,
) -> Problem {
    Problem::error(code, place.clone(), message).help(help)
}
