//! `acknowledges` of a `[[read]]`: how a received file says which delivery of ours it means and what
//! became of it, row by row where it answers rows.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::codes::BAD_JOB;
use super::name::SentName;
use super::{World, unknown};
use crate::dataset::{Dataset, ON, dataset_of, read_on};
use crate::diag::{Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section};
use crate::id::Ident;
use crate::mapping::Mapping;

const ROWS_KEYS: &[Key] = &[
    Key::required(
        "dataset",
        KeyKind::Name,
        "The dataset that the answers are loaded into.",
    ),
    Key::required("sent", KeyKind::Name, "The dataset of the rows sent."),
    ON,
];

/// The keys of `acknowledges`.
pub(super) const ACKNOWLEDGES_KEYS: &[Key] = &[
    Key::optional(
        "number",
        KeyKind::Name,
        "The field with the number of the message acknowledged.",
    ),
    Key::optional(
        "name",
        KeyKind::Name,
        "Instead of `number`, the name it was sent under: `{capture}`, `{route value}`, `{field}` or `{file_name}` between fixed text.",
    ),
    Key::optional(
        "result",
        KeyKind::Name,
        "The field with the result; without it the file itself means accepted.",
    ),
    Key::optional(
        "accepted",
        KeyKind::TextList,
        "The results that mean accepted; also those that say that it is there already.",
    ),
    Key::optional(
        "text",
        KeyKind::Name,
        "The field with the partner's own words about the result.",
    ),
    Key::optional(
        "accepted_texts",
        KeyKind::TextList,
        "Whatever the result, words in `text` that mean accepted.",
    ),
    Key::optional(
        "rows",
        KeyKind::Table(ROWS_KEYS),
        "Each row of the file answers a row that was sent: it is acknowledged when all are answered, and a file that answers others is held.",
    ),
];

/// How a file acknowledges a delivery of ours.
#[derive(Debug, Clone)]
pub struct Acknowledges {
    /// How it says which.
    pub means: Means,
    /// The field with the result; accepted without.
    pub result: Option<String>,
    /// The results that mean accepted.
    pub accepted: Vec<String>,
    /// The field with the partner's words.
    pub text: Option<String>,
    /// Words that mean accepted.
    pub accepted_texts: Vec<String>,
    /// The rows answered.
    pub rows: Option<RowAnswers>,
}

/// How a file says which delivery it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Means {
    /// By its message number, in this field.
    Number(String),
    /// By the name it was sent under.
    Name(SentName),
}

/// Which rows of a file answer which rows that were sent.
#[derive(Debug, Clone)]
pub struct RowAnswers {
    /// The dataset of the answers.
    pub answers: Arc<Dataset>,
    /// The dataset of the rows sent.
    pub sent: Arc<Dataset>,
    /// (column of the answer, column of what was sent).
    pub on: Vec<(Ident, Ident)>,
}

/// Reads `acknowledges`; `names` are the captures and route values that a file of the read has.
pub(super) fn read(
    section: &Section<'_>,
    mapping: &Mapping,
    names: &BTreeSet<&str>,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<Acknowledges> {
    let means = means(section, mapping, names, problems);
    let result = field(section, "result", mapping, problems);
    let text = field(section, "text", mapping, problems);
    let rows = section
        .table("rows")
        .map(|rows| read_rows(&rows, mapping, world, problems));
    let needs = [("result", "accepted"), ("text", "accepted_texts")];
    for (field, values) in needs {
        if section.has(values) && !section.has(field) {
            let message = format!("`{values}` needs `{field}`: the field that says so");
            problems.push(Problem::error(&BAD_JOB, section.place(), message));
        }
    }
    if section.has("result") && !section.has("accepted") {
        let message = "`result` needs `accepted`: the results that mean accepted";
        problems.push(Problem::error(&BAD_JOB, section.place(), message));
    }
    let texts = |key: &str| -> Vec<String> {
        let items = section.texts(key).unwrap_or_default();
        items.into_iter().map(|item| item.value).collect()
    };
    let rows = match rows {
        Some(None) => return None,
        Some(rows) => rows,
        None => None,
    };
    Some(Acknowledges {
        means: means?,
        result,
        accepted: texts("accepted"),
        text,
        accepted_texts: texts("accepted_texts"),
        rows,
    })
}

fn means(
    section: &Section<'_>,
    mapping: &Mapping,
    names: &BTreeSet<&str>,
    problems: &mut Problems,
) -> Option<Means> {
    match (section.has("number"), section.has("name")) {
        (true, false) => field(section, "number", mapping, problems).map(Means::Number),
        (false, true) => {
            let item = section.text("name")?;
            let name = SentName::new(&item.value)
                .map_err(|found| {
                    problems.push(Problem::error(&BAD_JOB, item.place.clone(), found));
                })
                .ok()?;
            let record = mapping.records.get(mapping.file_record())?;
            let fields = record.fields.iter().map(|field| field.name.as_str());
            let known: Vec<&str> = names.iter().copied().chain(fields).collect();
            for wanted in name.wants().filter(|wanted| !known.contains(wanted)) {
                let wanted = Item::new(wanted.to_owned(), item.place.clone());
                let what = "capture, route value or field of the file's record";
                problems.push(unknown(&wanted, what, known.iter().copied()));
            }
            Some(Means::Name(name))
        }
        _ => {
            let message = "`acknowledges` has exactly one of `number` and `name`";
            problems.push(Problem::error(&BAD_JOB, section.place(), message));
            None
        }
    }
}

fn field(
    section: &Section<'_>,
    key: &str,
    mapping: &Mapping,
    problems: &mut Problems,
) -> Option<String> {
    let item = section.text(key)?;
    let record = mapping.records.get(mapping.file_record())?;
    if record.field(&item.value).is_none() {
        let known = record.fields.iter().map(|field| field.name.as_str());
        problems.push(unknown(&item, "field of the file's record", known));
    }
    Some(item.value)
}

fn read_rows(
    section: &Section<'_>,
    mapping: &Mapping,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<RowAnswers> {
    let item = section.text("dataset")?;
    let mut filled = mapping
        .records
        .iter()
        .filter_map(|record| record.dataset.as_ref());
    let answers = filled
        .find(|dataset| dataset.name().as_str() == item.value)
        .cloned();
    if answers.is_none() {
        let filled = mapping
            .records
            .iter()
            .filter_map(|record| record.dataset.as_ref());
        let known = filled.map(|dataset| dataset.name().as_str());
        problems.push(unknown(&item, "dataset that the read fills", known));
    }
    let sent = section
        .text("sent")
        .and_then(|item| dataset_of(&item, world.datasets, problems))
        .cloned();
    let (answers, sent) = (answers?, Arc::new(sent?));
    let on = read_on(section, &answers, &sent, problems);
    Some(RowAnswers { answers, sent, on })
}
