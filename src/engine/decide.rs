//! What a landed file comes to: loaded, held, or a duplicate; its decision in one transaction.
//!
//! Responsible for the order of the questions (identity first, then faults, then the load) and for
//! the ends without rows. The end with rows is `load.rs`. The one invariant: whatever the end, the
//! state, what is kept of the file and the row of its answer commit together.

use serde_json::json;

use super::judge::{Findings, Work};
use super::{Engine, EngineError, FileReport, Progress};
use crate::db::Transaction;
use crate::job::Outcome;
use crate::ledger::{self, Counts, FileRow, Hold, Judgement, Keep, Level, NewEvent};
use crate::step::{self, Step};

impl Engine {
    /// Writes the decision about a file.
    pub(super) async fn decide(
        &self,
        work: &Work<'_>,
        findings: &mut Findings<'_>,
        progress: &dyn Progress,
    ) -> Result<FileReport, EngineError> {
        let mut tx = self.begin(work, findings).await?;
        step::reached(Step::FileDescribed);
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

    pub(super) async fn begin(
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
        step::reached(Step::FileRepeating);
        tx.commit().await?;
        step::reached(Step::FileRepeated);
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

    pub(super) async fn hold_for_fault(
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
    pub(super) async fn hold(
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
        self.keep_controls(&mut tx, work.file, findings).await?;
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
        step::reached(Step::FileHolding);
        tx.commit().await?;
        step::reached(Step::FileHeld);
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

    pub(super) fn file_report(
        &self,
        work: &Work<'_>,
        findings: &Findings<'_>,
        outcome: Outcome,
        counts: &Counts,
    ) -> FileReport {
        let mut report = FileReport::new(work.name, Some(work.file), outcome).with_counts(counts);
        report.notes = findings.notes().to_vec();
        report.read = findings.read.map(|read| read.title.clone());
        report
    }
}
