//! `[reply]`: how every file of a job is answered, whatever became of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::codes::BAD_JOB;
use super::expression::{self, EXPRESSION_KEYS, Expression, Origin};
use super::rules::{check_name, send_name};
use super::send::SendPlan;
use super::{Outcome, World};
use crate::dataset::Dataset;
use crate::diag::{Problem, Problems, did_you_mean};
use crate::document::{Key, KeyKind, Section};
use crate::mapping::Mapping;
use crate::value::Value;

/// The keys of `[reply]`.
pub(super) const REPLY_KEYS: &[Key] = &[
    Key::required(
        "mapping",
        KeyKind::Name,
        "The mapping the answer is written with.",
    ),
    Key::required("send", KeyKind::Name, "The `[send.NAME]` it goes by."),
    Key::optional(
        "unless",
        KeyKind::Values,
        "Files with one of these route values are not answered.",
    ),
    Key::required(
        "result",
        KeyKind::Values,
        "The partner's code for each outcome.",
    ),
    Key::required(
        "set",
        KeyKind::NamedTables(EXPRESSION_KEYS),
        "Where each column of the answer's row comes from.",
    ),
];

/// How files are answered.
#[derive(Debug, Clone)]
pub struct ReplyPlan {
    /// What it is written with.
    pub mapping: Arc<Mapping>,
    /// The dataset of the mapping's one record.
    pub dataset: Arc<Dataset>,
    /// The send it goes by.
    pub send: String,
    /// Files that are not answered: any of these route values.
    pub unless: BTreeMap<String, Vec<String>>,
    /// The partner's code for each outcome.
    pub result: BTreeMap<Outcome, Value>,
    /// The columns of the answer's row.
    pub set: Vec<Expression>,
}

impl ReplyPlan {
    /// Whether a file with these route values is answered.
    pub fn answers(&self, route: &BTreeMap<String, String>) -> bool {
        !self
            .unless
            .iter()
            .any(|(name, values)| route.get(name).is_some_and(|found| values.contains(found)))
    }
}

/// Reads `[reply]`.
pub(super) fn read(
    section: &Section<'_>,
    world: &World<'_>,
    sends: &BTreeMap<String, SendPlan>,
    problems: &mut Problems,
) -> Option<ReplyPlan> {
    let send = send_name(section, sends, problems);
    let result = results(section, problems);
    let mapping = super::written_mapping(section, world, problems)?;
    let dataset = mapping
        .records
        .first()
        .and_then(|record| record.dataset.clone());
    let Some(dataset) = dataset else {
        let message = format!(
            "`{}` cannot be a reply: its first record fills no dataset",
            mapping.name
        );
        problems.push(Problem::error(&BAD_JOB, section.place(), message));
        return None;
    };
    let set: Vec<Expression> = section
        .named_tables("set")
        .iter()
        .filter_map(|(name, section)| {
            expression::read(name, section, &dataset, &world.settings.values, problems)
        })
        .collect();
    for key in dataset.key() {
        if !set.iter().any(|expression| expression.column == *key) {
            let message = format!(
                "`{key}` belongs to the key of `{}`, so `set` must have it",
                dataset.name()
            );
            problems.push(Problem::error(&BAD_JOB, section.place(), message));
        }
    }
    if let Some(plan) = send.as_ref().and_then(|send| sends.get(&send.value)) {
        check_name(section, plan, Some(&mapping), problems);
    }
    if !set
        .iter()
        .any(|expression| expression.origin == Origin::Number)
    {
        let message =
            "`set` needs a column with `{ number = true }`: the answer's own message number";
        problems.push(Problem::error(&BAD_JOB, section.place(), message));
    }
    Some(ReplyPlan {
        mapping,
        dataset,
        send: send?.value,
        unless: super::when(section, "unless"),
        result,
        set,
    })
}

fn results(section: &Section<'_>, problems: &mut Problems) -> BTreeMap<Outcome, Value> {
    let mut results = BTreeMap::new();
    for (name, values) in section.values("result").unwrap_or_default() {
        let Some(outcome) = Outcome::of_word(&name.value) else {
            let message = format!("`{}` is not an outcome", name.value);
            let words = Outcome::ALL.map(Outcome::word);
            let help = did_you_mean(&name.value, words).map_or_else(
                || format!("the outcomes are {}", words.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            problems.push(Problem::error(&BAD_JOB, name.place, message).help(help));
            continue;
        };
        if let Some(value) = values.into_iter().next() {
            results.insert(outcome, value.value);
        }
    }
    for outcome in Outcome::ALL {
        if !results.contains_key(&outcome) {
            let message = format!("`result` has no code for the outcome `{}`", outcome.word());
            problems.push(Problem::error(&BAD_JOB, section.place(), message));
        }
    }
    results
}
