//! Which unmatched rows are still in transit.

use chrono::{Days, NaiveDate};

use super::plan::Whose;
use super::sql::table;
use super::work::Matching;
use crate::calendar::{Calendar, CalendarError, Deadline, DeadlineKind};
use crate::ledger::BreakKind;
use crate::reconcile::ReconcileError;

/// The earliest day whose rows are in transit when `day` is matched: those of which fewer than
/// `transit.number` days have passed, their own not counted. After `day` when none is.
pub(super) fn first_day_in_transit(
    transit: Deadline,
    day: NaiveDate,
    calendar: &Calendar,
) -> Result<NaiveDate, CalendarError> {
    let age = |from: NaiveDate| match transit.kind {
        DeadlineKind::Working => calendar.working_days_between(from, day),
        DeadlineKind::Natural | DeadlineKind::Months => Ok((day - from).num_days()),
    };
    let mut first = day.checked_add_days(Days::new(1)).unwrap_or(day);
    while let Some(earlier) = first.checked_sub_days(Days::new(1)) {
        if age(earlier)? >= i64::from(transit.number) {
            break;
        }
        first = earlier;
    }
    Ok(first)
}

impl Matching<'_> {
    /// Gives every row that no pass claimed its fate: `in_transit`, `one_sided`, or `stays` (an
    /// item that is a break of an earlier day already and goes on there).
    pub(super) async fn decide_rest(&mut self, first: NaiveDate) -> Result<(), ReconcileError> {
        for whose in Whose::BOTH {
            let sql = format!(
                "UPDATE {} SET mate = n, fate = CASE WHEN was <> '{transit}' THEN 'stays' \
                 WHEN day >= $1 THEN 'in_transit' ELSE 'one_sided' END WHERE fate IS NULL",
                table(whose),
                transit = BreakKind::InTransit,
            );
            self.execute(&sql, &[first.into()]).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_row_is_in_transit_for_so_many_days_its_own_counted() {
        let calendar = Calendar::every_day();
        let first = |number, kind| {
            first_day_in_transit(Deadline { number, kind }, day("2026-03-09"), &calendar)
                .expect("every year is covered")
        };
        assert_eq!(first(0, DeadlineKind::Natural), day("2026-03-10"));
        assert_eq!(first(1, DeadlineKind::Natural), day("2026-03-09"));
        assert_eq!(first(3, DeadlineKind::Natural), day("2026-03-07"));
        assert_eq!(first(3, DeadlineKind::Working), day("2026-03-07"));
    }
}
