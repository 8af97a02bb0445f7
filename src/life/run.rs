//! All lives on a day, judged by the database and kept in the caller's transaction.
//!
//! Events are numbered once, in the order in which they are told, in a table of the transaction;
//! beside it stands the first of each step of each subject (and item). Every demand is then one
//! join: memory stays flat however many lives there are.

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::events::{UNKNOWN_FROM, events_sql};
use super::outcome::{LifeOutcome, LifeRecorded, StepFigure};
use super::rules::Situation;
use super::{LifeError, LifePlan};
use crate::dataset::{Given, SqlArgs, SqlContext};
use crate::db::{Dialect, Transaction};
use crate::value::Value;

/// What judging needs beside the plan.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The moment of the run.
    pub now: DateTime<Utc>,
    /// The zone and the named texts of the settings.
    pub given: &'a Given,
}

/// One run in progress.
pub(super) struct Lives<'a> {
    pub(super) tx: &'a mut Transaction,
    pub(super) plan: &'a LifePlan,
    pub(super) name: &'a str,
    pub(super) day: NaiveDate,
    pub(super) given: &'a Given,
}

const EVENT: &str = "CREATE TEMPORARY TABLE _life_event (n {int} NOT NULL PRIMARY KEY, \
     subject {text} NOT NULL, step {int} NOT NULL, source {int} NOT NULL, item {text} NOT NULL, \
     lo {int} NOT NULL, hi {int} NOT NULL, key {text} NOT NULL, lf {int}, lr {int}, \
     lo_byte {int}, ll {int})";
/// `scope` 0 is a subject's whole life, 1 one item of it.
const FIRST: &str = "CREATE TEMPORARY TABLE _life_first (scope {int} NOT NULL, \
     subject {text} NOT NULL, item {text} NOT NULL, step {int} NOT NULL, lo {int} NOT NULL, \
     hi {int} NOT NULL, n {int} NOT NULL, events {int} NOT NULL, \
     PRIMARY KEY (scope, subject, item, step))";
const FOUND: &str = "CREATE TEMPORARY TABLE _life_found (n {int} NOT NULL, rule {int} NOT NULL, \
     situation {text} NOT NULL, other {int}, is_waiting {int} NOT NULL, PRIMARY KEY (n, rule))";
const TABLES: [&str; 3] = ["_life_event", "_life_first", "_life_found"];

/// Judges all lives as they were at the end of a day and keeps the result as a new version, in the
/// caller's transaction.
///
/// What an earlier run found and still holds goes on in this version with the day it was first
/// seen; what does not hold any more, because a row came late, is closed as gone.
pub async fn run(
    tx: &mut Transaction,
    plan: &LifePlan,
    (name, business_date): (&str, NaiveDate),
    context: Context<'_>,
) -> Result<LifeRecorded, LifeError> {
    let mut lives = Lives {
        tx,
        plan,
        name,
        day: business_date,
        given: context.given,
    };
    lives.lock().await?;
    lives.open().await?;
    lives.take_events().await?;
    lives.take_firsts().await?;
    for number in 0..plan.rules.len() {
        lives.find(number).await?;
    }
    let outcome = lives.outcome().await?;
    let recorded = lives.keep(outcome, context.now).await?;
    lives.close().await?;
    Ok(recorded)
}

impl Lives<'_> {
    pub(super) async fn execute(&mut self, sql: &str, args: &[Value]) -> Result<u64, LifeError> {
        Ok(self.tx.execute(sql, args).await?)
    }

    async fn open(&mut self) -> Result<(), LifeError> {
        self.close().await?;
        let dialect = self.tx.dialect();
        let end = match dialect {
            Dialect::Sqlite => "",
            Dialect::Postgres => " ON COMMIT DROP",
        };
        for table in [EVENT, FIRST, FOUND] {
            self.execute(&format!("{}{end}", dialect.render(table)), &[])
                .await?;
        }
        Ok(())
    }

    /// On SQLite a connection goes back to the pool with its temporary tables.
    async fn close(&mut self) -> Result<(), LifeError> {
        for table in TABLES {
            self.execute(&format!("DROP TABLE IF EXISTS {table}"), &[])
                .await?;
        }
        Ok(())
    }

    /// The first microsecond of the day that comes so many days after the run's.
    fn midnight(&self, days: i64) -> i64 {
        let step = Days::new(days.unsigned_abs());
        let day = match days {
            0.. => self.day.checked_add_days(step),
            _ => self.day.checked_sub_days(step),
        };
        let day = day.unwrap_or(self.day).and_time(chrono::NaiveTime::MIN);
        day.and_utc().timestamp_micros() - i64::from(self.given.offset_secs) * 1_000_000
    }

    async fn take_events(&mut self) -> Result<(), LifeError> {
        let mut args = SqlArgs::new();
        let context = SqlContext {
            dialect: self.tx.dialect(),
            given: self.given,
        };
        let Some(events) = events_sql(self.plan, None, &mut args, context)? else {
            return Ok(());
        };
        let sql = format!(
            "INSERT INTO _life_event (n, subject, step, source, item, lo, hi, key, lf, lr, lo_byte, \
             ll) SELECT ROW_NUMBER() OVER (ORDER BY subject, lo, step, hi, lf, lr, source, key), \
             subject, step, source, item, lo, hi, key, lf, lr, lo_byte, ll FROM ({events}) AS e \
             WHERE lo < {}",
            self.midnight(1)
        );
        self.execute(&sql, args.values()).await?;
        let index = "CREATE INDEX _life_event_step ON _life_event (step, subject)";
        self.execute(index, &[]).await?;
        self.analyze("_life_event").await
    }

    async fn take_firsts(&mut self) -> Result<(), LifeError> {
        for (scope, item, which) in [(0, "''", ""), (1, "item", " WHERE item <> ''")] {
            let by = if scope == 1 { ", item" } else { "" };
            let sql = format!(
                "INSERT INTO _life_first (scope, subject, item, step, lo, hi, n, events) \
                 SELECT {scope}, subject, {item}, step, MIN(lo), MIN(hi), MIN(n), COUNT(*) \
                 FROM _life_event{which} GROUP BY subject{by}, step"
            );
            self.execute(&sql, &[]).await?;
        }
        self.analyze("_life_first").await
    }

    /// PostgreSQL knows nothing of a temporary table until it is told to look.
    async fn analyze(&mut self, table: &str) -> Result<(), LifeError> {
        if self.tx.dialect() == Dialect::Postgres {
            self.execute(&format!("ANALYZE {table}"), &[]).await?;
        }
        Ok(())
    }

    async fn find(&mut self, number: usize) -> Result<(), LifeError> {
        if let Some(rule) = self.plan.rules.get(number) {
            let waits_from = match self.plan.wait_days {
                0 => i64::MAX,
                days => self.midnight(1 - days),
            };
            let sql = rule.found_sql(number, waits_from);
            self.execute(&sql, &[]).await?;
        }
        Ok(())
    }

    async fn outcome(&mut self) -> Result<LifeOutcome, LifeError> {
        let mut steps = Vec::new();
        let sql = "SELECT step, COUNT(*), CAST(SUM(events) AS BIGINT) FROM _life_first \
                   WHERE scope = 0 GROUP BY step ORDER BY step";
        for row in self.tx.query(sql, &[]).await? {
            steps.push(StepFigure {
                step: row.int(0)?.unsigned_abs() as usize,
                subjects: row.int(1)?,
                events: row.int(2)?,
            });
        }
        let (mut found, mut waiting) = (Vec::new(), 0);
        let sql = "SELECT situation, is_waiting, COUNT(*) FROM _life_found \
                   GROUP BY situation, is_waiting ORDER BY situation, is_waiting";
        for row in self.tx.query(sql, &[]).await? {
            let (word, count) = (row.text(0)?.to_owned(), row.int(2)?);
            match Situation::ALL.into_iter().find(|one| one.word() == word) {
                Some(situation) if row.int(1)? == 0 => found.push((situation, count)),
                _ => waiting += count,
            }
        }
        found.sort_unstable();
        let sql = "SELECT COUNT(DISTINCT subject) FROM _life_first";
        let subjects = self.tx.query_one(sql, &[]).await?.int(0)?;
        Ok(LifeOutcome {
            name: self.name.to_owned(),
            business_date: self.day,
            subjects,
            events: steps.iter().map(|step| step.events).sum(),
            steps,
            found,
            waiting,
            gone: 0,
        })
    }
}

/// Whether an event's moment is known, as SQL over an alias.
pub(super) fn is_dated(alias: &str) -> String {
    format!("{alias}.lo > {UNKNOWN_FROM}")
}
