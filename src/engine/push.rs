//! `[push]` jobs: messages of our own accord, when there is something to say.

use super::reply::Outgoing;
use super::{Engine, EngineError, RunReport, RunRequest};
use crate::dataset::{self, ComposeContext, Scope};
use crate::db::Transaction;
use crate::job::{Job, PushJob, values_of_day};
use crate::ledger::{self, Purpose};
use crate::step::{self, Step};

impl Engine {
    /// Composes and delivers; nothing happens when the first compose finds no rows.
    pub(super) async fn push(
        &self,
        job: &Job,
        plan: &PushJob,
        request: &RunRequest,
        report: &mut RunReport,
    ) -> Result<(), EngineError> {
        let mut tx = self.db.begin().await?;
        let first = ledger::next_number(&mut tx, &plan.send.counter).await?;
        let context = ComposeContext {
            split: plan.split,
            ..self.compose_context(first, values_of_day(request.business_date))
        };
        let Some(rows) = plan.compose.first() else {
            return Ok(());
        };
        let composed = dataset::compose(&mut tx, rows, Scope::All, &context, &self.given).await?;
        if composed == 0 {
            tx.rollback().await?;
            let note = format!("`{}`: nothing to send", job.name);
            report.notes.push(note);
            return Ok(());
        }
        let messages = plan.messages(composed);
        if let Some(more) = messages.checked_sub(1).filter(|more| *more > 0) {
            ledger::reserve(&mut tx, &plan.send.counter, more).await?;
        }
        for number in first..first + i64::from(messages) {
            self.compose_push(&mut tx, job, plan, request, number)
                .await?;
        }
        step::reached(Step::PushComposed);
        tx.commit().await?;
        step::reached(Step::PushCommitted);
        report.notes.push(match messages {
            1 => format!("`{}`: message {first} for {composed} rows", job.name),
            _ => format!(
                "`{}`: messages {first} to {} for {composed} rows",
                job.name,
                first + i64::from(messages) - 1
            ),
        });
        self.deliver_pending(report).await
    }

    async fn compose_push(
        &self,
        tx: &mut Transaction,
        job: &Job,
        plan: &PushJob,
        request: &RunRequest,
        number: i64,
    ) -> Result<(), EngineError> {
        let context = self.compose_context(number, values_of_day(request.business_date));
        for compose in plan.compose.iter().skip(1) {
            dataset::compose(tx, compose, Scope::All, &context, &self.given).await?;
        }
        let key = self
            .composed_key(tx, &plan.mapping, &plan.compose, number)
            .await?;
        let outgoing = Outgoing {
            job,
            mapping: &plan.mapping,
            send: &plan.send,
            number,
            key: key.ok_or_else(|| EngineError::Unnumbered {
                job: job.name.to_string(),
            })?,
            answers_file: None,
            purpose: Purpose::Request,
            business_date: request.business_date,
            acknowledge: plan.acknowledge.as_ref(),
            replaces: None,
        };
        self.compose_delivery(tx, &outgoing).await
    }
}
