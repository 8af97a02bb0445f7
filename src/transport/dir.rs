//! The `dir` transport: a directory on this machine, or mounted on it.

use std::ffi::OsStr;
use std::fs::{File, FileType, Metadata};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rustix::fs::{AtFlags, Dir, Mode, OFlags, openat, unlinkat};
use rustix::io::Errno;

use super::atomic::is_leftover_name;
use super::entry::Look;
use super::name::shown;
use super::{Entry, Folder, Listing, Pattern, Refusal, RefusedFile, RemoteName, TransportError};

/// The most entries of a folder that a listing reads unless told otherwise.
pub const MAX_ENTRIES: usize = 100_000;

/// An open connection to a local directory.
///
/// The root is the operator's and may be a link; everything below it is the partner's, and no
/// link there is followed. The root is opened anew for every operation, so that a file system
/// may be unmounted and mounted again meanwhile.
#[derive(Debug, Clone)]
pub struct DirTransport {
    pub(super) root: PathBuf,
    max_entries: usize,
}

impl DirTransport {
    /// Opens the connection: the root must be there.
    ///
    /// `max_entries` bounds a listing; [`MAX_ENTRIES`] is the usual value.
    pub fn open(root: impl Into<PathBuf>, max_entries: usize) -> Result<Self, TransportError> {
        let root = root.into();
        Folder::root().open(&root)?;
        Ok(Self { root, max_entries })
    }

    pub(super) fn list(
        &self,
        folder: &Folder,
        pattern: &Pattern,
    ) -> Result<Listing, TransportError> {
        let path = folder.below(&self.root);
        let handle = folder.open(&self.root)?;
        let mut listing = Listing::default();
        for name in self.names(&handle, &path)? {
            judge(&handle, folder, pattern, &name, &mut listing)
                .map_err(|errno| TransportError::io("look at", &path.join(shown(&name)), errno))?;
        }
        listing.files.sort_by(|a, b| a.name.cmp(&b.name));
        listing.refused.sort();
        Ok(listing)
    }

    pub(super) fn open_read(&self, entry: &Entry) -> Result<File, TransportError> {
        let path = self.path_of(entry);
        let changed = |what| TransportError::ChangedUnderneath {
            path: path.clone(),
            what,
        };
        let folder = entry.folder.open(&self.root)?;
        // NONBLOCK: opening a pipe that was put in the file's place must not hang.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match openat(&folder, entry.name.as_str(), flags, Mode::empty()) {
            Ok(handle) => File::from(handle),
            Err(errno) => return Err(TransportError::opening(path, errno)),
        };
        let metadata = file
            .metadata()
            .map_err(|source| TransportError::io("look at", &path, source))?;
        if !metadata.is_file() || metadata.nlink() != 1 {
            return Err(changed("it is no longer a regular file with one name"));
        }
        if Look::of(&metadata) != entry.look {
            return Err(changed(
                "it is not the file that was listed, or was written to since",
            ));
        }
        Ok(file)
    }

    pub(super) fn clean_leftovers(
        &self,
        folder: &Folder,
        older_than: DateTime<Utc>,
    ) -> Result<usize, TransportError> {
        let handle = folder.open(&self.root)?;
        let path = folder.below(&self.root);
        clean_leftovers(&handle, &path, older_than, self.max_entries)
    }

    pub(super) fn path_of(&self, entry: &Entry) -> PathBuf {
        entry.folder.below(&self.root).join(entry.name.as_str())
    }

    fn names(&self, folder: impl AsFd, path: &Path) -> Result<Vec<Vec<u8>>, TransportError> {
        names(folder, path, self.max_entries)
    }
}

/// All names in a folder, in no order, without `.` and `..`.
fn names(folder: impl AsFd, path: &Path, limit: usize) -> Result<Vec<Vec<u8>>, TransportError> {
    let failed = |errno| TransportError::io("list", path, errno);
    let mut found = Vec::new();
    for entry in Dir::read_from(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_bytes().to_vec();
        if name == b"." || name == b".." {
            continue;
        }
        if found.len() == limit {
            let path = path.to_owned();
            return Err(TransportError::FolderTooFull { path, limit });
        }
        found.push(name);
    }
    Ok(found)
}

fn judge(
    handle: impl AsFd,
    folder: &Folder,
    pattern: &Pattern,
    raw: &[u8],
    listing: &mut Listing,
) -> Result<(), Errno> {
    let mut refuse = |shown, reason| listing.refused.push(RefusedFile { shown, reason });
    let name = match RemoteName::clean(OsStr::from_bytes(raw)) {
        Ok(name) => name,
        Err(refused) => {
            refuse(refused.shown, refused.reason);
            return Ok(());
        }
    };
    let captures = match pattern.captures(&name) {
        Some(captures) if !name.is_unfinished() => captures,
        _ => {
            listing.ignored += 1;
            return Ok(());
        }
    };
    let Some(metadata) = look_at(handle, name.as_str())? else {
        return Ok(());
    };
    if metadata.is_dir() {
        listing.ignored += 1;
    } else if let Some(reason) = refusal(metadata.file_type(), metadata.nlink()) {
        refuse(name.to_string(), reason);
    } else {
        listing.files.push(Entry {
            folder: folder.clone(),
            name,
            captures,
            look: Look::of(&metadata),
        });
    }
    Ok(())
}

fn refusal(kind: FileType, links: u64) -> Option<Refusal> {
    if kind.is_symlink() {
        Some(Refusal::Symlink)
    } else if !kind.is_file() {
        Some(Refusal::Special)
    } else if links > 1 {
        Some(Refusal::HardLink)
    } else {
        None
    }
}

/// What stands under a name, links not followed and nothing opened; `None` if nothing does.
pub(super) fn look_at(folder: impl AsFd, name: &str) -> Result<Option<Metadata>, Errno> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let handle = match openat(folder, name, flags, Mode::empty()) {
        Ok(handle) => File::from(handle),
        Err(Errno::NOENT) => return Ok(None),
        Err(errno) => return Err(errno),
    };
    let metadata = handle.metadata();
    metadata
        .map(Some)
        .map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))
}

/// Removes our own temporary files last written before `older_than`, and no other file.
pub(super) fn clean_leftovers(
    folder: impl AsFd,
    path: &Path,
    older_than: DateTime<Utc>,
    limit: usize,
) -> Result<usize, TransportError> {
    let mut removed = 0;
    for name in names(&folder, path, limit)? {
        let Ok(name) = String::from_utf8(name) else {
            continue;
        };
        if !is_leftover_name(&name) {
            continue;
        }
        let at = path.join(&name);
        let metadata =
            look_at(&folder, &name).map_err(|errno| TransportError::io("look at", &at, errno))?;
        let old = metadata.is_some_and(|metadata| {
            metadata.is_file() && Look::of(&metadata).modified < older_than
        });
        if !old {
            continue;
        }
        match unlinkat(&folder, name.as_str(), AtFlags::empty()) {
            Ok(()) => removed += 1,
            Err(Errno::NOENT) => {}
            Err(errno) => return Err(TransportError::io("remove", &at, errno)),
        }
    }
    Ok(removed)
}
