//! Lends the raw handle of a pooled SQLite connection to `rusqlite`. The program's only `unsafe`.
//!
//! Why: through sqlx each statement costs a hand-off to its worker thread (6 to 15 times the
//! insert itself, measured), while the transaction, the pool and the ledger's statements must
//! stay on that very connection. The one invariant: the handle never outlives the worker's lock.

#![expect(
    unsafe_code,
    reason = "rusqlite takes a foreign sqlite3 handle only through an unsafe function"
)]

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
