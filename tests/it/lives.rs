//! Lives through the program: told with their evidence, judged day by day.

use serde_json::Value as Json;

use crate::harness::hub::Hub;

const FOLDER: &str = "fixtures/lives";
const LISTS: [&str; 3] = ["CARS", "CARDS", "FILINGS"];
const DAY: &str = "--business-date 2026-03-09";

fn hub() -> Hub {
    let mut hub = Hub::of(FOLDER, "inbox/export");
    for list in LISTS {
        let name = format!("{list}_20260309.txt");
        let path = format!(
            "{}/{FOLDER}/inbox/export/in/{name}",
            env!("CARGO_MANIFEST_DIR")
        );
        hub.put(&format!("in/{name}"), &std::fs::read(path).expect("a list"));
    }
    hub.run("export/receive_lists").exit(0);
    hub
}

fn texts(list: &Json, key: &str) -> Vec<String> {
    let items = list.as_array().expect("a list");
    let text = |item: &Json| item[key].as_str().unwrap_or_default().to_owned();
    items.iter().map(text).collect()
}

#[test]
fn a_life_is_told_in_order_with_file_line_and_bytes_of_each_step() {
    let hub = hub();
    let told = hub
        .dukou("trace vin:LTSTCA1A7P1000001 --json")
        .exit(0)
        .document();
    let life = &told["lives"][0];
    assert_eq!(life["life"], "lives/export_vehicle");
    assert_eq!(
        texts(&life["events"], "step"),
        [
            "registered",
            "filed",
            "transferred",
            "licensed",
            "declared",
            "released",
            "deregistered",
            "refunded"
        ]
    );
    assert_eq!(life["findings"], Json::Array(Vec::new()));
    assert_eq!(life["not_yet"], Json::Array(Vec::new()));
    let declared = &life["events"][4];
    for (key, value) in [
        ("file_name", Json::from("CARS_20260309.txt")),
        ("record", Json::from(4)),
        ("line", Json::from(5)),
        ("at", Json::from("2026-02-20 11:05:00")),
    ] {
        assert_eq!(declared[key], value, "{key}: {declared:#}");
    }
    assert_eq!(declared["archive"]["is_proven"], true);
    let list = std::fs::read(format!(
        "{}/{FOLDER}/inbox/export/in/CARS_20260309.txt",
        env!("CARGO_MANIFEST_DIR")
    ));
    let list = list.expect("the list");
    let place = |key: &str| declared[key].as_u64().expect("a number") as usize;
    let bytes = &list[place("offset")..place("offset") + place("length")];
    let line = String::from_utf8_lossy(bytes);
    assert!(
        line.starts_with("LTSTCA1A7P1000001,declared,2026-02-20 11:05"),
        "{line}"
    );
    let text = hub.dukou("trace vin:LTSTCA1A7P1000001").exit(0);
    text.says("出口车辆生命周期 · 车辆 LT*************01")
        .says("✓ 2026-02-20 11:05:00  报关")
        .says("文件 2 CARS_20260309.txt 第 4 条 第 5 行 字节")
        .says("✓ 2026-01-15  出口企业备案");
}

#[test]
fn what_is_out_of_order_is_told_with_both_places() {
    let hub = hub();
    let told = hub
        .dukou("trace vin:LTSTCA1A5P1000002 --json")
        .exit(0)
        .document();
    let life = &told["lives"][0];
    assert_eq!(
        texts(&life["findings"], "rule"),
        ["refunded.after.released", "declared.after.licensed"]
    );
    assert_eq!(
        texts(&life["findings"], "reason"),
        ["missing_step", "missing_step"]
    );
    hub.dukou("trace vin:LTSTCA1A5P1000002")
        .exit(0)
        .says("✗ “报关”之前没有“出口许可证”");
    let told = hub
        .dukou("trace card:6101000000000002 --json")
        .exit(0)
        .document();
    assert_eq!(
        texts(&told["lives"][0]["findings"], "rule"),
        [
            "consumed.never_after.replaced",
            "load_confirmed.after_item.load_requested"
        ]
    );
}

#[test]
fn a_list_that_comes_late_closes_the_break_it_explains() {
    let mut hub = hub();
    let ran = hub.run(&format!("lives/export_vehicle {DAY}")).exit(1);
    ran.says("车辆 2 个、事件 12 个：异常 2 项，待到 0 项，本次消除 0 项")
        .says("缺少前序 2");
    let late = "车架号,环节,时间,出口企业,编号\n\
                LTSTCA1A5P1000002,licensed,2026-02-26 09:00,西安渡口汽车出口有限公司,26-XA-000002\n\
                LTSTCA1A5P1000002,released,2026-02-28 09:00,西安渡口汽车出口有限公司,900920260000000002\n";
    hub.put("in/CARS_20260310.txt", late.as_bytes());
    hub.run("export/receive_lists").exit(0);
    hub.run("lives/export_vehicle --business-date 2026-03-10")
        .exit(1)
        .says("车辆 2 个、事件 15 个：异常 1 项，待到 0 项，本次消除 2 项")
        .says("次序颠倒 1");
}

#[test]
fn a_word_that_no_life_declares_and_a_subject_that_nobody_knows_are_said() {
    let hub = hub();
    hub.dukou("trace vim:LTSTCA1A7P1000001").exit(2).complains(
        "error: there is no life by `vim`\n  next: did you mean `vin:LTSTCA1A7P1000001`?\n",
    );
    hub.dukou("trace vin:NOBODY")
        .exit(0)
        .says("没有任何来源知道它。");
}

#[test]
fn the_breaks_of_a_simulated_world_are_those_that_were_planted() {
    let mut hub = Hub::of(FOLDER, "inbox/export");
    let views = format!("{}/{FOLDER}/partners", env!("CARGO_MANIFEST_DIR"));
    let line =
        format!("simulate export --date 2026-03-09 --seed 11 --views {views} --out day --json");
    let statement = hub.dukou(&line).exit(0).document()["statement"].clone();
    assert_eq!(
        texts(&statement["planted"], "title"),
        ["许可证未报", "退税早于放行"]
    );
    for list in ["FILINGS", "CARS"] {
        let path = format!("in/{list}_20260309.txt");
        let bytes = std::fs::read(hub.path("day/export").join(&path)).expect("a list");
        hub.put(&path, &bytes);
    }
    hub.run("export/receive_lists").exit(0);
    let ran = hub
        .dukou("run lives/export_vehicle --business-date 2026-03-09 --json")
        .exit(1)
        .document();
    let figures = &ran["run"]["lives"]["figures"];
    assert_eq!(figures["subjects"], 12);
    assert_eq!(
        figures["found"],
        serde_json::json!({ "missing_step": 1, "too_early": 1 })
    );
}

#[test]
fn a_partner_without_a_view_is_said() {
    let hub = Hub::of(FOLDER, "inbox/export");
    let views = format!("{}/{FOLDER}/partners", env!("CARGO_MANIFEST_DIR"));
    hub.dukou(&format!(
        "simulate nobody --date 2026-03-09 --views {views} --out day"
    ))
    .exit(2)
    .complains(&format!(
        "error: there is no view of a partner `nobody`\n  next: `{views}` has views of export\n"
    ));
}
