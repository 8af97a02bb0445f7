//! Targets with a fault each, so that it is known that a fault is found: `ops/fuzz --selftest`.

use std::time::Duration;

use super::{Target, of_bytes};

/// What each does when it is found is in `ops/fuzz`.
pub const PLANTED: &[Target] = &[
    of_bytes("planted_panic", panics, nothing),
    of_bytes("planted_slowness", is_slow, nothing),
    of_bytes("planted_hang", hangs, nothing),
    of_bytes("planted_memory", takes_memory, nothing),
];

fn nothing() -> Vec<Vec<u8>> {
    Vec::new()
}

/// Five bytes, each told only by the code that it reaches: random bytes would take years.
fn panics(data: &[u8]) {
    let mut known = 0;
    for (found, wanted) in data.iter().zip(b"DUKOU") {
        if found != wanted {
            return;
        }
        known = reached(known);
    }
    assert!(known < 5, "a planted panic");
}

/// A branch of its own for every step.
fn reached(known: u8) -> u8 {
    match std::hint::black_box(known) {
        0 => 1,
        1 => 2,
        2 => 3,
        3 => 4,
        _ => 5,
    }
}

fn is_slow(data: &[u8]) {
    if data.starts_with(b"!") {
        std::thread::sleep(Duration::from_millis(2_100));
    }
}

fn hangs(data: &[u8]) {
    while data.starts_with(b"!") {
        std::hint::spin_loop();
    }
}

fn takes_memory(data: &[u8]) {
    if data.starts_with(b"!") {
        // Reserved and never touched: the system's own figure would not show it.
        std::hint::black_box(Vec::<u8>::with_capacity(1 << 30));
    }
}
