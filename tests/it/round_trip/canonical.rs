//! Canonical files: `fixtures/canonical`, and what the simulator writes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;

use dukou::mapping::{ControlResult, FieldKind, FieldSourcePlan, TextCheck};
use dukou::simulate::etc_clearing::{Faults, Request, write as simulate};

use super::{Item, Subject, read, read_configuration, root, shown, subjects, write};
use crate::harness::world::envelope;

/// Why a file is not canonical; the outer error: why the mapping does not take it as its own.
fn again(subject: &Subject, name: &str, bytes: &[u8]) -> Result<Result<(), String>, String> {
    let mut context = BTreeMap::from([("business_date".to_owned(), "2026-01-05".to_owned())]);
    context.extend(surroundings(subject));
    context.insert("file_name".to_owned(), name.to_owned());
    let back = read(subject, &context, bytes)?;
    let is_sound = back.refused.is_empty()
        && !back.items.is_empty()
        && back.summary.identity.is_some()
        && back.summary.controls.iter().all(ControlResult::agrees);
    if !is_sound {
        return Err(format!("{:?}, {:?}", back.refused, back.summary));
    }
    let items: Vec<Item> = back.items.into_iter().map(|(_, item)| item).collect();
    Ok(match write(subject, &items) {
        Err(error) => Err(error.to_string()),
        Ok(written) if written == bytes => Ok(()),
        Ok(written) => Err(kept(subject, name, bytes, &written)),
    })
}

/// A value for everything that the fields of a mapping take from their surroundings.
fn surroundings(subject: &Subject) -> BTreeMap<String, String> {
    let fields = (subject.mapping.records.iter()).flat_map(|record| &record.fields);
    let mut found = BTreeMap::new();
    for field in fields {
        let FieldSourcePlan::Context(name) = &field.source else {
            continue;
        };
        let one_of = field.checks.iter().find_map(|check| match check {
            TextCheck::OneOf(texts) => texts.first().cloned(),
            TextCheck::Digits(digits) => Some("1".repeat(*digits)),
            _ => None,
        });
        let day = "2026-01-05T00:00:00".parse().expect("a day");
        let text = one_of.or_else(|| match &field.kind {
            FieldKind::Date(formats) => formats.first()?.write(day),
            FieldKind::Int { .. } => Some("1".to_owned()),
            _ => None,
        });
        found.insert(name.clone(), text.unwrap_or_else(|| "outlet".to_owned()));
    }
    found
}

/// How what is written differs from a file, and where it lies to be looked at: once it is known to be
/// right, it takes the file's place.
fn kept(subject: &Subject, name: &str, bytes: &[u8], written: &[u8]) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("canonical")
        .join(&subject.name);
    fs::create_dir_all(&folder).expect("a folder for what tests leave");
    let path = folder.join(name);
    fs::write(&path, written).expect("it can be written");
    let (found, wanted, path) = (shown(bytes), shown(written), path.display());
    format!("\n{found}\n{wanted}\nit would be written as {path}")
}

/// Every file below a folder, by its path.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else {
                let bytes = fs::read(&path).expect("a file");
                found.insert(path.to_string_lossy().into_owned(), bytes);
            }
        }
    }
    found
}

#[test]
fn a_canonical_file_is_written_again_byte_for_byte() {
    let folder = root().join("fixtures/canonical");
    let mut known = BTreeSet::from([folder.join("README.md").to_string_lossy().into_owned()]);
    for subject in subjects() {
        let fixtures = files(&folder.join(&subject.name));
        assert!(
            !fixtures.is_empty(),
            "`{0}` is two-way: put a canonical file into fixtures/canonical/{0}/",
            subject.name
        );
        for (path, bytes) in fixtures {
            let name = path.rsplit('/').next().expect("a name");
            let outcome = again(&subject, name, &bytes)
                .unwrap_or_else(|refused| Err(format!("refused: {refused}")));
            assert_eq!(outcome, Ok(()), "{path}");
            known.insert(path);
        }
    }
    let all: BTreeSet<String> = files(&folder).into_keys().collect();
    let stray: Vec<&String> = all.difference(&known).collect();
    assert!(stray.is_empty(), "of no two-way mapping: {stray:?}");
}

#[test]
fn what_the_simulated_partner_sends_is_canonical_whatever_the_seed() {
    let settings = root().join("dukou.toml");
    let configuration = read_configuration(&settings);
    let subjects = subjects();
    let mut exercised = BTreeSet::new();
    // A day without packages is not canonical: its statement has an empty `MessageId`, which
    // `skip_empty` reads as no record and which no row makes.
    for (seed, packages) in [(1, 1), (2, 3), (3, 5)] {
        let out = tempfile::tempdir().expect("a folder");
        let request = Request {
            faults: Faults::none(),
            ..Request::new("2026-03-09".parse().expect("a day"), packages, 12, seed)
        };
        let day = out.path().join("day");
        simulate(&request, &configuration, &day, &mut |_| {}).expect("a day");
        for (path, bytes) in files(&day) {
            if path.contains("/statement.") {
                continue;
            }
            let content = opened(&path, bytes);
            let name = path.rsplit('/').next().expect("a name");
            let mut takers = 0;
            for subject in &subjects {
                if let Ok(outcome) = again(subject, name, &content) {
                    assert_eq!(outcome, Ok(()), "{path} by {}", subject.name);
                    exercised.insert(subject.name.clone());
                    takers += 1;
                }
            }
            assert!(takers > 0, "no mapping takes {path}");
        }
    }
    let expected = [
        "card_blacklist",
        "card_status_list",
        "clearing",
        "obu_blacklist",
        "transaction_package",
    ];
    assert_eq!(
        exercised.into_iter().collect::<Vec<String>>(),
        expected.map(|name| format!("etc_clearing/{name}"))
    );
}

fn opened(path: &str, bytes: Vec<u8>) -> Vec<u8> {
    if !path.ends_with(".lz77") {
        return bytes;
    }
    let mut content = Vec::new();
    let sealed = std::io::Cursor::new(bytes);
    envelope()
        .open(Box::new(sealed))
        .read_to_end(&mut content)
        .expect("lz77");
    content
}
