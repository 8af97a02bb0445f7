//! Files made of lines: which kinds stand where, in their groups, as often as they may.

use std::collections::BTreeSet;

use dukou::format::lines::{Occurs, Stand, Standing};

use super::generate::Maker;
use super::shape::stand;

impl Maker<'_> {
    /// The records of a group after the one that begins it, its trailer last; of the file itself
    /// when there is none.
    pub(super) fn lines(&mut self, outer: Option<usize>) {
        let group = outer.map(|at| self.items[at].kind);
        let members: Vec<usize> = (0..self.mapping.records.len())
            .filter(|kind| self.mapping.layout.parent(*kind) == group)
            .collect();
        let (closers, members): (Vec<usize>, Vec<usize>) = members
            .into_iter()
            .partition(|kind| self.standing(*kind).closes.is_some());
        for kind in self.at(&members, Stand::First) {
            self.line(kind, outer);
        }
        for kind in self.between(&self.at(&members, Stand::Between)) {
            self.line(kind, outer);
        }
        for kind in closers {
            let is_there = self.standing(kind).occurs == Occurs::Once || !self.choices.one_in(4);
            if is_there {
                self.line(kind, outer);
            }
        }
        for kind in self.at(&members, Stand::Last) {
            self.line(kind, outer);
        }
        // What a group's records said is gone with it.
        for kind in members {
            self.forget(kind);
        }
    }

    fn line(&mut self, kind: usize, outer: Option<usize>) {
        let at = self.record(kind, outer);
        let is_group = (0..self.mapping.records.len())
            .any(|other| self.mapping.layout.parent(other) == Some(kind));
        if is_group {
            self.lines(Some(at));
            self.forget(kind);
        }
    }

    fn forget(&mut self, kind: usize) {
        let has_group = self.mapping.layout.parent(kind).is_some()
            || (0..self.mapping.records.len())
                .any(|other| self.mapping.layout.parent(other) == Some(kind));
        if has_group {
            self.last[kind] = None;
        }
    }

    /// Those of some kinds that stand first, last or between.
    fn at(&self, kinds: &[usize], wanted: Stand) -> Vec<usize> {
        let stands =
            |kind: &usize| stand(&self.mapping.layout.records[*kind].select) == Some(wanted);
        kinds.iter().copied().filter(stands).collect()
    }

    /// Records between the first and the last: as many of each kind as may be, those whose values
    /// others take first, none after a kind that bars it, else in any order.
    fn between(&mut self, kinds: &[usize]) -> Vec<usize> {
        let all = 0..self.mapping.records.len();
        let shared: BTreeSet<usize> = all.filter_map(|kind| self.shares_with(kind)).collect();
        let mut left = Vec::new();
        for kind in kinds {
            let count = match self.standing(*kind).occurs {
                _ if self.identifies(*kind) || self.promises(*kind) => 1,
                Occurs::Once => 1,
                Occurs::Optional => self.choices.below(2),
                Occurs::OneOrMore => 1 + self.choices.below(3),
                Occurs::Many => usize::from(shared.contains(kind)) + self.choices.below(4),
            };
            left.extend(std::iter::repeat_n(*kind, count));
        }
        let mut order: Vec<usize> = Vec::new();
        while !left.is_empty() {
            let may_come = |kind: &usize| {
                let after = self.standing(*kind).after;
                !left.iter().any(|other| after.contains(other))
            };
            let open: Vec<usize> = left.iter().copied().filter(may_come).collect();
            let is_first = |kind: &&usize| {
                let is_owner = self.identifies(**kind) || shared.contains(kind);
                is_owner && !order.contains(kind)
            };
            let next = match open.iter().find(is_first) {
                Some(owner) => *owner,
                None => *self.choices.pick(&open),
            };
            let at = left.iter().position(|kind| *kind == next);
            left.remove(at.expect("it was left"));
            order.push(next);
        }
        order
    }

    fn standing(&self, kind: usize) -> Standing {
        self.mapping
            .layout
            .standing(kind)
            .cloned()
            .unwrap_or_default()
    }
}
