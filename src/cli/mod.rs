//! The program's surface: arguments in, an answer out, an exit code.
//!
//! Responsible for reading the command line, finding and reading the configuration, showing
//! answers and errors to people and to programs, progress and logs. Not for any work of its own:
//! every verb is one call into a lower row. Called by `main`. The one invariant: standard output
//! holds the answer and nothing else, with `--json` exactly one JSON document.
//!
//! Exit codes: 0 done; 1 done, but something is held, refused or does not agree; 2 could not run.

mod answer;
mod arguments;
mod check;
mod codes;
mod deliveries;
mod demo;
mod desk;
mod environment;
mod error;
mod exchanges;
mod explain;
mod files;
mod folders;
mod listing;
mod logs;
mod mapped;
mod out;
pub mod problems;
mod progress;
mod recover;
mod rejects;
mod report;
mod run;
mod run_view;
mod schema;
mod screen;
mod sheet;
mod shown;
mod simulate;
mod status;
mod steps;
mod store;
mod store_diff;
mod stories;
mod table;
mod trace;
mod words;

use std::process::ExitCode;

pub use codes::CODES;

use answer::Answer;
use arguments::{Arguments, Command};
use desk::Desk;
use error::CliError;
use out::Out;

/// Runs the program: parse, configure, execute, render.
pub fn main() -> ExitCode {
    if let Some(request) = old_workbook() {
        return crate::format::excel::serve(&request);
    }
    let arguments = match arguments::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(stop) => return stop.show(),
    };
    let mut out = Out::standard(&arguments.global);
    let ready = logs::start(&arguments.global).and_then(|()| steps::arm_as_asked());
    let answer = ready.and_then(|()| execute(&arguments, &mut out));
    out.finish(answer)
}

/// The request of a hub that started this program only to read an old workbook for it: no verb for
/// people, and nothing else of the program may run then.
fn old_workbook() -> Option<String> {
    let mut words = std::env::args().skip(1);
    (words.next()? == crate::format::excel::XLS_VERB).then(|| words.next())?
}

fn execute(arguments: &Arguments, out: &mut Out) -> Result<Answer, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|source| CliError::Io {
            doing: "starting the program".to_owned(),
            source,
        })?;
    runtime.block_on(perform(
        &arguments.command,
        &mut Desk::new(&arguments.global, out),
    ))
}

async fn perform(command: &Command, desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    match command {
        Command::Demo(args) => demo::run(args, desk).await,
        Command::Check(args) => check::run(args, desk).await,
        Command::Exchanges(args) => exchanges::run(args, desk),
        Command::Explain(args) => explain::run(args, desk),
        Command::Run(args) => run::run(args, desk).await,
        Command::Status(args) => status::run(args, desk).await,
        Command::Files(args) => files::run(args, desk).await,
        Command::Rejects(args) => rejects::run(args, desk).await,
        Command::Deliveries(args) => deliveries::run(args, desk).await,
        Command::Trace(args) => trace::run(args, desk).await,
        Command::Recover => recover::run(desk).await,
        Command::Simulate(args) => simulate::run(args, desk),
        Command::Schema(args) => schema::run(args, desk),
        Command::Store(args) => store::run(args, desk).await,
        Command::Test(args) => stories::run(args, desk).await,
        Command::Report(args) => report::run(args, desk).await,
        #[cfg(debug_assertions)]
        Command::Steps => Ok(steps::run()),
    }
}
