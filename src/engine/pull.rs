//! `[pull]` jobs: one listed file after another, from the partner's folder to its folder of done.
//!
//! While the decision about one file is written, the next one is landed already and staged on
//! another thread. Decisions themselves never overlap: they are written in the order of the list.

use chrono::{DateTime, NaiveDate, Utc};

use super::claims::Claimed;
use super::codes::NOT_READY;
use super::companions::Ready;
use super::entries::Around;
use super::judge::{Examining, Work};
use super::threads::blocking;
use super::{Engine, EngineError, FileReport, Progress, RunReport, RunRequest, Skipped};
use crate::id::{FileDigest, FileNo, RunNo};
use crate::job::{Job, Outcome, PullJob};
use crate::ledger::{self, Claim, Landed, Location, Registered};
use crate::step::{self, Step};
use crate::transport::{Entry, Finish, Transport};

impl Engine {
    /// Fetches and handles every file that is ready, in order; the next one is fetched and staged
    /// while the decision about one is written. One file's failure is in the report and stops no
    /// other.
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
        let around = Pulling {
            job,
            plan,
            business_date: request.business_date,
            run,
        };
        let mut current = None;
        for ready in &entries {
            let next = self.take(&around, ready, report, progress).await;
            if let Some(taken) = current.take()
                && let Err(error) = self.settle(&around, taken, report, progress).await
            {
                self.give_back(next).await;
                return Err(error);
            }
            current = next?;
        }
        match current {
            Some(taken) => self.settle(&around, taken, report, progress).await,
            None => Ok(()),
        }
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

    /// Claims a file, lands and registers it, and has it staged. `None` when nothing is left to
    /// settle; what there is to say of that is in the report.
    async fn take<'p>(
        &self,
        around: &Pulling<'p>,
        ready: &'p Ready,
        report: &mut RunReport,
        progress: &dyn Progress,
    ) -> Result<Option<Taken<'p>>, EngineError> {
        let name = ready.entry.name.as_str();
        let taken = self.claim_and_land(around, ready, report, progress).await;
        if !matches!(taken, Ok(Some(_))) {
            progress.done(name);
        }
        taken.or_else(|error| skipped_or_stopped(report, name, error).map(|()| None))
    }

    async fn claim_and_land<'p>(
        &self,
        around: &Pulling<'p>,
        ready: &'p Ready,
        report: &mut RunReport,
        progress: &dyn Progress,
    ) -> Result<Option<Taken<'p>>, EngineError> {
        let claim = match self.claim(&location(around.plan, &ready.entry)).await? {
            Claimed::Yes(claim) => claim,
            Claimed::Busy(holder) => {
                report.skipped.push(Skipped {
                    name: ready.entry.name.as_str().to_owned(),
                    code: "busy-file".to_owned(),
                    reason: format!("`{holder}` works on it"),
                    is_refused: false,
                });
                return Ok(None);
            }
        };
        step::reached(Step::FileClaimed);
        match self.land_claimed(around, ready, &claim, progress).await {
            Ok(Some((file, todo))) => Ok(Some(Taken {
                ready,
                claim,
                file,
                todo,
            })),
            done_or_failed => {
                // What failed is not ours any longer either: the next run may try it again at once.
                self.release(claim).await?;
                step::reached(Step::FileReleased);
                done_or_failed.map(|_| None)
            }
        }
    }

    async fn land_claimed(
        &self,
        around: &Pulling<'_>,
        ready: &Ready,
        claim: &Claim,
        progress: &dyn Progress,
    ) -> Result<Option<(FileNo, Todo)>, EngineError> {
        let Pulling { job, plan, run, .. } = *around;
        let entry = &ready.entry;
        let location = location(plan, entry);
        let (digest, bytes) = match self.land(plan, entry).await {
            Ok(landed) => landed,
            // Another process finished it between our listing and our claim.
            Err(EngineError::Transport(error)) if error.is_gone() => return Ok(None),
            Err(error) => return Err(error),
        };
        if plan.finish == Finish::Keep && self.is_known(&location, digest, entry).await? {
            return Ok(None);
        }
        let promise = self.promise(plan, ready).await?;
        let mut tx = self.db.begin().await?;
        let landed = Landed {
            partner: job.partner.as_str(),
            location: &location,
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
            Registered::New(file) | Registered::Resumed(file) => file,
            Registered::Unfinished(file) => return Ok(Some((file, Todo::Finish))),
        };
        let landed = LandedBytes {
            digest,
            bytes,
            landed_at,
            promise,
        };
        let work = around.work(entry, file, &landed, claim);
        let examining = match work.is_archive() {
            true => None,
            false => Some(self.begin_examining(&work, progress).await?),
        };
        Ok(Some((file, Todo::Handle { landed, examining })))
    }

    /// Brings a taken file to its decision, sends what follows from it, and gives its claim back.
    async fn settle(
        &self,
        around: &Pulling<'_>,
        taken: Taken<'_>,
        report: &mut RunReport,
        progress: &dyn Progress,
    ) -> Result<(), EngineError> {
        let Taken {
            ready,
            claim,
            file,
            todo,
        } = taken;
        let name = ready.entry.name.as_str();
        let outcome = self
            .decide_and_finish(around, ready, file, todo, &claim, report, progress)
            .await;
        let released = self.release(claim).await;
        step::reached(Step::FileReleased);
        progress.done(name);
        let outcome = released.and(outcome);
        outcome.or_else(|error| skipped_or_stopped(report, name, error))
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one file needs its whole run around it"
    )]
    async fn decide_and_finish(
        &self,
        around: &Pulling<'_>,
        ready: &Ready,
        file: FileNo,
        todo: Todo,
        claim: &Claim,
        report: &mut RunReport,
        progress: &dyn Progress,
    ) -> Result<(), EngineError> {
        let Pulling { job, plan, .. } = *around;
        let entry = &ready.entry;
        let done = match todo {
            Todo::Finish => self.finished_before(file, entry).await?,
            Todo::Handle { landed, examining } => {
                let work = around.work(entry, file, &landed, claim);
                match examining {
                    Some(examining) => self.judge(&work, examining, progress).await?,
                    None => self.unpack(&work).await?,
                }
            }
        };
        report.files.push(done);
        self.complete(job, plan, file, report).await?;
        step::reached(Step::FileCompleted);
        let around = Around {
            job,
            plan,
            archive: file,
            business_date: around.business_date,
            run: around.run,
            claim,
        };
        match self.handle_entries(&around, report, progress).await? {
            true => self.finish(plan, entry, file).await,
            // What failed is tried again by the next run, which finds the archive at its place.
            false => Ok(()),
        }
    }

    /// Frees what was taken by a run that cannot go on; its failure is told already.
    async fn give_back(&self, taken: Result<Option<Taken<'_>>, EngineError>) {
        if let Ok(Some(taken)) = taken {
            self.release(taken.claim).await.ok();
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

/// One pull of a run.
#[derive(Clone, Copy)]
struct Pulling<'p> {
    job: &'p Job,
    plan: &'p PullJob,
    business_date: NaiveDate,
    run: RunNo,
}

impl<'p> Pulling<'p> {
    fn work<'w>(
        &self,
        entry: &'w Entry,
        file: FileNo,
        landed: &'w LandedBytes,
        claim: &'w Claim,
    ) -> Work<'w>
    where
        'p: 'w,
    {
        Work {
            job: self.job,
            plan: self.plan,
            file,
            name: entry.name.as_str(),
            captures: &entry.captures,
            digest: landed.digest,
            bytes: landed.bytes,
            business_date: self.business_date,
            landed_at: landed.landed_at,
            run: Some(self.run),
            claim: Some(claim),
            copy: None,
            promise: landed.promise.as_deref(),
            entry: None,
        }
    }
}

/// One claimed file at the partner, landed and in the books.
struct Taken<'p> {
    ready: &'p Ready,
    claim: Claim,
    file: FileNo,
    todo: Todo,
}

/// What is left of a taken file.
enum Todo {
    /// It was decided before a crash.
    Finish,
    Handle {
        landed: LandedBytes,
        /// None of an archive: its entries are examined one by one.
        examining: Option<Examining>,
    },
}

/// What landed, and what its companions say of it.
struct LandedBytes {
    digest: FileDigest,
    bytes: u64,
    landed_at: DateTime<Utc>,
    promise: Option<String>,
}

/// One file's failure is in the report; the hub's own stops the run.
fn skipped_or_stopped(
    report: &mut RunReport,
    name: &str,
    error: EngineError,
) -> Result<(), EngineError> {
    if stops_the_run(&error) {
        return Err(error);
    }
    report.skipped.push(Skipped {
        name: name.to_owned(),
        code: error.code().id.to_owned(),
        reason: error.to_string(),
        is_refused: true,
    });
    Ok(())
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
