//! The package around the parts of an xlsx workbook, examined before any part is used.
//!
//! Every part is read to its end once, within its bounds, so that declared sizes need not be
//! believed and the reader of cells meets only bytes that have passed.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use memchr::memmem;
use zip::CompressionMethod;
use zip::ZipArchive;

use super::guard::{Bounds, Guard, Refused};
use crate::format::excel::codes::{self, over, refuse, short};
use crate::format::{FormatError, Limits};

/// Parts of at most so many bytes may be compressed as much as they like.
const SMALL_BYTES: u64 = 1 << 20;
/// Bytes of a part that is kept in memory as a whole: styles, theme, lists of sheets and relations.
const KEPT_BYTES: u64 = 16 << 20;
/// Tags of such a part; a workbook has at most 65,490 formats of cells.
const KEPT_TAGS: u64 = 200_000;

/// One part.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// In lower case, as the reader of cells looks it up.
    pub(super) name: String,
    /// Where its compressed bytes begin.
    pub(super) start: u64,
    /// Bytes as they lie in the package.
    pub(super) compressed: u64,
}

/// An examined package.
pub(super) struct Package {
    archive: ZipArchive<File>,
    pub(super) parts: Vec<Part>,
    opened: u64,
    limits: Limits,
}

/// What is kept of a part, which decides how large it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// All of it.
    Kept,
    /// The table of shared texts.
    Strings,
    /// Only what stands in it at the moment, or nothing.
    Passing,
}

impl Package {
    /// Opens a package and examines its list of parts.
    pub(super) fn open(mut file: File, limits: &Limits) -> Result<Self, FormatError> {
        count_signatures(&mut file, limits)?;
        let mut archive = ZipArchive::new(file).map_err(|error| damaged(&error.to_string()))?;
        if archive.len() > limits.workbook.parts {
            return Err(too_many_parts(limits));
        }
        let mut parts = Vec::with_capacity(archive.len());
        let mut names = BTreeSet::new();
        for index in 0..archive.len() {
            let part = part(&mut archive, index)?;
            if !names.insert(part.name.clone()) {
                let message = format!("the part `{}` is there twice", short(&part.name));
                return Err(refuse(codes::PACKAGE, message));
            }
            parts.push(part);
        }
        if archive.has_duplicate_names() {
            return Err(refuse(codes::PACKAGE, "a part is there twice"));
        }
        let overlaps = archive.has_overlapping_files();
        if overlaps.map_err(|error| damaged(&error.to_string()))? {
            return Err(refuse(codes::PACKAGE, "parts overlap each other"));
        }
        Ok(Self {
            archive,
            parts,
            opened: 0,
            limits: limits.clone(),
        })
    }

    /// A part by its name, whatever its case.
    pub(super) fn part(&self, name: &str) -> Option<Part> {
        let name = name.to_lowercase();
        self.parts.iter().find(|part| part.name == name).cloned()
    }

    /// Reads a part to its end through `look`, which must not stop before it.
    pub(super) fn read<T>(
        &mut self,
        part: &Part,
        kept: Use,
        look: impl FnOnce(&mut dyn Read) -> Result<T, FormatError>,
    ) -> Result<T, FormatError> {
        let bounds = self.bounds(part, kept);
        let index = self.parts.iter().position(|other| other.name == part.name);
        let entry = self.archive.by_index(index.unwrap_or(usize::MAX));
        let entry = entry.map_err(|error| damaged(&error.to_string()))?;
        let is_xml = kept != Use::Passing || is_xml(&part.name);
        let mut guard = Guard::new(entry, is_xml, bounds);
        let found = look(&mut guard)?;
        io::copy(&mut guard, &mut io::sink()).map_err(|error| unreadable(&part.name, &error))?;
        self.opened += guard.passed();
        Ok(found)
    }

    fn bounds(&self, part: &Part, kept: Use) -> Bounds {
        let limits = &self.limits.workbook;
        let ratio = part
            .compressed
            .saturating_mul(limits.ratio)
            .max(SMALL_BYTES);
        let own = match kept {
            Use::Kept => (KEPT_BYTES, "bytes of a part that is kept", KEPT_BYTES),
            Use::Strings => (
                limits.string_bytes,
                "bytes of shared texts (`workbook_string_bytes`)",
                limits.string_bytes,
            ),
            Use::Passing => (
                limits.part_bytes,
                "bytes (`workbook_part_bytes`)",
                limits.part_bytes,
            ),
        };
        let left = limits.opened_bytes.saturating_sub(self.opened);
        let all = [
            own,
            (
                ratio,
                "times its compressed bytes (`workbook_ratio`)",
                limits.ratio,
            ),
            (
                left,
                "bytes in all parts (`workbook_opened_bytes`)",
                limits.opened_bytes,
            ),
        ];
        let (bytes, what, limit) = all.into_iter().min_by_key(|bound| bound.0).unwrap_or(own);
        Bounds {
            bytes,
            what,
            limit,
            token_bytes: self.limits.xml_text_bytes,
            tags: match kept {
                Use::Kept => KEPT_TAGS,
                Use::Strings | Use::Passing => u64::MAX,
            },
        }
    }
}

fn is_xml(name: &str) -> bool {
    [".xml", ".rels", ".vml"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// What the list of parts says of one, if that may be.
fn part(archive: &mut ZipArchive<File>, index: usize) -> Result<Part, FormatError> {
    let entry = archive
        .by_index_raw(index)
        .map_err(|error| damaged(&error.to_string()))?;
    let name = entry.name().map_err(|error| damaged(&error.to_string()))?;
    let name = name.to_lowercase();
    let unsafe_because = |why: &str| {
        let message = format!("the part `{}` {why}", short(&name));
        Err(refuse(codes::PACKAGE, message))
    };
    let is_clean = !name.starts_with('/')
        && !name.contains(['\\', ':'])
        && !name.chars().any(char::is_control)
        && name.split('/').all(|step| step != ".." && step != ".");
    if !is_clean {
        return unsafe_because("has a name that leads out of the package");
    }
    if entry.is_symlink() {
        return unsafe_because("is a link");
    }
    if entry.encrypted() {
        return Err(refuse(
            codes::ENCRYPTED,
            "the parts of the workbook are encrypted",
        ));
    }
    let method = entry.compression();
    if method != CompressionMethod::Stored && method != CompressionMethod::DEFLATE {
        return unsafe_because("is compressed by a method that workbooks do not have");
    }
    Ok(Part {
        start: entry.data_start().unwrap_or_default(),
        compressed: entry.compressed_size(),
        name,
    })
}

/// Counts what looks like an entry of a list of parts, wherever it stands: the list is held in
/// memory as a whole, and it must be small before anything believes what it says of its length.
fn count_signatures(file: &mut File, limits: &Limits) -> Result<(), FormatError> {
    const SIGNATURE: &[u8] = b"PK\x01\x02";
    let finder = memmem::Finder::new(SIGNATURE);
    let mut buffer = vec![0_u8; 256 << 10];
    let (mut kept, mut found) = (0, 0_usize);
    file.seek(SeekFrom::Start(0)).map_err(FormatError::Read)?;
    loop {
        let room = buffer.get_mut(kept..).unwrap_or_default();
        let count = file.read(room).map_err(FormatError::Read)?;
        if count == 0 {
            break;
        }
        let all = buffer.get(..kept + count).unwrap_or_default();
        found += finder.find_iter(all).count();
        if found > limits.workbook.parts {
            return Err(too_many_parts(limits));
        }
        let tail = all.len().min(SIGNATURE.len() - 1);
        let from = all.len() - tail;
        buffer.copy_within(from..from + tail, 0);
        kept = tail;
    }
    file.seek(SeekFrom::Start(0)).map_err(FormatError::Read)?;
    Ok(())
}

fn too_many_parts(limits: &Limits) -> FormatError {
    let limit = limits.workbook.parts as u64;
    over(
        "the number of parts of the workbook",
        limit,
        "workbook_parts",
    )
}

fn damaged(why: &str) -> FormatError {
    refuse(
        codes::PACKAGE,
        format!("the package is damaged: {}", short(why)),
    )
}

/// Why a part could not be read: what its guard refused, or damage.
pub(super) fn unreadable(part: &str, error: &io::Error) -> FormatError {
    let part = short(part);
    match Refused::of(error) {
        Some(refused @ Refused::Large { .. }) => {
            refuse(codes::LIMIT, format!("the part `{part}` has {refused}"))
        }
        Some(refused) => refuse(codes::PART, format!("the part `{part}` has {refused}")),
        None => refuse(
            codes::PACKAGE,
            format!(
                "the part `{part}` is damaged: {}",
                short(&error.to_string())
            ),
        ),
    }
}
