//! Tables for spreadsheets: UTF-8 with a byte order mark, RFC 4180, safe to open.

use std::io::{self, Write};

use super::cell::{Cell, harmless};

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
                Cell::Int(number) | Cell::No(number) => write!(self.out, "{number}")?,
                Cell::Line(line) => write!(self.out, "{line}")?,
                Cell::Money(amount) => write!(self.out, "{amount}")?,
                Cell::Date(day) => write!(self.out, "{day}")?,
                Cell::Moment(moment) => {
                    write!(self.out, "{}", moment.format("%Y-%m-%d %H:%M:%S"))?;
                }
                Cell::Blank => {}
            }
        }
        self.out.write_all(b"\r\n")?;
        self.lines += 1;
        Ok(self.lines)
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        let (clean, is_neutralised) = harmless(text);
        self.neutralised += u64::from(is_neutralised);
        if clean.contains([',', '"']) || is_neutralised || clean.starts_with(' ') {
            return write!(self.out, "\"{}\"", clean.replace('"', "\"\""));
        }
        self.out.write_all(clean.as_bytes())
    }

    /// The writer below, and how many cells got an apostrophe.
    pub(super) fn finish(self) -> (W, u64) {
        (self.out, self.neutralised)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Fen;
    use chrono::NaiveDate;

    fn line(cells: &[Cell<'_>]) -> (String, u64) {
        let mut table = Table::new(Vec::new()).expect("memory");
        assert_eq!(table.row(cells).expect("memory"), 1);
        let (out, neutralised) = table.finish();
        (String::from_utf8(out).expect("text"), neutralised)
    }

    #[test]
    fn a_cell_that_looks_like_a_formula_is_neutralised_and_counted() {
        for text in ["=1+1", "+1", "-1", "@SUM", "\t=1", "＝1"] {
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
    fn numbers_and_days_of_our_own_are_left_as_they_are() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 9).expect("a day");
        let moment = day.and_hms_opt(8, 5, 0).expect("a moment");
        let cells = [
            Cell::Money(Fen(-1_250)),
            Cell::Int(-3),
            Cell::Blank,
            Cell::Date(day),
            Cell::Moment(moment),
            Cell::Line(7),
        ];
        assert_eq!(
            line(&cells),
            (
                "\u{feff}-12.50,-3,,2026-03-09,2026-03-09 08:05:00,7\r\n".to_owned(),
                0
            )
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
