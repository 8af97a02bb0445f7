//! A first exact pass on SQLite: both sides' rows of the day walked side by side in the order of the
//! pass's key, each read once.
//!
//! Only rows whose key is the only one of its kind on both sides, and whose compared columns agree,
//! are matched where they lie. All others (no counterpart, another value, a key with NULL or that
//! comes twice) go to the work tables, where the passes do with them what they would have done.

use super::figures::Taken;
use super::plan::{Compared, Duplicates, MatchPlan, MatchedColumns, Pass, PassKind, Whose};
use super::work::{Loaded, Matching};
use crate::dataset::SqlArgs;
use crate::db::{Dialect, Met, WalkRow, WalkSide};
use crate::id::Ident;
use crate::ledger::BreakKind;
use crate::reconcile::ReconcileError;
use crate::reconcile::figure::{Figure, Signs};

/// The keys of the rows that are not matched where they lie: `k0`, `k1` …
pub(super) fn rest_table(whose: Whose) -> &'static str {
    match whose {
        Whose::Ours => "_match_rest_ours",
        Whose::Theirs => "_match_rest_theirs",
    }
}

/// What a walk counted of a side.
#[derive(Debug, Clone, Copy, Default)]
struct Walked {
    loaded: Loaded,
    agreed: Figure,
}

/// The columns that a walk reads of a side: the key, what is compared, the amount, and what is left
/// of what tells the dataset's rows apart.
struct Read {
    columns: Vec<Ident>,
    keys: usize,
    amount: usize,
    /// Where the columns are that tell rows apart.
    kept: Vec<usize>,
}

impl Read {
    fn of(plan: &MatchPlan, pass: &Pass, whose: Whose) -> Self {
        let side = plan.side(whose);
        let key = key_order(plan, pass).into_iter();
        let mut columns: Vec<Ident> = key.map(|pair| pair.of(whose).clone()).collect();
        let keys = columns.len();
        let compared = pass.compare.iter();
        columns.extend(compared.map(|one| one.columns.of(whose).clone()));
        let amount = columns.len();
        columns.push(side.amount.clone());
        let mut kept = Vec::new();
        for name in side.selection.row_key() {
            let known = columns.iter().position(|column| *column == name);
            kept.push(known.unwrap_or(columns.len()));
            if known.is_none() {
                columns.push(name);
            }
        }
        Self {
            columns,
            keys,
            amount,
            kept,
        }
    }
}

/// The pairs of a pass's key, those first that our dataset is ordered by: then it need not be sorted.
fn key_order<'p>(plan: &MatchPlan, pass: &'p Pass) -> Vec<&'p MatchedColumns> {
    let stored = plan.side(Whose::Ours).selection.dataset().key();
    let mut pairs: Vec<&MatchedColumns> = pass.on.iter().collect();
    pairs.sort_by_key(|pair| {
        let place = stored.iter().position(|name| *name == pair.ours);
        place.unwrap_or(usize::MAX)
    });
    pairs
}

/// Whether what is compared agrees; as [`super::sql::agrees`] says it in SQL.
fn agrees(compare: &[Compared], keys: usize, ours: &WalkRow, theirs: &WalkRow) -> bool {
    (keys..).zip(compare).all(|(column, one)| {
        let is_known = one.kind != BreakKind::Amount || !ours.is_null(column);
        is_known && ours.is_same(column, theirs)
    })
}

impl Walked {
    fn see(&mut self, row: &WalkRow, amount: usize, whose: Whose) -> Result<(), ReconcileError> {
        let figure = Figure::new(1, row.int(amount).unwrap_or_default());
        self.loaded.unpriced += i64::from(row.is_null(amount));
        self.loaded.figure = self.loaded.figure.plus(Signs::PLUS, figure, whose.word())?;
        Ok(())
    }

    fn agree(&mut self, row: &WalkRow, amount: usize, whose: Whose) -> Result<(), ReconcileError> {
        let figure = Figure::new(1, row.int(amount).unwrap_or_default());
        self.agreed = self.agreed.plus(Signs::PLUS, figure, whose.word())?;
        Ok(())
    }
}

impl Matching<'_> {
    /// The first pass, if it can be walked: an exact key, of which the earliest row stands for it.
    pub(super) fn walked_pass(&self) -> Option<&Pass> {
        let pass = self.plan.passes.first()?;
        let is_exact = pass.kind == PassKind::Exact(Duplicates::Break);
        (is_exact && self.dialect() == Dialect::Sqlite).then_some(pass)
    }

    /// Walks both sides and takes what is not matched where it lies.
    pub(super) async fn take_walked(&mut self) -> Result<Option<[Taken; 2]>, ReconcileError> {
        let Some(pass) = self.walked_pass() else {
            return Ok(None);
        };
        let [ours, theirs] = self.walk(pass.clone()).await?;
        let mut both = [Taken::default(); 2];
        let walked = Whose::BOTH.into_iter().zip([ours, theirs]);
        for ((whose, walked), taken) in walked.zip(&mut both) {
            let rest = self.take_rest(whose).await?;
            taken.loaded = walked.loaded;
            taken.in_place = walked.loaded.figure.minus(rest, "matched")?;
            let what = format!("rows walked and taken of `{}`", whose.word());
            super::figures::tie_out(what, walked.agreed, taken.in_place)?;
        }
        self.in_place = true;
        Ok(Some(both))
    }

    async fn walk(&mut self, pass: Pass) -> Result<[Walked; 2], ReconcileError> {
        let reads = Whose::BOTH.map(|whose| Read::of(self.plan, &pass, whose));
        let [ours, theirs] = &reads;
        let sides = [
            self.walk_side(Whose::Ours, ours)?,
            self.walk_side(Whose::Theirs, theirs)?,
        ];
        for (whose, read) in Whose::BOTH.into_iter().zip(&reads) {
            self.open_rest(whose, read).await?;
        }
        let (keys, our_amount, their_amount) = (ours.keys, ours.amount, theirs.amount);
        let (mut one, mut two) = (Walked::default(), Walked::default());
        let see = |met: Met<'_>| {
            match met {
                Met::Alone(0, row) => one.see(row, our_amount, Whose::Ours)?,
                Met::Alone(_, row) => two.see(row, their_amount, Whose::Theirs)?,
                Met::Pair(ours, theirs) => {
                    one.see(ours, our_amount, Whose::Ours)?;
                    two.see(theirs, their_amount, Whose::Theirs)?;
                    if agrees(&pass.compare, keys, ours, theirs) {
                        one.agree(ours, our_amount, Whose::Ours)?;
                        two.agree(theirs, their_amount, Whose::Theirs)?;
                        return Ok(true);
                    }
                }
            }
            Ok::<_, ReconcileError>(false)
        };
        self.tx.walk(&sides, keys, self.reads, see).await?;
        Ok([one, two])
    }

    fn walk_side(&self, whose: Whose, read: &Read) -> Result<WalkSide, ReconcileError> {
        let mut args = SqlArgs::new();
        let rows = self.of_the_day(whose, "r", &mut args)?;
        let list = |names: &[Ident]| {
            let names = names.iter().map(|name| format!("r.\"{name}\""));
            names.collect::<Vec<_>>().join(", ")
        };
        let places: Vec<String> = (1..=read.kept.len()).map(|at| format!("?{at}")).collect();
        Ok(WalkSide {
            sql: format!(
                "SELECT {columns} FROM \"{dataset}\" AS r WHERE {rows} ORDER BY {key}",
                columns = list(&read.columns),
                dataset = self.plan.side(whose).selection.dataset().name(),
                key = list(read.columns.get(..read.keys).unwrap_or_default()),
            ),
            args: args.values().to_vec(),
            keep: format!(
                "INSERT INTO {} VALUES ({})",
                rest_table(whose),
                places.join(", ")
            ),
            kept: read.kept.clone(),
        })
    }

    async fn open_rest(&mut self, whose: Whose, read: &Read) -> Result<(), ReconcileError> {
        let columns: Vec<String> = (0..read.kept.len()).map(|at| format!("k{at}")).collect();
        let sql = format!(
            "CREATE TEMPORARY TABLE {} ({})",
            rest_table(whose),
            columns.join(", ")
        );
        self.execute(&sql, &[]).await?;
        Ok(())
    }

    /// Takes the rows whose keys a walk kept.
    async fn take_rest(&mut self, whose: Whose) -> Result<Figure, ReconcileError> {
        let mut args = SqlArgs::new();
        let side = self.plan.side(whose);
        let day = args.push(self.scene.day);
        let key = side.selection.row_key();
        let ties = (0..).zip(&key);
        let ties: Vec<String> = ties
            .map(|(at, name): (usize, _)| format!("r.\"{name}\" = k.k{at}"))
            .collect();
        let from = format!(
            "{rest} AS k CROSS JOIN \"{dataset}\" AS r WHERE r.\"{date}\" = {day} AND {ties}",
            rest = rest_table(whose),
            dataset = side.selection.dataset().name(),
            date = side.date,
            ties = ties.join(" AND "),
        );
        self.take_from(whose, &from, args).await
    }
}
