//! Sealed bytes written as text, and read again.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::whole::spool_file;
use super::{Armour, Stop};
use crate::envelope::{EnvelopeError, Refused};
use crate::text::{from_base64, from_hex, to_base64, to_hex};

/// Bytes taken at once: they make whole groups of either form.
const PART: u64 = 48 << 10;

/// The most that text takes for so many bytes, a line end and a blank now and then included.
pub(super) fn most_bytes(armour: Armour, bytes: u64) -> u64 {
    match armour {
        Armour::Binary => bytes,
        Armour::Hex | Armour::Base64 => bytes.saturating_mul(2).saturating_add(1 << 10),
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn broken(kind: &'static str, armour: Armour) -> Refused {
    Refused::damaged(kind, format!("it is not whole {}", armour.word()))
}

/// The bytes that a text in memory is.
pub(super) fn decoded(
    kind: &'static str,
    armour: Armour,
    text: Vec<u8>,
) -> Result<Vec<u8>, Refused> {
    if armour == Armour::Binary {
        return Ok(text);
    }
    let dense: Vec<u8> = text.into_iter().filter(|byte| !is_blank(*byte)).collect();
    group(armour, &dense).ok_or_else(|| broken(kind, armour))
}

fn group(armour: Armour, text: &[u8]) -> Option<Vec<u8>> {
    let text = str::from_utf8(text).ok()?;
    match armour {
        Armour::Binary => None,
        Armour::Hex => from_hex(text),
        Armour::Base64 => from_base64(text),
    }
}

/// The bytes that a text is, as text of one line.
pub(super) fn encoded(armour: Armour, bytes: &[u8]) -> Vec<u8> {
    match armour {
        Armour::Binary => bytes.to_vec(),
        Armour::Hex => to_hex(bytes).into_bytes(),
        Armour::Base64 => to_base64(bytes).into_bytes(),
    }
}

/// A file of text as a file of the bytes that it is, at its start, and how many they are.
pub(super) fn unwrapped(
    kind: &'static str,
    armour: Armour,
    (file, length): (File, u64),
    spool: Option<&Path>,
) -> Result<(File, u64), Stop> {
    if armour == Armour::Binary {
        return Ok((file, length));
    }
    let mut file = file;
    let mut bytes = spool_file(spool)?;
    let mut count = 0;
    let mut text: Vec<u8> = Vec::new();
    loop {
        let before = text.len();
        let read = (&mut file).take(PART).read_to_end(&mut text)?;
        let fresh: Vec<u8> = text
            .drain(before..)
            .filter(|byte| !is_blank(*byte))
            .collect();
        text.extend(fresh);
        // Padding stands in the last group only, so that one is kept until the end.
        let whole = match read {
            0 => text.len(),
            _ => text.len().saturating_sub(1) / 4 * 4,
        };
        let part: Vec<u8> = text.drain(..whole).collect();
        if read > 0 && part.contains(&b'=') {
            return Err(broken(kind, armour).into());
        }
        let decoded = group(armour, &part).ok_or_else(|| broken(kind, armour))?;
        bytes.write_all(&decoded)?;
        count += decoded.len() as u64;
        if read == 0 {
            bytes.seek(SeekFrom::Start(0))?;
            return Ok((bytes, count));
        }
    }
}

/// Writes all bytes as text of one line.
pub(super) fn write(
    armour: Armour,
    bytes: &mut dyn Read,
    out: &mut dyn Write,
) -> Result<(), EnvelopeError> {
    let mut part = Vec::new();
    loop {
        part.clear();
        let read = bytes.take(PART).read_to_end(&mut part);
        if read.map_err(EnvelopeError::Read)? == 0 {
            return Ok(());
        }
        let text = encoded(armour, &part);
        out.write_all(&text).map_err(EnvelopeError::Write)?;
    }
}

/// Writes all of a file from its start.
pub(super) fn write_file(
    armour: Armour,
    mut file: File,
    out: &mut dyn Write,
) -> Result<(), EnvelopeError> {
    file.seek(SeekFrom::Start(0)).map_err(EnvelopeError::Read)?;
    write(armour, &mut file, out)
}

/// Bytes that a fault of the machine left unread.
pub(super) fn cut() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}
