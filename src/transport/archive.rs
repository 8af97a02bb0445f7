//! The archive: every file that ever landed, by the digest of its bytes, never changed again.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rustix::fs::{CWD, Mode, OFlags, fsync, openat};
use rustix::io::Errno;

use super::TransportError;
use super::atomic::{Existing, PartFile};
use super::dir::{MAX_ENTRIES, clean_leftovers, look_at};
use super::entry::Look;
use super::folder::{create_all, create_step};
use super::sha256::{self, CopyError};
use crate::id::FileDigest;
use crate::step::{self, Step};

/// Where files being landed are written.
const TEMPORARY: &str = "tmp";

/// The folder of landed bytes: `ab/cd/<sha256>`, and `tmp/` for files on their way.
#[derive(Debug, Clone)]
pub struct Archive {
    root: PathBuf,
}

/// A landed file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Landed {
    /// SHA-256 over its bytes: its address in the archive.
    pub digest: FileDigest,
    /// Size in bytes.
    pub bytes: u64,
}

impl Archive {
    /// Opens the archive, and creates it the first time.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, TransportError> {
        let root = root.into();
        create_all(&root).map_err(|error| TransportError::io("create", &root, error))?;
        let archive = Self { root };
        enter(&archive.open_root()?, &archive.root, TEMPORARY)?;
        Ok(archive)
    }

    /// Copies a whole file into the archive; when this returns, its bytes survive a power failure.
    ///
    /// `shown` names the source in errors. At most `max_bytes` are taken
    /// ([`TransportError::TooLarge`]); a source that was written to meanwhile is refused
    /// ([`TransportError::ChangedUnderneath`]). The same bytes land once, however often they come.
    pub fn land(
        &self,
        source: &mut File,
        shown: &Path,
        max_bytes: u64,
    ) -> Result<Landed, TransportError> {
        let reading = |error| TransportError::io("read", shown, error);
        let before = Look::of(&source.metadata().map_err(reading)?);
        let root = self.open_root()?;
        let (temporary, at) = enter(&root, &self.root, TEMPORARY)?;
        let mut part = PartFile::create(temporary, "landing", 0o440)
            .map_err(|errno| TransportError::io("create a file in", &at, errno))?;
        let copied = sha256::copy(source, part.file(), max_bytes).map_err(|error| match error {
            CopyError::Read(source) => reading(source),
            CopyError::Write(source) => TransportError::io("write into", &at, source),
        })?;
        let Some((digest, bytes)) = copied else {
            let path = shown.to_owned();
            return Err(TransportError::TooLarge { path, max_bytes });
        };
        let after = Look::of(&source.metadata().map_err(reading)?);
        if before != after || bytes != before.bytes {
            return Err(TransportError::ChangedUnderneath {
                path: shown.to_owned(),
                what: "it was written to while it was read",
            });
        }
        step::reached(Step::FileCopied);
        self.keep(&root, part, digest, bytes)?;
        step::reached(Step::FileArchived);
        Ok(Landed { digest, bytes })
    }

    /// The landed bytes, for reading.
    pub fn read(&self, digest: FileDigest) -> Result<File, TransportError> {
        let path = self.path(digest);
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match openat(CWD, &path, flags, Mode::empty()) {
            Ok(handle) => Ok(File::from(handle)),
            Err(Errno::NOENT) => Err(TransportError::ArchiveMissing { path, digest }),
            Err(errno) => Err(TransportError::io("read", &path, errno)),
        }
    }

    /// Reads the whole file and proves that its bytes still have their digest; returns its size.
    pub fn verify(&self, digest: FileDigest) -> Result<u64, TransportError> {
        let path = self.path(digest);
        let mut file = self.read(digest)?;
        let copied = sha256::copy(&mut file, &mut io::sink(), u64::MAX);
        let copied = copied.map_err(|error| match error {
            CopyError::Read(source) | CopyError::Write(source) => {
                TransportError::io("read", &path, source)
            }
        })?;
        match copied {
            Some((found, bytes)) if found == digest => Ok(bytes),
            _ => Err(TransportError::ArchiveDamaged {
                path,
                digest,
                what: "its bytes have another digest",
            }),
        }
    }

    /// Where a digest's bytes lie.
    pub fn path(&self, digest: FileDigest) -> PathBuf {
        let [first, second, name] = address(digest);
        self.root.join(first).join(second).join(name)
    }

    /// Removes what interrupted landings last wrote before `older_than`; says how many.
    pub fn clean_leftovers(&self, older_than: DateTime<Utc>) -> Result<usize, TransportError> {
        let root = self.open_root()?;
        let (temporary, path) = enter(&root, &self.root, TEMPORARY)?;
        clean_leftovers(&temporary, &path, older_than, MAX_ENTRIES)
    }

    /// Gives a complete file its address, or drops it when the archive has it.
    fn keep(
        &self,
        root: &OwnedFd,
        part: PartFile,
        digest: FileDigest,
        bytes: u64,
    ) -> Result<(), TransportError> {
        let [first, second, name] = address(digest);
        let (outer, at) = enter(root, &self.root, &first)?;
        let (inner, at) = enter(&outer, &at, &second)?;
        let path = at.join(&name);
        match part.publish(Some(&inner), &name, Existing::IsKept) {
            (_, Ok(())) => Ok(()),
            ("rename", Err(Errno::EXIST)) => check_kept(&inner, &name, &path, digest, bytes),
            (action, Err(errno)) => Err(TransportError::io(action, &path, errno)),
        }
    }

    fn open_root(&self) -> Result<OwnedFd, TransportError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        openat(CWD, &self.root, flags, Mode::empty())
            .map_err(|errno| TransportError::entering(&self.root, errno))
    }
}

/// Enters the step `name` below `parent`, whose path is `at`; creates it if it is missing.
fn enter(parent: &OwnedFd, at: &Path, name: &str) -> Result<(OwnedFd, PathBuf), TransportError> {
    let path = at.join(name);
    create_step(parent, name).map_err(|errno| TransportError::io("create", &path, errno))?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let handle = openat(parent, name, flags, Mode::empty())
        .map_err(|errno| TransportError::entering(&path, errno))?;
    Ok((handle, path))
}

/// `ab`, `cd`, and all 64 digits.
fn address(digest: FileDigest) -> [String; 3] {
    let hex = digest.to_string();
    let pair = |from: usize| hex.get(from..from + 2).unwrap_or("").to_owned();
    [pair(0), pair(2), hex]
}

fn check_kept(
    folder: &OwnedFd,
    name: &str,
    path: &Path,
    digest: FileDigest,
    bytes: u64,
) -> Result<(), TransportError> {
    let found =
        look_at(folder, name).map_err(|errno| TransportError::io("look at", path, errno))?;
    if found.is_none_or(|found| !found.is_file() || found.len() != bytes) {
        return Err(TransportError::ArchiveDamaged {
            path: path.to_owned(),
            digest,
            what: "it does not have the size of the same bytes landed again",
        });
    }
    // Whoever landed it first may have died before its name was durable.
    fsync(folder).map_err(|errno| TransportError::io("fsync", path, errno))
}
