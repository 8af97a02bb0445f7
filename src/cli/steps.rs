//! `dukou steps`: the named steps of a build with debug assertions, for the torture of crashes.

use serde_json::json;

use super::answer::{Answer, Exit};
use super::environment::variable;
use super::error::CliError;
use crate::step::{Deed, Step, arm};

/// At which step the process ends as by `kill -9`.
const KILL_AT: &str = "DUKOU_KILL_AT";

/// At which step it stops until SIGCONT.
const HOLD_AT: &str = "DUKOU_HOLD_AT";

/// Arms the process as the environment says; only builds with debug assertions look there.
pub(super) fn arm_as_asked() -> Result<(), CliError> {
    if !cfg!(debug_assertions) {
        return Ok(());
    }
    for (name, deed) in [(KILL_AT, Deed::Die), (HOLD_AT, Deed::Hold)] {
        if let Some(text) = variable(name) {
            arm(&text, deed).map_err(|error| CliError::Usage {
                message: format!("{name}: {error}"),
            })?;
        }
    }
    Ok(())
}

/// `dukou steps`
pub(super) fn run() -> Answer {
    let steps = Step::ALL.iter();
    let text: String = steps
        .clone()
        .map(|step| format!("{:<24}{}\n", step.name(), step.what()))
        .collect();
    let list: Vec<_> = steps
        .map(|step| json!({ "name": step.name(), "what": step.what() }))
        .collect();
    Answer::done(Exit::Done, json!({ "steps": list }), text)
}
