//! The main job on real input: a whole clearing day whose figures equal the simulator's statement.

use std::process::Command;

use crate::harness::postgres::FreshDatabase;

/// Runs the demonstration and checks that every figure agrees.
fn demonstrate(store: Option<&str>) {
    let directory = tempfile::tempdir().expect("a directory");
    let mut command = Command::new(env!("CARGO_BIN_EXE_dukou"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["demo", "--json", "--dir"])
        .arg(directory.path().join("demo"));
    if let Some(url) = store {
        command.args(["--store", url]);
    }
    let output = command.output().expect("the program runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{text}{errors}");
    let answer: serde_json::Value = serde_json::from_str(&text).expect("one JSON document");
    let demo = answer.get("demo").expect("the demonstration");
    assert_eq!(
        demo.get("agrees"),
        Some(&serde_json::Value::Bool(true)),
        "{text}"
    );
    let compared = demo.get("comparison").and_then(serde_json::Value::as_array);
    assert!(compared.is_some_and(|lines| lines.len() >= 20), "{text}");
    let report = demo
        .get("report")
        .and_then(serde_json::Value::as_str)
        .expect("a report");
    let page = std::fs::read_to_string(report).expect("the report's page");
    assert!(
        page.contains("2026-03-09") && page.contains("大写"),
        "it is the day's report"
    );
}

#[test]
fn a_clearing_day_equals_the_simulators_statement_on_sqlite() {
    demonstrate(None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clearing_day_equals_the_simulators_statement_on_postgres() {
    let database = FreshDatabase::create().await;
    demonstrate(Some(database.text()));
}
