//! What the program takes from its surroundings.

use std::path::{Path, PathBuf};

/// The name of the settings file.
pub(super) const SETTINGS: &str = "dukou.toml";

/// A variable of the environment; one that is empty or no text counts as not set.
#[expect(
    clippy::disallowed_methods,
    reason = "the environment enters the CLI here"
)]
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// Who acts: as given, else the user of the system.
pub(super) fn actor(given: Option<&str>) -> String {
    let user = || variable("USER").or_else(|| variable("LOGNAME"));
    given
        .map(str::to_owned)
        .or_else(user)
        .unwrap_or_else(|| "unknown".to_owned())
}

/// The settings file in a directory or in the nearest one above it.
pub(super) fn nearest_settings(from: &Path) -> Option<PathBuf> {
    from.ancestors()
        .map(|directory| directory.join(SETTINGS))
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_settings_file_is_found_from_below() {
        let root = tempfile::tempdir().expect("a directory");
        let below = root.path().join("a/b");
        std::fs::create_dir_all(&below).expect("a directory");
        crate::transport::write_atomic(&root.path().join(SETTINGS), |_| Ok(())).expect("a file");
        assert_eq!(nearest_settings(&below), Some(root.path().join(SETTINGS)));
        crate::transport::write_atomic(&below.join(SETTINGS), |_| Ok(())).expect("a file");
        assert_eq!(nearest_settings(&below), Some(below.join(SETTINGS)));
    }

    #[test]
    fn an_actor_that_is_named_is_taken() {
        assert_eq!(actor(Some("zhang")), "zhang");
    }
}
