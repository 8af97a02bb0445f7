//! The folder of one version: made aside, complete, and then given its name once and for all.

use std::fs::{self, DirEntry, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use tempfile::{NamedTempFile, TempDir};

use super::ReportError;
use crate::digest::DigestWrite;
use crate::id::FileDigest;

/// A file of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WrittenFile {
    /// Its name in the version's folder.
    pub name: String,
    /// SHA-256 of its bytes, 64 hex digits.
    pub digest: String,
    /// How many bytes it has.
    pub bytes: u64,
}

/// What the name of a folder begins with while it is being made.
const MAKING: &str = ".making-";

/// How long after the last change a folder that was being made is one that a crash left.
const LEFTOVER_MINUTES: i64 = 60;

/// A version's folder that nobody sees yet; dropped, it disappears.
#[derive(Debug)]
pub(super) struct Making {
    folder: TempDir,
    pub(super) files: Vec<WrittenFile>,
}

/// A file being written, hashed as it goes.
pub(super) type Sink = BufWriter<DigestWrite<NamedTempFile>>;

impl Making {
    /// Begins beside the other versions of the day.
    pub(super) fn new(day: &Path) -> Result<Self, ReportError> {
        fs::create_dir_all(day).map_err(ReportError::io("create the folder", day))?;
        let folder = tempfile::Builder::new()
            .prefix(MAKING)
            .permissions(fs::Permissions::from_mode(0o750))
            .tempdir_in(day)
            .map_err(ReportError::io("create a folder in", day))?;
        Ok(Self {
            folder,
            files: Vec::new(),
        })
    }

    /// Where it is made.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A new file, without its name yet.
    pub(super) fn sink(&self) -> Result<Sink, ReportError> {
        let file = tempfile::Builder::new()
            .permissions(fs::Permissions::from_mode(0o640))
            .tempfile_in(self.folder.path())
            .map_err(ReportError::io("create a file in", self.folder.path()))?;
        Ok(BufWriter::new(DigestWrite::new(file)))
    }

    /// Makes a file durable and gives it its name.
    pub(super) fn keep(&mut self, sink: Sink, name: &str) -> Result<(), ReportError> {
        let path = self.folder.path().join(name);
        let failed = |action| ReportError::io(action, &path);
        let inner = sink
            .into_inner()
            .map_err(|error| failed("write")(error.into_error()))?;
        let (file, digest, bytes) = inner.finish();
        file.as_file().sync_all().map_err(failed("fsync"))?;
        file.persist_noclobber(&path)
            .map_err(|error| failed("name")(error.error))?;
        self.files.push(WrittenFile {
            name: name.to_owned(),
            digest: digest.to_string(),
            bytes,
        });
        Ok(())
    }

    /// A whole small file at once.
    pub(super) fn write(&mut self, name: &str, text: &str) -> Result<FileDigest, ReportError> {
        let mut sink = self.sink()?;
        let path = self.folder.path().join(name);
        sink.write_all(text.as_bytes())
            .map_err(ReportError::io("write", &path))?;
        self.keep(sink, name)?;
        Ok(crate::digest::Sha256::of(text.as_bytes()))
    }

    /// Gives the folder its name `v<version>`. Call it while the ledger's row of that version is
    /// held by the transaction: a folder of that name was then left by a crash before the
    /// ledger's commit. It is set aside as `v<version>.unrecorded-<n>`, never overwritten.
    pub(super) fn publish(self, day: &Path, version: i64) -> Result<PathBuf, ReportError> {
        let target = day.join(format!("v{version}"));
        sync(self.folder.path())?;
        if fs::symlink_metadata(&target).is_ok() {
            let aside = (1_u32..)
                .map(|n| day.join(format!("v{version}.unrecorded-{n}")))
                .find(|path| fs::symlink_metadata(path).is_err())
                .unwrap_or_else(|| day.join("unrecorded"));
            fs::rename(&target, &aside).map_err(ReportError::io("set aside", &target))?;
        }
        let made = self.folder.keep();
        fs::rename(&made, &target).map_err(ReportError::io("name", &target))?;
        sync(day)?;
        if let Some(parent) = day.parent() {
            sync(parent)?;
        }
        Ok(target)
    }
}

/// Removes from a day's folder what makings left that a crash ended.
pub(super) fn clean_leftovers(day: &Path, now: DateTime<Utc>) -> Result<(), ReportError> {
    let before = SystemTime::from(now - Duration::minutes(LEFTOVER_MINUTES));
    let failed = |error| ReportError::io("clear", day)(error);
    let entries = match fs::read_dir(day) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        match remove_leftover(&entry.map_err(failed)?, before) {
            // Another process clears the same folder.
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    Ok(())
}

fn remove_leftover(entry: &DirEntry, before: SystemTime) -> io::Result<()> {
    let is_ours = entry.file_name().to_string_lossy().starts_with(MAKING);
    if is_ours && entry.file_type()?.is_dir() && entry.metadata()?.modified()? < before {
        fs::remove_dir_all(entry.path())?;
    }
    Ok(())
}

/// Makes the names in a folder durable.
fn sync(folder: &Path) -> Result<(), ReportError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(ReportError::io("fsync", folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_crash_left_of_a_making_goes_after_an_hour_and_nothing_else_does() {
        let day = tempfile::tempdir().expect("a folder");
        for name in [".making-abc", "v1", "v1.unrecorded-1"] {
            fs::create_dir(day.path().join(name)).expect("a folder");
        }
        fs::write(day.path().join(".making-abc/report.html"), "half").expect("a file");
        let left = || {
            let entries = fs::read_dir(day.path()).expect("the folder is there");
            let mut names: Vec<_> = entries
                .map(|entry| {
                    entry
                        .expect("readable")
                        .file_name()
                        .into_string()
                        .expect("UTF-8")
                })
                .collect();
            names.sort();
            names
        };
        let made = fs::metadata(day.path().join("v1")).expect("it is there");
        let made = DateTime::from(made.modified().expect("it has a time"));
        clean_leftovers(day.path(), made + Duration::minutes(30)).expect("cleared");
        assert_eq!(left(), [".making-abc", "v1", "v1.unrecorded-1"]);
        clean_leftovers(day.path(), made + Duration::minutes(61)).expect("cleared");
        assert_eq!(left(), ["v1", "v1.unrecorded-1"]);
        clean_leftovers(&day.path().join("missing"), made).expect("nothing to clear");
    }
}
