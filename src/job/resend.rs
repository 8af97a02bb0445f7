//! `resend` and `split` of `[push]`: one message sent anew with other content when the partner says
//! so, and rows that make several messages.

use super::World;
use super::codes::BAD_JOB;
use crate::dataset::{Compose, Dataset, Split};
use crate::diag::{Problem, Problems};
use crate::document::{Key, KeyKind, Section};
use crate::id::Ident;
use crate::value::Value;

const RESEND_KEYS: &[Key] = &[
    Key::optional(
        "on",
        KeyKind::TextList,
        "The partner's results that ask for it.",
    ),
    Key::optional(
        "texts",
        KeyKind::TextList,
        "Whatever the result, words of the partner that ask for it.",
    ),
    Key::optional(
        "where",
        KeyKind::Values,
        "Only messages whose rows have one of these values in a column.",
    ),
    Key::required(
        "set",
        KeyKind::Values,
        "What the columns are in the message sent anew.",
    ),
];

/// The key `resend`.
pub(super) const RESEND: Key = Key::optional(
    "resend",
    KeyKind::Table(RESEND_KEYS),
    "When the partner answers so, the message is sent once more with these columns changed: once, with a number and a name of its own. Needs `acknowledge`.",
);

const SPLIT_KEYS: &[Key] = &[
    Key::with_default(
        "rows",
        KeyKind::Integer {
            min: 1,
            max: 1_000_000,
        },
        "1",
        "Rows of one message at most.",
    ),
    Key::with_default(
        "messages_max",
        KeyKind::Integer { min: 1, max: 1_000 },
        "1000",
        "Messages of one run at most; what is left over waits for the next.",
    ),
];

/// The key `split`.
pub(super) const SPLIT: Key = Key::optional(
    "split",
    KeyKind::Table(SPLIT_KEYS),
    "The rows of the first compose make several messages, in the order of the source's key, each with one row of every other compose; without it one message.",
);

/// When and how a message is sent anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResendPlan {
    /// Results that ask for it.
    pub on: Vec<String>,
    /// Words that ask for it.
    pub texts: Vec<String>,
    /// Columns and the values of which a row must have one.
    pub only: Vec<(Ident, Vec<Value>)>,
    /// The columns changed.
    pub set: Vec<(Ident, Value)>,
}

impl ResendPlan {
    /// Whether a partner's result, or its words, ask for it.
    pub fn is_asked(&self, result: &str, text: Option<&str>) -> bool {
        let says = |words: &String| text.is_some_and(|text| text.contains(words.as_str()));
        self.on.iter().any(|known| known == result) || self.texts.iter().any(says)
    }

    /// Whether it is meant for a message with this row, and would change it.
    pub fn concerns(&self, dataset: &Dataset, row: &[Value]) -> bool {
        let value = |column: &Ident| dataset.position(column.as_str()).and_then(|at| row.get(at));
        let fits = |(column, values): &(Ident, Vec<Value>)| {
            value(column).is_some_and(|found| values.contains(found))
        };
        let changes = |(column, new): &(Ident, Value)| value(column) != Some(new);
        self.only.iter().all(fits) && self.set.iter().any(changes)
    }
}

/// Reads `resend`, of a message whose rows these composes write.
pub(super) fn read(
    section: &Section<'_>,
    composes: &[Compose],
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<ResendPlan> {
    let has_acknowledge = section.has("acknowledge");
    let section = section.table("resend")?;
    let mut refuse = |message: String| {
        problems.push(Problem::error(&BAD_JOB, section.place(), message));
    };
    if !section.has("on") && !section.has("texts") {
        refuse("`resend` needs `on` or `texts`: the answers that ask for it".to_owned());
    }
    if !has_acknowledge {
        refuse("`resend` needs `acknowledge`: only what is acknowledged is answered".to_owned());
    }
    // Rows are copied under a new number, so the number must tell the copies apart.
    for compose in composes {
        let dataset = world.datasets.get(compose.target().as_str())?;
        let is_key = compose
            .numbered_column()
            .is_some_and(|column| dataset.key().contains(column));
        if !is_key {
            refuse(format!(
                "`resend` needs the message number in the key of `{}`: one of its key columns set \
                 with `{{ number = true }}`",
                compose.target()
            ));
        }
    }
    let first = world.datasets.get(composes.first()?.target().as_str())?;
    let texts = |key: &str| -> Vec<String> {
        let items = section.texts(key).unwrap_or_default();
        items.into_iter().map(|item| item.value).collect()
    };
    Some(ResendPlan {
        on: texts("on"),
        texts: texts("texts"),
        only: columns(&section, "where", first, problems),
        set: columns(&section, "set", first, problems)
            .into_iter()
            .filter_map(|(column, values)| Some((column, values.into_iter().next()?)))
            .collect(),
    })
}

/// Columns of a dataset with their values.
fn columns(
    section: &Section<'_>,
    key: &str,
    dataset: &Dataset,
    problems: &mut Problems,
) -> Vec<(Ident, Vec<Value>)> {
    let mut found = Vec::new();
    for (name, written) in section.values(key).unwrap_or_default() {
        let Some(column) = dataset.column_named(&name, problems) else {
            continue;
        };
        let mut values = Vec::new();
        for item in written {
            match column.column_type.value_of(&item.value) {
                Some(value) if value.kind() == column.kind() => values.push(value),
                _ => {
                    let message = format!(
                        "this is no value of column `{}`, which is `{}`",
                        column.name, column.column_type
                    );
                    problems.push(Problem::error(&BAD_JOB, item.place, message));
                }
            }
        }
        found.push((column.name.clone(), values));
    }
    found
}

/// Reads `split`.
pub(super) fn read_split(
    section: &Section<'_>,
    composes: &[Compose],
    problems: &mut Problems,
) -> Option<Split> {
    let section = section.table("split")?;
    let is_split = |one: &Compose| one.source().is_some() && one.is_numbered();
    let fits = composes.split_first().is_some_and(|(first, others)| {
        is_split(first) && others.iter().all(|other| other.source().is_none())
    });
    // A compose with problems of its own is not among them, and reported already.
    if !fits && !problems.has_errors() {
        let message = "`split` needs a first `compose` with `from` and a column set with \
                       `{ number = true }`, and others without `from`: one row for each message";
        problems.push(Problem::error(&BAD_JOB, section.place(), message));
    }
    let count = |key: &str| {
        let item = section.integer(key);
        item.and_then(|item| u32::try_from(item.value).ok())
    };
    Some(Split {
        rows: count("rows")?,
        messages: count("messages_max")?,
    })
}
