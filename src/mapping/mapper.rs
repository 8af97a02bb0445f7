//! Reading with a mapping: one wire record after another, then what the file amounts to.

use std::collections::BTreeMap;

use super::control::{ControlPlan, ControlResult, Total};
use super::field::{Fault, FieldKind, FieldPlan, FieldSourcePlan, Scratch, WRONG_VALUE, push_text};
use super::find::Found;
use super::identify::{Beside, Doubtful, Doubts};
use super::plan::{FlagPlan, IdentityPlan, Mapping, RecordPlan};
use super::tally::{Expected, Order, Seen, Tally};
use super::writer::Local;
use crate::clock::Clock;
use crate::diag::Code;
use crate::id::RecordNo;
use crate::record::{Place, Reject, Row, WireRecord, push_key};
use crate::value::{Kind, Value};

/// What a refused record says about its whole file, gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// A version that is not spoken here.
    Version,
    /// The header is wrong.
    Header,
    /// The content is wrong.
    Content,
}

/// The surroundings of a file: the clock of its zone, and named texts.
#[derive(Debug, Clone)]
pub struct Context<'c> {
    /// For the partner's zone.
    pub clock: &'c Clock,
    /// `file_name`, captures of the name, and what the job sets.
    pub values: BTreeMap<String, String>,
}

impl Context<'_> {
    /// A named text.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }
}

/// What became of a record.
#[derive(Debug)]
pub enum Mapped<'r> {
    /// A dataset row, to be sorted by its key.
    Row {
        /// Which kind of record.
        record: usize,
        /// Order-preserving bytes of the key.
        key: &'r [u8],
        /// The values, in the order of the dataset's columns.
        row: &'r Row,
        /// Whether something was unreadable and noted in the row.
        is_flagged: bool,
    },
    /// A record that fills no dataset.
    NotStored,
    /// A record refused.
    Refused(Reject, Cause),
}

/// What a whole file amounts to, once its last record was mapped.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// The identity's texts, when the file has exactly one.
    pub identity: Option<Vec<String>>,
    /// Every control, in the mapping's order; those within records only where they disagree.
    pub controls: Vec<ControlResult>,
    /// The sequence's scope and number, when the mapping declares one.
    pub sequence: Option<(String, i64)>,
    /// The values of the file's one identifying record, by field name.
    pub file_values: BTreeMap<String, Value>,
    /// Decoded records by kind, refused ones included.
    pub decoded: Vec<u64>,
    /// What was accepted with a doubt, by field and doubt.
    pub doubts: Vec<Doubtful>,
}

/// Maps the records of one file.
pub struct Mapper<'m> {
    mapping: &'m Mapping,
    context: Context<'m>,
    scratch: Vec<Scratch>,
    texts: String,
    row: Row,
    key: Vec<u8>,
    tally: Tally<'m>,
    identities: usize,
    doubts: Doubts,
    found: Vec<Found>,
    summary: Summary,
}

impl<'m> Mapper<'m> {
    /// A mapper at the start of a file.
    pub fn new(mapping: &'m Mapping, context: Context<'m>) -> Self {
        let expected = |plan: &ControlPlan| expected(mapping, &context, plan);
        let tally = Tally::new(
            &mapping.controls,
            mapping.records.len(),
            Order::Read,
            expected,
        );
        Self {
            mapping,
            context,
            scratch: Vec::new(),
            texts: String::new(),
            row: Row::new(),
            key: Vec::new(),
            tally,
            identities: 0,
            doubts: Doubts::default(),
            found: Vec::new(),
            summary: Summary {
                decoded: vec![0; mapping.records.len()],
                ..Summary::default()
            },
        }
    }

    /// Maps one record.
    pub fn map(&mut self, record: &WireRecord) -> Mapped<'_> {
        let mapping = self.mapping;
        let kind = record.kind();
        let Some(plan) = mapping.records.get(kind) else {
            return Mapped::NotStored;
        };
        self.found.clear();
        let faults = self.read_fields(plan, record);
        self.tally(kind, record.place(), &faults);
        let note = match self.judge(plan, faults, record.place()) {
            Ok(note) => note,
            Err((reject, cause)) => return Mapped::Refused(reject, cause),
        };
        self.note_file_values(kind, plan);
        self.doubts.accept(kind, record.place().record);
        self.search(kind);
        if plan.dataset.is_none() {
            return Mapped::NotStored;
        }
        self.fill_row(plan, note.as_deref());
        Mapped::Row {
            record: kind,
            key: &self.key,
            row: &self.row,
            is_flagged: note.is_some(),
        }
    }

    /// The values of the record mapped last, of a kind, that fill no column: by field name, what
    /// [`FileWriter::record`](super::FileWriter::record) needs to write the record again.
    pub fn local(&self, kind: usize) -> Local {
        let fields = self.mapping.records.get(kind).map(|plan| &plan.fields[..]);
        let fields = fields.unwrap_or_default().iter().zip(&self.scratch);
        fields
            .filter(|(field, value)| field.column.is_none() && **value != Scratch::Null)
            .map(|(field, value)| {
                let value = value.value(&self.texts, Kind::Text).to_owned();
                (field.name.clone(), value)
            })
            .collect()
    }

    /// What stood inside of the texts of the record mapped last, each once.
    pub fn take_found(&mut self) -> Vec<Found> {
        std::mem::take(&mut self.found)
    }

    fn search(&mut self, kind: usize) {
        let mapping = self.mapping;
        for find in &mapping.finds {
            let found = find.search(&mapping.records, kind, &self.scratch, &self.texts);
            if let Some(decoded) = self.summary.decoded.get_mut(find.record) {
                *decoded += found.len() as u64;
            }
            self.found.extend(found);
        }
    }

    /// Counts a record that its reader refused before it could be mapped; nothing that it says can
    /// be read. `kind` is what it was, where that is known.
    pub fn refused_by_reader(&mut self, kind: Option<usize>, no: RecordNo) {
        let Some(kind) = kind else { return };
        if let Some(decoded) = self.summary.decoded.get_mut(kind) {
            *decoded += 1;
        }
        self.tally.record(kind, no, |_| Seen::Unreadable);
    }

    /// What the file amounts to.
    pub fn finish(mut self) -> Summary {
        let mapping = self.mapping;
        self.summary.controls = self.tally.finish();
        self.summary.doubts = self.doubts.finish(&mapping.records);
        match &mapping.identity {
            IdentityPlan::Context(names) => {
                let values = names
                    .iter()
                    .map(|name| self.context.value(name).map(str::to_owned));
                self.summary.identity = values.collect();
            }
            IdentityPlan::Record { .. } if self.identities != 1 => self.summary.identity = None,
            IdentityPlan::Record { .. } => {}
        }
        self.summary
    }

    /// Reads every field, so that totals are right even for a record that is refused.
    fn read_fields(&mut self, plan: &RecordPlan, record: &WireRecord) -> Vec<(usize, Fault)> {
        self.scratch.clear();
        self.texts.clear();
        self.doubts.forget_pending();
        let mut faults = Vec::new();
        for (index, field) in plan.fields.iter().enumerate() {
            let read = match &field.kind {
                FieldKind::SameAs(other) => self.read_same(plan, field, *other, record),
                _ => field.read(record, &self.context, &mut self.texts),
            };
            let read = match field.identifier {
                None => read,
                Some(_) => read.and_then(|value| {
                    let context = &self.context;
                    let beside = Beside {
                        plan,
                        record,
                        context,
                    };
                    field.identify(index, value, &beside, &mut self.texts, &mut self.doubts)
                }),
            };
            if field.notes_unknown_codes
                && read == Ok(Scratch::Null)
                && let FieldSourcePlan::Slot(slot) = field.source
                && record
                    .text(slot)
                    .is_ok_and(|text| text.is_some_and(|text| !text.is_empty()))
            {
                self.doubts.unknown_code(index);
            }
            self.scratch.push(read.unwrap_or_else(|fault| {
                faults.push((index, fault));
                Scratch::Null
            }));
        }
        faults
    }

    /// A field that must repeat another: read by the other's rules, then compared.
    fn read_same(
        &mut self,
        plan: &RecordPlan,
        field: &FieldPlan,
        other: usize,
        record: &WireRecord,
    ) -> Result<Scratch, Fault> {
        let Some(model) = plan.fields.get(other) else {
            return Ok(Scratch::Null);
        };
        let as_model = FieldPlan {
            source: field.source.clone(),
            required: field.required,
            ..model.clone()
        };
        let mine = as_model.read(record, &self.context, &mut self.texts)?;
        let theirs = model.read(record, &self.context, &mut self.texts);
        let kind = Kind::Text;
        match theirs {
            Ok(theirs) if theirs.value(&self.texts, kind) == mine.value(&self.texts, kind) => {
                Ok(mine)
            }
            Err(_) => Ok(mine),
            Ok(_) => Err(Fault {
                code: &WRONG_VALUE,
                detail: format!("it differs from `{}`", model.name),
            }),
        }
    }

    /// Adds a record to the controls.
    fn tally(&mut self, kind: usize, place: Place, faults: &[(usize, Fault)]) {
        if let Some(decoded) = self.summary.decoded.get_mut(kind) {
            *decoded += 1;
        }
        let (scratch, texts) = (&self.scratch, &self.texts);
        self.tally.record(kind, place.record, |field| {
            if faults.iter().any(|(index, _)| *index == field) {
                return Seen::Unreadable;
            }
            match scratch.get(field) {
                None | Some(Scratch::Null) => Seen::Absent,
                Some(scratch) => Seen::Is(scratch.value(texts, Kind::Text)),
            }
        });
    }

    /// Whether the record stands: `Ok` with a note when it is flagged, `Err` when it is refused.
    fn judge(
        &self,
        plan: &RecordPlan,
        faults: Vec<(usize, Fault)>,
        place: Place,
    ) -> Result<Option<String>, (Reject, Cause)> {
        if faults.is_empty() {
            return Ok(None);
        }
        let name = |index: usize| {
            plan.fields
                .get(index)
                .map_or("", |field| field.name.as_str())
        };
        let is_fatal = |index: usize| match &plan.flag {
            None => true,
            Some(FlagPlan { needs, .. }) => needs.contains(&index) || is_key(plan, index),
        };
        if !faults.iter().any(|(index, _)| is_fatal(*index)) {
            let notes: Vec<String> = faults
                .iter()
                .map(|(index, fault)| format!("{}: {}", name(*index), fault.detail))
                .collect();
            return Ok(Some(notes.join("; ")));
        }
        let cause = faults
            .iter()
            .filter_map(|(index, _)| plan.fields.get(*index).map(|field| field.cause))
            .min()
            .unwrap_or(Cause::Content);
        let more: Vec<String> = faults
            .iter()
            .skip(1)
            .map(|(index, fault)| format!("; also `{}`: {}", name(*index), fault.detail))
            .collect();
        let (index, first): (usize, &Fault) = match faults.first() {
            Some((index, fault)) => (*index, fault),
            None => return Ok(None),
        };
        let code: &'static Code = first.code;
        let reject = Reject {
            code,
            place,
            field: Some(format!("{}.{}", plan.name, name(index))),
            detail: format!("{}{}", first.detail, more.concat()),
        };
        Err((reject, cause))
    }

    /// Keeps the identity, the sequence number and the values of the file's one record.
    fn note_file_values(&mut self, kind: usize, plan: &RecordPlan) {
        let mapping = self.mapping;
        if let IdentityPlan::Record { record, fields } = &mapping.identity
            && *record == kind
        {
            self.identities += 1;
            self.summary.identity = Some(
                fields
                    .iter()
                    .map(|field| self.shown_value(*field))
                    .collect(),
            );
        }
        if let Some(sequence) = &mapping.sequence
            && sequence.record == kind
            && let Some(number) = int(self.scratch.get(sequence.number))
        {
            let scope: Vec<String> = sequence
                .scope
                .iter()
                .map(|field| self.shown_value(*field))
                .collect();
            self.summary.sequence = Some((scope.join("|"), number));
        }
        if mapping.file_record() == kind {
            for (field, scratch) in plan.fields.iter().zip(&self.scratch) {
                let value = scratch.value(&self.texts, Kind::Text).to_owned();
                self.summary.file_values.insert(field.name.clone(), value);
            }
        }
    }

    fn shown_value(&self, field: usize) -> String {
        match self.scratch.get(field) {
            None | Some(Scratch::Null) => String::new(),
            Some(Scratch::Int(value)) => value.to_string(),
            Some(Scratch::Date(value)) => value.to_string(),
            Some(Scratch::Instant(value)) => value.to_rfc3339(),
            Some(Scratch::Text(range)) => {
                self.texts.get(range.clone()).unwrap_or_default().to_owned()
            }
        }
    }

    fn fill_row(&mut self, plan: &RecordPlan, note: Option<&str>) {
        let note_column = plan.flag.as_ref().map(|flag| flag.note);
        let note = note.map(|note| push_text(&mut self.texts, note));
        self.row.clear();
        self.key.clear();
        for (index, (kind, field)) in plan.kinds.iter().zip(&plan.by_column).enumerate() {
            let scratch = match field {
                Some(field) => self.scratch.get(*field),
                None if note_column == Some(index) => note.as_ref(),
                None => None,
            };
            self.row
                .push(scratch.unwrap_or(&Scratch::Null).value(&self.texts, *kind));
        }
        for column in &plan.key {
            let field = plan.by_column.get(*column).copied().flatten();
            let scratch = field
                .and_then(|field| self.scratch.get(field))
                .unwrap_or(&Scratch::Null);
            let kind = plan.kinds.get(*column).copied().unwrap_or(Kind::Text);
            push_key(&mut self.key, scratch.value(&self.texts, kind));
        }
    }
}

/// What the surroundings say of a control.
fn expected(mapping: &Mapping, context: &Context<'_>, plan: &ControlPlan) -> Expected {
    let Total::Equal {
        context: Some(name),
    } = &plan.total
    else {
        return Expected::Anything;
    };
    let field = plan.counted.first().and_then(|counted| {
        let record = mapping.records.get(counted.record)?;
        record.fields.get(counted.field?)
    });
    let value = field.and_then(|field| field.outside(context.value(name)?, context));
    value.map_or(Expected::Unreadable, Expected::Is)
}

fn is_key(plan: &RecordPlan, field: usize) -> bool {
    let column = plan.fields.get(field).and_then(|field| field.column);
    column.is_some_and(|column| plan.key.contains(&column))
}

fn int(scratch: Option<&Scratch>) -> Option<i64> {
    match scratch {
        Some(Scratch::Int(value)) => Some(*value),
        _ => None,
    }
}
