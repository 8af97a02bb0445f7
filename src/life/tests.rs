//! The stories on SQLite, and what is wrong with a plan; `tests/it/life_contract.rs` plays the
//! stories on both databases.

use crate as hub;

#[path = "contract/mod.rs"]
mod contract;

use contract::world::{LIFE, read_plan};
use contract::{World, stories};
use hub::db::{Database, DatabaseUrl, OpenOptions};
use hub::document::key_table_faults;
use hub::life::LIFE_KEYS;

async fn world(folder: &std::path::Path) -> World {
    let url = DatabaseUrl::parse("sqlite://hub.db").expect("an address");
    let db = Database::open(&url.relative_to(folder), &OpenOptions::default()).await;
    World::new(db.expect("a new file opens")).await
}

macro_rules! on_sqlite {
    ($($topic:ident: $($story:ident)*;)*) => {$(
        mod $topic {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                let folder = tempfile::tempdir().expect("a folder");
                let world = super::world(folder.path()).await;
                super::contract::$topic::$story(&world).await;
            })*
        }
    )*};
}
stories!(on_sqlite);

#[test]
fn the_keys_are_sound() {
    assert_eq!(key_table_faults(LIFE_KEYS), Vec::<String>::new());
}

#[test]
fn every_problem_of_a_life_is_found_in_one_pass() {
    for (from, to, message) in [
        (
            "subject = \"vin\"",
            "subject = \"file\"",
            "`file` is what `dukou trace` calls something else",
        ),
        (
            "after = [\"registered\"]",
            "after = [\"registred\"]",
            "there is no step `registred`",
        ),
        (
            "after = [\"registered\"]",
            "after = [\"filed\"]",
            "a step cannot demand that it stands before itself",
        ),
        (
            "after = [\"registered\"]",
            "after_item = [\"registered\"]",
            "`registered` or this step has no `item` to go by",
        ),
        (
            "name = \"filed\"",
            "name = \"registered\"",
            "the name `registered` is taken already",
        ),
        (
            "at = \"day\"",
            "at = \"note\"",
            "column `note` of `car_day` is `text` and must be `date` or `instant`",
        ),
        (
            "subject = \"car\"\n",
            "",
            "a source says whose life its rows belong to by one of `subject` and `via`",
        ),
        (
            "{ firm = \"firm\" }",
            "{ firm = \"day\" }",
            "column `firm` of `car_event` is `text` and column `day` of `firm_day` is `date`",
        ),
    ] {
        let text = LIFE.replacen(from, to, 1);
        assert_ne!(text, LIFE, "{from}");
        let (plan, problems) = read_plan(&text);
        assert_eq!(plan, None, "{message}");
        assert!(
            problems.iter().any(|problem| problem.contains(message)),
            "{message}: {problems:#?}"
        );
    }
}
