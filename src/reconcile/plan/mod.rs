//! A checked `[reconcile]` table.

mod check;
mod read;

pub use read::RECONCILE_KEYS;
pub(super) use read::{CALENDAR, FUNDS, UNIT};

use super::figure::Signs;
use super::selection::{Beside, Selection, Since};
use super::title::Title;
use crate::calendar::Deadline;
use crate::id::Ident;
use crate::ledger::{BreakKind, FundsEffect, Level};

/// A reconciliation of two sides: what the other one claims, and what ours is made of; or an
/// inspection, which has checks only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconcilePlan {
    /// The unit of amounts on paper: 元.
    pub unit: String,
    /// The calendar of ageing and of deadlines, a file of `jobs/calendars/` without `.tsv`, or
    /// `every_day`.
    pub calendar: String,
    /// Who pays what is claimed.
    pub funds: Funds,
    /// What the other side says; an inspection has no other side.
    pub claimed: Option<Claimed>,
    /// What makes up our side, in order.
    pub parts: Vec<Part>,
    /// What must not be there, in order of importance.
    pub checks: Vec<Check>,
    /// Where a difference may come from, the likeliest first.
    pub candidates: Vec<CandidateGroup>,
    /// Counts by a code, for the report.
    pub distributions: Vec<Distribution>,
}

impl ReconcilePlan {
    /// Whether it has checks only.
    pub fn is_inspection(&self) -> bool {
        self.claimed.is_none()
    }
}

/// Who pays what the other side claims: decides whether a difference is 长款 or 短款.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Funds {
    /// We do: a claim above what we recognise leaves us short.
    PaidByUs,
    /// We receive it: a claim above what we recognise leaves us long.
    PaidToUs,
}

impl Funds {
    pub(super) fn of_word(word: &str) -> Self {
        match word {
            "paid_to_us" => Self::PaidToUs,
            _ => Self::PaidByUs,
        }
    }

    /// What it does to our funds that the other side states more (or less) than we recognise.
    ///
    /// The issuer of cards pays the clearing centre what it cleared and takes from its customers
    /// what it accounted. Cleared above accounted, it pays out more than it can take: 短款.
    /// Cleared below accounted, it took more than it pays: 长款.
    pub fn effect(self, side: Side) -> FundsEffect {
        match (self, side) {
            (Self::PaidByUs, Side::More) | (Self::PaidToUs, Side::Less) => FundsEffect::Short,
            (Self::PaidByUs, Side::Less) | (Self::PaidToUs, Side::More) => FundsEffect::Long,
        }
    }
}

/// Which way the other side differs from us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It states more than we recognise.
    More,
    /// It states less.
    Less,
}

/// What the other side says about a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// 清分金额.
    pub title: Title,
    /// Its rows: of the day, with count and amount.
    pub selection: Selection,
}

/// One part of our side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// A stable word, the component's name in the ledger.
    pub name: Ident,
    /// 记账.
    pub title: Title,
    /// How it enters the formulas.
    pub signs: Signs,
    /// Where it comes from.
    pub source: PartSource,
}

/// Where a part comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartSource {
    /// Rows of a dataset.
    Rows(Box<Selection>),
    /// It cannot be known, is taken as zero, and that is said: the reason, for analysts.
    Unknown(String),
}

/// Rows that are breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The kind of break.
    pub kind: BreakKind,
    /// What it does to our funds.
    pub funds_effect: FundsEffect,
    /// A stable word: `missing_package`.
    pub reason: Ident,
    /// 缺包.
    pub title: Title,
    /// The rows.
    pub selection: Selection,
    /// Only rows past this deadline.
    pub overdue: Option<Overdue>,
    /// Without rows in each of these datasets it cannot be made.
    pub needs: Vec<Ident>,
    /// What of the row, and of rows tied to it, stands in the break.
    pub show: Vec<Beside>,
    /// How loud it is when it finds what was not there before.
    pub alert: Option<Level>,
    /// Which difference it may explain although its amount is not known.
    pub explains: Option<Side>,
}

/// A deadline for rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// The date or instant it counts from.
    pub since: Since,
    /// How many days or months.
    pub deadline: Deadline,
}

/// Rows a difference may come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateGroup {
    /// 争议中、尚无处理结果.
    pub title: Title,
    /// Which difference they explain.
    pub explains: Side,
    /// The rows; they have amounts.
    pub selection: Selection,
}

/// Rows by a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// 争议原因分布.
    pub title: Title,
    /// The rows, grouped by the one column of `by`.
    pub selection: Selection,
}
