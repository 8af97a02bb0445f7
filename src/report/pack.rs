//! A version in one archive: every file as it is, and a manifest that says what they must be.
//!
//! The same files and moment give the same bytes: entries stand in the order of writing, carry the
//! local moment of the report and no other attribute.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use chrono::{Datelike as _, Timelike as _};
use serde_json::{Value as Json, json};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::content::Content;
use super::folder::{Making, Sink, WrittenFile};
use super::{ReportError, Request};
use crate::digest::PeerDigest;

/// The manifest's name in the archive; it is the last entry.
const MANIFEST: &str = "manifest.json";
/// From this size on an entry needs the long form of its header (APPNOTE 4.3.9.2), with room for
/// what compression may add.
const LARGE: u64 = 3 << 30;

/// Packs what was written so far.
pub(super) fn write(
    request: &Request<'_>,
    content: &Content,
    version: i64,
    making: &mut Making,
) -> Result<(), ReportError> {
    let name = name(request, version);
    let path = making.path().join(&name);
    let mut sink = making.sink()?;
    let files = making.files.clone();
    fill(&mut sink, request, content, version, making.path(), &files)
        .map_err(ReportError::io("write", &path))?;
    making.keep(sink, &name)
}

/// `clearing_report_2026-03-09_v1.zip`: what it is, wherever it is sent.
fn name(request: &Request<'_>, version: i64) -> String {
    let name = request.name.as_str();
    let last = name.rsplit('/').next().unwrap_or(name);
    format!("{last}_{}_v{version}.zip", request.business_date)
}

fn fill(
    sink: &mut Sink,
    request: &Request<'_>,
    content: &Content,
    version: i64,
    folder: &Path,
    files: &[WrittenFile],
) -> io::Result<()> {
    let mut zip = ZipWriter::new_stream(sink);
    let moment = moment(request);
    let mut entries = Vec::new();
    for file in files {
        let sm3 = entry(&mut zip, moment, &folder.join(&file.name), file)?;
        entries.push(json!({
            "name": file.name,
            "bytes": file.bytes,
            "sha256": file.digest,
            "sm3": sm3,
        }));
    }
    let manifest = manifest(request, content, version, entries);
    zip.start_file(MANIFEST, options(moment, 0))?;
    zip.write_all(manifest.as_bytes())?;
    zip.finish()?;
    Ok(())
}

/// Copies a file; gives its SM3.
fn entry(
    zip: &mut ZipWriter<StreamWriter<&mut Sink>>,
    moment: zip::DateTime,
    path: &Path,
    file: &WrittenFile,
) -> io::Result<String> {
    zip.start_file(&file.name, options(moment, file.bytes))?;
    let mut from = File::open(path)?;
    let mut sm3 = PeerDigest::Sm3.hasher();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = from.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else {
            return Ok(sm3.finish());
        };
        sm3.update(bytes);
        zip.write_all(bytes)?;
    }
}

fn options(moment: zip::DateTime, bytes: u64) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(moment)
        .unix_permissions(0o640)
        .large_file(bytes >= LARGE)
}

/// The local moment of the report, which archives keep to two seconds; 1980 when it has none there.
fn moment(request: &Request<'_>) -> zip::DateTime {
    let local = request.local_time(request.context.now);
    let year = u16::try_from(local.year()).unwrap_or_default();
    zip::DateTime::from_date_and_time(
        year,
        local.month() as u8,
        local.day() as u8,
        local.hour() as u8,
        local.minute() as u8,
        local.second() as u8,
    )
    .unwrap_or_default()
}

fn manifest(request: &Request<'_>, content: &Content, version: i64, files: Vec<Json>) -> String {
    let manifest = json!({
        "report": request.name.as_str(),
        "title": request.title.in_language(request.language),
        "business_date": request.business_date,
        "version": version,
        "written_at": request.context.now.to_rfc3339(),
        "reconciliation": {
            "name": request.reconcile.0,
            "number": content.recon.recon_no.0,
            "version": content.recon.version,
            "agrees": content.recon.agrees,
        },
        "inputs_sha256": content.inputs.to_string(),
        "files": files,
    });
    format!("{manifest:#}\n")
}
