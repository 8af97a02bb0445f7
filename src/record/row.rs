//! One dataset row, encoded: compact enough to stage, ordered enough to sort by bytes.
//!
//! A row is the length of its texts (4 bytes), its texts one after the other, and its values. A value
//! is one tag byte, then nothing (null), 8 bytes (integer, instant in µs), 4 bytes (date, days from
//! year 1), the length of its text, or a length and the bytes. Numbers are little-endian, lengths
//! in pieces of 7 bits. The texts stand together so that one look tells that they are UTF-8.

use chrono::{DateTime, Datelike, NaiveDate};

use crate::text::as_utf8;
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
    texts: String,
    values: Vec<u8>,
}

impl Row {
    /// An empty row.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts again, keeping the allocation.
    pub fn clear(&mut self) {
        self.texts.clear();
        self.values.clear();
    }

    /// Appends a value.
    pub fn push(&mut self, value: ValueRef<'_>) {
        match value {
            ValueRef::Null(_) => self.values.push(NULL),
            ValueRef::Int(value) => self.tagged(INT, value.to_le_bytes()),
            ValueRef::Text(value) => {
                self.length(TEXT, value.len());
                self.texts.push_str(value);
            }
            ValueRef::Date(value) => self.tagged(DATE, value.num_days_from_ce().to_le_bytes()),
            ValueRef::Instant(value) => {
                self.tagged(INSTANT, value.timestamp_micros().to_le_bytes());
            }
            ValueRef::Bytes(value) => {
                self.length(BYTES, value.len());
                self.values.extend_from_slice(value);
            }
        }
    }

    fn tagged<const N: usize>(&mut self, tag: u8, bytes: [u8; N]) {
        self.values.push(tag);
        self.values.extend_from_slice(&bytes);
    }

    fn length(&mut self, tag: u8, mut length: usize) {
        self.values.push(tag);
        while length > 0x7f {
            self.values.push(length as u8 | 0x80);
            length >>= 7;
        }
        self.values.push(length as u8);
    }

    /// How many bytes it has, encoded.
    pub fn len(&self) -> usize {
        size_of::<u32>() + self.texts.len() + self.values.len()
    }

    /// Whether it has no value.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Appends the encoded row.
    pub fn append_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(self.texts.len() as u32).to_le_bytes());
        out.extend_from_slice(self.texts.as_bytes());
        out.extend_from_slice(&self.values);
    }

    /// All values, owned.
    pub fn values(&self, kinds: &[Kind]) -> Result<Vec<Value>, RowError> {
        let mut reader = RowReader {
            texts: &self.texts,
            values: &self.values,
        };
        kinds
            .iter()
            .map(|kind| reader.next(*kind).map(ValueRef::to_owned))
            .collect()
    }
}

/// Reads an encoded row value by value.
#[derive(Debug, Clone)]
pub struct RowReader<'a> {
    texts: &'a str,
    values: &'a [u8],
}

impl<'a> RowReader<'a> {
    /// A reader at the row's first value.
    pub fn new(bytes: &'a [u8]) -> Result<Self, RowError> {
        let (length, rest) = bytes.split_first_chunk().ok_or(RowError)?;
        let length = u32::from_le_bytes(*length) as usize;
        let (texts, values) = rest.split_at_checked(length).ok_or(RowError)?;
        let texts = as_utf8(texts).ok_or(RowError)?;
        Ok(Self { texts, values })
    }

    /// The next value; `kind` is that of its column, so that a null knows its own.
    pub fn next(&mut self, kind: Kind) -> Result<ValueRef<'a>, RowError> {
        let (tag, rest) = self.values.split_first().ok_or(RowError)?;
        self.values = rest;
        match *tag {
            NULL => Ok(ValueRef::Null(kind)),
            INT => Ok(ValueRef::Int(i64::from_le_bytes(self.array()?))),
            TEXT => {
                let length = self.length()?;
                let (text, rest) = self.texts.split_at_checked(length).ok_or(RowError)?;
                self.texts = rest;
                Ok(ValueRef::Text(text))
            }
            DATE => NaiveDate::from_num_days_from_ce_opt(i32::from_le_bytes(self.array()?))
                .map(ValueRef::Date)
                .ok_or(RowError),
            INSTANT => DateTime::from_timestamp_micros(i64::from_le_bytes(self.array()?))
                .map(ValueRef::Instant)
                .ok_or(RowError),
            BYTES => {
                let length = self.length()?;
                let (bytes, rest) = self.values.split_at_checked(length).ok_or(RowError)?;
                self.values = rest;
                Ok(ValueRef::Bytes(bytes))
            }
            _ => Err(RowError),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], RowError> {
        let (head, rest) = self.values.split_first_chunk().ok_or(RowError)?;
        self.values = rest;
        Ok(*head)
    }

    fn length(&mut self) -> Result<usize, RowError> {
        let mut length = 0;
        for shift in (0..32).step_by(7) {
            let (byte, rest) = self.values.split_first().ok_or(RowError)?;
            self.values = rest;
            length |= usize::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                return Ok(length);
            }
        }
        Err(RowError)
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
        row.push(ValueRef::Text("渡口"));
        let mut bytes = Vec::new();
        row.append_to(&mut bytes);
        assert_eq!(bytes.len(), row.len());
        let read = |bytes: &[u8]| RowReader::new(bytes)?.next(Kind::Text).map(|_| ());
        assert_eq!(read(&bytes), Ok(()));
        for end in 0..bytes.len() {
            let cut = bytes.get(..end).expect("within");
            assert_eq!(read(cut), Err(RowError), "cut at {end}");
        }
        *bytes.last_mut().expect("a length") = 200;
        assert_eq!(read(&bytes), Err(RowError), "a length without an end");
        bytes.extend_from_slice(&[255; 4]);
        assert_eq!(read(&bytes), Err(RowError), "a length of five pieces");
        if let Some(byte) = bytes.get_mut(4) {
            *byte = 0xff;
        }
        assert_eq!(read(&bytes), Err(RowError), "texts that are not UTF-8");
    }

    #[test]
    fn a_long_text_keeps_its_length() {
        let long = "渡".repeat(100_000);
        let mut row = Row::new();
        row.push(ValueRef::Text(&long));
        row.push(ValueRef::Text("口"));
        let values = row.values(&[Kind::Text, Kind::Text]);
        assert_eq!(values, Ok(vec![Value::Text(long), Value::from("口")]));
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
