//! Coverage-guided fuzzing of everything that reads what strangers wrote.
//!
//! `DUKOU_FUZZ` names the target; `ops/fuzz` builds this, runs every target and keeps what it found
//! worth keeping. Targets return whatever happens; only a panic, a hang or memory beyond its limit
//! is a finding, and what a round trip promises is asserted.

#![no_main]

mod configured;
mod targets;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("DUKOU_FUZZ").unwrap_or_default();
    let found = targets::ALL.iter().find(|(known, _)| *known == name);
    let names: Vec<&str> = targets::ALL.iter().map(|(known, _)| *known).collect();
    match found {
        Some((_, target)) => *target,
        None => panic!("DUKOU_FUZZ must name a target: {}", names.join(", ")),
    }
});

fuzz_target!(|data: &[u8]| TARGET(data));
