//! The JSON Schemas that `dukou schema` writes, against every configuration file of the tree.

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::{Map, Value as Json};
use toml::de::{DeTable, DeValue};

use crate::harness::hub::Hub;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A text of TOML as a schema sees it: days, times and moments are texts.
fn to_json(text: &str) -> Json {
    let table = DeTable::parse(text).expect("the tree's files are TOML");
    object(table.get_ref())
}

fn object(table: &DeTable<'_>) -> Json {
    let entries = table
        .iter()
        .map(|(name, node)| (name.get_ref().to_string(), json_of(node.get_ref())));
    Json::Object(entries.collect::<Map<_, _>>())
}

fn json_of(node: &DeValue<'_>) -> Json {
    match node {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Integer(number) => {
            let parsed = i64::from_str_radix(number.as_str(), number.radix());
            parsed.expect("it fits 64 bits").into()
        }
        DeValue::Float(number) => {
            let parsed: f64 = number.as_str().parse().expect("a number");
            parsed.into()
        }
        DeValue::Boolean(is) => (*is).into(),
        DeValue::Datetime(moment) => moment.to_string().into(),
        DeValue::Array(list) => list.iter().map(|node| json_of(node.get_ref())).collect(),
        DeValue::Table(table) => object(table),
    }
}

/// The schema of a kind of file, as the program gives it.
fn schema(kind: &str) -> Validator {
    let hub = Hub::new().without_store();
    let schema = hub.dukou(&format!("schema {kind}")).exit(0).document();
    jsonschema::draft202012::meta::validate(&schema).expect("a schema of its dialect");
    jsonschema::draft202012::new(&schema).expect("a schema")
}

/// What a schema has against a text.
fn errors(schema: &Validator, text: &str) -> Vec<String> {
    let json = to_json(text);
    let errors = schema.iter_errors(&json);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// Every TOML file below a folder that is none of a dataset, unless datasets are wanted.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            found.push(path);
        }
    }
}

/// The kind of file that lies at a path of the tree; none for what is no configuration.
fn kind_of(path: &Path) -> Option<&'static str> {
    let text = path.to_string_lossy();
    let name = path.file_name()?.to_string_lossy();
    if name == "dukou.toml" {
        Some("settings")
    } else if text.contains("/datasets/") || name == "dataset.toml" {
        Some("dataset")
    } else if text.contains("/mappings/") || name.starts_with("mapping_") {
        Some("mapping")
    } else if text.contains("/jobs/") || name.starts_with("job_") {
        Some("job")
    } else if name == "story.toml" {
        Some("story")
    } else {
        None
    }
}

#[test]
fn every_configuration_file_of_the_tree_is_valid_by_its_schema() {
    let mut found = vec![root().join("dukou.toml")];
    for folder in ["jobs", "mappings", "fixtures", "docs/reference"] {
        files(&root().join(folder), &mut found);
    }
    let schemas: Vec<(&str, Validator)> = ["settings", "job", "mapping", "dataset", "story"]
        .map(|kind| (kind, schema(kind)))
        .into();
    let mut checked = 0;
    for path in found {
        let Some(kind) = kind_of(&path) else { continue };
        let (_, schema) = schemas
            .iter()
            .find(|(name, _)| *name == kind)
            .expect("a schema for each kind");
        let text = fs::read_to_string(&path).expect("it is readable");
        assert_eq!(
            errors(schema, &text),
            Vec::<String>::new(),
            "{}",
            path.display()
        );
        checked += 1;
    }
    assert!(checked > 30, "only {checked} files were looked at");
}

#[test]
fn what_the_reader_refuses_for_its_shape_the_schema_refuses_too() {
    let job = |pull: &str| format!("title = \"取\"\npartner = \"bank\"\n{pull}");
    let good = "[pull]\nconnection = \"bank\"\npattern = \"*\"\n[pull.finish]\nkeep = true\n";
    let schema = schema("job");
    assert_eq!(errors(&schema, &job(good)), Vec::<String>::new());
    for (planted, expected) in [
        (
            good.replace("pattern", "patern"),
            "/pull: Additional properties are not allowed ('patern' was unexpected)",
        ),
        (
            good.replace("\"*\"", "5"),
            "/pull/pattern: 5 is not of type \"string\"",
        ),
        (
            good.replace("pattern = \"*\"\n", ""),
            "/pull: \"pattern\" is a required property",
        ),
        (
            format!("{good}[pull.ready]\nstable_secs = -1\n"),
            "/pull/ready/stable_secs: -1 is less than the minimum of 0",
        ),
        (
            String::new(),
            ": {\"partner\":\"bank\",\"title\":\"取\"} is not valid under any of the schemas listed in the 'oneOf' keyword",
        ),
    ] {
        let found = errors(&schema, &job(&planted));
        assert!(
            found.iter().any(|error| error == expected),
            "{planted}\n{found:#?}"
        );
    }
    let two = job(&format!("{good}[report]\nreconcile = \"a/b\"\n"));
    assert!(!errors(&schema, &two).is_empty(), "two kinds in one job");
}

#[test]
fn schemas_are_written_where_they_are_wanted_and_say_how_to_be_used() {
    let hub = Hub::new().without_store();
    hub.dukou("schema --out schemas").exit(0).prints(
        "已写出 schemas/settings.json：在 dukou.toml 的首行写 #:schema schemas/settings.json\n\
         已写出 schemas/job.json：在 jobs/PARTNER/NAME.toml 的首行写 #:schema ../../schemas/job.json\n\
         已写出 schemas/mapping.json：在 mappings/PARTNER/NAME.toml 的首行写 #:schema ../../schemas/mapping.json\n\
         已写出 schemas/dataset.json：在 mappings/datasets/NAME.toml 的首行写 #:schema ../../schemas/dataset.json\n\
         已写出 schemas/story.json：在 fixtures/NAME/story.toml 的首行写 #:schema ../../schemas/story.json\n",
    );
    let written = fs::read_to_string(hub.path("schemas/job.json")).expect("it was written");
    let written: Json = serde_json::from_str(&written).expect("JSON");
    assert_eq!(written, hub.dukou("schema job").exit(0).document());
}
