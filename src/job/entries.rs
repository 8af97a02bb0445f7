//! Archives whose entries are files of their own: which entries a job wants, and how a file or an
//! entry is opened.
//!
//! Responsible for `entries` of a `zip` envelope and for what follows from it wherever a landed file
//! is opened or its name is read: by the engine, and by `cli` when it shows a record's bytes. Not for
//! the archive itself (`envelope`). The one invariant: an entry is named by the archive's name at the
//! partner and by its whole name inside, and nothing else.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::codes::BAD_JOB;
use super::pull::PullJob;
use crate::diag::{Problem, Problems};
use crate::document::{Key, KeyKind, Section};
use crate::envelope::{Envelope, Sealed, ZipPlan};
use crate::key::Keyring;
use crate::transport::{Pattern, RemoteName};

/// Which entries are files of their own.
pub(super) const ENTRIES_KEY: Key = Key::optional(
    "entries",
    KeyKind::Name,
    "Instead of `entry`, in the outermost envelope: every entry that fits is a file of its own; `*`, `?` and `{capture}`.",
);

/// Reads `entries` of the outermost envelope; `captures` are those of the file's own name.
pub(super) fn read(
    root: &Section<'_>,
    captures: Option<&Pattern>,
    problems: &mut Problems,
) -> Option<Pattern> {
    let mut wanted = None;
    for (index, section) in root.table_list("envelope").iter().enumerate() {
        let Some(zip) = section.has("zip").then(|| section.table("zip")).flatten() else {
            continue;
        };
        let Some(item) = zip.has("entries").then(|| zip.text("entries")).flatten() else {
            continue;
        };
        let mut refuse = |message: String| {
            problems.push(Problem::error(&BAD_JOB, item.place.clone(), message));
        };
        if index > 0 {
            refuse("`entries` stands in the first `[[envelope]]`, the outermost one".to_owned());
        }
        if zip.has("entry") {
            refuse("a `zip` envelope has `entry` or `entries`, not both".to_owned());
        }
        match Pattern::new(&item.value) {
            Ok(pattern) => {
                let known = || captures.iter().flat_map(|outer| outer.placeholders());
                for name in pattern.placeholders() {
                    if known().any(|outer| outer == name) {
                        refuse(format!("`{{{name}}}` is captured by `pattern` already"));
                    }
                }
                wanted = Some(pattern);
            }
            Err(found) => refuse(found.to_string()),
        }
    }
    wanted
}

impl PullJob {
    /// What the placeholders stand for in the name of a file, for an entry in both names; `None`
    /// when the job does not read such a file.
    pub fn captures(&self, name: &str, entry: Option<&str>) -> Option<BTreeMap<String, String>> {
        let mut captures = self.pattern.captures(&RemoteName::clean(name).ok()?)?;
        if let Some(entry) = entry {
            let wanted = self.entries.as_ref()?;
            captures.extend(wanted.captures(&RemoteName::clean(entry).ok()?)?);
        }
        Some(captures)
    }

    /// Lets the spool files of its envelopes lie in another directory than the settings named when
    /// it was read.
    pub fn spool_in(&mut self, directory: &Path) {
        self.envelopes
            .iter_mut()
            .for_each(|envelope| envelope.spool_in(directory));
    }

    /// The archive that lies around files of this job, when its entries are files of their own.
    pub fn archive(&self) -> Option<(&ZipPlan, &Pattern)> {
        match (self.envelopes.first(), &self.entries) {
            (Some(Envelope::Zip(plan)), Some(wanted)) => Some((plan, wanted)),
            _ => None,
        }
    }

    /// The content of a landed file, or of one entry of it, with all envelopes opened, outermost
    /// first, with the keys of the day on which it landed. Errors show when they are reached.
    pub fn open(&self, landed: File, entry: Option<&str>, keys: &Keyring) -> Box<dyn Read + Send> {
        let Some((outermost, inner)) = self.envelopes.split_first() else {
            return match entry {
                None => Box::new(landed),
                Some(_) => Box::new(Gone),
            };
        };
        let outermost = match (outermost, entry) {
            (Envelope::Zip(plan), Some(name)) => Envelope::Zip(ZipPlan {
                member: Some(name.to_owned()),
                ..plan.clone()
            }),
            (_, Some(_)) => return Box::new(Gone),
            (outermost, None) => outermost.clone(),
        };
        let opened = outermost.open_with(Sealed::File(landed), keys);
        inner.iter().fold(opened, |inner, envelope| {
            envelope.open_with(Sealed::Stream(inner), keys)
        })
    }
}

/// The content of an entry when the job opens no archives any more.
struct Gone;

impl Read for Gone {
    fn read(&mut self, _out: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other(
            "the file is an entry of an archive, and the job has no `zip` envelope any more",
        ))
    }
}
