//! The clearing centre's "LZ77" container (`partners/etc.md` §1.2), which is no known standard.
//!
//! A container is a sequence of blocks of at most 64 KiB of content; empty content has none.
//!
//! | bytes of a block | meaning |
//! |---|---|
//! | 2, big-endian | raw length; 0 means 65,536 |
//! | 2, big-endian | stored length; 0 means 65,536 |
//! | stored length | the content itself if both lengths are equal, else bits |
//!
//! Bits, the most significant first, are a sequence of tokens; what is left of the last byte is
//! padding:
//!
//! | token | bits |
//! |---|---|
//! | literal | `0`, 8 bits |
//! | match | `1`, length, position |
//! | length | q times `1`, `0`, q bits r: 2 if q = 0, else 2^q + r + 1 |
//! | position | ⌈log₂ produced⌉ bits: where in this block's content the copy begins |
//!
//! Only opening is canonical: encoders may choose other matches.

mod bits;
mod matches;
mod open;
mod seal;

pub(super) use open::Opened;
pub(super) use seal::seal;

/// The most content of one block.
const BLOCK: usize = 1 << 16;

/// The greatest q a length can have: 2^16 + 1 bytes are more than a block.
const MAX_Q: u32 = 15;

/// How many bits a position takes when `produced` bytes of the block are there.
fn position_bits(produced: usize) -> u32 {
    match produced {
        0 | 1 => 0,
        _ => (produced - 1).ilog2() + 1,
    }
}

/// q of a match length from 2 to 65,536.
fn length_q(length: usize) -> u32 {
    match length {
        0..=2 => 0,
        _ => (length - 1).ilog2(),
    }
}

#[cfg(test)]
mod tests;
