//! `dukou run`: one job, once.

use std::fmt::Write as _;

use chrono::NaiveDate;
use clap::Args;
use serde_json::json;

use super::answer::{Answer, Exit};
use super::arguments::day;
use super::desk::Desk;
use super::error::CliError;
use super::{progress, run_view, words};
use crate::engine::{Engine, EngineError, Mode, Recovered, RunRequest};
use crate::id::JobName;

const EXAMPLES: &str = "\
Examples:
  dukou run etc_clearing/receive_messages
  dukou run etc_clearing/receive_messages --dry-run
  dukou run etc_clearing/clearing_day --business-date 2026-03-09
  dukou run etc_clearing/receive_messages --quiet        for cron: silent unless somebody must look

What a crash left behind is completed first.
Exit codes: 0 done; 1 a file is held, a name was refused, a delivery failed, or both sides differ;
2 could not run.";

/// Run a job once.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct RunArgs {
    /// The job: its path below `jobs/` without `.toml`.
    job: String,
    /// The business day it works for; today by the settings' zone without it.
    #[arg(long, value_name = "DAY", value_parser = day)]
    business_date: Option<NaiveDate>,
    /// Say what it would do and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// `dukou run`
pub(super) async fn run(args: &RunArgs, desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    let engine = desk.engine().await?;
    let request = RunRequest {
        job: job_name(&args.job, &engine)?,
        business_date: args.business_date.unwrap_or_else(|| engine.clock().today()),
        mode: if args.dry_run {
            Mode::DryRun
        } else {
            Mode::Work
        },
        trigger: "manual",
    };
    let recovered = match request.mode {
        Mode::Work => engine.recover(&*progress::watched(desk.out)).await?,
        Mode::DryRun => Recovered::default(),
    };
    let report = engine.run(&request, &*progress::watched(desk.out)).await?;
    let configuration = engine.configuration();
    let mut text = String::new();
    if !recovered.is_empty() {
        let done = run_view::recovered(&recovered, configuration, desk.screen());
        let title = desk.screen().say(words::RECOVERED_FIRST);
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{title}\n{done}");
    }
    text.push_str(&run_view::report(&report, configuration, desk.screen()));
    let exit = Exit::clean(report.is_clean());
    let next = run_view::next(&report, configuration, desk.screen());
    Ok(Answer::done(exit, json!({ "run": report, "recovered": recovered }), text).next(next))
}

/// A job by its name; a text that is no name at all is no job either.
fn job_name(text: &str, engine: &Engine) -> Result<JobName, EngineError> {
    let text = text.strip_prefix("jobs/").unwrap_or(text);
    let text = text.strip_suffix(".toml").unwrap_or(text);
    JobName::new(text).map_err(|_not_a_name| EngineError::UnknownJob {
        name: text.to_owned(),
        known: engine
            .configuration()
            .jobs
            .keys()
            .map(ToString::to_string)
            .collect(),
    })
}
