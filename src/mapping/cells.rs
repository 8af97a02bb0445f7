//! What the fields of a mapping want of the cells of a workbook.
//!
//! A cell has a type of its own, so a day or moment needs no declared format: it is read and written
//! as a real one, and the declared formats are those of texts beside it.

use super::datetime::{HasTime, TimeFormat};
use super::field::{FieldKind, FieldPlan, FieldSourcePlan, Unit};
use super::field_options::formats;
use crate::diag::Problems;
use crate::document::Section;
use crate::format::FieldSource;
use crate::format::excel::CellKind;

/// The slots of a kind of record, each with what its first field wants of a cell.
pub(super) fn typed(
    mut slots: Vec<Vec<FieldSource>>,
    fields: &[FieldPlan],
) -> Vec<Vec<FieldSource>> {
    for (index, sources) in slots.iter_mut().enumerate() {
        let own = fields
            .iter()
            .find(|field| field.source == FieldSourcePlan::Slot(index));
        let wanted = own.map_or(CellKind::Text, |field| wanted(&field.kind, fields));
        for source in sources {
            if let FieldSource::Excel(field) = source {
                field.set_wanted(wanted);
            }
        }
    }
    slots
}

fn wanted(kind: &FieldKind, fields: &[FieldPlan]) -> CellKind {
    match kind {
        FieldKind::Text(_)
        | FieldKind::Fixed(_)
        | FieldKind::Money {
            unit: Unit::Formed(_),
            ..
        } => CellKind::Text,
        FieldKind::Int { .. }
        | FieldKind::Money {
            unit: Unit::Fen | Unit::Implied(_),
            ..
        }
        | FieldKind::Decimal {
            implied: Some(_), ..
        } => CellKind::Integer,
        FieldKind::Money {
            unit: Unit::Yuan, ..
        } => CellKind::Decimal(2),
        FieldKind::Money {
            unit: Unit::Decimals(decimals),
            ..
        } => CellKind::Decimal(*decimals),
        FieldKind::Decimal { scale, .. } => CellKind::Decimal(*scale),
        FieldKind::Date(_) => CellKind::Day,
        FieldKind::Instant(_) => CellKind::Moment,
        FieldKind::SameAs(other) => match fields.get(*other).map(|field| &field.kind) {
            None | Some(FieldKind::SameAs(_)) => CellKind::Text,
            Some(kind) => wanted(kind, fields),
        },
    }
}

/// How days of a workbook are written: as its reader gives them, then as the field declares.
pub(super) fn day_formats(
    section: &Section<'_>,
    problems: &mut Problems,
) -> Option<Vec<TimeFormat>> {
    with_own(&["%Y-%m-%d"], HasTime::No, section, problems)
}

/// How moments of a workbook are written.
pub(super) fn moment_formats(
    section: &Section<'_>,
    problems: &mut Problems,
) -> Option<Vec<TimeFormat>> {
    let own = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f"];
    with_own(&own, HasTime::Yes, section, problems)
}

fn with_own(
    own: &[&str],
    time: HasTime,
    section: &Section<'_>,
    problems: &mut Problems,
) -> Option<Vec<TimeFormat>> {
    let own = own
        .iter()
        .filter_map(|text| TimeFormat::new(text, time).ok());
    let declared = match section.has("format") {
        true => formats(section, time, problems)?,
        false => Vec::new(),
    };
    Some(own.chain(declared).collect())
}
