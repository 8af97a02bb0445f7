//! Follows a file record by record through its groups, and says where it leaves them.
//!
//! Called by readers for every line whose kind is known, refused or not, and by writers before
//! every record. A mapping without groups costs nothing here. The one invariant: a group that is
//! closed had every record that it must have, each as often as it may.

use super::codes;
use super::standing::{Occurs, Standing};
use crate::diag::Code;
use crate::format::Layout;

/// Why a file's records do not stand as declared: nothing after it can be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::format) struct StructureFault {
    /// Which rule.
    pub(in crate::format) code: &'static Code,
    /// What was found and expected.
    pub(in crate::format) detail: String,
}

/// Where a file stands in its groups.
pub(in crate::format) struct Structure {
    kinds: Vec<Kind>,
    /// The groups that are open, the outermost first.
    open: Vec<usize>,
    /// The groups that the record entered last ended before itself.
    ended: Vec<usize>,
    is_plain: bool,
}

/// One kind of record, and how often it came.
struct Kind {
    name: String,
    standing: Standing,
    /// The kinds that stand directly in its group; empty when it begins none.
    members: Vec<usize>,
    /// It and all kinds below it.
    family: Vec<usize>,
    /// Within the group that it stands in.
    count: u64,
    /// The kind after which no more of it may come in this group.
    barred_by: Option<usize>,
    /// Where its last record stood.
    line: u64,
}

impl Structure {
    pub(in crate::format) fn new(layout: &Layout) -> Self {
        let standing = |index: usize| -> Standing {
            let record = layout.records.get(index);
            let standing = record.and_then(|record| record.select.standing());
            standing.cloned().unwrap_or_default()
        };
        let count = layout.records.len();
        let home = |index: usize| standing(index).home();
        let is_below = |index: usize, group: usize| {
            // A chain of homes is no longer than there are kinds.
            let mut at = Some(index);
            (0..=count).any(|_| {
                let is_it = at == Some(group);
                at = at.and_then(home);
                is_it
            })
        };
        let kinds = (layout.records.iter().enumerate()).map(|(index, record)| Kind {
            name: record.name.clone(),
            standing: standing(index),
            members: (0..count).filter(|at| home(*at) == Some(index)).collect(),
            family: (0..count).filter(|at| is_below(*at, index)).collect(),
            count: 0,
            barred_by: None,
            line: 0,
        });
        Self {
            kinds: kinds.collect(),
            open: Vec::new(),
            ended: Vec::new(),
            is_plain: (0..count).all(|index| standing(index) == Standing::default()),
        }
    }

    /// Whether no kind declares anything.
    pub(in crate::format) fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// A record of a kind comes; `line` is where, for messages.
    pub(in crate::format) fn enter(
        &mut self,
        kind: usize,
        line: u64,
    ) -> Result<(), StructureFault> {
        self.ended.clear();
        if self.is_plain {
            return Ok(());
        }
        let home = self.kinds.get(kind).and_then(|kind| kind.standing.home());
        if home.is_some_and(|home| !self.open.contains(&home)) {
            return Err(self.outside(kind));
        }
        while self.open.last().copied() != home {
            let Some(group) = self.open.pop() else { break };
            self.check_whole(group, Some(kind))?;
            self.ended.push(group);
        }
        self.count(kind, line)?;
        self.begin(kind);
        Ok(())
    }

    /// After the record of a kind: the group that it ended, if it closes one.
    pub(in crate::format) fn leave(
        &mut self,
        kind: usize,
    ) -> Result<Option<usize>, StructureFault> {
        let closes = self.kinds.get(kind).and_then(|kind| kind.standing.closes);
        if let Some(group) = closes {
            self.open.pop();
            self.check_whole(group, Some(kind))?;
        }
        Ok(closes)
    }

    /// The groups that ended before the record entered last.
    pub(in crate::format) fn ended(&self) -> &[usize] {
        &self.ended
    }

    /// A kind and all kinds in its group, at any depth.
    pub(in crate::format) fn family(&self, group: usize) -> &[usize] {
        self.kinds.get(group).map_or(&[], |kind| &kind.family)
    }

    /// The file ends.
    pub(in crate::format) fn finish(&mut self) -> Result<(), StructureFault> {
        while let Some(group) = self.open.pop() {
            self.check_whole(group, None)?;
        }
        self.check_members(self.tops(), "the file", None)
    }

    /// A line comes of which nobody knows what it is; `why` says so. Where kinds say where they stand
    /// it may have begun or ended a group: what comes after it would count for another one.
    pub(in crate::format) fn enter_unknown(&self, why: &str) -> Result<(), StructureFault> {
        if self.is_plain {
            return Ok(());
        }
        let detail = match self.over() {
            Some(last) => format!("{why}; nothing may come after `{last}`, which ended the file"),
            None => format!(
                "{why}; where it stands{} nobody can know what it began or ended",
                self.place_of_next()
            ),
        };
        Err(StructureFault {
            code: codes::MISPLACED_RECORD,
            detail,
        })
    }

    /// The kind whose record ended the file: nothing of any kind may come any more.
    fn over(&self) -> Option<&str> {
        if !self.open.is_empty() {
            return None;
        }
        let is_spent = |kind: &Kind| kind.standing.occurs.is_at_most_once() && kind.count > 0;
        let mut tops = self
            .kinds
            .iter()
            .filter(|kind| kind.standing.home().is_none());
        if !tops.all(is_spent) {
            return None;
        }
        let last = self.kinds.iter().max_by_key(|kind| kind.line)?;
        Some(&last.name)
    }

    fn tops(&self) -> Vec<usize> {
        (self.kinds.iter().enumerate())
            .filter(|(_, kind)| kind.standing.home().is_none())
            .map(|(index, _)| index)
            .collect()
    }

    fn count(&mut self, index: usize, line: u64) -> Result<(), StructureFault> {
        let Some(kind) = self.kinds.get_mut(index) else {
            return Ok(());
        };
        kind.count += 1;
        let before = std::mem::replace(&mut kind.line, line);
        let is_repeated = kind.count > 1 && kind.standing.occurs.is_at_most_once();
        let barred_by = kind.barred_by;
        if kind.standing.after.is_empty() && barred_by.is_none() && !is_repeated {
            return Ok(());
        }
        let bars = kind.standing.after.clone();
        if is_repeated {
            return Err(self.repeated(index, before));
        }
        if let Some(by) = barred_by {
            return Err(self.barred(index, by));
        }
        for barred in bars {
            if let Some(barred) = self.kinds.get_mut(barred) {
                barred.barred_by = Some(index);
            }
        }
        Ok(())
    }

    fn repeated(&self, kind: usize, first: u64) -> StructureFault {
        let detail = format!(
            "`{}` comes a second time{}, the first stood at line {first}",
            self.name(kind),
            self.place_of(kind)
        );
        StructureFault {
            code: codes::REPEATED_RECORD,
            detail,
        }
    }

    fn barred(&self, kind: usize, by: usize) -> StructureFault {
        let detail = format!(
            "`{}` comes after `{}` of line {}, after which none may come{}",
            self.name(kind),
            self.name(by),
            self.kinds.get(by).map_or(0, |by| by.line),
            self.place_of(kind)
        );
        StructureFault {
            code: codes::MISPLACED_RECORD,
            detail,
        }
    }

    /// Opens the group that a kind begins.
    fn begin(&mut self, index: usize) {
        let members = match self.kinds.get_mut(index) {
            Some(kind) if !kind.members.is_empty() => std::mem::take(&mut kind.members),
            _ => return,
        };
        for member in &members {
            if let Some(member) = self.kinds.get_mut(*member) {
                member.count = 0;
                member.barred_by = None;
            }
        }
        if let Some(kind) = self.kinds.get_mut(index) {
            kind.members = members;
        }
        self.open.push(index);
    }

    /// Whether a group that ends had all that it must have; `before` is the kind that ends it.
    fn check_whole(&self, group: usize, before: Option<usize>) -> Result<(), StructureFault> {
        let Some(kind) = self.kinds.get(group) else {
            return Ok(());
        };
        let what = format!("`{}` of line {}", kind.name, kind.line);
        self.check_members(kind.members.clone(), &what, before)
    }

    fn check_members(
        &self,
        members: Vec<usize>,
        what: &str,
        before: Option<usize>,
    ) -> Result<(), StructureFault> {
        let missing = members
            .into_iter()
            .filter_map(|member| self.kinds.get(member))
            .find(|member| member.count == 0 && member.standing.occurs.is_at_least_once());
        let Some(missing) = missing else {
            return Ok(());
        };
        let ends = match before {
            Some(before) => format!("`{}` comes", self.name(before)),
            None => "the content ends".to_owned(),
        };
        let detail = format!("{what} has no `{}` when {ends}", missing.name);
        Err(StructureFault {
            code: codes::MISSING_RECORD,
            detail,
        })
    }

    fn outside(&self, kind: usize) -> StructureFault {
        let home = self.kinds.get(kind).and_then(|kind| kind.standing.home());
        let home = home.and_then(|home| self.kinds.get(home));
        let detail = match home {
            Some(home) if home.line > 0 => format!(
                "`{}` stands outside of a `{}`: the one of line {} is over",
                self.name(kind),
                home.name,
                home.line
            ),
            _ => format!(
                "`{}` stands outside of a `{}`: there was none yet",
                self.name(kind),
                home.map_or("", |home| &home.name)
            ),
        };
        StructureFault {
            code: codes::MISPLACED_RECORD,
            detail,
        }
    }

    /// ` in the `batch` of line 5`, or nothing for the file itself.
    fn place_of(&self, kind: usize) -> String {
        let home = self.kinds.get(kind).and_then(|kind| kind.standing.home());
        home.and_then(|home| self.kinds.get(home))
            .map(|home| format!(" in the `{}` of line {}", home.name, home.line))
            .unwrap_or_default()
    }

    /// `, in the `batch` of line 5,` for what comes next, or nothing for the file itself.
    fn place_of_next(&self) -> String {
        let group = self.open.last().and_then(|group| self.kinds.get(*group));
        group
            .map(|group| format!(", in the `{}` of line {},", group.name, group.line))
            .unwrap_or_default()
    }

    fn name(&self, kind: usize) -> &str {
        self.kinds.get(kind).map_or("", |kind| &kind.name)
    }
}

impl Occurs {
    fn is_at_most_once(self) -> bool {
        matches!(self, Self::Once | Self::Optional)
    }

    fn is_at_least_once(self) -> bool {
        matches!(self, Self::Once | Self::OneOrMore)
    }
}
