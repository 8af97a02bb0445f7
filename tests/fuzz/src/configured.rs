//! The mappings that fuzzed content is read with: all that are shipped, and the reference files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use dukou::dataset::{Dataset, Datasets};
use dukou::diag::{Problems, Source};
use dukou::document::Document;
use dukou::format::FormatPlan;
use dukou::id::MappingName;
use dukou::job::Configuration;
use dukou::mapping::{CodeTable, Mapping, World};

/// What mappings refer to.
pub struct Known {
    datasets: Datasets,
    codes: BTreeMap<String, Arc<CodeTable>>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn shipped(settings: &str) -> Configuration {
    let mut problems = Problems::new();
    Configuration::read(&root().join(settings), &mut problems)
        .expect("the shipped configuration is right")
}

static SHIPPED: LazyLock<Vec<Configuration>> =
    LazyLock::new(|| ["dukou.toml", "fixtures/bench/dukou.toml"].map(shipped).into());

/// The shipped datasets and code tables, and the reference dataset.
pub static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let mut problems = Problems::new();
    let path = root().join("docs/reference/dataset.toml");
    let text = std::fs::read_to_string(path).expect("the reference dataset");
    let document = Document::parse(Source::new("annual_pass.toml", text), &mut problems);
    let reference = Dataset::read(&document, &mut problems);
    let of_shipped = SHIPPED.iter().flat_map(|one| one.datasets.iter().cloned());
    Known {
        datasets: of_shipped.chain(reference).collect(),
        codes: SHIPPED.iter().flat_map(|one| one.codes.clone()).collect(),
    }
});

/// Reads a mapping file as `dukou check` does.
pub fn mapping(text: &str) -> Option<Mapping> {
    let mut problems = Problems::new();
    let document = Document::parse(Source::new("fuzzed.toml", text), &mut problems);
    let known = &*KNOWN;
    let world = World {
        datasets: &known.datasets,
        codes: &|name| known.codes.get(name).cloned(),
        code_names: known.codes.keys().cloned().collect(),
    };
    let name = MappingName::new("fuzzed").expect("a name");
    let mapping = Mapping::read(&document, name, &world, &mut problems);
    for problem in problems.iter() {
        // Every problem can be shown at its place.
        let _ = problem.place.line_column();
    }
    mapping
}

/// Every mapping whose format is wanted.
pub fn mappings(wanted: fn(&FormatPlan) -> bool) -> Vec<Arc<Mapping>> {
    let of_shipped = SHIPPED.iter().flat_map(|one| one.mappings.values().cloned());
    let mut files: Vec<PathBuf> = std::fs::read_dir(root().join("docs/reference"))
        .expect("the reference files")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.to_string_lossy().contains("/mapping_"))
        .collect();
    files.sort();
    let of_reference = files.into_iter().filter_map(|path| {
        let text = std::fs::read_to_string(path).expect("a reference file");
        mapping(&text).map(Arc::new)
    });
    of_shipped
        .chain(of_reference)
        .filter(|mapping| wanted(&mapping.format))
        .collect()
}
