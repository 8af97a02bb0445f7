//! Bytes ⇄ records: `csv` (delimited text), `excel` (workbooks), `fixed` (text of fixed width),
//! `json` and `xml`. Streaming both ways; knows no path, no dataset and no partner.
//!
//! A mapping says which kinds of record a file has and which fields it wants of each: a
//! [`Layout`]. A [`Reader`] turns content into [`WireRecord`]s with exactly those slots; a
//! [`Writer`] does the reverse. Kinds are closed enums with one `match`; a new kind is a new folder
//! here. `lines` is what delimited and fixed lines share, `nested` what JSON and XML do. The one invariant: whatever the bytes, memory stays within [`Limits`].

mod batch;
pub mod csv;
mod error;
pub mod excel;
pub mod fixed;
pub mod json;
mod limits;
pub mod lines;
mod matching;
mod nested;
mod options;
mod refusal;
mod route;
mod shown;
#[cfg(test)]
mod trial;
pub mod xml;

use std::io::{Read, Write};

pub use error::{CODES, FormatError, WriteError};
pub use limits::Limits;
pub use options::{FORMAT_KEYS, KINDS, RECORD_WITHOUT_KIND};
pub use route::{Extent, Peek, RoutePath, XmlRoute, peek_route};
pub use shown::shown_records;

use batch::Batch;
use refusal::Refusal;

use crate::record::{Reject, WireRecord};
use crate::text::Encoding;

/// How a file is laid out as a whole, checked.
#[derive(Debug, Clone)]
pub enum FormatPlan {
    /// Lines of separated fields.
    Csv(csv::CsvPlan),
    /// Text of fixed width.
    Fixed(fixed::FixedPlan),
    /// One sheet of a workbook.
    Excel(Box<excel::ExcelPlan>),
    /// One XML document.
    Xml(xml::XmlPlan),
    /// One JSON document, or one a line.
    Json(json::JsonPlan),
}

/// How one kind of record is told from the others, checked; of the same kind as its format.
#[derive(Debug, Clone)]
pub enum Select {
    /// By the line.
    Csv(csv::CsvSelect),
    /// By the line, or by bytes at a place.
    Fixed(fixed::FixedSelect),
    /// By the row.
    Excel(excel::ExcelSelect),
    /// By the element's path.
    Xml(xml::XmlSelect),
    /// By the value's path.
    Json(json::JsonSelect),
}

/// Where the bytes of a slot come from, checked; of the same kind as its format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldSource {
    /// A column of this line, or of the last line of another kind.
    Csv(csv::CsvField),
    /// A column of this record, or of the last record of another kind.
    Fixed(fixed::FixedField),
    /// A column of the sheet, by its heading.
    Excel(excel::ExcelField),
    /// An element or attribute, relative to the record or absolute.
    Xml(xml::XmlField),
    /// A text, number or boolean, relative to the record or absolute.
    Json(json::JsonField),
}

/// One kind of record, and the fields wanted of it.
#[derive(Debug, Clone)]
pub struct RecordLayout {
    /// Its name in the mapping, for messages.
    pub name: String,
    /// What makes a record one of this kind.
    pub select: Select,
    /// For each slot its sources; the first that is present wins. Written: the first.
    pub slots: Vec<Vec<FieldSource>>,
}

/// All kinds of record of a file, in the mapping's order.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// The kinds; a record's `kind()` is its index here.
    pub records: Vec<RecordLayout>,
}

/// What a reader found next.
#[derive(Debug)]
pub enum Next {
    /// The record that was passed in is filled.
    Record,
    /// A record that cannot be one; reading goes on after it.
    Refused(Reject),
    /// The content ended, well-formed.
    End,
}

/// Reads records from content.
pub enum Reader {
    /// Delimited text.
    Csv(Box<csv::CsvReader>),
    /// Text of fixed width.
    Fixed(Box<fixed::FixedReader>),
    /// A sheet.
    Excel(Box<excel::ExcelReader>),
    /// XML.
    Xml(Box<xml::XmlReader>),
    /// JSON.
    Json(Box<json::JsonReader>),
}

impl Reader {
    /// A reader of `content` that fills the slots of `layout`. Fails when the content's first
    /// bytes already rule it out (a byte order mark of another encoding, a wrong header row).
    pub fn open(
        plan: &FormatPlan,
        layout: &Layout,
        limits: &Limits,
        content: Box<dyn Read + Send>,
    ) -> Result<Self, FormatError> {
        match plan {
            FormatPlan::Csv(plan) => csv::CsvReader::open(plan, layout, limits, content)
                .map(|reader| Self::Csv(Box::new(reader))),
            FormatPlan::Fixed(plan) => fixed::FixedReader::open(plan, layout, limits, content)
                .map(|reader| Self::Fixed(Box::new(reader))),
            FormatPlan::Excel(plan) => excel::ExcelReader::open(plan, layout, limits, content)
                .map(|reader| Self::Excel(Box::new(reader))),
            FormatPlan::Xml(plan) => xml::XmlReader::open(plan, layout, limits, content)
                .map(|reader| Self::Xml(Box::new(reader))),
            FormatPlan::Json(plan) => json::JsonReader::open(plan, layout, limits, content)
                .map(|reader| Self::Json(Box::new(reader))),
        }
    }

    /// An empty record of the encoding this reader leaves its slots in.
    pub fn record(&self) -> WireRecord {
        match self {
            Self::Csv(reader) => reader.record(),
            Self::Fixed(reader) => reader.record(),
            Self::Excel(reader) => reader.record(),
            Self::Xml(_) => WireRecord::new(Encoding::Utf8),
            Self::Json(_) => WireRecord::new(Encoding::Utf8),
        }
    }

    /// What kind of record the one that was refused last was, or looked like, where that is known.
    pub fn refused_kind(&self) -> Option<usize> {
        if let Self::Csv(reader) = self {
            return reader.refused_kind();
        }
        if let Self::Fixed(reader) = self {
            return reader.refused_kind();
        }
        None
    }

    /// Fills `record` with the next one. After `End` or an error, do not call again.
    pub fn next(&mut self, record: &mut WireRecord) -> Result<Next, FormatError> {
        match self {
            Self::Csv(reader) => reader.next(record),
            Self::Fixed(reader) => reader.next(record),
            Self::Excel(reader) => reader.next(record),
            Self::Xml(reader) => reader.next(record),
            Self::Json(reader) => reader.next(record),
        }
    }

    /// Sentences about what was found beside the records, such as hidden rows; complete at the
    /// end.
    pub fn notes(&self) -> Vec<String> {
        match self {
            Self::Excel(reader) => reader.notes(),
            _ => Vec::new(),
        }
    }
}

/// Writes records as content.
pub enum Writer<W: Write> {
    /// Delimited text.
    Csv(Box<csv::CsvWriter<W>>),
    /// Text of fixed width.
    Fixed(Box<fixed::FixedWriter<W>>),
    /// A workbook of one sheet.
    Excel(Box<excel::ExcelWriter<W>>),
    /// XML.
    Xml(Box<xml::XmlWriter<W>>),
    /// JSON.
    Json(Box<json::JsonWriter<W>>),
}

impl<W: Write> Writer<W> {
    /// A writer of records laid out as `layout` says.
    pub fn new(plan: &FormatPlan, layout: &Layout, output: W) -> Result<Self, WriteError> {
        match plan {
            FormatPlan::Csv(plan) => {
                csv::CsvWriter::new(plan, layout, output).map(|writer| Self::Csv(Box::new(writer)))
            }
            FormatPlan::Fixed(plan) => {
                let writer = fixed::FixedWriter::new(plan, layout, output);
                Ok(Self::Fixed(Box::new(writer)))
            }
            FormatPlan::Excel(plan) => excel::ExcelWriter::new(plan, layout, output)
                .map(|writer| Self::Excel(Box::new(writer))),
            FormatPlan::Xml(plan) => {
                xml::XmlWriter::new(plan, layout, output).map(|writer| Self::Xml(Box::new(writer)))
            }
            FormatPlan::Json(plan) => json::JsonWriter::new(plan, layout, output)
                .map(|writer| Self::Json(Box::new(writer))),
        }
    }

    /// Writes one record: `fields` by slot, `None` for a field that is left out. Records come in
    /// the order of the file; a nested one comes after the record it stands in.
    pub fn record(&mut self, kind: usize, fields: &[Option<&str>]) -> Result<(), WriteError> {
        match self {
            Self::Csv(writer) => writer.record(kind, fields),
            Self::Fixed(writer) => writer.record(kind, fields),
            Self::Excel(writer) => writer.record(kind, fields),
            Self::Xml(writer) => writer.record(kind, fields),
            Self::Json(writer) => writer.record(kind, fields),
        }
    }

    /// Writes what is still open and gives the output back, flushed.
    pub fn finish(self) -> Result<W, WriteError> {
        match self {
            Self::Csv(writer) => writer.finish(),
            Self::Fixed(writer) => writer.finish(),
            Self::Excel(writer) => writer.finish(),
            Self::Xml(writer) => writer.finish(),
            Self::Json(writer) => writer.finish(),
        }
    }
}
