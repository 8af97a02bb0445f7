//! What a matching comes to, per side, and the proof that it ties out.

use super::plan::Whose;
use super::sql::table;
use super::work::{Loaded, Matching};
use crate::ledger::BreakKind;
use crate::reconcile::ReconcileError;
use crate::reconcile::figure::{Figure, Signs};
use crate::reconcile::matching::outcome::BreakFigure;

/// The figures of one side. Loaded + carried = all matched + in transit + broken, held by
/// `SideFigures::check`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SideFigures {
    /// Its rows of the day.
    pub loaded: Figure,
    /// Open items of earlier days that took part: those in transit, and broken ones that found
    /// what belongs to them.
    pub carried: Figure,
    /// Matched by each pass, in the plan's order.
    pub matched: Vec<Figure>,
    /// Waiting for the other side.
    pub in_transit: Figure,
    /// In breaks.
    pub broken: Figure,
    /// How many rows of the day have no amount; they count and add nothing.
    pub unpriced: i64,
}

impl SideFigures {
    /// All that was matched.
    pub fn all_matched(&self) -> Result<Figure, ReconcileError> {
        let add = |sum: Figure, one: &Figure| sum.plus(Signs::PLUS, *one, "matched");
        self.matched.iter().try_fold(Figure::ZERO, add)
    }

    /// What there was to match.
    pub fn total(&self) -> Result<Figure, ReconcileError> {
        self.loaded.plus(Signs::PLUS, self.carried, "loaded")
    }

    fn check(&self, whose: Whose) -> Result<(), ReconcileError> {
        let found = self
            .all_matched()?
            .plus(Signs::PLUS, self.in_transit, "in transit")?
            .plus(Signs::PLUS, self.broken, "broken")?;
        let what = format!("matched, in transit and broken rows of `{}`", whose.word());
        tie_out(what, self.total()?, found)
    }
}

/// Two figures that are one.
pub(super) fn tie_out(
    what: impl Into<String>,
    expected: Figure,
    found: Figure,
) -> Result<(), ReconcileError> {
    if expected == found {
        return Ok(());
    }
    Err(ReconcileError::TieOut {
        what: what.into(),
        expected_count: expected.count,
        expected_amount: expected.amount.0,
        found_count: found.count,
        found_amount: found.amount.0,
    })
}

/// What was taken into the work tables, and what was not because it is matched where it lies.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Taken {
    pub(super) loaded: Loaded,
    pub(super) in_place: Figure,
}

impl Matching<'_> {
    /// Takes both sides' rows of the day and proves that what is matched where it lies is the same
    /// on both sides: each side was asked on its own.
    pub(super) async fn take_both(&mut self) -> Result<[Taken; 2], ReconcileError> {
        if let Some(walked) = self.take_walked().await? {
            let [ours, theirs] = walked.map(|taken| Figure::new(taken.in_place.count, 0));
            tie_out("rows matched by key on either side", ours, theirs)?;
            return Ok(walked);
        }
        let mut both = [Taken::default(); 2];
        for (whose, taken) in Whose::BOTH.into_iter().zip(&mut both) {
            taken.loaded = self.loaded(whose).await?;
            let rest = self.take_day(whose).await?;
            taken.in_place = taken.loaded.figure.minus(rest, "matched")?;
        }
        let [ours, theirs] = both;
        self.in_place = self.plan.is_direct();
        if self.in_place {
            tie_out(
                "rows matched by key on either side",
                ours.in_place,
                theirs.in_place,
            )?;
        } else {
            tie_out("rows taken of `ours`", Figure::ZERO, ours.in_place)?;
            tie_out("rows taken of `theirs`", Figure::ZERO, theirs.in_place)?;
        }
        Ok(both)
    }

    pub(super) async fn side_figures(
        &mut self,
        whose: Whose,
        taken: Taken,
    ) -> Result<SideFigures, ReconcileError> {
        let mut figures = SideFigures {
            loaded: taken.loaded.figure,
            unpriced: taken.loaded.unpriced,
            matched: vec![Figure::ZERO; self.plan.passes.len()],
            ..SideFigures::default()
        };
        if let Some(first) = figures.matched.first_mut() {
            *first = taken.in_place;
        }
        let sql = format!(
            "SELECT fate, COALESCE(pass, -1), COUNT(*), \
             CAST(COALESCE(SUM(amount), 0) AS BIGINT), \
             COUNT(recon), CAST(COALESCE(SUM(CASE WHEN recon IS NULL THEN 0 ELSE amount END), 0) \
             AS BIGINT) FROM {} WHERE fate <> 'stays' GROUP BY fate, COALESCE(pass, -1)",
            table(whose)
        );
        for row in &self.rows(&sql, &[]).await? {
            let figure = Figure::new(row.int(2)?, row.int(3)?);
            let carried = Figure::new(row.int(4)?, row.int(5)?);
            figures.carried = figures.carried.plus(Signs::PLUS, carried, "carried")?;
            let pass = usize::try_from(row.int(1)?).ok();
            let place = match row.text(0)? {
                "matched" => pass.and_then(|pass| figures.matched.get_mut(pass)),
                "in_transit" => Some(&mut figures.in_transit),
                _ => Some(&mut figures.broken),
            };
            if let Some(place) = place {
                *place = place.plus(Signs::PLUS, figure, whose.word())?;
            }
        }
        figures.check(whose)?;
        Ok(figures)
    }

    /// Breaks and items in transit by kind, as differences: theirs less ours.
    pub(super) async fn break_figures(&mut self) -> Result<Vec<BreakFigure>, ReconcileError> {
        let single = |whose: Whose| {
            let sign = match whose {
                Whose::Ours => "-",
                Whose::Theirs => "",
            };
            format!(
                "SELECT CASE fate WHEN 'one_sided' THEN '{}' ELSE fate END AS kind, \
                 {sign}COALESCE(amount, 0) AS apart FROM {} \
                 WHERE fate IN ('one_sided', 'duplicate', 'in_transit')",
                whose.one_sided(),
                table(whose)
            )
        };
        let sql = format!(
            "SELECT kind, COUNT(*), CAST(SUM(apart) AS BIGINT) FROM (SELECT p.kind AS kind, \
             COALESCE(t.amount, 0) - COALESCE(o.amount, 0) AS apart FROM _match_pair AS p \
             JOIN {ours} AS o ON o.n = p.o JOIN {theirs} AS t ON t.n = p.t \
             WHERE p.kind IS NOT NULL UNION ALL {our_rows} UNION ALL {their_rows}) AS found \
             GROUP BY kind ORDER BY kind",
            ours = table(Whose::Ours),
            theirs = table(Whose::Theirs),
            our_rows = single(Whose::Ours),
            their_rows = single(Whose::Theirs),
        );
        let mut figures = Vec::new();
        for row in &self.rows(&sql, &[]).await? {
            let Some(kind) = BreakKind::from_word(row.text(0)?) else {
                continue;
            };
            let figure = Figure::new(row.int(1)?, row.int(2)?);
            figures.push(BreakFigure { kind, figure });
        }
        figures.sort_by_key(|one| one.kind);
        Ok(figures)
    }

    /// How many items of earlier days were matched.
    pub(super) async fn cleared(&mut self) -> Result<i64, ReconcileError> {
        let mut cleared = 0;
        for whose in Whose::BOTH {
            let sql = format!(
                "SELECT COUNT(*) FROM {} WHERE recon IS NOT NULL AND fate = 'matched'",
                table(whose)
            );
            cleared += self.tx.query_one(&sql, &[]).await?.int(0)?;
        }
        Ok(cleared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_that_does_not_tie_out_is_an_error_with_both_figures() {
        let mut figures = SideFigures {
            loaded: Figure::new(3, 300),
            carried: Figure::new(1, 50),
            matched: vec![Figure::new(2, 200), Figure::new(1, 50)],
            in_transit: Figure::new(1, 100),
            ..SideFigures::default()
        };
        figures
            .check(Whose::Ours)
            .expect("4 rows and 350 fen either way");
        figures.broken = Figure::new(0, 1);
        assert_eq!(
            figures
                .check(Whose::Ours)
                .expect_err("one fen more")
                .to_string(),
            "matched, in transit and broken rows of `ours`: 4 rows and 350 fen were expected, 4 rows \
             and 351 fen were found; nothing is kept"
        );
    }
}
