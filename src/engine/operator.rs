//! What an operator may do about a file, its rejects and a delivery: each in the audit, each
//! followed by the work it calls for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::judge::Work;
use super::{Engine, EngineError, FileReport, Progress, RunReport};
use crate::dataset;
use crate::db::OnConflict;
use crate::id::{DeliveryNo, FileNo, RecordNo};
use crate::job::{Job, PullJob};
use crate::ledger::{self, Act, FileRow, FileState, RejectFilter, RejectKey, RejectState};
use crate::step::{self, Step};

/// What a retry of rejects came to.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Retried {
    /// The file as it is now, when it was held and handled as a whole.
    pub file: Option<FileReport>,
    /// Records that are loaded now.
    pub repaired: u64,
    /// Records that are still refused.
    pub still_rejected: u64,
}

impl Engine {
    /// Lets a held altered re-send take the place of the file it alters, and loads it.
    pub async fn supersede(
        &self,
        file: FileNo,
        act: &Act<'_>,
        progress: &dyn Progress,
    ) -> Result<RunReport, EngineError> {
        let mut tx = self.db.begin().await?;
        ledger::supersede_file(&mut tx, file, act, self.clock.now()).await?;
        tx.commit().await?;
        step::reached(Step::OperatorDecided);
        self.handle_now(file, progress).await
    }

    /// A held file is not to be loaded, for good.
    pub async fn refuse(&self, file: FileNo, act: &Act<'_>) -> Result<(), EngineError> {
        let mut tx = self.db.begin().await?;
        ledger::refuse_file(&mut tx, file, act, self.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Tries the rejects of a file again after its mapping was mended: a held file as a whole, a
    /// loaded one record by record.
    pub async fn retry_rejects(
        &self,
        file: FileNo,
        act: &Act<'_>,
        progress: &dyn Progress,
    ) -> Result<(Retried, RunReport), EngineError> {
        let row = ledger::show_file(&self.db, file).await?;
        match row.state {
            FileState::Held => {
                let mut tx = self.db.begin().await?;
                ledger::reopen_file(&mut tx, file, act, self.clock.now()).await?;
                tx.commit().await?;
                step::reached(Step::OperatorDecided);
                let report = self.handle_now(file, progress).await?;
                let retried = Retried {
                    file: report.files.first().cloned(),
                    ..Retried::default()
                };
                Ok((retried, report))
            }
            FileState::Loaded => {
                let report = self.report_of("rejects retry");
                Ok((self.retry_records(&row, act, progress).await?, report))
            }
            _ => Err(EngineError::NotNow(format!(
                "file {file} is {}: only the rejects of a held or loaded file can be tried again",
                row.state
            ))),
        }
    }

    /// Sends a delivery again.
    pub async fn resend(
        &self,
        delivery: DeliveryNo,
        act: &Act<'_>,
    ) -> Result<RunReport, EngineError> {
        let mut tx = self.db.begin().await?;
        ledger::resend_delivery(&mut tx, delivery, act, self.clock.now()).await?;
        tx.commit().await?;
        step::reached(Step::OperatorDecided);
        let mut report = self.report_of("deliveries resend");
        self.deliver_pending(&mut report).await?;
        Ok(report)
    }

    pub(super) fn report_of(&self, what: &str) -> RunReport {
        RunReport::of(what, self.clock.today())
    }

    /// Handles a file that is landed again, and what follows from its decision.
    async fn handle_now(
        &self,
        file: FileNo,
        progress: &dyn Progress,
    ) -> Result<RunReport, EngineError> {
        let row = ledger::show_file(&self.db, file).await?;
        let mut report = self.report_of("files");
        let mut notes = Vec::new();
        let mut rows = VecDeque::from([row]);
        while let Some(row) = rows.pop_front() {
            if let Some(done) = self.handle_again(&row, &mut notes, progress).await? {
                report.files.push(done);
            }
            if let Some((job, plan)) = self.reader_of(&row) {
                self.complete(job, plan, row.file_no, &mut report).await?;
            }
            // What was an archive has entries now.
            rows.extend(ledger::landed_entries(&self.db, row.file_no).await?);
        }
        report.notes.extend(notes);
        Ok(report)
    }

    /// Stages a loaded file again and loads those of its records that were refused and are not
    /// now.
    async fn retry_records(
        &self,
        row: &FileRow,
        act: &Act<'_>,
        progress: &dyn Progress,
    ) -> Result<Retried, EngineError> {
        let Some((job, plan)) = self.reader_of(row) else {
            return Err(EngineError::JobGone {
                file: row.file_no.0,
                location: row.location().to_string(),
            });
        };
        let filter = RejectFilter {
            file: Some(row.file_no),
            state: Some(RejectState::Open),
            limit: 1_000_000,
            ..RejectFilter::default()
        };
        let open = ledger::list_rejects(&self.db, &filter).await?;
        let wanted: BTreeSet<RecordNo> = open
            .iter()
            .filter(|reject| reject.kind == ledger::RejectKind::Reject)
            .map(|reject| RecordNo(reject.record_no.cast_unsigned()))
            .collect();
        let captures = plan
            .captures(row.source_name(), row.entry.as_deref())
            .unwrap_or_default();
        let work = self.work_of(job, plan, row, &captures);
        let mut findings = self.examine(&work, progress).await?;
        let (Some(read), Some(staged)) = (findings.read, findings.staged.as_mut()) else {
            return Err(EngineError::NotNow(format!(
                "no read of `{}` fits the file now",
                job.name
            )));
        };
        let mut loaded = BTreeSet::new();
        let mut tx = self.db.begin().await?;
        for (record, sorted) in read.mapping.records.iter().zip(&mut staged.rows) {
            let (Some(dataset), Some(sorted)) = (&record.dataset, sorted) else {
                continue;
            };
            let mut rows = super::loading::ChosenRows::new(sorted, &wanted);
            dataset::load(&mut tx, dataset, OnConflict::Reject, &mut rows, row.file_no).await?;
            loaded.extend(rows.chosen);
        }
        let now = self.clock.now();
        let mut repaired = 0;
        for reject in &open {
            if loaded.contains(&RecordNo(reject.record_no.cast_unsigned())) {
                let key = RejectKey {
                    file: reject.file_no,
                    record_no: reject.record_no,
                    ordinal: reject.ordinal,
                };
                ledger::mark_repaired(&mut tx, &key, row.file_no, now).await?;
                repaired += 1;
            }
        }
        let audit = ledger::NewAudit {
            who: act.who,
            act: "rejects.retry",
            object: &format!("file {}", row.file_no),
            reason: Some(act.reason),
            detail: serde_json::json!({ "repaired": repaired }),
        };
        ledger::record_audit(&mut tx, &audit, now).await?;
        tx.commit().await?;
        let still_rejected = wanted.len() as u64 - loaded.len() as u64;
        Ok(Retried {
            file: None,
            repaired,
            still_rejected,
        })
    }

    /// A landed file as its row has it, without a claim.
    pub(super) fn work_of<'w>(
        &self,
        job: &'w Job,
        plan: &'w PullJob,
        row: &'w FileRow,
        captures: &'w BTreeMap<String, String>,
    ) -> Work<'w> {
        Work {
            job,
            plan,
            file: row.file_no,
            name: &row.name,
            captures,
            digest: row.landed_digest,
            bytes: row.landed_bytes.cast_unsigned(),
            business_date: row.business_date.unwrap_or_else(|| self.clock.today()),
            landed_at: row.received_at,
            run: None,
            claim: None,
            copy: None,
            promise: row.promise.as_deref(),
            entry: row.entry.as_deref(),
        }
    }
}
