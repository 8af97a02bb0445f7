//! A number of rows and the sum of their amounts: what the two sides of a reconciliation say.

use super::ReconcileError;
use crate::id::Fen;

/// How many, and how much. Always exact: sums are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figure {
    /// How many rows.
    pub count: i64,
    /// Their sum in 分.
    pub amount: Fen,
}

impl Figure {
    /// Nothing.
    pub const ZERO: Self = Self {
        count: 0,
        amount: Fen::ZERO,
    };

    /// From a count and 分.
    pub fn new(count: i64, fen: i64) -> Self {
        Self {
            count,
            amount: Fen(fen),
        }
    }

    /// Whether both are zero.
    pub fn is_zero(self) -> bool {
        self == Self::ZERO
    }

    /// This plus `signs` times the other; `what` names the sum in an error.
    pub fn plus(self, signs: Signs, other: Self, what: &str) -> Result<Self, ReconcileError> {
        let add = |sum: i64, sign: i64, value: i64| sum.checked_add(value.checked_mul(sign)?);
        let overflow = || ReconcileError::Overflow {
            what: what.to_owned(),
        };
        Ok(Self {
            count: add(self.count, signs.count, other.count).ok_or_else(overflow)?,
            amount: add(self.amount.0, signs.amount, other.amount.0)
                .map(Fen)
                .ok_or_else(overflow)?,
        })
    }

    /// This minus the other.
    pub fn minus(self, other: Self, what: &str) -> Result<Self, ReconcileError> {
        let signs = Signs {
            amount: -1,
            count: -1,
        };
        self.plus(signs, other, what)
    }
}

/// How a part enters the two formulas: −1, 0 or 1. They may differ: a refund lowers the amount
/// cleared and raises the count (the clearing centre's own rule).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signs {
    /// In the formula of amounts.
    pub amount: i64,
    /// In the formula of counts.
    pub count: i64,
}

impl Signs {
    /// Added in both.
    pub const PLUS: Self = Self {
        amount: 1,
        count: 1,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_may_lower_the_amount_and_raise_the_count() {
        let signs = Signs {
            amount: -1,
            count: 1,
        };
        let sum = Figure::new(10, 1_000).plus(signs, Figure::new(2, 300), "x");
        assert_eq!(sum.expect("small"), Figure::new(12, 700));
    }

    #[test]
    fn a_sum_beyond_64_bits_is_an_error_and_never_another_number() {
        let failed = Figure::new(1, i64::MAX).plus(Signs::PLUS, Figure::new(0, 1), "released");
        assert_eq!(
            failed.expect_err("too large").to_string(),
            "the sum of `released` does not fit 64 bits; look for an absurd amount in its rows"
        );
    }
}
