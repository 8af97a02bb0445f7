//! Numbers that look random and are a function of their seed alone.

/// A small generator: `SplitMix64`, whose constants are public domain.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// A generator of its own for every combination of parts.
    pub(super) fn of(parts: &[u64]) -> Self {
        let mut state = Self(0);
        for part in parts {
            state.0 ^= *part;
            state.0 = state.next();
        }
        state
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `end`; 0 when there is none.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or_default()
    }

    /// One of `all`; the default when there is none.
    pub(super) fn one_of<T: Copy + Default>(&mut self, all: &[T]) -> T {
        let index = self.below(all.len() as u64) as usize;
        all.get(index).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_numbers_of_seed_zero_are_those_of_the_published_algorithm() {
        let mut random = Random(0);
        let first = [random.next(), random.next(), random.next()];
        assert_eq!(
            first,
            [
                0xe220_a839_7b1d_cdaf,
                0x6e78_9e6a_a1b9_65f4,
                0x06c4_5d18_8009_454f
            ]
        );
    }

    #[test]
    fn every_combination_of_parts_has_its_own_numbers() {
        let first = |parts: &[u64]| Random::of(parts).next();
        assert_eq!(first(&[1, 2]), first(&[1, 2]));
        assert_ne!(first(&[1, 2]), first(&[2, 1]));
        assert_ne!(first(&[1, 2]), first(&[1, 3]));
    }

    #[test]
    fn a_number_stays_below_its_end_and_nothing_is_chosen_from_nothing() {
        let mut random = Random::of(&[7]);
        assert!((0..1000).all(|_| random.below(10) < 10));
        assert_eq!(random.below(0), 0);
        assert_eq!(random.one_of::<&str>(&[]), "");
    }
}
