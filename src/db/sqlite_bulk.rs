//! The bulk insert of SQLite: one prepared statement in a tight loop on the lent connection.

use super::bulk::{BulkInsert, BulkOutcome, RowSource, SinkProblem, ValueSink};
use super::sqlite::{BindProblem, bind_one, prepare};
use super::{DbError, dialect};
use crate::value::ValueRef;

/// Inserts all rows of `source`; runs inside the caller's transaction.
pub(super) fn load(
    connection: &rusqlite::Connection,
    insert: &BulkInsert,
    source: &mut dyn RowSource,
) -> Result<BulkOutcome, DbError> {
    let sql = statement(insert);
    // Built with SQLITE_ENABLE_MEMORY_MANAGEMENT, as libsqlite3-sys does unless LIBSQLITE3_FLAGS
    // says otherwise, all connections share one budget of pages. A scan on another connection
    // keeps the whole budget, and each insert here would read its pages again (7 times slower,
    // measured): what lies idle is given back first.
    connection
        .execute_batch("PRAGMA shrink_memory")
        .map_err(|error| DbError::statement("PRAGMA shrink_memory", error))?;
    let mut statement = prepare(connection, &sql)?;
    let mut outcome = BulkOutcome::default();
    for ordinal in 0.. {
        if !insert.take_row(source, &mut statement, ordinal)? {
            break;
        }
        let changed = statement
            .raw_execute()
            .map_err(|error| DbError::statement(&sql, error))?;
        if changed == 0 {
            outcome.skip(ordinal);
        } else {
            outcome.written += 1;
        }
    }
    Ok(outcome)
}

fn statement(insert: &BulkInsert) -> String {
    let places: Vec<String> = (1..=insert.columns.len())
        .map(|n| format!("?{n}"))
        .collect();
    format!(
        "INSERT INTO {} ({}) VALUES ({}) {}",
        dialect::quote(&insert.table),
        insert.column_list(),
        places.join(", "),
        insert.conflict_clause()
    )
}

impl ValueSink for rusqlite::Statement<'_> {
    fn put(&mut self, column: usize, value: ValueRef<'_>) -> Result<(), SinkProblem> {
        bind_one(self, column + 1, value).map_err(|problem| match problem {
            BindProblem::Value(problem) => SinkProblem::Value(problem),
            BindProblem::Driver(error) => SinkProblem::Driver(error),
        })
    }
}
