//! `[connection.NAME]`: how a partner is reached.

use std::path::{Path, PathBuf};

use super::{BAD_SETTING, http};
use crate::diag::{Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section};
use crate::id::ConnectionName;
use crate::transport::HttpPlan;

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
pub(super) const CONNECTION_KEYS: &[Key] = &[
    Key::kind(
        "dir",
        KeyKind::Table(DIR_KEYS),
        "A directory of this machine.",
    ),
    Key::kind(
        "http",
        KeyKind::Table(http::HTTP_KEYS),
        "A peer that takes uploads by HTTP and answers at once.",
    ),
];

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
    /// A peer that takes uploads.
    Http(Box<HttpPlan>),
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
    let (kind, keys) = section.one_of_tables(&["dir", "http"], problems)?;
    let kind = match kind {
        "http" => ConnectionKind::Http(Box::new(http::read(&keys, base, problems)?)),
        _ => ConnectionKind::Dir {
            path: base.join(keys.text("path")?.value),
            max_entries: keys.count("max_entries")?.value as usize,
        },
    };
    Some((
        checked.clone(),
        ConnectionPlan {
            name: checked,
            kind,
        },
    ))
}
