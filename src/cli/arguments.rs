//! The command line as a whole: what every verb shares, and the list of verbs.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::environment::actor;
use super::out::Out;
use super::{
    check, deliveries, demo, exchanges, explain, files, rejects, report, run, schema, simulate,
    status, store, stories, trace,
};
use crate::ledger::Act;

const EXAMPLES: &str = "\
Examples:
  dukou demo                                   see a whole clearing day on your own machine
  dukou check                                  every problem of the configuration, with carets
  dukou run etc_clearing/receive_messages      fetch, check, load and answer what is there
  dukou status                                 what happened, what did not, what to do next
  dukou files list --state held                files that wait for a decision
  dukou trace file 12 --record 5               from a row back to the partner's bytes

Exit codes:
  0  done
  1  done, but something is held, refused or does not agree
  2  could not run

Chinese manuals: docs/zh-CN";

/// Dukou (渡口): carries files between institutions, checks every one, and proves it afterwards.
#[derive(Debug, Parser)]
#[command(name = "dukou", version, after_help = EXAMPLES, max_term_width = 100)]
pub(super) struct Arguments {
    /// What every verb shares.
    #[command(flatten)]
    pub(super) global: Global,
    /// The verb.
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What every verb shares.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Global {
    /// The settings file; without it `dukou.toml` here or in the nearest directory above.
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        help_heading = "Global options"
    )]
    pub(super) settings: Option<PathBuf>,
    /// Print one JSON document instead of text, errors too.
    #[arg(long, global = true, help_heading = "Global options")]
    pub(super) json: bool,
    /// No progress and no notes; verbs that act print only when something needs attention.
    #[arg(long, short, global = true, help_heading = "Global options")]
    pub(super) quiet: bool,
    /// When to use colours.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Global options"
    )]
    pub(super) color: Color,
    /// Write logs as JSON lines to standard error: error, warn, info, debug, trace, or a filter
    /// such as `dukou=debug`. `DUKOU_LOG` does the same.
    #[arg(
        long,
        global = true,
        value_name = "LEVEL",
        help_heading = "Global options"
    )]
    pub(super) log: Option<String>,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run a whole clearing day against a simulated centre, in a directory of its own.
    Demo(demo::DemoArgs),
    /// Read the whole configuration and report every problem in one pass.
    Check(check::CheckArgs),
    /// List what is exchanged with whom, in which format, and which fixtures show it.
    Exchanges(exchanges::ExchangesArgs),
    /// Say what a code means and what to do about it.
    Explain(explain::ExplainArgs),
    /// Run a job once.
    Run(run::RunArgs),
    /// Show what happened, what is open, and what to do next.
    Status(status::StatusArgs),
    /// Files that came: list, show, decide about held ones.
    Files(files::FilesArgs),
    /// Refused records: list, show, try again, waive.
    Rejects(rejects::RejectsArgs),
    /// Files that go out: list, show, send again, cancel.
    Deliveries(deliveries::DeliveriesArgs),
    /// Go from a row, a file or a delivery back to the partner's bytes.
    Trace(trace::TraceArgs),
    /// Complete what a crash left behind; safe at any time.
    Recover,
    /// Write a partner's side, for tests and demonstrations.
    Simulate(simulate::SimulateArgs),
    /// Write JSON Schemas of the configuration, for editors.
    Schema(schema::SchemaArgs),
    /// The shared store: migrate, check, data dictionary.
    Store(store::StoreArgs),
    /// Play golden stories and compare what comes out with what is expected.
    Test(stories::TestArgs),
    /// Reports that were written: list, show.
    Report(report::ReportArgs),
    /// The named steps at which a build for tests can be made to die.
    #[cfg(debug_assertions)]
    #[command(hide = true)]
    Steps,
}

/// Who acts, for the audit.
#[derive(Debug, Clone, Args)]
pub(super) struct Actor {
    /// Why; kept in the audit.
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: String,
    /// Who acts; without it the user of the system.
    #[arg(long = "as", value_name = "NAME")]
    pub(super) who: Option<String>,
}

impl Actor {
    /// Who acts: as given, else the user of the system.
    pub(super) fn name(&self) -> String {
        actor(self.who.as_deref())
    }

    /// The act, by somebody whose name it is.
    pub(super) fn act<'a>(&'a self, who: &'a str) -> Act<'a> {
        Act {
            who,
            reason: &self.reason,
        }
    }
}

/// Why the command line ended the program.
#[derive(Debug)]
pub(super) struct Stop {
    error: clap::Error,
    is_json: bool,
}

impl Stop {
    /// Prints the help or the error.
    pub(super) fn show(&self) -> ExitCode {
        let is_wanted = matches!(
            self.error.kind(),
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
        );
        if self.is_json && !is_wanted {
            let global = Global {
                json: true,
                ..Global::default()
            };
            let text = self.error.render().to_string();
            let message = text.trim().trim_start_matches("error: ").to_owned();
            return Out::standard(&global).finish(Err(super::error::CliError::Usage { message }));
        }
        // A reader that went away wants no more help.
        let _ = self.error.print();
        if is_wanted {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(2)
        }
    }
}

/// Reads a command line, its first word being the program.
pub(super) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Arguments, Stop> {
    let words: Vec<OsString> = words.into_iter().collect();
    Arguments::try_parse_from(&words).map_err(|error| {
        let is_json = words.iter().any(|word| word == "--json");
        Stop { error, is_json }
    })
}

/// A day as people of the program write it.
pub(super) fn day(text: &str) -> Result<NaiveDate, String> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d");
    day.map_err(|_not_a_day| "a day is written as 2026-03-09".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parsed(line: &str) -> Result<Arguments, Stop> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn global_options_stand_before_or_after_the_verb() {
        for line in [
            "dukou --json --settings a/dukou.toml -q status",
            "dukou status --json --settings a/dukou.toml --quiet",
        ] {
            let global = parsed(line).expect("a good line").global;
            assert!(global.json && global.quiet, "{line}");
            assert_eq!(global.settings, Some(PathBuf::from("a/dukou.toml")));
            assert_eq!(global.color, Color::Auto);
        }
    }

    #[test]
    fn a_day_is_written_with_year_month_and_day() {
        assert_eq!(
            day("2026-03-09").map(|day| day.to_string()),
            Ok("2026-03-09".to_owned())
        );
        for bad in ["2026-02-30", "9.3.2026", "today", ""] {
            assert_eq!(
                day(bad),
                Err("a day is written as 2026-03-09".to_owned()),
                "{bad}"
            );
        }
    }

    #[test]
    fn every_verb_of_the_manual_is_there() {
        for line in [
            "demo",
            "check --open",
            "exchanges",
            "exchanges --markdown --out docs/EXCHANGES.md --fixtures fixtures",
            "explain unknown-key",
            "explain",
            "explain --markdown",
            "explain --markdown --out codes.md",
            "run etc_clearing/receive_messages --business-date 2026-03-09 --dry-run",
            "status",
            "files list --state held",
            "files show 3",
            "files supersede 3 --reason corrected",
            "files refuse 3 --reason wrong --as zhang",
            "rejects list",
            "rejects show 3 5",
            "rejects retry 3 --reason mapping",
            "rejects waive 3 5 --reason test",
            "rejects waive 3 --reason test",
            "deliveries list",
            "deliveries show 1",
            "deliveries resend 1 --reason lost",
            "deliveries cancel 1 --reason wrong",
            "trace etc_transaction service_provider_id=A message_id=1 trans_id=2",
            "trace file 12 --record 5",
            "trace delivery:3",
            "recover",
            "simulate etc_clearing --date 2026-03-09 --out x",
            "simulate all --date 2026-03-09 --out x --seed 2 --scale 3 --views y",
            "simulate psbc --date 2026-03-09 --out x",
            "schema",
            "schema job",
            "schema --out schemas",
            "store migrate --dry-run",
            "store dictionary",
            "store diff",
            "store check",
            "test",
            "test fixtures/a fixtures/b --accept",
            "report list",
            "report show etc_clearing/clearing_report 2026-03-09",
        ] {
            let outcome = parsed(&format!("dukou {line}"));
            assert!(outcome.is_ok(), "{line}: {outcome:?}");
        }
    }

    #[test]
    fn an_act_needs_a_reason() {
        for line in ["files refuse 3", "rejects waive 3", "deliveries cancel 1"] {
            let stop = parsed(&format!("dukou {line}")).expect_err("it is refused");
            assert_eq!(
                stop.error.kind(),
                ErrorKind::MissingRequiredArgument,
                "{line}"
            );
        }
    }
}
