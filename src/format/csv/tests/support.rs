//! Files in, what the reader says about them out, one line each.

use std::io::{Cursor, Read};

use crate::format::csv::plan::{CsvPlan, Header};
use crate::format::csv::select::{Column, Condition, CsvField, CsvSelect};
use crate::format::{
    FieldSource, FormatError, FormatPlan, Layout, Limits, Next, Reader, RecordLayout, Select,
    WriteError, Writer,
};
use crate::record::WireRecord;

/// A layout under test.
#[derive(Clone)]
pub(super) struct Csv {
    pub(super) plan: CsvPlan,
    pub(super) layout: Layout,
    pub(super) limits: Limits,
}

/// A kind of record with one slot for each of its columns.
pub(super) fn kind(name: &str, columns: &[&str], conditions: Vec<Condition>) -> RecordLayout {
    RecordLayout {
        name: name.into(),
        select: Select::Csv(CsvSelect {
            conditions,
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            ..CsvSelect::default()
        }),
        slots: (0..columns.len()).map(|at| vec![at_column(at)]).collect(),
    }
}

/// The same, by the header row's names.
pub(super) fn named(name: &str, columns: &[&str]) -> RecordLayout {
    RecordLayout {
        slots: columns
            .iter()
            .map(|name| vec![named_column(name)])
            .collect(),
        ..kind(name, &[], Vec::new())
    }
}

pub(super) fn at_column(at: usize) -> FieldSource {
    let column = Column::At(at);
    FieldSource::Csv(CsvField { kind: None, column })
}

pub(super) fn named_column(name: &str) -> FieldSource {
    let column = Column::Named(name.to_owned());
    FieldSource::Csv(CsvField { kind: None, column })
}

/// A column of another kind.
pub(super) fn column_of(kind: usize, at: usize) -> FieldSource {
    let (kind, column) = (Some(kind), Column::At(at));
    FieldSource::Csv(CsvField { kind, column })
}

impl Csv {
    /// One kind, `row`, with columns by position.
    pub(super) fn of(columns: &[&str]) -> Self {
        Self::kinds(vec![kind("row", columns, Vec::new())])
    }

    /// One kind, `row`, with columns found by name.
    pub(super) fn by_name(columns: &[&str]) -> Self {
        Self::kinds(vec![named("row", columns)]).plan(|plan| plan.header = Header::Name)
    }

    pub(super) fn kinds(records: Vec<RecordLayout>) -> Self {
        Self {
            plan: CsvPlan::default(),
            layout: Layout { records },
            limits: Limits::default(),
        }
    }

    pub(super) fn plan(mut self, change: impl FnOnce(&mut CsvPlan)) -> Self {
        change(&mut self.plan);
        self
    }

    pub(super) fn limits(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(&mut self.limits);
        self
    }

    /// Every record, refusal and error, in order.
    pub(super) fn read(&self, content: impl AsRef<[u8]>) -> Vec<String> {
        self.read_from(Cursor::new(content.as_ref().to_vec()))
    }

    pub(super) fn read_from(&self, content: impl Read + Send + 'static) -> Vec<String> {
        let mut said = Vec::new();
        let mut note = |next: Result<Next, FormatError>, record: &WireRecord| match next {
            Ok(Next::End) => false,
            Ok(Next::Record) => {
                said.push(self.show(record));
                true
            }
            Ok(Next::Refused(reject)) => {
                let place = reject.place;
                let (record, offset, length) = (place.record, place.offset, place.length);
                let (code, detail) = (reject.code.id, reject.detail);
                said.push(format!(
                    "{record} @{offset}+{length} refused {code}: {detail}"
                ));
                true
            }
            Err(error) => {
                said.push(show_error(&error));
                false
            }
        };
        match self.open(content) {
            Ok(mut reader) => {
                let mut record = reader.record();
                while note(reader.next(&mut record), &record) {}
            }
            Err(error) => said.push(format!("at open, {}", show_error(&error))),
        }
        said
    }

    fn open(&self, content: impl Read + Send + 'static) -> Result<Reader, FormatError> {
        let plan = FormatPlan::Csv(self.plan.clone());
        Reader::open(&plan, &self.layout, &self.limits, Box::new(content))
    }

    fn show(&self, record: &WireRecord) -> String {
        let values: Vec<String> = (0..record.slots())
            .map(|slot| match record.text(slot) {
                Ok(None) => "-".to_owned(),
                Ok(Some(text)) => format!("[{text}]"),
                Err(error) => format!("<{error}>"),
            })
            .collect();
        let place = record.place();
        format!(
            "{} @{}+{} {}: {}",
            place.record,
            place.offset,
            place.length,
            self.layout.records[record.kind()].name,
            values.join("")
        )
    }

    /// The values of all records, which must all be good.
    pub(super) fn values(&self, content: &[u8]) -> Result<Vec<Vec<String>>, String> {
        let open = self.open(Cursor::new(content.to_vec()));
        let mut reader = open.map_err(|error| show_error(&error))?;
        let mut record = reader.record();
        let mut all = Vec::new();
        loop {
            match reader
                .next(&mut record)
                .map_err(|error| show_error(&error))?
            {
                Next::End => return Ok(all),
                Next::Refused(reject) => {
                    return Err(format!("{}: {}", reject.code.id, reject.detail));
                }
                Next::Record => all.push(
                    (0..record.slots())
                        .map(|slot| match record.text(slot) {
                            Ok(text) => Ok(text.unwrap_or_default().to_owned()),
                            Err(error) => Err(error.to_string()),
                        })
                        .collect::<Result<_, _>>()?,
                ),
            }
        }
    }

    /// The bytes of records of one kind each.
    pub(super) fn write(&self, records: &[(usize, Vec<&str>)]) -> Result<Vec<u8>, String> {
        let show = |error: WriteError| match error {
            WriteError::Unwritable {
                code,
                record,
                detail,
            } => {
                format!("{}: `{record}`: {detail}", code.id)
            }
            WriteError::Write(error) => error.to_string(),
        };
        let plan = FormatPlan::Csv(self.plan.clone());
        let mut writer = Writer::new(&plan, &self.layout, Vec::new()).map_err(show)?;
        for (kind, values) in records {
            let values: Vec<Option<&str>> = values.iter().map(|value| Some(*value)).collect();
            writer.record(*kind, &values).map_err(show)?;
        }
        writer.finish().map_err(show)
    }
}

fn show_error(error: &FormatError) -> String {
    let code = match error {
        FormatError::Malformed { code, .. } | FormatError::Limit { code, .. } => code.id,
        FormatError::Read(_) | FormatError::Workbook { .. } => "read",
    };
    format!("error {code}: {error}")
}
