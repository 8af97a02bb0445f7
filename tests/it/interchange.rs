//! JSON in archives, and the small files beside a file: through a whole hub, on both databases.

use std::fs;

use dukou::digest::Sha256;
use dukou::envelope::{Envelope, GzipPlan, ZipPlan};

use crate::harness::postgres::FreshDatabase;
use crate::harness::world::{World, sealed};

const GOOD: &str =
    include_str!("../../fixtures/partners/etc_clearing/samples/01_txn_package_5_7_1.xml");
const RECEIVE: &str = "etc_clearing/receive_messages";
const DAY: &str = "2024-01-02";

/// The shipped exchange, with a digest and a flag beside every file in both directions.
async fn with_companions(store: Option<&str>) -> World {
    let job = "jobs/etc_clearing/receive_messages.toml";
    let ready = "ready = { stable_secs = 0, companion = { sha256 = \"{name}.sha256\" }, \
                 flag = \"{name}.ok\" }";
    let counter = "counter = \"etc_clearing/message_id\"";
    let send = "companion = { md5 = \"{name}.md5\" }\nflag = \"{name}.ok\"\n\
                counter = \"etc_clearing/message_id\"";
    let changes = [
        (job, "ready = { stable_secs = 0 }", ready),
        (job, "{message_id}.xml.lz77", "{message_id}.xml.lz7*"),
        (job, counter, send),
    ];
    World::changed(store, &changes, &[]).await
}

fn package(number: u32) -> Vec<u8> {
    sealed(GOOD.replace(
        "<MessageId>101</MessageId>",
        &format!("<MessageId>{number}</MessageId>"),
    ))
}

fn name(number: u32) -> String {
    format!("{number:020}.xml.lz77")
}

async fn companions_story(world: &World) {
    let (good, altered, bare) = (package(101), package(102), package(103));
    for (number, bytes, digest_of) in [(101, &good, &good), (102, &altered, &good)] {
        world.put("to_issuer", &name(number), bytes);
        let line = format!("{}  {}\n", Sha256::of(digest_of), name(number));
        world.put(
            "to_issuer",
            &format!("{}.sha256", name(number)),
            line.as_bytes(),
        );
        world.put("to_issuer", &format!("{}.ok", name(number)), b"");
    }
    world.put("to_issuer", &name(103), &bare);
    world.put("to_issuer", &format!("{}.ok", name(104)), b"");
    let report = world.run(RECEIVE, DAY).await;
    let files: Vec<_> = report
        .files
        .iter()
        .map(|file| (file.name.clone(), file.outcome, file.code.clone()))
        .collect();
    let mismatch = Some("companion-mismatch".to_owned());
    assert_eq!(
        files,
        [
            (name(101), "loaded", None),
            (name(102), "control", mismatch)
        ]
    );
    let reason = format!(
        "`{}.sha256` says {}, the file has {}",
        name(102),
        Sha256::of(&good),
        Sha256::of(&altered)
    );
    assert_eq!(report.files[1].reason, Some(reason));
    let waiting: Vec<_> = report
        .skipped
        .iter()
        .map(|skipped| {
            (
                skipped.name.clone(),
                skipped.code.as_str(),
                skipped.reason.clone(),
            )
        })
        .collect();
    let flag = format!("{}.ok", name(104));
    assert_eq!(
        waiting,
        [
            (
                name(103),
                "not-ready",
                format!("waits for `{0}.sha256`, `{0}.ok`", name(103))
            ),
            (
                flag.clone(),
                "not-ready",
                "waits for the file that it belongs to".to_owned()
            ),
        ]
    );
    assert_eq!(
        world.names("to_issuer"),
        [name(103), flag],
        "the rest is finished"
    );
    let done: Vec<String> = [101, 102]
        .into_iter()
        .flat_map(|n| ["", ".ok", ".sha256"].map(|end| format!("{}{end}", name(n))))
        .collect();
    assert_eq!(
        world.names("to_issuer_done"),
        done,
        "together with its companions"
    );
    let alerts =
        "SELECT COUNT(*) FROM ledger_event WHERE name = 'companion-mismatch' AND level = 'alert'";
    assert_eq!(world.number(alerts).await, 1);
    assert_eq!(
        world.number("SELECT COUNT(*) FROM etc_transaction").await,
        2
    );
}

/// Every file that was sent has its digest and its flag.
fn assert_sent_whole(world: &World) -> usize {
    let names = world.names("from_issuer");
    let sent: Vec<&String> = names
        .iter()
        .filter(|name| name.ends_with(".lz77"))
        .collect();
    for name in &sent {
        let folder = world.partner().join("from_issuer");
        let bytes = fs::read(folder.join(name)).expect("it is there");
        let line = fs::read_to_string(folder.join(format!("{name}.md5"))).expect("it is there");
        let digest = dukou::digest::PeerDigest::Md5.of(&bytes);
        assert_eq!(line, format!("{digest}  {name}\n"));
        let flag = fs::read(folder.join(format!("{name}.ok"))).expect("it is there");
        assert_eq!(flag, b"");
    }
    assert_eq!(names.len(), 3 * sent.len());
    sent.len()
}

/// What a crash leaves between two steps is completed, and nothing is believed that was not before.
async fn recovery_story(world: &World) {
    companions_story(world).await;
    let sent = assert_sent_whole(world);
    assert!(sent >= 3, "two confirmations and an accounting");
    // Died after the file's rename, before its companions were written and the books knew.
    for name in world.names("from_issuer") {
        if !name.ends_with(".lz77") {
            fs::remove_file(world.partner().join("from_issuer").join(name)).expect("it is there");
        }
    }
    let again = "UPDATE ledger_delivery SET state = 'staged' WHERE state = 'sent' RETURNING 1";
    world.number(again).await;
    world.recover().await;
    assert_eq!(
        assert_sent_whole(world),
        sent,
        "no file more, no companion less"
    );
    // Died after the landing of the altered file, before its decision: its companion is gone.
    let landed = "UPDATE ledger_file SET state = 'landed' WHERE state = 'held' RETURNING 1";
    world.number(landed).await;
    world
        .number("DELETE FROM ledger_control WHERE file_no = 2 RETURNING 1")
        .await;
    let recovered = world.recover().await;
    let codes: Vec<_> = recovered
        .files
        .iter()
        .map(|file| file.code.clone())
        .collect();
    assert_eq!(codes, [Some("companion-mismatch".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn companions_decide_when_a_file_is_taken_and_survive_a_crash_on_sqlite() {
    recovery_story(&with_companions(None).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn companions_decide_when_a_file_is_taken_and_survive_a_crash_on_postgres() {
    let database = FreshDatabase::create().await;
    recovery_story(&with_companions(Some(database.text())).await).await;
}

const DATASET: &str = r#"
title = "订单"
title_en = "Orders"
doc = "One row per order."
key = ["order_no"]
distribution = "order_no"

[column]
order_no = { type = "text", title = "订单号", title_en = "Order number" }
amount   = { type = "money", title = "金额", title_en = "Amount" }
made_on  = { type = "date", title = "日期", title_en = "Day" }
"#;

const MAPPING: &str = r#"
title = "订单"
title_en = "Orders"
status = "profile"

[format.json]

[identity]
columns = ["batch_no"]

[record.batch]
json = { path = "." }

[record.batch.field]
batch_no = { from = "head/batch_no", type = "text" }
count    = { from = "count", type = "integer" }

[record.order]
dataset = "test_order"
json = { path = "orders[]", numbers = ["amount"] }

[record.order.field]
order_no = { from = "no" }
amount   = { from = "amount", unit = "yuan" }
made_on  = { from = "/head/day", format = "%Y-%m-%d" }

[[control]]
name = "笔数"
declared = "batch.count"
count = "order"
"#;

const JOB: &str = r#"
title = "接收订单"
title_en = "Receive orders"
partner = "etc_clearing"

[pull]
connection = "etc_clearing"
path = "orders"
pattern = "*"
ready = { stable_secs = 0 }
finish = { delete = true }

[[envelope]]
gzip = {}

[[envelope]]
zip = { entry = "*.json" }

[route]
json = { kind = "/head/kind" }

[[read]]
name = "orders"
when = { kind = "order" }
mapping = "test/orders"
tolerance = { rejects_max = 1 }
"#;

fn packed(content: &str) -> Vec<u8> {
    let zip = ZipPlan {
        entry: "orders.json".to_owned(),
        ..ZipPlan::default()
    };
    let mut inner = Vec::new();
    Envelope::Zip(zip)
        .seal(&mut content.as_bytes(), &mut inner)
        .expect("memory");
    let mut outer = Vec::new();
    Envelope::Gzip(GzipPlan::default())
        .seal(&mut inner.as_slice(), &mut outer)
        .expect("memory");
    outer
}

const ORDERS: &str = r#"{"head": {"kind": "order", "batch_no": "B1", "day": "2024-01-02"},
 "orders": [{"no": "1", "amount": 12.30}, {"no": "2", "amount": "0.05"}, {"no": "3", "amount": 12.305},
            {"no": "4", "amount": 1.500e1}],
 "count": 4}"#;

async fn json_story(world: &World) {
    let broken = ORDERS.replace("\"B1\"", "\"B2\"").replace(']', "");
    let late = ORDERS
        .replace("\"B1\"", "\"B3\"")
        .replace(", \"day\": \"2024-01-02\"}", "}");
    let other = ORDERS.replace("\"order\"", "\"parcel\"");
    for (name, bytes) in [
        ("1.json.zip.gz", packed(ORDERS)),
        ("2.json.zip.gz", packed(&broken)),
        ("3.json.zip.gz", packed(&late)),
        ("4.json.zip.gz", packed(&other)),
        ("5.json.zip.gz", b"no gzip at all, but text".to_vec()),
    ] {
        world.put("orders", name, &bytes);
    }
    let report = world.run("test/receive_orders", DAY).await;
    let found: Vec<_> = report
        .files
        .iter()
        .map(|file| {
            (
                file.outcome,
                file.code.as_deref(),
                file.loaded,
                file.rejected,
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("loaded", None, 3, 1),
            ("malformed", Some("malformed-file"), 0, 2),
            ("content", Some("too-many-rejects"), 0, 4),
            ("header", Some("unroutable"), 0, 0),
            ("malformed", Some("malformed-file"), 0, 0),
        ]
    );
    let reasons: Vec<&str> = report
        .files
        .iter()
        .filter_map(|file| file.reason.as_deref())
        .collect();
    assert_eq!(
        reasons.last(),
        Some(
            &"the gzip envelope cannot be opened: it is not gzip, or damaged (invalid gzip header)"
        )
    );
    assert_eq!(
        world
            .number("SELECT CAST(SUM(amount) AS BIGINT) FROM test_order")
            .await,
        1230 + 5 + 1500
    );
    // A row knows its place in the opened content.
    let offset = world
        .number("SELECT lineage_offset FROM test_order WHERE order_no = '4'")
        .await;
    let length = world
        .number("SELECT lineage_length FROM test_order WHERE order_no = '4'")
        .await;
    let (offset, length) = (
        usize::try_from(offset).expect("a place"),
        usize::try_from(length).expect("a length"),
    );
    assert_eq!(
        ORDERS.get(offset..offset + length).expect("within"),
        "{\"no\": \"4\", \"amount\": 1.500e1}"
    );
}

async fn with_orders(store: Option<&str>) -> World {
    let files = [
        ("mappings/datasets/test_order.toml", DATASET),
        ("mappings/test/orders.toml", MAPPING),
        ("jobs/test/receive_orders.toml", JOB),
    ];
    World::changed(store, &[], &files).await
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_in_json_in_an_archive_are_loaded_with_their_places_on_sqlite() {
    json_story(&with_orders(None).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_in_json_in_an_archive_are_loaded_with_their_places_on_postgres() {
    let database = FreshDatabase::create().await;
    json_story(&with_orders(Some(database.text())).await).await;
}
