//! The one integration-test binary.

#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::duplicate_mod,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "tests set the stage with plain files, real clocks and the environment, read what \
              they just made, and say why they stop"
)]

mod architecture;
mod bad_input;
mod cli;
mod configuration;
mod crash;
mod dataset_contract;
mod db_contract;
mod demo;
mod harness;
mod ledger_contract;
mod match_day;
mod reconcile_contract;
mod reference;
