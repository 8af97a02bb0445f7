//! Whole documents, in and out.

mod hostile;
mod random;
mod reading;
mod samples;
mod writing;

use std::io::Read;

use super::{XmlField, XmlPlan, XmlSelect};
use crate::format::{
    FieldSource, FormatError, FormatPlan, Layout, Limits, Next, Reader, RecordLayout, Select,
    WriteError, Writer,
};
use crate::record::{Place, Reject};

/// A kind of record: each field is one slot, `|` between sources in order of preference.
fn kind(name: &str, path: &str, fields: &[&str]) -> RecordLayout {
    let source = |text: &str| FieldSource::Xml(XmlField::parse(text).expect("a good path"));
    RecordLayout {
        name: name.to_owned(),
        select: Select::Xml(XmlSelect::new(path).expect("a good path")),
        slots: fields
            .iter()
            .map(|field| field.split('|').map(source).collect())
            .collect(),
    }
}

fn skipping_empty(mut kind: RecordLayout) -> RecordLayout {
    if let Select::Xml(select) = kind.select {
        kind.select = Select::Xml(select.skip_empty(true));
    }
    kind
}

fn layout(records: Vec<RecordLayout>) -> Layout {
    Layout { records }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    kind: usize,
    place: Place,
    slots: Vec<Option<String>>,
}

#[derive(Debug, Default)]
struct Everything {
    records: Vec<Found>,
    rejects: Vec<Reject>,
}

impl Everything {
    fn of(&self, kind: usize) -> Vec<Vec<Option<&str>>> {
        let all = self.records.iter().filter(|record| record.kind == kind);
        all.map(|record| record.slots.iter().map(Option::as_deref).collect())
            .collect()
    }
}

fn read_from(
    content: Box<dyn Read + Send>,
    plan: &XmlPlan,
    layout: &Layout,
    limits: &Limits,
) -> Result<Everything, FormatError> {
    let mut reader = Reader::open(&FormatPlan::Xml(plan.clone()), layout, limits, content)?;
    let mut record = reader.record();
    let mut all = Everything::default();
    loop {
        match reader.next(&mut record)? {
            Next::End => return Ok(all),
            Next::Refused(reject) => all.rejects.push(reject),
            Next::Record => all.records.push(Found {
                kind: record.kind(),
                place: record.place(),
                slots: (0..record.slots())
                    .map(|slot| record.text(slot).expect("UTF-8").map(Into::into))
                    .collect(),
            }),
        }
    }
}

fn read_with(content: &[u8], plan: &XmlPlan, layout: &Layout) -> Result<Everything, FormatError> {
    let content = std::io::Cursor::new(content.to_vec());
    read_from(Box::new(content), plan, layout, &Limits::default())
}

fn read(content: &str, layout: &Layout) -> Result<Everything, FormatError> {
    read_with(content.as_bytes(), &XmlPlan::default(), layout)
}

/// The code and the whole message of a refusal.
fn refusal(result: Result<Everything, FormatError>) -> (&'static str, String) {
    let error = result.expect_err("the content must be refused");
    let code = match &error {
        FormatError::Malformed { code, .. } | FormatError::Limit { code, .. } => code.id,
        FormatError::Read(_) | FormatError::Workbook { .. } => "read",
    };
    (code, error.to_string())
}

fn write_with(
    plan: &XmlPlan,
    layout: &Layout,
    records: &[(usize, &[Option<&str>])],
) -> Result<Vec<u8>, WriteError> {
    let mut writer = Writer::new(&FormatPlan::Xml(plan.clone()), layout, Vec::new())?;
    for (kind, fields) in records {
        writer.record(*kind, fields)?;
    }
    writer.finish()
}
