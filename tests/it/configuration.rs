//! The shipped configuration is without a problem.

use std::path::Path;

use dukou::diag::Problems;
use dukou::job::Configuration;

use crate::harness::world::copy_folder;

#[test]
fn the_shipped_configuration_has_no_problem() {
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("dukou.toml");
    let mut problems = Problems::new();
    let configuration = Configuration::read(&settings, &mut problems);
    let found: Vec<String> = problems
        .sorted()
        .iter()
        .map(|problem| {
            let (line, _) = problem.place.line_column();
            format!(
                "{}:{line}: {}",
                problem.place.source.path().display(),
                problem.message
            )
        })
        .collect();
    assert!(found.is_empty(), "{found:#?}");
    let configuration = configuration.expect("it has no problem");
    assert!(configuration.jobs.len() >= 5 && configuration.mappings.len() >= 9);
}

#[test]
fn a_mistake_in_a_mapping_is_one_problem_and_not_one_more_for_every_job_that_uses_it() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directory = tempfile::tempdir().expect("a directory");
    for folder in ["jobs", "mappings"] {
        copy_folder(&shipped.join(folder), &directory.path().join(folder));
    }
    let settings = directory.path().join("dukou.toml");
    std::fs::copy(shipped.join("dukou.toml"), &settings).expect("space");
    let mapping = directory
        .path()
        .join("mappings/etc_clearing/confirmation.toml");
    let text = std::fs::read_to_string(&mapping).expect("the mapping");
    let broken = text.replace("min = 1, max = 8", "mni = 1, max = 8");
    std::fs::write(&mapping, broken).expect("space");
    let mut problems = Problems::new();
    assert!(Configuration::read(&settings, &mut problems).is_none());
    let found: Vec<String> = problems.sorted().into_iter().map(|p| p.message).collect();
    assert_eq!(
        found,
        ["unknown key `mni` in `[record.confirmation.field.result]`"]
    );
}
