//! The shipped configuration is without a problem.

use std::path::{Path, PathBuf};

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

/// The shipped configuration with one text of one file changed: the messages of all its problems.
fn problems_after(path: &Path, change: impl Fn(&str) -> String) -> Vec<String> {
    problems_in(&[path], change)
}

/// The same with several files changed.
fn problems_in(paths: &[&Path], change: impl Fn(&str) -> String) -> Vec<String> {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directory = tempfile::tempdir().expect("a directory");
    for folder in ["jobs", "mappings"] {
        copy_folder(&shipped.join(folder), &directory.path().join(folder));
    }
    let settings = directory.path().join("dukou.toml");
    std::fs::copy(shipped.join("dukou.toml"), &settings).expect("space");
    for path in paths {
        let changed = directory.path().join(path);
        let text = std::fs::read_to_string(&changed).expect("the file");
        std::fs::write(&changed, change(&text)).expect("space");
    }
    let mut problems = Problems::new();
    assert!(Configuration::read(&settings, &mut problems).is_none());
    let shown = problems.sorted().into_iter().map(|problem| {
        let (line, _) = problem.place.line_column();
        let path = problem.place.source.path().display();
        format!("{path}:{line}: {}", problem.message)
    });
    shown.collect()
}

/// The files of a folder, by their paths in the tree.
fn files_of(folder: &str, ending: &str) -> Vec<PathBuf> {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(shipped.join(folder)).expect("a folder");
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| Path::new(folder).join(entry.file_name()))
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    files.sort();
    files
}

#[test]
fn a_mistake_in_a_mapping_is_one_problem_and_not_one_more_for_every_job_that_uses_it() {
    let mapping = Path::new("mappings/etc_clearing/confirmation.toml");
    assert_eq!(
        problems_after(mapping, |text| text
            .replace("min = 1, max = 8", "mni = 1, max = 8")),
        [
            "mappings/etc_clearing/confirmation.toml:28: unknown key `mni` in \
             `[record.confirmation.field.result]`"
        ]
    );
}

#[test]
fn a_mistake_in_any_mapping_is_reported_once_whatever_uses_it() {
    let mappings = files_of("mappings/etc_clearing", "toml");
    assert!(mappings.len() >= 9);
    for path in mappings {
        assert_eq!(
            problems_after(&path, |text| format!("titel = \"x\"\n{text}")),
            [format!(
                "{}:1: unknown key `titel` at the top of the file",
                path.display()
            )]
        );
    }
}

#[test]
fn a_mistake_in_any_dataset_is_reported_once_whatever_uses_it() {
    let datasets = files_of("mappings/datasets", "toml");
    assert!(datasets.len() >= 17);
    let paths: Vec<&Path> = datasets.iter().map(PathBuf::as_path).collect();
    let expected: Vec<String> = paths
        .iter()
        .map(|path| {
            format!(
                "{}:1: unknown key `titel` at the top of the file",
                path.display()
            )
        })
        .collect();
    let mut found = problems_in(&paths, |text| format!("titel = \"x\"\n{text}"));
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn a_dataset_that_is_not_there_is_named_at_every_place_that_wants_it() {
    let mapping = Path::new("mappings/etc_clearing/card_blacklist.toml");
    assert_eq!(
        problems_after(mapping, |text| text.replace(
            "dataset = \"card_blacklist\"",
            "dataset = \"card_blaklist\""
        )),
        ["mappings/etc_clearing/card_blacklist.toml:30: there is no dataset `card_blaklist`"]
    );
}

#[test]
fn every_mistake_about_the_entries_of_an_archive_is_named() {
    let job = Path::new("jobs/etc_clearing/receive_messages.toml");
    let inside = "[[envelope]]\ngzip = {}\n\n[[envelope]]\n\
                  zip = { entry = \"*\", entries = \"{message_id}.xml\" }\n\n[[envelope]]\nlz77";
    let path = job.display();
    let found = problems_after(job, |text| text.replacen("[[envelope]]\nlz77", inside, 1));
    let line = found
        .first()
        .and_then(|first| first.split(':').nth(1))
        .expect("a place");
    assert_eq!(
        found,
        [
            "`entries` stands in the first `[[envelope]]`, the outermost one",
            "a `zip` envelope has `entry` or `entries`, not both",
            "`{message_id}` is captured by `pattern` already",
        ]
        .map(|message| format!("{path}:{line}: {message}"))
    );
    let bad = "[[envelope]]\nzip = { entries = \"a/{b.xml\" }\n\n[[envelope]]\nlz77";
    let found = problems_after(job, |text| text.replacen("[[envelope]]\nlz77", bad, 1));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found
            .concat()
            .ends_with("no file name has `/`; a pattern is for the name alone"),
        "{found:?}"
    );
}
