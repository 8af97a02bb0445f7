//! Coverage-guided fuzzing of everything that reads what strangers wrote.
//!
//! `ops/fuzz` builds this, runs every target and keeps what it found worth keeping. A target
//! returns whatever happens; only a panic, more than two seconds or more memory than `memory`
//! allows is a finding, and what a round trip promises is asserted.
//!
//! The environment says what to do, because the arguments are the fuzzer's own: `DUKOU_FUZZ` names
//! the target, `DUKOU_FUZZ_PREPARE` a folder for the seeds and words of all targets.

#![no_main]

mod configured;
mod memory;
mod prepared;
mod targets;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;

use targets::Target;

#[global_allocator]
static ALLOCATOR: memory::Counted = memory::Counted;

/// The longest that one input may take.
const LONGEST: Duration = Duration::from_secs(2);

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("DUKOU_FUZZ").unwrap_or_default();
    let mut known = targets::ALL.iter().chain(targets::PLANTED);
    let names: Vec<&str> = targets::ALL.iter().map(|target| target.name).collect();
    known
        .find(|target| target.name == name)
        .unwrap_or_else(|| panic!("DUKOU_FUZZ must name a target: {}", names.join(", ")))
});

/// Before the fuzzer reads its arguments.
fn begin() {
    if let Some(code) = targets::helped() {
        std::process::exit(code);
    }
    if let Some(folder) = std::env::var_os("DUKOU_FUZZ_PREPARE") {
        prepared::write(folder.as_ref());
        std::process::exit(0);
    }
    // The configuration is read now, at nobody's cost.
    (TARGET.run)(&[0]);
}

fuzz_target!(init: begin(), |data: &[u8]| {
    memory::limit();
    let started = Instant::now();
    (TARGET.run)(data);
    let took = started.elapsed();
    memory::free();
    // What ends late is noticed here; what never ends, by the fuzzer's own clock.
    assert!(took <= LONGEST, "one input took {took:?}, more than {LONGEST:?}");
});
