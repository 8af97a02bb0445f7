//! `[push]` jobs: a message of our own accord, when there is something to say.

use super::reply::Outgoing;
use super::{Engine, EngineError, RunReport, RunRequest};
use crate::dataset::{self, Scope};
use crate::job::{Job, PushJob, values_of_day};
use crate::ledger::{self, Purpose};
use crate::step::{self, Step};

impl Engine {
    /// Composes and delivers the message; nothing happens when the first compose finds no rows.
    pub(super) async fn push(
        &self,
        job: &Job,
        plan: &PushJob,
        request: &RunRequest,
        report: &mut RunReport,
    ) -> Result<(), EngineError> {
        let mut tx = self.db.begin().await?;
        let number = ledger::next_number(&mut tx, &plan.send.counter).await?;
        let context = self.compose_context(number, values_of_day(request.business_date));
        let mut composed = 0;
        for (index, compose) in plan.compose.iter().enumerate() {
            let rows =
                dataset::compose(&mut tx, compose, Scope::All, &context, &self.given).await?;
            if index == 0 && rows == 0 {
                tx.rollback().await?;
                report
                    .notes
                    .push(format!("`{}`: nothing to send", job.name));
                return Ok(());
            }
            composed = composed.max(if index == 0 { rows } else { 0 });
        }
        let key = self
            .composed_key(&mut tx, &plan.mapping, &plan.compose, number)
            .await?;
        let Some(key) = key else {
            tx.rollback().await?;
            return Err(EngineError::Unnumbered {
                job: job.name.to_string(),
            });
        };
        let outgoing = Outgoing {
            job,
            mapping: &plan.mapping,
            send: &plan.send,
            number,
            key,
            answers_file: None,
            purpose: Purpose::Request,
            business_date: request.business_date,
            acknowledge: plan.acknowledge.as_ref(),
        };
        self.compose_delivery(&mut tx, &outgoing).await?;
        step::reached(Step::PushComposed);
        tx.commit().await?;
        step::reached(Step::PushCommitted);
        report.notes.push(format!(
            "`{}`: message {number} for {composed} rows",
            job.name
        ));
        self.deliver_pending(report).await
    }
}
