//! The checks: every row found is a break.

use chrono::{Days, NaiveDate};
use serde_json::json;

use super::outcome::NotChecked;
use super::plan::{Check, Overdue, ReconcilePlan};
use super::run::blank;
use super::selection::{self, Line, Listing, Scene, Total};
use super::{ReconcileError, Side};
use crate::calendar::{Calendar, CalendarError, DeadlineKind};
use crate::dataset::Reader;
use crate::id::{Fen, Ident};
use crate::ledger::{BreakState, NewBreak};

/// The most breaks of one check that are listed each; the rest is one break with its totals.
pub const MAX_BREAKS_PER_CHECK: usize = 1_000;

/// What the checks found.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) breaks: Vec<NewBreak>,
    pub(super) not_checked: Vec<NotChecked>,
    /// Checks whose rows may explain a difference of that side, and how many rows they found.
    pub(super) explaining: Vec<Explaining>,
}

/// A check that may explain a difference although it knows no amounts.
#[derive(Debug, Clone)]
pub(super) struct Explaining {
    pub(super) side: Side,
    pub(super) title: super::Title,
    pub(super) lines: i64,
    pub(super) objects: Vec<String>,
}

pub(super) async fn run(
    reader: &mut Reader<'_>,
    plan: &ReconcilePlan,
    scene: Scene<'_>,
    (as_of, calendar): (NaiveDate, &Calendar),
) -> Result<Checked, ReconcileError> {
    let mut checked = Checked::default();
    for check in &plan.checks {
        let mut listing = Listing {
            limit: i64::try_from(MAX_BREAKS_PER_CHECK).ok(),
            beside: &check.show,
            ..Listing::default()
        };
        if let Some(lacking) = lacking(reader, check).await? {
            checked.not_checked.push(not_checked(
                check,
                format!("there are no rows in `{lacking}` yet"),
            ));
            continue;
        }
        if let Some(overdue) = &check.overdue {
            match first_day_in_time(overdue, as_of, calendar) {
                Ok(day) => {
                    listing.since = Some(&overdue.since);
                    listing.before = Some(day);
                }
                // Without the calendar's year nothing may be called in time.
                Err(error) => {
                    checked
                        .not_checked
                        .push(not_checked(check, error.to_string()));
                    continue;
                }
            }
        }
        let lines = check.selection.lines(reader, listing, scene).await?;
        let total = check.selection.total(reader, listing, scene).await?;
        checked.add(check, &lines, total, (scene.day, as_of, calendar));
    }
    Ok(checked)
}

/// A dataset that the check needs and that has no row.
async fn lacking<'c>(
    reader: &mut Reader<'_>,
    check: &'c Check,
) -> Result<Option<&'c Ident>, ReconcileError> {
    for name in &check.needs {
        if !selection::has_rows(reader, name).await? {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

fn not_checked(check: &Check, why: String) -> NotChecked {
    NotChecked {
        reason: check.reason.clone(),
        title: check.title.clone(),
        why,
    }
}

/// The earliest day whose rows are not yet overdue: all before it are.
fn first_day_in_time(
    overdue: &Overdue,
    as_of: NaiveDate,
    calendar: &Calendar,
) -> Result<NaiveDate, CalendarError> {
    let is_overdue =
        |day| Ok::<_, CalendarError>(calendar.deadline(day, overdue.deadline)? < as_of);
    let mut day = as_of;
    while !is_overdue(day)? {
        match day.checked_sub_days(Days::new(1)) {
            Some(earlier) => day = earlier,
            None => return Ok(day),
        }
    }
    Ok(day.checked_add_days(Days::new(1)).unwrap_or(day))
}

impl Checked {
    fn add(
        &mut self,
        check: &Check,
        lines: &[Line],
        total: Total,
        when: (NaiveDate, NaiveDate, &Calendar),
    ) {
        if let Some(side) = check.explains
            && total.lines > 0
        {
            self.explaining.push(Explaining {
                side,
                title: check.title.clone(),
                lines: total.lines,
                objects: lines
                    .iter()
                    .take(20)
                    .map(|line| line.object.clone())
                    .collect(),
            });
        }
        self.breaks
            .extend(lines.iter().map(|line| one(check, line, when)));
        if let Some(rest) = rest(check, lines, total, when.0) {
            self.breaks.push(rest);
        }
    }
}

fn one(
    check: &Check,
    line: &Line,
    (day, as_of, calendar): (NaiveDate, NaiveDate, &Calendar),
) -> NewBreak {
    let has_amount = check.selection.has_amount();
    let amount = line.amount.filter(|_| has_amount);
    let mut detail = json!({
        "title_en": check.title.en,
        "amount_known": amount.is_some(),
        "dataset": check.selection.dataset().name().as_str(),
        "file": line.lineage.file.0,
        "record": line.lineage.record,
        "offset": line.lineage.offset,
        "length": line.lineage.length,
    });
    if let (Some(overdue), Some(since), Some(detail)) =
        (&check.overdue, line.since, detail.as_object_mut())
    {
        let deadline = calendar.deadline(since, overdue.deadline).ok();
        let late = deadline.and_then(|deadline| match overdue.deadline.kind {
            DeadlineKind::Working => calendar.working_days_between(deadline, as_of).ok(),
            DeadlineKind::Natural | DeadlineKind::Months => Some((as_of - deadline).num_days()),
        });
        detail.insert("since".to_owned(), json!(since.to_string()));
        detail.insert(
            "deadline".to_owned(),
            json!(deadline.map(|day| day.to_string())),
        );
        detail.insert("days_late".to_owned(), json!(late));
        detail.insert(
            "working".to_owned(),
            json!(overdue.deadline.kind == DeadlineKind::Working),
        );
    }
    if let (false, Some(detail)) = (check.show.is_empty(), detail.as_object_mut()) {
        let shown = check.show.iter().zip(&line.beside);
        let shown: Vec<_> = shown.map(|(beside, value)| beside.shown(value)).collect();
        detail.insert("shown".to_owned(), json!(shown));
    }
    NewBreak {
        kind: check.kind,
        funds_effect: check.funds_effect,
        reason: Some(check.reason.to_string()),
        state: state(check),
        amount: amount.map_or(0, |amount| amount.0),
        // What is not known to be rows of the exchange counts none.
        count: if has_amount { line.count } else { 0 },
        object: line.object.clone(),
        title: check.title.zh.clone(),
        detail,
        ..blank(day)
    }
}

/// The rows beyond those that are listed each.
fn rest(check: &Check, lines: &[Line], total: Total, day: NaiveDate) -> Option<NewBreak> {
    let more = total.lines - i64::try_from(lines.len()).ok()?;
    if more <= 0 {
        return None;
    }
    let listed_amount: i64 = lines
        .iter()
        .filter_map(|line| line.amount)
        .map(|Fen(fen)| fen)
        .sum();
    let listed_count: i64 = lines.iter().map(|line| line.count).sum();
    let has_amount = check.selection.has_amount();
    Some(NewBreak {
        kind: check.kind,
        funds_effect: check.funds_effect,
        reason: Some(check.reason.to_string()),
        state: state(check),
        amount: if has_amount {
            total.amount.0 - listed_amount
        } else {
            0
        },
        count: if has_amount {
            total.count - listed_count
        } else {
            0
        },
        object: "rest".to_owned(),
        title: format!("{}：未逐项列出的其余 {more} 项", check.title.zh),
        detail: json!({
            "title_en": format!("{}: {more} more, not listed each", check.title.en),
            "amount_known": has_amount && total.unpriced == 0,
            "items": more,
        }),
        ..blank(day)
    })
}

fn state(check: &Check) -> BreakState {
    match check.overdue {
        Some(_) => BreakState::Overdue,
        None => BreakState::Open,
    }
}
