//! The shipped configuration is without a problem.

use std::path::Path;

use dukou::diag::Problems;
use dukou::job::Configuration;

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
