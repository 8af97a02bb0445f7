//! Values on their way into records.

use std::ops::Range;

use super::{Kept, over};
use crate::diag::Code;
use crate::format::{FormatError, Next, Refusal};
use crate::record::{Place, WireRecord};

/// The open record of one kind.
///
/// There is at most one: records of a kind stand at one path, and nothing is inside itself.
#[derive(Debug, Default)]
struct Draft {
    bytes: Vec<u8>,
    /// By local source.
    found: Vec<Option<Range<usize>>>,
    refusal: Option<Refusal>,
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
pub(in crate::format) struct Drafts {
    open: Vec<Draft>,
    shared: Vec<Shared>,
    record_bytes: usize,
    limit: &'static Code,
}

impl Drafts {
    /// Nothing open yet. A record of more than `record_bytes` is refused by the code `limit`, with
    /// the whole content.
    pub(in crate::format) fn new(
        kinds: usize,
        shared: usize,
        record_bytes: usize,
        limit: &'static Code,
    ) -> Self {
        Self {
            open: (0..kinds).map(|_| Draft::default()).collect(),
            shared: (0..shared).map(|_| Shared::default()).collect(),
            record_bytes,
            limit,
        }
    }

    /// A record of a kind with so many sources of its own begins.
    pub(in crate::format) fn begin(&mut self, kind: usize, sources: usize) {
        if let Some(draft) = self.open.get_mut(kind) {
            draft.bytes.clear();
            draft.found.clear();
            draft.found.resize(sources, None);
            draft.refusal = None;
        }
    }

    /// Keeps a value for the open record of a kind.
    pub(in crate::format) fn keep_local(
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
            let limit = self.record_bytes as u64;
            return Err(over(self.limit, "record_bytes", limit, at));
        }
        Ok(())
    }

    /// Keeps a value that records share.
    pub(in crate::format) fn keep_shared(&mut self, index: usize, value: &[u8]) {
        if let Some(shared) = self.shared.get_mut(index) {
            shared.is_present = true;
            shared.bytes.clear();
            shared.bytes.extend_from_slice(value);
        }
    }

    /// Whether a record that shares a value was given before the value came.
    pub(in crate::format) fn is_missed(&self, index: usize) -> bool {
        self.shared
            .get(index)
            .is_some_and(|shared| shared.is_missed)
    }

    /// Refuses the open record of a kind; the first reason stays.
    pub(in crate::format) fn refuse(&mut self, kind: usize, refusal: Refusal) {
        if let Some(draft) = self.open.get_mut(kind) {
            draft.refusal.get_or_insert(refusal);
        }
    }

    /// Ends the record of a kind: fills `record` with it, or says why it is none. For each slot
    /// its sources in order of preference: the first that is there is taken.
    pub(in crate::format) fn finish(
        &mut self,
        kind: usize,
        place: Place,
        slots: &[Vec<Kept>],
        record: &mut WireRecord,
    ) -> Next {
        let Some(draft) = self.open.get_mut(kind) else {
            return Next::Record;
        };
        if let Some(refusal) = draft.refusal.take() {
            return Next::Refused(refusal.at(place));
        }
        record.start(kind, place, slots.len());
        for (slot, sources) in slots.iter().enumerate() {
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

    /// A shared value, if it is there.
    pub(in crate::format) fn shared(&self, index: usize) -> Option<&[u8]> {
        let shared = self.shared.get(index)?;
        shared.is_present.then_some(shared.bytes.as_slice())
    }

    /// Forgets shared values whose place ends.
    pub(in crate::format) fn forget(&mut self, shared: &[usize]) {
        for index in shared {
            if let Some(shared) = self.shared.get_mut(*index) {
                shared.forget();
            }
        }
    }

    /// Forgets all shared values.
    pub(in crate::format) fn forget_all(&mut self) {
        self.shared.iter_mut().for_each(Shared::forget);
    }
}

impl Shared {
    /// The value, for a record that is given now.
    fn value(&mut self) -> Option<&[u8]> {
        self.is_missed |= !self.is_present;
        self.is_present.then_some(self.bytes.as_slice())
    }

    fn forget(&mut self) {
        self.is_present = false;
        self.is_missed = false;
    }
}

impl Draft {
    fn value(&self, source: usize) -> Option<&[u8]> {
        let range = self.found.get(source)?.clone()?;
        self.bytes.get(range)
    }
}
