//! What tests stand on.

pub(crate) mod hub;
pub(crate) mod postgres;
pub(crate) mod world;
