//! Everything that people write: TOML files and tables.

use chrono::NaiveDate;
use dukou::calendar::Calendar;
use dukou::diag::{Problems, Source};
use dukou::mapping::CodeTable;

use crate::configured;
use crate::prepared::files;

fn of_text(data: &[u8], read: fn(&str)) {
    if let Ok(text) = std::str::from_utf8(data) {
        read(text);
    }
}

/// The reference files of a kind, and the files of a folder that are of it.
fn seeds(reference: &str, folders: &[&str], is_wanted: fn(&str) -> bool) -> Vec<Vec<u8>> {
    let reference = configured::reference(reference).into_iter();
    let of_folders = folders.iter().flat_map(|folder| files(folder));
    let wanted = of_folders.filter(|(path, _)| path.ends_with(".toml") && is_wanted(path));
    (reference.map(|(_, text)| text.into_bytes()))
        .chain(wanted.map(|(_, bytes)| bytes))
        .collect()
}

pub fn mapping(data: &[u8]) {
    of_text(data, configured::mapping);
}

pub fn mapping_seeds() -> Vec<Vec<u8>> {
    seeds("mapping_", &["mappings", "fixtures"], |path| {
        path.contains("mappings/") && !path.contains("/datasets/")
    })
}

pub fn job(data: &[u8]) {
    of_text(data, configured::job);
}

pub fn job_seeds() -> Vec<Vec<u8>> {
    seeds("job_", &["jobs", "fixtures"], |path| path.contains("jobs/"))
}

pub fn dataset(data: &[u8]) {
    of_text(data, configured::dataset);
}

pub fn dataset_seeds() -> Vec<Vec<u8>> {
    seeds("dataset", &["mappings", "fixtures"], |path| {
        path.contains("/datasets/")
    })
}

pub fn settings(data: &[u8]) {
    of_text(data, configured::settings);
}

pub fn settings_seeds() -> Vec<Vec<u8>> {
    seeds("dukou", &["fixtures"], |path| path.ends_with("dukou.toml"))
}

/// Code tables and calendars: lines with tabs.
pub fn tables(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let source = Source::new("fuzzed.tsv", text);
    let mut problems = Problems::new();
    let table = CodeTable::read(&source, &mut problems);
    for entry in table.entries() {
        match table.wire(&entry.canonical) {
            Some(wire) => assert!(table.canonical(wire).is_some(), "every code leads back"),
            None => assert!(
                entry.wire.is_empty(),
                "only what has no code is not written"
            ),
        }
    }
    if let Some(calendar) = Calendar::from_tsv(&source, &mut problems) {
        let day = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day");
        let _ = (calendar.is_working(day), calendar.add_working_days(day, 30));
    }
    configured::shown(problems);
}

pub fn table_seeds() -> Vec<Vec<u8>> {
    let of_folders = ["mappings", "jobs", "fixtures"].into_iter().flat_map(files);
    let tables = of_folders.filter(|(path, _)| path.ends_with(".tsv"));
    tables
        .map(|(_, bytes)| bytes)
        .chain([b"date\tkind\tnote\n2026-01-01\trest\tX\n2026-01-04\tmakeup_work\tY\n".to_vec()])
        .collect()
}
