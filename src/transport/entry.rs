//! A file as a listing saw it, and how to tell that it is still that file.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Folder, Refusal, RemoteName};

/// A regular file that a listing found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The folder it lies in.
    pub folder: Folder,
    /// Its name.
    pub name: RemoteName,
    /// What the pattern's placeholders stand for in the name.
    pub captures: BTreeMap<String, String>,
    pub(super) look: Look,
}

impl Entry {
    /// Its size in bytes.
    pub fn bytes(&self) -> u64 {
        self.look.bytes
    }

    /// When it was last written to, by the clock of whoever wrote it.
    pub fn modified(&self) -> DateTime<Utc> {
        self.look.modified
    }

    /// Whether the file is complete as far as looking can tell: the same file, size and time of
    /// writing as in `previous`, and untouched for `stable_secs` seconds.
    ///
    /// A file dated after `now` comes from a clock that is ahead; its age says nothing, and two
    /// equal looks are enough.
    pub fn is_stable(&self, previous: &Self, now: DateTime<Utc>, stable_secs: u32) -> bool {
        let same = self.folder == previous.folder
            && self.name == previous.name
            && self.look == previous.look;
        let age = now.signed_duration_since(self.look.modified);
        same && (age < TimeDelta::zero() || age >= TimeDelta::seconds(i64::from(stable_secs)))
    }
}

/// What a listing found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Files to take, sorted by name.
    pub files: Vec<Entry>,
    /// What lies there and is never taken, sorted by name; to be reported.
    pub refused: Vec<RefusedFile>,
    /// How many were passed over in silence: other names, hidden files, unfinished uploads,
    /// folders.
    pub ignored: usize,
}

/// A directory entry that is not taken, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefusedFile {
    /// Its name, everything unusual in it escaped.
    pub shown: String,
    /// Why.
    pub reason: Refusal,
}

/// What tells one state of one file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    device: u64,
    inode: u64,
    pub(super) bytes: u64,
    pub(super) modified: DateTime<Utc>,
}

impl Look {
    pub(super) fn of(metadata: &Metadata) -> Self {
        let nanos = u32::try_from(metadata.mtime_nsec()).unwrap_or(0);
        let modified = DateTime::from_timestamp(metadata.mtime(), nanos);
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.len(),
            // A date that cannot be written down is as good as one in the far future.
            modified: modified.unwrap_or(DateTime::<Utc>::MAX_UTC),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(bytes: u64, modified: i64) -> Entry {
        Entry {
            folder: Folder::root(),
            name: RemoteName::clean("a.xml").expect("a clean name"),
            captures: BTreeMap::new(),
            look: Look {
                device: 1,
                inode: 2,
                bytes,
                modified: at(modified),
            },
        }
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).expect("a date")
    }

    #[test]
    fn a_file_is_stable_when_two_looks_agree_and_it_is_old_enough() {
        let first = entry(10, 100);
        assert!(entry(10, 100).is_stable(&first, at(105), 5));
        assert!(!entry(10, 100).is_stable(&first, at(104), 5), "too young");
        assert!(!entry(11, 100).is_stable(&first, at(200), 5), "it grew");
        assert!(
            !entry(10, 101).is_stable(&first, at(200), 5),
            "it was written to"
        );
    }

    #[test]
    fn another_file_under_the_same_name_starts_over() {
        let mut other = entry(10, 100);
        other.look.inode = 3;
        assert!(!other.is_stable(&entry(10, 100), at(200), 5));
    }

    #[test]
    fn a_file_from_the_future_is_stable_when_two_looks_agree() {
        assert!(entry(10, 900).is_stable(&entry(10, 900), at(100), 5));
        assert!(!entry(10, 901).is_stable(&entry(10, 900), at(100), 5));
    }
}
