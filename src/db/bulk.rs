//! What a bulk insert is: a table, a key, rows in the key's order, and what to do with known keys.

use super::dialect::{quote, quote_list};
use super::{DbError, ValueProblem};
use crate::id::Ident;
use crate::value::{Kind, Value, ValueRef};

/// How many ordinals of skipped rows an outcome keeps; the count goes on.
pub const MAX_SKIPPED_ORDINALS: usize = 100_000;

/// Rows for one table.
#[derive(Debug, Clone)]
pub struct BulkInsert {
    /// The table.
    pub table: Ident,
    /// The columns that rows fill, in the order of their values.
    pub columns: Vec<(Ident, Kind)>,
    /// The columns of one unique key of the table, none of them NULL; all among `columns`.
    pub key: Vec<Ident>,
    /// What becomes of a row whose key the table already has.
    pub on_conflict: OnConflict,
}

/// What becomes of a row whose key the table already has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnConflict {
    /// It is skipped and reported; the caller makes rejects of such rows.
    Reject,
    /// It is skipped and reported; the caller only counts.
    KeepFirst,
    /// It replaces the row there if its value in this column is greater, NULL being least; else
    /// it is skipped and reported.
    ReplaceIfNewer(Ident),
}

/// What a bulk insert did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BulkOutcome {
    /// Rows inserted, or that replaced an older one.
    pub written: u64,
    /// Rows skipped because of a known key.
    pub skipped: u64,
    /// Which rows were skipped: positions in the stream from 0, rising, at most
    /// [`MAX_SKIPPED_ORDINALS`].
    pub skipped_ordinals: Vec<u64>,
}

impl BulkOutcome {
    pub(super) fn skip(&mut self, ordinal: u64) {
        self.skipped += 1;
        if self.skipped_ordinals.len() < MAX_SKIPPED_ORDINALS {
            self.skipped_ordinals.push(ordinal);
        }
    }
}

/// Why a source of rows could not go on.
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// Rows, one after the other, sorted by key (unsorted is correct and several times slower).
///
/// A key should come once. If it comes again, the later row meets the earlier one as if that
/// had been in the table (on PostgreSQL, with [`OnConflict::ReplaceIfNewer`], only the newest is
/// written and all others are reported).
pub trait RowSource: Send {
    /// Puts the next row's values into `row`, one for each column in order, and returns true;
    /// returns false after the last row, having put nothing.
    fn next(&mut self, row: &mut RowWriter<'_>) -> Result<bool, SourceError>;

    /// Begins again with the first row. PostgreSQL asks for it when it meets a known key.
    fn rewind(&mut self) -> Result<(), SourceError>;
}

/// Takes one row's values straight into the database's own buffer.
pub struct RowWriter<'a> {
    sink: &'a mut (dyn ValueSink + 'a),
    columns: &'a [(Ident, Kind)],
    count: usize,
    problem: Option<String>,
}

/// Where values go: a prepared statement or a copy buffer.
pub(super) trait ValueSink {
    /// Takes the value of `column`, from 0.
    fn put(&mut self, column: usize, value: ValueRef<'_>) -> Result<(), ValueProblem>;
}

impl<'a> RowWriter<'a> {
    pub(super) fn new(sink: &'a mut (dyn ValueSink + 'a), columns: &'a [(Ident, Kind)]) -> Self {
        Self {
            sink,
            columns,
            count: 0,
            problem: None,
        }
    }

    /// Puts the value of the next column. The first problem is kept and fails the insert.
    pub fn put(&mut self, value: ValueRef<'_>) {
        let column = self.count;
        self.count += 1;
        if self.problem.is_some() {
            return;
        }
        self.problem = match self.columns.get(column) {
            None => Some(format!("has more than {} values", self.columns.len())),
            Some((name, kind)) if value.kind() != *kind => Some(format!(
                "gives {:?} for `{name}`, which is {kind:?}",
                value.kind()
            )),
            Some((name, _)) => match self.sink.put(column, value) {
                Ok(()) => None,
                Err(problem) => Some(format!(
                    "gives a value for `{name}` that cannot be stored: {problem}"
                )),
            },
        };
    }

    /// What is wrong with the row, once the source has said whether there is one.
    fn finish(self, more: bool) -> Result<(), String> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let expected = if more { self.columns.len() } else { 0 };
        if self.count == expected {
            return Ok(());
        }
        Err(format!(
            "has {} values and {expected} were expected",
            self.count
        ))
    }
}

impl BulkInsert {
    /// Whether it is consistent in itself.
    pub(super) fn check(&self) -> Result<(), DbError> {
        let version = match &self.on_conflict {
            OnConflict::ReplaceIfNewer(column) => Some(column),
            OnConflict::Reject | OnConflict::KeepFirst => None,
        };
        if self.key.is_empty() {
            return Err(self.error("it names no key".to_owned()));
        }
        for name in self.key.iter().chain(version) {
            if !self.columns.iter().any(|(column, _)| column == name) {
                return Err(self.error(format!("`{name}` is not among its columns")));
            }
        }
        Ok(())
    }

    /// Has `source` put its row number `ordinal` into `sink`; false after the last row.
    pub(super) fn take_row(
        &self,
        source: &mut dyn RowSource,
        sink: &mut dyn ValueSink,
        ordinal: u64,
    ) -> Result<bool, DbError> {
        let mut writer = RowWriter::new(sink, &self.columns);
        let more = source
            .next(&mut writer)
            .map_err(|source| self.source_error(ordinal, source))?;
        writer
            .finish(more)
            .map_err(|problem| self.error(format!("row {ordinal} {problem}")))?;
        Ok(more)
    }

    pub(super) fn error(&self, problem: String) -> DbError {
        DbError::Bulk {
            table: self.table.to_string(),
            problem,
        }
    }

    pub(super) fn source_error(&self, row: u64, source: SourceError) -> DbError {
        DbError::Source {
            table: self.table.to_string(),
            row,
            source,
        }
    }

    /// `"a", "b"` of all columns.
    pub(super) fn column_list(&self) -> String {
        quote_list(self.columns.iter().map(|(name, _)| name))
    }

    /// Where the key's columns stand among all.
    pub(super) fn key_places(&self) -> Vec<usize> {
        let place = |name: &Ident| self.columns.iter().position(|(column, _)| column == name);
        self.key.iter().filter_map(place).collect()
    }

    /// The `ON CONFLICT` clause, the same on both databases.
    pub(super) fn conflict_clause(&self) -> String {
        let key = quote_list(&self.key);
        let OnConflict::ReplaceIfNewer(version) = &self.on_conflict else {
            return format!("ON CONFLICT ({key}) DO NOTHING");
        };
        let set: Vec<String> = self
            .columns
            .iter()
            .map(|(name, _)| quote(name))
            .map(|name| format!("{name} = excluded.{name}"))
            .collect();
        let (set, version, table) = (set.join(", "), quote(version), quote(&self.table));
        format!(
            "ON CONFLICT ({key}) DO UPDATE SET {set} WHERE excluded.{version} > {table}.{version} \
             OR ({table}.{version} IS NULL AND excluded.{version} IS NOT NULL)"
        )
    }
}

/// Rows in memory, for small loads.
#[derive(Debug, Clone)]
pub struct OwnedRows {
    rows: Vec<Vec<Value>>,
    next: usize,
}

impl OwnedRows {
    /// These rows, in this order.
    pub fn new(rows: Vec<Vec<Value>>) -> Self {
        Self { rows, next: 0 }
    }
}

impl RowSource for OwnedRows {
    fn next(&mut self, row: &mut RowWriter<'_>) -> Result<bool, SourceError> {
        let Some(values) = self.rows.get(self.next) else {
            return Ok(false);
        };
        self.next += 1;
        for value in values {
            row.put(value.borrow());
        }
        Ok(true)
    }

    fn rewind(&mut self) -> Result<(), SourceError> {
        self.next = 0;
        Ok(())
    }
}
