//! `companion` and `flag`: the small files beside a data file, fetched or sent.

use super::codes::BAD_JOB;
use crate::diag::{Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section};
use crate::transport::{CompanionKind, CompanionName, Companions};

const DIGEST_KEYS: &[Key] = &[
    Key::optional("md5", KeyKind::Name, "The name of the file with the MD5."),
    Key::optional(
        "sha256",
        KeyKind::Name,
        "The name of the file with the SHA-256.",
    ),
    Key::optional("sm3", KeyKind::Name, "The name of the file with the SM3."),
];

/// The digest files beside a file.
pub(super) const COMPANION_KEY: Key = Key::optional(
    "companion",
    KeyKind::Table(DIGEST_KEYS),
    "The digest files beside each file: `{name}` is its name, `{stem}` its name without the last \
     ending.",
);

/// The flag file beside a file.
pub(super) const FLAG_KEY: Key = Key::optional(
    "flag",
    KeyKind::Name,
    "The flag file beside each file, named in the same way; written last.",
);

/// Reads both keys of a section.
pub(super) fn read(section: &Section<'_>, problems: &mut Problems) -> Companions {
    let digests = section.table("companion");
    let digest = |key| digests.as_ref().and_then(|digests| digests.text(key));
    let written = [
        (CompanionKind::Md5, digest("md5")),
        (CompanionKind::Sha256, digest("sha256")),
        (CompanionKind::Sm3, digest("sm3")),
        (CompanionKind::Flag, section.text("flag")),
    ];
    let mut companions: Companions = Vec::new();
    for (kind, item) in written {
        let Some(Item { value, place }) = item else {
            continue;
        };
        let message = match CompanionName::new(&value) {
            Ok(name) if companions.iter().all(|(_, known)| *known != name) => {
                companions.push((kind, name));
                continue;
            }
            Ok(_) => format!("two companions have the name `{value}`"),
            Err(message) => message,
        };
        problems.push(Problem::error(&BAD_JOB, place, message));
    }
    companions
}
