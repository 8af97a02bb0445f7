//! A grouped pass: all rows of one key on one side against the only row of the other side.

use super::plan::{Pass, Whose};
use super::sql::{alias, only_ones, table};
use super::work::Matching;
use crate::id::Fen;
use crate::reconcile::ReconcileError;

impl Matching<'_> {
    /// Pairs every row of a group with the one row whose amount their sum is. A group with an
    /// unknown amount has no sum, and a key that the other side has twice has no one row.
    pub(super) async fn grouped(
        &mut self,
        number: usize,
        pass: &Pass,
        (many, tolerance): (Whose, Fen),
    ) -> Result<(), ReconcileError> {
        let one = many.other();
        let (m, s) = (alias(many), alias(one));
        let joined = format!(
            "{many_rows} AS {m} JOIN {one_rows} AS {s} ON {keys}",
            many_rows = table(many),
            one_rows = table(one),
            keys = self.columns.equal_keys(pass),
        );
        let open = format!("{m}.fate IS NULL AND {s}.fate IS NULL");
        let sql = format!(
            "INSERT INTO _match_pair (pass, o, t, m, kind, apart, micros) \
             SELECT {number}, o.n, t.n, {s}.n, NULL, g.apart, 0 FROM (SELECT {s}.n AS one, \
             CAST(ABS(SUM({m}.amount) - {s}.amount) AS BIGINT) AS apart FROM {joined} \
             WHERE {open} AND +{s}.n IN ({only}) GROUP BY {s}.n, {s}.amount \
             HAVING COUNT(*) = COUNT({m}.amount) \
             AND ABS(SUM({m}.amount) - {s}.amount) <= {tolerance}) AS g, {joined} \
             WHERE {s}.n = g.one AND {open}",
            only = only_ones(&self.columns, pass, one),
            tolerance = tolerance.0,
        );
        self.execute(&sql, &[]).await?;
        Ok(())
    }
}
