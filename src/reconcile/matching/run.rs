//! One matching from beginning to end, in the caller's transaction.

use chrono::NaiveDate;

use super::figures::Taken;
use super::outcome::{MatchOutcome, MatchRecorded};
use super::plan::{MatchPlan, PassKind, Whose};
use super::transit::first_day_in_transit;
use super::work::Matching;
use crate::db::Transaction;
use crate::reconcile::selection::Scene;
use crate::reconcile::{Context, ReconcileError};

/// Matches the rows of a day and keeps the result in the ledger, all in the caller's transaction.
///
/// Open items of earlier days take part: those in transit, and one-sided breaks. What is matched
/// of them is closed by this reconciliation; what is still in transit, or no longer, goes on in
/// it. A newer version of the same day closes the older ones' breaks and takes back what they
/// closed of earlier days before it begins.
pub async fn match_day(
    tx: &mut Transaction,
    plan: &MatchPlan,
    (name, business_date): (&str, NaiveDate),
    context: Context<'_>,
) -> Result<MatchRecorded, ReconcileError> {
    let scene = Scene {
        day: business_date,
        given: context.given,
    };
    let first_in_transit = first_day_in_transit(plan.transit, business_date, context.calendar)?;
    let mut matching = Matching::new(tx, plan, name, scene);
    matching.lock().await?;
    matching.take_back().await?;
    matching.open().await?;
    let taken = matching.take_both().await?;
    for whose in Whose::BOTH {
        matching.take_open(whose).await?;
    }
    matching.analyze().await?;
    for (number, pass) in plan.passes.iter().enumerate() {
        matching.index(number, pass).await?;
        match &pass.kind {
            PassKind::Exact(duplicates) => matching.exact(number, pass, *duplicates).await?,
            PassKind::Near { amount, time } => {
                matching
                    .near(number, pass, (*amount, time.as_ref()))
                    .await?;
            }
            PassKind::Grouped { many, amount } => {
                matching.grouped(number, pass, (*many, *amount)).await?;
            }
        }
        matching.claim(number).await?;
    }
    matching.decide_rest(first_in_transit).await?;
    let outcome = matching.outcome(taken).await?;
    let recorded = matching.keep(outcome, context.now).await?;
    matching.drop_tables().await?;
    Ok(recorded)
}

impl Matching<'_> {
    async fn outcome(&mut self, taken: [Taken; 2]) -> Result<MatchOutcome, ReconcileError> {
        let [ours, theirs] = taken;
        Ok(MatchOutcome {
            name: self.name.to_owned(),
            business_date: self.scene.day,
            ours: self.side_figures(Whose::Ours, ours).await?,
            theirs: self.side_figures(Whose::Theirs, theirs).await?,
            found: self.break_figures().await?,
            cleared: self.cleared().await?,
            gone: self.close_gone_count().await?,
            later_days: self.later_days().await?,
        })
    }
}
