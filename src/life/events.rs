//! Events: the rows of all sources as SQL, and the timeline of one subject.

use super::{LifeError, LifePlan, Source, Via, Whose};
use crate::dataset::{ColumnType, Dataset, DatasetError, Given, SqlArgs, SqlContext};
use crate::db::{Database, Dialect, Row};
use crate::id::{FileNo, Ident};
use crate::value::Kind;

/// The most events of one timeline.
pub const MAX_EVENTS: usize = 10_000;

/// A day less a microsecond, in microseconds.
const REST_OF_DAY: i64 = 86_400_000_000 - 1;

/// Where an event without a moment begins: before everything, so that it contradicts nothing.
pub(super) const UNKNOWN_FROM: i64 = i64::MIN / 4;

/// Where it ends.
pub(super) const UNKNOWN_TO: i64 = i64::MAX / 4;

/// One row that is a step of a subject's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The step's place in the plan.
    pub step: usize,
    /// The source's place among all sources of the plan, in the order of the steps.
    pub source: usize,
    /// What tells it from others of its step; empty without.
    pub item: String,
    /// Not before this moment, in microseconds since 1970 UTC.
    pub from: i64,
    /// Not after this moment: a day lasts the whole day.
    pub to: i64,
    /// The file its row came with.
    pub file: FileNo,
    /// The record in it, from 1; 0 when the hub made the row with the file.
    pub record: i64,
    /// Its first byte in the opened content.
    pub offset: i64,
    /// Its bytes.
    pub length: i64,
}

impl Event {
    /// Whether it is not known when it was.
    pub fn is_undated(&self) -> bool {
        self.from == UNKNOWN_FROM
    }

    /// Whether only its day is known.
    pub fn is_day(&self) -> bool {
        !self.is_undated() && self.to > self.from
    }

    /// The order in which events are told.
    pub(super) fn order(&self) -> (i64, usize, i64, FileNo, i64, usize) {
        (
            self.from,
            self.step,
            self.to,
            self.file,
            self.record,
            self.source,
        )
    }
}

/// The events of one subject, the earliest first; none when nobody knows it.
///
/// # Errors
/// [`LifeError::TooLong`] beyond [`MAX_EVENTS`].
pub async fn timeline(
    db: &Database,
    plan: &LifePlan,
    subject: &str,
    given: &Given,
) -> Result<Vec<Event>, LifeError> {
    let mut args = SqlArgs::new();
    let context = SqlContext {
        dialect: db.dialect(),
        given,
    };
    let Some(sql) = events_sql(plan, Some(subject), &mut args, context)? else {
        return Ok(Vec::new());
    };
    let sql = format!(
        "SELECT step, source, item, lo, hi, lf, lr, lo_byte, ll FROM ({sql}) AS e LIMIT {}",
        MAX_EVENTS + 1
    );
    let rows = db.query(&sql, args.values()).await?;
    if rows.len() > MAX_EVENTS {
        return Err(LifeError::TooLong { limit: MAX_EVENTS });
    }
    let mut events = rows.iter().map(event).collect::<Result<Vec<_>, _>>()?;
    events.sort_by_key(Event::order);
    Ok(events)
}

fn event(row: &Row) -> Result<Event, LifeError> {
    Ok(Event {
        step: row.int(0)?.unsigned_abs() as usize,
        source: row.int(1)?.unsigned_abs() as usize,
        item: row.text(2)?.to_owned(),
        from: row.int(3)?,
        to: row.int(4)?,
        file: FileNo(row.int(5)?),
        record: row.int(6)?,
        offset: row.int(7)?,
        length: row.int(8)?,
    })
}

/// All events, or those of one subject, as a query with the columns `step source subject item lo hi
/// key lf lr lo_byte ll`; `None` when no source can know the subject.
pub(super) fn events_sql(
    plan: &LifePlan,
    subject: Option<&str>,
    args: &mut SqlArgs,
    context: SqlContext<'_>,
) -> Result<Option<String>, DatasetError> {
    let mut parts = Vec::new();
    for (number, (step, source)) in plan.sources_by_step().enumerate() {
        if let Some(rows) = source.rows(subject, args, context)? {
            let values = source.values(args, context);
            parts.push(format!(
                "SELECT CAST({step} AS BIGINT) AS step, CAST({number} AS BIGINT) AS source, {values} \
                 FROM {rows}"
            ));
        }
    }
    Ok((!parts.is_empty()).then(|| parts.join(" UNION ALL ")))
}

impl Source {
    /// `"dataset" AS s … WHERE …`; `None` when its type cannot hold the subject.
    fn rows(
        &self,
        subject: Option<&str>,
        args: &mut SqlArgs,
        context: SqlContext<'_>,
    ) -> Result<Option<String>, DatasetError> {
        let own = self.condition.to_sql("s", args, context)?;
        let table = self.dataset.name();
        Ok(match &self.whose {
            Whose::Column(name) => is_subject("s", &self.dataset, name, subject, args)
                .map(|whose| format!("\"{table}\" AS s WHERE {whose} AND {own}")),
            Whose::Via(via) => {
                let Via {
                    dataset,
                    condition,
                    subject: name,
                    on,
                } = via.as_ref();
                let theirs = condition.to_sql("v", args, context)?;
                let whose = is_subject("v", dataset, name, subject, args);
                whose.map(|whose| {
                    let joined: String = on
                        .iter()
                        .enumerate()
                        .map(|(at, (their, _))| format!(", v.\"{their}\" AS j{at}"))
                        .collect();
                    let equal: Vec<String> = on
                        .iter()
                        .enumerate()
                        .map(|(at, (_, our))| format!("w.j{at} = s.\"{our}\""))
                        .collect();
                    format!(
                        "\"{table}\" AS s JOIN (SELECT DISTINCT v.\"{name}\" AS subject{joined} \
                         FROM \"{}\" AS v WHERE {whose} AND {theirs}) AS w ON {} WHERE {own}",
                        dataset.name(),
                        equal.join(" AND ")
                    )
                })
            }
        })
    }

    fn values(&self, args: &mut SqlArgs, context: SqlContext<'_>) -> String {
        let subject = match &self.whose {
            Whose::Column(name) => format!("s.\"{name}\""),
            Whose::Via(_) => "w.subject".to_owned(),
        };
        let item = match &self.item {
            Some(name) => format!("COALESCE(CAST(s.\"{name}\" AS TEXT), '')"),
            None => "''".to_owned(),
        };
        let (from, to) = self.moment(args, context);
        format!(
            "CAST({subject} AS TEXT) AS subject, {item} AS item, {from} AS lo, {to} AS hi, {key} AS \
             key, s.lineage_file AS lf, s.lineage_record AS lr, s.lineage_offset AS lo_byte, \
             s.lineage_length AS ll",
            key = key(context.dialect, &self.dataset),
        )
    }

    /// From when to when it may have been, in microseconds.
    fn moment(&self, args: &mut SqlArgs, context: SqlContext<'_>) -> (String, String) {
        let column = format!("s.\"{}\"", self.at);
        let is_day = self.dataset.type_of(self.at.as_str()) == Some(ColumnType::Date);
        let from = match (context.dialect, is_day) {
            (Dialect::Sqlite, false) => column.clone(),
            (Dialect::Sqlite, true) => format!(
                "(CAST(strftime('%s', {column}) AS INTEGER) - ({})) * 1000000",
                context.given.offset_secs
            ),
            (Dialect::Postgres, false) => micros(&column),
            (Dialect::Postgres, true) => {
                let zone = args.push(context.given.zone.as_str());
                micros(&format!(
                    "(CAST({column} AS TIMESTAMP) AT TIME ZONE CAST({zone} AS TEXT))"
                ))
            }
        };
        let rest = if is_day { REST_OF_DAY } else { 0 };
        (
            format!("COALESCE({from}, {UNKNOWN_FROM})"),
            format!("COALESCE({from} + {rest}, {UNKNOWN_TO})"),
        )
    }
}

fn micros(moment: &str) -> String {
    format!("CAST(EXTRACT(EPOCH FROM {moment}) * 1000000 AS BIGINT)")
}

/// The condition that a row names a subject, or the one that was asked for; `None` when its type
/// cannot hold that one.
fn is_subject(
    alias: &str,
    dataset: &Dataset,
    name: &Ident,
    subject: Option<&str>,
    args: &mut SqlArgs,
) -> Option<String> {
    let Some(subject) = subject else {
        return Some(format!("{alias}.\"{name}\" IS NOT NULL"));
    };
    let value = match dataset.type_of(name.as_str())?.kind() {
        Kind::Int => args.push(subject.parse::<i64>().ok()?),
        _ => args.push(subject),
    };
    Some(format!("{alias}.\"{name}\" = {value}"))
}

/// A dataset and the values of a row's key as a JSON list, as breaks name rows.
fn key(dialect: Dialect, dataset: &Dataset) -> String {
    let names = dataset.key().iter().map(|name| format!("s.\"{name}\""));
    let names = names.collect::<Vec<_>>().join(", ");
    let table = dataset.name();
    match dialect {
        Dialect::Sqlite => format!("json_array('{table}', {names})"),
        Dialect::Postgres => {
            format!("CAST(json_build_array(CAST('{table}' AS TEXT), {names}) AS TEXT)")
        }
    }
}
