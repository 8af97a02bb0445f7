//! Where bytes are: listing, fetching, landing, delivering and finishing files.
//!
//! Responsible for names that strangers chose, for files that change while they are looked at,
//! and for durability (every rename is followed by an fsync of its directory). Not for what the
//! bytes mean: it knows no record, no job and no ledger. `engine` calls it, and every module that
//! writes a file calls [`write_atomic`]. Everything here blocks: call it off the async threads.
//!
//! The one invariant: nothing is opened, written or removed outside the folder that was named,
//! and no file has its final name before all its bytes are on the disk.

mod archive;
mod atomic;
mod codes;
mod companion;
mod deliver;
mod dir;
mod entry;
mod error;
mod finish;
mod folder;
mod name;
mod pattern;
mod sha256;
#[cfg(test)]
mod tests;

pub use archive::{Archive, Landed};
pub use atomic::write_atomic;
pub use codes::CODES;
pub use companion::{CompanionKind, CompanionName, Companions, MAX_COMPANION_BYTES, Promise};
pub use deliver::{Delivered, DeliveryOutcome};
pub use dir::{DirTransport, MAX_ENTRIES};
pub use entry::{Entry, Listing, RefusedFile};
pub use error::TransportError;
pub use finish::{Finish, Finished};
pub use folder::{Folder, FolderError};
pub use name::{NameRefused, Refusal, RemoteName};
pub use pattern::{Pattern, PatternError};

use std::fs::File;

use chrono::{DateTime, Utc};

/// An open way to a partner's files.
#[derive(Debug, Clone)]
pub enum Transport {
    /// A directory on this machine, or mounted on it.
    Dir(DirTransport),
}

impl Transport {
    /// The regular files of a folder whose names are clean and fit the pattern, sorted by name.
    pub fn list(&self, folder: &Folder, pattern: &Pattern) -> Result<Listing, TransportError> {
        match self {
            Self::Dir(dir) => dir.list(folder, pattern),
        }
    }

    /// The listed file, open for reading, proven to be the one that was listed.
    pub fn open_read(&self, entry: &Entry) -> Result<File, TransportError> {
        match self {
            Self::Dir(dir) => dir.open_read(entry),
        }
    }

    /// Writes the whole of `local` under `name`: all of it, or nothing under that name.
    pub fn deliver(
        &self,
        local: &mut File,
        folder: &Folder,
        name: &RemoteName,
    ) -> Result<Delivered, TransportError> {
        match self {
            Self::Dir(dir) => dir.deliver(local, folder, name),
        }
    }

    /// Ends the duty for a listed file; to be called after the ledger has committed.
    pub fn finish(&self, entry: &Entry, finish: &Finish) -> Result<Finished, TransportError> {
        match self {
            Self::Dir(dir) => dir.finish(entry, finish),
        }
    }

    /// Removes temporary files of interrupted deliveries last written before `older_than`; says
    /// how many.
    pub fn clean_leftovers(
        &self,
        folder: &Folder,
        older_than: DateTime<Utc>,
    ) -> Result<usize, TransportError> {
        match self {
            Self::Dir(dir) => dir.clean_leftovers(folder, older_than),
        }
    }
}
