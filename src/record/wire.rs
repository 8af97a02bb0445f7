//! One record as a file has it.

use std::ops::Range;

use super::Place;
use crate::text::{DecodeError, Encoding, as_utf8};

/// One record of a file: which kind of record, where it stands, and the text of each slot.
///
/// Slots are numbered by the layout that the reader was given, not by the file's own columns.
/// A reader fills the same `WireRecord` again and again; nothing is allocated per record.
#[derive(Debug, Clone)]
pub struct WireRecord {
    kind: usize,
    place: Place,
    encoding: Encoding,
    slots: Vec<Option<Slot>>,
    /// The texts of all slots, one after the other, in UTF-8.
    utf8: Vec<u8>,
    /// The same, once [`WireRecord::seal`] has looked at them.
    text: String,
    /// The bytes of slots that are no text.
    undecodable: Vec<u8>,
}

/// What the file has for a slot.
#[derive(Debug, Clone)]
enum Slot {
    /// Text, and how many bytes it had.
    Text(Range<usize>, usize),
    /// Bytes that are no text in the record's encoding.
    Undecodable(Range<usize>),
}

impl WireRecord {
    /// An empty record; `encoding` is that of the slots' bytes as the reader leaves them.
    pub fn new(encoding: Encoding) -> Self {
        Self {
            kind: 0,
            place: Place::default(),
            encoding,
            slots: Vec::new(),
            utf8: Vec::new(),
            text: String::new(),
            undecodable: Vec::new(),
        }
    }

    /// Starts again as a record of a kind (its index in the layout) with `slots` absent slots.
    pub fn start(&mut self, kind: usize, place: Place, slots: usize) {
        self.kind = kind;
        self.place = place;
        self.utf8.clear();
        self.text.clear();
        self.undecodable.clear();
        self.slots.clear();
        self.slots.resize(slots, None);
    }

    /// Sets a slot's bytes; a slot set twice keeps the later. A slot that does not exist is ignored.
    pub fn set(&mut self, slot: usize, bytes: &[u8]) {
        let Some(slot) = self.slots.get_mut(slot) else {
            return;
        };
        let start = self.utf8.len();
        *slot = Some(if self.encoding.append(bytes, &mut self.utf8) {
            Slot::Text(start..self.utf8.len(), bytes.len())
        } else {
            let start = self.undecodable.len();
            self.undecodable.extend_from_slice(bytes);
            Slot::Undecodable(start..self.undecodable.len())
        });
    }

    /// Looks once that all texts are UTF-8, so that [`WireRecord::text`] need not for each of them.
    pub fn seal(&mut self) {
        self.text.clear();
        if let Some(text) = as_utf8(&self.utf8) {
            self.text.push_str(text);
        }
    }

    /// Bytes that its slots take.
    pub fn len(&self) -> usize {
        self.utf8.len() + self.undecodable.len()
    }

    /// Whether no slot has a byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory that its slots may take before more is asked for.
    pub fn capacity(&self) -> usize {
        let bytes = self.utf8.capacity() + self.text.capacity() + self.undecodable.capacity();
        bytes + self.slots.capacity() * size_of::<Option<Slot>>()
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

    /// How many bytes a slot has in the record's encoding; `None` when the file does not have the
    /// field (an empty field has 0).
    pub fn width(&self, slot: usize) -> Option<usize> {
        match self.slots.get(slot)?.as_ref()? {
            Slot::Text(_, width) => Some(*width),
            Slot::Undecodable(range) => Some(range.len()),
        }
    }

    /// A slot's text, decoded strictly; `None` when the file does not have the field.
    #[inline]
    pub fn text(&self, slot: usize) -> Result<Option<&str>, DecodeError> {
        match self.slots.get(slot) {
            None | Some(None) => Ok(None),
            Some(Some(Slot::Text(range, _))) if self.text.len() == self.utf8.len() => {
                Ok(self.text.get(range.clone()))
            }
            Some(Some(Slot::Text(range, _))) => Ok(self.utf8.get(range.clone()).and_then(as_utf8)),
            Some(Some(Slot::Undecodable(range))) => {
                let bytes = self.undecodable.get(range.clone()).unwrap_or_default();
                self.encoding.decode(bytes).map(|_| None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_has_its_text_and_the_width_of_its_bytes() {
        let mut record = WireRecord::new(Encoding::Gbk);
        for is_sealed in [false, true, false] {
            record.start(1, Place::default(), 4);
            record.set(0, b"\xC9\xC2A1");
            record.set(2, b"");
            record.set(3, b"first");
            record.set(3, b"later");
            record.set(9, b"nowhere");
            if is_sealed {
                record.seal();
            }
            let texts: Vec<_> = (0..5)
                .map(|slot| record.text(slot).expect("text"))
                .collect();
            assert_eq!(texts, [Some("陕A1"), None, Some(""), Some("later"), None]);
            let widths: Vec<_> = (0..5).map(|slot| record.width(slot)).collect();
            assert_eq!(widths, [Some(4), None, Some(0), Some(5), None]);
        }
    }

    #[test]
    fn a_slot_that_is_no_text_spoils_no_other() {
        let mut record = WireRecord::new(Encoding::Gbk);
        record.start(0, Place::default(), 3);
        record.set(0, b"\xC9\xC2");
        record.set(1, b"ab\x81\"");
        record.set(2, b"\xC9\xC2");
        assert_eq!(record.text(0), Ok(Some("陕")));
        assert_eq!(record.text(2), Ok(Some("陕")));
        let error = record.text(1).expect_err("0x81 leads to nothing");
        assert_eq!(error.offset, 2);
        assert_eq!(record.width(1), Some(4));
    }
}
