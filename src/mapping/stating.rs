//! What a header or trailer that is written must promise, found in the rows before they are written.
//!
//! A header stands before the rows that it counts, so the rows go by twice: a [`Draft`] sees all of
//! them and gives what they come to ([`Stated`]), then a `FileWriter` that was given it writes
//! them. Fields that a control names and that the rows do not give are filled: counts, sums, hash
//! totals, the one value of an equality, and the next number of a sequence. The one invariant: the
//! same rows in the same order give the same bytes.

use super::control::{ControlPlan, Total};
use super::field::{FieldKind, FieldPlan};
use super::plan::{Mapping, RecordPlan};
use super::tally::{Expected, Order, Seen, Tally};
use super::writer::Local;
use crate::id::RecordNo;
use crate::value::{Value, ValueRef};

/// The first pass over the rows of a file.
pub struct Draft<'m> {
    mapping: &'m Mapping,
    tally: Tally<'m>,
    records: u64,
}

/// What the promises of a file's header and trailer are, by control and group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stated {
    totals: Vec<Vec<Option<Value>>>,
}

impl<'m> Draft<'m> {
    /// A draft of a file without records.
    pub fn new(mapping: &'m Mapping) -> Self {
        let kinds = mapping.records.len();
        let nothing = |_: &ControlPlan| Expected::Anything;
        Self {
            mapping,
            tally: Tally::new(&mapping.controls, kinds, Order::Written, nothing).keeping_totals(),
            records: 0,
        }
    }

    /// A record of a kind, as it will be given to the writer.
    pub fn record(&mut self, kind: usize, values: &[Value], local: &Local) {
        self.records += 1;
        let Some(record) = self.mapping.records.get(kind) else {
            return;
        };
        let seen = |field: usize| given(record, field, values, local);
        self.tally.record(kind, RecordNo(self.records), seen);
    }

    /// What the rows come to.
    pub fn finish(self) -> Stated {
        Stated {
            totals: self.tally.into_totals(),
        }
    }
}

/// A field's value as the caller of a writer gives it.
fn given<'v>(
    record: &'v RecordPlan,
    field: usize,
    values: &'v [Value],
    local: &'v Local,
) -> Seen<'v> {
    let Some(plan) = record.fields.get(field) else {
        return Seen::Absent;
    };
    if let FieldKind::Fixed(texts) = &plan.kind {
        return texts
            .first()
            .map_or(Seen::Absent, |text| Seen::Is(ValueRef::Text(text)));
    }
    let plan = match plan.kind {
        FieldKind::SameAs(other) => record.fields.get(other).unwrap_or(plan),
        _ => plan,
    };
    match value_of(plan, values, local) {
        None => Seen::Absent,
        Some(value) => Seen::Is(value.borrow()),
    }
}

/// The value of a field that is not null.
pub(super) fn value_of<'v>(
    field: &FieldPlan,
    values: &'v [Value],
    local: &'v Local,
) -> Option<&'v Value> {
    let column = field.column.and_then(|column| values.get(column));
    let is_there = |value: &&Value| !value.is_null();
    column
        .filter(is_there)
        .or_else(|| local.get(&field.name).filter(is_there))
}

/// Fills promises while a file is written.
pub(super) struct Filler<'m> {
    mapping: &'m Mapping,
    stated: Stated,
    states: Vec<FillState>,
}

/// Where one control stands.
#[derive(Debug, Clone, Default)]
struct FillState {
    /// Which group is being written, from 0; none before the first.
    group: Option<usize>,
    /// The last number of a sequence.
    last: Option<i64>,
    /// The value of an equality.
    equal: Option<Value>,
}

impl<'m> Filler<'m> {
    pub(super) fn new(mapping: &'m Mapping, stated: Stated) -> Self {
        Self {
            mapping,
            stated,
            states: vec![FillState::default(); mapping.controls.len()],
        }
    }

    /// The values of a record: those given, and those that it lacks and a control knows.
    pub(super) fn fill(&mut self, kind: usize, values: &[Value], local: &Local) -> Local {
        let mut filled = local.clone();
        let Some(record) = self.mapping.records.get(kind) else {
            return filled;
        };
        let controls = || self.mapping.controls.iter().enumerate();
        for (plan, state) in self.mapping.controls.iter().zip(&mut self.states) {
            if plan.within.is_some_and(|within| within.group == kind) {
                *state = FillState {
                    group: Some(state.group.map_or(0, |group| group + 1)),
                    ..FillState::default()
                };
            }
        }
        // Numbers first: an equality may repeat one of them.
        for (index, plan) in controls() {
            if let (Total::Sequence { start }, Some(state)) =
                (&plan.total, self.states.get_mut(index))
            {
                number(
                    plan,
                    kind,
                    *start,
                    &mut state.last,
                    record,
                    values,
                    &mut filled,
                );
            }
        }
        for (index, plan) in controls() {
            match plan.total {
                Total::Sequence { .. } => {}
                Total::Equal { .. } => self.equal(index, kind, record, values, &mut filled),
                _ => {
                    let promise = plan.declared.filter(|promise| promise.record == kind);
                    if let (Some(promise), Some(total)) = (promise, self.total(index)) {
                        put(record, promise.field, total, values, &mut filled);
                    }
                }
            }
        }
        filled
    }

    /// What the group that is being written comes to.
    fn total(&self, control: usize) -> Option<Value> {
        let group = self.states.get(control)?.group.unwrap_or_default();
        self.stated.totals.get(control)?.get(group)?.clone()
    }

    /// Gives all fields of an equality the value of the first that has one.
    fn equal(
        &mut self,
        control: usize,
        kind: usize,
        record: &RecordPlan,
        values: &[Value],
        filled: &mut Local,
    ) {
        let counted = self.mapping.controls.get(control).map(|plan| &plan.counted);
        for counted in counted.into_iter().flatten() {
            let Some(field) = counted.field.filter(|_| counted.record == kind) else {
                continue;
            };
            let own = match given(record, field, values, filled) {
                Seen::Is(own) => Some(own.to_owned()),
                _ => None,
            };
            let total = self.total(control);
            let Some(state) = self.states.get_mut(control) else {
                return;
            };
            let value = state.equal.take().or(own).or(total);
            if let Some(value) = &value {
                put(record, field, value.clone(), values, filled);
            }
            state.equal = value;
        }
    }
}

/// Gives a field that has no value one.
fn put(record: &RecordPlan, field: usize, value: Value, values: &[Value], filled: &mut Local) {
    let is_lacking = given(record, field, values, filled) == Seen::Absent;
    if let (true, Some(field)) = (is_lacking, record.fields.get(field)) {
        filled.insert(field.name.clone(), value);
    }
}

/// Gives the fields of a kind that are in a sequence their next numbers.
fn number(
    plan: &ControlPlan,
    kind: usize,
    start: Option<i64>,
    last: &mut Option<i64>,
    record: &RecordPlan,
    values: &[Value],
    filled: &mut Local,
) {
    if let Some(promise) = plan.declared.filter(|promise| promise.record == kind)
        && let (None, Seen::Is(ValueRef::Int(first))) =
            (*last, given(record, promise.field, values, filled))
    {
        *last = first.checked_sub(1);
    }
    for counted in plan.counted.iter().filter(|counted| counted.record == kind) {
        let Some(field) = counted.field else { continue };
        let next = match given(record, field, values, filled) {
            Seen::Is(ValueRef::Int(own)) => own,
            _ => last.map_or(start.unwrap_or(1), |last| last.saturating_add(1)),
        };
        *last = Some(next);
        put(record, field, Value::Int(next), values, filled);
    }
}

impl Mapping {
    /// Whether a control names a field that no dataset column fills, so that its promise must be
    /// found in the rows before they are written: see [`Draft`].
    pub fn states_promises(&self) -> bool {
        let is_open = |record: usize, field: usize| {
            let record = self.records.get(record);
            let field = record.and_then(|record| record.fields.get(field));
            field.is_some_and(|field| field.column.is_none())
        };
        self.controls.iter().any(|plan| {
            let promise = plan.declared.map(|promise| (promise.record, promise.field));
            let counted = plan.counted.iter();
            let fields = counted.filter_map(|counted| Some((counted.record, counted.field?)));
            match plan.total {
                Total::Equal { .. } | Total::Sequence { .. } => fields
                    .chain(promise)
                    .any(|(record, field)| is_open(record, field)),
                _ => promise.is_some_and(|(record, field)| is_open(record, field)),
            }
        })
    }
}
