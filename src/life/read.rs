//! Reads `[life]`; every problem in it is reported with its place.

use super::codes::BAD_LIFE;
use super::rules::{Demand, Rule};
use super::{LifePlan, Source, Step, Title, Via, Whose};
use crate::dataset::{
    ColumnType, Condition, DUPLICATE, Dataset, Datasets, EXISTS, MISSING, TOTAL, WHERE, dataset_of,
};
use crate::diag::{Problem, Problems, did_you_mean};
use crate::document::{Item, Key, KeyKind, Section};
use crate::id::Ident;
use crate::value::Value;

const TITLE: Key = Key::required("title", KeyKind::Name, "What it is called, in Chinese.");
const TITLE_EN: Key = Key::optional("title_en", KeyKind::Name, "The same in English.");

const VIA_KEYS: &[Key] = &[
    Key::required(
        "dataset",
        KeyKind::Name,
        "The dataset whose rows lead from the subject to rows of this one.",
    ),
    Key::required(
        "subject",
        KeyKind::Name,
        "Its column that names the subject.",
    ),
    Key::required(
        "on",
        KeyKind::Values,
        "The columns that are equal: its column = \"our column\".",
    ),
    WHERE,
    EXISTS,
    MISSING,
    TOTAL,
    DUPLICATE,
];

const SOURCE_KEYS: &[Key] = &[
    Key::required(
        "dataset",
        KeyKind::Name,
        "The dataset whose rows are this step.",
    ),
    Key::optional(
        "subject",
        KeyKind::Name,
        "Its column that names the subject.",
    ),
    Key::optional(
        "via",
        KeyKind::Table(VIA_KEYS),
        "The rows of another dataset that say whose life a row belongs to, instead of `subject`.",
    ),
    Key::required(
        "at",
        KeyKind::Name,
        "The column that says when: a date or an instant. A day lasts the whole day.",
    ),
    Key::optional(
        "item",
        KeyKind::Name,
        "The column that tells several of this step apart, such as a load's number.",
    ),
    Key::optional(
        "show",
        KeyKind::TextList,
        "Columns that are shown with the step.",
    ),
    WHERE,
    EXISTS,
    MISSING,
    TOTAL,
    DUPLICATE,
];

const STEP_KEYS: &[Key] = &[
    Key::required("name", KeyKind::Name, "A stable word, such as `declared`."),
    TITLE,
    TITLE_EN,
    Key::optional(
        "after",
        KeyKind::TextList,
        "Steps that must all stand before it.",
    ),
    Key::optional(
        "after_any",
        KeyKind::TextList,
        "Steps of which one must stand before it.",
    ),
    Key::optional(
        "after_item",
        KeyKind::TextList,
        "Steps of the same item of which one must stand before it.",
    ),
    Key::optional(
        "never_after",
        KeyKind::TextList,
        "Steps that none of it may stand behind.",
    ),
    Key::optional(
        "never_after_item",
        KeyKind::TextList,
        "Steps of the same item that it may not stand behind.",
    ),
    Key::with_default(
        "once",
        KeyKind::Boolean,
        "false",
        "Whether it happens at most once: in a life, or for each item when its sources have one.",
    ),
    Key::required(
        "source",
        KeyKind::TableList(SOURCE_KEYS),
        "Where its rows are.",
    ),
];

/// The keys of `[life]` in a job.
pub const LIFE_KEYS: &[Key] = &[
    Key::required(
        "subject",
        KeyKind::Name,
        "What subjects are asked for by: `vin` makes `dukou trace vin:…`.",
    ),
    Key::required(
        "subject_title",
        KeyKind::Name,
        "What a subject is called, in Chinese.",
    ),
    Key::optional("subject_title_en", KeyKind::Name, "The same in English."),
    Key::with_default(
        "wait_days",
        KeyKind::Integer { min: 0, max: 366 },
        "0",
        "So many days a step that lacks the one before it is in transit, its own day counted; then it is a break.",
    ),
    Key::required(
        "step",
        KeyKind::TableList(STEP_KEYS),
        "The steps, in the order in which they are told when their moments say nothing.",
    ),
];

/// The words that `dukou trace` takes for something else.
const TAKEN: [&str; 2] = ["file", "delivery"];

impl LifePlan {
    /// Reads and checks a section that declares [`LIFE_KEYS`]; all its problems are reported, and
    /// it is given only when it has no error.
    pub fn read(
        section: &Section<'_>,
        datasets: &Datasets,
        problems: &mut Problems,
    ) -> Option<Self> {
        let before = problems.error_count();
        let subject = section.text("subject").and_then(|item| {
            if TAKEN.contains(&item.value.as_str()) {
                let message = format!(
                    "`{}` is what `dukou trace` calls something else",
                    item.value
                );
                problems.push(Problem::error(&BAD_LIFE, item.place.clone(), message));
            }
            ident(&item, problems)
        });
        let sections = section.table_list("step");
        let mut steps = Vec::new();
        for section in &sections {
            if let Some(step) = read_step(section, datasets, problems) {
                if steps.iter().any(|other: &Step| other.name == step.name) {
                    let message = format!("the name `{}` is taken already", step.name);
                    problems.push(wrong(section, "name", message));
                }
                steps.push(step);
            }
        }
        if sections.is_empty() && problems.error_count() == before {
            problems.push(wrong(
                section,
                "step",
                "a life has at least one `[[life.step]]`",
            ));
        }
        // A step that is lacking is reported, or a dataset of it is: names of it say nothing more.
        if problems.error_count() > before || steps.len() < sections.len() {
            return None;
        }
        let mut plan = Self {
            subject: subject?,
            title: Title {
                zh: section.text("subject_title")?.value,
                en: section
                    .text("subject_title_en")
                    .or_else(|| section.text("subject_title"))?
                    .value,
            },
            wait_days: section.integer("wait_days")?.value,
            steps,
            rules: Vec::new(),
        };
        for (at, section) in sections.iter().enumerate() {
            let rules = read_rules(&plan, at, section, problems);
            plan.rules.extend(rules);
        }
        (problems.error_count() == before).then_some(plan)
    }
}

fn wrong(section: &Section<'_>, key: &str, message: impl Into<String>) -> Problem {
    let place = section.key_place(key).unwrap_or_else(|| section.place());
    Problem::error(&BAD_LIFE, place, message)
}

fn ident(item: &Item<String>, problems: &mut Problems) -> Option<Ident> {
    Ident::new(&item.value)
        .map_err(|error| {
            problems.push(Problem::error(
                &BAD_LIFE,
                item.place.clone(),
                error.to_string(),
            ));
        })
        .ok()
}

fn read_step(section: &Section<'_>, datasets: &Datasets, problems: &mut Problems) -> Option<Step> {
    let before = problems.error_count();
    let name = section.text("name").and_then(|item| ident(&item, problems));
    let written = section.table_list("source");
    let sources: Vec<Source> = written
        .iter()
        .filter_map(|source| read_source(source, datasets, problems))
        .collect();
    let title = section.text("title")?.value;
    if written.is_empty() && problems.error_count() == before {
        let message = "a step has at least one `[[life.step.source]]`";
        problems.push(wrong(section, "source", message));
    }
    let has_item = |source: &&Source| source.item.is_some();
    let with_item = sources.iter().filter(has_item).count();
    if with_item > 0 && with_item < sources.len() {
        let message = "either all sources of a step have an `item` or none";
        problems.push(wrong(section, "source", message));
    }
    let step = Step {
        name: name?,
        title: Title {
            en: section
                .text("title_en")
                .map_or_else(|| title.clone(), |item| item.value),
            zh: title,
        },
        sources,
    };
    (problems.error_count() == before && step.sources.len() == written.len()).then_some(step)
}

fn read_source(
    section: &Section<'_>,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Option<Source> {
    let dataset = dataset_of(&section.text("dataset")?, datasets, problems)?;
    let before = problems.error_count();
    let whose = read_whose(section, dataset, datasets, problems);
    let at = section.text("at").and_then(|item| {
        let column = dataset.column_named(&item, problems)?;
        if !matches!(column.column_type, ColumnType::Date | ColumnType::Instant) {
            let message = format!(
                "column `{}` of `{}` is `{}` and must be `date` or `instant`",
                column.name,
                dataset.name(),
                column.column_type
            );
            problems.push(Problem::error(&BAD_LIFE, item.place, message));
        }
        Some(column.name.clone())
    });
    let item = section
        .text("item")
        .and_then(|item| named(&item, dataset, problems));
    let show = section.texts("show").unwrap_or_default();
    let show = show
        .iter()
        .filter_map(|item| Some(dataset.column_named(item, problems)?.name.clone()))
        .collect();
    let condition = Condition::read(section, dataset, datasets, problems);
    if problems.error_count() > before {
        return None;
    }
    Some(Source {
        dataset: dataset.clone(),
        condition: condition?,
        whose: whose?,
        at: at?,
        item,
        show,
    })
}

fn read_whose(
    section: &Section<'_>,
    dataset: &Dataset,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Option<Whose> {
    match (section.text("subject"), section.table("via")) {
        (Some(item), None) => named(&item, dataset, problems).map(Whose::Column),
        (None, Some(via)) => read_via(&via, dataset, datasets, problems),
        _ => {
            let message =
                "a source says whose life its rows belong to by one of `subject` and `via`";
            problems.push(wrong(section, "via", message));
            None
        }
    }
}

fn read_via(
    via: &Section<'_>,
    dataset: &Dataset,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Option<Whose> {
    let theirs = dataset_of(&via.text("dataset")?, datasets, problems)?;
    let subject = via
        .text("subject")
        .and_then(|item| named(&item, theirs, problems));
    let condition = Condition::read(via, theirs, datasets, problems);
    let mut on = Vec::new();
    for (their, ours) in via.values("on").unwrap_or_default() {
        let [
            Item {
                value: Value::Text(ours),
                place,
            },
        ] = ours.as_slice()
        else {
            let message = format!("`{}` needs the name of one column of ours", their.value);
            problems.push(Problem::error(&BAD_LIFE, their.place, message));
            continue;
        };
        let ours = Item::new(ours.clone(), place.clone());
        let their = theirs.column_named(&their, problems);
        let our = dataset.column_named(&ours, problems);
        let (Some(their), Some(our)) = (their, our) else {
            continue;
        };
        if their.column_type != our.column_type {
            let message = format!(
                "column `{}` of `{}` is `{}` and column `{}` of `{}` is `{}`",
                their.name,
                theirs.name(),
                their.column_type,
                our.name,
                dataset.name(),
                our.column_type
            );
            problems.push(Problem::error(&BAD_LIFE, ours.place, message));
        }
        on.push((their.name.clone(), our.name.clone()));
    }
    if on.is_empty() {
        problems.push(wrong(via, "on", "`on` names at least one pair of columns"));
    }
    Some(Whose::Via(Box::new(Via {
        dataset: theirs.clone(),
        condition: condition?,
        subject: subject?,
        on,
    })))
}

/// A column that names something: a text or a whole number.
fn named(item: &Item<String>, dataset: &Dataset, problems: &mut Problems) -> Option<Ident> {
    let column = dataset.column_named(item, problems)?;
    if !matches!(column.column_type, ColumnType::Text | ColumnType::Integer) {
        let message = format!(
            "column `{}` of `{}` is `{}` and must be `text` or `integer` to name something",
            column.name,
            dataset.name(),
            column.column_type
        );
        problems.push(Problem::error(&BAD_LIFE, item.place.clone(), message));
    }
    Some(column.name.clone())
}

fn read_rules(
    plan: &LifePlan,
    step: usize,
    section: &Section<'_>,
    problems: &mut Problems,
) -> Vec<Rule> {
    let has_item = |at: usize| {
        let step: Option<&Step> = plan.steps.get(at);
        step.is_some_and(|step| step.sources.iter().all(|source| source.item.is_some()))
    };
    let mut named = |key: &str, by_item: bool| -> Vec<usize> {
        let items = section.texts(key).unwrap_or_default();
        let mut found = Vec::new();
        for item in items {
            let Some(at) = plan.step(&item.value) else {
                let names = plan.steps.iter().map(|step| step.name.as_str());
                let message = format!("there is no step `{}`", item.value);
                let problem = Problem::error(&BAD_LIFE, item.place, message);
                problems.push(match did_you_mean(&item.value, names) {
                    Some(near) => problem.help(format!("did you mean `{near}`?")),
                    None => problem,
                });
                continue;
            };
            if by_item && !(has_item(at) && has_item(step)) {
                let message = format!("`{}` or this step has no `item` to go by", item.value);
                problems.push(Problem::error(&BAD_LIFE, item.place, message));
            } else if at == step && key.starts_with("after") {
                let message = "a step cannot demand that it stands before itself";
                problems.push(Problem::error(&BAD_LIFE, item.place, message));
            }
            found.push(at);
        }
        found
    };
    let after = named("after", false);
    let any = named("after_any", false);
    let item = named("after_item", true);
    let never = named("never_after", false);
    let never_item = named("never_after_item", true);
    let rule = |demand, by_item| Rule {
        step,
        demand,
        by_item,
    };
    let mut rules: Vec<Rule> = after
        .into_iter()
        .map(|before| rule(Demand::After(vec![before]), false))
        .collect();
    if !any.is_empty() {
        rules.push(rule(Demand::After(any), false));
    }
    if !item.is_empty() {
        rules.push(rule(Demand::After(item), true));
    }
    rules.extend(
        never
            .into_iter()
            .map(|end| rule(Demand::NeverAfter(end), false)),
    );
    rules.extend(
        never_item
            .into_iter()
            .map(|end| rule(Demand::NeverAfter(end), true)),
    );
    if section.boolean("once").is_some_and(|item| item.value) {
        rules.push(rule(Demand::Once, has_item(step)));
    }
    rules
}
