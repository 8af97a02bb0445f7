//! The workbook, the archive and the pictures, read back.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use super::*;
use crate::digest::PeerDigest;
use crate::report::book::{Book, Place};
use crate::report::cell::Cell;

/// The entries of an archive, in order.
fn entries(bytes: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    (0..archive.len())
        .map(|at| {
            let mut entry = archive.by_index(at).expect("an entry");
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("it is whole");
            let name = entry.name().expect("a name").into_owned();
            (name, bytes)
        })
        .collect()
}

fn bytes(written: &Written, name: &str) -> Vec<u8> {
    std::fs::read(written.folder.join(name)).expect("the file is there")
}

/// The sheets of a workbook by name: their XML.
fn sheets(workbook: Vec<u8>) -> BTreeMap<String, String> {
    let entries = entries(workbook);
    let text = |wanted: &str| {
        let found = entries.iter().find(|(name, _)| name == wanted);
        let (_, bytes) = found.expect("the part is there");
        String::from_utf8(bytes.clone()).expect("XML")
    };
    let workbook = text("xl/workbook.xml");
    let names = workbook.split("<sheet name=\"").skip(1);
    let names = names.map(|rest| rest.split('"').next().expect("a name"));
    names
        .zip(1..)
        .map(|(name, at)| {
            (
                name.to_owned(),
                text(&format!("xl/worksheets/sheet{at}.xml")),
            )
        })
        .collect()
}

async fn written(desk: &Desk) -> Written {
    desk.world.usual_day().await;
    desk.world.usual_statement(5, "80.55").await;
    desk.world.reconcile().await;
    desk.write().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_the_workbook_is_frozen_filtered_and_set_up_for_a4() {
    let desk = Desk::new().await;
    let sheets = sheets(bytes(&written(&desk).await, "report.xlsx"));
    let names: Vec<&str> = sheets.keys().map(String::as_str).collect();
    let mut expected = [
        "封面",
        "汇总",
        "差异",
        "可能来源",
        "分布",
        "分项-记账",
        "分项-争议放行",
        "数据来源",
        "明细-清分",
        "明细-记账",
        "明细-争议放行",
        "说明",
    ];
    expected.sort_unstable();
    assert_eq!(names, expected);
    for (name, xml) in &sheets {
        assert!(xml.contains("paperSize=\"9\""), "{name} is on A4");
        assert!(
            xml.contains("制表：") && xml.contains("复核：") && xml.contains("负责人："),
            "{name}"
        );
        assert!(
            xml.contains("第 &amp;P 页／共 &amp;N 页"),
            "{name} counts pages"
        );
        assert!(xml.contains("单位：元"), "{name} names the unit");
        let is_table = name != "封面" && name != "说明";
        assert_eq!(xml.contains("<pane ySplit=\"1\""), is_table, "{name}");
        assert_eq!(xml.contains("<autoFilter ref=\"A1:"), is_table, "{name}");
    }
    let details = &sheets["明细-记账"];
    for heading in ["收费方", "交易包号", "包内序号"] {
        assert!(
            details.contains(&format!(">{heading}<")),
            "the dataset's own title {heading}"
        );
    }
    // Numbers of packages are text, amounts are numbers.
    assert!(details.contains("<t>0000000000000020</t>"), "{details}");
    assert!(
        details.contains("<v>25.5</v>") || details.contains("<v>20</v>"),
        "{details}"
    );
    let parts = &sheets["分项-记账"];
    assert!(parts.contains("location=\"'明细-记账'!A2\""), "{parts}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_cell_is_a_formula_and_what_looks_like_one_is_counted() {
    let desk = Desk::new().await;
    let file = desk.world.file("=1+1.xml").await;
    let values = [
        ("clear_target_date", Value::Date(date(DAY))),
        ("service_provider_id", "+cmd|' /c calc'!A0".into()),
        ("message_id", Value::Int(1)),
    ];
    desk.world
        .insert("etc_clearing_package", file, 1, &values)
        .await;
    let mut row = values.to_vec();
    row.extend([("trans_id", Value::Int(1)), ("fee", Value::Int(100))]);
    desk.world.insert("etc_transaction", file, 2, &row).await;
    desk.world
        .insert("etc_accounting", file, 2, &values[1..])
        .await;
    let sheets = sheets(bytes(&written(&desk).await, "report.xlsx"));
    for (name, xml) in &sheets {
        assert!(
            !xml.contains("<f>") && !xml.contains("<f "),
            "{name} has a formula"
        );
        assert!(
            !xml.contains("<t>=") && !xml.contains("<t>+"),
            "{name}: {xml}"
        );
    }
    assert!(sheets["明细-记账"].contains("<t>'=1+1.xml</t>"));
    assert!(sheets["明细-记账"].contains("<t>'+cmd|' /c calc'!A0</t>"));
    // The provider and the file on the sheet of rows and on that of groups, the file among sources
    // and candidates.
    assert!(
        sheets["说明"].contains("当作公式执行，共 6 格。"),
        "{}",
        sheets["说明"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_a_spreadsheet_cannot_keep_is_text_and_said_so() {
    let desk = Desk::new().await;
    desk.world
        .statement(DAY, (1, "99999999999999.99"), &[], &[])
        .await;
    desk.world.reconcile().await;
    let sheets = sheets(bytes(&desk.write().await, "report.xlsx"));
    assert!(sheets["明细-清分"].contains("<t>99999999999999.99</t>"));
    assert!(
        sheets["说明"].contains("按文本写出，共 "),
        "{}",
        sheets["说明"]
    );
    assert!(!sheets["说明"].contains("按文本写出，共 0 格"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_day_gives_the_same_bytes() {
    let (one, other) = (Desk::new().await, Desk::new().await);
    let digests = |written: Written| -> BTreeMap<String, String> {
        let files = written.files.into_iter();
        files.map(|file| (file.name, file.digest)).collect()
    };
    let (first, second) = (digests(written(&one).await), digests(written(&other).await));
    assert_eq!(first, second);
    assert_eq!(first.len(), 10, "{first:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_archive_has_every_file_and_what_it_must_be() {
    let desk = Desk::new().await;
    let written = written(&desk).await;
    let name = "clearing_report_2026-03-02_v1.zip";
    let packed = entries(bytes(&written, name));
    let (last, manifest) = packed.last().expect("a manifest");
    assert_eq!(last, "manifest.json");
    let manifest: serde_json::Value = serde_json::from_slice(manifest).expect("JSON");
    assert_eq!(manifest["report"], "etc_clearing/clearing_report");
    assert_eq!(manifest["version"], 1);
    let said = manifest["files"].as_array().expect("a list");
    let registered: Vec<_> = written
        .files
        .iter()
        .filter(|file| file.name != name)
        .collect();
    assert_eq!(
        (said.len(), packed.len()),
        (registered.len(), registered.len() + 1)
    );
    for ((said, file), (entry, content)) in said.iter().zip(registered).zip(&packed) {
        assert_eq!(
            (said["name"].as_str(), entry),
            (Some(file.name.as_str()), &file.name)
        );
        assert_eq!(said["bytes"].as_u64(), Some(content.len() as u64));
        assert_eq!(said["sha256"], Sha256::of(content).to_string());
        assert_eq!(said["sm3"], PeerDigest::Sm3.of(content));
        assert_eq!(&bytes(&written, entry), content);
    }
    let kept = list_reports(&desk.world.db, None, None, 1)
        .await
        .expect("the books");
    let of_zip = kept[0].files.as_array().and_then(|files| files.last());
    assert_eq!(
        of_zip.expect("the archive")["digest"],
        Sha256::of(&bytes(&written, name)).to_string()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_forms_that_are_asked_for_are_written() {
    let mut desk = Desk::new().await;
    desk.plan = ReportPlan {
        html: false,
        csv: false,
        zip: false,
        ..desk.plan
    };
    let written = written(&desk).await;
    let names: Vec<&str> = written
        .files
        .iter()
        .map(|file| file.name.as_str())
        .collect();
    assert_eq!(names, ["report.xlsx"]);
    assert!(written.main.ends_with("report.xlsx"));
    assert_eq!(written.digest.to_string(), written.files[0].digest);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_tables_leads_to_the_workbook() {
    let mut desk = Desk::new().await;
    desk.plan = ReportPlan {
        csv: false,
        ..desk.plan
    };
    let page = read(&written(&desk).await, "report.html");
    assert!(page.contains("href=\"report.xlsx\">3–5</a>"), "{page}");
    assert!(!page.contains("details.csv\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_past_the_limit_goes_on_on_another_sheet_and_links_follow() {
    let desk = Desk::new().await;
    let reports = desk.reports();
    let request = desk.request(Language::Chinese, &reports);
    let making = crate::report::folder::Making::new(&reports).expect("a folder");
    let mut book = Book::new(&request, 1, making.path()).expect("a workbook");
    book.rows_max = 2;
    book.begin(Place::Details, "明细", &["行"])
        .expect("a sheet");
    for line in 2..=6 {
        book.detail(line, &[Cell::No(line as i64)]).expect("a row");
    }
    book.begin(Place::Parts, "明细", &["首行"])
        .expect("a sheet");
    for line in [2, 3, 4, 6] {
        book.row(&[Cell::Line(line)]).expect("a row");
    }
    let mut sink = making.sink().expect("a file");
    book.finish(&mut sink).expect("it is written");
    let (file, ..) = sink.into_inner().expect("space").finish();
    let sheets = sheets(std::fs::read(file.path()).expect("there"));
    let names: Vec<&str> = sheets.keys().map(String::as_str).collect();
    assert_eq!(names, ["明细", "明细 2", "明细 3", "明细 4", "明细 5"]);
    let links = format!("{}{}", sheets["明细 4"], sheets["明细 5"]);
    for target in ["'明细'!A2", "'明细'!A3", "'明细 2'!A2", "'明细 3'!A2"] {
        assert!(
            links.contains(&format!("location=\"{target}\"")),
            "{target}: {links}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_have_titles_and_the_numbers_of_their_tables() {
    let desk = Desk::new().await;
    desk.world.usual_day().await;
    desk.world.usual_statement(6, "88.32").await;
    desk.world.reconcile().await;
    let page = read(&desk.write().await, "report.html");
    for id in ["chart-balance", "chart-part-accounted", "chart-codes-0"] {
        assert!(
            page.contains(&format!("aria-labelledby=\"{id}-title {id}-desc\"")),
            "{id}"
        );
        assert!(page.contains(&format!("<title id=\"{id}-title\">")), "{id}");
        assert!(page.contains(&format!("<desc id=\"{id}-desc\">")), "{id}");
    }
    assert!(
        page.contains("清分 88.32；我方合计 80.55；差额 7.77</desc>"),
        "{page}"
    );
    assert!(
        page.contains("涉及差异或其可能来源"),
        "the candidate's package is marked"
    );
    assert!(!page.contains("<script") && !page.contains("NaN"));
}
