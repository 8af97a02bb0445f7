//! Runs: one attempt at a job's work of one business day.
//!
//! A run is alive while its node renews it. One whose lease has run out did not end by itself:
//! [`interrupt_runs`] says so in the books.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value as Json;

use super::cell::{row, words};
use super::sql::{self, Conditions};
use super::{LedgerError, next_number};
use crate::db::{Database, Transaction};
use crate::id::RunNo;
use crate::value::Value;

words! {
    /// What became of a run.
    pub enum RunState {
        /// At work.
        Running = "running",
        /// Ended well.
        Done = "done",
        /// Ended, with rejects or breaks above what the job tolerates.
        Rejects = "rejects",
        /// Ended by a failure.
        Failed = "failed",
        /// Its process died or lost its lease.
        Interrupted = "interrupted",
    }
}

/// How a run says that it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEnd {
    /// Well.
    Done,
    /// With rejects or breaks above what the job tolerates.
    Rejects,
    /// By a failure.
    Failed,
}

impl RunEnd {
    fn state(self) -> RunState {
        match self {
            Self::Done => RunState::Done,
            Self::Rejects => RunState::Rejects,
            Self::Failed => RunState::Failed,
        }
    }
}

row! {
    /// One run.
    pub struct RunRow in "ledger_run" {
        /// Its number.
        pub run_no: RunNo,
        /// The job.
        pub job: String,
        /// The business day it works for.
        pub business_date: NaiveDate,
        /// Which run of this job and day, from 1.
        pub sequence: i64,
        /// What started it: `schedule`, `operator zhang`, `recover` …
        pub trigger: String,
        /// The process that runs it.
        pub node: String,
        /// Its state.
        pub state: RunState,
        /// Until when its process promised to be alive.
        pub alive_until: DateTime<Utc>,
        /// When it started.
        pub started_at: DateTime<Utc>,
        /// When it ended, or was found interrupted.
        pub finished_at: Option<DateTime<Utc>>,
        /// What it did, as its job tells it.
        pub summary: Option<Json>,
    }
}

/// A run that starts.
#[derive(Debug, Clone, Copy)]
pub struct NewRun<'a> {
    /// The job.
    pub job: &'a str,
    /// The business day it works for.
    pub business_date: NaiveDate,
    /// What started it.
    pub trigger: &'a str,
    /// This process, by a name that no other process ever has (host, process id, start).
    pub node: &'a str,
    /// Until when it is believed alive without [`renew_run`].
    pub alive_until: DateTime<Utc>,
}

/// Starts a run, which gets the next sequence number of its job and day.
pub async fn start_run(
    db: &Database,
    run: &NewRun<'_>,
    now: DateTime<Utc>,
) -> Result<RunNo, LedgerError> {
    let mut tx = db.begin().await?;
    // The counter is locked from here on, so that the highest sequence cannot change below.
    let run_no = RunNo(next_number(&mut tx, "run").await?);
    let sql = "SELECT CAST(COALESCE(MAX(sequence), 0) AS BIGINT) FROM ledger_run \
               WHERE job = $1 AND business_date = $2";
    let args = [run.job.into(), run.business_date.into()];
    let last = sql::number(&mut tx, sql, &args).await?;
    let row = RunRow {
        run_no,
        job: run.job.to_owned(),
        business_date: run.business_date,
        sequence: last + 1,
        trigger: run.trigger.to_owned(),
        node: run.node.to_owned(),
        state: RunState::Running,
        alive_until: run.alive_until,
        started_at: now,
        finished_at: None,
        summary: None,
    };
    sql::insert(&mut tx, &row).await?;
    tx.commit().await?;
    Ok(run_no)
}

/// Says that a run is alive until a moment. One that was found interrupted stays so.
pub async fn renew_run(
    db: &Database,
    run: RunNo,
    alive_until: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let sql = "UPDATE ledger_run SET alive_until = $2 WHERE run_no = $1 AND state = 'running'";
    let changed = db
        .execute(sql, &[Value::Int(run.0), alive_until.into()])
        .await?;
    if changed == 0 {
        return Err(not_running(db, run, RunState::Running).await);
    }
    Ok(())
}

/// Ends a run. One that was found interrupted stays so, and that is a
/// [`LedgerError::Transition`].
pub async fn finish_run(
    db: &Database,
    run: RunNo,
    end: RunEnd,
    summary: &Json,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let sql = "UPDATE ledger_run SET state = $2, summary = $3, finished_at = $4 \
               WHERE run_no = $1 AND state = 'running'";
    let args = [
        Value::Int(run.0),
        end.state().as_str().into(),
        summary.to_string().into(),
        now.into(),
    ];
    if db.execute(sql, &args).await? == 0 {
        return Err(not_running(db, run, end.state()).await);
    }
    Ok(())
}

async fn not_running(db: &Database, run: RunNo, to: RunState) -> LedgerError {
    let found = sql::first::<RunRow>(&mut &*db, "WHERE run_no = $1", &[Value::Int(run.0)]).await;
    match found {
        Ok(Some(row)) => LedgerError::Transition {
            what: "run",
            number: run.to_string(),
            from: row.state.as_str(),
            to: to.as_str(),
        },
        Ok(None) => LedgerError::not_found("run", run),
        Err(error) => error,
    }
}

/// Marks as interrupted every running run whose process has not renewed it in time, and returns
/// them as they were.
pub async fn interrupt_runs(
    tx: &mut Transaction,
    now: DateTime<Utc>,
) -> Result<Vec<RunRow>, LedgerError> {
    let tail = "WHERE state = 'running' AND alive_until <= $1 ORDER BY run_no";
    let dead: Vec<RunRow> = sql::all(tx, tail, &[now.into()]).await?;
    let sql = "UPDATE ledger_run SET state = 'interrupted', finished_at = $2 \
               WHERE run_no = $1 AND state = 'running'";
    for run in &dead {
        tx.execute(sql, &[Value::Int(run.run_no.0), now.into()])
            .await?;
    }
    Ok(dead)
}

/// The latest runs first; of one job if one is named.
pub async fn list_runs(
    db: &Database,
    job: Option<&str>,
    limit: u32,
) -> Result<Vec<RunRow>, LedgerError> {
    Conditions::default()
        .and("job = ?", job.map(|job| Value::Text(job.to_owned())))
        .list(&mut &*db, "run_no DESC", limit)
        .await
}
