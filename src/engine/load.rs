//! The loading transaction of a file: its rows, what is kept beside them, its state and the row of
//! its answer, all or nothing.

use super::codes::{DUPLICATE_KEY, REFUSED_BY_RULE};
use super::judge::{Findings, Work};
use super::loading::UniqueRows;
use super::{Engine, EngineError, FileReport, Progress};
use crate::dataset::{self, Dataset};
use crate::db::{OnConflict, Transaction};
use crate::id::FileNo;
use crate::job::{Outcome, ReadPlan, concerns};
use crate::ledger::{self, AnswerState, Counts, FileRow, Hold, Keep, Load};
use crate::record::{Place, Reject};
use crate::value::Value;

/// How a refused load is told from a failed one: its transaction is rolled back and the file held.
enum Loaded {
    Yes { counts: Counts, outcome: Outcome },
    RefusedByRule(String),
}

impl Engine {
    pub(super) async fn load(
        &self,
        mut tx: Transaction,
        work: &Work<'_>,
        findings: &mut Findings<'_>,
        superseded: Option<&FileRow>,
        progress: &dyn Progress,
    ) -> Result<FileReport, EngineError> {
        match self
            .load_rows(&mut tx, work, findings, superseded, progress)
            .await?
        {
            Loaded::Yes { counts, outcome } => {
                crate::step::reached(crate::step::Step::FileDecided);
                self.reply(&mut tx, work, findings, outcome).await?;
                self.raise_notes(&mut tx, work, findings).await?;
                crate::step::reached(crate::step::Step::FileCommitting);
                tx.commit().await?;
                crate::step::reached(crate::step::Step::FileCommitted);
                crate::event::emit(&crate::event::FileLoaded {
                    partner: work.job.partner.as_str(),
                    file_no: work.file,
                    file_name: work.name,
                    decoded: counts.decoded.cast_unsigned(),
                    loaded: counts.loaded.cast_unsigned(),
                    rejected: counts.rejected.cast_unsigned(),
                    key_duplicates: counts.duplicates.cast_unsigned(),
                });
                Ok(self.file_report(work, findings, outcome, &counts))
            }
            Loaded::RefusedByRule(reason) => {
                tx.rollback().await?;
                let tx = self.begin(work, findings).await?;
                let hold = Hold {
                    code: REFUSED_BY_RULE.id,
                    reason,
                    counts: findings.counts(),
                    original: None,
                };
                self.hold(tx, work, findings, Outcome::Refused, hold).await
            }
        }
    }

    async fn load_rows(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        findings: &mut Findings<'_>,
        superseded: Option<&FileRow>,
        progress: &dyn Progress,
    ) -> Result<Loaded, EngineError> {
        let Some(read) = findings.read else {
            return Err(EngineError::WorkerLost {
                doing: "loading a file without a read",
            });
        };
        if let Some(old) = superseded {
            self.take_away(tx, read, old.file_no).await?;
        }
        let mut counts = findings.counts();
        let mut duplicates = Vec::new();
        let Some(staged) = findings.staged.as_mut() else {
            return Err(EngineError::WorkerLost {
                doing: "loading a file that was not staged",
            });
        };
        for (record, sorted) in read.mapping.records.iter().zip(&mut staged.rows) {
            let (Some(dataset), Some(sorted)) = (&record.dataset, sorted) else {
                continue;
            };
            let watch = |rows| progress.loading(work.name, rows);
            let mut rows = UniqueRows::new(sorted, &watch);
            let done = dataset::load(
                tx,
                dataset,
                record.on_conflict.clone(),
                &mut rows,
                work.file,
            )
            .await?;
            counts.loaded += done.loaded.cast_signed();
            counts.duplicates += (done.conflicts + rows.duplicates).cast_signed();
            note_duplicates(
                &mut duplicates,
                &record.name,
                &rows.places,
                "an earlier record of the file has the key",
            );
            if record.on_conflict == OnConflict::Reject {
                note_duplicates(
                    &mut duplicates,
                    &record.name,
                    &done.conflict_places,
                    "a loaded row has the key",
                );
            }
        }
        crate::step::reached(crate::step::Step::FileLoaded);
        if let Some(reason) = self.refused_by(tx, work, read).await? {
            return Ok(Loaded::RefusedByRule(reason));
        }
        if let Some(reason) = self.acknowledge(tx, work, read, findings).await? {
            return Ok(Loaded::RefusedByRule(reason));
        }
        self.keep_rejects(tx, work.file, findings, Keep::All)
            .await?;
        self.keep_duplicates(tx, work, read, &duplicates).await?;
        self.keep_controls(tx, work.file, findings).await?;
        self.note_sequence(tx, work, read, findings).await?;
        let has_answer = work
            .plan
            .answer
            .as_ref()
            .is_some_and(|answer| concerns(&answer.reads, &read.name));
        let answer = match (has_answer, superseded) {
            (false, _) => AnswerState::None,
            // Exactly one business answer per message: the one already sent stands.
            (true, Some(old)) if old.answer_state == AnswerState::Done => AnswerState::None,
            (true, _) => AnswerState::Pending,
        };
        let load = Load { counts, answer };
        ledger::decide_loaded(tx, work.file, &load, self.clock.now()).await?;
        let outcome = self.reconcile_within(tx, read, findings).await?;
        Ok(Loaded::Yes { counts, outcome })
    }

    /// Removes the rows of a superseded file; what was composed from them and sent stays.
    async fn take_away(
        &self,
        tx: &mut Transaction,
        read: &ReadPlan,
        old: FileNo,
    ) -> Result<(), EngineError> {
        for record in &read.mapping.records {
            if let Some(dataset) = &record.dataset {
                dataset::delete_of_file(tx, dataset, old).await?;
            }
        }
        Ok(())
    }

    /// The first rule that refuses the file, with the rows that met it.
    async fn refused_by(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        read: &ReadPlan,
    ) -> Result<Option<String>, EngineError> {
        let rules = work
            .plan
            .refuse
            .iter()
            .filter(|rule| concerns(&rule.reads, &read.name));
        for rule in rules {
            let found = dataset::find(
                tx,
                &rule.dataset,
                work.file,
                &rule.condition,
                3,
                &self.given,
            )
            .await?;
            if let Some(first) = found.first() {
                let key = shown_key(&rule.dataset, &first.key);
                return Ok(Some(format!(
                    "{} (`{}`): record {}, {key}",
                    rule.title, rule.code, first.place.record
                )));
            }
        }
        Ok(None)
    }
}

fn shown_key(dataset: &Dataset, key: &[Value]) -> String {
    let parts: Vec<String> = dataset
        .key()
        .iter()
        .zip(key)
        .map(|(name, value)| {
            let text = match value {
                Value::Int(number) => number.to_string(),
                Value::Text(text) => dataset::mask(dataset.class(name.as_str()), text),
                Value::Date(date) => date.to_string(),
                other => format!("{other:?}"),
            };
            format!("{name} = `{text}`")
        })
        .collect();
    parts.join(", ")
}

fn note_duplicates(into: &mut Vec<Reject>, record: &str, places: &[Place], why: &str) {
    into.extend(
        places
            .iter()
            .take(ledger::KEPT_REJECTS_OF_A_HELD_FILE)
            .map(|place| Reject {
                code: &DUPLICATE_KEY,
                place: *place,
                field: Some(record.to_owned()),
                detail: why.to_owned(),
            }),
    );
}
