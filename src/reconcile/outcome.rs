//! What a reconciliation came to, before and after the ledger keeps it.

use chrono::NaiveDate;
use serde_json::{Value as Json, json};

use super::figure::{Figure, Signs};
use super::selection::{Group, Line};
use super::title::Title;
use crate::id::{FileNo, Ident};
use crate::ledger::{Level, NewBreak, ReconNo};

/// A reconciliation of a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The reconciliation's name: its job's.
    pub name: String,
    /// The day.
    pub business_date: NaiveDate,
    /// On which local day it was made: what ages and is overdue is so as of this day.
    pub as_of: NaiveDate,
    /// What the other side states; `None` when there is no statement for the day.
    pub claimed: Option<Figure>,
    /// The rows that state it.
    pub statements: Vec<Line>,
    /// What our side is made of, in the plan's order.
    pub parts: Vec<PartFigure>,
    /// Our side, by the two formulas.
    pub ours: Figure,
    /// The other side minus ours; `None` without a statement.
    pub difference: Option<Figure>,
    /// Whether there is a statement, both differences are zero and every amount is known. Breaks
    /// may remain: a listed package that never arrived may be an empty one.
    pub agrees: bool,
    /// The most important first.
    pub breaks: Vec<NewBreak>,
    /// Checks that could not be made; never to be read as passed.
    pub not_checked: Vec<NotChecked>,
}

/// What a part of our side comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct PartFigure {
    /// Its stable word.
    pub name: Ident,
    /// What it is called.
    pub title: Title,
    /// How it enters the formulas.
    pub signs: Signs,
    /// How many and how much; zero when unknown.
    pub figure: Figure,
    /// How many of its rows have no amount.
    pub unpriced: i64,
    /// Why it cannot be known.
    pub unknown: Option<String>,
    /// Its rows by package, dispute file …; listed ones without rows too.
    pub groups: Vec<Group>,
}

/// A check that could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotChecked {
    /// The check's reason word.
    pub reason: Ident,
    /// What it is called.
    pub title: Title,
    /// Why it could not be made.
    pub why: String,
}

/// What a check found that no run before had found, when the check asks to be heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How loud.
    pub level: Level,
    /// The check's reason word.
    pub reason: Ident,
    /// What it is called.
    pub title: Title,
    /// How many are new.
    pub items: usize,
    /// The first of them.
    pub objects: Vec<String>,
}

/// A reconciliation that the ledger keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// What it came to.
    pub outcome: Outcome,
    /// Its number in the ledger.
    pub recon: ReconNo,
    /// Which of its name and day, from 1.
    pub version: i64,
    /// How many breaks of earlier versions hold no longer and were closed by this one.
    pub closed: usize,
    /// What its checks found for the first time, in the plan's order.
    pub found: Vec<Found>,
}

impl Outcome {
    /// Every file that its figures come from, once each, in order.
    pub fn files(&self) -> Vec<FileNo> {
        let statements = self.statements.iter().map(|line| line.lineage.file);
        let groups = self.parts.iter().flat_map(|part| &part.groups);
        let mut files: Vec<FileNo> = statements
            .chain(groups.filter_map(|group| group.file))
            .collect();
        files.sort();
        files.dedup();
        files
    }

    /// Its figures as the ledger keeps them; money in 分.
    pub fn summary(&self) -> Json {
        let figure = |figure: Figure| json!({"count": figure.count, "amount": figure.amount.0});
        let not_checked: Vec<Json> = self
            .not_checked
            .iter()
            .map(|check| {
                json!({
                    "reason": check.reason.as_str(),
                    "title": check.title.zh,
                    "title_en": check.title.en,
                    "why": check.why,
                })
            })
            .collect();
        json!({
            "as_of": self.as_of.to_string(),
            "claimed": self.claimed.map(figure),
            "ours": figure(self.ours),
            "difference": self.difference.map(figure),
            "breaks": self.breaks.len(),
            "not_checked": not_checked,
        })
    }
}
