//! A delivery that the partner does not take as it was: its rows once more with other content, under
//! a number and a name of their own.
//!
//! The one invariant: a delivery is replaced at most once, and what replaces one is never replaced:
//! a unique index of the ledger holds the first, this file the second.

use super::acknowledge::Said;
use super::judge::Work;
use super::reply::Outgoing;
use super::{Engine, EngineError};
use crate::dataset::{self, Condition};
use crate::db::Transaction;
use crate::id::JobName;
use crate::job::{JobKind, PushJob, ResendPlan};
use crate::ledger::{self, DeliveryRow, Purpose};
use crate::step::{self, Step};
use crate::value::Value;

impl Engine {
    /// Composes what is sent in the place of a delivery, if its job says so of such an answer; says
    /// whether it did. It is delivered with the answers of the file.
    pub(super) async fn replace(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        delivery: &DeliveryRow,
        said: &Said,
    ) -> Result<bool, EngineError> {
        let job = delivery
            .job
            .as_deref()
            .and_then(|name| JobName::new(name).ok());
        let Some(job) = job.and_then(|name| self.configuration.jobs.get(&name)) else {
            return Ok(false);
        };
        let JobKind::Push(push) = &job.kind else {
            return Ok(false);
        };
        let Some(resend) = &push.resend else {
            return Ok(false);
        };
        let is_asked = resend.is_asked(&said.result, said.text.as_deref());
        let Some(old) = delivery
            .message_no
            .filter(|_| is_asked && delivery.replaces.is_none())
        else {
            return Ok(false);
        };
        if !self.concerns(tx, push, resend, old).await? {
            return Ok(false);
        }
        let now = self.clock.now();
        ledger::mark_replaced(
            tx,
            delivery.delivery_no,
            &said.words(),
            Some(work.file),
            now,
        )
        .await?;
        let number = ledger::next_number(tx, &push.send.counter).await?;
        self.copy(tx, push, resend, (old, number)).await?;
        let key = self
            .composed_key(tx, &push.mapping, &push.compose, number)
            .await?;
        let Some(key) = key else {
            return Err(EngineError::Unnumbered {
                job: job.name.to_string(),
            });
        };
        let outgoing = Outgoing {
            job,
            mapping: &push.mapping,
            send: &push.send,
            number,
            key,
            answers_file: Some(work.file),
            purpose: delivery.purpose,
            business_date: delivery.business_date.unwrap_or(work.business_date),
            acknowledge: push.acknowledge.as_ref(),
            replaces: Some(delivery.delivery_no),
        };
        debug_assert!(outgoing.purpose != Purpose::BusinessAnswer);
        self.compose_delivery(tx, &outgoing).await?;
        step::reached(Step::AcknowledgementNoted);
        Ok(true)
    }

    /// Whether the rows of a message are such that it is to be sent anew.
    async fn concerns(
        &self,
        tx: &mut Transaction,
        push: &PushJob,
        resend: &ResendPlan,
        number: i64,
    ) -> Result<bool, EngineError> {
        let Some(first) = push.compose.first() else {
            return Ok(false);
        };
        let Some((dataset, condition)) = self.rows_of(first, number) else {
            return Ok(false);
        };
        let rows = dataset::rows_by_key(&mut *tx, dataset, &condition, &self.given).await?;
        Ok(!rows.is_empty() && rows.iter().all(|row| resend.concerns(dataset, row)))
    }

    /// Writes the rows of a message once more under a new number.
    async fn copy(
        &self,
        tx: &mut Transaction,
        push: &PushJob,
        resend: &ResendPlan,
        (old, number): (i64, i64),
    ) -> Result<(), EngineError> {
        for (index, compose) in push.compose.iter().enumerate() {
            let Some((dataset, condition)) = self.rows_of(compose, old) else {
                continue;
            };
            let mut changes = if index == 0 {
                resend.set.clone()
            } else {
                Vec::new()
            };
            let column = compose.numbered_column().cloned();
            changes.extend(column.map(|column| (column, Value::Int(number))));
            dataset::copy_rows(tx, dataset, &condition, &changes, &self.given).await?;
        }
        Ok(())
    }

    /// The rows that a compose wrote under a number.
    fn rows_of(
        &self,
        compose: &dataset::Compose,
        number: i64,
    ) -> Option<(&dataset::Dataset, Condition)> {
        let dataset = self.configuration.datasets.get(compose.target().as_str())?;
        let column = compose.numbered_column()?;
        let ty = dataset.type_of(column.as_str())?;
        let condition = Condition::always(dataset.name());
        Some((
            dataset,
            condition.and_equals(column, ty, Value::Int(number)),
        ))
    }
}
