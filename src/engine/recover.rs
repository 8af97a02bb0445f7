//! Completing what a crash left behind: without asking, and safe to do at any time.

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Serialize;

use super::judge::Work;
use super::{Engine, EngineError, FileReport, Progress, node};
use crate::job::{Job, JobKind, PullJob, SendPlan};
use crate::ledger::{self, FileRow, FileState, FinishState};
use crate::step::{self, Step};

/// Things looked at in one go.
const PAGE: u32 = 10_000;

/// How old a temporary file must be to be an interrupted one's.
const LEFTOVER_MINUTES: i64 = 60;

/// What was recovered.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Recovered {
    /// Processes that were gone, whose claims and runs are free now.
    pub nodes: Vec<String>,
    /// Files that were landed and are decided now.
    pub files: Vec<FileReport>,
    /// Accepted files that are answered now.
    pub answered: usize,
    /// Files that are finished at the partner now.
    pub finished: usize,
    /// Deliveries that are sent now, or still cannot be.
    pub deliveries: Vec<super::DeliveryReport>,
    /// Temporary files removed.
    pub temporary_files: usize,
    /// What needs a person.
    pub notes: Vec<String>,
}

impl Recovered {
    /// Whether there was nothing to do.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
            && self.files.is_empty()
            && self.answered == 0
            && self.finished == 0
            && self.deliveries.is_empty()
            && self.notes.is_empty()
    }
}

impl Engine {
    /// Completes everything that no living process works on.
    pub async fn recover(&self, progress: &dyn Progress) -> Result<Recovered, EngineError> {
        step::reached(Step::RecoveryBegun);
        let mut recovered = Recovered {
            nodes: self.bury_the_dead().await?,
            ..Recovered::default()
        };
        let mut tx = self.db.begin().await?;
        ledger::interrupt_runs(&mut tx, self.clock.now()).await?;
        ledger::release_expired(&mut tx, self.clock.now()).await?;
        tx.commit().await?;
        step::reached(Step::RecoveryFreed);
        let leftovers = ledger::leftovers(&self.db, self.clock.now(), PAGE).await?;
        let mut report = self.report_of("recover");
        let mut landed = VecDeque::from(leftovers.landed);
        while let Some(row) = landed.pop_front() {
            let handled = self.handle_again(&row, &mut recovered.notes, progress);
            if let Some(done) = handled.await? {
                recovered.files.push(done);
                step::reached(Step::RecoveryHandled);
                // What was an archive has entries now.
                landed.extend(ledger::landed_entries(&self.db, row.file_no).await?);
            }
        }
        let leftovers = ledger::leftovers(&self.db, self.clock.now(), PAGE).await?;
        for row in &leftovers.unanswered {
            if let Some((job, plan)) = self.reader_of(row) {
                self.complete(job, plan, row.file_no, &mut report).await?;
                recovered.answered += 1;
                step::reached(Step::RecoveryAnswered);
            }
        }
        for row in &leftovers.unfinished {
            if self.finish_again(row).await? {
                recovered.finished += 1;
                step::reached(Step::RecoveryFinished);
            }
        }
        self.deliver_pending(&mut report).await?;
        step::reached(Step::RecoveryDelivered);
        recovered.deliveries = report.deliveries;
        recovered.temporary_files = self.clean_leftovers()? + self.clean_outbox().await?;
        step::reached(Step::RecoveryCleaned);
        Ok(recovered)
    }

    /// Frees what processes of this host that are gone still hold.
    async fn bury_the_dead(&self) -> Result<Vec<String>, EngineError> {
        let mut buried = Vec::new();
        for node in ledger::known_nodes(&self.db).await? {
            if node != self.node && node::is_gone(&node) {
                let mut tx = self.db.begin().await?;
                ledger::bury(&mut tx, &node, self.clock.now()).await?;
                tx.commit().await?;
                step::reached(Step::RecoveryBuried);
                buried.push(node);
            }
        }
        Ok(buried)
    }

    /// The job that reads files of a connection and folder whose name fits.
    pub(super) fn reader_of(&self, row: &FileRow) -> Option<(&Job, &PullJob)> {
        self.configuration
            .jobs
            .values()
            .find_map(|job| match &job.kind {
                JobKind::Pull(plan)
                    if plan.connection.as_str() == row.connection
                        && plan.folder.to_string() == row.path
                        && plan
                            .captures(row.source_name(), row.entry.as_deref())
                            .is_some() =>
                {
                    Some((job, plan.as_ref()))
                }
                _ => None,
            })
    }

    /// Handles a landed file from the archive, under its claim.
    pub(super) async fn handle_again(
        &self,
        row: &FileRow,
        notes: &mut Vec<String>,
        progress: &dyn Progress,
    ) -> Result<Option<FileReport>, EngineError> {
        let Some((job, plan)) = self.reader_of(row) else {
            notes.push(
                EngineError::JobGone {
                    file: row.file_no.0,
                    location: row.location().to_string(),
                }
                .to_string(),
            );
            return Ok(None);
        };
        let claim = match self.claim(&row.source()).await? {
            super::claims::Claimed::Yes(claim) => claim,
            super::claims::Claimed::Busy(_) => return Ok(None),
        };
        // It may have been decided between our look and our claim.
        let row = ledger::show_file(&self.db, row.file_no).await?;
        let mut done = None;
        if row.state == FileState::Landed {
            let captures = plan
                .captures(row.source_name(), row.entry.as_deref())
                .unwrap_or_default();
            let work = Work {
                claim: Some(&claim),
                ..self.work_of(job, plan, &row, &captures)
            };
            done = Some(self.handle(&work, progress).await?);
        }
        self.release(claim).await?;
        Ok(done)
    }

    /// Ends the duty for a decided file whose source may still lie at the partner, under its claim.
    async fn finish_again(&self, row: &FileRow) -> Result<bool, EngineError> {
        let Some((_, plan)) = self.reader_of(row) else {
            return Ok(false);
        };
        let claim = match self.claim(&row.location()).await? {
            super::claims::Claimed::Yes(claim) => claim,
            super::claims::Claimed::Busy(_) => return Ok(false),
        };
        // It may have been finished between our look and our claim.
        let row = ledger::show_file(&self.db, row.file_no).await?;
        let is_pending = row.finish_state == FinishState::Pending
            && ledger::landed_entries(&self.db, row.file_no)
                .await?
                .is_empty();
        if is_pending {
            self.finish_source(plan, &row).await?;
        }
        self.release(claim).await?;
        Ok(is_pending)
    }

    async fn finish_source(&self, plan: &PullJob, row: &FileRow) -> Result<(), EngineError> {
        let transport = self.transport(&plan.connection)?;
        let listing = match transport.list(&plan.folder, &plan.pattern) {
            Ok(listing) => listing,
            Err(error) if error.is_missing_folder() => crate::transport::Listing::default(),
            Err(error) => return Err(error.into()),
        };
        let entry = listing
            .files
            .into_iter()
            .find(|entry| entry.name.as_str() == row.name);
        match entry {
            // Only the very file that was decided may be taken away from the partner: the same
            // bytes, written at the same moment. What was sent again waits for the next run.
            Some(entry) if self.is_same(plan, &entry, row).await? => {
                self.finish(plan, &entry, row.file_no).await?;
            }
            _ => ledger::mark_finished(&self.db, row.file_no).await?,
        }
        Ok(())
    }

    async fn is_same(
        &self,
        plan: &PullJob,
        entry: &crate::transport::Entry,
        row: &FileRow,
    ) -> Result<bool, EngineError> {
        let is_like_it = entry.bytes() == row.landed_bytes.cast_unsigned()
            && row.may_be_written_at(entry.modified());
        if !is_like_it {
            return Ok(false);
        }
        let transport = self.transport(&plan.connection)?.clone();
        let (entry, wanted) = (entry.clone(), row.landed_digest);
        super::threads::blocking("comparing a file with the archive", move || {
            let file = match transport.open_read(&entry) {
                // The partner took it back since the listing.
                Err(error) if error.is_gone() => return Ok(false),
                opened => opened?,
            };
            let mut hashed = crate::digest::DigestRead::new(file);
            std::io::copy(&mut hashed, &mut std::io::sink()).map_err(|source| EngineError::Io {
                doing: "reading a partner's file",
                source,
            })?;
            Ok(hashed.finish().1 == wanted)
        })
        .await
    }

    fn clean_leftovers(&self) -> Result<usize, EngineError> {
        let before = self.clock.now() - chrono::Duration::minutes(LEFTOVER_MINUTES);
        let mut removed = self.archive.clean_leftovers(before)?;
        for send in self.sends() {
            let transport = self.transport(&send.connection)?;
            match transport.clean_leftovers(&send.folder, before) {
                Ok(count) => removed += count,
                Err(error) if error.is_missing_folder() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(removed)
    }

    /// Removes from the outbox what nobody will send: temporary files, and files of deliveries
    /// that were sent by a process that did not live to clear them away. Rendering makes any of
    /// them again.
    async fn clean_outbox(&self) -> Result<usize, EngineError> {
        let before = self.clock.now() - chrono::Duration::minutes(LEFTOVER_MINUTES);
        let waiting: BTreeSet<PathBuf> = ledger::pending_deliveries(&self.db, PAGE)
            .await?
            .iter()
            .map(|row| self.outbox_path(row))
            .collect();
        let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
        for send in self.sends() {
            let outbox = &self.configuration.settings.paths.outbox;
            folders.insert(
                outbox
                    .join(send.connection.as_str())
                    .join(send.folder.to_string()),
            );
        }
        let mut removed = 0;
        for folder in folders {
            removed += remove_idle(&folder, &waiting, before.into()).map_err(|source| {
                EngineError::Io {
                    doing: "clearing the outbox",
                    source,
                }
            })?;
        }
        Ok(removed)
    }

    fn sends(&self) -> impl Iterator<Item = &SendPlan> {
        let jobs = self.configuration.jobs.values();
        jobs.flat_map(|job| -> Vec<&SendPlan> {
            match &job.kind {
                JobKind::Pull(plan) => plan.sends.values().collect(),
                JobKind::Push(plan) => vec![&plan.send],
                _ => Vec::new(),
            }
        })
    }
}

/// Removes the files of a folder that are older than `before` and do not wait; says how many.
fn remove_idle(
    folder: &Path,
    waiting: &BTreeSet<PathBuf>,
    before: SystemTime,
) -> io::Result<usize> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut removed = 0;
    for entry in entries {
        let path = entry?.path();
        match remove_if_idle(&path, waiting, before) {
            Ok(is_removed) => removed += usize::from(is_removed),
            // Another process clears the same folder.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(removed)
}

fn remove_if_idle(
    path: &Path,
    waiting: &BTreeSet<PathBuf>,
    before: SystemTime,
) -> io::Result<bool> {
    let metadata = std::fs::symlink_metadata(path)?;
    if !metadata.is_file() || metadata.modified()? >= before || waiting.contains(path) {
        return Ok(false);
    }
    std::fs::remove_file(path)?;
    Ok(true)
}
