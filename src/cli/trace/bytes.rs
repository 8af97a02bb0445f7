//! A record's bytes, cut out of the archive through its envelope, and the proof that they are the
//! ones that landed.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use serde_json::{Value as Json, json};

use crate::cli::error::{CliError, io_error};
use crate::cli::mapped;
use crate::digest::DigestRead;
use crate::engine::Engine;
use crate::id::FileDigest;
use crate::ledger::{FileRow, MAX_RAW_BYTES};

/// A file in the archive, its bytes proven to have their digest.
pub(super) struct Proof {
    pub(super) path: PathBuf,
    pub(super) digest: FileDigest,
    pub(super) bytes: u64,
    /// The opened content's digest, when the books have one to compare with.
    pub(super) content: Option<FileDigest>,
    pub(super) envelope: Option<String>,
}

/// Bytes of a record.
pub(super) struct Cut {
    pub(super) proof: Proof,
    pub(super) offset: i64,
    pub(super) length: i64,
    /// At most [`MAX_RAW_BYTES`] of them; for a record without bytes of its own the text that shows
    /// it.
    pub(super) raw: Vec<u8>,
    /// Where a record without bytes of its own stands: `工作表!行`.
    pub(super) row: Option<String>,
    /// The line of the content that it begins in, from 1.
    pub(super) line: u64,
}

impl Proof {
    pub(super) fn to_json(&self) -> Json {
        json!({
            "path": self.path,
            "digest": self.digest.to_string(),
            "bytes": self.bytes,
            "is_proven": true,
            "envelope": self.envelope,
            "content_digest": self.content.map(|digest| digest.to_string()),
        })
    }
}

impl Cut {
    pub(super) fn to_json(&self) -> Json {
        json!({
            "archive": self.proof.to_json(),
            "offset": self.offset,
            "length": self.length,
            "row": self.row,
            "line": self.row.is_none().then_some(self.line),
        })
    }

    /// How many bytes what is shown was cut from.
    pub(super) fn whole(&self) -> i64 {
        match self.row {
            Some(_) => self.raw.len() as i64,
            None => self.length,
        }
    }
}

/// Proves that the archive still has the bytes that landed.
pub(super) fn prove(engine: &Engine, file: &FileRow) -> Result<Proof, CliError> {
    let digest = file.landed_digest;
    let bytes = tokio::task::block_in_place(|| engine.archive().verify(digest))?;
    Ok(Proof {
        path: engine.archive().path(digest),
        digest,
        bytes,
        content: file.content_digest,
        envelope: file.envelope.clone(),
    })
}

/// Cuts a record out of the opened content, and proves archive and content by their digests.
pub(super) fn cut(
    engine: &Engine,
    file: &FileRow,
    record: i64,
    (offset, length): (i64, i64),
) -> Result<Cut, CliError> {
    let proof = prove(engine, file)?;
    let landed = engine.archive().read(file.landed_digest)?;
    let reading = || io_error(format!("reading the content of file {}", file.file_no));
    let content = mapped::content(engine, file, landed).map_err(reading())?;
    let wanted = length.unsigned_abs().min(MAX_RAW_BYTES as u64);
    let (mut raw, line, found) =
        tokio::task::block_in_place(|| slice(content, offset.unsigned_abs(), wanted))
            .map_err(reading())?;
    if let Some(digest) = file.content_digest.filter(|digest| *digest != found) {
        let why = format!("the content has the digest {found} and the books say {digest}");
        return Err(reading()(io::Error::other(why)));
    }
    let mut row = None;
    if mapped::shares_bytes(engine.configuration(), file) {
        let landed = engine.archive().read(file.landed_digest)?;
        let content = mapped::content(engine, file, landed).map_err(reading())?;
        let shown = tokio::task::block_in_place(|| {
            mapped::shown_record(engine.configuration(), file, record.unsigned_abs(), content)
        });
        let shown = shown.map_err(reading())?.unwrap_or_default();
        row = Some(shown.lines().next().unwrap_or_default().to_owned());
        raw = shown.into_bytes();
    }
    Ok(Cut {
        proof,
        offset,
        length,
        raw,
        row,
        line,
    })
}

/// Counts the line ends that are written to it.
struct Lines(u64);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += memchr::memchr_iter(b'\n', bytes).count() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// So many bytes from an offset on, the line that they begin in, and the digest of the whole.
fn slice(content: impl Read, offset: u64, length: u64) -> io::Result<(Vec<u8>, u64, FileDigest)> {
    let mut content = DigestRead::new(content);
    let mut lines = Lines(1);
    io::copy(&mut content.by_ref().take(offset), &mut lines)?;
    let mut raw = Vec::new();
    content.by_ref().take(length).read_to_end(&mut raw)?;
    if (raw.len() as u64) < length {
        return Err(io::Error::other("the content ends before the record does"));
    }
    io::copy(&mut content, &mut io::sink())?;
    let (_, digest, _) = content.finish();
    Ok((raw, lines.0, digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_cut_and_the_whole_content_hashed() {
        let (raw, line, digest) = slice(&b"hea\n|record|tail"[..], 5, 6).expect("bytes in memory");
        assert_eq!((raw.as_slice(), line), (&b"record"[..], 2));
        let (_, line, whole) = slice(&b"hea\n|record|tail"[..], 0, 0).expect("bytes in memory");
        assert_eq!((digest, line), (whole, 1));
    }

    #[test]
    fn a_content_that_ends_too_early_is_said() {
        let error = slice(&b"head"[..], 2, 9).expect_err("it ends");
        assert_eq!(error.to_string(), "the content ends before the record does");
    }
}
