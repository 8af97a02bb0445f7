//! Whole files through the reader and the writer.

#![expect(
    clippy::indexing_slicing,
    reason = "a test may fail by a panic that names its line"
)]

mod hazards;
mod kinds;
mod options;
mod properties;
mod support;
mod write;
