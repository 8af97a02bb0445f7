//! Values on their way into records.

use std::ops::Range;

use super::codes::{broken, over};
use super::plan::{JsonPlan, JsonType, Nulls};
use super::tree::{Capture, Kept, Tree};
use super::{LATE_VALUE, NULL, TYPE};
use crate::diag::Code;
use crate::format::{FormatError, Limits, Next};
use crate::record::{Place, Reject, WireRecord};

/// The open record of one kind.
///
/// There is at most one: records of a kind stand at one path, and no value is inside itself.
#[derive(Debug, Default)]
struct Draft {
    bytes: Vec<u8>,
    /// By local source.
    found: Vec<Option<Range<usize>>>,
    refusal: Option<Refusal>,
}

/// Why a record is none.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) code: &'static Code,
    pub(super) field: Option<String>,
    pub(super) detail: String,
}

#[derive(Debug, Default)]
struct Shared {
    bytes: Vec<u8>,
    is_present: bool,
    /// Whether a record was given without it since its place began.
    is_missed: bool,
}

/// The open records of all kinds, and the values that records share.
#[derive(Debug)]
pub(super) struct Drafts {
    open: Vec<Draft>,
    shared: Vec<Shared>,
    record_bytes: usize,
    nulls: Nulls,
    strict_types: bool,
}

impl Drafts {
    /// Nothing open yet.
    pub(super) fn new(tree: &Tree, plan: &JsonPlan, limits: &Limits) -> Self {
        Self {
            open: tree.kinds.iter().map(|_| Draft::default()).collect(),
            shared: tree.shared.iter().map(|_| Shared::default()).collect(),
            record_bytes: limits.record_bytes,
            nulls: plan.nulls,
            strict_types: plan.strict_types,
        }
    }

    /// A record of a kind begins.
    pub(super) fn begin(&mut self, kind: usize, tree: &Tree) {
        let sources = tree.kinds.get(kind).map_or(0, |kind| kind.sources.len());
        if let Some(draft) = self.open.get_mut(kind) {
            draft.bytes.clear();
            draft.found.clear();
            draft.found.resize(sources, None);
            draft.refusal = None;
        }
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
            match *capture {
                Capture::Local { kind, source } => {
                    if self.strict_types {
                        self.check_type(kind, source, tree, actual);
                    }
                    self.keep_local(kind, source, value, at)?;
                }
                Capture::Shared(index) => self.keep_shared(index, value, tree, at)?,
            }
        }
        Ok(())
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
            Nulls::Empty => self.keep(captures, tree, (b"", JsonType::Text), at),
            Nulls::Refuse => {
                for capture in captures {
                    let label = label(tree, *capture);
                    let detail = format!("`{label}` is null, expected a value");
                    match *capture {
                        Capture::Local { kind, .. } => self.refuse(
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
            self.refuse(kind, refusal);
        }
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
            return Err(over("record_bytes", self.record_bytes, at));
        }
        Ok(())
    }

    fn keep_shared(
        &mut self,
        index: usize,
        value: &[u8],
        tree: &Tree,
        at: u64,
    ) -> Result<(), FormatError> {
        let Some(shared) = self.shared.get_mut(index) else {
            return Ok(());
        };
        if shared.is_missed {
            let label = tree.shared.get(index).map_or("", String::as_str);
            let detail =
                format!("`{label}` comes after records that share it, expected before them");
            return Err(broken(&LATE_VALUE, at, detail));
        }
        shared.is_present = true;
        shared.bytes.clear();
        shared.bytes.extend_from_slice(value);
        Ok(())
    }

    /// Refuses the open record of a kind; the first reason stays.
    pub(super) fn refuse(&mut self, kind: usize, refusal: Refusal) {
        if let Some(draft) = self.open.get_mut(kind) {
            draft.refusal.get_or_insert(refusal);
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
            for source in sources {
                let value = match *source {
                    Kept::Local(source) => draft.value(source),
                    Kept::Shared(index) => self.shared.get_mut(index).and_then(Shared::value),
                };
                if let Some(value) = value {
                    record.set(slot, value);
                    break;
                }
            }
        }
        Next::Record
    }

    /// Forgets shared values whose place ends.
    pub(super) fn forget(&mut self, shared: &[usize]) {
        for index in shared {
            if let Some(shared) = self.shared.get_mut(*index) {
                shared.is_present = false;
                shared.is_missed = false;
            }
        }
    }

    /// Forgets all of them.
    pub(super) fn forget_all(&mut self) {
        for shared in &mut self.shared {
            shared.is_present = false;
            shared.is_missed = false;
        }
    }
}

impl Shared {
    /// The value, for a record that is given now.
    fn value(&mut self) -> Option<&[u8]> {
        self.is_missed |= !self.is_present;
        self.is_present.then_some(self.bytes.as_slice())
    }
}

impl Draft {
    fn value(&self, source: usize) -> Option<&[u8]> {
        let range = self.found.get(source)?.clone()?;
        self.bytes.get(range)
    }
}

/// A wanted value's path as written.
pub(super) fn label(tree: &Tree, capture: Capture) -> String {
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
