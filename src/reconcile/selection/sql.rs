//! A selection as SQL for either database.

use super::beside::{Since, Tied};
use super::{Amount, Listing, Scene, Selection, object};
use crate::dataset::{Given, SqlArgs, SqlContext};
use crate::db::Dialect;
use crate::id::Ident;
use crate::reconcile::ReconcileError;
use crate::value::{Kind, Value};
use chrono::NaiveDate;

const ROW: &str = "t";
const MEMBER: &str = "mem";

pub(super) fn quote(name: &Ident) -> String {
    format!("\"{name}\"")
}

fn column(alias: &str, name: &Ident) -> String {
    format!("{alias}.\"{name}\"")
}

fn ties(left: &str, right: &str, on: &[Ident]) -> impl Iterator<Item = String> {
    on.iter()
        .map(move |name| format!("{} = {}", column(left, name), column(right, name)))
}

impl Selection {
    pub(super) fn object(&self, key: &[Value]) -> String {
        object(&self.by, key)
    }

    pub(super) fn kinds(&self, names: &[Ident]) -> Vec<Kind> {
        let kind = |name: &Ident| {
            self.dataset
                .type_of(name.as_str())
                .map(|found| found.kind())
        };
        names
            .iter()
            .map(|name| kind(name).unwrap_or(Kind::Text))
            .collect()
    }

    /// One row per selected row: `b0 …`, `amount`, `n`, `lf`, `lr`, `lo`, `ll`, `since`, `s0 …`.
    pub(super) fn rows_sql(
        &self,
        listing: Listing<'_>,
        scene: Scene<'_>,
        dialect: Dialect,
        args: &mut SqlArgs,
    ) -> Result<String, ReconcileError> {
        let mut parts = Vec::new();
        let mut from = format!("{} AS {ROW}", quote(self.dataset.name()));
        if let Some(members) = &self.members {
            // CROSS JOIN keeps SQLite from starting at the large table; PostgreSQL chooses itself.
            from = format!("{} AS {MEMBER} CROSS JOIN {from}", quote(&members.dataset));
            let day = args.push(scene.day);
            parts.push(format!("{} = {day}", column(MEMBER, &members.date)));
            parts.extend(ties(ROW, MEMBER, &members.on));
        }
        if let Some(date) = &self.date {
            let day = args.push(scene.day);
            parts.push(format!("{} = {day}", column(ROW, date)));
        }
        let given = scene.given;
        let context = SqlContext { dialect, given };
        parts.push(self.condition.to_sql(ROW, args, context)?);
        if !self.once.is_empty() {
            parts.push(self.earliest());
        }
        if let (Some(since), Some(before)) = (listing.since, listing.before) {
            let limit = local_start(since, before, given);
            parts.push(format!(
                "{} < {}",
                seen(&since.column, since.from.as_ref()),
                args.push(limit)
            ));
        }
        let columns = self.columns(listing).join(", ");
        Ok(format!(
            "SELECT {columns} FROM {from} WHERE {}",
            parts.join(" AND ")
        ))
    }

    fn columns(&self, listing: Listing<'_>) -> Vec<String> {
        let mut columns: Vec<String> = (0..)
            .zip(&self.by)
            .map(|(at, name): (usize, _)| format!("{} AS b{at}", column(ROW, name)))
            .collect();
        columns.push(format!("{} AS amount", self.amount_sql()));
        columns.push(match &self.count {
            Some(count) => format!("{} AS n", column(ROW, count)),
            None => "CAST(1 AS BIGINT) AS n".to_owned(),
        });
        let lineage = [
            ("file", "lf"),
            ("record", "lr"),
            ("offset", "lo"),
            ("length", "ll"),
        ];
        columns.extend(lineage.map(|(name, short)| format!("{ROW}.lineage_{name} AS {short}")));
        if let Some(since) = listing.since {
            let seen = seen(&since.column, since.from.as_ref());
            columns.push(format!("{seen} AS since"));
        }
        for (at, beside) in listing.beside.iter().enumerate() {
            let seen = seen(&beside.column.name, beside.from.as_ref());
            columns.push(format!("{seen} AS s{at}"));
        }
        columns
    }

    fn amount_sql(&self) -> String {
        match &self.amount {
            None => "CAST(NULL AS BIGINT)".to_owned(),
            Some(Amount {
                column: name,
                from: None,
            }) => column(ROW, name),
            Some(Amount {
                column: name,
                from: Some((dataset, on)),
            }) => of_tied(name, dataset, on),
        }
    }

    /// No equal row of an earlier file, or of an earlier record of the same.
    fn earliest(&self) -> String {
        let equal: Vec<String> = ties("first", ROW, &self.once).collect();
        format!(
            "NOT EXISTS (SELECT 1 FROM {} AS first WHERE {} AND (first.lineage_file < \
             {ROW}.lineage_file OR (first.lineage_file = {ROW}.lineage_file AND \
             first.lineage_record < {ROW}.lineage_record)))",
            quote(self.dataset.name()),
            equal.join(" AND ")
        )
    }

    pub(super) fn keys(&self) -> String {
        let keys: Vec<String> = (0..self.by.len()).map(|at| format!("b{at}")).collect();
        keys.join(", ")
    }
}

/// A column of the row, or of the row tied to it.
fn seen(name: &Ident, from: Option<&Tied>) -> String {
    match from {
        None => column(ROW, name),
        Some(tied) => of_tied(name, &tied.dataset, &tied.on),
    }
}

/// A column of the one row of another dataset that is tied by its whole key.
fn of_tied(name: &Ident, dataset: &Ident, on: &[Ident]) -> String {
    format!(
        "(SELECT {} FROM {} AS tied WHERE {})",
        column("tied", name),
        quote(dataset),
        ties("tied", ROW, on).collect::<Vec<_>>().join(" AND ")
    )
}

/// The value that a date or instant column has at the beginning of a local day.
fn local_start(since: &Since, day: NaiveDate, given: &Given) -> Value {
    match since.kind {
        Kind::Instant => {
            let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc();
            Value::Instant(midnight - chrono::Duration::seconds(given.offset_secs.into()))
        }
        _ => Value::Date(day),
    }
}
