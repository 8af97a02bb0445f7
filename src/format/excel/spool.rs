//! Brings a workbook to where it can be read out of order, and finds out what it is.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use memchr::memmem;

use super::codes::{self, over, refuse};
use super::plan::{Containers, ExcelPlan};
use super::source::Source;
use super::xls::Worker;
use super::xlsx;
use crate::format::{FormatError, Limits};

/// How a compressed package begins.
const ZIP: &[u8] = b"PK\x03\x04";
/// How a compound file begins, in which old workbooks and encrypted ones lie (MS-CFB 2.2).
const COMPOUND: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// What a compound file has in it, by the names in its directory.
#[derive(Debug, Default)]
struct Names {
    is_encrypted: bool,
    has_macros: bool,
}

/// Opens the sheet that a plan wants of a workbook. The content is read to its end in any case, so
/// that its digest is known.
pub(super) fn open(
    plan: &ExcelPlan,
    limits: &Limits,
    content: Box<dyn Read + Send>,
) -> Result<Source, FormatError> {
    let (mut file, start) = spool(limits, content)?;
    if start.starts_with(ZIP) {
        return match plan.containers {
            Containers::Xls => Err(wrong_kind("an xlsx", "xls")),
            Containers::Xlsx | Containers::Any => xlsx::open(file, &plan.sheet, limits),
        };
    }
    if start.starts_with(COMPOUND) {
        let names = compound_names(&mut file).map_err(FormatError::Read)?;
        if names.is_encrypted {
            let message = "the workbook is encrypted: it asks for a password";
            return Err(refuse(codes::ENCRYPTED, message));
        }
        if plan.containers == Containers::Xlsx {
            return Err(wrong_kind("an xls", "xlsx"));
        }
        if names.has_macros {
            return Err(refuse(codes::MACROS, "the workbook has a VBA project"));
        }
        return Worker::open(file, &plan.sheet, limits);
    }
    let message = match start.is_empty() {
        true => "the content is empty, expected a workbook",
        false => "the content begins neither as an xlsx nor as an xls workbook",
    };
    Err(refuse(codes::NOT_A_WORKBOOK, message))
}

fn wrong_kind(found: &str, expected: &str) -> FormatError {
    let message = format!("the content is {found} workbook, expected {expected}");
    refuse(codes::NOT_A_WORKBOOK, message)
}

/// Copies the content to a file without a name; gives its first bytes too.
fn spool(
    limits: &Limits,
    mut content: Box<dyn Read + Send>,
) -> Result<(File, Vec<u8>), FormatError> {
    let file = match &limits.workbook.spool {
        Some(directory) => tempfile::tempfile_in(directory),
        None => tempfile::tempfile(),
    };
    let mut file = file.map_err(FormatError::Read)?;
    let limit = limits.workbook.bytes;
    let mut start = Vec::new();
    (content.by_ref().take(8).read_to_end(&mut start)).map_err(FormatError::Read)?;
    file.write_all(&start).map_err(FormatError::Read)?;
    let room = limit.saturating_sub(start.len() as u64);
    io::copy(&mut content.by_ref().take(room), &mut file).map_err(FormatError::Read)?;
    let more = io::copy(&mut content, &mut io::sink()).map_err(FormatError::Read)?;
    if more > 0 {
        return Err(over(
            "the size of the workbook in bytes",
            limit,
            "workbook_bytes",
        ));
    }
    file.seek(SeekFrom::Start(0)).map_err(FormatError::Read)?;
    Ok((file, start))
}

/// Looks for names of the directory (UTF-16) anywhere in a compound file.
fn compound_names(file: &mut File) -> io::Result<Names> {
    let wide = |name: &str| -> Vec<u8> { name.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let (encrypted, macros) = (wide("EncryptedPackage"), wide("_VBA_PROJECT_CUR"));
    let finders = [
        memmem::Finder::new(&encrypted),
        memmem::Finder::new(&macros),
    ];
    let overlap = encrypted.len().max(macros.len());
    let mut found = [false; 2];
    let mut buffer = vec![0_u8; 256 << 10];
    let mut kept = 0;
    file.seek(SeekFrom::Start(0))?;
    loop {
        let count = file.read(buffer.get_mut(kept..).unwrap_or_default())?;
        if count == 0 {
            break;
        }
        let all = buffer.get(..kept + count).unwrap_or_default();
        for (found, finder) in found.iter_mut().zip(&finders) {
            *found |= finder.find(all).is_some();
        }
        let tail = all.len().min(overlap);
        let from = all.len() - tail;
        buffer.copy_within(from..from + tail, 0);
        kept = tail;
    }
    let [is_encrypted, has_macros] = found;
    Ok(Names {
        is_encrypted,
        has_macros,
    })
}
