//! Everything that reads what strangers wrote, fuzzed for a while: a panic, a hang or memory beyond
//! its limit is a failure. `ops/fuzz` runs the same for as long as one likes.

use std::path::Path;
use std::process::Command;

/// Seconds for each target.
const SECONDS: &str = "60";

#[test]
fn no_input_makes_a_decoder_panic_hang_or_grow() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("ops/fuzz");
    let output = Command::new(script)
        .args(["--seconds", SECONDS])
        .output()
        .expect("ops/fuzz runs");
    assert!(
        output.status.success(),
        "ops/fuzz ended with {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}
