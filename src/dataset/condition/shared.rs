//! Rows in force that several conditions look at: found once for each row instead of once for
//! each condition.

use std::fmt::Write as _;

use super::render::in_force;
use super::{AsOf, Condition, Lookup};
use crate::dataset::sql::{qualified, quote};
use crate::id::Ident;

/// The lookups of a statement that are joined to its rows.
///
/// Only a lookup that finds at most one row may be joined: it ties the whole group within which
/// rows follow one another, so that a row of ours stays one row.
#[derive(Debug)]
pub(in crate::dataset) struct Shared<'c> {
    lookups: Vec<(&'c Lookup, &'c AsOf)>,
}

impl<'c> Shared<'c> {
    /// What at least two of `conditions` look at.
    pub(in crate::dataset) fn by(conditions: impl Iterator<Item = &'c Condition>) -> Self {
        let all: Vec<(&Lookup, &AsOf)> = conditions
            .flat_map(|condition| &condition.lookups)
            .filter_map(|lookup| Some((lookup, lookup.as_of.as_ref()?)))
            .filter(|(lookup, as_of)| finds_one(lookup, as_of))
            .collect();
        let mut lookups: Vec<(&Lookup, &AsOf)> = Vec::new();
        for (lookup, as_of) in &all {
            let users = all.iter().filter(|(other, _)| is_same(lookup, other));
            if users.count() > 1 && !lookups.iter().any(|(other, _)| is_same(lookup, other)) {
                lookups.push((lookup, as_of));
            }
        }
        Self { lookups }
    }

    /// The joins to the rows under the alias `ours`.
    pub(in crate::dataset) fn joins(&self, ours: &str) -> String {
        let mut joins = String::new();
        for (number, (lookup, as_of)) in self.lookups.iter().enumerate() {
            let theirs = alias(number);
            // Writing into a text cannot fail.
            let _ = write!(
                joins,
                " LEFT JOIN {} AS {theirs} ON ",
                quote(&lookup.dataset)
            );
            for (their, our) in &lookup.on {
                let (their, our) = (qualified(&theirs, their), qualified(ours, our));
                let _ = write!(joins, "{their} = {our} AND ");
            }
            joins.push_str(&in_force(lookup, as_of, &theirs, ours));
        }
        joins
    }

    /// The alias of the row in force that a lookup asks about.
    pub(super) fn in_force(&self, lookup: &Lookup) -> Option<(String, &Ident)> {
        lookup.as_of.as_ref()?;
        self.find(|other| is_same(lookup, other))
    }

    /// The alias of a row whose presence means that a lookup without a moment and without tests
    /// finds one; its absence means nothing.
    pub(super) fn any_moment(&self, lookup: &Lookup) -> Option<(String, &Ident)> {
        if lookup.as_of.is_some() || !lookup.tests.is_empty() {
            return None;
        }
        self.find(|other| other.dataset == lookup.dataset && other.on == lookup.on)
    }

    fn find(&self, fits: impl Fn(&Lookup) -> bool) -> Option<(String, &Ident)> {
        let mut lookups = self.lookups.iter().enumerate();
        let (number, (_, as_of)) = lookups.find(|(_, (lookup, _))| fits(lookup))?;
        Some((alias(number), &as_of.effective))
    }
}

fn alias(number: usize) -> String {
    format!("force{number}")
}

fn is_same(a: &Lookup, b: &Lookup) -> bool {
    a.dataset == b.dataset && a.on == b.on && a.as_of == b.as_of
}

fn finds_one(lookup: &Lookup, as_of: &AsOf) -> bool {
    let is_tied = |name: &Ident| lookup.on.iter().any(|(their, _)| their == name);
    as_of.group.iter().all(is_tied)
}
