//! Bits of a byte stream, the most significant first.

/// Reads bits; knows when they end.
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    /// Next byte to take into `held`.
    next: usize,
    /// The lowest `count` bits are the next ones of the stream.
    held: u64,
    count: u32,
}

impl<'a> BitReader<'a> {
    /// Bits of `bytes`.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            next: 0,
            held: 0,
            count: 0,
        }
    }

    /// The next `width` bits (at most 32), or `None` if fewer are left.
    pub(super) fn take(&mut self, width: u32) -> Option<u32> {
        if self.count < width {
            self.fill();
            if self.count < width {
                return None;
            }
        }
        self.count -= width;
        let value = self.held >> self.count;
        self.held &= (1 << self.count) - 1;
        Some(value as u32)
    }

    /// How many `1` bits come before the next `0`, both taken; at most `limit` + 1 are counted.
    pub(super) fn take_ones(&mut self, limit: u32) -> Option<u32> {
        let mut ones = 0;
        while self.take(1)? == 1 {
            ones += 1;
            if ones > limit {
                break;
            }
        }
        Some(ones)
    }

    /// The index of the byte that holds the next bit.
    pub(super) fn byte(&self) -> usize {
        self.next - self.count.div_ceil(8) as usize
    }

    /// Bytes of which no bit has been taken.
    pub(super) fn unused(&self) -> usize {
        self.bytes.len() - self.next + (self.count / 8) as usize
    }

    /// Takes up to four bytes in.
    fn fill(&mut self) {
        let rest = self.bytes.get(self.next..).unwrap_or_default();
        if let Some(four) = rest.first_chunk() {
            self.held = self.held << 32 | u64::from(u32::from_be_bytes(*four));
            self.count += 32;
            self.next += 4;
        } else {
            for byte in rest {
                self.held = self.held << 8 | u64::from(*byte);
                self.count += 8;
            }
            self.next = self.bytes.len();
        }
    }
}

/// Writes bits.
#[derive(Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    held: u64,
    count: u32,
}

impl BitWriter {
    /// Forgets all, keeps the room.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.held = 0;
        self.count = 0;
    }

    /// Appends the lowest `width` bits (at most 32) of `value`.
    pub(super) fn put(&mut self, value: u32, width: u32) {
        self.held = self.held << width | u64::from(value);
        self.count += width;
        if self.count >= 32 {
            self.count -= 32;
            let word = (self.held >> self.count) as u32;
            self.bytes.extend_from_slice(&word.to_be_bytes());
            self.held &= (1 << self.count) - 1;
        }
    }

    /// Whole bytes written so far.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// All bytes, the last one filled up with `0`.
    pub(super) fn finish(&mut self) -> &[u8] {
        while self.count > 0 {
            let width = self.count.min(8);
            self.count -= width;
            let byte = (self.held >> self.count) << (8 - width);
            self.bytes.push(byte as u8);
            self.held &= (1 << self.count) - 1;
        }
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let parts = [
            (1, 1),
            (0, 0),
            (0b1011, 4),
            (0xFFFF_FFFF, 32),
            (5, 16),
            (0, 9),
            (1, 1),
        ];
        let mut writer = BitWriter::default();
        for (value, width) in parts {
            writer.put(value, width);
        }
        let bytes = writer.finish().to_vec();
        assert_eq!(bytes.len(), 8);
        let mut reader = BitReader::new(&bytes);
        for (value, width) in parts {
            assert_eq!(reader.take(width), Some(value));
        }
        assert_eq!((reader.byte(), reader.unused()), (7, 0));
        assert_eq!(reader.take(1), Some(0), "padding");
        assert_eq!(reader.take(1), None);
    }

    #[test]
    fn ones_are_counted_up_to_a_limit() {
        let mut reader = BitReader::new(&[0b1110_1011, 0xFF]);
        assert_eq!(reader.take_ones(15), Some(3));
        assert_eq!((reader.byte(), reader.unused()), (0, 1));
        assert_eq!(reader.take_ones(15), Some(1));
        assert_eq!(reader.take_ones(3), Some(4));
        assert_eq!(reader.take_ones(15), None);
    }
}
