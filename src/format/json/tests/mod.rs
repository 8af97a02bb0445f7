//! Whole documents, in and out.

mod hostile;
mod random;
mod reading;
mod writing;

use std::io::Read;

use super::{JsonField, JsonPath, JsonPlan, JsonSelect};
use crate::format::trial::{Everything, Slow, read_all, refusal, write_all};
use crate::format::{
    FieldSource, FormatError, FormatPlan, Layout, Limits, Next, Reader, RecordLayout, Select,
    WriteError,
};

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

fn read_from(
    content: Box<dyn Read + Send>,
    plan: &JsonPlan,
    layout: &Layout,
    limits: &Limits,
) -> Result<Everything, FormatError> {
    read_all(content, &FormatPlan::Json(plan.clone()), layout, limits)
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

fn write_with(
    plan: &JsonPlan,
    layout: &Layout,
    records: &[(usize, &[Option<&str>])],
) -> Result<Vec<u8>, WriteError> {
    write_all(&FormatPlan::Json(plan.clone()), layout, records)
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
