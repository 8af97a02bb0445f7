//! The two rules of a two-way mapping: `read(write(row)) = row` for generated valid rows, and
//! `write(read(bytes)) = bytes` for canonical files.
//!
//! The mappings are not listed here: they are found by reading every configuration of the tree, so
//! a new two-way mapping is exercised from the day it is written, and one without a canonical file
//! in `fixtures/canonical` fails.

mod beside;
mod canonical;
mod generate;
mod grouped;
mod identify;
mod promises;
mod shape;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dukou::clock::Clock;
use dukou::diag::Problems;
use dukou::format::{Limits, Next, Reader, WriteError};
use dukou::job::Configuration;
use dukou::mapping::{Context, Draft, FileWriter, Local, Mapped, Mapper, Mapping, Summary};
use dukou::record::Place;
use dukou::value::Value;
use proptest::prop_assert_eq;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

/// A two-way mapping with what it needs around it.
struct Subject {
    /// Where its canonical files are, below `fixtures/canonical`.
    name: String,
    mapping: Arc<Mapping>,
    clock: Clock,
}

/// One record on its way out, or come back.
#[derive(Debug, Clone, PartialEq)]
struct Item {
    kind: usize,
    /// In the order of the dataset's columns.
    values: Vec<Value>,
    /// Of fields that are not stored.
    local: Local,
}

/// What a file was read as.
struct ReadBack {
    /// In the order in which the records begin in the file.
    items: Vec<(Place, Item)>,
    refused: Vec<String>,
    summary: Summary,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every settings file of the tree that ships: the root's, and those of the fixtures.
fn settings_files() -> Vec<PathBuf> {
    let mut found = vec![root().join("dukou.toml")];
    let mut open = vec![root().join("fixtures")];
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(folder).expect("a folder of the tree");
        for path in entries.map(|entry| entry.expect("an entry").path()) {
            if path.is_dir() {
                open.push(path);
            } else if path.file_name().is_some_and(|name| name == "dukou.toml") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read_configuration(settings: &Path) -> Configuration {
    let mut problems = Problems::new();
    let configuration = Configuration::read(settings, &mut problems);
    let found: Vec<String> = problems
        .sorted()
        .into_iter()
        .map(|problem| problem.message)
        .collect();
    assert!(found.is_empty(), "{}: {found:?}", settings.display());
    configuration.expect("it has no problem")
}

/// Every two-way mapping of every configuration of the tree and of the reference, each once.
fn subjects() -> Vec<Subject> {
    let mut subjects: BTreeMap<String, Subject> = BTreeMap::new();
    let (_folder, reference) = crate::reference::world();
    let mut files = settings_files();
    files.push(reference);
    for settings in files {
        let configuration = read_configuration(&settings);
        for (name, mapping) in &configuration.mappings {
            if mapping.read_only.is_none() {
                let subject = Subject {
                    name: name.clone(),
                    mapping: Arc::clone(mapping),
                    clock: Clock::system(configuration.settings.zone),
                };
                subjects.entry(name.clone()).or_insert(subject);
            }
        }
    }
    subjects.into_values().collect()
}

fn write(subject: &Subject, items: &[Item]) -> Result<Vec<u8>, WriteError> {
    let mut writer = FileWriter::new(&subject.mapping, &subject.clock, Vec::new())?;
    for item in items {
        writer.record(item.kind, &item.values, &item.local)?;
    }
    writer.finish()
}

/// The bytes of a file whose promises are found in its rows: the items lack what a control knows.
fn state(subject: &Subject, items: &[Item]) -> Result<Vec<u8>, WriteError> {
    let mapping = &subject.mapping;
    let mut draft = Draft::new(mapping);
    for item in items {
        draft.record(item.kind, &item.values, &item.local);
    }
    let mut writer = FileWriter::stating(mapping, &subject.clock, Vec::new(), draft.finish())?;
    for item in items {
        writer.record(item.kind, &item.values, &item.local)?;
    }
    writer.finish()
}

fn read(
    subject: &Subject,
    context: &BTreeMap<String, String>,
    bytes: &[u8],
) -> Result<ReadBack, String> {
    let mapping = &subject.mapping;
    let content = Box::new(Cursor::new(bytes.to_vec()));
    let mut reader = Reader::open(
        &mapping.format,
        &mapping.layout,
        &Limits::default(),
        content,
    )
    .map_err(|error| error.to_string())?;
    let mut record = reader.record();
    let context = Context {
        clock: &subject.clock,
        values: context.clone(),
    };
    let mut mapper = Mapper::new(mapping, context);
    let (mut items, mut refused) = (Vec::new(), Vec::new());
    loop {
        match reader
            .next(&mut record)
            .map_err(|error| error.to_string())?
        {
            Next::End => break,
            Next::Refused(reject) => refused.push(format!("{}: {}", reject.code.id, reject.detail)),
            Next::Record => {
                let kind = record.kind();
                let values = match mapper.map(&record) {
                    Mapped::NotStored => Vec::new(),
                    Mapped::Refused(reject, _) => {
                        let field = reject.field.unwrap_or_default();
                        refused.push(format!("{field}: {}: {}", reject.code.id, reject.detail));
                        continue;
                    }
                    Mapped::Row {
                        row, is_flagged, ..
                    } => {
                        if is_flagged {
                            refused.push(format!("record {} is flagged", record.place().record));
                        }
                        row.values(&mapping.records[kind].kinds).expect("just made")
                    }
                };
                let local = mapper.local(kind);
                let item = Item {
                    kind,
                    values,
                    local,
                };
                items.push((record.place(), item));
            }
        }
    }
    items.sort_by_key(|(place, item)| shape::rank(&mapping.format, *place, item.kind));
    Ok(ReadBack {
        items,
        refused,
        summary: mapper.finish(),
    })
}

/// Why a written file does not read back as what was written.
fn difference(subject: &Subject, file: &generate::File, bytes: &[u8]) -> Result<(), String> {
    let back = read(subject, &file.context, bytes)?;
    if !back.refused.is_empty() {
        return Err(format!("refused: {:?}", back.refused));
    }
    let items: Vec<Item> = back.items.into_iter().map(|(_, item)| item).collect();
    if items.len() != file.items.len() {
        return Err(format!(
            "{} records were written, {} are read",
            file.items.len(),
            items.len()
        ));
    }
    for (written, read) in file.items.iter().zip(&items) {
        if written != read {
            return Err(format!("written {written:?}\n   read {read:?}"));
        }
    }
    for control in &back.summary.controls {
        if !control.agrees() {
            return Err(format!("{control:?}"));
        }
    }
    if back.summary.identity.is_none() {
        return Err("the file has no identity".to_owned());
    }
    Ok(())
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 4096,
        ..Config::default()
    })
}

fn shown(bytes: &[u8]) -> String {
    if bytes.starts_with(b"PK") {
        return format!("a workbook of {} bytes", bytes.len());
    }
    bytes
        .utf8_chunks()
        .flat_map(|chunk| {
            let invalid = chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}"));
            std::iter::once(chunk.valid().escape_debug().to_string()).chain(invalid)
        })
        .collect()
}

#[test]
fn every_format_has_a_two_way_mapping_in_the_tree() {
    let formats = subjects().into_iter();
    let formats: BTreeSet<&str> = formats
        .map(|subject| subject.mapping.format.kind_name())
        .collect();
    assert_eq!(formats, dukou::format::KINDS.iter().copied().collect());
}

#[test]
fn what_is_written_with_a_two_way_mapping_is_read_back_as_it_was() {
    for subject in subjects() {
        let strategy = generate::files(&subject, generate::Texts::Plain);
        let outcome = runner(96).run(&strategy, |file| {
            let bytes = write(&subject, &file.items)
                .map_err(|error| TestCaseError::fail(format!("{error}\n{:?}", file.items)))?;
            difference(&subject, &file, &bytes)
                .map_err(|found| TestCaseError::fail(format!("{found}\n{}", shown(&bytes))))
        });
        if let Err(found) = outcome {
            panic!("{}: {found}", subject.name);
        }
    }
}

#[test]
fn what_a_file_promises_is_found_in_its_rows_where_they_do_not_say_it() {
    let mut stated = Vec::new();
    for subject in subjects() {
        let taken = Cell::new(0);
        let strategy = generate::files(&subject, generate::Texts::Promised);
        let outcome = runner(96).run(&strategy, |file| {
            let lacking = promises::without_promises(&subject.mapping, &file.items);
            let all = |items: &[Item]| items.iter().map(|item| item.local.len()).sum::<usize>();
            taken.set(taken.get() + all(&file.items) - all(&lacking));
            let whole = write(&subject, &file.items)
                .map_err(|error| TestCaseError::fail(error.to_string()))?;
            let found = state(&subject, &lacking)
                .map_err(|error| TestCaseError::fail(format!("{error}\n{lacking:?}")))?;
            prop_assert_eq!(shown(&found), shown(&whole));
            Ok(())
        });
        if let Err(found) = outcome {
            panic!("{}: {found}", subject.name);
        }
        if taken.get() > 0 {
            stated.push(subject.name.clone());
        }
    }
    for name in ["reference/mapping_csv", "reference/mapping_fixed"] {
        assert!(stated.iter().any(|stated| stated == name), "{stated:?}");
    }
}

#[test]
fn a_text_that_cannot_stand_in_the_file_is_an_error_and_never_another_text() {
    for subject in subjects() {
        let strategy = generate::files(&subject, generate::Texts::Wild);
        let written = Cell::new(0);
        let outcome = runner(256).run(&strategy, |file| match write(&subject, &file.items) {
            Err(WriteError::Unwritable { .. }) => Ok(()),
            Err(error) => Err(TestCaseError::fail(error.to_string())),
            Ok(bytes) => {
                written.set(written.get() + 1);
                difference(&subject, &file, &bytes)
                    .map_err(|found| TestCaseError::fail(format!("{found}\n{}", shown(&bytes))))
            }
        });
        if let Err(found) = outcome {
            panic!("{}: {found}", subject.name);
        }
        assert!(written.get() > 128, "{}: {written:?}", subject.name);
    }
}
