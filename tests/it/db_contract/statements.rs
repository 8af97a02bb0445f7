//! Statements, rows and transactions.

use super::{Stage, int, on_both, run};
use dukou::db::{Database, DbError};
use dukou::value::{Kind, Value};

on_both!(
    arguments_are_taken_by_their_number,
    eight_writers_lose_no_increment,
    a_transaction_is_visible_only_after_its_commit,
    a_transaction_that_met_an_error_cannot_be_committed,
    a_cancelled_call_fails_its_transaction,
    rows_are_seen_one_by_one_until_the_reader_stops,
    a_column_is_read_only_as_what_it_is,
    a_value_that_one_database_could_not_hold_is_refused_by_both,
    text_is_sorted_by_bytes,
    many_rows_are_written_by_one_statement,
);

async fn arguments_are_taken_by_their_number(stage: &Stage) {
    let database = stage.open().await;
    let row = database
        .query_one(
            "SELECT CAST($2 AS TEXT), CAST($1 AS TEXT), CAST($2 AS TEXT)",
            &["first".into(), "second".into()],
        )
        .await
        .expect("a row");
    let texts: Vec<&str> = (0..3).map(|i| row.text(i).expect("a text")).collect();
    assert_eq!(texts, ["second", "first", "second"]);
}

async fn eight_writers_lose_no_increment(stage: &Stage) {
    let database = stage.open().await;
    run(&database, "CREATE TABLE counter (n {int} NOT NULL)").await;
    run(&database, "INSERT INTO counter (n) VALUES (0)").await;
    // Half of them share a pool, half come from a pool of their own, as another process would.
    let other = stage.open().await;
    let writers: Vec<_> = [&database, &other]
        .into_iter()
        .cycle()
        .take(8)
        .cloned()
        .map(|database| {
            tokio::spawn(async move {
                for _ in 0..50 {
                    increment(&database).await?;
                }
                Ok::<_, DbError>(())
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("no panic").expect("no lock error");
    }
    assert_eq!(int(&database, "SELECT n FROM counter").await, 400);
}

async fn increment(database: &Database) -> Result<(), DbError> {
    let mut transaction = database.begin().await?;
    let lock = match transaction.dialect() {
        dukou::db::Dialect::Sqlite => "SELECT n FROM counter",
        dukou::db::Dialect::Postgres => "SELECT n FROM counter FOR UPDATE",
    };
    let n = transaction.query_one(lock, &[]).await?.int(0)?;
    let next = [Value::Int(n + 1)];
    transaction
        .execute("UPDATE counter SET n = $1", &next)
        .await?;
    transaction.commit().await
}

async fn a_transaction_is_visible_only_after_its_commit(stage: &Stage) {
    let database = stage.with_items().await;
    let count = "SELECT COUNT(*) FROM item";
    let mut transaction = database.begin().await.expect("it begins");
    let insert = "INSERT INTO item (id) VALUES ($1)";
    let changed = transaction.execute(insert, &["a".into()]).await;
    assert_eq!(changed.expect("a row"), 1);
    let own = transaction.query_one(count, &[]).await.expect("a row");
    assert_eq!(own.int(0).expect("an integer"), 1);
    assert_eq!(int(&database, count).await, 0);
    transaction.commit().await.expect("it is committed");
    assert_eq!(int(&database, count).await, 1);
}

async fn a_transaction_that_met_an_error_cannot_be_committed(stage: &Stage) {
    let database = stage.with_items().await;
    let insert = "INSERT INTO item (id) VALUES ($1)";
    let mut transaction = database.begin().await.expect("it begins");
    let first = transaction.execute(insert, &["a".into()]).await;
    assert_eq!(first.expect("a row"), 1);
    let again = transaction.execute(insert, &["a".into()]).await;
    let error = again.expect_err("the key is taken");
    assert!(error.is_unique_violation() && !error.is_transient());
    assert_eq!(error.code().id, "store-refused");
    let later = transaction.execute(insert, &["b".into()]).await;
    let refusal = "an earlier statement of this transaction failed; it can only be rolled back";
    assert_eq!(later.expect_err("it failed").to_string(), refusal);
    let commit = transaction.commit().await;
    assert_eq!(commit.expect_err("it failed").to_string(), refusal);
    assert_eq!(int(&database, "SELECT COUNT(*) FROM item").await, 0);
}

async fn a_cancelled_call_fails_its_transaction(stage: &Stage) {
    let database = stage.with_items().await;
    let mut transaction = database.begin().await.expect("it begins");
    {
        // Slow enough that a fast server cannot have answered by the first poll.
        let slow = "DELETE FROM item WHERE (WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL \
                    SELECT n + 1 FROM counted WHERE n < 300000) SELECT COUNT(*) FROM counted) > 0";
        let mut call = Box::pin(transaction.execute(slow, &[]));
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(call.as_mut().poll(context).is_pending())
        });
        assert!(polled.await, "one poll does not finish a statement");
    }
    let commit = transaction.commit().await;
    assert!(matches!(commit, Err(DbError::TransactionFailed)));
    assert_eq!(int(&database, "SELECT COUNT(*) FROM item").await, 0);
}

async fn rows_are_seen_one_by_one_until_the_reader_stops(stage: &Stage) {
    let database = stage.with_items().await;
    let rows: Vec<Vec<Value>> = (0..500)
        .map(|n| vec![format!("{n:04}").into(), Value::Int(n)])
        .collect();
    let insert = "INSERT INTO item (id, amount) VALUES ($1, $2)";
    let mut transaction = database.begin().await.expect("it begins");
    let inserted = transaction.execute_many(insert, &rows).await;
    assert_eq!(inserted.expect("they fit"), 500);
    transaction.commit().await.expect("it is committed");

    let select = "SELECT amount FROM item WHERE amount >= $1 ORDER BY id";
    let mut seen = Vec::new();
    let all = database
        .each(select, &[Value::Int(100)], |row| {
            seen.push(row.int(0)?);
            Ok::<_, DbError>(())
        })
        .await;
    all.expect("all are seen");
    assert_eq!(seen, (100..500).collect::<Vec<_>>());

    let mut transaction = database.begin().await.expect("it begins");
    let mut count = 0;
    let stopped = transaction
        .each(select, &[Value::Int(0)], |_| {
            count += 1;
            if count == 3 {
                Err(Stop::Reader)
            } else {
                Ok(())
            }
        })
        .await;
    assert!(matches!(stopped, Err(Stop::Reader)));
    assert_eq!(count, 3);
    let commit = transaction.commit().await;
    assert!(matches!(commit, Err(DbError::TransactionFailed)));
    assert_eq!(int(&database, "SELECT COUNT(*) FROM item").await, 500);
}

#[derive(Debug)]
enum Stop {
    Reader,
    Database(#[expect(dead_code, reason = "shown by Debug when a test fails")] DbError),
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

async fn a_column_is_read_only_as_what_it_is(stage: &Stage) {
    let database = stage.with_items().await;
    let insert = "INSERT INTO item (id, amount) VALUES ($1, $2)";
    for (id, amount) in [("a", Value::Int(5)), ("b", Value::Null(Kind::Int))] {
        let inserted = database.execute(insert, &[id.into(), amount]).await;
        assert_eq!(inserted.expect("a row"), 1);
    }
    let sum = "SELECT CAST(SUM(amount) AS BIGINT) FROM item";
    assert_eq!(int(&database, sum).await, 5);
    assert_eq!(int(&database, "SELECT COUNT(*) > 1 FROM item").await, 1);
    let select = "SELECT id, amount FROM item WHERE id = 'b'";
    let row = database.query_one(select, &[]).await.expect("a row");
    assert_eq!(row.opt_int(1).expect("readable"), None);
    let hint = "(sums need a CAST to BIGINT)";
    for (error, message) in [
        (
            row.int(1),
            format!("column 1 of the result: expected an integer, found NULL {hint}"),
        ),
        (
            row.int(0),
            format!("column 0 of the result: expected an integer, found TEXT {hint}"),
        ),
        (
            row.int(7),
            format!("column 7 of the result: expected a column, found none at this place {hint}"),
        ),
    ] {
        assert_eq!(error.expect_err("not readable").to_string(), message);
    }
    let none = "SELECT id FROM item WHERE id = 'c'";
    let optional = database.query_optional(none, &[]).await;
    assert!(optional.expect("it runs").is_none());
    let error = database.query_one(none, &[]).await.expect_err("no row");
    assert_eq!(
        error.to_string(),
        "statement `SELECT id FROM item WHERE id = 'c'` found no row and one was expected"
    );
}

async fn a_value_that_one_database_could_not_hold_is_refused_by_both(stage: &Stage) {
    let database = stage.with_items().await;
    let insert = "INSERT INTO item (amount, id) VALUES ($1, $2)";
    for (text, why) in [
        ("a\0b".to_owned(), "its text has a NUL character"),
        (
            "a".repeat(16 * 1024 * 1024 + 1),
            "it has 16777217 bytes and the limit is 16777216",
        ),
    ] {
        let inserted = database
            .execute(insert, &[Value::Int(1), text.into()])
            .await;
        let error = inserted.expect_err("it cannot be stored");
        assert_eq!(
            error.to_string(),
            format!("value 2 cannot be stored: {why}")
        );
        assert_eq!(error.code().id, "store-value");
    }
    assert_eq!(int(&database, "SELECT COUNT(*) FROM item").await, 0);
}

async fn text_is_sorted_by_bytes(stage: &Stage) {
    let database = stage.with_items().await;
    let rows: Vec<Vec<Value>> = ["b", "渡", "B", "_", "a"]
        .into_iter()
        .map(|id| vec![id.into()])
        .collect();
    let mut transaction = database.begin().await.expect("it begins");
    let inserted = transaction
        .execute_many("INSERT INTO item (id) VALUES ($1)", &rows)
        .await;
    assert_eq!(inserted.expect("they fit"), 5);
    transaction.commit().await.expect("it is committed");
    let rows = database.query("SELECT id FROM item ORDER BY id", &[]).await;
    let rows = rows.expect("it runs");
    let sorted: Vec<&str> = rows.iter().map(|r| r.text(0).expect("a text")).collect();
    assert_eq!(sorted, ["B", "_", "a", "b", "渡"]);
}

async fn many_rows_are_written_by_one_statement(stage: &Stage) {
    let database = stage.with_items().await;
    let rows: Vec<Vec<Value>> = (0..3).map(|n| vec![Value::Int(n)]).collect();
    let mut transaction = database.begin().await.expect("it begins");
    let insert = "INSERT INTO item (id, amount) VALUES (CAST($1 AS TEXT), $1)";
    let inserted = transaction.execute_many(insert, &rows).await;
    assert_eq!(inserted.expect("they fit"), 3);
    let none = transaction.execute_many(insert, &[]).await;
    assert_eq!(none.expect("nothing to do"), 0);
    // DDL changes no row, whatever the statement before it did.
    let ddl = transaction
        .execute("CREATE INDEX item_amount ON item (amount)", &[])
        .await;
    assert_eq!(ddl.expect("it runs"), 0);
    transaction.commit().await.expect("it is committed");
    assert_eq!(int(&database, "SELECT COUNT(*) FROM item").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_a_sum_without_a_cast_is_refused() {
    let stage = Stage::postgres().await;
    let database = stage.open().await;
    let sum = "SELECT SUM(n) FROM (VALUES (CAST(1 AS BIGINT))) AS v (n)";
    let row = database.query_one(sum, &[]).await.expect("a row");
    assert_eq!(
        row.int(0).expect_err("it is no BIGINT").to_string(),
        "column 0 of the result: expected an integer, found NUMERIC (sums need a CAST to BIGINT)"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_a_commit_on_a_broken_connection_is_unknown() {
    let stage = Stage::postgres().await;
    let database = stage.with_items().await;
    let mut transaction = database.begin().await.expect("it begins");
    let row = transaction.query_one("SELECT pg_backend_pid()", &[]).await;
    let backend = row.expect("a row").int(0).expect("a number");
    terminate(&database, backend).await;
    let error = transaction.commit().await.expect_err("nobody answers");
    assert!(
        error.is_commit_unknown() && !error.is_transient(),
        "{error}"
    );
    // The pool recovers by itself.
    assert_eq!(int(&database, "SELECT COUNT(*) FROM item").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_a_statement_on_a_broken_connection_may_be_tried_again() {
    let stage = Stage::postgres().await;
    let database = stage.with_items().await;
    let mut transaction = database.begin().await.expect("it begins");
    let row = transaction.query_one("SELECT pg_backend_pid()", &[]).await;
    let backend = row.expect("a row").int(0).expect("a number");
    terminate(&database, backend).await;
    let broken = transaction.execute("DELETE FROM item", &[]).await;
    let error = broken.expect_err("nobody answers");
    assert!(
        error.is_transient() && !error.is_commit_unknown(),
        "{error}"
    );
}

/// Ends a server process and waits until it is gone.
async fn terminate(database: &Database, backend: i64) {
    let sql = "SELECT pg_terminate_backend(CAST($1 AS INTEGER), 10000)";
    let gone = database.query_one(sql, &[Value::Int(backend)]).await;
    assert_eq!(gone.expect("a row").int(0).expect("a boolean"), 1);
}
