//! `docs/reference/*.toml`, proven: together they are one valid configuration, they show every key
//! that there is, and no value that could as well be left out. And `docs/ARCHITECTURE.md` names
//! only tests that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dukou::dataset::DATASET_KEYS;
use dukou::diag::{Problems, Source};
use dukou::document::{Document, Key, KeyKind, Presence, Section};
use dukou::job::{Configuration, JOB_KEYS};
use dukou::mapping::MAPPING_KEYS;
use dukou::settings::SETTINGS_KEYS;

/// What every file declares, by the name of what it is.
type Table = (&'static str, &'static [Key]);

const SETTINGS: Table = ("dukou", SETTINGS_KEYS);
const JOB: Table = ("job", JOB_KEYS);
const MAPPING: Table = ("mapping", MAPPING_KEYS);
const DATASET: Table = ("dataset", DATASET_KEYS);

/// The reference files, where the reference's own `[paths]` wants them, and their key tables.
const FILES: &[(&str, &str, Table)] = &[
    ("dukou.toml", "dukou.toml", SETTINGS),
    ("job_pull.toml", "etc/jobs/reference/job_pull.toml", JOB),
    ("job_push.toml", "etc/jobs/reference/job_push.toml", JOB),
    (
        "job_reconcile.toml",
        "etc/jobs/reference/job_reconcile.toml",
        JOB,
    ),
    ("job_match.toml", "etc/jobs/reference/job_match.toml", JOB),
    ("job_report.toml", "etc/jobs/reference/job_report.toml", JOB),
    ("job_life.toml", "etc/jobs/reference/job_life.toml", JOB),
    (
        "mapping_xml.toml",
        "etc/mappings/reference/mapping_xml.toml",
        MAPPING,
    ),
    (
        "mapping_csv.toml",
        "etc/mappings/reference/mapping_csv.toml",
        MAPPING,
    ),
    (
        "mapping_excel.toml",
        "etc/mappings/reference/mapping_excel.toml",
        MAPPING,
    ),
    (
        "mapping_fixed.toml",
        "etc/mappings/reference/mapping_fixed.toml",
        MAPPING,
    ),
    (
        "mapping_json.toml",
        "etc/mappings/reference/mapping_json.toml",
        MAPPING,
    ),
    (
        "dataset.toml",
        "etc/mappings/datasets/annual_pass.toml",
        DATASET,
    ),
    (
        "dataset_found.toml",
        "etc/mappings/datasets/order_vehicle.toml",
        DATASET,
    ),
];

/// Marks a line that may stand instead of the one above it.
const ALTERNATIVE: &str = "#or ";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn reference(name: &str) -> String {
    fs::read_to_string(root().join("docs/reference").join(name)).expect("the file is there")
}

/// A text as it stands, and once more for each alternative line, which takes the place of the
/// nearest line above that is none.
fn variants(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut variants = vec![text.to_owned()];
    for (at, line) in lines.iter().enumerate() {
        let Some(other) = line.strip_prefix(ALTERNATIVE) else {
            continue;
        };
        let above = lines
            .iter()
            .take(at)
            .rposition(|line| !line.starts_with(ALTERNATIVE));
        let mut lines = lines.clone();
        *lines
            .get_mut(above.expect("an alternative has a line above"))
            .expect("found") = other;
        variants.push(lines.join("\n"));
    }
    variants
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder of the tree") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a copy");
        }
    }
}

/// The tree's own mappings, datasets, codes and calendars with the reference files among them.
pub(crate) fn world() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    copy(
        &root().join("mappings"),
        &folder.path().join("etc/mappings"),
    );
    copy(
        &root().join("jobs/calendars"),
        &folder.path().join("etc/jobs/calendars"),
    );
    for (name, target, _) in FILES {
        write(&folder.path().join(target), &reference(name));
    }
    let settings = folder.path().join("dukou.toml");
    (folder, settings)
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
    fs::write(path, text).expect("it is written");
}

/// Every problem of the configuration of a settings file.
fn problems_of(settings: &Path) -> Vec<String> {
    let mut problems = Problems::new();
    let configuration = Configuration::read(settings, &mut problems);
    assert_eq!(configuration.is_none(), problems.has_errors());
    let problems = problems.sorted();
    let shown = problems.iter().map(|problem| {
        let (line, column) = problem.place.line_column();
        let path = problem.place.source.path().display();
        format!(
            "{path}:{line}:{column} {}: {}",
            problem.code.id, problem.message
        )
    });
    shown.collect()
}

#[test]
fn the_reference_files_together_are_a_valid_configuration() {
    let (folder, settings) = world();
    assert_eq!(problems_of(&settings), Vec::<String>::new());
    for (name, target, _) in FILES {
        for variant in variants(&reference(name)) {
            write(&folder.path().join(target), &variant);
            assert_eq!(problems_of(&settings), Vec::<String>::new(), "{name}");
        }
        write(&folder.path().join(target), &reference(name));
    }
}

/// Every key below a table, by its path: `job.pull.ready.stable_secs`.
fn declared(keys: &[Key], path: &str, found: &mut BTreeSet<String>) {
    for key in keys {
        let path = format!("{path}.{}", key.name);
        if let KeyKind::Table(inner) | KeyKind::TableList(inner) | KeyKind::NamedTables(inner) =
            key.kind
        {
            declared(inner, &path, found);
        }
        found.insert(path);
    }
}

/// What is written, by path, and what is written as its default.
#[derive(Default)]
struct Written {
    keys: BTreeSet<String>,
    defaults: BTreeSet<String>,
    others: BTreeSet<String>,
}

impl Written {
    fn walk(&mut self, section: &Section<'_>, keys: &'static [Key], path: &str) {
        for key in keys.iter().filter(|key| section.has(key.name)) {
            let path = format!("{path}.{}", key.name);
            match key.kind {
                KeyKind::Table(inner) => {
                    let table = section.table(key.name).expect("it is written");
                    self.walk(&table, inner, &path);
                }
                KeyKind::TableList(inner) => {
                    for table in section.table_list(key.name) {
                        self.walk(&table, inner, &path);
                    }
                }
                KeyKind::NamedTables(inner) => {
                    for (_, table) in section.named_tables(key.name) {
                        self.walk(&table, inner, &path);
                    }
                }
                _ => {}
            }
            if let Presence::Default(default) = key.presence {
                let is_default = value(section, key).as_deref() == Some(default);
                let noted = if is_default {
                    &mut self.defaults
                } else {
                    &mut self.others
                };
                noted.insert(path.clone());
            }
            self.keys.insert(path);
        }
    }
}

/// A scalar as a key table writes its default.
fn value(section: &Section<'_>, key: &Key) -> Option<String> {
    match key.kind {
        KeyKind::Text | KeyKind::Name => section.text(key.name).map(|item| item.value),
        KeyKind::OneOf(_) => section.word(key.name).map(|item| item.value.to_owned()),
        KeyKind::Integer { .. } => section.integer(key.name).map(|item| item.value.to_string()),
        KeyKind::Boolean => section.boolean(key.name).map(|item| item.value.to_string()),
        KeyKind::Ratio => section
            .ratio(key.name)
            .map(|item| format!("{:?}", item.value)),
        _ => None,
    }
}

fn written() -> Written {
    let mut written = Written::default();
    for (name, _, (what, keys)) in FILES {
        for text in variants(&reference(name)) {
            let mut problems = Problems::new();
            let document = Document::parse(Source::new(*name, text), &mut problems);
            written.walk(&document.root(keys, &mut problems), keys, what);
        }
    }
    written
}

#[test]
fn every_key_stands_in_the_reference() {
    let mut all = BTreeSet::new();
    for (what, keys) in [SETTINGS, JOB, MAPPING, DATASET] {
        declared(keys, what, &mut all);
    }
    let written = written().keys;
    let lacking: Vec<&String> = all.difference(&written).collect();
    assert_eq!(
        lacking,
        Vec::<&String>::new(),
        "add them to docs/reference, with a comment"
    );
}

/// Keys that have one word only, so that their default is all that can be written.
const ONE_WORD: &[&str] = &["job.match.unit", "job.reconcile.unit"];

#[test]
fn every_value_of_the_reference_differs_from_its_default_somewhere() {
    let written = written();
    let same: Vec<&String> = written
        .defaults
        .difference(&written.others)
        .filter(|path| !ONE_WORD.contains(&path.as_str()))
        .collect();
    assert_eq!(
        same,
        Vec::<&String>::new(),
        "write another value, which shows that it is read"
    );
}

/// The keys of the small languages inside TOML, which no key table lists.
const OPEN: &[(&str, &[&str])] = &[
    (
        "comparisons",
        &[
            "equals", "not", "null", "above", "at_least", "below", "at_most",
        ],
    ),
    ("operands", &["column", "days", "setting"]),
    ("lookups", &["dataset", "on", "at", "where"]),
    (
        "composed columns",
        &[
            "column", "value", "now", "setting", "number", "count", "sum", "on", "where",
        ],
    ),
    ("secrets", &["env", "file", "credential"]),
];

#[test]
fn the_keys_of_conditions_and_compositions_stand_in_the_reference() {
    let texts: Vec<String> = FILES.iter().map(|(name, _, _)| reference(name)).collect();
    for (what, keys) in OPEN {
        for key in *keys {
            let written = format!("{key} = ");
            assert!(
                texts.iter().any(|text| text.contains(&written)),
                "{what}: `{key}`"
            );
        }
    }
}

#[test]
fn an_alternative_takes_the_place_of_the_line_above() {
    assert_eq!(
        variants("a = 1\n#or a = 2\n#or b = 3\nc = 4"),
        [
            "a = 1\n#or a = 2\n#or b = 3\nc = 4",
            "a = 2\n#or a = 2\n#or b = 3\nc = 4",
            "b = 3\n#or a = 2\n#or b = 3\nc = 4",
        ]
    );
}

/// The tests that a text names: `` `path/to/file.rs: name` ``.
fn named_tests(text: &str) -> Vec<(String, String)> {
    let quoted = text.split('`').skip(1).step_by(2);
    let named = quoted.filter_map(|quoted| quoted.split_once(".rs: "));
    named
        .map(|(path, name)| (format!("{path}.rs"), name.to_owned()))
        .collect()
}

/// The arguments of stories that are played on both databases.
const STORIES: &[&str] = &[
    "(hub: &Hub)",
    "(stage: &Stage)",
    "(world: World)",
    "(world: &World)",
];

/// Whether a source declares a function and marks it as a test, or as a story that is played on
/// both databases.
fn is_test(source: &str, name: &str) -> bool {
    let mut marked = false;
    for line in source.lines().map(str::trim) {
        if line.contains(&format!("fn {name}(")) {
            return marked || STORIES.iter().any(|argument| line.contains(argument));
        }
        let is_mark = line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        marked = is_mark || (marked && line.starts_with("#["));
    }
    false
}

#[test]
fn every_test_that_the_architecture_names_exists() {
    let text = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).expect("it is there");
    let named = named_tests(&text);
    assert!(named.len() >= 20, "only {} tests are named", named.len());
    for (path, name) in named {
        let source = fs::read_to_string(root().join(&path)).unwrap_or_default();
        assert!(is_test(&source, &name), "`{path}` has no test `{name}`");
    }
}

#[test]
fn a_name_without_its_test_is_found() {
    let source = "#[test]\nfn here() {}\nfn helper() {}\n";
    assert!(is_test(source, "here"));
    assert!(!is_test(source, "helper"));
    assert!(!is_test(source, "gone"));
    let named = named_tests("held by `a/b.rs: c` and `d`");
    assert_eq!(named, [("a/b.rs".to_owned(), "c".to_owned())]);
}
