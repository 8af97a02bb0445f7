//! Values on their way into records.

use std::ops::Range;

use super::codes::{broken, over, shown};
use super::tree::{Capture, Kept, Once, Tree};
use super::{DUPLICATE_ELEMENT, MIXED_CONTENT};
use crate::diag::Code;
use crate::format::{FormatError, Limits, Next};
use crate::record::{Place, Reject, WireRecord};

/// The open record of one kind.
///
/// There is at most one: records of a kind stand at one path, and no element is inside itself.
#[derive(Debug, Default)]
struct Draft {
    bytes: Vec<u8>,
    /// By local source.
    found: Vec<Option<Range<usize>>>,
    refusal: Option<Refusal>,
}

#[derive(Debug)]
struct Refusal {
    code: &'static Code,
    field: Option<String>,
    detail: String,
}

#[derive(Debug, Default)]
struct Shared {
    bytes: Vec<u8>,
    present: bool,
}

/// The open records of all kinds, and the values that records share.
#[derive(Debug)]
pub(super) struct Drafts {
    open: Vec<Draft>,
    shared: Vec<Shared>,
    record_bytes: usize,
}

impl Drafts {
    /// Nothing open yet.
    pub(super) fn new(tree: &Tree, limits: &Limits) -> Self {
        Self {
            open: tree.kinds.iter().map(|_| Draft::default()).collect(),
            shared: tree.shared.iter().map(|_| Shared::default()).collect(),
            record_bytes: limits.record_bytes,
        }
    }

    /// A record of a kind begins.
    pub(super) fn begin(&mut self, kind: usize, tree: &Tree) {
        let sources = tree.kinds.get(kind).map_or(0, |kind| kind.labels.len());
        if let Some(draft) = self.open.get_mut(kind) {
            draft.bytes.clear();
            draft.found.clear();
            draft.found.resize(sources, None);
            draft.refusal = None;
        }
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
                Capture::Local { kind, source } => self.keep_local(kind, source, value, at)?,
                Capture::Shared(index) => self.keep_shared(index, value),
            }
        }
        Ok(())
    }

    fn keep_local(
        &mut self,
        kind: usize,
        source: usize,
        value: &[u8],
        at: u64,
    ) -> Result<(), FormatError> {
        let Some(draft) = self.open.get_mut(kind) else {
            return Ok(());
        };
        let start = draft.bytes.len();
        draft.bytes.extend_from_slice(value);
        if let Some(found) = draft.found.get_mut(source) {
            *found = Some(start..draft.bytes.len());
        }
        if draft.bytes.len() > self.record_bytes {
            return Err(over("record_bytes", self.record_bytes as u64, at));
        }
        Ok(())
    }

    fn keep_shared(&mut self, index: usize, value: &[u8]) {
        if let Some(shared) = self.shared.get_mut(index) {
            shared.present = true;
            shared.bytes.clear();
            shared.bytes.extend_from_slice(value);
        }
    }

    /// An element of which there may be one stands a second time.
    pub(super) fn repeated(&mut self, once: &Once, at: u64) -> Result<(), FormatError> {
        let label = &once.label;
        let Some(kind) = once.kind else {
            let detail =
                format!("`{label}` stands twice, and records share its value: expected one");
            return Err(broken(&DUPLICATE_ELEMENT, at, detail));
        };
        if let Some(draft) = self.open.get_mut(kind) {
            let detail = format!("`{label}` stands twice in one record, expected at most once");
            draft.refuse(&DUPLICATE_ELEMENT, Some(label.clone()), detail);
        }
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
                    if let Some(draft) = self.open.get_mut(kind) {
                        draft.refuse(&MIXED_CONTENT, Some(label), detail);
                    }
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
        if let Some(draft) = self.open.get_mut(kind) {
            let detail = format!("{what} `{}` is in no field of the mapping", shown(name));
            draft.refuse(&super::UNKNOWN_ELEMENT, None, detail);
        }
    }

    /// Ends the record of a kind: fills `record` with it, or says why it is none.
    pub(super) fn finish(
        &mut self,
        kind: usize,
        place: Place,
        tree: &Tree,
        record: &mut WireRecord,
    ) -> Next {
        let (Some(draft), Some(known)) = (self.open.get_mut(kind), tree.kinds.get(kind)) else {
            return Next::Record;
        };
        if let Some(refusal) = draft.refusal.take() {
            return Next::Refused(Reject {
                code: refusal.code,
                place,
                field: refusal.field,
                detail: refusal.detail,
            });
        }
        record.start(kind, place, known.slots.len());
        for (slot, sources) in known.slots.iter().enumerate() {
            let value = sources.iter().find_map(|source| match *source {
                Kept::Local(source) => draft.value(source),
                Kept::Shared(index) => self
                    .shared
                    .get(index)
                    .filter(|shared| shared.present)
                    .map(|shared| shared.bytes.as_slice()),
            });
            if let Some(value) = value {
                record.set(slot, value);
            }
        }
        Next::Record
    }

    /// Forgets shared values whose element ends.
    pub(super) fn forget(&mut self, shared: &[usize]) {
        for index in shared {
            if let Some(shared) = self.shared.get_mut(*index) {
                shared.present = false;
            }
        }
    }
}

impl Draft {
    /// The first reason stays.
    fn refuse(&mut self, code: &'static Code, field: Option<String>, detail: String) {
        self.refusal.get_or_insert(Refusal {
            code,
            field,
            detail,
        });
    }

    fn value(&self, source: usize) -> Option<&[u8]> {
        let range = self.found.get(source)?.clone()?;
        self.bytes.get(range)
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
