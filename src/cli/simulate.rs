//! `dukou simulate`: the partner's side, for tests and demonstrations.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::answer::{Answer, Exit};
use super::arguments::day;
use super::desk::Desk;
use super::error::CliError;
use super::screen::Screen;
use super::words;
use crate::diag::Problems;
use crate::job::Configuration;
use crate::simulate::delimited::{Differences, write_bank, write_delimited};
use crate::simulate::etc_clearing::{self, Fault, Faults, Progress, Request, Statement};
use crate::simulate::joint::{self, JointRequest, JointStatement, Scenery};

/// How much the clearing centre has on a joint day.
const CENTRE_PACKAGES: u32 = 24;
const CENTRE_RECORDS: u32 = 100;

const EXAMPLES: &str = "\
Examples:
  dukou simulate etc_clearing --date 2026-03-09 --out /tmp/day
  dukou simulate etc_clearing --date 2026-03-09 --packages 24 --records 1000 --seed 7 \\
        --faults demo,missing=2,malformed=0 --out /tmp/day
  dukou simulate all --date 2026-03-09 --out /tmp/joint
  dukou simulate PARTNER --date 2026-03-09 --out /tmp/view
  dukou simulate confirm --from from_issuer --out to_issuer
  dukou simulate delimited --rows 1000000 --date 2026-01-05 --out inbox/bench/in \\
        --bank --missing 5000 --extra 5000 --differing 5000

All data is made up. The same request gives the same bytes. Each wave is a folder to be copied into
the connection's directory as a whole; `statement.txt` says what was planted.";

/// Write a partner's side.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, subcommand_negates_reqs = true)]
pub(super) struct SimulateArgs {
    #[command(subcommand)]
    partner: Option<Partner>,
    /// A partner whose view of the joint day is written.
    #[arg(value_name = "PARTNER", required = true)]
    view: Option<String>,
    #[command(flatten)]
    joint: Option<JointArgs>,
}

#[derive(Debug, Subcommand)]
enum Partner {
    /// A clearing centre's day: lists, packages, dispute results, the clearing statement.
    #[command(name = "etc_clearing")]
    EtcClearing(DayArgs),
    /// The clearing centre confirms the accounting answers in a folder.
    Confirm {
        /// The folder that the hub delivers to.
        #[arg(long, value_name = "DIR")]
        from: PathBuf,
        /// Where the confirmations are written.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// A joint day: every partner's view of one made-up world, and the clearing centre's day.
    All(JointArgs),
    /// Large files for `fixtures/bench`: a day's recharges, and the bank's file about them.
    Delimited(DelimitedArgs),
}

/// A joint day.
#[derive(Debug, Args)]
struct JointArgs {
    /// The business day.
    #[arg(long, value_name = "DAY", value_parser = day)]
    date: NaiveDate,
    /// Other seeds give other people, vehicles and amounts.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// So many times the rows of the world.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    scale: u32,
    /// The folder of `world.toml` and the partners' views; `fixtures/partners` beside the settings
    /// without it.
    #[arg(long, value_name = "DIR")]
    views: Option<PathBuf>,
    /// An empty or new folder.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct DelimitedArgs {
    /// Recharges of the day.
    #[arg(long, value_name = "N")]
    rows: u64,
    /// Other seeds give other rows.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The business day.
    #[arg(long, value_name = "DAY", value_parser = day)]
    date: NaiveDate,
    /// Where `RECHARGE_YYYYMMDD.txt`, and with `--bank` `BANK_YYYYMMDD.txt`, are written.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write the bank's file too: the same rows in another order.
    #[arg(long)]
    bank: bool,
    /// Rows that the bank does not have.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "bank")]
    missing: u64,
    /// Rows that only the bank has.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "bank")]
    extra: u64,
    /// Rows whose amount differs.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "bank")]
    differing: u64,
}

/// How much a simulated day has.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Volume {
    /// Packages of the day; 0 gives an empty day.
    #[arg(long, default_value_t = 24)]
    pub(super) packages: u32,
    /// Records in each package.
    #[arg(long, default_value_t = 1000)]
    pub(super) records: u32,
    /// Other seeds give other cards, fees and places.
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
}

impl Volume {
    /// Of a day, with the usual faults.
    pub(super) fn request(self, date: NaiveDate) -> Request {
        Request::new(date, self.packages, self.records, self.seed)
    }
}

#[derive(Debug, Args)]
struct DayArgs {
    /// The clearing target day.
    #[arg(long, value_name = "DAY", value_parser = day)]
    date: NaiveDate,
    #[command(flatten)]
    volume: Volume,
    /// What is planted: `none`, `demo`, `fault=count`, or several with commas.
    #[arg(long, value_name = "LIST", long_help = faults_help())]
    faults: Option<String>,
    /// Bytes of a sealed package at most; the default is what the centre's own transport carries.
    #[arg(long, value_name = "N", default_value_t = etc_clearing::MAX_FRAMED_BYTES)]
    sealed_max_bytes: u64,
    /// An empty or new folder.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

fn faults_help() -> String {
    let mut text =
        "What is planted: `none`, `demo`, `fault=count`, or several with commas; later ones win. \
         Without it, the faults of a demonstration where the day has room for them. The faults:\n"
            .to_owned();
    for fault in Fault::all() {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "  {} {}", fault.word(), fault.title());
    }
    text
}

/// `dukou simulate …`
pub(super) fn run(args: &SimulateArgs, desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    if let Some(Partner::Delimited(args)) = &args.partner {
        return delimited(args, desk.screen());
    }
    let configuration = desk.configuration()?;
    let Some(partner) = &args.partner else {
        return view(args, &configuration, desk.screen());
    };
    match partner {
        // Needs no configuration.
        Partner::Delimited(args) => delimited(args, desk.screen()),
        Partner::All(joint) => all(joint, &configuration, desk.screen()),
        Partner::EtcClearing(day) => {
            let bar = bar(desk);
            let mut step = |progress: Progress| {
                bar.set_length(progress.total);
                bar.set_position(progress.done);
            };
            let statement =
                etc_clearing::write(&request(day)?, &configuration, &day.out, &mut step)?;
            bar.finish_and_clear();
            let json = json!({ "folder": day.out, "statement": statement });
            let text = summary(&statement, day, desk.screen());
            Ok(Answer::done(Exit::Done, json, text))
        }
        Partner::Confirm { from, out } => {
            let confirmed = etc_clearing::confirm(from, &configuration, out)?;
            let wrong = confirmed.iter().filter(|one| one.result != 1).count();
            let text = desk
                .screen()
                .fill(words::CONFIRMED, &[&confirmed.len(), &wrong]);
            let files: Vec<_> = confirmed
                .iter()
                .map(|one| json!({ "file": one.file, "accounting_id": one.accounting_id, "result": one.result }))
                .collect();
            Ok(Answer::done(
                Exit::clean(wrong == 0),
                json!({ "confirmed": files }),
                text,
            ))
        }
    }
}

/// Writes the view of the partner that was named.
fn view(
    args: &SimulateArgs,
    configuration: &Configuration,
    screen: Screen,
) -> Result<Answer, CliError> {
    let (Some(partner), Some(joint)) = (&args.view, &args.joint) else {
        return Err(CliError::Usage {
            message: "say whose side is written: a partner, or `all`".to_owned(),
        });
    };
    let statement = joint_day(joint, Some(partner), configuration, &joint.out)?;
    let text = told(&statement, &joint.out, screen);
    let json = json!({ "folder": joint.out, "statement": statement });
    Ok(Answer::done(Exit::Done, json, text))
}

/// Writes one partner's view, or all of them.
fn joint_day(
    args: &JointArgs,
    only: Option<&str>,
    configuration: &Configuration,
    out: &Path,
) -> Result<JointStatement, CliError> {
    let folder = match &args.views {
        Some(folder) => folder.clone(),
        None => configuration.settings.base.join("fixtures/partners"),
    };
    let mut problems = Problems::new();
    let Some(scenery) = Scenery::read(&folder, configuration, &mut problems) else {
        return Err(CliError::Configuration {
            problems: problems.sorted(),
        });
    };
    if let Some(only) = only
        && !scenery.views.iter().any(|view| view.partner == only)
    {
        let known: Vec<&str> = scenery
            .views
            .iter()
            .map(|view| view.partner.as_str())
            .collect();
        return Err(CliError::Unknown {
            what: "view of a partner",
            name: only.to_owned(),
            next: format!("`{}` has views of {}", folder.display(), known.join(", ")),
        });
    }
    let request = JointRequest {
        date: args.date,
        seed: args.seed,
        scale: args.scale,
    };
    Ok(joint::write(&request, &scenery, only, configuration, out)?)
}

/// Every partner's view, and the clearing centre's own day with the same cards.
fn all(
    args: &JointArgs,
    configuration: &Configuration,
    screen: Screen,
) -> Result<Answer, CliError> {
    let statement = joint_day(args, None, configuration, &args.out.join("joint"))?;
    let mut text = told(&statement, &args.out.join("joint"), screen);
    let mut json = json!({ "folder": args.out, "statement": statement });
    if configuration
        .mappings
        .contains_key("etc_clearing/transaction_package")
    {
        let request = Request::new(args.date, CENTRE_PACKAGES, CENTRE_RECORDS, args.seed);
        let out = args.out.join("etc_clearing");
        let day = etc_clearing::write(&request, configuration, &out, &mut |_| {})?;
        text = format!("{text}\n{}", figures(&day, &out, screen));
        if let Some(object) = json.as_object_mut() {
            object.insert("etc_clearing".to_owned(), json!(day));
        }
    }
    Ok(Answer::done(Exit::Done, json, text))
}

fn told(statement: &JointStatement, out: &Path, screen: Screen) -> String {
    let (files, planted) = (statement.files.len(), statement.planted.len());
    let records: u64 = statement
        .files
        .iter()
        .flat_map(|file| &file.records)
        .map(|(_, count)| count)
        .sum();
    let path = out.join("statement.txt");
    let said = screen.fill(words::SIMULATED_JOINT, &[&files, &records, &planted]);
    let place = screen.fill(words::SIMULATED_AT, &[&path.display()]);
    format!("{said}\n{place}")
}

fn delimited(args: &DelimitedArgs, screen: Screen) -> Result<Answer, CliError> {
    let day = args.date.format("%Y%m%d");
    let ours = args.out.join(format!("RECHARGE_{day}.txt"));
    let mut written = vec![(
        ours.clone(),
        write_delimited(args.rows, args.seed, args.date, &ours)?,
    )];
    if args.bank {
        let theirs = args.out.join(format!("BANK_{day}.txt"));
        let differences = Differences {
            missing: args.missing,
            extra: args.extra,
            differing: args.differing,
        };
        let bank = write_bank(args.rows, args.seed, args.date, differences, &theirs)?;
        written.push((theirs, bank));
    }
    let text: Vec<String> = written
        .iter()
        .map(|(path, file)| {
            let (rows, amount) = (file.rows, file.amount);
            screen.fill(
                words::SIMULATED_FILE,
                &[&path.display(), &rows, &amount, &file.bytes],
            )
        })
        .collect();
    let files: Vec<_> = written
        .iter()
        .map(|(path, file)| {
            json!({ "path": path, "rows": file.rows, "amount": file.amount.0, "bytes": file.bytes })
        })
        .collect();
    Ok(Answer::done(
        Exit::Done,
        json!({ "files": files }),
        text.join("\n"),
    ))
}

fn request(args: &DayArgs) -> Result<Request, CliError> {
    let mut request = args.volume.request(args.date);
    if let Some(faults) = &args.faults {
        request.faults = Faults::parse(faults)?;
    }
    request.sealed_max_bytes = args.sealed_max_bytes;
    request.check()?;
    Ok(request)
}

fn bar(desk: &Desk<'_>) -> ProgressBar {
    if desk.out.is_json || desk.out.is_quiet || !desk.out.is_watched {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(&format!(
        "{} {{bar:24}} {{pos}}/{{len}}",
        desk.screen().say(words::PROGRESS_SIMULATE)
    ));
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn summary(statement: &Statement, args: &DayArgs, screen: Screen) -> String {
    figures(statement, &args.out, screen)
}

fn figures(statement: &Statement, out: &Path, screen: Screen) -> String {
    let (day, cleared) = (&statement.day, statement.clearing.total);
    let figures = screen.fill(
        words::SIMULATED,
        &[
            &statement.date,
            &day.packages,
            &day.received.count,
            &day.received.amount,
            &day.disputed.count,
            &cleared.count,
            &cleared.amount,
        ],
    );
    let path = out.join("statement.txt");
    let place = screen.fill(words::SIMULATED_AT, &[&path.display()]);
    format!("{figures}\n{place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(faults: Option<&str>) -> DayArgs {
        DayArgs {
            date: NaiveDate::from_ymd_opt(2026, 3, 9).expect("a day"),
            volume: Volume {
                packages: 24,
                records: 1000,
                seed: 1,
            },
            faults: faults.map(str::to_owned),
            sealed_max_bytes: etc_clearing::MAX_FRAMED_BYTES,
            out: PathBuf::from("x"),
        }
    }

    #[test]
    fn without_faults_named_a_day_has_those_of_a_demonstration() {
        assert_eq!(
            request(&args(None)).expect("possible").faults,
            Faults::demo()
        );
        let none = request(&args(Some("none"))).expect("possible");
        assert_eq!(none.faults, Faults::none());
    }

    #[test]
    fn a_fault_that_is_none_is_refused() {
        let error = request(&args(Some("mising=1"))).expect_err("no such fault");
        assert_eq!(
            error.to_string(),
            "the request cannot be simulated: there is no fault `mising`: did you mean `missing`?"
        );
    }
}
