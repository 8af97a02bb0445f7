//! Reconciliations: numbered results with their components and breaks, never changed afterwards.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value as Json;

use super::cell::{row, words};
use super::sql::{self, Conditions};
use super::{LedgerError, next_number};
use crate::db::{Database, Transaction};
use crate::id::FileNo;
use crate::value::Value;

/// The number the ledger gave one reconciliation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReconNo(pub i64);

impl std::fmt::Display for ReconNo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

words! {
    /// What kind of difference a break is.
    pub enum BreakKind {
        /// Only our side has it (我方单边).
        OneSidedOurs = "one_sided_ours",
        /// Only the partner's side has it (对方单边).
        OneSidedTheirs = "one_sided_theirs",
        /// The amounts differ (金额不符).
        Amount = "amount",
        /// The states differ (状态不符).
        Status = "status",
        /// Another element differs (要素不符).
        Element = "element",
        /// It is there more than once (重复).
        Duplicate = "duplicate",
        /// The fees differ (手续费不符).
        Fee = "fee",
        /// The other side is expected on a later day (跨日未达).
        InTransit = "in_transit",
    }
}

impl BreakKind {
    /// As analysts call it.
    pub fn title_zh(self) -> &'static str {
        match self {
            Self::OneSidedOurs => "我方单边",
            Self::OneSidedTheirs => "对方单边",
            Self::Amount => "金额不符",
            Self::Status => "状态不符",
            Self::Element => "要素不符",
            Self::Duplicate => "重复",
            Self::Fee => "手续费不符",
            Self::InTransit => "跨日未达",
        }
    }
}

words! {
    /// What a break does to our funds.
    pub enum FundsEffect {
        /// More received than due (长款).
        Long = "long",
        /// Less received than due (短款).
        Short = "short",
        /// None.
        None = "none",
    }
}

impl FundsEffect {
    /// As analysts call it.
    pub fn title_zh(self) -> &'static str {
        match self {
            Self::Long => "长款",
            Self::Short => "短款",
            Self::None => "无影响",
        }
    }
}

words! {
    /// How far the handling of a break is.
    pub enum BreakState {
        /// Not handled.
        Open = "open",
        /// Not handled in time (逾期).
        Overdue = "overdue",
        /// A maker proposed and a checker approved what becomes of it.
        Disposed = "disposed",
        /// Gone by itself: a later reconciliation agrees.
        Closed = "closed",
    }
}

words! {
    /// Why a break or an item in transit is closed.
    pub enum ClosedAs {
        /// A reconciliation of a later day found what belongs to it.
        Matched = "matched",
        /// It goes on in a newer reconciliation.
        Carried = "carried",
        /// A newer reconciliation does not find it any more.
        Gone = "gone",
    }
}

row! {
    /// One reconciliation.
    pub struct ReconciliationRow in "ledger_reconciliation" {
        /// Its number.
        pub recon_no: ReconNo,
        /// The reconciliation's name.
        pub name: String,
        /// The day that was reconciled.
        pub business_date: NaiveDate,
        /// Which of this name and day, from 1.
        pub version: i64,
        /// When.
        pub at: DateTime<Utc>,
        /// Whether both sides agree.
        pub agrees: bool,
        /// Its figures; money is 分.
        pub summary: Json,
    }
}

row! {
    /// One component of a reconciliation's equation.
    pub struct ComponentRow in "ledger_recon_component" {
        /// The reconciliation.
        pub recon_no: ReconNo,
        /// Its place, from 1.
        pub ordinal: i64,
        /// The component, as a stable word: `clearing`.
        pub name: String,
        /// As analysts call it.
        pub title: String,
        /// How many rows; none if it is unknown.
        pub count: Option<i64>,
        /// Their sum in 分; none if it is unknown.
        pub amount: Option<i64>,
        /// Where the figures come from.
        pub detail: Json,
    }
}

row! {
    /// One break.
    pub struct BreakRow in "ledger_break" {
        /// The reconciliation.
        pub recon_no: ReconNo,
        /// Its place, from 1.
        pub break_no: i64,
        /// What kind.
        pub kind: BreakKind,
        /// What it does to our funds.
        pub funds_effect: FundsEffect,
        /// The reason as far as it is known: 缺包, 掉单 …
        pub reason: Option<String>,
        /// How far its handling is.
        pub state: BreakState,
        /// The difference in 分.
        pub amount: i64,
        /// The difference in rows.
        pub count: i64,
        /// What differs, such as a package's key.
        pub object: String,
        /// In a sentence.
        pub title: String,
        /// The figures of both sides.
        pub detail: Json,
        /// Its place by importance, the most important first.
        pub rank: i64,
        /// On which business day it was first found.
        pub first_seen: NaiveDate,
        /// The rows that may explain it, ranked; never asserted.
        pub candidates: Json,
        /// The pass of a `[match]` that found it.
        pub pass: Option<String>,
        /// Our row: its dataset and the values of its key, as a JSON list.
        pub ours_key: Option<String>,
        /// Our row's amount in 分.
        pub ours_amount: Option<i64>,
        /// Our row's file.
        pub ours_file: Option<FileNo>,
        /// Our row's record in it, from 1.
        pub ours_record: Option<i64>,
        /// The other side's row in the same way.
        pub theirs_key: Option<String>,
        /// The other side's amount in 分.
        pub theirs_amount: Option<i64>,
        /// The other side's file.
        pub theirs_file: Option<FileNo>,
        /// The other side's record in it, from 1.
        pub theirs_record: Option<i64>,
        /// The reconciliation that closed it.
        pub closed_by: Option<ReconNo>,
        /// Why it is closed.
        pub closed_as: Option<ClosedAs>,
    }
}

row! {
    /// One record that a pass with a tolerance or a group matched; what an exact key matched is
    /// told by the key and kept as count and sum of a component.
    pub struct MatchRow in "ledger_match" {
        /// The reconciliation.
        pub recon_no: ReconNo,
        /// Records with one number belong together; from 1.
        pub match_no: i64,
        /// Its place among them, ours first, from 1.
        pub ordinal: i64,
        /// The rule: a pass of the reconciliation's summary.
        pub pass: String,
        /// `ours` or `theirs`.
        pub side: String,
        /// What it is told apart by.
        pub object: String,
        /// Its dataset and the values of its key, as a JSON list.
        pub key: String,
        /// Its amount in 分.
        pub amount: Option<i64>,
        /// Its own business day.
        pub business_date: NaiveDate,
        /// Its file.
        pub file: FileNo,
        /// The record in it, from 1.
        pub record: i64,
        /// Its first byte in the opened content.
        pub byte_offset: i64,
        /// Its bytes.
        pub byte_length: i64,
        /// The values that the rule found: how far apart in 分 and seconds, and the key's columns
        /// that are not personal.
        pub detail: Json,
    }
}

/// A reconciliation to be kept.
#[derive(Debug, Clone)]
pub struct NewReconciliation<'a> {
    /// Its name.
    pub name: &'a str,
    /// The day that was reconciled.
    pub business_date: NaiveDate,
    /// Whether both sides agree.
    pub agrees: bool,
    /// Its figures.
    pub summary: Json,
    /// The components of its equation, in order.
    pub components: Vec<NewComponent>,
    /// Its breaks, the most important first.
    pub breaks: Vec<NewBreak>,
}

/// A component to be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct NewComponent {
    /// The component, as a stable word.
    pub name: String,
    /// As analysts call it.
    pub title: String,
    /// How many rows, if known.
    pub count: Option<i64>,
    /// Their sum in 分, if known.
    pub amount: Option<i64>,
    /// Where the figures come from.
    pub detail: Json,
}

/// A break to be kept; open.
#[derive(Debug, Clone, PartialEq)]
pub struct NewBreak {
    /// What kind.
    pub kind: BreakKind,
    /// What it does to our funds.
    pub funds_effect: FundsEffect,
    /// The reason as far as it is known.
    pub reason: Option<String>,
    /// Open or overdue.
    pub state: BreakState,
    /// The difference in 分.
    pub amount: i64,
    /// The difference in rows.
    pub count: i64,
    /// What differs.
    pub object: String,
    /// In a sentence.
    pub title: String,
    /// The figures of both sides.
    pub detail: Json,
    /// On which business day it was first found.
    pub first_seen: NaiveDate,
    /// The rows that may explain it.
    pub candidates: Json,
}

/// Keeps a reconciliation and returns its number and its version of that name and day.
pub async fn record_reconciliation(
    tx: &mut Transaction,
    new: &NewReconciliation<'_>,
    now: DateTime<Utc>,
) -> Result<(ReconNo, i64), LedgerError> {
    // The counter is locked from here on, so that the highest version cannot change below.
    let recon_no = ReconNo(next_number(tx, "reconciliation").await?);
    let sql = "SELECT CAST(COALESCE(MAX(version), 0) + 1 AS BIGINT) FROM ledger_reconciliation \
               WHERE name = $1 AND business_date = $2";
    let version = sql::number(tx, sql, &[new.name.into(), new.business_date.into()]).await?;
    let row = ReconciliationRow {
        recon_no,
        name: new.name.to_owned(),
        business_date: new.business_date,
        version,
        at: now,
        agrees: new.agrees,
        summary: new.summary.clone(),
    };
    sql::insert(tx, &row).await?;
    let components: Vec<ComponentRow> = (1..)
        .zip(&new.components)
        .map(|(ordinal, component)| component_row(recon_no, ordinal, component))
        .collect();
    sql::insert_all(tx, &["recon_no", "ordinal"], &components).await?;
    let breaks: Vec<BreakRow> = (1..)
        .zip(&new.breaks)
        .map(|(break_no, found)| break_row(recon_no, break_no, found))
        .collect();
    sql::insert_all(tx, &["recon_no", "break_no"], &breaks).await?;
    Ok((recon_no, version))
}

fn component_row(recon_no: ReconNo, ordinal: i64, new: &NewComponent) -> ComponentRow {
    ComponentRow {
        recon_no,
        ordinal,
        name: new.name.clone(),
        title: new.title.clone(),
        count: new.count,
        amount: new.amount,
        detail: new.detail.clone(),
    }
}

fn break_row(recon_no: ReconNo, break_no: i64, new: &NewBreak) -> BreakRow {
    BreakRow {
        recon_no,
        break_no,
        kind: new.kind,
        funds_effect: new.funds_effect,
        reason: new.reason.clone(),
        state: new.state,
        amount: new.amount,
        count: new.count,
        object: new.object.clone(),
        title: new.title.clone(),
        detail: new.detail.clone(),
        rank: break_no,
        first_seen: new.first_seen,
        candidates: new.candidates.clone(),
        pass: None,
        ours_key: None,
        ours_amount: None,
        ours_file: None,
        ours_record: None,
        theirs_key: None,
        theirs_amount: None,
        theirs_file: None,
        theirs_record: None,
        closed_by: None,
        closed_as: None,
    }
}

/// One reconciliation.
pub async fn show_reconciliation(
    db: &Database,
    recon: ReconNo,
) -> Result<ReconciliationRow, LedgerError> {
    sql::first(&mut &*db, "WHERE recon_no = $1", &[Value::Int(recon.0)])
        .await?
        .ok_or_else(|| LedgerError::not_found("reconciliation", recon))
}

/// The latest version of a name and day; of the latest day that has one if none is given.
pub async fn latest_reconciliation(
    db: &Database,
    name: &str,
    business_date: Option<NaiveDate>,
) -> Result<Option<ReconciliationRow>, LedgerError> {
    let rows = Conditions::default()
        .and("name = ?", Some(name))
        .and("business_date = ?", business_date)
        .list(&mut &*db, "business_date DESC, version DESC", 1)
        .await?;
    Ok(rows.into_iter().next())
}

/// The components of a reconciliation, in order.
pub async fn list_components(
    db: &Database,
    recon: ReconNo,
) -> Result<Vec<ComponentRow>, LedgerError> {
    let tail = "WHERE recon_no = $1 ORDER BY ordinal";
    sql::all(&mut &*db, tail, &[Value::Int(recon.0)]).await
}

/// Which breaks to list; `None` is any.
#[derive(Debug, Clone, Default)]
pub struct BreakFilter {
    /// Of this reconciliation.
    pub recon: Option<ReconNo>,
    /// Of this kind.
    pub kind: Option<BreakKind>,
    /// In this state.
    pub state: Option<BreakState>,
    /// About this object.
    pub object: Option<String>,
    /// At most so many.
    pub limit: u32,
}

/// Breaks, of the latest reconciliation first, the most important first.
pub async fn list_breaks(
    db: &Database,
    filter: &BreakFilter,
) -> Result<Vec<BreakRow>, LedgerError> {
    Conditions::default()
        .and("recon_no = ?", filter.recon.map(|recon| recon.0))
        .and("kind = ?", filter.kind.map(BreakKind::as_str))
        .and("state = ?", filter.state.map(BreakState::as_str))
        .and("object = ?", filter.object.clone())
        .list(&mut &*db, "recon_no DESC, rank", filter.limit)
        .await
}

/// The records that passes with a tolerance or a group matched, those that belong together beside
/// each other.
pub async fn list_matches(
    db: &Database,
    recon: ReconNo,
    limit: u32,
) -> Result<Vec<MatchRow>, LedgerError> {
    Conditions::default()
        .and("recon_no = ?", Some(recon.0))
        .list(&mut &*db, "match_no, ordinal", limit)
        .await
}
