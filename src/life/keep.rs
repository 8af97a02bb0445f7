//! Keeps lives in the ledger: what is out of order as breaks, and what became of earlier ones.
//!
//! All of it set-based, like the matching of rows.

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use super::LifeError;
use super::outcome::{LifeOutcome, LifeRecorded};
use super::run::Lives;
use crate::dataset::SqlArgs;
use crate::ledger::{BreakKind, ClosedAs, NewReconciliation, ReconNo, record_reconciliation};
use crate::value::Value;

/// The reconciliations of this name (`$1`) up to this day (`$2`).
const UP_TO_THE_DAY: &str =
    "SELECT recon_no FROM ledger_reconciliation WHERE name = $1 AND business_date <= $2";

/// The same finding in another version `e`. COALESCE keeps SQLite from starting at all breaks of a
/// state instead of the finding's object.
const SAME: &str = "e.object = ledger_break.object AND e.pass = ledger_break.pass \
     AND e.reason = ledger_break.reason";

impl Lives<'_> {
    /// Runs wait for each other from here on: two of one day must not close the same breaks.
    pub(super) async fn lock(&mut self) -> Result<(), LifeError> {
        let sql = "INSERT INTO ledger_counter (name, taken) VALUES ('reconciliation', 0) \
                   ON CONFLICT (name) DO UPDATE SET taken = ledger_counter.taken";
        self.execute(sql, &[]).await?;
        Ok(())
    }

    pub(super) async fn keep(
        &mut self,
        mut outcome: LifeOutcome,
        now: DateTime<Utc>,
    ) -> Result<LifeRecorded, LifeError> {
        let new = NewReconciliation {
            name: self.name,
            business_date: self.day,
            agrees: outcome.breaks() == 0 && outcome.waiting == 0,
            summary: outcome.summary(self.plan),
            components: outcome.components(self.plan),
            breaks: Vec::new(),
        };
        let (recon, version) = record_reconciliation(self.tx, &new, now).await?;
        self.write_breaks(recon).await?;
        self.go_on(recon).await?;
        outcome.gone = self.close_earlier(recon).await?;
        self.yield_to_later(recon).await?;
        let summary = outcome.summary(self.plan).to_string();
        let sql = "UPDATE ledger_reconciliation SET summary = $2 WHERE recon_no = $1";
        self.execute(sql, &[Value::Int(recon.0), summary.into()])
            .await?;
        Ok(LifeRecorded {
            outcome,
            recon,
            version,
        })
    }

    async fn write_breaks(&mut self, recon: ReconNo) -> Result<(), LifeError> {
        let mut args = SqlArgs::new();
        let recon = args.push(recon.0);
        let day = args.push(self.day);
        let (mut zh, mut en, mut kind, mut weight, mut pass) = Default::default();
        for (number, rule) in self.plan.rules.iter().enumerate() {
            let name = rule.name(self.plan);
            arm(
                &mut pass,
                &format!("x.rule = {number}"),
                &format!("'{name}'"),
            );
            for situation in rule.situations() {
                let (told_zh, told_en) = rule.told(self.plan, *situation);
                let when = format!("x.rule = {number} AND x.situation = '{}'", situation.word());
                arm(&mut zh, &when, &args.push(told_zh));
                arm(&mut en, &when, &args.push(Json::from(told_en).to_string()));
                let is_what = format!("'{}'", situation.kind());
                arm(&mut kind, &when, &is_what);
                arm(&mut weight, &when, &(*situation as usize).to_string());
            }
        }
        if pass.is_empty() {
            return Ok(());
        }
        let steps = self.plan.steps.iter().enumerate();
        let steps: String = steps
            .map(|(at, step)| format!(" WHEN {at} THEN '{}'", step.name))
            .collect();
        let sql = format!(
            "INSERT INTO ledger_break (recon_no, break_no, kind, funds_effect, reason, state, amount, \
             \"count\", object, title, detail, rank, first_seen, candidates, pass, ours_key, \
             ours_file, ours_record, theirs_key, theirs_file, theirs_record) SELECT \
             CAST({recon} AS BIGINT), place, kind, 'none', situation, 'open', 0, 0, object, title, \
             detail, place, CAST({day} AS {date}), '[]', pass, ours_key, ours_file, ours_record, \
             theirs_key, theirs_file, theirs_record FROM (SELECT found.*, ROW_NUMBER() OVER (ORDER \
             BY weight, n, rule) AS place FROM (SELECT CASE x.is_waiting WHEN 1 THEN 9 ELSE CASE{weight} \
             END END AS weight, x.n AS n, x.rule AS rule, x.situation AS situation, CASE \
             x.is_waiting WHEN 1 THEN '{transit}' ELSE CASE{kind} END END AS kind, CASE{zh} END AS \
             title, CASE{pass} END AS pass, {object} AS object, '{{\"title_en\":' || CASE{en} END || \
             ',\"step\":\"' || CASE e.step{steps} END || '\",\"file\":' || {lf} || ',\"record\":' || \
             {lr} || ',\"offset\":' || {lo} || ',\"length\":' || {ll} || '}}' AS detail, e.key AS \
             ours_key, e.lf AS ours_file, e.lr AS ours_record, o.key AS theirs_key, o.lf AS \
             theirs_file, o.lr AS theirs_record FROM _life_found AS x JOIN _life_event AS e ON e.n = \
             x.n LEFT JOIN _life_event AS o ON o.n = x.other) AS found) AS placed",
            date = self.tx.dialect().cast_type(crate::value::Kind::Date),
            transit = BreakKind::InTransit,
            object = self.object(&steps),
            lf = text("e.lf"),
            lr = text("e.lr"),
            lo = text("e.lo_byte"),
            ll = text("e.ll"),
        );
        self.execute(&sql, args.values()).await?;
        Ok(())
    }

    /// `vin=…;step=declared`, and the item where there is one.
    fn object(&self, steps: &str) -> String {
        let escaped = |column: &str| {
            format!("REPLACE(REPLACE(REPLACE({column}, '%', '%25'), ';', '%3B'), '=', '%3D')")
        };
        format!(
            "'{}=' || {} || ';step=' || CASE e.step{steps} END || CASE e.item WHEN '' THEN '' ELSE \
             ';item=' || {} END",
            self.plan.subject,
            escaped("e.subject"),
            escaped("e.item")
        )
    }

    fn day_args(&self, recon: ReconNo) -> [Value; 3] {
        [self.name.into(), self.day.into(), Value::Int(recon.0)]
    }

    /// What was found before goes on with its first day, and stays disposed of when it was.
    async fn go_on(&mut self, recon: ReconNo) -> Result<(), LifeError> {
        let earlier = |states: &str| {
            format!(
                "FROM ledger_break AS e WHERE {SAME} AND COALESCE(e.state, '') IN ({states}) \
                 AND e.recon_no <> $3 AND e.recon_no IN ({UP_TO_THE_DAY})"
            )
        };
        let seen = earlier("'open', 'overdue', 'disposed'");
        let sql = format!(
            "UPDATE ledger_break SET first_seen = (SELECT MIN(e.first_seen) {seen}) \
             WHERE recon_no = $3 AND EXISTS (SELECT 1 {seen})"
        );
        let args = self.day_args(recon);
        self.execute(&sql, &args).await?;
        let sql = format!(
            "UPDATE ledger_break SET state = 'disposed' WHERE recon_no = $3 AND EXISTS (SELECT 1 {})",
            earlier("'disposed'")
        );
        self.execute(&sql, &args).await?;
        Ok(())
    }

    /// Closes what earlier versions and days left open; says how much of it is gone.
    async fn close_earlier(&mut self, recon: ReconNo) -> Result<i64, LifeError> {
        let again =
            format!("EXISTS (SELECT 1 FROM ledger_break AS e WHERE e.recon_no = $3 AND {SAME})");
        let open = format!(
            "state IN ('open', 'overdue') AND recon_no <> $3 AND recon_no IN ({UP_TO_THE_DAY})"
        );
        let args = self.day_args(recon);
        let sql = format!("SELECT COUNT(*) FROM ledger_break WHERE {open} AND NOT {again}");
        let gone = self.tx.query_one(&sql, &args).await?.int(0)?;
        let sql = format!(
            "UPDATE ledger_break SET state = 'closed', closed_by = $3, closed_as = CASE WHEN {again} \
             THEN '{}' ELSE '{}' END WHERE {open}",
            ClosedAs::Carried,
            ClosedAs::Gone
        );
        self.execute(&sql, &args).await?;
        Ok(gone)
    }

    /// A day that is judged again after later ones leaves nothing open: the latest day has it all.
    async fn yield_to_later(&mut self, recon: ReconNo) -> Result<(), LifeError> {
        let later = "SELECT r.recon_no FROM ledger_reconciliation AS r WHERE r.name = $1 AND \
                     r.business_date > $2 ORDER BY r.business_date DESC, r.version DESC LIMIT 1";
        let sql = format!(
            "UPDATE ledger_break SET state = 'closed', closed_by = ({later}), closed_as = '{}' \
             WHERE recon_no = $3 AND state = 'open' AND EXISTS ({later})",
            ClosedAs::Carried
        );
        let args = self.day_args(recon);
        self.execute(&sql, &args).await?;
        Ok(())
    }
}

fn arm(case: &mut String, when: &str, then: &str) {
    case.push_str(&format!(" WHEN {when} THEN {then}"));
}

fn text(column: &str) -> String {
    format!("CAST({column} AS TEXT)")
}
