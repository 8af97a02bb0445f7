//! What a run did, for people, and the commands that follow from it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::mapped;
use super::sheet::section;
use super::table::{Table, long, number, text};
use super::words;
use crate::engine::{FileReport, Recovered, RunReport};
use crate::job::{Configuration, JobKind};

/// A run's report as tables; the configuration gives the titles.
pub(super) fn report(report: &RunReport, configuration: &Configuration, width: usize) -> String {
    let mut out = heading(report, configuration);
    let inner = width.saturating_sub(2);
    out.push_str(&section(
        "文件",
        &files(&report.files, Some(&report.job), configuration, inner),
    ));
    out.push_str(&section("争议", &disputes(&report.files, inner)));
    out.push_str(&section("挂起与拒收的原因", &reasons(&report.files, inner)));
    out.push_str(&section("发送", &deliveries(report, configuration, inner)));
    out.push_str(&section("未取走", &skipped(report, inner)));
    out.push_str(&section("说明", &notes(report)));
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

fn heading(report: &RunReport, configuration: &Configuration) -> String {
    let job = configuration
        .jobs
        .values()
        .find(|job| job.name.as_str() == report.job);
    let title = job.map_or_else(
        || report.job.clone(),
        |job| format!("{} {}", job.title, report.job),
    );
    let run = match report.run_no {
        Some(run) => format!("执行记录 {run}"),
        None if report.is_dry_run => "演练：什么都没有改变".to_owned(),
        None => String::new(),
    };
    let loaded: i64 = report.files.iter().map(|file| rows(report, file)).sum();
    let mut text = format!("{title} · {} · {run}\n", report.business_date);
    if !report.files.is_empty() {
        let verb = if report.is_dry_run {
            "将载入"
        } else {
            "载入"
        };
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{} 个文件，{verb} {loaded} 行", report.files.len());
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
    width: usize,
) -> String {
    let columns = [
        number("编号"),
        long("文件名"),
        long("内容"),
        text("结果"),
        number("解析"),
        number("载入"),
        number("拒收"),
        number("重复"),
        number("带错"),
    ];
    Table::of(columns, files, |file| {
        let read = file.read.as_deref().unwrap_or("");
        [
            words::or_none(file.file_no),
            file.name.clone(),
            mapped::read_title(configuration, job, read),
            file.title.to_owned(),
            file.decoded.to_string(),
            file.loaded.to_string(),
            file.rejected.to_string(),
            file.duplicates.to_string(),
            file.flagged.to_string(),
        ]
    })
    .shown(width)
}

fn disputes(files: &[FileReport], width: usize) -> String {
    let columns = [
        number("编号"),
        number("原因码"),
        text("原因"),
        number("行数"),
    ];
    let decided = files
        .iter()
        .flat_map(|file| file.decided.iter().map(move |one| (file, one)));
    Table::of(columns, decided, |(file, (reason, title, rows))| {
        [
            words::or_none(file.file_no),
            reason.to_string(),
            title.clone(),
            rows.to_string(),
        ]
    })
    .shown(width)
}

fn reasons(files: &[FileReport], width: usize) -> String {
    let columns = [number("编号"), text("代码"), long("原因")];
    let with_reason = files
        .iter()
        .filter(|file| file.reason.is_some() || file.code.is_some());
    Table::of(columns, with_reason, |file| {
        [
            words::or_none(file.file_no),
            file.code.clone().unwrap_or_default(),
            file.reason.clone().unwrap_or_default(),
        ]
    })
    .shown(width)
}

fn deliveries(report: &RunReport, configuration: &Configuration, width: usize) -> String {
    let columns = [number("编号"), long("文件名"), text("内容"), long("结果")];
    Table::of(columns, &report.deliveries, |delivery| {
        [
            delivery.delivery_no.to_string(),
            delivery.name.clone(),
            mapped::mapping_title(configuration, &delivery.mapping),
            delivery
                .error
                .clone()
                .unwrap_or_else(|| "已送达".to_owned()),
        ]
    })
    .shown(width)
}

fn skipped(report: &RunReport, width: usize) -> String {
    let columns = [long("文件名"), text("代码"), text("须处理"), long("原因")];
    Table::of(columns, &report.skipped, |skipped| {
        [
            skipped.name.clone(),
            skipped.code.clone(),
            words::yes_no(skipped.is_refused).to_owned(),
            skipped.reason.clone(),
        ]
    })
    .shown(width)
}

/// What an operator does after a run.
pub(super) fn next(report: &RunReport, configuration: &Configuration) -> Vec<String> {
    let mut next = Vec::new();
    if report.is_dry_run {
        return vec![format!(
            "dukou run {} --business-date {}",
            report.job, report.business_date
        )];
    }
    let is_held =
        |file: &&FileReport| !matches!(file.outcome, "loaded" | "duplicate" | "unreconciled");
    let held = report.files.iter().filter(is_held).count();
    if held > 0 {
        next.push(format!(
            "dukou files list --state held      {held} 个文件挂起待处理"
        ));
    }
    if let Some(file) = report
        .files
        .iter()
        .find(|file| file.rejected > 0)
        .and_then(|file| file.file_no)
    {
        next.push(format!(
            "dukou rejects list --file {file}        拒收的记录"
        ));
    }
    if report
        .deliveries
        .iter()
        .any(|delivery| delivery.error.is_some())
    {
        next.push("dukou recover                      再次发送未送达的文件".to_owned());
    }
    let codes: BTreeSet<&str> = report
        .skipped
        .iter()
        .filter(|skipped| skipped.is_refused)
        .map(|skipped| skipped.code.as_str())
        .collect();
    next.extend(
        codes
            .iter()
            .take(3)
            .map(|code| format!("dukou explain {code}")),
    );
    if report.has_breaks {
        next.extend(shows_breaks(report, configuration));
    }
    next
}

/// The report job that shows a reconciliation's breaks.
fn shows_breaks(report: &RunReport, configuration: &Configuration) -> Option<String> {
    configuration.jobs.values().find_map(|job| match &job.kind {
        JobKind::Report(plan) if plan.reconcile.as_str() == report.job => Some(format!(
            "dukou run {} --business-date {}      写出对账报告，列明差异",
            job.name, report.business_date
        )),
        _ => None,
    })
}

/// What was completed after a crash, a line each; nothing when there was nothing.
pub(super) fn recovered(
    recovered: &Recovered,
    configuration: &Configuration,
    width: usize,
) -> String {
    let mut out = String::new();
    for node in &recovered.nodes {
        let _ = writeln!(out, "释放已终止进程的占用：{node}");
    }
    for (count, what) in [
        (recovered.answered, "补做业务应答"),
        (recovered.finished, "补做处理完毕"),
        (recovered.temporary_files, "清除临时文件"),
    ] {
        if count > 0 {
            let _ = writeln!(out, "{what}：{count}");
        }
    }
    out.push_str(&section(
        "补处理的文件",
        &files(
            &recovered.files,
            None,
            configuration,
            width.saturating_sub(2),
        ),
    ));
    for delivery in &recovered.deliveries {
        let result = delivery.error.as_deref().unwrap_or("已送达");
        let _ = writeln!(
            out,
            "发送 {} {}：{result}",
            delivery.delivery_no, delivery.name
        );
    }
    for note in &recovered.notes {
        let _ = writeln!(out, "{note}");
    }
    out
}
