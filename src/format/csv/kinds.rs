//! The kinds of record of a file, with all columns found.

use super::fault::Fault;
use super::plan::{CsvPlan, TrailingSeparator};
use super::select::{Column, Condition, CsvField, CsvSelect, Facts, Test};
use super::split::Fields;
use crate::format::lines::{Pick, Shared, Source, Standing, shared_fields};
use crate::format::{FieldSource, Layout, RecordLayout, Select};
use crate::record::WireRecord;
use crate::text::Encoding;

/// All kinds of a file; indexes are those of the layout.
pub(super) struct Kinds {
    all: Vec<Kind>,
    /// The kind without conditions.
    main: Option<usize>,
    trailing: TrailingSeparator,
}

/// One kind of record.
struct Kind {
    name: String,
    tests: Vec<Test>,
    /// How many columns a line must have; `None` until the header row is read.
    columns: Option<usize>,
    slots: usize,
    picks: Vec<Pick>,
    /// Which columns other kinds want: column, index among the shared values.
    keeps: Vec<(usize, usize)>,
}

impl Kinds {
    /// `names` are those of the header row, once it is read.
    pub(super) fn new(
        plan: &CsvPlan,
        layout: &Layout,
        names: Option<&[String]>,
        encoding: Encoding,
    ) -> Self {
        let slots = layout.records.iter().flat_map(|record| &record.slots);
        let fields = slots.flat_map(|sources| csv_fields(sources));
        let shared = shared_fields(fields, |field| field.kind.is_some());
        let build = |(index, record): (usize, &RecordLayout)| {
            let select = csv_select(record);
            let by_name = is_named(plan, &select.conditions);
            let keeps = (shared.iter().enumerate())
                .filter(|(_, field)| field.kind == Some(index))
                .filter_map(|(at, field)| Some((position(&field.column, names)?, at)));
            Kind {
                name: record.name.clone(),
                tests: (select.conditions.iter())
                    .map(|condition| Test::new(condition, encoding))
                    .collect(),
                columns: if by_name {
                    names.map(<[_]>::len)
                } else {
                    Some(select.columns.len())
                },
                slots: record.slots.len(),
                picks: picks(record, names, &shared),
                keeps: keeps.collect(),
            }
        };
        Self {
            all: layout.records.iter().enumerate().map(build).collect(),
            main: main_kind(layout),
            trailing: plan.trailing_separator,
        }
    }

    pub(super) fn name(&self, kind: usize) -> &str {
        self.all.get(kind).map_or("", |kind| &kind.name)
    }

    pub(super) fn columns(&self, kind: usize) -> Option<usize> {
        self.all.get(kind)?.columns
    }

    pub(super) fn slots(&self, kind: usize) -> usize {
        self.all.get(kind).map_or(0, |kind| kind.slots)
    }

    /// Drops what the last line of a kind left for others.
    pub(super) fn forget(&self, kind: usize, shared: &mut Shared) {
        for (_, index) in self.all.get(kind).map_or(&[][..], |kind| &kind.keeps) {
            shared.set(*index, None);
        }
    }

    pub(super) fn main(&self) -> Option<usize> {
        self.main
    }

    /// Whether the kind of a line is known without looking at it.
    pub(super) fn is_one(&self) -> bool {
        self.all.len() == 1 && self.main.is_some()
    }

    /// Whether any kind is told by being the last line.
    pub(super) fn has_last(&self) -> bool {
        self.all.iter().any(Kind::is_last)
    }

    /// The first kind whose conditions all hold, else the kind without any.
    pub(super) fn of(&self, facts: &Facts<'_>) -> Option<usize> {
        self.matched(facts).or(self.main)
    }

    /// As [`Self::of`], without the kind that takes what the others leave.
    pub(super) fn matched(&self, facts: &Facts<'_>) -> Option<usize> {
        self.all.iter().position(|kind| kind.matches(facts))
    }

    /// Fills `record`, which has been started, with a line of this kind.
    pub(super) fn fill(
        &self,
        kind: usize,
        fields: &Fields<'_>,
        shared: &mut Shared,
        record: &mut WireRecord,
    ) -> Result<(), Refusal> {
        let Some(kind) = self.all.get(kind) else {
            return Ok(());
        };
        let count = count(fields, self.trailing, kind.columns);
        let refusal = match (count, kind.columns) {
            (Err(fault), _) => Some(Refusal::Fault(fault)),
            (Ok(found), Some(expected)) if found != expected => {
                Some(Refusal::Columns { found, expected })
            }
            _ => None,
        };
        for (column, index) in &kind.keeps {
            // A refused line leaves nothing behind for the records after it.
            let value = fields.get(*column).filter(|_| refusal.is_none());
            shared.set(*index, value);
        }
        if let Some(refusal) = refusal {
            return Err(refusal);
        }
        for pick in &kind.picks {
            let value = pick.sources.iter().find_map(|source| match source {
                Source::Own(column) => fields.get(*column),
                Source::Shared(index) => shared.get(*index),
            });
            if let Some(value) = value {
                record.set(pick.slot, value);
            }
        }
        Ok(())
    }
}

/// Why a line of a known kind is refused.
pub(super) enum Refusal {
    Fault(Fault),
    Columns { found: usize, expected: usize },
}

impl Kind {
    fn is_last(&self) -> bool {
        self.tests.iter().any(|test| matches!(test, Test::Last))
    }

    fn matches(&self, facts: &Facts<'_>) -> bool {
        !self.tests.is_empty() && self.tests.iter().all(|test| test.holds(facts))
    }
}

/// How many fields a line has, a trailing separator not counted.
pub(super) fn count(
    fields: &Fields<'_>,
    trailing: TrailingSeparator,
    expected: Option<usize>,
) -> Result<usize, Fault> {
    let found = fields.spans.len();
    match trailing {
        TrailingSeparator::Required if !fields.open_ended => Err(Fault::TrailingSeparator),
        TrailingSeparator::Required => Ok(found - 1),
        TrailingSeparator::Optional if fields.open_ended && expected != Some(found) => {
            Ok(found - 1)
        }
        TrailingSeparator::None | TrailingSeparator::Optional => Ok(found),
    }
}

/// The fewest and the most fields that a line may count as having.
pub(super) fn counts(fields: &Fields<'_>, trailing: TrailingSeparator) -> (usize, usize) {
    let found = fields.spans.len();
    let without = found - usize::from(fields.open_ended);
    match trailing {
        TrailingSeparator::None => (found, found),
        TrailingSeparator::Required => (without, without),
        TrailingSeparator::Optional => (without, found),
    }
}

/// The index of the kind without conditions.
pub(super) fn main_kind(layout: &Layout) -> Option<usize> {
    (layout.records.iter()).position(|record| csv_select(record).conditions.is_empty())
}

/// The csv part of a record's layout.
pub(super) fn csv_select(record: &RecordLayout) -> &CsvSelect {
    static NOTHING: CsvSelect = CsvSelect {
        conditions: Vec::new(),
        columns: Vec::new(),
        standing: Standing::ANYWHERE,
    };
    match &record.select {
        Select::Csv(select) => select,
        // A mapping has one format; checking it makes all its parts of that kind.
        _ => &NOTHING,
    }
}

/// The csv sources of a slot.
pub(super) fn csv_fields(sources: &[FieldSource]) -> impl Iterator<Item = &CsvField> {
    sources.iter().filter_map(|source| match source {
        FieldSource::Csv(field) => Some(field),
        _ => None,
    })
}

/// Whether the kind with these conditions finds its columns in the header row.
pub(super) fn is_named(plan: &CsvPlan, conditions: &[Condition]) -> bool {
    plan.header == super::plan::Header::Name && conditions.is_empty()
}

fn picks(record: &RecordLayout, names: Option<&[String]>, shared: &[CsvField]) -> Vec<Pick> {
    let source = |field: &CsvField| match field.kind {
        None => position(&field.column, names).map(Source::Own),
        Some(_) => shared
            .iter()
            .position(|other| other == field)
            .map(Source::Shared),
    };
    (record.slots.iter().enumerate())
        .map(|(slot, sources)| Pick {
            slot,
            sources: csv_fields(sources).filter_map(source).collect(),
        })
        .collect()
}

fn position(column: &Column, names: Option<&[String]>) -> Option<usize> {
    match column {
        Column::At(at) => Some(*at),
        Column::Named(wanted) => names?.iter().position(|name| name == wanted),
    }
}
