//! `ops/fuzz` leaves nothing out: what it fuzzes, compared with what the program reads.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use dukou::envelope::{Envelope, GzipPlan, Lz77Plan, ZipPlan};
use dukou::format::KINDS;

/// What else reads bytes of strangers, by the names of their targets.
const OTHERS: &[&str] = &[
    "companion",
    "dataset",
    "excel_old",
    "excel_parts",
    "job",
    "mapping",
    "remote_name",
    "route",
    "settings",
    "tables",
    "text",
    "values",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The targets, as their table says.
fn targets() -> BTreeSet<String> {
    let table = fs::read_to_string(root().join("tests/fuzz/src/targets/mod.rs"));
    let table = table.expect("the table of targets");
    let rows = table.split("pub const ALL").nth(1).expect("all targets");
    let names = rows.split('"').skip(1).step_by(2);
    names.map(str::to_owned).collect()
}

#[test]
fn everything_that_reads_strangers_bytes_has_a_fuzz_target() {
    let envelopes = [
        Envelope::Lz77(Lz77Plan::default()),
        Envelope::Gzip(GzipPlan::default()),
        Envelope::Zip(ZipPlan::default()),
    ];
    // A new envelope does not compile here until it stands in the list above.
    let words = envelopes.iter().map(|envelope| match envelope {
        Envelope::Lz77(_) | Envelope::Gzip(_) | Envelope::Zip(_) => envelope.word(),
    });
    let wanted = words.chain(KINDS.iter().copied());
    let wanted = wanted.chain(OTHERS.iter().copied()).map(str::to_owned);
    assert_eq!(targets(), wanted.collect());
}

#[test]
fn every_fuzz_target_has_a_kept_corpus_of_small_inputs() {
    let folder = root().join("fixtures/fuzz");
    let mut kept = BTreeSet::new();
    for entry in fs::read_dir(&folder).expect("the corpus") {
        let path = entry.expect("an entry").path();
        if !path.is_dir() {
            continue;
        }
        let name = path.file_name().expect("a name").to_string_lossy();
        let mut inputs = 0;
        for input in fs::read_dir(&path).expect("a target's inputs") {
            let bytes = input.expect("an input").metadata().expect("its size").len();
            assert!(bytes <= 64 << 10, "{name}: an input of {bytes} bytes");
            inputs += 1;
        }
        assert!(inputs > 0, "{name} has no input");
        kept.insert(name.into_owned());
    }
    assert_eq!(kept, targets());
}
