//! Records for people's eyes, where the content's bytes say nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use super::{FormatError, FormatPlan, Layout, Limits, excel};

impl FormatPlan {
    /// Whether a record has no bytes of its own in the content: its place is only the smallest
    /// stretch that holds it, and [`shown_records`] shows what it says.
    pub fn shares_bytes(&self) -> bool {
        matches!(self, Self::Excel(_))
    }
}

/// The texts of records by their numbers, read again from the content: the first line says where
/// each stands. Empty for formats whose records have bytes of their own.
pub fn shown_records(
    plan: &FormatPlan,
    layout: &Layout,
    limits: &Limits,
    content: Box<dyn Read + Send>,
    records: &BTreeSet<u64>,
) -> Result<BTreeMap<u64, String>, FormatError> {
    match plan {
        FormatPlan::Excel(plan) => excel::show::rows(plan, layout, limits, content, records),
        _ => Ok(BTreeMap::new()),
    }
}
