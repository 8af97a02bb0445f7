//! The partners' side: what they send, written through the same mappings that read it.
//!
//! Responsible for plausible, fictional input of any volume with a stated number of faults, and for
//! a statement of what was planted, computed from the plan and never by reading back. Not for
//! moving files (tests, the demo and people do that) and not for anything the hub itself does: it
//! knows neither the engine nor the store. The CLI, the benchmarks and the tests call it. The one
//! invariant: the same request gives the same bytes, on any machine, at any time.

mod decode;
pub mod delimited;
mod error;
pub mod etc_clearing;
pub mod joint;
mod output;
mod random;
mod sheet;

pub use error::SimulateError;
