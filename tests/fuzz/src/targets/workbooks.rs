//! Workbooks: as a package, by its parts, and old ones through the helper process.

use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::process::{Command, ExitCode, Stdio};
use std::sync::LazyLock;

use dukou::format::excel::{WorkbookLimits, XLS_VERB, serve};
use dukou::format::{FormatPlan, Limits};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::records::{Mappings, read};
use crate::prepared::root;

/// Begins a part: its name follows, then a line end and its text.
const PART: &[u8] = b"\n%%";

/// How a compound file begins (MS-CFB 2.2).
const COMPOUND: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// What follows is no workbook but what a helper said.
const SAID: &[u8] = b"said";

static EXCEL: LazyLock<Mappings> =
    LazyLock::new(|| Mappings::new(|format| matches!(format, FormatPlan::Excel(_))));

/// What helpers may take: less than one input may, so that a helper at its limit is no finding.
static LIMITS: LazyLock<Limits> = LazyLock::new(|| Limits {
    workbook: WorkbookLimits {
        xls_seconds: 1,
        ..WorkbookLimits::default()
    },
    ..Limits::default()
});

/// An xlsx as it stands, behind the byte that chooses the mapping.
pub fn package(data: &[u8]) {
    if let Some((byte, content)) = data.split_first()
        && !content.starts_with(COMPOUND)
    {
        read(EXCEL.chosen(*byte), &LIMITS, content.to_vec());
    }
}

pub fn package_seeds() -> Vec<Vec<u8>> {
    let written = EXCEL.written().into_iter();
    written
        .map(|(byte, content)| [&[byte], content.as_slice()].concat())
        .collect()
}

/// Some parts of an xlsx as text, which is packed here: sums and compression keep nothing from
/// what reads it. Parts that are missing are those of a good workbook.
pub fn parts(data: &[u8]) {
    static GOOD: LazyLock<Vec<(String, Vec<u8>)>> =
        LazyLock::new(|| opened(&EXCEL.written().first().expect("one can be written").1));
    let Some((byte, rest)) = data.split_first() else {
        return;
    };
    let given = split(rest);
    let is_given = |name: &str| given.iter().any(|(given, _)| given == name);
    let others = GOOD.iter().filter(|(name, _)| !is_given(name));
    let others = others.map(|(name, text)| (name.clone(), text.as_slice()));
    if let Some(package) = packed(others.chain(given.iter().map(|(n, t)| (n.clone(), *t)))) {
        read(EXCEL.chosen(*byte), &LIMITS, package);
    }
}

fn split(mut rest: &[u8]) -> Vec<(String, &[u8])> {
    let find = |text: &[u8]| text.windows(PART.len()).position(|window| window == PART);
    let mut parts = Vec::new();
    while let Some(start) = find(rest) {
        rest = &rest[start + PART.len()..];
        let end = find(rest).unwrap_or(rest.len());
        let part = &rest[..end];
        let name = part
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(part.len());
        let text = part.get(name + 1..).unwrap_or_default();
        parts.push((String::from_utf8_lossy(&part[..name]).into_owned(), text));
        rest = &rest[end..];
    }
    parts
}

fn packed<'t>(parts: impl Iterator<Item = (String, &'t [u8])>) -> Option<Vec<u8>> {
    let mut package = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, text) in parts {
        // Two of one name are refused by the packer.
        package.start_file(name, stored).ok()?;
        package.write_all(text).expect("memory takes it");
    }
    Some(package.finish().ok()?.into_inner())
}

fn opened(package: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(package)).expect("a package");
    let mut parts = Vec::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).expect("a part");
        let mut text = Vec::new();
        part.read_to_end(&mut text).expect("it is whole");
        let name = part.name().expect("a name in UTF-8").into_owned();
        parts.push((name, text));
    }
    parts
}

/// Every part of a written workbook alone, and a workbook of many kinds of cells.
pub fn part_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (byte, content) in EXCEL.written() {
        for (name, text) in opened(&content) {
            seeds.push([&[byte], PART, name.as_bytes(), b"\n", &text].concat());
        }
        let sheet = br#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:D3"/><sheetData><row r="1" hidden="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>a</t></is></c></row><row r="2"><c r="A2" s="1"><f>1+1</f><v>45000.5</v></c><c r="B2" t="b"><v>1</v></c><c r="C2" t="e"><v>#N/A</v></c><c r="D2" t="str"><v>x</v></c></row></sheetData><mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells></worksheet>"#;
        seeds.push([&[byte], PART, b"xl/worksheets/sheet1.xml\n", sheet].concat());
    }
    seeds
}

/// An old workbook without its first eight bytes, read by a helper; or what a helper says.
pub fn old(data: &[u8]) {
    if let Some((byte, rest)) = data.split_first() {
        read(EXCEL.chosen(*byte), &LIMITS, [COMPOUND, rest].concat());
    }
}

pub fn old_seeds() -> Vec<Vec<u8>> {
    let path = root().join("fixtures/excel/export_ledger.xls");
    let workbook = std::fs::read(&path).expect("a workbook of the fixtures");
    let request = serde_json::json!({
        "sheet": null, "pattern": null, "columns": 1024, "row_bytes": 1 << 20, "cells": 5_000_000,
        "merges": 100_000, "memory_bytes": 1 << 30, "seconds": 5,
    });
    let helper = Command::new(std::env::current_exe().expect("this program"))
        .args([XLS_VERB, &request.to_string()])
        .stdin(Stdio::from(File::open(&path).expect("the same")))
        .output()
        .expect("it starts");
    assert!(
        helper.stdout.starts_with(b"F"),
        "the helper reads a good workbook: {helper:?}"
    );
    let rest = workbook.strip_prefix(COMPOUND).expect("a compound file");
    let every = 0..=u8::MAX;
    let byte = every
        .into_iter()
        .find(|byte| EXCEL.chosen(*byte).name.as_str() == "export/ledger");
    let byte = byte.expect("the mapping of that workbook");
    vec![
        [&[byte], rest].concat(),
        [&[byte], SAID, &helper.stdout].concat(),
        [&[byte], SAID, b"X\x0e\x00\x00\x00excel-sheet\nno"].concat(),
        [&[byte], SAID, b"E\x00\x00\x00\x00"].concat(),
    ]
}

/// Does a helper's work when this program was started for that, and says how it ended.
pub fn helped() -> Option<i32> {
    let mut words = std::env::args().skip(1);
    if words.next()? != XLS_VERB {
        return None;
    }
    let request = words.next().unwrap_or_default();
    let mut input = File::from(
        std::io::stdin()
            .as_fd()
            .try_clone_to_owned()
            .expect("an input"),
    );
    let start = [COMPOUND, SAID].concat();
    let mut found = Vec::new();
    Read::by_ref(&mut input)
        .take(start.len() as u64)
        .read_to_end(&mut found)
        .expect("it can be read");
    if found == start {
        std::io::copy(&mut input, &mut std::io::stdout()).expect("the hub listens");
        return Some(0);
    }
    input.seek(SeekFrom::Start(0)).expect("it is a file");
    Some(i32::from(serve(&request) != ExitCode::SUCCESS))
}
