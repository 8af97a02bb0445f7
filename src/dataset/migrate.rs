//! Brings the store to what the datasets declare, by adding; and says whether it is there.
//!
//! The store remembers each dataset as it was last applied in table `dukou_dataset`; declarations
//! are compared with that, not with the database's own catalogue, so that both databases give
//! the same answer. The one invariant: no statement of it takes anything away.

use super::column::Column;
use super::definition::Definition;
use super::error::DatasetError;
use super::reader::Reader;
use super::sql::quote_list;
use super::table::{Dataset, Datasets};
use crate::db::{Database, Dialect, Transaction};
use crate::id::Ident;
use crate::value::Value;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::fmt;

const RECORDS: &str = "CREATE TABLE IF NOT EXISTS dukou_dataset (name {text} NOT NULL PRIMARY KEY, \
     definition {text} NOT NULL, applied_at {instant} NOT NULL)";

/// An advisory lock that only this work takes; processes that migrate at once wait.
const LOCK: i64 = 0x6475_6b6f_7573;

/// Whether a migration only says what it would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Say it.
    DryRun,
    /// Do it.
    Apply,
}

/// One addition to the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A new dataset, with its indexes.
    Table {
        /// The dataset.
        dataset: Ident,
    },
    /// A new column, null in all rows that are there.
    Column {
        /// The dataset.
        dataset: Ident,
        /// The column.
        column: Ident,
    },
    /// A new index.
    Index {
        /// The dataset.
        dataset: Ident,
        /// Its columns.
        columns: Vec<Ident>,
    },
}

/// A difference that no addition removes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incompatibility {
    /// A column's type differs.
    Type {
        /// The dataset.
        dataset: Ident,
        /// The column.
        column: String,
        /// Its type in the store.
        stored: String,
        /// Its type in the declaration.
        declared: String,
    },
    /// A column of the store is no longer declared.
    Removed {
        /// The dataset.
        dataset: Ident,
        /// The column.
        column: String,
    },
    /// A column entered or left the key.
    Key {
        /// The dataset.
        dataset: Ident,
        /// The first column that differs.
        column: String,
        /// The key in the store.
        stored: Vec<String>,
    },
    /// Rows would have to move to other nodes.
    Distribution {
        /// The dataset.
        dataset: Ident,
        /// The distribution column now declared.
        column: String,
        /// The one in the store.
        stored: String,
    },
    /// A table of the dataset's name is there, and no dataset made it.
    Taken {
        /// The dataset.
        dataset: Ident,
    },
    /// The store remembers the dataset, and its table is gone.
    Gone {
        /// The dataset.
        dataset: Ident,
    },
}

/// What the declarations and the store differ by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// What [`migrate`] adds.
    pub changes: Vec<Change>,
    /// What no addition removes; while there is any, [`migrate`] changes nothing.
    pub faults: Vec<Incompatibility>,
}

impl Difference {
    /// The difference to a store without any table.
    pub fn to_nothing(datasets: &Datasets) -> Self {
        let names = datasets.iter().map(|dataset| dataset.name().clone());
        Self {
            changes: names.map(|dataset| Change::Table { dataset }).collect(),
            faults: Vec::new(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.faults.is_empty()
    }
}

/// Looks at the store beside the declarations, in full, and changes nothing.
pub async fn diff(database: &Database, datasets: &Datasets) -> Result<Difference, DatasetError> {
    let mut store = database.into();
    let recorded = recorded(&mut store).await?;
    let mut difference = compare_all(&mut store, datasets, &recorded).await?;
    for dataset in datasets.iter().map(Dataset::name) {
        let is_known = recorded.contains_key(dataset.as_str());
        if is_known && !table_exists(&mut store, dataset.as_str()).await? {
            let dataset = dataset.clone();
            difference.faults.push(Incompatibility::Gone { dataset });
        }
    }
    Ok(difference)
}

/// Creates missing tables, columns and indexes, all in one transaction, and returns them.
/// Differences that are not additions change nothing and are [`DatasetError::NotAdditive`].
pub async fn migrate(
    database: &Database,
    datasets: &Datasets,
    mode: Mode,
    now: DateTime<Utc>,
) -> Result<Vec<Change>, DatasetError> {
    if mode == Mode::DryRun {
        return plan(database.into(), datasets).await;
    }
    let mut transaction = database.begin().await?;
    lock(&mut transaction).await?;
    let changes = plan((&mut transaction).into(), datasets).await?;
    apply(&mut transaction, datasets, &changes, now).await?;
    transaction.commit().await?;
    Ok(changes)
}

/// Whether the store has everything that is declared; [`DatasetError::Outdated`] if not.
pub async fn verify(database: &Database, datasets: &Datasets) -> Result<(), DatasetError> {
    let changes = plan(database.into(), datasets).await?;
    if changes.is_empty() {
        Ok(())
    } else {
        Err(DatasetError::Outdated(changes))
    }
}

async fn lock(transaction: &mut Transaction) -> Result<(), DatasetError> {
    if transaction.dialect() == Dialect::Postgres {
        // On SQLite the transaction itself is the lock.
        let sql = "SELECT 1 FROM pg_advisory_xact_lock($1)";
        transaction.query(sql, &[Value::Int(LOCK)]).await?;
    }
    Ok(())
}

async fn plan(mut store: Reader<'_>, datasets: &Datasets) -> Result<Vec<Change>, DatasetError> {
    let recorded = recorded(&mut store).await?;
    let difference = compare_all(&mut store, datasets, &recorded).await?;
    let taken = difference.faults.iter().find_map(|fault| match fault {
        Incompatibility::Taken { dataset } => Some(dataset.clone()),
        _ => None,
    });
    match taken {
        Some(dataset) => Err(DatasetError::TableTaken { dataset }),
        None if difference.faults.is_empty() => Ok(difference.changes),
        None => Err(DatasetError::NotAdditive(difference.faults)),
    }
}

async fn compare_all(
    store: &mut Reader<'_>,
    datasets: &Datasets,
    recorded: &BTreeMap<String, Definition>,
) -> Result<Difference, DatasetError> {
    let mut difference = Difference::default();
    for dataset in datasets.iter() {
        let name = dataset.name().clone();
        match recorded.get(name.as_str()) {
            Some(stored) => compare(dataset, stored, &mut difference),
            None if table_exists(store, name.as_str()).await? => {
                let taken = Incompatibility::Taken { dataset: name };
                difference.faults.push(taken);
            }
            None => difference.changes.push(Change::Table { dataset: name }),
        }
    }
    Ok(difference)
}

/// What the store remembers, by dataset.
async fn recorded(store: &mut Reader<'_>) -> Result<BTreeMap<String, Definition>, DatasetError> {
    if !table_exists(store, "dukou_dataset").await? {
        return Ok(BTreeMap::new());
    }
    let sql = "SELECT name, definition FROM dukou_dataset ORDER BY name";
    let mut definitions = BTreeMap::new();
    for row in store.query(sql, &[]).await? {
        let name = row.text(0)?.to_owned();
        match Definition::from_json(row.text(1)?) {
            Some(definition) => definitions.insert(name, definition),
            None => return Err(DatasetError::Definition { dataset: name }),
        };
    }
    Ok(definitions)
}

async fn table_exists(store: &mut Reader<'_>, name: &str) -> Result<bool, DatasetError> {
    let sql = match store.dialect() {
        Dialect::Sqlite => {
            "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = $1"
        }
        Dialect::Postgres => "SELECT 1 FROM pg_class WHERE oid = to_regclass(quote_ident($1))",
    };
    Ok(!store.query(sql, &[Value::from(name)]).await?.is_empty())
}

fn compare(dataset: &Dataset, stored: &Definition, difference: &mut Difference) {
    let Difference { changes, faults } = difference;
    compare_keys(dataset, stored, faults);
    compare_stored_columns(dataset, stored, faults);
    let name = dataset.name();
    for column in dataset.columns() {
        // A new key column is a fault of the key.
        if stored.type_of(column.name.as_str()).is_none()
            && dataset.is_nullable(column.name.as_str())
        {
            changes.push(Change::Column {
                dataset: name.clone(),
                column: column.name.clone(),
            });
        }
    }
    for columns in dataset.indexes() {
        if !stored.has_index(columns) {
            changes.push(Change::Index {
                dataset: name.clone(),
                columns: columns.clone(),
            });
        }
    }
}

fn compare_keys(dataset: &Dataset, stored: &Definition, faults: &mut Vec<Incompatibility>) {
    let declared = Definition::of(dataset);
    if declared.key != stored.key {
        let differs = |keys: &[String], others: &[String]| {
            let mut pairs = keys.iter().enumerate();
            let found = pairs.find(|(at, name)| others.get(*at) != Some(name));
            found.map(|(_, name)| name.clone())
        };
        let column = differs(&declared.key, &stored.key)
            .or_else(|| differs(&stored.key, &declared.key))
            .unwrap_or_default();
        faults.push(Incompatibility::Key {
            dataset: dataset.name().clone(),
            column,
            stored: stored.key.clone(),
        });
    }
    if declared.distribution != stored.distribution {
        faults.push(Incompatibility::Distribution {
            dataset: dataset.name().clone(),
            column: declared.distribution,
            stored: stored.distribution.clone(),
        });
    }
}

fn compare_stored_columns(
    dataset: &Dataset,
    stored: &Definition,
    faults: &mut Vec<Incompatibility>,
) {
    for (column, stored_type) in &stored.columns {
        let declared = dataset.column(column).map(Column::type_name);
        match declared {
            None => faults.push(Incompatibility::Removed {
                dataset: dataset.name().clone(),
                column: column.clone(),
            }),
            Some(declared) if declared != *stored_type => faults.push(Incompatibility::Type {
                dataset: dataset.name().clone(),
                column: column.clone(),
                stored: stored_type.clone(),
                declared,
            }),
            Some(_) => {}
        }
    }
}

async fn apply(
    transaction: &mut Transaction,
    datasets: &Datasets,
    changes: &[Change],
    now: DateTime<Utc>,
) -> Result<(), DatasetError> {
    let dialect = transaction.dialect();
    transaction.execute(&dialect.render(RECORDS), &[]).await?;
    for change in changes {
        let Some(dataset) = datasets.get(change.dataset().as_str()) else {
            continue;
        };
        for sql in change.statements(dataset, dialect) {
            transaction.execute(&sql, &[]).await?;
        }
    }
    // Also without a change: an index that is no longer declared is forgotten.
    let sql = "INSERT INTO dukou_dataset (name, definition, applied_at) VALUES ($1, $2, $3) \
               ON CONFLICT (name) DO UPDATE SET definition = excluded.definition, \
               applied_at = excluded.applied_at \
               WHERE dukou_dataset.definition <> excluded.definition";
    for dataset in datasets.iter() {
        let definition = Definition::of(dataset).to_json();
        let args = [
            dataset.name().as_str().into(),
            definition.into(),
            now.into(),
        ];
        transaction.execute(sql, &args).await?;
    }
    Ok(())
}

impl Change {
    /// The dataset it adds to.
    pub fn dataset(&self) -> &Ident {
        match self {
            Self::Table { dataset }
            | Self::Column { dataset, .. }
            | Self::Index { dataset, .. } => dataset,
        }
    }

    fn statements(&self, dataset: &Dataset, dialect: Dialect) -> Vec<String> {
        match self {
            Self::Table { .. } => dataset.ddl(dialect),
            Self::Column { column, .. } => dataset
                .column(column.as_str())
                .map(|column| dataset.add_column(column, dialect))
                .into_iter()
                .collect(),
            Self::Index { columns, .. } => vec![dataset.create_index(columns)],
        }
    }
}

impl Incompatibility {
    /// The dataset it is about.
    pub fn dataset(&self) -> &Ident {
        match self {
            Self::Type { dataset, .. }
            | Self::Removed { dataset, .. }
            | Self::Key { dataset, .. }
            | Self::Distribution { dataset, .. }
            | Self::Taken { dataset }
            | Self::Gone { dataset } => dataset,
        }
    }

    /// What to do about it.
    pub fn next(&self) -> &'static str {
        match self {
            Self::Type { .. } => {
                "restore the type, or declare a column of another name with the new type"
            }
            Self::Removed { .. } => {
                "restore the declaration: a column that nothing fills stays null"
            }
            Self::Key { .. } | Self::Distribution { .. } => {
                "restore the declaration, or declare a dataset of another name and load it from the archive"
            }
            Self::Taken { .. } => "rename the dataset, or move the table away",
            Self::Gone { .. } => {
                "restore the table from a backup, or delete the dataset's row in `dukou_dataset`, migrate, and load it from the archive"
            }
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table { dataset } => write!(f, "create table `{dataset}`"),
            Self::Column { dataset, column } => write!(f, "add column `{column}` to `{dataset}`"),
            Self::Index { dataset, columns } => {
                let columns = quote_list(columns).replace('"', "`");
                write!(f, "add an index on {columns} to `{dataset}`")
            }
        }
    }
}

impl fmt::Display for Incompatibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type {
                dataset,
                column,
                stored,
                declared,
            } => write!(
                f,
                "column `{column}` of dataset `{dataset}` is `{stored}` in the store and declared `{declared}`"
            ),
            Self::Removed { dataset, column } => write!(
                f,
                "column `{column}` of dataset `{dataset}` is in the store and no longer declared"
            ),
            Self::Key {
                dataset,
                column,
                stored,
            } => write!(
                f,
                "column `{column}` changes the key of dataset `{dataset}`, which is {} in the store",
                quote_list(stored).replace('"', "`")
            ),
            Self::Distribution {
                dataset,
                column,
                stored,
            } => write!(
                f,
                "column `{column}` is declared the distribution of dataset `{dataset}`, which is `{stored}` in the store"
            ),
            Self::Taken { dataset } => {
                write!(f, "table `{dataset}` is there and no dataset made it")
            }
            Self::Gone { dataset } => {
                write!(f, "the table of dataset `{dataset}` is gone from the store")
            }
        }
    }
}
