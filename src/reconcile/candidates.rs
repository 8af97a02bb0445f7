//! Where a difference may come from: rows ranked by how well they fit, never asserted.
//!
//! The order: rows, whole groups, pairs and triples whose amount **and** count are exactly the
//! difference; then what was listed and is not here, whose amount nobody knows; then rows with
//! the exact amount; then the closest ones. Within an order the plan's groups come in their order.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::checks::{Checked, Explaining};
use super::figure::Figure;
use super::plan::{CandidateGroup, ReconcilePlan, Side};
use super::run::side;
use super::selection::{Line, Listing, Order, Scene, Total};
use super::subsets::{MAX_POOL, subsets};
use super::{ReconcileError, Title};
use crate::dataset::Reader;
use crate::id::Fen;

/// The most candidates of one difference.
pub const MAX_CANDIDATES: usize = 20;
/// The most pairs or triples among them: many rows add up to anything by chance.
const MAX_SUBSETS: usize = 10;
/// The most rows shown of a whole group.
const MAX_ROWS: usize = 20;

/// How well a candidate fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// Amount and count are the difference.
    Exact,
    /// It was listed and is not here; its amount is not known.
    Missing,
    /// The amount is the difference, the count is not.
    Amount,
    /// The amount is close to the difference.
    Near,
}

/// What a difference may come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its place, from 1.
    pub rank: usize,
    /// How well it fits.
    pub fit: Fit,
    /// In a sentence that asserts nothing, in Chinese.
    pub text: String,
    /// In English.
    pub text_en: String,
    /// How many rows.
    pub count: i64,
    /// Their sum in 分; absent when not known.
    pub amount: Option<i64>,
    /// The rows, or the first of them.
    pub rows: Vec<CandidateRow>,
}

/// A row of a candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateRow {
    /// What it is told apart by.
    pub object: String,
    /// Its amount in 分.
    pub amount: Option<i64>,
    /// Its dataset.
    pub dataset: String,
    /// Its file's number.
    pub file: i64,
    /// Its record in the file.
    pub record: i64,
    /// Its first byte in the opened content.
    pub offset: i64,
    /// Its bytes.
    pub length: i64,
}

/// A row under suspicion: once, however many groups it is in.
#[derive(Debug, Clone)]
struct Suspect {
    line: Line,
    dataset: String,
    titles: Vec<Title>,
}

/// What the difference looks like from the side that has more.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    amount: i64,
    count: i64,
}

pub(super) async fn find(
    reader: &mut Reader<'_>,
    plan: &ReconcilePlan,
    scene: Scene<'_>,
    difference: Figure,
    checked: &Checked,
) -> Result<Vec<Candidate>, ReconcileError> {
    let side = side(difference);
    let sign = if side == Side::More { 1 } else { -1 };
    let wanted = Wanted {
        amount: difference.amount.0.saturating_mul(sign),
        count: difference.count.saturating_mul(sign),
    };
    let (mut near, mut pool) = (Suspects::default(), Suspects::default());
    let mut wholes = Vec::new();
    for group in plan
        .candidates
        .iter()
        .filter(|group| group.explains == side)
    {
        let listing = |order, limit| Listing {
            order,
            limit: i64::try_from(limit).ok(),
            ..Listing::default()
        };
        let selection = &group.selection;
        let nearest = listing(Order::Near(wanted.amount), MAX_CANDIDATES);
        near.add(group, selection.lines(reader, nearest, scene).await?);
        if matches!(wanted.count, 2 | 3) {
            let below = listing(Order::UpTo(wanted.amount), MAX_POOL);
            pool.add(group, selection.lines(reader, below, scene).await?);
        }
        let total = selection.total(reader, Listing::default(), scene).await?;
        if total.lines > 1 && wanted.is(total.count, total.amount.0) {
            let first = listing(Order::Key, MAX_ROWS);
            wholes.push(whole(
                group,
                total,
                selection.lines(reader, first, scene).await?,
            ));
        }
    }
    let explaining = checked.explaining.iter().filter(|check| check.side == side);
    let mut candidates: Vec<Candidate> = near.0.iter().map(|row| single(row, wanted)).collect();
    candidates.extend(wholes);
    candidates.extend(combinations(&pool.0, wanted));
    candidates.extend(explaining.map(missing));
    Ok(rank(candidates, wanted))
}

impl Wanted {
    fn is(self, count: i64, amount: i64) -> bool {
        self.count == count && self.amount == amount
    }
}

#[derive(Debug, Default)]
struct Suspects(Vec<Suspect>);

impl Suspects {
    fn add(&mut self, group: &CandidateGroup, lines: Vec<Line>) {
        let known: HashMap<String, usize> = self
            .0
            .iter()
            .enumerate()
            .map(|(at, suspect)| (suspect.line.object.clone(), at))
            .collect();
        for line in lines {
            let at = known.get(&line.object).copied();
            if let Some(suspect) = at.and_then(|at| self.0.get_mut(at)) {
                suspect.titles.push(group.title.clone());
            } else {
                self.0.push(Suspect {
                    line,
                    dataset: group.selection.dataset().name().to_string(),
                    titles: vec![group.title.clone()],
                });
            }
        }
    }
}

fn single(suspect: &Suspect, wanted: Wanted) -> Candidate {
    let (count, amount) = (suspect.line.count, amount_of(suspect));
    let (zh, en) = titles(&suspect.titles);
    let (fit, text, text_en) = if wanted.is(count, amount) {
        (
            Fit::Exact,
            format!("可能是这 1 笔（{zh}）：金额与笔数都等于差额"),
            format!("possibly this row ({en}): amount and count equal the difference"),
        )
    } else if amount == wanted.amount {
        (
            Fit::Amount,
            format!("可能与这 1 笔（{zh}）有关：金额等于差额，笔数不一致"),
            format!(
                "possibly related to this row ({en}): the amount equals the difference, the count does not"
            ),
        )
    } else {
        let apart = Fen(amount.saturating_sub(wanted.amount).saturating_abs());
        (
            Fit::Near,
            format!("可能与这 1 笔（{zh}）有关：金额与差额相差 {apart} 元"),
            format!(
                "possibly related to this row ({en}): its amount is {apart} yuan away from the difference"
            ),
        )
    };
    Candidate {
        rank: 0,
        fit,
        text,
        text_en,
        count,
        amount: Some(amount),
        rows: vec![row(suspect)],
    }
}

fn whole(group: &CandidateGroup, total: Total, lines: Vec<Line>) -> Candidate {
    let mut suspects = Suspects::default();
    suspects.add(group, lines);
    let count = total.lines;
    Candidate {
        rank: 0,
        fit: Fit::Exact,
        text: format!(
            "可能是“{}”的全部 {count} 笔：金额与笔数的合计都等于差额",
            group.title.zh
        ),
        text_en: format!(
            "possibly all {count} rows of “{}”: their amount and count equal the difference",
            group.title.en
        ),
        count: total.count,
        amount: Some(total.amount.0),
        rows: suspects.0.iter().map(row).collect(),
    }
}

fn combinations(pool: &[Suspect], wanted: Wanted) -> Vec<Candidate> {
    let size = usize::try_from(wanted.count).unwrap_or_default();
    if !matches!(size, 2 | 3) {
        return Vec::new();
    }
    let mut pool: Vec<&Suspect> = pool.iter().filter(|row| row.line.count == 1).collect();
    // The largest first, so that the bound cuts off the small change.
    pool.sort_by_key(|row| std::cmp::Reverse(amount_of(row)));
    let amounts: Vec<i64> = pool.iter().map(|row| amount_of(row)).collect();
    let found = subsets(&amounts, wanted.amount, size, MAX_SUBSETS);
    let note = if found.has_more {
        "；另有更多组合"
    } else {
        ""
    };
    let note_en = if found.has_more {
        "; there are more such combinations"
    } else {
        ""
    };
    let combination = |subset: &Vec<usize>| {
        let rows: Vec<CandidateRow> = subset
            .iter()
            .filter_map(|at| pool.get(*at))
            .map(|suspect| row(suspect))
            .collect();
        Candidate {
            rank: 0,
            fit: Fit::Exact,
            text: format!("可能是这 {size} 笔的组合：金额与笔数的合计都等于差额{note}"),
            text_en: format!(
                "possibly these {size} rows together: their amount and count equal the difference{note_en}"
            ),
            count: wanted.count,
            amount: Some(wanted.amount),
            rows,
        }
    };
    found.found.iter().map(combination).collect()
}

fn missing(check: &Explaining) -> Candidate {
    Candidate {
        rank: 0,
        fit: Fit::Missing,
        text: format!(
            "可能来自“{}”：共 {} 项，其金额未知",
            check.title.zh, check.lines
        ),
        text_en: format!(
            "possibly from “{}”: {} of them, whose amounts are not known",
            check.title.en, check.lines
        ),
        count: check.lines,
        amount: None,
        rows: check
            .objects
            .iter()
            .map(|object| CandidateRow {
                object: object.clone(),
                amount: None,
                dataset: String::new(),
                file: 0,
                record: 0,
                offset: 0,
                length: 0,
            })
            .collect(),
    }
}

/// The best first, each with its rank; near ones only when nothing fits exactly.
fn rank(mut candidates: Vec<Candidate>, wanted: Wanted) -> Vec<Candidate> {
    let is_exact = candidates.iter().any(|one| one.fit == Fit::Exact);
    candidates.retain(|one| !is_exact || one.fit != Fit::Near);
    let apart = |one: &Candidate| match (one.fit, one.amount) {
        (Fit::Near, Some(amount)) => amount.saturating_sub(wanted.amount).saturating_abs(),
        _ => 0,
    };
    // Stable: what is equal stays in the order of the plan.
    candidates.sort_by_key(|one| (one.fit, apart(one)));
    candidates.truncate(MAX_CANDIDATES);
    for (rank, candidate) in (1..).zip(&mut candidates) {
        candidate.rank = rank;
    }
    candidates
}

fn amount_of(suspect: &Suspect) -> i64 {
    suspect.line.amount.unwrap_or_default().0
}

fn titles(titles: &[Title]) -> (String, String) {
    let joined =
        |pick: fn(&Title) -> &str, by: &str| titles.iter().map(pick).collect::<Vec<_>>().join(by);
    (
        joined(|title| &title.zh, "、"),
        joined(|title| &title.en, ", "),
    )
}

fn row(suspect: &Suspect) -> CandidateRow {
    let lineage = suspect.line.lineage;
    CandidateRow {
        object: suspect.line.object.clone(),
        amount: suspect.line.amount.map(|Fen(fen)| fen),
        dataset: suspect.dataset.clone(),
        file: lineage.file.0,
        record: lineage.record,
        offset: lineage.offset,
        length: lineage.length,
    }
}
