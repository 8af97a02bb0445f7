//! What stands in one cell of a table, whichever form the table is written in.
//!
//! A text that a spreadsheet would run as a formula gets an apostrophe in front; numbers that the
//! report computed itself are left as they are. This is for people: files for machines are made by
//! mappings and are never altered.

use std::borrow::Cow;

use chrono::{NaiveDate, NaiveDateTime};

use crate::id::Fen;

/// One cell.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell<'a> {
    /// Text from anywhere; numbers of cards, messages and rows are text.
    Text(&'a str),
    /// How many.
    Int(i64),
    /// A number of the hub's own that names something: a file, a record, a byte.
    No(i64),
    /// A line of the details; where it can be, it leads there.
    Line(u64),
    /// An amount, in yuan.
    Money(Fen),
    /// A day.
    Date(NaiveDate),
    /// A local moment, to the second.
    Moment(NaiveDateTime),
    /// Nothing.
    Blank,
}

impl<'a> Cell<'a> {
    /// A count, or nothing.
    pub(super) fn int(value: Option<i64>) -> Self {
        value.map_or(Self::Blank, Self::Int)
    }

    /// A number that names something, or nothing.
    pub(super) fn no(value: Option<i64>) -> Self {
        value.map_or(Self::Blank, Self::No)
    }

    /// A line of the details, or nothing.
    pub(super) fn line(value: Option<u64>) -> Self {
        value.map_or(Self::Blank, Self::Line)
    }

    /// An amount, or nothing.
    pub(super) fn money(value: Option<Fen>) -> Self {
        value.map_or(Self::Blank, Self::Money)
    }

    /// A text, or nothing.
    pub(super) fn text(value: Option<&'a str>) -> Self {
        value.map_or(Self::Blank, Self::Text)
    }

    /// A day as `2026-03-09`, the text itself if it is none, or nothing.
    pub(super) fn day(value: Option<&'a str>) -> Self {
        match value {
            None => Self::Blank,
            Some(text) => text.parse().map_or(Self::Text(text), Self::Date),
        }
    }
}

/// What begins a formula in one spreadsheet or another, in half and full width.
const FORMULA: &[char] = &['=', '+', '-', '@', '\t', '\r', '\0', '＝', '＋', '－', '＠'];

/// A text as it may stand in a cell, and whether it had to be neutralised. It is one line: a break
/// inside a cell would make the line numbers of the page wrong. Characters that XML cannot carry
/// become spaces.
pub(super) fn harmless(text: &str) -> (Cow<'_, str>, bool) {
    let is_formula = text.starts_with(FORMULA);
    let is_bad = |one: char| one.is_control() || matches!(one, '\u{fffe}' | '\u{ffff}');
    if !is_formula && !text.contains(is_bad) {
        return (Cow::Borrowed(text), false);
    }
    let guard = if is_formula { "'" } else { "" };
    let clean = text.chars().map(|one| if is_bad(one) { ' ' } else { one });
    (Cow::Owned(guard.chars().chain(clean).collect()), is_formula)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_looks_like_a_formula_is_neutralised() {
        for text in [
            "=1+1", "+1", "-1", "@SUM", "\t=1", "\r=1", "\0=1", "＝1", "＋1", "－1", "＠1",
        ] {
            let (clean, is_neutralised) = harmless(text);
            assert!(clean.starts_with('\''), "{text:?} became {clean:?}");
            assert!(is_neutralised, "{text:?}");
        }
        assert_eq!(harmless("a=1"), ("a=1".into(), false));
    }

    #[test]
    fn what_a_cell_cannot_carry_becomes_a_space() {
        assert_eq!(harmless("a\nb\u{fffe}c\u{1}"), ("a b c ".into(), false));
    }

    #[test]
    fn a_day_that_is_none_stays_as_it_was_written() {
        assert!(matches!(Cell::day(Some("2026-03-09")), Cell::Date(_)));
        assert!(matches!(Cell::day(Some("soon")), Cell::Text("soon")));
        assert!(matches!(Cell::day(None), Cell::Blank));
    }
}
