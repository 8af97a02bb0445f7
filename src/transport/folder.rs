//! Folders below a connection's root, entered one step at a time without following links.

use std::fmt;
use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, fsync, mkdirat, openat};
use rustix::io::Errno;

use super::{NameRefused, RemoteName, TransportError};

const MAX_DEPTH: usize = 16;

/// A folder below a connection's root: clean names joined by `/`; the empty text is the root.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Folder(Vec<RemoteName>);

/// Why a text is not a folder below a root.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FolderError {
    /// It begins with `/`.
    #[error(
        "`{path}` is absolute; a folder is named from its connection's root, such as `to_issuer`"
    )]
    Absolute {
        /// What was written.
        path: String,
    },
    /// More than 16 steps.
    #[error("`{path}` has more than 16 steps")]
    TooDeep {
        /// What was written.
        path: String,
    },
    /// One of its steps is not a clean name.
    #[error(transparent)]
    Name(#[from] NameRefused),
}

impl Folder {
    /// The root itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// Checks a folder as a person wrote it; `.` and the empty text are the root.
    pub fn new(text: &str) -> Result<Self, FolderError> {
        if text.starts_with('/') {
            return Err(FolderError::Absolute {
                path: text.to_owned(),
            });
        }
        let trimmed = text.strip_suffix('/').unwrap_or(text);
        if trimmed.is_empty() || trimmed == "." {
            return Ok(Self::root());
        }
        if trimmed.split('/').count() > MAX_DEPTH {
            return Err(FolderError::TooDeep {
                path: text.to_owned(),
            });
        }
        let steps: Result<Vec<_>, _> = trimmed.split('/').map(RemoteName::clean).collect();
        Ok(Self(steps?))
    }

    pub(super) fn below(&self, root: &Path) -> PathBuf {
        let mut path = root.to_owned();
        path.extend(self.0.iter().map(RemoteName::as_str));
        path
    }

    /// Opens the folder; none of its steps below `root` may be a link.
    pub(super) fn open(&self, root: &Path) -> Result<OwnedFd, TransportError> {
        self.walk(root, Missing::IsAnError)
    }

    /// Opens the folder and creates the steps that are missing, durably.
    pub(super) fn open_or_create(&self, root: &Path) -> Result<OwnedFd, TransportError> {
        self.walk(root, Missing::IsCreated)
    }

    // Not openat2(RESOLVE_BENEATH): kernel 4.19, still in service on domestic systems, lacks it,
    // and a step that is neither a link nor `..` cannot leave the root.
    fn walk(&self, root: &Path, missing: Missing) -> Result<OwnedFd, TransportError> {
        let mut at = root.to_owned();
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut folder = openat(CWD, root, flags, Mode::empty())
            .map_err(|errno| TransportError::entering(&at, errno))?;
        for step in &self.0 {
            at.push(step.as_str());
            if matches!(missing, Missing::IsCreated) {
                create_step(&folder, step.as_str())
                    .map_err(|errno| TransportError::io("create", &at, errno))?;
            }
            folder = openat(
                &folder,
                step.as_str(),
                flags | OFlags::NOFOLLOW,
                Mode::empty(),
            )
            .map_err(|errno| TransportError::entering(&at, errno))?;
        }
        Ok(folder)
    }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in self.0.iter().enumerate() {
            let slash = if number == 0 { "" } else { "/" };
            write!(f, "{slash}{step}")?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Missing {
    IsAnError,
    IsCreated,
}

/// Makes sure that the step exists and survives a power failure.
///
/// The fsync is needed for a step that was already there too: whoever created it may have died
/// before doing so.
pub(super) fn create_step(parent: impl AsFd, step: &str) -> Result<(), Errno> {
    let mode = Mode::from_raw_mode(0o750);
    match mkdirat(&parent, step, mode) {
        Ok(()) | Err(Errno::EXIST) => fsync(parent),
        Err(errno) => Err(errno),
    }
}

/// Creates a local folder and its missing parents, each durable before the next.
pub(super) fn create_all(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().unwrap_or(Path::new(""));
    create_all(parent)?;
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let here = Path::new(".");
    let parent = if parent.as_os_str().is_empty() {
        here
    } else {
        parent
    };
    fs::File::open(parent)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_clean_names_below_the_root() {
        let folder = Folder::new("etc_clearing/to_issuer/").expect("a good folder");
        assert_eq!(folder.to_string(), "etc_clearing/to_issuer");
        assert_eq!(
            folder.below(Path::new("/r")),
            Path::new("/r/etc_clearing/to_issuer")
        );
        assert_eq!(Folder::new("."), Ok(Folder::root()));
        assert_eq!(Folder::new(""), Ok(Folder::root()));
    }

    #[test]
    fn a_folder_cannot_leave_the_root() {
        for (text, message) in [
            (
                "/etc",
                "`/etc` is absolute; a folder is named from its connection's root, such as \
                 `to_issuer`",
            ),
            (
                "a/../../etc",
                "the name `..` is refused: a file name contains a path",
            ),
            (
                "a//b",
                "the name `` is refused: a file name is empty or longer than 255 bytes",
            ),
        ] {
            let error = Folder::new(text).expect_err(text);
            assert_eq!(error.to_string(), message);
        }
        let deep = vec!["a"; 17].join("/");
        assert_eq!(
            Folder::new(&deep),
            Err(FolderError::TooDeep { path: deep.clone() })
        );
    }
}
