//! The work tables: what is not matched where it lies, numbered in a fixed order.
//!
//! Rows of the day come first, by file, record and key; then the open items of earlier days, by
//! their own day and the same. Earlier numbers win wherever an order decides.

use super::plan::{MatchPlan, Pass, Whose};
use super::sql::{self, Both, FIXED, stored, stored_kind, table};
use super::walk::rest_table;
use crate::dataset::{Dataset, SqlArgs, SqlContext};
use crate::db::{Dialect, Reads, Row, Transaction};
use crate::id::Ident;
use crate::ledger::BreakKind;
use crate::reconcile::ReconcileError;
use crate::reconcile::figure::Figure;
use crate::reconcile::selection::Scene;
use crate::value::{Kind, Value};

/// One matching in progress.
pub(super) struct Matching<'a> {
    pub(super) tx: &'a mut Transaction,
    pub(super) plan: &'a MatchPlan,
    pub(super) name: &'a str,
    pub(super) scene: Scene<'a>,
    pub(super) columns: Both,
    /// What a walk of both sides must see: a transaction that changed nothing leaves it to two
    /// connections.
    pub(super) reads: Reads,
    /// Whether the first pass matched rows where they lie.
    pub(super) in_place: bool,
}

/// What lies in a side's dataset for the day.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Loaded {
    pub(super) figure: Figure,
    /// Rows without amount.
    pub(super) unpriced: i64,
}

/// The reconciliations of this name whose versions are the latest of a day before `$2`.
pub(super) const LATEST_BEFORE: &str = "SELECT r.recon_no FROM ledger_reconciliation r \
     WHERE r.name = $1 AND r.business_date < $2 AND NOT EXISTS (SELECT 1 \
     FROM ledger_reconciliation later WHERE later.name = r.name \
     AND later.business_date = r.business_date AND later.version > r.version)";

impl<'a> Matching<'a> {
    pub(super) fn new(
        tx: &'a mut Transaction,
        plan: &'a MatchPlan,
        name: &'a str,
        scene: Scene<'a>,
    ) -> Self {
        Self {
            // Asked before the matching writes to the ledger and to its own tables.
            reads: match tx.has_written() {
                true => Reads::Own,
                false => Reads::Committed,
            },
            in_place: false,
            tx,
            plan,
            name,
            scene,
            columns: Both::of(plan),
        }
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.tx.dialect()
    }

    pub(super) async fn execute(
        &mut self,
        sql: &str,
        args: &[Value],
    ) -> Result<u64, ReconcileError> {
        Ok(self.tx.execute(sql, args).await?)
    }

    pub(super) async fn rows(
        &mut self,
        sql: &str,
        args: &[Value],
    ) -> Result<Vec<Row>, ReconcileError> {
        Ok(self.tx.query(sql, args).await?)
    }

    /// Makes the work tables; they go with the transaction.
    pub(super) async fn open(&mut self) -> Result<(), ReconcileError> {
        self.drop_tables().await?;
        let dialect = self.dialect();
        let end = match dialect {
            Dialect::Sqlite => "",
            Dialect::Postgres => " ON COMMIT DROP",
        };
        for whose in Whose::BOTH {
            let columns = self.columns.side(whose).iter();
            let columns: String = columns
                .map(|(_, kind, name)| {
                    format!(", {name} {}", dialect.column_type(stored_kind(kind)))
                })
                .collect();
            let create = format!(
                "CREATE TEMPORARY TABLE {} ({FIXED}{columns}){end}",
                table(whose)
            );
            self.execute(&dialect.render(&create), &[]).await?;
        }
        for whose in Whose::BOTH {
            // Items of earlier days are looked up by what they are.
            let table = table(whose);
            let index = format!(
                "CREATE INDEX {table}_item ON {table} (recon, brk) WHERE recon IS NOT NULL"
            );
            self.execute(&index, &[]).await?;
        }
        let pair = "CREATE TEMPORARY TABLE _match_pair (pass {int} NOT NULL, o {int} NOT NULL, \
                    t {int} NOT NULL, m {int} NOT NULL, kind {text}, apart {int} NOT NULL, \
                    micros {int} NOT NULL, PRIMARY KEY (pass, o, t))";
        self.execute(&format!("{}{end}", dialect.render(pair)), &[])
            .await?;
        Ok(())
    }

    /// On SQLite a connection goes back to the pool with its temporary tables.
    pub(super) async fn drop_tables(&mut self) -> Result<(), ReconcileError> {
        let rest = Whose::BOTH.map(rest_table);
        for name in ["_match_ours", "_match_theirs", "_match_pair"]
            .into_iter()
            .chain(rest)
        {
            self.execute(&format!("DROP TABLE IF EXISTS {name}"), &[])
                .await?;
        }
        Ok(())
    }

    /// Without an index on a pass's key either database may compare every row with every other.
    pub(super) async fn index(&mut self, number: usize, pass: &Pass) -> Result<(), ReconcileError> {
        for whose in Whose::BOTH {
            let table = table(whose);
            let names = pass.on.iter().map(|columns| columns.of(whose));
            let key = self.columns.side(whose).names(names).join(", ");
            let sql = format!("CREATE INDEX {table}_on{number} ON {table} ({key})");
            self.execute(&sql, &[]).await?;
        }
        Ok(())
    }

    /// PostgreSQL knows nothing of a temporary table until it is told to look.
    pub(super) async fn analyze(&mut self) -> Result<(), ReconcileError> {
        if self.dialect() == Dialect::Postgres {
            for whose in Whose::BOTH {
                self.execute(&format!("ANALYZE {}", table(whose)), &[])
                    .await?;
            }
        }
        Ok(())
    }

    /// The condition that a row of a side's dataset, by an alias, is of the day.
    pub(super) fn of_the_day(
        &self,
        whose: Whose,
        alias: &str,
        args: &mut SqlArgs,
    ) -> Result<String, ReconcileError> {
        let side = self.plan.side(whose);
        let day = args.push(self.scene.day);
        let condition = self.condition(whose, alias, args)?;
        Ok(format!("{alias}.\"{}\" = {day} AND {condition}", side.date))
    }

    fn condition(
        &self,
        whose: Whose,
        alias: &str,
        args: &mut SqlArgs,
    ) -> Result<String, ReconcileError> {
        let context = SqlContext {
            dialect: self.dialect(),
            given: self.scene.given,
        };
        let condition = &self.plan.side(whose).selection.condition;
        Ok(condition.to_sql(alias, args, context)?)
    }

    /// What a side's dataset has for the day.
    pub(super) async fn loaded(&mut self, whose: Whose) -> Result<Loaded, ReconcileError> {
        let mut args = SqlArgs::new();
        let side = self.plan.side(whose);
        let sql = format!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(r.\"{amount}\"), 0) AS BIGINT), \
             COUNT(*) - COUNT(r.\"{amount}\") FROM \"{dataset}\" AS r WHERE {rows}",
            amount = side.amount,
            dataset = side.selection.dataset().name(),
            rows = self.of_the_day(whose, "r", &mut args)?,
        );
        let row = self.tx.query_one(&sql, args.values()).await?;
        Ok(Loaded {
            figure: Figure::new(row.int(0)?, row.int(1)?),
            unpriced: row.int(2)?,
        })
    }

    /// Takes a side's rows of the day: all, or, when the first pass is matched where the rows lie,
    /// only those without a counterpart that agrees. Gives what was taken.
    pub(super) async fn take_day(&mut self, whose: Whose) -> Result<Figure, ReconcileError> {
        let mut args = SqlArgs::new();
        let mut conditions = self.of_the_day(whose, "r", &mut args)?;
        if self.plan.is_direct()
            && let Some(first) = self.plan.passes.first()
        {
            let agreeing = self.agreeing(whose, first, &mut args)?;
            conditions = format!("{conditions} AND NOT EXISTS ({agreeing})");
        }
        let dataset = self.plan.side(whose).selection.dataset().name();
        let from = format!("\"{dataset}\" AS r WHERE {conditions}");
        self.take_from(whose, &from, args).await
    }

    /// Takes the rows `r` of a side into its work table; gives what was taken.
    pub(super) async fn take_from(
        &mut self,
        whose: Whose,
        from: &str,
        mut args: SqlArgs,
    ) -> Result<Figure, ReconcileError> {
        let dataset = self.plan.side(whose).selection.dataset();
        let day = args.push(self.scene.day);
        let sql = format!(
            "INSERT INTO {table} (n, first_seen, {names}) SELECT ROW_NUMBER() OVER (ORDER BY \
             r.lineage_file, r.lineage_record, {order}), {day}, {values} FROM {from}",
            table = table(whose),
            names = self.names(whose),
            order = key_order(dataset),
            values = self.values(whose),
            day = self.typed_day(&day),
        );
        self.execute(&sql, args.values()).await?;
        let sql = format!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM {}",
            table(whose)
        );
        let row = self.tx.query_one(&sql, &[]).await?;
        Ok(Figure::new(row.int(0)?, row.int(1)?))
    }

    fn typed_day(&self, place: &str) -> String {
        match self.dialect() {
            Dialect::Sqlite => place.to_owned(),
            Dialect::Postgres => format!("CAST({place} AS DATE)"),
        }
    }

    /// Rows of the other side for the day with the key of `r`, whose compared columns agree.
    fn agreeing(
        &self,
        whose: Whose,
        pass: &Pass,
        args: &mut SqlArgs,
    ) -> Result<String, ReconcileError> {
        let other = whose.other();
        let rows = self.of_the_day(other, "u", args)?;
        let keys = pass.on.iter();
        let keys = keys.map(|one| format!("u.\"{}\" = r.\"{}\"", one.of(other), one.of(whose)));
        let compared = pass.compare.iter().map(|one| {
            let column = |alias: &str, whose| format!("{alias}.\"{}\"", one.columns.of(whose));
            sql::agrees(one, &column("u", other), &column("r", whose))
        });
        Ok(format!(
            "SELECT 1 FROM \"{}\" AS u WHERE {rows} AND {}",
            self.plan.side(other).selection.dataset().name(),
            sql::all(keys.chain(compared))
        ))
    }

    /// Takes what earlier days left open on a side and is still there.
    pub(super) async fn take_open(&mut self, whose: Whose) -> Result<(), ReconcileError> {
        let mut args = SqlArgs::new();
        args.push(self.name);
        args.push(self.scene.day);
        let condition = self.condition(whose, "r", &mut args)?;
        let dialect = self.dialect();
        let dataset = self.plan.side(whose).selection.dataset();
        let column = format!("b.{}_key", whose.word());
        let kinds = dataset.key().iter().map(|name| kind_of(dataset, name));
        let found: Vec<String> = dataset
            .key()
            .iter()
            .zip(kinds)
            .enumerate()
            .map(|(at, (name, kind))| {
                let part = sql::key_part(dialect, &column, (dataset, at), kind);
                format!("r.\"{name}\" = {part}")
            })
            .collect();
        let sql = format!(
            "INSERT INTO {table} (n, recon, brk, was, first_seen, {names}) SELECT \
             (SELECT COALESCE(MAX(n), 0) FROM {table}) + ROW_NUMBER() OVER (ORDER BY r.\"{date}\", \
             r.lineage_file, r.lineage_record, {order}), b.recon_no, b.break_no, b.kind, b.first_seen, {values} \
             FROM ledger_break AS b CROSS JOIN \"{dataset}\" AS r \
             WHERE {open} AND {found} AND {condition}",
            table = table(whose),
            names = self.names(whose),
            values = self.values(whose),
            dataset = dataset.name(),
            date = self.plan.side(whose).date,
            order = key_order(dataset),
            open = open_items(whose, "b"),
            found = found.join(" AND "),
        );
        self.execute(&sql, args.values()).await?;
        Ok(())
    }

    fn names(&self, whose: Whose) -> String {
        let asked: String = self
            .columns
            .side(whose)
            .iter()
            .map(|(_, _, name)| format!(", {name}"))
            .collect();
        format!("day, amount, object, key, lf, lr, lo, ll{asked}")
    }

    /// The values of [`Self::names`] from a row `r`.
    fn values(&self, whose: Whose) -> String {
        let dialect = self.dialect();
        let side = self.plan.side(whose);
        let dataset = side.selection.dataset();
        let told_apart: Vec<(Ident, Kind)> = side
            .selection
            .row_key()
            .into_iter()
            .map(|name| {
                let kind = kind_of(dataset, &name);
                (name, kind)
            })
            .collect();
        let asked: String = self
            .columns
            .side(whose)
            .iter()
            .map(|(name, kind, _)| format!(", {}", stored(dialect, "r", name, kind)))
            .collect();
        format!(
            "r.\"{}\", r.\"{}\", {}, {}, r.lineage_file, r.lineage_record, r.lineage_offset, \
             r.lineage_length{asked}",
            side.date,
            side.amount,
            sql::object(dialect, "r", &told_apart),
            sql::key(dialect, "r", dataset),
        )
    }
}

/// The items of a side that earlier days left open; `$1` is the name, `$2` the day.
pub(super) fn open_items(whose: Whose, alias: &str) -> String {
    format!(
        "{alias}.state = 'open' AND {alias}.kind IN ('{}', '{}') AND {alias}.{}_key IS NOT NULL \
         AND {alias}.recon_no IN ({LATEST_BEFORE})",
        BreakKind::InTransit,
        whose.one_sided(),
        whose.word()
    )
}

fn key_order(dataset: &Dataset) -> String {
    let names = dataset.key().iter().map(|name| format!("r.\"{name}\""));
    names.collect::<Vec<_>>().join(", ")
}

fn kind_of(dataset: &Dataset, name: &Ident) -> Kind {
    let found = dataset.type_of(name.as_str());
    found.map_or(Kind::Text, |found| found.kind())
}
