//! One reconciliation: both sides added up, their difference, the checks, the candidates.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use super::checks::{self, Checked};
use super::figure::{Figure, Signs};
use super::outcome::{Outcome, PartFigure, Recorded};
use super::plan::{Funds, Part, PartSource, ReconcilePlan, Side};
use super::selection::{Group, Line, Listing, Scene, Selection};
use super::{ReconcileError, Title, book, candidates, local_date};
use crate::calendar::Calendar;
use crate::dataset::{Given, Reader};
use crate::db::Transaction;
use crate::id::Fen;
use crate::ledger::{BreakKind, BreakState, FundsEffect, NewBreak};

/// What a reconciliation needs beside its plan.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The moment of the run; ages and deadlines are as of its local day.
    pub now: DateTime<Utc>,
    /// The calendar that the plan names.
    pub calendar: &'a Calendar,
    /// The zone and the named texts of the settings.
    pub given: &'a Given,
}

/// The reason word of a difference between the two sides.
pub const DIFFERENCE: &str = "difference";
/// The reason word of a day without the other side's statement.
pub const NO_STATEMENT: &str = "no_statement";
/// The reason word of rows whose amount is not known.
pub const AMOUNT_UNKNOWN: &str = "amount_unknown";

/// The most statement rows that an outcome keeps.
const MAX_STATEMENTS: i64 = 100;

/// Reconciles a day and keeps the result in the ledger, all in the caller's transaction. It sees
/// what the transaction changed, so that a load can ask whether the statement it brings agrees.
///
/// A newer version of the same name and day closes the open breaks of the older ones; those that
/// still hold go on in it with the day they were first seen.
pub async fn run(
    tx: &mut Transaction,
    plan: &ReconcilePlan,
    (name, business_date): (&str, NaiveDate),
    context: Context<'_>,
) -> Result<Recorded, ReconcileError> {
    let outcome = compute(
        &mut Reader::from(&mut *tx),
        plan,
        (name, business_date),
        context,
    )
    .await?;
    book::record(tx, plan, outcome, context.now).await
}

/// Reconciles a day and keeps nothing.
pub async fn compute(
    reader: &mut Reader<'_>,
    plan: &ReconcilePlan,
    (name, business_date): (&str, NaiveDate),
    context: Context<'_>,
) -> Result<Outcome, ReconcileError> {
    let scene = Scene {
        day: business_date,
        given: context.given,
    };
    let as_of = local_date(context.now, context.given);
    let (statements, claimed) = match &plan.claimed {
        None => (Vec::new(), None),
        Some(claimed) => {
            let rows = statements(reader, &claimed.selection, scene).await?;
            let figure = add_up(&rows, &claimed.title.zh)?;
            (rows, figure)
        }
    };
    let parts = part_figures(reader, plan, scene).await?;
    let ours = parts.iter().try_fold(Figure::ZERO, |sum, part| {
        sum.plus(part.signs, part.figure, part.name.as_str())
    })?;
    let difference = claimed
        .map(|claimed| claimed.minus(ours, DIFFERENCE))
        .transpose()?;
    let unpriced: i64 = parts.iter().map(|part| part.unpriced).sum();
    let checked = checks::run(reader, plan, scene, (as_of, context.calendar)).await?;
    let mut outcome = Outcome {
        name: name.to_owned(),
        business_date,
        as_of,
        agrees: difference.is_some_and(Figure::is_zero) && unpriced == 0,
        claimed,
        statements,
        parts,
        ours,
        difference,
        breaks: Vec::new(),
        not_checked: Vec::new(),
    };
    let mut breaks = match &plan.claimed {
        None => Vec::new(),
        Some(claimed) => {
            let name = &claimed.title;
            total_breaks(reader, (plan, name), scene, &outcome, &checked).await?
        }
    };
    breaks.extend(checked.breaks);
    if plan.is_inspection() {
        outcome.agrees = breaks.is_empty() && checked.not_checked.is_empty();
    }
    outcome.breaks = breaks;
    outcome.not_checked = checked.not_checked;
    Ok(outcome)
}

async fn statements(
    reader: &mut Reader<'_>,
    selection: &Selection,
    scene: Scene<'_>,
) -> Result<Vec<Line>, ReconcileError> {
    let listing = Listing {
        limit: Some(MAX_STATEMENTS),
        ..Listing::default()
    };
    selection.lines(reader, listing, scene).await
}

/// What the statement's rows say together; `None` if there is none.
fn add_up(statements: &[Line], what: &str) -> Result<Option<Figure>, ReconcileError> {
    if statements.is_empty() {
        return Ok(None);
    }
    let add = |sum: Figure, line: &Line| {
        let figure = Figure {
            count: line.count,
            amount: line.amount.unwrap_or_default(),
        };
        sum.plus(Signs::PLUS, figure, what)
    };
    statements.iter().try_fold(Figure::ZERO, add).map(Some)
}

async fn part_figures(
    reader: &mut Reader<'_>,
    plan: &ReconcilePlan,
    scene: Scene<'_>,
) -> Result<Vec<PartFigure>, ReconcileError> {
    let mut figures = Vec::with_capacity(plan.parts.len());
    for part in &plan.parts {
        figures.push(part_figure(reader, part, scene).await?);
    }
    Ok(figures)
}

/// What one part of our side comes to on a day.
pub async fn part_figure(
    reader: &mut Reader<'_>,
    part: &Part,
    scene: Scene<'_>,
) -> Result<PartFigure, ReconcileError> {
    let (groups, unknown) = match &part.source {
        PartSource::Unknown(reason) => (Vec::new(), Some(reason.clone())),
        PartSource::Rows(selection) => (all_groups(reader, selection, scene).await?, None),
    };
    let figure = groups.iter().try_fold(Figure::ZERO, |sum, group| {
        let figure = Figure {
            count: group.count,
            amount: group.amount,
        };
        sum.plus(Signs::PLUS, figure, part.name.as_str())
    })?;
    Ok(PartFigure {
        name: part.name.clone(),
        title: part.title.clone(),
        signs: part.signs,
        figure,
        unpriced: groups.iter().map(|group| group.unpriced).sum(),
        unknown,
        groups,
    })
}

/// The groups that have rows and the listed ones that have none, in the order of the list.
async fn all_groups(
    reader: &mut Reader<'_>,
    selection: &Selection,
    scene: Scene<'_>,
) -> Result<Vec<Group>, ReconcileError> {
    let mut groups = selection.groups(reader, scene).await?;
    let listed = selection.listed(reader, scene).await?;
    let counted: std::collections::HashSet<String> =
        groups.iter().map(|group| group.object.clone()).collect();
    groups.extend(
        listed
            .into_iter()
            .filter(|group| !counted.contains(&group.object)),
    );
    groups.sort_by_key(|group| order(&group.key));
    Ok(groups)
}

/// A key as bytes that sort as its values do.
fn order(key: &[crate::value::Value]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in key {
        crate::record::push_key(&mut bytes, value.borrow());
    }
    bytes
}

/// The breaks of the totals: a difference, no statement, amounts that are not known.
async fn total_breaks(
    reader: &mut Reader<'_>,
    (plan, name): (&ReconcilePlan, &Title),
    scene: Scene<'_>,
    outcome: &Outcome,
    checked: &Checked,
) -> Result<Vec<NewBreak>, ReconcileError> {
    let mut breaks = Vec::new();
    match outcome.difference {
        None => breaks.push(no_statement(name, outcome)),
        Some(difference) if difference.is_zero() => {}
        Some(difference) => {
            let mut found = difference_break((plan.funds, name), outcome, difference);
            let candidates = candidates::find(reader, plan, scene, difference, checked).await?;
            found.candidates = serde_json::to_value(candidates).unwrap_or_default();
            breaks.push(found);
        }
    }
    breaks.extend(
        outcome
            .parts
            .iter()
            .filter(|part| part.unpriced > 0)
            .map(|part| {
                let title = format!(
                    "“{}”中 {} 笔没有金额，合计不完整",
                    part.title.zh, part.unpriced
                );
                let title_en = format!(
                    "{} rows of “{}” have no amount: the sum is incomplete",
                    part.unpriced, part.title.en
                );
                NewBreak {
                    kind: BreakKind::Element,
                    reason: Some(AMOUNT_UNKNOWN.to_owned()),
                    count: part.unpriced,
                    object: part.name.to_string(),
                    detail: json!({"title_en": title_en, "amount_known": false}),
                    title,
                    ..blank(outcome.business_date)
                }
            }),
    );
    Ok(breaks)
}

/// Which way the other side differs; by the amount, and by the count when the amounts agree.
pub(super) fn side(difference: Figure) -> Side {
    let sign = match difference.amount {
        Fen(0) => difference.count,
        Fen(amount) => amount,
    };
    if sign < 0 { Side::Less } else { Side::More }
}

fn difference_break(
    (funds, name): (Funds, &Title),
    outcome: &Outcome,
    difference: Figure,
) -> NewBreak {
    let effect = match difference.amount {
        Fen(0) => FundsEffect::None,
        _ => funds.effect(side(difference)),
    };
    let claimed = outcome.claimed.unwrap_or_default();
    NewBreak {
        kind: BreakKind::Amount,
        funds_effect: effect,
        reason: Some(DIFFERENCE.to_owned()),
        amount: difference.amount.0,
        count: difference.count,
        object: "total".to_owned(),
        title: format!(
            "{}与我方合计不符：相差 {} 笔、{} 元",
            name.zh, difference.count, difference.amount
        ),
        detail: json!({
            "title_en": format!(
                "{} and our total differ by {} rows and {} yuan",
                name.en, difference.count, difference.amount
            ),
            "amount_known": true,
            "claimed": {"count": claimed.count, "amount": claimed.amount.0},
            "ours": {"count": outcome.ours.count, "amount": outcome.ours.amount.0},
        }),
        ..blank(outcome.business_date)
    }
}

fn no_statement(name: &Title, outcome: &Outcome) -> NewBreak {
    NewBreak {
        kind: BreakKind::InTransit,
        reason: Some(NO_STATEMENT.to_owned()),
        object: "total".to_owned(),
        title: format!("未收到 {} 的{}", outcome.business_date, name.zh),
        detail: json!({
            "title_en": format!("there is no {} for {}", name.en, outcome.business_date),
            "amount_known": false,
        }),
        ..blank(outcome.business_date)
    }
}

/// An open break about nothing yet.
pub(super) fn blank(day: NaiveDate) -> NewBreak {
    NewBreak {
        kind: BreakKind::Element,
        funds_effect: FundsEffect::None,
        reason: None,
        state: BreakState::Open,
        amount: 0,
        count: 0,
        object: String::new(),
        title: String::new(),
        detail: json!({}),
        first_seen: day,
        candidates: json!([]),
    }
}
