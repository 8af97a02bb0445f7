//! Readers and writers that hash what passes through them.

use std::io::{self, Read, Write};

use super::Sha256;
use crate::id::FileDigest;

/// Hashes and counts the bytes read through it.
#[derive(Debug)]
pub struct DigestRead<R> {
    inner: R,
    digest: Sha256,
}

impl<R: Read> DigestRead<R> {
    /// A reader of `inner`.
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            digest: Sha256::new(),
        }
    }

    /// Bytes read so far.
    pub fn count(&self) -> u64 {
        self.digest.count()
    }

    /// The reader below, the SHA-256 of what was read, and how many bytes that was. The digest is
    /// that of the whole content only if the caller has read to the end.
    pub fn finish(self) -> (R, FileDigest, u64) {
        let count = self.digest.count();
        (self.inner, self.digest.finish(), count)
    }
}

impl<R: Read> Read for DigestRead<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        self.digest.update(out.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// Hashes and counts the bytes written through it.
#[derive(Debug)]
pub struct DigestWrite<W> {
    inner: W,
    digest: Sha256,
}

impl<W: Write> DigestWrite<W> {
    /// A writer to `inner`.
    pub fn new(inner: W) -> Self {
        Self {
            inner,
            digest: Sha256::new(),
        }
    }

    /// Bytes written so far.
    pub fn count(&self) -> u64 {
        self.digest.count()
    }

    /// The writer below (not flushed), the SHA-256 of what it accepted, and how many bytes.
    pub fn finish(self) -> (W, FileDigest, u64) {
        let count = self.digest.count();
        (self.inner, self.digest.finish(), count)
    }
}

impl<W: Write> Write for DigestWrite<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.digest.update(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Accepts three bytes a time, as a full pipe does.
    struct Narrow(Vec<u8>);

    impl Write for Narrow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let part = bytes.get(..3).unwrap_or(bytes);
            self.0.extend_from_slice(part);
            Ok(part.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_is_read_is_hashed_and_counted() {
        let mut reader = DigestRead::new(b"abcdef".as_slice());
        let mut out = [0; 3];
        reader.read_exact(&mut out).expect("enough bytes");
        assert_eq!(reader.count(), 3);
        let (rest, digest, count) = reader.finish();
        assert_eq!(
            (rest, digest, count),
            (b"def".as_slice(), Sha256::of(b"abc"), 3)
        );
    }

    #[test]
    fn only_what_the_writer_accepted_is_hashed() {
        let mut writer = DigestWrite::new(Narrow(Vec::new()));
        assert_eq!(writer.write(b"abcdef").expect("some"), 3);
        writer.write_all(b"defgh").expect("the rest");
        let (inner, digest, count) = writer.finish();
        assert_eq!(inner.0, b"abcdefgh");
        assert_eq!((digest, count), (Sha256::of(b"abcdefgh"), 8));
    }
}
