//! The store follows the declarations, and never loses a row to them.

use super::{Datasets, Mode, World, day, migrate, moment, on_both, trade};
use dukou::dataset::{Dataset, Difference, diff, verify};
use dukou::diag::{Problems, Source};
use dukou::document::Document;
use dukou::value::{Kind, Value};

on_both!(
    a_store_is_extended_under_its_rows,
    a_change_that_is_no_addition_changes_nothing,
    two_processes_migrate_at_once,
    a_difference_is_shown_in_full_and_changes_nothing,
    a_table_that_is_gone_or_not_ours_is_named,
);

/// A shipped dataset's text with a change.
fn changed(name: &str, from: &str, to: &str) -> Datasets {
    let path = format!(
        "{}/mappings/datasets/{name}.toml",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(path).expect("it is shipped");
    assert!(text.contains(from), "{name} no longer has {from}");
    let mut problems = Problems::new();
    let source = Source::new(format!("{name}.toml"), text.replace(from, to));
    let document = Document::parse(source, &mut problems);
    let dataset = Dataset::read(&document, &mut problems);
    assert_eq!(problems, Problems::new());
    dataset.into_iter().collect()
}

async fn a_store_is_extended_under_its_rows(world: World) {
    world.load("etc_transaction", 1, &[trade(1, &[])]).await;
    let wider = changed(
        "etc_transaction",
        "\n[column]",
        "\n[column]\nlane = { type = \"text\", title = \"车道\", title_en = \"Lane\" }",
    );
    let error = verify(&world.database, &wider).await.expect_err("outdated");
    assert_eq!(
        error.to_string(),
        "the store is not up to date (add column `lane` to `etc_transaction`); run `dukou store migrate`"
    );
    let done = migrate(&world.database, &wider, Mode::Apply, moment(super::NOW)).await;
    assert_eq!(done.expect("an addition").len(), 1);
    verify(&world.database, &wider).await.expect("up to date");

    let wider = World {
        datasets: wider,
        ..world
    };
    wider
        .load("etc_transaction", 2, &[trade(2, &[("lane", "L7".into())])])
        .await;
    assert_eq!(
        wider
            .rows("etc_transaction", &["lane", "clear_target_date"])
            .await,
        [
            vec![Value::Null(Kind::Text), day("2026-03-04").into()],
            vec![Value::from("L7"), day("2026-03-04").into()],
        ]
    );
}

async fn a_change_that_is_no_addition_changes_nothing(world: World) {
    let other = changed(
        "etc_package",
        "record_count        = { type = \"integer\"",
        "added = { type = \"text\", title = \"新\", title_en = \"New\" }\nrecord_count        = { type = \"text\"",
    );
    let error = migrate(&world.database, &other, Mode::Apply, moment(super::NOW)).await;
    assert_eq!(
        error.expect_err("a type").to_string(),
        "column `record_count` of dataset `etc_package` is `integer` in the store and declared `text`; \
         a store is only migrated by adding: restore the declaration, or declare a new dataset and load it from the archive"
    );
    verify(&world.database, &world.datasets)
        .await
        .expect("as it was");
    let added = world
        .database
        .query("SELECT added FROM etc_package", &[])
        .await;
    assert!(added.is_err(), "the column was not added");
}

async fn two_processes_migrate_at_once(world: World) {
    let wider = changed("etc_package", "indexes = [[", "indexes = [[\"kind\"], [");
    let now = moment(super::NOW);
    let (one, other) = tokio::join!(
        migrate(&world.database, &wider, Mode::Apply, now),
        migrate(&world.database, &wider, Mode::Apply, now),
    );
    let done = one.expect("it waits").len() + other.expect("it waits").len();
    assert_eq!(done, 1, "one of them did it");
}

/// Additions, then what no addition removes with what to do about it.
fn lines(difference: &Difference) -> Vec<String> {
    let changes = difference.changes.iter().map(ToString::to_string);
    let faults = difference.faults.iter();
    changes
        .chain(faults.map(|fault| format!("{fault}; {}", fault.next())))
        .collect()
}

async fn a_difference_is_shown_in_full_and_changes_nothing(world: World) {
    let same = diff(&world.database, &world.datasets).await;
    assert_eq!(same.expect("it looks"), Difference::default());
    let changed = changed(
        "etc_package",
        "record_count        = { type = \"integer\"",
        "added = { type = \"text\", title = \"新\", title_en = \"New\" }\nrecord_count        = { type = \"text\"",
    );
    for _ in 0..2 {
        let found = diff(&world.database, &changed).await.expect("it looks");
        assert_eq!(
            lines(&found),
            [
                "add column `added` to `etc_package`",
                "column `record_count` of dataset `etc_package` is `integer` in the store and declared `text`; \
                 restore the type, or declare a column of another name with the new type",
            ]
        );
    }
    verify(&world.database, &world.datasets)
        .await
        .expect("as it was");
}

async fn a_table_that_is_gone_or_not_ours_is_named(world: World) {
    let mut transaction = world.database.begin().await.expect("a transaction");
    for sql in [
        "DELETE FROM dukou_dataset WHERE name = 'etc_package'",
        "DROP TABLE etc_accounting",
    ] {
        transaction.execute(sql, &[]).await.expect("by hand");
    }
    transaction.commit().await.expect("by hand");
    let found = diff(&world.database, &world.datasets)
        .await
        .expect("it looks");
    assert_eq!(
        lines(&found),
        [
            "table `etc_package` is there and no dataset made it; rename the dataset, or move the table away",
            "the table of dataset `etc_accounting` is gone from the store; restore the table from a backup, or \
             delete the dataset's row in `dukou_dataset`, migrate, and load it from the archive",
        ]
    );
}
