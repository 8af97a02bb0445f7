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
mod http;
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
pub use http::{
    ANSWER_ENDING, Base, BodyPlan, HashKind, HttpError, HttpPlan, HttpTimes, HttpTransport, Output,
    SAID_OF_FILE, SAID_OF_SIGN, SignPlan, Subnet, Template,
};
pub use name::{NameRefused, Refusal, RemoteName};
pub use pattern::{Pattern, PatternError};

use std::fs::File;

use chrono::{DateTime, Utc};

/// An open way to a partner's files.
#[derive(Debug, Clone)]
pub enum Transport {
    /// A directory on this machine, or mounted on it.
    Dir(DirTransport),
    /// A peer that takes uploads; what it answered are its files.
    Http(Box<HttpTransport>),
}

/// How doubt about a delivery is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// The transport sees what lies at the partner.
    IsLookedUp,
    /// The same file twice does nothing twice.
    IsSentAgain,
    /// A person finds out.
    IsAsked,
}

impl Transport {
    /// What is to be done when nobody knows what became of a delivery: it is looked up where the
    /// bytes can be seen, sent again where that does nothing twice, and left to a person otherwise.
    pub fn doubt(&self) -> Doubt {
        match self {
            Self::Dir(_) => Doubt::IsLookedUp,
            Self::Http(http) if http.may_repeat() => Doubt::IsSentAgain,
            Self::Http(_) => Doubt::IsAsked,
        }
    }

    /// The regular files of a folder whose names are clean and fit the pattern, sorted by name.
    pub fn list(&self, folder: &Folder, pattern: &Pattern) -> Result<Listing, TransportError> {
        match self {
            Self::Dir(dir) => dir.list(folder, pattern),
            Self::Http(http) => http.answers.list(folder, pattern),
        }
    }

    /// The listed file, open for reading, proven to be the one that was listed.
    pub fn open_read(&self, entry: &Entry) -> Result<File, TransportError> {
        match self {
            Self::Dir(dir) => dir.open_read(entry),
            Self::Http(http) => http.answers.open_read(entry),
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
            Self::Http(http) => http.deliver(local, folder, name),
        }
    }

    /// Ends the duty for a listed file; to be called after the ledger has committed.
    pub fn finish(&self, entry: &Entry, finish: &Finish) -> Result<Finished, TransportError> {
        match self {
            Self::Dir(dir) => dir.finish(entry, finish),
            Self::Http(http) => http.answers.finish(entry, finish),
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
            Self::Http(http) => http.answers.clean_leftovers(folder, older_than),
        }
    }
}
