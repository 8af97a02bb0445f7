//! The stories on SQLite, and what is wrong with a plan; `tests/it/reconcile_contract.rs` plays the
//! stories on both databases.

use crate as hub;

#[path = "contract/mod.rs"]
mod contract;

use contract::world::{read_plan, shipped_text};
use contract::{World, stories};
use hub::db::{Database, DatabaseUrl, OpenOptions};

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
fn every_problem_of_a_plan_is_found_in_one_pass() {
    let text = shipped_text()
        .replace("amount = \"amount\"\n\n[[reconcile.part]]", "amount = \"record_count\"\n\n[[reconcile.part]]")
        .replace("funds = \"paid_by_us\"", "funds = \"paid\"")
        .replace("name = \"released\"", "name = \"accounted\"")
        .replace(
            "amount_from = { dataset = \"etc_accounting_dispute\", on = [\"service_provider_id\", \"message_id\", \"trans_id\"] }\nwhere = { result = 0 }",
            "amount_from = { dataset = \"etc_accounting_dispute\", on = [\"service_provider_id\", \"message_id\"] }\nwhere = { resut = 0 }",
        )
        .replace("type = \"one_sided_theirs\"\nfunds_effect = \"short\"\nreason = \"missing_package\"", "type = \"one_sided\"\nfunds_effect = \"short\"\nreason = \"missing_package\"")
        .replace("column = \"disputed_at\"", "column = \"fee\"")
        .replace("by = [\"decision\"]", "by = [\"decision\", \"fee\"]");
    let (plan, problems) = read_plan(&text);
    assert_eq!(plan, None);
    let tie = "reconcile-tie: `etc_accounting_dispute` has several rows for each of ours: `on` lacks \
               `trans_id` of its key";
    let column = "unknown-column: dataset `etc_dispute_result` has no column `resut`";
    assert_eq!(
        problems,
        [
            "13:9 unknown-word: `paid` is no word for `funds`",
            "21:10 reconcile-column: column `record_count` of `etc_clearing` is `integer` and must be `money`",
            "35:8 reconcile-part: the name `accounted` is taken already",
            &format!("40:53 {tie}"),
            &format!("41:11 {column}"),
            "55:8 unknown-word: `one_sided` is no word for `type`",
            &format!("94:53 {tie}"),
            &format!("95:11 {column}"),
            "134:22 reconcile-column: column `fee` of `etc_accounting_dispute` is `money` and must be `date` or `instant`",
            &format!("151:53 {tie}"),
            &format!("152:11 {column}"),
            &format!("184:53 {tie}"),
            &format!("185:11 {column}"),
            "207:1 reconcile-part: a distribution counts the values of exactly one column",
        ]
    );
}

#[test]
fn a_part_is_known_or_unknown_and_never_both() {
    let shipped = "unknown = \"5/7/3 退费报文的格式未公开，暂按零计\"";
    let both = format!("dataset = \"etc_transaction\"\namount = \"fee\"\n{shipped}");
    let (_, problems) = read_plan(&shipped_text().replace(shipped, &both));
    assert_eq!(
        problems,
        ["54:11 reconcile-part: a part with a `dataset` is not `unknown`"]
    );
    let (_, problems) = read_plan(&shipped_text().replace(shipped, ""));
    assert_eq!(
        problems,
        ["46:1 reconcile-part: a part names a `dataset`, or says in `unknown` why there is none"]
    );
}
