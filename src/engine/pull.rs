//! `[pull]` jobs: one listed file after another, from the partner's folder to its folder of done.

use super::claims::Claimed;
use super::codes::NOT_READY;
use super::companions::Ready;
use super::entries::Around;
use super::judge::Work;
use super::{Engine, EngineError, FileReport, Progress, RunReport, RunRequest, Skipped};
use crate::id::{FileDigest, FileNo, RunNo};
use crate::job::{Job, Outcome, PullJob};
use crate::ledger::{self, Claim, Landed, Location, Registered};
use crate::step::{self, Step};
use crate::transport::{Entry, Finish, Transport};

impl Engine {
    /// Fetches and handles every file that is ready. One file's failure is in the report and
    /// stops no other.
    pub(super) async fn pull(
        &self,
        job: &Job,
        plan: &PullJob,
        request: &RunRequest,
        run: RunNo,
        report: &mut RunReport,
        progress: &dyn Progress,
    ) -> Result<(), EngineError> {
        let entries = self.ready(plan, report)?;
        progress.files(entries.len());
        for entry in entries {
            let shown = entry.entry.name.as_str().to_owned();
            match self
                .fetch(job, plan, request, run, &entry, report, progress)
                .await
            {
                Ok(()) => {}
                Err(error) if stops_the_run(&error) => return Err(error),
                Err(error) => report.skipped.push(Skipped {
                    name: shown.clone(),
                    code: error.code().id.to_owned(),
                    reason: error.to_string(),
                    is_refused: true,
                }),
            }
            progress.done(&shown);
        }
        Ok(())
    }

    /// The files that are ready, and in the report those that are not taken.
    pub(super) fn ready(
        &self,
        plan: &PullJob,
        report: &mut RunReport,
    ) -> Result<Vec<Ready>, EngineError> {
        let transport = self.transport(&plan.connection)?;
        let listing = match transport.list(&plan.folder, &plan.pattern) {
            Ok(listing) => listing,
            Err(error) if error.is_missing_folder() => {
                let note = format!(
                    "the folder `{}` is not there yet: nothing to fetch",
                    plan.folder
                );
                report.notes.push(note);
                return Ok(Vec::new());
            }
            Err(error) => return Err(error.into()),
        };
        for refused in listing.refused {
            let code = refused.reason.code();
            report.skipped.push(Skipped {
                name: refused.shown,
                code: code.id.to_owned(),
                reason: code.title.to_owned(),
                is_refused: true,
            });
        }
        let now = self.clock.now();
        let (ready, waiting): (Vec<Entry>, Vec<Entry>) = listing
            .files
            .into_iter()
            .partition(|entry| entry.is_stable(entry, now, plan.stable_secs));
        for entry in waiting {
            report.skipped.push(Skipped {
                name: entry.name.as_str().to_owned(),
                code: NOT_READY.id.to_owned(),
                reason: format!(
                    "still changing: it must rest for {} seconds",
                    plan.stable_secs
                ),
                is_refused: false,
            });
        }
        self.join_companions(plan, ready, report)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one file needs its whole run around it"
    )]
    async fn fetch(
        &self,
        job: &Job,
        plan: &PullJob,
        request: &RunRequest,
        run: RunNo,
        ready: &Ready,
        report: &mut RunReport,
        progress: &dyn Progress,
    ) -> Result<(), EngineError> {
        let entry = &ready.entry;
        let location = location(plan, entry);
        let claim = match self.claim(&location).await? {
            Claimed::Yes(claim) => claim,
            Claimed::Busy(holder) => {
                report.skipped.push(Skipped {
                    name: entry.name.as_str().to_owned(),
                    code: "busy-file".to_owned(),
                    reason: format!("`{holder}` works on it"),
                    is_refused: false,
                });
                return Ok(());
            }
        };
        step::reached(Step::FileClaimed);
        let source = Source {
            job,
            plan,
            ready,
            location: &location,
            claim: &claim,
        };
        let outcome = self
            .fetch_claimed(&source, request, run, report, progress)
            .await;
        // What failed is not ours any longer either: the next run may try it again at once.
        self.release(claim).await?;
        step::reached(Step::FileReleased);
        outcome
    }

    async fn fetch_claimed(
        &self,
        source: &Source<'_>,
        request: &RunRequest,
        run: RunNo,
        report: &mut RunReport,
        progress: &dyn Progress,
    ) -> Result<(), EngineError> {
        let Source {
            job,
            plan,
            ready,
            location,
            claim,
        } = *source;
        let entry = &ready.entry;
        let (digest, bytes) = match self.land(plan, entry).await {
            Ok(landed) => landed,
            // Another process finished it between our listing and our claim.
            Err(EngineError::Transport(error)) if error.is_gone() => return Ok(()),
            Err(error) => return Err(error),
        };
        if plan.finish == Finish::Keep && self.is_known(location, digest, entry).await? {
            return Ok(());
        }
        let promise = self.promise(plan, ready).await?;
        let mut tx = self.db.begin().await?;
        let landed = Landed {
            partner: job.partner.as_str(),
            location,
            digest,
            bytes: bytes.cast_signed(),
            modified_at: Some(entry.modified()),
            run: Some(run),
        };
        let landed_at = self.clock.now();
        let registered = ledger::register_landed(&mut tx, &landed, landed_at).await?;
        if let (Some(promise), Registered::New(file) | Registered::Resumed(file)) =
            (&promise, registered)
        {
            ledger::note_promise(&mut tx, file, promise).await?;
        }
        step::reached(Step::FileRegistering);
        tx.commit().await?;
        step::reached(Step::FileRegistered);
        let file = match registered {
            Registered::New(file) | Registered::Resumed(file) => {
                let work = Work {
                    job,
                    plan,
                    file,
                    name: entry.name.as_str(),
                    captures: &entry.captures,
                    digest,
                    bytes,
                    business_date: request.business_date,
                    landed_at,
                    run: Some(run),
                    claim: Some(claim),
                    copy: None,
                    promise: promise.as_deref(),
                    entry: None,
                };
                let done = self.handle(&work, progress).await?;
                report.files.push(done);
                file
            }
            Registered::Unfinished(file) => {
                report.files.push(self.finished_before(file, entry).await?);
                file
            }
        };
        self.complete(job, plan, file, report).await?;
        step::reached(Step::FileCompleted);
        let around = Around {
            job,
            plan,
            archive: file,
            business_date: request.business_date,
            run,
            claim,
        };
        match self.handle_entries(&around, report, progress).await? {
            true => self.finish(plan, entry, file).await,
            // What failed is tried again by the next run, which finds the archive at its place.
            false => Ok(()),
        }
    }

    /// Puts the bytes into the archive.
    async fn land(&self, plan: &PullJob, entry: &Entry) -> Result<(FileDigest, u64), EngineError> {
        let transport = self.transport(&plan.connection)?.clone();
        let archive = self.archive.clone();
        let max_bytes = self.configuration.settings.limits.content_bytes;
        let entry = entry.clone();
        blocking("landing a file", move || {
            let mut file = transport.open_read(&entry)?;
            let landed = archive.land(&mut file, entry.name.as_str().as_ref(), max_bytes)?;
            Ok((landed.digest, landed.bytes))
        })
        .await
    }

    async fn is_known(
        &self,
        location: &Location,
        digest: FileDigest,
        entry: &Entry,
    ) -> Result<bool, EngineError> {
        let found = ledger::find_at(&self.db, location).await?;
        Ok(found.is_some_and(|row| {
            row.landed_digest == digest
                && row.finish_state == ledger::FinishState::Done
                && row.may_be_written_at(entry.modified())
        }))
    }

    /// What a file is that was decided before a crash and only has to be finished.
    async fn finished_before(
        &self,
        file: FileNo,
        entry: &Entry,
    ) -> Result<FileReport, EngineError> {
        let row = ledger::show_file(&self.db, file).await?;
        let outcome = match row.state {
            ledger::FileState::Opened => {
                return Ok(FileReport::opened(entry.name.as_str(), file));
            }
            ledger::FileState::Loaded => Outcome::Loaded,
            ledger::FileState::Duplicate => Outcome::Duplicate,
            _ => Outcome::Refused,
        };
        let mut report = FileReport::new(entry.name.as_str(), Some(file), outcome);
        report.code = row.code;
        report.reason = row.reason;
        Ok(report)
    }

    /// Ends the duty for a partner's file; only after its decision has committed.
    pub(super) async fn finish(
        &self,
        plan: &PullJob,
        entry: &Entry,
        file: FileNo,
    ) -> Result<(), EngineError> {
        let transport: Transport = self.transport(&plan.connection)?.clone();
        self.finish_companions(plan, &transport, entry.name.as_str())?;
        let (entry, finish) = (entry.clone(), plan.finish.clone());
        blocking("finishing a file", move || {
            Ok(transport.finish(&entry, &finish)?)
        })
        .await?;
        step::reached(Step::FileMoved);
        ledger::mark_finished(&self.db, file).await?;
        step::reached(Step::FileFinished);
        Ok(())
    }
}

/// One claimed file at the partner.
#[derive(Clone, Copy)]
struct Source<'s> {
    job: &'s Job,
    plan: &'s PullJob,
    ready: &'s Ready,
    location: &'s Location,
    claim: &'s Claim,
}

/// Where an entry is, as the books name it.
pub(super) fn location(plan: &PullJob, entry: &Entry) -> Location {
    Location::new(
        plan.connection.as_str(),
        entry.folder.to_string(),
        entry.name.as_str(),
    )
}

/// Whether a failure is about the hub itself rather than about one file.
pub(super) fn stops_the_run(error: &EngineError) -> bool {
    match error {
        EngineError::Transport(error) => !error.is_about_one_file(),
        EngineError::Db(_) | EngineError::Ledger(_) | EngineError::Staging(_) => true,
        _ => false,
    }
}

/// Runs blocking work on a thread that may block.
pub(super) async fn blocking<T: Send + 'static>(
    doing: &'static str,
    work: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
) -> Result<T, EngineError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_panicked| EngineError::WorkerLost { doing })?
}
