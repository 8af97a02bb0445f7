//! The joint day: what partners tell agrees, but for what was planted.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use crate::harness::hub::Hub;

const DAY: &str = "2026-03-09";

/// Copies a folder with all that is below it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), &target).expect("a copy")),
        }
    }
}

/// A hub of the shipped configuration, with the joint day at its partners' directories.
fn hub() -> (Hub, Json) {
    let hub = Hub::new();
    let views = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/partners");
    let line = format!("simulate all --date {DAY} --seed 3 --views {views} --out day --json");
    let told = hub.dukou(&line).exit(0).document();
    for connection in fs::read_dir(hub.path("day/joint"))
        .expect("the day")
        .flatten()
    {
        if connection.path().is_dir() {
            let inbox = hub.path("inbox").join(connection.file_name());
            copy(&connection.path(), &inbox);
        }
    }
    (hub, told)
}

#[test]
fn the_recharges_of_the_joint_day_agree_but_for_the_one_that_was_planted() {
    let (hub, told) = hub();
    let planted = told["statement"]["planted"].as_array().expect("a list");
    let titles: Vec<&str> = planted
        .iter()
        .filter(|one| one["partner"] == "issuing_system")
        .filter_map(|one| one["title"].as_str())
        .collect();
    assert_eq!(titles, ["掉单：银行已入账第 5 笔，我方无充值"]);
    hub.run("issuing_system/receive_files").exit(0);
    hub.run("psbc/receive_statements").exit(0);
    let day = format!("run psbc/recharge_day --business-date {DAY}");
    hub.dukou(&day).exit(1).says("difference 1 rows");
    hub.dukou(&format!("run psbc/statement_day --business-date {DAY}"))
        .exit(0);
}

#[test]
fn the_lives_of_the_exported_vehicles_are_in_order_but_for_what_was_planted() {
    let (hub, _) = hub();
    for job in [
        "vehicle_office/receive_files",
        "mofcom/receive_workbooks",
        "customs/receive_vehicle_extract",
        "tax/receive_files",
    ] {
        hub.run(job).exit(0);
    }
    let line = format!("run lives/export_vehicle --business-date {DAY} --json");
    let ran = hub.dukou(&line).exit(1).document();
    let figures = &ran["run"]["lives"]["figures"];
    assert_eq!(figures["subjects"], 20);
    assert_eq!(
        figures["found"],
        serde_json::json!({ "missing_step": 1, "too_early": 2 })
    );
    hub.dukou(&format!("run lives/export_vehicle --business-date {DAY}"))
        .exit(1)
        .says("“报关”之前没有“出口许可证”")
        .says("“退税”早于“放行”")
        .says("“注销”早于“放行”");
}

#[test]
fn the_clearing_centre_has_a_day_of_its_own_with_the_cards_of_the_world() {
    let (hub, told) = hub();
    assert!(
        told["etc_clearing"]["day"]["packages"]
            .as_u64()
            .is_some_and(|count| count > 0)
    );
    let list = hub.path("day/etc_clearing/1_lists/lists/CARDSTATUS_20260309_001.txt");
    let list = String::from_utf8_lossy(&fs::read(list).expect("the list")).into_owned();
    let prepaid = hub.path("day/joint/issuing_system/files/PREPAID_20260309_001.txt");
    let prepaid = String::from_utf8_lossy(&fs::read(prepaid).expect("the day")).into_owned();
    let recharges = prepaid.lines().filter(|line| line.starts_with("R|"));
    let cards: Vec<&str> = recharges
        .filter_map(|line| line.split('|').nth(3))
        .collect();
    assert_eq!(cards.len(), 11);
    for card in cards {
        assert!(list.contains(card), "{card} is no card of the centre");
    }
}
