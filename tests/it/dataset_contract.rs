//! What the shared store must do on every database, told once with the shipped datasets and played
//! on each; tests are named by back end.

mod composing;
mod conditions;
mod deciding;
mod loading;
mod migrating;

use crate::harness::postgres::FreshDatabase;
use chrono::{DateTime, NaiveDate, Utc};
use dukou::dataset::{
    CONDITION_KEYS, Condition, Dataset, Datasets, Given, LoadOutcome, Mode, Select, Staged,
    StagedRows, load, migrate, select_all,
};
use dukou::db::{Database, DatabaseUrl, OnConflict, OpenOptions};
use dukou::diag::{Problems, Source};
use dukou::document::Document;
use dukou::id::{FileNo, RecordNo};
use dukou::record::{Place, Row, push_key};
use dukou::value::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// An empty store of one back end with the shipped datasets, gone at the end of the test.
struct World {
    database: Database,
    datasets: Datasets,
    given: Given,
    /// The folder or the server's database, kept until the end.
    _place: Box<dyn std::any::Any + Send + Sync>,
}

impl World {
    async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = DatabaseUrl::parse("sqlite://hub.db").expect("an address");
        let url = url.relative_to(folder.path());
        Self::open(&url, Box::new(folder)).await
    }

    async fn postgres() -> Self {
        let fresh = FreshDatabase::create().await;
        Self::open(&fresh.url(), Box::new(fresh)).await
    }

    async fn open(url: &DatabaseUrl, place: Box<dyn std::any::Any + Send + Sync>) -> Self {
        let opened = Database::open(url, &OpenOptions::default()).await;
        let world = Self {
            database: opened.expect("it opens"),
            datasets: shipped(),
            given: Given {
                zone: "Asia/Shanghai".to_owned(),
                offset_secs: 8 * 3600,
                settings: BTreeMap::from([("issuer_id".to_owned(), "000000000000003D".to_owned())]),
            },
            _place: place,
        };
        let done = migrate(&world.database, &world.datasets, Mode::Apply, moment(NOW)).await;
        assert_eq!(done.expect("a new store").len(), world.datasets.len());
        world
    }

    fn dataset(&self, name: &str) -> &Dataset {
        self.datasets.get(name).expect("it is shipped")
    }

    /// Loads rows as records 1, 2, … of a file, each 100 bytes long, and commits.
    async fn load(&self, dataset: &str, file: i64, rows: &[Fields<'_>]) -> LoadOutcome {
        self.load_with(dataset, file, rows, OnConflict::Reject)
            .await
    }

    async fn load_with(
        &self,
        dataset: &str,
        file: i64,
        rows: &[Fields<'_>],
        on_conflict: OnConflict,
    ) -> LoadOutcome {
        let dataset = self.dataset(dataset);
        let mut staged = Sorted::new(dataset, rows);
        let mut transaction = self.database.begin().await.expect("a transaction");
        let file = FileNo(file);
        let outcome = load(&mut transaction, dataset, on_conflict, &mut staged, file).await;
        transaction.commit().await.expect("it commits");
        outcome.expect("it loads")
    }

    /// A rule about rows of a dataset, as a job has it.
    fn rule(&self, dataset: &str, text: &str) -> Condition {
        let mut problems = Problems::new();
        let document = Document::parse(Source::new("rule.toml", text), &mut problems);
        let root = document.root(&CONDITION_KEYS, &mut problems);
        let dataset = self.dataset(dataset);
        let rule = Condition::read(&root, dataset, &self.datasets, &mut problems);
        assert_eq!(problems, Problems::new());
        rule.expect("no problem, so a rule")
    }

    /// These columns of all rows of a dataset, by its key.
    async fn rows(&self, dataset: &str, columns: &[&str]) -> Vec<Vec<Value>> {
        let dataset = self.dataset(dataset);
        let order: Vec<_> = dataset
            .key()
            .iter()
            .map(|name| (name.as_str(), RISING))
            .collect();
        let question = Select {
            dataset,
            columns,
            condition: &Condition::always(dataset.name()),
            order_by: &order,
            limit: None,
        };
        let rows = select_all(&self.database, question, &self.given).await;
        rows.expect("a result")
    }
}

const RISING: dukou::dataset::Direction = dukou::dataset::Direction::Rising;
const NOW: &str = "2026-03-05T10:00:00+08:00";

fn shipped() -> Datasets {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/datasets");
    let mut problems = Problems::new();
    let datasets = Datasets::read_dir(&folder, Path::new("mappings/datasets"), &mut problems);
    assert_eq!(problems, Problems::new());
    datasets
}

/// A row's values by column; the others are null.
type Fields<'a> = Vec<(&'a str, Value)>;

/// Rows in memory, sorted by their dataset's key, in the form of a staged file.
struct Sorted {
    rows: Vec<(Vec<u8>, Place)>,
    next: usize,
}

impl Sorted {
    fn new(dataset: &Dataset, rows: &[Fields<'_>]) -> Self {
        let mut sorted = Vec::new();
        for (at, fields) in rows.iter().enumerate() {
            let values = complete(dataset, fields);
            let (mut row, mut key) = (Row::new(), Vec::new());
            for value in &values {
                row.push(value.borrow());
            }
            for position in dataset.key_positions() {
                let value = values.get(position).expect("the key is among the columns");
                push_key(&mut key, value.borrow());
            }
            let place = Place {
                record: RecordNo(at as u64 + 1),
                offset: at as u64 * 100,
                length: 100,
            };
            let mut bytes = Vec::new();
            row.append_to(&mut bytes);
            sorted.push((key, bytes, place));
        }
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        Self {
            rows: sorted
                .into_iter()
                .map(|(_, row, place)| (row, place))
                .collect(),
            next: 0,
        }
    }
}

fn complete(dataset: &Dataset, fields: &Fields<'_>) -> Vec<Value> {
    for (name, _) in fields {
        assert!(dataset.column(name).is_some(), "there is no column {name}");
    }
    let value = |column: &dukou::dataset::Column| {
        let field = fields
            .iter()
            .find(|(name, _)| *name == column.name.as_str());
        let null = Value::Null(column.column_type.kind());
        field.map_or(null, |(_, value)| value.clone())
    };
    dataset.columns().iter().map(value).collect()
}

impl StagedRows for Sorted {
    fn next(&mut self) -> std::io::Result<Option<Staged<'_>>> {
        self.next += 1;
        let row = self.rows.get(self.next - 1);
        Ok(row.map(|(row, place)| Staged { row, place: *place }))
    }

    fn rewind(&mut self) -> std::io::Result<()> {
        self.next = 0;
        Ok(())
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment with its offset")
}

/// One transaction of package 1 of provider `P`, cleared on 2026-03-04; `fields` come on top.
fn trade<'a>(trans_id: i64, fields: &[(&'a str, Value)]) -> Fields<'a> {
    let mut row: Fields<'a> = vec![
        ("clear_target_date", day("2026-03-04").into()),
        ("service_provider_id", "P".into()),
        ("message_id", 1.into()),
        ("trans_id", trans_id.into()),
        (
            "transaction_time",
            moment("2026-03-03T08:00:00+08:00").into(),
        ),
        ("fee", 1_000.into()),
        ("card_net", "6101".into()),
        ("card_id", "C1".into()),
    ];
    for (name, value) in fields {
        row.retain(|(known, _)| known != name);
        row.push((name, value.clone()));
    }
    row
}

/// Plays each story on both back ends.
macro_rules! on_both {
    ($($story:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story(crate::dataset_contract::World::sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story(crate::dataset_contract::World::postgres().await).await;
            })*
        }
    };
}
use on_both;
