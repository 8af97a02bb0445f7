//! The bulk insert of SQLite: many rows in one prepared statement on the lent connection.
//!
//! A statement opens its cursor anew each time it runs and finds the place of its first row from
//! the root of the tree; the rows after it, in the order of the key, stand where the cursor is.
//!
//! A statement of many rows tells how many of them it wrote, not which. Rows in the order of the
//! key, between whose first and last the table has none, are all new: they are written and done
//! with. Any others are written under a savepoint; where some of them were known, they are undone
//! and their halves written instead. A savepoint makes SQLite copy each page that it changes, so
//! that it costs as much as the rows where other indexes scatter them (measured).

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::mpsc::{channel, sync_channel};
use std::thread;

use super::bulk::{BulkInsert, BulkOutcome, RowSource, ValueSink};
use super::lent::{Bound, LendingStatement};
use super::sqlite::prepare;
use super::{DbError, ValueProblem, bounds, dialect};
use crate::value::ValueRef;
use rusqlite::types::{ToSqlOutput, ValueRef as SqlValue};
use rusqlite::{Connection, params_from_iter};

/// Rows of one statement.
const ROWS: usize = 256;
/// So many rows go one by one first: a small file does not pay for the large statement.
const ROWS_BEFORE: u64 = 512;
/// Fewer than the 32,766 that SQLite is built for.
const MAX_PLACES: usize = 32_000;

/// Rows that are filled ahead of the statement, in blocks of [`ROWS`].
const BLOCKS_AHEAD: usize = 2;

/// Inserts all rows of `source`; runs inside the caller's transaction.
pub(super) fn load(
    connection: &Connection,
    insert: &BulkInsert,
    source: &mut dyn RowSource,
) -> Result<BulkOutcome, DbError> {
    // Built with SQLITE_ENABLE_MEMORY_MANAGEMENT, as libsqlite3-sys does unless LIBSQLITE3_FLAGS
    // says otherwise, all connections share one budget of pages. A scan on another connection
    // keeps the whole budget, and each insert here would read its pages again (7 times slower,
    // measured): what lies idle is given back first.
    connection
        .execute_batch("PRAGMA shrink_memory")
        .map_err(|error| DbError::statement("PRAGMA shrink_memory", error))?;
    let mut outcome = BulkOutcome::default();
    let mut feed = Feed {
        insert,
        key: insert.key_places(),
        source,
        taken: 0,
        is_over: false,
    };
    let mut one = Batch::prepare(connection, insert, 1)?;
    let mut rows = Rows::default();
    while feed.taken < ROWS_BEFORE {
        feed.fill(&mut rows, 1)?;
        one.write(&rows, &mut outcome)?;
        if feed.is_over {
            return Ok(outcome);
        }
    }
    let size = (MAX_PLACES / insert.columns.len()).clamp(1, ROWS);
    let mut many = Batch::prepare(connection, insert, size)?;
    write_all(feed, size, |rows| many.write(rows, &mut outcome))?;
    Ok(outcome)
}

/// Has a thread of its own fill rows in blocks of `size`, and writes them on this one.
fn write_all(
    mut feed: Feed<'_>,
    size: usize,
    mut write: impl FnMut(&Rows) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let (insert, taken) = (feed.insert, feed.taken);
    let (to, blocks) = sync_channel(BLOCKS_AHEAD);
    let (used, again) = channel::<Rows>();
    thread::scope(|scope| {
        let filler = thread::Builder::new().name("filler".to_owned());
        let fill = move || {
            while !feed.is_over {
                let mut rows = again.try_recv().unwrap_or_default();
                let filled = feed.fill(&mut rows, size).map(|()| rows);
                let is_last = filled.is_err();
                // Nobody listens once a row could not be written.
                if to.send(filled).is_err() || is_last {
                    return;
                }
            }
        };
        (filler.spawn_scoped(scope, fill))
            .map_err(|error| insert.source_error(taken, error.into()))?;
        for rows in blocks {
            let rows = rows?;
            write(&rows)?;
            // The filler may have ended.
            let _ = used.send(rows);
        }
        Ok(())
    })
}

/// The source, and how far it has been read.
struct Feed<'f> {
    insert: &'f BulkInsert,
    /// The places of the key's columns among all.
    key: Vec<usize>,
    source: &'f mut dyn RowSource,
    /// Rows taken.
    taken: u64,
    is_over: bool,
}

impl Feed<'_> {
    /// Puts the next rows into `rows`, at most `size` of them.
    fn fill(&mut self, rows: &mut Rows, size: usize) -> Result<(), DbError> {
        rows.clear();
        rows.first = self.taken;
        while rows.count < size {
            if !self.insert.take_row(self.source, rows, self.taken)? {
                self.is_over = true;
                break;
            }
            self.taken += 1;
            rows.count += 1;
        }
        rows.is_rising = rows.rises(self.insert.columns.len(), &self.key);
        Ok(())
    }
}

/// Rows as they come from the source: numbers, and places in the bytes of all texts.
#[derive(Default)]
struct Rows {
    /// The position in the stream of the first of them.
    first: u64,
    count: usize,
    cells: Vec<Cell>,
    bytes: Vec<u8>,
    /// Each key is greater than the one before it.
    is_rising: bool,
}

enum Cell {
    Null,
    Int(i64),
    Text(Range<usize>),
    Bytes(Range<usize>),
}

impl Rows {
    fn clear(&mut self) {
        self.count = 0;
        self.cells.clear();
        self.bytes.clear();
    }

    fn keep(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }

    /// The bounds of the range of rows, which are set before each run, and the rows.
    fn values(&self) -> impl Iterator<Item = SqlValue<'_>> {
        let cells = self.cells.iter().map(|cell| self.value(cell));
        [SqlValue::Null; 2].into_iter().chain(cells)
    }

    fn value(&self, cell: &Cell) -> SqlValue<'_> {
        let at = |range: &Range<usize>| self.bytes.get(range.clone()).unwrap_or_default();
        match cell {
            Cell::Null => SqlValue::Null,
            Cell::Int(value) => SqlValue::Integer(*value),
            Cell::Text(range) => SqlValue::Text(at(range)),
            Cell::Bytes(range) => SqlValue::Blob(at(range)),
        }
    }

    /// The values in the columns `key` of a row of `width` columns.
    fn key<'r>(
        &'r self,
        row: usize,
        width: usize,
        key: &'r [usize],
    ) -> impl Iterator<Item = SqlValue<'r>> {
        let cells = key
            .iter()
            .map(move |column| self.cells.get(row * width + column));
        cells.map(|cell| cell.map_or(SqlValue::Null, |cell| self.value(cell)))
    }

    fn rises(&self, width: usize, key: &[usize]) -> bool {
        let mut pairs = (1..self.count).map(|row| (row - 1, row));
        pairs.all(|(before, row)| {
            let pairs = self.key(before, width, key).zip(self.key(row, width, key));
            let first = pairs.map(|(a, b)| order(a, b)).find(|order| !order.is_eq());
            first.is_some_and(Ordering::is_lt)
        })
    }
}

/// As SQLite orders values of one column that has no collation of its own; a missing one, which no
/// key has, is never less.
fn order(a: SqlValue<'_>, b: SqlValue<'_>) -> Ordering {
    match (a, b) {
        (SqlValue::Integer(a), SqlValue::Integer(b)) => a.cmp(&b),
        (SqlValue::Text(a), SqlValue::Text(b)) | (SqlValue::Blob(a), SqlValue::Blob(b)) => a.cmp(b),
        _ => Ordering::Greater,
    }
}

impl ValueSink for Rows {
    fn put(&mut self, _: usize, value: ValueRef<'_>) -> Result<(), ValueProblem> {
        bounds::check(value)?;
        let cell = match value {
            ValueRef::Null(_) => Cell::Null,
            ValueRef::Int(value) => Cell::Int(value),
            ValueRef::Instant(value) => Cell::Int(value.timestamp_micros()),
            ValueRef::Text(value) => Cell::Text(self.keep(value.as_bytes())),
            ValueRef::Date(value) => Cell::Text(self.keep(&bounds::date_text(value))),
            ValueRef::Bytes(value) => Cell::Bytes(self.keep(value)),
        };
        self.cells.push(cell);
        Ok(())
    }
}

/// A statement that writes a range of the rows given to it.
struct Batch<'c> {
    sql: String,
    insert: LendingStatement<'c>,
    /// Whether the table has a row from one key to another.
    between: rusqlite::Statement<'c>,
    savepoint: Savepoint<'c>,
    width: usize,
    /// The places of the key's columns among all.
    key: Vec<usize>,
}

/// The savepoint that undoes what a statement wrote in part.
struct Savepoint<'c> {
    begin: rusqlite::Statement<'c>,
    roll_back: rusqlite::Statement<'c>,
    release: rusqlite::Statement<'c>,
}

impl<'c> Batch<'c> {
    fn prepare(
        connection: &'c Connection,
        insert: &BulkInsert,
        rows: usize,
    ) -> Result<Self, DbError> {
        let sql = statement(insert, rows);
        Ok(Self {
            insert: LendingStatement::prepare(connection, &sql)
                .map_err(|error| DbError::statement(&sql, error))?,
            sql,
            between: prepare(connection, &between(insert))?,
            width: insert.columns.len(),
            key: insert.key_places(),
            savepoint: Savepoint {
                begin: prepare(connection, "SAVEPOINT _bulk")?,
                roll_back: prepare(connection, "ROLLBACK TO _bulk")?,
                release: prepare(connection, "RELEASE _bulk")?,
            },
        })
    }

    fn write(&mut self, rows: &Rows, outcome: &mut BulkOutcome) -> Result<(), DbError> {
        let are_new = rows.count > 1 && rows.is_rising && !self.has_between(rows)?;
        let bound = (self.insert.bind(rows.values()))
            .map_err(|error| DbError::statement(&self.sql, error))?;
        let mut writing = Writing {
            bound,
            savepoint: &mut self.savepoint,
            sql: &self.sql,
            first: rows.first,
            outcome,
        };
        match are_new {
            true => writing.write_new(0..rows.count),
            false => writing.write(0..rows.count),
        }
    }

    /// Whether the table has a row from the first key to the last.
    fn has_between(&mut self, rows: &Rows) -> Result<bool, DbError> {
        let last = rows.count.saturating_sub(1);
        let bounds = [0, last].map(|row| rows.key(row, self.width, &self.key));
        let values = bounds.into_iter().flatten().map(ToSqlOutput::Borrowed);
        (self
            .between
            .query_row(params_from_iter(values), |row| row.get(0)))
        .map_err(|error| DbError::statement("SELECT EXISTS", error))
    }
}

/// Rows being written.
struct Writing<'w, 'c> {
    bound: Bound<'w>,
    savepoint: &'w mut Savepoint<'c>,
    sql: &'w str,
    /// The position in the stream of the first row bound.
    first: u64,
    outcome: &'w mut BulkOutcome,
}

impl Writing<'_, '_> {
    /// Writes these of the rows bound, which are new to the table.
    fn write_new(&mut self, rows: Range<usize>) -> Result<(), DbError> {
        let written = self.run(&rows)?;
        if written != rows.len() {
            let error = rusqlite::Error::StatementChangedRows(written);
            return Err(DbError::statement(self.sql, error));
        }
        self.note(rows, written);
        Ok(())
    }

    /// Writes these of the rows bound, and notes which of them were.
    fn write(&mut self, rows: Range<usize>) -> Result<(), DbError> {
        if rows.is_empty() {
            return Ok(());
        }
        // One row is written or is not: nothing has to be undone.
        if rows.len() == 1 {
            let written = self.run(&rows)?;
            self.note(rows, written);
            return Ok(());
        }
        run(&mut self.savepoint.begin)?;
        let written = self.run(&rows)?;
        if written == 0 || written == rows.len() {
            self.note(rows, written);
            return run(&mut self.savepoint.release);
        }
        run(&mut self.savepoint.roll_back)?;
        run(&mut self.savepoint.release)?;
        let middle = usize::midpoint(rows.start, rows.end);
        self.write(rows.start..middle)?;
        self.write(middle..rows.end)
    }

    fn run(&mut self, rows: &Range<usize>) -> Result<usize, DbError> {
        let bounds = [(1, rows.start), (2, rows.end - 1)];
        (bounds.into_iter())
            .try_for_each(|(place, row)| self.bound.set(place, row as i64))
            .and_then(|()| self.bound.run())
            .map_err(|error| DbError::statement(self.sql, error))
    }

    /// All of `rows` were written, or none.
    fn note(&mut self, rows: Range<usize>, written: usize) {
        if written > 0 {
            self.outcome.written += rows.len() as u64;
            return;
        }
        rows.for_each(|row| self.outcome.skip(self.first + row as u64));
    }
}

/// Runs one of the statements of a savepoint.
fn run(statement: &mut rusqlite::Statement<'_>) -> Result<(), DbError> {
    (statement.raw_execute())
        .map(drop)
        .map_err(|error| DbError::statement("SAVEPOINT _bulk", error))
}

/// `INSERT … SELECT column2, … FROM (VALUES (0, ?3, …), (1, …)) WHERE column1 BETWEEN ?1 AND ?2`.
fn statement(insert: &BulkInsert, rows: usize) -> String {
    let columns = insert.columns.len();
    let selected: Vec<String> = (2..=columns + 1).map(|n| format!("column{n}")).collect();
    let places = |row: usize| -> String {
        (1..=columns)
            .map(|column| format!(", ?{}", 2 + row * columns + column))
            .collect()
    };
    let values: Vec<String> = (0..rows)
        .map(|row| format!("({row}{})", places(row)))
        .collect();
    // OR FAIL: what else may be wrong with a row, a NULL say, ends the transaction, so that SQLite
    // need not keep aside what the statement has done so far.
    format!(
        "INSERT OR FAIL INTO {} ({}) SELECT {} FROM (VALUES {}) WHERE column1 BETWEEN ?1 AND ?2 {}",
        dialect::quote(&insert.table),
        insert.column_list(),
        selected.join(", "),
        values.join(", "),
        insert.conflict_clause()
    )
}

/// Asks whether the table has a row from one key to another.
fn between(insert: &BulkInsert) -> String {
    let places = |first: usize| -> Vec<String> {
        let places = (first..).take(insert.key.len());
        places.map(|place| format!("?{place}")).collect()
    };
    format!(
        "SELECT EXISTS (SELECT 1 FROM {} WHERE ({}) BETWEEN ({}) AND ({}))",
        dialect::quote(&insert.table),
        dialect::quote_list(&insert.key),
        places(1).join(", "),
        places(1 + insert.key.len()).join(", "),
    )
}
