//! Whole archives: good ones, hostile ones, and another writer's and reader's opinion.

use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom, Write};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::envelope::{Envelope, EnvelopeError, Sealed, ZipPlan};

fn plan() -> ZipPlan {
    ZipPlan {
        entry: "*.txt".to_owned(),
        max_entries: 20,
        max_content_bytes: 4 << 20,
        max_total_bytes: 6 << 20,
        ..ZipPlan::default()
    }
}

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("space");
    file.seek(SeekFrom::Start(0)).expect("a start");
    file
}

/// What an archive opens to, from a file and from a stream; and a refusal's code and message.
fn open_with(plan: &ZipPlan, bytes: &[u8]) -> Result<Vec<u8>, (&'static str, String)> {
    let envelope = Envelope::Zip(plan.clone());
    let stream = Box::new(Cursor::new(bytes.to_vec()));
    let opened = [Sealed::File(file(bytes)), Sealed::Stream(stream)].map(|sealed| {
        let mut opened = envelope.open_sealed(sealed);
        let mut content = Vec::new();
        let result = opened.read_to_end(&mut content);
        result.map(|_| content).map_err(|error| {
            let again = opened.read(&mut [0; 8]).expect_err("it fails again");
            assert_eq!(again.to_string(), error.to_string());
            let found = EnvelopeError::from_io(&error).expect("an error of the envelope");
            (
                found.code().map_or("none", |code| code.id),
                error.to_string(),
            )
        })
    });
    let [from_file, from_stream] = opened;
    assert_eq!(from_file, from_stream);
    from_file
}

fn open(bytes: &[u8]) -> Result<Vec<u8>, (&'static str, String)> {
    open_with(&plan(), bytes)
}

fn refused(code: &'static str, what: &str) -> Result<Vec<u8>, (&'static str, String)> {
    Err((code, format!("the zip envelope cannot be opened: {what}")))
}

fn hostile(what: &str) -> Result<Vec<u8>, (&'static str, String)> {
    refused("envelope-hostile", what)
}

/// An archive that another program wrote.
fn archive(entries: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        let options = SimpleFileOptions::default().compression_method(method);
        writer.start_file(*name, options).expect("a name");
        writer.write_all(content).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

fn one(name: &str, content: &[u8]) -> Vec<u8> {
    archive(&[(name, content)], CompressionMethod::Deflated)
}

/// Puts bytes in the place of equal ones, everywhere; they must be there `times` times.
fn patched(bytes: &[u8], from: &[u8], to: &[u8], times: usize) -> Vec<u8> {
    let places: Vec<usize> = memchr::memmem::find_iter(bytes, from).collect();
    assert_eq!(places.len(), times, "{from:?}");
    let mut bytes = bytes.to_vec();
    for at in places {
        bytes
            .get_mut(at..at + to.len())
            .expect("within")
            .copy_from_slice(to);
    }
    bytes
}

/// Sets a byte of a header: `at` from the start of the `n`-th of a signature.
fn set(bytes: &[u8], signature: &[u8], at: usize, value: u8) -> Vec<u8> {
    let start = memchr::memmem::find(bytes, signature).expect("it is there");
    let mut bytes = bytes.to_vec();
    *bytes.get_mut(start + at).expect("within") = value;
    bytes
}

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";

#[test]
fn the_entry_that_fits_is_the_content() {
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let bytes = archive(&[("readme.md", b"about"), ("data.txt", b"content")], method);
        assert_eq!(open(&bytes), Ok(b"content".to_vec()));
    }
    assert_eq!(open(&one("a.txt", b"")), Ok(Vec::new()));
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    writer.start_file("a.txt", options).expect("a name");
    writer.write_all(b"x").expect("memory");
    writer.set_comment("PK\u{5}\u{6} is no end").expect("short");
    let commented = writer.finish().expect("memory").into_inner();
    assert_eq!(open(&commented), Ok(b"x".to_vec()));
}

#[test]
fn sizes_behind_the_data_and_large_forms_are_read() {
    let mut writer = ZipWriter::new_stream(Vec::new());
    let options = SimpleFileOptions::default().large_file(true);
    writer.start_file("a.txt", options).expect("a name");
    writer.write_all(b"streamed").expect("memory");
    let bytes = writer.finish().expect("memory").into_inner();
    assert_eq!(open(&bytes), Ok(b"streamed".to_vec()));
}

#[test]
fn a_name_without_the_flag_is_gbk() {
    let bytes = patched(&one("ABCD.txt", b"x"), b"ABCD", b"\xb6\xd4\xd5\xcb", 2);
    let plan = ZipPlan {
        entry: "对账.*".to_owned(),
        ..plan()
    };
    assert_eq!(open_with(&plan, &bytes), Ok(b"x".to_vec()));
    let bytes = patched(&one("ABCD.txt", b"x"), b"ABCD", b"\xb6\xff\xff\xcb", 2);
    let (code, message) = open(&bytes).expect_err("no GBK");
    assert_eq!(code, "envelope-damaged");
    assert!(
        message.contains("the name of an entry cannot be read"),
        "{message}"
    );
    let flagged = one("对账.txt", b"y");
    assert_eq!(open_with(&plan, &flagged), Ok(b"y".to_vec()));
}

#[test]
fn none_or_several_fitting_entries_are_refused() {
    assert_eq!(
        open(&one("a.csv", b"x")),
        refused(
            "envelope-entries",
            "no entry fits `*.txt`, expected exactly one; it has `a.csv`"
        )
    );
    let two = archive(
        &[("a.txt", b"x"), ("b.txt", b"y")],
        CompressionMethod::Stored,
    );
    assert_eq!(
        open(&two),
        refused(
            "envelope-entries",
            "2 entries fit `*.txt`, expected exactly one; it has `a.txt`, `b.txt`"
        )
    );
    let empty = archive(&[], CompressionMethod::Stored);
    assert_eq!(
        open(&empty),
        refused(
            "envelope-entries",
            "no entry fits `*.txt`, expected exactly one; it is empty"
        )
    );
}

#[test]
fn names_that_could_lead_anywhere_are_refused() {
    for name in [
        "../a.txt", "/a.txt", "d/a.txt", "d\\a.txt", "C:a.txt", "dir/",
    ] {
        let bytes = patched(
            &one(&"x".repeat(name.len()), b"x"),
            "x".repeat(name.len()).as_bytes(),
            name.as_bytes(),
            2,
        );
        let shown = name.escape_debug();
        let what = format!("the entry `{shown}` has a path in its name, expected a name alone");
        assert_eq!(open(&bytes), hostile(&what));
    }
    let bytes = patched(&one("abc.txt", b"x"), b"abc", b"a\nc", 2);
    assert_eq!(
        open(&bytes),
        hostile("`a\\nc.txt` is no name of an entry: 1 to 255 bytes without control characters")
    );
    let two = archive(
        &[("a.txt", b"x"), ("b.txt", b"y")],
        CompressionMethod::Stored,
    );
    let twice = patched(&two, b"b.txt", b"A.txt", 2);
    assert_eq!(open(&twice), hostile("two entries have the name `A.txt`"));
}

#[test]
fn encryption_methods_links_and_archives_inside_are_refused() {
    let good = one("a.txt", b"content");
    let encrypted = set(&set(&good, LOCAL, 6, 1), CENTRAL, 8, 1);
    assert_eq!(
        open(&encrypted),
        hostile("the entry `a.txt` is encrypted, which is not opened")
    );
    let packed = set(&set(&good, LOCAL, 8, 12), CENTRAL, 10, 12);
    assert_eq!(
        open(&packed),
        refused(
            "envelope-damaged",
            "the entry `a.txt` is packed by method 12, expected 0 or 8"
        )
    );
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    writer
        .add_symlink("a.txt", "/etc/passwd", options)
        .expect("a link");
    let link = writer.finish().expect("memory").into_inner();
    assert_eq!(open(&link), hostile("the entry `a.txt` is a symbolic link"));
    let nested = archive(
        &[("a.txt", b"x"), ("b.ZIP", b"y")],
        CompressionMethod::Stored,
    );
    assert_eq!(
        open(&nested),
        hostile("the entry `b.ZIP` is an archive itself")
    );
}

#[test]
fn headers_that_contradict_the_directory_are_refused() {
    let good = one("a.txt", b"content");
    let differs = |what: &str| {
        hostile(&format!(
            "the entry `a.txt` has another {what} before its data than in the directory"
        ))
    };
    let name = {
        let at = memchr::memmem::find(&good, b"a.txt").expect("it is there");
        let mut bytes = good.clone();
        *bytes.get_mut(at).expect("within") = b'b';
        bytes
    };
    assert_eq!(open(&name), differs("name"));
    assert_eq!(open(&set(&good, LOCAL, 7, 8)), differs("flag"));
    assert_eq!(open(&set(&good, LOCAL, 8, 0)), differs("method"));
    assert_eq!(open(&set(&good, LOCAL, 14, 9)), differs("checksum"));
    assert_eq!(open(&set(&good, LOCAL, 22, 9)), differs("size"));
}

#[test]
fn sizes_and_checksums_that_lie_are_found() {
    let good = one("a.txt", b"content");
    let both = |at: usize, value: u8| set(&set(&good, LOCAL, at, value), CENTRAL, at + 2, value);
    let damaged = |what: &str| refused("envelope-damaged", &format!("the entry `a.txt` {what}"));
    assert_eq!(
        open(&both(22, 6)),
        damaged("opens to more bytes than the archive says")
    );
    assert_eq!(
        open(&both(22, 8)),
        damaged("does not have the size that the archive says")
    );
    assert_eq!(
        open(&both(14, 9)),
        damaged("does not have the checksum that the archive says")
    );
    let (code, _) = open(&both(18, 200)).expect_err("data into the directory");
    assert_eq!(code, "envelope-hostile");
}

#[test]
fn bytes_that_belong_to_no_entry_are_refused() {
    let good = one("a.txt", b"content");
    let before = [b"MZ stub".as_slice(), &good].concat();
    assert!(open(&before).is_err());
    assert_eq!(
        open(&[&good[..], b"trailing"].concat()),
        refused("envelope-damaged", "bytes stand after its end")
    );
    assert_eq!(
        open(b"no archive at all, whatever its name says"),
        refused(
            "envelope-damaged",
            "it is no zip archive, or its end is cut off"
        )
    );
    for end in 0..good.len() {
        assert!(
            open(good.get(..end).expect("within")).is_err(),
            "cut at {end}"
        );
    }
}

#[test]
fn limits_hold_before_anything_is_unpacked() {
    let zeros = vec![0; 3 << 20];
    let bomb = one("a.txt", &zeros);
    let (code, message) = open(&bomb).expect_err("1,000:1");
    assert_eq!(code, "envelope-too-large");
    assert!(
        message.ends_with("open to 3145728, over `max_ratio = 100`"),
        "{message}"
    );
    let stored = |entries: &[(&str, &[u8])]| archive(entries, CompressionMethod::Stored);
    assert_eq!(
        open(&stored(&[("a.txt", &vec![1; 5 << 20])])),
        refused(
            "envelope-too-large",
            "the entry `a.txt` opens to 5242880 bytes, over `max_content_bytes = 4194304`"
        )
    );
    assert_eq!(
        open(&stored(&[("a.txt", &zeros), ("b", &zeros), ("c", b"x")])),
        refused(
            "envelope-too-large",
            "its entries open to 6291457 bytes, over `max_total_bytes = 6291456`"
        )
    );
    let names: Vec<String> = (0..21).map(|n| format!("{n}.txt")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (&**name, &b""[..])).collect();
    assert_eq!(
        open(&stored(&many)),
        refused(
            "envelope-too-large",
            "it has 21 entries, over `max_entries = 20`"
        )
    );
}

fn sealed(name: &str, content: &[u8]) -> Vec<u8> {
    let plan = ZipPlan {
        entry: name.to_owned(),
        ..ZipPlan::default()
    };
    let mut out = Vec::new();
    let bytes = Envelope::Zip(plan)
        .seal(&mut &*content, &mut out)
        .expect("memory");
    assert_eq!(bytes, out.len() as u64);
    out
}

#[test]
fn another_reader_opens_what_is_sealed() {
    for name in ["a.txt", "对账.txt"] {
        let bytes = sealed(name, b"content of it");
        assert_eq!(
            bytes,
            sealed(name, b"content of it"),
            "always the same bytes"
        );
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
        assert_eq!(archive.len(), 1);
        let mut entry = archive.by_index(0).expect("an entry");
        assert_eq!(entry.name().expect("UTF-8"), name);
        let mut text = String::new();
        entry
            .read_to_string(&mut text)
            .expect("its checksum is right");
        assert_eq!(text, "content of it");
    }
}

#[test]
fn words_of_the_books_seal_from_the_inside_out() {
    let spool = std::env::temp_dir();
    let names: Vec<String> = Envelope::for_sealing("zip+gzip+lz77", "a.txt.zip.gz", &spool)
        .expect("known kinds")
        .iter()
        .map(|envelope| match envelope {
            Envelope::Zip(plan) => format!("zip of {}", plan.entry),
            other => other.word().to_owned(),
        })
        .collect();
    assert_eq!(names, ["zip of a.txt", "gzip", "lz77"]);
    let sealed = Envelope::for_sealing("zip.xml", "a.zip", &spool).expect("a known kind");
    assert!(matches!(&sealed[..], [Envelope::Zip(plan)] if plan.entry == "a.xml"));
    let plan = ZipPlan {
        entry: "*.xml".to_owned(),
        ..plan()
    };
    assert_eq!(Envelope::Zip(plan).written(), "zip.xml");
}

/// The names that an archive lists, or a refusal's code and message.
fn listed(bytes: &[u8]) -> Result<Vec<String>, (&'static str, String)> {
    plan().entries(file(bytes)).map_err(|error| {
        let found = EnvelopeError::from_io(&error).expect("an error of the envelope");
        (
            found.code().map_or("none", |code| code.id),
            error.to_string(),
        )
    })
}

fn not_listed(bytes: &[u8]) -> (&'static str, String) {
    listed(bytes).expect_err("it is refused")
}

fn member(name: &str, bytes: &[u8]) -> Result<Vec<u8>, (&'static str, String)> {
    let plan = ZipPlan {
        member: Some(name.to_owned()),
        ..plan()
    };
    open_with(&plan, bytes)
}

#[test]
fn each_entry_of_an_archive_opens_by_its_name() {
    let entries: [(&str, &[u8]); 3] = [("b.txt", b"1"), ("a.csv", b"2"), ("对.txt", b"")];
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let bytes = archive(&entries, method);
        let names = listed(&bytes).expect("a good archive");
        assert_eq!(names, ["b.txt", "a.csv", "对.txt"]);
        for (name, content) in entries {
            assert_eq!(member(name, &bytes), Ok(content.to_vec()));
        }
        assert_eq!(
            member("c.txt", &bytes),
            refused("envelope-damaged", "it has no entry `c.txt`")
        );
    }
}

#[test]
fn a_bad_entry_is_its_own_affair() {
    let zeros = vec![0; 3 << 20];
    let entries: [(&str, &[u8]); 3] = [
        ("a.txt", b"good"),
        ("bomb.txt", &zeros),
        ("inner.zip", b"x"),
    ];
    let bytes = archive(&entries, CompressionMethod::Deflated);
    assert_eq!(
        listed(&bytes).expect("it is an archive"),
        ["a.txt", "bomb.txt", "inner.zip"]
    );
    assert_eq!(member("a.txt", &bytes), Ok(b"good".to_vec()));
    let (code, message) = member("bomb.txt", &bytes).expect_err("1,000:1");
    assert_eq!(code, "envelope-too-large");
    assert!(
        message.ends_with("open to 3145728, over `max_ratio = 100`"),
        "{message}"
    );
    assert_eq!(
        member("inner.zip", &bytes),
        hostile("the entry `inner.zip` is an archive itself")
    );
}

#[test]
fn bytes_of_entries_that_are_never_opened_do_not_count() {
    let zeros = vec![0; 3 << 20];
    let three = [("a.txt", &*zeros), ("b.txt", &*zeros), ("c.txt", &*zeros)];
    let bombs = archive(&three, CompressionMethod::Deflated);
    assert_eq!(listed(&bombs).expect("an archive").len(), 3);
    let (code, message) = not_listed(&archive(&three, CompressionMethod::Stored));
    assert_eq!(code, "envelope-too-large");
    assert_eq!(
        message,
        "the zip envelope cannot be opened: its entries open to 9437184 bytes, over \
         `max_total_bytes = 6291456`"
    );
}

#[test]
fn what_makes_no_archive_lists_no_entry() {
    let two = archive(
        &[("a.txt", b"x"), ("b.txt", b"y")],
        CompressionMethod::Stored,
    );
    let twice = patched(&two, b"b.txt", b"A.txt", 2);
    assert_eq!(
        Err(not_listed(&twice)),
        hostile("two entries have the name `A.txt`")
    );
    let path = patched(&two, b"b.txt", b"b/txt", 2);
    assert_eq!(
        Err(not_listed(&path)),
        hostile("the entry `b/txt` has a path in its name, expected a name alone")
    );
    for end in 0..two.len() {
        assert!(
            listed(two.get(..end).expect("within")).is_err(),
            "cut at {end}"
        );
    }
}

proptest! {
    #[test]
    fn whatever_is_sealed_opens_to_itself(content in prop::collection::vec(any::<u8>(), 0..3000)) {
        prop_assert_eq!(open(&sealed("a.txt", &content)), Ok(content));
    }

    #[test]
    fn damaged_archives_never_panic(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let entries: [(&str, &[u8]); 2] = [("a.txt", b"content"), ("b", b"more")];
        let mut bytes = archive(&entries, CompressionMethod::Deflated);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
        }
        if let Ok(content) = open(&bytes) {
            prop_assert_eq!(content, b"content");
        }
    }

    #[test]
    fn any_bytes_are_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(open(&bytes));
    }
}
