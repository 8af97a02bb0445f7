//! Lives on both databases; the stories stand beside the code.

use dukou as hub;

#[path = "../../src/life/contract/mod.rs"]
mod contract;

use crate::harness::postgres::FreshDatabase;
use contract::{World, stories};
use dukou::db::{Database, DatabaseUrl, OpenOptions};

async fn open(url: &DatabaseUrl) -> World {
    let db = Database::open(url, &OpenOptions::default()).await;
    World::new(db.expect("it opens")).await
}

macro_rules! on_both {
    ($($topic:ident: $($story:ident)*;)*) => {
        mod on_sqlite {
            $(mod $topic {
                $(#[tokio::test(flavor = "multi_thread")]
                async fn $story() {
                    let folder = tempfile::tempdir().expect("a folder");
                    let url = super::super::DatabaseUrl::parse("sqlite://hub.db").expect("an address");
                    let world = super::super::open(&url.relative_to(folder.path())).await;
                    super::super::contract::$topic::$story(&world).await;
                })*
            })*
        }
        mod on_postgres {
            $(mod $topic {
                $(#[tokio::test(flavor = "multi_thread")]
                async fn $story() {
                    let fresh = super::super::FreshDatabase::create().await;
                    let world = super::super::open(&fresh.url()).await;
                    super::super::contract::$topic::$story(&world).await;
                })*
            })*
        }
    };
}
stories!(on_both);
