//! `dukou demo`: a whole clearing day against a simulated centre, in a directory of its own.
//!
//! Responsible for the order of the day and for comparing the hub's figures with the simulator's
//! own statement. The jobs, mappings and datasets are those of the settings file; the store, the
//! connection and every file are the demonstration's. The one invariant: nothing outside the
//! demonstration's directory (and the store it was given) is touched.

mod centre;
mod compare;
mod days;
mod place;

use std::fmt::Write as _;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use serde_json::json;

use super::answer::{Answer, Exit, Step};
use super::arguments::day;
use super::codes;
use super::desk::Desk;
use super::error::CliError;
use super::simulate::Volume;
use super::words;
use compare::Line;
use days::Demo;

const EXAMPLES: &str = "\
Examples:
  dukou demo
  dukou demo --packages 6 --records 100 --seed 7
  dukou demo --dir /tmp/demo

It wipes its directory and begins anew, and refuses a directory that no demonstration made.
Exit codes: 0 when every figure equals the simulator's statement, 2 otherwise.";

/// Run a whole clearing day.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct DemoArgs {
    /// Where everything of the demonstration lies; `var/demo` beside the settings file without it.
    #[arg(long)]
    dir: Option<PathBuf>,
    #[command(flatten)]
    volume: Volume,
    /// The clearing target day.
    #[arg(long, value_name = "DAY", value_parser = day, default_value = "2026-03-09")]
    date: NaiveDate,
    /// Refuse instead of wiping what an earlier demonstration left.
    #[arg(long)]
    keep: bool,
    /// Another store than the embedded one: an empty database, such as `postgres://me@localhost/demo`.
    #[arg(long, value_name = "URL")]
    store: Option<String>,
}

/// `dukou demo`
pub(super) async fn run(args: &DemoArgs, desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    let configuration = desk.configuration()?;
    let directory = args
        .dir
        .clone()
        .unwrap_or_else(|| configuration.settings.base.join("var/demo"));
    let place = place::make(&directory, &configuration, args)?;
    let screen = desk.screen();
    let Volume {
        packages,
        records,
        seed,
    } = args.volume;
    let heading = screen.fill(words::DEMO, &[&args.date, &packages, &records, &seed]);
    let root = screen.fill(words::DEMO_DIRECTORY, &[&place.root.display()]);
    desk.out.say(&format!("{heading}\n{root}\n\n"));
    let mut demo = Demo::open(place, args, desk).await?;
    let report = demo.run().await?;
    let lines = compare::all(&demo).await?;
    Ok(answer(&demo, &lines, report.as_deref()))
}

fn answer(demo: &Demo<'_, '_>, lines: &[Line], report: Option<&std::path::Path>) -> Answer {
    let wrong = lines.iter().filter(|line| !line.agrees()).count();
    let screen = demo.screen();
    let mut text = screen.section(words::DEMO_COMPARED, &compare::table(lines, screen.inner()));
    let verdict = match wrong {
        0 => screen.fill(words::ALL_AGREE, &[&lines.len()]),
        wrong => screen.fill(words::SOME_DIFFER, &[&wrong, &codes::DEMO_DIFFERS.id]),
    };
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "\n{verdict}");
    if let Some(path) = report {
        let _ = writeln!(
            text,
            "\n{}",
            screen.fill(words::REPORT_AT, &[&path.display()])
        );
    }
    let json = json!({
        "demo": {
            "directory": demo.place.root,
            "settings": demo.place.settings,
            "date": demo.statement.date.to_string(),
            "steps": demo.steps,
            "comparison": lines,
            "agrees": wrong == 0,
            "report": report,
        }
    });
    let exit = if wrong == 0 {
        Exit::Done
    } else {
        Exit::Unusable
    };
    let mut answer = Answer::shown(json, text).next(next(demo));
    answer.exit = exit;
    answer
}

/// What to try with the demonstration's own settings.
fn next(demo: &Demo<'_, '_>) -> Vec<Step> {
    let dukou = format!("dukou --settings {}", demo.place.settings.display());
    let mut next = Vec::new();
    if let Some(row) = demo.statement.disputes_of_the_day().next() {
        next.push(format!(
            "{dukou} trace etc_transaction service_provider_id={} message_id={} trans_id={}",
            row.service_provider_id, row.message_id, row.trans_id
        ));
    }
    next.extend([
        format!("{dukou} files list --state held"),
        format!("{dukou} status"),
    ]);
    let mut next: Vec<Step> = next.into_iter().map(Step::from).collect();
    let mapping = "mappings/etc_clearing/confirmation.toml";
    let why = demo.screen().fill(words::DO_BREAK, &[&mapping]);
    next.push(Step::new(format!("{dukou} check"), why));
    next
}
