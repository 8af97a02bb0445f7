//! What names and things in a drop folder get: each its code, the good files beside them taken, and
//! nothing outside the folder touched.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::Value as Json;

use super::stage::{Stage, array, text};

const JOB: &str = "hostile/receive_names";
const CONTENT: &str = "order_no,owner,amount,due_on,channel,remark\n1,张三,10.00,2026-01-05,A,\n";

/// What becomes of a name.
#[derive(Debug, Clone, Copy)]
enum Gets {
    Taken,
    /// Refused with this code, shown like this.
    Refused(&'static str, &'static str),
    /// Passed over: somebody is still writing it, or it is none of ours.
    Ignored,
}
use Gets::{Ignored, Refused, Taken};

/// Names of regular files whose content is good.
const NAMES: &[(&[u8], Gets)] = &[
    (b"good.txt", Taken),
    ("对账文件 2026年.txt".as_bytes(), Taken),
    (b"=cmd.txt", Taken),
    (b"'quote'.txt", Taken),
    (b"$(id);.txt", Taken),
    (b"%2e%2e%2f.txt", Taken),
    (b"case.txt", Taken),
    (b"CASE.txt", Taken),
    ("caf\u{e9}.txt".as_bytes(), Taken),
    ("cafe\u{301}.txt".as_bytes(), Taken),
    ("g\u{43e}od.txt".as_bytes(), Taken),
    ("ｇｏｏｄ.txt".as_bytes(), Taken),
    (b"..\\evil.txt", Refused("name-path", "..\\\\evil.txt")),
    (b"a\\b.txt", Refused("name-path", "a\\\\b.txt")),
    (
        b"\\\\host\\share",
        Refused("name-path", "\\\\\\\\host\\\\share"),
    ),
    (b"a..b.txt", Refused("name-path", "a..b.txt")),
    (b"...", Refused("name-path", "...")),
    (
        b"C:evil.txt",
        Refused("name-reserved-character", "C:evil.txt"),
    ),
    (
        b"a.txt:stream",
        Refused("name-reserved-character", "a.txt:stream"),
    ),
    (
        b"<script>.txt",
        Refused("name-reserved-character", "<script>.txt"),
    ),
    (b"a|b.txt", Refused("name-reserved-character", "a|b.txt")),
    (b"*.txt", Refused("name-reserved-character", "*.txt")),
    (b"-rf", Refused("name-leading-dash", "-rf")),
    (b"a\nb.txt", Refused("name-control-character", "a\\nb.txt")),
    (b"a\rb.txt", Refused("name-control-character", "a\\rb.txt")),
    (
        b"\x1b[2J.txt",
        Refused("name-control-character", "\\u{1b}[2J.txt"),
    ),
    (
        b"\x7f.txt",
        Refused("name-control-character", "\\u{7f}.txt"),
    ),
    (
        "a\u{202e}txt.exe".as_bytes(),
        Refused("name-invisible-character", "a\\u{202e}txt.exe"),
    ),
    (
        "go\u{200b}od.txt".as_bytes(),
        Refused("name-invisible-character", "go\\u{200b}od.txt"),
    ),
    (b"CON", Refused("name-device", "CON")),
    (b"nul.txt", Refused("name-device", "nul.txt")),
    (b"com1.tar.gz", Refused("name-device", "com1.tar.gz")),
    (b"good.txt.", Refused("name-edge", "good.txt.")),
    (b"good.txt ", Refused("name-edge", "good.txt ")),
    (b" good.txt", Refused("name-edge", " good.txt")),
    (
        "\u{3000}good.txt".as_bytes(),
        Refused("name-edge", "\u{3000}good.txt"),
    ),
    (
        b"\xb6\xd4\xd5\xcb.txt",
        Refused("name-not-utf8", "\\xb6\\xd4\\xd5\\xcb.txt"),
    ),
    (b"\xc0\xaf.txt", Refused("name-not-utf8", "\\xc0\\xaf.txt")),
    (b".hidden.txt", Ignored),
    (b"good.txt.part", Ignored),
    (b"good.txt.tmp", Ignored),
    (b"good.txt~", Ignored),
];

/// Things that are no regular file of the partner's own.
const THINGS: &[(&str, Gets)] = &[
    ("link-to-a-file", Refused("file-symlink", "link-to-a-file")),
    (
        "link-to-a-folder",
        Refused("file-symlink", "link-to-a-folder"),
    ),
    (
        "link-to-nothing",
        Refused("file-symlink", "link-to-nothing"),
    ),
    ("link-to-itself", Refused("file-symlink", "link-to-itself")),
    ("link-up", Refused("file-symlink", "link-up")),
    ("second-name", Refused("file-hard-link", "second-name")),
    ("pipe", Refused("file-special", "pipe")),
    ("socket", Refused("file-special", "socket")),
    ("folder", Ignored),
];

fn gets() -> impl Iterator<Item = (&'static OsStr, Gets)> {
    let names = NAMES
        .iter()
        .map(|(name, gets)| (OsStr::from_bytes(name), *gets));
    names.chain(THINGS.iter().map(|(name, gets)| (OsStr::new(*name), *gets)))
}

/// A folder with all of it, and a secret beside it that nothing may touch.
fn set() -> (Stage, PathBuf, PathBuf) {
    let stage = Stage::new(None);
    let folder = stage.hub.path("inbox/hostile/names");
    let secret = stage.hub.path("secret");
    fs::create_dir_all(&folder).expect("a folder");
    fs::create_dir_all(&secret).expect("a folder");
    for file in ["linked", "named-twice"] {
        fs::write(secret.join(file), CONTENT).expect("a file");
    }
    for (name, _) in NAMES {
        fs::write(folder.join(OsStr::from_bytes(name)), CONTENT).expect("a file");
    }
    let link = |to: &Path, name: &str| symlink(to, folder.join(name)).expect("a link");
    link(&secret.join("linked"), "link-to-a-file");
    link(&secret, "link-to-a-folder");
    link(Path::new("nothing"), "link-to-nothing");
    link(Path::new("link-to-itself"), "link-to-itself");
    link(Path::new("../../../secret/linked"), "link-up");
    fs::hard_link(secret.join("named-twice"), folder.join("second-name")).expect("a second name");
    let pipe = folder.join("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe");
    UnixListener::bind(folder.join("socket")).expect("a socket");
    fs::create_dir(folder.join("folder")).expect("a folder");
    (stage, folder, secret)
}

#[test]
fn every_name_gets_its_code_and_nothing_outside_the_folder_is_touched() {
    let (mut stage, folder, secret) = set();
    let before = stage.untouchable();
    let report = stage.report(JOB, 1);

    let mut expected: Vec<(&str, &str)> = gets()
        .filter_map(|(_, gets)| match gets {
            Refused(code, shown) => Some((shown, code)),
            _ => None,
        })
        .collect();
    let skipped = array(&report, "/run/skipped");
    let mut refused: Vec<(&str, &str)> = skipped
        .iter()
        .map(|skipped| (text(skipped, "/name"), text(skipped, "/code")))
        .collect();
    expected.sort_unstable();
    refused.sort_unstable();
    assert_eq!(refused, expected);
    assert!(
        skipped
            .iter()
            .all(|one| one.pointer("/is_refused") == Some(&Json::Bool(true)))
    );

    let done = stage.hub.path("inbox/hostile/done");
    for (name, gets) in gets() {
        let is_left = folder.join(name).symlink_metadata().is_ok();
        let is_done = done.join(name).symlink_metadata().is_ok();
        let is_taken = matches!(gets, Taken);
        assert_eq!(
            (is_left, is_done),
            (!is_taken, is_taken),
            "{}",
            name.display()
        );
    }
    let outcomes = stage.run(JOB, 1);
    assert!(outcomes.is_empty(), "what was refused stays refused");
    assert_eq!(stage.untouchable(), before, "nothing else is touched");
    assert_eq!(fs::read_dir(secret).expect("the folder").count(), 2);
    let taken = gets().filter(|(_, gets)| matches!(gets, Taken)).count();
    assert_eq!(
        stage.rows().len(),
        taken,
        "every taken file has its one row"
    );
    // The hub's own check would take it for one of ours.
    fs::remove_file(folder.join("good.txt.part")).expect("it is still there");
}

#[test]
fn a_folder_that_is_too_full_is_not_listed_at_all() {
    let stage = Stage::new(None);
    let folder = stage.hub.path("inbox/hostile/names");
    fs::create_dir_all(&folder).expect("a folder");
    for number in 0..=3000 {
        fs::write(folder.join(format!("{number}.txt")), "").expect("a file");
    }
    let refused = stage.report(JOB, 2);
    assert_eq!(
        text(&refused, "/error/code"),
        "folder-too-full",
        "{refused:#}"
    );
    assert_eq!(fs::read_dir(&folder).expect("the folder").count(), 3001);
    fs::remove_file(folder.join("0.txt")).expect("it is there");
    let report = stage.hub.dukou(&format!("run {JOB} --dry-run --json"));
    assert_eq!(array(&report.document(), "/run/files").len(), 3000);
}

#[test]
fn a_partners_folder_that_became_a_link_is_not_entered() {
    for folder in ["names", "done"] {
        let stage = Stage::new(None);
        let secret = stage.hub.path("secret");
        let inbox = stage.hub.path("inbox/hostile");
        fs::create_dir_all(inbox.join("names")).expect("a folder");
        fs::create_dir(&secret).expect("a folder");
        let _ = fs::remove_dir(inbox.join(folder));
        symlink(&secret, inbox.join(folder)).expect("a link");
        fs::write(inbox.join("names/good.txt"), CONTENT).expect("a file");
        let refused = stage.report(JOB, 2);
        assert_eq!(
            text(&refused, "/error/code"),
            "folder-unsafe",
            "{refused:#}"
        );
        assert!(inbox.join("names/good.txt").exists(), "it stays");
        let touched = usize::from(folder == "names");
        assert_eq!(fs::read_dir(&secret).expect("the folder").count(), touched);
        fs::remove_file(inbox.join(folder)).expect("the link goes");
        if folder == "done" {
            let outcomes = stage.report(JOB, 0);
            assert_eq!(array(&outcomes, "/recovered/files").len(), 0);
        }
    }
}
