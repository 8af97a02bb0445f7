//! Splits a line into fields: at once when it has no quote, else character by character.
//!
//! Called by the reader with lines that are safe to split (see `CsvPlan::splits_raw`). The one
//! invariant: every field of a record that is not refused is exactly what the writer was given.

use std::ops::Range;

use memchr::memmem::Finder;

use super::fault::Fault;
use super::plan::{CsvPlan, Trim};
use crate::format::Limits;

/// The fields of one record.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) spans: &'a [Range<usize>],
    /// Whether the line ends with a separator: its last field is empty and not quoted.
    pub(super) open_ended: bool,
}

impl<'a> Fields<'a> {
    pub(super) const NONE: Self = Self {
        bytes: &[],
        spans: &[],
        open_ended: false,
    };

    pub(super) fn get(&self, column: usize) -> Option<&'a [u8]> {
        self.bytes.get(self.spans.get(column)?.clone())
    }
}

/// A separator, ready to be searched for.
enum Separator {
    Byte(u8),
    Long(Box<Finder<'static>>),
}

impl Separator {
    fn new(bytes: &[u8]) -> Self {
        match bytes {
            [byte] => Self::Byte(*byte),
            _ => Self::Long(Box::new(Finder::new(bytes).into_owned())),
        }
    }

    fn find(&self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Byte(byte) => memchr::memchr(*byte, bytes),
            Self::Long(finder) => finder.find(bytes),
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Byte(byte) => std::slice::from_ref(byte),
            Self::Long(finder) => finder.needle(),
        }
    }
}

/// Where the careful way stands between two bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    FieldStart,
    Unquoted,
    Quoted,
    AfterQuote,
}

/// Splits records one after the other, without allocating for each.
pub(super) struct Splitter {
    separator: Separator,
    quote: Option<u8>,
    trim: bool,
    field_bytes: usize,
    columns: usize,
    spans: Vec<Range<usize>>,
    open_ended: bool,
    /// The fields' contents without their quotes; only the careful way needs it.
    text: Vec<u8>,
    at: At,
    field_start: usize,
    fault: Option<Fault>,
}

impl Splitter {
    /// `separator` in the encoding of the lines that will be split.
    pub(super) fn new(plan: &CsvPlan, separator: &[u8], limits: &Limits) -> Self {
        Self {
            separator: Separator::new(separator),
            quote: plan.quote,
            trim: plan.trim == Trim::Spaces,
            field_bytes: limits.field_bytes,
            columns: limits.columns,
            spans: Vec::new(),
            open_ended: false,
            text: Vec::new(),
            at: At::FieldStart,
            field_start: 0,
            fault: None,
        }
    }

    /// Whether a line has nothing but separators and text.
    pub(super) fn is_plain(&self, line: &[u8]) -> bool {
        // Without a quote character, CR is searched for twice, which costs nothing.
        memchr::memchr3(self.quote.unwrap_or(b'\r'), b'\r', 0, line).is_none()
    }

    /// The fields found last by [`Self::plain`].
    pub(super) fn of<'a>(&'a self, line: &'a [u8]) -> Fields<'a> {
        Fields {
            bytes: line,
            spans: &self.spans,
            open_ended: self.open_ended,
        }
    }

    /// The fields found last by the careful way.
    pub(super) fn unquoted(&self) -> Fields<'_> {
        self.of(&self.text)
    }

    /// Splits a plain line at its separators.
    pub(super) fn plain(&mut self, line: &[u8]) -> Result<(), Fault> {
        self.spans.clear();
        let mut from = 0;
        match &self.separator {
            Separator::Byte(byte) => {
                for at in memchr::memchr_iter(*byte, line).take(self.columns) {
                    self.spans.push(from..at);
                    from = at + 1;
                }
            }
            Separator::Long(finder) => {
                for at in finder.find_iter(line).take(self.columns) {
                    self.spans.push(from..at);
                    from = at + finder.needle().len();
                }
            }
        }
        self.spans.push(from..line.len());
        if self.spans.len() > self.columns {
            return Err(Fault::TooManyColumns);
        }
        if self.trim {
            for span in &mut self.spans {
                *span = trimmed(line, span.clone());
            }
        }
        self.open_ended = self.spans.len() > 1 && self.spans.last().is_some_and(Range::is_empty);
        if line.len() > self.field_bytes {
            return self.lengths();
        }
        Ok(())
    }

    /// What the fields of a refused line probably are.
    pub(super) fn guess<'a>(&'a mut self, line: &'a [u8]) -> Fields<'a> {
        // Whatever is wrong with the line has been said already.
        let _ = self.plain(line);
        for span in &mut self.spans {
            let field = line.get(span.clone()).unwrap_or_default();
            if field.len() > 1
                && field.first() == self.quote.as_ref()
                && field.last() == field.first()
            {
                *span = span.start + 1..span.end - 1;
            }
        }
        self.of(line)
    }

    fn lengths(&self) -> Result<(), Fault> {
        let limit = self.field_bytes;
        match self.spans.iter().position(|span| span.len() > limit) {
            Some(at) => Err(Fault::FieldTooLong {
                field: at + 1,
                limit,
            }),
            None => Ok(()),
        }
    }

    /// Begins a record the careful way.
    pub(super) fn start(&mut self) {
        self.spans.clear();
        self.text.clear();
        self.at = At::FieldStart;
        self.field_start = 0;
        self.fault = None;
    }

    /// Whether the record goes on after the line's end.
    pub(super) fn is_in_quotes(&self) -> bool {
        self.at == At::Quoted
    }

    /// Which field is being read, from 1.
    pub(super) fn field(&self) -> usize {
        self.spans.len() + 1
    }

    /// Takes one line without its line end, or, inside quotes, the line end. An error means that
    /// the rest of this line is lost.
    pub(super) fn feed(&mut self, mut rest: &[u8]) -> Result<(), Fault> {
        loop {
            rest = match self.at {
                At::FieldStart => self.open_field(rest),
                At::Unquoted => match self.unquoted_part(rest)? {
                    Some(rest) => rest,
                    None => return Ok(()),
                },
                At::Quoted => match self.quoted_part(rest) {
                    Some(rest) => rest,
                    None => return Ok(()),
                },
                At::AfterQuote => match self.after_quote(rest)? {
                    Some(rest) => rest,
                    None => return Ok(()),
                },
            };
        }
    }

    fn open_field<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let rest = if self.trim {
            without_leading_spaces(rest)
        } else {
            rest
        };
        match rest.split_first() {
            Some((first, after)) if Some(*first) == self.quote => {
                self.at = At::Quoted;
                after
            }
            _ => {
                self.at = At::Unquoted;
                rest
            }
        }
    }

    /// Up to the separator, or to the line's end.
    fn unquoted_part<'a>(&mut self, rest: &'a [u8]) -> Result<Option<&'a [u8]>, Fault> {
        let end = self.separator.find(rest);
        let (part, after) = rest.split_at(end.unwrap_or(rest.len()));
        let field = self.field();
        if self
            .quote
            .is_some_and(|quote| memchr::memchr(quote, part).is_some())
        {
            return Err(Fault::StrayQuote { field });
        }
        if let Some(at) = memchr::memchr2(b'\r', 0, part) {
            return Err(match part.get(at) {
                Some(0) => Fault::NulByte { field },
                _ => Fault::BareCr { field },
            });
        }
        let kept = if self.trim {
            trimmed(part, 0..part.len())
        } else {
            0..part.len()
        };
        self.text
            .extend_from_slice(part.get(kept).unwrap_or_default());
        if end.is_none() {
            return Ok(None);
        }
        self.end_field()?;
        Ok(after.get(self.separator.bytes().len()..))
    }

    /// Up to the closing quote, or to the end of what is there.
    fn quoted_part<'a>(&mut self, rest: &'a [u8]) -> Option<&'a [u8]> {
        let quote = self.quote?;
        let end = memchr::memchr(quote, rest);
        let (part, after) = rest.split_at(end.unwrap_or(rest.len()));
        if memchr::memchr(0, part).is_some() {
            let field = self.field();
            self.fault.get_or_insert(Fault::NulByte { field });
        }
        self.text.extend_from_slice(part);
        let after = after.split_first()?.1;
        match after.split_first() {
            Some((second, after)) if *second == quote => {
                self.text.push(quote);
                Some(after)
            }
            _ => {
                self.at = At::AfterQuote;
                Some(after)
            }
        }
    }

    fn after_quote<'a>(&mut self, rest: &'a [u8]) -> Result<Option<&'a [u8]>, Fault> {
        let rest = if self.trim {
            without_leading_spaces(rest)
        } else {
            rest
        };
        if rest.is_empty() {
            return Ok(None);
        }
        let Some(after) = rest.strip_prefix(self.separator.bytes()) else {
            return Err(Fault::TextAfterQuote {
                field: self.field(),
            });
        };
        self.end_field()?;
        Ok(Some(after))
    }

    fn end_field(&mut self) -> Result<(), Fault> {
        let span = self.field_start..self.text.len();
        if span.len() > self.field_bytes {
            let (field, limit) = (self.field(), self.field_bytes);
            self.fault
                .get_or_insert(Fault::FieldTooLong { field, limit });
        }
        if self.spans.len() == self.columns {
            return Err(Fault::TooManyColumns);
        }
        self.spans.push(span);
        self.field_start = self.text.len();
        self.at = At::FieldStart;
        Ok(())
    }

    /// Ends the record at the end of a line. An error leaves the next line untouched.
    pub(super) fn finish(&mut self) -> Result<(), Fault> {
        let quoted = self.at == At::AfterQuote;
        self.end_field()?;
        self.open_ended =
            !quoted && self.spans.len() > 1 && self.spans.last().is_some_and(Range::is_empty);
        self.fault.take().map_or(Ok(()), Err)
    }
}

fn trimmed(line: &[u8], span: Range<usize>) -> Range<usize> {
    let field = line.get(span.clone()).unwrap_or_default();
    let Some(first) = field.iter().position(|byte| *byte != b' ') else {
        return span.start..span.start;
    };
    let last = field
        .iter()
        .rposition(|byte| *byte != b' ')
        .unwrap_or(first);
    span.start + first..span.start + last + 1
}

fn without_leading_spaces(rest: &[u8]) -> &[u8] {
    let first = rest.iter().position(|byte| *byte != b' ');
    rest.get(first.unwrap_or(rest.len())..).unwrap_or_default()
}
