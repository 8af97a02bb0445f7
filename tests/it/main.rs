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

mod answers;
mod architecture;
mod archives;
mod bad_input;
mod cli;
mod cli_languages;
mod composed_values;
mod configuration;
mod crash;
mod dataset_contract;
mod db_contract;
mod demo;
mod excel;
mod fuzz;
mod generated;
mod guide;
mod harness;
mod hostile;
mod http;
mod interchange;
mod joint;
mod keyed;
mod ledger_contract;
mod life_contract;
mod lines;
mod lives;
mod match_day;
mod overdue;
mod reconcile_contract;
mod reference;
mod report_forms;
mod round_trip;
mod schema;
mod sent_again;
mod setup;
mod stories;
mod workbooks_out;
