//! Migrations and loads on a SQLite file; both databases are in `tests/it/dataset_contract`.

use super::{STATUS, TOTALS, TRADE, good};
use crate::dataset::{
    Condition, DatasetError, Datasets, Given, Mode, Staged, StagedRows, count, load, migrate,
    verify,
};
use crate::db::{Database, DatabaseUrl, OnConflict, OpenOptions};
use crate::id::{FileNo, RecordNo};
use crate::record::{Place, Row};
use crate::value::Value;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeMap;

async fn open(folder: &tempfile::TempDir) -> Database {
    let url = DatabaseUrl::parse("sqlite://hub.db").expect("an address");
    Database::open(&url.relative_to(folder.path()), &OpenOptions::default())
        .await
        .expect("it opens")
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).expect("a moment")
}

fn only(name: &str, text: &str) -> Datasets {
    [good(name, text)].into_iter().collect()
}

async fn apply(database: &Database, datasets: &Datasets) -> Result<Vec<String>, DatasetError> {
    let changes = migrate(database, datasets, Mode::Apply, now()).await?;
    Ok(changes.iter().map(ToString::to_string).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_brought_up_to_date_by_adding() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = open(&folder).await;
    let (first, later) = (
        only("totals", TOTALS),
        only(
            "totals",
            &TOTALS
                .replace("distribution", "indexes = [[\"issuer\"]]\ndistribution")
                .replace(
                    "trades = ",
                    "toll = { type = \"money\", title = \"通行费\", title_en = \"Toll\" }\ntrades = ",
                ),
        ),
    );
    let outdated = verify(&database, &first)
        .await
        .expect_err("nothing is there");
    assert_eq!(
        outdated.to_string(),
        "the store is not up to date (create table `totals`); run `dukou store migrate`"
    );
    let planned = migrate(&database, &first, Mode::DryRun, now()).await;
    assert_eq!(planned.expect("it is additive").len(), 1);
    assert!(
        verify(&database, &first).await.is_err(),
        "a dry run does nothing"
    );

    assert_eq!(
        apply(&database, &first).await.expect("new"),
        ["create table `totals`"]
    );
    verify(&database, &first).await.expect("it is up to date");
    assert_eq!(apply(&database, &first).await.expect("again"), [""; 0]);

    let added = [
        "add column `toll` to `totals`",
        "add an index on `issuer` to `totals`",
    ];
    assert_eq!(apply(&database, &later).await.expect("additive"), added);
    verify(&database, &later).await.expect("it is up to date");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_an_addition_is_refused_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = open(&folder).await;
    apply(&database, &only("totals", TOTALS))
        .await
        .expect("new");
    let changed = TOTALS
        .replace(
            "number = { type = \"integer\"",
            "number = { type = \"text\"",
        )
        .replace("note   = {", "remark = {")
        .replace("key = [\"day\"]", "key = [\"day\", \"issuer\"]")
        .replace("distribution = \"day\"", "distribution = \"issuer\"");
    let both: Datasets = [good("totals", &changed), good("status", STATUS)]
        .into_iter()
        .collect();
    let refused = apply(&database, &both).await.expect_err("not additive");
    assert_eq!(
        refused.to_string(),
        "column `issuer` changes the key of dataset `totals`, which is `day` in the store; \
         column `issuer` is declared the distribution of dataset `totals`, which is `day` in the store; \
         column `number` of dataset `totals` is `integer` in the store and declared `text`; \
         column `note` of dataset `totals` is in the store and no longer declared; \
         a store is only migrated by adding: restore the declaration, or declare a new dataset and load it from the archive"
    );
    assert_eq!(refused.code().id, "store-not-additive");
    let tables = database
        .query("SELECT 1 FROM sqlite_master WHERE name = 'status'", &[])
        .await;
    assert!(tables.expect("a query").is_empty(), "nothing was done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_table_of_a_datasets_name_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = open(&folder).await;
    database
        .execute("CREATE TABLE totals (a)", &[])
        .await
        .expect("a table");
    let refused = apply(&database, &only("totals", TOTALS)).await;
    assert_eq!(
        refused.expect_err("taken").to_string(),
        "a table `totals` exists already and no dataset made it; rename the dataset, or move the table away"
    );
}

/// One row, whose bytes end too early.
struct Damaged(Vec<u8>);

impl StagedRows for Damaged {
    fn next(&mut self) -> std::io::Result<Option<Staged<'_>>> {
        Ok(Some(Staged {
            row: &self.0,
            place: Place {
                record: RecordNo(1),
                offset: 0,
                length: 1,
            },
        }))
    }

    fn rewind(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_staged_row_fails_the_load_and_stores_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = open(&folder).await;
    let trade = good("trade", TRADE);
    apply(&database, &only("trade", TRADE)).await.expect("new");
    let mut row = Row::new();
    let day = NaiveDate::from_ymd_opt(2026, 1, 2).expect("a day");
    row.push(Value::Date(day).borrow());
    let mut bytes = Vec::new();
    row.append_to(&mut bytes);
    let mut transaction = database.begin().await.expect("a transaction");
    let failed = load(
        &mut transaction,
        &trade,
        OnConflict::Reject,
        &mut Damaged(bytes),
        FileNo(1),
    )
    .await;
    assert_eq!(
        failed.expect_err("damaged").to_string(),
        "bulk insert into `trade`: its source failed at row 0: a staged row is damaged: run the load again, it starts from the archived file"
    );
    assert!(transaction.commit().await.is_err());
    let given = Given {
        zone: "Asia/Shanghai".to_owned(),
        offset_secs: 28_800,
        settings: BTreeMap::new(),
    };
    let all = Condition::always(trade.name());
    let stored = count(&database, &trade, &all, &given).await;
    assert_eq!(stored.expect("a count"), 0);
}
