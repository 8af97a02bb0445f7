//! Runs one job: list, claim, land, open, stage, load, decide, reply, answer, deliver, finish.
//!
//! Responsible for joining transports with formats and both with the store, and for the order of
//! durable steps: bytes in the archive before anything is believed; rows, rejects, controls, file
//! state and the answer in one transaction; the partner's file finished only after that commit.
//! Not for schedules or screens: `cli` and `schedule` call it. The one invariant: a crash between
//! any two steps leaves what [`Engine::recover`] completes without asking anybody.

mod acknowledge;
mod answer;
mod claims;
mod codes;
mod companions;
mod content;
mod deadline;
mod decide;
mod deliver;
mod dry;
mod entries;
mod error;
mod judge;
mod keep;
mod lives;
mod load;
mod loading;
mod naming;
mod node;
mod operator;
mod outcome;
mod progress;
mod pull;
mod push;
mod raw;
mod read_ahead;
mod reconciling;
mod recover;
mod render;
mod reply;
mod resend;
mod sorter;
mod staging;
mod threads;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

pub use codes::CODES;
pub use content::read_taking;
pub use error::EngineError;
pub use operator::Retried;
pub use outcome::{DeliveryReport, FileReport, OPENED, OPENED_TITLE, RunReport, Skipped};
pub use progress::{Progress, Silent};
pub use recover::Recovered;
pub use staging::StagingError;

use crate::clock::Clock;
use crate::dataset::Given;
use crate::db::Database;
use crate::id::{ConnectionName, JobName, RunNo};
use crate::job::{Configuration, Job, JobKind};
use crate::key::{Keyring, Keys};
use crate::ledger::{self, NewRun, RunEnd};
use crate::secret::resolve;
use crate::settings::{ConnectionKind, Settings};
use crate::step::{self, Step};
use crate::transport::{Archive, DirTransport, HttpPlan, HttpTransport, Transport};

/// Seconds a claim or run counts as alive without being renewed. On SQLite a load is the sole
/// writer, so nothing can be renewed beside it: a lease outlasts the longest load there.
const LEASE_SECS: u32 = 4 * 60 * 60;

/// How a run is wanted.
#[derive(Debug, Clone)]
pub struct RunRequest {
    /// The job.
    pub job: JobName,
    /// The business day it is for.
    pub business_date: NaiveDate,
    /// Whether it only says what it would do.
    pub mode: Mode,
    /// `manual`, `cron`, `demo`.
    pub trigger: &'static str,
}

/// Whether a run changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It does its work.
    Work,
    /// It says what it would do, and changes nothing.
    DryRun,
}

/// An open configuration: the store, the archive, the transports.
pub struct Engine {
    pub(crate) db: Database,
    pub(crate) configuration: Arc<Configuration>,
    pub(crate) clock: Clock,
    pub(crate) node: String,
    pub(crate) archive: Archive,
    pub(crate) transports: BTreeMap<ConnectionName, Transport>,
    pub(crate) given: Given,
    pub(crate) keys: Keys,
}

impl Engine {
    /// Opens everything a configuration names. The store's tables must be up to date.
    pub async fn open(
        configuration: Arc<Configuration>,
        clock: Clock,
    ) -> Result<Self, EngineError> {
        let settings = &configuration.settings;
        let keys = open_keys(settings)?;
        let db = open_store(settings).await?;
        let archive = Archive::open(&settings.paths.archive)?;
        for directory in [&settings.paths.staging, &settings.paths.outbox] {
            std::fs::create_dir_all(directory).map_err(|source| EngineError::Directory {
                path: directory.clone(),
                source,
            })?;
        }
        let transports = open_transports(settings)?;
        let given = given(settings, &clock);
        Ok(Self {
            db,
            node: node::name(),
            archive,
            transports,
            given,
            keys,
            configuration,
            clock,
        })
    }

    /// The store, for reading.
    pub fn database(&self) -> &Database {
        &self.db
    }

    /// The configuration it was opened with.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// The clock it works by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The keys as they were on the day of a moment.
    pub fn keys_at(&self, moment: DateTime<Utc>) -> Keyring {
        self.keys.on(self.clock.local(moment).date_naive())
    }

    /// The archive of raw bytes.
    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    /// Runs a job. What goes wrong with one file is in the report and does not stop the others.
    pub async fn run(
        &self,
        request: &RunRequest,
        progress: &dyn Progress,
    ) -> Result<RunReport, EngineError> {
        let job = self.job(&request.job)?;
        if request.mode == Mode::DryRun {
            return self.dry_run(job, request, progress).await;
        }
        let now = self.clock.now();
        let run = NewRun {
            job: job.name.as_str(),
            business_date: request.business_date,
            trigger: request.trigger,
            node: &self.node,
            alive_until: now + chrono::Duration::seconds(i64::from(LEASE_SECS)),
        };
        let run_no = ledger::start_run(&self.db, &run, now).await?;
        step::reached(Step::RunStarted);
        let mut report = RunReport::new(job, request, Some(run_no));
        let outcome = self.work(job, request, run_no, &mut report, progress).await;
        report.notes.extend(self.note_overdue().await?);
        step::reached(Step::RunHandled);
        let end = match (&outcome, report.is_clean()) {
            (Err(_), _) => RunEnd::Failed,
            (Ok(()), true) => RunEnd::Done,
            (Ok(()), false) => RunEnd::Rejects,
        };
        let summary = report.summary(outcome.as_ref().err());
        ledger::finish_run(&self.db, run_no, end, &summary, self.clock.now()).await?;
        step::reached(Step::RunEnded);
        outcome.map(|()| report)
    }

    async fn work(
        &self,
        job: &Job,
        request: &RunRequest,
        run: RunNo,
        report: &mut RunReport,
        progress: &dyn Progress,
    ) -> Result<(), EngineError> {
        match &job.kind {
            JobKind::Pull(pull) => self.pull(job, pull, request, run, report, progress).await,
            JobKind::Push(push) => self.push(job, push, request, report).await,
            JobKind::Reconcile(plan) => self.reconcile(job, plan, request, report).await,
            JobKind::Match(plan) => self.match_rows(job, plan, request, report).await,
            JobKind::Life(plan) => self.judge_lives(job, plan, request, report).await,
            JobKind::Report(plan) => self.report(job, plan, request, report).await,
        }
    }

    /// A job by its name, or what there is instead.
    pub(crate) fn job(&self, name: &JobName) -> Result<&Job, EngineError> {
        let jobs = &self.configuration.jobs;
        jobs.get(name).ok_or_else(|| EngineError::UnknownJob {
            name: name.to_string(),
            known: jobs.keys().map(ToString::to_string).collect(),
        })
    }

    fn transport(&self, name: &ConnectionName) -> Result<&Transport, EngineError> {
        self.transports
            .get(name)
            .ok_or_else(|| EngineError::UnknownConnection {
                name: name.to_string(),
            })
    }
}

/// Opens the store that the settings name, creating an embedded one that is missing.
pub async fn open_store(settings: &Settings) -> Result<Database, EngineError> {
    let password = settings
        .store_password
        .as_ref()
        .map(|reference| resolve(reference, &settings.base, &|name| read_environment(name)))
        .transpose()?;
    let url = match &password {
        Some(password) => settings.store.clone().with_password(password),
        None => settings.store.clone(),
    };
    let options = crate::db::OpenOptions {
        pool_size: settings.store_connections,
        ..crate::db::OpenOptions::default()
    };
    Ok(Database::open(&url, &options).await?)
}

/// Fetches and checks every key of the settings.
fn open_keys(settings: &Settings) -> Result<Keys, EngineError> {
    let env = |name: &str| read_environment(name);
    Keys::open(settings.keys.values(), &settings.base, &env).map_err(EngineError::Keys)
}

#[expect(
    clippy::disallowed_methods,
    reason = "secrets may be kept in the environment"
)]
fn read_environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn open_transports(
    settings: &Settings,
) -> Result<BTreeMap<ConnectionName, Transport>, EngineError> {
    let mut transports = BTreeMap::new();
    for (name, plan) in &settings.connections {
        let path = match &plan.kind {
            ConnectionKind::Dir { path, .. } => path,
            ConnectionKind::Http(plan) => &plan.answers,
        };
        std::fs::create_dir_all(path).map_err(|source| EngineError::Directory {
            path: PathBuf::clone(path),
            source,
        })?;
        let transport = match &plan.kind {
            ConnectionKind::Dir { path, max_entries } => {
                Transport::Dir(DirTransport::open(path, *max_entries)?)
            }
            ConnectionKind::Http(plan) => {
                let secret = plan.secret.as_ref();
                let secret = secret
                    .map(|from| resolve(from, &settings.base, &|name| read_environment(name)))
                    .transpose()?;
                let http = HttpTransport::open(HttpPlan::clone(plan), secret)?;
                Transport::Http(Box::new(http))
            }
        };
        transports.insert(name.clone(), transport);
    }
    Ok(transports)
}

fn given(settings: &Settings, clock: &Clock) -> Given {
    use chrono::Offset as _;
    let offset_secs = clock.local(clock.now()).offset().fix().local_minus_utc();
    Given {
        zone: settings.zone.name().to_owned(),
        offset_secs,
        settings: settings.values.clone(),
    }
}
