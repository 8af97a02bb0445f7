//! `dukou deliveries`: what goes out, and whether it is proven to have arrived.

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
use super::{mapped, run_view};
use crate::clock::Clock;
use crate::engine::Engine;
use crate::id::DeliveryNo;
use crate::ledger::{self, DeliveryFilter, DeliveryRow, DeliveryState};

const EXAMPLES: &str = "\
Examples:
  dukou deliveries list --state sent
  dukou deliveries show 7
  dukou deliveries resend 7 --reason \"centre lost it\"        the same bytes, name and number
  dukou deliveries cancel 7 --reason \"sent by hand\"";

/// Files that go out.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct DeliveriesArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List deliveries, the latest first.
    List(ListArgs),
    /// Show everything about one delivery.
    Show {
        /// The delivery's number.
        delivery: i64,
    },
    /// Send a delivery again.
    Resend {
        /// The delivery's number.
        delivery: i64,
        #[command(flatten)]
        actor: Actor,
    },
    /// Decide that a delivery is not to be sent.
    Cancel {
        /// The delivery's number.
        delivery: i64,
        #[command(flatten)]
        actor: Actor,
    },
}

#[derive(Debug, Args)]
struct ListArgs {
    /// composed, staged, unproven, sent, acknowledged, refused, overdue, replaced or cancelled.
    #[arg(long, value_parser = state)]
    state: Option<DeliveryState>,
    #[command(flatten)]
    narrowing: Narrowing,
}

fn state(word: &str) -> Result<DeliveryState, String> {
    listing::state(word, DeliveryState::ALL, DeliveryState::as_str)
}

/// `dukou deliveries …`
pub(super) async fn run(args: &DeliveriesArgs, desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    let engine = desk.engine().await?;
    match &args.verb {
        Verb::List(filter) => list(filter, &engine, desk.screen()).await,
        Verb::Show { delivery } => show(DeliveryNo(*delivery), &engine, desk.screen()).await,
        Verb::Resend {
            delivery,
            actor: by,
        } => {
            let who = by.name();
            let report = engine.resend(DeliveryNo(*delivery), &by.act(&who)).await?;
            let text = run_view::report(&report, engine.configuration(), desk.screen());
            let exit = Exit::clean(report.is_clean());
            Ok(Answer::done(exit, json!({ "run": report }), text))
        }
        Verb::Cancel {
            delivery,
            actor: by,
        } => {
            let (who, number) = (by.name(), DeliveryNo(*delivery));
            // What is shown as overdue may be cancelled, also before a run has marked it.
            engine.note_overdue().await?;
            let mut transaction = engine.database().begin().await?;
            let now = engine.clock().now();
            ledger::cancel_delivery(&mut transaction, number, &by.act(&who), now).await?;
            transaction.commit().await?;
            let row = ledger::show_delivery(engine.database(), number).await?;
            let screen = desk.screen();
            let state = screen.say(words::delivery_state(row.state));
            let text = screen.fill(words::DELIVERY_IS, &[delivery, &state]);
            Ok(Answer::done(Exit::Done, json!({ "delivery": row }), text))
        }
    }
}

async fn list(args: &ListArgs, engine: &Engine, screen: Screen) -> Result<Answer, CliError> {
    let narrowing = &args.narrowing;
    let filter = DeliveryFilter {
        state: args.state,
        partner: narrowing.partner.clone(),
        business_date: narrowing.business_date,
        name: narrowing.name.clone(),
        answers_file: None,
        as_of: Some(engine.clock().now()),
        before: narrowing.before.map(DeliveryNo),
        limit: narrowing.limit,
    };
    let rows = ledger::list_deliveries(engine.database(), &filter).await?;
    let text = if rows.is_empty() {
        screen.say(words::NO_DELIVERIES).to_owned()
    } else {
        table(&rows, engine.clock(), screen)
    };
    let state = args.state.map(|state| state.as_str());
    let last = rows.last().map(|row| row.delivery_no.0);
    let page = narrowing.next_page("deliveries", state, rows.len(), last);
    Ok(Answer::shown(json!({ "deliveries": rows }), text)
        .next(page.map(|page| Step::said(screen, page, words::NEXT_PAGE))))
}

/// Deliveries, one a line.
pub(super) fn table(rows: &[DeliveryRow], clock: &Clock, screen: Screen) -> String {
    let columns = [
        number(words::NUMBER),
        long(words::FILE_NAME),
        text(words::PURPOSE),
        text(words::STATE),
        text(words::SENT),
        long(words::PARTNER_RESULT),
        number(words::ATTEMPTS),
    ];
    Table::of(columns, rows, |row| {
        [
            row.delivery_no.to_string(),
            row.name.clone(),
            screen.say(words::purpose(row.purpose)).to_owned(),
            screen.say(words::delivery(row)).to_owned(),
            shown::moment_or_none(clock, row.sent_at),
            row.ack_result
                .clone()
                .or_else(|| row.last_error.clone())
                .unwrap_or_default(),
            row.attempts.to_string(),
        ]
    })
    .shown(screen)
}

async fn show(number: DeliveryNo, engine: &Engine, screen: Screen) -> Result<Answer, CliError> {
    let row = ledger::show_delivery(engine.database(), number).await?;
    let row = row.as_of(engine.clock().now());
    let replacement = ledger::replacement_of(engine.database(), number).await?;
    let replacement = replacement.map(|row| row.delivery_no);
    let text = facts(&row, replacement, engine, screen);
    let next = match row.state {
        DeliveryState::Composed | DeliveryState::Staged => vec!["dukou recover".to_owned()],
        DeliveryState::Overdue | DeliveryState::Refused | DeliveryState::Unproven => {
            vec![format!("dukou deliveries resend {number} --reason …")]
        }
        _ => Vec::new(),
    };
    Ok(Answer::shown(json!({ "delivery": row }), text).next(next))
}

/// Everything about a delivery.
pub(super) fn facts(
    row: &DeliveryRow,
    replaced_by: Option<DeliveryNo>,
    engine: &Engine,
    screen: Screen,
) -> String {
    let clock = engine.clock();
    let mut sheet = Sheet::new(screen);
    sheet
        .fact(words::DELIVERY, row.delivery_no)
        .fact(words::NAME, &row.name)
        .fact(words::GOES_TO, row.location())
        .fact(words::PARTNER, &row.partner)
        .fact(
            words::CONTENT,
            mapped::mapping_title(engine.configuration(), &row.mapping, screen),
        )
        .maybe(words::SENDING_JOB, row.job.as_ref())
        .maybe(words::REPLACES, row.replaces)
        .maybe(words::REPLACED_BY, replaced_by)
        .fact(words::PURPOSE, screen.say(words::purpose(row.purpose)))
        .fact(words::STATE, screen.say(words::delivery(row)))
        .fact(
            words::DONE_WHEN,
            screen.say(words::done_when(row.done_when)),
        )
        .fact(words::DATA_KEY, &row.key)
        .maybe(words::MESSAGE_NO, row.message_no)
        .maybe(words::ANSWERS_FILE, row.answers_file)
        .maybe(words::BUSINESS_DATE, row.business_date)
        .fact(words::CREATED, moment(clock, row.created_at))
        .fact(words::SENT, shown::moment_or_none(clock, row.sent_at))
        .maybe(words::RECEIPT, row.receipt.as_ref())
        .fact(words::DUE, shown::moment_or_none(clock, row.due_at))
        .fact(
            words::ACKNOWLEDGED,
            shown::moment_or_none(clock, row.acknowledged_at),
        )
        .maybe(words::PARTNER_RESULT, row.ack_result.as_ref())
        .maybe(words::ACKNOWLEDGED_BY, row.acknowledged_by)
        .maybe(words::ENVELOPE, row.envelope.as_ref())
        .maybe(words::BYTES, row.bytes.map(shown::bytes))
        .maybe(words::DIGEST, row.digest)
        .fact(words::SEND_ATTEMPTS, row.attempts)
        .maybe(words::LAST_ERROR, row.last_error.as_ref());
    sheet.shown()
}
