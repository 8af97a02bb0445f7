//! SHA-256 over a stream of bytes.

use std::io::{self, Read, Write};

use sha2::{Digest as _, Sha256};

use crate::id::FileDigest;

const BUFFER_BYTES: usize = 256 * 1024;

/// Which end of a copy failed.
pub(super) enum CopyError {
    Read(io::Error),
    Write(io::Error),
}

/// Copies all of `from` into `to`; returns the digest and the number of bytes.
///
/// Stops with `None` as soon as more than `max_bytes` have been read.
pub(super) fn copy(
    from: &mut impl Read,
    to: &mut impl Write,
    max_bytes: u64,
) -> Result<Option<(FileDigest, u64)>, CopyError> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut bytes = 0_u64;
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => return Ok(Some((FileDigest(hash.finalize().into()), bytes))),
            Ok(read) => buffer.get(..read).unwrap_or(&[]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(CopyError::Read(error)),
        };
        bytes += read.len() as u64;
        if bytes > max_bytes {
            return Ok(None);
        }
        hash.update(read);
        to.write_all(read).map_err(CopyError::Write)?;
    }
}
