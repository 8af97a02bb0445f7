//! `dukou report`: the reports that were written, each version for good.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use super::answer::Answer;
use super::arguments::day;
use super::desk::Desk;
use super::error::CliError;
use super::screen::Screen;
use super::sheet::{Sheet, lines};
use super::shown::{self, moment};
use super::table::{Table, long, number, text};
use super::words;
use crate::engine::Engine;
use crate::ledger::{self, ReportRow};

const EXAMPLES: &str = "\
Examples:
  dukou report list
  dukou report list --business-date 2026-03-09
  dukou report show etc_clearing/clearing_report 2026-03-09
  dukou report show etc_clearing/clearing_report 2026-03-09 --version 1

A report is written by its job: `dukou run etc_clearing/clearing_report --business-date 2026-03-09`.";

/// Reports that were written.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ReportArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List reports, the latest day and version first.
    List {
        /// Of this job.
        #[arg(long, value_name = "JOB")]
        name: Option<String>,
        /// Of this business day.
        #[arg(long, value_name = "DAY", value_parser = day)]
        business_date: Option<NaiveDate>,
        /// At most so many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// Show one report: its files, digests, and what it shows.
    Show {
        /// The report's job.
        name: String,
        /// The business day.
        #[arg(value_parser = day)]
        business_date: NaiveDate,
        /// The version; the latest without it.
        #[arg(long)]
        version: Option<i64>,
    },
}

/// `dukou report …`
pub(super) async fn run(args: &ReportArgs, desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    let engine = desk.engine().await?;
    match &args.verb {
        Verb::List {
            name,
            business_date,
            limit,
        } => {
            let rows =
                ledger::list_reports(engine.database(), name.as_deref(), *business_date, *limit)
                    .await?;
            let text = if rows.is_empty() {
                desk.screen().say(words::NO_REPORTS).to_owned()
            } else {
                table(&rows, &engine, desk.screen())
            };
            let json: Vec<Json> = rows.iter().map(|row| to_json(row, &engine)).collect();
            Ok(Answer::shown(json!({ "reports": json }), text))
        }
        Verb::Show {
            name,
            business_date,
            version,
        } => {
            let row = find(&engine, name, *business_date, *version).await?;
            let text = facts(&row, &engine, desk.screen());
            Ok(Answer::shown(
                json!({ "report": to_json(&row, &engine) }),
                text,
            ))
        }
    }
}

async fn find(
    engine: &Engine,
    name: &str,
    day: NaiveDate,
    version: Option<i64>,
) -> Result<ReportRow, CliError> {
    let rows = ledger::list_reports(engine.database(), Some(name), Some(day), 10_000).await?;
    let found = rows
        .into_iter()
        .find(|row| version.is_none_or(|version| row.version == version));
    found.ok_or_else(|| CliError::Unknown {
        what: "report",
        name: match version {
            Some(version) => format!("{name} {day} version {version}"),
            None => format!("{name} {day}"),
        },
        next: "`dukou report list` shows what was written; a report's job writes it".to_owned(),
    })
}

/// The files of a report, its main file first: `<reports>/<name>/<day>/v<version>/<file>`.
pub(super) fn paths(row: &ReportRow, engine: &Engine) -> Vec<PathBuf> {
    let reports = &engine.configuration().settings.paths.reports;
    let folder = reports
        .join(&row.name)
        .join(row.business_date.to_string())
        .join(format!("v{}", row.version));
    let files = row.files.as_array().into_iter().flatten();
    let mut names: Vec<&str> = files
        .filter_map(|file| file.get("name").and_then(Json::as_str))
        .collect();
    names.sort_by_key(|name| *name != crate::report::PAGE);
    names.into_iter().map(|name| folder.join(name)).collect()
}

fn to_json(row: &ReportRow, engine: &Engine) -> Json {
    let mut json = serde_json::to_value(row).unwrap_or_default();
    if let Some(object) = json.as_object_mut() {
        let paths: Vec<String> = paths(row, engine)
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        object.insert("paths".to_owned(), paths.into());
    }
    json
}

fn table(rows: &[ReportRow], engine: &Engine, screen: Screen) -> String {
    let columns = [
        long(words::REPORT),
        text(words::BUSINESS_DATE),
        number(words::VERSION),
        text(words::WRITTEN),
        number(words::RECONCILIATION),
        text(words::DIGEST),
    ];
    Table::of(columns, rows, |row| {
        [
            row.name.clone(),
            row.business_date.to_string(),
            row.version.to_string(),
            moment(engine.clock(), row.created_at),
            shown::or_none(row.recon_no),
            row.digest.short(),
        ]
    })
    .shown(screen)
}

fn facts(row: &ReportRow, engine: &Engine, screen: Screen) -> String {
    let mut sheet = Sheet::new(screen);
    sheet
        .fact(words::REPORT, &row.name)
        .fact(words::BUSINESS_DATE, row.business_date)
        .fact(words::VERSION, row.version)
        .fact(words::WRITTEN, moment(engine.clock(), row.created_at))
        .maybe(words::RECONCILIATION, row.recon_no)
        .fact(words::DIGEST, row.digest)
        .fact(words::BYTES, shown::bytes(row.bytes));
    let paths = paths(row, engine);
    let files = lines(
        paths
            .iter()
            .map(|path| format!("file://{}", path.display())),
    );
    format!("{}{}", sheet.shown(), screen.section(words::FILES, &files))
}
