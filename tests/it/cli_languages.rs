//! What a screen says in each of its two languages, whole.

use crate::harness::hub::Hub;

/// A card status list whose second card has a type that the mapping does not know.
const LIST: &str = "卡网络编号,卡号,卡状态,生效时间,卡类型,启用日期,到期日期\n\
    6101,6101230000000001,1,2026-01-01 00:00:00,22,2025-01-01,2030-01-01\n\
    6101,6101230000000002,1,2026-01-01 00:00:00,24,2025-01-01,2030-01-01\n";

const CHECK_ZH: &str = "\
配置无误：作业 1，映射 1（待替换 1），数据集 1，代码表 0，日历 0，连接 1\n\
待替换者为示例布局，以合同为准；`dukou exchanges` 逐一列出\n";

const CHECK_EN: &str = "\
ok: jobs 1, mappings 1 (profiles 1), datasets 1, code tables 0, calendars 0, connections 1\n\
profiles stand in for a contract's own layout; `dukou exchanges` lists them\n";

const REJECTS_ZH: &str = "\
文件  记录  字段            代码         状态    说明\n\
───────────────────────────────────────────────────────────────────────────────────\n\
\x20  1     2  card.card_type  wrong-value  未处理  found `24`, expected one of 22, 23\n\
\n\
下一步：\n\
\x20 dukou rejects show 1 2\n";

const REJECTS_EN: &str = "\
File  Record  Field           Code         State  Detail\n\
────────────────────────────────────────────────────────────────────────────────────\n\
\x20  1       2  card.card_type  wrong-value  open   found `24`, expected one of 22, 23\n\
\n\
Next:\n\
\x20 dukou rejects show 1 2\n";

const RUN_ZH: &str = "\
接收卡状态名单与黑名单 etc_clearing/receive_lists · 2026-03-09 · 演练：什么都没有改变\n\
1 个文件，将载入 0 行\n\
\n\
文件\n\
\x20 编号  文件名                       内容        结果      解析  载入  拒收  重复  带错\n\
\x20 ─────────────────────────────────────────────────────────────────────────────────────\n\
\x20       CARDSTATUS_20260309_001.txt  卡状态名单  内容错误     2     0     1     0     0\n\
\n\
挂起与拒收的原因\n\
\x20 编号  代码              原因\n\
\x20 ──────────────────────────────────────────────────────────────────────────────────────────────────\n\
\x20       too-many-rejects  1 of 2 records are refused, 100 are tolerated; the first is record 2 `car…\n\
\n\
下一步：\n\
\x20 dukou run etc_clearing/receive_lists --business-date 2026-03-09\n";

const RUN_EN: &str = "\
Receive card status lists and blacklists etc_clearing/receive_lists · 2026-03-09 · dry run: nothing was changed\n\
files 1, rows to load 0\n\
\n\
Files\n\
\x20 No.  File name             Content     Result       Decoded  Loaded  Rejected  Duplicates  Flagged\n\
\x20 ──────────────────────────────────────────────────────────────────────────────────────────────────\n\
\x20      CARDSTATUS_20260309…  卡状态名单  bad content        2       0         1           0        0\n\
\n\
Why files are held or refused\n\
\x20 No.  Code              Reason\n\
\x20 ──────────────────────────────────────────────────────────────────────────────────────────────────\n\
\x20      too-many-rejects  1 of 2 records are refused, 100 are tolerated; the first is record 2 `card…\n\
\n\
Next:\n\
\x20 dukou run etc_clearing/receive_lists --business-date 2026-03-09\n";

fn hub() -> Hub {
    let bytes = dukou::text::Encoding::Gbk.encode(LIST);
    let bytes = bytes.expect("GBK has these characters");
    Hub::new().inbox("lists/CARDSTATUS_20260309_001.txt", &bytes)
}

fn in_english(hub: Hub) -> Hub {
    hub.edit("dukou.toml", "language = \"zh-CN\"", "language = \"en\"")
}

#[test]
fn a_check_is_summed_up_in_the_settings_language() {
    let hub = || Hub::of("fixtures/partner_list", "inbox/bank").without_store();
    hub().dukou("check").exit(0).prints(CHECK_ZH);
    in_english(hub()).dukou("check").exit(0).prints(CHECK_EN);
}

#[test]
fn even_a_broken_configuration_is_answered_in_its_language() {
    let hub = in_english(hub()).without_store().edit(
        "jobs/etc_clearing/receive_lists.toml",
        "pattern =",
        "patern =",
    );
    hub.dukou("check")
        .exit(2)
        .says("\nerrors 1, warnings 0, files 1\n\nNext:\n");
}

#[test]
fn the_overview_speaks_the_settings_language() {
    hub().dukou("status").exit(0).prints("文件（全部）：没有\n");
    in_english(hub())
        .dukou("status")
        .exit(0)
        .prints("Files (all): none\n");
}

#[test]
fn a_list_of_rejects_speaks_the_settings_language() {
    let chinese = hub();
    chinese.run("etc_clearing/receive_lists").exit(1);
    chinese.dukou("rejects list").exit(0).prints(REJECTS_ZH);
    let english = in_english(hub());
    english.run("etc_clearing/receive_lists").exit(1);
    english.dukou("rejects list").exit(0).prints(REJECTS_EN);
    assert_eq!(chinese.json("rejects list"), english.json("rejects list"));
}

#[test]
fn a_run_speaks_the_settings_language() {
    let day = "etc_clearing/receive_lists --business-date 2026-03-09 --dry-run";
    hub().run(day).exit(1).prints(RUN_ZH);
    in_english(hub()).run(day).exit(1).prints(RUN_EN);
}
