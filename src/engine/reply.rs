//! The answer to a received file: its row in a dataset and its delivery, in the file's own
//! transaction.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Map, Value as Json};

use super::codes::UNANSWERABLE;
use super::judge::{Findings, Work};
use super::{Engine, EngineError};
use crate::dataset::{self, ColumnType, Dataset};
use crate::db::Transaction;
use crate::id::{DeliveryNo, FileNo, Ident};
use crate::job::{AcknowledgeWithin, Expression, Job, Origin, Outcome, ReplyPlan, SendPlan};
use crate::ledger::{self, DoneWhen, Location, NewDelivery, Purpose};
use crate::mapping::Mapping;
use crate::value::{Kind, Value};

/// What the expressions of an answer can use.
struct Sources<'s> {
    route: &'s BTreeMap<String, String>,
    file_values: Option<&'s BTreeMap<String, Value>>,
    outcome: Outcome,
    number: i64,
    result: Value,
    now: chrono::DateTime<chrono::Utc>,
}

/// A delivery to be written in the transaction that composed its rows.
pub(super) struct Outgoing<'o> {
    pub(super) job: &'o Job,
    pub(super) mapping: &'o Mapping,
    pub(super) send: &'o SendPlan,
    pub(super) number: i64,
    pub(super) key: Json,
    pub(super) answers_file: Option<FileNo>,
    pub(super) purpose: Purpose,
    pub(super) business_date: NaiveDate,
    /// By when the partner must acknowledge it; done when sent without.
    pub(super) acknowledge: Option<&'o AcknowledgeWithin>,
    /// The delivery in whose place it is sent.
    pub(super) replaces: Option<DeliveryNo>,
}

impl Engine {
    /// Composes the answer to a file, if the job answers such files. It takes its number from the
    /// counter, which later writers then wait for: call it last before the commit.
    pub(super) async fn reply(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        findings: &Findings<'_>,
        outcome: Outcome,
    ) -> Result<(), EngineError> {
        let Some(reply) = &work.plan.reply else {
            return Ok(());
        };
        let Some(send) = work.plan.sends.get(&reply.send) else {
            return Ok(());
        };
        if !reply.answers(&findings.route) {
            return Ok(());
        }
        let number = ledger::next_number(tx, &send.counter).await?;
        let sources = Sources {
            route: &findings.route,
            file_values: findings
                .staged
                .as_ref()
                .map(|staged| &staged.summary.file_values),
            outcome,
            number,
            result: reply
                .result
                .get(&outcome)
                .cloned()
                .unwrap_or(Value::Null(Kind::Int)),
            now: self.clock.now(),
        };
        let row = match compose_row(reply, &sources) {
            Ok(row) => row,
            Err(column) => return self.unanswerable(tx, work, &column).await,
        };
        let key = identity_key(&reply.mapping, &reply.dataset, &row);
        dataset::insert(tx, &reply.dataset, &row, work.file).await?;
        let outgoing = Outgoing {
            job: work.job,
            mapping: &reply.mapping,
            send,
            number,
            key,
            answers_file: Some(work.file),
            purpose: Purpose::Confirmation,
            business_date: work.business_date,
            acknowledge: None,
            replaces: None,
        };
        self.compose_delivery(tx, &outgoing).await
    }

    /// A file so broken that not even its number is known cannot be answered: somebody must look.
    async fn unanswerable(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        column: &Ident,
    ) -> Result<(), EngineError> {
        let sentence = format!(
            "file {} cannot be answered: it does not say what `{column}` of the answer would be",
            work.file
        );
        let event = ledger::NewEvent {
            level: ledger::Level::Alert,
            name: UNANSWERABLE.id,
            partner: Some(work.job.partner.as_str()),
            file: Some(work.file),
            sentence: &sentence,
            fields: Json::Object(Map::new()),
        };
        ledger::raise(tx, &event, self.clock.now()).await?;
        Ok(())
    }

    /// Writes a delivery into the outbox's books.
    pub(super) async fn compose_delivery(
        &self,
        tx: &mut Transaction,
        outgoing: &Outgoing<'_>,
    ) -> Result<(), EngineError> {
        let send = outgoing.send;
        let name = self.name_of(tx, outgoing).await?;
        let location = Location::new(send.connection.as_str(), send.folder.to_string(), name);
        let envelope = super::content::envelopes_written(&send.envelopes);
        let now = self.clock.now();
        let due_at = outgoing
            .acknowledge
            .map(|within| self.due_at(within, now))
            .transpose()?;
        let delivery = NewDelivery {
            partner: outgoing.job.partner.as_str(),
            location: &location,
            mapping: outgoing.mapping.name.as_str(),
            dataset: None,
            key: outgoing.key.clone(),
            message_no: Some(outgoing.number),
            answers_file: outgoing.answers_file,
            purpose: outgoing.purpose,
            envelope: envelope.as_deref(),
            business_date: Some(outgoing.business_date),
            done_when: match due_at {
                Some(_) => DoneWhen::Acknowledged,
                None => DoneWhen::Sent,
            },
            due_at,
            job: Some(outgoing.job.name.as_str()),
            replaces: outgoing.replaces,
        };
        let delivery_no = ledger::compose_delivery(tx, &delivery, now).await?;
        let companions = super::companions::companions_of(send, &location.name);
        if let Some(companions) = companions {
            ledger::note_companions(tx, delivery_no, &companions).await?;
        }
        Ok(())
    }
}

/// The answer's row in the order of the dataset's columns, or the key column that has no value.
fn compose_row(reply: &ReplyPlan, sources: &Sources<'_>) -> Result<Vec<Value>, Ident> {
    let mut row = Vec::new();
    for column in reply.dataset.columns() {
        let written = reply
            .set
            .iter()
            .find(|expression| expression.column == column.name);
        let value = written
            .and_then(|expression| value(expression, sources, column.column_type))
            .unwrap_or(Value::Null(column.kind()));
        if value.is_null() && is_needed(reply, &column.name) {
            return Err(column.name.clone());
        }
        row.push(value);
    }
    Ok(row)
}

/// Whether the answer makes no sense without a column: a key, or a required field of its mapping.
fn is_needed(reply: &ReplyPlan, column: &Ident) -> bool {
    let is_required = reply.mapping.records.first().is_some_and(|record| {
        record
            .fields
            .iter()
            .any(|field| field.name == column.as_str() && field.required)
    });
    is_required || reply.dataset.key().contains(column)
}

fn value(expression: &Expression, sources: &Sources<'_>, ty: ColumnType) -> Option<Value> {
    let fits = expression.when.iter().all(|(name, values)| {
        sources
            .route
            .get(name)
            .is_some_and(|found| values.contains(found))
    });
    if !fits {
        return None;
    }
    let counts = expression.outcomes.is_empty() || expression.outcomes.contains(&sources.outcome);
    let found = if counts {
        origin(&expression.origin, sources)
    } else {
        None
    };
    found
        .or_else(|| expression.otherwise.clone())
        .and_then(|value| into_type(value, ty))
}

fn origin(origin: &Origin, sources: &Sources<'_>) -> Option<Value> {
    match origin {
        Origin::Value(value) => Some(value.clone()),
        Origin::Route(name) => sources
            .route
            .get(name)
            .map(|text| Value::Text(text.clone())),
        Origin::Now => Some(Value::Instant(sources.now)),
        Origin::Number => Some(Value::Int(sources.number)),
        Origin::Result => Some(sources.result.clone()),
        Origin::File { field, format } => {
            let value = sources.file_values?.get(field)?;
            match (value, format) {
                (Value::Date(date), Some(format)) => format
                    .write(date.and_time(chrono::NaiveTime::MIN))
                    .map(Value::Text),
                (Value::Null(_), _) => None,
                (value, _) => Some(value.clone()),
            }
        }
    }
}

/// A value as its column stores it; a text that is not a number is no value of a number column.
fn into_type(value: Value, ty: ColumnType) -> Option<Value> {
    match (value, ty.kind()) {
        (Value::Text(text), Kind::Int) => text.trim().parse().ok().map(Value::Int),
        (Value::Int(number), Kind::Text) => Some(Value::Text(number.to_string())),
        (value, kind) if value.kind() == kind => Some(value),
        _ => None,
    }
}

/// Which rows a delivery renders: the mapping's identity fields, or the dataset's key.
pub(super) fn identity_key(mapping: &Mapping, dataset: &Dataset, row: &[Value]) -> Json {
    let mut key = Map::new();
    for name in mapping.identity_names() {
        let value = dataset.position(name).and_then(|index| row.get(index));
        if let Some(value) = value {
            key.insert(name.to_owned(), json(value));
        }
    }
    Json::Object(key)
}

/// A key value as JSON.
pub(super) fn json(value: &Value) -> Json {
    match value {
        Value::Int(number) => Json::from(*number),
        Value::Text(text) => Json::from(text.as_str()),
        Value::Date(date) => Json::from(date.to_string()),
        Value::Instant(instant) => Json::from(instant.timestamp_micros()),
        Value::Bytes(_) | Value::Null(_) => Json::Null,
    }
}
