//! The one transaction of a file: rows, rejects, controls, state and the answer's row.

use serde_json::json;

use super::error::{DUPLICATE_KEY, REFUSED_BY_RULE};
use super::judge::{Findings, Work};
use super::loading::UniqueRows;
use super::{Engine, EngineError, FileReport, Progress};
use crate::dataset::{self, Dataset};
use crate::db::{OnConflict, Transaction};
use crate::id::FileNo;
use crate::job::{Outcome, ReadPlan, concerns};
use crate::ledger::{
    self, AnswerState, Counts, DeliveryState, FileRow, Hold, Judgement, Keep, Level, Load,
    NewControl, NewEvent, NewReject, RejectKind,
};
use crate::record::{Place, Reject};
use crate::value::Value;

/// How a refused load is told from a failed one: its transaction is rolled back and the file held.
enum Loaded {
    Yes { counts: Counts, outcome: Outcome },
    RefusedByRule(String),
}

impl Engine {
    /// Writes the decision about a file.
    pub(super) async fn decide(
        &self,
        work: &Work<'_>,
        findings: &mut Findings<'_>,
        progress: &dyn Progress,
    ) -> Result<FileReport, EngineError> {
        let mut tx = self.begin(work, findings).await?;
        let has_identity =
            findings
                .read
                .zip(findings.staged.as_ref())
                .is_some_and(|(_, staged)| {
                    staged.malformed.is_none() && staged.summary.identity.is_some()
                });
        let judgement = if has_identity {
            ledger::judge(&mut tx, work.file).await?
        } else {
            Judgement::New
        };
        match judgement {
            Judgement::Duplicate(original) => self.duplicate(tx, work, findings, &original).await,
            Judgement::Altered(original) => self.altered(tx, work, findings, &original).await,
            Judgement::New | Judgement::Superseding(_) if findings.fault.is_some() => {
                self.hold_for_fault(tx, work, findings).await
            }
            Judgement::New => self.load(tx, work, findings, None, progress).await,
            Judgement::Superseding(old) => {
                self.load(tx, work, findings, Some(&old), progress).await
            }
        }
    }

    async fn begin(
        &self,
        work: &Work<'_>,
        findings: &Findings<'_>,
    ) -> Result<Transaction, EngineError> {
        let mut tx = self.db.begin().await?;
        if let Some(claim) = work.claim {
            ledger::still_held(&mut tx, claim).await?;
        }
        ledger::describe(&mut tx, work.file, &self.description(work, findings)).await?;
        Ok(tx)
    }

    async fn duplicate(
        &self,
        mut tx: Transaction,
        work: &Work<'_>,
        findings: &Findings<'_>,
        original: &FileRow,
    ) -> Result<FileReport, EngineError> {
        let now = self.clock.now();
        ledger::decide_duplicate(&mut tx, work.file, original.file_no, now).await?;
        self.reply(&mut tx, work, findings, Outcome::Duplicate)
            .await?;
        tx.commit().await?;
        let mut report = self.file_report(work, findings, Outcome::Duplicate, &Counts::default());
        report.reason = Some(format!(
            "the same as file {}, loaded before",
            original.file_no
        ));
        Ok(report)
    }

    async fn altered(
        &self,
        tx: Transaction,
        work: &Work<'_>,
        findings: &Findings<'_>,
        original: &FileRow,
    ) -> Result<FileReport, EngineError> {
        let reason = format!(
            "file {} was loaded with the same identity and other content: compare them, then \
             `dukou files supersede {new}` or `dukou files refuse {new}`",
            original.file_no,
            new = work.file
        );
        let hold = Hold {
            code: ledger::ALTERED_RESEND.id,
            reason,
            counts: findings.counts(),
            original: Some(original.file_no),
        };
        self.hold(tx, work, findings, Outcome::Altered, hold).await
    }

    async fn hold_for_fault(
        &self,
        tx: Transaction,
        work: &Work<'_>,
        findings: &Findings<'_>,
    ) -> Result<FileReport, EngineError> {
        let Some(fault) = &findings.fault else {
            return Err(EngineError::WorkerLost {
                doing: "holding a file without a fault",
            });
        };
        let hold = Hold {
            code: fault.code.id,
            reason: fault.reason.clone(),
            counts: findings.counts(),
            original: None,
        };
        let outcome = fault.outcome;
        self.hold(tx, work, findings, outcome, hold).await
    }

    /// Commits a held file: state, first rejects, controls, answer, alert; no rows.
    async fn hold(
        &self,
        mut tx: Transaction,
        work: &Work<'_>,
        findings: &Findings<'_>,
        outcome: Outcome,
        hold: Hold,
    ) -> Result<FileReport, EngineError> {
        let now = self.clock.now();
        ledger::decide_held(&mut tx, work.file, &hold, now).await?;
        self.keep_rejects(&mut tx, work.file, findings, Keep::First)
            .await?;
        keep_controls(&mut tx, work.file, findings).await?;
        self.reply(&mut tx, work, findings, outcome).await?;
        let sentence = format!(
            "file {} `{}` is held: {}",
            work.file,
            work.name.escape_debug(),
            hold.reason
        );
        let event = NewEvent {
            level: Level::Alert,
            name: hold.code,
            partner: Some(work.job.partner.as_str()),
            file: Some(work.file),
            sentence: &sentence,
            fields: json!({ "name": work.name, "outcome": outcome.word() }),
        };
        ledger::raise(&mut tx, &event, now).await?;
        tx.commit().await?;
        crate::event::emit(&crate::event::FileHeld {
            partner: work.job.partner.as_str(),
            file_no: work.file,
            file_name: work.name,
            code: hold.code,
            reason: &hold.reason,
        });
        let mut report = self.file_report(work, findings, outcome, &hold.counts);
        report.code = Some(hold.code.to_owned());
        report.reason = Some(hold.reason);
        Ok(report)
    }

    async fn load(
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
                self.reply(&mut tx, work, findings, outcome).await?;
                self.raise_notes(&mut tx, work, findings).await?;
                tx.commit().await?;
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
        if let Some(reason) = self.refused_by(tx, work, read).await? {
            return Ok(Loaded::RefusedByRule(reason));
        }
        self.acknowledge(tx, work, read, findings).await?;
        self.keep_rejects(tx, work.file, findings, Keep::All)
            .await?;
        self.keep_duplicates(tx, work, read, &duplicates).await?;
        keep_controls(tx, work.file, findings).await?;
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

    async fn keep_rejects(
        &self,
        tx: &mut Transaction,
        file: FileNo,
        findings: &Findings<'_>,
        keep: Keep,
    ) -> Result<(), EngineError> {
        let Some(staged) = &findings.staged else {
            return Ok(());
        };
        let rejects: Vec<NewReject<'_>> = staged
            .rejects
            .iter()
            .zip(&findings.raw)
            .map(|(reject, raw)| NewReject {
                reject,
                raw,
                kind: RejectKind::Reject,
            })
            .collect();
        ledger::add_rejects(tx, file, &rejects, keep).await?;
        Ok(())
    }

    /// Keeps rows with known keys, with their raw bytes, beside the rejects.
    async fn keep_duplicates(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        read: &ReadPlan,
        duplicates: &[Reject],
    ) -> Result<(), EngineError> {
        if duplicates.is_empty() {
            return Ok(());
        }
        let raw = self
            .raw_of(work, read, duplicates)?
            .map_err(|source| EngineError::Io {
                doing: "reading duplicates from the archive",
                source,
            })?;
        let rejects: Vec<NewReject<'_>> = duplicates
            .iter()
            .zip(&raw)
            .map(|(reject, raw)| NewReject {
                reject,
                raw,
                kind: RejectKind::DuplicateKey,
            })
            .collect();
        ledger::add_rejects(tx, work.file, &rejects, Keep::First).await?;
        Ok(())
    }

    /// Opens or fills a gap in the numbers of a scope that is contiguous.
    async fn note_sequence(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        read: &ReadPlan,
        findings: &Findings<'_>,
    ) -> Result<(), EngineError> {
        let sequence = findings
            .staged
            .as_ref()
            .and_then(|staged| staged.summary.sequence.clone());
        let Some((scope, number)) = sequence else {
            return Ok(());
        };
        let (partner, interface) = (work.job.partner.as_str(), read.mapping.name.as_str());
        let now = self.clock.now();
        let noted = ledger::note_sequence(tx, partner, interface, &scope, number, now).await?;
        if let ledger::Noted::Opened(gap) = noted {
            let sentence = format!(
                "`{interface}` of `{scope}` skips from {} to {number}",
                gap.first_missing - 1
            );
            let event = NewEvent {
                level: Level::Alert,
                name: "sequence-gap",
                partner: Some(partner),
                file: Some(work.file),
                sentence: &sentence,
                fields: json!({ "first": gap.first_missing, "last": gap.last_missing }),
            };
            ledger::raise(tx, &event, now).await?;
        }
        Ok(())
    }

    /// Matches a file that acknowledges a delivery of ours.
    async fn acknowledge(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        read: &ReadPlan,
        findings: &Findings<'_>,
    ) -> Result<(), EngineError> {
        let Some(plan) = &read.acknowledges else {
            return Ok(());
        };
        let values = findings
            .staged
            .as_ref()
            .map(|staged| &staged.summary.file_values);
        let text = |name: &str| match values.and_then(|values| values.get(name)) {
            Some(Value::Int(number)) => Some(number.to_string()),
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let (Some(number), Some(result)) = (text(&plan.number), text(&plan.result)) else {
            return Ok(());
        };
        let now = self.clock.now();
        let partner = work.job.partner.as_str();
        let connection = work.plan.connection.as_str();
        let number: i64 = number.parse().unwrap_or_default();
        let (answer, state) = if plan.accepted.contains(&result) {
            (
                ledger::Acknowledgement::Accepted,
                DeliveryState::Acknowledged,
            )
        } else {
            (ledger::Acknowledgement::Refused, DeliveryState::Refused)
        };
        let delivery = ledger::find_by_number(tx, partner, connection, number).await?;
        let sentence = match &delivery {
            Some(delivery) if !delivery.state.may_become(state) => return Ok(()),
            Some(delivery) => {
                ledger::mark_acknowledged(
                    tx,
                    delivery.delivery_no,
                    answer,
                    &result,
                    Some(work.file),
                    now,
                )
                .await?;
                if answer == ledger::Acknowledgement::Accepted {
                    return Ok(());
                }
                format!(
                    "delivery {} (message {number}) was answered with {result}",
                    delivery.delivery_no
                )
            }
            None => format!(
                "file {} confirms message {number}, which was never sent",
                work.file
            ),
        };
        let event = NewEvent {
            level: Level::Alert,
            name: "acknowledgement",
            partner: Some(partner),
            file: Some(work.file),
            sentence: &sentence,
            fields: json!({ "number": number, "result": result }),
        };
        ledger::raise(tx, &event, now).await?;
        Ok(())
    }

    pub(super) fn file_report(
        &self,
        work: &Work<'_>,
        findings: &Findings<'_>,
        outcome: Outcome,
        counts: &Counts,
    ) -> FileReport {
        let mut report = FileReport::new(work.name, Some(work.file), outcome).with_counts(counts);
        report.read = findings.read.map(|read| read.title.clone());
        report.notes = findings.notes().to_vec();
        report
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

async fn keep_controls(
    tx: &mut Transaction,
    file: FileNo,
    findings: &Findings<'_>,
) -> Result<(), EngineError> {
    // What was read of a malformed file says nothing about its promises.
    let Some(staged) = findings
        .staged
        .as_ref()
        .filter(|staged| staged.malformed.is_none())
    else {
        return Ok(());
    };
    let controls: Vec<NewControl> = staged
        .summary
        .controls
        .iter()
        .map(|control| {
            let (declared, computed) = control.shown();
            NewControl {
                name: control.name.clone(),
                declared: control.declared.map(|_| declared),
                computed: control.computed.map(|_| computed),
                agrees: control.agrees(),
            }
        })
        .collect();
    Ok(ledger::add_controls(tx, file, &controls).await?)
}
