//! `[reply.set]`: where each column of an answer's row comes from.

use std::collections::BTreeMap;

use super::codes::BAD_JOB;
use crate::dataset::Dataset;
use crate::diag::{Problem, Problems, did_you_mean};
use crate::document::{Item, Key, KeyKind, Section};
use crate::id::Ident;
use crate::mapping::{HasTime, TimeFormat};
use crate::value::Value;

const OTHERWISE_KEYS: &[Key] = &[
    Key::optional(
        "setting",
        KeyKind::Name,
        "A text of `[values]` in the settings.",
    ),
    Key::optional("value", KeyKind::Scalar, "This value."),
];

/// The keys of one expression.
pub(super) const EXPRESSION_KEYS: &[Key] = &[
    Key::optional("value", KeyKind::Scalar, "This value."),
    Key::optional(
        "setting",
        KeyKind::Name,
        "A text of `[values]` in the settings.",
    ),
    Key::optional(
        "route",
        KeyKind::Name,
        "A value that the route read from the content or the name.",
    ),
    Key::optional(
        "file",
        KeyKind::Name,
        "A field of the file's identifying record.",
    ),
    Key::optional(
        "format",
        KeyKind::Name,
        "How that field is written, for a day.",
    ),
    Key::optional("now", KeyKind::Boolean, "The moment of composing."),
    Key::optional(
        "number",
        KeyKind::Boolean,
        "The message number taken from the send's counter.",
    ),
    Key::optional(
        "result",
        KeyKind::Boolean,
        "The partner's code for the outcome.",
    ),
    Key::optional(
        "when",
        KeyKind::Values,
        "Only for files with these route values; null for others.",
    ),
    Key::optional(
        "outcomes",
        KeyKind::TextList,
        "Only for these outcomes; `otherwise` for others.",
    ),
    Key::optional(
        "otherwise",
        KeyKind::Table(OTHERWISE_KEYS),
        "What it is when the source has nothing.",
    ),
];

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It is written here.
    Value(Value),
    /// From the route.
    Route(String),
    /// From the file's identifying record.
    File {
        /// The field.
        field: String,
        /// How a day is written as text.
        format: Option<TimeFormat>,
    },
    /// The moment of composing.
    Now,
    /// The message number.
    Number,
    /// The partner's code for the outcome.
    Result,
}

/// One column of an answer's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// Which column.
    pub column: Ident,
    /// Where its value comes from.
    pub origin: Origin,
    /// Route values that the file must have, else the column is null.
    pub when: BTreeMap<String, Vec<String>>,
    /// Outcomes for which the origin counts; all when empty.
    pub outcomes: Vec<super::Outcome>,
    /// What it is when the origin has nothing.
    pub otherwise: Option<Value>,
}

/// Reads one expression.
pub(super) fn read(
    name: &Item<String>,
    section: &Section<'_>,
    dataset: &Dataset,
    settings: &BTreeMap<String, String>,
    problems: &mut Problems,
) -> Option<Expression> {
    let Some(column) = dataset.column(&name.value) else {
        let known = dataset.columns().iter().map(|column| column.name.as_str());
        let message = format!(
            "dataset `{}` has no column `{}`",
            dataset.name(),
            name.value
        );
        let mut problem = Problem::error(&BAD_JOB, name.place.clone(), message);
        if let Some(near) = did_you_mean(&name.value, known) {
            problem = problem.help(format!("did you mean `{near}`?"));
        }
        problems.push(problem);
        return None;
    };
    let origin = origin(name, section, settings, problems)?;
    let otherwise = section.table("otherwise").and_then(|other| {
        other.scalar("value").map(|item| item.value).or_else(|| {
            let setting = other.text("setting")?;
            setting_value(&setting, settings, problems)
        })
    });
    Some(Expression {
        column: column.name.clone(),
        origin,
        when: super::when(section, "when"),
        outcomes: super::outcomes(section, "outcomes", problems),
        otherwise,
    })
}

fn origin(
    name: &Item<String>,
    section: &Section<'_>,
    settings: &BTreeMap<String, String>,
    problems: &mut Problems,
) -> Option<Origin> {
    let is_on = |key: &str| section.boolean(key).is_some_and(|item| item.value);
    let written: Vec<&str> = [
        "value", "setting", "route", "file", "now", "number", "result",
    ]
    .into_iter()
    .filter(|key| section.has(key))
    .collect();
    let [kind] = written.as_slice() else {
        let message = format!(
            "`{}` needs exactly one of `value`, `setting`, `route`, `file`, `now`, `number`, `result`",
            name.value
        );
        problems.push(Problem::error(&BAD_JOB, name.place.clone(), message));
        return None;
    };
    match *kind {
        "value" => Some(Origin::Value(section.scalar("value")?.value)),
        "setting" => {
            let setting = section.text("setting")?;
            setting_value(&setting, settings, problems).map(Origin::Value)
        }
        "route" => Some(Origin::Route(section.text("route")?.value)),
        "file" => Some(Origin::File {
            field: section.text("file")?.value,
            format: section.text("format").and_then(|text| {
                TimeFormat::new(&text.value, HasTime::No)
                    .map_err(|found| {
                        problems.push(Problem::error(&BAD_JOB, text.place, found.to_string()));
                    })
                    .ok()
            }),
        }),
        "now" if is_on("now") => Some(Origin::Now),
        "number" if is_on("number") => Some(Origin::Number),
        "result" if is_on("result") => Some(Origin::Result),
        other => {
            let message = format!("`{other}` can only be `true`");
            problems.push(Problem::error(&BAD_JOB, name.place.clone(), message));
            None
        }
    }
}

fn setting_value(
    setting: &Item<String>,
    settings: &BTreeMap<String, String>,
    problems: &mut Problems,
) -> Option<Value> {
    let found = settings.get(&setting.value);
    if found.is_none() {
        let message = format!("the settings have no value `{}`", setting.value);
        let known = settings.keys().map(String::as_str);
        let help = did_you_mean(&setting.value, known).map_or_else(
            || {
                format!(
                    "add `{} = \"…\"` to `[values]` in dukou.toml",
                    setting.value
                )
            },
            |near| format!("did you mean `{near}`?"),
        );
        problems.push(Problem::error(&BAD_JOB, setting.place.clone(), message).help(help));
    }
    found.map(|text| Value::Text(text.clone()))
}
