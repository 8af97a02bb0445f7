//! Finding what a block repeats of itself.

/// A stretch of the block's earlier content that comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    /// Where it began before.
    pub(super) position: usize,
    /// How long it is: 2 or more.
    pub(super) length: usize,
}

const HASH_BITS: u32 = 15;
const NONE: u32 = u32::MAX;
/// Earlier places looked at for one match.
const CHAIN: usize = 48;
/// Long enough to stop looking.
const GOOD: usize = 256;

/// Earlier places of a block by their first bytes.
pub(super) struct Finder {
    /// By hash of three bytes: the last place.
    heads: Vec<u32>,
    /// By place: the one before it with the same hash.
    before: Vec<u32>,
    /// By two bytes: the last place.
    pairs: Vec<u32>,
}

impl Finder {
    /// Knows no place.
    pub(super) fn new() -> Self {
        Self {
            heads: vec![NONE; 1 << HASH_BITS],
            before: Vec::new(),
            pairs: vec![NONE; 1 << 16],
        }
    }

    /// Forgets all places, for the next block.
    pub(super) fn clear(&mut self) {
        self.heads.fill(NONE);
        self.pairs.fill(NONE);
        self.before.clear();
    }

    /// Remembers place `at`; every place, in order.
    pub(super) fn remember(&mut self, block: &[u8], at: usize) {
        let rest = block.get(at..).unwrap_or_default();
        let head = rest
            .first_chunk()
            .and_then(|three| self.heads.get_mut(hash(*three)));
        self.before
            .push(head.map_or(NONE, |head| std::mem::replace(head, at as u32)));
        if let Some(two) = rest.first_chunk()
            && let Some(last) = self.pairs.get_mut(usize::from(u16::from_be_bytes(*two)))
        {
            *last = at as u32;
        }
    }

    /// The longest stretch that ends before `at` and comes again at `at`.
    ///
    /// It never overlaps what it writes: the centre's own encoder does not do that, and its decoder
    /// need not bear it.
    pub(super) fn find(&self, block: &[u8], at: usize) -> Option<Match> {
        let rest = block.get(at..)?;
        let mut best = None;
        let mut longest = 2;
        let mut place = *self.heads.get(hash(*rest.first_chunk()?))?;
        for _ in 0..CHAIN {
            let position = place as usize;
            let Some(earlier) = block.get(position..at) else {
                break;
            };
            if earlier.get(longest) == rest.get(longest) {
                let length = common(earlier, rest);
                if length > longest {
                    longest = length;
                    best = Some(Match { position, length });
                    if length >= GOOD {
                        break;
                    }
                }
            }
            place = self.before.get(position).copied().unwrap_or(NONE);
        }
        best
    }

    /// The last place before `at` whose two bytes come again at `at`.
    pub(super) fn find_pair(&self, block: &[u8], at: usize) -> Option<Match> {
        let two = block.get(at..)?.first_chunk()?;
        let place = *self.pairs.get(usize::from(u16::from_be_bytes(*two)))?;
        let position = place as usize;
        (position + 2 <= at).then_some(Match {
            position,
            length: 2,
        })
    }
}

fn hash(three: [u8; 3]) -> usize {
    let [a, b, c] = three;
    let bits = u32::from_be_bytes([0, a, b, c]).wrapping_mul(0x9E37_79B1);
    (bits >> (32 - HASH_BITS)) as usize
}

/// How many bytes both begin with.
fn common(one: &[u8], other: &[u8]) -> usize {
    let (ones, _) = one.as_chunks::<8>();
    let (others, _) = other.as_chunks::<8>();
    let mut length = 0;
    for (one, other) in ones.iter().zip(others) {
        let differ = u64::from_le_bytes(*one) ^ u64::from_le_bytes(*other);
        if differ != 0 {
            return length + (differ.trailing_zeros() / 8) as usize;
        }
        length += 8;
    }
    let tails = one.iter().zip(other).skip(length);
    length + tails.take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finder(block: &[u8], until: usize) -> Finder {
        let mut finder = Finder::new();
        (0..until).for_each(|at| finder.remember(block, at));
        finder
    }

    #[test]
    fn the_longest_earlier_stretch_is_found() {
        let block = b"abcX abcdY abcdZ";
        assert_eq!(
            finder(block, 11).find(block, 11),
            Some(Match {
                position: 5,
                length: 4
            })
        );
        assert_eq!(finder(block, 5).find(block, 15), None);
    }

    #[test]
    fn a_match_never_overlaps_what_it_writes() {
        let block = [b'0'; 40];
        let found = finder(&block, 20).find(&block, 20).expect("a match");
        assert!(found.position + found.length <= 20, "{found:?}");
        assert_eq!(finder(&block, 1).find(&block, 1), None);
        assert_eq!(finder(&block, 1).find_pair(&block, 1), None);
        assert_eq!(
            finder(&block, 3).find_pair(&block, 4),
            Some(Match {
                position: 2,
                length: 2
            })
        );
    }

    #[test]
    fn common_beginnings_are_counted_to_the_byte() {
        for length in 0..40 {
            let one = vec![b'a'; 50];
            let mut other = one.clone();
            other.truncate(45);
            if let Some(byte) = other.get_mut(length) {
                *byte = b'b';
            }
            assert_eq!(common(&one, &other), length);
        }
        assert_eq!(common(b"abc", b"abcdefghijkl"), 3);
    }
}
