//! A delivery on its way, and what becomes of it.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{DeliveryRow, DeliveryState, DoneWhen, find};
use crate::db::Transaction;
use crate::id::{DeliveryNo, FileDigest, FileNo};
use crate::ledger::cell::Cell as _;
use crate::ledger::error::reason;
use crate::ledger::sql::bounded;
use crate::ledger::{Act, LedgerError, NewAudit, record_audit};
use crate::value::Value;

/// The most bytes of a partner's or a transport's words that the books keep.
const MAX_WORDS_BYTES: usize = 2_000;

/// Brings a delivery into a state, if that is allowed, and returns the row as it was before.
async fn enter(
    tx: &mut Transaction,
    delivery: DeliveryNo,
    to: DeliveryState,
) -> Result<DeliveryRow, LedgerError> {
    let row = find(tx, delivery).await?;
    let sql = "UPDATE ledger_delivery SET state = $2 WHERE delivery_no = $1 AND state = $3";
    let args = [
        Value::Int(delivery.0),
        to.as_str().into(),
        row.state.as_str().into(),
    ];
    if !row.state.may_become(to) || tx.execute(sql, &args).await? == 0 {
        return Err(refused(&row, to.as_str()));
    }
    Ok(row)
}

fn refused(row: &DeliveryRow, to: &'static str) -> LedgerError {
    LedgerError::Transition {
        what: "delivery",
        number: row.delivery_no.to_string(),
        from: row.state.as_str(),
        to,
    }
}

/// The bytes are in the outbox. [`LedgerError::OtherBytes`] if the delivery was rendered before,
/// for an earlier sending, and gave other bytes; only one that the partner refused may change.
pub async fn mark_staged(
    tx: &mut Transaction,
    delivery: DeliveryNo,
    digest: FileDigest,
    bytes: i64,
) -> Result<(), LedgerError> {
    let row = find(tx, delivery).await?;
    if let Some(was) = row.digest.filter(|was| *was != digest) {
        return Err(LedgerError::OtherBytes {
            delivery,
            was,
            is: digest,
        });
    }
    enter(tx, delivery, DeliveryState::Staged).await?;
    let sql = "UPDATE ledger_delivery SET digest = $2, bytes = $3 WHERE delivery_no = $1";
    tx.execute(sql, &[Value::Int(delivery.0), digest.store(), bytes.into()])
        .await?;
    Ok(())
}

/// How a sending went.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sending<'a> {
    /// The transport's receipt, if it gives one.
    pub receipt: Option<&'a str>,
    /// By when an acknowledgement is expected, counted from this sending; without it, what was
    /// written when it was composed stands.
    pub due_at: Option<DateTime<Utc>>,
}

/// The transport has put it under its final name.
pub async fn mark_sent(
    tx: &mut Transaction,
    delivery: DeliveryNo,
    sent: &Sending<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let before = enter(tx, delivery, DeliveryState::Sent).await?;
    let sql = "UPDATE ledger_delivery SET sent_at = $2, receipt = $3, due_at = $4, \
               attempts = attempts + 1, last_error = NULL WHERE delivery_no = $1";
    let receipt = sent.receipt.map(|text| bounded(text, MAX_WORDS_BYTES));
    let due_at = match before.done_when {
        DoneWhen::Acknowledged => sent.due_at.or(before.due_at),
        DoneWhen::Sent => None,
    };
    let args = [
        Value::Int(delivery.0),
        now.into(),
        receipt.store(),
        due_at.store(),
    ];
    tx.execute(sql, &args).await?;
    Ok(())
}

/// Its request is about to go out: until [`mark_sent`] or [`mark_not_sent`] nobody can say what
/// became of it, whatever happens to this process.
pub async fn mark_unproven(tx: &mut Transaction, delivery: DeliveryNo) -> Result<(), LedgerError> {
    enter(tx, delivery, DeliveryState::Unproven).await?;
    Ok(())
}

/// Its request surely did nothing: it waits to be tried again.
pub async fn mark_not_sent(tx: &mut Transaction, delivery: DeliveryNo) -> Result<(), LedgerError> {
    enter(tx, delivery, DeliveryState::Staged).await?;
    Ok(())
}

/// Why nobody knows what became of it.
pub async fn note_doubt(
    tx: &mut Transaction,
    delivery: DeliveryNo,
    why: &str,
) -> Result<(), LedgerError> {
    let sql = "UPDATE ledger_delivery SET attempts = attempts + 1, last_error = $2 \
               WHERE delivery_no = $1 AND state = 'unproven'";
    let why = bounded(why, MAX_WORDS_BYTES);
    tx.execute(sql, &[Value::Int(delivery.0), why.into()])
        .await?;
    Ok(())
}

/// An attempt to send it failed: it stays staged, to be tried again.
pub async fn mark_attempt_failed(
    tx: &mut Transaction,
    delivery: DeliveryNo,
    error: &str,
) -> Result<(), LedgerError> {
    let sql = "UPDATE ledger_delivery SET attempts = attempts + 1, last_error = $2 \
               WHERE delivery_no = $1 AND state = 'staged'";
    let error = bounded(error, MAX_WORDS_BYTES);
    let changed = tx
        .execute(sql, &[Value::Int(delivery.0), error.into()])
        .await?;
    if changed == 0 {
        return Err(refused(&find(tx, delivery).await?, "tried again"));
    }
    Ok(())
}

/// What a partner says about a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acknowledgement {
    /// It accepts it.
    Accepted,
    /// It refuses it.
    Refused,
}

/// The partner answered: with which result, in its own words, in which file.
pub async fn mark_acknowledged(
    tx: &mut Transaction,
    delivery: DeliveryNo,
    answer: Acknowledgement,
    result: &str,
    by: Option<FileNo>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let to = match answer {
        Acknowledgement::Accepted => DeliveryState::Acknowledged,
        Acknowledgement::Refused => DeliveryState::Refused,
    };
    answered(tx, delivery, to, result, by, now).await
}

/// The partner did not take it as it was, and another delivery is composed in its place in the same
/// transaction.
pub async fn mark_replaced(
    tx: &mut Transaction,
    delivery: DeliveryNo,
    result: &str,
    by: Option<FileNo>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    answered(tx, delivery, DeliveryState::Replaced, result, by, now).await
}

/// What the partner said so far about a delivery that is not answered in full: its state stays.
pub async fn note_answer(
    tx: &mut Transaction,
    delivery: DeliveryNo,
    result: &str,
) -> Result<(), LedgerError> {
    let sql = "UPDATE ledger_delivery SET ack_result = $2 WHERE delivery_no = $1";
    let result = bounded(result, MAX_WORDS_BYTES);
    tx.execute(sql, &[Value::Int(delivery.0), result.into()])
        .await?;
    Ok(())
}

async fn answered(
    tx: &mut Transaction,
    delivery: DeliveryNo,
    to: DeliveryState,
    result: &str,
    by: Option<FileNo>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    enter(tx, delivery, to).await?;
    let sql = "UPDATE ledger_delivery SET acknowledged_at = $2, ack_result = $3, \
               acknowledged_by = $4 WHERE delivery_no = $1";
    let args = [
        Value::Int(delivery.0),
        now.into(),
        bounded(result, MAX_WORDS_BYTES).into(),
        by.store(),
    ];
    tx.execute(sql, &args).await?;
    Ok(())
}

/// Marks every delivery as overdue that was sent, expects an acknowledgement and did not get it
/// by its time; returns them as they are now. One that is marked already is not marked again.
pub async fn mark_overdue(
    tx: &mut Transaction,
    now: DateTime<Utc>,
) -> Result<Vec<DeliveryRow>, LedgerError> {
    let sql = "UPDATE ledger_delivery SET state = 'overdue' \
               WHERE state = 'sent' AND done_when = 'acknowledged' AND due_at <= $1 \
               RETURNING delivery_no";
    let rows = tx.query(sql, &[now.into()]).await?;
    let mut numbers = rows
        .iter()
        .map(|row| row.int(0).map(DeliveryNo))
        .collect::<Result<Vec<_>, _>>()?;
    numbers.sort();
    let mut overdue = Vec::new();
    for number in numbers {
        overdue.push(find(tx, number).await?);
    }
    Ok(overdue)
}

/// It is not to be sent (any more). In the audit.
pub async fn cancel_delivery(
    tx: &mut Transaction,
    delivery: DeliveryNo,
    act: &Act<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    reason("cancel a delivery", act.reason)?;
    let before = enter(tx, delivery, DeliveryState::Cancelled).await?;
    audit(tx, "delivery.cancel", &before, act, now).await
}

/// It is sent again: the same bytes under the same name and number, attempts counted on. Where
/// the partner refused it, it may be rendered anew. In the audit.
pub async fn resend_delivery(
    tx: &mut Transaction,
    delivery: DeliveryNo,
    act: &Act<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    reason("send a delivery again", act.reason)?;
    let before = enter(tx, delivery, DeliveryState::Composed).await?;
    let sql = "UPDATE ledger_delivery SET acknowledged_at = NULL, ack_result = NULL, \
               acknowledged_by = NULL, receipt = NULL WHERE delivery_no = $1";
    tx.execute(sql, &[Value::Int(delivery.0)]).await?;
    if before.state == DeliveryState::Refused {
        let sql = "UPDATE ledger_delivery SET digest = NULL, bytes = NULL WHERE delivery_no = $1";
        tx.execute(sql, &[Value::Int(delivery.0)]).await?;
    }
    audit(tx, "delivery.resend", &before, act, now).await
}

async fn audit(
    tx: &mut Transaction,
    name: &str,
    before: &DeliveryRow,
    act: &Act<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let entry = NewAudit {
        who: act.who,
        act: name,
        object: &format!("delivery {}", before.delivery_no),
        reason: Some(act.reason),
        detail: json!({
            "state": before.state.as_str(),
            "ack_result": before.ack_result,
            "attempts": before.attempts,
        }),
    };
    record_audit(tx, &entry, now).await?;
    Ok(())
}
