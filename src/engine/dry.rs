//! Dry runs: what a run would do, with nothing written outside an unnamed copy.

use std::fs::File;
use std::io;
use std::path::Path;

use chrono::NaiveDate;

use super::judge::{Findings, Work};
use super::{Engine, EngineError, FileReport, Mode, Progress, RunReport, RunRequest};
use crate::dataset::{self, Scope};
use crate::digest::DigestRead;
use crate::id::{FileDigest, FileNo};
use crate::job::{Job, JobKind, Outcome, PullJob, PushJob, values_of_day};
use crate::ledger;

impl Engine {
    /// Examines and judges what a run would handle.
    pub(super) async fn dry_run(
        &self,
        job: &Job,
        request: &RunRequest,
        progress: &dyn Progress,
    ) -> Result<RunReport, EngineError> {
        debug_assert_eq!(request.mode, Mode::DryRun);
        let mut report = RunReport::new(job, request, None);
        let day = request.business_date;
        match &job.kind {
            JobKind::Pull(plan) => self.dry_pull(job, plan, day, &mut report, progress).await?,
            JobKind::Push(plan) => self.dry_push(job, plan, request, &mut report).await?,
            JobKind::Reconcile(_) | JobKind::Match(_) => report.notes.push(format!(
                "would match both sides of {day} and write a new version of `{}`",
                job.name
            )),
            JobKind::Life(_) => report.notes.push(format!(
                "would judge all lives up to {day} and write a new version of `{}`",
                job.name
            )),
            JobKind::Report(plan) => report.notes.push(format!(
                "would write a new version of `{}` for {day} from `{}`",
                job.name, plan.reconcile
            )),
        }
        Ok(report)
    }

    async fn dry_pull(
        &self,
        job: &Job,
        plan: &PullJob,
        business_date: NaiveDate,
        report: &mut RunReport,
        progress: &dyn Progress,
    ) -> Result<(), EngineError> {
        let entries = self.ready(plan, report)?;
        progress.files(entries.len());
        for ready in entries {
            let promise = self.promise(plan, &ready).await?;
            let entry = ready.entry;
            let file = self.transport(&plan.connection)?.open_read(&entry)?;
            let directory = &self.configuration.settings.paths.staging;
            let copy =
                tempfile::NamedTempFile::new_in(directory).map_err(|source| EngineError::Io {
                    doing: "making a copy",
                    source,
                })?;
            let (digest, bytes) =
                copy_hashed(file, copy.path()).map_err(|source| EngineError::Io {
                    doing: "making a copy",
                    source,
                })?;
            let work = Work {
                job,
                plan,
                file: FileNo(0),
                name: entry.name.as_str(),
                captures: &entry.captures,
                digest,
                bytes,
                business_date,
                landed_at: self.clock.now(),
                run: None,
                claim: None,
                copy: Some(copy.path()),
                promise: promise.as_deref(),
                entry: None,
            };
            if work.is_archive() {
                self.foresee_entries(&work, report, progress).await?;
            } else {
                let findings = self.examine(&work, progress).await?;
                report.files.push(self.foresee(&work, &findings).await?);
            }
            progress.done(work.name);
        }
        Ok(())
    }

    /// What would become of an archive and of each of its entries.
    async fn foresee_entries(
        &self,
        archive: &Work<'_>,
        report: &mut RunReport,
        progress: &dyn Progress,
    ) -> Result<(), EngineError> {
        let found = match self.broken(archive).await? {
            Some(broken) => Err(broken),
            None => self.entries(archive).await?,
        };
        let mut around = FileReport::opened(archive.name, archive.file);
        around.file_no = None;
        let holds = match found {
            Ok(holds) => holds,
            Err(fault) => {
                around = FileReport::new(archive.name, None, fault.outcome);
                around.code = Some(fault.code.id.to_owned());
                around.reason = Some(fault.reason);
                report.files.push(around);
                return Ok(());
            }
        };
        around.notes = holds.note().into_iter().collect();
        report.files.push(around);
        for entry in &holds.wanted {
            let name = ledger::entry_path(archive.name, entry);
            let captures = archive.plan.captures(archive.name, Some(entry));
            let work = Work {
                name: &name,
                captures: &captures.unwrap_or_default(),
                promise: None,
                entry: Some(entry),
                ..*archive
            };
            let findings = self.examine(&work, progress).await?;
            report.files.push(self.foresee(&work, &findings).await?);
        }
        Ok(())
    }

    /// What the store would decide about a file.
    async fn foresee(
        &self,
        work: &Work<'_>,
        findings: &Findings<'_>,
    ) -> Result<FileReport, EngineError> {
        let description = self.description(work, findings);
        let mut accepted = None;
        if let (Some(interface), Some(identity)) = (&description.interface, &description.identity) {
            let mut tx = self.db.begin().await?;
            let partner = work.job.partner.as_str();
            accepted = ledger::find_accepted(&mut tx, partner, interface, identity).await?;
            tx.rollback().await?;
        }
        let (outcome, reason) = match (&accepted, &findings.fault) {
            (Some(row), _) if row.content_digest == description.content_digest => (
                Outcome::Duplicate,
                Some(format!("the same as file {}", row.file_no)),
            ),
            (Some(row), _) => (
                Outcome::Altered,
                Some(format!("file {} has other content", row.file_no)),
            ),
            (None, Some(fault)) => (fault.outcome, Some(fault.reason.clone())),
            (None, None) => (Outcome::Loaded, None),
        };
        let mut report = self.file_report(work, findings, outcome, &findings.counts());
        report.file_no = None;
        if outcome.is_loaded() {
            report.loaded = report.decoded - report.rejected;
        }
        report.code = findings
            .fault
            .as_ref()
            .map(|fault| fault.code.id.to_owned());
        report.reason = reason;
        Ok(report)
    }

    async fn dry_push(
        &self,
        job: &Job,
        plan: &PushJob,
        request: &RunRequest,
        report: &mut RunReport,
    ) -> Result<(), EngineError> {
        let Some(first) = plan.compose.first() else {
            return Ok(());
        };
        let mut tx = self.db.begin().await?;
        let context = dataset::ComposeContext {
            split: plan.split,
            ..self.compose_context(0, values_of_day(request.business_date))
        };
        let rows = dataset::compose(&mut tx, first, Scope::All, &context, &self.given).await?;
        tx.rollback().await?;
        report.notes.push(match rows {
            0 => format!("`{}`: nothing to send", job.name),
            rows if plan.messages(rows) == 1 => {
                format!("`{}`: would send one message for {rows} rows", job.name)
            }
            rows => format!(
                "`{}`: would send {} messages for {rows} rows",
                job.name,
                plan.messages(rows)
            ),
        });
        Ok(())
    }
}

/// Copies a file into an existing empty one and hashes it on the way.
fn copy_hashed(from: File, to: &Path) -> io::Result<(FileDigest, u64)> {
    let mut hashed = DigestRead::new(from);
    let mut out = File::options().write(true).open(to)?;
    io::copy(&mut hashed, &mut out)?;
    let (_, digest, bytes) = hashed.finish();
    Ok((digest, bytes))
}
