//! Dukou (渡口): a batch-and-file integration hub.
//!
//! Modules stand in rows; a module uses only modules of lower rows (`docs/ARCHITECTURE.md`,
//! held by `tests/it/architecture.rs`).

#![cfg_attr(
    test,
    allow(
        clippy::disallowed_methods,
        clippy::indexing_slicing,
        clippy::duplicate_mod,
        clippy::err_expect,
        reason = "tests set the stage with plain files and read what they just made"
    )
)]

// Row 0
pub mod clock;
pub mod diag;
pub mod id;
pub mod identifier;
pub mod retry;
pub mod secret;
pub mod step;
pub mod text;
pub mod value;
// Row 1
pub mod db;
pub mod digest;
pub mod document;
pub mod event;
pub mod key;
pub mod record;
// Row 2
pub mod calendar;
pub mod dataset;
pub mod envelope;
pub mod format;
pub mod ledger;
pub mod transport;
// Row 3
pub mod life;
pub mod mapping;
pub mod reconcile;
// Row 4
pub mod report;
pub mod settings;
// Row 5
pub mod job;
// Row 6
pub mod engine;
// Row 7
pub mod simulate;
// Row 9
pub mod cli;
