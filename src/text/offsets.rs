//! From a place in decoded text back to the place in the bytes it came from.

use std::collections::VecDeque;

use super::gb;

/// A stretch of decoded text that may still be asked about.
#[derive(Debug, Default)]
struct Chunk {
    text: String,
    /// Offset of its first byte in the decoded text.
    decoded: u64,
    /// Offset of its first byte in the raw bytes.
    raw: u64,
    four_bytes: bool,
}

impl Chunk {
    fn decoded_end(&self) -> u64 {
        self.decoded + self.text.len() as u64
    }
}

/// The text between the oldest place that may still be asked for and the newest one decoded.
///
/// Kept only for GBK and GB18030; places are asked for in ascending order, so that every byte of
/// text is counted once.
#[derive(Debug)]
pub(super) struct Offsets {
    chunks: VecDeque<Chunk>,
    /// The last place asked for: decoded, raw. Lies in the first chunk or at its start.
    cursor: (u64, u64),
    kept: usize,
    retain: usize,
}

impl Offsets {
    /// Knows nothing yet, and keeps about `retain` bytes of text.
    pub(super) fn new(retain: usize) -> Self {
        Self {
            chunks: VecDeque::new(),
            cursor: (0, 0),
            kept: 0,
            retain,
        }
    }

    /// Changes how much text is kept.
    pub(super) fn retain(&mut self, bytes: usize) {
        self.retain = bytes;
    }

    /// Adds a stretch of text that starts at raw offset `raw`.
    pub(super) fn push(&mut self, text: &str, raw: u64, four_bytes: bool) {
        if text.is_empty() {
            return;
        }
        let decoded = self.chunks.back().map_or(0, Chunk::decoded_end);
        while self.kept + text.len() > self.retain && self.forget_first() {}
        if self.chunks.is_empty() {
            self.cursor = (decoded, raw);
        }
        self.kept += text.len();
        self.chunks.push_back(Chunk {
            text: text.to_owned(),
            decoded,
            raw,
            four_bytes,
        });
    }

    /// Drops the oldest chunk and moves the cursor to the start of the next.
    fn forget_first(&mut self) -> bool {
        let Some(first) = self.chunks.pop_front() else {
            return false;
        };
        self.kept -= first.text.len();
        if let Some(next) = self.chunks.front() {
            self.cursor = (next.decoded, next.raw);
        }
        true
    }

    /// The raw offset of the character at decoded offset `wanted`; see `Transcoder::raw_offset`.
    pub(super) fn raw_of(&mut self, wanted: u64) -> u64 {
        while self.chunks.len() > 1
            && self
                .chunks
                .front()
                .is_some_and(|first| first.decoded_end() <= wanted)
        {
            self.forget_first();
        }
        let Some(first) = self.chunks.front() else {
            return self.cursor.1;
        };
        let from = (self.cursor.0 - first.decoded) as usize;
        let to = wanted
            .saturating_sub(first.decoded)
            .min(first.text.len() as u64);
        let to = first.text.floor_char_boundary(to as usize);
        if let Some(between) = first.text.get(from..to) {
            self.cursor.0 += between.len() as u64;
            self.cursor.1 += gb::raw_length(between, first.four_bytes) as u64;
        }
        self.cursor.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_across_chunks() {
        let mut offsets = Offsets::new(1 << 20);
        offsets.push("陕A", 10, false);
        offsets.push("1西", 13, false);
        offsets.push("㐂x", 16, true);
        for (decoded, raw) in [(0, 10), (3, 12), (4, 13), (5, 14), (8, 16), (11, 20)] {
            assert_eq!(offsets.raw_of(decoded), raw, "{decoded}");
        }
        assert_eq!(offsets.raw_of(12), 21, "the end");
        assert_eq!(offsets.raw_of(99), 21, "beyond the end");
    }

    #[test]
    fn a_place_inside_a_character_is_that_characters() {
        let mut offsets = Offsets::new(1 << 20);
        offsets.push("A陕B", 0, false);
        assert_eq!(offsets.raw_of(2), 1);
        assert_eq!(offsets.raw_of(3), 1);
        assert_eq!(offsets.raw_of(4), 3);
    }

    #[test]
    fn text_that_nobody_asks_about_is_forgotten() {
        let mut offsets = Offsets::new(8);
        for number in 0..100_u64 {
            offsets.push("陕B", number * 3, false);
        }
        assert!(offsets.kept <= 8, "{} bytes kept", offsets.kept);
        assert_eq!(offsets.chunks.len(), 2);
        assert_eq!(offsets.raw_of(0), 98 * 3, "the oldest place still known");
        assert_eq!(offsets.raw_of(99 * 4 + 3), 99 * 3 + 2);
    }
}
