//! Reports of a clearing day, read back.
#![expect(
    clippy::indexing_slicing,
    reason = "a test that indexes past its data fails, as it should"
)]

use crate as hub;

#[path = "../reconcile/contract/world.rs"]
#[expect(dead_code, reason = "the stories of reconciliations use more of it")]
mod world;

mod forms;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Language, ReportPlan, Request, Rule, Subject, Title, Written, write};
use crate::db::{Database, DatabaseUrl, OpenOptions};
use crate::digest::Sha256;
use crate::id::{Fen, JobName};
use crate::ledger::list_reports;
use crate::value::Value;
use world::{DAY, NAME, PROVIDER, World, date, moment};

struct Desk {
    world: World,
    folder: tempfile::TempDir,
    name: JobName,
    title: Title,
    plan: ReportPlan,
    rules: Vec<Rule>,
}

impl Desk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = DatabaseUrl::parse("sqlite://hub.db").expect("an address");
        let url = url.relative_to(folder.path());
        let db = Database::open(&url, &OpenOptions::default()).await;
        let rule = |code, title: &str, not_checked: Option<&str>| Rule {
            code,
            title: title.to_owned(),
            not_checked: not_checked.map(str::to_owned),
        };
        Self {
            world: World::new(db.expect("a new file opens")).await,
            name: JobName::new("etc_clearing/clearing_report").expect("a name"),
            title: Title {
                zh: "清分日对账报告".to_owned(),
                en: "Clearing-day report".to_owned(),
            },
            plan: ReportPlan {
                rules: None,
                html: true,
                csv: true,
                xlsx: true,
                zip: true,
                signatures: ["制表", "复核", "负责人"]
                    .map(|who| (who.to_owned(), who.to_owned()))
                    .to_vec(),
            },
            rules: vec![
                rule(9, "卡状态不符", None),
                rule(1, "验证未通过（TAC）", Some("密钥版本尚未接入")),
            ],
            folder,
        }
    }

    fn reports(&self) -> PathBuf {
        self.folder.path().join("reports")
    }

    fn request<'a>(&'a self, language: Language, reports: &'a Path) -> Request<'a> {
        Request {
            name: &self.name,
            title: &self.title,
            plan: &self.plan,
            reconcile: (NAME, Subject::Totals(&self.world.plan)),
            business_date: date(DAY),
            context: self.world.context(),
            rules: &self.rules,
            language,
            reports,
        }
    }

    async fn write_in(&self, language: Language) -> Result<Written, super::ReportError> {
        let reports = self.reports();
        let request = self.request(language, &reports);
        write(&self.world.db, request).await
    }

    async fn write(&self) -> Written {
        self.write_in(Language::Chinese)
            .await
            .expect("it is written")
    }
}

fn read(written: &Written, name: &str) -> String {
    std::fs::read_to_string(written.folder.join(name)).expect("the file is there")
}

/// The texts of the cells of every row of a page that has a class.
fn cells(page: &str, class: &str) -> Vec<Vec<String>> {
    let opening = format!("<tr class=\"{class}\">");
    page.split(&opening)
        .skip(1)
        .map(|rest| {
            let row = rest.split("</tr>").next().expect("a row ends");
            row.split("<td").skip(1).map(text).collect()
        })
        .collect()
}

/// What a reader sees of a cell.
fn text(cell: &str) -> String {
    let mut out = String::new();
    let mut inside = true;
    for one in cell.chars() {
        match one {
            '<' => inside = true,
            '>' => inside = false,
            other if !inside => out.push(other),
            _ => {}
        }
    }
    out.trim().replace("&#x2f;", "/")
}

fn fen(shown: &str) -> i64 {
    Fen::from_yuan(&shown.replace(',', ""))
        .expect("an amount")
        .0
}

/// The rows of a table of ours, without quoting.
fn table(text: &str) -> Vec<Vec<String>> {
    text.strip_prefix('\u{feff}')
        .expect("a byte order mark")
        .lines()
        .map(|line| {
            line.split(',')
                .map(|cell| cell.trim_matches('"').to_owned())
                .collect()
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_the_page_is_read_back_from_its_rows() {
    let desk = Desk::new().await;
    desk.world.usual_day().await;
    desk.world.usual_statement(5, "80.55").await;
    desk.world.reconcile().await;
    let written = desk.write().await;
    assert!(written.agrees);
    let page = read(&written, "report.html");
    let claimed = &cells(&page, "claimed")[0];
    assert_eq!(
        (
            claimed[2].as_str(),
            claimed[3].as_str(),
            claimed[4].as_str()
        ),
        ("5", "80.55", "捌拾元伍角伍分")
    );
    let parts = cells(&page, "part");
    let figures: Vec<_> = parts
        .iter()
        .map(|part| {
            (
                part[0].as_str(),
                part[1].as_str(),
                part[2].as_str(),
                fen(&part[3]),
            )
        })
        .collect();
    assert_eq!(
        figures,
        [
            ("记账", "＋", "4", 7_500),
            ("争议放行", "＋", "1", 555),
            ("退费", "－/＋", "0", 0)
        ]
    );
    assert_eq!(cells(&page, "ours")[0][3], "80.55");
    let difference = &cells(&page, "agrees")[0];
    assert_eq!(
        (difference[2].as_str(), difference[3].as_str()),
        ("0", "0.00")
    );
    assert!(difference[5].starts_with("相符"), "{difference:?}");

    let details = table(&read(&written, "details.csv"));
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for line in details.iter().skip(1) {
        *sums.entry(&line[0]).or_default() += fen(&line[5]);
    }
    assert_eq!(
        sums,
        BTreeMap::from([("清分", 8_055), ("记账", 7_500), ("争议放行", 555)])
    );

    let breakdown = table(&read(&written, "breakdown.csv"));
    let package = &breakdown[1];
    assert_eq!(
        package[1],
        format!("service_provider_id={PROVIDER};message_id=1001")
    );
    let lines = package[7].parse().expect("a line")..=package[8].parse().expect("a line");
    let rows: Vec<&Vec<String>> = (1..)
        .zip(&details)
        .filter(|(at, _)| lines.contains(at))
        .map(|(_, line)| line)
        .collect();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|line| line[1] == package[1]), "{rows:?}");
    assert_eq!(
        rows.iter().map(|line| fen(&line[5])).sum::<i64>(),
        fen(&package[3])
    );
    let first = rows[0];
    assert_eq!(
        first[3],
        format!("{};clear_target_date={DAY};trans_id=1", package[1])
    );
    assert_eq!(first[7], "00000000000000001001.xml.lz77");
    assert_eq!(first[8].len(), 64);
    assert_eq!(
        (first[9].as_str(), first[10].as_str(), first[11].as_str()),
        ("2", "200", "90")
    );
    assert!(
        page.contains("href=\"details.csv\">3–5</a>"),
        "the page names the lines"
    );
    assert_eq!(first[12], "dukou trace file:2/2");
    assert!(page.contains(
        "<code>dukou trace etc_transaction service_provider_id=0000000000000020 message_id=1001</code>"
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_never_changed_and_the_next_one_says_what_is_new() {
    let desk = Desk::new().await;
    desk.world.usual_day().await;
    desk.world
        .statement(DAY, (7, "120.55"), &[1_001, 1_002, 1_003], &[20_260_302])
        .await;
    desk.world.reconcile().await;
    let first = desk.write().await;
    assert_eq!(first.version, 1);
    assert!(
        first
            .folder
            .ends_with("etc_clearing/clearing_report/2026-03-02/v1")
    );
    let bytes: BTreeMap<_, _> = first
        .files
        .iter()
        .map(|file| {
            (
                file.name.clone(),
                std::fs::read(first.folder.join(&file.name)).expect("there"),
            )
        })
        .collect();
    for file in &first.files {
        let digest = Sha256::of(&bytes[&file.name]);
        assert_eq!(
            (digest.to_string(), bytes[&file.name].len() as u64),
            (file.digest.clone(), file.bytes)
        );
    }
    let same = desk.write().await;
    assert!(read(&same, "report.html").contains("与上一版依据同一次对账，数字没有变化"));

    desk.world
        .package(DAY, 1_003, &[("25.00", None), ("15.00", None)], true)
        .await;
    desk.world.reconcile().await;
    let third = desk.write().await;
    assert_eq!(third.version, 3);
    let page = read(&third, "report.html");
    assert!(
        page.contains("<li>记账：4 笔 75.00 元 → 6 笔 115.00 元</li>"),
        "{page}"
    );
    assert!(page.contains("<li>差额：2 笔 40.00 元 → 0 笔 0.00 元</li>"));
    assert!(page.contains("已消除差异 2 项："));
    for (name, before) in &bytes {
        assert_eq!(
            &std::fs::read(first.folder.join(name)).expect("there"),
            before,
            "{name}"
        );
    }
    let kept = list_reports(&desk.world.db, Some(desk.name.as_str()), None, 10)
        .await
        .expect("the books");
    let kept: Vec<_> = kept
        .iter()
        .map(|report| (report.version, report.digest))
        .collect();
    assert_eq!(
        kept,
        [(3, third.digest), (2, same.digest), (1, first.digest)]
    );
    assert_eq!(first.digest, Sha256::of(&bytes["report.html"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_is_set_aside_and_never_overwritten() {
    let desk = Desk::new().await;
    desk.world.statement(DAY, (0, "0.00"), &[], &[]).await;
    desk.world.reconcile().await;
    let day = desk
        .reports()
        .join("etc_clearing/clearing_report/2026-03-02");
    std::fs::create_dir_all(day.join("v1")).expect("a folder");
    #[expect(
        clippy::disallowed_methods,
        reason = "the test leaves a file as a crash would"
    )]
    std::fs::write(day.join("v1/report.html"), "unrecorded").expect("a file");
    let written = desk.write().await;
    assert_eq!(written.folder, day.join("v1"));
    let aside = std::fs::read_to_string(day.join("v1.unrecorded-1/report.html"));
    assert_eq!(aside.expect("set aside"), "unrecorded");
    let names: Vec<_> = std::fs::read_dir(&day)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(names.len(), 2, "nothing half-made stays: {names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_stay_text_everywhere() {
    let desk = Desk::new().await;
    let world = &desk.world;
    world.usual_day().await;
    let name = "=cmd|'<script>alert(1)</script>\"&.xml";
    let file = world.file(name).await;
    let values = [
        ("clear_target_date", Value::Date(date(DAY))),
        ("service_provider_id", "<img src=x onerror=alert(1)>".into()),
        ("message_id", Value::Int(1)),
    ];
    world.insert("etc_clearing_package", file, 1, &values).await;
    let mut row = values.to_vec();
    row.extend([("trans_id", Value::Int(1)), ("fee", Value::Int(100))]);
    world.insert("etc_transaction", file, 2, &row).await;
    world.insert("etc_accounting", file, 2, &values[1..]).await;
    world.usual_statement(6, "81.55").await;
    world.reconcile().await;
    let written = desk.write().await;
    let page = read(&written, "report.html");
    for tag in ["<script", "<img", "onerror=alert(1)>"] {
        assert!(!page.contains(tag), "{tag}");
    }
    assert!(
        page.contains("=cmd|&#x27;&lt;script&gt;alert(1)&lt;&#x2f;script&gt;&quot;&amp;.xml"),
        "{page}"
    );
    let details = read(&written, "details.csv");
    assert!(
        details.contains(",\"'=cmd|'<script>alert(1)</script>\"\"&.xml\","),
        "{details}"
    );
    assert!(!details.contains(",=cmd"));
    // Once in each of details, breakdown and sources.
    assert!(page.contains("共 3 格"), "{page}");
}

/// Every tag that is opened is closed, in order.
fn assert_well_formed(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    for rest in page.split('<').skip(1) {
        let tag = rest.split('>').next().expect("a tag ends");
        let name = tag.split([' ', '\n']).next().expect("a name");
        match name.strip_prefix('/') {
            Some(closed) => assert_eq!(open.pop(), Some(closed)),
            None if matches!(name, "meta" | "br" | "!DOCTYPE") => {}
            None if tag.ends_with('/') => {}
            None => open.push(name),
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_stands_alone_and_prints_on_a4_with_signatures() {
    let desk = Desk::new().await;
    desk.world.usual_day().await;
    desk.world.usual_statement(6, "88.32").await;
    desk.world.reconcile().await;
    for language in [Language::Chinese, Language::English] {
        let written = desk.write_in(language).await.expect("it is written");
        let page = read(&written, "report.html");
        assert_well_formed(&page);
        for outside in [
            "http://", "https://", "src=", "url(", "@import", "<script", "<link",
        ] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(page.contains(&format!("<html lang=\"{}\">", language.tag())));
        assert!(page.contains("@page { size: A4;"));
        assert!(page.contains("counter(page)") && page.contains("counter(pages)"));
        for href in page.split("href=\"").skip(1) {
            let target = href.split('"').next().expect("it ends");
            match target.strip_prefix('#') {
                Some(anchor) => assert!(page.contains(&format!("id=\"{anchor}\"")), "{anchor}"),
                None => assert_eq!(target, "details.csv"),
            }
        }
    }
    let page = read(&desk.write().await, "report.html");
    for signature in [
        "<div>制表：</div>",
        "<div>复核：</div>",
        "<div>负责人：</div>",
    ] {
        assert!(page.contains(signature), "{signature}");
    }
    assert!(page.contains("对账结果：<b class=\"bad\">不符</b>"));
    assert!(page.contains("可能是这 1 笔（争议中、尚无处理结果）：金额与笔数都等于差额"));
    assert!(
        page.contains("未检查：密钥版本尚未接入"),
        "a rule that is not checked is shown as such"
    );
    assert!(page.contains("5&#x2f;7&#x2f;3 退费报文的格式未公开，暂按零计"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_day_has_a_report() {
    let desk = Desk::new().await;
    desk.world.statement(DAY, (0, "0.00"), &[], &[]).await;
    desk.world.reconcile().await;
    let page = read(&desk.write().await, "report.html");
    assert_well_formed(&page);
    assert_eq!(cells(&page, "claimed")[0][4], "零元整");
    assert!(page.contains("无差异。"));
    assert!(page.contains("对账结果：<b>相符</b>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_refuses_what_was_not_reconciled_or_changed_since() {
    let desk = Desk::new().await;
    desk.world.usual_day().await;
    desk.world.usual_statement(5, "80.55").await;
    let early = desk
        .write_in(Language::Chinese)
        .await
        .expect_err("too early");
    assert_eq!(
        early.to_string(),
        "`etc_clearing/clearing_day` has not been reconciled for 2026-03-02; run `dukou run etc_clearing/clearing_day --business-date 2026-03-02` first"
    );
    desk.world.reconcile().await;
    let sql = "UPDATE etc_transaction SET fee = fee + 1 WHERE message_id = 1001 AND trans_id = 1";
    desk.world.db.execute(sql, &[]).await.expect("a row");
    let changed = desk
        .write_in(Language::Chinese)
        .await
        .expect_err("other rows");
    assert_eq!(
        changed.to_string(),
        "`accounted` was 4 rows and 75.00 yuan when it was reconciled and is 4 rows and 75.01 yuan now; reconcile the day again"
    );
    assert_eq!(changed.code().id, "report-store-changed");
    let kept = list_reports(&desk.world.db, None, None, 10)
        .await
        .expect("the books");
    assert_eq!(kept, []);
    let day = desk
        .reports()
        .join("etc_clearing/clearing_report/2026-03-02");
    assert_eq!(left_in(&day), 0, "nothing half-made stays");
}

fn left_in(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, |entries| entries.count())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checks_deadline_is_shown_in_words() {
    let mut desk = Desk::new().await;
    let rows = [("8.00", Some(9))];
    let file = desk.world.package("2026-02-11", 700, &rows, false).await;
    desk.world
        .account(700, &rows, file, moment("2026-02-12 23:30"))
        .await;
    desk.world.statement(DAY, (0, "0.00"), &[], &[]).await;
    desk.world.now = moment("2026-02-25 09:00");
    desk.world.reconcile().await;
    let page = read(&desk.write().await, "report.html");
    assert!(
        page.contains("2026-02-12 提出，期限 2026-02-14，逾期 2 个工作日"),
        "{page}"
    );
}
