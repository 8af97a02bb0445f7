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

/// Two lists with every case of a walk, long enough for several batches.
async fn two_lists(database: &Database) {
    let mut tx = database.begin().await.expect("it begins");
    let rows = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) \
                SELECT i FROM n)";
    for statement in [
        "CREATE TABLE one (id TEXT, part INTEGER, amount INTEGER)",
        "CREATE TABLE two (id TEXT, part INTEGER, amount INTEGER)",
        &format!("INSERT INTO one SELECT printf('k%05d', i), i % 3, i FROM {rows}"),
        &format!("INSERT INTO two SELECT printf('k%05d', i), i % 3, i FROM {rows}"),
        // Alone, differing, twice on one side, NULL on both, and a text that sorts by its bytes.
        "DELETE FROM one WHERE id = 'k00007'",
        "DELETE FROM two WHERE id IN ('k00001', 'k05000')",
        "UPDATE two SET amount = NULL WHERE id = 'k03000'",
        "INSERT INTO two SELECT * FROM two WHERE id = 'k02048'",
        "INSERT INTO one VALUES (NULL, 1, 5), ('渡', 1, 6), ('é', 1, 7), ('z', NULL, 8)",
        "INSERT INTO two VALUES (NULL, 1, 5), ('渡', 1, 6), ('z', NULL, 8)",
    ] {
        tx.execute(statement, &[]).await.expect("it runs");
    }
    tx.commit().await.expect("it is stored");
}

/// How many pairs agreed, and the ids kept of each list.
async fn walked(database: &Database, reads: Reads) -> (i64, [String; 2]) {
    let mut tx = database.begin().await.expect("it begins");
    let side = |name: &str| WalkSide {
        sql: format!(
            "SELECT id, part, amount FROM {name} WHERE amount > $1 OR amount IS NULL \
                      ORDER BY id, part"
        ),
        args: vec![Value::Int(0)],
        keep: format!("INSERT INTO kept_{name} VALUES (?1)"),
        kept: vec![0],
    };
    for name in ["one", "two"] {
        let sql = format!("CREATE TEMPORARY TABLE kept_{name} (id)");
        tx.execute(&sql, &[]).await.expect("it runs");
    }
    let mut agreed = 0;
    let sides = [side("one"), side("two")];
    tx.walk(&sides, 2, reads, |met| {
        let Met::Pair(one, two) = met else {
            return Ok::<_, DbError>(false);
        };
        let is_same = one.int(2).is_some() && one.is_same(2, two);
        agreed += i64::from(is_same);
        Ok(is_same)
    })
    .await
    .expect("both are walked");
    let mut kept = [String::new(), String::new()];
    for (name, ids) in ["one", "two"].iter().zip(&mut kept) {
        let sql = format!("SELECT group_concat(COALESCE(id, 'NULL')) FROM kept_{name}");
        let row = tx.query_one(&sql, &[]).await.expect("a row");
        *ids = row.text(0).expect("a text").to_owned();
    }
    tx.rollback().await.expect("nothing stays");
    (agreed, kept)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_keeps_all_but_the_pairs_that_agree_on_one_connection_or_two() {
    let folder = tempfile::tempdir().expect("a folder");
    let expected = (
        4_996,
        [
            "NULL,k00001,k02048,k03000,k05000,z,é".to_owned(),
            "NULL,k00007,k02048,k02048,k03000,z".to_owned(),
        ],
    );
    let database = open(folder.path(), &OpenOptions::default()).await;
    two_lists(&database).await;
    for reads in [Reads::Own, Reads::Committed] {
        assert_eq!(walked(&database, reads).await, expected, "{reads:?}");
    }
    database.close().await;
    // With no second connection to be had it reads both lists itself.
    let alone = open(folder.path(), &one_connection(Duration::from_secs(5))).await;
    assert_eq!(walked(&alone, Reads::Committed).await, expected);
    alone.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_whose_second_list_fails_fails_with_its_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = open(folder.path(), &OpenOptions::default()).await;
    two_lists(&database).await;
    for reads in [Reads::Own, Reads::Committed] {
        let mut tx = database.begin().await.expect("it begins");
        tx.execute("CREATE TEMPORARY TABLE kept (id)", &[])
            .await
            .expect("it runs");
        let side = |sql: &str| WalkSide {
            sql: sql.to_owned(),
            args: Vec::new(),
            keep: "INSERT INTO kept VALUES (?1)".to_owned(),
            kept: vec![0],
        };
        let sides = [
            side("SELECT id FROM one ORDER BY id"),
            side("SELECT CASE WHEN id > 'k04000' THEN 1.5 ELSE id END FROM two ORDER BY id"),
        ];
        let failed = tx.walk(&sides, 1, reads, |_| Ok::<_, DbError>(true)).await;
        assert_eq!(
            failed
                .expect_err("a number with a fraction is no value")
                .to_string(),
            "statement `SELECT CASE WHEN id > 'k04000' THEN 1.5 ELSE id END FROM two ORDER BY id` \
             failed: Invalid column type Real at index: 0, name: "
        );
        assert!(matches!(tx.commit().await, Err(DbError::TransactionFailed)));
    }
}
