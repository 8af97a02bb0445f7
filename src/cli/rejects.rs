//! `dukou rejects`: refused records, until they are repaired or waived.

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use super::answer::{Answer, Exit, Step};
use super::arguments::Actor;
use super::desk::Desk;
use super::error::CliError;
use super::screen::Screen;
use super::sheet::{Sheet, indented, section};
use super::table::{Table, long, number, text};
use super::{codes, listing, mapped, progress, run_view, shown, words};
use crate::engine::Engine;
use crate::id::FileNo;
use crate::ledger::{self, RejectFilter, RejectKey, RejectRow, RejectState};

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
    listing::state(word, RejectState::ALL, RejectState::as_str)
        .map(|state| Chosen(Some(state)))
        .map_err(|known| format!("{known}, all"))
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
            list(&filter, &engine, desk.screen()).await
        }
        Verb::Show { file, record } => show(FileNo(*file), *record, &engine, desk.screen()).await,
        Verb::Retry { file, actor } => retry(FileNo(*file), actor, &engine, desk).await,
        Verb::Waive {
            file,
            record,
            actor,
        } => waive(FileNo(*file), *record, actor, &engine, desk.screen()).await,
    }
}

async fn list(filter: &RejectFilter, engine: &Engine, screen: Screen) -> Result<Answer, CliError> {
    let rows = ledger::list_rejects(engine.database(), filter).await?;
    let text = if rows.is_empty() {
        screen.say(words::NO_REJECTS).to_owned()
    } else {
        table(&rows, screen)
    };
    let next = rows
        .first()
        .map(|row| format!("dukou rejects show {} {}", row.file_no, row.record_no));
    let json: Vec<Json> = rows.iter().map(to_json).collect();
    Ok(Answer::shown(json!({ "rejects": json }), text).next(next))
}

/// Rejects, one a line.
pub(super) fn table(rows: &[RejectRow], screen: Screen) -> String {
    let columns = [
        number(words::FILE),
        number(words::RECORD),
        long(words::FIELD),
        text(words::CODE),
        text(words::STATE),
        long(words::DETAIL),
    ];
    Table::of(columns, rows, |row| {
        [
            row.file_no.to_string(),
            row.record_no.to_string(),
            row.field.clone().unwrap_or_default(),
            row.code.clone(),
            screen.say(words::reject_state(row.state)).to_owned(),
            row.detail.clone(),
        ]
    })
    .shown(screen)
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

async fn show(
    file: FileNo,
    record: i64,
    engine: &Engine,
    screen: Screen,
) -> Result<Answer, CliError> {
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
    let text: String = rows
        .iter()
        .map(|row| facts(row, engine, shares, screen))
        .collect();
    let raw = rows.first().map_or_else(String::new, |row| {
        let whole = if shares {
            row.raw.len() as i64
        } else {
            row.byte_length
        };
        raw(&row.raw, whole, screen)
    });
    let json: Vec<Json> = rows.iter().map(to_json).collect();
    let mut next = vec![format!("dukou trace file {file} --record {record}")];
    if rows.iter().any(|row| row.state == RejectState::Open) {
        next.push(format!("dukou rejects retry {file} --reason …"));
        next.push(format!("dukou rejects waive {file} {record} --reason …"));
    }
    Ok(Answer::shown(json!({ "rejects": json }), format!("{text}{raw}")).next(next))
}

fn facts(row: &RejectRow, engine: &Engine, shares_bytes: bool, screen: Screen) -> String {
    let place = match mapped::decoded(&row.raw).filter(|_| shares_bytes) {
        Some((text, _)) => {
            let row = text.lines().next().unwrap_or_default();
            screen.fill(words::SHEET_ROW, &[&shown::escaped(row.as_bytes())])
        }
        None => screen.fill(words::RECORD_BYTES, &[&row.byte_offset, &row.byte_length]),
    };
    let title = codes::find(&row.code).map_or("", |code| screen.pick(code.title_zh, code.title));
    let mut sheet = Sheet::new(screen);
    sheet
        .fact(words::FILE, row.file_no)
        .fact(words::RECORD, row.record_no)
        .fact(words::POSITION, place)
        .maybe(words::FIELD, row.field.as_ref())
        .fact(words::CODE, format!("{} {title}", row.code))
        .fact(words::KIND, screen.say(words::reject_kind(row.kind)))
        .fact(words::DETAIL, &row.detail)
        .fact(words::STATE, screen.say(words::reject_state(row.state)))
        .maybe(words::WAIVED_REASON, row.waived_reason.as_ref())
        .maybe(words::WAIVED_BY, row.waived_by.as_ref())
        .fact(
            words::WAIVED_AT,
            shown::moment_or_none(engine.clock(), row.waived_at),
        )
        .maybe(words::REPAIRED_BY, row.repaired_by)
        .fact(
            words::REPAIRED_AT,
            shown::moment_or_none(engine.clock(), row.repaired_at),
        );
    format!("{}\n", sheet.shown())
}

/// A record's bytes: as text where they are text, else escaped; said when they are cut.
pub(super) fn raw(bytes: &[u8], length: i64, screen: Screen) -> String {
    let (title, text) = match mapped::decoded(bytes) {
        Some((text, encoding)) => (
            screen.fill(words::RAW_IN, &[&encoding]),
            shown::escaped(text.as_bytes()),
        ),
        None => (
            screen.say(words::RAW_ESCAPED).to_owned(),
            shown::escaped(bytes),
        ),
    };
    let mut text = section(&title, &text);
    if (bytes.len() as i64) < length {
        text.push_str(&indented(screen.say(words::RAW_CUT)));
    }
    text.trim_start_matches('\n').to_owned()
}

async fn retry(
    file: FileNo,
    by: &Actor,
    engine: &Engine,
    desk: &mut Desk<'_>,
) -> Result<Answer, CliError> {
    let who = by.name();
    let act = by.act(&who);
    let bars = progress::watched(desk.out);
    let (retried, report) = engine.retry_rejects(file, &act, &*bars).await?;
    drop(bars);
    let configuration = engine.configuration();
    let text = match &retried.file {
        Some(_) => run_view::report(&report, configuration, desk.screen()),
        None => desk.screen().fill(
            words::RETRIED,
            &[&file, &retried.repaired, &retried.still_rejected],
        ),
    };
    let exit = Exit::clean(report.is_clean() && retried.still_rejected == 0);
    let mut next = run_view::next(&report, configuration, desk.screen());
    if retried.still_rejected > 0 {
        next.push(Step::new(format!("dukou rejects list --file {file}"), ""));
    }
    Ok(Answer::done(exit, json!({ "retried": retried, "run": report }), text).next(next))
}

async fn waive(
    file: FileNo,
    record: Option<i64>,
    by: &Actor,
    engine: &Engine,
    screen: Screen,
) -> Result<Answer, CliError> {
    let who = by.name();
    let act = by.act(&who);
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
    let text = screen.fill(words::WAIVED_COUNT, &[&file, &wanted.len()]);
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
        assert_eq!(
            raw(&gbk, 5, Screen::USUAL),
            "原始记录（GB18030）\n  陕A|\\u{1b}\n"
        );
        assert_eq!(
            raw(&[0xFF, 0xFF, b'A'], 9, Screen::USUAL),
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
