//! `dukou files`: what came, and what an operator decides about it.

use clap::{Args, Subcommand};
use serde_json::json;

use super::answer::{Answer, Exit, Step};
use super::arguments::Actor;
use super::desk::Desk;
use super::error::CliError;
use super::listing::{self, Narrowing};
use super::screen::Screen;
use super::sheet::Sheet;
use super::shown::{self, moment};
use super::table::{Table, long, number, text};
use super::words;
use super::{deliveries, mapped, progress, rejects, run_view};
use crate::engine::Engine;
use crate::id::FileNo;
use crate::ledger::{self, DeliveryFilter, FileFilter, FileRow, FileState, RejectFilter};

const EXAMPLES: &str = "\
Examples:
  dukou files list --state held
  dukou files list --business-date 2026-03-09 --partner etc_clearing
  dukou files show 12                          everything about a file, down to its bytes
  dukou files supersede 12 --reason \"centre resent a corrected package\"
  dukou files refuse 12 --reason \"centre withdrew it by phone\"";

/// Rejects and deliveries shown with a file.
const SHOWN: u32 = 10;

/// Entries shown with an archive: the last ones.
const ENTRIES_SHOWN: u32 = 1_000;

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
    /// landed, loaded, held, duplicate, superseded, refused or opened.
    #[arg(long, value_parser = state)]
    state: Option<FileState>,
    #[command(flatten)]
    narrowing: Narrowing,
}

fn state(word: &str) -> Result<FileState, String> {
    listing::state(word, FileState::ALL, FileState::as_str)
}

/// `dukou files …`
pub(super) async fn run(args: &FilesArgs, desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    let engine = desk.engine().await?;
    match &args.verb {
        Verb::List(filter) => list(filter, &engine, desk.screen()).await,
        Verb::Show { file } => show(FileNo(*file), &engine, desk.screen()).await,
        Verb::Supersede { file, actor: by } => {
            let who = by.name();
            let bars = progress::watched(desk.out);
            let report = engine
                .supersede(FileNo(*file), &by.act(&who), &*bars)
                .await?;
            let text = run_view::report(&report, engine.configuration(), desk.screen());
            let next = run_view::next(&report, engine.configuration(), desk.screen());
            let exit = Exit::clean(report.is_clean());
            Ok(Answer::done(exit, json!({ "run": report }), text).next(next))
        }
        Verb::Refuse { file, actor: by } => {
            let who = by.name();
            engine.refuse(FileNo(*file), &by.act(&who)).await?;
            let row = ledger::show_file(engine.database(), FileNo(*file)).await?;
            let screen = desk.screen();
            let state = screen.say(words::file_state(row.state));
            let text = screen.fill(words::FILE_IS, &[file, &state]);
            Ok(Answer::done(Exit::Done, json!({ "file": row }), text))
        }
    }
}

async fn list(args: &ListArgs, engine: &Engine, screen: Screen) -> Result<Answer, CliError> {
    let narrowing = &args.narrowing;
    let filter = FileFilter {
        state: args.state,
        partner: narrowing.partner.clone(),
        business_date: narrowing.business_date,
        name: narrowing.name.clone(),
        interface: None,
        container: None,
        before: narrowing.before.map(FileNo),
        limit: narrowing.limit,
    };
    let files = ledger::list_files(engine.database(), &filter).await?;
    let text = if files.is_empty() {
        screen.say(words::NO_FILES).to_owned()
    } else {
        table(&files, engine, screen)
    };
    let answer = Answer::shown(json!({ "files": files }), text);
    let state = args.state.map(|state| state.as_str());
    let last = files.last().map(|file| file.file_no.0);
    let page = narrowing.next_page("files", state, files.len(), last);
    Ok(answer.next(page.map(|page| Step::said(screen, page, words::NEXT_PAGE))))
}

/// Files, one a line.
pub(super) fn table(files: &[FileRow], engine: &Engine, screen: Screen) -> String {
    let columns = [
        number(words::NUMBER),
        long(words::FILE_NAME),
        long(words::CONTENT),
        text(words::STATE),
        number(words::LOADED),
        number(words::REJECTED),
        text(words::RECEIVED),
        long(words::CODE),
    ];
    Table::of(columns, files, |file| {
        [
            file.file_no.to_string(),
            file.name.clone(),
            content(file, engine),
            screen.say(words::file_state(file.state)).to_owned(),
            file.loaded.to_string(),
            file.rejected.to_string(),
            moment(engine.clock(), file.received_at),
            file.code.clone().unwrap_or_default(),
        ]
    })
    .shown(screen)
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

async fn show(number: FileNo, engine: &Engine, screen: Screen) -> Result<Answer, CliError> {
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
    let filter = FileFilter {
        container: Some(number),
        limit: ENTRIES_SHOWN,
        ..FileFilter::default()
    };
    let mut entries = ledger::list_files(database, &filter).await?;
    entries.reverse();
    let archive = engine.archive().path(file.landed_digest);
    let inner = screen.inner();
    let mut text = facts(&file, engine, screen);
    text.push_str(&screen.section(words::ENTRIES, &table(&entries, engine, inner)));
    text.push_str(&screen.section(words::COUNTS, &counts(&file, screen)));
    text.push_str(&screen.section(words::CONTROLS, &control_table(&controls, inner)));
    text.push_str(&screen.section(words::REJECTS, &rejects::table(&rejected, inner)));
    text.push_str(&screen.section(
        words::ANSWERS,
        &deliveries::table(&answers, engine.clock(), inner),
    ));
    let json = json!({
        "file": file,
        "archive_path": archive,
        "entries": entries,
        "controls": controls,
        "rejects": rejected.iter().map(rejects::to_json).collect::<Vec<_>>(),
        "answers": answers,
    });
    Ok(Answer::shown(json, text).next(next(&file, screen)))
}

fn facts(file: &FileRow, engine: &Engine, screen: Screen) -> String {
    let clock = engine.clock();
    let mut sheet = Sheet::new(screen);
    sheet
        .fact(words::FILE, file.file_no)
        .fact(words::NAME, &file.name)
        .fact(words::COMES_FROM, file.location())
        .fact(words::PARTNER, &file.partner)
        .fact(words::CONTENT, content(file, engine))
        .fact(words::STATE, screen.say(words::file_state(file.state)))
        .maybe(words::CODE, file.code.as_ref())
        .maybe(words::REASON, file.reason.as_ref())
        .maybe(words::INTERFACE, file.interface.as_ref())
        .maybe(words::IDENTITY, file.identity.as_ref())
        .maybe(words::BUSINESS_DATE, file.business_date)
        .fact(words::RECEIVED, moment(clock, file.received_at))
        .fact(
            words::DECIDED,
            shown::moment_or_none(clock, file.decided_at),
        )
        .fact(words::LOADED, shown::moment_or_none(clock, file.loaded_at))
        .maybe(words::RUN, file.run_no)
        .maybe(words::CONTAINER, file.container_file_no)
        .maybe(words::ORIGINAL_FILE, file.original_file_no)
        .maybe(words::SUPERSEDES, file.supersedes)
        .maybe(words::SUPERSEDED_BY, file.superseded_by)
        .fact(
            words::BUSINESS_ANSWER,
            screen.say(words::answer_state(file.answer_state)),
        )
        .fact(
            words::AT_PARTNER,
            screen.say(words::finish_state(file.finish_state)),
        )
        .fact(words::LANDED_BYTES, shown::bytes(file.landed_bytes))
        .fact(words::LANDED_DIGEST, file.landed_digest)
        .maybe(words::ENVELOPE, file.envelope.as_ref())
        .maybe(words::CONTENT_BYTES, file.content_bytes.map(shown::bytes))
        .maybe(words::CONTENT_DIGEST, file.content_digest)
        .fact(
            words::ARCHIVE,
            engine.archive().path(file.landed_digest).display(),
        );
    sheet.shown()
}

fn counts(file: &FileRow, screen: Screen) -> String {
    let promised = file
        .promised
        .map(|count| screen.fill(words::PROMISED, &[&count]))
        .unwrap_or_default();
    if !matches!(file.state, FileState::Loaded | FileState::Superseded) {
        return screen.fill(
            words::COUNTS_NOT_LOADED,
            &[&promised, &file.decoded, &file.rejected],
        );
    }
    screen.fill(
        words::COUNTS_LOADED,
        &[
            &promised,
            &file.decoded,
            &file.loaded,
            &file.rejected,
            &file.duplicates,
            &file.flagged,
        ],
    )
}

fn control_table(controls: &[ledger::ControlRow], screen: Screen) -> String {
    let columns = [
        long(words::CONTROL),
        number(words::DECLARED),
        number(words::COMPUTED),
        text(words::AGREES),
    ];
    Table::of(columns, controls, |control| {
        [
            control.name.clone(),
            control.declared.clone().unwrap_or_default(),
            control.computed.clone().unwrap_or_default(),
            screen.say(words::yes_no(control.agrees)).to_owned(),
        ]
    })
    .shown(screen)
}

fn next(file: &FileRow, screen: Screen) -> Vec<Step> {
    let number = file.file_no;
    let step =
        |verb: &str, why| Step::said(screen, format!("dukou {verb} {number} --reason …"), why);
    let refuse = step("files refuse", words::DO_REFUSE);
    match file.state {
        FileState::Held if file.original_file_no.is_some() => {
            vec![step("files supersede", words::DO_SUPERSEDE), refuse]
        }
        FileState::Held => vec![step("rejects retry", words::DO_RETRY), refuse],
        FileState::Landed => vec![Step::new("dukou recover", "")],
        _ => Vec::new(),
    }
}
