//! `dukou store diff`: every declared dataset beside the store, changing nothing.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::answer::{Answer, Exit, Step};
use super::desk::Desk;
use super::error::CliError;
use super::screen::Screen;
use super::store::missing_steps;
use super::table::{Table, long, text};
use super::words;
use crate::dataset::{self, Difference};
use crate::id::Ident;
use crate::ledger::MIGRATIONS;

/// `dukou store diff`
pub(super) async fn run(desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    let configuration = desk.configuration()?;
    let settings = &configuration.settings;
    let is_there = settings
        .store
        .sqlite_path()
        .is_none_or(|path| path.exists());
    let (steps, difference) = if is_there {
        let (_, database, _) = desk.store().await?;
        let difference = dataset::diff(&database, &configuration.datasets).await?;
        (missing_steps(&database).await?, difference)
    } else {
        // Opening an embedded store would make it.
        let steps = MIGRATIONS.iter();
        let named = steps.map(|step| format!("{} {}", step.version, step.name));
        let difference = Difference::to_nothing(&configuration.datasets);
        (named.collect(), difference)
    };
    Ok(answer(&steps, &difference, desk.screen()))
}

fn answer(steps: &[String], difference: &Difference, screen: Screen) -> Answer {
    let is_equal = steps.is_empty() && difference.is_empty();
    let json = json!({
        "is_equal": is_equal,
        "ledger_steps": steps,
        "datasets": by_dataset(difference),
    });
    if is_equal {
        return Answer::shown(json, screen.say(words::STORE_CURRENT));
    }
    let text = format!(
        "{}{}",
        screen.section(words::DIFF_ADDED, &added(steps, difference, screen.inner())),
        screen.section(words::DIFF_BLOCKED, &blocked(difference, screen.inner())),
    );
    let can_migrate = difference.faults.is_empty();
    let step = || Step::said(screen, "dukou store migrate", words::DO_MIGRATE);
    let mut answer = Answer::shown(json, text.trim_start_matches('\n'));
    answer.exit = Exit::Attention;
    answer.next(can_migrate.then(step))
}

fn added(steps: &[String], difference: &Difference, screen: Screen) -> String {
    let ledger = steps
        .iter()
        .map(|step| (String::new(), screen.fill(words::LEDGER_STEP, &[step])));
    let changes = difference
        .changes
        .iter()
        .map(|change| (change.dataset().to_string(), change.to_string()));
    let columns = [text(words::DATASET), long(words::CHANGE)];
    Table::of(columns, ledger.chain(changes), |(dataset, change)| {
        [dataset, change]
    })
    .shown(screen)
}

/// Whole sentences, because they say what to do.
fn blocked(difference: &Difference, screen: Screen) -> String {
    let sentences = difference.faults.iter().map(|fault| {
        let next = screen.say(words::NEXT_STEP);
        format!("{fault}\n  {next}: {}\n", fault.next())
    });
    sentences.collect()
}

/// What differs, dataset by dataset.
fn by_dataset(difference: &Difference) -> Json {
    let changed = difference.changes.iter().map(dataset::Change::dataset);
    let faulty = difference
        .faults
        .iter()
        .map(dataset::Incompatibility::dataset);
    let names: BTreeSet<_> = changed.chain(faulty).collect();
    let one = |name: &Ident| {
        let of_changes = difference.changes.iter();
        let additions: Vec<String> = of_changes
            .filter(|change| change.dataset() == name)
            .map(ToString::to_string)
            .collect();
        let of_faults = difference.faults.iter();
        let problems: Vec<Json> = of_faults
            .filter(|fault| fault.dataset() == name)
            .map(|fault| json!({ "problem": fault.to_string(), "next": fault.next() }))
            .collect();
        json!({ "dataset": name.as_str(), "additive": additions, "blocked": problems })
    };
    names.into_iter().map(one).collect()
}
