//! Writing with a mapping: one dataset row → the texts of a record's slots.

use std::collections::BTreeMap;
use std::io::Write;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::codes::{CodeTable, NO_PARTNER_CODE};
use super::datetime::TimeFormat;
use super::field::{
    FieldKind, FieldPlan, FieldSourcePlan, MISSING_FIELD, TextCheck, UNKNOWN_CODE, Unit,
};
use super::plan::{Mapping, RecordPlan};
use super::stating::{Filler, Stated, value_of};
use super::time_of_day::TimeOfDay;
use crate::clock::Clock;
use crate::format::{WriteError, Writer};
use crate::id::Fen;
use crate::value::Value;

/// Values of fields that are not stored, by field name.
pub type Local = BTreeMap<String, Value>;

/// The texts of a record's slots; `None` is left out.
pub type Slots = Vec<Option<String>>;

/// Turns dataset rows into the slots of one kind of record.
pub struct RowWriter<'m> {
    record: &'m RecordPlan,
    slots: usize,
    clock: &'m Clock,
}

impl<'m> RowWriter<'m> {
    /// A writer for the records of a kind; `None` when the mapping has no such kind.
    pub fn new(mapping: &'m Mapping, kind: usize, clock: &'m Clock) -> Option<Self> {
        let record = mapping.records.get(kind)?;
        let slots = mapping.layout.records.get(kind)?.slots.len();
        Some(Self {
            record,
            slots,
            clock,
        })
    }

    /// The texts of a row's slots. `values` stand in the order of the dataset's columns; `local`
    /// are the fields that the mapping reads but does not store (counts of a header, …), by name.
    pub fn fields(&self, values: &[Value], local: &Local) -> Result<Slots, WriteError> {
        let mut slots: Slots = vec![None; self.slots];
        for field in &self.record.fields {
            let FieldSourcePlan::Slot(slot) = field.source else {
                continue;
            };
            if field.part.is_some() {
                continue;
            }
            let text = self.text(field, values, local)?;
            if let (Some(text), Some(place)) = (text, slots.get_mut(slot)) {
                *place = Some(text);
            }
            if let Some((slot, text)) = self.time(field, values, local)?
                && let Some(place) = slots.get_mut(slot)
            {
                *place = Some(text);
            }
        }
        Ok(slots)
    }

    /// The text of a moment's time of day and its slot, where it stands apart from the day.
    fn time(
        &self,
        field: &FieldPlan,
        values: &[Value],
        local: &Local,
    ) -> Result<Option<(usize, String)>, WriteError> {
        let Some(time) = &field.time else {
            return Ok(None);
        };
        let Some(Value::Instant(instant)) = value_of(field, values, local) else {
            return Ok(None);
        };
        let lost = |_lost| {
            let detail = "the row's time of day cannot be said in its place".to_owned();
            self.unwritable(field, &super::field::WRONG_VALUE, detail)
        };
        let moment = self.clock.local(*instant).naive_local();
        let text = time.text(moment).map_err(lost)?;
        Ok(match time {
            TimeOfDay::Slot { slot, .. } => text.map(|text| (*slot, text)),
            TimeOfDay::Always(_) => None,
        })
    }

    fn text(
        &self,
        field: &FieldPlan,
        values: &[Value],
        local: &Local,
    ) -> Result<Option<String>, WriteError> {
        if let FieldKind::Fixed(texts) = &field.kind {
            return Ok(texts.first().cloned());
        }
        let model = match field.kind {
            FieldKind::SameAs(other) => self.record.fields.get(other).unwrap_or(field),
            _ => field,
        };
        match value_of(model, values, local) {
            None if field.required => Err(self.unwritable(
                field,
                &MISSING_FIELD,
                "the message must have it, but the row has no value".to_owned(),
            )),
            None => Ok(None),
            Some(value) => {
                let text = self.render(model, value)?;
                self.padded(model, text).map(Some)
            }
        }
    }

    /// A number of so many `digits` has zeros in front.
    fn padded(&self, field: &FieldPlan, text: String) -> Result<String, WriteError> {
        let is_number = matches!(field.kind, FieldKind::Int { .. } | FieldKind::Money { .. });
        let digits = field.checks.iter().find_map(|check| match check {
            TextCheck::Digits(digits) if is_number => Some(*digits),
            _ => None,
        });
        let Some(digits) = digits else {
            return Ok(text);
        };
        if text.len() > digits || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            let detail = format!("the row's value is not a number of {digits} digits");
            return Err(self.unwritable(field, &super::field::WRONG_VALUE, detail));
        }
        Ok(format!("{text:0>digits$}"))
    }

    fn render(&self, field: &FieldPlan, value: &Value) -> Result<String, WriteError> {
        let mismatch = || {
            let detail = "the row's value is not of the field's kind".to_owned();
            self.unwritable(field, &super::field::WRONG_VALUE, detail)
        };
        match (&field.kind, value) {
            (FieldKind::Text(None), Value::Text(text)) => Ok(text.clone()),
            (FieldKind::Text(Some(codes)), Value::Text(text)) => self.code(field, codes, text),
            (FieldKind::Int { .. }, Value::Int(number)) => Ok(number.to_string()),
            (
                FieldKind::Money {
                    unit: Unit::Yuan, ..
                },
                Value::Int(fen),
            ) => Ok(Fen(*fen).to_string()),
            (
                FieldKind::Money {
                    unit: Unit::Fen, ..
                },
                Value::Int(fen),
            ) => Ok(fen.to_string()),
            (
                FieldKind::Money {
                    unit: Unit::Formed(form),
                    ..
                },
                Value::Int(fen),
            ) => Ok(form.write(Fen(*fen))),
            (
                FieldKind::Money {
                    unit: Unit::Decimals(decimals),
                    ..
                },
                Value::Int(fen),
            ) => Ok(decimal(*fen, *decimals)),
            (
                FieldKind::Money {
                    unit: Unit::Implied(decimals),
                    ..
                },
                Value::Int(fen),
            ) => implied(*fen, 2, *decimals).ok_or_else(|| self.unshowable(field, *decimals)),
            (
                FieldKind::Decimal {
                    scale,
                    implied: Some(decimals),
                },
                Value::Int(number),
            ) => {
                implied(*number, *scale, *decimals).ok_or_else(|| self.unshowable(field, *decimals))
            }
            (FieldKind::Decimal { scale, .. }, Value::Int(number)) => Ok(decimal(*number, *scale)),
            (FieldKind::Date(formats), Value::Date(date)) => {
                day(formats, *date).ok_or_else(mismatch)
            }
            (FieldKind::Instant(formats), Value::Instant(instant)) => {
                self.moment(formats, *instant).ok_or_else(mismatch)
            }
            _ => Err(mismatch()),
        }
    }

    fn code(&self, field: &FieldPlan, codes: &CodeTable, text: &str) -> Result<String, WriteError> {
        codes.wire(text).map(str::to_owned).ok_or_else(|| {
            let (code, detail) = match codes.knows(text) {
                true => (
                    &NO_PARTNER_CODE,
                    format!("the partner has no code for `{text}`, and none was agreed"),
                ),
                false => (
                    &UNKNOWN_CODE,
                    format!("the code table has no partner's code for `{text}`"),
                ),
            };
            self.unwritable(field, code, detail)
        })
    }

    fn moment(&self, formats: &[TimeFormat], instant: DateTime<Utc>) -> Option<String> {
        formats
            .first()?
            .write(self.clock.local(instant).naive_local())
    }

    fn unshowable(&self, field: &FieldPlan, decimals: u32) -> WriteError {
        let detail = format!("the row's value cannot be shown with {decimals} decimals");
        self.unwritable(field, &super::field::WRONG_VALUE, detail)
    }

    fn unwritable(
        &self,
        field: &FieldPlan,
        code: &'static crate::diag::Code,
        detail: String,
    ) -> WriteError {
        let record = format!("{}.{}", self.record.name, field.name);
        WriteError::unwritable(code, record, detail)
    }
}

/// Writes a whole file with a mapping: dataset rows in, content out.
///
/// Rows come in the order of the document: a record before the records inside it.
pub struct FileWriter<'m, W: Write> {
    rows: Vec<RowWriter<'m>>,
    writer: Writer<W>,
    /// Fills promises that the rows do not give.
    filler: Option<Filler<'m>>,
}

impl<'m, W: Write> FileWriter<'m, W> {
    /// A writer at the start of a file.
    pub fn new(mapping: &'m Mapping, clock: &'m Clock, output: W) -> Result<Self, WriteError> {
        let rows = (0..mapping.records.len())
            .filter_map(|kind| RowWriter::new(mapping, kind, clock))
            .collect();
        let writer = Writer::new(&mapping.format, &mapping.layout, output)?;
        Ok(Self {
            rows,
            writer,
            filler: None,
        })
    }

    /// A writer that fills the promises of header and trailer: `stated` is what a
    /// [`Draft`](super::Draft) found in the same rows.
    pub fn stating(
        mapping: &'m Mapping,
        clock: &'m Clock,
        output: W,
        stated: Stated,
    ) -> Result<Self, WriteError> {
        let writer = Self::new(mapping, clock, output)?;
        Ok(Self {
            filler: Some(Filler::new(mapping, stated)),
            ..writer
        })
    }

    /// Writes one record of a kind; `values` in the order of its dataset's columns.
    pub fn record(
        &mut self,
        kind: usize,
        values: &[Value],
        local: &Local,
    ) -> Result<(), WriteError> {
        let Some(row) = self.rows.get(kind) else {
            return Ok(());
        };
        let slots = match &mut self.filler {
            None => row.fields(values, local)?,
            Some(filler) => {
                let local = filler.fill(kind, values, local);
                row.fields(values, &local)?
            }
        };
        let texts: Vec<Option<&str>> = slots.iter().map(Option::as_deref).collect();
        self.writer.record(kind, &texts)
    }

    /// Writes what is still open and gives the output back, flushed.
    pub fn finish(self) -> Result<W, WriteError> {
        self.writer.finish()
    }
}

fn day(formats: &[TimeFormat], date: NaiveDate) -> Option<String> {
    formats.first()?.write(date.and_time(NaiveTime::MIN))
}

/// A number with `scale` decimals, written as digits of which the last `decimals` are such; `None`
/// when a digit would be lost.
fn implied(number: i64, scale: u32, decimals: u32) -> Option<String> {
    let shown = if decimals >= scale {
        number.checked_mul(10_i64.checked_pow(decimals - scale)?)?
    } else {
        let unit = 10_i64.checked_pow(scale - decimals)?;
        (number % unit == 0).then(|| number / unit)?
    };
    Some(shown.to_string())
}

fn decimal(number: i64, scale: u32) -> String {
    if scale == 0 {
        return number.to_string();
    }
    let sign = if number < 0 { "-" } else { "" };
    let unit = 10_u64.pow(scale);
    let number = number.unsigned_abs();
    format!(
        "{sign}{}.{:0width$}",
        number / unit,
        number % unit,
        width = scale as usize
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_with_implied_decimals_is_written_without_a_point() {
        assert_eq!(implied(1250, 2, 2).as_deref(), Some("1250"));
        assert_eq!(implied(-1250, 2, 4).as_deref(), Some("-125000"));
        assert_eq!(implied(1200, 2, 0).as_deref(), Some("12"));
        assert_eq!(implied(1250, 2, 0), None);
        assert_eq!(implied(i64::MAX, 2, 4), None);
    }

    #[test]
    fn a_scaled_number_writes_all_its_decimals() {
        assert_eq!(decimal(125, 2), "1.25");
        assert_eq!(decimal(-50, 2), "-0.50");
        assert_eq!(decimal(7, 0), "7");
    }
}
