//! `dukou deliveries`: what goes out, and whether it is proven to have arrived.

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde_json::json;

use super::answer::{Answer, Exit};
use super::arguments::{Actor, day};
use super::desk::Desk;
use super::environment::actor;
use super::error::CliError;
use super::sheet::Sheet;
use super::table::{Table, long, number, text};
use super::words::{self, moment};
use super::{mapped, run_view};
use crate::clock::Clock;
use crate::engine::Engine;
use crate::id::DeliveryNo;
use crate::ledger::{self, Act, DeliveryFilter, DeliveryRow, DeliveryState};

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
    /// composed, staged, sent, acknowledged, refused, overdue or cancelled.
    #[arg(long, value_parser = state)]
    state: Option<DeliveryState>,
    /// To this partner.
    #[arg(long)]
    partner: Option<String>,
    /// Of this business day.
    #[arg(long, value_name = "DAY", value_parser = day)]
    business_date: Option<NaiveDate>,
    /// With this text in the name.
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Below this number: the last one of the page before.
    #[arg(long, value_name = "DELIVERY")]
    before: Option<i64>,
    /// At most so many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
}

fn state(word: &str) -> Result<DeliveryState, String> {
    let known = || {
        DeliveryState::ALL
            .iter()
            .map(|state| state.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    DeliveryState::from_word(word).ok_or_else(|| format!("the states are {}", known()))
}

/// `dukou deliveries …`
pub(super) async fn run(args: &DeliveriesArgs, desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    let engine = desk.engine().await?;
    match &args.verb {
        Verb::List(filter) => list(filter, &engine, desk.width()).await,
        Verb::Show { delivery } => show(DeliveryNo(*delivery), &engine).await,
        Verb::Resend {
            delivery,
            actor: by,
        } => {
            let who = actor(by.who.as_deref());
            let act = Act {
                who: &who,
                reason: &by.reason,
            };
            let report = engine.resend(DeliveryNo(*delivery), &act).await?;
            let text = run_view::report(&report, engine.configuration(), desk.width());
            let exit = Exit::clean(report.is_clean());
            Ok(Answer::done(exit, json!({ "run": report }), text))
        }
        Verb::Cancel {
            delivery,
            actor: by,
        } => {
            let who = actor(by.who.as_deref());
            let act = Act {
                who: &who,
                reason: &by.reason,
            };
            // What is shown as overdue may be cancelled, also before a run has marked it.
            engine.note_overdue().await?;
            let mut transaction = engine.database().begin().await?;
            let now = engine.clock().now();
            ledger::cancel_delivery(&mut transaction, DeliveryNo(*delivery), &act, now).await?;
            transaction.commit().await?;
            let row = ledger::show_delivery(engine.database(), DeliveryNo(*delivery)).await?;
            let text = format!("发送 {delivery} {}", words::delivery_state(row.state));
            Ok(Answer::done(Exit::Done, json!({ "delivery": row }), text))
        }
    }
}

async fn list(args: &ListArgs, engine: &Engine, width: usize) -> Result<Answer, CliError> {
    let filter = DeliveryFilter {
        state: args.state,
        partner: args.partner.clone(),
        business_date: args.business_date,
        name: args.name.clone(),
        answers_file: None,
        as_of: Some(engine.clock().now()),
        before: args.before.map(DeliveryNo),
        limit: args.limit,
    };
    let rows = ledger::list_deliveries(engine.database(), &filter).await?;
    let text = if rows.is_empty() {
        "没有这样的发送".to_owned()
    } else {
        table(&rows, engine.clock(), width)
    };
    Ok(Answer::shown(json!({ "deliveries": rows }), text))
}

/// Deliveries, one a line.
pub(super) fn table(rows: &[DeliveryRow], clock: &Clock, width: usize) -> String {
    let columns = [
        number("编号"),
        long("文件名"),
        text("用途"),
        text("状态"),
        text("送达"),
        long("对方结果"),
        number("次数"),
    ];
    Table::of(columns, rows, |row| {
        [
            row.delivery_no.to_string(),
            row.name.clone(),
            words::purpose(row.purpose).to_owned(),
            words::delivery(row),
            words::moment_or_none(clock, row.sent_at),
            row.ack_result
                .clone()
                .or_else(|| row.last_error.clone())
                .unwrap_or_default(),
            row.attempts.to_string(),
        ]
    })
    .shown(width)
}

async fn show(number: DeliveryNo, engine: &Engine) -> Result<Answer, CliError> {
    let row = ledger::show_delivery(engine.database(), number).await?;
    let row = row.as_of(engine.clock().now());
    let text = facts(&row, engine);
    let next = match row.state {
        DeliveryState::Composed | DeliveryState::Staged => vec!["dukou recover".to_owned()],
        DeliveryState::Overdue | DeliveryState::Refused => {
            vec![format!("dukou deliveries resend {number} --reason …")]
        }
        _ => Vec::new(),
    };
    Ok(Answer::shown(json!({ "delivery": row }), text).next(next))
}

/// Everything about a delivery.
pub(super) fn facts(row: &DeliveryRow, engine: &Engine) -> String {
    let clock = engine.clock();
    let mut sheet = Sheet::new();
    sheet
        .fact("发送", row.delivery_no)
        .fact("名称", &row.name)
        .fact("去往", row.location())
        .fact("对接单位", &row.partner)
        .fact(
            "内容",
            mapped::mapping_title(engine.configuration(), &row.mapping),
        )
        .fact("用途", words::purpose(row.purpose))
        .fact("状态", words::delivery(row))
        .fact("完成凭据", words::done_when(row.done_when))
        .fact("数据键", &row.key)
        .maybe("报文号", row.message_no)
        .maybe("应答文件", row.answers_file)
        .maybe("记账日期", row.business_date)
        .fact("生成", moment(clock, row.created_at))
        .fact("送达", words::moment_or_none(clock, row.sent_at))
        .maybe("传输回执", row.receipt.as_ref())
        .fact("确认期限", words::moment_or_none(clock, row.due_at))
        .fact(
            "确认应答",
            words::moment_or_none(clock, row.acknowledged_at),
        )
        .maybe("对方结果", row.ack_result.as_ref())
        .maybe("确认来自文件", row.acknowledged_by)
        .maybe("封装", row.envelope.as_ref())
        .maybe("字节", row.bytes.map(words::bytes))
        .maybe("摘要", row.digest)
        .fact("发送次数", row.attempts)
        .maybe("最近的错误", row.last_error.as_ref());
    sheet.shown()
}
