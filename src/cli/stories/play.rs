//! A story, played: a hub of its own in a temporary folder, its jobs one after the other.
//!
//! The one invariant: whatever the settings say, nothing outside the temporary folder is touched:
//! the store, the archive and every connection lie in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use tempfile::TempDir;

use super::story::{Step, Story};
use crate::cli::error::{CliError, io_error};
use crate::cli::folders::copy_tree;
use crate::cli::store;
use crate::clock::Clock;
use crate::db::DatabaseUrl;
use crate::diag::Problems;
use crate::engine::{Engine, Mode, RunRequest, Silent};
use crate::id::ConnectionName;
use crate::job::{Configuration, JobKind};
use crate::settings::{ConnectionKind, Settings};

/// Names in one listing of a story's connection at most.
const MAX_ENTRIES: usize = 100_000;

/// A story after its last step, still open.
pub(super) struct Played {
    pub(super) engine: Engine,
    pub(super) steps: Vec<PlayedStep>,
    /// The partners' directories.
    pub(super) connections: BTreeMap<String, PathBuf>,
    /// Removed with everything in it when this goes.
    _place: TempDir,
}

/// How a step ended.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PlayedStep {
    pub(super) job: String,
    pub(super) exit: u8,
    pub(super) expected_exit: u8,
    /// Why it could not run.
    pub(super) error: Option<String>,
}

/// Plays a story.
pub(super) async fn play(story: &Story) -> Result<Played, CliError> {
    let place = tempfile::tempdir().map_err(io_error("making a temporary folder"))?;
    let mut problems = Problems::new();
    let configuration = Configuration::read(&story.settings, &mut problems);
    let Some(mut configuration) = configuration else {
        return Err(CliError::Configuration {
            problems: problems.sorted(),
        });
    };
    let connections = enclose(&mut configuration.settings, place.path())?;
    for job in configuration.jobs.values_mut() {
        if let JobKind::Pull(plan) = &mut job.kind {
            plan.spool_in(&configuration.settings.paths.staging);
        }
    }
    for (name, directory) in &connections {
        copy_tree(&story.folder.join("inbox").join(name), directory)?;
    }
    let clock = Clock::fixed(story.clock, configuration.settings.zone);
    let engine = Engine::open(Arc::new(configuration), clock).await?;
    store::prepare(engine.database(), engine.configuration(), story.clock).await?;
    let mut steps = Vec::new();
    for step in &story.steps {
        steps.push(run(step, &engine).await);
    }
    Ok(Played {
        engine,
        steps,
        connections,
        _place: place,
    })
}

/// Moves everything that settings name into a folder; gives the connections' directories.
fn enclose(settings: &mut Settings, root: &Path) -> Result<BTreeMap<String, PathBuf>, CliError> {
    let store = format!("sqlite://{}", root.join("store.db").display());
    settings.store = DatabaseUrl::parse(&store).map_err(|found| CliError::Usage {
        message: format!("the temporary folder cannot hold a store: {found}"),
    })?;
    settings.store_password = None;
    settings.paths.archive = root.join("archive");
    settings.paths.staging = root.join("staging");
    settings.limits.workbook.spool = Some(root.join("staging"));
    settings.paths.outbox = root.join("outbox");
    settings.paths.reports = root.join("reports");
    let directory = |name: &ConnectionName| root.join("partners").join(name.as_str());
    let mut connections = BTreeMap::new();
    for (name, plan) in &mut settings.connections {
        plan.kind = ConnectionKind::Dir {
            path: directory(name),
            max_entries: MAX_ENTRIES,
        };
        connections.insert(name.to_string(), directory(name));
    }
    Ok(connections)
}

/// Runs one step as `dukou run` does.
async fn run(step: &Step, engine: &Engine) -> PlayedStep {
    if let (Some(at), Some(hand)) = (step.clock, engine.clock().hand()) {
        hand.set(at);
    }
    let request = RunRequest {
        job: step.job.clone(),
        business_date: step.business_date.unwrap_or_else(|| engine.clock().today()),
        mode: Mode::Work,
        trigger: "test",
    };
    let outcome = match engine.recover(&Silent).await {
        Ok(_) => engine.run(&request, &Silent).await,
        Err(error) => Err(error),
    };
    let (exit, error) = match outcome {
        Ok(report) => (u8::from(!report.is_clean()), None),
        Err(error) => (2, Some(error.to_string())),
    };
    PlayedStep {
        job: step.job.to_string(),
        exit,
        expected_exit: step.exit,
        error,
    }
}
