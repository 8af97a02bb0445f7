//! A process is killed while it works through the entries of an archive, again and again.

use std::io::{Cursor, Write as _};
use std::thread;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::stage::Stage;
use crate::harness::postgres::FreshDatabase;

const JOB: &str = "hostile/receive_packs";
const ENTRIES: usize = 12;
const ROWS: usize = 400;

fn archive() -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for entry in 0..ENTRIES {
        let name = format!("orders.{entry}.txt");
        writer
            .start_file(name, SimpleFileOptions::default())
            .expect("a name");
        let rows: String = (1..=ROWS)
            .map(|row| format!("{row},张三,10.00,2026-01-05,A,\n"))
            .collect();
        let content = format!("order_no,owner,amount,due_on,channel,remark\n{rows}");
        writer.write_all(content.as_bytes()).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

/// Kills a run as soon as one entry more is loaded, until none is left to kill.
fn story(store: Option<&str>) {
    let mut stage = Stage::new(store);
    stage.hub.dukou("store migrate").exit(0);
    stage.put("packs/a.zip", &archive());
    let loaded = |stage: &Stage| {
        let sql = "SELECT CAST(COUNT(*) AS TEXT) FROM ledger_file WHERE state = 'loaded'";
        stage.one(sql).parse::<usize>().expect("a count")
    };
    let mut kills = 0;
    loop {
        let before = loaded(&stage);
        let mut run = stage.hub.start(&format!("run {JOB}"));
        let ended = loop {
            if let Some(ended) = run.try_wait().expect("a process of ours") {
                break Some(ended);
            }
            if loaded(&stage) > before {
                break None;
            }
            thread::yield_now();
        };
        if let Some(ended) = ended {
            assert!(ended.success(), "{ended}");
            break;
        }
        run.kill().expect("it is ours");
        run.wait().expect("it ends");
        kills += 1;
        let whole = "SELECT CAST(COUNT(*) AS TEXT) FROM (SELECT file_name FROM hostile_order \
                     GROUP BY file_name HAVING COUNT(*) <> 400) AS halves";
        assert_eq!(stage.one(whole), "0", "no entry is half visible");
        assert!(kills <= ENTRIES, "each kill leaves one entry less");
    }
    assert!(kills > 0, "nothing was killed: give it more entries");
    // A killed run may leave a half-written answer, which the next one writes anew.
    stage.hub.age_temporary_files();
    stage.hub.dukou("recover").exit(0);
    for (sql, expected) in [
        (
            "SELECT CAST(COUNT(*) AS TEXT) FROM hostile_order",
            ENTRIES * ROWS,
        ),
        (
            "SELECT CAST(COUNT(*) AS TEXT) FROM ledger_file",
            ENTRIES + 1,
        ),
        (
            "SELECT CAST(COUNT(*) AS TEXT) FROM ledger_file \
             WHERE state = 'loaded' AND loaded = 400",
            ENTRIES,
        ),
        (
            "SELECT CAST(COUNT(*) AS TEXT) FROM ledger_file \
             WHERE state = 'opened' AND finish_state = 'done'",
            1,
        ),
    ] {
        assert_eq!(stage.one(sql), expected.to_string(), "{sql}");
    }
    assert_eq!(stage.answers().len(), ENTRIES, "one answer for each entry");
    assert!(stage.hub.path("inbox/hostile/done/a.zip").exists());
}

#[test]
fn an_archive_survives_kills_between_its_entries_on_sqlite() {
    story(None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_survives_kills_between_its_entries_on_postgres() {
    let store = FreshDatabase::create().await;
    tokio::task::block_in_place(|| story(Some(store.text())));
}
