//! By when a partner must acknowledge what was sent, and what becomes of a delivery past that.
//!
//! Responsible for the moment and for marking. Looking at deliveries marks nothing: whoever shows
//! one asks [`DeliveryRow::as_of`], so that no screen ever waits for a load. The one invariant:
//! each passing of a deadline is marked once, with one alert in the same transaction.

use chrono::{DateTime, Duration, NaiveTime, Utc};
use serde_json::json;

use super::{Engine, EngineError};
use crate::calendar::Calendar;
use crate::clock::Clock;
use crate::job::{AcknowledgeWithin, JobKind, SendPlan};
use crate::ledger::{self, DELIVERY_OVERDUE, DeliveryRow, Level, NewEvent};

impl Engine {
    /// Marks what the partner did not acknowledge in time as overdue; says so in one sentence
    /// each. Call it after everything that came was handled: an acknowledgement that lies in the
    /// inbox already is no reason for an alert.
    pub async fn note_overdue(&self) -> Result<Vec<String>, EngineError> {
        let now = self.clock.now();
        let mut sentences = Vec::new();
        let mut tx = self.db.begin().await?;
        for row in ledger::mark_overdue(&mut tx, now).await? {
            let due = row.due_at.map(|due| self.clock.local(due));
            let sentence = format!(
                "delivery {} `{}` was not acknowledged by {}",
                row.delivery_no,
                row.name,
                due.map(|due| due.format("%Y-%m-%d %H:%M").to_string())
                    .unwrap_or_default()
            );
            let event = NewEvent {
                level: Level::Alert,
                name: DELIVERY_OVERDUE.id,
                partner: Some(&row.partner),
                file: row.answers_file,
                sentence: &sentence,
                fields: json!({ "delivery": row.delivery_no.0, "number": row.message_no }),
            };
            ledger::raise(&mut tx, &event, now).await?;
            sentences.push(sentence);
        }
        tx.commit().await?;
        Ok(sentences)
    }

    /// By when something sent at a moment must be acknowledged.
    pub(super) fn due_at(
        &self,
        within: &AcknowledgeWithin,
        sent_at: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, EngineError> {
        let calendar = match within {
            AcknowledgeWithin::Hours(_) => Calendar::every_day(),
            AcknowledgeWithin::WorkingDays { calendar, .. } => self.calendar(calendar)?,
        };
        Ok(due(within, sent_at, &calendar, &self.clock))
    }

    /// The same for a delivery that was composed earlier, perhaps for an earlier sending: the time
    /// runs from when it is sent. `None` when the configuration has no such message any more; then
    /// what the books say stands.
    pub(super) fn due_when_sent(
        &self,
        row: &DeliveryRow,
        sent_at: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, EngineError> {
        let goes_by = |send: &SendPlan| {
            send.connection.as_str() == row.connection && send.folder.to_string() == row.path
        };
        let declared = self
            .configuration
            .jobs
            .values()
            .find_map(|job| match &job.kind {
                JobKind::Pull(plan) => {
                    let answer = plan.answer.as_ref()?;
                    let send = plan.sends.get(&answer.send)?;
                    (answer.mapping.name.as_str() == row.mapping && goes_by(send))
                        .then_some(answer.acknowledge.as_ref())
                }
                JobKind::Push(plan) => (plan.mapping.name.as_str() == row.mapping
                    && goes_by(&plan.send))
                .then_some(plan.acknowledge.as_ref()),
                _ => None,
            });
        declared
            .flatten()
            .map(|within| self.due_at(within, sent_at))
            .transpose()
    }
}

/// The end of a deadline that begins at a moment. Where the calendar lacks a year that is needed,
/// natural days count: that is never later than the true end, and an alert too early is seen.
fn due(
    within: &AcknowledgeWithin,
    from: DateTime<Utc>,
    calendar: &Calendar,
    clock: &Clock,
) -> DateTime<Utc> {
    match within {
        AcknowledgeWithin::Hours(hours) => from + Duration::hours(i64::from(*hours)),
        AcknowledgeWithin::WorkingDays { days, .. } => {
            let day = clock.local(from).date_naive();
            let natural = Duration::days(i64::from(*days));
            let last = i32::try_from(*days)
                .ok()
                .and_then(|days| calendar.add_working_days(day, days).ok())
                .unwrap_or(day + natural);
            let midnight = (last + Duration::days(1)).and_time(NaiveTime::MIN);
            clock.instant_of(midnight).unwrap_or(from + natural)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Problems, Source};

    const HOLIDAY: &str =
        "date\tkind\tnote\n2026-02-16\trest\t除夕\n2026-02-14\tmakeup_work\t补班\n";

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    #[test]
    fn a_deadline_ends_after_hours_or_with_a_working_day_of_the_zone() {
        let zone = crate::clock::parse_zone("Asia/Shanghai").expect("a zone");
        let mut problems = Problems::new();
        let source = Source::new("cn.tsv", HOLIDAY);
        let calendar = Calendar::from_tsv(&source, &mut problems).expect("a calendar");
        let days = |days| AcknowledgeWithin::WorkingDays {
            days,
            calendar: "cn".to_owned(),
        };
        for (within, from, until) in [
            (
                AcknowledgeWithin::Hours(24),
                "2026-02-13T09:30:00Z",
                "2026-02-14T09:30:00Z",
            ),
            // Friday; the make-up Saturday works.
            (days(1), "2026-02-13T09:30:00Z", "2026-02-14T16:00:00Z"),
            // Sunday and the holiday on Monday do not.
            (days(2), "2026-02-13T09:30:00Z", "2026-02-17T16:00:00Z"),
            // It is Saturday already in the zone.
            (days(1), "2026-02-13T16:30:00Z", "2026-02-17T16:00:00Z"),
            // The calendar has no 2027: natural days, too early rather than too late.
            (days(2), "2027-02-12T01:00:00Z", "2027-02-14T16:00:00Z"),
        ] {
            let from = moment(from);
            let clock = Clock::fixed(from, zone);
            assert_eq!(
                due(&within, from, &calendar, &clock),
                moment(until),
                "{from}"
            );
        }
    }
}
