//! `[[refuse]]`, `[[decide]]`, `[answer]` and `[push]`: what is asked and composed over loaded rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::acknowledge::{self, ACKNOWLEDGE, AcknowledgeWithin};
use super::codes::BAD_JOB;
use super::context::{self, Files};
use super::resend::{self, RESEND, ResendPlan, SPLIT};
use super::send::SendPlan;
use super::{World, unknown};
use crate::dataset::{
    COMPOSE_KEYS, Compose, Condition, DUPLICATE, Dataset, EXISTS, MISSING, Promised, Split, TOTAL,
    WHERE,
};
use crate::diag::{Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section};
use crate::id::Ident;
use crate::mapping::Mapping;

const READS: Key = Key::optional(
    "reads",
    KeyKind::TextList,
    "The reads whose files it is about; all when absent.",
);
const DATASET: Key = Key::required("dataset", KeyKind::Name, "The dataset whose rows it asks.");

/// The keys of `[[refuse]]`.
pub(super) const REFUSE_KEYS: &[Key] = &[
    READS,
    Key::required("code", KeyKind::Name, "A short code for the ledger."),
    Key::required(
        "title",
        KeyKind::Name,
        "Why such a file is refused, in Chinese.",
    ),
    DATASET,
    WHERE,
    EXISTS,
    MISSING,
    DUPLICATE,
    TOTAL,
];

const RULE_KEYS: &[Key] = &[
    Key::required("reason", KeyKind::POSITIVE, "The partner's reason code."),
    Key::required("title", KeyKind::Name, "What it means, in Chinese."),
    Key::optional(
        "not_checked",
        KeyKind::Name,
        "Why the rule cannot be asked yet; it is shown as not checked.",
    ),
    WHERE,
    EXISTS,
    MISSING,
    DUPLICATE,
    TOTAL,
];

/// The keys of `[[decide]]`.
pub(super) const DECIDE_KEYS: &[Key] = &[
    READS,
    DATASET,
    Key::required(
        "column",
        KeyKind::Name,
        "The integer column that receives the reason.",
    ),
    Key::required(
        "rule",
        KeyKind::TableList(RULE_KEYS),
        "The rules in order; the first that holds of a row wins.",
    ),
];

/// The keys of `[answer]`.
pub(super) const ANSWER_KEYS: &[Key] = &[
    READS,
    Key::required(
        "mapping",
        KeyKind::Name,
        "The mapping the answer is written with.",
    ),
    Key::required("send", KeyKind::Name, "The `[send.NAME]` it goes by."),
    ACKNOWLEDGE,
    Key::required(
        "compose",
        KeyKind::TableList(COMPOSE_KEYS),
        "The answer's rows, derived from the file's.",
    ),
];

/// The keys of `[push]`.
pub(super) const PUSH_KEYS: &[Key] = &[
    Key::required(
        "mapping",
        KeyKind::Name,
        "The mapping the message is written with.",
    ),
    Key::required("send", KeyKind::Name, "The `[send.NAME]` it goes by."),
    ACKNOWLEDGE,
    RESEND,
    SPLIT,
    Key::required(
        "compose",
        KeyKind::TableList(COMPOSE_KEYS),
        "The message's rows; nothing is sent when the first composes none.",
    ),
];

/// A condition that refuses a whole file when one of its rows meets it.
#[derive(Debug, Clone)]
pub struct RefusePlan {
    /// The reads it is about; all when empty.
    pub reads: Vec<String>,
    /// For the ledger.
    pub code: String,
    /// In Chinese.
    pub title: String,
    /// Whose rows.
    pub dataset: Arc<Dataset>,
    /// What they must not meet.
    pub condition: Condition,
}

/// Ordered rules that write a reason into a column.
#[derive(Debug, Clone)]
pub struct DecidePlan {
    /// The reads it is about; all when empty.
    pub reads: Vec<String>,
    /// Whose rows.
    pub dataset: Arc<Dataset>,
    /// Which column receives the reason.
    pub column: Ident,
    /// In order; the first that holds of a row wins.
    pub rules: Vec<DecideRule>,
}

/// One rule.
#[derive(Debug, Clone)]
pub struct DecideRule {
    /// The partner's reason code.
    pub reason: i64,
    /// In Chinese.
    pub title: String,
    /// What must hold, or why it cannot be asked yet.
    pub ask: Ask,
}

/// Whether a rule can be asked.
#[derive(Debug, Clone)]
pub enum Ask {
    /// It is asked.
    Condition(Condition),
    /// Its inputs do not exist: it is reported as not checked, never as passed.
    NotChecked(String),
}

/// The business answer of a loaded file.
#[derive(Debug, Clone)]
pub struct AnswerPlan {
    /// The reads it is about; all when empty.
    pub reads: Vec<String>,
    /// What it is written with.
    pub mapping: Arc<Mapping>,
    /// The send it goes by.
    pub send: String,
    /// By when the partner must acknowledge it; done when sent without.
    pub acknowledge: Option<AcknowledgeWithin>,
    /// Its rows.
    pub compose: Vec<Compose>,
}

/// A `[push]` job: a message of our own accord.
#[derive(Debug, Clone)]
pub struct PushJob {
    /// What it is written with.
    pub mapping: Arc<Mapping>,
    /// Where it goes.
    pub send: SendPlan,
    /// By when the partner must acknowledge it; done when sent without.
    pub acknowledge: Option<AcknowledgeWithin>,
    /// When and how a message is sent anew with other content.
    pub resend: Option<ResendPlan>,
    /// How its rows make several messages; one without.
    pub split: Option<Split>,
    /// Its rows; nothing is sent when the first composes none.
    pub compose: Vec<Compose>,
}

impl PushJob {
    /// How many messages so many composed rows make.
    pub fn messages(&self, rows: u64) -> u32 {
        let messages = self
            .split
            .map_or(1, |split| rows.div_ceil(u64::from(split.rows)));
        u32::try_from(messages).unwrap_or(u32::MAX)
    }
}

/// Whether a rule with these reads is about a read.
pub fn concerns(reads: &[String], read: &str) -> bool {
    reads.is_empty() || reads.iter().any(|name| name == read)
}

fn reads(section: &Section<'_>, known: &[&str], problems: &mut Problems) -> Vec<String> {
    let items = section.texts("reads").unwrap_or_default();
    for item in &items {
        if !known.contains(&item.value.as_str()) {
            problems.push(unknown(item, "read", known.iter().copied()));
        }
    }
    items.into_iter().map(|item| item.value).collect()
}

/// Reads `[[refuse]]`.
pub(super) fn read_refuse(
    root: &Section<'_>,
    world: &World<'_>,
    known: &[&str],
    problems: &mut Problems,
) -> Vec<RefusePlan> {
    let sections = root.table_list("refuse");
    let mut read = |section: &Section<'_>| {
        let reads = reads(section, known, problems);
        let dataset = super::dataset(section, world, problems)?;
        let condition = super::condition(section, &dataset, world, problems)?;
        Some(RefusePlan {
            reads,
            code: section.text("code")?.value,
            title: section.text("title")?.value,
            dataset,
            condition,
        })
    };
    sections.iter().filter_map(&mut read).collect()
}

/// Reads `[[decide]]`.
pub(super) fn read_decide(
    root: &Section<'_>,
    world: &World<'_>,
    known: &[&str],
    problems: &mut Problems,
) -> Vec<DecidePlan> {
    let sections = root.table_list("decide");
    let mut read = |section: &Section<'_>| {
        let reads = reads(section, known, problems);
        let dataset = super::dataset(section, world, problems)?;
        let item = section.text("column")?;
        let column = dataset
            .column(&item.value)
            .map(|column| column.name.clone());
        if column.is_none() {
            let names = dataset.columns().iter().map(|column| column.name.as_str());
            problems.push(unknown(&item, "column", names));
        }
        let rules = section
            .table_list("rule")
            .iter()
            .filter_map(|rule| read_rule(rule, &dataset, world, problems))
            .collect();
        Some(DecidePlan {
            reads,
            column: column?,
            rules,
            dataset,
        })
    };
    sections.iter().filter_map(&mut read).collect()
}

fn read_rule(
    section: &Section<'_>,
    dataset: &Dataset,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<DecideRule> {
    let conditions = ["where", "exists", "missing", "duplicate"];
    let asks = conditions.iter().any(|key| section.has(key));
    let ask = match section.text("not_checked") {
        Some(why) if asks => {
            let message = "a rule with `not_checked` has no condition: it is not asked";
            problems.push(Problem::error(&BAD_JOB, why.place, message));
            return None;
        }
        Some(why) => Ask::NotChecked(why.value),
        None if !asks => {
            let message =
                "a rule needs a condition, or `not_checked` with the reason why it cannot be asked";
            problems.push(Problem::error(&BAD_JOB, section.place(), message));
            return None;
        }
        None => Ask::Condition(super::condition(section, dataset, world, problems)?),
    };
    Some(DecideRule {
        reason: section.integer("reason")?.value,
        title: section.text("title")?.value,
        ask,
    })
}

/// Reads `[answer]`.
pub(super) fn read_answer(
    section: &Section<'_>,
    world: &World<'_>,
    files: &Files<'_>,
    problems: &mut Problems,
) -> Option<AnswerPlan> {
    let (known, sends) = (files.known_reads, files.sends);
    let reads = reads(section, known, problems);
    let mapping = super::written_mapping(section, world, problems);
    let send = send_name(section, sends, problems);
    let acknowledge = acknowledge::read(section, world, problems);
    let promised = context::of_files(&reads, files);
    let compose = composes(section, world, &promised, problems);
    let plan = send.as_ref().and_then(|send| sends.get(&send.value));
    if let Some(plan) = plan {
        check_name(section, plan, mapping.as_deref(), problems);
    }
    Some(AnswerPlan {
        reads,
        mapping: mapping?,
        send: send?.value,
        acknowledge,
        compose,
    })
}

/// Reads `[push]`.
pub(super) fn read_push(
    root: &Section<'_>,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<PushJob> {
    let section = root.table("push")?;
    let sends = super::sends(root, world, problems);
    let mapping = super::written_mapping(&section, world, problems);
    let send = send_name(&section, &sends, problems);
    let acknowledge = acknowledge::read(&section, world, problems);
    let compose = composes(&section, world, &[context::business_date()], problems);
    let split = resend::read_split(&section, &compose, problems);
    let resend = resend::read(&section, &compose, world, problems);
    let send = sends.get(&send?.value)?.clone();
    check_name(&section, &send, mapping.as_deref(), problems);
    Some(PushJob {
        mapping: mapping?,
        send,
        acknowledge,
        resend,
        split,
        compose,
    })
}

/// Whether what says which rows are sent has the columns that the name takes from it.
pub(super) fn check_name(
    section: &Section<'_>,
    send: &SendPlan,
    mapping: Option<&Mapping>,
    problems: &mut Problems,
) {
    let Some(mapping) = mapping else { return };
    let known = mapping.identity_names();
    for column in send.name.key_columns() {
        if !known.contains(&column) {
            let message = format!(
                "the name of the send has `{{key:{column}}}`, and what is written with `{}` is \
                 known by {}",
                mapping.name,
                known.join(", ")
            );
            problems.push(Problem::error(&BAD_JOB, section.place(), message));
        }
    }
}

/// The name of a declared send.
pub(super) fn send_name(
    section: &Section<'_>,
    sends: &BTreeMap<String, SendPlan>,
    problems: &mut Problems,
) -> Option<Item<String>> {
    let item = section.text("send")?;
    if sends.contains_key(&item.value) {
        return Some(item);
    }
    problems.push(unknown(&item, "`[send]`", sends.keys().map(String::as_str)));
    None
}

fn composes(
    section: &Section<'_>,
    world: &World<'_>,
    promised: &[Promised],
    problems: &mut Problems,
) -> Vec<Compose> {
    section
        .table_list("compose")
        .iter()
        .filter_map(|section| Compose::read(section, world.datasets, promised, problems))
        .collect()
}
