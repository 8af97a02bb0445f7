//! Which two or three amounts add up to a target; bounded and exact.

use std::collections::HashMap;

/// The most amounts that are searched: three of them cost its square.
pub(super) const MAX_POOL: usize = 600;

/// Subsets found, and whether there are more than were kept.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Subsets {
    /// Positions in the pool, rising; the earliest first.
    pub(super) found: Vec<Vec<usize>>,
    pub(super) has_more: bool,
}

/// Subsets of exactly `size` (2 or 3) amounts of the pool's first [`MAX_POOL`] whose sum is
/// `target`; at most `limit` are kept.
pub(super) fn subsets(pool: &[i64], target: i64, size: usize, limit: usize) -> Subsets {
    let pool = pool.get(..pool.len().min(MAX_POOL)).unwrap_or(pool);
    let mut places: HashMap<i64, Vec<usize>> = HashMap::new();
    for (at, amount) in pool.iter().enumerate() {
        places.entry(*amount).or_default().push(at);
    }
    let mut result = Subsets::default();
    // The last member by its amount, behind the given position.
    let mut close = |chosen: &[usize], sum: i64, after: usize| -> bool {
        let Some(wanted) = target.checked_sub(sum) else {
            return true;
        };
        let last = places.get(&wanted).map(Vec::as_slice).unwrap_or_default();
        for at in last.iter().filter(|at| **at > after) {
            if result.found.len() == limit {
                result.has_more = true;
                return false;
            }
            let mut subset = chosen.to_vec();
            subset.push(*at);
            result.found.push(subset);
        }
        true
    };
    'search: for (first, a) in pool.iter().enumerate() {
        if size == 2 {
            if !close(&[first], *a, first) {
                break 'search;
            }
            continue;
        }
        for (second, b) in pool.iter().enumerate().skip(first + 1) {
            let Some(sum) = a.checked_add(*b) else {
                continue;
            };
            if !close(&[first, second], sum, second) {
                break 'search;
            }
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_and_triples_that_add_up_are_found_once_each() {
        let pool = [700, 500, 500, 300, 200];
        assert_eq!(subsets(&pool, 1_000, 2, 10).found, [vec![0, 3], vec![1, 2]]);
        assert_eq!(
            subsets(&pool, 1_000, 3, 10).found,
            [vec![1, 3, 4], vec![2, 3, 4]]
        );
        assert_eq!(subsets(&pool, 1, 2, 10), Subsets::default());
    }

    #[test]
    fn a_search_stops_at_its_limit_and_says_so() {
        let same = vec![100; 10_000];
        let result = subsets(&same, 300, 3, 5);
        assert_eq!(result.found.len(), 5);
        assert!(result.has_more);
        assert_eq!(subsets(&same, 999, 3, 5), Subsets::default());
    }

    #[test]
    fn amounts_at_the_edge_of_64_bits_do_not_overflow() {
        let pool = [i64::MAX, i64::MAX, i64::MIN];
        assert_eq!(subsets(&pool, i64::MIN, 3, 5), Subsets::default());
    }
}
