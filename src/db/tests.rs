//! What only SQLite does; the story that both databases share is `tests/it/db_contract.rs`.

use super::*;
use crate::value::Value;
use std::path::Path;
use std::time::Duration;

fn url(folder: &Path) -> DatabaseUrl {
    DatabaseUrl::parse("sqlite://var/hub.db")
        .expect("an address")
        .relative_to(folder)
}

fn one_connection(busy_timeout: Duration) -> OpenOptions {
    OpenOptions {
        pool_size: 1,
        busy_timeout,
        ..OpenOptions::default()
    }
}

async fn open(folder: &Path, options: &OpenOptions) -> Database {
    Database::open(&url(folder), options)
        .await
        .expect("a new file opens")
}

async fn int(database: &Database, sql: &str) -> i64 {
    let row = database.query_one(sql, &[]).await.expect("a row");
    row.int(0).expect("an integer")
}

#[tokio::test]
async fn a_new_file_has_large_pages_a_log_and_full_durability() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = open(folder.path(), &OpenOptions::default()).await;
    assert_eq!(int(&database, "PRAGMA page_size").await, 32_768);
    assert_eq!(int(&database, "PRAGMA synchronous").await, 2);
    assert_eq!(int(&database, "PRAGMA foreign_keys").await, 1);
    let row = database.query_one("PRAGMA journal_mode", &[]).await;
    assert_eq!(row.expect("a row").text(0).expect("a text"), "wal");
    database.close().await;
}

#[tokio::test]
async fn a_missing_file_is_refused_when_nothing_may_be_created() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = OpenOptions {
        if_missing: IfMissing::Refuse,
        ..OpenOptions::default()
    };
    let error = Database::open(&url(folder.path()), &options)
        .await
        .expect_err("there is no file");
    let place = folder.path().join("var/hub.db");
    assert_eq!(
        error.to_string(),
        format!(
            "cannot open sqlite://{}: error returned from database: (code: 14) unable to open database file",
            place.display()
        )
    );
    assert_eq!(error.code().id, "store-unreachable");
    assert!(!error.is_transient());
    assert!(!place.exists() && !folder.path().join("var").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_that_create_one_file_at_the_same_moment_all_open_it() {
    let folder = tempfile::tempdir().expect("a folder");
    for round in 0..40 {
        let path = folder.path().join(round.to_string());
        let openings: Vec<_> = (0..6)
            .map(|_| {
                let path = path.clone();
                tokio::spawn(
                    async move { Database::open(&url(&path), &OpenOptions::default()).await },
                )
            })
            .collect();
        for opening in openings {
            let database = opening.await.expect("no panic").expect("it opens");
            assert_eq!(int(&database, "PRAGMA page_size").await, 32_768);
        }
    }
}

#[tokio::test]
async fn a_transaction_that_sqlite_ended_by_itself_does_not_spoil_its_connection() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = open(folder.path(), &one_connection(Duration::from_secs(5))).await;
    let mut transaction = database.begin().await.expect("it begins");
    // What SQLite does on a full disk.
    transaction
        .execute("ROLLBACK", &[])
        .await
        .expect("it is ended");
    let error = transaction.commit().await.expect_err("nothing to commit");
    assert_eq!(
        error.to_string(),
        "the commit was refused and nothing was stored: error returned from database: \
         (code: 1) cannot commit - no transaction is active"
    );
    let next = database.begin().await.expect("the next one begins");
    next.commit().await.expect("and is committed");
}

#[tokio::test]
async fn a_writer_that_waits_too_long_for_its_own_process_is_told_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = open(folder.path(), &one_connection(Duration::from_millis(50))).await;
    let holder = database.begin().await.expect("it begins");
    let error = database
        .begin()
        .await
        .expect_err("the first still holds it");
    assert!(matches!(error, DbError::Busy { waited_secs: 0, .. }));
    assert!(error.is_transient());
    drop(holder);
    let next = database.begin().await.expect("now it is free");
    next.rollback().await.expect("it ends");
}

#[tokio::test]
async fn a_writer_that_waits_too_long_for_another_process_may_try_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = one_connection(Duration::from_millis(50));
    let (here, there) = (
        open(folder.path(), &options).await,
        open(folder.path(), &options).await,
    );
    let holder = here.begin().await.expect("it begins");
    let error = there.begin().await.expect_err("the other holds the file");
    assert!(matches!(error, DbError::Begin { .. }), "{error}");
    assert!(error.is_transient());
    assert_eq!(error.code().id, "store-busy");
    holder.rollback().await.expect("it ends");
    let next = there.begin().await.expect("now it is free");
    next.rollback().await.expect("it ends");
}

#[tokio::test]
async fn a_statement_needs_an_argument_for_each_number_it_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = open(folder.path(), &OpenOptions::default()).await;
    let error = database
        .query("SELECT $1, $3", &[Value::Int(1), Value::Int(2)])
        .await
        .expect_err("there is no third");
    assert_eq!(
        error.to_string(),
        "statement `SELECT $1, $3` names $3 and has 2 arguments"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn quick_statements_in_a_row_never_wait_for_each_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let work = async {
        for round in 0..20 {
            let database = open(
                &folder.path().join(round.to_string()),
                &OpenOptions::default(),
            )
            .await;
            let mut transaction = database.begin().await.expect("a transaction");
            // More than sqlx's queue to its worker has places.
            for table in 0..60 {
                let sql = "SELECT 1 FROM sqlite_master";
                transaction.query(sql, &[]).await.expect("a result");
                let ddl = format!("CREATE TABLE t{table} (a)");
                transaction.execute(&ddl, &[]).await.expect("a table");
            }
            transaction.commit().await.expect("it commits");
        }
    };
    let done = tokio::time::timeout(Duration::from_secs(60), work).await;
    assert!(done.is_ok(), "a statement waits for ever");
}
