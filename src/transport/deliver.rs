//! Writing a file into a partner's folder.

use std::fs::File;
use std::io::{self, Seek as _};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{Mode, OFlags, fsync, openat};
use rustix::io::Errno;

use super::atomic::{Existing, PartFile};
use super::dir::look_at;
use super::sha256::{self, CopyError};
use super::{DirTransport, Folder, RemoteName, TransportError};
use crate::id::FileDigest;
use crate::step::{self, Step};

/// What was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivered {
    /// Size in bytes.
    pub bytes: u64,
    /// Over the bytes as they lie at the partner.
    pub digest: FileDigest,
    /// Whether it was this call that wrote them.
    pub outcome: DeliveryOutcome,
}

/// How a delivery ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// The file was written.
    Written,
    /// The same bytes were already there under this name: an earlier attempt had succeeded
    /// without living to say so.
    AlreadyThere,
}

impl DirTransport {
    /// Safe to repeat after a crash at any point: until the partner takes the file, a second call
    /// finds it and says [`DeliveryOutcome::AlreadyThere`].
    pub(super) fn deliver(
        &self,
        local: &mut File,
        folder: &Folder,
        name: &RemoteName,
    ) -> Result<Delivered, TransportError> {
        if name.is_unfinished() {
            return Err(TransportError::NameUnfinished {
                name: name.to_string(),
            });
        }
        let handle = folder.open_or_create(&self.root)?;
        let target = Target {
            path: &folder.below(&self.root).join(name.as_str()),
            name: name.as_str(),
            folder: &handle,
        };
        if target.is_taken()? {
            return target.same_bytes_as(local);
        }
        target.write(local)
    }
}

struct Target<'a> {
    path: &'a Path,
    name: &'a str,
    folder: &'a OwnedFd,
}

impl Target<'_> {
    fn is_taken(&self) -> Result<bool, TransportError> {
        let found = look_at(self.folder, self.name);
        Ok(found
            .map_err(|errno| self.failed("look at", errno))?
            .is_some())
    }

    fn write(&self, local: &mut File) -> Result<Delivered, TransportError> {
        let folder = self.folder.try_clone();
        let folder = folder.map_err(|error| self.failed("open", error))?;
        let mut part = PartFile::create(folder, self.name, 0o660)
            .map_err(|errno| self.failed("create", errno))?;
        let (digest, bytes) = self.copy(local, part.file())?;
        let written = part.file().metadata();
        self.check_size(
            bytes,
            written
                .map_err(|error| self.failed("look at", error))?
                .len(),
        )?;
        step::reached(Step::DeliveryCopied);
        match part.publish(None, self.name, Existing::IsKept) {
            (_, Ok(())) => {}
            ("rename", Err(Errno::EXIST)) => return self.same_bytes_as(local),
            (action, Err(errno)) => return Err(self.failed(action, errno)),
        }
        let found = look_at(self.folder, self.name);
        // A partner who has already taken the file has it whole.
        if let Some(found) = found.map_err(|errno| self.failed("look at", errno))? {
            self.check_size(bytes, found.len())?;
        }
        Ok(Delivered {
            bytes,
            digest,
            outcome: DeliveryOutcome::Written,
        })
    }

    fn same_bytes_as(&self, local: &mut File) -> Result<Delivered, TransportError> {
        let taken = || TransportError::TargetExists {
            path: self.path.to_owned(),
        };
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let handle = openat(self.folder, self.name, flags, Mode::empty());
        let mut existing = match handle {
            Ok(handle) => File::from(handle),
            Err(Errno::LOOP) => return Err(taken()),
            Err(errno) => return Err(self.failed("read", errno)),
        };
        let metadata = existing.metadata();
        if !metadata
            .map_err(|error| self.failed("look at", error))?
            .is_file()
        {
            return Err(taken());
        }
        let (digest, bytes) = self.copy(local, &mut io::sink())?;
        if self.copy(&mut existing, &mut io::sink())? != (digest, bytes) {
            return Err(taken());
        }
        // The attempt that wrote it may have died before it was durable.
        fsync(&existing)
            .and_then(|()| fsync(self.folder))
            .map_err(|errno| self.failed("fsync", errno))?;
        Ok(Delivered {
            bytes,
            digest,
            outcome: DeliveryOutcome::AlreadyThere,
        })
    }

    fn copy(
        &self,
        from: &mut File,
        to: &mut impl io::Write,
    ) -> Result<(FileDigest, u64), TransportError> {
        from.rewind()
            .map_err(|error| self.failed("read for", error))?;
        let copied = sha256::copy(from, to, u64::MAX).map_err(|error| match error {
            CopyError::Read(source) => self.failed("read for", source),
            CopyError::Write(source) => self.failed("write", source),
        })?;
        copied.ok_or_else(|| self.failed("write", Errno::FBIG))
    }

    fn check_size(&self, sent: u64, found: u64) -> Result<(), TransportError> {
        if sent == found {
            return Ok(());
        }
        let path = self.path.to_owned();
        Err(TransportError::DeliverySize { path, sent, found })
    }

    fn failed(&self, action: &'static str, source: impl Into<io::Error>) -> TransportError {
        TransportError::io(action, self.path, source)
    }
}
