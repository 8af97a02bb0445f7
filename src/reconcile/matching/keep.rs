//! Keeps a matching in the ledger: its breaks, its matches, and what becomes of earlier items.
//!
//! All of it set-based: a hundred thousand breaks are one statement.

use chrono::{DateTime, Utc};

use super::figures::tie_out;
use super::outcome::{MatchOutcome, MatchRecorded};
use super::plan::Whose;
use super::sql::{alias, table};
use super::work::{LATEST_BEFORE, Matching, open_items};
use crate::dataset::SqlArgs;
use crate::ledger::{ClosedAs, NewReconciliation, ReconNo, record_reconciliation};
use crate::reconcile::ReconcileError;
use crate::reconcile::figure::{Figure, Signs};
use crate::value::Value;

/// The reconciliations of this name (`$1`) and day (`$2`).
const OF_THE_DAY: &str =
    "SELECT recon_no FROM ledger_reconciliation WHERE name = $1 AND business_date = $2";

/// The columns of a break that this module fills, in the order of the statement that writes breaks.
const BREAK_COLUMNS: &str = "recon_no, break_no, kind, funds_effect, reason, state, amount, \
     \"count\", object, title, detail, rank, first_seen, candidates, pass, ours_key, ours_amount, \
     ours_file, ours_record, theirs_key, theirs_amount, theirs_file, theirs_record";

impl Matching<'_> {
    /// Matchings wait for each other from here on: two of one day must not close the same items.
    pub(super) async fn lock(&mut self) -> Result<(), ReconcileError> {
        let sql = "INSERT INTO ledger_counter (name, taken) VALUES ('reconciliation', 0) \
                   ON CONFLICT (name) DO UPDATE SET taken = ledger_counter.taken";
        self.execute(sql, &[]).await?;
        Ok(())
    }

    fn day_args(&self) -> [Value; 2] {
        [self.name.into(), self.scene.day.into()]
    }

    /// What earlier versions of this day closed of earlier days is open again.
    pub(super) async fn take_back(&mut self) -> Result<(), ReconcileError> {
        let sql = format!(
            "UPDATE ledger_break SET state = 'open', closed_by = NULL, closed_as = NULL \
             WHERE closed_by IN ({OF_THE_DAY}) AND recon_no IN ({LATEST_BEFORE})"
        );
        self.execute(&sql, &self.day_args()).await?;
        Ok(())
    }

    pub(super) async fn later_days(&mut self) -> Result<i64, ReconcileError> {
        let sql = "SELECT COUNT(DISTINCT business_date) FROM ledger_reconciliation \
                   WHERE name = $1 AND business_date > $2";
        let args = self.day_args();
        Ok(self.tx.query_one(sql, &args).await?.int(0)?)
    }

    /// Open items of earlier days that are no row of their side any more.
    fn gone(whose: Whose) -> String {
        format!(
            "{open} AND NOT EXISTS (SELECT 1 FROM {table} AS w WHERE w.recon = \
             ledger_break.recon_no AND w.brk = ledger_break.break_no)",
            open = open_items(whose, "ledger_break"),
            table = table(whose),
        )
    }

    /// How many there are.
    pub(super) async fn close_gone_count(&mut self) -> Result<i64, ReconcileError> {
        let mut gone = 0;
        for whose in Whose::BOTH {
            let sql = format!(
                "SELECT COUNT(*) FROM ledger_break WHERE {}",
                Self::gone(whose)
            );
            let args = self.day_args();
            gone += self.tx.query_one(&sql, &args).await?.int(0)?;
        }
        Ok(gone)
    }

    pub(super) async fn keep(
        &mut self,
        outcome: MatchOutcome,
        now: DateTime<Utc>,
    ) -> Result<MatchRecorded, ReconcileError> {
        let new = NewReconciliation {
            name: self.name,
            business_date: self.scene.day,
            agrees: outcome.agrees(),
            summary: outcome.summary(self.plan),
            components: outcome.components(self.plan),
            breaks: Vec::new(),
        };
        let (recon, version) = record_reconciliation(self.tx, &new, now).await?;
        self.close_earlier_items(recon).await?;
        self.write_breaks(recon).await?;
        self.write_matches(recon).await?;
        if version > 1 {
            self.take_over(recon).await?;
            self.close_earlier_versions(recon).await?;
        }
        self.prove(recon, &outcome).await?;
        Ok(MatchRecorded {
            outcome,
            recon,
            version,
        })
    }

    async fn close_earlier_items(&mut self, recon: ReconNo) -> Result<(), ReconcileError> {
        for whose in Whose::BOTH {
            let table = table(whose);
            let sql = format!(
                "UPDATE ledger_break SET state = 'closed', closed_by = $3, closed_as = '{}' \
                 WHERE {}",
                ClosedAs::Gone,
                Self::gone(whose)
            );
            let [name, day] = self.day_args();
            self.execute(&sql, &[name, day, Value::Int(recon.0)])
                .await?;
            let sql = format!(
                "UPDATE ledger_break SET state = 'closed', closed_by = $1, closed_as = CASE w.fate \
                 WHEN 'matched' THEN '{matched}' ELSE '{carried}' END FROM {table} AS w \
                 WHERE w.recon = ledger_break.recon_no AND w.brk = ledger_break.break_no \
                 AND w.fate <> 'stays'",
                matched = ClosedAs::Matched,
                carried = ClosedAs::Carried,
            );
            self.execute(&sql, &[Value::Int(recon.0)]).await?;
        }
        Ok(())
    }

    async fn write_breaks(&mut self, recon: ReconNo) -> Result<(), ReconcileError> {
        let mut args = SqlArgs::new();
        args.push(recon.0);
        let pairs = self.pairs_sql(&mut args);
        let ours = self.single_sql(Whose::Ours, &mut args);
        let theirs = self.single_sql(Whose::Theirs, &mut args);
        let sql = format!(
            "INSERT INTO ledger_break ({BREAK_COLUMNS}) SELECT CAST($1 AS BIGINT), place, kind, \
             effect, reason, 'open', amount, cnt, object, title, detail, place, first_seen, '[]', \
             pass, ours_key, ours_amount, ours_file, ours_record, theirs_key, theirs_amount, \
             theirs_file, theirs_record FROM (SELECT found.*, ROW_NUMBER() OVER (ORDER BY weight, \
             ABS(amount) DESC, object, n) AS place FROM ({pairs} UNION ALL {ours} UNION ALL \
             {theirs}) AS found) AS placed"
        );
        self.execute(&sql, args.values()).await?;
        Ok(())
    }

    /// The matches of passes whose key does not say it all, a row for each record claimed.
    async fn write_matches(&mut self, recon: ReconNo) -> Result<(), ReconcileError> {
        let kept: Vec<String> = (0..)
            .zip(&self.plan.passes)
            .filter(|(_, pass)| pass.is_kept_by_row())
            .map(|(number, _): (usize, _)| number.to_string())
            .collect();
        if kept.is_empty() {
            return Ok(());
        }
        let kept = kept.join(", ");
        let ours = self.matched_sql(Whose::Ours, &kept);
        let theirs = self.matched_sql(Whose::Theirs, &kept);
        let sql = format!(
            "INSERT INTO ledger_match (recon_no, match_no, ordinal, pass, side, object, key, \
             amount, business_date, file, record, byte_offset, byte_length, detail) \
             SELECT CAST($1 AS BIGINT), DENSE_RANK() OVER (ORDER BY number, mate), \
             ROW_NUMBER() OVER (PARTITION BY number, mate ORDER BY side, n), pass, side, object, \
             key, amount, day, lf, lr, lo, ll, detail FROM ({ours} UNION ALL {theirs}) AS matched"
        );
        self.execute(&sql, &[Value::Int(recon.0)]).await?;
        Ok(())
    }

    fn matched_sql(&self, whose: Whose, kept: &str) -> String {
        let w = alias(whose);
        let on = self.by_pass(w, |pass| {
            self.columns.on_json(pass, whose, self.tx.dialect())
        });
        format!(
            "SELECT {w}.pass AS number, {w}.mate AS mate, {name} AS pass, '{side}' AS side, {w}.n \
             AS n, {w}.object AS object, {w}.key AS key, {w}.amount AS amount, {w}.day AS day, \
             {w}.lf AS lf, {w}.lr AS lr, {w}.lo AS lo, {w}.ll AS ll, '{{\"apart\":' || \
             CAST(g.apart AS TEXT) || ',\"seconds\":' || CAST(g.micros / 1000000 AS TEXT) || \
             ',\"on\":' || {on} || '}}' AS detail FROM {table} AS {w} JOIN (SELECT pass, m, \
             MAX(apart) AS apart, MAX(micros) AS micros FROM _match_pair GROUP BY pass, m) AS g \
             ON g.pass = {w}.pass AND g.m = {w}.mate \
             WHERE {w}.fate = 'matched' AND {w}.pass IN ({kept})",
            name = self.by_pass(w, |pass| format!("'{}'", pass.name)),
            side = whose.word(),
            table = table(whose),
        )
    }

    /// What people disposed of in an older version of the day stays disposed while it is the same;
    /// what a later day closed stays closed.
    async fn take_over(&mut self, recon: ReconNo) -> Result<(), ReconcileError> {
        // COALESCE keeps SQLite from starting at all closed items instead of the item's object.
        let same = "e.object = ledger_break.object AND e.amount = ledger_break.amount \
                    AND e.\"count\" = ledger_break.\"count\"";
        let sql = format!(
            "UPDATE ledger_break SET state = 'disposed' WHERE recon_no = $3 AND EXISTS \
             (SELECT 1 FROM ledger_break AS e WHERE {same} AND e.kind = ledger_break.kind \
             AND COALESCE(e.state, '') = 'disposed' AND e.recon_no <> $3 AND e.recon_no IN ({OF_THE_DAY}))"
        );
        let [name, day] = self.day_args();
        let args = [name, day, Value::Int(recon.0)];
        self.execute(&sql, &args).await?;
        let sql = format!(
            "UPDATE ledger_break SET state = 'closed', closed_by = e.closed_by, closed_as = \
             e.closed_as FROM ledger_break AS e WHERE {same} AND COALESCE(e.state, '') = \
             'closed' \
             AND e.recon_no <> $3 AND e.recon_no IN ({OF_THE_DAY}) AND e.closed_by IN \
             (SELECT recon_no FROM ledger_reconciliation WHERE name = $1 AND business_date > $2) \
             AND ledger_break.recon_no = $3 AND ledger_break.state = 'open'"
        );
        self.execute(&sql, &args).await?;
        Ok(())
    }

    async fn close_earlier_versions(&mut self, recon: ReconNo) -> Result<(), ReconcileError> {
        let sql = format!(
            "UPDATE ledger_break SET state = 'closed', closed_by = $3, closed_as = CASE WHEN \
             EXISTS (SELECT 1 FROM ledger_break AS n WHERE n.recon_no = $3 AND n.object = \
             ledger_break.object AND n.kind = ledger_break.kind) THEN '{carried}' ELSE '{gone}' \
             END WHERE state = 'open' AND recon_no <> $3 AND recon_no IN ({OF_THE_DAY})",
            carried = ClosedAs::Carried,
            gone = ClosedAs::Gone,
        );
        let [name, day] = self.day_args();
        self.execute(&sql, &[name, day, Value::Int(recon.0)])
            .await?;
        Ok(())
    }

    /// What the ledger now has is what was found.
    async fn prove(
        &mut self,
        recon: ReconNo,
        outcome: &MatchOutcome,
    ) -> Result<(), ReconcileError> {
        for whose in Whose::BOTH {
            let own = whose.word();
            let sql = format!(
                "SELECT CASE kind WHEN 'in_transit' THEN 1 ELSE 0 END, COUNT({own}_key), \
                 CAST(COALESCE(SUM({own}_amount), 0) AS BIGINT) FROM ledger_break \
                 WHERE recon_no = $1 GROUP BY CASE kind WHEN 'in_transit' THEN 1 ELSE 0 END"
            );
            let (mut broken, mut in_transit) = (Figure::ZERO, Figure::ZERO);
            for row in &self.rows(&sql, &[Value::Int(recon.0)]).await? {
                let place = match row.int(0)? {
                    1 => &mut in_transit,
                    _ => &mut broken,
                };
                *place = Figure::new(row.int(1)?, row.int(2)?);
            }
            let figures = outcome.side(whose);
            tie_out(format!("breaks written of `{own}`"), figures.broken, broken)?;
            tie_out(
                format!("items in transit written of `{own}`"),
                figures.in_transit,
                in_transit,
            )?;
            self.prove_matches(recon, whose, outcome).await?;
        }
        Ok(())
    }

    async fn prove_matches(
        &mut self,
        recon: ReconNo,
        whose: Whose,
        outcome: &MatchOutcome,
    ) -> Result<(), ReconcileError> {
        let passes = self.plan.passes.iter().zip(&outcome.side(whose).matched);
        let kept = passes.filter(|(pass, _)| pass.is_kept_by_row());
        let expected = kept
            .map(|(_, figure)| *figure)
            .try_fold(Figure::ZERO, |sum, one| {
                sum.plus(Signs::PLUS, one, "matched")
            })?;
        let sql = "SELECT COUNT(*), CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM ledger_match \
                   WHERE recon_no = $1 AND side = $2";
        let args = [Value::Int(recon.0), whose.word().into()];
        let row = self.tx.query_one(sql, &args).await?;
        let found = Figure::new(row.int(0)?, row.int(1)?);
        tie_out(
            format!("matches written of `{}`", whose.word()),
            expected,
            found,
        )
    }
}
