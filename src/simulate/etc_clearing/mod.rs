//! A clearing centre's day: what reaches an issuer, in the order in which it does.
//!
//! Responsible for the plan of a day (`plan`, `assign`: which package is which, where each fault
//! stands), its rows (`transactions`, `cards`), its messages (`package`, `lists`, `results`, with
//! `edit` for what no mapping would write), the folders (`waves`), the statement (`statement`,
//! `figures`, `summary`), and the centre's reading of the issuer's answers (`confirm`). Facts of the
//! messages: partner facts, etc, sections 1, 2 and 5. The one invariant: the statement comes from
//! the plan, so that it can be held against what the hub makes of the bytes.
//!
//! | folder | what arrives |
//! |---|---|
//! | `1_lists/lists` | card status list, card blacklist, tag blacklist |
//! | `2_history/to_issuer` | packages of two days before, with disputes |
//! | `3_transactions/to_issuer` | the day's packages, without the missing ones |
//! | `4_again/to_issuer` | repeated and changed packages, and damaged ones corrected |
//! | `5_results/to_issuer` | dispute results, and the clearing statement of the day |
//! | `6_resent/to_issuer` | the missing packages |

mod assign;
mod cards;
mod confirm;
mod edit;
mod faults;
mod figures;
mod lists;
mod package;
mod partner;
mod plan;
mod request;
mod results;
mod statement;
mod summary;
#[cfg(test)]
mod tests;
mod transactions;
mod waves;

pub(super) use cards::ordinary_card;
pub use confirm::{Confirmed, Received, confirm, received};
pub use faults::{Fault, Faults};
pub use request::{MAX_FRAMED_BYTES, MAX_PACKAGES, MAX_RECORDS, Request};
pub use statement::{
    AcceptedStatement, ClearingStatement, DayTotals, DisputeFileStatement, DisputeStatement,
    ListFile, PackageStatement, ReasonStatement, SentFile, Statement, Tally,
};
pub use waves::{Progress, WAVES, write};
