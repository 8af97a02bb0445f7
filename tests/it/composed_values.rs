//! Values of the job in the rows that it composes: `{ context = "…" }`.

use serde_json::{Value as Json, json};

use crate::harness::hub::Hub;
use crate::harness::world::sealed;

const RECEIVE: &str = "jobs/etc_clearing/receive_messages.toml";
const REQUEST: &str = "jobs/etc_clearing/request_missing.toml";
const PACKAGE: &str =
    include_str!("../../fixtures/partners/etc_clearing/samples/01_txn_package_5_7_1.xml");
const CLEARING: &str =
    include_str!("../../fixtures/partners/etc_clearing/samples/05_clearing_5_5_2.xml");

const COLUMNS: &str = r#"
kind        = { type = "text", title = "卡种", title_en = "Kind of card" }
came_as     = { type = "text", title = "来源文件", title_en = "Came as" }
capture     = { type = "text", title = "文件名中的编号", title_en = "Number in the name" }
sender_seen = { type = "text", title = "报文中的发送方", title_en = "Sender in the message" }
content     = { type = "text", title = "内容类型", title_en = "Content type" }
for_day     = { type = "date", title = "业务日", title_en = "Business day" }
"#;

const SET: &str = r#"
kind = { context = "kind" }
came_as = { context = "file_name" }
capture = { context = "message_id" }
sender_seen = { context = "sender_id" }
content = { context = "content_type" }
for_day = { context = "business_date" }
disputed_count ="#;

/// The shipped hub whose accounting rows say more about the file that they answer.
fn telling() -> Hub {
    let hub = Hub::new().edit(RECEIVE, "disputed_count =", SET.trim());
    let dataset = "mappings/datasets/etc_accounting.toml";
    let last = "disputed_count      =";
    hub.change(dataset, last, &format!("{}\n{last}", COLUMNS.trim()));
    hub
}

fn found(hub: &Hub, line: &str) -> Json {
    let found = hub.dukou(&format!("{line} --json")).exit(0).document();
    found
        .pointer("/row/values")
        .or_else(|| found.pointer("/values"))
        .cloned()
        .unwrap_or(found)
}

#[test]
fn an_answers_rows_know_the_file_its_name_its_route_and_what_its_read_sets() {
    let hub = telling().inbox("to_issuer/00000101.xml.lz77", &sealed(PACKAGE));
    hub.run("etc_clearing/receive_messages").exit(0);
    let row = found(&hub, "trace etc_accounting message_id=101");
    for (column, value) in [
        ("kind", "charge_card"),
        ("came_as", "00000101.xml.lz77"),
        ("capture", "101"),
        ("sender_seen", "00000000000000FD"),
        ("content", "1"),
        ("for_day", "2024-01-02"),
    ] {
        assert_eq!(row.get(column), Some(&json!(value)), "{column}");
    }
}

#[test]
fn a_message_of_our_own_accord_knows_the_day_it_is_for() {
    let hub = Hub::new()
        .edit(
            REQUEST,
            "clear_target_date = {",
            "for_day = { context = \"business_date\" }\nclear_target_date = {",
        )
        .edit(
            "mappings/datasets/etc_resend_request_package.toml",
            "[column]\n",
            "[column]\nfor_day = { type = \"date\", title = \"业务日\", title_en = \"Business day\" }\n",
        )
        .inbox("to_issuer/900.xml.lz77", &sealed(CLEARING));
    hub.run("etc_clearing/receive_messages").exit(1);
    hub.dukou("run etc_clearing/request_missing --business-date 2024-01-05")
        .exit(0);
    let row = found(&hub, "trace etc_resend_request_package request_id=2");
    assert_eq!(row.get("for_day"), Some(&json!("2024-01-05")));
}

#[test]
fn a_value_that_the_job_does_not_have_is_a_problem_at_its_place() {
    for (written, message) in [
        (
            "disputed_count = { context = \"busness_date\" }",
            "the job has no value `busness_date`",
        ),
        (
            "disputed_count = { context = \"file_name\" }",
            "column `disputed_count` is `integer` and this is `text`",
        ),
    ] {
        let hub =
            Hub::new()
                .without_store()
                .edit(RECEIVE, "disputed_count =", &format!("{written}\n#"));
        let problems = hub.dukou("check --json").exit(2).document();
        let found = problems.pointer("/problems/0/message");
        assert_eq!(found, Some(&json!(message)));
        assert_eq!(problems.pointer("/errors"), Some(&json!(1)));
    }
}
