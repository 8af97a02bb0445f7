//! Cells on their way from a workbook to its records.

use std::ops::Range;

/// One cell that has something in it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    /// From 1.
    pub(super) row: u32,
    /// From 0.
    pub(super) column: u32,
    pub(super) value: CellValue,
    /// Whether the value is the last result of a formula.
    pub(super) is_formula: bool,
}

/// What stands in a cell; texts lie in the batch.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum CellValue {
    /// A formula without a result.
    Nothing,
    Text(Range<usize>),
    Number(f64),
    /// A number in a date format, counted in days.
    Days(f64),
    /// A number in a format of elapsed time, counted in days.
    Elapsed(f64),
    Bool(bool),
    /// `#N/A` and its like.
    Error(Range<usize>),
}

/// Some whole rows of a sheet, in ascending order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Batch {
    pub(super) texts: String,
    pub(super) cells: Vec<Cell>,
}

impl Batch {
    pub(super) fn push_text(&mut self, text: &str) -> Range<usize> {
        let start = self.texts.len();
        self.texts.push_str(text);
        start..self.texts.len()
    }

    pub(super) fn text(&self, range: &Range<usize>) -> &str {
        self.texts.get(range.clone()).unwrap_or_default()
    }

    /// The cells of the row that begins at `from`, or fewer than none at the end.
    pub(super) fn row(&self, from: usize) -> &[Cell] {
        let rest = self.cells.get(from..).unwrap_or_default();
        let Some(first) = rest.first() else {
            return rest;
        };
        let count = rest.iter().take_while(|cell| cell.row == first.row).count();
        rest.get(..count).unwrap_or_default()
    }
}

/// A merged area: rows from 1, columns from 0, all four inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Area {
    pub(super) top: u32,
    pub(super) left: u32,
    pub(super) bottom: u32,
    pub(super) right: u32,
}

impl Area {
    pub(super) fn holds(&self, row: u32, column: u32) -> bool {
        (self.top..=self.bottom).contains(&row) && (self.left..=self.right).contains(&column)
    }

    /// As a workbook writes it: `A1:C2`.
    pub(super) fn shown(&self) -> String {
        format!(
            "{}{}:{}{}",
            letters(self.left),
            self.top,
            letters(self.right),
            self.bottom
        )
    }
}

/// What a sheet's rows do not say.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct SheetFacts {
    pub(super) name: String,
    pub(super) is_hidden: bool,
    /// Days are counted from 1904.
    pub(super) is_1904: bool,
    pub(super) merges: Vec<Area>,
    /// Other sheets that are hidden.
    pub(super) hidden_sheets: Vec<String>,
    /// Hidden rows, the first few.
    pub(super) hidden_rows: Vec<u32>,
    /// All hidden rows.
    pub(super) hidden_row_count: u64,
    /// Hidden columns, from 0, first and last.
    pub(super) hidden_columns: Vec<(u32, u32)>,
    /// The smallest stretch of the content that holds the sheet: first byte and bytes.
    pub(super) stretch: (u64, u64),
}

/// The letters of a column counted from 0: `A`, `Z`, `AA`.
pub(super) fn letters(column: u32) -> String {
    let mut rest = column;
    let mut letters = Vec::new();
    loop {
        letters.push(b'A' + (rest % 26) as u8);
        match (rest / 26).checked_sub(1) {
            Some(next) => rest = next,
            None => break,
        }
    }
    letters.into_iter().rev().map(char::from).collect()
}

/// A reference such as `BC12`: the row from 1, the column from 0; `None` beyond what a sheet has
/// (1,048,576 rows, 16,384 columns).
pub(super) fn reference(text: &str) -> Option<(u32, u32)> {
    let split = text.find(|char: char| char.is_ascii_digit())?;
    let (letters, digits) = text.split_at_checked(split)?;
    if !(1..=3).contains(&letters.len()) || !(1..=7).contains(&digits.len()) {
        return None;
    }
    let mut column = 0_u32;
    for byte in letters.bytes() {
        let byte = byte.to_ascii_uppercase();
        if !byte.is_ascii_uppercase() {
            return None;
        }
        column = column * 26 + u32::from(byte - b'A') + 1;
    }
    let row: u32 = digits.parse().ok()?;
    let is_inside = (1..=1_048_576).contains(&row) && column <= 16_384;
    is_inside.then(|| (row, column - 1))
}

/// An area such as `A1:C2`, or of one cell.
pub(super) fn area(text: &str) -> Option<Area> {
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    let ((top, left), (bottom, right)) = (reference(first)?, reference(last)?);
    (top <= bottom && left <= right).then_some(Area {
        top,
        left,
        bottom,
        right,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_and_written_as_sheets_do() {
        for (text, place) in [
            ("A1", (1, 0)),
            ("Z9", (9, 25)),
            ("AA10", (10, 26)),
            ("XFD1048576", (1_048_576, 16_383)),
        ] {
            assert_eq!(reference(text), Some(place));
            assert_eq!(format!("{}{}", letters(place.1), place.0), text);
        }
        for bad in [
            "", "A", "1", "A0", "XFE1", "A1048577", "ABCD1", "A-1", "陕1", "A1B",
        ] {
            assert_eq!(reference(bad), None, "{bad}");
        }
        assert_eq!(
            area("A1:C2").map(|area| area.shown()),
            Some("A1:C2".to_owned())
        );
        assert_eq!(area("B2:A1"), None);
    }
}
