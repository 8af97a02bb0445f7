//! Rows come in with their lineage, once, and go out typed.

use super::{Fields, RISING, World, day, moment, on_both, trade};
use dukou::dataset::{
    Condition, Direction, Select, count, delete_of_file, first_of_file, insert, rows_by_key,
    select_all, sum,
};
use dukou::db::OnConflict;
use dukou::id::{FileNo, Ident, RecordNo};
use dukou::record::Place;
use dukou::value::{Kind, Value};

on_both!(
    a_loaded_row_has_its_values_and_its_place,
    a_known_key_is_kept_and_its_record_reported,
    a_newer_row_replaces_an_older_one_with_its_lineage,
    rows_are_asked_for_in_order_and_up_to_a_limit,
    totals_are_exact_and_zero_without_rows,
    the_rows_of_a_superseded_file_are_taken_away,
    a_row_of_the_hub_itself_names_the_file_it_is_about,
);

async fn a_loaded_row_has_its_values_and_its_place(world: World) {
    let rows = [
        trade(2, &[("card_license", "陕A00001蓝".into())]),
        trade(1, &[("fee", Value::Null(Kind::Int))]),
    ];
    let outcome = world.load("etc_transaction", 7, &rows).await;
    assert_eq!((outcome.loaded, outcome.conflicts), (2, 0));
    let columns = [
        "trans_id",
        "clear_target_date",
        "transaction_time",
        "fee",
        "card_license",
        "lineage_file",
        "lineage_record",
        "lineage_offset",
        "lineage_length",
    ];
    let row = |trans_id: i64, fee: Value, plate: Value, record: i64| {
        vec![
            Value::Int(trans_id),
            day("2026-03-04").into(),
            moment("2026-03-03T08:00:00+08:00").into(),
            fee,
            plate,
            Value::Int(7),
            Value::Int(record),
            Value::Int((record - 1) * 100),
            Value::Int(100),
        ]
    };
    assert_eq!(
        world.rows("etc_transaction", &columns).await,
        [
            row(1, Value::Null(Kind::Int), Value::Null(Kind::Text), 2),
            row(2, Value::Int(1_000), "陕A00001蓝".into(), 1),
        ]
    );
}

async fn a_known_key_is_kept_and_its_record_reported(world: World) {
    world
        .load("etc_transaction", 1, &[trade(2, &[]), trade(3, &[])])
        .await;
    let again = [trade(3, &[]), trade(1, &[]), trade(2, &[("fee", 5.into())])];
    for policy in [OnConflict::Reject, OnConflict::KeepFirst] {
        let file = 2;
        let dataset = world.dataset("etc_transaction");
        let outcome = world
            .load_with("etc_transaction", file, &again, policy)
            .await;
        assert_eq!((outcome.loaded, outcome.conflicts), (1, 2));
        let place = |record: u64| Place {
            record: RecordNo(record),
            offset: (record - 1) * 100,
            length: 100,
        };
        assert_eq!(outcome.conflict_places, [place(3), place(1)]);
        let fees = world
            .rows("etc_transaction", &["fee", "lineage_file"])
            .await;
        let file_of = |file: i64| vec![Value::Int(1_000), Value::Int(file)];
        assert_eq!(fees, [file_of(2), file_of(1), file_of(1)]);
        let mut transaction = world.database.begin().await.expect("a transaction");
        let deleted = delete_of_file(&mut transaction, dataset, FileNo(file)).await;
        assert_eq!(deleted.expect("it deletes"), 1);
        transaction.commit().await.expect("it commits");
    }
}

fn status<'a>(status: &'a str, until: &str) -> Fields<'a> {
    vec![
        ("card_net", "6101".into()),
        ("card_id", "C1".into()),
        ("effective_at", moment("2026-01-01T00:00:00+08:00").into()),
        ("status", status.into()),
        ("valid_until", day(until).into()),
    ]
}

async fn a_newer_row_replaces_an_older_one_with_its_lineage(world: World) {
    let newer = || OnConflict::ReplaceIfNewer(Ident::new("valid_until").expect("a name"));
    world
        .load("card_status_history", 1, &[status("2", "2027-01-01")])
        .await;
    for (file, text, until, loaded) in [
        (2, "3", "2026-12-31", 0),
        (3, "4", "2027-01-02", 1),
        (4, "5", "2027-01-02", 0),
    ] {
        let rows = [status(text, until)];
        let outcome = world
            .load_with("card_status_history", file, &rows, newer())
            .await;
        assert_eq!((outcome.loaded, outcome.conflicts), (loaded, 1 - loaded));
    }
    let rows = world
        .rows("card_status_history", &["status", "lineage_file"])
        .await;
    assert_eq!(rows, [vec![Value::from("4"), Value::Int(3)]]);
}

async fn rows_are_asked_for_in_order_and_up_to_a_limit(world: World) {
    let rows = [
        trade(1, &[("fee", 300.into())]),
        trade(2, &[("fee", Value::Null(Kind::Int))]),
        trade(3, &[("fee", 100.into())]),
        trade(4, &[("fee", 300.into())]),
    ];
    world.load("etc_transaction", 1, &rows).await;
    let dataset = world.dataset("etc_transaction");
    for (order_by, limit, expected) in [
        (
            vec![("fee", RISING), ("trans_id", RISING)],
            None,
            vec![2, 3, 1, 4],
        ),
        (
            vec![("fee", Direction::Falling), ("trans_id", RISING)],
            Some(3),
            vec![1, 4, 3],
        ),
    ] {
        let question = Select {
            dataset,
            columns: &["trans_id"],
            condition: &Condition::always(dataset.name()),
            order_by: &order_by,
            limit,
        };
        let rows = select_all(&world.database, question, &world.given).await;
        let rows = rows.expect("a result");
        let ids: Vec<i64> = rows
            .iter()
            .filter_map(|row| row.first()?.as_int())
            .collect();
        assert_eq!(ids, expected);
    }
    let question = Select {
        dataset,
        columns: &["fee", "fees"],
        condition: &Condition::always(dataset.name()),
        order_by: &[],
        limit: None,
    };
    let error = select_all(&world.database, question, &world.given).await;
    assert_eq!(
        error.expect_err("no such column").to_string(),
        "dataset `etc_transaction` has no column `fees`"
    );
}

async fn totals_are_exact_and_zero_without_rows(world: World) {
    let dataset = world.dataset("etc_transaction");
    let all = Condition::always(dataset.name());
    let (database, given) = (&world.database, &world.given);
    let empty = sum(database, dataset, "fee", &all, given).await;
    assert_eq!(empty.expect("a sum"), 0);
    let large = 4_000_000_000_000_000_001;
    let rows = [
        trade(1, &[("fee", large.into())]),
        trade(2, &[("fee", large.into())]),
        trade(3, &[("fee", Value::Null(Kind::Int))]),
    ];
    world.load("etc_transaction", 1, &rows).await;
    let total = sum(database, dataset, "fee", &all, given).await;
    assert_eq!(total.expect("a sum"), 8_000_000_000_000_000_002);
    let some = world.rule("etc_transaction", "where = { fee = { null = false } }");
    let counted = count(database, dataset, &some, given).await;
    assert_eq!(counted.expect("a count"), 2);
    let error = sum(database, dataset, "card_id", &all, given).await;
    assert_eq!(
        error.expect_err("a text").to_string(),
        "column `card_id` of `etc_transaction` is `text` and a number was expected"
    );
}

async fn the_rows_of_a_superseded_file_are_taken_away(world: World) {
    world
        .load("etc_transaction", 1, &[trade(1, &[]), trade(2, &[])])
        .await;
    world.load("etc_transaction", 2, &[trade(3, &[])]).await;
    let dataset = world.dataset("etc_transaction");
    let mut transaction = world.database.begin().await.expect("a transaction");
    let deleted = delete_of_file(&mut transaction, dataset, FileNo(1)).await;
    assert_eq!(deleted.expect("it deletes"), 2);
    let all = Condition::always(dataset.name());
    let left = count(&mut transaction, dataset, &all, &world.given).await;
    assert_eq!(left.expect("a transaction sees its own changes"), 1);
    transaction.rollback().await.expect("it rolls back");
    let left = count(&world.database, dataset, &all, &world.given).await;
    assert_eq!(left.expect("a count"), 3);
}

async fn a_row_of_the_hub_itself_names_the_file_it_is_about(world: World) {
    let dataset = world.dataset("etc_resend_request_package");
    let day_of = |text: &str| Value::Date(day(text));
    let row = |request: i64| vec![request.into(), "P".into(), 5.into(), day_of("2026-03-04")];
    let mut transaction = world.database.begin().await.expect("a transaction");
    for request in [2, 1] {
        let written = insert(&mut transaction, dataset, &row(request), FileNo(9)).await;
        written.expect("it writes");
    }
    transaction.commit().await.expect("it commits");
    let all = Condition::always(dataset.name());
    let rows = rows_by_key(&world.database, dataset, &all, &world.given).await;
    assert_eq!(rows.expect("a result"), [row(1), row(2)]);
    let none = first_of_file(&world.database, dataset, FileNo(8), &world.given).await;
    assert_eq!(none.expect("a result"), None);
    let one = first_of_file(&world.database, dataset, FileNo(9), &world.given).await;
    assert!(one.expect("a result").is_some());

    let mut transaction = world.database.begin().await.expect("a transaction");
    let mut wrong = row(3);
    wrong.swap(0, 1);
    let error = insert(&mut transaction, dataset, &wrong, FileNo(9)).await;
    assert_eq!(
        error.expect_err("a text").to_string(),
        "dataset `etc_resend_request_package`: `request_id` is Text and column `request_id` is Int"
    );
    let short: Vec<Value> = row(3).into_iter().take(2).collect();
    let error = insert(&mut transaction, dataset, &short, FileNo(9)).await;
    assert_eq!(
        error.expect_err("too few").to_string(),
        "dataset `etc_resend_request_package`: a value for `message_id` is needed and was not given"
    );
    transaction.rollback().await.expect("it rolls back");
}
