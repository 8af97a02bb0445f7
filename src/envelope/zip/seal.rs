//! Sealing content as an archive of one entry.

use std::io::{Read, Seek, SeekFrom, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::{CENTRAL, DEFLATED, END, LOCAL, UTF8_NAME};
use crate::envelope::{EnvelopeError, ZipPlan};

/// 1 January 1980, the first day that an archive can name.
const DAY: u16 = 1 << 5 | 1;
/// Deflate, as of version 2.0 of the format.
const VERSION: u16 = 20;

/// Packs `content` into a spool file first, so that sizes stand before the data, where strict
/// readers want them. Content of 4 GiB and more is refused: seal it as gzip.
pub(in crate::envelope) fn seal(
    content: &mut dyn Read,
    sealed: &mut dyn Write,
    plan: &ZipPlan,
) -> Result<u64, EnvelopeError> {
    let spool = match &plan.spool {
        Some(directory) => tempfile::tempfile_in(directory),
        None => tempfile::tempfile(),
    };
    let mut encoder =
        DeflateEncoder::new(spool.map_err(EnvelopeError::Write)?, Compression::new(6));
    let mut crc = Crc::new();
    let size = pack(content, &mut encoder, &mut crc)?;
    let mut spool = encoder.finish().map_err(EnvelopeError::Write)?;
    let packed = spool.stream_position().map_err(EnvelopeError::Write)?;
    let is_small = |bytes: u64| u32::try_from(bytes).ok().filter(|bytes| *bytes != u32::MAX);
    let (Some(size), Some(packed)) = (is_small(size), is_small(packed)) else {
        return Err(EnvelopeError::TooLargeToSeal);
    };
    spool
        .seek(SeekFrom::Start(0))
        .map_err(EnvelopeError::Write)?;
    let common = common(&plan.entry, crc.sum(), packed, size);
    let mut head = LOCAL.to_le_bytes().to_vec();
    head.extend_from_slice(&common);
    head.extend_from_slice(plan.entry.as_bytes());
    let directory_at = head.len() as u64 + u64::from(packed);
    let tail = tail(&plan.entry, &common, directory_at);
    sealed.write_all(&head).map_err(EnvelopeError::Write)?;
    super::super::copy(&mut spool, sealed)?;
    sealed.write_all(&tail).map_err(EnvelopeError::Write)?;
    Ok(directory_at + tail.len() as u64)
}

fn pack(
    content: &mut dyn Read,
    encoder: &mut impl Write,
    crc: &mut Crc,
) -> Result<u64, EnvelopeError> {
    let mut buffer = vec![0; 64 << 10];
    let mut size = 0;
    loop {
        let count = content.read(&mut buffer).map_err(EnvelopeError::Read)?;
        let part = buffer.get(..count).unwrap_or_default();
        if part.is_empty() {
            return Ok(size);
        }
        crc.update(part);
        size += count as u64;
        encoder.write_all(part).map_err(EnvelopeError::Write)?;
    }
}

/// What both headers of an entry have: from the version needed to the length of the extra field.
fn common(name: &str, crc: u32, packed: u32, size: u32) -> Vec<u8> {
    let flags = if name.is_ascii() { 0 } else { UTF8_NAME };
    let mut bytes = Vec::new();
    for field in [VERSION, flags, DEFLATED, 0, DAY] {
        bytes.extend_from_slice(&field.to_le_bytes());
    }
    for field in [crc, packed, size] {
        bytes.extend_from_slice(&field.to_le_bytes());
    }
    bytes.extend_from_slice(&(name.len() as u16).to_le_bytes());
    bytes.extend_from_slice(&0_u16.to_le_bytes());
    bytes
}

/// The directory of one line, and the end.
fn tail(name: &str, common: &[u8], directory_at: u64) -> Vec<u8> {
    let mut bytes = CENTRAL.to_le_bytes().to_vec();
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(common);
    // No comment, disk 0, no attributes, first entry at 0.
    bytes.extend_from_slice(&[0; 2 + 2 + 2 + 4 + 4]);
    bytes.extend_from_slice(name.as_bytes());
    let length = bytes.len() as u32;
    bytes.extend_from_slice(&END.to_le_bytes());
    for field in [0_u16, 0, 1, 1] {
        bytes.extend_from_slice(&field.to_le_bytes());
    }
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&(directory_at as u32).to_le_bytes());
    bytes.extend_from_slice(&0_u16.to_le_bytes());
    bytes
}
