//! Ending the duty for a file that was taken.

use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, fsync, unlinkat};
use rustix::io::Errno;

use super::atomic::rename_without_replacing;
use super::dir::look_at;
use super::entry::Look;
use super::{DirTransport, Entry, Folder, TransportError};

/// What becomes of a partner's file after the ledger has committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finish {
    /// It is removed.
    Delete,
    /// It is moved to another folder of the same connection, which is created if missing. A taken
    /// name gets a number: `a.xml.1`.
    MoveTo(Folder),
    /// It stays; the ledger's memory of it keeps it from being taken again.
    Keep,
}

/// How finishing ended; every outcome ends the duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// Done as asked.
    Done,
    /// The file was gone: an earlier attempt finished it, or the partner took it back.
    AlreadyGone,
    /// Another file has its name now; it was left for the next listing.
    Replaced,
}

/// The most numbers tried for a taken name.
const MAX_NUMBER: u32 = 10_000;

impl DirTransport {
    /// A file that the partner puts in the place of ours in the instant between the last look and
    /// the removal cannot be told apart; only [`Finish::Delete`] could lose it.
    pub(super) fn finish(
        &self,
        entry: &Entry,
        finish: &Finish,
    ) -> Result<Finished, TransportError> {
        if *finish == Finish::Keep {
            return Ok(Finished::Done);
        }
        let path = self.path_of(entry);
        let folder = entry.folder.open(&self.root)?;
        let found = look_at(&folder, entry.name.as_str())
            .map_err(|errno| TransportError::io("look at", &path, errno))?;
        let Some(found) = found else {
            return Ok(Finished::AlreadyGone);
        };
        if Look::of(&found) != entry.look {
            return Ok(Finished::Replaced);
        }
        let (action, outcome) = match finish {
            Finish::MoveTo(target) => {
                let target = target.open_or_create(&self.root)?;
                ("move", move_numbered(&folder, entry.name.as_str(), &target))
            }
            Finish::Delete | Finish::Keep => {
                let name = entry.name.as_str();
                ("remove", unlinkat(&folder, name, AtFlags::empty()))
            }
        };
        match outcome {
            Ok(()) => sync(&folder, &path),
            Err(Errno::NOENT) => Ok(Finished::AlreadyGone),
            Err(errno) => Err(TransportError::io(action, &path, errno)),
        }
    }
}

fn sync(folder: &OwnedFd, path: &Path) -> Result<Finished, TransportError> {
    fsync(folder).map_err(|errno| TransportError::io("fsync", path, errno))?;
    Ok(Finished::Done)
}

fn move_numbered(from: &OwnedFd, name: &str, to: &OwnedFd) -> Result<(), Errno> {
    for number in 0..MAX_NUMBER {
        let new = match number {
            0 => name.to_owned(),
            _ => format!("{name}.{number}"),
        };
        match rename_without_replacing(from, name, to, &new) {
            Ok(()) => return fsync(to),
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno),
        }
    }
    Err(Errno::EXIST)
}
