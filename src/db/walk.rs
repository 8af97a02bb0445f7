//! Two ordered queries walked side by side: which rows of two lists belong together, read once each.
//!
//! For SQLite, where a row costs a step of its virtual machine and nothing else: the second list is
//! read by a thread of its own on a connection of its own when the transaction has changed nothing
//! yet (on SQLite it is the sole writer, so both see the same rows), else on the same connection.
//! Rows are compared as SQLite orders them: NULL, numbers, texts by their bytes.

use std::cmp::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::types::{ToSqlOutput, ValueRef as SqlValue};
use rusqlite::{Connection, Rows, Statement, ToSql};
use sqlx::Sqlite;
use sqlx::pool::PoolConnection;
use tokio::runtime::Handle;

use super::DbError;
use super::lent::with_handle;
use super::sqlite::{bind, prepare};
use crate::value::Value;

/// Rows that travel from one thread to the other together.
const BATCH_ROWS: usize = 1_024;
/// Batches on their way at most.
const BATCHES: usize = 4;

/// One of two lists.
#[derive(Debug, Clone)]
pub struct WalkSide {
    /// A query that is ordered by its first columns, the key.
    pub sql: String,
    /// Its arguments.
    pub args: Vec<Value>,
    /// An insert for every row that is kept; its places are numbered from 1.
    pub keep: String,
    /// The columns of the query whose values it takes, from 0.
    pub kept: Vec<usize>,
}

/// What the walk meets.
#[derive(Debug, Clone, Copy)]
pub enum Met<'r> {
    /// A row of the first (0) or second (1) list that is kept: the other one has no row with its
    /// key, or its key is NULL somewhere, or either list has the key twice.
    Alone(usize, &'r WalkRow),
    /// The only rows with one key. They are kept unless they agree.
    Pair(&'r WalkRow, &'r WalkRow),
}

/// One row.
#[derive(Debug, Clone, Default)]
pub struct WalkRow {
    cells: Vec<Cell>,
    bytes: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
enum Cell {
    Null,
    Int(i64),
    /// Where its bytes begin and end.
    Text(usize, usize),
}

impl WalkRow {
    /// A number, or nothing if it is NULL or none.
    pub fn int(&self, column: usize) -> Option<i64> {
        match self.cells.get(column) {
            Some(Cell::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// Whether a value is NULL.
    pub fn is_null(&self, column: usize) -> bool {
        matches!(self.cells.get(column), Some(Cell::Null) | None)
    }

    /// Whether a value is the same as one of the other row; NULL is the same as NULL.
    pub fn is_same(&self, column: usize, other: &Self) -> bool {
        self.order(column, other) == Ordering::Equal
    }

    fn value(&self, column: usize) -> SqlValue<'_> {
        match self.cells.get(column) {
            Some(Cell::Int(value)) => SqlValue::Integer(*value),
            Some(Cell::Text(from, to)) => {
                SqlValue::Text(self.bytes.get(*from..*to).unwrap_or_default())
            }
            Some(Cell::Null) | None => SqlValue::Null,
        }
    }

    fn order(&self, column: usize, other: &Self) -> Ordering {
        match (self.value(column), other.value(column)) {
            (SqlValue::Integer(one), SqlValue::Integer(two)) => one.cmp(&two),
            (SqlValue::Text(one), SqlValue::Text(two)) => one.cmp(two),
            (one, two) => rank(one).cmp(&rank(two)),
        }
    }

    fn order_of_keys(&self, keys: usize, other: &Self) -> Ordering {
        let mut orders = (0..keys).map(|column| self.order(column, other));
        let first = orders.find(|order| *order != Ordering::Equal);
        first.unwrap_or(Ordering::Equal)
    }

    fn has_null(&self, keys: usize) -> bool {
        (0..keys).any(|column| self.is_null(column))
    }

    fn clear(&mut self) {
        self.cells.clear();
        self.bytes.clear();
    }

    /// Adds the values of a row of SQLite's.
    fn add(&mut self, row: &rusqlite::Row<'_>, width: usize) -> Result<(), rusqlite::Error> {
        for column in 0..width {
            let cell = match row.get_ref(column)? {
                SqlValue::Null => Cell::Null,
                SqlValue::Integer(value) => Cell::Int(value),
                SqlValue::Text(bytes) | SqlValue::Blob(bytes) => {
                    let from = self.bytes.len();
                    self.bytes.extend_from_slice(bytes);
                    Cell::Text(from, self.bytes.len())
                }
                // No column of a dataset holds one.
                SqlValue::Real(_) => {
                    let kind = rusqlite::types::Type::Real;
                    return Err(rusqlite::Error::InvalidColumnType(
                        column,
                        String::new(),
                        kind,
                    ));
                }
            };
            self.cells.push(cell);
        }
        Ok(())
    }

    /// Becomes one row of many that lie behind each other.
    fn take(&mut self, many: &Self, row: usize, width: usize) {
        self.clear();
        let cells = many.cells.get(row * width..(row + 1) * width);
        for cell in cells.unwrap_or_default() {
            let cell = match cell {
                Cell::Text(from, to) => {
                    let start = self.bytes.len();
                    let bytes = many.bytes.get(*from..*to).unwrap_or_default();
                    self.bytes.extend_from_slice(bytes);
                    Cell::Text(start, self.bytes.len())
                }
                other => *other,
            };
            self.cells.push(cell);
        }
    }
}

fn rank(value: SqlValue<'_>) -> u8 {
    match value {
        SqlValue::Null => 0,
        SqlValue::Integer(_) | SqlValue::Real(_) => 1,
        SqlValue::Text(_) | SqlValue::Blob(_) => 2,
    }
}

/// What the reading thread sends.
enum Message {
    /// Rows behind each other.
    Rows(WalkRow, usize),
    End,
    Failed(DbError),
}

/// Where rows come from, one after the other.
enum Source<'s> {
    Here {
        rows: Rows<'s>,
        width: usize,
        sql: &'s str,
    },
    Thread {
        receiver: Receiver<Message>,
        batch: WalkRow,
        rows: usize,
        next: usize,
        sql: &'s str,
    },
}

impl Source<'_> {
    /// Puts the next row into `into`; false after the last one.
    fn next(&mut self, into: &mut WalkRow) -> Result<bool, DbError> {
        match self {
            Self::Here { rows, width, sql } => {
                let failed = |error| DbError::statement(sql, error);
                let Some(row) = rows.next().map_err(failed)? else {
                    return Ok(false);
                };
                into.clear();
                into.add(row, *width).map_err(failed)?;
                Ok(true)
            }
            Self::Thread {
                receiver,
                batch,
                rows,
                next,
                sql,
            } => {
                if next == rows {
                    // Only a thread that broke down goes without a word.
                    let gone = |_| DbError::statement(sql, sqlx::Error::WorkerCrashed);
                    match receiver.recv().map_err(gone)? {
                        Message::Rows(found, count) => (*batch, *rows, *next) = (found, count, 0),
                        Message::End => return Ok(false),
                        Message::Failed(error) => return Err(error),
                    }
                }
                let width = batch.cells.len() / (*rows).max(1);
                into.take(batch, *next, width);
                *next += 1;
                Ok(true)
            }
        }
    }
}

/// A list with one row to look ahead.
struct List<'s> {
    source: Source<'s>,
    current: Option<WalkRow>,
    next: Option<WalkRow>,
    is_read: bool,
}

impl<'s> List<'s> {
    fn new(source: Source<'s>) -> Result<Self, DbError> {
        let mut list = Self {
            source,
            current: None,
            next: None,
            is_read: false,
        };
        list.advance()?;
        list.advance()?;
        Ok(list)
    }

    fn advance(&mut self) -> Result<(), DbError> {
        let mut row = self.current.take().unwrap_or_default();
        self.current = self.next.take();
        if !self.is_read {
            self.is_read = !self.source.next(&mut row)?;
        }
        if !self.is_read {
            self.next = Some(row);
        }
        Ok(())
    }

    fn is_repeated(&self, keys: usize) -> bool {
        match (&self.current, &self.next) {
            (Some(one), Some(two)) => one.order_of_keys(keys, two) == Ordering::Equal,
            _ => false,
        }
    }
}

/// An insert for what is kept.
struct Keeper<'c> {
    statement: Statement<'c>,
    side: &'c WalkSide,
}

impl<'c> Keeper<'c> {
    fn new(connection: &'c Connection, side: &'c WalkSide) -> Result<Self, DbError> {
        let statement = prepare(connection, &side.keep)?;
        Ok(Self { statement, side })
    }

    fn keep(&mut self, row: &WalkRow) -> Result<(), DbError> {
        let failed = |error| DbError::statement(&self.side.keep, error);
        for (place, column) in (1..).zip(&self.side.kept) {
            let value = Borrowed(row.value(*column));
            self.statement
                .raw_bind_parameter(place, value)
                .map_err(failed)?;
        }
        self.statement.raw_execute().map_err(failed)?;
        Ok(())
    }
}

struct Borrowed<'a>(SqlValue<'a>);

impl ToSql for Borrowed<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.0))
    }
}

/// A walk in progress.
struct Walk<'c, S> {
    keys: usize,
    lists: [List<'c>; 2],
    keepers: [Keeper<'c>; 2],
    see: S,
}

/// Walks both lists; the second from `arriving` if it is read elsewhere.
pub(super) fn walk<E: From<DbError>>(
    connection: &Connection,
    sides: &[WalkSide; 2],
    keys: usize,
    arriving: Option<Arriving>,
    see: impl FnMut(Met<'_>) -> Result<bool, E>,
) -> Result<(), E> {
    let [first, second] = sides;
    let mut one = prepare(connection, &first.sql)?;
    let mut two = prepare(connection, &second.sql)?;
    let theirs = match arriving {
        Some(Arriving(receiver)) => Source::Thread {
            receiver,
            batch: WalkRow::default(),
            rows: 0,
            next: 0,
            sql: &second.sql,
        },
        None => here(&mut two, second)?,
    };
    let mut walk = Walk {
        keys,
        lists: [List::new(here(&mut one, first)?)?, List::new(theirs)?],
        keepers: [
            Keeper::new(connection, first)?,
            Keeper::new(connection, second)?,
        ],
        see,
    };
    walk.run()
}

/// What arrives from the reading thread.
pub(super) struct Arriving(Receiver<Message>);

fn here<'s>(statement: &'s mut Statement<'_>, side: &'s WalkSide) -> Result<Source<'s>, DbError> {
    bind(statement, &side.sql, &side.args)?;
    let width = statement.column_count();
    Ok(Source::Here {
        rows: statement.raw_query(),
        width,
        sql: &side.sql,
    })
}

impl<S> Walk<'_, S> {
    fn run<E: From<DbError>>(&mut self) -> Result<(), E>
    where
        S: FnMut(Met<'_>) -> Result<bool, E>,
    {
        loop {
            let [ours, theirs] = &self.lists;
            let order = match (&ours.current, &theirs.current) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(one), Some(two)) => one.order_of_keys(self.keys, two),
            };
            match order {
                Ordering::Less => self.alone(0)?,
                Ordering::Greater => self.alone(1)?,
                Ordering::Equal => self.equal()?,
            }
        }
    }

    /// The current row of one list has no counterpart.
    fn alone<E: From<DbError>>(&mut self, side: usize) -> Result<(), E>
    where
        S: FnMut(Met<'_>) -> Result<bool, E>,
    {
        let (Some(list), Some(keeper)) = (self.lists.get_mut(side), self.keepers.get_mut(side))
        else {
            return Ok(());
        };
        if let Some(row) = &list.current {
            (self.see)(Met::Alone(side, row))?;
            keeper.keep(row)?;
        }
        Ok(list.advance()?)
    }

    /// The current rows have one key.
    fn equal<E: From<DbError>>(&mut self) -> Result<(), E>
    where
        S: FnMut(Met<'_>) -> Result<bool, E>,
    {
        let keys = self.keys;
        let [ours, theirs] = &mut self.lists;
        let (Some(one), Some(two)) = (&ours.current, &theirs.current) else {
            return Ok(());
        };
        if one.has_null(keys) || ours.is_repeated(keys) || theirs.is_repeated(keys) {
            let key = one.clone();
            for side in 0..self.lists.len() {
                while self.is_at(side, &key) {
                    self.alone(side)?;
                }
            }
            return Ok(());
        }
        if !(self.see)(Met::Pair(one, two))? {
            let [our_keeper, their_keeper] = &mut self.keepers;
            our_keeper.keep(one)?;
            their_keeper.keep(two)?;
        }
        ours.advance()?;
        Ok(theirs.advance()?)
    }

    fn is_at(&self, side: usize, key: &WalkRow) -> bool {
        let current = self.lists.get(side).and_then(|list| list.current.as_ref());
        current.is_some_and(|row| row.order_of_keys(self.keys, key) == Ordering::Equal)
    }
}

/// Reads one list on a connection and a thread of its own.
pub(super) struct Reading {
    thread: std::thread::JoinHandle<()>,
}

impl Reading {
    /// Begins to read; `None` if no thread can be had.
    pub(super) fn begin(
        connection: PoolConnection<Sqlite>,
        side: &WalkSide,
    ) -> Option<(Self, Arriving)> {
        let (sender, receiver) = sync_channel(BATCHES);
        let (runtime, side) = (Handle::try_current().ok()?, side.clone());
        let named = std::thread::Builder::new().name("dukou-walk".to_owned());
        let thread = named
            .spawn(move || runtime.block_on(read(connection, side, sender)))
            .ok()?;
        Some((Self { thread }, Arriving(receiver)))
    }

    /// Waits until the connection is given back; the receiver must be gone.
    pub(super) fn end(self) {
        // What broke the thread was told by the missing end of its rows.
        drop(self.thread.join());
    }
}

async fn read(mut connection: PoolConnection<Sqlite>, side: WalkSide, sender: SyncSender<Message>) {
    let sent = with_handle(&mut connection, |lent| send(lent, &side, &sender)).await;
    let message = match sent {
        Ok(Ok(())) => Message::End,
        Ok(Err(error)) => Message::Failed(error),
        Err(error) => Message::Failed(DbError::statement(&side.sql, error)),
    };
    // Nobody listens any more when the walk failed on its own side.
    drop(sender.send(message));
}

fn send(
    connection: &Connection,
    side: &WalkSide,
    sender: &SyncSender<Message>,
) -> Result<(), DbError> {
    let mut statement = prepare(connection, &side.sql)?;
    bind(&mut statement, &side.sql, &side.args)?;
    let width = statement.column_count();
    let mut rows = statement.raw_query();
    let failed = |error| DbError::statement(&side.sql, error);
    let (mut batch, mut count) = (WalkRow::default(), 0);
    while let Some(row) = rows.next().map_err(failed)? {
        batch.add(row, width).map_err(failed)?;
        count += 1;
        if count == BATCH_ROWS {
            let full = std::mem::take(&mut batch);
            if sender.send(Message::Rows(full, count)).is_err() {
                return Ok(());
            }
            count = 0;
        }
    }
    if count > 0 {
        drop(sender.send(Message::Rows(batch, count)));
    }
    Ok(())
}
