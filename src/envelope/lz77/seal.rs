//! Sealing content into a container.

use std::io::{Read, Write};

use super::bits::BitWriter;
use super::matches::{Finder, Match};
use super::{BLOCK, length_q, position_bits};
use crate::envelope::EnvelopeError;

/// Seals `content` block by block and says how many bytes were written.
pub(in crate::envelope) fn seal(
    content: &mut dyn Read,
    sealed: &mut dyn Write,
) -> Result<u64, EnvelopeError> {
    let mut block = Vec::with_capacity(BLOCK);
    let mut finder = Finder::new();
    let mut bits = BitWriter::default();
    let mut written = 0;
    loop {
        block.clear();
        let count = (&mut *content)
            .take(BLOCK as u64)
            .read_to_end(&mut block)
            .map_err(EnvelopeError::Read)?;
        if count == 0 {
            return Ok(written);
        }
        let stored = if shrink(&block, &mut finder, &mut bits) {
            bits.finish()
        } else {
            &block
        };
        // Both lengths are 16 bits wide and 65,536 is written as 0, on purpose.
        let lengths = [
            (count as u16).to_be_bytes(),
            (stored.len() as u16).to_be_bytes(),
        ];
        sealed
            .write_all(lengths.as_flattened())
            .and_then(|()| sealed.write_all(stored))
            .map_err(EnvelopeError::Write)?;
        written += 4 + stored.len() as u64;
    }
}

/// Writes the block as tokens; `false` if that does not make it smaller.
fn shrink(block: &[u8], finder: &mut Finder, bits: &mut BitWriter) -> bool {
    finder.clear();
    bits.clear();
    let mut at = 0;
    let mut ahead = None;
    while at < block.len() {
        // Four bytes may still be held back by the writer, and equal lengths mean "not shrunk".
        if bits.len() + 5 > block.len() {
            return false;
        }
        let here = match ahead.take() {
            Some(found) => found,
            None => best(block, finder, at),
        };
        finder.remember(block, at);
        let next = here.and_then(|_| best(block, finder, at + 1));
        let taken = match here {
            Some(found) if saved(found, at) >= next.map_or(0, |next| saved(next, at + 1)) => {
                put_match(bits, found, at);
                found.length
            }
            _ => {
                bits.put(u32::from(block.get(at).copied().unwrap_or_default()), 9);
                ahead = here.map(|_| next);
                1
            }
        };
        for skipped in at + 1..at + taken {
            finder.remember(block, skipped);
        }
        at += taken;
    }
    bits.finish().len() < block.len()
}

/// The match at `at` that saves most, if any saves something.
fn best(block: &[u8], finder: &Finder, at: usize) -> Option<Match> {
    finder
        .find(block, at)
        .or_else(|| finder.find_pair(block, at))
        .filter(|found| saved(*found, at) > 0)
}

/// Bits that a match saves over literals.
fn saved(found: Match, at: usize) -> i64 {
    let literals = 9 * found.length as i64;
    literals - i64::from(2 + 2 * length_q(found.length) + position_bits(at))
}

fn put_match(bits: &mut BitWriter, found: Match, at: usize) {
    let q = length_q(found.length);
    // The `1` of the match, q times `1`, and `0`.
    bits.put((1 << (q + 2)) - 2, q + 2);
    if q > 0 {
        bits.put((found.length - 1) as u32 - (1 << q), q);
    }
    bits.put(found.position as u32, position_bits(at));
}
