//! The hub's own books: runs, claims, files, rejects, controls, gaps, deliveries, events,
//! reconciliations, reports, audit.
//!
//! Responsible for: what happened to every file that came and every file that goes, in tables
//! named `ledger_…` that are the same on both databases. Not for: the loaded rows (`dataset`),
//! deciding what to do next (`engine`), telling anybody (`event`, `cli`). Called by `engine`,
//! `reconcile`'s callers, `report`'s callers and `cli`.
//!
//! The one invariant: **the books change only in the transaction of what they tell about.**
//! Functions that take a [`Transaction`](crate::db::Transaction) write and leave the commit to
//! their caller; after an error the caller rolls back. Functions that take a
//! [`Database`](crate::db::Database) read, or are one short transaction of their own because they
//! must be seen by other processes at once (claims, runs). Nothing here reads a clock: `now` is
//! always an argument.
//!
//! Numbers come from [`next_number`]. Two transactions that take several must take them in the
//! same order, or the database ends one of them as a deadlock (which is transient, and tried
//! again): run, file, delivery, a delivery's own message number, reconciliation, report, event,
//! audit.

mod audit;
mod breaks;
mod cell;
mod claim;
mod codes;
mod control;
mod counter;
mod delivery;
mod error;
mod event;
mod file;
mod gap;
mod leftovers;
mod location;
mod overview;
mod reconciliation;
mod reject;
mod report;
mod run;
mod sql;
mod tables;

#[cfg(test)]
mod tests;

pub use audit::{Act, AuditRow, NewAudit, list_audit, record_audit};
pub use breaks::{
    BreakSum, count_matches, each_break, each_cleared, each_match, files_named, list_cleared,
    sum_breaks, sum_cleared,
};
pub use claim::{
    Claim, ClaimOutcome, ClaimRow, bury, claim, known_nodes, list_claims, release, release_expired,
    renew, still_held,
};
pub use codes::*;
pub use control::{ControlRow, NewControl, add_controls, list_controls};
pub use counter::{next_moment, next_number, reserve};
pub use delivery::{
    Acknowledgement, DeliveryFilter, DeliveryRow, DeliveryState, DoneWhen, NewDelivery, Purpose,
    Sending, cancel_delivery, compose_delivery, find_by_name, find_by_number, list_deliveries,
    mark_acknowledged, mark_attempt_failed, mark_not_sent, mark_overdue, mark_replaced, mark_sent,
    mark_staged, mark_unproven, note_answer, note_companions, note_doubt, pending_deliveries,
    replacement_of, resend_delivery, show_delivery, unproven_deliveries,
};
pub use error::LedgerError;
pub use event::{EventRow, Level, NewEvent, list_unseen_events, mark_seen, raise};
pub use file::{
    AnswerState, Counts, Description, FileFilter, FileRow, FileState, FinishState, Hold, Judgement,
    Landed, Load, Origin, Registered, decide_duplicate, decide_held, decide_loaded, describe,
    entry_path, find_accepted, find_at, identity_text, judge, landed_entries, list_files,
    mark_answered, mark_finished, note_promise, open_archive, origin, refuse_file, register_landed,
    reopen_file, show_file, supersede_file,
};
pub use gap::{GapRow, Noted, list_gaps, note_sequence};
pub use leftovers::{Leftovers, leftovers};
pub use location::Location;
pub use overview::{FileCount, RejectCount, SHOWN_AT_MOST, Status, overview};
pub use reconciliation::{
    BreakFilter, BreakKind, BreakRow, BreakState, ClosedAs, ComponentRow, FundsEffect, MatchRow,
    NewBreak, NewComponent, NewReconciliation, ReconNo, ReconciliationRow, latest_reconciliation,
    list_breaks, list_components, list_matches, record_reconciliation, show_reconciliation,
};
pub use reject::{
    KEPT_REJECTS_OF_A_HELD_FILE, Keep, MAX_RAW_BYTES, NewReject, RejectFilter, RejectKey,
    RejectKind, RejectRow, RejectState, add_rejects, list_rejects, mark_repaired, show_reject,
    waive_reject,
};
pub use report::{NewReport, ReportRow, add_report, list_reports, next_report_version};
pub use run::{
    NewRun, RunEnd, RunRow, RunState, finish_run, interrupt_runs, list_runs, renew_run, start_run,
};
pub use tables::MIGRATIONS;
