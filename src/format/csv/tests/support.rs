//! Files in, what the reader says about them out, one line each.

use std::io::{Cursor, Read};

use crate::format::csv::plan::{CsvPlan, Header};
use crate::format::csv::select::{Column, Condition, CsvField, CsvSelect};
use crate::format::trial::{read_good, show, show_error, show_unwritable, write_all};
use crate::format::{
    FieldSource, FormatError, FormatPlan, Layout, Limits, Next, Reader, RecordLayout, Select,
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
                said.push(show(record, &self.layout));
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

    /// The values of all records, which must all be good.
    pub(super) fn values(&self, content: &[u8]) -> Result<Vec<Vec<String>>, String> {
        let plan = FormatPlan::Csv(self.plan.clone());
        let all = read_good(content, &plan, &self.layout, &self.limits)?;
        Ok(all.into_iter().map(|(_, values)| values).collect())
    }

    /// The bytes of records of one kind each.
    pub(super) fn write(&self, records: &[(usize, Vec<&str>)]) -> Result<Vec<u8>, String> {
        let plan = FormatPlan::Csv(self.plan.clone());
        let present = |(kind, values): &(usize, Vec<&str>)| {
            let fields: Vec<_> = values
                .iter()
                .map(|value| Some((*value).to_owned()))
                .collect();
            (*kind, fields)
        };
        let records: Vec<_> = records.iter().map(present).collect();
        write_all(&plan, &self.layout, &records).map_err(|error| show_unwritable(&error))
    }
}
