//! What tests stand on.

pub(crate) mod browser;
pub(crate) mod https;
pub(crate) mod hub;
pub(crate) mod office;
pub(crate) mod postgres;
pub(crate) mod world;
