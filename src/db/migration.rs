//! Brings a database's tables to the form this program expects, step by step, each step once.

use super::{Database, DbError, Dialect, Transaction};
use crate::value::Value;
use chrono::{DateTime, Utc};

/// One step; never changed after it has been released.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its number; steps are applied in rising order.
    pub version: i64,
    /// What it does, such as `create the file registry`.
    pub name: &'static str,
    /// Its statements, in order.
    pub statements: &'static [Ddl],
}

/// One statement, with the placeholders of [`Dialect::render`].
#[derive(Debug, Clone, Copy)]
pub enum Ddl {
    /// The same on both databases.
    Both(&'static str),
    /// On SQLite only.
    Sqlite(&'static str),
    /// On PostgreSQL only.
    Postgres(&'static str),
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS dukou_migration \
     (version {int} NOT NULL PRIMARY KEY, name {text} NOT NULL, applied_at {instant} NOT NULL)";

/// Any number that no other user of advisory locks in this database is likely to take.
const LOCK: i64 = 0x0064_756b_6f75;

/// Applies the `known` steps that are missing, each in one transaction with its record, and
/// returns their numbers. Processes that do this at the same time wait for each other.
///
/// Refuses a database with a later step ([`DbError::Newer`]) or with another step of the same
/// number ([`DbError::OtherMigration`]) before it changes anything.
pub async fn migrate(
    database: &Database,
    known: &[Migration],
    now: DateTime<Utc>,
) -> Result<Vec<i64>, DbError> {
    let mut applied = Vec::new();
    let mut steps: Vec<&Migration> = known.iter().collect();
    steps.sort_by_key(|step| step.version);
    loop {
        let mut transaction = database.begin().await?;
        let recorded = lock_and_read(&mut transaction).await?;
        check_recorded(&recorded, &steps)?;
        let is_missing =
            |step: &&&Migration| recorded.iter().all(|(version, _)| *version != step.version);
        let Some(step) = steps.iter().find(is_missing) else {
            transaction.commit().await?;
            return Ok(applied);
        };
        apply(&mut transaction, step, now)
            .await
            .map_err(|source| DbError::Migration {
                version: step.version,
                name: step.name.to_owned(),
                source: Box::new(source),
            })?;
        transaction.commit().await?;
        applied.push(step.version);
    }
}

async fn lock_and_read(transaction: &mut Transaction) -> Result<Vec<(i64, String)>, DbError> {
    if transaction.dialect() == Dialect::Postgres {
        // On SQLite the transaction itself is the lock.
        transaction
            .query(
                "SELECT 1 FROM pg_advisory_xact_lock($1)",
                &[Value::Int(LOCK)],
            )
            .await?;
    }
    let table = transaction.dialect().render(TABLE);
    transaction.execute(&table, &[]).await?;
    let sql = "SELECT version, name FROM dukou_migration ORDER BY version";
    let rows = transaction.query(sql, &[]).await?;
    rows.iter()
        .map(|row| Ok((row.int(0)?, row.text(1)?.to_owned())))
        .collect()
}

fn check_recorded(recorded: &[(i64, String)], known: &[&Migration]) -> Result<(), DbError> {
    let highest = known.last().map_or(0, |step| step.version);
    for (version, name) in recorded {
        let Some(step) = known.iter().find(|step| step.version == *version) else {
            return Err(DbError::Newer {
                found: *version,
                known: highest,
            });
        };
        if step.name != name {
            return Err(DbError::OtherMigration {
                version: *version,
                recorded: name.clone(),
                known: step.name.to_owned(),
            });
        }
    }
    Ok(())
}

async fn apply(
    transaction: &mut Transaction,
    step: &Migration,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let dialect = transaction.dialect();
    for statement in step.statements {
        let text = match (statement, dialect) {
            (Ddl::Both(text), _)
            | (Ddl::Sqlite(text), Dialect::Sqlite)
            | (Ddl::Postgres(text), Dialect::Postgres) => text,
            (Ddl::Sqlite(_) | Ddl::Postgres(_), _) => continue,
        };
        transaction.execute(&dialect.render(text), &[]).await?;
    }
    let record = "INSERT INTO dukou_migration (version, name, applied_at) VALUES ($1, $2, $3)";
    let args = [step.version.into(), step.name.into(), now.into()];
    transaction.execute(record, &args).await?;
    Ok(())
}
