//! Reconciliations of two sides: what the other one states for a day against what ours is made of
//! (`[reconcile]`; without two sides it is an inspection, its checks alone), and the rows of two sides matched one with another (`[match]`, `matching/`).
//!
//! Responsible for: reading `[reconcile]`, adding both sides up with set-based SQL on either
//! database, the checks whose rows are breaks, and ranking the rows that a difference may come
//! from. Not for: when it runs (`engine`, in the load of a statement or as a job of its own), what
//! the figures look like on paper (`report`), what people then decide (`ledger`).
//!
//! The one invariant of `[reconcile]`: **a row belongs to a day because the other side's own list says so**, never
//! because of a date near it; and no row is counted twice.

mod book;
mod candidates;
mod checks;
mod codes;
mod deadline;
mod error;
mod figure;
mod matching;
mod outcome;
mod plan;
mod run;
mod selection;
mod subsets;
mod title;

#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, Utc};

use crate::dataset::Given;

pub use candidates::{Candidate, CandidateRow, Fit, MAX_CANDIDATES};
pub use checks::MAX_BREAKS_PER_CHECK;
pub use codes::*;
pub use error::ReconcileError;
pub use figure::{Figure, Signs};
pub use matching::{
    BreakFigure, Compared, Duplicates, MATCH_KEYS, MAX_PAIRS_PER_PASS, MatchOutcome, MatchPlan,
    MatchRecorded, MatchSide, MatchedColumns, Pass, PassKind, SideFigures, TimeTolerance, Whose,
    match_day,
};
pub use outcome::{Found, NotChecked, Outcome, PartFigure, Recorded};
pub use plan::{
    CandidateGroup, Check, Claimed, Distribution, Funds, Overdue, Part, PartSource, RECONCILE_KEYS,
    ReconcilePlan, Side,
};
pub use run::{AMOUNT_UNKNOWN, Context, DIFFERENCE, NO_STATEMENT, compute, part_figure, run};
pub use selection::{Beside, Group, Line, Lineage, Scene, Selection, Since};
pub use title::{Language, Title};

/// The local day of a moment.
pub fn local_date(moment: DateTime<Utc>, given: &Given) -> NaiveDate {
    (moment + chrono::Duration::seconds(given.offset_secs.into())).date_naive()
}
