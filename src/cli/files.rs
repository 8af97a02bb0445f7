//! `dukou files`: what came, and what an operator decides about it.

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde_json::json;

use super::answer::{Answer, Exit};
use super::arguments::{Actor, day};
use super::desk::Desk;
use super::environment::actor;
use super::error::CliError;
use super::sheet::{Sheet, section};
use super::table::{Table, long, number, text};
use super::words::{self, moment};
use super::{deliveries, mapped, progress, rejects, run_view};
use crate::engine::Engine;
use crate::id::FileNo;
use crate::ledger::{self, Act, DeliveryFilter, FileFilter, FileRow, FileState, RejectFilter};

const EXAMPLES: &str = "\
Examples:
  dukou files list --state held
  dukou files list --business-date 2026-03-09 --partner etc_clearing
  dukou files show 12                          everything about a file, down to its bytes
  dukou files supersede 12 --reason \"centre resent a corrected package\"
  dukou files refuse 12 --reason \"centre withdrew it by phone\"";

/// Rejects and deliveries shown with a file.
const SHOWN: u32 = 10;

/// Files that came.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct FilesArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List files, the latest first.
    List(ListArgs),
    /// Show everything about one file.
    Show {
        /// The file's number.
        file: i64,
    },
    /// Let a held altered re-send take the place of the file it alters.
    Supersede {
        /// The held file's number.
        file: i64,
        #[command(flatten)]
        actor: Actor,
    },
    /// Decide that a held file is not to be loaded, for good.
    Refuse {
        /// The held file's number.
        file: i64,
        #[command(flatten)]
        actor: Actor,
    },
}

#[derive(Debug, Args)]
struct ListArgs {
    /// landed, loaded, held, duplicate, superseded or refused.
    #[arg(long, value_parser = state)]
    state: Option<FileState>,
    /// Of this partner.
    #[arg(long)]
    partner: Option<String>,
    /// Of this business day.
    #[arg(long, value_name = "DAY", value_parser = day)]
    business_date: Option<NaiveDate>,
    /// With this text in the name.
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Below this number: the last one of the page before.
    #[arg(long, value_name = "FILE")]
    before: Option<i64>,
    /// At most so many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
}

fn state(word: &str) -> Result<FileState, String> {
    let known = || {
        FileState::ALL
            .iter()
            .map(|state| state.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    FileState::from_word(word).ok_or_else(|| format!("the states are {}", known()))
}

/// `dukou files …`
pub(super) async fn run(args: &FilesArgs, desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    let engine = desk.engine().await?;
    match &args.verb {
        Verb::List(filter) => list(filter, &engine, desk.width()).await,
        Verb::Show { file } => show(FileNo(*file), &engine, desk.width()).await,
        Verb::Supersede { file, actor: by } => {
            let who = actor(by.who.as_deref());
            let act = Act {
                who: &who,
                reason: &by.reason,
            };
            let bars = progress::watched(desk.out);
            let report = engine.supersede(FileNo(*file), &act, &*bars).await?;
            let text = run_view::report(&report, engine.configuration(), desk.width());
            let next = run_view::next(&report, engine.configuration());
            let exit = Exit::clean(report.is_clean());
            Ok(Answer::done(exit, json!({ "run": report }), text).next(next))
        }
        Verb::Refuse { file, actor: by } => {
            let who = actor(by.who.as_deref());
            engine
                .refuse(
                    FileNo(*file),
                    &Act {
                        who: &who,
                        reason: &by.reason,
                    },
                )
                .await?;
            let row = ledger::show_file(engine.database(), FileNo(*file)).await?;
            let text = format!("文件 {file} {}", words::file_state(row.state));
            Ok(Answer::done(Exit::Done, json!({ "file": row }), text))
        }
    }
}

async fn list(args: &ListArgs, engine: &Engine, width: usize) -> Result<Answer, CliError> {
    let filter = FileFilter {
        state: args.state,
        partner: args.partner.clone(),
        business_date: args.business_date,
        name: args.name.clone(),
        interface: None,
        before: args.before.map(FileNo),
        limit: args.limit,
    };
    let files = ledger::list_files(engine.database(), &filter).await?;
    let text = if files.is_empty() {
        "没有这样的文件".to_owned()
    } else {
        table(&files, engine, width)
    };
    let answer = Answer::shown(json!({ "files": files }), text);
    let full = files.len() == args.limit as usize;
    Ok(match files.last().filter(|_| full) {
        Some(last) => answer.next(vec![format!(
            "dukou files list --before {}      下一页",
            last.file_no
        )]),
        None => answer,
    })
}

/// Files, one a line.
pub(super) fn table(files: &[FileRow], engine: &Engine, width: usize) -> String {
    let columns = [
        number("编号"),
        long("文件名"),
        long("内容"),
        text("状态"),
        number("载入"),
        number("拒收"),
        text("收到"),
        long("代码"),
    ];
    Table::of(columns, files, |file| {
        [
            file.file_no.to_string(),
            file.name.clone(),
            content(file, engine),
            words::file_state(file.state).to_owned(),
            file.loaded.to_string(),
            file.rejected.to_string(),
            moment(engine.clock(), file.received_at),
            file.code.clone().unwrap_or_default(),
        ]
    })
    .shown(width)
}

/// What a file is, as its read or its mapping names it.
fn content(file: &FileRow, engine: &Engine) -> String {
    let configuration = engine.configuration();
    let job = mapped::reader(configuration, file).map(|(job, _)| job);
    match (&file.read_label, &file.mapping) {
        (Some(read), _) => mapped::read_title(configuration, job, read),
        (None, Some(mapping)) => mapped::mapping_title(configuration, mapping),
        (None, None) => String::new(),
    }
}

async fn show(number: FileNo, engine: &Engine, width: usize) -> Result<Answer, CliError> {
    let database = engine.database();
    let file = ledger::show_file(database, number).await?;
    let controls = ledger::list_controls(database, number).await?;
    let filter = RejectFilter {
        file: Some(number),
        limit: SHOWN,
        ..RejectFilter::default()
    };
    let rejected = ledger::list_rejects(database, &filter).await?;
    let filter = DeliveryFilter {
        answers_file: Some(number),
        limit: SHOWN,
        as_of: Some(engine.clock().now()),
        ..DeliveryFilter::default()
    };
    let answers = ledger::list_deliveries(database, &filter).await?;
    let archive = engine.archive().path(file.landed_digest);
    let inner = width.saturating_sub(2);
    let mut text = facts(&file, engine);
    text.push_str(&section("笔数", &counts(&file)));
    text.push_str(&section("汇总核对项", &control_table(&controls, inner)));
    text.push_str(&section("拒收记录", &rejects::table(&rejected, inner)));
    text.push_str(&section(
        "应答",
        &deliveries::table(&answers, engine.clock(), inner),
    ));
    let json = json!({
        "file": file,
        "archive_path": archive,
        "controls": controls,
        "rejects": rejected.iter().map(rejects::to_json).collect::<Vec<_>>(),
        "answers": answers,
    });
    Ok(Answer::shown(json, text).next(next(&file)))
}

fn facts(file: &FileRow, engine: &Engine) -> String {
    let clock = engine.clock();
    let mut sheet = Sheet::new();
    sheet
        .fact("文件", file.file_no)
        .fact("名称", &file.name)
        .fact("来自", file.location())
        .fact("对接单位", &file.partner)
        .fact("内容", content(file, engine))
        .fact("状态", words::file_state(file.state))
        .maybe("代码", file.code.as_ref())
        .maybe("原因", file.reason.as_ref())
        .maybe("接口", file.interface.as_ref())
        .maybe("标识", file.identity.as_ref())
        .maybe("记账日期", file.business_date)
        .fact("收到", moment(clock, file.received_at))
        .fact("决定", words::moment_or_none(clock, file.decided_at))
        .fact("载入", words::moment_or_none(clock, file.loaded_at))
        .maybe("执行记录", file.run_no)
        .maybe("原文件", file.original_file_no)
        .maybe("取代", file.supersedes)
        .maybe("被取代于", file.superseded_by)
        .fact("业务应答", words::answer_state(file.answer_state))
        .fact("对方侧", words::finish_state(file.finish_state))
        .fact("落地字节", words::bytes(file.landed_bytes))
        .fact("落地摘要", file.landed_digest)
        .maybe("封装", file.envelope.as_ref())
        .maybe("内容字节", file.content_bytes.map(words::bytes))
        .maybe("内容摘要", file.content_digest)
        .fact("档案", engine.archive().path(file.landed_digest).display());
    sheet.shown()
}

fn counts(file: &FileRow) -> String {
    let promised = file
        .promised
        .map(|count| format!("承诺 {count}，"))
        .unwrap_or_default();
    if !matches!(file.state, FileState::Loaded | FileState::Superseded) {
        return format!(
            "{promised}解析 {}，其中拒收 {}；没有载入",
            file.decoded, file.rejected
        );
    }
    format!(
        "{promised}解析 {} = 载入 {} + 拒收 {} + 主键重复 {}；载入中带错 {}",
        file.decoded, file.loaded, file.rejected, file.duplicates, file.flagged
    )
}

fn control_table(controls: &[ledger::ControlRow], width: usize) -> String {
    let columns = [
        long("核对项"),
        number("对方声明"),
        number("本方计算"),
        text("一致"),
    ];
    Table::of(columns, controls, |control| {
        [
            control.name.clone(),
            control.declared.clone().unwrap_or_default(),
            control.computed.clone().unwrap_or_default(),
            words::yes_no(control.agrees).to_owned(),
        ]
    })
    .shown(width)
}

fn next(file: &FileRow) -> Vec<String> {
    let number = file.file_no;
    match file.state {
        FileState::Held if file.original_file_no.is_some() => vec![
            format!("dukou files supersede {number} --reason …    以此文件取代原文件"),
            format!("dukou files refuse {number} --reason …       不予载入"),
        ],
        FileState::Held => vec![
            format!("dukou rejects retry {number} --reason …      修正映射后重试"),
            format!("dukou files refuse {number} --reason …       不予载入"),
        ],
        FileState::Landed => vec!["dukou recover".to_owned()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_one_of_the_ledgers_words() {
        assert_eq!(state("held"), Ok(FileState::Held));
        assert_eq!(
            state("hold"),
            Err("the states are landed, loaded, held, duplicate, superseded, refused".to_owned())
        );
    }
}
