//! What bad input gets: every file of `fixtures/hostile/README.md`, its exact outcome, through the
//! program, on both databases, all in one folder, the good files beside them unaffected.
//!
//! The README is the table: a row is a file, what is wrong with it, and what it gets. Small files
//! lie in `fixtures/hostile/files`, large ones are made in `made`. Its second table is the
//! catalogue of everything that input may be, and says what holds each row; a row that is held by
//! nothing, and a file that belongs to no row, fail.

mod arrivals;
mod killed;
mod made;
mod names;
mod packs;
mod sheet;
mod stage;

use std::collections::BTreeSet;

use crate::harness::postgres::FreshDatabase;
use sheet::Case;
use stage::Stage;

const RECEIVE: &str = "hostile/receive";
const RECEIVE_SEALED: &str = "hostile/receive_sealed";

/// The folder of the partner in which a file of this name is expected.
fn folder(name: &str) -> &'static str {
    if name.ends_with(".lz77") {
        "sealed"
    } else {
        "in"
    }
}

fn story(store: Option<&str>, calm: Option<&str>) {
    let cases = sheet::cases();
    let mut stage = Stage::new(store);
    for case in &cases {
        stage.put(
            &format!("{}/{}", folder(&case.name), case.name),
            &case.bytes,
        );
    }
    let before = stage.untouchable();
    let mut outcomes = stage.run(RECEIVE, 1);
    outcomes.extend(stage.run(RECEIVE_SEALED, 1));
    assert_eq!(outcomes.len(), cases.len(), "every file is reported");

    let found = stage.gets();
    let wrong: Vec<String> = cases
        .iter()
        .filter(|case| found[&case.name] != case.gets)
        .map(|case| sheet::row(case, &found[&case.name]))
        .collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));

    stage.answers_are_those_of(&outcomes);
    stage.alerts_are_those_of_held_files();
    stage.rows_are_as_many_as_were_loaded();
    stage.rejects_have_the_bytes_of_their_files(&cases);
    stage.files_are_finished_unchanged(&cases);
    assert_eq!(stage.untouchable(), before, "nothing else is touched");

    let good: Vec<&Case> = cases.iter().filter(|case| case.row == "-").collect();
    let mut quiet = Stage::new(calm);
    for case in &good {
        quiet.put(
            &format!("{}/{}", folder(&case.name), case.name),
            &case.bytes,
        );
    }
    quiet.run(RECEIVE, 0);
    quiet.run(RECEIVE_SEALED, 0);
    let rows = quiet.rows();
    assert!(rows.len() > 2 * good.len(), "good files have rows");
    let names: BTreeSet<&str> = good.iter().map(|case| case.name.as_str()).collect();
    let mut beside = stage.rows();
    beside.retain(|row| names.contains(row[0].as_str()));
    assert_eq!(beside, rows, "good files are unaffected by bad ones");
}

#[test]
fn every_bad_file_gets_its_outcome_and_good_ones_are_unaffected_on_sqlite() {
    story(None, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_file_gets_its_outcome_and_good_ones_are_unaffected_on_postgres() {
    let (store, calm) = (FreshDatabase::create().await, FreshDatabase::create().await);
    tokio::task::block_in_place(|| story(Some(store.text()), Some(calm.text())));
}

#[test]
fn every_row_of_the_catalogue_is_held_and_every_file_belongs_to_one() {
    let (cases, archives) = (sheet::cases(), sheet::archives());
    let used: BTreeSet<&str> = cases
        .iter()
        .map(|case| case.row.as_str())
        .chain(archives.iter().map(|archive| archive.row.as_str()))
        .filter(|row| *row != "-")
        .collect();
    let catalogue = sheet::catalogue();
    let mut faults = Vec::new();
    for row in &catalogue {
        let is_used = used.contains(row.name.as_str());
        match row.held_by.as_str() {
            "files" if !is_used => faults.push(format!("`{}` has no file", row.name)),
            "files" => {}
            _ if is_used => faults.push(format!("`{}` has files: say so", row.name)),
            other if other.starts_with("no ") => {}
            other => faults.extend(sheet::missing_tests(&row.name, other)),
        }
    }
    let known: BTreeSet<&str> = catalogue.iter().map(|row| row.name.as_str()).collect();
    faults.extend(
        used.difference(&known)
            .map(|row| format!("`{row}` is not in the catalogue")),
    );
    faults.extend(sheet::strays(&cases));
    assert_eq!(faults, Vec::<String>::new());
}
