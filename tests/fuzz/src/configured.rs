//! The configuration that fuzzed content is read with: all that is shipped, all of the fixtures,
//! and the reference files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use dukou::dataset::{Dataset, Datasets};
use dukou::diag::{Problems, Source};
use dukou::document::Document;
use dukou::format::FormatPlan;
use dukou::id::{JobName, MappingName};
use dukou::job::{Configuration, Job};
use dukou::mapping::{self, CodeTable, Mapping};
use dukou::{cli, job};

use crate::prepared::{files, root};

/// How many problems of one document are shown; the rest are only placed.
const SHOWN: usize = 8;

const SETTINGS: &[&str] = &[
    "dukou.toml",
    "fixtures/bench/dukou.toml",
    "fixtures/excel/dukou.toml",
    "fixtures/hostile/dukou.toml",
    "fixtures/partner_list/dukou.toml",
];

fn shipped(settings: &str) -> Configuration {
    let mut problems = Problems::new();
    Configuration::read(&root().join(settings), &mut problems)
        .expect("the shipped configuration is right")
}

static SHIPPED: LazyLock<Vec<Configuration>> =
    LazyLock::new(|| SETTINGS.iter().copied().map(shipped).collect());

/// What mappings refer to.
struct Known {
    datasets: Datasets,
    codes: BTreeMap<String, Arc<CodeTable>>,
}

/// The shipped datasets and code tables, and the reference dataset.
static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let mut problems = Problems::new();
    let reference = reference("dataset")
        .into_iter()
        .next()
        .expect("there is one");
    let document = Document::parse(Source::new("annual_pass.toml", reference.1), &mut problems);
    let reference = Dataset::read(&document, &mut problems);
    let of_shipped = SHIPPED.iter().flat_map(|one| one.datasets.iter().cloned());
    Known {
        datasets: of_shipped.chain(reference).collect(),
        codes: SHIPPED.iter().flat_map(|one| one.codes.clone()).collect(),
    }
});

/// Every mapping that there is, by name.
static MAPPINGS: LazyLock<BTreeMap<String, Arc<Mapping>>> = LazyLock::new(|| {
    let of_shipped = SHIPPED.iter().flat_map(|one| one.mappings.clone());
    let of_reference = reference("mapping_")
        .into_iter()
        .filter_map(|(name, text)| {
            let mapping = read_mapping(&name, text, &mut Problems::new());
            mapping.map(|mapping| (name, Arc::new(mapping)))
        });
    of_shipped.chain(of_reference).collect()
});

/// The reference files whose names begin so, with the names and without their alternative lines.
pub fn reference(start: &str) -> Vec<(String, String)> {
    let all = files("docs/reference").into_iter();
    let wanted = all.filter_map(|(path, bytes)| {
        let name = path
            .strip_prefix("docs/reference/")?
            .strip_suffix(".toml")?
            .to_owned();
        let text = String::from_utf8(bytes).expect("text");
        name.starts_with(start).then_some((name, text))
    });
    wanted.collect()
}

/// Every mapping whose format is wanted, by name.
pub fn mappings(wanted: fn(&FormatPlan) -> bool) -> Vec<(String, Arc<Mapping>)> {
    let all = MAPPINGS
        .iter()
        .filter(|(_, mapping)| wanted(&mapping.format));
    all.map(|(name, mapping)| (name.clone(), Arc::clone(mapping)))
        .collect()
}

fn read_mapping(name: &str, text: String, problems: &mut Problems) -> Option<Mapping> {
    let document = Document::parse(Source::new("fuzzed.toml", text), problems);
    let known = &*KNOWN;
    let world = mapping::World {
        datasets: &known.datasets,
        codes: &|name| known.codes.get(name).cloned(),
        code_names: known.codes.keys().cloned().collect(),
    };
    let name = MappingName::new(name).expect("a name");
    Mapping::read(&document, name, &world, problems)
}

/// Reads a mapping file as `dukou check` does.
pub fn mapping(text: &str) {
    let mut problems = Problems::new();
    let _ = read_mapping("fuzzed", text.to_owned(), &mut problems);
    shown(problems);
}

/// Reads a job file as `dukou check` does, beside the settings of the shipped configuration.
pub fn job(text: &str) {
    let mut problems = Problems::new();
    let document = Document::parse(Source::new("fuzzed.toml", text), &mut problems);
    let world = job::World {
        settings: &SHIPPED.first().expect("there are some").settings,
        datasets: &KNOWN.datasets,
        mappings: &MAPPINGS,
        broken_mappings: &BTreeSet::new(),
        calendars: &BTreeSet::from(["cn".to_owned()]),
    };
    let name = JobName::new("fuzzed").expect("a name");
    let _ = Job::read(&document, name, &world, &mut problems);
    shown(problems);
}

/// Reads a dataset file as `dukou check` does.
pub fn dataset(text: &str) {
    let mut problems = Problems::new();
    let document = Document::parse(Source::new("fuzzed.toml", text), &mut problems);
    let _ = Dataset::read(&document, &mut problems);
    shown(problems);
}

/// Reads a settings file as `dukou check` does.
pub fn settings(text: &str) {
    let mut problems = Problems::new();
    let document = Document::parse(Source::new("fuzzed.toml", text), &mut problems);
    let _ = dukou::settings::Settings::read(&document, &PathBuf::new(), &mut problems);
    shown(problems);
}

/// Every problem can be shown at its place, to people and to programs.
pub fn shown(problems: Problems) {
    let sorted = problems.sorted();
    for problem in &sorted {
        let _ = problem.place.line_column();
    }
    let first = sorted.get(..SHOWN).unwrap_or(&sorted);
    let _ = cli::problems::render(first, false);
    let _ = cli::problems::to_json(first);
}
