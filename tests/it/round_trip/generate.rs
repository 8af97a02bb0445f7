//! Valid files made from nothing but a checked mapping.
//!
//! Rows are made record by record in the order of the file: a field's kind and checks give its
//! value, a field that repeats another (the header's issuer in every row, a part of a text,
//! `same_as`) takes the other's, and last the promises are set to what they must equal. A mapping
//! with a construct that is not known here fails by name: teach it here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};
use dukou::format::FieldSource;
use dukou::mapping::TimeOfDay;
use dukou::mapping::{
    FieldKind, FieldPlan, FieldSourcePlan, IdentityPlan, Mapping, RecordPlan, TextCheck, TimeFormat,
};
use dukou::text::{Encoding, byte_width};
use dukou::value::{Kind, Value};
use proptest::prelude::*;

use super::beside::CARRIED;
use super::promises::needed;
use super::shape::{
    absolute, absolute_in, is_empty_when_absent, is_lines, is_single, needs_a_value, shared,
};
use super::{Item, Subject};

/// Which texts are tried where the mapping leaves them free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Texts {
    /// Letters, digits and Chinese characters of GBK, also those with the second byte of `|` or `\`.
    Plain,
    /// The same, and every promise is made that may be left out.
    Promised,
    /// In each file one sign that may hurt a format, everywhere: a separator, a quote, a line end,
    /// markup, a character of another script.
    Wild,
}

/// Signs that may hurt a format or an encoding.
const HURTFUL: &[char] = &[
    ',', '|', '\'', '"', ';', '\\', '&', '<', '>', ']', '=', '-', '+', '@', '\t', '\r', '\n', ' ',
    '\u{1}', '\u{b}', '\u{1f}', '\u{7f}', '\u{85}', '\u{a0}', '\u{2028}', '\u{3000}', '\u{feff}',
    '\u{fffd}', '\u{fffe}', '\u{e000}', 'é', '€', '😀', '𠮷',
];

/// A whole valid file.
#[derive(Clone)]
pub(super) struct File {
    /// In the order of the file.
    pub(super) items: Vec<Item>,
    /// The surroundings that its fields take values from.
    pub(super) context: BTreeMap<String, String>,
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a file of {} records", self.items.len())
    }
}

/// Files of a mapping; all choices come from one list of numbers, which shrinks.
pub(super) fn files(subject: &Subject, texts: Texts) -> impl Strategy<Value = File> {
    prop::collection::vec(any::<u32>(), 0..2500)
        .prop_map(move |numbers| Maker::new(subject, texts, numbers).file())
}

/// Numbers to choose by; when they run out, the first choice is taken.
pub(super) struct Choices {
    numbers: std::vec::IntoIter<u32>,
}

impl Choices {
    pub(super) fn below(&mut self, count: usize) -> usize {
        let number = self.numbers.next().unwrap_or(0) as usize;
        number % count.max(1)
    }

    pub(super) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }

    pub(super) fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    pub(super) fn wide(&mut self) -> u64 {
        (self.below(1 << 32) as u64) << 32 | self.below(1 << 32) as u64
    }

    /// Often a bound, often small, else anything between.
    pub(super) fn between(&mut self, min: i64, max: i64) -> i64 {
        let span = max.wrapping_sub(min).cast_unsigned();
        let inside = |value: i64| value.clamp(min, max);
        match self.below(6) {
            0 | 1 => inside(min.max(0).saturating_add(self.below(1000) as i64)),
            2 => min,
            3 => max,
            4 => inside(0),
            _ if span == u64::MAX => self.wide().cast_signed(),
            _ => min.wrapping_add((self.wide() % (span + 1)).cast_signed()),
        }
    }
}

pub(super) struct Maker<'s> {
    subject: &'s Subject,
    pub(super) mapping: &'s Mapping,
    hurtful: Option<char>,
    /// Whether no promise is left out.
    pub(super) is_promised: bool,
    pub(super) choices: Choices,
    pub(super) items: Vec<Item>,
    /// For each item the one it stands in.
    pub(super) inside: Vec<Option<usize>>,
    /// The last item of each kind.
    pub(super) last: Vec<Option<usize>>,
    context: BTreeMap<String, String>,
    /// Fields that a control needs in every row.
    needed: BTreeSet<(usize, usize)>,
}

impl<'s> Maker<'s> {
    fn new(subject: &'s Subject, texts: Texts, numbers: Vec<u32>) -> Self {
        let mapping = subject.mapping.as_ref();
        let mut choices = Choices {
            numbers: numbers.into_iter(),
        };
        let hurtful = (texts == Texts::Wild).then(|| *choices.pick(HURTFUL));
        Self {
            subject,
            mapping,
            hurtful,
            is_promised: texts == Texts::Promised,
            choices,
            items: Vec::new(),
            inside: Vec::new(),
            last: vec![None; mapping.records.len()],
            context: BTreeMap::from([("file_name".to_owned(), "a file.txt".to_owned())]),
            needed: needed(mapping),
        }
    }

    fn file(mut self) -> File {
        if is_lines(&self.mapping.format) {
            self.lines(None);
        } else {
            self.tree(None);
            if self.items.is_empty() {
                // A document has something in it.
                let mut kinds = 0..self.mapping.layout.records.len();
                let top = kinds.find(|kind| self.mapping.layout.parent(*kind).is_none());
                self.record(top.expect("some kind stands in no other"), None);
            }
        }
        self.share_beside();
        self.keep_promises();
        for at in 0..self.items.len() {
            self.repeat(at);
        }
        File {
            items: self.items,
            context: self.context,
        }
    }

    /// All records of the kinds that stand in `outer`, with what stands in them.
    fn tree(&mut self, outer: Option<usize>) {
        let parent = outer.map(|at| self.items[at].kind);
        for kind in 0..self.mapping.layout.records.len() {
            if self.mapping.layout.parent(kind) != parent {
                continue;
            }
            let is_single = is_single(&self.mapping.format, &self.mapping.layout, kind);
            let is_shared = self.is_shared_by_others(kind);
            let is_once = is_single || is_shared || self.identifies(kind) || self.promises(kind);
            let count = if is_once { 1 } else { self.choices.below(4) };
            for _ in 0..count {
                let at = self.record(kind, outer);
                self.tree(Some(at));
            }
        }
    }

    /// Whether a file has exactly one record of a kind, because it says which file it is.
    pub(super) fn identifies(&self, kind: usize) -> bool {
        matches!(&self.mapping.identity, IdentityPlan::Record { record, .. } if *record == kind)
    }

    /// Another kind whose values a kind takes.
    pub(super) fn shares_with(&self, kind: usize) -> Option<usize> {
        let slots = 0..self.mapping.layout.records[kind].slots.len();
        slots
            .filter_map(|slot| self.twin(kind, slot))
            .map(|(other, _)| other)
            .next()
    }

    pub(super) fn record(&mut self, kind: usize, outer: Option<usize>) -> usize {
        let plan = &self.mapping.records[kind];
        let at = self.items.len();
        self.items.push(Item {
            kind,
            values: plan.kinds.iter().map(|kind| Value::Null(*kind)).collect(),
            local: BTreeMap::new(),
        });
        self.inside.push(outer);
        for (index, field) in plan.fields.iter().enumerate() {
            if field.part.is_none() && !matches!(field.kind, FieldKind::SameAs(_)) {
                let value = self.field_value(at, kind, index, field);
                self.set(at, field, value);
            }
        }
        self.identify(at, plan);
        if needs_a_value(&self.mapping.format, &self.mapping.layout, kind) {
            self.give_a_value(at, kind);
        }
        self.repeat(at);
        self.last[kind] = Some(at);
        at
    }

    /// Gives a record that has no value one, where a field of its own leaves that free.
    fn give_a_value(&mut self, at: usize, kind: usize) {
        let fields = &self.mapping.records[kind].fields;
        let own_slot = |field: &&FieldPlan| match field.source {
            FieldSourcePlan::Slot(slot) if field.part.is_none() => Some(slot),
            _ => None,
        };
        let is_own = |field: &&FieldPlan| own_slot(field).is_some();
        let is_seen = |value: Value| !value.is_null() && value.as_text() != Some("");
        let mut own = fields.iter().filter(is_own);
        if own.any(|field| is_seen(self.seen(at, field))) {
            return;
        }
        let is_free = |field: &&FieldPlan| {
            let slot = own_slot(field).filter(|_| !field.keep_empty);
            let is_same = matches!(field.kind, FieldKind::SameAs(_));
            slot.is_some_and(|slot| !is_same && self.twin(kind, slot).is_none())
        };
        if let Some(field) = fields.iter().find(is_free) {
            let value = self.any_value(kind, field);
            self.set(at, field, value);
        }
    }

    pub(super) fn set(&mut self, at: usize, field: &FieldPlan, value: Value) {
        let item = &mut self.items[at];
        match field.column {
            Some(column) => item.values[column] = value,
            None if value.is_null() => {
                item.local.remove(&field.name);
            }
            None => {
                item.local.insert(field.name.clone(), value);
            }
        }
    }

    pub(super) fn get(&self, at: usize, field: &FieldPlan) -> Value {
        let item = &self.items[at];
        let value = match field.column {
            Some(column) => item.values.get(column),
            None => item.local.get(&field.name),
        };
        value.cloned().unwrap_or(Value::Null(Kind::Text))
    }

    fn field_value(&mut self, at: usize, kind: usize, index: usize, field: &FieldPlan) -> Value {
        let plan = &self.mapping.records[kind];
        match &field.source {
            FieldSourcePlan::Context(name) => return self.surrounding(field, name),
            FieldSourcePlan::Slot(slot) => {
                if let Some((other, twin)) = self.twin(kind, *slot) {
                    return self.shared(kind, field, other, twin);
                }
                // Two fields of one place have one text.
                let same = plan.fields[..index]
                    .iter()
                    .find(|other| other.source == field.source && other.part.is_none());
                if let Some(same) = same {
                    let value = self.get(at, same);
                    // A moment whose time stands apart has the text of its day.
                    return match (&field.kind, value) {
                        (FieldKind::Date(_), Value::Instant(moment)) => {
                            Value::Date(self.subject.clock.local(moment).date_naive())
                        }
                        (_, value) => value,
                    };
                }
            }
        }
        self.free(kind, index, field)
    }

    /// The value of a field that a record takes from another one before it.
    fn shared(&self, kind: usize, field: &FieldPlan, other: usize, twin: usize) -> Value {
        let plan = &self.mapping.records[other];
        let owner = plan
            .fields
            .iter()
            .find(|field| field.source == FieldSourcePlan::Slot(twin) && field.part.is_none());
        let value = match (owner, self.last[other]) {
            (Some(owner), Some(at)) => self.get(at, owner),
            _ => Value::Null(Kind::Text),
        };
        let name = &self.mapping.records[kind].name;
        if value.is_null() && self.is_beside(kind, other) {
            // It comes later: see `share_beside`.
            return self.null(field, kind);
        }
        assert!(
            !field.required || !value.is_null(),
            "`{}`: `{name}.{}` reads what no record before it has: the mapping is not two-way",
            self.subject.name,
            field.name
        );
        if value.is_null() {
            return self.null(field, kind);
        }
        value
    }

    pub(super) fn null(&self, field: &FieldPlan, kind: usize) -> Value {
        let kinds = &self.mapping.records[kind].kinds;
        let column = field.column.and_then(|column| kinds.get(column));
        Value::Null(column.copied().unwrap_or(Kind::Text))
    }

    /// Where the value of a slot is another record's own: the kind and its slot.
    pub(super) fn twin(&self, kind: usize, slot: usize) -> Option<(usize, usize)> {
        let layout = &self.mapping.layout;
        let first = layout.records[kind].slots[slot].first()?;
        let own_slot = |other: usize, own: &FieldSource| {
            let slots = &layout.records[other].slots;
            slots.iter().position(|slot| slot.first() == Some(own))
        };
        if let Some((other, own)) = shared(first) {
            return Some((other, own_slot(other, &own).unwrap_or(usize::MAX)));
        }
        let path = absolute(first)?;
        let mut outer = layout.parent(kind);
        while let Some(other) = outer {
            let record = &layout.records[other];
            let is_it = |slot: &Vec<FieldSource>| {
                let own = slot.first().filter(|own| absolute(own).is_none());
                own.and_then(|own| absolute_in(&record.select, own))
                    .as_ref()
                    == Some(&path)
            };
            if let Some(slot) = record.slots.iter().position(is_it) {
                return Some((other, slot));
            }
            outer = layout.parent(other);
        }
        Some(self.beside(kind, &path).unwrap_or((kind, usize::MAX)))
    }

    /// A value of the surroundings is one for the whole file.
    fn surrounding(&mut self, field: &FieldPlan, name: &str) -> Value {
        let known = self.context.get(name).cloned();
        let text = known.unwrap_or_else(|| match &field.kind {
            FieldKind::Text(None) => self.text(usize::MAX, field),
            FieldKind::Date(formats) => self.any_moment(&formats[0]).1,
            FieldKind::Int { min, max } => {
                let number = self.choices.between((*min).max(0), (*max).min(999));
                number.to_string()
            }
            _ => panic!(
                "`{}`: teach the generator this kind of `context`",
                self.subject.name
            ),
        });
        self.context.insert(name.to_owned(), text.clone());
        match &field.kind {
            FieldKind::Date(formats) => {
                Value::Date(formats[0].read(&text).expect("just written").date())
            }
            FieldKind::Int { .. } => Value::Int(text.parse().expect("a number was put there")),
            _ => Value::from(text),
        }
    }

    /// A value that the surroundings say too: theirs when they do already.
    pub(super) fn surroundings_agree(&mut self, name: &str, value: Value) -> Value {
        if let Some(text) = self.context.get(name) {
            return match value {
                Value::Date(_) => Value::Date(text.parse().expect("a day was put there")),
                Value::Int(_) => Value::Int(text.parse().expect("a number was put there")),
                _ => Value::from(text.as_str()),
            };
        }
        let text = match &value {
            Value::Date(day) => day.to_string(),
            Value::Int(number) => number.to_string(),
            other => other
                .as_text()
                .expect("a day, a number or a text")
                .to_owned(),
        };
        self.context.insert(name.to_owned(), text);
        value
    }

    /// A value as it will be read, of a field that has one text only, too.
    pub(super) fn seen(&self, at: usize, field: &FieldPlan) -> Value {
        match &field.kind {
            FieldKind::Fixed(texts) => Value::from(texts[0].as_str()),
            _ => self.get(at, field),
        }
    }

    /// Parts of texts and repetitions, once what they are of is known.
    fn repeat(&mut self, at: usize) {
        let kind = self.items[at].kind;
        let plan: &RecordPlan = &self.mapping.records[kind];
        for field in &plan.fields {
            if let FieldKind::SameAs(other) = field.kind {
                let value = self.get(at, &plan.fields[other]);
                self.set(at, field, value);
            }
            if let Some(part) = &field.part {
                let whole = plan
                    .fields
                    .iter()
                    .find(|other| other.source == field.source && other.part.is_none())
                    .map(|whole| self.get(at, whole));
                let text = whole.as_ref().and_then(Value::as_text);
                let cut = text
                    .and_then(|text| text.split(part.separator.as_str()).nth(part.index - 1))
                    .filter(|cut| !cut.is_empty() || field.keep_empty);
                let cut = match &field.kind {
                    FieldKind::Text(Some(codes)) => cut.and_then(|cut| codes.canonical(cut)),
                    _ => cut,
                };
                let value = cut.map_or_else(|| self.null(field, kind), Value::from);
                self.set(at, field, value);
            }
        }
    }

    /// A value that nothing but the field itself decides.
    fn free(&mut self, kind: usize, index: usize, field: &FieldPlan) -> Value {
        // An empty field of a line is there: it cannot be absent and an empty text.
        let is_always_there = field.keep_empty && is_empty_when_absent(&self.mapping.format);
        let is_compared = self.needed.contains(&(kind, index));
        let is_fixed = matches!(field.kind, FieldKind::Fixed(_));
        let is_needed = field.required || is_always_there || is_compared || is_fixed;
        if !is_needed && self.choices.one_in(4) {
            return self.null(field, kind);
        }
        self.any_value(kind, field)
    }

    /// A value, never none.
    fn any_value(&mut self, kind: usize, field: &FieldPlan) -> Value {
        match &field.kind {
            FieldKind::Fixed(texts) => Value::from(texts[0].as_str()),
            FieldKind::Text(Some(codes)) => {
                let entries = codes.entries().iter();
                let written: Vec<_> = entries.filter(|entry| !entry.wire.is_empty()).collect();
                Value::from(self.choices.pick(&written).canonical.as_str())
            }
            FieldKind::Text(None) => Value::from(self.text(kind, field)),
            FieldKind::Int { min, max } => Value::Int(self.number(kind, field, *min, *max)),
            FieldKind::Money { min, max, .. } => {
                // Far from the ends of what a number can be, so that sums have room.
                let most = 99_999_999_999;
                Value::Int(self.room(kind, field, min.0.max(-most), max.0.min(most)))
            }
            FieldKind::Decimal { scale, .. } => {
                let most = 10_i64.pow((*scale + 6).min(17));
                Value::Int(self.room(kind, field, -most, most))
            }
            FieldKind::Date(formats) => Value::Date(self.moment(kind, field, &formats[0]).date()),
            FieldKind::Instant(formats) => self.instant(kind, field, &formats[0]),
            FieldKind::SameAs(_) => unreachable!("made by `repeat`"),
        }
    }

    fn number(&mut self, kind: usize, field: &FieldPlan, min: i64, max: i64) -> i64 {
        for check in &field.checks {
            match check {
                TextCheck::OneOf(texts) => {
                    return self
                        .choices
                        .pick(texts)
                        .parse()
                        .expect("a number of `one_of`");
                }
                TextCheck::Digits(digits) => {
                    let least = 10_i64.pow(u32::try_from(*digits - 1).expect("few digits"));
                    return self
                        .choices
                        .between(min.max(least), max.min(least * 10 - 1));
                }
                _ => {}
            }
        }
        self.room(kind, field, min, max)
    }

    /// A moment as exact as the format is, whose text its place admits.
    fn moment(&mut self, kind: usize, field: &FieldPlan, format: &TimeFormat) -> NaiveDateTime {
        for _ in 0..1000 {
            let (moment, text) = self.any_moment(format);
            if self.admits(kind, field, &text) {
                return moment;
            }
        }
        panic!("`{}`: teach the generator this format", self.subject.name)
    }

    fn any_moment(&mut self, format: &TimeFormat) -> (NaiveDateTime, String) {
        let first = NaiveDate::from_ymd_opt(1, 1, 1).expect("a day");
        let usual = NaiveDate::from_ymd_opt(2024, 2, 26).expect("a day");
        let day = match self.choices.below(4) {
            0..=2 => usual + Days::new(self.choices.below(1000) as u64),
            // The last day that four digits can say.
            _ => first + Days::new(self.choices.below(3_652_059) as u64),
        };
        let time = TimeDelta::milliseconds(self.choices.below(86_400_000) as i64);
        let moment = day.and_time(chrono::NaiveTime::MIN) + time;
        let text = format.write(moment).expect("a year of four digits");
        let moment = format.read(&text).expect("what a format writes, it reads");
        (moment, text)
    }

    fn instant(&mut self, kind: usize, field: &FieldPlan, format: &TimeFormat) -> Value {
        // A local time that was skipped when clocks went forward is none.
        loop {
            let mut moment = self.moment(kind, field, format);
            let time = match &field.time {
                Some(TimeOfDay::Slot { format, .. }) => self.any_moment(format).0.time(),
                Some(TimeOfDay::Always(time)) => *time,
                None => moment.time(),
            };
            moment = moment.date().and_time(time);
            if let Ok(instant) = self.subject.clock.instant_of(moment) {
                return Value::Instant(instant);
            }
        }
    }

    /// The checks of a field and of all that take its value.
    fn checks(&self, kind: usize, field: &FieldPlan) -> Vec<TextCheck> {
        let mut checks = field.checks.clone();
        let FieldSourcePlan::Slot(own) = field.source else {
            return checks;
        };
        for (other, plan) in self.mapping.records.iter().enumerate() {
            let takes = |taker: &&FieldPlan| {
                matches!(taker.source, FieldSourcePlan::Slot(slot)
                    if self.twin(other, slot) == Some((kind, own)))
            };
            let takers = plan.fields.iter().filter(takes);
            checks.extend(takers.flat_map(|taker| taker.checks.clone()));
        }
        checks
    }

    fn text(&mut self, kind: usize, field: &FieldPlan) -> String {
        if let Some(number) = self.number_of_kind(kind, field) {
            return number;
        }
        if self.is_rest(kind, field) {
            return CARRIED.to_owned();
        }
        let width = self.width(kind, field).unwrap_or(usize::MAX);
        let mut most = width.min(24);
        let mut pattern = None;
        let checks = self.checks(kind, field);
        for check in &checks {
            match check {
                TextCheck::Hex(lengths) => {
                    let suits = |length: &&usize| {
                        let suits = |other: &TextCheck| match other {
                            TextCheck::Hex(lengths) => lengths.contains(length),
                            _ => true,
                        };
                        checks.iter().all(suits)
                    };
                    let lengths: Vec<usize> = lengths.iter().filter(suits).copied().collect();
                    let length = *self.choices.pick(&lengths);
                    return self.chars(length, b"0123456789ABCDEF");
                }
                TextCheck::Digits(length) => {
                    let digits = self.chars(*length, b"0123456789");
                    // A number of its own begins with no zero.
                    return match self.admits(kind, field, &digits) {
                        true => digits,
                        false => "1".to_owned() + &self.chars(*length - 1, b"0123456789"),
                    };
                }
                TextCheck::OneOf(texts) => return self.choices.pick(texts).clone(),
                TextCheck::MaxBytes(bytes) => most = width.min(*bytes),
                TextCheck::Pattern(found) => pattern = Some(found),
            }
        }
        if let Some(words) = self.words(kind, field) {
            return (*self.choices.pick(words)).to_owned();
        }
        let least = usize::from(!field.keep_empty);
        for _ in 0..1000 {
            let text = self.free_text(least, most, width);
            // A text that hurts may be one that its place refuses.
            let fits = self.hurtful.is_some() || self.admits(kind, field, &text);
            if fits && pattern.is_none_or(|pattern| pattern.is_match(&text)) {
                return text;
            }
            // Numbers that ran out give the same text for ever.
            let spare: Vec<u32> = (0..32)
                .map(|n: u32| n.wrapping_mul(2_654_435_761))
                .collect();
            self.choices.numbers = spare.into_iter();
        }
        panic!("`{}`: teach the generator this pattern", self.subject.name)
    }

    fn chars(&mut self, length: usize, of: &[u8]) -> String {
        (0..length)
            .map(|_| char::from(*self.choices.pick(of)))
            .collect()
    }

    /// At most `most` bytes in GB18030, and `width` in UTF-8.
    fn free_text(&mut self, least: usize, most: usize, width: usize) -> String {
        let mut text = String::new();
        let count = least + self.choices.below(12);
        for at in 0..count {
            let next = self.free_char(at > 0 && at + 1 < count);
            let mut longer = text.clone();
            longer.push(next);
            if byte_width(&longer, Encoding::Gb18030).is_some_and(|bytes| bytes <= most)
                && longer.len() <= width
            {
                text = longer;
            }
        }
        if text.len() < least {
            text.push('x');
        }
        text
    }

    fn free_char(&mut self, is_inner: bool) -> char {
        match (self.hurtful, self.choices.below(8)) {
            (Some(hurtful), 6..) => hurtful,
            (_, 2) if is_inner => ' ',
            (_, 0..=3) => char::from(*self.choices.pick(b"aZ09b7-._/")),
            // Every character of this block that GBK has: all of the first 20,902.
            _ => {
                let code = 0x4e00 + u32::try_from(self.choices.below(20_902)).expect("small");
                char::from_u32(code).expect("a Chinese character")
            }
        }
    }
}
