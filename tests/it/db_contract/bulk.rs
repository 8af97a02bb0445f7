//! Bulk inserts.

use super::{Stage, ident, int, on_both};
use chrono::{DateTime, NaiveDate};
use dukou::db::{
    BulkInsert, BulkOutcome, Database, DbError, OnConflict, OwnedRows, RowSource, RowWriter,
    SourceError,
};
use dukou::value::{Kind, Value, ValueRef};

on_both!(
    every_kind_comes_back_as_it_was_given,
    a_rollback_removes_statements_and_bulk_rows_alike,
    rows_with_known_keys_are_skipped_and_reported,
    a_newer_row_replaces_and_an_older_or_equal_one_does_not,
    a_key_that_comes_twice_is_stored_once,
    several_loads_fit_into_one_transaction,
    a_long_load_keeps_every_row_and_reports_every_known_key,
    known_keys_anywhere_in_a_long_load_are_told_apart,
    a_source_that_fails_stores_nothing,
    a_row_that_does_not_fit_the_columns_is_refused,
    an_insert_that_contradicts_itself_is_refused,
);

fn into_items(on_conflict: OnConflict) -> BulkInsert {
    BulkInsert {
        table: ident("item"),
        columns: vec![
            (ident("id"), Kind::Text),
            (ident("amount"), Kind::Int),
            (ident("day"), Kind::Date),
            (ident("at"), Kind::Instant),
            (ident("raw"), Kind::Bytes),
        ],
        key: vec![ident("id")],
        on_conflict,
    }
}

/// Id and amount; the other columns are null.
fn item(id: &str, amount: impl Into<Option<i64>>) -> Vec<Value> {
    vec![
        id.into(),
        amount.into().map_or(Value::Null(Kind::Int), Value::Int),
        Value::Null(Kind::Date),
        Value::Null(Kind::Instant),
        Value::Null(Kind::Bytes),
    ]
}

async fn load(database: &Database, insert: &BulkInsert, rows: Vec<Vec<Value>>) -> BulkOutcome {
    let mut transaction = database.begin().await.expect("it begins");
    let outcome = transaction
        .bulk_insert(insert, &mut OwnedRows::new(rows))
        .await
        .expect("the rows load");
    transaction.commit().await.expect("it is committed");
    outcome
}

async fn items(database: &Database) -> Vec<Vec<Value>> {
    let select = "SELECT id, amount, day, at, raw FROM item ORDER BY id";
    let kinds = [
        Kind::Text,
        Kind::Int,
        Kind::Date,
        Kind::Instant,
        Kind::Bytes,
    ];
    let rows = database.query(select, &[]).await.expect("it runs");
    rows.iter()
        .map(|row| {
            let values = kinds.iter().enumerate();
            values
                .map(|(column, kind)| row.value(column, *kind).expect("readable"))
                .collect()
        })
        .collect()
}

fn written(written: u64) -> BulkOutcome {
    BulkOutcome {
        written,
        ..BulkOutcome::default()
    }
}

fn outcome(written: u64, skipped_ordinals: &[u64]) -> BulkOutcome {
    BulkOutcome {
        written,
        skipped: skipped_ordinals.len() as u64,
        skipped_ordinals: skipped_ordinals.to_vec(),
    }
}

/// Rows that an escape, a sign or a limit could spoil, sorted by id.
fn awkward_rows() -> Vec<Vec<Value>> {
    let day = |y, m, d| Value::Date(NaiveDate::from_ymd_opt(y, m, d).expect("a day"));
    let at = |micros| Value::Instant(DateTime::from_timestamp_micros(micros).expect("a moment"));
    let mut rows = vec![
        item("", None),
        vec![
            "\\N".into(),
            Value::Int(i64::MIN),
            day(1, 1, 1),
            at(-62_135_596_799_999_999),
            Value::Bytes(Vec::new()),
        ],
        vec![
            "\\.\n\\.".into(),
            Value::Int(i64::MAX),
            day(9999, 12, 31),
            at(253_402_300_799_999_999),
            Value::Bytes((0..=255).collect()),
        ],
        vec![
            "a\tb\r\nc\\d'e\"f".into(),
            Value::Int(0),
            day(1969, 12, 31),
            at(-1),
            Value::Bytes(b"\\x00\n".to_vec()),
        ],
        vec![
            "陕A·12345 渡口 𠮷".into(),
            Value::Int(-1),
            day(2024, 2, 29),
            at(1_709_164_800_000_042),
            Value::Bytes("渡".into()),
        ],
    ];
    rows.sort_by(|a, b| {
        a.first()
            .and_then(Value::as_text)
            .cmp(&b.first().and_then(Value::as_text))
    });
    rows
}

async fn every_kind_comes_back_as_it_was_given(stage: &Stage) {
    let database = stage.with_items().await;
    let rows = awkward_rows();
    let outcome = load(&database, &into_items(OnConflict::Reject), rows.clone()).await;
    assert_eq!(outcome, written(5));
    assert_eq!(items(&database).await, rows);

    let emptied = database.execute("DELETE FROM item", &[]).await;
    assert_eq!(emptied.expect("it runs"), 5);
    let insert = "INSERT INTO item (id, amount, day, at, raw) VALUES ($1, $2, $3, $4, $5)";
    let mut transaction = database.begin().await.expect("it begins");
    let inserted = transaction.execute_many(insert, &rows).await;
    assert_eq!(inserted.expect("they fit"), 5);
    transaction.commit().await.expect("it is committed");
    assert_eq!(items(&database).await, rows);

    // Arguments compare with what the bulk path stored.
    let same = "SELECT COUNT(*) FROM item WHERE id = $1 AND amount = $2 AND day = $3 AND at = $4 AND raw = $5";
    for row in rows.iter().filter(|row| !row.iter().any(Value::is_null)) {
        let found = database.query_one(same, row).await.expect("a row");
        assert_eq!(found.int(0).expect("an integer"), 1, "{row:?}");
    }
}

async fn a_rollback_removes_statements_and_bulk_rows_alike(stage: &Stage) {
    let database = stage.with_items().await;
    for explicit in [true, false] {
        let mut transaction = database.begin().await.expect("it begins");
        let before = transaction
            .execute("INSERT INTO item (id) VALUES ('0')", &[])
            .await;
        assert_eq!(before.expect("a row"), 1);
        let mut rows = OwnedRows::new(vec![item("1", 1), item("2", 2)]);
        let bulk = transaction
            .bulk_insert(&into_items(OnConflict::Reject), &mut rows)
            .await;
        assert_eq!(bulk.expect("they load"), written(2));
        let after = transaction
            .execute("INSERT INTO item (id) VALUES ('3')", &[])
            .await;
        assert_eq!(after.expect("a row"), 1);
        if explicit {
            transaction.rollback().await.expect("it is rolled back");
        } else {
            drop(transaction);
        }
        // A writer's turn comes only after the rollback.
        let next = database.begin().await.expect("it begins");
        next.rollback().await.expect("it ends");
        assert_eq!(int(&database, "SELECT COUNT(*) FROM item").await, 0);
    }
}

async fn rows_with_known_keys_are_skipped_and_reported(stage: &Stage) {
    for on_conflict in [OnConflict::Reject, OnConflict::KeepFirst] {
        let database = stage.open().await;
        super::run(&database, "DROP TABLE IF EXISTS item").await;
        let database = stage.with_items().await;
        let insert = into_items(on_conflict);
        let first = load(&database, &insert, vec![item("b", 1), item("d", 1)]).await;
        assert_eq!(first, written(2));
        let rows = ["a", "b", "c", "d", "e"].map(|id| item(id, 2)).to_vec();
        assert_eq!(load(&database, &insert, rows).await, outcome(3, &[1, 3]));
        assert_eq!(
            items(&database).await,
            [
                item("a", 2),
                item("b", 1),
                item("c", 2),
                item("d", 1),
                item("e", 2)
            ]
        );
    }
}

async fn a_newer_row_replaces_and_an_older_or_equal_one_does_not(stage: &Stage) {
    let database = stage.with_items().await;
    let insert = into_items(OnConflict::ReplaceIfNewer(ident("amount")));
    let old = vec![
        item("equal", 5),
        item("newer", 5),
        item("null", None),
        item("older", 5),
        item("to_null", 5),
    ];
    assert_eq!(load(&database, &insert, old).await, written(5));
    let mut new = vec![
        item("equal", 5),
        item("fresh", 1),
        item("newer", 6),
        item("null", 1),
        item("older", 4),
        item("to_null", None),
    ];
    let raw = Value::Bytes(b"new".to_vec());
    for row in &mut new {
        row.pop();
        row.push(raw.clone());
    }
    assert_eq!(load(&database, &insert, new).await, outcome(3, &[0, 4, 5]));
    let stored = items(&database).await;
    let replaced: Vec<&str> = stored
        .iter()
        .filter(|row| row.last() == Some(&raw))
        .filter_map(|row| row.first()?.as_text())
        .collect();
    assert_eq!(replaced, ["fresh", "newer", "null"]);
    assert_eq!(stored.len(), 6);
}

async fn a_key_that_comes_twice_is_stored_once(stage: &Stage) {
    let database = stage.with_items().await;
    let rows = || vec![item("a", 1), item("b", 1), item("b", 2), item("c", 1)];
    let first = load(&database, &into_items(OnConflict::KeepFirst), rows()).await;
    assert_eq!(first, outcome(3, &[2]));
    let stored = items(&database).await;
    assert_eq!(stored, [item("a", 1), item("b", 1), item("c", 1)]);

    let newer = into_items(OnConflict::ReplaceIfNewer(ident("amount")));
    let again = load(&database, &newer, rows()).await;
    assert_eq!(again, outcome(1, &[0, 1, 3]));
    let stored = items(&database).await;
    assert_eq!(stored, [item("a", 1), item("b", 2), item("c", 1)]);
}

async fn several_loads_fit_into_one_transaction(stage: &Stage) {
    let database = stage.with_items().await;
    let insert = into_items(OnConflict::KeepFirst);
    let mut transaction = database.begin().await.expect("it begins");
    for (rows, expected) in [
        (vec![item("a", 1)], written(1)),
        (vec![item("a", 2), item("b", 2)], outcome(1, &[0])),
        (vec![item("b", 3), item("c", 3)], outcome(1, &[0])),
        (vec![], written(0)),
        (vec![item("d", 4)], written(1)),
    ] {
        let bulk = transaction
            .bulk_insert(&insert, &mut OwnedRows::new(rows))
            .await;
        assert_eq!(bulk.expect("they load"), expected);
    }
    transaction.commit().await.expect("it is committed");
    let stored = items(&database).await;
    assert_eq!(
        stored,
        [item("a", 1), item("b", 2), item("c", 3), item("d", 4)]
    );
}

/// `count` rows made on the fly; row `n` has id `n` and amount `n`.
struct Generated {
    next: i64,
    count: i64,
    /// At this row the source fails.
    fails_at: Option<i64>,
    rewound: bool,
}

impl Generated {
    fn new(count: i64) -> Self {
        Self {
            next: 0,
            count,
            fails_at: None,
            rewound: false,
        }
    }
}

impl RowSource for Generated {
    fn next(&mut self, row: &mut RowWriter<'_>) -> Result<bool, SourceError> {
        if Some(self.next) == self.fails_at {
            return Err("the run on disk is cut short".into());
        }
        if self.next == self.count {
            return Ok(false);
        }
        row.put(ValueRef::Text(&format!("{:08}", self.next)));
        row.put(ValueRef::Int(self.next));
        row.put(ValueRef::Null(Kind::Date));
        row.put(ValueRef::Null(Kind::Instant));
        row.put(ValueRef::Bytes(&[7; 32]));
        self.next += 1;
        Ok(true)
    }

    fn rewind(&mut self) -> Result<(), SourceError> {
        self.next = 0;
        self.rewound = true;
        Ok(())
    }
}

/// Long enough for several copies of PostgreSQL, with the known key in the last one.
async fn a_long_load_keeps_every_row_and_reports_every_known_key(stage: &Stage) {
    const ROWS: i64 = 150_000;
    let database = stage.with_items().await;
    let insert = into_items(OnConflict::Reject);
    let known = load(&database, &insert, vec![item("00149998", -1)]).await;
    assert_eq!(known, written(1));
    let mut transaction = database.begin().await.expect("it begins");
    let mut source = Generated::new(ROWS);
    let bulk = transaction.bulk_insert(&insert, &mut source).await;
    assert_eq!(bulk.expect("they load"), outcome(149_999, &[149_998]));
    transaction.commit().await.expect("it is committed");
    let sum = "SELECT CAST(SUM(amount) AS BIGINT) FROM item";
    assert_eq!(
        int(&database, sum).await,
        ROWS * (ROWS - 1) / 2 - 149_998 - 1
    );

    let newer = into_items(OnConflict::ReplaceIfNewer(ident("amount")));
    let mut transaction = database.begin().await.expect("it begins");
    let bulk = transaction
        .bulk_insert(&newer, &mut Generated::new(ROWS))
        .await
        .expect("they load");
    transaction.commit().await.expect("it is committed");
    // Only the one that was there first is older; the list of the others stops, their count does not.
    assert_eq!((bulk.written, bulk.skipped), (1, 149_999));
    assert_eq!(bulk.skipped_ordinals.len(), 100_000);
    assert_eq!(int(&database, sum).await, ROWS * (ROWS - 1) / 2);
}

/// Whatever rows one statement or one copy takes at a time: alone, in runs, at their edges.
async fn known_keys_anywhere_in_a_long_load_are_told_apart(stage: &Stage) {
    const ROWS: usize = 3_000;
    let is_known = |n: usize| match n {
        600..900 => n.is_multiple_of(7),
        1_024..1_280 => true,
        1_300..2_300 => n != 1_800,
        _ => [0, 511, 512, 767, 768, 2_559, 2_560, ROWS - 1].contains(&n),
    };
    // Null or not in turn, so that no value stands in for the one of an earlier row.
    let row = |n: usize, more: i64| {
        let amount = (!n.is_multiple_of(3)).then_some(n as i64 + more);
        item(&format!("{n:05}"), amount)
    };
    let database = stage.with_items().await;
    let known: Vec<usize> = (0..ROWS).filter(|n| is_known(*n)).collect();
    let first = known.iter().map(|n| row(*n, 0)).collect();
    let insert = into_items(OnConflict::Reject);
    assert_eq!(
        load(&database, &insert, first).await,
        written(known.len() as u64)
    );

    let again = (0..ROWS).map(|n| row(n, 1)).collect();
    let ordinals: Vec<u64> = known.iter().map(|n| *n as u64).collect();
    let expected = outcome((ROWS - known.len()) as u64, &ordinals);
    assert_eq!(load(&database, &insert, again).await, expected);
    let kept = (0..ROWS).map(|n| row(n, i64::from(!is_known(n))));
    assert_eq!(items(&database).await, kept.collect::<Vec<_>>());

    // Now those that were known are older, and nulls are never newer.
    let newer = into_items(OnConflict::ReplaceIfNewer(ident("amount")));
    let again = (0..ROWS).map(|n| row(n, 1)).collect();
    let (new, old): (Vec<usize>, _) = (0..ROWS).partition(|n| is_known(*n) && !n.is_multiple_of(3));
    let ordinals: Vec<u64> = old.iter().map(|n| *n as u64).collect();
    let expected = outcome(new.len() as u64, &ordinals);
    assert_eq!(load(&database, &newer, again).await, expected);
    let all = (0..ROWS).map(|n| row(n, 1));
    assert_eq!(items(&database).await, all.collect::<Vec<_>>());
}

async fn a_source_that_fails_stores_nothing(stage: &Stage) {
    let database = stage.with_items().await;
    let insert = into_items(OnConflict::Reject);
    for fails_at in [0, 60_000] {
        let mut transaction = database.begin().await.expect("it begins");
        let mut source = Generated::new(100_000);
        source.fails_at = Some(fails_at);
        let bulk = transaction.bulk_insert(&insert, &mut source).await;
        let error = bulk.expect_err("the source fails");
        assert_eq!(
            error.to_string(),
            format!(
                "bulk insert into `item`: its source failed at row {fails_at}: the run on disk is cut short"
            )
        );
        assert_eq!(error.code().id, "store-source");
        let commit = transaction.commit().await;
        assert!(matches!(commit, Err(DbError::TransactionFailed)));
        assert_eq!(int(&database, "SELECT COUNT(*) FROM item").await, 0);
    }
}

async fn a_row_that_does_not_fit_the_columns_is_refused(stage: &Stage) {
    let database = stage.with_items().await;
    let insert = into_items(OnConflict::Reject);
    let mut short = item("b", 1);
    short.pop();
    let mut long = item("b", 1);
    long.push(Value::Int(1));
    let mut other = item("b", 1);
    other.swap(1, 2);
    let mut nul = item("b\0", 1);
    nul.truncate(5);
    for (row, problem) in [
        (short, "row 1 has 4 values and 5 were expected"),
        (long, "row 1 has more than 5 values"),
        (other, "row 1 gives Date for `amount`, which is Int"),
        (
            nul,
            "row 1 gives a value for `id` that cannot be stored: its text has a NUL character",
        ),
    ] {
        let mut transaction = database.begin().await.expect("it begins");
        let mut rows = OwnedRows::new(vec![item("a", 1), row]);
        let bulk = transaction.bulk_insert(&insert, &mut rows).await;
        assert_eq!(
            bulk.expect_err("it does not fit").to_string(),
            format!("bulk insert into `item`: {problem}")
        );
        drop(transaction);
    }
    // The connections still work.
    let loaded = load(&database, &insert, vec![item("a", 1)]).await;
    assert_eq!(loaded, written(1));
}

async fn an_insert_that_contradicts_itself_is_refused(stage: &Stage) {
    let database = stage.with_items().await;
    let mut without_key = into_items(OnConflict::Reject);
    without_key.key.clear();
    let mut foreign_key = into_items(OnConflict::Reject);
    foreign_key.key.push(ident("place"));
    let version = into_items(OnConflict::ReplaceIfNewer(ident("version")));
    for (insert, problem) in [
        (without_key, "it names no key"),
        (foreign_key, "`place` is not among its columns"),
        (version, "`version` is not among its columns"),
    ] {
        let mut transaction = database.begin().await.expect("it begins");
        let bulk = transaction
            .bulk_insert(&insert, &mut OwnedRows::new(vec![]))
            .await;
        assert_eq!(
            bulk.expect_err("it is wrong").to_string(),
            format!("bulk insert into `item`: {problem}")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_asks_for_the_rows_again_only_when_it_knows_a_key() {
    let stage = Stage::postgres().await;
    let database = stage.with_items().await;
    let insert = into_items(OnConflict::Reject);
    for rewound in [false, true] {
        let mut transaction = database.begin().await.expect("it begins");
        let mut source = Generated::new(10);
        let bulk = transaction.bulk_insert(&insert, &mut source).await;
        bulk.expect("they load");
        transaction.commit().await.expect("it is committed");
        assert_eq!(source.rewound, rewound);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_sqlite_refuses_in_a_long_load_fails_it_with_the_reason() {
    let stage = Stage::sqlite();
    let database = stage.with_items().await;
    let mut rows: Vec<_> = (0..2_000).map(|n| item(&format!("{n:05}"), n)).collect();
    if let Some(id) = rows.get_mut(1_500).and_then(|row| row.first_mut()) {
        *id = Value::Null(Kind::Text);
    }
    let mut transaction = database.begin().await.expect("it begins");
    let insert = into_items(OnConflict::Reject);
    let bulk = transaction
        .bulk_insert(&insert, &mut OwnedRows::new(rows))
        .await;
    let error = bulk.expect_err("an id is null").to_string();
    assert!(
        error.ends_with("NOT NULL constraint failed: item.id"),
        "{error}"
    );
    drop(transaction);
    assert_eq!(int(&database, "SELECT COUNT(*) FROM item").await, 0);
}
