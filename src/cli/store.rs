//! `dukou store`: the tables of the shared store, and its dictionary.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use serde_json::json;

use super::answer::{Answer, Exit};
use super::desk::Desk;
use super::error::CliError;
use super::screen::Screen;
use super::sheet::lines;
use super::store_diff;
use super::words::{self, Word};
use crate::dataset::{self, Mode};
use crate::db::{self, Database, DbError, Dialect};
use crate::job::Configuration;
use crate::ledger::MIGRATIONS;

const EXAMPLES: &str = "\
Examples:
  dukou store migrate --dry-run      what would be added
  dukou store migrate                add missing tables, columns and indexes; nothing is removed
  dukou store diff                   what differs, also what no migration can do
  dukou store check                  whether the store has everything that is declared
  dukou store dictionary --out docs/dictionary.md

A new embedded store is made by the first verb that needs it. PostgreSQL, and a store that holds
rows already, are changed by `dukou store migrate` alone.";

/// The shared store.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct StoreArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Add what the program and the datasets declare and the store lacks.
    Migrate {
        /// Only say what would be added.
        #[arg(long)]
        dry_run: bool,
    },
    /// Compare every declared dataset with the store, and say what a migration can and cannot do.
    Diff,
    /// Say whether the store has everything that is declared.
    Check,
    /// Write the data dictionary (数据字典) in Markdown.
    Dictionary {
        /// The file to write; without it, the screen.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// `dukou store …`
pub(super) async fn run(args: &StoreArgs, desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    match &args.verb {
        Verb::Migrate { dry_run: true } => foresee(desk).await,
        Verb::Migrate { dry_run: false } => migrate(desk).await,
        Verb::Diff => store_diff::run(desk).await,
        Verb::Check => check(desk).await,
        Verb::Dictionary { out } => dictionary(desk, out.as_ref()),
    }
}

/// Makes a new embedded store's tables and says so; else makes sure that nothing is missing.
///
/// New is a store that holds no run and no file yet: two processes that begin at the same moment
/// both find it new, and wait for each other.
pub(super) async fn prepare(
    database: &Database,
    configuration: &Configuration,
    now: DateTime<Utc>,
) -> Result<bool, CliError> {
    let missing = missing_steps(database).await?;
    if missing.is_empty()
        && dataset::verify(database, &configuration.datasets)
            .await
            .is_ok()
    {
        return Ok(false);
    }
    if database.dialect() == Dialect::Sqlite && is_unused(database).await? {
        apply(database, configuration, now).await?;
        return Ok(true);
    }
    if missing.is_empty() {
        dataset::verify(database, &configuration.datasets).await?;
        return Ok(false);
    }
    Err(CliError::LedgerOutdated { steps: missing })
}

/// Makes every table in a store that must be unused: a demonstration's own.
pub(super) async fn make(
    database: &Database,
    configuration: &Configuration,
    now: DateTime<Utc>,
) -> Result<(), CliError> {
    if !is_unused(database).await? {
        return Err(CliError::Usage {
            message: "the store of a demonstration must be empty, and this one holds files or runs"
                .to_owned(),
        });
    }
    apply(database, configuration, now).await.map(drop)
}

async fn apply(
    database: &Database,
    configuration: &Configuration,
    now: DateTime<Utc>,
) -> Result<(Vec<String>, Vec<String>), CliError> {
    let steps = db::migrate(database, MIGRATIONS, now).await?;
    let changes = dataset::migrate(database, &configuration.datasets, Mode::Apply, now).await?;
    let named = |version: &i64| {
        let known = MIGRATIONS.iter().find(|step| step.version == *version);
        format!("{version} {}", known.map_or("", |step| step.name))
    };
    Ok((
        steps.iter().map(named).collect(),
        changes.iter().map(ToString::to_string).collect(),
    ))
}

/// Whether the store has no run and no file.
async fn is_unused(database: &Database) -> Result<bool, DbError> {
    for table in ["ledger_run", "ledger_file"] {
        if has_table(database, table).await? {
            let rows = database
                .query(&format!("SELECT 1 FROM {table} LIMIT 1"), &[])
                .await?;
            if !rows.is_empty() {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// The ledger's steps that were not applied, as `1 name`.
pub(super) async fn missing_steps(database: &Database) -> Result<Vec<String>, DbError> {
    let mut applied = Vec::new();
    if has_table(database, "dukou_migration").await? {
        for row in database
            .query("SELECT version FROM dukou_migration", &[])
            .await?
        {
            applied.push(row.int(0)?);
        }
    }
    let missing = MIGRATIONS
        .iter()
        .filter(|step| !applied.contains(&step.version));
    Ok(missing
        .map(|step| format!("{} {}", step.version, step.name))
        .collect())
}

async fn has_table(database: &Database, name: &str) -> Result<bool, DbError> {
    let sql = match database.dialect() {
        Dialect::Sqlite => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1",
        Dialect::Postgres => {
            "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename = $1"
        }
    };
    Ok(!database.query(sql, &[name.into()]).await?.is_empty())
}

async fn foresee(desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    let (configuration, database, clock) = desk.store().await?;
    let steps = missing_steps(&database).await?;
    let changes = dataset::migrate(
        &database,
        &configuration.datasets,
        Mode::DryRun,
        clock.now(),
    )
    .await?;
    let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
    let text = listed(desk.screen(), words::WOULD_ADD, &steps, &changes);
    let next = if steps.is_empty() && changes.is_empty() {
        Vec::new()
    } else {
        vec!["dukou store migrate".to_owned()]
    };
    let json = json!({ "dry_run": true, "ledger_steps": steps, "changes": changes });
    Ok(Answer::shown(json, text).next(next))
}

async fn migrate(desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    let (configuration, database, clock) = desk.store().await?;
    let (steps, changes) = apply(&database, &configuration, clock.now()).await?;
    let text = listed(desk.screen(), words::ADDED, &steps, &changes);
    let json = json!({ "dry_run": false, "ledger_steps": steps, "changes": changes });
    Ok(Answer::done(Exit::Done, json, text))
}

fn listed(screen: Screen, sentence: Word, steps: &[String], changes: &[String]) -> String {
    if steps.is_empty() && changes.is_empty() {
        return screen.say(words::STORE_CURRENT).to_owned();
    }
    let ledger = steps
        .iter()
        .map(|step| screen.fill(words::LEDGER_STEP, &[step]));
    let all = ledger.chain(changes.iter().cloned());
    lines(all.map(|change| screen.fill(sentence, &[&change])))
}

async fn check(desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    let (configuration, database, _) = desk.store().await?;
    let missing = missing_steps(&database).await?;
    if !missing.is_empty() {
        return Err(CliError::LedgerOutdated { steps: missing });
    }
    dataset::verify(&database, &configuration.datasets).await?;
    let store = configuration.settings.store.to_string();
    let datasets = configuration.datasets.len();
    let text = desk
        .screen()
        .fill(words::STORE_CHECKED, &[&store, &datasets]);
    Ok(Answer::shown(
        json!({ "store": store, "datasets": datasets, "is_current": true }),
        text,
    ))
}

fn dictionary(desk: &mut Desk<'_>, out: Option<&PathBuf>) -> Result<Answer, CliError> {
    let configuration = desk.configuration()?;
    let text = dataset::dictionary(&configuration.datasets);
    desk.page(&text, out.map(PathBuf::as_path))
}
