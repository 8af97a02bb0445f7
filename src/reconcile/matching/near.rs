//! A pass with a tolerance: of all pairs within it the closest are taken first.
//!
//! The database orders the pairs: by how far the amounts are apart, then the moments, then by the
//! rows' numbers. Taken in that order, each row at most once, the result is the same every time.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::plan::{MatchedColumns, Pass, TimeTolerance, Whose};
use super::sql::table;
use super::work::Matching;
use crate::id::Fen;
use crate::reconcile::ReconcileError;

/// The most pairs that one pass weighs: a key that says nothing would weigh every row with every
/// other.
pub const MAX_PAIRS_PER_PASS: u64 = 2_000_000;

/// How many pairs one statement writes.
const PAIRS_PER_STATEMENT: usize = 1_000;

const MICROS_PER_MINUTE: i64 = 60_000_000;

#[derive(Debug, Clone, Copy)]
struct Near {
    ours: i64,
    theirs: i64,
    apart: i64,
    micros: i64,
}

impl Matching<'_> {
    pub(super) async fn near(
        &mut self,
        number: usize,
        pass: &Pass,
        (amount, time): (Fen, Option<&TimeTolerance>),
    ) -> Result<(), ReconcileError> {
        let micros = match time {
            Some(time) => self.micros_apart(&time.at),
            None => "0".to_owned(),
        };
        let limit = time.map_or(0, |time| time.minutes.saturating_mul(MICROS_PER_MINUTE));
        let within = format!(
            "FROM {ours} AS o JOIN {theirs} AS t ON {keys} WHERE o.fate IS NULL \
             AND t.fate IS NULL AND ABS(o.amount - t.amount) <= {amount} AND {micros} <= {limit}",
            ours = table(Whose::Ours),
            theirs = table(Whose::Theirs),
            keys = self.columns.equal_keys(pass),
            amount = amount.0,
        );
        self.check_count(pass, &within).await?;
        let sql = format!(
            "SELECT o.n, t.n, ABS(o.amount - t.amount), {micros} {within} ORDER BY 3, 4, 1, 2"
        );
        let taken = self.closest_first(&sql).await?;
        for pairs in taken.chunks(PAIRS_PER_STATEMENT) {
            self.keep_pairs(number, pairs).await?;
        }
        if !pass.compare.is_empty() {
            let sql = format!(
                "UPDATE _match_pair SET kind = {kind} FROM {ours} AS o, {theirs} AS t \
                 WHERE _match_pair.pass = {number} AND o.n = _match_pair.o AND t.n = _match_pair.t",
                kind = self.columns.break_kind(pass),
                ours = table(Whose::Ours),
                theirs = table(Whose::Theirs),
            );
            self.execute(&sql, &[]).await?;
        }
        Ok(())
    }

    fn micros_apart(&self, at: &MatchedColumns) -> String {
        let ours = self.columns.at(Whose::Ours, at);
        let theirs = self.columns.at(Whose::Theirs, at);
        format!("ABS({ours} - {theirs})")
    }

    async fn check_count(&mut self, pass: &Pass, within: &str) -> Result<(), ReconcileError> {
        let sql = format!(
            "SELECT COUNT(*) FROM (SELECT 1 AS one {within} LIMIT {}) AS weighed",
            MAX_PAIRS_PER_PASS + 1
        );
        let row = self.tx.query_one(&sql, &[]).await?;
        if row.int(0)?.unsigned_abs() <= MAX_PAIRS_PER_PASS {
            return Ok(());
        }
        Err(ReconcileError::TooManyPairs {
            pass: pass.name.clone(),
            limit: MAX_PAIRS_PER_PASS,
        })
    }

    async fn closest_first(&mut self, sql: &str) -> Result<Vec<Near>, ReconcileError> {
        let (mut ours, mut theirs) = (HashSet::new(), HashSet::new());
        let mut taken = Vec::new();
        self.tx
            .each(sql, &[], |row| {
                let near = Near {
                    ours: row.int(0)?,
                    theirs: row.int(1)?,
                    apart: row.int(2)?,
                    micros: row.int(3)?,
                };
                if !ours.contains(&near.ours) && !theirs.contains(&near.theirs) {
                    ours.insert(near.ours);
                    theirs.insert(near.theirs);
                    taken.push(near);
                }
                Ok::<_, ReconcileError>(())
            })
            .await?;
        Ok(taken)
    }

    async fn keep_pairs(&mut self, number: usize, pairs: &[Near]) -> Result<(), ReconcileError> {
        let mut sql =
            "INSERT INTO _match_pair (pass, o, t, m, kind, apart, micros) VALUES ".to_owned();
        for (at, pair) in pairs.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            // Numbers only; writing to a `String` cannot fail.
            let _ = write!(
                sql,
                "{comma}({number}, {}, {}, {}, NULL, {}, {})",
                pair.ours, pair.theirs, pair.ours, pair.apart, pair.micros
            );
        }
        self.execute(&sql, &[]).await?;
        Ok(())
    }
}
