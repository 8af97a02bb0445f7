//! A day of two large files in small: both are loaded, and their rows matched.

use std::fs;
use std::path::{Path, PathBuf};

use dukou::id::Fen;
use serde_json::json;

use crate::harness::hub::Hub;
use crate::harness::office;

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

/// A table of a report; cells with a comma stand in quotes.
fn table(folder: &Path, name: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(folder.join(name)).expect("the table");
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    let row = |line: &str| {
        let mut cells = vec![String::new()];
        for (at, part) in line.split('"').enumerate() {
            let mut pieces = part.split(',');
            let whole = if at % 2 == 1 {
                Some(part)
            } else {
                pieces.next()
            };
            let last = cells.last_mut().expect("there is one");
            last.push_str(whole.unwrap_or_default());
            if at % 2 == 0 {
                cells.extend(pieces.map(str::to_owned));
            }
        }
        cells
    };
    text.lines().map(row).collect()
}

/// The values of a column.
fn column<'t>(table: &'t [Vec<String>], title: &str) -> Vec<&'t str> {
    let heading = table.first().expect("a heading");
    let at = heading.iter().position(|cell| cell == title);
    let at = at.expect("a column of that title");
    let rows = table.iter().skip(1);
    rows.map(|row| row.get(at).map_or("", String::as_str))
        .collect()
}

fn fen(cells: &[&str]) -> i64 {
    let yuan = cells.iter().filter(|cell| !cell.is_empty());
    yuan.map(|yuan| Fen::from_yuan(yuan).expect("an amount").0)
        .sum()
}

fn reported(hub: &Hub) -> PathBuf {
    hub.run(&format!("bench/match_day {DAY}")).exit(1);
    hub.run(&format!("bench/match_report {DAY}")).exit(1);
    hub.path("var/reports/bench/match_report/2026-01-05/v1")
}

#[test]
fn every_figure_of_a_matched_day_is_read_back_from_its_lines_and_traced() {
    let hub = loaded(300, "--missing 3 --extra 4 --differing 5");
    let folder = reported(&hub);
    let summary = table(&folder, "summary.csv");
    let figure = |title: &str| {
        let found = summary
            .iter()
            .find(|row| row.first().is_some_and(|cell| cell == title));
        let row = found.expect("a line of that title");
        let cell = |at: usize| row.get(at).expect("it has five cells").clone();
        (cell(1), fen(&[&cell(2)]))
    };
    let details = table(&folder, "details.csv");
    let of_side = |side: &str| {
        let rows = details
            .iter()
            .filter(|row| row.first().is_some_and(|cell| cell == side));
        let amounts: Vec<&str> = rows
            .filter_map(|row| row.get(5))
            .map(String::as_str)
            .collect();
        (amounts.len().to_string(), fen(&amounts))
    };
    assert_eq!(figure("充值明细·当日"), of_side("充值明细"));
    assert_eq!(figure("银行流水·当日"), of_side("银行流水"));
    assert_eq!(figure("充值明细·流水号一致").0, "292");

    let breaks = table(&folder, "breaks.csv");
    let kinds = column(&breaks, "差异类型");
    let count = |kind: &str| kinds.iter().filter(|one| **one == kind).count();
    assert_eq!(
        [count("我方单边"), count("对方单边"), count("金额不符")],
        [3, 4, 5]
    );
    assert_eq!(
        figure("充值明细·差异"),
        ("8".to_owned(), fen(&column(&breaks, "我方金额（元）")))
    );
    assert_eq!(
        figure("银行流水·差异"),
        ("9".to_owned(), fen(&column(&breaks, "对方金额（元）")))
    );
    let items: i64 = column(&table(&folder, "kinds.csv"), "项数")
        .iter()
        .map(|items| items.parse::<i64>().expect("a number"))
        .sum();
    assert_eq!(items, 12);
    let command = column(&breaks, "对方追溯命令");
    let command = command.iter().find(|command| !command.is_empty());
    let words = command.expect("one of theirs").strip_prefix("dukou ");
    let traced = hub
        .dukou(words.expect("it is a verb of the program"))
        .exit(0);
    assert!(
        traced.stdout.contains("BANK_20260105.txt"),
        "{}",
        traced.stdout
    );

    let page = fs::read_to_string(folder.join("report.html")).expect("the page");
    for text in [
        "充值与银行流水逐笔对账报告",
        "不符",
        "id=\"kind-amount\"",
        "状态（项数）",
    ] {
        assert!(page.contains(text), "no {text}");
    }
    assert_eq!(page.matches("<tr class=\"pair\">").count(), 12);
}

#[test]
fn more_breaks_than_the_page_lists_are_all_in_the_tables_and_it_says_so() {
    let hub = loaded(2_600, "--missing 2100");
    let folder = reported(&hub);
    let page = fs::read_to_string(folder.join("report.html")).expect("the page");
    assert_eq!(page.matches("<tr class=\"pair\">").count(), 2_000);
    assert!(page.contains("本表仅列前 2,000 行，其余 100 行见同目录 CSV。"));
    assert_eq!(table(&folder, "breaks.csv").len(), 2_101);
    let sheets = office::sheets(&folder.join("report.xlsx"));
    let shown = sheets.get("差异").expect("a sheet of breaks");
    assert_eq!(shown.len(), 2_101);
    let plain = |cells: Vec<&str>| fen(&cells).to_string();
    let unquoted: Vec<Vec<String>> = shown
        .iter()
        .map(|row| row.iter().map(|cell| cell.replace(',', "")).collect())
        .collect();
    let breaks = table(&folder, "breaks.csv");
    for title in ["我方金额（元）", "差额（元）"] {
        let (book, csv) = (column(&unquoted, title), column(&breaks, title));
        assert_eq!(plain(book), plain(csv), "{title}");
    }
    let cover = sheets.get("封面").expect("a cover").iter().flatten();
    assert!(cover.into_iter().any(|cell| cell == "充值明细·当日"));
}

#[test]
fn a_load_cannot_match_rows_and_a_match_has_no_rules() {
    let hub = Hub::of("fixtures/bench", "inbox/bench").without_store();
    let from = "reconcile = \"bench/match_day\"";
    hub.change(
        "jobs/bench/match_report.toml",
        from,
        &format!("{from}\nrules = \"bench/load_bank\""),
    );
    hub.change(
        "jobs/bench/load_bank.toml",
        "name = \"bank\"",
        "name = \"bank\"\nreconcile = \"bench/match_day\"",
    );
    let checked = hub.dukou("check").exit(2);
    let said = format!("{}{}", checked.stdout, checked.stderr);
    for text in [
        "`bench/match_day` matches row by row (`[match]`), and this needs a `[reconcile]`",
        "`rules` explains the codes of a `[reconcile]`, and `bench/match_day` is a `[match]`",
    ] {
        assert!(said.contains(text), "{said}");
    }
}
