//! From numbers to places on paper.

use super::Unit;
use crate::id::Fen;
use crate::report::words;

/// The most ticks that are asked for.
const TICKS: i64 = 5;

pub(super) struct Scale {
    low: i64,
    high: i64,
    step: i64,
    left: f64,
    right: f64,
    unit: Unit,
}

impl Scale {
    /// Over all numbers from `low` to `high`, which zero lies between.
    pub(super) fn new((low, high): (i64, i64), (left, right): (f64, f64), unit: Unit) -> Self {
        let span = high.saturating_sub(low).max(1);
        let step = step(span);
        let down = low.div_euclid(step).saturating_mul(step);
        let up = (high.saturating_add(step - 1))
            .div_euclid(step)
            .saturating_mul(step);
        Self {
            low: down,
            high: up.max(step),
            step,
            left,
            right,
            unit,
        }
    }

    pub(super) fn at(&self, value: i64) -> f64 {
        let part = |value: i64| value as f64 - self.low as f64;
        self.left + (self.right - self.left) * part(value) / part(self.high)
    }

    /// Where the grid's lines are, and what stands below them.
    pub(super) fn ticks(&self) -> Vec<(i64, String)> {
        let values =
            (0..=2 * TICKS).map(|at| self.low.saturating_add(at.saturating_mul(self.step)));
        values
            .take_while(|value| *value <= self.high)
            .map(|value| (value, self.label(value)))
            .collect()
    }

    fn label(&self, value: i64) -> String {
        match self.unit {
            Unit::Count => words::number(value),
            Unit::Money if self.step % 100 == 0 => words::number(value / 100),
            Unit::Money => words::money(Fen(value)),
        }
    }
}

/// The smallest of 1, 2, 5, 10, 20, 50 … that divides a span into at most [`TICKS`] steps.
fn step(span: i64) -> i64 {
    let mut ten: i64 = 1;
    loop {
        for one in [1, 2, 5] {
            let step = ten.saturating_mul(one);
            if span / step < TICKS || step == i64::MAX {
                return step;
            }
        }
        ten = ten.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_has_few_round_ticks_and_holds_every_number() {
        for (high, expected) in [
            (0, vec!["0", "1"]),
            (7, vec!["0", "2", "4", "6", "8"]),
            (
                23_969,
                vec!["0", "5,000", "10,000", "15,000", "20,000", "25,000"],
            ),
        ] {
            let scale = Scale::new((0, high), (0.0, 100.0), Unit::Count);
            let labels: Vec<String> = scale.ticks().into_iter().map(|(_, label)| label).collect();
            assert_eq!(labels, expected);
            assert!(scale.at(high) <= 100.0);
        }
    }

    #[test]
    fn amounts_have_places_only_when_the_steps_need_them() {
        let labels = |high| -> Vec<String> {
            let scale = Scale::new((0, high), (0.0, 100.0), Unit::Money);
            scale.ticks().into_iter().map(|(_, label)| label).collect()
        };
        assert_eq!(labels(120), ["0.00", "0.50", "1.00", "1.50"]);
        assert_eq!(labels(50_000), ["0", "200", "400", "600"]);
    }

    #[test]
    fn the_largest_numbers_have_a_scale_too() {
        let scale = Scale::new((i64::MIN, i64::MAX), (0.0, 100.0), Unit::Money);
        assert!(scale.at(0).is_finite() && !scale.ticks().is_empty());
    }
}
