//! What becomes of breaks from day to day and from version to version.

use super::world::{LIFE, World, read_plan};

pub(crate) async fn a_row_that_comes_late_closes_the_break_it_explains(world: &World) {
    world.event("A", 1, "declared", "2026-03-01 10:00").await;
    let first = world.judge("2026-03-01").await;
    assert_eq!(first.outcome.breaks(), 1);
    world.event("A", 2, "registered", "2026-01-05").await;
    let second = world.judge("2026-03-02").await;
    assert_eq!((second.outcome.breaks(), second.outcome.gone), (0, 1));
    assert_eq!(
        world.states(first.recon).await,
        ["closed 2026-03-01 gone vin=A;step=declared"]
    );
    let rows = world.rows(first.recon).await;
    assert_eq!(
        rows.first().and_then(|row| row.closed_by),
        Some(second.recon)
    );
}

pub(crate) async fn a_break_that_still_holds_goes_on_with_its_first_day(world: &World) {
    world.event("A", 1, "declared", "2026-03-01 10:00").await;
    let first = world.judge("2026-03-01").await;
    let second = world.judge("2026-03-02").await;
    let again = world.judge("2026-03-02").await;
    assert_eq!((again.version, again.outcome.gone), (2, 0));
    let declared = "vin=A;step=declared";
    for (recon, state) in [
        (first.recon, "closed 2026-03-01 carried"),
        (second.recon, "closed 2026-03-01 carried"),
        (again.recon, "open 2026-03-01 -"),
    ] {
        assert_eq!(world.states(recon).await, [format!("{state} {declared}")]);
    }
}

pub(crate) async fn what_two_people_disposed_of_stays_disposed(world: &World) {
    world.event("A", 1, "declared", "2026-03-01 10:00").await;
    world.judge("2026-03-01").await;
    let sql = "UPDATE ledger_break SET state = 'disposed'";
    world.db.execute(sql, &[]).await.expect("disposed");
    for day in ["2026-03-02", "2026-03-03"] {
        let next = world.judge(day).await;
        assert_eq!(
            world.states(next.recon).await,
            ["disposed 2026-03-01 - vin=A;step=declared"]
        );
    }
}

pub(crate) async fn a_step_waits_some_days_for_the_one_before_it(world: &World) {
    let text = LIFE.replace("subject = \"vin\"", "subject = \"vin\"\nwait_days = 2");
    let (plan, _) = read_plan(&text);
    let plan = plan.expect("a plan");
    world.event("A", 1, "declared", "2026-03-01 10:00").await;
    for (day, breaks, waiting, shown) in [
        ("2026-03-01", 0, 1, "in_transit"),
        ("2026-03-02", 0, 1, "in_transit"),
        ("2026-03-03", 1, 0, "status"),
    ] {
        let recorded = world.judge_by(&plan, day).await;
        let figures = (recorded.outcome.breaks(), recorded.outcome.waiting);
        assert_eq!(figures, (breaks, waiting), "{day}");
        assert_eq!(
            world.breaks(recorded.recon).await,
            [format!(
                "{shown} missing_step vin=A;step=declared “申报”之前没有“登记”"
            )]
        );
    }
}

pub(crate) async fn what_happened_after_the_day_is_not_looked_at(world: &World) {
    world.event("A", 1, "declared", "2026-03-02 00:00").await;
    let before = world.judge("2026-03-01").await;
    assert_eq!((before.outcome.events, before.outcome.breaks()), (0, 0));
    let after = world.judge("2026-03-02").await;
    assert_eq!((after.outcome.events, after.outcome.breaks()), (1, 1));
}

pub(crate) async fn an_earlier_day_judged_again_leaves_nothing_open(world: &World) {
    world.event("A", 1, "declared", "2026-03-01 10:00").await;
    let later = world.judge("2026-03-03").await;
    let earlier = world.judge("2026-03-02").await;
    assert_eq!(
        world.states(later.recon).await,
        ["open 2026-03-03 - vin=A;step=declared"]
    );
    assert_eq!(
        world.states(earlier.recon).await,
        ["closed 2026-03-02 carried vin=A;step=declared"]
    );
}

pub(crate) async fn a_life_without_rows_agrees(world: &World) {
    let recorded = world.judge("2026-03-01").await;
    assert_eq!(
        (recorded.outcome.subjects, recorded.outcome.breaks()),
        (0, 0)
    );
    assert_eq!(world.timeline("A").await, []);
    assert_eq!(
        recorded.outcome.summary(&world.plan),
        serde_json::json!({
            "subject": "vin", "subjects": 0, "events": 0, "breaks": 0, "in_transit": 0, "found": {}, "gone": 0
        })
    );
    world.remove("car_event", 1).await;
}
