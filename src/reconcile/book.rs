//! Keeps a reconciliation in the ledger, and closes what it no longer finds.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value as Json, json};

use super::ReconcileError;
use super::outcome::{Found, Outcome, Recorded};
use super::plan::{Check, ReconcilePlan};
use crate::db::{Row, Transaction};
use crate::ledger::{
    BreakState, ClosedAs, LedgerError, NewBreak, NewComponent, NewReconciliation,
    record_reconciliation,
};
use crate::value::Value;

/// A break of an earlier version that is not closed.
#[derive(Debug, Clone)]
struct Earlier {
    recon: i64,
    number: i64,
    state: BreakState,
    amount: i64,
    count: i64,
    first_seen: NaiveDate,
    detail: Json,
}

pub(super) async fn record(
    tx: &mut Transaction,
    plan: &ReconcilePlan,
    mut outcome: Outcome,
    now: DateTime<Utc>,
) -> Result<Recorded, ReconcileError> {
    let earlier = earlier(tx, plan, &outcome).await?;
    for found in &mut outcome.breaks {
        if let Some(known) = earlier.get(&identity(found)) {
            carry_over(found, known);
        }
    }
    let new = NewReconciliation {
        name: &outcome.name,
        business_date: outcome.business_date,
        agrees: outcome.agrees,
        summary: outcome.summary(),
        components: components(plan, &outcome),
        breaks: outcome.breaks.clone(),
    };
    let (recon, version) = record_reconciliation(tx, &new, now).await?;
    let closed = close(tx, &earlier, &outcome, recon.0).await?;
    Ok(Recorded {
        found: found(plan, &outcome, &earlier),
        outcome,
        recon,
        version,
        closed,
    })
}

/// How many new objects a [`Found`] names.
const MAX_NAMED: usize = 5;

/// The breaks that no version before had, for the checks that ask to be heard.
fn found(
    plan: &ReconcilePlan,
    outcome: &Outcome,
    earlier: &HashMap<Identity, Vec<Earlier>>,
) -> Vec<Found> {
    let of_check = |check: &Check| {
        let is_new = |found: &&NewBreak| {
            found.reason.as_deref() == Some(check.reason.as_str())
                && !earlier.contains_key(&identity(found))
        };
        let new: Vec<&NewBreak> = outcome.breaks.iter().filter(is_new).collect();
        let level = check.alert.filter(|_| !new.is_empty())?;
        Some(Found {
            level,
            reason: check.reason.clone(),
            title: check.title.clone(),
            items: new.len(),
            objects: new
                .iter()
                .take(MAX_NAMED)
                .map(|found| found.object.clone())
                .collect(),
        })
    };
    plan.checks.iter().filter_map(of_check).collect()
}

type Identity = (String, String);

fn identity(found: &NewBreak) -> Identity {
    (
        found.reason.clone().unwrap_or_default(),
        found.object.clone(),
    )
}

/// What was found before keeps the day it was first seen; what two people disposed of stays
/// disposed while it is the same break.
fn carry_over(found: &mut NewBreak, known: &[Earlier]) {
    for earlier in known {
        found.first_seen = found.first_seen.min(earlier.first_seen);
        let is_same = earlier.amount == found.amount && earlier.count == found.count;
        if earlier.state == BreakState::Disposed && is_same {
            found.state = BreakState::Disposed;
        }
    }
}

/// Breaks that earlier versions left: of this day, and of any day for checks that look at all
/// days (a dispute that is overdue is overdue in every day's reconciliation, and open once).
async fn earlier(
    tx: &mut Transaction,
    plan: &ReconcilePlan,
    outcome: &Outcome,
) -> Result<HashMap<Identity, Vec<Earlier>>, ReconcileError> {
    let mut args: Vec<Value> = vec![outcome.name.as_str().into(), outcome.business_date.into()];
    let undated = plan
        .checks
        .iter()
        .filter(|check| !check.selection.is_dated());
    let checked = undated.filter(|check| {
        let is_left_out = |other: &super::NotChecked| other.reason == check.reason;
        !outcome.not_checked.iter().any(is_left_out)
    });
    let mut places = Vec::new();
    for check in checked {
        args.push(check.reason.as_str().into());
        places.push(format!("b.reason = ${}", args.len()));
    }
    places.push("r.business_date = $2".to_owned());
    let mut left_out = String::new();
    for check in &outcome.not_checked {
        args.push(check.reason.as_str().into());
        left_out.push_str(&format!(" AND b.reason <> ${}", args.len()));
    }
    let sql = format!(
        "SELECT b.recon_no, b.break_no, b.state, b.amount, b.\"count\", b.first_seen, b.reason, \
         b.object, b.detail FROM ledger_break b \
         JOIN ledger_reconciliation r ON r.recon_no = b.recon_no \
         WHERE r.name = $1 AND b.state <> 'closed' AND ({}){left_out}",
        places.join(" OR ")
    );
    let mut found: HashMap<Identity, Vec<Earlier>> = HashMap::new();
    for row in &tx.query(&sql, &args).await? {
        let key = (
            row.opt_text(6)?.unwrap_or_default().to_owned(),
            row.text(7)?.to_owned(),
        );
        found.entry(key).or_default().push(restore(row)?);
    }
    Ok(found)
}

fn restore(row: &Row) -> Result<Earlier, ReconcileError> {
    let state = row.text(2)?;
    let damaged = |column, found: &str| LedgerError::Damaged {
        column,
        found: found.to_owned(),
    };
    let detail = row.text(8)?;
    Ok(Earlier {
        recon: row.int(0)?,
        number: row.int(1)?,
        state: BreakState::from_word(state).ok_or_else(|| damaged("ledger_break.state", state))?,
        amount: row.int(3)?,
        count: row.int(4)?,
        first_seen: row.date(5)?,
        detail: serde_json::from_str(detail)
            .map_err(|_json| damaged("ledger_break.detail", detail))?,
    })
}

/// Closes the earlier breaks: those that still hold go on in this version. A disposed one stays
/// as two people left it. Returns how many hold no longer.
async fn close(
    tx: &mut Transaction,
    earlier: &HashMap<Identity, Vec<Earlier>>,
    outcome: &Outcome,
    recon: i64,
) -> Result<usize, ReconcileError> {
    let still: std::collections::HashSet<Identity> = outcome.breaks.iter().map(identity).collect();
    let mut updates = Vec::new();
    let mut gone = 0;
    for (key, known) in earlier {
        let holds = still.contains(key);
        let open = known.iter().filter(|one| one.state != BreakState::Disposed);
        for one in open {
            gone += usize::from(!holds);
            let mut detail = one.detail.clone();
            if let Some(detail) = detail.as_object_mut() {
                detail.insert("closed_by".to_owned(), json!(recon));
                detail.insert("still_holds".to_owned(), json!(holds));
            }
            updates.push(vec![
                Value::Int(one.recon),
                Value::Int(one.number),
                detail.to_string().into(),
                Value::Int(recon),
                (if holds {
                    ClosedAs::Carried
                } else {
                    ClosedAs::Gone
                })
                .as_str()
                .into(),
            ]);
        }
    }
    let sql = "UPDATE ledger_break SET state = 'closed', detail = $3, closed_by = $4, closed_as = $5 \
               WHERE recon_no = $1 AND break_no = $2";
    tx.execute_many(sql, &updates).await?;
    Ok(gone)
}

/// The terms of the equation (an inspection has none): what the other side states, our parts, our total, the difference.
fn components(plan: &ReconcilePlan, outcome: &Outcome) -> Vec<NewComponent> {
    let Some(claimed) = &plan.claimed else {
        return Vec::new();
    };
    let component = |name: &str, title: &str, figure: Option<super::Figure>, detail| NewComponent {
        name: name.to_owned(),
        title: title.to_owned(),
        count: figure.map(|figure| figure.count),
        amount: figure.map(|figure| figure.amount.0),
        detail,
    };
    let mut components = vec![component(
        "claimed",
        &claimed.title.zh,
        outcome.claimed,
        json!({"dataset": claimed.selection.dataset().name().as_str()}),
    )];
    components.extend(outcome.parts.iter().map(|part| {
        let detail = json!({
            "amount_sign": part.signs.amount,
            "count_sign": part.signs.count,
            "unknown": part.unknown,
            "unpriced": part.unpriced,
            "groups": part.groups.len(),
        });
        let figure = part.unknown.is_none().then_some(part.figure);
        component(part.name.as_str(), &part.title.zh, figure, detail)
    }));
    components.push(component("ours", "我方合计", Some(outcome.ours), json!({})));
    components.push(component(
        "difference",
        "差额",
        outcome.difference,
        json!({}),
    ));
    components
}
