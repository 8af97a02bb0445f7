//! A day of two large files in small: both are loaded, and their rows matched.

use serde_json::json;

use crate::harness::hub::Hub;

const DAY: &str = "--business-date 2026-01-05";

/// Both files of a day, loaded.
fn loaded(rows: u64, differences: &str) -> Hub {
    let hub = Hub::of("fixtures/bench", "inbox/bench");
    hub.dukou(&format!(
        "simulate delimited --rows {rows} --date 2026-01-05 --out inbox/bench/in --bank {differences}"
    ))
    .exit(0);
    for job in ["load_recharges", "load_bank"] {
        hub.run(&format!("bench/{job} {DAY}")).exit(0);
    }
    hub
}

#[test]
fn a_days_files_are_matched_and_what_was_planted_is_found() {
    let hub = loaded(300, "--missing 3 --extra 4 --differing 5");
    hub.run(&format!("bench/match_day {DAY} --dry-run")).exit(0);
    hub.run(&format!("bench/match_day {DAY}"))
        .exit(1)
        .says("2026-01-05 逐笔对账第 1 版")
        .says("充值明细：当日 300 笔 ")
        .says("差异与未达：我方单边 3，对方单边 4，金额不符 5");
    hub.change("dukou.toml", "zh-CN", "en");
    let again = hub
        .run(&format!("bench/match_day {DAY} --json"))
        .exit(1)
        .document();
    let matched = again.pointer("/run/matched").expect("its figures");
    assert_eq!(matched.get("version"), Some(&json!(2)));
    let figures = matched.get("figures").expect("they are there");
    assert_eq!(figures.get("breaks"), Some(&json!(12)));
    let count = |pointer: &str| figures.pointer(pointer).cloned();
    assert_eq!(count("/ours/loaded/count"), Some(json!(300)));
    assert_eq!(
        count("/ours/matched/transaction_id/count"),
        Some(json!(292))
    );
    assert_eq!(count("/theirs/loaded/count"), Some(json!(301)));
    assert_eq!(count("/theirs/broken/count"), Some(json!(9)));
    let notes = again.pointer("/run/notes/3").expect("the last note");
    assert_eq!(
        notes,
        "breaks and in transit: one_sided_ours 3, one_sided_theirs 4, amount 5"
    );
}

#[test]
fn a_day_on_which_the_bank_has_the_same_rows_is_clean() {
    let hub = loaded(50, "");
    hub.run(&format!("bench/match_day {DAY}"))
        .exit(0)
        .says("双方逐笔一致");
}

#[test]
fn a_report_of_a_match_is_refused_with_what_there_is_instead() {
    let hub = Hub::of("fixtures/bench", "inbox/bench").without_store();
    let report =
        "title = \"报告\"\npartner = \"bench\"\n\n[report]\nreconcile = \"bench/match_day\"\n";
    std::fs::write(hub.path("jobs/bench/match_report.toml"), report).expect("written");
    let checked = hub.dukou("check").exit(2);
    let said = format!("{}{}", checked.stdout, checked.stderr);
    assert!(
        said.contains(
            "`bench/match_day` matches row by row (`[match]`), and this needs a `[reconcile]`"
        ),
        "{said}"
    );
}
