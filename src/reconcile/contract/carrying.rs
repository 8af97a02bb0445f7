//! Open items: what waits, what clears it, and what a newer version does.

use super::hub;
use super::sides::{Keyed, Sides, row};
use super::world::{DAY, World};
use hub::ledger::ClosedAs;
use hub::reconcile::Figure;

const WAITING: &str = r#"
[[match.pass]]
name = "id"
title = "流水号一致"
on = ["id"]

[match.transit]
days = 2
"#;

/// Tuesday to Monday after [`DAY`].
const TUESDAY: &str = "2026-03-03";
const WEDNESDAY: &str = "2026-03-04";
const FRIDAY: &str = "2026-03-06";
const SATURDAY: &str = "2026-03-07";
const SUNDAY: &str = "2026-03-08";
const MONDAY: &str = "2026-03-09";
const NEXT_TUESDAY: &str = "2026-03-10";

pub(crate) async fn a_row_that_comes_a_day_late_clears_the_open_item(world: &World) {
    for keyed in [Keyed::ById, Keyed::ByLine] {
        let (first, second, third) = match keyed {
            Keyed::ById => (DAY, TUESDAY, WEDNESDAY),
            Keyed::ByLine => ("2026-03-16", "2026-03-17", "2026-03-18"),
        };
        let sides = Sides::new(world, keyed, WAITING).await;
        sides
            .till(first, &[row(1, "late", "1.00"), row(2, "in time", "2.00")])
            .await;
        sides
            .bank(first, &[row(1, "in time", "2.00"), row(2, "early", "4.00")])
            .await;
        let one = sides.match_day(first).await;
        assert_eq!(one.outcome.breaks(), 0, "what waits is no break");
        assert_eq!(one.outcome.in_transit(), 2);
        assert_eq!(one.outcome.ours.in_transit, Figure::new(1, 100));
        sides.till(second, &[row(3, "early", "4.00")]).await;
        sides
            .bank(second, &[row(3, "late", "1.00"), row(4, "new", "8.00")])
            .await;
        let two = sides.match_day(second).await;
        assert_eq!(two.outcome.cleared, 2);
        assert_eq!(two.outcome.ours.loaded, Figure::new(1, 400));
        assert_eq!(two.outcome.ours.carried, Figure::new(1, 100));
        assert_eq!(two.outcome.ours.matched, [Figure::new(2, 500)]);
        assert_eq!(two.outcome.theirs.carried, Figure::new(1, 400));
        assert_eq!(two.outcome.theirs.in_transit, Figure::new(1, 800));
        let ended = sides.breaks(&one).await;
        assert!(ended.iter().all(|item| item.closed_by == Some(two.recon)));
        assert!(
            ended
                .iter()
                .all(|item| item.closed_as == Some(ClosedAs::Matched))
        );
        // The new one goes on with the day it was first seen.
        let three = sides.match_day(third).await;
        let waiting = sides.breaks(&three).await;
        let seen: Vec<String> = waiting
            .iter()
            .map(|item| item.first_seen.to_string())
            .collect();
        assert_eq!(seen, [second]);
        let closed = sides.breaks(&two).await;
        assert!(
            closed
                .iter()
                .all(|item| item.closed_as == Some(ClosedAs::Carried))
        );
    }
}

pub(crate) async fn what_waited_for_two_working_days_is_a_break(world: &World) {
    let sides = Sides::new(world, Keyed::ById, WAITING).await;
    sides.till(FRIDAY, &[row(1, "a", "1.00")]).await;
    for (day, breaks) in [
        (FRIDAY, 0),
        (SATURDAY, 0),
        (SUNDAY, 0),
        (MONDAY, 0),
        (NEXT_TUESDAY, 1),
    ] {
        let recorded = sides.match_day(day).await;
        assert_eq!(recorded.outcome.breaks(), breaks, "{day}");
        let kind = if breaks == 0 {
            "in_transit"
        } else {
            "one_sided_ours"
        };
        assert_eq!(
            sides.shown(&recorded).await,
            [format!("{kind} id=a -100")],
            "{day}"
        );
    }
    // A break is found once: it stays open where it was found.
    let after = sides.match_day("2026-03-11").await;
    assert!(after.outcome.agrees());
    assert_eq!(after.outcome.ours.carried, Figure::ZERO);
    // And what belongs to it may still come.
    sides.bank("2026-03-12", &[row(1, "a", "1.00")]).await;
    let cleared = sides.match_day("2026-03-12").await;
    assert_eq!(cleared.outcome.cleared, 1);
    assert_eq!(cleared.outcome.ours.carried, Figure::new(1, 100));
    assert!(cleared.outcome.agrees());
}

pub(crate) async fn a_late_row_with_another_amount_is_a_break_of_its_day(world: &World) {
    let sides = Sides::new(world, Keyed::ById, WAITING).await;
    sides.till(DAY, &[row(1, "a", "1.00")]).await;
    let one = sides.match_day(DAY).await;
    sides.bank(TUESDAY, &[row(1, "a", "3.00")]).await;
    let two = sides.match_day(TUESDAY).await;
    assert_eq!(sides.shown(&two).await, ["amount id=a 200"]);
    assert_eq!(two.outcome.ours.broken, Figure::new(1, 100));
    assert_eq!(two.outcome.theirs.broken, Figure::new(1, 300));
    assert_eq!(
        sides.ends(&one).await,
        [format!("id=a closed {} carried", two.recon)]
    );
}

pub(crate) async fn a_newer_version_takes_back_what_the_older_one_cleared(world: &World) {
    let sides = Sides::new(world, Keyed::ById, WAITING).await;
    sides.till(DAY, &[row(1, "a", "1.00")]).await;
    let one = sides.match_day(DAY).await;
    sides.bank(TUESDAY, &[row(1, "a", "1.00")]).await;
    let two = sides.match_day(TUESDAY).await;
    assert_eq!(two.outcome.cleared, 1);
    let again = sides.match_day(TUESDAY).await;
    assert_eq!((again.version, &again.outcome), (2, &two.outcome));
    assert_eq!(
        sides.ends(&one).await,
        [format!("id=a closed {} matched", again.recon)]
    );
    // The bank takes its row back: the item waits again.
    sides.remove(false, "a").await;
    let third = sides.match_day(TUESDAY).await;
    assert_eq!(third.outcome.cleared, 0);
    assert_eq!(sides.shown(&third).await, ["in_transit id=a -100"]);
    assert_eq!(
        sides.ends(&one).await,
        [format!("id=a closed {} carried", third.recon)]
    );
}

pub(crate) async fn an_earlier_day_matched_again_keeps_what_a_later_one_cleared(world: &World) {
    let sides = Sides::new(world, Keyed::ById, WAITING).await;
    sides
        .till(DAY, &[row(1, "a", "1.00"), row(2, "b", "2.00")])
        .await;
    sides.match_day(DAY).await;
    sides.bank(TUESDAY, &[row(1, "a", "1.00")]).await;
    let two = sides.match_day(TUESDAY).await;
    let again = sides.match_day(DAY).await;
    assert_eq!(again.outcome.later_days, 1);
    assert_eq!(
        sides.ends(&again).await,
        [
            format!("id=a closed {} matched", two.recon),
            format!("id=b closed {} carried", two.recon),
        ]
    );
    // The later day finds the same as before.
    let later = sides.match_day(TUESDAY).await;
    assert_eq!(later.outcome, two.outcome);
    assert_eq!(
        sides.ends(&again).await,
        [
            format!("id=a closed {} matched", later.recon),
            format!("id=b closed {} carried", later.recon),
        ]
    );
}

pub(crate) async fn an_item_whose_row_is_gone_is_closed(world: &World) {
    let sides = Sides::new(world, Keyed::ById, WAITING).await;
    sides.till(DAY, &[row(1, "a", "1.00")]).await;
    let one = sides.match_day(DAY).await;
    sides.remove(true, "a").await;
    let two = sides.match_day(TUESDAY).await;
    assert_eq!((two.outcome.gone, two.outcome.cleared), (1, 0));
    assert!(two.outcome.agrees());
    assert_eq!(
        sides.ends(&one).await,
        [format!("id=a closed {} gone", two.recon)]
    );
}

pub(crate) async fn a_newer_version_of_a_day_closes_the_breaks_of_the_older(world: &World) {
    let passes = WAITING.replace("days = 2", "days = 0");
    let sides = Sides::new(world, Keyed::ById, &passes).await;
    sides
        .till(
            DAY,
            &[
                row(1, "a", "1.00"),
                row(2, "b", "2.00"),
                row(3, "c", "4.00"),
            ],
        )
        .await;
    let one = sides.match_day(DAY).await;
    assert_eq!(one.outcome.breaks(), 3);
    let dispose = "UPDATE ledger_break SET state = 'disposed' WHERE object = 'id=c'";
    world
        .db
        .execute(dispose, &[])
        .await
        .expect("two people agreed");
    sides.bank(DAY, &[row(1, "a", "1.00")]).await;
    let two = sides.match_day(DAY).await;
    assert_eq!(
        sides.ends(&one).await,
        [
            format!("id=a closed {} gone", two.recon),
            format!("id=b closed {} carried", two.recon),
            "id=c disposed 0 ".to_owned(),
        ]
    );
    assert_eq!(sides.ends(&two).await, ["id=b open 0 ", "id=c disposed 0 "]);
}

pub(crate) async fn an_open_item_whose_key_comes_again_is_a_duplicate(world: &World) {
    for keyed in [Keyed::ById, Keyed::ByLine] {
        let (first, second) = match keyed {
            Keyed::ById => (DAY, TUESDAY),
            Keyed::ByLine => ("2026-03-16", "2026-03-17"),
        };
        let sides = Sides::new(world, keyed, WAITING).await;
        sides.till(first, &[row(1, "a", "1.00")]).await;
        sides.match_day(first).await;
        sides.till(second, &[row(2, "a", "1.00")]).await;
        sides.bank(second, &[row(1, "a", "1.00")]).await;
        let two = sides.match_day(second).await;
        assert_eq!(two.outcome.ours.matched, [Figure::new(1, 100)]);
        let breaks = sides.breaks(&two).await;
        let shown: Vec<_> = breaks
            .iter()
            .map(|one| (one.kind.as_str(), one.ours_record))
            .collect();
        assert_eq!(shown, [("duplicate", Some(1))], "{keyed:?}");
    }
}

pub(crate) async fn a_calendar_without_the_year_is_an_error_and_nothing_is_kept(world: &World) {
    let sides = Sides::new(world, Keyed::ById, WAITING).await;
    let error = sides
        .try_match("2019-03-01")
        .await
        .expect_err("no such year");
    assert_eq!(
        error.to_string(),
        "calendar `cn` has no rows for 2019: add that year's holidays to it"
    );
}
