//! `dukou rejects`: refused records, until they are repaired or waived.

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use super::answer::{Answer, Exit};
use super::arguments::Actor;
use super::desk::Desk;
use super::environment::actor;
use super::error::CliError;
use super::sheet::{Sheet, section};
use super::table::{Table, long, number, text};
use super::{codes, mapped, progress, run_view, words};
use crate::engine::Engine;
use crate::id::FileNo;
use crate::ledger::{self, Act, RejectFilter, RejectKey, RejectRow, RejectState};

const EXAMPLES: &str = "\
Examples:
  dukou rejects list --file 12
  dukou rejects show 12 5                      the record's bytes, field, code and reason
  dukou rejects retry 12 --reason \"mapping mended: times with a space\"
  dukou rejects waive 12 5 --reason \"test card, agreed with the centre\"
  dukou rejects waive 12 --reason \"...\"        every open reject of the file

`retry` handles a held file as a whole, and a loaded one record by record.";

/// The most rejects that one `waive` ends.
const WAIVED_AT_MOST: u32 = 100_000;

/// Refused records.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct RejectsArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List rejects, by file and record.
    List {
        /// Of this file.
        #[arg(long)]
        file: Option<i64>,
        /// open, repaired, waived or all.
        #[arg(long, default_value = "open", value_parser = state)]
        state: Chosen,
        /// With this code.
        #[arg(long)]
        code: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// Show every refusal of one record, with its bytes.
    Show {
        /// The file's number.
        file: i64,
        /// The record's number in the file.
        record: i64,
    },
    /// Try the rejects of a file again, after its mapping or a code table was mended.
    Retry {
        /// The file's number.
        file: i64,
        #[command(flatten)]
        actor: Actor,
    },
    /// Decide that rejects need no repair.
    Waive {
        /// The file's number.
        file: i64,
        /// The record's number in the file; without it, every open reject of the file.
        record: Option<i64>,
        #[command(flatten)]
        actor: Actor,
    },
}

/// Which states are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Chosen(Option<RejectState>);

fn state(word: &str) -> Result<Chosen, String> {
    if word == "all" {
        return Ok(Chosen(None));
    }
    let known = || {
        RejectState::ALL
            .iter()
            .map(|state| state.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let found = RejectState::from_word(word);
    found
        .map(|state| Chosen(Some(state)))
        .ok_or_else(|| format!("the states are {}, all", known()))
}

/// `dukou rejects …`
pub(super) async fn run(args: &RejectsArgs, desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    let engine = desk.engine().await?;
    match &args.verb {
        Verb::List {
            file,
            state,
            code,
            limit,
        } => {
            let filter = RejectFilter {
                file: file.map(FileNo),
                state: state.0,
                code: code.clone(),
                limit: *limit,
            };
            list(&filter, &engine, desk.width()).await
        }
        Verb::Show { file, record } => show(FileNo(*file), *record, &engine).await,
        Verb::Retry { file, actor } => retry(FileNo(*file), actor, &engine, desk).await,
        Verb::Waive {
            file,
            record,
            actor,
        } => waive(FileNo(*file), *record, actor, &engine).await,
    }
}

async fn list(filter: &RejectFilter, engine: &Engine, width: usize) -> Result<Answer, CliError> {
    let rows = ledger::list_rejects(engine.database(), filter).await?;
    let text = if rows.is_empty() {
        "没有这样的拒收记录".to_owned()
    } else {
        table(&rows, width)
    };
    let next = rows
        .first()
        .map(|row| format!("dukou rejects show {} {}", row.file_no, row.record_no));
    let json: Vec<Json> = rows.iter().map(to_json).collect();
    Ok(Answer::shown(json!({ "rejects": json }), text).next(next.into_iter().collect()))
}

/// Rejects, one a line.
pub(super) fn table(rows: &[RejectRow], width: usize) -> String {
    let columns = [
        number("文件"),
        number("记录"),
        long("字段"),
        text("代码"),
        text("状态"),
        long("说明"),
    ];
    Table::of(columns, rows, |row| {
        [
            row.file_no.to_string(),
            row.record_no.to_string(),
            row.field.clone().unwrap_or_default(),
            row.code.clone(),
            words::reject_state(row.state).to_owned(),
            row.detail.clone(),
        ]
    })
    .shown(width)
}

/// A reject as data: its bytes also as text, where they are text.
pub(super) fn to_json(row: &RejectRow) -> Json {
    let mut json = serde_json::to_value(row).unwrap_or_default();
    if let Some(object) = json.as_object_mut() {
        let text = mapped::decoded(&row.raw).map(|(text, _)| text);
        object.insert("raw_text".to_owned(), text.into());
    }
    json
}

async fn show(file: FileNo, record: i64, engine: &Engine) -> Result<Answer, CliError> {
    let first = RejectKey {
        file,
        record_no: record,
        ordinal: 1,
    };
    let mut rows = vec![ledger::show_reject(engine.database(), &first).await?];
    let filter = RejectFilter {
        file: Some(file),
        limit: WAIVED_AT_MOST,
        ..RejectFilter::default()
    };
    let all = ledger::list_rejects(engine.database(), &filter).await?;
    rows.extend(
        all.into_iter()
            .filter(|row| row.record_no == record && row.ordinal > 1),
    );
    let landed = ledger::show_file(engine.database(), file).await?;
    let shares = mapped::shares_bytes(engine.configuration(), &landed);
    let text: String = rows.iter().map(|row| shown(row, engine, shares)).collect();
    let raw = rows.first().map_or_else(String::new, |row| {
        let whole = if shares {
            row.raw.len() as i64
        } else {
            row.byte_length
        };
        raw(&row.raw, whole)
    });
    let json: Vec<Json> = rows.iter().map(to_json).collect();
    let mut next = vec![format!("dukou trace file {file} --record {record}")];
    if rows.iter().any(|row| row.state == RejectState::Open) {
        next.push(format!("dukou rejects retry {file} --reason …"));
        next.push(format!("dukou rejects waive {file} {record} --reason …"));
    }
    Ok(Answer::shown(json!({ "rejects": json }), format!("{text}{raw}")).next(next))
}

fn shown(row: &RejectRow, engine: &Engine, shares_bytes: bool) -> String {
    let place = match mapped::decoded(&row.raw).filter(|_| shares_bytes) {
        Some((text, _)) => {
            let row = text.lines().next().unwrap_or_default();
            format!("{}（工作表!行）", words::escaped(row.as_bytes()))
        }
        None => format!(
            "内容第 {} 字节起，共 {} 字节",
            row.byte_offset, row.byte_length
        ),
    };
    let title = codes::find(&row.code).map_or("", |code| code.title_zh);
    let mut sheet = Sheet::new();
    sheet
        .fact("文件", row.file_no)
        .fact("记录", row.record_no)
        .fact("位置", place)
        .maybe("字段", row.field.as_ref())
        .fact("代码", format!("{} {title}", row.code))
        .fact("种类", words::reject_kind(row.kind))
        .fact("说明", &row.detail)
        .fact("状态", words::reject_state(row.state))
        .maybe("豁免原因", row.waived_reason.as_ref())
        .maybe("豁免人", row.waived_by.as_ref())
        .fact(
            "豁免时间",
            words::moment_or_none(engine.clock(), row.waived_at),
        )
        .maybe("修复于文件", row.repaired_by)
        .fact(
            "修复时间",
            words::moment_or_none(engine.clock(), row.repaired_at),
        );
    format!("{}\n", sheet.shown())
}

/// A record's bytes: as text where they are text, else escaped; said when they are cut.
pub(super) fn raw(bytes: &[u8], length: i64) -> String {
    let (title, text) = match mapped::decoded(bytes) {
        Some((text, encoding)) => (
            format!("原始记录（{encoding}）"),
            words::escaped(text.as_bytes()),
        ),
        None => (
            "原始记录（不是文本，按字节转义）".to_owned(),
            words::escaped(bytes),
        ),
    };
    let mut shown = section(&title, &text);
    if (bytes.len() as i64) < length {
        shown.push_str("  …（仅保留前部，全文在档案中）\n");
    }
    shown.trim_start_matches('\n').to_owned()
}

async fn retry(
    file: FileNo,
    by: &Actor,
    engine: &Engine,
    desk: &mut Desk<'_>,
) -> Result<Answer, CliError> {
    let who = actor(by.who.as_deref());
    let act = Act {
        who: &who,
        reason: &by.reason,
    };
    let bars = progress::watched(desk.out);
    let (retried, report) = engine.retry_rejects(file, &act, &*bars).await?;
    drop(bars);
    let configuration = engine.configuration();
    let text = match &retried.file {
        Some(_) => run_view::report(&report, configuration, desk.width()),
        None => format!(
            "文件 {file}：修复 {} 条，仍被拒收 {} 条",
            retried.repaired, retried.still_rejected
        ),
    };
    let exit = Exit::clean(report.is_clean() && retried.still_rejected == 0);
    let mut next = run_view::next(&report, configuration);
    if retried.still_rejected > 0 {
        next.push(format!("dukou rejects list --file {file}"));
    }
    Ok(Answer::done(exit, json!({ "retried": retried, "run": report }), text).next(next))
}

async fn waive(
    file: FileNo,
    record: Option<i64>,
    by: &Actor,
    engine: &Engine,
) -> Result<Answer, CliError> {
    let who = actor(by.who.as_deref());
    let act = Act {
        who: &who,
        reason: &by.reason,
    };
    ledger::show_file(engine.database(), file).await?;
    let filter = RejectFilter {
        file: Some(file),
        state: Some(RejectState::Open),
        limit: WAIVED_AT_MOST,
        ..RejectFilter::default()
    };
    let open = ledger::list_rejects(engine.database(), &filter).await?;
    let wanted: Vec<&RejectRow> = open
        .iter()
        .filter(|row| record.is_none_or(|record| row.record_no == record))
        .collect();
    if wanted.is_empty() {
        let name = record.map_or_else(|| file.to_string(), |record| format!("{file}/{record}"));
        let next = format!("`dukou rejects list --file {file} --state all` shows what there is");
        return Err(CliError::Unknown {
            what: "open reject of",
            name,
            next,
        });
    }
    let mut transaction = engine.database().begin().await?;
    for row in &wanted {
        let key = RejectKey {
            file,
            record_no: row.record_no,
            ordinal: row.ordinal,
        };
        ledger::waive_reject(&mut transaction, &key, &act, engine.clock().now()).await?;
    }
    transaction.commit().await?;
    let text = format!("文件 {file}：豁免 {} 条", wanted.len());
    Ok(Answer::done(
        Exit::Done,
        json!({ "file": file.0, "waived": wanted.len() }),
        text,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_text_are_read_and_others_escaped() {
        let gbk = [0xC9, 0xC2, b'A', b'|', 0x1B];
        assert_eq!(raw(&gbk, 5), "原始记录（GB18030）\n  陕A|\\u{1b}\n");
        assert_eq!(
            raw(&[0xFF, 0xFF, b'A'], 9),
            "原始记录（不是文本，按字节转义）\n  \\xff\\xffA\n  …（仅保留前部，全文在档案中）\n"
        );
    }

    #[test]
    fn the_states_to_list_include_all() {
        assert_eq!(state("all"), Ok(Chosen(None)));
        assert_eq!(state("open"), Ok(Chosen(Some(RejectState::Open))));
        assert_eq!(
            state("x"),
            Err("the states are open, repaired, waived, all".to_owned())
        );
    }
}
