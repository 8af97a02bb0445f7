//! jobs/*.toml → checked [`Job`]s, and the whole [`Configuration`] that they belong to.
//!
//! Responsible for gathering what every component checks of its own (mappings, datasets,
//! connections, reconciliations, reports) and for the rules that only a job has: routing, answers,
//! decisions. Pure: it reads files and nothing else, and reports every problem of all of them in
//! one pass. `engine` runs what it makes, `cli` shows its problems. The one invariant: a
//! [`Configuration`] without problems can be opened without asking a person anything again.

mod acknowledge;
mod acknowledges;
mod codes;
mod companions;
mod configuration;
mod context;
mod entries;
mod exchanges;
mod expression;
mod keyed;
mod name;
mod options;
mod outcome;
mod pull;
mod reply;
mod resend;
mod rules;
mod send;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use acknowledge::AcknowledgeWithin;
pub use acknowledges::{Acknowledges, Means, RowAnswers};
pub use codes::CODES;
pub use configuration::Configuration;
pub use context::{values_of_day, values_of_file};
pub use exchanges::{Direction, Exchange};
pub use expression::{Expression, Origin};
pub use name::{NameTemplate, NameValues, SentName};
pub use options::{JOB_KEYS, Job, JobKind, ReportJob};
pub use outcome::Outcome;
pub use pull::{PullJob, ReadPlan};
pub use reply::ReplyPlan;
pub use resend::ResendPlan;
pub use rules::{AnswerPlan, Ask, DecidePlan, DecideRule, PushJob, RefusePlan, concerns};
pub use send::SendPlan;

use crate::dataset::{Condition, Dataset, Datasets};
use crate::diag::{Problem, Problems, did_you_mean};
use crate::document::{Item, Section};
use crate::id::ConnectionName;
use crate::mapping::Mapping;
use crate::settings::Settings;
use crate::transport::Folder;
use crate::value::Value;
use codes::BAD_JOB;

/// The calendar that is always there.
const EVERY_DAY: &str = "every_day";

/// What a job may refer to.
pub struct World<'w> {
    /// The settings.
    pub settings: &'w Settings,
    /// All datasets.
    pub datasets: &'w Datasets,
    /// All mappings without a problem, by name.
    pub mappings: &'w BTreeMap<String, Arc<Mapping>>,
    /// The names of mappings whose own problems are reported already.
    pub broken_mappings: &'w BTreeSet<String>,
    /// The names of all calendars, also of those whose own problems are reported already.
    pub calendars: &'w BTreeSet<String>,
}

/// A name that nothing has, with the nearest one.
fn unknown<'a>(
    item: &Item<String>,
    what: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Problem {
    let message = format!("there is no {what} `{}`", item.value);
    let problem = Problem::error(&BAD_JOB, item.place.clone(), message);
    match did_you_mean(&item.value, known) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem,
    }
}

fn connection(
    section: &Section<'_>,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<ConnectionName> {
    let item = section.text("connection")?;
    let connections = &world.settings.connections;
    let found = connections.keys().find(|name| name.as_str() == item.value);
    if found.is_none() {
        let names = connections.keys().map(ConnectionName::as_str);
        problems.push(unknown(&item, "connection in the settings", names));
    }
    found.cloned()
}

/// The name of a calendar that is there.
fn calendar(section: &Section<'_>, world: &World<'_>, problems: &mut Problems) -> Option<String> {
    let item = section.text("calendar")?;
    if item.value == EVERY_DAY || world.calendars.contains(&item.value) {
        return Some(item.value);
    }
    let known = world
        .calendars
        .iter()
        .map(String::as_str)
        .chain([EVERY_DAY]);
    problems.push(unknown(&item, "calendar", known));
    None
}

fn folder(section: &Section<'_>, problems: &mut Problems) -> Option<Folder> {
    let item = section.text("path")?;
    if item.value.is_empty() {
        return Some(Folder::root());
    }
    Folder::new(&item.value)
        .map_err(|found| problems.push(Problem::error(&BAD_JOB, item.place, found.to_string())))
        .ok()
}

fn mapping(
    section: &Section<'_>,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<Arc<Mapping>> {
    let item = section.text("mapping")?;
    let found = world.mappings.get(&item.value).cloned();
    if found.is_none() && !world.broken_mappings.contains(&item.value) {
        problems.push(unknown(
            &item,
            "mapping",
            world.mappings.keys().map(String::as_str),
        ));
    }
    found
}

/// A mapping that a job writes with.
fn written_mapping(
    section: &Section<'_>,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<Arc<Mapping>> {
    let found = mapping(section, world, problems)?;
    if let (Some(why), Some(item)) = (&found.read_only, section.text("mapping")) {
        let message = format!("`{}` cannot be written: {why}", found.name);
        problems.push(Problem::error(&BAD_JOB, item.place, message));
    }
    Some(found)
}

fn dataset(
    section: &Section<'_>,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<Arc<Dataset>> {
    let item = section.text("dataset")?;
    let found = world.datasets.get(&item.value);
    if found.is_none() && !world.datasets.is_broken(&item.value) {
        problems.push(unknown(&item, "dataset", world.datasets.names()));
    }
    found.cloned().map(Arc::new)
}

fn condition(
    section: &Section<'_>,
    dataset: &Dataset,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<Condition> {
    Condition::read(section, dataset, world.datasets, problems)
}

fn sends(
    root: &Section<'_>,
    world: &World<'_>,
    problems: &mut Problems,
) -> BTreeMap<String, SendPlan> {
    root.named_tables("send")
        .iter()
        .filter_map(|(name, section)| {
            Some((name.value.clone(), send::read(section, world, problems)?))
        })
        .collect()
}

/// `when = { name = "value" }` or `{ name = ["a", "b"] }`, as texts.
fn when(section: &Section<'_>, key: &str) -> BTreeMap<String, Vec<String>> {
    section
        .values(key)
        .unwrap_or_default()
        .into_iter()
        .map(|(name, values)| {
            (
                name.value,
                values.iter().filter_map(|item| text(&item.value)).collect(),
            )
        })
        .collect()
}

/// Whether route values meet a `when`; `*` is any value that is there.
fn fits(when: &BTreeMap<String, Vec<String>>, route: &BTreeMap<String, String>) -> bool {
    when.iter().all(|(name, values)| {
        let is_any = values.iter().any(|value| value == "*");
        route
            .get(name)
            .is_some_and(|found| is_any || values.contains(found))
    })
}

/// `set = { name = "value" }`.
fn set(section: &Section<'_>) -> BTreeMap<String, String> {
    when(section, "set")
        .into_iter()
        .filter_map(|(name, values)| Some((name, values.into_iter().next()?)))
        .collect()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        Value::Date(date) => Some(date.to_string()),
        _ => None,
    }
}

/// Free names with one text each.
fn texts_by_name(
    section: &Section<'_>,
    key: &str,
    problems: &mut Problems,
) -> Vec<(String, Item<String>)> {
    let mut texts = Vec::new();
    for (name, values) in section.values(key).unwrap_or_default() {
        match values.into_iter().next() {
            Some(Item {
                value: Value::Text(text),
                place,
            }) => {
                texts.push((name.value, Item::new(text, place)));
            }
            _ => {
                let message = format!("`{}` needs a text", name.value);
                problems.push(Problem::error(&BAD_JOB, name.place, message));
            }
        }
    }
    texts
}

fn outcomes(section: &Section<'_>, key: &str, problems: &mut Problems) -> Vec<Outcome> {
    let items = section.texts(key).unwrap_or_default();
    let mut outcomes = Vec::new();
    for item in items {
        match Outcome::of_word(&item.value) {
            Some(outcome) => outcomes.push(outcome),
            None => problems.push(unknown(&item, "outcome", Outcome::ALL.map(Outcome::word))),
        }
    }
    outcomes
}
