//! `dukou check`: every problem of everything that people wrote, in one pass.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::json;

use super::answer::{Answer, Exit};
use super::desk::Desk;
use super::error::CliError;
use super::screen::Screen;
use super::sheet::lines;
use super::{problems, store, words};
use crate::diag::{Problem, Problems, Severity};
use crate::id::ConnectionName;
use crate::job::Configuration;

const EXAMPLES: &str = "\
Examples:
  dukou check                  settings, jobs, mappings, datasets, code tables, calendars
  dukou check --open           also open the store and every connection
  dukou check --json           problems as data, for editors and for CI

Exit codes: 0 without errors (warnings are shown), 2 with errors.";

/// Read the whole configuration.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CheckArgs {
    /// Also open the store and every connection.
    #[arg(long)]
    open: bool,
}

/// `dukou check`
pub(super) async fn run(args: &CheckArgs, desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    let path = desk.settings_path()?;
    desk.speak_as(&path);
    let mut problems = Problems::new();
    let configuration = Configuration::read(&path, &mut problems).map(Arc::new);
    let answer = judged(
        configuration.as_deref(),
        &problems.sorted(),
        desk.out.has_color,
        desk.screen(),
    );
    match configuration {
        Some(configuration) if args.open => open(configuration, answer, desk).await,
        _ => Ok(answer),
    }
}

/// Opens what the configuration names; the store must be up to date.
async fn open(
    configuration: Arc<Configuration>,
    mut answer: Answer,
    desk: &mut Desk<'_>,
) -> Result<Answer, CliError> {
    let engine = desk.engine_of(Arc::clone(&configuration)).await?;
    store::prepare(engine.database(), &configuration, engine.clock().now()).await?;
    let connections: Vec<&str> = configuration
        .settings
        .connections
        .keys()
        .map(ConnectionName::as_str)
        .collect();
    let store = configuration.settings.store.to_string();
    let opened = desk
        .screen()
        .fill(words::OPENED, &[&store, &connections.len()]);
    answer.text.push_str(&opened);
    answer.text.push('\n');
    if let Some(object) = answer.json.as_object_mut() {
        object.insert(
            "opened".to_owned(),
            json!({ "store": store, "connections": connections }),
        );
    }
    Ok(answer)
}

fn judged(
    configuration: Option<&Configuration>,
    found: &[Problem],
    has_color: bool,
    screen: Screen,
) -> Answer {
    let errors = found
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .count();
    let warnings = found.len() - errors;
    let files: BTreeSet<&PathBuf> = found
        .iter()
        .map(|problem| &problem.place.source.path)
        .collect();
    let mut text = problems::render(found, has_color);
    if !text.is_empty() {
        let counts: [&dyn Display; 3] = [&errors, &warnings, &files.len()];
        text.push_str(&format!(
            "\n{}\n",
            screen.fill(words::PROBLEMS_FOUND, &counts)
        ));
    }
    let mut json = json!({
        "errors": errors,
        "warnings": warnings,
        "problems": problems::to_json(found),
    });
    if let Some(configuration) = configuration {
        text.push_str(&summary(configuration, screen));
        if let Some(object) = json.as_object_mut() {
            object.insert("counts".to_owned(), counts(configuration));
            let profiles: Vec<&str> = configuration
                .profiles()
                .map(|mapping| mapping.name.as_str())
                .collect();
            object.insert("profiles".to_owned(), profiles.into());
        }
    }
    let mut answer = Answer::done(Exit::Done, json, text);
    if configuration.is_none() {
        answer.exit = Exit::Unusable;
        answer = answer.next(explained(found));
    }
    answer
}

/// The codes that were shown, to be looked up.
fn explained(found: &[Problem]) -> Vec<String> {
    let codes: BTreeSet<&str> = found.iter().map(|problem| problem.code.id).collect();
    codes
        .into_iter()
        .take(3)
        .map(|code| format!("dukou explain {code}"))
        .collect()
}

fn counts(configuration: &Configuration) -> serde_json::Value {
    json!({
        "jobs": configuration.jobs.len(),
        "mappings": configuration.mappings.len(),
        "datasets": configuration.datasets.len(),
        "code_tables": configuration.codes.len(),
        "calendars": configuration.calendars.len(),
        "connections": configuration.settings.connections.len(),
    })
}

fn summary(configuration: &Configuration, screen: Screen) -> String {
    let profiles = configuration.profiles().count();
    let mut texts = vec![screen.fill(
        words::CHECKED,
        &[
            &configuration.jobs.len(),
            &configuration.mappings.len(),
            &profiles,
            &configuration.datasets.len(),
            &configuration.codes.len(),
            &configuration.calendars.len(),
            &configuration.settings.connections.len(),
        ],
    )];
    if profiles > 0 {
        texts.push(screen.fill(words::PROFILES, &[]));
    }
    lines(texts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::answer::Step;
    use crate::diag::{Code, Source};

    const CODE: Code = Code {
        id: "unknown-key",
        title: "a key",
        title_zh: "键",
        help: "Write another one.",
    };

    #[test]
    fn errors_make_the_configuration_unusable_and_are_counted_by_file() {
        let source = Source::new("jobs/a.toml", "patern = \"*\"\n");
        let found = [
            Problem::error(&CODE, source.place(0..6), "there is no key `patern` here")
                .help("did you mean `pattern`?"),
            Problem::warning(&CODE, source.place(0..6), "a warning"),
        ];
        let answer = judged(None, &found, false, Screen::USUAL);
        assert_eq!(answer.exit, Exit::Unusable);
        assert!(answer.text.contains("jobs/a.toml:1:1"), "{}", answer.text);
        assert!(
            answer
                .text
                .ends_with("\n1 个错误，1 个警告，涉及 1 个文件\n"),
            "{}",
            answer.text
        );
        assert_eq!(
            answer.next,
            [Step::from("dukou explain unknown-key".to_owned())]
        );
        let document = answer.document();
        assert_eq!(document.get("errors"), Some(&json!(1)));
        assert_eq!(document.pointer("/problems/0/line"), Some(&json!(1)));
    }
}
