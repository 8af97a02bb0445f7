//! What stands in `docs/reference` and is written by the program: as the program would write it now.

use std::fs;
use std::path::Path;

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
