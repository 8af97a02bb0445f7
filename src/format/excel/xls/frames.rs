//! Frames between the helper and the hub: a kind, a length, so many bytes. Numbers little-endian.
//!
//! The hub believes nothing of what it reads: every length has a bound, every offset is checked.

use std::io::{self, Read, Write};
use std::ops::Range;

use crate::format::excel::cell::{Batch, Cell, CellValue};

/// Bytes of one frame at most.
pub(super) const MOST_BYTES: usize = 8 << 20;

/// One frame.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Frame {
    /// What the sheet's rows do not say, as JSON; the first frame.
    Facts(Vec<u8>),
    Rows(Batch),
    /// All rows were sent.
    End,
    /// The workbook is refused: a code's id, a line end, and why.
    Refused(String),
}

impl Frame {
    pub(super) fn write(&self, output: &mut impl Write) -> io::Result<()> {
        let (kind, bytes) = match self {
            Self::Facts(json) => (b'F', json.clone()),
            Self::Rows(batch) => (b'R', encode(batch)),
            Self::End => (b'E', Vec::new()),
            Self::Refused(why) => (b'X', why.clone().into_bytes()),
        };
        output.write_all(&[kind])?;
        output.write_all(&(bytes.len() as u32).to_le_bytes())?;
        output.write_all(&bytes)
    }

    pub(super) fn read(input: &mut impl Read) -> io::Result<Self> {
        let mut head = [0; 5];
        input.read_exact(&mut head)?;
        let [kind, length @ ..] = head;
        let length = u32::from_le_bytes(length) as usize;
        if length > MOST_BYTES {
            return Err(broken("a frame is too long"));
        }
        let mut bytes = vec![0; length];
        input.read_exact(&mut bytes)?;
        match kind {
            b'F' => Ok(Self::Facts(bytes)),
            b'R' => decode(&bytes)
                .map(Self::Rows)
                .ok_or_else(|| broken("rows are damaged")),
            b'E' => Ok(Self::End),
            b'X' => String::from_utf8(bytes)
                .map(Self::Refused)
                .map_err(|_error| broken("a reason is damaged")),
            _ => Err(broken("a frame is of no kind")),
        }
    }
}

fn broken(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

fn encode(batch: &Batch) -> Vec<u8> {
    let mut out = Vec::with_capacity(batch.texts.len() + batch.cells.len() * 18 + 4);
    out.extend_from_slice(&(batch.texts.len() as u32).to_le_bytes());
    out.extend_from_slice(batch.texts.as_bytes());
    for cell in &batch.cells {
        out.extend_from_slice(&cell.row.to_le_bytes());
        out.extend_from_slice(&cell.column.to_le_bytes());
        out.push(u8::from(cell.is_formula));
        let mut number = |kind: u8, value: f64| {
            out.push(kind);
            out.extend_from_slice(&value.to_le_bytes());
        };
        match &cell.value {
            CellValue::Nothing => number(0, 0.0),
            CellValue::Number(value) => number(1, *value),
            CellValue::Days(value) => number(2, *value),
            CellValue::Elapsed(value) => number(3, *value),
            CellValue::Bool(value) => number(4, f64::from(u8::from(*value))),
            CellValue::Text(range) => span(&mut out, 5, range),
            CellValue::Error(range) => span(&mut out, 6, range),
        }
    }
    out
}

fn span(out: &mut Vec<u8>, kind: u8, range: &Range<usize>) {
    out.push(kind);
    out.extend_from_slice(&(range.start as u32).to_le_bytes());
    out.extend_from_slice(&(range.end as u32).to_le_bytes());
}

fn decode(bytes: &[u8]) -> Option<Batch> {
    let mut rest = bytes;
    let length = u32::from_le_bytes(take(&mut rest)?) as usize;
    let (texts, after) = rest.split_at_checked(length)?;
    let mut batch = Batch {
        texts: String::from_utf8(texts.to_vec()).ok()?,
        cells: Vec::with_capacity(after.len() / 18),
    };
    rest = after;
    while !rest.is_empty() {
        let cell = cell(&mut rest, &batch.texts)?;
        let is_next = (batch.cells.last())
            .is_none_or(|last| (last.row, last.column) < (cell.row, cell.column));
        if !is_next {
            return None;
        }
        batch.cells.push(cell);
    }
    Some(batch)
}

fn cell(rest: &mut &[u8], texts: &str) -> Option<Cell> {
    let row = u32::from_le_bytes(take(rest)?);
    let column = u32::from_le_bytes(take(rest)?);
    let [is_formula, kind] = take(rest)?;
    let value: [u8; 8] = take(rest)?;
    let number = f64::from_le_bytes(value);
    let (start, end) = value.split_at(4);
    let offset = |bytes: &[u8]| Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize);
    let range = offset(start)?..offset(end)?;
    let value = match kind {
        0 => CellValue::Nothing,
        1 => CellValue::Number(number),
        2 => CellValue::Days(number),
        3 => CellValue::Elapsed(number),
        4 => CellValue::Bool(number != 0.0),
        5 => CellValue::Text(texts.get(range.clone()).map(|_| range)?),
        6 => CellValue::Error(texts.get(range.clone()).map(|_| range)?),
        _ => return None,
    };
    Some(Cell {
        row,
        column,
        value,
        is_formula: is_formula != 0,
    })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames() -> Vec<Frame> {
        let mut batch = Batch::default();
        let text = batch.push_text("车架号");
        let error = batch.push_text("#N/A");
        let values = [
            CellValue::Text(text),
            CellValue::Nothing,
            CellValue::Number(-1.5),
            CellValue::Days(45_292.0),
            CellValue::Elapsed(0.25),
            CellValue::Bool(true),
            CellValue::Error(error),
        ];
        for (column, value) in values.into_iter().enumerate() {
            batch.cells.push(Cell {
                row: 3,
                column: column as u32,
                value,
                is_formula: column == 1,
            });
        }
        vec![
            Frame::Facts(b"{}".to_vec()),
            Frame::Rows(batch),
            Frame::Refused("excel-sheet\nnone".to_owned()),
            Frame::End,
        ]
    }

    #[test]
    fn frames_are_read_as_they_were_written() {
        let mut wire = Vec::new();
        for frame in frames() {
            frame.write(&mut wire).expect("memory");
        }
        let mut input = wire.as_slice();
        for frame in frames() {
            assert_eq!(Frame::read(&mut input).expect("a frame"), frame);
        }
        assert!(input.is_empty());
    }

    #[test]
    fn a_damaged_frame_is_an_error_and_never_a_panic() {
        for frame in frames() {
            let mut wire = Vec::new();
            frame.write(&mut wire).expect("memory");
            for at in 0..wire.len() {
                let cut = wire.get(..at).expect("within");
                assert!(Frame::read(&mut &cut[..]).is_err());
                let mut damaged = wire.clone();
                if let Some(byte) = damaged.get_mut(at) {
                    *byte ^= 0xff;
                }
                // Whatever it is then, it is bounded and ends.
                drop(Frame::read(&mut damaged.as_slice()));
            }
        }
        let error = Frame::read(&mut &[b'R', 255, 255, 255, 255][..]).expect_err("4 GiB");
        assert_eq!(error.to_string(), "a frame is too long");
    }
}
