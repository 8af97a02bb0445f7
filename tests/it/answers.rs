//! What a partner answers to what was sent: found by the name it was sent under, row by row, and
//! sent anew with other content when the partner says so.

use serde_json::{Value as Json, json};

use crate::harness::hub::Hub;
use crate::harness::postgres::FreshDatabase;

const FOLDER: &str = "fixtures/answers";
const DAY: &str = "--business-date 2026-03-01";

/// A hub that sent three payments in two requests: P1 and P2, then P3.
fn asked() -> Hub {
    asked_of(Hub::of(FOLDER, "inbox/bank"))
}

fn asked_of(hub: Hub) -> Hub {
    let hub = hub.inbox("in/PAY_20260301.txt", b"P1|100\nP2|250\nP3|7\n");
    hub.run("bank/receive_payments").exit(0);
    hub.dukou(&format!("run bank/send_requests {DAY}")).exit(0);
    hub
}

fn reply(mut hub: Hub, name: &str, rows: &str) -> Hub {
    hub.put(&format!("res/{name}"), rows.as_bytes());
    hub
}

/// Name, state, the partner's result and what it replaces, of every delivery by number.
fn deliveries(hub: &Hub) -> Vec<Json> {
    let listed = hub.json("deliveries list");
    let rows = listed.get("deliveries").and_then(Json::as_array);
    let mut rows: Vec<Json> = rows.expect("a list").clone();
    rows.reverse();
    rows.iter()
        .map(|row| {
            json!([
                row["name"],
                row["state"],
                row["ack_result"],
                row["replaces"]
            ])
        })
        .collect()
}

fn events(hub: &Hub) -> Vec<String> {
    let status = hub.json("status");
    let events = status.pointer("/status/events").and_then(Json::as_array);
    let names = events.into_iter().flatten().map(|event| &event["name"]);
    names.filter_map(Json::as_str).map(str::to_owned).collect()
}

#[test]
fn rows_make_several_messages_named_by_the_number_within_the_day() {
    let hub = asked();
    let sent = |name: &str| std::fs::read_to_string(hub.path(format!("inbox/bank/req/{name}")));
    assert_eq!(
        sent("req_20260301_001.txt").expect("it was sent"),
        "P|1|20260301|2|350\nD|P1|100\nD|P2|250\n"
    );
    assert_eq!(
        sent("req_20260301_002.txt").expect("it was sent"),
        "P|2|20260301|1|7\nD|P3|7\n"
    );
    let again = hub.dukou(&format!("run bank/send_requests {DAY}"));
    again.exit(0).says("nothing to send");
}

#[test]
fn the_number_within_the_day_begins_anew_and_the_message_number_goes_on() {
    let mut hub = asked();
    hub.put("in/PAY_20260302.txt", b"P4|9\n");
    hub.run("bank/receive_payments").exit(0);
    hub.dukou("run bank/send_requests --business-date 2026-03-02")
        .exit(0);
    let sent = hub.path("inbox/bank/req/req_20260302_001.txt");
    let sent = std::fs::read_to_string(sent).expect("it was sent");
    assert_eq!(sent, "P|3|20260302|1|9\nD|P4|9\n");
}

#[test]
fn a_reply_is_found_by_the_name_of_the_request_and_done_when_every_row_is_answered() {
    let hub = reply(asked(), "res_20260301_001.txt", "P2|F\n");
    hub.run("bank/receive_replies").exit(0);
    let second = json!(["req_20260301_002.txt", "sent", null, null]);
    let part = json!(["req_20260301_001.txt", "sent", "1 of 2 rows answered", null]);
    assert_eq!(deliveries(&hub), [part, second.clone()]);
    // The bank names its second reply alike in the next folder it writes.
    let hub = hub.edit(
        "jobs/bank/receive_replies.toml",
        "res_{business_date}_{batch}.txt",
        "res_{business_date}_{batch}_{part}.txt",
    );
    let hub = reply(hub, "res_20260301_001_2.txt", "P1|S\n");
    hub.run("bank/receive_replies").exit(0);
    let whole = json!([
        "req_20260301_001.txt",
        "acknowledged",
        "2 rows answered",
        null
    ]);
    assert_eq!(deliveries(&hub), [whole, second]);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_rows_are_split_and_answered_as_on_sqlite() {
    let fresh = FreshDatabase::create().await;
    let told = tokio::task::spawn_blocking({
        let url = fresh.text().to_owned();
        move || {
            let hub = Hub::of(FOLDER, "inbox/bank").store(&url);
            hub.dukou("store migrate").exit(0);
            let hub = asked_of(hub);
            let hub = reply(hub, "res_20260301_001.txt", "P2|F\n");
            hub.run("bank/receive_replies").exit(0);
            let hub = reply(hub, "res_20260301_002.txt", "P3|S\nP1|S\n");
            hub.run("bank/receive_replies").exit(1);
            deliveries(&hub)
        }
    });
    let part = json!(["req_20260301_001.txt", "sent", "1 of 2 rows answered", null]);
    let other = json!(["req_20260301_002.txt", "sent", null, null]);
    assert_eq!(told.await.expect("it ends"), [part, other]);
}

#[test]
fn a_reply_about_a_row_that_its_request_did_not_carry_is_held_whole() {
    let hub = reply(asked(), "res_20260301_001.txt", "P1|S\nP3|S\n");
    hub.run("bank/receive_replies").exit(1);
    let shown = hub.json("files list --state held");
    assert_eq!(
        shown.pointer("/files/0/reason").and_then(Json::as_str),
        Some(
            "1 of its rows answer no row of delivery 1 (`req_20260301_001.txt`): record 2 is the \
             first"
        )
    );
    let first = json!(["req_20260301_001.txt", "sent", null, null]);
    assert_eq!(deliveries(&hub).first(), Some(&first));
    hub.dukou("trace payment_reply payment_no=P1").exit(2);
}

#[test]
fn a_reply_to_a_request_that_was_never_sent_is_held() {
    let hub = reply(asked(), "res_20260301_777.txt", "P1|S\n");
    hub.run("bank/receive_replies").exit(1);
    let shown = hub.json("files list --state held");
    assert_eq!(
        shown.pointer("/files/0/reason").and_then(Json::as_str),
        Some("it answers the rows of `req_20260301_777.txt`, which was never sent")
    );
}

/// A hub that uploaded these records, one a file.
fn uploaded(records: &str) -> Hub {
    let hub = Hub::of(FOLDER, "inbox/centre").inbox("in/RECORDS_20260301.txt", records.as_bytes());
    hub.run("centre/receive_records").exit(0);
    hub.run("centre/upload_records").exit(0);
    hub
}

fn name(hub: &Hub, number: usize) -> String {
    let rows = deliveries(hub);
    let row = rows.get(number - 1).expect("a delivery");
    row[0].as_str().expect("a name").to_owned()
}

/// The centre's answer to a delivery.
fn answered(mut hub: Hub, number: usize, serial: &str, code: i64, message: &str) -> Hub {
    let request = name(&hub, number);
    let answer = json!({ "reqFileName": request, "stateCode": code, "errorMsg": message });
    hub.put(
        &format!("answers/{serial}.json"),
        answer.to_string().as_bytes(),
    );
    hub
}

fn content(hub: &Hub, number: usize) -> Json {
    let sent = hub.path("inbox/centre/out").join(name(hub, number));
    let sent = std::fs::read_to_string(sent).expect("it was sent");
    serde_json::from_str(&sent).expect("a document")
}

fn states(hub: &Hub) -> Vec<Json> {
    let rows = deliveries(hub);
    rows.iter()
        .map(|row| json!([row[1], row[2], row[3]]))
        .collect()
}

#[test]
fn files_of_one_moment_have_names_of_their_own_and_no_run_sends_more_than_it_may() {
    let hub = uploaded("A\nB\nC\nD\n");
    let names: Vec<String> = (1..=3).map(|number| name(&hub, number)).collect();
    for (name, next) in names.iter().zip(names.iter().skip(1)) {
        assert!(name < next, "`{name}` stands before `{next}`");
        assert_eq!(
            name.len(),
            "BASIC_RECORD_REQ_61_20260301083000123.json".len()
        );
        assert!(name.starts_with("BASIC_RECORD_REQ_61_"), "`{name}`");
    }
    assert_eq!(deliveries(&hub).len(), 3);
    hub.run("centre/upload_records").exit(0);
    assert_eq!(
        content(&hub, 4),
        json!({ "serial": 4, "id": "D", "operation": 1 })
    );
}

#[test]
fn what_is_there_already_is_sent_once_more_as_a_change() {
    let hub = answered(uploaded("A\n"), 1, "1", 704, "主键冲突");
    hub.run("centre/receive_answers").exit(0);
    assert_eq!(
        states(&hub),
        [
            json!(["replaced", "704 主键冲突", null]),
            json!(["sent", null, 1])
        ]
    );
    assert_eq!(
        content(&hub, 2),
        json!({ "serial": 2, "id": "A", "operation": 2 })
    );
    assert!(events(&hub).is_empty(), "nobody need look");
    hub.dukou("deliveries list").exit(0).says("已改发");
    hub.dukou("deliveries show 2")
        .exit(0)
        .says("替代发送")
        .says("centre/upload_records");
    hub.dukou("deliveries show 1").exit(0).says("改发为");
    let hub = answered(hub, 2, "2", 200, "");
    hub.run("centre/receive_answers").exit(0);
    let last = json!(["acknowledged", "200", 1]);
    assert_eq!(states(&hub).last(), Some(&last));
    hub.run("centre/upload_records")
        .exit(0)
        .says("nothing to send");
}

#[test]
fn what_was_sent_anew_and_is_refused_again_ends_there() {
    let hub = answered(uploaded("A\n"), 1, "1", 999, "该信息已上传");
    hub.run("centre/receive_answers").exit(0);
    let hub = answered(hub, 2, "2", 707, "该信息已上传");
    hub.run("centre/receive_answers").exit(0);
    assert_eq!(
        states(&hub),
        [
            json!(["replaced", "999 该信息已上传", null]),
            json!(["refused", "707 该信息已上传", 1])
        ]
    );
    assert_eq!(events(&hub), ["delivery-refused"]);
    // The same answer once more changes nothing.
    let hub = answered(hub, 1, "3", 704, "该信息已上传");
    hub.run("centre/receive_answers").exit(0);
    assert_eq!(deliveries(&hub).len(), 2);
}

#[test]
fn words_of_the_partner_can_mean_success_and_other_results_do_not_ask_for_a_change() {
    let hub = answered(uploaded("A\nB\n"), 1, "1", 709, "数据重复");
    let hub = answered(hub, 2, "2", 702, "格式错误");
    hub.run("centre/receive_answers").exit(0);
    assert_eq!(
        states(&hub),
        [
            json!(["acknowledged", "709 数据重复", null]),
            json!(["refused", "702 格式错误", null])
        ]
    );
}

#[test]
fn what_does_not_fit_together_is_a_problem_at_its_place() {
    let upload = "jobs/centre/upload_records.toml";
    let answers = "jobs/centre/receive_answers.toml";
    for (path, from, to, message) in [
        (
            upload,
            "{setting:province}",
            "{setting:city}",
            "the settings have no value `city`: add `city = \"…\"` to `[values]`",
        ),
        (
            upload,
            "{now:%Y",
            "{key:record_id}_{now:%Y",
            "the name of the send has `{key:record_id}`, and what is written with `centre/upload` \
             is known by upload_no",
        ),
        (
            upload,
            "acknowledge = { within_hours = 24 }",
            "",
            "`resend` needs `acknowledge`: only what is acknowledged is answered",
        ),
        (
            upload,
            "set = { operation = 2 }",
            "set = { operation = \"two\" }",
            "this is no value of column `operation`, which is `integer`",
        ),
        (
            upload,
            "from = \"basic_record\"\nmissing = { dataset = \"record_upload\", on = [\"record_id\"] }",
            "",
            "there is no row to take it from, because there is no `from`",
        ),
        (
            answers,
            "name = \"{request_file}\"",
            "name = \"{request_name}\"",
            "there is no capture, route value or field of the file's record `request_name`",
        ),
        (
            answers,
            "name = \"{request_file}\",",
            "",
            "`acknowledges` has exactly one of `number` and `name`",
        ),
        (
            answers,
            "accepted = [\"200\"], ",
            "",
            "`result` needs `accepted`: the results that mean accepted",
        ),
    ] {
        let hub = Hub::of(FOLDER, "inbox/centre")
            .without_store()
            .edit(path, from, to);
        let problems = hub.dukou("check --json").exit(2).document();
        let found = problems.pointer("/problems/0/message");
        assert_eq!(found, Some(&json!(message)));
    }
}
