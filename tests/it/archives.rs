//! An archive of several files through a whole hub: sent again, sent with a change, interrupted.

use std::fs;
use std::io::{Cursor, Write as _};

use chrono::NaiveDate;
use dukou::engine::{Mode, RunReport, RunRequest, Silent};
use dukou::id::{FileNo, JobName};
use dukou::ledger::Act;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::harness::postgres::FreshDatabase;
use crate::harness::world::World;

const DAY: &str = "2024-01-02";
const JOB_NAME: &str = "test/receive_packs";

const DATASET: &str = r#"
title = "订单"
title_en = "Orders"
doc = "One row per order or return."
key = ["order_no"]
distribution = "order_no"

[column]
order_no = { type = "text", title = "单号", title_en = "Number" }
amount   = { type = "money", title = "金额", title_en = "Amount" }
pack     = { type = "text", title = "批次", title_en = "Pack" }
"#;

/// Orders and returns differ in their separator.
fn mapping(separator: &str) -> String {
    format!(
        r#"
title = "订单"
title_en = "Orders"
status = "profile"

[format.csv]
separator = "{separator}"

[identity]
context = ["list", "number"]

[record.order]
dataset = "test_order"
csv = {{ columns = ["order_no", "amount"] }}

[record.order.field]
order_no = {{ from = "order_no" }}
amount   = {{ from = "amount", unit = "yuan" }}
pack     = {{ context = "pack" }}
"#
    )
}

const JOB: &str = r#"
title = "接收批次"
title_en = "Receive packs"
partner = "etc_clearing"

[pull]
connection = "etc_clearing"
path = "packs"
pattern = "{pack}.zip"
ready = { stable_secs = 0 }
finish = { move_to = "packs_done" }

[[envelope]]
zip = { entries = "{list}_{number}.csv" }

[route.name]
list = "list"

[[read]]
name = "orders"
when = { list = "orders" }
mapping = "test/orders"

[[read]]
name = "returns"
when = { list = "returns" }
mapping = "test/returns"
"#;

async fn with_packs(store: Option<&str>) -> World {
    let (orders, returns) = (mapping(","), mapping(";"));
    let files = [
        ("mappings/datasets/test_order.toml", DATASET),
        ("mappings/test/orders.toml", &*orders),
        ("mappings/test/returns.toml", &*returns),
        ("jobs/test/receive_packs.toml", JOB),
    ];
    World::changed(store, &[], &files).await
}

fn pack(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .expect("a name");
        writer.write_all(content.as_bytes()).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

const ORDERS: (&str, &str) = ("orders_1.csv", "1,10.00\n2,20.00\n");
const RETURNS: (&str, &str) = ("returns_1.csv", "3;-5.00\n");
const BAD: (&str, &str) = ("orders_2.csv", "4,forty\n");
const MENDED: (&str, &str) = ("orders_2.csv", "4,40.00\n");

fn first() -> Vec<u8> {
    pack(&[ORDERS, RETURNS, BAD, ("readme.txt", "three lists")])
}

/// Name, outcome and rows of each file.
fn outcomes(report: &RunReport) -> Vec<(&str, &str, i64)> {
    let files = report.files.iter();
    files
        .map(|file| (file.name.as_str(), file.outcome, file.loaded))
        .collect()
}

async fn sum(world: &World) -> i64 {
    world
        .number("SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM test_order")
        .await
}

async fn file_no(world: &World, name: &str) -> FileNo {
    let sql = format!("SELECT MAX(file_no) FROM ledger_file WHERE name = '{name}'");
    FileNo(world.number(&sql).await)
}

async fn sent_again_story(world: &World) {
    world.put("packs", "a.zip", &first());
    let report = world.run(JOB_NAME, DAY).await;
    assert_eq!(
        outcomes(&report),
        [
            ("a.zip", "opened", 0),
            ("a.zip!/orders_1.csv", "loaded", 2),
            ("a.zip!/returns_1.csv", "loaded", 1),
            ("a.zip!/orders_2.csv", "content", 0),
        ]
    );
    assert_eq!(
        report.files[0].notes,
        ["1 of 4 entries are not asked for and are not read: `readme.txt`"]
    );
    assert!(!report.is_clean(), "an entry is held");
    assert_eq!(world.names("packs"), [""; 0]);
    assert_eq!(world.names("packs_done"), ["a.zip"]);
    assert_eq!(sum(world).await, 2_500);

    // The same archive: each entry is the duplicate of its own file.
    world.put("packs", "b.zip", &first());
    let report = world.run(JOB_NAME, DAY).await;
    assert_eq!(
        outcomes(&report),
        [
            ("b.zip", "opened", 0),
            ("b.zip!/orders_1.csv", "duplicate", 0),
            ("b.zip!/returns_1.csv", "duplicate", 0),
            ("b.zip!/orders_2.csv", "content", 0),
        ]
    );

    // One entry mended, one changed, one as it was.
    let changed = ("returns_1.csv", "3;-6.00\n");
    world.put("packs", "c.zip", &pack(&[ORDERS, changed, MENDED]));
    let report = world.run(JOB_NAME, DAY).await;
    assert_eq!(
        outcomes(&report),
        [
            ("c.zip", "opened", 0),
            ("c.zip!/orders_1.csv", "duplicate", 0),
            ("c.zip!/returns_1.csv", "altered", 0),
            ("c.zip!/orders_2.csv", "loaded", 1),
        ]
    );
    let superseded = "SELECT COUNT(*) FROM ledger_file WHERE state = 'superseded'";
    assert_eq!(world.number(superseded).await, 2, "the held ones before it");
    assert_eq!(sum(world).await, 6_500);
    let altered = file_no(world, "c.zip!/returns_1.csv").await;
    let act = Act {
        who: "tester",
        reason: "the partner said so",
    };
    let report = world
        .engine()
        .supersede(altered, &act, &Silent)
        .await
        .expect("it takes the other's place");
    assert_eq!(outcomes(&report), [("c.zip!/returns_1.csv", "loaded", 1)]);
    assert_eq!(sum(world).await, 6_400);
    let packs = "SELECT COUNT(*) FROM test_order WHERE pack = 'c'";
    assert_eq!(world.number(packs).await, 2, "captures of both names");
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_come_again_are_judged_one_by_one_on_sqlite() {
    sent_again_story(&with_packs(None).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_come_again_are_judged_one_by_one_on_postgres() {
    let database = FreshDatabase::create().await;
    sent_again_story(&with_packs(Some(database.text())).await).await;
}

/// Puts the books back to where a process died: entries from `undecided` on have no decision, the
/// archive lies at the partner.
async fn die_before(world: &World, undecided: &str) {
    let entries = format!(
        "SELECT file_no FROM ledger_file WHERE entry IS NOT NULL AND file_no >= \
         (SELECT MAX(file_no) FROM ledger_file WHERE entry = '{undecided}')"
    );
    for sql in [
        format!("DELETE FROM test_order WHERE lineage_file IN ({entries}) RETURNING 1"),
        format!("DELETE FROM ledger_reject WHERE file_no IN ({entries}) RETURNING 1"),
        format!("DELETE FROM ledger_control WHERE file_no IN ({entries}) RETURNING 1"),
        format!(
            "UPDATE ledger_file SET state = 'landed', code = NULL, reason = NULL \
             WHERE file_no IN ({entries}) RETURNING 1"
        ),
        "UPDATE ledger_file SET finish_state = 'pending' WHERE state = 'opened' RETURNING 1"
            .to_owned(),
    ] {
        let rows = world.engine().database().query(&sql, &[]).await;
        rows.expect("it is undone");
    }
    let (there, done) = (
        world.partner().join("packs"),
        world.partner().join("packs_done"),
    );
    fs::rename(done.join("a.zip"), there.join("a.zip")).expect("it is there");
}

async fn crash_story(world: &World) {
    world.put("packs", "a.zip", &first());
    world.run(JOB_NAME, DAY).await;

    die_before(world, "returns_1.csv").await;
    assert_eq!(sum(world).await, 3_000);
    let recovered = world.recover().await;
    let names: Vec<_> = recovered
        .files
        .iter()
        .map(|file| (file.name.as_str(), file.outcome))
        .collect();
    assert_eq!(
        names,
        [
            ("a.zip!/returns_1.csv", "loaded"),
            ("a.zip!/orders_2.csv", "content"),
        ]
    );
    assert_eq!(recovered.finished, 1);
    all_is_there(world).await;

    // The next run meets the archive before anybody recovers.
    die_before(world, "orders_1.csv").await;
    let report = world.run(JOB_NAME, DAY).await;
    assert_eq!(
        outcomes(&report),
        [
            ("a.zip", "opened", 0),
            ("a.zip!/orders_1.csv", "loaded", 2),
            ("a.zip!/returns_1.csv", "loaded", 1),
            ("a.zip!/orders_2.csv", "content", 0),
        ]
    );
    all_is_there(world).await;

    // It landed and nobody looked into it.
    die_before(world, "orders_1.csv").await;
    for sql in [
        "DELETE FROM ledger_file WHERE entry IS NOT NULL RETURNING 1",
        "UPDATE ledger_file SET state = 'landed', decided_at = NULL RETURNING 1",
    ] {
        let rows = world.engine().database().query(sql, &[]).await;
        rows.expect("it is undone");
    }
    let recovered = world.recover().await;
    assert_eq!(recovered.files.len(), 4);
    assert_eq!(recovered.finished, 1);
    all_is_there(world).await;
    assert!(world.recover().await.is_empty());
}

async fn all_is_there(world: &World) {
    assert_eq!(sum(world).await, 2_500);
    let files = "SELECT COUNT(*) FROM ledger_file";
    assert_eq!(world.number(files).await, 4);
    let open =
        "SELECT COUNT(*) FROM ledger_file WHERE state = 'landed' OR finish_state = 'pending'";
    assert_eq!(world.number(open).await, 0);
    assert_eq!(world.names("packs"), [""; 0]);
    assert_eq!(world.names("packs_done").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_of_an_archive_is_completed_on_sqlite() {
    crash_story(&with_packs(None).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_of_an_archive_is_completed_on_postgres() {
    let database = FreshDatabase::create().await;
    crash_story(&with_packs(Some(database.text())).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_looks_into_an_archive_and_changes_nothing() {
    let world = with_packs(None).await;
    world.put("packs", "a.zip", &first());
    let request = RunRequest {
        job: JobName::new(JOB_NAME).expect("a job's name"),
        business_date: DAY.parse::<NaiveDate>().expect("a day"),
        mode: Mode::DryRun,
        trigger: "test",
    };
    let report = world.engine().run(&request, &Silent).await;
    let report = report.expect("a run that could be done");
    assert_eq!(
        outcomes(&report),
        [
            ("a.zip", "opened", 0),
            ("a.zip!/orders_1.csv", "loaded", 2),
            ("a.zip!/returns_1.csv", "loaded", 1),
            ("a.zip!/orders_2.csv", "content", 0),
        ]
    );
    assert!(report.files.iter().all(|file| file.file_no.is_none()));
    assert_eq!(world.names("packs"), ["a.zip"]);
    assert_eq!(world.number("SELECT COUNT(*) FROM ledger_file").await, 0);
}
