//! A checked `[match]` table.

use crate::calendar::Deadline;
use crate::id::{Fen, Ident};
use crate::ledger::BreakKind;
use crate::reconcile::plan::Funds;
use crate::reconcile::selection::Selection;
use crate::reconcile::title::Title;

/// Two sides whose rows are matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchPlan {
    /// The unit of amounts on paper: 元.
    pub unit: String,
    /// The calendar of working days, a file of `jobs/calendars/` without `.tsv`, or `every_day`.
    pub calendar: String,
    /// Who pays what the other side states.
    pub funds: Funds,
    /// Our rows.
    pub ours: MatchSide,
    /// The other side's rows.
    pub theirs: MatchSide,
    /// In order: a row that one pass claimed is out of the next.
    pub passes: Vec<Pass>,
    /// For how many days an unmatched row is in transit, its own day counted.
    pub transit: Deadline,
}

/// The rows of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchSide {
    /// 充值明细.
    pub title: Title,
    /// Its rows of a day; they have an amount.
    pub selection: Selection,
    /// The column of its business date.
    pub date: Ident,
    /// The column of its amount.
    pub amount: Ident,
}

/// One of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// Ours.
    Ours,
    /// The other side's.
    Theirs,
}

/// One way to find what belongs together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// A stable word, the rule's name in the ledger.
    pub name: Ident,
    /// 流水号一致.
    pub title: Title,
    /// The columns that are equal; NULL equals nothing.
    pub on: Vec<MatchedColumns>,
    /// The columns that should agree once a pair is found, the most important first.
    pub compare: Vec<Compared>,
    /// How pairs are found.
    pub kind: PassKind,
}

/// A column of each side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedColumns {
    /// Ours.
    pub ours: Ident,
    /// Theirs.
    pub theirs: Ident,
    /// Whether one of them tells something about a person: then its values are not kept.
    pub is_personal: bool,
}

/// Columns that should agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// What it is when they do not.
    pub kind: BreakKind,
    /// The columns.
    pub columns: MatchedColumns,
}

/// How a pass finds what belongs together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassKind {
    /// One of ours and one of theirs with equal keys.
    Exact(Duplicates),
    /// One of ours and one of theirs with equal keys, and close: the closest first.
    Near {
        /// How far the amounts may be apart.
        amount: Fen,
        /// How far two moments may be apart.
        time: Option<TimeTolerance>,
    },
    /// All rows of this side with one key against the only row of the other side with that key:
    /// their sum is its amount.
    Grouped {
        /// The side with many rows.
        many: Whose,
        /// How far the sum and the amount may be apart.
        amount: Fen,
    },
}

/// What becomes of a key that a side has more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    /// The earliest row stands for the key, the others are breaks.
    Break,
    /// No row of the key is paired by this pass.
    Leave,
}

/// How far two moments may be apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeTolerance {
    /// At most so many minutes.
    pub minutes: i64,
    /// The two columns.
    pub at: MatchedColumns,
}

impl Whose {
    /// Both, ours first.
    pub const BOTH: [Self; 2] = [Self::Ours, Self::Theirs];

    /// `ours` or `theirs`: the word in TOML and in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Theirs => "theirs",
        }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Ours => Self::Theirs,
            Self::Theirs => Self::Ours,
        }
    }

    /// What an unmatched row of this side is.
    pub fn one_sided(self) -> BreakKind {
        match self {
            Self::Ours => BreakKind::OneSidedOurs,
            Self::Theirs => BreakKind::OneSidedTheirs,
        }
    }
}

impl MatchedColumns {
    /// The column of a side.
    pub fn of(&self, whose: Whose) -> &Ident {
        match whose {
            Whose::Ours => &self.ours,
            Whose::Theirs => &self.theirs,
        }
    }
}

impl MatchPlan {
    /// A side.
    pub fn side(&self, whose: Whose) -> &MatchSide {
        match whose {
            Whose::Ours => &self.ours,
            Whose::Theirs => &self.theirs,
        }
    }

    /// Whether the first pass can match rows where they lie: it is exact, and its columns with the
    /// business date are the whole key of either dataset, so that no key comes twice in a day.
    pub fn is_direct(&self) -> bool {
        let Some(pass) = self.passes.first() else {
            return false;
        };
        let is_covered = |whose: Whose| {
            let side = self.side(whose);
            let mut key = side.selection.dataset().key().iter();
            key.all(|name| {
                *name == side.date || pass.on.iter().any(|columns| columns.of(whose) == name)
            })
        };
        pass.kind == PassKind::Exact(Duplicates::Break) && Whose::BOTH.into_iter().all(is_covered)
    }
}

impl Pass {
    /// Whether its matches are kept row by row: those of an exact key are told by the key itself.
    pub fn is_kept_by_row(&self) -> bool {
        !matches!(self.kind, PassKind::Exact(_))
    }
}
