//! Tables for spreadsheets: UTF-8 with a byte order mark, RFC 4180, safe to open.
//!
//! A text that a spreadsheet would run as a formula gets an apostrophe in front; numbers that the
//! report computed itself are left as they are. This is for people: files for machines are made by
//! mappings and are never altered.

use std::io::{self, Write};

use crate::id::Fen;

/// One cell.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell<'a> {
    /// Text from anywhere.
    Text(&'a str),
    /// A number.
    Int(i64),
    /// An amount, in yuan.
    Money(Fen),
    /// Nothing.
    Blank,
}

impl<'a> Cell<'a> {
    /// A number, or nothing.
    pub(super) fn int(value: Option<i64>) -> Self {
        value.map_or(Self::Blank, Self::Int)
    }

    /// An amount, or nothing.
    pub(super) fn money(value: Option<Fen>) -> Self {
        value.map_or(Self::Blank, Self::Money)
    }

    /// A text, or nothing.
    pub(super) fn text(value: Option<&'a str>) -> Self {
        value.map_or(Self::Blank, Self::Text)
    }
}

/// What begins a formula in one spreadsheet or another, in half and full width.
const FORMULA: &[char] = &['=', '+', '-', '@', '\t', '\r', '\0', '＝', '＋', '－', '＠'];

/// A table being written; every row is one line.
pub(super) struct Table<W> {
    out: W,
    lines: u64,
    neutralised: u64,
}

impl<W: Write> Table<W> {
    pub(super) fn new(mut out: W) -> io::Result<Self> {
        out.write_all("\u{feff}".as_bytes())?;
        Ok(Self {
            out,
            lines: 0,
            neutralised: 0,
        })
    }

    /// Writes a row and returns its line, from 1.
    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<u64> {
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.out.write_all(b",")?;
            }
            match cell {
                Cell::Text(text) => self.text(text)?,
                Cell::Int(number) => write!(self.out, "{number}")?,
                Cell::Money(amount) => write!(self.out, "{amount}")?,
                Cell::Blank => {}
            }
        }
        self.out.write_all(b"\r\n")?;
        self.lines += 1;
        Ok(self.lines)
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        let guard = if text.starts_with(FORMULA) { "'" } else { "" };
        self.neutralised += u64::from(!guard.is_empty());
        // A line break inside a cell would make the line numbers of the page wrong.
        let clean: String = text
            .chars()
            .map(|character| {
                if character.is_control() {
                    ' '
                } else {
                    character
                }
            })
            .collect();
        if clean.contains([',', '"']) || guard == "'" || clean.starts_with(' ') {
            return write!(self.out, "\"{guard}{}\"", clean.replace('"', "\"\""));
        }
        self.out.write_all(clean.as_bytes())
    }

    /// The writer below, how many lines were written, and how many cells got an apostrophe.
    pub(super) fn finish(self) -> (W, u64, u64) {
        (self.out, self.lines, self.neutralised)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(cells: &[Cell<'_>]) -> (String, u64) {
        let mut table = Table::new(Vec::new()).expect("memory");
        table.row(cells).expect("memory");
        let (out, lines, neutralised) = table.finish();
        assert_eq!(lines, 1);
        (String::from_utf8(out).expect("text"), neutralised)
    }

    #[test]
    fn a_cell_that_looks_like_a_formula_is_neutralised_and_counted() {
        for text in [
            "=1+1", "+1", "-1", "@SUM", "\t=1", "\r=1", "\0=1", "＝1", "＋1", "－1", "＠1",
        ] {
            let (out, neutralised) = line(&[Cell::Text(text)]);
            assert!(out.starts_with("\u{feff}\"'"), "{text:?} became {out:?}");
            assert_eq!(neutralised, 1, "{text:?}");
        }
        assert_eq!(
            line(&[Cell::Text("a=1")]),
            ("\u{feff}a=1\r\n".to_owned(), 0)
        );
    }

    #[test]
    fn numbers_of_our_own_are_left_as_they_are() {
        assert_eq!(
            line(&[Cell::Money(Fen(-1_250)), Cell::Int(-3), Cell::Blank]),
            ("\u{feff}-12.50,-3,\r\n".to_owned(), 0)
        );
    }

    #[test]
    fn quotes_commas_and_line_breaks_stay_inside_their_cell() {
        assert_eq!(
            line(&[Cell::Text("a,\"b\"\nc"), Cell::Text("渡口")]).0,
            "\u{feff}\"a,\"\"b\"\" c\",渡口\r\n"
        );
    }
}
