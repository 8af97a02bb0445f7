//! Claims: who works on which file, under a lease that a killed process cannot keep.
//!
//! A claim is a row, not a lock: it survives its process, runs out by itself and is seen by every
//! node. Each new holder gets a higher *epoch*. A process that was paused past its lease cannot
//! know it; [`still_held`], called inside the load transaction, finds out and fences it off.

use chrono::{DateTime, Duration, Utc};

use super::cell::row;
use super::sql;
use super::{LedgerError, Location};
use crate::db::{Database, Transaction};
use crate::value::Value;

row! {
    /// One claim, held or released.
    pub struct ClaimRow in "ledger_claim" {
        /// The connection.
        pub connection: String,
        /// The folder.
        pub path: String,
        /// The name.
        pub name: String,
        /// The process that holds it, or held it last.
        pub holder: String,
        /// How often it has been granted.
        pub epoch: i64,
        /// When it was granted.
        pub claimed_at: DateTime<Utc>,
        /// When it runs out.
        pub leased_until: DateTime<Utc>,
        /// When its holder gave it back.
        pub released_at: Option<DateTime<Utc>>,
    }
}

/// The right to work on one file. Give it back with [`release`] after the file is finished.
#[must_use = "a claim is renewed while the work goes on and released when it is done"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    location: Location,
    holder: String,
    epoch: i64,
}

impl Claim {
    /// What is claimed.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Which grant of the file's claim this is, from 1.
    pub fn epoch(&self) -> i64 {
        self.epoch
    }

    fn key(&self) -> [Value; 5] {
        let [connection, path, name] = key(&self.location);
        let holder = Value::from(self.holder.as_str());
        [connection, path, name, holder, Value::Int(self.epoch)]
    }

    fn lost(&self) -> LedgerError {
        LedgerError::ClaimLost {
            location: self.location.clone(),
            epoch: self.epoch,
        }
    }
}

fn key(location: &Location) -> [Value; 3] {
    [
        location.connection.as_str().into(),
        location.path.as_str().into(),
        location.name.as_str().into(),
    ]
}

/// What a process that asked for a claim got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// The claim.
    Claimed(Claim),
    /// Another one has it.
    Busy {
        /// Who.
        holder: String,
        /// Until when, unless it is renewed.
        until: DateTime<Utc>,
    },
}

/// Claims a file for `holder` (one process, by a name that no other ever has) until `lease_secs`
/// from `now`. Of any number of processes that ask at the same time exactly one gets it. The
/// holder itself asking again is busy too: its own threads are as much in each other's way.
pub async fn claim(
    db: &Database,
    location: &Location,
    holder: &str,
    now: DateTime<Utc>,
    lease_secs: u32,
) -> Result<ClaimOutcome, LedgerError> {
    let sql = "INSERT INTO ledger_claim (connection, path, name, holder, epoch, claimed_at, leased_until) \
               VALUES ($1, $2, $3, $4, 1, $5, $6) \
               ON CONFLICT (connection, path, name) DO UPDATE SET \
               holder = excluded.holder, epoch = ledger_claim.epoch + 1, \
               claimed_at = excluded.claimed_at, leased_until = excluded.leased_until, \
               released_at = NULL \
               WHERE ledger_claim.leased_until <= excluded.claimed_at \
               OR ledger_claim.released_at IS NOT NULL RETURNING epoch";
    let [connection, path, name] = key(location);
    let until = now + Duration::seconds(i64::from(lease_secs));
    let args = [
        connection,
        path,
        name,
        holder.into(),
        now.into(),
        until.into(),
    ];
    let mut tx = db.begin().await?;
    let granted = tx.query_optional(sql, &args).await?;
    let outcome = match granted {
        Some(row) => ClaimOutcome::Claimed(Claim {
            location: location.clone(),
            holder: holder.to_owned(),
            epoch: row.int(0)?,
        }),
        None => busy(&mut tx, location).await?,
    };
    tx.commit().await?;
    Ok(outcome)
}

async fn busy(tx: &mut Transaction, location: &Location) -> Result<ClaimOutcome, LedgerError> {
    let tail = "WHERE connection = $1 AND path = $2 AND name = $3";
    let row: ClaimRow = sql::first(tx, tail, &key(location))
        .await?
        .ok_or_else(|| LedgerError::not_found("claim", location))?;
    Ok(ClaimOutcome::Busy {
        holder: row.holder,
        until: row.leased_until,
    })
}

const MINE: &str = "connection = $1 AND path = $2 AND name = $3 AND holder = $4 AND epoch = $5 \
                    AND released_at IS NULL";

/// Makes the lease longer: until `lease_secs` from `now`. [`LedgerError::ClaimLost`] if another
/// process has taken it over; one that ran out and was not taken over is held again.
pub async fn renew(
    db: &Database,
    claim: &Claim,
    now: DateTime<Utc>,
    lease_secs: u32,
) -> Result<(), LedgerError> {
    let sql = format!("UPDATE ledger_claim SET leased_until = $6 WHERE {MINE}");
    let until = now + Duration::seconds(i64::from(lease_secs));
    let mut args = claim.key().to_vec();
    args.push(until.into());
    if db.execute(&sql, &args).await? == 0 {
        return Err(claim.lost());
    }
    Ok(())
}

/// Gives a claim back. One that was taken over stays with its new holder.
pub async fn release(db: &Database, claim: Claim, now: DateTime<Utc>) -> Result<(), LedgerError> {
    let sql = format!("UPDATE ledger_claim SET leased_until = $6, released_at = $6 WHERE {MINE}");
    let mut args = claim.key().to_vec();
    args.push(now.into());
    db.execute(&sql, &args).await?;
    Ok(())
}

/// Gives back every claim whose lease ran out: its holder is gone, or is fenced off from now on.
/// Whoever needs the file claims it as if it had been released.
pub async fn release_expired(tx: &mut Transaction, now: DateTime<Utc>) -> Result<(), LedgerError> {
    let sql = "UPDATE ledger_claim SET released_at = $1 \
               WHERE released_at IS NULL AND leased_until <= $1";
    tx.execute(sql, &[now.into()]).await?;
    Ok(())
}

/// Makes sure, inside a load transaction, that the claim is still this process's; else
/// [`LedgerError::ClaimLost`], and the transaction must be rolled back.
///
/// The update writes the claim's row, and that locks it until the transaction ends: the row itself
/// on PostgreSQL, the whole store on SQLite. Nobody can take the file over between this check and
/// the commit; whoever tries because the lease ran out waits for the end and then has the file
/// under the next epoch, decided already. The epoch decides, not the time: a lease that ran out
/// without being taken over harms nobody. Call it first in the transaction: a holder that has lost
/// its claim then stops before it loads anything.
pub async fn still_held(tx: &mut Transaction, claim: &Claim) -> Result<(), LedgerError> {
    let sql = format!("UPDATE ledger_claim SET epoch = epoch WHERE {MINE}");
    if tx.execute(&sql, &claim.key()).await? == 0 {
        return Err(claim.lost());
    }
    Ok(())
}

/// Claims that nobody has given back, the oldest first.
pub async fn list_claims(db: &Database, limit: u32) -> Result<Vec<ClaimRow>, LedgerError> {
    let tail = format!(
        "WHERE released_at IS NULL ORDER BY claimed_at, connection, path, name LIMIT {limit}"
    );
    sql::all(&mut &*db, &tail, &[]).await
}

/// The processes that hold a claim or run a job according to the books, whether alive or not.
pub async fn known_nodes(db: &Database) -> Result<Vec<String>, LedgerError> {
    let sql = "SELECT holder FROM ledger_claim WHERE released_at IS NULL \
               UNION SELECT node FROM ledger_run WHERE state = 'running' ORDER BY 1";
    let rows = db.query(sql, &[]).await?;
    Ok(rows
        .iter()
        .map(|row| row.text(0).map(str::to_owned))
        .collect::<Result<_, _>>()?)
}

/// Ends at once the leases of a process that the caller knows to be dead, so that its work can be
/// taken over without waiting. Should it be alive after all, it is fenced off by the epoch.
pub async fn bury(tx: &mut Transaction, node: &str, now: DateTime<Utc>) -> Result<(), LedgerError> {
    let args = [node.into(), now.into()];
    let claims = "UPDATE ledger_claim SET leased_until = $2 \
                  WHERE holder = $1 AND released_at IS NULL AND leased_until > $2";
    tx.execute(claims, &args).await?;
    let runs = "UPDATE ledger_run SET alive_until = $2 \
                WHERE node = $1 AND state = 'running' AND alive_until > $2";
    tx.execute(runs, &args).await?;
    Ok(())
}
