//! Deliveries: the transactional outbox. A delivery's row is written in the transaction that
//! causes it; its bytes are rendered after the commit, as often as needed, always the same.
//!
//! composed → staged (bytes in the outbox) → sent → acknowledged, refused or overdue. What is
//! owed no acknowledgement is done when it is sent; of everything else, sent is not done. The
//! transport's receipt, the partner's acknowledgement and the business result are three different
//! proofs: `receipt`, `ack_result`, and a file of its own.

mod compose;
mod progress;
mod state;

pub use compose::{NewDelivery, compose_delivery, note_companions};
pub use progress::{
    Acknowledgement, Sending, cancel_delivery, mark_acknowledged, mark_attempt_failed,
    mark_not_sent, mark_overdue, mark_replaced, mark_sent, mark_staged, mark_unproven, note_answer,
    note_doubt, resend_delivery,
};
pub use state::{DeliveryState, DoneWhen, Purpose};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value as Json;

use super::cell::row;
use super::sql::{self, Conditions};
use super::{LedgerError, Location};
use crate::db::{Database, Transaction};
use crate::id::{DeliveryNo, FileDigest, FileNo};
use crate::value::Value;

row! {
    /// One outbound file.
    pub struct DeliveryRow in "ledger_delivery" {
        /// Its number.
        pub delivery_no: DeliveryNo,
        /// To whom.
        pub partner: String,
        /// The connection it goes by.
        pub connection: String,
        /// The folder it goes to.
        pub path: String,
        /// The name it gets.
        pub name: String,
        /// The mapping that renders it.
        pub mapping: String,
        /// The dataset whose rows it renders, if it renders rows.
        pub dataset: Option<String>,
        /// Which rows: an object of columns and values.
        pub key: Json,
        /// The number by which the partner acknowledges it.
        pub message_no: Option<i64>,
        /// The file that it answers.
        pub answers_file: Option<FileNo>,
        /// What it is for.
        pub purpose: Purpose,
        /// The envelope around its bytes.
        pub envelope: Option<String>,
        /// The business day it belongs to.
        pub business_date: Option<NaiveDate>,
        /// What became of it.
        pub state: DeliveryState,
        /// What proves that it is done.
        pub done_when: DoneWhen,
        /// SHA-256 of the bytes, once rendered.
        pub digest: Option<FileDigest>,
        /// Length of the bytes.
        pub bytes: Option<i64>,
        /// When it was composed.
        pub created_at: DateTime<Utc>,
        /// When it was sent last.
        pub sent_at: Option<DateTime<Utc>>,
        /// The transport's receipt.
        pub receipt: Option<String>,
        /// By when an acknowledgement is expected.
        pub due_at: Option<DateTime<Utc>>,
        /// When the acknowledgement came.
        pub acknowledged_at: Option<DateTime<Utc>>,
        /// The partner's result, as its interface names it.
        pub ack_result: Option<String>,
        /// The file that brought the acknowledgement.
        pub acknowledged_by: Option<FileNo>,
        /// How often sending was tried.
        pub attempts: i64,
        /// Why the last attempt failed.
        pub last_error: Option<String>,
        /// The files that follow it, one a line: kind and name.
        pub companions: Option<String>,
        /// The job that sends it.
        pub job: Option<String>,
        /// The delivery in whose place it is sent, with other content.
        pub replaces: Option<DeliveryNo>,
    }
}

impl DeliveryRow {
    /// Where it goes.
    pub fn location(&self) -> Location {
        Location::new(&*self.connection, &*self.path, &*self.name)
    }

    /// Whether nothing more is to come.
    pub fn is_done(&self) -> bool {
        match self.state {
            DeliveryState::Acknowledged | DeliveryState::Cancelled | DeliveryState::Replaced => {
                true
            }
            DeliveryState::Sent => self.done_when == DoneWhen::Sent,
            _ => false,
        }
    }

    /// The row as it is at a moment: what is past its time is overdue, whether it was marked
    /// already or not. For whoever only looks.
    #[must_use]
    pub fn as_of(mut self, now: DateTime<Utc>) -> Self {
        let is_owed = self.done_when == DoneWhen::Acknowledged;
        if self.state == DeliveryState::Sent && is_owed && self.due_at.is_some_and(|due| due <= now)
        {
            self.state = DeliveryState::Overdue;
        }
        self
    }

    /// Whether the partner's acknowledgement came after its time.
    pub fn is_late(&self) -> bool {
        let both = self.acknowledged_at.zip(self.due_at);
        both.is_some_and(|(came, due)| came > due)
    }
}

/// Which deliveries to list; `None` is any.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// In this state.
    pub state: Option<DeliveryState>,
    /// To this partner.
    pub partner: Option<String>,
    /// Of this business day.
    pub business_date: Option<NaiveDate>,
    /// With this text in the name.
    pub name: Option<String>,
    /// That answer this file.
    pub answers_file: Option<FileNo>,
    /// As they are at this moment: see [`DeliveryRow::as_of`]; as they are marked without it.
    pub as_of: Option<DateTime<Utc>>,
    /// Below this number: the last one of the page before.
    pub before: Option<DeliveryNo>,
    /// At most so many.
    pub limit: u32,
}

/// Deliveries, the latest first.
pub async fn list_deliveries(
    db: &Database,
    filter: &DeliveryFilter,
) -> Result<Vec<DeliveryRow>, LedgerError> {
    let rows: Vec<DeliveryRow> = state_of(filter)
        .and("partner = ?", filter.partner.clone())
        .and("business_date = ?", filter.business_date)
        .and("answers_file = ?", filter.answers_file.map(|file| file.0))
        .and("delivery_no < ?", filter.before.map(|delivery| delivery.0))
        .contains("name", filter.name.as_deref())
        .list(&mut &*db, "delivery_no DESC", filter.limit)
        .await?;
    let rows = rows.into_iter();
    Ok(match filter.as_of {
        Some(now) => rows.map(|row| row.as_of(now)).collect(),
        None => rows.collect(),
    })
}

/// The condition on the state, which a moment may change.
fn state_of(filter: &DeliveryFilter) -> Conditions {
    let none = Conditions::default();
    match (filter.state, filter.as_of) {
        (Some(DeliveryState::Overdue), Some(now)) => none.and(
            "(state = 'overdue' OR (state = 'sent' AND done_when = 'acknowledged' AND due_at <= ?))",
            Some(now),
        ),
        (Some(DeliveryState::Sent), Some(now)) => none.and(
            "(state = 'sent' AND (done_when <> 'acknowledged' OR due_at IS NULL OR due_at > ?))",
            Some(now),
        ),
        (state, _) => none.and("state = ?", state.map(DeliveryState::as_str)),
    }
}

/// One delivery.
pub async fn show_delivery(
    db: &Database,
    delivery: DeliveryNo,
) -> Result<DeliveryRow, LedgerError> {
    find(&mut &*db, delivery).await
}

async fn find(
    source: &mut impl sql::Source,
    delivery: DeliveryNo,
) -> Result<DeliveryRow, LedgerError> {
    sql::first(source, "WHERE delivery_no = $1", &[Value::Int(delivery.0)])
        .await?
        .ok_or_else(|| LedgerError::not_found("delivery", delivery))
}

/// Deliveries to be rendered or sent, in their order. Claim a delivery's location before working
/// on it: two processes must not send the same one.
pub async fn pending_deliveries(
    db: &Database,
    limit: u32,
) -> Result<Vec<DeliveryRow>, LedgerError> {
    let tail = format!("WHERE state IN ('composed', 'staged') ORDER BY delivery_no LIMIT {limit}");
    sql::all(&mut &*db, &tail, &[]).await
}

/// Deliveries by a connection of which nobody knows what became of them, in their order. Claim a
/// delivery's location before working on it: another process may be sending it now.
pub async fn unproven_deliveries(
    db: &Database,
    connection: &str,
    limit: u32,
) -> Result<Vec<DeliveryRow>, LedgerError> {
    let tail =
        format!("WHERE state = 'unproven' AND connection = $1 ORDER BY delivery_no LIMIT {limit}");
    sql::all(&mut &*db, &tail, &[connection.into()]).await
}

/// The delivery that a partner's acknowledgement of `message_no` means: the latest one with this
/// number that expects an acknowledgement. (Confirmations carry the number of what they confirm,
/// which may be the same as one of ours; they expect none.)
pub async fn find_by_number(
    tx: &mut Transaction,
    partner: &str,
    connection: &str,
    message_no: i64,
) -> Result<Option<DeliveryRow>, LedgerError> {
    let tail = "WHERE partner = $1 AND connection = $2 AND message_no = $3 \
                AND done_when = 'acknowledged' AND state <> 'cancelled' \
                ORDER BY delivery_no DESC LIMIT 1";
    let args = [partner.into(), connection.into(), Value::Int(message_no)];
    sql::first(tx, tail, &args).await
}

/// The delivery that a partner's acknowledgement of the file `name` means: the latest one of this
/// name that expects an acknowledgement.
pub async fn find_by_name(
    tx: &mut Transaction,
    partner: &str,
    connection: &str,
    name: &str,
) -> Result<Option<DeliveryRow>, LedgerError> {
    let tail = "WHERE partner = $1 AND connection = $2 AND name = $3 \
                AND done_when = 'acknowledged' AND state <> 'cancelled' \
                ORDER BY delivery_no DESC LIMIT 1";
    sql::first(tx, tail, &[partner.into(), connection.into(), name.into()]).await
}

/// The delivery that is sent in the place of another one.
pub async fn replacement_of(
    db: &Database,
    delivery: DeliveryNo,
) -> Result<Option<DeliveryRow>, LedgerError> {
    sql::first(&mut &*db, "WHERE replaces = $1", &[Value::Int(delivery.0)]).await
}
