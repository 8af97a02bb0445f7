//! A file read as its receiver reads it: through the mapping, record by record.

use std::collections::BTreeMap;
use std::io::Read;

use super::SimulateError;
use crate::clock::Clock;
use crate::format::{Limits, Next, Reader};
use crate::mapping::{Cause, Context, ControlResult, Mapped, Mapper, Mapping, Summary};
use crate::record::Reject;
use crate::value::Value;

/// One row: the name of its kind of record, its values by column, whether it was flagged.
#[derive(Debug)]
pub(super) struct DecodedRow {
    pub(super) record: String,
    pub(super) values: BTreeMap<String, Value>,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "tests compare it with the plan")
    )]
    pub(super) is_flagged: bool,
}

/// A whole file.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) rows: Vec<DecodedRow>,
    pub(super) rejects: Vec<(Reject, Cause)>,
    pub(super) summary: Summary,
}

impl Decoded {
    /// Whether nothing was refused and every total is as promised.
    pub(super) fn is_sound(&self) -> bool {
        self.rejects.is_empty() && self.summary.controls.iter().all(ControlResult::agrees)
    }

    /// The rows of one kind of record.
    pub(super) fn of<'d>(&'d self, record: &'d str) -> impl Iterator<Item = &'d DecodedRow> {
        self.rows.iter().filter(move |row| row.record == record)
    }
}

impl DecodedRow {
    /// A number; 0 when it is absent.
    pub(super) fn int(&self, column: &str) -> i64 {
        self.values
            .get(column)
            .and_then(Value::as_int)
            .unwrap_or_default()
    }

    /// A text; empty when it is absent.
    pub(super) fn text(&self, column: &str) -> &str {
        self.values
            .get(column)
            .and_then(Value::as_text)
            .unwrap_or_default()
    }
}

/// Reads `content`; its rows are kept in memory, so it is meant for one message. `set` are the
/// values that the receiving job would set.
pub(super) fn decode(
    file: &str,
    mapping: &Mapping,
    clock: &Clock,
    set: &[(&str, &str)],
    content: Box<dyn Read + Send>,
) -> Result<Decoded, SimulateError> {
    let failed = |error| SimulateError::Read {
        file: file.to_owned(),
        error,
    };
    let set = set
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let mut values: BTreeMap<String, String> = set.collect();
    values.insert("file_name".to_owned(), file.to_owned());
    let mut mapper = Mapper::new(mapping, Context { clock, values });
    let limits = Limits::default();
    let mut reader =
        Reader::open(&mapping.format, &mapping.layout, &limits, content).map_err(failed)?;
    let mut record = reader.record();
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    loop {
        match reader.next(&mut record).map_err(failed)? {
            Next::End => break,
            Next::Refused(reject) => {
                mapper.refused_by_reader(reader.refused_kind(), reject.place.record);
                rejects.push((reject, Cause::Content));
            }
            Next::Record => match mapper.map(&record) {
                Mapped::NotStored => {}
                Mapped::Refused(reject, cause) => rejects.push((reject, cause)),
                Mapped::Row {
                    record,
                    row,
                    is_flagged,
                    ..
                } => {
                    rows.extend(decoded_row(mapping, record, row, is_flagged));
                }
            },
        }
    }
    Ok(Decoded {
        rows,
        rejects,
        summary: mapper.finish(),
    })
}

fn decoded_row(
    mapping: &Mapping,
    record: usize,
    row: &crate::record::Row,
    is_flagged: bool,
) -> Option<DecodedRow> {
    let plan = mapping.records.get(record)?;
    let dataset = plan.dataset.as_ref()?;
    let values = row.values(&dataset.kinds()).ok()?;
    let names = dataset
        .columns()
        .iter()
        .map(|column| column.name.as_str().to_owned());
    Some(DecodedRow {
        record: plan.name.clone(),
        values: names.zip(values).collect(),
        is_flagged,
    })
}
