//! `dukou test` over every story of the tree, and over stories that were changed on purpose.

use std::fs;
use std::io::{Cursor, Read as _};
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::harness::hub::Hub;
use crate::harness::world::{copy_folder, envelope, sealed};

/// A hub with a story of the tree beside it, which a test may change.
fn with(story: &str) -> Hub {
    let hub = Hub::new().without_store();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    copy_folder(&shipped.join(story), &hub.path("fixtures").join(story));
    hub
}

fn at<'j>(json: &'j Json, pointer: &str) -> &'j Json {
    let found = json.pointer(pointer);
    assert!(found.is_some(), "no {pointer} in {json:#}");
    found.expect("it is there")
}

#[test]
fn every_story_of_the_tree_ends_as_expected() {
    let hub = Hub::new().without_store();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    copy_folder(&shipped, &hub.path("fixtures"));
    let ran = hub.dukou("test").exit(0);
    ran.says("✓ fixtures/etc_disputed_row 交易包里有争议交易")
        .says("✓ fixtures/pack_of_lists 一个压缩包三份名单")
        .says("✓ fixtures/partner_list 名单里有一行写错金额")
        .says("个与预期一致\n");
    let left: Vec<_> = ["var", "outbox", "inbox"]
        .into_iter()
        .filter(|folder| hub.path(folder).exists())
        .collect();
    assert_eq!(left, Vec::<&str>::new(), "a story touches nothing outside");
}

#[test]
fn what_differs_is_shown_line_by_line_with_what_to_do() {
    let hub = with("partner_list");
    hub.change(
        "fixtures/partner_list/expected/datasets/outlet.csv",
        "300000.50",
        "300000.00",
    );
    fs::remove_file(hub.path("fixtures/partner_list/expected/rejects.csv")).expect("it is there");
    hub.dukou("test fixtures/partner_list").exit(1).prints(
        "✗ fixtures/partner_list 名单里有一行写错金额，其余照常载入\n\
         \x20 expected/datasets/outlet.csv  内容不同（- 预期，+ 实际）\n\
         \x20   - 0003,高新支行,300000.00,\n\
         \x20   + 0003,高新支行,300000.50,\n\
         \x20 expected/rejects.csv  实际有，预期没有\n\
         \x20   + file,record,field,code\n\
         \x20   + OUTLETS_20260309.txt,2,outlet.daily_limit,not-an-amount\n\
         共 1 个故事，0 个与预期一致\n\
         \n下一步：\n\
         \x20 dukou test fixtures/partner_list --accept    改动无误时，以本次结果为预期\n",
    );
}

#[test]
fn sent_bytes_are_compared_one_by_one_and_shown_opened() {
    let hub = with("etc_disputed_row");
    let sent = hub.path(
        "fixtures/etc_disputed_row/expected/outbox/etc_clearing/from_issuer/\
         00000000000000000002.xml.lz77",
    );
    let bytes = fs::read(&sent).expect("it is expected");
    let mut text = String::new();
    envelope()
        .open(Box::new(Cursor::new(bytes.clone())))
        .read_to_string(&mut text)
        .expect("lz77 of UTF-8");
    assert!(text.contains("184.23"), "{text}");
    fs::write(&sent, sealed(text.replace("184.23", "184.24"))).expect("it can be written");
    let ran = hub.dukou("test").exit(1);
    let ran = ran.says("00000000000000000002.xml.lz77  内容不同（- 预期，+ 实际）");
    let changed = |side: &str, amount: &str| {
        let mut lines = ran.stdout.lines().map(str::trim_start);
        lines.any(|line| line.starts_with(side) && line.contains(amount))
    };
    assert!(
        changed("- ", "184.24") && changed("+ ", "184.23"),
        "{}",
        ran.stdout
    );

    let half = bytes.get(..bytes.len() / 2).expect("a half");
    fs::write(&sent, half).expect("it can be written");
    hub.dukou("test")
        .exit(1)
        .says(&format!("自第 {} 字节起不同，无法按文本显示", half.len()));
}

#[test]
fn the_expected_side_is_written_only_when_that_is_said() {
    let hub = with("partner_list");
    let expected = hub.path("fixtures/partner_list/expected");
    fs::remove_dir_all(&expected).expect("it is there");
    hub.dukou("test").exit(1);
    assert!(!expected.exists(), "nothing is written without --accept");
    let accepted = hub.dukou("test --accept --json").exit(0).document();
    assert_eq!(at(&accepted, "/stories/0/is_accepted"), &json!(true));
    let files = fs::read_to_string(expected.join("files.csv")).expect("it was written");
    assert_eq!(
        files,
        "connection,path,name,state,code,decoded,loaded,rejected,duplicates,flagged\n\
         bank,in,OUTLETS_20260309.txt,loaded,,4,3,1,0,0\n"
    );
    hub.dukou("test").exit(0);
}

#[test]
fn another_exit_code_than_expected_is_said_and_never_accepted() {
    let hub = with("partner_list");
    hub.change(
        "fixtures/partner_list/story.toml",
        "job = \"bank/receive_outlets\"",
        "job = \"bank/receive_outlets\"\nexit = 1",
    );
    hub.dukou("test --accept")
        .exit(1)
        .says("第 1 步 bank/receive_outlets：退出码 0，预期 1");
    hub.change(
        "fixtures/partner_list/story.toml",
        "bank/receive_outlets",
        "bank/none",
    );
    let told = hub.dukou("test --json").exit(1).document();
    assert_eq!(
        at(&told, "/stories/0/steps/0"),
        &json!({
            "job": "bank/none", "exit": 2, "expected_exit": 1,
            "error": "there is no job `bank/none`; the jobs are bank/receive_outlets",
        })
    );
}

#[test]
fn a_story_that_cannot_be_played_is_two_and_the_others_are_played() {
    let hub = with("partner_list");
    let broken = "title = \"坏\"\nclock = \"2026-03-10\"\n[[step]]\njob = \"a\"\nexti = 1\n";
    fs::create_dir_all(hub.path("fixtures/broken")).expect("a folder");
    fs::write(hub.path("fixtures/broken/story.toml"), broken).expect("it can be written");
    hub.dukou("test")
        .exit(2)
        .says("✗ fixtures/broken\n")
        .says("unknown key `exti` in `[[step]]`")
        .says("`clock` must be a moment with its offset")
        .says("✓ fixtures/partner_list ");
    hub.dukou("test nowhere").exit(2).complains(
        "error: there is no story in `nowhere`\n  next: a story is a folder with `story.toml`; see \
         docs/guide/test-with-stories.md\n",
    );
    hub.change(
        "fixtures/partner_list/expected/files.csv",
        "connection,path",
        "connection,pth",
    );
    hub.dukou("test fixtures/partner_list")
        .exit(2)
        .says("there is no column `pth`");
}
