//! The bulk insert of PostgreSQL: `COPY`, straight into the table while no key is known.
//!
//! A `COPY` cannot skip a row. So it runs under a savepoint, and when it meets a known key the
//! rows are asked for again, go to a temporary table with their ordinals, and one statement
//! inserts the new ones and reports the others.

use super::bulk::{BulkInsert, BulkOutcome, OnConflict, RowSource, ValueSink};
use super::lent::blocking;
use super::{DbError, ValueProblem, bounds, dialect, postgres};
use crate::value::ValueRef;
use chrono::{DateTime, Timelike, Utc};
use sqlx::PgConnection;

/// Rows are encoded and sent in pieces of about this many bytes.
const CHUNK_BYTES: usize = 1024 * 1024;
/// After this many bytes one `COPY` ends and the next begins: the server tells of a known key
/// only at the end, and what was sent until then was sent in vain.
const COPY_BYTES: usize = 8 * CHUNK_BYTES;

/// Inserts all rows of `source`; runs inside the caller's transaction.
pub(super) async fn load(
    connection: &mut PgConnection,
    insert: &BulkInsert,
    source: &mut dyn RowSource,
) -> Result<BulkOutcome, DbError> {
    run(connection, "SAVEPOINT _bulk").await?;
    let table = dialect::quote(&insert.table);
    let direct = format!("COPY {table} ({}) FROM STDIN", insert.column_list());
    match copy(connection, &direct, Layout::Table, insert, source).await {
        Ok(written) => {
            run(connection, "RELEASE SAVEPOINT _bulk").await?;
            Ok(BulkOutcome {
                written,
                ..BulkOutcome::default()
            })
        }
        Err(error) if error.is_unique_violation() => {
            run(connection, "ROLLBACK TO SAVEPOINT _bulk").await?;
            run(connection, "RELEASE SAVEPOINT _bulk").await?;
            source
                .rewind()
                .map_err(|source| insert.source_error(0, source))?;
            load_staged(connection, insert, source).await
        }
        Err(error) => Err(error),
    }
}

async fn run(connection: &mut PgConnection, sql: &str) -> Result<(), DbError> {
    postgres::execute(connection, sql, &[]).await.map(drop)
}

async fn load_staged(
    connection: &mut PgConnection,
    insert: &BulkInsert,
    source: &mut dyn RowSource,
) -> Result<BulkOutcome, DbError> {
    let (table, columns) = (dialect::quote(&insert.table), insert.column_list());
    // `_` cannot begin an `Ident`: these names never meet a column of the caller.
    run(
        connection,
        &format!(
            "CREATE TEMPORARY TABLE _bulk ON COMMIT DROP AS \
             SELECT CAST(0 AS BIGINT) AS _ordinal, {columns} FROM {table} WITH NO DATA"
        ),
    )
    .await?;
    let staging = format!("COPY _bulk (_ordinal, {columns}) FROM STDIN");
    let staged = copy(connection, &staging, Layout::Staging, insert, source).await?;
    let mut outcome = BulkOutcome::default();
    postgres::each(connection, &merge_statement(insert), &[], |row| {
        outcome.skip(row.int(0)?.unsigned_abs());
        Ok::<_, DbError>(())
    })
    .await?;
    outcome.written = staged - outcome.skipped;
    run(connection, "DROP TABLE _bulk").await?;
    Ok(outcome)
}

/// Inserts the staged rows and gives the ordinals of those that were not written: decided by the
/// insert itself, so that a key another transaction commits meanwhile is reported too.
fn merge_statement(insert: &BulkInsert) -> String {
    let (table, columns) = (dialect::quote(&insert.table), insert.column_list());
    let key = dialect::quote_list(&insert.key);
    let newest_first = match &insert.on_conflict {
        OnConflict::Reject | OnConflict::KeepFirst => String::new(),
        OnConflict::ReplaceIfNewer(version) => {
            format!("{} DESC NULLS LAST, ", dialect::quote(version))
        }
    };
    format!(
        "WITH ranked AS (SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY {newest_first}_ordinal) AS _nth FROM _bulk), \
         written AS (INSERT INTO {table} ({columns}) SELECT {columns} FROM ranked WHERE _nth = 1 ORDER BY _ordinal {} RETURNING {returning}) \
         SELECT _ordinal FROM ranked LEFT JOIN written USING ({key}) WHERE _nth > 1 OR NOT coalesce(_written, FALSE) ORDER BY _ordinal",
        insert.conflict_clause(),
        returning = insert
            .key
            .iter()
            .map(|name| format!("{table}.{}", dialect::quote(name)))
            .chain(["TRUE AS _written".to_owned()])
            .collect::<Vec<_>>()
            .join(", "),
    )
}

/// What stands before a row's own values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Nothing.
    Table,
    /// The row's ordinal.
    Staging,
}

/// Copies all rows and returns how many there were.
async fn copy(
    connection: &mut PgConnection,
    sql: &str,
    layout: Layout,
    insert: &BulkInsert,
    source: &mut dyn RowSource,
) -> Result<u64, DbError> {
    let failed = |error| DbError::statement(sql, error);
    let mut chunk = Vec::with_capacity(CHUNK_BYTES + CHUNK_BYTES / 8);
    let (mut rows, mut more) = (0, true);
    while more {
        let mut stream = connection.copy_in_raw(sql).await.map_err(failed)?;
        let mut sent = 0;
        while more && sent < COPY_BYTES {
            chunk.clear();
            match blocking(|| encode(&mut chunk, layout, insert, source, &mut rows)) {
                Ok(has_more) => more = has_more,
                Err(error) => {
                    // The reason is the error in hand; the connection's next use tells the rest.
                    drop(stream.abort("the source of the rows failed").await);
                    return Err(error);
                }
            }
            sent += chunk.len();
            stream.send(chunk.as_slice()).await.map_err(failed)?;
        }
        stream.finish().await.map_err(failed)?;
    }
    Ok(rows)
}

/// Fills `chunk` with whole rows; false after the last.
fn encode(
    chunk: &mut Vec<u8>,
    layout: Layout,
    insert: &BulkInsert,
    source: &mut dyn RowSource,
    rows: &mut u64,
) -> Result<bool, DbError> {
    while chunk.len() < CHUNK_BYTES {
        let start = chunk.len();
        let mut line = CopyLine {
            out: &mut *chunk,
            layout,
        };
        if layout == Layout::Staging {
            push_int(line.out, *rows as i64);
        }
        if !insert.take_row(source, &mut line, *rows)? {
            chunk.truncate(start);
            return Ok(false);
        }
        chunk.push(b'\n');
        *rows += 1;
    }
    Ok(true)
}

/// A line of `COPY`'s text format: PostgreSQL manual, "COPY", "Text Format".
struct CopyLine<'a> {
    out: &'a mut Vec<u8>,
    layout: Layout,
}

impl ValueSink for CopyLine<'_> {
    fn put(&mut self, column: usize, value: ValueRef<'_>) -> Result<(), ValueProblem> {
        bounds::check(value)?;
        if column > 0 || self.layout == Layout::Staging {
            self.out.push(b'\t');
        }
        match value {
            ValueRef::Null(_) => self.out.extend_from_slice(b"\\N"),
            ValueRef::Int(value) => push_int(self.out, value),
            ValueRef::Text(value) => push_text(self.out, value),
            ValueRef::Date(value) => bounds::push_date(self.out, value),
            ValueRef::Instant(value) => push_instant(self.out, value),
            ValueRef::Bytes(value) => push_bytes(self.out, value),
        }
        Ok(())
    }
}

fn push_int(out: &mut Vec<u8>, value: i64) {
    use std::io::Write;
    // Writing to a `Vec` cannot fail.
    let _ = write!(out, "{value}");
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    let special = |byte: &u8| matches!(byte, b'\\' | b'\t' | b'\n' | b'\r');
    while let Some(at) = rest.iter().position(special) {
        let (plain, tail) = rest.split_at(at);
        out.extend_from_slice(plain);
        let escaped: &[u8] = match tail.first() {
            Some(b'\t') => b"\\t",
            Some(b'\n') => b"\\n",
            Some(b'\r') => b"\\r",
            _ => b"\\\\",
        };
        out.extend_from_slice(escaped);
        rest = tail.get(1..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

fn push_instant(out: &mut Vec<u8>, instant: DateTime<Utc>) {
    // Chrono keeps a leap second beside its second; as on SQLite it becomes the next one.
    let instant = DateTime::from_timestamp_micros(instant.timestamp_micros()).unwrap_or(instant);
    let time = instant.time();
    bounds::push_date(out, instant.date_naive());
    out.push(b' ');
    bounds::push_digits(out, time.hour(), 2);
    out.push(b':');
    bounds::push_digits(out, time.minute(), 2);
    out.push(b':');
    bounds::push_digits(out, time.second(), 2);
    out.push(b'.');
    bounds::push_digits(out, instant.timestamp_subsec_micros(), 6);
    out.extend_from_slice(b"+00");
}

fn push_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    // The backslash of bytea's hex form is itself escaped.
    out.extend_from_slice(b"\\\\x");
    let digit = |value: u8| HEX.get(usize::from(value)).copied().unwrap_or(b'0');
    out.extend(
        bytes
            .iter()
            .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_in_the_text_format_of_copy() {
        let moment = DateTime::from_timestamp_micros(1_700_000_000_000_042).expect("a moment");
        let mut out = Vec::new();
        let mut line = CopyLine {
            out: &mut out,
            layout: Layout::Table,
        };
        for (column, value) in [
            ValueRef::Text("a\\b\tc\nd\re渡"),
            ValueRef::Text(""),
            ValueRef::Null(crate::value::Kind::Int),
            ValueRef::Int(i64::MIN),
            ValueRef::Instant(moment),
            ValueRef::Bytes(&[0, 255]),
        ]
        .into_iter()
        .enumerate()
        {
            line.put(column, value).expect("it can be stored");
        }
        assert_eq!(
            String::from_utf8(out).expect("text"),
            "a\\\\b\\tc\\nd\\re渡\t\t\\N\t-9223372036854775808\t2023-11-14 22:13:20.000042+00\t\\\\x00ff"
        );
    }
}
