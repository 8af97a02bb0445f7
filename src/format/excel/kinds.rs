//! The kinds of record of a sheet, and what each wants of a row.

use super::heading::{Header, Wanted, plain_heading};
use super::plan::{CellKind, ExcelField, ExcelSelect};
use crate::format::{FieldSource, Layout, RecordLayout, Select};

/// One kind of record.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) name: String,
    matching: Option<Matching>,
    /// For each slot where it is, if the sheet has any of its columns.
    pub(super) slots: Vec<Option<Pick>>,
}

#[derive(Debug)]
struct Matching {
    /// Among the wanted columns.
    column: Option<usize>,
    /// Plain texts.
    one_of: Vec<String>,
}

/// Where the value of a slot is.
#[derive(Debug, Clone)]
pub(super) struct Pick {
    /// Among the wanted columns.
    pub(super) wanted: usize,
    /// In the sheet.
    pub(super) column: u32,
    /// Its name in the mapping.
    pub(super) name: String,
    pub(super) kind: CellKind,
}

/// Everything that a layout wants of a sheet.
pub(super) fn wanted(layout: &Layout) -> Wanted {
    let mut wanted = Wanted::default();
    for record in &layout.records {
        for sources in &record.slots {
            let need: Vec<usize> = excel_fields(sources)
                .map(|field| index(&mut wanted, &field.column))
                .collect();
            if !need.is_empty() && !wanted.needs.contains(&need) {
                wanted.needs.push(need);
            }
        }
        let matching = excel_select(record).matching.as_ref();
        if let Some(column) = matching.and_then(|matching| matching.column.as_ref()) {
            let need = vec![index(&mut wanted, column)];
            if !wanted.needs.contains(&need) {
                wanted.needs.push(need);
            }
        }
    }
    wanted
}

fn index(wanted: &mut Wanted, column: &String) -> usize {
    let known = wanted.columns.iter().position(|name| name == column);
    known.unwrap_or_else(|| {
        wanted.columns.push(column.clone());
        wanted.columns.len() - 1
    })
}

/// The kinds of a layout, with their columns found.
pub(super) fn kinds(layout: &Layout, wanted: &Wanted, header: &Header) -> Vec<Kind> {
    let position = |column: &String| wanted.columns.iter().position(|name| name == column);
    let pick = |field: &ExcelField| {
        let wanted = position(&field.column)?;
        Some(Pick {
            wanted,
            column: header.columns.get(wanted).copied().flatten()?,
            name: field.column.clone(),
            kind: field.wanted,
        })
    };
    let kind = |record: &RecordLayout| Kind {
        name: record.name.clone(),
        matching: (excel_select(record).matching.as_ref()).map(|matching| Matching {
            column: matching.column.as_ref().and_then(position),
            one_of: matching
                .one_of
                .iter()
                .map(|text| plain_heading(text))
                .collect(),
        }),
        slots: (record.slots.iter())
            .map(|sources| {
                let first = excel_fields(sources).next()?;
                // What is wanted of a slot is said by its first source.
                let found = excel_fields(sources).find_map(pick)?;
                Some(Pick {
                    kind: first.wanted,
                    ..found
                })
            })
            .collect(),
    };
    layout.records.iter().map(kind).collect()
}

impl Kind {
    /// Whether a row is of this kind by its `match`: `text` gives the text of a wanted column, or of
    /// the first cell that has any.
    pub(super) fn matches<'t>(&self, text: impl Fn(Option<usize>) -> &'t str) -> bool {
        self.matching.as_ref().is_some_and(|matching| {
            let found = plain_heading(text(matching.column));
            matching.one_of.contains(&found)
        })
    }

    /// Whether it takes the rows that no other kind takes.
    pub(super) fn is_main(&self) -> bool {
        self.matching.is_none()
    }

    /// Whether it reads more than one of the columns from `left` to `right`.
    pub(super) fn reads_several(&self, left: u32, right: u32) -> bool {
        let read = self.slots.iter().flatten().map(|pick| pick.column);
        let mut inside: Vec<u32> = read
            .filter(|column| (left..=right).contains(column))
            .collect();
        inside.sort_unstable();
        inside.dedup();
        inside.len() > 1
    }
}

/// The excel part of a record's layout.
pub(super) fn excel_select(record: &RecordLayout) -> &ExcelSelect {
    static NOTHING: ExcelSelect = ExcelSelect { matching: None };
    match &record.select {
        Select::Excel(select) => select,
        // A mapping has one format; checking it makes all its parts of that kind.
        _ => &NOTHING,
    }
}

/// The excel sources of a slot.
pub(super) fn excel_fields(sources: &[FieldSource]) -> impl Iterator<Item = &ExcelField> {
    sources.iter().filter_map(|source| match source {
        FieldSource::Excel(field) => Some(field),
        _ => None,
    })
}
