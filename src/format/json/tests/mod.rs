//! Whole documents, in and out.

mod hostile;
mod random;
mod reading;
mod writing;

use std::io::Read;

use super::{JsonField, JsonPath, JsonPlan, JsonSelect};
use crate::format::{
    FieldSource, FormatError, FormatPlan, Layout, Limits, Next, Reader, RecordLayout, Select,
    WriteError, Writer,
};
use crate::record::{Place, Reject};

fn path(text: &str) -> JsonPath {
    JsonPath::parse(text).expect("a good path")
}

/// A kind of record: each field is one slot, `|` between sources in order of preference; `#`
/// before a path for a number, `?` for a boolean.
fn kind(name: &str, at: &str, fields: &[&str]) -> RecordLayout {
    let marked = |sign| {
        let all = fields
            .iter()
            .filter_map(move |field| field.strip_prefix(sign));
        all.map(path).collect::<Vec<_>>()
    };
    let select = JsonSelect::new(at).expect("a good path");
    let select = select.with_types(marked('#'), marked('?'));
    let source = |text: &str| {
        let text = text.trim_start_matches(['#', '?']);
        FieldSource::Json(JsonField::new(path(text), &select))
    };
    RecordLayout {
        name: name.to_owned(),
        slots: fields
            .iter()
            .map(|field| field.split('|').map(source).collect())
            .collect(),
        select: Select::Json(select),
    }
}

fn skipping_empty(mut kind: RecordLayout) -> RecordLayout {
    if let Select::Json(select) = kind.select {
        kind.select = Select::Json(select.skip_empty(true));
    }
    kind
}

fn layout(records: Vec<RecordLayout>) -> Layout {
    Layout { records }
}

fn lines() -> JsonPlan {
    JsonPlan {
        lines: true,
        ..JsonPlan::default()
    }
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

    /// Record number, code and message of each reject.
    fn refused(&self) -> Vec<(u64, &'static str, &str)> {
        let all = self.rejects.iter();
        all.map(|reject| (reject.place.record.0, reject.code.id, &*reject.detail))
            .collect()
    }
}

fn read_from(
    content: Box<dyn Read + Send>,
    plan: &JsonPlan,
    layout: &Layout,
    limits: &Limits,
) -> Result<Everything, FormatError> {
    let mut reader = Reader::open(&FormatPlan::Json(plan.clone()), layout, limits, content)?;
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

fn read_with(
    content: impl AsRef<[u8]>,
    plan: &JsonPlan,
    layout: &Layout,
) -> Result<Everything, FormatError> {
    let content = std::io::Cursor::new(content.as_ref().to_vec());
    read_from(Box::new(content), plan, layout, &Limits::default())
}

fn read(content: impl AsRef<[u8]>, layout: &Layout) -> Result<Everything, FormatError> {
    read_with(content, &JsonPlan::default(), layout)
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
    plan: &JsonPlan,
    layout: &Layout,
    records: &[(usize, &[Option<&str>])],
) -> Result<Vec<u8>, WriteError> {
    let mut writer = Writer::new(&FormatPlan::Json(plan.clone()), layout, Vec::new())?;
    for (kind, fields) in records {
        writer.record(*kind, fields)?;
    }
    writer.finish()
}

/// Gives a few bytes a time, so that every token is split everywhere.
struct Slow(std::io::Cursor<Vec<u8>>, usize);

impl Read for Slow {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = out.len().min(self.1);
        self.0.read(&mut out[..count])
    }
}

/// Orders of a day: a header, orders, items of orders.
fn orders() -> Layout {
    layout(vec![
        kind(
            "day",
            ".",
            &["head/date", "#head/count", "head/sender|sender"],
        ),
        kind(
            "order",
            "data/orders[]",
            &["id", "#amount", "card/no", "?paid", "/head/date"],
        ),
        kind(
            "item",
            "data/orders[]/items[]",
            &["sku", "#n", "/data/orders[]/id"],
        ),
        kind("tag", "data/orders[]/tags[]", &["."]),
    ])
}

const ORDERS: &str = r#"{
  "head": {"date": "2024-01-02", "count": 2, "extra": {"x": [1, {"y": null}]}},
  "data": {"orders": [
    {"id": "A1", "amount": 12.30, "card": {"no": "6101"}, "paid": true,
     "items": [{"sku": "s1", "n": 1}, {"sku": "s2", "n": 2.50e1}], "tags": ["早", "\u665a"]},
    {"id": "A2", "amount": "0.05", "card": null, "items": [], "note": ""}
  ]},
  "sender": "C\"1"
}"#;
