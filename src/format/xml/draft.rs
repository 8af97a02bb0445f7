//! Values on their way into records: what XML asks of them, besides what all nested formats do.

use super::tree::{Once, Tree};
use super::{DUPLICATE_ELEMENT, LIMIT_EXCEEDED, MIXED_CONTENT, UNKNOWN_ELEMENT};
use crate::diag::Code;
use crate::format::nested::{self, Capture, broken, shown};
use crate::format::{FormatError, Limits, Next, Refusal};
use crate::record::{Place, WireRecord};

/// The open records of all kinds, and the values that records share.
#[derive(Debug)]
pub(super) struct Drafts {
    drafts: nested::Drafts,
}

impl Drafts {
    /// Nothing open yet.
    pub(super) fn new(tree: &Tree, limits: &Limits) -> Self {
        let (kinds, shared) = (tree.kinds.len(), tree.shared.len());
        Self {
            drafts: nested::Drafts::new(kinds, shared, limits.record_bytes, &LIMIT_EXCEEDED),
        }
    }

    /// A record of a kind begins.
    pub(super) fn begin(&mut self, kind: usize, tree: &Tree) {
        let sources = tree.kinds.get(kind).map_or(0, |kind| kind.labels.len());
        self.drafts.begin(kind, sources);
    }

    /// Keeps a value for all that want it.
    pub(super) fn keep(
        &mut self,
        captures: &[Capture],
        value: &[u8],
        at: u64,
    ) -> Result<(), FormatError> {
        for capture in captures {
            match *capture {
                Capture::Local { kind, source } => {
                    self.drafts.keep_local(kind, source, value, at)?;
                }
                Capture::Shared(index) => self.drafts.keep_shared(index, value),
            }
        }
        Ok(())
    }

    /// An element of which there may be one stands a second time.
    pub(super) fn repeated(&mut self, once: &Once, at: u64) -> Result<(), FormatError> {
        let label = &once.label;
        let Some(kind) = once.kind else {
            let detail =
                format!("`{label}` stands twice, and records share its value: expected one");
            return Err(broken(&DUPLICATE_ELEMENT, at, detail));
        };
        let detail = format!("`{label}` stands twice in one record, expected at most once");
        self.refuse(kind, &DUPLICATE_ELEMENT, Some(label.clone()), detail);
        Ok(())
    }

    /// An element whose text is wanted has both text and child elements.
    pub(super) fn mixed(
        &mut self,
        captures: &[Capture],
        tree: &Tree,
        at: u64,
    ) -> Result<(), FormatError> {
        for capture in captures {
            match *capture {
                Capture::Local { kind, source } => {
                    let label = local_label(tree, kind, source);
                    let detail = mixed_detail(&label);
                    self.refuse(kind, &MIXED_CONTENT, Some(label), detail);
                }
                Capture::Shared(index) => {
                    let label = tree.shared.get(index).map_or("", String::as_str);
                    let detail = mixed_detail(label);
                    return Err(broken(&MIXED_CONTENT, at, detail));
                }
            }
        }
        Ok(())
    }

    /// Refuses the open record of a kind for something no field wants.
    pub(super) fn unknown(&mut self, kind: usize, what: &str, name: &str) {
        let detail = format!("{what} `{}` is in no field of the mapping", shown(name));
        self.refuse(kind, &UNKNOWN_ELEMENT, None, detail);
    }

    pub(super) fn refuse(
        &mut self,
        kind: usize,
        code: &'static Code,
        field: Option<String>,
        detail: String,
    ) {
        let refusal = Refusal {
            code,
            field,
            detail,
        };
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

    /// A shared value, if it is there.
    pub(super) fn shared(&self, index: usize) -> Option<&[u8]> {
        self.drafts.shared(index)
    }

    /// Forgets shared values whose element ends.
    pub(super) fn forget(&mut self, shared: &[usize]) {
        self.drafts.forget(shared);
    }
}

fn local_label(tree: &Tree, kind: usize, source: usize) -> String {
    let label = tree
        .kinds
        .get(kind)
        .and_then(|kind| kind.labels.get(source));
    label.cloned().unwrap_or_default()
}

fn mixed_detail(label: &str) -> String {
    format!("`{label}` has both text and child elements, expected text only")
}
