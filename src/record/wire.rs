//! One record as a file has it.

use std::borrow::Cow;
use std::ops::Range;

use super::Place;
use crate::text::{DecodeError, Encoding, as_utf8};

/// One record of a file: which kind of record, where it stands, and the bytes of each slot.
///
/// Slots are numbered by the layout that the reader was given, not by the file's own columns.
/// A reader fills the same `WireRecord` again and again; nothing is allocated per record.
#[derive(Debug, Clone)]
pub struct WireRecord {
    kind: usize,
    place: Place,
    encoding: Encoding,
    bytes: Vec<u8>,
    slots: Vec<Option<Range<usize>>>,
    /// What [`WireRecord::decode`] made of the slots that could be decoded.
    text: String,
    texts: Vec<Option<Range<usize>>>,
}

impl WireRecord {
    /// An empty record; `encoding` is that of the slots' bytes as the reader leaves them.
    pub fn new(encoding: Encoding) -> Self {
        Self {
            kind: 0,
            place: Place::default(),
            encoding,
            bytes: Vec::new(),
            slots: Vec::new(),
            text: String::new(),
            texts: Vec::new(),
        }
    }

    /// Starts again as a record of a kind (its index in the layout) with `slots` absent slots.
    pub fn start(&mut self, kind: usize, place: Place, slots: usize) {
        self.kind = kind;
        self.place = place;
        self.bytes.clear();
        self.slots.clear();
        self.slots.resize(slots, None);
        self.texts.clear();
    }

    /// Sets a slot's bytes; a slot set twice keeps the later. A slot that does not exist is ignored.
    pub fn set(&mut self, slot: usize, bytes: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        if let Some(range) = self.slots.get_mut(slot) {
            *range = Some(start..self.bytes.len());
        }
    }

    /// Bytes of all its slots.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether no slot has a byte.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Bytes of memory that its slots may take before more is asked for.
    pub fn capacity(&self) -> usize {
        let ranges = self.slots.capacity() + self.texts.capacity();
        self.bytes.capacity() + self.text.capacity() + ranges * size_of::<Option<Range<usize>>>()
    }

    /// Decodes every slot ahead of [`WireRecord::text`], on the thread that reads rather than on
    /// the one that maps. A slot that cannot be decoded is left for `text` to refuse.
    /// `utf8` is room to work in.
    pub fn decode(&mut self, utf8: &mut Vec<u8>) {
        self.texts.clear();
        self.text.clear();
        utf8.clear();
        for slot in &self.slots {
            let bytes = slot.clone().and_then(|range| self.bytes.get(range));
            let start = utf8.len();
            let is_decoded = bytes.is_some_and(|bytes| self.encoding.append(bytes, utf8));
            self.texts.push(is_decoded.then_some(start..utf8.len()));
        }
        self.text.push_str(as_utf8(utf8).unwrap_or_default());
    }

    /// Gives the record its final place, when its end is known.
    pub fn set_place(&mut self, place: Place) {
        self.place = place;
    }

    /// The encoding of its slots' bytes.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Which kind of record of the layout it is.
    pub fn kind(&self) -> usize {
        self.kind
    }

    /// Where it stands.
    pub fn place(&self) -> Place {
        self.place
    }

    /// How many slots it has.
    pub fn slots(&self) -> usize {
        self.slots.len()
    }

    /// A slot's bytes; `None` when the file does not have the field (an empty field is `Some`).
    pub fn bytes(&self, slot: usize) -> Option<&[u8]> {
        let range = self.slots.get(slot)?.clone()?;
        self.bytes.get(range)
    }

    /// A slot's text, if it was decoded ahead and is text.
    #[inline]
    fn decoded(&self, slot: usize) -> Option<&str> {
        let range = self.texts.get(slot)?.clone()?;
        self.text.get(range)
    }

    /// A slot's text, decoded strictly.
    #[inline]
    pub fn text(&self, slot: usize) -> Result<Option<Cow<'_, str>>, DecodeError> {
        match self.decoded(slot) {
            Some(text) => Ok(Some(Cow::Borrowed(text))),
            None => self.decode_now(slot),
        }
    }

    fn decode_now(&self, slot: usize) -> Result<Option<Cow<'_, str>>, DecodeError> {
        self.bytes(slot)
            .map(|bytes| self.encoding.decode(bytes))
            .transpose()
    }
}
