//! The contract suite on the embedded database; `tests/it/ledger_contract.rs` plays it on both databases.

use crate as hub;

#[path = "contract/mod.rs"]
mod contract;

use contract::{Hub, stories};
use hub::db::{Database, DatabaseUrl, OpenOptions};

async fn open(folder: &std::path::Path) -> Database {
    let url = DatabaseUrl::parse("sqlite://hub.db")
        .expect("an address")
        .relative_to(folder);
    Database::open(&url, &OpenOptions::default())
        .await
        .expect("a new file opens")
}

macro_rules! on_sqlite {
    ($($topic:ident: $($story:ident)*;)*) => {$(
        mod $topic {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                let folder = tempfile::tempdir().expect("a folder");
                let one = super::open(folder.path()).await;
                let other = super::open(folder.path()).await;
                let hub = super::Hub::new(one, other).await;
                super::contract::$topic::$story(&hub).await;
            })*
        }
    )*};
}
stories!(on_sqlite);
