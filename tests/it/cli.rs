//! The program as its users meet it: text, JSON, exit codes, and the files that it leaves.

use std::fmt::Write as _;

use dukou::text::Encoding;
use serde_json::{Value as Json, json};

use crate::harness::hub::Hub;

const LISTS: &str = "etc_clearing/receive_lists";
const LIST: &str = "lists/CARDSTATUS_20260309_001.txt";

/// A card status list of 200 cards in GBK; the fifth has the card type.
fn card_list(fifth: &str) -> Vec<u8> {
    let mut text = "卡网络编号,卡号,卡状态,生效时间,卡类型,启用日期,到期日期\n".to_owned();
    for card in 1..=200 {
        let card_type = if card == 5 { fifth } else { "22" };
        writeln!(
            text,
            "6101,{:016},1,2026-01-01 00:00:00,{card_type},2025-01-01,2030-01-01",
            6_101_230_000_000_000_u64 + card
        )
        .expect("a string takes everything");
    }
    Encoding::Gbk
        .encode(&text)
        .expect("GBK has these characters")
        .into_owned()
}

fn at<'j>(json: &'j Json, pointer: &str) -> &'j Json {
    let found = json.pointer(pointer);
    assert!(found.is_some(), "no {pointer} in {json:#}");
    found.expect("it is there")
}

#[test]
fn the_shipped_configuration_is_in_order_and_names_its_profiles() {
    let hub = Hub::new().without_store();
    hub.dukou("check")
        .exit(0)
        .says("待替换者为示例布局，以合同为准");
    let checked = hub.json("check");
    assert_eq!(at(&checked, "/errors"), &json!(0));
    let profiles = at(&checked, "/profiles").as_array().expect("a list");
    assert!(profiles.contains(&json!("etc_clearing/card_status_list")));
    assert!(!profiles.contains(&json!("etc_clearing/clearing")));
}

#[test]
fn check_open_makes_the_store_and_says_what_it_opened() {
    let hub = Hub::new();
    hub.dukou("check --open")
        .exit(0)
        .says("已打开：sqlite://")
        .says("、档案、连接 ");
    hub.dukou("store check").exit(0).says("具备账本和全部 ");
}

#[test]
fn every_error_of_every_file_is_shown_at_its_place() {
    let hub = Hub::new()
        .without_store()
        .edit(
            "jobs/etc_clearing/receive_lists.toml",
            "pattern =",
            "patern =",
        )
        .edit(
            "mappings/etc_clearing/card_blacklist.toml",
            "encoding = \"GBK\"",
            "encoding = \"GKB\"",
        );
    hub.dukou("check")
        .exit(2)
        .says("jobs/etc_clearing/receive_lists.toml:9:1")
        .says("did you mean `pattern`?")
        .says("mappings/etc_clearing/card_blacklist.toml:7:12")
        .says("dukou explain unknown-key");
    let checked = hub.dukou("check --json").exit(2).document();
    let paths: Vec<&str> = at(&checked, "/problems")
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|problem| problem.get("path").and_then(Json::as_str))
        .collect();
    assert!(
        paths.contains(&"jobs/etc_clearing/receive_lists.toml"),
        "{paths:?}"
    );
    let refused = hub.dukou(&format!("run {LISTS} --json")).exit(2).document();
    assert_eq!(at(&refused, "/error/code"), &json!("bad-configuration"));
    assert!(
        at(&refused, "/error/problems")
            .as_array()
            .is_some_and(|list| list.len() > 1)
    );
}

#[test]
fn a_directory_without_settings_is_an_error_with_the_next_step() {
    let hub = Hub::new().without_store();
    std::fs::remove_file(hub.path("dukou.toml")).expect("it is there");
    let from = hub.path("").canonicalize().expect("it is there");
    let from = from.display().to_string();
    let from = from.trim_end_matches('/');
    hub.dukou("status").exit(2).complains(&format!(
        "error: there is no `dukou.toml` in `{from}` or above it\n  next: go to the directory of \
         your `dukou.toml`, or name it with `--settings PATH`\n"
    ));
}

#[test]
fn a_code_is_explained_and_a_wrong_one_answered_with_the_nearest() {
    let hub = Hub::new().without_store();
    hub.dukou("explain altered-resend")
        .exit(0)
        .says("altered-resend\n");
    hub.dukou("explain already-resolved")
        .exit(0)
        .says("争议已有处理结果，不得重复处理");
    hub.dukou("explain unknwon-key").exit(2).complains(
        "error: there is no code `unknwon-key`\n  next: did you mean `unknown-key`? \
         `dukou explain` lists all codes\n",
    );
    let all = hub.json("explain");
    assert!(
        at(&all, "/codes")
            .as_array()
            .is_some_and(|codes| codes.len() > 50)
    );
}

#[test]
fn a_job_that_is_not_there_is_answered_with_the_nearest() {
    let hub = Hub::new();
    let error = hub
        .dukou("run etc_clearing/receive_list --json")
        .exit(2)
        .document();
    assert_eq!(
        at(&error, "/error/next"),
        &json!("did you mean `etc_clearing/receive_lists`?")
    );
    assert_eq!(at(&error, "/error/code"), &json!("unknown-job"));
    hub.dukou("explain unknown-job").exit(0).says("作业不存在");
}

#[test]
fn a_bad_command_line_is_one_json_document_too() {
    let hub = Hub::new().without_store();
    let error = hub.dukou("files show --json").exit(2).document();
    assert_eq!(at(&error, "/error/code"), &json!("usage"));
    hub.dukou("--help").exit(0).says("Exit codes:");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let hub = Hub::new().without_store();
    let ran = hub.words_unread(&["explain"]).exit(0);
    assert_eq!(ran.stderr, "");
}

#[test]
fn a_list_is_fetched_loaded_and_finished_and_the_second_run_finds_nothing() {
    let hub = Hub::new().inbox(LIST, &card_list("22"));
    hub.run(LISTS)
        .exit(0)
        .says("CARDSTATUS_20260309_001.txt")
        .says("卡状态名单")
        .says("已载入");
    assert!(
        hub.path("inbox/etc_clearing/lists_done/CARDSTATUS_20260309_001.txt")
            .exists()
    );
    hub.run(&format!("{LISTS} --quiet"))
        .exit(0)
        .says_not("卡状态名单");
    let listed = hub.json("files list --state loaded");
    assert_eq!(at(&listed, "/files/0/loaded"), &json!(200));
    let status = hub.json("status");
    assert_eq!(
        at(&status, "/status/files"),
        &json!([{ "state": "loaded", "count": 1 }])
    );
}

#[test]
fn a_dry_run_says_what_it_would_do_and_changes_nothing() {
    let hub = Hub::new().inbox(LIST, &card_list("22"));
    hub.run(&format!("{LISTS} --dry-run"))
        .exit(0)
        .says("演练：什么都没有改变")
        .says("将载入 200 行");
    assert!(hub.path("inbox/etc_clearing").join(LIST).exists());
    assert_eq!(hub.json("files list"), json!({ "files": [] }));
}

#[test]
fn a_refused_record_is_shown_repaired_by_a_mapping_fix_and_traced() {
    let hub = Hub::new().inbox(LIST, &card_list("24"));
    hub.run(LISTS).exit(0).says("dukou rejects list --file 1");
    let listed = hub.json("rejects list");
    assert_eq!(at(&listed, "/rejects/0/record_no"), &json!(5));
    assert_eq!(at(&listed, "/rejects/0/field"), &json!("card.card_type"));
    hub.dukou("rejects show 1 5")
        .exit(0)
        .says("原始记录（UTF-8）\n  6101,6101230000000005,1,2026-01-01 00:00:00,24,");
    hub.words(&["rejects", "retry", "1", "--reason", "still as it was"])
        .exit(1)
        .says("文件 1：修复 0 条，仍被拒收 1 条");
    hub.change(
        "mappings/etc_clearing/card_status_list.toml",
        "one_of = [\"22\", \"23\"]",
        "one_of = [\"22\", \"23\", \"24\"]",
    );
    hub.words(&["rejects", "retry", "1", "--reason", "type 24 is agreed"])
        .exit(0)
        .says("文件 1：修复 1 条，仍被拒收 0 条");
    assert_eq!(hub.json("rejects list"), json!({ "rejects": [] }));
    hub.dukou("trace file 1 --record 5")
        .exit(0)
        .says("已核对一致")
        .says("card_type");
}

#[test]
fn a_reject_is_waived_only_with_a_reason_and_only_once() {
    let hub = Hub::new().inbox(LIST, &card_list("24"));
    hub.run(LISTS).exit(0);
    hub.dukou("rejects waive 1 5").exit(2);
    hub.words(&[
        "rejects",
        "waive",
        "1",
        "5",
        "--reason",
        "a test card",
        "--as",
        "zhang",
    ])
    .exit(0)
    .says("文件 1：豁免 1 条");
    let waived = hub.json("rejects list --state waived");
    assert_eq!(at(&waived, "/rejects/0/waived_by"), &json!("zhang"));
    hub.words(&["rejects", "waive", "1", "5", "--reason", "again"])
        .exit(2)
        .complains(
            "error: there is no open reject of `1/5`\n  next: `dukou rejects list --file 1 --state \
         all` shows what there is\n",
        );
}

#[test]
fn a_row_is_traced_to_its_bytes_with_personal_values_masked() {
    let hub = Hub::new().inbox(LIST, &card_list("22"));
    hub.run(LISTS).exit(0);
    let traced = hub
        .dukou("trace card_status_history card_id=6101230000000007")
        .exit(0);
    let traced = traced
        .says("61************07")
        .says_not("6101230000000007")
        .says("已核对一致");
    let digest_line = traced.stdout.lines().find(|line| line.contains("落地摘要"));
    assert!(digest_line.is_some_and(|line| line.contains("SHA-256")));
    let full = [
        "trace",
        "card_status_history",
        "card_id=6101230000000007",
        "--unmask",
        "--reason",
        "complaint 4711",
    ];
    hub.words(&full).exit(0).says("6101230000000007");
    hub.dukou("trace card_status_history card_id=6101230000000007 --unmask")
        .exit(2);
    hub.dukou("trace card_status_histori card_id=1")
        .exit(2)
        .complains("error: there is no dataset `card_status_histori`\n  next: did you mean `card_status_history`?\n");
}

#[test]
fn a_held_file_leads_through_show_to_a_decision() {
    let hub = Hub::new().inbox("to_issuer/00000000000000000042.xml.lz77", b"no envelope");
    hub.run("etc_clearing/receive_messages")
        .exit(1)
        .says("dukou files list --state held");
    hub.dukou("files show 1")
        .exit(0)
        .says("挂起待处理")
        .says("dukou files refuse 1 --reason");
    hub.dukou("status")
        .exit(0)
        .says("挂起待处理 1")
        .says("dukou files show 1");
    hub.words(&["files", "refuse", "1", "--reason", "not a message"])
        .exit(0)
        .says("已拒收");
    hub.words(&["files", "refuse", "1", "--reason", "again"])
        .exit(2)
        .complains(
            "error: file `1` is refused and cannot become refused; look at it again, somebody may \
         have been faster\n",
        );
}

#[test]
fn an_outdated_store_says_what_to_do_and_is_migrated_by_hand() {
    let hub = Hub::new().inbox(LIST, &card_list("22"));
    hub.run(LISTS).exit(0);
    hub.change(
        "mappings/datasets/card_status_history.toml",
        "[column]",
        "[column]\nremark = { type = \"text\", title = \"备注\", title_en = \"Remark\" }",
    );
    let refused = hub.dukou("status --json").exit(2).document();
    assert_eq!(at(&refused, "/error/code"), &json!("store-outdated"));
    hub.dukou("store diff").exit(1).prints(
        "可补充（dukou store migrate）\n\
         \x20 数据集               变化\n\
         \x20 ─────────────────────────────────────────────────────────────────\n\
         \x20 card_status_history  add column `remark` to `card_status_history`\n\
         \n下一步：\n\
         \x20 dukou store migrate    补充缺少的表、列和索引\n",
    );
    let diff = hub.dukou("store diff --json").exit(1).document();
    assert_eq!(
        at(&diff, "/datasets/0/additive"),
        &json!(["add column `remark` to `card_status_history`"])
    );
    hub.dukou("store migrate --dry-run")
        .exit(0)
        .says("将补充：")
        .says("remark");
    hub.dukou("store migrate")
        .exit(0)
        .says("已补充：")
        .says("remark");
    hub.dukou("store check").exit(0);
    hub.dukou("store diff").exit(0).prints("共享库与声明一致\n");
}

#[test]
fn what_a_migration_cannot_do_is_named_with_the_next_step() {
    let hub = Hub::new().inbox(LIST, &card_list("22")).without_store();
    hub.dukou("store diff").exit(1).says("etc_transaction");
    assert!(!hub.path("var").exists(), "looking made a store");
    hub.run(LISTS).exit(0);
    hub.change(
        "mappings/datasets/etc_transaction.toml",
        "customized_data",
        "customised_data",
    );
    hub.change(
        "mappings/etc_clearing/transaction_package.toml",
        "customized_data",
        "customised_data",
    );
    hub.dukou("store diff").exit(1).prints(
        "可补充（dukou store migrate）\n\
         \x20 数据集           变化\n\
         \x20 ──────────────────────────────────────────────────────────────────\n\
         \x20 etc_transaction  add column `customised_data` to `etc_transaction`\n\
         \n不能补充，须先处理\n\
         \x20 column `customized_data` of dataset `etc_transaction` is in the store and no longer declared\n\
         \x20   下一步: restore the declaration: a column that nothing fills stays null\n",
    );
    let refused = hub.dukou("store migrate --json").exit(2).document();
    assert_eq!(at(&refused, "/error/code"), &json!("store-not-additive"));
}

#[test]
fn the_dictionary_is_written_where_it_is_wanted() {
    let hub = Hub::new().without_store();
    hub.dukou("store dictionary").exit(0).says("# 数据字典");
    hub.dukou("store dictionary --out docs/dictionary.md")
        .exit(0);
    let text = std::fs::read_to_string(hub.path("docs/dictionary.md")).expect("it was written");
    assert!(text.contains("card_status_history"));
}

#[test]
fn logs_are_json_lines_on_standard_error_and_only_when_asked_for() {
    let hub = Hub::new().inbox(LIST, &card_list("22"));
    hub.run(&format!("{LISTS} --dry-run --quiet"))
        .exit(0)
        .complains("");
    let ran = hub
        .run(&format!("{LISTS} --quiet --log dukou=info"))
        .exit(0);
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert!(!lines.is_empty(), "a loaded file is an event");
    for line in lines {
        let parsed: Json = serde_json::from_str(line).expect("a JSON line");
        assert_eq!(at(&parsed, "/event"), &json!("file_loaded"));
    }
}

#[test]
fn the_demonstration_agrees_with_the_simulators_statement_twice_in_a_row() {
    let hub = Hub::new().without_store();
    for _ in 0..2 {
        let ran = hub
            .dukou("demo --packages 24 --records 60 --json")
            .exit(0)
            .document();
        assert_eq!(
            at(&ran, "/demo/agrees"),
            &json!(true),
            "{:#}",
            at(&ran, "/demo/comparison")
        );
        let report = at(&ran, "/demo/report")
            .as_str()
            .expect("a report was written");
        assert!(std::path::Path::new(report).is_file(), "{report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_agrees_on_postgresql_too() {
    let database = crate::harness::postgres::FreshDatabase::create().await;
    let hub = Hub::new().without_store();
    let words = [
        "demo",
        "--packages",
        "24",
        "--records",
        "60",
        "--json",
        "--store",
        database.text(),
    ];
    let ran = hub.words(&words).exit(0).document();
    assert_eq!(
        at(&ran, "/demo/agrees"),
        &json!(true),
        "{:#}",
        at(&ran, "/demo/comparison")
    );
}

#[test]
fn the_demonstration_wipes_nothing_that_is_not_its_own() {
    let hub = Hub::new().without_store();
    std::fs::create_dir_all(hub.path("precious")).expect("a folder");
    std::fs::write(hub.path("precious/a.txt"), "x").expect("it can be written");
    let refused = hub.dukou("demo --dir precious --json").exit(2).document();
    assert_eq!(at(&refused, "/error/code"), &json!("not-ours"));
    assert!(hub.path("precious/a.txt").exists());
}
