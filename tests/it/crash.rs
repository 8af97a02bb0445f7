//! Processes killed at random moments and at every named step, on both databases, judged by a checker
//! of its own.
//!
//! `ops/torture` is written in another language and shares no code with the program: it reads what
//! it gave, the partner's directories and the tables. The seeds are fixed; `ops/torture kill` takes
//! another one each time.

use std::path::Path;
use std::process::Command;

/// Runs the torture with the program under test; its whole report when it finds something.
fn torture(words: &[&str]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("ops/torture");
    let output = Command::new("python3")
        .arg(script)
        .args(words)
        .env("DUKOU_BIN", env!("CARGO_BIN_EXE_dukou"))
        .output()
        .expect("python3 runs: `ops/setup test` installs it");
    assert!(
        output.status.success(),
        "ops/torture {} ended with {}\n{}{}",
        words.join(" "),
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Small packages: a hundred kills are wanted, not a large store.
fn a_hundred_kills(store: &str, seed: &str) {
    torture(&[
        "kill",
        "--times",
        "100",
        "--records",
        "80",
        "--store",
        store,
        "--seed",
        seed,
    ]);
}

#[test]
fn a_hundred_kills_lose_and_double_nothing_on_sqlite() {
    a_hundred_kills("sqlite", "2026");
}

#[test]
fn a_hundred_kills_lose_and_double_nothing_on_postgres() {
    a_hundred_kills("postgres", "2027");
}

/// Files of few rows: every moment is wanted, not a large store.
fn at_steps(verb: &str, times: &str, store: &str, seed: &str) {
    torture(&[
        verb,
        "--times",
        times,
        "--records",
        "20",
        "--packages",
        "8",
        "--store",
        store,
        "--seed",
        seed,
    ]);
}

#[test]
fn a_kill_at_every_named_step_loses_and_doubles_nothing_on_sqlite() {
    at_steps("steps", "3", "sqlite", "2031");
}

#[test]
fn a_kill_at_every_named_step_loses_and_doubles_nothing_on_postgres() {
    at_steps("steps", "1", "postgres", "2032");
}

#[test]
fn two_processes_that_meet_at_any_named_step_do_everything_once_on_sqlite() {
    at_steps("race", "1", "sqlite", "2033");
}

#[test]
fn two_processes_that_meet_at_any_named_step_do_everything_once_on_postgres() {
    at_steps("race", "1", "postgres", "2034");
}

#[test]
fn system_calls_that_fail_one_after_another_lose_and_double_nothing() {
    torture(&[
        "fail",
        "--times",
        "200",
        "--records",
        "20",
        "--packages",
        "8",
        "--seed",
        "2028",
    ]);
}

#[test]
fn a_full_disk_loses_and_doubles_nothing() {
    torture(&[
        "fill",
        "--times",
        "20",
        "--records",
        "50",
        "--packages",
        "8",
        "--seed",
        "2029",
    ]);
}

#[test]
fn a_clock_that_steps_loses_and_doubles_nothing() {
    torture(&[
        "clock",
        "--times",
        "40",
        "--records",
        "20",
        "--packages",
        "8",
        "--seed",
        "2030",
    ]);
}

#[test]
fn the_checker_of_the_kills_sees_every_planted_defect() {
    torture(&["selftest"]);
}
