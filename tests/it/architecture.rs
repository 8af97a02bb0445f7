//! The rows of the architecture, held: who may use whom, which crate belongs to whom, how long a
//! file may be and what it may not be called.
//!
//! [`ROWS`], [`OWNERS`] and [`FREE`] are the tables of `docs/ARCHITECTURE.md`. To add a module or
//! a crate, add it there first. The rules are functions over texts, so that every one of them is
//! shown to fail on a planted violation before the real tree is shown to pass.

mod rules;
mod scan;

use std::fmt;
use std::fs;
use std::path::Path;

/// Every module, by row. A module uses only modules of lower rows.
const ROWS: &[&[&str]] = &[
    &[
        "id",
        "diag",
        "secret",
        "clock",
        "retry",
        "step",
        "text",
        "value",
        "identifier",
    ],
    &["record", "document", "event", "digest", "key", "db"],
    &[
        "calendar",
        "format",
        "envelope",
        "transport",
        "dataset",
        "ledger",
    ],
    &["mapping", "access", "alert", "life", "reconcile"],
    &["settings", "report"],
    &["job"],
    &["engine"],
    &["simulate", "schedule"],
    &["console"],
    &["cli"],
];

/// Crates that only their owners may use.
const OWNERS: &[(&str, &[&str])] = &[
    ("aes", &["key"]),
    ("base64ct", &["text"]),
    ("calamine", &["format"]),
    ("cbc", &["key"]),
    ("chrono_tz", &["clock"]),
    ("clap", &["cli"]),
    ("comfy_table", &["cli"]),
    ("csv_core", &["format"]),
    ("encoding_rs", &["text"]),
    ("flate2", &["envelope"]),
    ("hmac", &["key"]),
    ("httparse", &["transport"]),
    ("indicatif", &["cli"]),
    ("md5", &["digest"]),
    ("miette", &["cli"]),
    ("minijinja", &["report"]),
    ("quick_xml", &["format"]),
    ("rusqlite", &["db"]),
    ("rustls", &["transport"]),
    ("rustls_native_certs", &["transport"]),
    ("rust_xlsxwriter", &["format", "report"]),
    ("rustix", &["format", "step", "transport"]),
    ("sha2", &["digest", "key", "transport"]),
    ("simdutf8", &["text"]),
    ("sm2", &["key"]),
    ("sm3", &["digest", "key"]),
    ("sm4", &["key"]),
    ("sqlx", &["db"]),
    ("toml", &["document"]),
    ("tracing_subscriber", &["cli"]),
    ("unicode_width", &["text"]),
    ("zeroize", &["secret"]),
    ("zip", &["envelope", "format", "report"]),
];

/// Crates that are vocabulary: every module may use them.
const FREE: &[&str] = &[
    "chrono",
    "memchr",
    "regex",
    "serde",
    "serde_json",
    "strsim",
    "tempfile",
    "thiserror",
    "tokio",
    "tracing",
    "uuid",
];

/// Modules that know nothing of asynchronous work.
const WITHOUT_TOKIO: &[&str] = &[
    "id",
    "diag",
    "secret",
    "clock",
    "step",
    "text",
    "value",
    "record",
    "document",
    "digest",
    "key",
    "calendar",
    "format",
    "envelope",
    "mapping",
    "settings",
    "job",
    "identifier",
];

/// Names that say nothing about what is inside.
const FORBIDDEN: &[&str] = &[
    "utils", "util", "helpers", "helper", "common", "misc", "manager", "service", "base", "core",
];

const MAX_LINES: usize = 600;
const MAX_MAIN_LINES: usize = 30;

/// A source file: its path from the repository's root, with `/`, and its text.
struct File {
    path: String,
    text: String,
}

/// A broken rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    line: usize,
    rule: &'static str,
    text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {}: {}",
            self.path, self.line, self.rule, self.text
        )
    }
}

/// Every finding over a whole tree, as lines, sorted.
fn check(files: &[File], cargo_toml: &str) -> Vec<String> {
    let mut findings = rules::dependencies(cargo_toml);
    for file in files {
        findings.extend(rules::length(file));
        findings.extend(rules::names(file));
        if file.path == "src/lib.rs" {
            findings.extend(rules::modules(file));
        } else if file.path.starts_with("src/") && file.path != "src/main.rs" {
            findings.extend(rules::edges(file));
            findings.extend(rules::crates(file));
        }
    }
    findings.sort();
    findings.dedup();
    findings.iter().map(ToString::to_string).collect()
}

fn read_tree(root: &Path, folder: &str, files: &mut Vec<File>) {
    let entries = fs::read_dir(root.join(folder)).expect("the folder is readable");
    for entry in entries {
        let entry = entry.expect("the entry is readable");
        let name = entry.file_name().into_string().expect("names are UTF-8");
        let path = format!("{folder}/{name}");
        if entry.path().is_dir() {
            read_tree(root, &path, files);
        } else if Path::new(&name)
            .extension()
            .is_some_and(|ending| ending == "rs")
        {
            let text = fs::read_to_string(entry.path()).expect("sources are UTF-8");
            files.push(File { path, text });
        }
    }
}

#[test]
fn the_tree_keeps_its_architecture() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    read_tree(root, "src", &mut files);
    read_tree(root, "tests", &mut files);
    let cargo_toml = fs::read_to_string(root.join("Cargo.toml")).expect("it is there");
    assert!(
        files.iter().any(|file| file.path == "src/lib.rs"),
        "the walk found the sources"
    );
    let findings = check(&files, &cargo_toml);
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// Findings over one planted file.
fn planted(path: &str, text: &str) -> Vec<String> {
    let file = File {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    check(&[file], "")
}

#[test]
fn an_edge_to_the_same_or_a_higher_row_is_found_however_it_is_written() {
    for text in [
        "use crate::engine::Run;",
        "use crate::{id::Fen, engine::{Run, Step}};",
        "pub(crate) use crate::{\n    engine as e,\n};",
        "fn f() { crate::engine::run(); }",
        "fn f(run: &dyn crate::engine::Run) {}",
        "use super::super::engine::Run;",
        "mod tests { use super::super::super::engine::Run; }",
        "type A = <crate::engine::Run as Into<u8>>::B;",
        "use dukou::engine::Run;",
        "macro_rules! m { () => { $crate::engine::run() } }",
        "use ::dukou::engine;",
    ] {
        let line = if text.contains("{\n") { 2 } else { 1 };
        assert_eq!(
            planted("src/format/csv.rs", text),
            [format!(
                "src/format/csv.rs:{line}: edge: `format` (row 2) uses `engine` (row 6), but a \
                 module uses only lower rows: move what both need down, or hand it in from above"
            )],
            "{text}"
        );
    }
    assert_eq!(
        planted("src/format/mod.rs", "\n\nuse crate::transport::Entry;"),
        [
            "src/format/mod.rs:3: edge: `format` (row 2) uses `transport` (row 2), but a module uses \
          only lower rows: move what both need down, or hand it in from above"
        ]
    );
}

#[test]
fn lower_rows_own_parts_comments_and_strings_are_no_edges() {
    for text in [
        "use crate::id::Fen;\nuse crate::{diag, record::{Record, Value}};",
        "use super::writer::Writer;\nuse crate::format::Options;\nuse self::inner::A;",
        "// use crate::engine::Run;\n/* crate::engine /* nested */ crate::engine::x */",
        "/// See [`crate::engine::Run`].\nfn f() {}",
        "const A: &str = \"crate::engine::Run\";\nconst B: &str = r#\"use \"crate::engine::x\"\"#;",
        "const A: char = '\"'; const B: char = '\\''; // crate::engine::x\nfn f<'a>(_: &'a u8) {}",
        "const A: &[u8] = b\"\\\"crate::engine::x\"; const B: u8 = b'\"'; // \"",
        "mod tests { use super::*; use super::super::Options; }",
        "pub(super) fn f() {} pub(crate) fn g() {} pub(in crate::format) fn h() {}",
        "fn f(r#type: u8) -> impl Sized + use<> { r#type }",
    ] {
        assert_eq!(
            planted("src/format/csv.rs", text),
            Vec::<String>::new(),
            "{text}"
        );
    }
}

#[test]
fn a_way_around_the_table_is_found() {
    assert_eq!(
        planted("src/format/csv.rs", "use crate::*;"),
        [
            "src/format/csv.rs:1: edge: a name taken from the crate's root hides which module it is \
          from: write `crate::MODULE::…`"
        ]
    );
    assert_eq!(
        planted("src/format/csv.rs", "use crate::Run;"),
        [
            "src/format/csv.rs:1: edge: `Run` is not a module of the table: write \
          `crate::MODULE::…`, or add the module to ROWS"
        ]
    );
    assert_eq!(
        planted("src/plumbing/mod.rs", ""),
        [
            "src/plumbing/mod.rs:1: edge: the module `plumbing` is not in the table: choose its row \
          and add it to ROWS and to docs/ARCHITECTURE.md"
        ]
    );
    assert_eq!(
        planted("src/lib.rs", "pub mod id;\nmod plumbing;"),
        [
            "src/lib.rs:2: unlisted-module: the module `plumbing` is not in the table: choose its \
          row and add it to ROWS and to docs/ARCHITECTURE.md"
        ]
    );
}

#[test]
fn a_crate_used_outside_its_owner_is_found() {
    for text in [
        "use sqlx::Row;",
        "use ::sqlx::{Row, Column};",
        "use sqlx as store;",
        "fn f(row: &sqlx::sqlite::SqliteRow) {}",
        "extern crate sqlx;",
        "use {std::fmt, sqlx::Row};",
    ] {
        assert_eq!(
            planted("src/ledger/mod.rs", text),
            [
                "src/ledger/mod.rs:1: crate-owner: `ledger` uses the crate `sqlx`, which belongs to \
              `db`: ask that module for what is needed"
            ],
            "{text}"
        );
        assert_eq!(
            planted("src/db/sqlite.rs", text),
            Vec::<String>::new(),
            "{text}"
        );
    }
}

#[test]
fn a_local_name_like_a_crate_is_not_that_crate() {
    for text in [
        "use crate::digest::md5;\nfn f() { md5::of(b\"\"); }",
        "mod toml;\nfn f() { toml::read(); self::toml::read(); }",
        "fn f(x: X) { x.sqlx(); let sqlx = 1; x.toml::<u8>(); }",
    ] {
        assert_eq!(
            planted("src/ledger/mod.rs", text),
            Vec::<String>::new(),
            "{text}"
        );
    }
}

#[test]
fn tokio_in_a_pure_module_is_found() {
    let text = "use std::fmt;\nasync fn f() { tokio::task::yield_now().await }";
    assert_eq!(
        planted("src/mapping/check.rs", text),
        [
            "src/mapping/check.rs:2: crate-owner: `mapping` uses the crate `tokio`, but it is a pure \
          module: do the waiting in `engine` and hand in the bytes"
        ]
    );
    assert_eq!(planted("src/engine/mod.rs", text), Vec::<String>::new());
}

#[test]
fn a_dependency_without_an_owner_is_found() {
    let cargo_toml = "[dependencies]\nmd-5 = \"0.11\"\nserde = { version = \"1\" }\n\
                      left-pad = \"1\"\n\n[dev-dependencies]\nproptest = \"1\"\n";
    assert_eq!(
        check(&[], cargo_toml),
        [
            "Cargo.toml:4: crate-owner: the crate `left_pad` has no owner: add it to OWNERS, or to \
          FREE if every module may use it"
        ]
    );
}

#[test]
fn a_long_file_and_a_long_main_are_found() {
    let text = "//\n".repeat(601);
    assert_eq!(
        planted("src/db/mod.rs", &"//\n".repeat(600)),
        Vec::<String>::new()
    );
    assert_eq!(
        planted("src/db/mod.rs", &text),
        [
            "src/db/mod.rs:601: file-length: 601 lines, at most 600 are allowed: one kind, one file; \
          split it by what it is responsible for"
        ]
    );
    assert_eq!(
        planted("src/main.rs", &"//\n".repeat(31)),
        [
            "src/main.rs:31: file-length: 31 lines, at most 30 are allowed: one kind, one file; \
          split it by what it is responsible for"
        ]
    );
}

#[test]
fn a_name_that_says_nothing_is_found() {
    let finding = |path: &str, name: &str| {
        format!(
            "{path}:1: forbidden-name: `{name}` says nothing about what is inside: name the file \
             or module after what it is responsible for"
        )
    };
    for (path, name) in [
        ("src/db/utils.rs", "utils"),
        ("src/db/common/mod.rs", "common"),
        ("tests/it/helpers.rs", "helpers"),
    ] {
        assert_eq!(planted(path, ""), [finding(path, name)]);
    }
    assert_eq!(
        planted("src/db/mod.rs", "mod service { fn f() {} }"),
        [finding("src/db/mod.rs", "service")]
    );
    assert_eq!(
        planted("src/db/mod.rs", "// mod core;\nuse core::fmt;"),
        Vec::<String>::new()
    );
}
