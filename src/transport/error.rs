//! What can go wrong with a partner's files, and whether trying again can help.

use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::codes;
use super::http::HttpError;
use crate::diag::Code;
use crate::id::FileDigest;

/// A transport operation that did not work.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The operating system refused.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried: `list`, `read`, `write`, `fsync`, `rename` …
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The folder, or a step on the way to it, is not there.
    #[error("the folder `{}` does not exist; create it, or correct the path", path.display())]
    FolderMissing {
        /// The first step that is missing.
        path: PathBuf,
    },
    /// A step on the way to the folder is a link or a file.
    #[error("`{}` is a link or not a folder; links below a connection's root are not followed", path.display())]
    FolderUnsafe {
        /// The step.
        path: PathBuf,
    },
    /// More entries than a listing may have.
    #[error("`{}` has more than {limit} entries; move finished files away, or raise the limit", path.display())]
    FolderTooFull {
        /// The folder.
        path: PathBuf,
        /// The most entries allowed.
        limit: usize,
    },
    /// A listed file disappeared before it was opened.
    #[error("`{}` was listed but is gone; the next listing decides", path.display())]
    Gone {
        /// The file.
        path: PathBuf,
    },
    /// We may not read a listed file.
    #[error("may not read `{}`: {source}; ask its owner for the right to read it", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file is not the one that was listed, or was written to while it was read.
    #[error("`{}` changed while it was being taken: {what}; it is tried again once it is stable", path.display())]
    ChangedUnderneath {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: &'static str,
    },
    /// The file has more bytes than the job takes.
    #[error("`{}` has more than {max_bytes} bytes; raise `max_bytes` if that is expected", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most bytes allowed.
        max_bytes: u64,
    },
    /// Another file, with other bytes, has the name of a delivery.
    #[error("`{}` already exists with other bytes; it was not overwritten", path.display())]
    TargetExists {
        /// The existing file.
        path: PathBuf,
    },
    /// A delivery cannot have a name that receivers take for an unfinished upload.
    #[error("`{name}` looks like an unfinished upload, which receivers skip; choose another name")]
    NameUnfinished {
        /// The name.
        name: String,
    },
    /// The target does not have the size that was sent.
    #[error("`{}` has {found} bytes, but {sent} were sent", path.display())]
    DeliverySize {
        /// The target.
        path: PathBuf,
        /// Bytes sent.
        sent: u64,
        /// Bytes found.
        found: u64,
    },
    /// A peer that takes uploads.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The archive does not have this file.
    #[error("the archive has no `{}`; restore it from the backup", path.display())]
    ArchiveMissing {
        /// Where it should be.
        path: PathBuf,
        /// Its digest.
        digest: FileDigest,
    },
    /// The archive has other bytes under this digest.
    #[error("the archive's `{}` is damaged: {what}; restore it from the backup", path.display())]
    ArchiveDamaged {
        /// The damaged file.
        path: PathBuf,
        /// The digest it should have.
        digest: FileDigest,
        /// What is wrong with it.
        what: &'static str,
    },
}

impl TransportError {
    pub(super) fn io(action: &'static str, path: &Path, source: impl Into<io::Error>) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source: source.into(),
        }
    }

    /// What a failure to open a listed file means.
    pub(super) fn opening(path: PathBuf, errno: Errno) -> Self {
        match errno {
            Errno::NOENT => Self::Gone { path },
            Errno::LOOP => Self::ChangedUnderneath {
                path,
                what: "it is now a symbolic link",
            },
            Errno::ACCESS | Errno::PERM => Self::Unreadable {
                path,
                source: errno.into(),
            },
            _ => Self::io("open", &path, errno),
        }
    }

    /// What a failure to open a folder means.
    pub(super) fn entering(path: &Path, errno: Errno) -> Self {
        let path = path.to_owned();
        match errno {
            Errno::NOENT => Self::FolderMissing { path },
            Errno::LOOP | Errno::NOTDIR => Self::FolderUnsafe { path },
            _ => Self::io("open", &path, errno),
        }
    }

    /// Whether the same operation may work later without anybody doing anything.
    ///
    /// A failed `fsync` never is: the kernel may have dropped the bytes already, and a second
    /// fsync would then succeed without them.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Io { action, source, .. } => *action != "fsync" && passes_by_itself(source),
            Self::Gone { .. } | Self::ChangedUnderneath { .. } => true,
            Self::Http(error) => error.is_transient(),
            Self::FolderMissing { .. }
            | Self::FolderUnsafe { .. }
            | Self::FolderTooFull { .. }
            | Self::Unreadable { .. }
            | Self::TooLarge { .. }
            | Self::TargetExists { .. }
            | Self::NameUnfinished { .. }
            | Self::DeliverySize { .. }
            | Self::ArchiveMissing { .. }
            | Self::ArchiveDamaged { .. } => false,
        }
    }

    /// Whether it is about one listed file, and says nothing of the others.
    pub fn is_about_one_file(&self) -> bool {
        matches!(
            self,
            Self::Gone { .. }
                | Self::Unreadable { .. }
                | Self::ChangedUnderneath { .. }
                | Self::TooLarge { .. }
        )
    }

    /// Whether the folder itself is not there.
    pub fn is_missing_folder(&self) -> bool {
        matches!(self, Self::FolderMissing { .. })
    }

    /// Whether the file is not there any more: somebody else took it.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Gone { .. })
    }

    /// Whether what was sent may have been carried out all the same.
    pub fn is_outcome_unknown(&self) -> bool {
        matches!(self, Self::Http(HttpError::OutcomeUnknown { .. }))
    }

    /// The code that `dukou explain` explains.
    pub fn code(&self) -> &'static Code {
        match self {
            Self::Io { .. } => &codes::FILE_SYSTEM,
            Self::Http(error) => error.code(),
            Self::FolderMissing { .. } => &codes::FOLDER_MISSING,
            Self::FolderUnsafe { .. } => &codes::FOLDER_UNSAFE,
            Self::FolderTooFull { .. } => &codes::FOLDER_TOO_FULL,
            Self::Gone { .. } => &codes::FILE_GONE,
            Self::Unreadable { .. } => &codes::FILE_UNREADABLE,
            Self::ChangedUnderneath { .. } => &codes::FILE_CHANGED,
            Self::TooLarge { .. } => &codes::FILE_TOO_LARGE,
            Self::TargetExists { .. } => &codes::TARGET_EXISTS,
            Self::NameUnfinished { .. } => &codes::NAME_UNFINISHED,
            Self::DeliverySize { .. } => &codes::DELIVERY_SIZE,
            Self::ArchiveMissing { .. } => &codes::ARCHIVE_MISSING,
            Self::ArchiveDamaged { .. } => &codes::ARCHIVE_DAMAGED,
        }
    }
}

fn passes_by_itself(source: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(source),
        Some(
            Errno::INTR
                | Errno::AGAIN
                | Errno::BUSY
                | Errno::STALE
                | Errno::TIMEDOUT
                | Errno::MFILE
                | Errno::NFILE
                | Errno::NOMEM
                | Errno::NOSPC
                | Errno::DQUOT
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_may_pass_and_missing_rights_or_a_failed_fsync_may_not() {
        let path = Path::new("/x");
        for (action, errno, transient) in [
            ("write", Errno::NOSPC, true),
            ("open", Errno::MFILE, true),
            ("list", Errno::STALE, true),
            ("open", Errno::ACCESS, false),
            ("write", Errno::IO, false),
            ("write", Errno::ROFS, false),
            ("fsync", Errno::NOSPC, false),
        ] {
            let error = TransportError::io(action, path, errno);
            assert_eq!(error.is_transient(), transient, "{error}");
        }
    }

    #[test]
    fn a_failure_says_what_was_tried_and_on_which_file() {
        let error = TransportError::io("rename", Path::new("/out/a.xml"), Errno::XDEV);
        assert_eq!(
            error.to_string(),
            "cannot rename `/out/a.xml`: Invalid cross-device link (os error 18)"
        );
    }

    #[test]
    fn a_file_without_the_right_to_read_it_says_nothing_of_the_others() {
        let open = |errno| TransportError::opening(PathBuf::from("/in/a.xml"), errno);
        assert_eq!(
            open(Errno::ACCESS).to_string(),
            "may not read `/in/a.xml`: Permission denied (os error 13); ask its owner for the right to read it"
        );
        for (errno, is_about_one) in [
            (Errno::ACCESS, true),
            (Errno::NOENT, true),
            (Errno::LOOP, true),
            (Errno::MFILE, false),
            (Errno::IO, false),
        ] {
            assert_eq!(open(errno).is_about_one_file(), is_about_one, "{errno}");
        }
    }
}
