//! Gaps: numbers that are missing in a sequence which a mapping declares contiguous.
//!
//! Per scope the books keep the highest number seen and the ranges below it that did not come. A
//! number that comes late fills its gap, or splits it in two. Only accepted files are noted: a
//! held file leaves its number missing.

use chrono::{DateTime, Utc};

use super::LedgerError;
use super::cell::row;
use super::sql::{self, Conditions};
use crate::db::{Database, Transaction};
use crate::value::Value;

row! {
    /// One range of numbers that did not come, or that came late.
    pub struct GapRow in "ledger_gap" {
        /// The partner.
        pub partner: String,
        /// Its interface.
        pub interface: String,
        /// What the numbers are contiguous over, such as one provider's packages.
        pub scope: String,
        /// The first missing number.
        pub first_missing: i64,
        /// The last missing number.
        pub last_missing: i64,
        /// When a higher number came.
        pub found_at: DateTime<Utc>,
        /// When it came after all.
        pub filled_at: Option<DateTime<Utc>>,
    }
}

/// What a number was to its sequence.
#[derive(Debug, Clone, PartialEq)]
pub enum Noted {
    /// The first of its scope: nothing is known about the ones before.
    First,
    /// The next one, as it should be.
    Next,
    /// Higher than the next one: these are missing.
    Opened(GapRow),
    /// It was missing and is there now.
    Filled,
    /// It had been there, or lies before the first.
    Known,
}

/// Notes the number of an accepted file. Numbers of one scope wait for each other until their
/// transactions end.
pub async fn note_sequence(
    tx: &mut Transaction,
    partner: &str,
    interface: &str,
    scope: &str,
    number: i64,
    now: DateTime<Utc>,
) -> Result<Noted, LedgerError> {
    let key: [Value; 3] = [partner.into(), interface.into(), scope.into()];
    let (highest, is_first) = lock_highest(tx, &key, number).await?;
    if is_first {
        return Ok(Noted::First);
    }
    if number <= highest {
        return fill(tx, &key, number, now).await;
    }
    let sql = "UPDATE ledger_sequence SET highest = $4 \
               WHERE partner = $1 AND interface = $2 AND scope = $3";
    tx.execute(sql, &with(&key, [Value::Int(number)])).await?;
    if number - 1 == highest {
        return Ok(Noted::Next);
    }
    let gap = GapRow {
        partner: partner.to_owned(),
        interface: interface.to_owned(),
        scope: scope.to_owned(),
        first_missing: highest + 1,
        last_missing: number - 1,
        found_at: now,
        filled_at: None,
    };
    sql::insert(tx, &gap).await?;
    Ok(Noted::Opened(gap))
}

fn with<const N: usize>(key: &[Value; 3], more: [Value; N]) -> Vec<Value> {
    key.iter().cloned().chain(more).collect()
}

/// The highest number before this one, and whether this one is the first. Locks the scope's row.
async fn lock_highest(
    tx: &mut Transaction,
    key: &[Value; 3],
    number: i64,
) -> Result<(i64, bool), LedgerError> {
    let sql = "INSERT INTO ledger_sequence (partner, interface, scope, highest, noted) \
               VALUES ($1, $2, $3, $4, 1) ON CONFLICT (partner, interface, scope) \
               DO UPDATE SET noted = ledger_sequence.noted + 1 RETURNING highest, noted";
    let row = tx.query_one(sql, &with(key, [Value::Int(number)])).await?;
    Ok((row.int(0)?, row.int(1)? == 1))
}

/// Takes `number` out of the open gap that has it: what is left of it on either side stays open.
async fn fill(
    tx: &mut Transaction,
    key: &[Value; 3],
    number: i64,
    now: DateTime<Utc>,
) -> Result<Noted, LedgerError> {
    let tail = "WHERE partner = $1 AND interface = $2 AND scope = $3 AND filled_at IS NULL \
                AND first_missing <= $4 AND last_missing >= $4";
    let found: Option<GapRow> = sql::first(tx, tail, &with(key, [Value::Int(number)])).await?;
    let Some(gap) = found else {
        return Ok(Noted::Known);
    };
    let sql = "DELETE FROM ledger_gap WHERE partner = $1 AND interface = $2 AND scope = $3 \
               AND first_missing = $4";
    tx.execute(sql, &with(key, [Value::Int(gap.first_missing)]))
        .await?;
    for (first_missing, last_missing, filled_at) in [
        (gap.first_missing, number - 1, None),
        (number, number, Some(now)),
        (number + 1, gap.last_missing, None),
    ] {
        if first_missing <= last_missing {
            let part = GapRow {
                first_missing,
                last_missing,
                filled_at,
                ..gap.clone()
            };
            sql::insert(tx, &part).await?;
        }
    }
    Ok(Noted::Filled)
}

/// Gaps that are still open, the oldest first; of one partner if one is named.
pub async fn list_gaps(
    db: &Database,
    partner: Option<&str>,
    limit: u32,
) -> Result<Vec<GapRow>, LedgerError> {
    Conditions::default()
        .always("filled_at IS NULL")
        .and("partner = ?", partner)
        .list(
            &mut &*db,
            "found_at, partner, interface, scope, first_missing",
            limit,
        )
        .await
}
