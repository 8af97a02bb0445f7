//! Workbooks in, what the reader says about them out, one line each.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::format::excel::plan::{
    CellKind, ColumnPlan, ExcelField, ExcelPlan, ExcelSelect, RowMatch,
};
use crate::format::trial::write_all;
use crate::format::{
    FieldSource, FormatError, FormatPlan, Layout, Limits, Next, Reader, RecordLayout, Select,
    WriteError, shown_records,
};

/// A layout under test.
#[derive(Clone)]
pub(super) struct Excel {
    pub(super) plan: ExcelPlan,
    pub(super) layout: Layout,
    pub(super) limits: Limits,
}

pub(super) fn field(column: &str, wanted: CellKind) -> Vec<FieldSource> {
    let column = column.to_owned();
    vec![FieldSource::Excel(ExcelField { column, wanted })]
}

/// A kind of record told by a text.
pub(super) fn marked(name: &str, column: Option<&str>, text: &str, reads: &[&str]) -> RecordLayout {
    let matching = RowMatch {
        column: column.map(str::to_owned),
        one_of: vec![text.to_owned()],
    };
    RecordLayout {
        name: name.to_owned(),
        select: Select::Excel(ExcelSelect {
            matching: Some(matching),
        }),
        slots: reads
            .iter()
            .map(|column| field(column, CellKind::Decimal(2)))
            .collect(),
    }
}

impl Excel {
    /// One kind of record, `row`, with columns by their headings.
    pub(super) fn of(columns: &[(&str, CellKind)]) -> Self {
        let record = RecordLayout {
            name: "row".to_owned(),
            select: Select::Excel(ExcelSelect::default()),
            slots: columns
                .iter()
                .map(|(name, kind)| field(name, *kind))
                .collect(),
        };
        Self {
            plan: ExcelPlan::default(),
            layout: Layout {
                records: vec![record],
            },
            limits: Limits::default(),
        }
    }

    /// The same with texts only.
    pub(super) fn texts(columns: &[&str]) -> Self {
        let columns: Vec<_> = columns.iter().map(|name| (*name, CellKind::Text)).collect();
        Self::of(&columns)
    }

    pub(super) fn and(mut self, record: RecordLayout) -> Self {
        self.layout.records.push(record);
        self
    }

    pub(super) fn plan(mut self, change: impl FnOnce(&mut ExcelPlan)) -> Self {
        change(&mut self.plan);
        self
    }

    pub(super) fn limits(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(&mut self.limits);
        self
    }

    pub(super) fn column(mut self, name: &str, headings: &[&str]) -> Self {
        self.plan.columns.push(ColumnPlan {
            name: name.to_owned(),
            headings: headings.iter().map(|text| (*text).to_owned()).collect(),
            is_optional: false,
        });
        self
    }

    fn open(&self, content: &[u8]) -> Result<Reader, FormatError> {
        let plan = FormatPlan::Excel(Box::new(self.plan.clone()));
        let content = Box::new(Cursor::new(content.to_vec()));
        Reader::open(&plan, &self.layout, &self.limits, content)
    }

    /// Every record, refusal and error, in order, then the notes.
    pub(super) fn read(&self, content: impl AsRef<[u8]>) -> Vec<String> {
        let mut reader = match self.open(content.as_ref()) {
            Ok(reader) => reader,
            Err(error) => return vec![show_error(&error)],
        };
        let mut said = Vec::new();
        let mut record = reader.record();
        loop {
            match reader.next(&mut record) {
                Ok(Next::End) => {
                    said.extend(
                        reader
                            .notes()
                            .into_iter()
                            .map(|note| format!("note: {note}")),
                    );
                    return said;
                }
                Err(error) => {
                    said.push(show_error(&error));
                    return said;
                }
                Ok(Next::Refused(reject)) => {
                    let field = reject
                        .field
                        .map(|field| format!(" {field}"))
                        .unwrap_or_default();
                    let (row, code) = (reject.place.record, reject.code.id);
                    said.push(format!("{row} refused {code}{field}: {}", reject.detail));
                }
                Ok(Next::Record) => {
                    let slot = |slot| match record.text(slot).expect("the reader makes UTF-8") {
                        None => "~".to_owned(),
                        Some(text) => text.to_owned(),
                    };
                    let slots: Vec<String> = (0..record.slots()).map(slot).collect();
                    let kind = match record.kind() {
                        0 => String::new(),
                        kind => format!(" kind {kind}"),
                    };
                    let row = record.place().record;
                    said.push(format!("{row}{kind}: {}", slots.join("|")));
                }
            }
        }
    }

    /// The one error that reading ends with.
    pub(super) fn refuses(&self, content: impl AsRef<[u8]>) -> String {
        let said = self.read(content);
        said.last()
            .filter(|line| line.starts_with("error"))
            .cloned()
            .unwrap_or_else(|| said.join("\n"))
    }

    pub(super) fn shown(&self, content: &[u8], rows: &[u64]) -> Vec<String> {
        let plan = FormatPlan::Excel(Box::new(self.plan.clone()));
        let wanted = rows.iter().copied().collect();
        let content = Box::new(Cursor::new(content.to_vec()));
        let shown = shown_records(&plan, &self.layout, &self.limits, content, &wanted);
        shown.expect("it can be read").into_values().collect()
    }

    /// Writes records: kind and texts of the slots.
    pub(super) fn write(
        &self,
        records: &[(usize, Vec<Option<&str>>)],
    ) -> Result<Vec<u8>, WriteError> {
        let plan = FormatPlan::Excel(Box::new(self.plan.clone()));
        write_all(&plan, &self.layout, records)
    }
}

fn show_error(error: &FormatError) -> String {
    match error {
        FormatError::Workbook { code, detail } => format!("error {}: {detail}", code.id),
        other => format!("error: {other}"),
    }
}

/// A workbook made by hand, part by part.
#[derive(Clone)]
pub(super) struct Book {
    pub(super) parts: BTreeMap<String, Vec<u8>>,
}

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
const ROOT: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
/// Cell formats 0 to 6: general, 14 (a day), 27 and 57 (days as Chinese programs write them), 46
/// (elapsed time), a format of its own with a time, 22 (day and time).
const STYLES: &str = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot; hh:mm"/></numFmts><cellXfs count="7"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="27"/><xf numFmtId="57"/><xf numFmtId="46"/><xf numFmtId="176"/><xf numFmtId="22"/></cellXfs></styleSheet>"#;

impl Book {
    /// A workbook with one sheet, `Sheet1`, of these rows.
    pub(super) fn rows(rows: &str) -> Self {
        Self::sheet(&format!("<sheetData>{rows}</sheetData>"))
    }

    /// The same with everything that stands in the sheet's element.
    pub(super) fn sheet(inside: &str) -> Self {
        Self::sheets(&[("Sheet1", "", inside)])
    }

    /// A workbook with sheets: name, attributes such as `state="hidden"`, inside.
    pub(super) fn sheets(sheets: &[(&str, &str, &str)]) -> Self {
        let mut book = Self {
            parts: BTreeMap::new(),
        };
        let (mut list, mut relations) = (String::new(), String::new());
        for (at, (name, more, inside)) in sheets.iter().enumerate() {
            let at = at + 1;
            list.push_str(&format!(
                r#"<sheet name="{name}" sheetId="{at}" {more} r:id="r{at}"/>"#
            ));
            relations.push_str(&format!(
                r#"<Relationship Id="r{at}" Type="{RELATION}/worksheet" Target="worksheets/sheet{at}.xml"/>"#
            ));
            let sheet = format!(
                r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{inside}</worksheet>"#
            );
            book = book.part(&format!("xl/worksheets/sheet{at}.xml"), sheet);
        }
        book.part("[Content_Types].xml", TYPES)
            .part("_rels/.rels", ROOT)
            .part(
                "xl/workbook.xml",
                format!(
                    r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{RELATION}"><workbookPr/><sheets>{list}</sheets></workbook>"#
                ),
            )
            .part(
                "xl/_rels/workbook.xml.rels",
                format!("<Relationships>{relations}</Relationships>"),
            )
            .part("xl/styles.xml", STYLES)
    }

    pub(super) fn part(mut self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.parts
            .insert(name.to_owned(), content.as_ref().to_vec());
        self
    }

    /// Changes one text of a part, which must have it.
    pub(super) fn edit(mut self, name: &str, from: &str, to: &str) -> Self {
        let part = self.parts.get_mut(name).expect("the part is there");
        let text = String::from_utf8(part.clone()).expect("it is text");
        assert!(text.contains(from), "`{from}` is not in `{name}`");
        *part = text.replacen(from, to, 1).into_bytes();
        self
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in &self.parts {
            writer
                .start_file(name.as_str(), deflated())
                .expect("memory");
            writer.write_all(content).expect("memory");
        }
        writer.finish().expect("memory").into_inner()
    }
}

pub(super) fn deflated() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)
}

/// A row of cells as they are written: each an attribute part and what stands inside.
pub(super) fn row(number: u32, cells: &[&str]) -> String {
    format!("<row r=\"{number}\">{}</row>", cells.concat())
}

/// A cell with a text of its own.
pub(super) fn text(place: &str, text: &str) -> String {
    format!("<c r=\"{place}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is></c>")
}

/// A row of texts from column A on.
pub(super) fn texts(number: u32, all: &[&str]) -> String {
    let cells: Vec<String> = (all.iter().enumerate())
        .filter(|(_, one)| !one.is_empty())
        .map(|(at, one)| {
            text(
                &format!("{}{number}", super::super::cell::letters(at as u32)),
                one,
            )
        })
        .collect();
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    row(number, &cells)
}
