//! One dataset row, encoded: compact enough to stage, ordered enough to sort by bytes.
//!
//! Encoding of a value: one tag byte, then nothing (null), 8 bytes (integer, instant in µs),
//! 4 bytes (date, days from year 1) or a length of 4 bytes and the bytes (text, bytes); numbers
//! little-endian.

use chrono::{DateTime, Datelike, NaiveDate};

use crate::value::{Kind, Value, ValueRef};

const NULL: u8 = 0;
const INT: u8 = 1;
const TEXT: u8 = 2;
const DATE: u8 = 3;
const INSTANT: u8 = 4;
const BYTES: u8 = 5;

/// A staged row that cannot be read back: its spool was damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a staged row is damaged: run the load again, it starts from the archived file")]
pub struct RowError;

/// A row of one dataset, its values in the order of the dataset's columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    bytes: Vec<u8>,
}

impl Row {
    /// An empty row.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts again, keeping the allocation.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Appends a value.
    pub fn push(&mut self, value: ValueRef<'_>) {
        match value {
            ValueRef::Null(_) => self.bytes.push(NULL),
            ValueRef::Int(value) => self.tagged(INT, &value.to_le_bytes()),
            ValueRef::Text(value) => self.sized(TEXT, value.as_bytes()),
            ValueRef::Date(value) => self.tagged(DATE, &value.num_days_from_ce().to_le_bytes()),
            ValueRef::Instant(value) => {
                self.tagged(INSTANT, &value.timestamp_micros().to_le_bytes());
            }
            ValueRef::Bytes(value) => self.sized(BYTES, value),
        }
    }

    fn tagged(&mut self, tag: u8, bytes: &[u8]) {
        self.bytes.push(tag);
        self.bytes.extend_from_slice(bytes);
    }

    fn sized(&mut self, tag: u8, bytes: &[u8]) {
        self.bytes.push(tag);
        self.bytes
            .extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        self.bytes.extend_from_slice(bytes);
    }

    /// The encoded bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// All values, owned.
    pub fn values(&self, kinds: &[Kind]) -> Result<Vec<Value>, RowError> {
        let mut reader = RowReader::new(&self.bytes);
        kinds
            .iter()
            .map(|kind| reader.next(*kind).map(ValueRef::to_owned))
            .collect()
    }
}

/// Reads an encoded row value by value.
#[derive(Debug, Clone)]
pub struct RowReader<'a> {
    rest: &'a [u8],
}

impl<'a> RowReader<'a> {
    /// A reader at the row's first value.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next value; `kind` is that of its column, so that a null knows its own.
    pub fn next(&mut self, kind: Kind) -> Result<ValueRef<'a>, RowError> {
        match self.take(1)? {
            [NULL] => Ok(ValueRef::Null(kind)),
            [INT] => Ok(ValueRef::Int(i64::from_le_bytes(self.array()?))),
            [TEXT] => {
                let bytes = self.sized()?;
                // Staged from a `&str` by `Row::push`; a spool is private to one load.
                std::str::from_utf8(bytes)
                    .map(ValueRef::Text)
                    .or(Err(RowError))
            }
            [DATE] => NaiveDate::from_num_days_from_ce_opt(i32::from_le_bytes(self.array()?))
                .map(ValueRef::Date)
                .ok_or(RowError),
            [INSTANT] => DateTime::from_timestamp_micros(i64::from_le_bytes(self.array()?))
                .map(ValueRef::Instant)
                .ok_or(RowError),
            [BYTES] => Ok(ValueRef::Bytes(self.sized()?)),
            _ => Err(RowError),
        }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], RowError> {
        let (head, rest) = self.rest.split_at_checked(count).ok_or(RowError)?;
        self.rest = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], RowError> {
        self.take(N)?.try_into().or(Err(RowError))
    }

    fn sized(&mut self) -> Result<&'a [u8], RowError> {
        let length = u32::from_le_bytes(self.array()?);
        self.take(length as usize)
    }
}

/// Appends a value's order-preserving bytes: comparing the bytes of two keys compares the keys,
/// column by column. Nulls sort first.
pub fn push_key(key: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::Null(_) => key.push(0),
        ValueRef::Int(value) => ordered(key, value),
        ValueRef::Date(value) => ordered(key, i64::from(value.num_days_from_ce())),
        ValueRef::Instant(value) => ordered(key, value.timestamp_micros()),
        ValueRef::Text(value) => terminated(key, value.as_bytes()),
        ValueRef::Bytes(value) => terminated(key, value),
    }
}

fn ordered(key: &mut Vec<u8>, value: i64) {
    key.push(1);
    key.extend_from_slice(&(value.cast_unsigned() ^ (1 << 63)).to_be_bytes());
}

/// A zero byte inside is written as `00 FF`, so that the terminator `00 00` sorts first.
fn terminated(key: &mut Vec<u8>, bytes: &[u8]) {
    key.push(1);
    for (index, part) in bytes.split(|byte| *byte == 0).enumerate() {
        if index > 0 {
            key.extend_from_slice(&[0, 0xff]);
        }
        key.extend_from_slice(part);
    }
    key.extend_from_slice(&[0, 0]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_reads_back_as_it_was_pushed() {
        let day = NaiveDate::from_ymd_opt(2024, 1, 2).expect("a day");
        let moment = DateTime::from_timestamp_micros(1_700_000_000_123_456).expect("a moment");
        let values = [
            Value::Null(Kind::Text),
            Value::Int(-5),
            Value::Text("陕A00001蓝".to_owned()),
            Value::Date(day),
            Value::Instant(moment),
            Value::Bytes(vec![0, 1, 255]),
        ];
        let mut row = Row::new();
        values.iter().for_each(|value| row.push(value.borrow()));
        let kinds: Vec<Kind> = values.iter().map(Value::kind).collect();
        assert_eq!(row.values(&kinds).expect("it was just made"), values);
    }

    #[test]
    fn a_damaged_row_is_an_error_and_never_a_panic() {
        let mut row = Row::new();
        row.push(ValueRef::Text("abc"));
        for end in 0..row.as_bytes().len() {
            let cut = row.as_bytes().get(..end).expect("within");
            assert_eq!(RowReader::new(cut).next(Kind::Text), Err(RowError));
        }
    }

    #[test]
    fn keys_sort_by_bytes_as_their_values_do() {
        let key = |values: &[Value]| {
            let mut key = Vec::new();
            values
                .iter()
                .for_each(|value| push_key(&mut key, value.borrow()));
            key
        };
        let ordered = [
            vec![Value::Int(i64::MIN), Value::from("b")],
            vec![Value::Int(-1), Value::from("a")],
            vec![Value::Int(0), Value::from("")],
            vec![Value::Int(0), Value::from("a")],
            vec![Value::Int(0), Value::from("ab")],
            vec![Value::Int(0), Value::from("b")],
            vec![Value::Int(i64::MAX), Value::from("a")],
        ];
        for pair in ordered.windows(2) {
            let [a, b] = pair else { continue };
            assert!(key(a) < key(b), "{a:?} must sort before {b:?}");
        }
    }
}
