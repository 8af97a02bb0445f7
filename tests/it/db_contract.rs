//! What every database must do, told once and played on each; tests are named by back end.

mod bulk;
mod migrations;
mod statements;

use crate::harness::postgres::FreshDatabase;
use dukou::db::{Database, DatabaseUrl, Dialect, OpenOptions};
use dukou::id::Ident;

/// An empty database of one back end, gone at the end of the test.
enum Stage {
    Sqlite(tempfile::TempDir),
    Postgres(FreshDatabase),
}

impl Stage {
    fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().expect("a folder"))
    }

    async fn postgres() -> Self {
        Self::Postgres(FreshDatabase::create().await)
    }

    /// A new pool on the one database, as another process would have.
    async fn open(&self) -> Database {
        let url = match self {
            Self::Sqlite(folder) => DatabaseUrl::parse("sqlite://hub.db")
                .expect("an address")
                .relative_to(folder.path()),
            Self::Postgres(fresh) => fresh.url(),
        };
        Database::open(&url, &OpenOptions::default())
            .await
            .expect("it opens")
    }

    /// A pool on a database with the one table `item`.
    async fn with_items(&self) -> Database {
        let database = self.open().await;
        let ddl = "CREATE TABLE item (id {text} NOT NULL, amount {int}, day {date}, at {instant}, \
                   raw {bytes}, PRIMARY KEY (id)) {clustered}";
        run(&database, ddl).await;
        database
    }
}

async fn run(database: &Database, ddl: &str) {
    let ddl = database.dialect().render(ddl);
    database
        .execute(&ddl, &[])
        .await
        .expect("the statement runs");
}

/// The one integer that a query gives.
async fn int(database: &Database, sql: &str) -> i64 {
    let row = database.query_one(sql, &[]).await.expect("a row");
    row.int(0).expect("an integer")
}

fn ident(name: &str) -> Ident {
    Ident::new(name).expect("a name")
}

/// Plays each story on both back ends.
macro_rules! on_both {
    ($($story:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story(&super::super::Stage::sqlite()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story(&super::super::Stage::postgres().await).await;
            })*
        }
    };
}
use on_both;

#[tokio::test]
async fn a_pool_knows_its_dialect() {
    assert_eq!(Stage::sqlite().open().await.dialect(), Dialect::Sqlite);
    let postgres = Stage::postgres().await;
    assert_eq!(postgres.open().await.dialect(), Dialect::Postgres);
}
