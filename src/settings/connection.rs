//! `[connection.NAME]`: how a partner is reached.

use std::path::{Path, PathBuf};

use super::BAD_SETTING;
use crate::diag::{Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section};
use crate::id::ConnectionName;

const DIR_KEYS: &[Key] = &[
    Key::required(
        "path",
        KeyKind::Name,
        "The directory, relative to the settings file.",
    ),
    Key::with_default(
        "max_entries",
        KeyKind::Integer {
            min: 1,
            max: 10_000_000,
        },
        "100000",
        "Names in one listing at most.",
    ),
];

/// The keys of a connection.
pub(super) const CONNECTION_KEYS: &[Key] = &[Key::kind(
    "dir",
    KeyKind::Table(DIR_KEYS),
    "A directory of this machine.",
)];

/// How a partner is reached, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionPlan {
    /// Its name.
    pub name: ConnectionName,
    /// Of which kind it is.
    pub kind: ConnectionKind,
}

/// The kinds of connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionKind {
    /// A directory of this machine.
    Dir {
        /// Which.
        path: PathBuf,
        /// Names in one listing at most.
        max_entries: usize,
    },
}

/// Reads one connection.
pub(super) fn read(
    name: &Item<String>,
    section: &Section<'_>,
    base: &Path,
    problems: &mut Problems,
) -> Option<(ConnectionName, ConnectionPlan)> {
    let checked = match ConnectionName::new(&name.value) {
        Ok(checked) => checked,
        Err(found) => {
            problems.push(Problem::error(
                &BAD_SETTING,
                name.place.clone(),
                found.to_string(),
            ));
            return None;
        }
    };
    let (_, dir) = section.one_of_tables(&["dir"], problems)?;
    let kind = ConnectionKind::Dir {
        path: base.join(dir.text("path")?.value),
        max_entries: dir.count("max_entries")?.value as usize,
    };
    Some((
        checked.clone(),
        ConnectionPlan {
            name: checked,
            kind,
        },
    ))
}
