//! `[match]`: the rows of two sides, matched in ordered passes.
//!
//! Responsible for: reading `[match]`, claiming every row of the day (and every open item of
//! earlier days) at most once by set-based SQL on either database, and keeping the result in the
//! ledger: figures, breaks, items in transit, and which earlier items were cleared. Not for: when
//! it runs (`engine`), what it looks like on paper (`report`), what people decide (`ledger`).
//!
//! The one invariant: per side, in count and sum, **loaded + carried over = matched + in transit +
//! broken**; a result that does not tie out is not kept.
//!
//! How it works: rows that a first exact pass pairs one to one are matched where they lie (on SQLite
//! both sides are walked side by side; on PostgreSQL when the key is the datasets' own). All others
//! go to two work tables of this transaction, numbered in a fixed order, and the passes work on
//! those. ADR 0013 has the reasons.

mod breaks;
mod exact;
mod figures;
mod grouped;
mod keep;
mod near;
mod outcome;
mod plan;
mod read;
mod run;
mod sql;
mod transit;
mod walk;
mod work;

pub use figures::SideFigures;
pub use near::MAX_PAIRS_PER_PASS;
pub use outcome::{BreakFigure, MatchOutcome, MatchRecorded};
pub use plan::{
    Compared, Duplicates, MatchPlan, MatchSide, MatchedColumns, Pass, PassKind, TimeTolerance,
    Whose,
};
pub use read::MATCH_KEYS;
pub use run::match_day;
