//! A file of the partner that acknowledges a delivery of ours: found by the number or the name it
//! says, row by row where its rows answer rows that were sent.

use std::collections::BTreeMap;

use serde_json::json;

use super::codes::{DELIVERY_REFUSED, UNKNOWN_ACKNOWLEDGEMENT};
use super::judge::{Findings, Work};
use super::{Engine, EngineError};
use crate::dataset::{self, AnsweredRows, RowsAnswered};
use crate::db::Transaction;
use crate::diag::Code;
use crate::id::Ident;
use crate::job::{Acknowledges, Means, ReadPlan, RowAnswers};
use crate::ledger::{self, Acknowledgement, DeliveryRow, DeliveryState, Level, NewEvent};
use crate::step::{self, Step};
use crate::value::Value;

/// The result of a file that has no field for it.
const ANSWERED: &str = "answered";

/// What a file says about a delivery.
pub(super) struct Said {
    /// Which one: its number, or the name it was sent under.
    pub(super) which: String,
    /// With which result.
    pub(super) result: String,
    /// In which words.
    pub(super) text: Option<String>,
    pub(super) answer: Acknowledgement,
}

/// What a file says about itself: fields of the record that stands for it, what the route found,
/// the captures of its name.
struct Speech<'s> {
    work: &'s Work<'s>,
    read: &'s ReadPlan,
    route: &'s BTreeMap<String, String>,
    fields: &'s BTreeMap<String, Value>,
}

impl Speech<'_> {
    fn field(&self, name: &str) -> Option<String> {
        match self.fields.get(name) {
            Some(Value::Int(number)) => Some(number.to_string()),
            Some(Value::Text(text)) => Some(text.clone()),
            Some(Value::Date(date)) => Some(date.format("%Y%m%d").to_string()),
            _ => None,
        }
    }

    /// A part of the name that a delivery was sent under.
    fn part(&self, name: &str) -> Option<String> {
        let outer = [&self.read.set, self.route, self.work.captures];
        let outer = || outer.iter().find_map(|values| values.get(name)).cloned();
        let own = || (name == "file_name").then(|| self.work.own_name().to_owned());
        self.field(name).or_else(outer).or_else(own)
    }

    /// `None` when the file does not say which delivery it means, or with which result.
    fn said(&self, plan: &Acknowledges) -> Option<Said> {
        let result = match &plan.result {
            Some(field) => self.field(field)?,
            None => ANSWERED.to_owned(),
        };
        let text = plan.text.as_deref().and_then(|field| self.field(field));
        let says = |words: &String| text.as_ref().is_some_and(|text| text.contains(words));
        let is_accepted = plan.result.is_none()
            || plan.accepted.contains(&result)
            || plan.accepted_texts.iter().any(says);
        Some(Said {
            which: match &plan.means {
                Means::Number(field) => self.field(field)?,
                Means::Name(name) => name.name(|part| self.part(part))?,
            },
            answer: match is_accepted {
                true => Acknowledgement::Accepted,
                false => Acknowledgement::Refused,
            },
            result,
            text,
        })
    }
}

impl Said {
    fn state(&self) -> DeliveryState {
        match self.answer {
            Acknowledgement::Accepted => DeliveryState::Acknowledged,
            Acknowledgement::Refused => DeliveryState::Refused,
        }
    }

    /// The partner's result and words, for the books.
    pub(super) fn words(&self) -> String {
        match self.text.as_deref().filter(|text| !text.is_empty()) {
            Some(text) => format!("{} {text}", self.result),
            None => self.result.clone(),
        }
    }
}

impl Engine {
    /// Notes in the file's own transaction what it says about a delivery; also after the time. Says
    /// why the file is refused: when its rows answer what was never sent.
    pub(super) async fn acknowledge(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        read: &ReadPlan,
        findings: &Findings<'_>,
    ) -> Result<Option<String>, EngineError> {
        let Some((plan, staged)) = read.acknowledges.as_ref().zip(findings.staged.as_ref()) else {
            return Ok(None);
        };
        let speech = Speech {
            work,
            read,
            route: &findings.route,
            fields: &staged.summary.file_values,
        };
        let Some(said) = speech.said(plan) else {
            return Ok(None);
        };
        let Some(delivery) = self
            .delivery_meant(tx, work, &plan.means, &said.which)
            .await?
        else {
            return self.unknown_delivery(tx, work, plan, &said).await;
        };
        let Some(rows) = &plan.rows else {
            self.note_said(tx, work, &delivery, &said, None).await?;
            return Ok(None);
        };
        let counted = self.rows_answered(tx, work, rows, &delivery).await?;
        if let Some(first) = counted.first_stranger {
            return Ok(Some(format!(
                "{} of its rows answer no row of delivery {} (`{}`): record {first} is the first",
                counted.strangers, delivery.delivery_no, delivery.name
            )));
        }
        self.note_said(tx, work, &delivery, &said, Some(&counted))
            .await?;
        Ok(None)
    }

    /// Nothing was sent that the file could mean: an alert, or a refusal where it has answers to rows.
    async fn unknown_delivery(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        plan: &Acknowledges,
        said: &Said,
    ) -> Result<Option<String>, EngineError> {
        let which = shown(&plan.means, &said.which);
        if plan.rows.is_some() {
            return Ok(Some(format!(
                "it answers the rows of {which}, which was never sent"
            )));
        }
        let sentence = format!("file {} confirms {which}, which was never sent", work.file);
        self.alert(tx, work, &UNKNOWN_ACKNOWLEDGEMENT, &sentence, said)
            .await?;
        Ok(None)
    }

    /// Brings the delivery into the state that the partner's words mean.
    async fn note_said(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        delivery: &DeliveryRow,
        said: &Said,
        rows: Option<&RowsAnswered>,
    ) -> Result<(), EngineError> {
        // The same acknowledgement again changes nothing.
        if !delivery.state.may_become(said.state()) {
            return Ok(());
        }
        let number_of = delivery.delivery_no;
        let is_accepted = said.answer == Acknowledgement::Accepted;
        if let Some(rows) = rows.filter(|rows| is_accepted && rows.answered < rows.sent) {
            let so_far = format!("{} of {} rows answered", rows.answered, rows.sent);
            ledger::note_answer(tx, number_of, &so_far).await?;
            return Ok(());
        }
        if !is_accepted && self.replace(tx, work, delivery, said).await? {
            return Ok(());
        }
        let result = match rows {
            Some(rows) if said.result == ANSWERED => format!("{} rows answered", rows.sent),
            Some(rows) => format!("{}; {} rows answered", said.words(), rows.answered),
            None => said.words(),
        };
        let now = self.clock.now();
        ledger::mark_acknowledged(tx, number_of, said.answer, &result, Some(work.file), now)
            .await?;
        step::reached(Step::AcknowledgementNoted);
        if is_accepted {
            return Ok(());
        }
        let which = match delivery.message_no {
            Some(number) => format!("message {number}"),
            None => format!("`{}`", delivery.name),
        };
        let sentence = format!("delivery {number_of} ({which}) was answered with {result}");
        self.alert(tx, work, &DELIVERY_REFUSED, &sentence, said)
            .await
    }

    async fn delivery_meant(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        means: &Means,
        which: &str,
    ) -> Result<Option<DeliveryRow>, EngineError> {
        let partner = work.job.partner.as_str();
        let connection = work.plan.connection.as_str();
        Ok(match (means, which.parse()) {
            (Means::Name(_), _) => ledger::find_by_name(tx, partner, connection, which).await?,
            (Means::Number(_), Ok(number)) => {
                ledger::find_by_number(tx, partner, connection, number).await?
            }
            (Means::Number(_), Err(_)) => None,
        })
    }

    async fn rows_answered(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        rows: &RowAnswers,
        delivery: &DeliveryRow,
    ) -> Result<RowsAnswered, EngineError> {
        let mut of = Vec::new();
        for (name, value) in delivery.key.as_object().into_iter().flatten() {
            let Some(column) = rows.sent.column(name) else {
                continue;
            };
            let value = super::render::key_value(value, column.kind());
            of.extend(value.map(|value| (column.name.clone(), value)));
        }
        let of: Vec<(Ident, Value)> = of;
        let question = AnsweredRows {
            answers: &rows.answers,
            sent: &rows.sent,
            on: &rows.on,
            of: &of,
        };
        Ok(dataset::rows_answered(tx, &question, work.file).await?)
    }

    async fn alert(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        code: &'static Code,
        sentence: &str,
        said: &Said,
    ) -> Result<(), EngineError> {
        let event = NewEvent {
            level: Level::Alert,
            name: code.id,
            partner: Some(work.job.partner.as_str()),
            file: Some(work.file),
            sentence,
            fields: json!({ "number": said.which, "result": said.result }),
        };
        ledger::raise(tx, &event, self.clock.now()).await?;
        Ok(())
    }
}

fn shown(means: &Means, which: &str) -> String {
    match means {
        Means::Number(_) => format!("message {which}"),
        Means::Name(_) => format!("`{which}`"),
    }
}
