//! SHA-256 over a stream of bytes.

use std::io::{self, Read, Write};
use std::sync::mpsc::{channel, sync_channel};
use std::thread;

use sha2::{Digest as _, Sha256};

use crate::id::FileDigest;

const BUFFER_BYTES: usize = 256 * 1024;

/// From so many bytes on, a thread of its own computes the digest while this one copies.
const BYTES_ALONE: u64 = 8 << 20;
/// Buffers copied before they are digested.
const BUFFERS_AHEAD: usize = 2;

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
    let mut copying = Copying {
        from,
        to,
        max_bytes,
        bytes: 0,
    };
    let mut hash = Sha256::new();
    let mut buffer = Vec::new();
    while copying.bytes < BYTES_ALONE {
        match copying.next(&mut buffer)? {
            Next::Bytes => hash.update(&buffer),
            Next::End => return Ok(Some((FileDigest(hash.finalize().into()), copying.bytes))),
            Next::TooMany => return Ok(None),
        }
    }
    copying.finish(hash)
}

struct Copying<'c, R, W> {
    from: &'c mut R,
    to: &'c mut W,
    max_bytes: u64,
    bytes: u64,
}

enum Next {
    Bytes,
    End,
    TooMany,
}

impl<R: Read, W: Write> Copying<'_, R, W> {
    /// Copies what a buffer takes, and leaves it there.
    fn next(&mut self, buffer: &mut Vec<u8>) -> Result<Next, CopyError> {
        buffer.resize(BUFFER_BYTES, 0);
        let read = loop {
            match self.from.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read.map_err(CopyError::Read)?,
            }
        };
        buffer.truncate(read);
        self.bytes += read as u64;
        if read == 0 {
            return Ok(Next::End);
        }
        if self.bytes > self.max_bytes {
            return Ok(Next::TooMany);
        }
        self.to.write_all(buffer).map_err(CopyError::Write)?;
        Ok(Next::Bytes)
    }

    /// Copies the rest, whose digest goes on from `hash` on a thread of its own.
    fn finish(mut self, mut hash: Sha256) -> Result<Option<(FileDigest, u64)>, CopyError> {
        let (to, buffers) = sync_channel::<Vec<u8>>(BUFFERS_AHEAD);
        let (used, again) = channel();
        thread::scope(|scope| {
            let hasher = thread::Builder::new().name("hasher".to_owned());
            let hashing = hasher.spawn_scoped(scope, move || {
                for buffer in buffers {
                    hash.update(&buffer);
                    // The copy may have ended.
                    let _ = used.send(buffer);
                }
                hash
            });
            let hashing = hashing.map_err(CopyError::Read)?;
            loop {
                let mut buffer = again.try_recv().unwrap_or_default();
                match self.next(&mut buffer)? {
                    // The hasher ends early only if it panics, and then `join` says so.
                    Next::Bytes => drop(to.send(buffer)),
                    Next::TooMany => return Ok(None),
                    Next::End => break,
                }
            }
            drop(to);
            let hash = hashing
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Ok(Some((FileDigest(hash.finalize().into()), self.bytes)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives bytes in uneven pieces, interrupted now and then.
    struct Pieces {
        left: u64,
        calls: usize,
    }

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.calls += 1;
            if self.calls.is_multiple_of(5) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let count = (self.left as usize).min(1 + self.calls * 7919 % buffer.len());
            for byte in buffer.iter_mut().take(count) {
                *byte = (self.left % 251) as u8;
                self.left -= 1;
            }
            Ok(count)
        }
    }

    #[test]
    fn the_digest_is_that_of_the_bytes_written_whatever_the_length() {
        for length in [0, 1, BYTES_ALONE - 1, BYTES_ALONE, 3 * BYTES_ALONE + 5] {
            let mut from = Pieces {
                left: length,
                calls: 0,
            };
            let mut to = Vec::new();
            let copied = copy(&mut from, &mut to, u64::MAX).ok().flatten();
            let expected = FileDigest(Sha256::digest(&to).into());
            assert_eq!(copied, Some((expected, length)));
            assert_eq!(to.len() as u64, length);
        }
    }

    #[test]
    fn a_copy_stops_at_its_limit_on_either_side_of_the_thread() {
        for limit in [0, 5, BYTES_ALONE + 5] {
            let mut from = Pieces {
                left: limit + 1,
                calls: 0,
            };
            let copied = copy(&mut from, &mut io::sink(), limit);
            assert!(matches!(copied, Ok(None)), "{limit}");
        }
    }

    #[test]
    fn what_fails_beside_the_thread_is_told() {
        struct Full(u64);
        impl Write for Full {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0 = self
                    .0
                    .checked_sub(bytes.len() as u64)
                    .ok_or(io::ErrorKind::StorageFull)?;
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut from = Pieces {
            left: 3 * BYTES_ALONE,
            calls: 0,
        };
        let copied = copy(&mut from, &mut Full(2 * BYTES_ALONE), u64::MAX);
        let Err(CopyError::Write(error)) = copied else {
            panic!("it was written");
        };
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
