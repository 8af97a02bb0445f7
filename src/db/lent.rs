//! Lends the raw handle of a pooled SQLite connection to `rusqlite`, and lends values to SQLite.
//! The program's only `unsafe`.
//!
//! Why: through sqlx each statement costs a hand-off to its worker thread (6 to 15 times the
//! insert itself, measured), while the transaction, the pool and the ledger's statements must
//! stay on that very connection; and a value bound through `rusqlite` is copied into memory that
//! is asked for and given back each time, which cost as much as the insert (measured). The two
//! invariants: the handle never outlives the worker's lock, and a statement runs only while the
//! values bound to it are borrowed.

#![expect(
    unsafe_code,
    reason = "rusqlite takes a foreign sqlite3 handle only through an unsafe function, and binds copies only"
)]

use std::ffi::{CStr, c_int, c_uchar};
use std::marker::PhantomData;
use std::ptr::{self, NonNull};

use rusqlite::ffi;
use rusqlite::types::ValueRef;
use sqlx::Connection;
use tokio::runtime::{Handle, RuntimeFlavor};

/// Runs `work` on the connection, blocking this thread; statements that `work` prepares end with it.
pub(super) async fn with_handle<R: Send>(
    connection: &mut sqlx::SqliteConnection,
    work: impl FnOnce(&rusqlite::Connection) -> R + Send,
) -> Result<R, sqlx::Error> {
    // sqlx asks its worker to give way with a command each time, into a queue of 50 places, and
    // takes the lock without waiting when the worker has not come back for it yet. So commands
    // pile up under quick statements, until sqlx waits for a place in the queue while it holds the
    // lock that the worker waits for. After an answer from the worker its queue is empty.
    connection.ping().await?;
    let mut handle = connection.lock_handle().await?;
    blocking(move || {
        let raw = handle.as_raw_handle().as_ptr();
        // SAFETY: `raw` is an open connection: sqlx closes it only with the `SqliteConnection`,
        // which is borrowed for this whole call. While `handle` lives (to the end of this
        // closure), sqlx's worker makes no call on it, so this thread is its only user, as
        // SQLite's multi-thread mode demands. `rusqlite` does not close a handle it was lent, and
        // `work` cannot keep `lent` or a statement of it, because `R` is the same type for every
        // lifetime of the borrow. Both crates name one `sqlite3` type of one `libsqlite3-sys`, or
        // this would not compile.
        let lent = unsafe { rusqlite::Connection::from_handle(raw) };
        let result = lent.map(|connection| work(&connection));
        drop(handle);
        result
    })
    // `from_handle` only wraps the pointer; its error type has no case for that.
    .map_err(|error| sqlx::Error::Protocol(error.to_string()))
}

/// Runs blocking work without starving the other tasks of a multi-thread runtime.
pub(super) fn blocking<R>(work: impl FnOnce() -> R) -> R {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        // A current-thread runtime has nobody to hand its tasks to.
        _ => work(),
    }
}

/// A prepared statement that reads its values where they lie.
pub(super) struct LendingStatement<'c> {
    connection: &'c rusqlite::Connection,
    raw: NonNull<ffi::sqlite3_stmt>,
}

impl<'c> LendingStatement<'c> {
    pub(super) fn prepare(
        connection: &'c rusqlite::Connection,
        sql: &str,
    ) -> Result<Self, rusqlite::Error> {
        let mut raw = ptr::null_mut();
        let length = c_int::try_from(sql.len()).unwrap_or(c_int::MAX);
        // SAFETY: the connection is open while it is borrowed; `sql` is read up to `length` bytes,
        // which it has; `raw` is written before this returns.
        let code = unsafe {
            let database = connection.handle();
            ffi::sqlite3_prepare_v2(
                database,
                sql.as_ptr().cast(),
                length,
                &raw mut raw,
                ptr::null_mut(),
            )
        };
        match NonNull::new(raw) {
            Some(raw) if code == ffi::SQLITE_OK => Ok(Self { connection, raw }),
            _ => Err(failure(connection, code)),
        }
    }

    /// Gives the statement its values, from its first place on; a place without one is NULL.
    pub(super) fn bind<'b>(
        &'b mut self,
        values: impl Iterator<Item = ValueRef<'b>>,
    ) -> Result<Bound<'b>, rusqlite::Error> {
        let raw = self.raw.as_ptr();
        // SAFETY: the statement is prepared and not running, as `Bound::run` resets it.
        unsafe { ffi::sqlite3_clear_bindings(raw) };
        for (place, value) in (1..).zip(values) {
            // SAFETY: as above. A text or blob is borrowed for `'b`, and only a `Bound<'b>` runs
            // the statement. What was bound before that is never read again: it is cleared first.
            let code = unsafe {
                match value {
                    ValueRef::Null => ffi::SQLITE_OK,
                    ValueRef::Integer(value) => ffi::sqlite3_bind_int64(raw, place, value),
                    ValueRef::Real(value) => ffi::sqlite3_bind_double(raw, place, value),
                    ValueRef::Text(text) => ffi::sqlite3_bind_text64(
                        raw,
                        place,
                        text.as_ptr().cast(),
                        text.len() as u64,
                        ffi::SQLITE_STATIC(),
                        ffi::SQLITE_UTF8 as c_uchar,
                    ),
                    ValueRef::Blob(bytes) => ffi::sqlite3_bind_blob64(
                        raw,
                        place,
                        bytes.as_ptr().cast(),
                        bytes.len() as u64,
                        ffi::SQLITE_STATIC(),
                    ),
                }
            };
            if code != ffi::SQLITE_OK {
                return Err(failure(self.connection, code));
            }
        }
        Ok(Bound {
            connection: self.connection,
            raw: self.raw,
            values: PhantomData,
        })
    }
}

impl Drop for LendingStatement<'_> {
    fn drop(&mut self) {
        // SAFETY: it is prepared, nobody else has it, and its connection outlives it. What it
        // returns is the error of the last run, which `Bound::run` has given already.
        unsafe { ffi::sqlite3_finalize(self.raw.as_ptr()) };
    }
}

/// A [`LendingStatement`] with its values.
pub(super) struct Bound<'b> {
    connection: &'b rusqlite::Connection,
    raw: NonNull<ffi::sqlite3_stmt>,
    values: PhantomData<&'b [u8]>,
}

impl Bound<'_> {
    /// Binds a number instead of what is at `place`, from 1.
    pub(super) fn set(&mut self, place: c_int, value: i64) -> Result<(), rusqlite::Error> {
        // SAFETY: the statement is prepared and not running.
        match unsafe { ffi::sqlite3_bind_int64(self.raw.as_ptr(), place, value) } {
            ffi::SQLITE_OK => Ok(()),
            code => Err(failure(self.connection, code)),
        }
    }

    /// Runs the statement, which gives no rows, and says how many it changed.
    pub(super) fn run(&mut self) -> Result<usize, rusqlite::Error> {
        let raw = self.raw.as_ptr();
        // SAFETY: the statement is prepared, its values are borrowed as long as `self` lives, and
        // the connection is this thread's. It is reset before anything else is done with it.
        let (code, changed) = unsafe {
            let code = ffi::sqlite3_step(raw);
            (code, ffi::sqlite3_changes(self.connection.handle()))
        };
        let outcome = match code {
            ffi::SQLITE_DONE => Ok(usize::try_from(changed).unwrap_or_default()),
            code => Err(failure(self.connection, code)),
        };
        // SAFETY: as above; what it returns is the error that `code` is.
        unsafe { ffi::sqlite3_reset(raw) };
        outcome
    }
}

/// What the connection says of its last call, which returned `code`.
fn failure(connection: &rusqlite::Connection, code: c_int) -> rusqlite::Error {
    // SAFETY: the connection is open; its message ends with NUL, is copied at once, and no call
    // has been made since.
    let message = unsafe { CStr::from_ptr(ffi::sqlite3_errmsg(connection.handle())) };
    let message = message.to_string_lossy().into_owned();
    rusqlite::Error::SqliteFailure(ffi::Error::new(code), Some(message))
}
