//! Writes records as text of fixed width.
//!
//! The one invariant: what is written reads back as the same records of the same kinds, to the
//! byte of its declared places; what would not is an error, and nothing is ever cut to fit.

use std::io::Write;

use super::codes;
use super::kinds::{fixed_fields, fixed_select, main_kind, style_of};
use super::plan::{FixedPlan, ShortLines};
use super::select::{Condition, Facts, FixedSelect, Test};
use super::shape::Style;
use crate::format::lines::Structure;
use crate::format::{Batch, Layout, RecordLayout, WriteError};

/// Writes records as text of fixed width. Fields of other kinds (`kind.column`) are not written:
/// they are in that kind's own record.
pub struct FixedWriter<W: Write> {
    plan: FixedPlan,
    kinds: Vec<KindOut>,
    main: Option<usize>,
    structure: Structure,
    line: Vec<u8>,
    records: u64,
    /// The kind of the last record.
    last: Option<usize>,
    batch: Batch<W>,
}

/// One kind of record as it is written.
struct KindOut {
    name: String,
    /// A record without a value: blanks, the bytes between columns, what its `match` says.
    template: Vec<u8>,
    columns: Vec<ColumnOut>,
    tests: Vec<Test>,
}

struct ColumnOut {
    name: String,
    start: usize,
    end: usize,
    /// The slots whose first source it is, and how each stands in it; they must agree.
    slots: Vec<(usize, Style)>,
    /// Whether the kind's `match` says what it is where no slot does.
    is_given: bool,
}

impl<W: Write> FixedWriter<W> {
    pub(in crate::format) fn new(plan: &FixedPlan, layout: &Layout, output: W) -> Self {
        let kind = |record: &RecordLayout| KindOut::new(plan, record);
        Self {
            plan: plan.clone(),
            kinds: layout.records.iter().map(kind).collect(),
            main: main_kind(layout),
            structure: Structure::new(layout),
            line: Vec::new(),
            records: 0,
            last: None,
            batch: Batch::new(output),
        }
    }

    pub(in crate::format) fn record(
        &mut self,
        kind: usize,
        fields: &[Option<&str>],
    ) -> Result<(), WriteError> {
        let Some(layout) = self.kinds.get(kind) else {
            return Ok(());
        };
        if let Some(last) = self.last.filter(|last| self.is_last_kind(*last)) {
            let detail = format!(
                "`{}` is the last record, nothing follows it",
                self.name(last)
            );
            return Err(WriteError::unwritable(
                codes::UNWRITABLE_RECORD,
                &layout.name,
                detail,
            ));
        }
        layout.compose(&self.plan, fields, &mut self.line)?;
        self.check_kind(kind)?;
        let placed = (self.structure.enter(kind, self.records + 1))
            .and_then(|()| self.structure.leave(kind));
        placed
            .map_err(|fault| WriteError::unwritable(fault.code, self.name(kind), fault.detail))?;
        let end = self.plan.line_end.written();
        let (before, after) = self.plan.final_line_end.around(end, self.records);
        for bytes in [before, &self.line, after] {
            self.batch.bytes.extend_from_slice(bytes);
        }
        self.records += 1;
        self.last = Some(kind);
        Ok(self.batch.end_record()?)
    }

    /// Whether the composed record reads back as one of `kind`.
    fn check_kind(&self, kind: usize) -> Result<(), WriteError> {
        let refuse = |detail: String| {
            Err(WriteError::unwritable(
                codes::UNWRITABLE_RECORD,
                self.name(kind),
                detail,
            ))
        };
        let mark = self.plan.encoding.encode("\u{FEFF}");
        if self.records == 0 && mark.is_ok_and(|mark| self.line.starts_with(&mark)) {
            return refuse("the file would begin with a byte order mark".to_owned());
        }
        let matches = |index: usize, layout: &KindOut| {
            let facts = Facts {
                first: self.records == 0,
                last: index == kind,
                line: &self.line,
                is_padded: self.plan.short_lines == ShortLines::Pad,
            };
            !layout.tests.is_empty() && layout.tests.iter().all(|test| test.holds(&facts))
        };
        let found = (self.kinds.iter().enumerate())
            .position(|(index, layout)| matches(index, layout))
            .or(self.main);
        if found == Some(kind) {
            return Ok(());
        }
        let as_what = found.map_or("no kind", |found| self.name(found));
        refuse(format!("the record would be read back as `{as_what}`"))
    }

    pub(in crate::format) fn finish(mut self) -> Result<W, WriteError> {
        let last = (0..self.kinds.len()).find(|kind| self.is_last_kind(*kind));
        if let Some(last) = last.filter(|last| self.last != Some(*last)) {
            let detail = "it is the last record of the file and was not written".to_owned();
            return Err(WriteError::unwritable(
                codes::UNWRITABLE_RECORD,
                self.name(last),
                detail,
            ));
        }
        (self.structure.finish())
            .map_err(|fault| WriteError::unwritable(fault.code, "the file", fault.detail))?;
        Ok(self.batch.finish()?)
    }

    fn is_last_kind(&self, kind: usize) -> bool {
        (self.kinds.get(kind))
            .is_some_and(|kind| kind.tests.iter().any(|test| matches!(test, Test::Last)))
    }

    fn name(&self, kind: usize) -> &str {
        self.kinds.get(kind).map_or("", |kind| &kind.name)
    }
}

impl KindOut {
    fn new(plan: &FixedPlan, record: &RecordLayout) -> Self {
        let select = fixed_select(record);
        let given = given(plan, select);
        let mut columns: Vec<ColumnOut> = (select.columns.iter())
            .map(|column| ColumnOut {
                name: column.name.clone(),
                start: column.start,
                end: column.end(),
                slots: Vec::new(),
                is_given: (given.iter())
                    .any(|(at, bytes)| *at < column.end() && column.start < at + bytes.len()),
            })
            .collect();
        for (slot, sources) in record.slots.iter().enumerate() {
            let first = fixed_fields(sources).next();
            let Some(field) = first.filter(|field| field.kind.is_none()) else {
                continue;
            };
            if let (Some(out), Some(column)) = (
                columns.get_mut(field.column),
                select.columns.get(field.column),
            ) {
                out.slots
                    .push((slot, style_of(plan, column, field.is_number)));
            }
        }
        Self {
            name: record.name.clone(),
            template: template(plan, select, &given),
            columns,
            tests: (select.conditions.iter())
                .map(|condition| Test::new(condition, plan.encoding))
                .collect(),
        }
    }

    /// Makes `line` the record of these fields.
    fn compose(
        &self,
        plan: &FixedPlan,
        fields: &[Option<&str>],
        line: &mut Vec<u8>,
    ) -> Result<(), WriteError> {
        line.clear();
        line.extend_from_slice(&self.template);
        for column in &self.columns {
            let refuse = |reason: String| {
                let detail = format!("the value of `{}` {reason}", column.name);
                WriteError::unwritable(codes::UNFITTING_VALUE, &self.name, detail)
            };
            let Some(bytes) = column.bytes(plan, fields).map_err(refuse)? else {
                continue;
            };
            if let Some(place) = line.get_mut(column.start..column.end) {
                place.copy_from_slice(&bytes);
            }
        }
        Ok(())
    }
}

impl ColumnOut {
    /// The bytes of the whole column; `None` leaves what is there. The message says why not.
    fn bytes(&self, plan: &FixedPlan, fields: &[Option<&str>]) -> Result<Option<Vec<u8>>, String> {
        let length = self.end - self.start;
        let mut bytes: Option<Vec<u8>> = None;
        for (slot, style) in &self.slots {
            let Some(value) = fields.get(*slot).copied().flatten() else {
                continue;
            };
            if value.contains(['\0', '\r', '\n', '\u{1A}']) {
                return Err("has a NUL, a line end or a byte 1A".to_owned());
            }
            let encoded = (plan.encoding.encode(value))
                .map_err(|error| format!("cannot be written: {error}"))?;
            let own = style.written(&encoded, length)?;
            if bytes.as_ref().is_some_and(|other| *other != own) {
                return Err("is given twice, and differently".to_owned());
            }
            bytes = Some(own);
        }
        match (bytes, self.slots.first()) {
            (None, Some((_, style))) if !self.is_given => style.written(&[], length).map(Some),
            (bytes, _) => Ok(bytes),
        }
    }
}

/// What the `match` of a kind says that its records have, and where.
fn given(plan: &FixedPlan, select: &FixedSelect) -> Vec<(usize, Vec<u8>)> {
    let only = |condition: &Condition| match condition {
        Condition::At { at, values } => match values.as_slice() {
            // A checked text exists in the encoding.
            [value] => Some((*at, plan.encoding.encode(value).ok()?.into_owned())),
            _ => None,
        },
        _ => None,
    };
    select.conditions.iter().filter_map(only).collect()
}

fn template(plan: &FixedPlan, select: &FixedSelect, given: &[(usize, Vec<u8>)]) -> Vec<u8> {
    let mut template = vec![b' '; select.length];
    if let Some(between) = plan.between {
        let before = select.columns.iter().skip(1).map(|column| column.start);
        for at in before.filter_map(|start| start.checked_sub(1)) {
            if let Some(byte) = template.get_mut(at) {
                *byte = between;
            }
        }
    }
    for (at, bytes) in given {
        if let Some(place) = template.get_mut(*at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }
    template
}
