//! What the hub did with a row: its answers, and what other datasets say about the same thing.

use serde_json::{Value as Json, json};

use super::Tracer;
use super::row::{Found, find};
use crate::cli::error::CliError;
use crate::cli::words;
use crate::dataset::{Condition, Dataset};
use crate::id::Ident;
use crate::ledger::{self, DeliveryFilter, FileRow};

/// Rows of one other dataset that are shown.
const SHOWN: u64 = 5;

/// Answers of one file that are shown.
const ANSWERS: u32 = 10;

impl Tracer<'_> {
    /// What followed from a row: the file's answers, then rows about the same thing.
    pub(super) async fn handled(
        &self,
        found: &Found<'_>,
        file: &FileRow,
    ) -> Result<(String, Json), CliError> {
        let filter = DeliveryFilter {
            answers_file: Some(file.file_no),
            limit: ANSWERS,
            as_of: Some(self.engine.clock().now()),
            ..DeliveryFilter::default()
        };
        let answers = ledger::list_deliveries(self.engine.database(), &filter).await?;
        let screen = self.screen;
        let mut lines: Vec<String> = answers
            .iter()
            .map(|answer| {
                let sentence = screen.fill(
                    words::ANSWERED,
                    &[
                        &screen.say(words::purpose(answer.purpose)),
                        &answer.delivery_no,
                        &answer.name,
                        &screen.say(words::delivery(answer)),
                    ],
                );
                let result = answer.ack_result.as_ref();
                let result = result.map(|result| screen.fill(words::ANSWERED_RESULT, &[result]));
                format!("{sentence}{}", result.unwrap_or_default())
            })
            .collect();
        let mut related = Vec::new();
        for dataset in self.engine.configuration().datasets.iter() {
            let Some(condition) = tie(found, dataset) else {
                continue;
            };
            for other in find(self.engine, dataset, &condition, SHOWN).await? {
                lines.push(self.facts(&other));
                related.push(self.row_json(&other));
            }
        }
        Ok((
            lines.join("\n"),
            json!({ "answers": answers, "related": related }),
        ))
    }

    /// A related row: what it says beside its key.
    fn facts(&self, other: &Found<'_>) -> String {
        let columns = other.dataset.columns().iter().zip(&other.values);
        let said: Vec<String> = columns
            .filter(|(column, value)| {
                !value.is_null() && !other.dataset.key().contains(&column.name)
            })
            .map(|(column, value)| {
                format!(
                    "{} {}",
                    self.column_title(column),
                    self.shown(column, value)
                )
            })
            .collect();
        let said = if said.is_empty() {
            self.screen.say(words::IS_THERE).to_owned()
        } else {
            self.screen.listed(&said)
        };
        let title = self.title(other.dataset);
        self.screen
            .fill(words::RELATED, &[&title, &other.file, &said])
    }
}

/// How rows of another dataset are about the same thing: their whole key stands in our row, or
/// they share the finest part of our key and more of it.
fn tie(found: &Found<'_>, other: &Dataset) -> Option<Condition> {
    if other.name() == found.dataset.name() {
        return None;
    }
    let is_shared = |name: &str| {
        found
            .dataset
            .type_of(name)
            .is_some_and(|ours| other.type_of(name) == Some(ours))
            && found.value(name).is_some_and(|value| !value.is_null())
    };
    let keyed: Vec<&str> = other
        .key()
        .iter()
        .map(Ident::as_str)
        .filter(|name| is_shared(name))
        .collect();
    let finest = found.dataset.key().last().map(Ident::as_str);
    let has_finest = keyed.len() > 1 && finest.is_some_and(|finest| keyed.contains(&finest));
    if keyed.len() < other.key().len() && !has_finest {
        return None;
    }
    keyed
        .iter()
        .try_fold(Condition::always(other.name()), |condition, name| {
            let column = other.column(name)?;
            let value = found.value(name)?.clone();
            Some(condition.and_equals(&column.name, column.column_type, value))
        })
}
