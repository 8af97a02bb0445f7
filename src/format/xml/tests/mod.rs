//! Whole documents, in and out.

mod carried;
mod hostile;
mod random;
mod reading;
mod samples;
mod writing;

use std::io::Read;

use super::{XmlField, XmlPlan, XmlSelect};
use crate::format::trial::{Everything, Slow, read_all, refusal, write_all};
use crate::format::{
    FieldSource, FormatError, FormatPlan, Layout, Limits, RecordLayout, Select, WriteError,
};

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

fn read_from(
    content: Box<dyn Read + Send>,
    plan: &XmlPlan,
    layout: &Layout,
    limits: &Limits,
) -> Result<Everything, FormatError> {
    read_all(content, &FormatPlan::Xml(plan.clone()), layout, limits)
}

fn read_with(content: &[u8], plan: &XmlPlan, layout: &Layout) -> Result<Everything, FormatError> {
    let content = std::io::Cursor::new(content.to_vec());
    read_from(Box::new(content), plan, layout, &Limits::default())
}

fn read(content: &str, layout: &Layout) -> Result<Everything, FormatError> {
    read_with(content.as_bytes(), &XmlPlan::default(), layout)
}

fn write_with(
    plan: &XmlPlan,
    layout: &Layout,
    records: &[(usize, &[Option<&str>])],
) -> Result<Vec<u8>, WriteError> {
    write_all(&FormatPlan::Xml(plan.clone()), layout, records)
}
