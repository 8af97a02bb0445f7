//! Numbers of a kind, for fields with a `check`.

use dukou::identifier::Identifier;
use dukou::mapping::{FieldPlan, FieldSourcePlan, IdentifierPlan, RecordPlan};
use dukou::value::Value;

use super::generate::Maker;

impl Maker<'_> {
    /// A number of the kind that a field, or one that takes its value, must be.
    pub(super) fn number_of_kind(&mut self, kind: usize, field: &FieldPlan) -> Option<String> {
        let own = field.identifier;
        let taken = || {
            let FieldSourcePlan::Slot(slot) = field.source else {
                return None;
            };
            let records = self.mapping.records.iter().enumerate();
            let fields = records
                .flat_map(|(other, plan)| plan.fields.iter().map(move |field| (other, field)));
            let takes = |(other, taker): &(usize, &FieldPlan)| match taker.source {
                FieldSourcePlan::Slot(own) => self.twin(*other, own) == Some((kind, slot)),
                FieldSourcePlan::Context(_) => false,
            };
            fields.filter(takes).find_map(|(_, taker)| taker.identifier)
        };
        match own.or_else(taken) {
            Some(IdentifierPlan::Is(kind)) => Some(kind.specimen(self.choices.wide())),
            _ => None,
        }
    }

    /// Documents, once their types are there: without a type there is none.
    pub(super) fn identify(&mut self, at: usize, plan: &RecordPlan) {
        for field in &plan.fields {
            let Some(IdentifierPlan::ByType(other)) = field.identifier else {
                continue;
            };
            let ty = self.get(at, &plan.fields[other]);
            let value = match ty.as_text().and_then(Identifier::of_document) {
                Some(kind) => Value::from(kind.specimen(self.choices.wide())),
                None => self.null(field, self.items[at].kind),
            };
            self.set(at, field, value);
        }
    }
}
