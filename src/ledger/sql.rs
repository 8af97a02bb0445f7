//! The few shapes of SQL that every table here uses.

use std::fmt::Write as _;
use std::future::Future;

use super::LedgerError;
use super::cell::Stored;
use crate::db::{BulkInsert, Database, DbError, OnConflict, OwnedRows, Row, Transaction};
use crate::id::Ident;
use crate::value::Value;

/// From how many rows on a bulk insert pays.
const BULK_FROM: usize = 200;

/// What can be asked: a database (what is committed) or a transaction (what it sees).
pub(super) trait Source {
    /// All rows of a query.
    fn rows(
        &mut self,
        sql: &str,
        args: &[Value],
    ) -> impl Future<Output = Result<Vec<Row>, DbError>> + Send;
}

impl Source for &Database {
    async fn rows(&mut self, sql: &str, args: &[Value]) -> Result<Vec<Row>, DbError> {
        self.query(sql, args).await
    }
}

impl Source for Transaction {
    async fn rows(&mut self, sql: &str, args: &[Value]) -> Result<Vec<Row>, DbError> {
        self.query(sql, args).await
    }
}

fn columns<T: Stored>() -> String {
    format!("\"{}\"", T::COLUMNS.join("\", \""))
}

/// Rows of one table; `tail` is what follows its name: conditions, order, limit.
pub(super) async fn all<T: Stored>(
    source: &mut impl Source,
    tail: &str,
    args: &[Value],
) -> Result<Vec<T>, LedgerError> {
    let sql = format!("SELECT {} FROM {} {tail}", columns::<T>(), T::TABLE);
    source
        .rows(&sql, args)
        .await?
        .iter()
        .map(T::restore)
        .collect()
}

/// Shows the rows of [`all`] one at a time; memory stays flat.
pub(super) async fn each<T: Stored, E: From<LedgerError> + From<DbError> + Send>(
    db: &Database,
    tail: &str,
    args: &[Value],
    mut see: impl FnMut(T) -> Result<(), E> + Send,
) -> Result<(), E> {
    let sql = format!("SELECT {} FROM {} {tail}", columns::<T>(), T::TABLE);
    db.each(&sql, args, |row| see(T::restore(row)?)).await
}

/// The first row of [`all`].
pub(super) async fn first<T: Stored>(
    source: &mut impl Source,
    tail: &str,
    args: &[Value],
) -> Result<Option<T>, LedgerError> {
    Ok(all(source, tail, args).await?.into_iter().next())
}

/// One integer: a count or a maximum.
pub(super) async fn number(
    source: &mut impl Source,
    sql: &str,
    args: &[Value],
) -> Result<i64, LedgerError> {
    let rows = source.rows(sql, args).await?;
    Ok(rows.first().map_or(Ok(0), |row| row.int(0))?)
}

/// Inserts one row.
pub(super) async fn insert<T: Stored>(tx: &mut Transaction, row: &T) -> Result<(), LedgerError> {
    tx.execute(&insert_sql::<T>(), &row.store()).await?;
    Ok(())
}

/// Inserts many rows, sorted by `key`, none of which may be there yet.
pub(super) async fn insert_all<T: Stored>(
    tx: &mut Transaction,
    key: &[&str],
    rows: &[T],
) -> Result<(), LedgerError> {
    let values: Vec<Vec<Value>> = rows.iter().map(T::store).collect();
    let Some(first) = values.first().filter(|_| values.len() >= BULK_FROM) else {
        tx.execute_many(&insert_sql::<T>(), &values).await?;
        return Ok(());
    };
    let ident = |name: &str| Ident::new(name).expect("ledger columns are plain identifiers");
    let bulk = BulkInsert {
        table: ident(T::TABLE),
        columns: T::COLUMNS
            .iter()
            .zip(first)
            .map(|(name, value)| (ident(name), value.kind()))
            .collect(),
        key: key.iter().map(|name| ident(name)).collect(),
        on_conflict: OnConflict::Reject,
    };
    let outcome = tx.bulk_insert(&bulk, &mut OwnedRows::new(values)).await?;
    if outcome.skipped > 0 {
        return Err(LedgerError::Repeated {
            table: T::TABLE,
            count: outcome.skipped,
        });
    }
    Ok(())
}

fn insert_sql<T: Stored>() -> String {
    let places: Vec<String> = (1..=T::COLUMNS.len()).map(|n| format!("${n}")).collect();
    format!(
        "INSERT INTO {} ({}) VALUES ({})",
        T::TABLE,
        columns::<T>(),
        places.join(", ")
    )
}

/// A `WHERE` clause in the making; conditions that were not asked for are left out.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    sql: String,
    args: Vec<Value>,
}

impl Conditions {
    /// Adds `condition`, in which `?` stands for `value`, if there is a value.
    pub(super) fn and(mut self, condition: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.args.push(value.into());
            let place = format!("${}", self.args.len());
            self.push(&condition.replace('?', &place));
        }
        self
    }

    /// Adds a condition without value.
    pub(super) fn always(mut self, condition: &str) -> Self {
        self.push(condition);
        self
    }

    /// Adds "the text of `column` contains `part`", small and capital letters being equal.
    pub(super) fn contains(self, column: &str, part: Option<&str>) -> Self {
        let pattern = part.map(|part| {
            let escaped = part
                .to_lowercase()
                .replace('\\', "\\\\")
                .replace('%', "\\%")
                .replace('_', "\\_");
            format!("%{escaped}%")
        });
        self.and(&format!("LOWER({column}) LIKE ? ESCAPE '\\'"), pattern)
    }

    fn push(&mut self, condition: &str) {
        let word = if self.sql.is_empty() { "WHERE" } else { " AND" };
        // Writing to a `String` cannot fail.
        let _ = write!(self.sql, "{word} {condition}");
    }

    /// All rows that fit, in `order`, at most `limit`.
    pub(super) async fn list<T: Stored>(
        self,
        source: &mut impl Source,
        order: &str,
        limit: u32,
    ) -> Result<Vec<T>, LedgerError> {
        let tail = format!("{} ORDER BY {order} LIMIT {limit}", self.sql);
        all(source, &tail, &self.args).await
    }
}

/// Text as both databases can hold it: NUL shown as `␀`, at most `limit` bytes.
pub(super) fn bounded(text: &str, limit: usize) -> String {
    let mut text = text.replace('\0', "\u{2400}");
    if text.len() > limit {
        let mut end = limit;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_bounded_and_free_of_nul() {
        assert_eq!(bounded("a\0b", 100), "a␀b");
        assert_eq!(bounded("渡口渡口", 7), "渡口…");
        assert_eq!(bounded("渡口", 6), "渡口");
    }

    #[test]
    fn conditions_that_were_not_asked_for_are_left_out() {
        let conditions = Conditions::default()
            .and("a = ?", None::<i64>)
            .and("b = ?", Some(1))
            .always("d IS NULL")
            .contains("c", Some("A_%"));
        assert_eq!(
            conditions.sql,
            "WHERE b = $1 AND d IS NULL AND LOWER(c) LIKE $2 ESCAPE '\\'"
        );
        assert_eq!(conditions.args, [Value::Int(1), Value::from("%a\\_\\%%")]);
    }
}
