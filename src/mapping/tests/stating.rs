//! Promises that are found in the rows before they are written.

use super::{clock, controls, mapping};
use crate::mapping::{Draft, FileWriter, Local, Mapping};
use crate::value::Value;

/// A file of fixed width whose header, batches and trailers promise everything that a control can.
const FILE: &str = r#"
title = "批量"
status = "profile"
[format.fixed]
encoding = "GBK"
[identity]
context = ["business_date"]
[record.head]
occurs = "once"
fixed = { match = { at = 1, equals = "H" }, columns = { mark = 1, day = 8, lines = 4, total = 10 } }
[record.head.field]
mark  = { from = "mark", value = "H" }
day   = { from = "day", type = "date", format = "%Y%m%d" }
lines = { from = "lines", type = "integer" }
total = { from = "total", type = "money", unit = "fen" }
[record.batch]
inside = "head"
fixed = { match = { at = 1, equals = "B" }, columns = { mark = 1, no = 3, count = 3 } }
[record.batch.field]
mark  = { from = "mark", value = "B" }
no    = { from = "no", type = "integer" }
count = { from = "count", type = "integer" }
[record.detail]
inside = "batch"
fixed = { match = { at = 1, equals = "D" }, columns = { mark = 1, line = 3, account = 6, amount = 8 } }
[record.detail.field]
mark    = { from = "mark", value = "D" }
line    = { from = "line", type = "integer" }
account = { from = "account", type = "text", digits = 6 }
amount  = { from = "amount", type = "money", unit = "fen" }
[record.batch_end]
closes = "batch"
fixed = { match = { at = 1, equals = "E" }, columns = { mark = 1, no = 3, hash = 4 } }
[record.batch_end.field]
mark = { from = "mark", value = "E" }
no   = { from = "no", type = "integer" }
hash = { from = "hash", type = "integer" }
[record.tail]
closes = "head"
fixed = { match = { at = 1, equals = "T" }, columns = { mark = 1, day = 8 } }
[record.tail.field]
mark = { from = "mark", value = "T" }
day  = { from = "day", type = "date", format = "%Y%m%d" }

[[control]]
name = "lines"
declared = "head.lines"
count = "*"
[[control]]
name = "total"
declared = "head.total"
sum = "detail.amount"
[[control]]
name = "rows"
within = "batch"
declared = "batch.count"
count = "detail"
[[control]]
name = "hash"
within = "batch"
declared = "batch_end.hash"
hash = { of = "detail.account", last_digits = 4, modulus = 10000 }
[[control]]
name = "day"
equal = ["head.day", "tail.day"]
context = "business_date"
[[control]]
name = "no"
within = "batch"
equal = ["batch.no", "batch_end.no"]
[[control]]
name = "batches"
sequence = "batch.no"
start = 7
[[control]]
name = "line"
within = "batch"
sequence = "detail.line"
"#;

fn local(values: &[(&str, Value)]) -> Local {
    let values = values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()));
    values.collect()
}

fn detail(account: &str, fen: i64) -> Local {
    local(&[
        ("account", Value::from(account)),
        ("amount", Value::Int(fen)),
    ])
}

fn records() -> Vec<(usize, Local)> {
    let day = chrono::NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day");
    vec![
        (0, local(&[("day", Value::Date(day))])),
        (1, Local::new()),
        (2, detail("619999", 1250)),
        (2, detail("610002", 5)),
        (3, Local::new()),
        (1, Local::new()),
        (3, Local::new()),
        (1, Local::new()),
        (2, detail("610003", -55)),
        (3, Local::new()),
        (4, Local::new()),
    ]
}

fn written(mapping: &Mapping, records: &[(usize, Local)]) -> Result<String, String> {
    let mut draft = Draft::new(mapping);
    for (kind, local) in records {
        draft.record(*kind, &[], local);
    }
    let clock = clock();
    let stated = draft.finish();
    let mut writer = FileWriter::stating(mapping, &clock, Vec::new(), stated)
        .map_err(|error| error.to_string())?;
    for (kind, local) in records {
        (writer.record(*kind, &[], local)).map_err(|error| error.to_string())?;
    }
    let bytes = writer.finish().map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

const EXPECTED: &str = "H2026030100110000001200\nB007002\nD00161999900001250\nD00261000200000005\n\
                        E0070001\nB008000\nE0080000\nB009001\nD001610003-0000055\nE0090003\nT20260301\n";

#[test]
fn every_promise_is_filled_from_the_rows_and_agrees_when_read() {
    let mapping = mapping(FILE);
    assert!(mapping.states_promises());
    let content = written(&mapping, &records()).expect("it can be written");
    assert_eq!(content, EXPECTED);
    assert_eq!(
        controls(&mapping, &content),
        [
            "lines 11/11",
            "total 12.00/12.00",
            "day 2026-03-01/2026-03-01",
            "batches 7/7",
        ]
    );
}

#[test]
fn what_the_rows_give_is_written_and_not_filled() {
    let mapping = mapping(FILE);
    let mut records = records();
    records[1] = (
        1,
        local(&[("no", Value::Int(40)), ("count", Value::Int(9))]),
    );
    let content = written(&mapping, &records).expect("it can be written");
    let lines: Vec<&str> = content.lines().collect();
    assert_eq!(lines[1], "B040009");
    assert_eq!(lines[5], "B041000");
    let wrong: Vec<String> = controls(&mapping, &content)
        .into_iter()
        .filter(|said| said.starts_with('!'))
        .collect();
    assert_eq!(wrong, ["!rows 9/2 at 2", "!batches 7/40"]);
}

#[test]
fn without_a_draft_a_promise_that_nothing_gives_is_an_error() {
    let mapping = mapping(FILE);
    let clock = clock();
    let mut writer = FileWriter::new(&mapping, &clock, Vec::new()).expect("a writer");
    let error = writer
        .record(0, &[], &records()[0].1)
        .expect_err("no count is given");
    assert_eq!(
        error.to_string(),
        "`head.lines`: the message must have it, but the row has no value"
    );
}
