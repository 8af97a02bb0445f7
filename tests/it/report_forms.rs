//! A report as people use it: opened in `LibreOffice`, opened and printed in a browser.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::harness::browser::{self, Font, Pdf};
use crate::harness::office;

/// The folder of a clearing day's report, made once for all tests here.
fn report() -> &'static Path {
    static MADE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, folder) = MADE.get_or_init(|| {
        let directory = tempfile::tempdir().expect("a directory");
        let output = Command::new(env!("CARGO_BIN_EXE_dukou"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(["demo", "--records", "60", "--json", "--dir"])
            .arg(directory.path().join("demo"))
            .output()
            .expect("the program runs");
        let text = String::from_utf8_lossy(&output.stdout);
        let answer: serde_json::Value = serde_json::from_str(&text).expect("one JSON document");
        let page = answer
            .pointer("/demo/report")
            .and_then(serde_json::Value::as_str);
        let folder = Path::new(page.expect("a report"))
            .parent()
            .expect("a folder");
        (directory, folder.to_owned())
    });
    folder
}

/// The page as a browser prints it, once for all tests here.
fn pdf() -> &'static Pdf {
    static PRINTED: OnceLock<Pdf> = OnceLock::new();
    PRINTED.get_or_init(|| browser::print(&report().join("report.html")))
}

/// A table of the report's own, without quoting.
fn csv(name: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(report().join(name)).expect("the table");
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    let row = |line: &str| {
        line.split(',')
            .map(|cell| cell.trim_matches('"').to_owned())
            .collect()
    };
    text.lines().map(row).collect()
}

/// `1,234.50` as `1234.50`.
fn plain(shown: &str) -> String {
    shown.replace(',', "")
}

#[test]
fn libreoffice_shows_the_figures_of_the_tables() {
    let sheets = office::sheets(&report().join("report.xlsx"));
    for (sheet, file) in [
        ("汇总", "summary.csv"),
        ("差异", "breaks.csv"),
        ("可能来源", "candidates.csv"),
        ("分布", "reasons.csv"),
        ("数据来源", "sources.csv"),
    ] {
        let shown: Vec<Vec<String>> = sheets[sheet].clone();
        let expected = csv(file);
        assert_eq!(shown.len(), expected.len(), "{sheet}");
        for (shown, expected) in shown.iter().zip(&expected) {
            let shown: Vec<String> = shown.iter().map(|cell| plain(cell)).collect();
            let width = shown.len().max(expected.len());
            let filled = |row: &[String]| -> Vec<String> {
                let blanks = std::iter::repeat_n(String::new(), width - row.len());
                row.iter().cloned().chain(blanks).collect()
            };
            assert_eq!(filled(&shown), filled(expected), "{sheet}");
        }
    }
    let cover = sheets["封面"].iter();
    let claimed = cover
        .clone()
        .find(|row| row[0] == "清分")
        .expect("the tie-out");
    let summary = &csv("summary.csv")[1];
    assert_eq!(
        (plain(&claimed[1]), plain(&claimed[2])),
        (summary[1].clone(), summary[2].clone())
    );
    assert!(
        claimed[2].contains(','),
        "amounts are shown in groups of three: {}",
        claimed[2]
    );
    assert!(
        cover.clone().any(|row| row[0].starts_with("制表：")),
        "a place to sign"
    );
}

#[test]
fn libreoffice_adds_the_rows_up_to_the_figures() {
    let sheets = office::sheets(&report().join("report.xlsx"));
    let mut sums: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for (name, rows) in &sheets {
        let Some(component) = name.strip_prefix("明细-") else {
            continue;
        };
        let heading = &rows[0];
        let column = |title: &str| {
            heading
                .iter()
                .position(|cell| cell == title)
                .expect("a column")
        };
        let (count, amount) = (column("笔数"), column("金额（元）"));
        let line = column("明细行");
        for row in rows.iter().skip(1) {
            let sum = sums.entry(component).or_default();
            sum.0 += plain(&row[count]).parse::<i64>().expect("a number");
            sum.1 += fen(&row[amount]);
            assert!(row[line].parse::<u64>().is_ok(), "the line of details.csv");
        }
    }
    for row in csv("summary.csv").iter().skip(1) {
        let expected = (row[1].parse().expect("a number"), fen(&row[2]));
        match row[0].as_str() {
            "清分" | "记账" | "争议放行" => {
                assert_eq!(sums[row[0].as_str()], expected, "{row:?}");
            }
            _ => {}
        }
    }
}

fn fen(shown: &str) -> i64 {
    let digits: String = plain(shown).chars().filter(|one| *one != '.').collect();
    digits.parse().expect("an amount with two places")
}

#[test]
fn libreoffice_prints_the_workbook_on_a4() {
    let told = office::printed(&report().join("report.xlsx"));
    let size = told
        .lines()
        .find(|line| line.starts_with("Page size:"))
        .expect("a size");
    assert!(size.contains("A4") || size.contains("595.3"), "{size}");
}

#[test]
fn the_page_prints_on_a4_with_numbers_headings_and_a_place_to_sign() {
    let pdf = pdf();
    let facts = pdf.facts();
    assert!(facts.contains("(A4)"), "{facts}");
    let pages = pdf.pages();
    let count = pages.len();
    assert!(count >= 3, "{facts}");
    for (at, page) in (1..).zip(&pages) {
        assert!(
            page.contains(&format!("第 {at} 页／共 {count} 页")),
            "page {at}: {page}"
        );
        assert!(
            page.contains("清分日对账报告 2026-03-09 v1"),
            "page {at}: {page}"
        );
        assert!(page.contains("单位：元"), "page {at}: {page}");
    }
    let last = pages.last().expect("a page");
    for who in ["制表：", "复核：", "负责人：", "日期："] {
        assert!(last.contains(who), "{who} in {last}");
    }
    // 大写金额.
    assert!(
        pages[0].contains('贰') && pages[0].contains("元"),
        "{}",
        pages[0]
    );
}

#[test]
fn a_table_that_goes_on_repeats_its_heading_and_loses_no_column() {
    let pdf = pdf();
    let pages = pdf.pages();
    let sources = csv("sources.csv");
    let of_sources = |page: &&String| sources.iter().skip(1).any(|row| page.contains(&row[2]));
    let pages: Vec<&String> = pages.iter().filter(of_sources).collect();
    assert!(
        pages.len() > 1,
        "the table of files goes over the end of a page"
    );
    for page in pages {
        assert!(page.contains("文件名与落地文件 SHA-256"), "{page}");
        assert!(page.contains("计入金额"), "{page}");
    }
    let all = pdf.pages().concat();
    for row in sources.iter().skip(1) {
        let amount = row.last().expect("an amount");
        let shown = all
            .lines()
            .map(plain)
            .any(|line| line.trim_end().ends_with(amount.as_str()));
        assert!(shown, "the last column of file {} is cut: {amount}", row[0]);
        assert!(
            all.contains(&row[2]),
            "the digest of file {} is cut",
            row[0]
        );
    }
    // The last column of the groups: the lines of the details.
    for row in csv("breakdown.csv").iter().skip(1) {
        assert!(
            all.contains(&format!("{}–{}", row[7], row[8])) || row[7] == row[8],
            "{row:?}"
        );
    }
}

#[test]
fn the_pictures_are_printed_and_every_character_has_its_glyph() {
    let pdf = pdf();
    let all = pdf.pages().concat();
    for text in [
        "对方与我方金额（元）",
        "记账：各组金额（元）",
        "争议原因分布（笔数、金额）",
    ] {
        assert!(all.contains(text), "{text}");
    }
    let fonts = pdf.fonts();
    assert!(fonts.iter().all(|font| font.is_inside), "{fonts:?}");
    // Without a Chinese font the boxes of a Latin one would stand there, under its own name. Fonts
    // with outlines that PDF does not know are drawn glyph by glyph, without a name.
    let is_chinese = |name: &str| {
        ["CJK", "WenQuanYi", "Hei", "Song", "Han"]
            .iter()
            .any(|part| name.contains(part))
    };
    let drawn = |font: &Font| font.is_drawn || is_chinese(&font.name);
    assert!(fonts.iter().any(drawn), "no Chinese font: {fonts:?}");
}

/// How often a page asks a server of ours for something.
fn requests_of(page: &str) -> usize {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // A connection that is opened ahead of need and says nothing asks for nothing.
            let heard = stream.and_then(|mut stream| stream.read(&mut [0; 64]));
            counter.fetch_add(
                usize::from(heard.is_ok_and(|bytes| bytes > 0)),
                Ordering::SeqCst,
            );
        }
    });
    let planted = format!(
        "<img src=\"http://{address}/a\"><script src=\"http://{address}/b\"></script>\
         <link rel=\"stylesheet\" href=\"http://{address}/c\"><iframe src=\"http://{address}/d\"></iframe>\
         <script>fetch('http://{address}/e')</script></body>"
    );
    let folder = tempfile::tempdir().expect("a directory");
    let path = folder.path().join("planted.html");
    fs::write(&path, page.replace("</body>", &planted)).expect("space");
    let _ = browser::print(&path);
    asked.load(Ordering::SeqCst)
}

#[test]
fn the_page_asks_nobody_for_anything_even_with_a_foreign_address_in_it() {
    let page = fs::read_to_string(report().join("report.html")).expect("the page");
    assert_eq!(requests_of(&page), 0);
    // Without its policy the same page does ask: the server above would have seen it.
    let policy = page
        .lines()
        .find(|line| line.contains("Content-Security-Policy"));
    let open = page.replace(policy.expect("a policy"), "");
    assert!(
        requests_of(&open) > 0,
        "the test's own server was not asked"
    );
}
