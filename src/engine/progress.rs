//! What long work tells while it goes on.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// Listens to a run.
pub trait Progress: Send + Sync {
    /// A run has so many files to do.
    fn files(&self, count: usize);
    /// A file begins; `records` grows while it is staged.
    fn file(&self, name: &str, records: Arc<AtomicU64>);
    /// The rows of a file are being loaded.
    fn loading(&self, name: &str, rows: u64);
    /// A file is done.
    fn done(&self, name: &str);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn files(&self, _count: usize) {}
    fn file(&self, _name: &str, _records: Arc<AtomicU64>) {}
    fn loading(&self, _name: &str, _rows: u64) {}
    fn done(&self, _name: &str) {}
}
