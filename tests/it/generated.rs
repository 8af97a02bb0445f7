//! What stands in `docs` and is written by the program: as the program would write it now. And what
//! the page of exchanges must show: a fixture for every message.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use crate::harness::hub::Hub;

/// A generated file and the words that write it to standard output.
const GENERATED: &[(&str, &str)] = &[
    ("codes.md", "explain --markdown"),
    ("dictionary.md", "store dictionary"),
    ("schema/dataset.json", "schema dataset"),
    ("schema/job.json", "schema job"),
    ("schema/mapping.json", "schema mapping"),
    ("schema/settings.json", "schema settings"),
    ("schema/story.json", "schema story"),
];

#[test]
fn every_generated_page_is_as_the_program_writes_it() {
    let hub = Hub::new().without_store();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference");
    for (name, words) in GENERATED {
        let written = hub.dukou(words).exit(0).stdout;
        let there = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(
            there == written,
            "docs/reference/{name} is stale: run `ops/generate` and look at what changed"
        );
    }
}

/// A verb of the program about the tree itself, its fixtures among it.
fn about_the_tree(words: &str) -> String {
    let settings = concat!("--settings ", env!("CARGO_MANIFEST_DIR"), "/dukou.toml");
    let hub = Hub::new().without_store();
    hub.dukou(&format!("{settings} {words}")).exit(0).stdout
}

#[test]
fn the_page_of_exchanges_is_as_the_program_writes_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/EXCHANGES.md");
    let there = fs::read_to_string(path).unwrap_or_default();
    assert!(
        there == about_the_tree("exchanges --markdown"),
        "docs/EXCHANGES.md is stale: run `ops/generate` and look at what changed"
    );
}

#[test]
fn every_message_has_a_golden_fixture_in_each_direction_and_every_partner_a_hostile_one() {
    let found: Json = serde_json::from_str(&about_the_tree("exchanges --json")).expect("JSON");
    let exchanges = found["exchanges"].as_array().expect("a list");
    assert!(exchanges.len() >= 10, "{exchanges:#?}");
    assert_eq!(
        found["lacking"],
        Json::Array(Vec::new()),
        "a story with `configuration = \"../..\"` that loads or sends the message, or a canonical file of its \
         mapping, is golden; a story in which a file of the partner is held or a record refused is hostile"
    );
}

#[test]
fn a_message_without_fixtures_is_told() {
    let hub = Hub::new().without_store();
    let found = hub.dukou("exchanges --json").exit(0).document();
    let lacking = found["lacking"].as_array().expect("a list");
    for said in [
        "etc_clearing/accounting out: no golden fixture",
        "etc_clearing/clearing in: no golden fixture",
        "etc_clearing/confirmation in: no golden fixture",
        "etc_clearing/confirmation out: no golden fixture",
        "etc_clearing: no hostile fixture",
    ] {
        assert!(lacking.contains(&Json::from(said)), "{said}: {lacking:#?}");
    }
}
