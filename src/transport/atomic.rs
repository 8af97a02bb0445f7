//! Files that appear whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{
    AtFlags, CWD, Mode, OFlags, RenameFlags, fsync, linkat, openat, renameat, renameat_with,
    unlinkat,
};
use rustix::io::Errno;

use super::TransportError;
use super::folder::create_all;

/// Writes a local file: readers see the old bytes or the new ones, after a crash too.
///
/// `write` fills a temporary file beside `path`, which replaces `path` when all its bytes are on
/// the disk. Missing parent folders are created. Only owner and group can read the file. Returns
/// its size in bytes.
pub fn write_atomic(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<u64, TransportError> {
    let failed = |action| move |error: io::Error| TransportError::io(action, path, error);
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or(Errno::INVAL).map_err(io::Error::from);
    let name = name.map_err(failed("write"))?;
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    create_all(parent).map_err(failed("create the folder of"))?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = openat(CWD, parent, flags, Mode::empty())
        .map_err(|errno| TransportError::entering(parent, errno))?;
    let mut part = PartFile::create(folder, name, 0o640)
        .map_err(|errno| TransportError::io("create", path, errno))?;
    let mut buffered = BufWriter::new(part.file());
    write(&mut buffered).map_err(failed("write"))?;
    buffered.flush().map_err(failed("write"))?;
    drop(buffered);
    let bytes = part.file().metadata().map_err(failed("look at"))?.len();
    let (action, outcome) = part.publish(None, name, Existing::IsReplaced);
    outcome.map_err(|errno| TransportError::io(action, path, errno))?;
    Ok(bytes)
}

/// A temporary file that gets its final name last, or disappears.
///
/// Its name, `.<final>.<process>-<number>.part`, is its own: two writers of one final name never
/// share a temporary file, so neither can publish the other's half.
#[derive(Debug)]
pub(super) struct PartFile {
    folder: OwnedFd,
    name: String,
    file: File,
    is_published: bool,
}

/// What happens when the final name is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    IsReplaced,
    IsKept,
}

static NUMBER: AtomicU64 = AtomicU64::new(0);

/// The longest piece of the final name inside the temporary one, which has 255 bytes at most.
const STEM_BYTES: usize = 200;

impl PartFile {
    pub(super) fn create(folder: OwnedFd, stem: &str, mode: u32) -> Result<Self, Errno> {
        let stem = stem
            .get(..stem.floor_char_boundary(STEM_BYTES))
            .unwrap_or("");
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let name = format!(".{stem}.{}-{number}.part", process::id());
            match openat(&folder, name.as_str(), flags, Mode::from_raw_mode(mode)) {
                Ok(handle) => {
                    let file = File::from(handle);
                    return Ok(Self {
                        folder,
                        name,
                        file,
                        is_published: false,
                    });
                }
                // Left over from a killed process that had our number, or a node that shares it.
                Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno),
            }
        }
    }

    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Makes the bytes durable, gives the file its name in `target` (by default the folder it was
    /// written in), makes the name durable.
    ///
    /// On failure says which step failed: a failed fsync must never be retried.
    pub(super) fn publish(
        mut self,
        target: Option<&OwnedFd>,
        name: &str,
        existing: Existing,
    ) -> (&'static str, Result<(), Errno>) {
        let target = target.unwrap_or(&self.folder);
        if let Err(errno) = fsync(&self.file) {
            return ("fsync", Err(errno));
        }
        let renamed = match existing {
            Existing::IsReplaced => renameat(&self.folder, self.name.as_str(), target, name),
            Existing::IsKept => rename_without_replacing(&self.folder, &self.name, target, name),
        };
        if let Err(errno) = renamed {
            return ("rename", Err(errno));
        }
        let synced = fsync(target);
        self.is_published = true;
        ("fsync", synced)
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if !self.is_published {
            // Best effort: what stays behind is removed by `clean_leftovers`.
            let _ = unlinkat(&self.folder, self.name.as_str(), AtFlags::empty());
        }
    }
}

/// Renames, or fails with `EXIST` when the new name is taken.
pub(super) fn rename_without_replacing(
    from: &OwnedFd,
    old: &str,
    to: &OwnedFd,
    new: &str,
) -> Result<(), Errno> {
    match renameat_with(from, old, to, new, RenameFlags::NOREPLACE) {
        // Network file systems know no such rename; a link refuses a taken name as well.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            linkat(from, old, to, new, AtFlags::empty())?;
            unlinkat(from, old, AtFlags::empty())
        }
        other => other,
    }
}

/// Whether a name has the shape of [`PartFile`]'s.
pub(super) fn is_leftover_name(name: &str) -> bool {
    let inside = name
        .strip_prefix('.')
        .and_then(|rest| rest.strip_suffix(".part"));
    let Some((stem, token)) = inside.and_then(|inside| inside.rsplit_once('.')) else {
        return false;
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let numbers = token.split_once('-');
    !stem.is_empty()
        && numbers.is_some_and(|(process, number)| is_number(process) && is_number(number))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("the folder is there");
        let mut names: Vec<_> = entries
            .map(|entry| {
                entry
                    .expect("readable")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_written_file_replaces_the_old_one_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new/deep/报告.html");
        for text in ["first", "the second"] {
            let bytes = write_atomic(&path, |out| out.write_all(text.as_bytes()));
            assert_eq!(bytes.expect("written"), text.len() as u64);
            assert_eq!(fs::read_to_string(&path).expect("readable"), text);
        }
        assert_eq!(names(path.parent().expect("it has one")), ["报告.html"]);
    }

    #[test]
    fn a_failure_while_writing_keeps_the_old_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.csv");
        write_atomic(&path, |out| out.write_all(b"old")).expect("written");
        let error = write_atomic(&path, |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("no more rows"))
        })
        .expect_err("the writer failed");
        assert_eq!(
            error.to_string(),
            format!("cannot write `{}`: no more rows", path.display())
        );
        assert_eq!(fs::read_to_string(&path).expect("readable"), "old");
        assert_eq!(names(folder.path()), ["a.csv"]);
    }

    #[test]
    fn a_name_of_255_bytes_still_has_room_for_a_temporary_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("账".repeat(85));
        write_atomic(&path, |out| out.write_all(b"x")).expect("written");
        assert_eq!(fs::read_to_string(&path).expect("readable"), "x");
    }

    #[test]
    fn only_our_own_temporary_names_are_leftovers() {
        assert!(is_leftover_name(".a.xml.4711-0.part"));
        for other in [
            "a.xml.4711-0.part",
            ".a.xml.part",
            ".a.xml.4711.part",
            ".4711-0.part",
            ".a.xml.4711-.part",
            ".a.xml.4711-0.partial",
        ] {
            assert!(!is_leftover_name(other), "{other}");
        }
    }
}
