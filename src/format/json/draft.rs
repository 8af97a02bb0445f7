//! Values on their way into records: what JSON asks of them, besides what all nested formats do.

use super::plan::{JsonPlan, JsonType, Nulls};
use super::tree::Tree;
use super::{LATE_VALUE, LIMIT_EXCEEDED, NULL, TYPE};
use crate::format::nested::{self, Capture, broken};
use crate::format::{FormatError, Limits, Next, Refusal};
use crate::record::{Place, WireRecord};

/// The open records of all kinds, and the values that records share.
#[derive(Debug)]
pub(super) struct Drafts {
    drafts: nested::Drafts,
    nulls: Nulls,
    strict_types: bool,
}

impl Drafts {
    /// Nothing open yet.
    pub(super) fn new(tree: &Tree, plan: &JsonPlan, limits: &Limits) -> Self {
        let (kinds, shared) = (tree.kinds.len(), tree.shared.len());
        Self {
            drafts: nested::Drafts::new(kinds, shared, limits.record_bytes, &LIMIT_EXCEEDED),
            nulls: plan.nulls,
            strict_types: plan.strict_types,
        }
    }

    /// A record of a kind begins.
    pub(super) fn begin(&mut self, kind: usize, tree: &Tree) {
        let sources = tree.kinds.get(kind).map_or(0, |kind| kind.sources.len());
        self.drafts.begin(kind, sources);
    }

    /// Keeps a text, number or boolean for all that want it.
    pub(super) fn keep(
        &mut self,
        captures: &[Capture],
        tree: &Tree,
        (value, actual): (&[u8], JsonType),
        at: u64,
    ) -> Result<(), FormatError> {
        for capture in captures {
            if let Capture::Local { kind, source } = *capture
                && self.strict_types
            {
                self.check_type(kind, source, tree, actual);
            }
            self.keep_value(*capture, tree, value, at)?;
        }
        Ok(())
    }

    fn keep_value(
        &mut self,
        capture: Capture,
        tree: &Tree,
        value: &[u8],
        at: u64,
    ) -> Result<(), FormatError> {
        match capture {
            Capture::Local { kind, source } => self.drafts.keep_local(kind, source, value, at),
            Capture::Shared(index) if self.drafts.is_missed(index) => {
                let label = tree.shared.get(index).map_or("", String::as_str);
                let detail =
                    format!("`{label}` comes after records that share it, expected before them");
                Err(broken(&LATE_VALUE, at, detail))
            }
            Capture::Shared(index) => {
                self.drafts.keep_shared(index, value);
                Ok(())
            }
        }
    }

    /// Keeps a null for all that want its value.
    pub(super) fn keep_null(
        &mut self,
        captures: &[Capture],
        tree: &Tree,
        at: u64,
    ) -> Result<(), FormatError> {
        match self.nulls {
            Nulls::Absent => Ok(()),
            // It stands for the absence of a value of any type.
            Nulls::Empty => {
                (captures.iter()).try_for_each(|capture| self.keep_value(*capture, tree, b"", at))
            }
            Nulls::Refuse => {
                for capture in captures {
                    let label = label(tree, *capture);
                    let detail = format!("`{label}` is null, expected a value");
                    match *capture {
                        Capture::Local { kind, .. } => self.drafts.refuse(
                            kind,
                            Refusal {
                                code: &NULL,
                                field: Some(label),
                                detail,
                            },
                        ),
                        Capture::Shared(_) => return Err(broken(&NULL, at, detail)),
                    }
                }
                Ok(())
            }
        }
    }

    fn check_type(&mut self, kind: usize, source: usize, tree: &Tree, actual: JsonType) {
        let known = tree.kinds.get(kind);
        let Some((label, wanted)) = known.and_then(|kind| kind.sources.get(source)) else {
            return;
        };
        if *wanted != actual {
            let refusal = Refusal {
                code: &TYPE,
                field: Some(label.clone()),
                detail: format!("`{label}` is {}, expected {}", actual.noun(), wanted.noun()),
            };
            self.drafts.refuse(kind, refusal);
        }
    }

    /// Refuses the open record of a kind; the first reason stays.
    pub(super) fn refuse(&mut self, kind: usize, refusal: Refusal) {
        self.drafts.refuse(kind, refusal);
    }

    /// Ends the record of a kind: fills `record` with it, or says why it is none.
    pub(super) fn finish(
        &mut self,
        kind: usize,
        place: Place,
        tree: &Tree,
        record: &mut WireRecord,
    ) -> Next {
        let slots = tree.kinds.get(kind).map_or(&[][..], |kind| &kind.slots);
        self.drafts.finish(kind, place, slots, record)
    }

    /// Forgets shared values whose place ends.
    pub(super) fn forget(&mut self, shared: &[usize]) {
        self.drafts.forget(shared);
    }

    /// Forgets all of them.
    pub(super) fn forget_all(&mut self) {
        self.drafts.forget_all();
    }
}

/// A wanted value's path as written.
fn label(tree: &Tree, capture: Capture) -> String {
    let label = match capture {
        Capture::Local { kind, source } => {
            let sources = tree.kinds.get(kind).map(|kind| &kind.sources);
            sources
                .and_then(|sources| sources.get(source))
                .map(|(label, _)| label)
        }
        Capture::Shared(index) => tree.shared.get(index),
    };
    label.cloned().unwrap_or_default()
}
