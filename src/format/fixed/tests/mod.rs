//! Text of fixed width: what is read, refused and written, to the byte.

mod hazards;
mod options;
mod properties;
mod reading;
mod support;
mod write;
