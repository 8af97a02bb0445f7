//! Counts, sums, hash totals, equal values and sequences, kept while a file goes by.
//!
//! The mapper keeps one of the records that it reads, the writer one of those that it will write.
//! What happens for a kind of record is worked out before the first record comes, so that a record
//! of a kind that no control names costs nothing. The one invariant: a value that cannot be read
//! makes its control disagree, whatever comes after it. Memory does not grow with the groups of a
//! file that is read: of those that disagree the first are kept, and the others counted.

use super::control::{ControlPlan, ControlResult, Counted, Filter, GROUPS_KEPT, Hash, Total};
use crate::id::RecordNo;
use crate::value::{Value, ValueRef};

/// A field's value as a control sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Seen<'v> {
    /// The record does not have it.
    Absent,
    /// It has something that cannot be read.
    Unreadable,
    Is(ValueRef<'v>),
}

/// What an equality must be by the surroundings.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expected {
    /// They say nothing.
    Anything,
    Is(Value),
    /// They should say it and do not, or not readably.
    Unreadable,
}

/// In which order records come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// As read: where records are nested, the outer one comes after those inside it.
    Read,
    /// As written: the outer one always comes first.
    Written,
}

/// What a record of a kind does to a control.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// It begins a group: what was counted belongs to the last one.
    Begin,
    /// It states the promise, in this field.
    Promise(usize),
    /// It is counted, as this entry of the control's list.
    Add(usize),
    /// It ends the group.
    End,
}

/// The controls of one file.
pub(super) struct Tally<'m> {
    controls: &'m [ControlPlan],
    /// By kind of record: the control's index and what happens to it.
    steps: Vec<Vec<(usize, Step)>>,
    states: Vec<State>,
    results: Vec<ControlResult>,
    /// By control: how many results are kept, and the last one's index.
    kept: Vec<(u64, usize)>,
    /// What each group came to, where that is asked for.
    totals: Option<Vec<Vec<Option<Value>>>>,
}

/// Where one control stands.
#[derive(Debug, Clone, Default)]
struct State {
    /// Whether any record of the group came.
    is_begun: bool,
    is_unreadable: bool,
    sum: i64,
    /// The first value of an equality or sequence.
    first: Option<Value>,
    /// The first value that should not be: what was expected and what was found.
    wrong: Option<(Value, Value)>,
    /// The next number of a sequence.
    next: i64,
    declared: Option<Value>,
    record: Option<RecordNo>,
}

impl<'m> Tally<'m> {
    /// A tally at the start of a file; `expected` gives what the surroundings say of a control.
    pub(super) fn new(
        controls: &'m [ControlPlan],
        kinds: usize,
        order: Order,
        expected: impl Fn(&ControlPlan) -> Expected,
    ) -> Self {
        let state = |plan: &ControlPlan| {
            let (first, is_unreadable) = match expected(plan) {
                Expected::Anything => (None, false),
                Expected::Is(value) => (Some(value), false),
                Expected::Unreadable => (None, true),
            };
            State {
                is_unreadable,
                first,
                ..State::default()
            }
        };
        Self {
            controls,
            steps: (0..kinds)
                .map(|kind| steps(controls, kind, order))
                .collect(),
            states: controls.iter().map(state).collect(),
            results: Vec::new(),
            kept: vec![(0, 0); controls.len()],
            totals: None,
        }
    }

    /// The same, and what each group came to is kept.
    pub(super) fn keeping_totals(mut self) -> Self {
        self.totals = Some(vec![Vec::new(); self.controls.len()]);
        self
    }

    /// A record of a kind; `seen` gives its fields.
    pub(super) fn record<'v>(
        &mut self,
        kind: usize,
        no: RecordNo,
        seen: impl Fn(usize) -> Seen<'v>,
    ) {
        // Taken out while the controls change, and put back: there is one list for each kind.
        let Some(steps) = self.steps.get_mut(kind).map(std::mem::take) else {
            return;
        };
        for (control, step) in &steps {
            self.step(*control, *step, no, &seen);
        }
        if let Some(place) = self.steps.get_mut(kind) {
            *place = steps;
        }
    }

    fn step<'v>(
        &mut self,
        control: usize,
        step: Step,
        no: RecordNo,
        seen: &impl Fn(usize) -> Seen<'v>,
    ) {
        if matches!(step, Step::Begin) {
            self.settle(control);
        }
        let (Some(plan), Some(state)) = (self.controls.get(control), self.states.get_mut(control))
        else {
            return;
        };
        state.is_begun = true;
        match step {
            Step::Begin => state.record = Some(no),
            Step::Promise(field) => state.promise(no, seen(field)),
            Step::Add(counted) => {
                if let Some(counted) = plan.counted.get(counted) {
                    state.add(&plan.total, counted, seen);
                }
            }
            Step::End => self.settle(control),
        }
    }

    /// Ends a group, or the file: compares promise and total, and begins again.
    fn settle(&mut self, control: usize) {
        let (Some(plan), Some(state)) = (self.controls.get(control), self.states.get_mut(control))
        else {
            return;
        };
        if !state.is_begun && plan.within.is_some() {
            return;
        }
        let fresh = match &plan.total {
            // What the surroundings say holds for every group.
            Total::Equal { context: Some(_) } => State {
                is_unreadable: state.first.is_none(),
                first: state.first.clone(),
                ..State::default()
            },
            _ => State::default(),
        };
        let result = std::mem::replace(state, fresh).result(plan);
        if let Some(totals) = self.totals.as_mut().and_then(|all| all.get_mut(control)) {
            let is_known = result.declared.is_some() || !matches!(plan.total, Total::Equal { .. });
            totals.push(result.computed.clone().filter(|_| is_known));
        }
        if plan.within.is_none() || !result.agrees() {
            self.keep(control, result);
        }
    }

    /// Keeps a result, or counts it when enough of its control are kept.
    fn keep(&mut self, control: usize, result: ControlResult) {
        let Some((count, last)) = self.kept.get_mut(control) else {
            return;
        };
        if *count < GROUPS_KEPT {
            (*count, *last) = (*count + 1, self.results.len());
            self.results.push(result);
        } else if let Some(last) = self.results.get_mut(*last) {
            last.others += 1;
        }
    }

    /// Every control of the file, and the first groups that disagree.
    pub(super) fn finish(mut self) -> Vec<ControlResult> {
        (0..self.controls.len()).for_each(|control| self.settle(control));
        self.results
    }

    /// What each group came to, by control.
    pub(super) fn into_totals(mut self) -> Vec<Vec<Option<Value>>> {
        (0..self.controls.len()).for_each(|control| self.settle(control));
        self.totals.unwrap_or_default()
    }
}

/// What a record of a kind does, in the order in which it is done.
fn steps(controls: &[ControlPlan], kind: usize, order: Order) -> Vec<(usize, Step)> {
    let mut steps = Vec::new();
    for (index, plan) in controls.iter().enumerate() {
        let within = plan.within;
        let begins = |within: &super::control::Within| {
            within.group == kind && (within.is_ahead || order == Order::Written)
        };
        if within.as_ref().is_some_and(begins) {
            steps.push((index, Step::Begin));
        }
        if let Some(promise) = plan.declared.filter(|promise| promise.record == kind) {
            steps.push((index, Step::Promise(promise.field)));
        }
        let counted = plan.counted.iter().enumerate();
        steps.extend(
            counted
                .filter(|(_, counted)| counted.record == kind)
                .map(|(at, _)| (index, Step::Add(at))),
        );
        let ends = within.is_some_and(|within| {
            let is_behind = within.group == kind && !within.is_ahead && order == Order::Read;
            within.closer == Some(kind) || is_behind
        });
        if ends {
            steps.push((index, Step::End));
        }
    }
    steps
}

impl State {
    fn promise(&mut self, no: RecordNo, seen: Seen<'_>) {
        self.record = Some(no);
        match seen {
            Seen::Absent => self.declared = None,
            Seen::Unreadable => self.is_unreadable = true,
            Seen::Is(value) => self.declared = Some(value.to_owned()),
        }
    }

    fn add<'v>(&mut self, total: &Total, counted: &Counted, seen: &impl Fn(usize) -> Seen<'v>) {
        let fits = |filters: &[Filter]| {
            let fits_one = |filter: &Filter| match seen(filter.field) {
                Seen::Absent => Some(false),
                Seen::Unreadable => None,
                Seen::Is(value) => Some(filter.values.iter().any(|own| own.borrow() == value)),
            };
            filters
                .iter()
                .map(fits_one)
                .try_fold(true, |all, one| Some(all && one?))
        };
        let is_minus = match counted.minus_filters.as_slice() {
            [] => Some(counted.is_minus),
            filters => fits(filters).map(|fits| fits != counted.is_minus),
        };
        let (Some(is_in), Some(is_minus)) = (fits(&counted.filters), is_minus) else {
            self.is_unreadable = true;
            return;
        };
        if is_in {
            let field = counted.field.map_or(Seen::Is(ValueRef::Int(1)), seen);
            self.take(total, field, is_minus);
        }
    }

    fn take(&mut self, total: &Total, seen: Seen<'_>, is_minus: bool) {
        let value = match seen {
            Seen::Absent => return,
            Seen::Unreadable => {
                self.is_unreadable = true;
                return;
            }
            Seen::Is(value) => value,
        };
        match total {
            Total::Count | Total::Sum => {
                let number = int(value).and_then(|number| {
                    if is_minus {
                        number.checked_neg()
                    } else {
                        Some(number)
                    }
                });
                self.sum_up(number.and_then(|number| self.sum.checked_add(number)));
            }
            Total::Hash(hash) => {
                let digits = hash.digits(value);
                self.sum_up(digits.and_then(|digits| hash.sum(self.sum, digits)));
            }
            Total::Equal { .. } => match &self.first {
                None => self.first = Some(value.to_owned()),
                Some(first) if first.borrow() != value && self.wrong.is_none() => {
                    self.wrong = Some((first.clone(), value.to_owned()));
                }
                Some(_) => {}
            },
            Total::Sequence { .. } => self.follow(value),
        }
    }

    /// The new sum, `None` when it cannot be told.
    fn sum_up(&mut self, sum: Option<i64>) {
        match sum {
            Some(sum) => self.sum = sum,
            None => self.is_unreadable = true,
        }
    }

    fn follow(&mut self, value: ValueRef<'_>) {
        let Some(number) = int(value) else {
            self.is_unreadable = true;
            return;
        };
        if self.first.is_none() {
            self.first = Some(Value::Int(number));
        } else if number != self.next && self.wrong.is_none() {
            self.wrong = Some((Value::Int(self.next), Value::Int(number)));
        }
        self.next = number.saturating_add(1);
    }

    fn result(self, plan: &ControlPlan) -> ControlResult {
        let readable = |value: Value| (!self.is_unreadable).then_some(value);
        let (declared, computed) = match &plan.total {
            Total::Count | Total::Sum | Total::Hash(_) => {
                // An unreadable promise agrees with nothing.
                (self.declared.clone(), readable(Value::Int(self.sum)))
            }
            Total::Equal { .. } => match (&self.wrong, &self.first) {
                (Some((expected, found)), _) => (Some(expected.clone()), readable(found.clone())),
                (None, Some(first)) => (Some(first.clone()), readable(first.clone())),
                // There was nothing that could differ.
                (None, None) => (None, readable(Value::Int(0))),
            },
            Total::Sequence { start } => self.sequence(*start),
        };
        ControlResult {
            name: plan.name.clone(),
            declared,
            computed,
            is_money: plan.is_money,
            class: plan.class,
            record: self.record.filter(|_| plan.within.is_some()),
            is_optional: plan.is_optional,
            others: 0,
        }
    }

    /// The number that was expected where a sequence breaks, and the one that was there; else its
    /// first number, twice.
    fn sequence(&self, start: Option<i64>) -> (Option<Value>, Option<Value>) {
        let start = start.map(Value::Int).or_else(|| self.declared.clone());
        let start = start.unwrap_or(Value::Int(1));
        let (expected, found) = match (&self.first, &self.wrong) {
            (Some(first), _) if *first != start => (start, first.clone()),
            (_, Some((expected, found))) => (expected.clone(), found.clone()),
            _ => (start.clone(), start),
        };
        (Some(expected), (!self.is_unreadable).then_some(found))
    }
}

impl Hash {
    /// The number that a value's digits make; `None` when it has other characters or too many.
    fn digits(&self, value: ValueRef<'_>) -> Option<i64> {
        let shown;
        let text = match value {
            ValueRef::Text(text) => text,
            ValueRef::Int(number) => {
                shown = number.to_string();
                &shown
            }
            _ => return None,
        };
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let length = text.len();
        let part = match (self.first_digits, self.last_digits) {
            (Some(first), _) => text.get(..first.min(length)),
            (None, Some(last)) => text.get(length.saturating_sub(last)..),
            (None, None) => Some(text),
        }?;
        part.bytes().try_fold(0_i64, |number, byte| {
            self.rest(i128::from(number) * 10 + i128::from(byte - b'0'))
        })
    }

    fn sum(&self, sum: i64, digits: i64) -> Option<i64> {
        self.rest(i128::from(sum) + i128::from(digits))
    }

    /// What is kept of a number; `None` when it is too large.
    fn rest(&self, number: i128) -> Option<i64> {
        let kept = self
            .modulus
            .map_or(number, |modulus| number % i128::from(modulus));
        i64::try_from(kept).ok()
    }
}

fn int(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Int(number) => Some(number),
        _ => None,
    }
}
