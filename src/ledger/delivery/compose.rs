//! A delivery begins, in the transaction that causes it.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value as Json;

use super::{DeliveryRow, DeliveryState, DoneWhen, Purpose};
use crate::db::Transaction;
use crate::id::{DeliveryNo, FileNo};
use crate::ledger::sql;
use crate::ledger::{LedgerError, Location, next_number};
use crate::value::Value;

/// A delivery to be composed.
#[derive(Debug, Clone)]
pub struct NewDelivery<'a> {
    /// To whom.
    pub partner: &'a str,
    /// Where it goes, under which name.
    pub location: &'a Location,
    /// The mapping that renders it.
    pub mapping: &'a str,
    /// The dataset whose rows it renders.
    pub dataset: Option<&'a str>,
    /// Which rows: an object of columns and values.
    pub key: Json,
    /// The number by which the partner acknowledges it.
    pub message_no: Option<i64>,
    /// The file that it answers.
    pub answers_file: Option<FileNo>,
    /// What it is for.
    pub purpose: Purpose,
    /// The envelope around its bytes.
    pub envelope: Option<&'a str>,
    /// The business day it belongs to.
    pub business_date: Option<NaiveDate>,
    /// What proves that it is done.
    pub done_when: DoneWhen,
    /// By when an acknowledgement is expected.
    pub due_at: Option<DateTime<Utc>>,
    /// The job that sends it.
    pub job: Option<&'a str>,
    /// The delivery in whose place it is sent, with other content.
    pub replaces: Option<DeliveryNo>,
}

/// Writes a delivery into the outbox and returns its number. A second business answer to the same
/// file is refused by a unique index unless the first one was cancelled.
pub async fn compose_delivery(
    tx: &mut Transaction,
    delivery: &NewDelivery<'_>,
    now: DateTime<Utc>,
) -> Result<DeliveryNo, LedgerError> {
    let delivery_no = DeliveryNo(next_number(tx, "delivery").await?);
    let row = DeliveryRow {
        delivery_no,
        partner: delivery.partner.to_owned(),
        connection: delivery.location.connection.clone(),
        path: delivery.location.path.clone(),
        name: delivery.location.name.clone(),
        mapping: delivery.mapping.to_owned(),
        dataset: delivery.dataset.map(str::to_owned),
        key: delivery.key.clone(),
        message_no: delivery.message_no,
        answers_file: delivery.answers_file,
        purpose: delivery.purpose,
        envelope: delivery.envelope.map(str::to_owned),
        business_date: delivery.business_date,
        state: DeliveryState::Composed,
        done_when: delivery.done_when,
        digest: None,
        bytes: None,
        created_at: now,
        sent_at: None,
        receipt: None,
        due_at: delivery.due_at,
        acknowledged_at: None,
        ack_result: None,
        acknowledged_by: None,
        attempts: 0,
        last_error: None,
        companions: None,
        job: delivery.job.map(str::to_owned),
        replaces: delivery.replaces,
    };
    match sql::insert(tx, &row).await {
        Err(LedgerError::Db(error)) if error.is_unique_violation() => {
            Err(LedgerError::AnsweredAlready {
                file: delivery.answers_file.unwrap_or(FileNo(0)),
            })
        }
        other => other.map(|()| delivery_no),
    }
}

/// Says which files follow a delivery, in the transaction that composed it.
pub async fn note_companions(
    tx: &mut Transaction,
    delivery: DeliveryNo,
    companions: &str,
) -> Result<(), LedgerError> {
    let sql = "UPDATE ledger_delivery SET companions = $2 WHERE delivery_no = $1";
    tx.execute(sql, &[Value::Int(delivery.0), companions.into()])
        .await?;
    Ok(())
}
