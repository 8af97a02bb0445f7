//! The folder of one version: made aside, complete, and then given its name once and for all.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

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
            .prefix(".making-")
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

/// Makes the names in a folder durable.
fn sync(folder: &Path) -> Result<(), ReportError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(ReportError::io("fsync", folder))
}
