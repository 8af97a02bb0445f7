//! `dukou recover`: what a crash left behind, completed.

use serde_json::json;

use super::answer::{Answer, Exit};
use super::desk::Desk;
use super::error::CliError;
use super::{progress, run_view, words};

/// `dukou recover`
pub(super) async fn run(desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    let engine = desk.engine().await?;
    let mut recovered = engine.recover(&*progress::watched(desk.out)).await?;
    recovered.notes.extend(engine.note_overdue().await?);
    let text = if recovered.is_empty() && recovered.temporary_files == 0 {
        desk.screen().say(words::NOTHING_TO_RECOVER).to_owned()
    } else {
        run_view::recovered(&recovered, engine.configuration(), desk.screen())
    };
    let failed = recovered
        .deliveries
        .iter()
        .any(|delivery| delivery.error.is_some());
    let exit = Exit::clean(!failed && recovered.notes.is_empty());
    Ok(Answer::done(exit, json!({ "recovered": recovered }), text))
}
