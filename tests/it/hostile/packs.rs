//! Archives of several files: every row of the table "Archives" of the README, made and played.
//!
//! A row is a file in the books: an archive, or `ARCHIVE!/ENTRY`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::sheet;
use super::stage::{Stage, answer_code, array, text};
use crate::harness::postgres::FreshDatabase;

const JOB: &str = "hostile/receive_packs";
const ORDERS: &str = "order_no,owner,amount,due_on,channel,remark\n1,张三,10.00,2026-01-05,A,\n";
const LIST: &[u8] = b"H|1|1000\n1|A|1000|20260105|A|\n";
const SHORT_LIST: &[u8] = b"H|2|2000\n1|A|1000|20260105|A|\n";

type Entry<'e> = (&'e str, &'e [u8]);

fn archive(entries: &[Entry<'_>], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        let options = SimpleFileOptions::default().compression_method(method);
        writer.start_file(*name, options).expect("a name");
        writer.write_all(content).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

fn stored(entries: &[Entry<'_>]) -> Vec<u8> {
    archive(entries, CompressionMethod::Stored)
}

/// Puts bytes in the place of equal ones, everywhere.
fn patched(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    let places: Vec<usize> = memchr::memmem::find_iter(&bytes, from).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

/// Sets the flag "encrypted" of the second of two entries, in both of its headers.
fn second_encrypted(mut bytes: Vec<u8>) -> Vec<u8> {
    for (signature, flags_at) in [(&b"PK\x03\x04"[..], 6), (b"PK\x01\x02", 8)] {
        let at = memchr::memmem::rfind(&bytes, signature).expect("a header");
        bytes[at + flags_at] |= 1;
    }
    bytes
}

/// Three good orders, under names that no other archive uses.
fn three(mark: &str) -> [(String, &'static [u8]); 3] {
    ["a", "b", "c"].map(|one| (format!("orders.{mark}-{one}.txt"), ORDERS.as_bytes()))
}

fn named<'e>(entries: &'e [(String, &'e [u8])]) -> Vec<Entry<'e>> {
    let named = entries.iter().map(|(name, content)| (&**name, *content));
    named.collect()
}

/// The bytes of an archive, by its name.
fn made(name: &str) -> Vec<u8> {
    let good = ORDERS.as_bytes();
    match name {
        "good.zip" => stored(&[
            ("orders.good-a.txt", good),
            ("readme.md", b"by hand"),
            ("list.good-b.txt", LIST),
        ]),
        "bomb.zip" => {
            let zeros = vec![b'0'; 2 << 20];
            let entries = three("bomb");
            let mut entries = named(&entries);
            entries[1].1 = &zeros;
            archive(&entries, CompressionMethod::Deflated)
        }
        "larger.zip" => {
            let zeros = vec![b'0'; 4 << 20];
            let entries = three("larger");
            let mut entries = named(&entries);
            entries[2].1 = &zeros;
            stored(&entries)
        }
        "lying.zip" => {
            let mut bytes = stored(&named(&three("lying")));
            let second = memchr::memmem::find_iter(&bytes, "张三".as_bytes()).nth(1);
            bytes[second.expect("three of them")] ^= 1;
            bytes
        }
        "encrypted.zip" => second_encrypted(stored(&named(&three("enc")[..2]))),
        "entries-differ.zip" => stored(&[
            ("list.differ-a.txt", SHORT_LIST),
            ("invoices.differ-b.txt", good),
            ("orders.differ-c.txt", b"no table at all\n"),
            ("orders.differ-d.txt", good),
        ]),
        "nested-name.zip" => patched(
            stored(&[("orders.x.txt", good), ("d-orders.y.txt", good)]),
            b"d-orders",
            b"d/orders",
        ),
        "twice.zip" => patched(
            stored(&[("orders.twice-a.txt", good), ("orders.twice-b.txt", good)]),
            b"twice-b",
            b"twice-a",
        ),
        "gbk-name.zip" => patched(
            stored(&[("orders.ABCD.txt", good)]),
            b"ABCD",
            &[0xB6, 0xD4, 0xD5, 0xCB],
        ),
        "no-name.zip" => patched(
            stored(&[("orders.ABCD.txt", good)]),
            b"ABCD",
            &[0xB6, 0xFF, 0xFF, 0xCB],
        ),
        "dash-name.zip" => stored(&[("orders.dash.txt", good), ("-rf.txt", good)]),
        "empty.zip" => stored(&[]),
        "none-wanted.zip" => stored(&[("readme.md", b"by hand"), ("a.csv", good)]),
        "many.zip" => {
            let names: Vec<String> = (0..21).map(|n| format!("orders.many-{n}.txt")).collect();
            let entries: Vec<Entry<'_>> = names.iter().map(|name| (&**name, good)).collect();
            stored(&entries)
        }
        "cut.zip" => {
            let mut bytes = stored(&[("orders.cut.txt", good)]);
            bytes.truncate(bytes.len() - 9);
            bytes
        }
        "no-archive.zip" => good.to_vec(),
        "total.zip" => {
            let content = vec![b'0'; 1 << 20];
            let names: Vec<String> = (0..4).map(|n| format!("orders.total-{n}.txt")).collect();
            let entries: Vec<Entry<'_>> = names.iter().map(|name| (&**name, &*content)).collect();
            stored(&entries)
        }
        other => panic!("`{other}` is not made here"),
    }
}

fn story(store: Option<&str>) {
    let rows = sheet::archives();
    let mut stage = Stage::new(store);
    let archives = rows.iter().filter(|row| !row.name.contains("!/"));
    let archives: BTreeMap<String, Vec<u8>> = archives
        .map(|row| (row.name.clone(), made(&row.name)))
        .collect();
    for (name, bytes) in &archives {
        stage.put(&format!("packs/{name}"), bytes);
    }
    let outcomes = stage.run(JOB, 1);

    let found = stage.gets();
    let wrong: Vec<String> = found
        .iter()
        .filter(|(name, gets)| {
            !rows
                .iter()
                .any(|row| row.name == **name && row.gets == **gets)
        })
        .map(|(name, gets)| sheet::archive_row(&rows, name, gets))
        .collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    assert_eq!(found.len(), rows.len(), "each row of the table is a file");

    stage.alerts_are_those_of_held_files();
    answers_are_those_of(&stage, &outcomes);
    for (name, bytes) in &archives {
        let done = stage.hub.path("inbox/hostile/done").join(name);
        let is_same = fs::read(done).is_ok_and(|there| there == *bytes);
        assert!(is_same, "{name} is not among the finished files");
    }
    entries_are_shown(&stage);
    let again = stage.run(JOB, 0);
    assert_eq!(again, BTreeMap::new(), "nothing is left to do");
}

/// One answer for each entry and for each archive that is held; none for one that is opened.
fn answers_are_those_of(stage: &Stage, outcomes: &BTreeMap<String, String>) {
    let mut expected: Vec<(String, String)> = outcomes
        .iter()
        .filter(|(_, outcome)| *outcome != "opened")
        .map(|(name, outcome)| {
            let pack = name.split(".zip").next().expect("a name");
            (pack.to_owned(), answer_code(outcome).to_owned())
        })
        .collect();
    let mut answers = stage.answers();
    expected.sort();
    answers.sort();
    assert_eq!(answers, expected);
}

/// Archive and entries know each other, and an entry's bytes are found again.
fn entries_are_shown(stage: &Stage) {
    let listed = stage.hub.json("files list --name good.zip");
    let files = array(&listed, "/files");
    let names: BTreeSet<&str> = files.iter().map(|file| text(file, "/name")).collect();
    let expected = [
        "good.zip",
        "good.zip!/list.good-b.txt",
        "good.zip!/orders.good-a.txt",
    ];
    assert_eq!(names, expected.into());
    let number = |name: &str| {
        let file = files.iter().find(|file| text(file, "/name") == name);
        super::stage::number(file.expect("it is listed"), "/file_no")
    };
    let shown = stage
        .hub
        .json(&format!("files show {}", number("good.zip")));
    assert_eq!(text(&shown, "/file/state"), "opened");
    let inside: Vec<&str> = array(&shown, "/entries")
        .iter()
        .map(|file| text(file, "/entry"))
        .collect();
    assert_eq!(inside, ["orders.good-a.txt", "list.good-b.txt"]);
    let entry = number("good.zip!/list.good-b.txt");
    let traced = stage.hub.dukou(&format!("trace file {entry}")).exit(0);
    assert!(
        traced.stdout.contains("good.zip!/list.good-b.txt"),
        "{}",
        traced.stdout
    );
}

#[test]
fn of_every_bad_archive_the_good_entries_are_loaded_on_sqlite() {
    story(None);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_every_bad_archive_the_good_entries_are_loaded_on_postgres() {
    let store = FreshDatabase::create().await;
    tokio::task::block_in_place(|| story(Some(store.text())));
}
