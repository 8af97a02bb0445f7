//! The ledger's contract suite on both databases; the stories stand beside the code.

use dukou as hub;

#[path = "../../src/ledger/contract/mod.rs"]
mod contract;

use crate::harness::postgres::FreshDatabase;
use contract::{Hub, stories};
use dukou::db::{Database, DatabaseUrl, OpenOptions};

async fn open(url: &DatabaseUrl) -> Database {
    Database::open(url, &OpenOptions::default())
        .await
        .expect("it opens")
}

/// One file, opened twice.
async fn sqlite(folder: &std::path::Path) -> Hub {
    let url = DatabaseUrl::parse("sqlite://hub.db")
        .expect("an address")
        .relative_to(folder);
    Hub::new(open(&url).await, open(&url).await).await
}

/// One database of a server, opened twice.
async fn postgres(fresh: &FreshDatabase) -> Hub {
    let url = fresh.url();
    Hub::new(open(&url).await, open(&url).await).await
}

macro_rules! on_both {
    ($($topic:ident: $($story:ident)*;)*) => {
        mod on_sqlite {
            $(mod $topic {
                $(#[tokio::test(flavor = "multi_thread")]
                async fn $story() {
                    let folder = tempfile::tempdir().expect("a folder");
                    let hub = super::super::sqlite(folder.path()).await;
                    super::super::contract::$topic::$story(&hub).await;
                })*
            })*
        }
        mod on_postgres {
            $(mod $topic {
                $(#[tokio::test(flavor = "multi_thread")]
                async fn $story() {
                    let fresh = super::super::FreshDatabase::create().await;
                    let hub = super::super::postgres(&fresh).await;
                    super::super::contract::$topic::$story(&hub).await;
                })*
            })*
        }
    };
}
stories!(on_both);
