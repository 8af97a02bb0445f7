//! What a run did, for people, and the commands that follow from it.

use std::collections::BTreeSet;

use super::answer::Step;
use super::screen::Screen;
use super::sheet::lines;
use super::table::{Table, long, number, text};
use super::{mapped, shown, words};
use crate::engine::{FileReport, OPENED, Recovered, RunReport};
use crate::job::{Configuration, JobKind};
use crate::ledger::DeliveryState;

/// A run's report as tables; the configuration gives the titles.
pub(super) fn report(report: &RunReport, configuration: &Configuration, screen: Screen) -> String {
    let mut out = heading(report, configuration, screen);
    let inner = screen.inner();
    out.push_str(&screen.section(
        words::FILES,
        &files(&report.files, Some(&report.job), configuration, inner),
    ));
    out.push_str(&screen.section(words::DISPUTES, &disputes(&report.files, inner)));
    out.push_str(&screen.section(words::HELD_REASONS, &reasons(&report.files, inner)));
    out.push_str(&screen.section(words::DELIVERY, &deliveries(report, configuration, inner)));
    out.push_str(&screen.section(words::NOT_TAKEN, &skipped(report, inner)));
    out.push_str(&screen.section(words::DETAIL, &notes(report)));
    out
}

/// The run's notes, then those of each file.
fn notes(report: &RunReport) -> String {
    let of_files = report.files.iter().flat_map(|file| {
        let shown = |note: &String| format!("{}: {note}", file.name.escape_debug());
        file.notes.iter().map(shown)
    });
    let all: Vec<String> = report.notes.iter().cloned().chain(of_files).collect();
    all.join("\n")
}

fn heading(report: &RunReport, configuration: &Configuration, screen: Screen) -> String {
    let job = configuration
        .jobs
        .values()
        .find(|job| job.name.as_str() == report.job);
    let title = job.map_or_else(
        || report.job.clone(),
        |job| format!("{} {}", job.title, report.job),
    );
    let run = match report.run_no {
        Some(run) => Some(screen.fill(words::RUN_NO, &[&run])),
        None if report.is_dry_run => Some(screen.say(words::DRY_RUN).to_owned()),
        // What an operator asked for by a number is no run of a job.
        None => None,
    };
    let loaded: i64 = report.files.iter().map(|file| rows(report, file)).sum();
    let mut text = run.map_or_else(String::new, |run| {
        format!("{title} · {} · {run}\n", report.business_date)
    });
    if !report.files.is_empty() {
        let sentence = match report.is_dry_run {
            true => words::FILES_WOULD_LOAD,
            false => words::FILES_LOADED,
        };
        text.push_str(&screen.fill(sentence, &[&report.files.len(), &loaded]));
        text.push('\n');
    }
    text
}

/// Rows that a file brought, or in a dry run would bring (keys already there are not looked for).
fn rows(report: &RunReport, file: &FileReport) -> i64 {
    match (report.is_dry_run, file.outcome) {
        (false, _) => file.loaded,
        (true, "loaded") => file.decoded - file.rejected,
        (true, _) => 0,
    }
}

/// What became of each file.
pub(super) fn files(
    files: &[FileReport],
    job: Option<&str>,
    configuration: &Configuration,
    screen: Screen,
) -> String {
    let columns = [
        number(words::NUMBER),
        long(words::FILE_NAME),
        long(words::CONTENT),
        text(words::RESULT),
        number(words::DECODED),
        number(words::LOADED),
        number(words::REJECTED),
        number(words::DUPLICATES),
        number(words::FLAGGED),
    ];
    Table::of(columns, files, |file| {
        let read = file.read.as_deref().unwrap_or("");
        [
            shown::or_none(file.file_no),
            file.name.clone(),
            mapped::read_title(configuration, job, read),
            screen.say(words::outcome(file.outcome)).to_owned(),
            file.decoded.to_string(),
            file.loaded.to_string(),
            file.rejected.to_string(),
            file.duplicates.to_string(),
            file.flagged.to_string(),
        ]
    })
    .shown(screen)
}

fn disputes(files: &[FileReport], screen: Screen) -> String {
    let columns = [
        number(words::NUMBER),
        number(words::REASON_CODE),
        text(words::REASON),
        number(words::ROWS),
    ];
    let decided = files
        .iter()
        .flat_map(|file| file.decided.iter().map(move |one| (file, one)));
    Table::of(columns, decided, |(file, (reason, title, rows))| {
        [
            shown::or_none(file.file_no),
            reason.to_string(),
            title.clone(),
            rows.to_string(),
        ]
    })
    .shown(screen)
}

fn reasons(files: &[FileReport], screen: Screen) -> String {
    let columns = [
        number(words::NUMBER),
        text(words::CODE),
        long(words::REASON),
    ];
    let with_reason = files
        .iter()
        .filter(|file| file.reason.is_some() || file.code.is_some());
    Table::of(columns, with_reason, |file| {
        [
            shown::or_none(file.file_no),
            file.code.clone().unwrap_or_default(),
            file.reason.clone().unwrap_or_default(),
        ]
    })
    .shown(screen)
}

fn deliveries(report: &RunReport, configuration: &Configuration, screen: Screen) -> String {
    let columns = [
        number(words::NUMBER),
        long(words::FILE_NAME),
        text(words::CONTENT),
        long(words::RESULT),
    ];
    Table::of(columns, &report.deliveries, |delivery| {
        [
            delivery.delivery_no.to_string(),
            delivery.name.clone(),
            mapped::mapping_title(configuration, &delivery.mapping),
            delivery.error.clone().unwrap_or_else(|| {
                screen
                    .say(words::delivery_state(DeliveryState::Sent))
                    .to_owned()
            }),
        ]
    })
    .shown(screen)
}

fn skipped(report: &RunReport, screen: Screen) -> String {
    let columns = [
        long(words::FILE_NAME),
        text(words::CODE),
        text(words::NEEDS_ATTENTION),
        long(words::REASON),
    ];
    Table::of(columns, &report.skipped, |skipped| {
        [
            skipped.name.clone(),
            skipped.code.clone(),
            screen.say(words::yes_no(skipped.is_refused)).to_owned(),
            skipped.reason.clone(),
        ]
    })
    .shown(screen)
}

/// What an operator does after a run.
pub(super) fn next(report: &RunReport, configuration: &Configuration, screen: Screen) -> Vec<Step> {
    let mut next = Vec::new();
    if report.is_dry_run {
        let (job, day) = (&report.job, report.business_date);
        return vec![format!("dukou run {job} --business-date {day}").into()];
    }
    let is_held = |file: &&FileReport| {
        !matches!(
            file.outcome,
            "loaded" | "duplicate" | "unreconciled" | OPENED
        )
    };
    let held = report.files.iter().filter(is_held).count();
    if held > 0 {
        let why = screen.fill(words::DO_DECIDE_HELD, &[&held]);
        next.push(Step::new("dukou files list --state held", why));
    }
    let mut rejected = report.files.iter().filter(|file| file.rejected > 0);
    if let Some(file) = rejected.find_map(|file| file.file_no) {
        let command = format!("dukou rejects list --file {file}");
        next.push(Step::said(screen, command, words::DO_LIST_REJECTS));
    }
    if report
        .deliveries
        .iter()
        .any(|delivery| delivery.error.is_some())
    {
        next.push(Step::said(screen, "dukou recover", words::DO_RECOVER_SEND));
    }
    let refused = report.skipped.iter().filter(|skipped| skipped.is_refused);
    let codes: BTreeSet<&str> = refused.map(|skipped| skipped.code.as_str()).collect();
    let explained = codes.iter().take(3);
    next.extend(explained.map(|code| format!("dukou explain {code}").into()));
    if report.has_breaks {
        next.extend(shows_breaks(report, configuration, screen));
    }
    next
}

/// The report job that shows a reconciliation's breaks.
fn shows_breaks(report: &RunReport, configuration: &Configuration, screen: Screen) -> Option<Step> {
    let shows = |kind: &JobKind| matches!(kind, JobKind::Report(plan) if plan.reconcile.as_str() == report.job);
    let job = configuration.jobs.values().find(|job| shows(&job.kind))?;
    let command = format!(
        "dukou run {} --business-date {}",
        job.name, report.business_date
    );
    Some(Step::said(screen, command, words::DO_REPORT))
}

/// What was completed after a crash, a line each; nothing when there was nothing.
pub(super) fn recovered(
    recovered: &Recovered,
    configuration: &Configuration,
    screen: Screen,
) -> String {
    let mut parts: Vec<String> = recovered
        .nodes
        .iter()
        .map(|node| screen.fill(words::FREED, &[node]))
        .collect();
    for (count, sentence) in [
        (recovered.answered, words::RECOVERED_ANSWERS),
        (recovered.finished, words::RECOVERED_FINISHES),
        (recovered.temporary_files, words::RECOVERED_TEMPORARY),
    ] {
        if count > 0 {
            parts.push(screen.fill(sentence, &[&count]));
        }
    }
    let files = files(&recovered.files, None, configuration, screen.inner());
    let mut out = lines(parts);
    out.push_str(&screen.section(words::RECOVERED_FILES, &files));
    let sent = screen.say(words::delivery_state(DeliveryState::Sent));
    out.push_str(&lines(recovered.deliveries.iter().map(|delivery| {
        let result = delivery.error.as_deref().unwrap_or(sent);
        screen.fill(
            words::RECOVERED_DELIVERY,
            &[&delivery.delivery_no, &delivery.name, &result],
        )
    })));
    out.push_str(&lines(recovered.notes.iter().cloned()));
    out
}
