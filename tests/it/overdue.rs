//! What the partner does not acknowledge in time, as the operator meets it.

use serde_json::{Value as Json, json};

use crate::harness::hub::Hub;
use crate::harness::world::sealed;

const RECEIVE: &str = "etc_clearing/receive_messages";
const PACKAGE: &str =
    include_str!("../../fixtures/partners/etc_clearing/samples/01_txn_package_5_7_1.xml");
const CONFIRMATION: &str =
    include_str!("../../fixtures/partners/etc_clearing/samples/03_ack_6_5_1.xml");

/// A hub that answered one package: delivery 1 confirms it, delivery 2 is the accounting answer
/// with the message number 2, which the centre must confirm.
fn answered() -> Hub {
    let hub = Hub::new().inbox("to_issuer/101.xml.lz77", &sealed(PACKAGE));
    hub.run(RECEIVE).exit(0);
    hub
}

/// The centre's confirmation of our message 2.
fn confirmed(hub: Hub) -> Hub {
    let text = CONFIRMATION.replace("<MessageId>5001<", "<MessageId>2<");
    hub.inbox("to_issuer/777.xml.lz77", &sealed(text))
}

/// Lets the time of delivery 2 pass: the program has no clock that a test could move.
fn a_day_passes(hub: &Hub) {
    hub.change_books(
        "UPDATE ledger_delivery SET sent_at = sent_at - 86400000000, \
         due_at = due_at - 86400000000 WHERE delivery_no = 2 AND due_at > sent_at",
    );
}

fn delivery(hub: &Hub) -> Json {
    let shown = hub.json("deliveries show 2");
    shown.pointer("/delivery").cloned().expect("a delivery")
}

fn alerts(hub: &Hub) -> Vec<Json> {
    let status = hub.json("status");
    let events = status.pointer("/status/events").and_then(Json::as_array);
    let overdue = events
        .into_iter()
        .flatten()
        .filter(|event| event.get("name") == Some(&json!("delivery-overdue")));
    overdue.cloned().collect()
}

#[test]
fn an_answer_has_a_day_to_be_confirmed_and_a_confirmation_none() {
    let hub = answered();
    let row = delivery(&hub);
    assert_eq!(row.get("state"), Some(&json!("sent")));
    assert_eq!(row.get("done_when"), Some(&json!("acknowledged")));
    let moment = |name: &str| {
        let text = row.get(name).and_then(Json::as_str).expect("a moment");
        chrono::DateTime::parse_from_rfc3339(text).expect("a moment")
    };
    assert_eq!(
        moment("due_at") - moment("sent_at"),
        chrono::TimeDelta::days(1)
    );
    let confirmation = hub.json("deliveries show 1");
    assert_eq!(confirmation.pointer("/delivery/due_at"), Some(&Json::Null));
    assert_eq!(
        confirmation.pointer("/delivery/done_when"),
        Some(&json!("sent"))
    );
    hub.dukou("status")
        .exit(0)
        .says("未获确认")
        .says("确认期限")
        .says("已送达");
}

#[test]
fn what_is_not_confirmed_in_time_is_shown_at_once_and_marked_once_with_one_alert() {
    let hub = answered();
    a_day_passes(&hub);
    hub.dukou("status").exit(0).says("逾期未确认");
    hub.dukou("deliveries list --state overdue")
        .exit(0)
        .says("逾期未确认");
    hub.dukou("deliveries list --state sent")
        .exit(0)
        .says_not("业务应答");
    assert!(alerts(&hub).is_empty(), "looking marks nothing");
    hub.dukou("recover").exit(1).says("was not acknowledged by");
    hub.dukou("recover").exit(0).says("没有需要补做的工作");
    hub.run(RECEIVE).exit(0);
    assert_eq!(alerts(&hub).len(), 1);
    assert_eq!(delivery(&hub).get("state"), Some(&json!("overdue")));
    hub.dukou("deliveries show 2")
        .exit(0)
        .says("逾期未确认")
        .says("deliveries resend 2");
}

#[test]
fn a_late_confirmation_is_matched_and_shown_as_late() {
    let hub = answered();
    a_day_passes(&hub);
    hub.dukou("recover").exit(1);
    let hub = confirmed(hub);
    hub.run(RECEIVE).exit(0);
    assert_eq!(delivery(&hub).get("state"), Some(&json!("acknowledged")));
    hub.dukou("deliveries show 2")
        .exit(0)
        .says("已确认（逾期）");
    hub.dukou("deliveries list").exit(0).says("已确认（逾期）");
}

#[test]
fn a_confirmation_that_lies_in_the_inbox_when_the_time_is_over_raises_no_alert() {
    let hub = answered();
    a_day_passes(&hub);
    let hub = confirmed(hub);
    hub.run(RECEIVE).exit(0);
    assert_eq!(delivery(&hub).get("state"), Some(&json!("acknowledged")));
    assert!(alerts(&hub).is_empty());
}

#[test]
fn a_resend_gives_the_partner_its_whole_time_again() {
    let hub = answered();
    a_day_passes(&hub);
    hub.run(RECEIVE).exit(0).says("was not acknowledged by");
    hub.words(&[
        "deliveries",
        "resend",
        "2",
        "--reason",
        "the centre lost it",
    ])
    .exit(0);
    assert_eq!(delivery(&hub).get("state"), Some(&json!("sent")));
    hub.dukou("recover").exit(0);
    assert_eq!(
        delivery(&hub).get("state"),
        Some(&json!("sent")),
        "a day from now"
    );
}

#[test]
fn what_is_shown_as_overdue_can_be_cancelled_before_a_run_has_marked_it() {
    let hub = answered();
    a_day_passes(&hub);
    hub.words(&[
        "deliveries",
        "cancel",
        "2",
        "--reason",
        "confirmed by telephone",
    ])
    .exit(0)
    .says("已取消");
}

#[test]
fn without_a_deadline_no_confirmation_is_expected_and_sent_is_done() {
    let job = "jobs/etc_clearing/receive_messages.toml";
    let hub = Hub::new()
        .edit(job, "acknowledge = { within_hours = 24 }\n", "")
        .inbox("to_issuer/101.xml.lz77", &sealed(PACKAGE));
    hub.run(RECEIVE).exit(0);
    assert_eq!(delivery(&hub).get("done_when"), Some(&json!("sent")));
    hub.dukou("status").exit(0).says_not("未获确认\n  编号");
}

#[test]
fn a_deadline_that_says_nothing_or_too_much_is_a_problem_at_its_place() {
    let job = "jobs/etc_clearing/receive_messages.toml";
    for (written, message) in [
        (
            "acknowledge = { within_working_days = 1 }",
            "`acknowledge` is `{ within_hours = … }` or `{ within_working_days = …, calendar = \"…\" }`",
        ),
        (
            "acknowledge = { within_working_days = 1, calendar = \"nc\" }",
            "there is no calendar `nc`",
        ),
    ] {
        let hub =
            Hub::new()
                .without_store()
                .edit(job, "acknowledge = { within_hours = 24 }", written);
        let problems = hub.dukou("check --json").exit(2).document();
        let found: Vec<&str> = problems
            .pointer("/problems")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(|problem| problem.get("message").and_then(Json::as_str))
            .collect();
        assert_eq!(found, [message]);
    }
}
