//! A pass by an exact key: duplicates first, then one of ours with one of theirs.

use super::plan::{Duplicates, Pass, Whose};
use super::sql::{only_ones, open_with_key, table};
use super::work::Matching;
use crate::dataset::SqlArgs;
use crate::reconcile::ReconcileError;

impl Matching<'_> {
    pub(super) async fn exact(
        &mut self,
        number: usize,
        pass: &Pass,
        duplicates: Duplicates,
    ) -> Result<(), ReconcileError> {
        let mut only = String::new();
        match duplicates {
            Duplicates::Break => {
                for whose in Whose::BOTH {
                    self.mark_repeated(number, pass, whose).await?;
                    if number == 0 && self.in_place {
                        self.mark_repeated_items(pass, whose).await?;
                    }
                }
            }
            Duplicates::Leave => {
                // The plus keeps SQLite from walking all of one list for each of the other.
                only = format!(
                    " AND +o.n IN ({}) AND +t.n IN ({})",
                    only_ones(&self.columns, pass, Whose::Ours),
                    only_ones(&self.columns, pass, Whose::Theirs)
                );
            }
        }
        let sql = format!(
            "INSERT INTO _match_pair (pass, o, t, m, kind, apart, micros) SELECT {number}, o.n, \
             t.n, o.n, {kind}, 0, 0 FROM {ours} AS o JOIN {theirs} AS t ON {keys} \
             WHERE o.fate IS NULL AND t.fate IS NULL{only}",
            kind = self.columns.break_kind(pass),
            ours = table(Whose::Ours),
            theirs = table(Whose::Theirs),
            keys = self.columns.equal_keys(pass),
        );
        self.execute(&sql, &[]).await?;
        Ok(())
    }

    /// Of open rows with one key the earliest stands for it, the others are duplicates.
    async fn mark_repeated(
        &mut self,
        number: usize,
        pass: &Pass,
        whose: Whose,
    ) -> Result<(), ReconcileError> {
        let sql = format!(
            "UPDATE {table} SET fate = 'duplicate', pass = {number}, mate = n WHERE n IN (SELECT n \
             FROM (SELECT n, ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY n) AS place FROM \
             {rows}) AS ranked WHERE place > 1)",
            table = table(whose),
            key = self.columns.key(pass, whose).join(", "),
            rows = open_with_key(&self.columns, pass, whose),
        );
        self.execute(&sql, &[]).await?;
        Ok(())
    }

    /// An open item whose key a row of the day has that was matched where it lies.
    async fn mark_repeated_items(
        &mut self,
        pass: &Pass,
        whose: Whose,
    ) -> Result<(), ReconcileError> {
        let sql = format!(
            "SELECT COUNT(*) FROM {} WHERE recon IS NOT NULL",
            table(whose)
        );
        if self.tx.query_one(&sql, &[]).await?.int(0)? == 0 {
            return Ok(());
        }
        let mut args = SqlArgs::new();
        let of_the_day = self.of_the_day(whose, "r", &mut args)?;
        let names = pass.on.iter().map(|columns| columns.of(whose));
        let keys = self.columns.key(pass, whose);
        let equal: Vec<String> = names
            .zip(keys)
            .map(|(name, key)| format!("r.\"{name}\" = {key}"))
            .collect();
        let (table, equal) = (table(whose), equal.join(" AND "));
        let dataset = self.plan.side(whose).selection.dataset().name();
        // By the dataset's own key each item is looked up there; else all rows of the day are looked
        // up among the items, for which there is an index.
        let repeated = match self.plan.is_direct() {
            true => {
                format!("EXISTS (SELECT 1 FROM \"{dataset}\" AS r WHERE {of_the_day} AND {equal})")
            }
            false => format!(
                "n IN (SELECT {table}.n FROM \"{dataset}\" AS r CROSS JOIN {table} \
                 WHERE {of_the_day} AND {equal} AND {table}.recon IS NOT NULL)"
            ),
        };
        let sql = format!(
            "UPDATE {table} SET fate = 'duplicate', pass = 0, mate = n WHERE fate IS NULL AND \
             recon IS NOT NULL AND {repeated}"
        );
        self.execute(&sql, args.values()).await?;
        Ok(())
    }

    /// Rows of the pairs that a pass found are claimed.
    pub(super) async fn claim(&mut self, number: usize) -> Result<(), ReconcileError> {
        for (whose, column) in [(Whose::Ours, "o"), (Whose::Theirs, "t")] {
            let table = table(whose);
            let sql = format!(
                "UPDATE {table} SET pass = {number}, mate = p.m, fate = CASE WHEN p.kind IS NULL \
                 THEN 'matched' ELSE 'differs' END FROM _match_pair AS p \
                 WHERE p.pass = {number} AND p.{column} = {table}.n"
            );
            self.execute(&sql, &[]).await?;
        }
        Ok(())
    }
}
