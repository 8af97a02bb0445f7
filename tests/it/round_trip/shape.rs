//! What a format says about where records stand and what their fields can hold: the one place of
//! this suite that knows kinds of format. A new one is a line in each `match`.

use dukou::format::json::{AbsentFields, Nulls};
use dukou::format::lines::Stand;
use dukou::format::{FieldSource, FormatPlan, Layout, Select};
use dukou::id::Fen;
use dukou::mapping::{FieldKind, FieldPlan, FieldSourcePlan, Unit};
use dukou::record::Place;

use super::generate::Maker;

/// Whether a file is a row of lines, in groups or not, rather than a tree.
pub(super) fn is_lines(format: &FormatPlan) -> bool {
    match format {
        FormatPlan::Csv(_) | FormatPlan::Fixed(_) | FormatPlan::Excel(_) => true,
        FormatPlan::Xml(_) | FormatPlan::Json(_) => false,
    }
}

/// Where the records of a kind stand in the file, where lines do.
pub(super) fn stand(select: &Select) -> Option<Stand> {
    match select {
        Select::Csv(select) => Some(select.stand()),
        Select::Fixed(select) => Some(select.stand()),
        // The rows of a sheet, a total row too, stand in any order.
        Select::Excel(_) => Some(Stand::Between),
        Select::Xml(_) | Select::Json(_) => None,
    }
}

/// Where a record of a kind comes in the order of writing. A record that holds others ends after
/// them, so it is read after them; it is written first. The rows of a sheet are all at one place.
pub(super) fn rank(format: &FormatPlan, place: Place, kind: usize) -> (u64, u64) {
    let second = match is_lines(format) {
        true => place.record.0,
        false => kind as u64,
    };
    (place.offset, second)
}

/// Whether a kind of a tree stands once in what it stands in, rather than any number of times.
pub(super) fn is_single(format: &FormatPlan, layout: &Layout, kind: usize) -> bool {
    let outer = layout.parent(kind);
    match (&layout.records[kind].select, format) {
        (Select::Xml(select), _) => !select.path().contains('/'),
        // Every document of a line begins with one.
        (Select::Json(_), FormatPlan::Json(plan)) if plan.lines && outer.is_none() => false,
        (Select::Json(select), _) => {
            let outer = outer.map(|outer| match &layout.records[outer].select {
                Select::Json(outer) => outer,
                _ => unreachable!("a layout has one format"),
            });
            !select.is_list_in(outer)
        }
        _ => false,
    }
}

/// Whether a record without any value would be none.
pub(super) fn needs_a_value(format: &FormatPlan, layout: &Layout, kind: usize) -> bool {
    match &layout.records[kind].select {
        Select::Excel(_) => true,
        Select::Xml(select) => select.skips_empty(),
        Select::Json(select) => {
            let nulls =
                matches!(format, FormatPlan::Json(plan) if plan.absent == AbsentFields::Null);
            let mut slots = layout.records[kind].slots.iter().flatten();
            slots.any(is_whole_record) || select.skips_empty() && !nulls
        }
        Select::Csv(_) | Select::Fixed(_) => false,
    }
}

/// Whether a field is the record itself, a bare text of a list.
fn is_whole_record(source: &FieldSource) -> bool {
    matches!(source, FieldSource::Json(field) if field.path().to_string() == ".")
}

/// Whether a field without a value is read as an empty text, so that it is never absent.
pub(super) fn is_empty_when_absent(format: &FormatPlan) -> bool {
    match format {
        FormatPlan::Json(plan) => plan.absent == AbsentFields::Null && plan.nulls == Nulls::Empty,
        other => is_lines(other),
    }
}

/// Where a field of a tree stands when it is written, from the root; `None` when it is one of the
/// record's own.
pub(super) fn absolute(source: &FieldSource) -> Option<String> {
    match source {
        FieldSource::Xml(field) if field.is_absolute() => Some(field.to_string()),
        FieldSource::Json(field) if field.path().is_absolute() => Some(field.path().to_string()),
        _ => None,
    }
}

/// Where a field of a tree stands when the record that has it itself is of a kind.
pub(super) fn absolute_in(select: &Select, source: &FieldSource) -> Option<String> {
    match (select, source) {
        (Select::Xml(select), FieldSource::Xml(field)) => {
            Some(format!("/{}/{field}", select.path()))
        }
        (Select::Json(select), FieldSource::Json(field)) => match select.path().as_str() {
            "." => Some(format!("/{}", field.path())),
            path => Some(format!("/{path}/{}", field.path())),
        },
        _ => None,
    }
}

/// For a field of another kind's line: that kind, and the field as it has it itself.
pub(super) fn shared(source: &FieldSource) -> Option<(usize, FieldSource)> {
    match source {
        FieldSource::Csv(field) => field
            .shared()
            .map(|(kind, own)| (kind, FieldSource::Csv(own))),
        FieldSource::Fixed(field) => field
            .shared()
            .map(|(kind, own)| (kind, FieldSource::Fixed(own))),
        FieldSource::Excel(_) | FieldSource::Xml(_) | FieldSource::Json(_) => None,
    }
}

impl Maker<'_> {
    /// The bytes of a field's place, where it has so many.
    pub(super) fn width(&self, kind: usize, field: &FieldPlan) -> Option<usize> {
        match (&self.layout(kind)?.select, self.first_source(kind, field)?) {
            (Select::Fixed(select), FieldSource::Fixed(field)) => select.width(field),
            _ => None,
        }
    }

    /// The only texts that a field's place has, where they are so few.
    pub(super) fn words(&self, kind: usize, field: &FieldPlan) -> Option<&'static [&'static str]> {
        match self.first_source(kind, field)? {
            FieldSource::Json(field) if field.admits("true") && !field.admits("x") => {
                Some(&["true", "false"])
            }
            _ => None,
        }
    }

    /// Whether a text can stand in a field's place.
    pub(super) fn admits(&self, kind: usize, field: &FieldPlan, text: &str) -> bool {
        let place = self
            .layout(kind)
            .zip(self.first_source(kind, field))
            .map(|(record, source)| (&record.select, source));
        match (place, &self.mapping.format) {
            (Some((Select::Fixed(select), FieldSource::Fixed(field))), FormatPlan::Fixed(plan)) => {
                select.admits(plan, field, text)
            }
            (Some((_, FieldSource::Json(field))), _) => field.admits(text),
            (_, FormatPlan::Excel(plan)) => plan.admits(text),
            (_, FormatPlan::Xml(plan)) if plan.trim => text.trim() == text,
            _ => true,
        }
    }

    fn layout(&self, kind: usize) -> Option<&dukou::format::RecordLayout> {
        self.mapping.layout.records.get(kind)
    }

    fn first_source(&self, kind: usize, field: &FieldPlan) -> Option<&FieldSource> {
        match field.source {
            FieldSourcePlan::Slot(slot) => self.layout(kind)?.slots.get(slot)?.first(),
            FieldSourcePlan::Context(_) => None,
        }
    }

    /// A number between two that its place has room for, and that loses no digit there.
    pub(super) fn room(&mut self, kind: usize, field: &FieldPlan, min: i64, max: i64) -> i64 {
        let unit = unit(&field.kind);
        let fits = |number: i64| self.admits(kind, field, &rendered(&field.kind, number));
        let nines = (1..=17_u32).rev().map(|digits| 10_i64.pow(digits) - 1);
        let most = |sign: i64| {
            let whole = |number: i64| number / unit * unit * sign;
            nines.clone().map(whole).find(|number| fits(*number))
        };
        let (least, greatest) = (most(-1).unwrap_or(0), most(1).unwrap_or(0));
        // What fits a number of 17 digits fits all of 19, or every place would need so many.
        let is_bound = |at: i64| {
            at.unsigned_abs() < (10_u64.pow(17) - 1) / unit.unsigned_abs() * unit.unsigned_abs()
        };
        let min = if is_bound(least) { min.max(least) } else { min };
        let max = if is_bound(greatest) {
            max.min(greatest)
        } else {
            max
        };
        self.choices.between(min, max) / unit * unit
    }
}

/// What every number of a field is a multiple of, because fewer decimals are written than kept.
fn unit(kind: &FieldKind) -> i64 {
    let lost = match kind {
        FieldKind::Money {
            unit: Unit::Implied(written),
            ..
        } => 2_u32.saturating_sub(*written),
        FieldKind::Decimal {
            scale,
            implied: Some(written),
        } => scale.saturating_sub(*written),
        _ => 0,
    };
    10_i64.pow(lost)
}

/// A number about as it is written: as long, and of its sign.
fn rendered(kind: &FieldKind, number: i64) -> String {
    let shift = |scale: u32, written: u32| {
        let number = i128::from(number) * 10_i128.pow(written) / 10_i128.pow(scale);
        number.to_string()
    };
    match kind {
        FieldKind::Money {
            unit: Unit::Yuan, ..
        } => Fen(number).to_string(),
        FieldKind::Money {
            unit: Unit::Implied(written),
            ..
        } => shift(2, *written),
        FieldKind::Decimal {
            scale,
            implied: Some(written),
        } => shift(*scale, *written),
        FieldKind::Decimal { scale: 1.., .. } => format!("{number}."),
        _ => number.to_string(),
    }
}
