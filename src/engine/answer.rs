//! The business answer of a loaded file: decide about its rows, compose, once, in a transaction of
//! its own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::reply::{Outgoing, identity_key};
use super::{Engine, EngineError, RunReport, content};
use crate::dataset::{self, Compose, ComposeContext, Condition, Scope};
use crate::db::Transaction;
use crate::id::FileNo;
use crate::job::{AnswerPlan, Ask, DecidePlan, Job, PullJob, concerns, values_of_file};
use crate::ledger::{self, AnswerState, FileRow, FileState, Purpose};
use crate::mapping::{IdentityPlan, Mapping};
use crate::step::{self, Step};
use crate::value::{Kind, Value};

/// Rows by the reason that a rule gave.
type Decided = Vec<(i64, String, u64)>;

impl Engine {
    /// Everything that follows a committed decision about a file: deliver its confirmation, answer
    /// it, deliver the answer. Safe to call again at any time.
    pub(super) async fn complete(
        &self,
        job: &Job,
        plan: &PullJob,
        file: FileNo,
        report: &mut RunReport,
    ) -> Result<(), EngineError> {
        self.deliver_for(file, report).await?;
        let row = ledger::show_file(&self.db, file).await?;
        if row.state == FileState::Loaded && row.answer_state == AnswerState::Pending {
            let decided = self.answer(job, plan, &row).await?;
            if let Some(done) = report
                .files
                .iter_mut()
                .find(|done| done.file_no == Some(file.0))
            {
                done.decided = decided;
            }
            self.deliver_for(file, report).await?;
        }
        Ok(())
    }

    async fn answer(
        &self,
        job: &Job,
        plan: &PullJob,
        row: &FileRow,
    ) -> Result<Decided, EngineError> {
        let read = row.read_label.clone().unwrap_or_default();
        let mut tx = self.db.begin().await?;
        // Two processes may both see the answer pending: the second finds it done and stops here.
        match ledger::mark_answered(&mut tx, row.file_no).await {
            Err(ledger::LedgerError::Transition { .. }) => {
                tx.rollback().await?;
                return Ok(Vec::new());
            }
            other => other?,
        }
        step::reached(Step::AnswerMarked);
        let mut decided = Vec::new();
        for decide in plan
            .decide
            .iter()
            .filter(|decide| concerns(&decide.reads, &read))
        {
            decided.extend(self.decide_rows(&mut tx, decide, row.file_no).await?);
        }
        step::reached(Step::AnswerDecided);
        if let Some(answer) = plan
            .answer
            .as_ref()
            .filter(|answer| concerns(&answer.reads, &read))
        {
            self.compose_answer(&mut tx, job, plan, answer, row).await?;
        }
        step::reached(Step::AnswerCommitting);
        tx.commit().await?;
        step::reached(Step::AnswerCommitted);
        Ok(decided)
    }

    /// Asks the rules in order; a row keeps the reason of the first that hit it.
    async fn decide_rows(
        &self,
        tx: &mut Transaction,
        decide: &DecidePlan,
        file: FileNo,
    ) -> Result<Decided, EngineError> {
        let (asked, rules): (Vec<_>, Vec<_>) = (decide.rules.iter())
            .filter_map(|rule| match &rule.ask {
                Ask::Condition(condition) => Some((
                    rule,
                    dataset::Rule {
                        reason: rule.reason,
                        condition,
                    },
                )),
                Ask::NotChecked(_) => None,
            })
            .unzip();
        let (column, given) = (&decide.column, &self.given);
        let rows =
            dataset::apply_decisions(tx, &decide.dataset, file, column, &rules, given).await?;
        Ok(asked
            .into_iter()
            .zip(rows)
            .filter(|(_, rows)| *rows > 0)
            .map(|(rule, rows)| (rule.reason, rule.title.clone(), rows))
            .collect())
    }

    async fn compose_answer(
        &self,
        tx: &mut Transaction,
        job: &Job,
        plan: &PullJob,
        answer: &AnswerPlan,
        row: &FileRow,
    ) -> Result<(), EngineError> {
        let Some(send) = plan.sends.get(&answer.send) else {
            return Ok(());
        };
        let number = ledger::next_number(tx, &send.counter).await?;
        let values = self.values_of(plan, answer, row)?;
        let context = self.compose_context(number, values);
        for compose in &answer.compose {
            dataset::compose(tx, compose, Scope::File(row.file_no), &context, &self.given).await?;
        }
        let key = self
            .composed_key(tx, &answer.mapping, &answer.compose, number)
            .await?;
        let Some(key) = key else { return Ok(()) };
        let outgoing = Outgoing {
            job,
            mapping: &answer.mapping,
            send,
            number,
            key,
            answers_file: Some(row.file_no),
            purpose: Purpose::BusinessAnswer,
            business_date: row.business_date.unwrap_or_else(|| self.clock.today()),
            acknowledge: answer.acknowledge.as_ref(),
            replaces: None,
        };
        self.compose_delivery(tx, &outgoing).await
    }

    /// What composed rows can use besides rows.
    pub(super) fn compose_context(
        &self,
        number: i64,
        values: BTreeMap<String, Value>,
    ) -> ComposeContext {
        ComposeContext {
            now: self.clock.now(),
            number: Some(number),
            values,
            split: None,
        }
    }

    /// The values of a file that its answer wants. The route is asked of the archive again: an
    /// answer may be composed long after its file was loaded, by another process.
    fn values_of(
        &self,
        plan: &PullJob,
        answer: &AnswerPlan,
        row: &FileRow,
    ) -> Result<BTreeMap<String, Value>, EngineError> {
        let wanted: BTreeSet<&str> = answer
            .compose
            .iter()
            .flat_map(Compose::context_names)
            .collect();
        if wanted.is_empty() {
            return Ok(BTreeMap::new());
        }
        let captures = plan.captures(row.source_name(), row.entry.as_deref());
        let captures = captures.unwrap_or_default();
        let keys = self.keys_at(row.received_at);
        let landed = self.archive.read(row.landed_digest)?;
        let content = plan.open(landed, row.entry.as_deref(), &keys);
        let route = content::route(plan, &captures, content).values;
        let read = plan
            .reads
            .iter()
            .find(|read| Some(&read.name) == row.read_label.as_ref());
        let set = read.map(|read| read.set.clone()).unwrap_or_default();
        let day = row.business_date.unwrap_or_else(|| self.clock.today());
        let mut values = values_of_file(day, row.own_name(), &captures, &route, &set);
        for name in wanted {
            // What this file does not have is null, not an answer that is never sent.
            values
                .entry(name.to_owned())
                .or_insert(Value::Null(Kind::Text));
        }
        Ok(values)
    }

    /// The identity of the message that was just composed under a number: the row of the
    /// mapping's first dataset whose numbered column has it.
    pub(super) async fn composed_key(
        &self,
        tx: &mut Transaction,
        mapping: &Mapping,
        composes: &[Compose],
        number: i64,
    ) -> Result<Option<Json>, EngineError> {
        let Some(dataset) = mapping
            .records
            .iter()
            .find_map(|record| record.dataset.clone())
        else {
            return Ok(None);
        };
        let numbered = composes
            .iter()
            .find(|compose| compose.target() == dataset.name())
            .and_then(Compose::numbered_column);
        let Some((column, ty)) =
            numbered.and_then(|column| Some((column, dataset.type_of(column.as_str())?)))
        else {
            return Ok(None);
        };
        // A file that carries no number of its own has the rows that were composed under it.
        if matches!(mapping.identity, IdentityPlan::Context(_)) {
            let mut key = serde_json::Map::new();
            key.insert(column.as_str().to_owned(), Json::from(number));
            return Ok(Some(Json::Object(key)));
        }
        let condition =
            Condition::always(dataset.name()).and_equals(column, ty, Value::Int(number));
        let rows = dataset::rows_by_key(tx, &dataset, &condition, &self.given).await?;
        Ok(rows.first().map(|row| identity_key(mapping, &dataset, row)))
    }
}
