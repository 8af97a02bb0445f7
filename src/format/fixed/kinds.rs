//! The kinds of record of a file: which one a record is, and where its values are.

use super::codes;
use super::edges::cut_at_end;
use super::plan::{FixedPlan, Gaps, LongLines, ShortLines};
use super::select::{Column, Facts, FixedField, FixedSelect, Test};
use super::shape::{Style, WrongSign};
use crate::format::lines::{Pick, Shared, Source, shared_fields};
use crate::format::{FieldSource, Layout, RecordLayout, Refusal, Select};
use crate::record::WireRecord;
use crate::text::Encoding;

/// All kinds of a file; indexes are those of the layout.
pub(super) struct Kinds {
    all: Vec<Kind>,
    /// The kind without conditions.
    main: Option<usize>,
    encoding: Encoding,
    between: Option<u8>,
    gaps: Gaps,
    short_lines: ShortLines,
    long_lines: LongLines,
    /// A short line with the blanks that its peer took off.
    padded: Vec<u8>,
    scratch: Vec<u8>,
}

/// One kind of record.
struct Kind {
    name: String,
    tests: Vec<Test>,
    length: usize,
    /// Everything from the first byte to the last, in order.
    stretches: Vec<Stretch>,
    views: Vec<View>,
    picks: Vec<Pick>,
    /// Which views other kinds want: view, index among the shared values.
    keeps: Vec<(usize, usize)>,
    slots: usize,
}

/// A column, or the bytes between two.
struct Stretch {
    start: usize,
    end: usize,
    /// The column's name.
    column: Option<String>,
}

/// A column as a field wants it.
struct View {
    start: usize,
    end: usize,
    name: String,
    style: Style,
}

impl Kinds {
    pub(super) fn new(plan: &FixedPlan, layout: &Layout) -> Self {
        let slots = layout.records.iter().flat_map(|record| &record.slots);
        let fields = slots.flat_map(|sources| fixed_fields(sources));
        let shared = shared_fields(fields, |field| field.kind.is_some());
        let build = |(index, record): (usize, &RecordLayout)| {
            let select = fixed_select(record);
            let mut views = Views {
                plan,
                select,
                all: Vec::new(),
            };
            let picks = picks(record, &shared, &mut views);
            let keeps = (shared.iter().enumerate())
                .filter(|(_, field)| field.kind == Some(index))
                .filter_map(|(at, field)| Some((views.of(field)?, at)))
                .collect();
            Kind {
                name: record.name.clone(),
                tests: (select.conditions.iter())
                    .map(|condition| Test::new(condition, plan.encoding))
                    .collect(),
                length: select.length,
                stretches: stretches(select),
                views: views.all,
                picks,
                keeps,
                slots: record.slots.len(),
            }
        };
        Self {
            all: layout.records.iter().enumerate().map(build).collect(),
            main: main_kind(layout),
            encoding: plan.encoding,
            between: plan.between,
            gaps: plan.gaps,
            short_lines: plan.short_lines,
            long_lines: plan.long_lines,
            padded: Vec::new(),
            scratch: Vec::new(),
        }
    }

    pub(super) fn slots(&self, kind: usize) -> usize {
        self.all.get(kind).map_or(0, |kind| kind.slots)
    }

    /// Whether any kind is told by being the last record.
    pub(super) fn has_last(&self) -> bool {
        let is_last = |test: &Test| matches!(test, Test::Last);
        (self.all.iter()).any(|kind| kind.tests.iter().any(is_last))
    }

    /// The first kind whose conditions all hold, else the kind without any.
    pub(super) fn of(&self, first: bool, last: bool, line: &[u8]) -> Option<usize> {
        let facts = Facts {
            first,
            last,
            line,
            is_padded: self.short_lines == ShortLines::Pad,
        };
        let matches = |kind: &Kind| {
            !kind.tests.is_empty() && kind.tests.iter().all(|test| test.holds(&facts))
        };
        self.all.iter().position(matches).or(self.main)
    }

    /// Drops what the last record of a kind left for others.
    pub(super) fn forget(&self, kind: usize, shared: &mut Shared) {
        for (_, index) in self.all.get(kind).map_or(&[][..], |kind| &kind.keeps) {
            shared.set(*index, None);
        }
    }

    /// Fills `record`, which has been started, with a record of this kind that begins at `offset`
    /// of the content. A refused one leaves nothing behind for the records after it.
    pub(super) fn fill(
        &mut self,
        kind: usize,
        line: &[u8],
        offset: u64,
        shared: &mut Shared,
        record: &mut WireRecord,
    ) -> Result<(), Refusal> {
        self.forget(kind, shared);
        let mut padded = std::mem::take(&mut self.padded);
        let mut scratch = std::mem::take(&mut self.scratch);
        let filled = self.all.get(kind).map_or(Ok(()), |kind| {
            let line = self.sized(kind, line, &mut padded)?;
            self.check_stretches(kind, line, offset)?;
            kind.fill(line, offset, shared, &mut scratch, record)
        });
        self.padded = padded;
        self.scratch = scratch;
        if filled.is_err() {
            self.forget(kind, shared);
        }
        filled
    }

    /// The line with exactly its kind's bytes, if it may have others.
    fn sized<'a>(
        &self,
        kind: &Kind,
        line: &'a [u8],
        padded: &'a mut Vec<u8>,
    ) -> Result<&'a [u8], Refusal> {
        let found = line.len();
        let refuse = |more: &str| {
            let (expected, name) = (kind.length, &kind.name);
            Err(Refusal {
                code: codes::RECORD_LENGTH,
                field: None,
                detail: format!(
                    "number of bytes: found {found}, expected {expected} for `{name}`{more}"
                ),
            })
        };
        if found == kind.length {
            return Ok(line);
        }
        if found < kind.length {
            if self.short_lines == ShortLines::Refuse {
                return refuse("");
            }
            padded.clear();
            padded.extend_from_slice(line);
            padded.resize(kind.length, b' ');
            return Ok(padded);
        }
        let (body, beyond) = line.split_at(kind.length);
        match self.long_lines {
            LongLines::Refuse => refuse(""),
            LongLines::Blank if beyond.iter().all(|byte| *byte == b' ') => Ok(body),
            LongLines::Blank => refuse(", with other bytes than blanks beyond"),
        }
    }

    /// Whether no edge cuts a character, and whether the gaps are as they must be.
    fn check_stretches(&self, kind: &Kind, line: &[u8], offset: u64) -> Result<(), Refusal> {
        let is_ascii = line.is_ascii();
        let is_lax = self.between.is_none() && self.gaps == Gaps::Ignore;
        if is_ascii && is_lax {
            return Ok(());
        }
        for (at, stretch) in kind.stretches.iter().enumerate() {
            let bytes = line.get(stretch.start..stretch.end).unwrap_or_default();
            if !is_ascii && let Some(cut) = cut_at_end(bytes, self.encoding) {
                return Err(kind.cut(stretch, stretch.start + cut, offset));
            }
            if stretch.column.is_none() && !is_lax {
                let is_before_column = at > 0 && at + 1 < kind.stretches.len();
                let between = self.between.filter(|_| is_before_column);
                kind.check_gap(stretch.start, bytes, between, self.gaps)?;
            }
        }
        Ok(())
    }
}

impl Kind {
    fn cut(&self, stretch: &Stretch, cut: usize, offset: u64) -> Refusal {
        let what = match &stretch.column {
            Some(name) => format!("`{name}`"),
            None => "the gap".to_owned(),
        };
        Refusal {
            code: codes::CUT_CHARACTER,
            field: (stretch.column.as_ref()).map(|name| format!("{}.{name}", self.name)),
            detail: format!(
                "the character at byte {} of the record (offset {}) is cut by the end of {what} \
                 at byte {}",
                cut + 1,
                offset + cut as u64,
                stretch.end
            ),
        }
    }

    fn check_gap(
        &self,
        start: usize,
        bytes: &[u8],
        between: Option<u8>,
        gaps: Gaps,
    ) -> Result<(), Refusal> {
        let last = bytes.len().saturating_sub(1);
        let wrong = bytes.iter().enumerate().find_map(|(at, found)| {
            let expected = match between.filter(|_| at == last) {
                Some(byte) => byte,
                None if gaps == Gaps::Blank => b' ',
                None => *found,
            };
            (*found != expected).then_some((at, *found, expected))
        });
        let Some((at, found, expected)) = wrong else {
            return Ok(());
        };
        Err(Refusal {
            code: codes::GAP_BYTE,
            field: None,
            detail: format!(
                "byte {} between the fields is {found:02X}, expected `{}`",
                start + at + 1,
                char::from(expected)
            ),
        })
    }

    fn fill(
        &self,
        line: &[u8],
        offset: u64,
        shared: &mut Shared,
        scratch: &mut Vec<u8>,
        record: &mut WireRecord,
    ) -> Result<(), Refusal> {
        for (view, index) in &self.keeps {
            if let Some(view) = self.views.get(*view) {
                shared.set(*index, Some(self.value(view, line, offset, scratch)?));
            }
        }
        for pick in &self.picks {
            for source in &pick.sources {
                let value = match source {
                    Source::Own(view) => match self.views.get(*view) {
                        Some(view) => Some(self.value(view, line, offset, scratch)?),
                        None => None,
                    },
                    Source::Shared(index) => shared.get(*index),
                };
                if let Some(value) = value {
                    record.set(pick.slot, value);
                    break;
                }
            }
        }
        Ok(())
    }

    fn value<'a>(
        &self,
        view: &View,
        line: &'a [u8],
        offset: u64,
        scratch: &'a mut Vec<u8>,
    ) -> Result<&'a [u8], Refusal> {
        let field = line.get(view.start..view.end).unwrap_or_default();
        view.style.read(field, scratch).map_err(|WrongSign| Refusal {
            code: codes::SIGN_FORM,
            field: Some(format!("{}.{}", self.name, view.name)),
            detail: format!(
                "the number at byte {} of the record (offset {}) has no sign of its column's form",
                view.start + 1,
                offset + view.start as u64
            ),
        })
    }
}

/// The views that the fields of one kind want.
struct Views<'v> {
    plan: &'v FixedPlan,
    select: &'v FixedSelect,
    all: Vec<View>,
}

impl Views<'_> {
    fn of(&mut self, field: &FixedField) -> Option<usize> {
        let column = self.select.columns.get(field.column)?;
        let style = style_of(self.plan, column, field.is_number);
        let is_it = |view: &View| view.name == column.name && view.style == style;
        if let Some(known) = self.all.iter().position(is_it) {
            return Some(known);
        }
        self.all.push(View {
            start: column.start,
            end: column.end(),
            name: column.name.clone(),
            style,
        });
        Some(self.all.len() - 1)
    }
}

/// How a field of a type stands in a column.
pub(super) fn style_of(plan: &FixedPlan, column: &Column, is_number: bool) -> Style {
    let by_type = if is_number { "number" } else { "text" };
    (column.style.clone())
        .or_else(|| plan.styles.get(by_type).cloned())
        .unwrap_or_else(Style::text)
}

/// Every column and every gap of a kind, from its first byte to its last.
fn stretches(select: &FixedSelect) -> Vec<Stretch> {
    let mut all = Vec::new();
    let mut at = 0;
    for column in &select.columns {
        if column.start > at {
            all.push(Stretch {
                start: at,
                end: column.start,
                column: None,
            });
        }
        all.push(Stretch {
            start: column.start,
            end: column.end(),
            column: Some(column.name.clone()),
        });
        at = column.end();
    }
    if select.length > at {
        all.push(Stretch {
            start: at,
            end: select.length,
            column: None,
        });
    }
    all
}

/// The index of the kind without conditions.
pub(super) fn main_kind(layout: &Layout) -> Option<usize> {
    (layout.records.iter()).position(|record| fixed_select(record).conditions.is_empty())
}

/// The fixed part of a record's layout.
pub(super) fn fixed_select(record: &RecordLayout) -> &FixedSelect {
    static NOTHING: FixedSelect = FixedSelect::nothing();
    match &record.select {
        Select::Fixed(select) => select,
        // A mapping has one format; checking it makes all its parts of that kind.
        _ => &NOTHING,
    }
}

/// The fixed sources of a slot.
pub(super) fn fixed_fields(sources: &[FieldSource]) -> impl Iterator<Item = &FixedField> {
    sources.iter().filter_map(|source| match source {
        FieldSource::Fixed(field) => Some(field),
        _ => None,
    })
}

fn picks(record: &RecordLayout, shared: &[FixedField], views: &mut Views<'_>) -> Vec<Pick> {
    let mut source = |field: &FixedField| match field.kind {
        None => views.of(field).map(Source::Own),
        Some(_) => (shared.iter().position(|other| other == field)).map(Source::Shared),
    };
    (record.slots.iter().enumerate())
        .map(|(slot, sources)| Pick {
            slot,
            sources: fixed_fields(sources).filter_map(&mut source).collect(),
        })
        .collect()
}
