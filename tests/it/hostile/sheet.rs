//! `fixtures/hostile/README.md`, read: the table of files and the catalogue.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::made;

/// A bad file and what it gets.
pub(super) struct Case {
    pub(super) name: String,
    /// Of the catalogue; `-` for a good file.
    pub(super) row: String,
    what: String,
    pub(super) gets: String,
    pub(super) bytes: Vec<u8>,
}

/// One thing that input may be.
pub(super) struct Row {
    pub(super) name: String,
    /// `files`, tests by path and name, or `no …`: what does not exist yet.
    pub(super) held_by: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hostile")
}

/// The rows of the table below a heading.
fn table(heading: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join("README.md")).expect("it is there");
    let (_, below) = text
        .split_once(&format!("\n## {heading}\n"))
        .expect("the README has this heading");
    let section = below.split("\n## ").next().unwrap_or(below);
    let rows = section.lines().filter(|line| line.starts_with("| "));
    rows.filter(|line| !line.starts_with("| ---"))
        .skip(1)
        .map(cells)
        .collect()
}

fn cells(line: &str) -> Vec<String> {
    let inner = line.trim_start_matches("| ").trim_end_matches(" |");
    let cells = inner.split(" | ");
    cells.map(|cell| cell.trim().replace("\\|", "|")).collect()
}

pub(super) fn cases() -> Vec<Case> {
    let cases: Vec<Case> = table("Files")
        .into_iter()
        .map(|cells| {
            let [name, row, what, gets] = <[String; 4]>::try_from(cells).expect("four cells");
            let file = root().join("files").join(&name);
            let bytes = match fs::read(&file) {
                Ok(bytes) => bytes,
                Err(_) => made::bytes(&name).expect("a file, or one that is made"),
            };
            Case {
                name,
                row,
                what,
                gets,
                bytes,
            }
        })
        .collect();
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len(), "a file stands in the table once");
    cases
}

/// What becomes of an archive, or of an entry of it.
pub(super) struct Archive {
    pub(super) name: String,
    /// Of the catalogue; `-` for a good one.
    pub(super) row: String,
    what: String,
    pub(super) gets: String,
}

pub(super) fn archives() -> Vec<Archive> {
    let rows = table("Archives").into_iter().map(|cells| {
        let [name, row, what, gets] = <[String; 4]>::try_from(cells).expect("four cells");
        Archive {
            name,
            row,
            what,
            gets,
        }
    });
    rows.collect()
}

/// A line of the table, as it must be for what was found.
pub(super) fn archive_row(rows: &[Archive], name: &str, gets: &str) -> String {
    let known = rows.iter().find(|row| row.name == name);
    let (row, what) = known.map_or(("-", ""), |known| (&known.row, &known.what));
    let gets = gets.replace('|', "\\|");
    format!("| {name} | {row} | {what} | {gets} |")
}

pub(super) fn catalogue() -> Vec<Row> {
    table("Catalogue")
        .into_iter()
        .map(|cells| {
            let [name, _, held_by] = <[String; 3]>::try_from(cells).expect("three cells");
            Row { name, held_by }
        })
        .collect()
}

/// A line of the table, as it must be for what was found.
pub(super) fn row(case: &Case, gets: &str) -> String {
    let gets = gets.replace('|', "\\|");
    format!("| {} | {} | {} | {gets} |", case.name, case.row, case.what)
}

/// Files that stand in no row of the table.
pub(super) fn strays(cases: &[Case]) -> Vec<String> {
    let entries = fs::read_dir(root().join("files")).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let names = names.map(|name| name.into_string().expect("UTF-8"));
    names
        .filter(|name| cases.iter().all(|case| case.name != *name))
        .map(|name| format!("`{name}` is not in the table"))
        .collect()
}

/// Tests that are said to hold a row and do not exist: `path: name`, several with `;`.
pub(super) fn missing_tests(row: &str, held_by: &str) -> Vec<String> {
    let exists = |test: &str| {
        let test = test.trim().trim_matches('`');
        let Some((path, name)) = test.split_once(": ") else {
            return false;
        };
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path));
        text.is_ok_and(|text| text.contains(&format!("fn {name}(")))
    };
    held_by
        .split(';')
        .filter(|test| !exists(test))
        .map(|test| format!("`{row}`: there is no test {test}"))
        .collect()
}
