//! What a report is about: a day's totals, or a day's rows matched one by one.

use super::Request;
use crate::id::Ident;
use crate::reconcile::{MatchPlan, PartSource, ReconcilePlan, Selection, Title, Whose};

/// What a report shows.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// `[reconcile]`: what the other side states, and what our parts add up to.
    Totals(&'a ReconcilePlan),
    /// `[match]`: the rows of two sides.
    Rows(&'a MatchPlan),
}

/// A component that is made of rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows<'a> {
    /// Its word in the ledger.
    pub(super) component: &'a str,
    /// Its word in anchors and in the index of the details.
    pub(super) name: &'a str,
    pub(super) title: &'a Title,
    pub(super) selection: &'a Selection,
    /// The columns that its groups have values of; none when they are files.
    pub(super) by: &'a [Ident],
}

/// The word that the ledger has for all rows of a side.
fn loaded(whose: Whose) -> &'static str {
    match whose {
        Whose::Ours => "ours.loaded",
        Whose::Theirs => "theirs.loaded",
    }
}

impl<'a> Subject<'a> {
    /// The plan, if it is about totals.
    pub(super) fn totals(self) -> Option<&'a ReconcilePlan> {
        match self {
            Self::Totals(plan) => Some(plan),
            Self::Rows(_) => None,
        }
    }

    /// Whether it shows checks alone.
    pub(super) fn is_inspection(self) -> bool {
        self.totals().is_some_and(ReconcilePlan::is_inspection)
    }

    /// The plan, if it is about rows.
    pub(super) fn rows(self) -> Option<&'a MatchPlan> {
        match self {
            Self::Totals(_) => None,
            Self::Rows(plan) => Some(plan),
        }
    }

    fn sides(plan: &'a MatchPlan) -> impl Iterator<Item = Rows<'a>> {
        Whose::BOTH.into_iter().map(|whose| Rows {
            component: loaded(whose),
            name: whose.word(),
            title: &plan.side(whose).title,
            selection: &plan.side(whose).selection,
            by: &[],
        })
    }
}

impl<'a> Request<'a> {
    /// What it shows.
    pub(super) fn subject(&self) -> Subject<'a> {
        self.reconcile.1
    }

    /// The unit of amounts on paper.
    pub(super) fn unit(&self) -> &'a str {
        match self.subject() {
            Subject::Totals(plan) => &plan.unit,
            Subject::Rows(plan) => &plan.unit,
        }
    }

    /// The components that have a table of groups, in the order of `Content::parts`; `None` is one
    /// that cannot be known.
    pub(super) fn parts(&self) -> Vec<Option<Rows<'a>>> {
        match self.subject() {
            Subject::Rows(plan) => Subject::sides(plan).map(Some).collect(),
            Subject::Totals(plan) => {
                let rows = plan.parts.iter().map(|part| match &part.source {
                    PartSource::Unknown(_) => None,
                    PartSource::Rows(selection) => Some(Rows {
                        component: part.name.as_str(),
                        name: part.name.as_str(),
                        title: &part.title,
                        selection,
                        by: selection.by(),
                    }),
                });
                rows.collect()
            }
        }
    }

    /// All components whose rows stand in the details: those with groups, after what is claimed.
    pub(super) fn detailed(&self) -> Vec<Rows<'a>> {
        let claimed = self.subject().totals();
        let claimed = claimed.and_then(|plan| plan.claimed.as_ref());
        let claimed = claimed.map(|claimed| Rows {
            component: "claimed",
            name: "claimed",
            title: &claimed.title,
            selection: &claimed.selection,
            by: claimed.selection.by(),
        });
        let parts = self.parts().into_iter().flatten();
        claimed.into_iter().chain(parts).collect()
    }
}
