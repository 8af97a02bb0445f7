//! What is out of order in a life, and what is not.

use super::world::World;

const DAY: &str = "2026-03-31";

async fn lawful(world: &World, car: &str, id: i64) {
    for (at, (what, moment)) in (0_i64..).zip([
        ("registered", "2026-01-05"),
        ("declared", "2026-03-01 10:00"),
        ("refunded", "2026-03-10 09:00"),
        ("deregistered", "2026-03-12 09:00"),
    ]) {
        world.event(car, id + at, what, moment).await;
    }
}

pub(crate) async fn a_life_in_order_has_no_break(world: &World) {
    lawful(world, "A", 1).await;
    let recorded = world.judge(DAY).await;
    assert_eq!(recorded.outcome.breaks(), 0);
    assert_eq!((recorded.outcome.subjects, recorded.outcome.events), (1, 4));
    assert_eq!(world.breaks(recorded.recon).await, Vec::<String>::new());
    let steps: Vec<(usize, i64)> = recorded
        .outcome
        .steps
        .iter()
        .map(|step| (step.step, step.subjects))
        .collect();
    assert_eq!(steps, [(0, 1), (2, 1), (3, 1), (4, 1)]);
}

pub(crate) async fn parallel_steps_stand_in_either_order(world: &World) {
    lawful(world, "A", 1).await;
    for (id, what, at) in [
        (11, "registered", "2026-01-05"),
        (12, "declared", "2026-03-01 10:00"),
        (13, "deregistered", "2026-03-02 09:00"),
        (14, "refunded", "2026-03-20 09:00"),
    ] {
        world.event("B", id, what, at).await;
    }
    let recorded = world.judge(DAY).await;
    assert_eq!(world.breaks(recorded.recon).await, Vec::<String>::new());
}

pub(crate) async fn a_step_before_its_predecessor_is_a_break_with_both_rows(world: &World) {
    world.event("A", 1, "registered", "2026-01-05").await;
    world.event("A", 2, "refunded", "2026-02-01 10:00").await;
    world.event("A", 3, "declared", "2026-03-01 10:00").await;
    let recorded = world.judge(DAY).await;
    assert_eq!(
        world.breaks(recorded.recon).await,
        ["status too_early vin=A;step=refunded “退税”早于“申报”"]
    );
    let rows = world.rows(recorded.recon).await;
    let found = rows.first().expect("one break");
    assert_eq!(found.pass.as_deref(), Some("refunded.after.declared"));
    assert_eq!((found.ours_record, found.theirs_record), (Some(2), Some(3)));
    assert_eq!(found.ours_file.map(|file| file.0), Some(7));
    let key: serde_json::Value =
        serde_json::from_str(found.ours_key.as_deref().expect("a key")).expect("JSON");
    assert_eq!(key, serde_json::json!(["car_event", "A", 2]));
    assert_eq!(
        found.detail,
        serde_json::json!({
            "title_en": "`refunded` before `declared`", "step": "refunded", "file": 7, "record": 2,
            "offset": 200, "length": 90
        })
    );
}

pub(crate) async fn a_step_without_its_predecessor_is_a_break(world: &World) {
    world.event("A", 1, "declared", "2026-03-01 10:00").await;
    let recorded = world.judge(DAY).await;
    assert_eq!(
        world.breaks(recorded.recon).await,
        ["status missing_step vin=A;step=declared “申报”之前没有“登记”"]
    );
    let found: Vec<_> = recorded
        .outcome
        .found
        .iter()
        .map(|(one, count)| (one.word(), *count))
        .collect();
    assert_eq!(found, [("missing_step", 1)]);
}

pub(crate) async fn a_day_lasts_whole_and_an_event_without_moment_fits_anywhere(world: &World) {
    // Registered on the day of the declaration, perhaps before it.
    world.event("A", 1, "registered", "2026-03-01").await;
    world.event("A", 2, "declared", "2026-03-01 00:00").await;
    // A minute before that day began in China.
    world.event("B", 3, "registered", "2026-03-01").await;
    world.event("B", 4, "declared", "2026-02-28 23:59").await;
    world.event("C", 5, "registered", "-").await;
    world.event("C", 6, "declared", "2026-03-01 00:00").await;
    world.event("C", 7, "deregistered", "-").await;
    world.event("C", 8, "driven", "2026-03-02 00:00").await;
    let recorded = world.judge(DAY).await;
    assert_eq!(
        world.breaks(recorded.recon).await,
        ["status too_early vin=B;step=declared “申报”早于“登记”"]
    );
    let events = world.timeline("C").await;
    let undated: Vec<(i64, bool)> = events
        .iter()
        .map(|one| (one.record, one.is_undated()))
        .collect();
    assert_eq!(undated, [(5, true), (7, true), (6, false), (8, false)]);
    let events = world.timeline("A").await;
    assert!(events.first().is_some_and(super::hub::life::Event::is_day));
}

pub(crate) async fn what_comes_after_the_end_is_a_break(world: &World) {
    lawful(world, "A", 1).await;
    world.event("A", 5, "driven", "2026-03-12 08:59").await;
    world.event("A", 6, "driven", "2026-03-12 09:01").await;
    let recorded = world.judge(DAY).await;
    assert_eq!(
        world.breaks(recorded.recon).await,
        ["status too_late vin=A;step=driven “注销”之后又有“通行”"]
    );
}

pub(crate) async fn a_step_that_happens_twice_is_a_duplicate(world: &World) {
    world.event("A", 1, "registered", "2026-01-05").await;
    world.event("A", 2, "registered", "2026-01-06").await;
    let recorded = world.judge(DAY).await;
    assert_eq!(
        world.breaks(recorded.recon).await,
        ["duplicate repeated_step vin=A;step=registered “登记”不止一次"]
    );
    let rows = world.rows(recorded.recon).await;
    let records = rows.first().map(|row| (row.ours_record, row.theirs_record));
    assert_eq!(records, Some((Some(2), Some(1))));
}

pub(crate) async fn items_are_judged_within_themselves(world: &World) {
    for (id, what, at) in [
        (1, "asked#1", "2026-03-01 10:00"),
        (2, "answered#1", "2026-03-01 11:00"),
        (3, "answered#2", "2026-03-01 11:00"),
        (4, "asked#3", "2026-03-01 10:00"),
        (5, "withdrawn#3", "2026-03-01 11:00"),
        (6, "answered#3", "2026-03-01 12:00"),
        (7, "asked#1", "2026-03-01 13:00"),
        (8, "withdrawn#4", "2026-03-01 13:00"),
    ] {
        world.event("A", id, what, at).await;
    }
    let recorded = world.judge(DAY).await;
    assert_eq!(
        world.breaks(recorded.recon).await,
        [
            "status missing_step vin=A;step=answered;item=2 “答复”之前没有“申请”",
            "status missing_step vin=A;step=withdrawn;item=4 “撤回”之前没有“申请”或“答复”",
            "status too_late vin=A;step=answered;item=3 “撤回”之后又有“答复”",
            "duplicate repeated_step vin=A;step=asked;item=1 “申请”不止一次",
        ]
    );
}

pub(crate) async fn a_filing_of_the_firm_belongs_to_every_car_of_the_firm(world: &World) {
    world.firm_of("A", 1, "F").await;
    world.firm_of("A", 2, "F").await;
    world.firm_of("B", 3, "F").await;
    world.firm_of("C", 4, "G").await;
    world.filing("F", 9, "2026-02-01").await;
    world.event("A", 11, "registered", "2026-01-05").await;
    let steps = |events: Vec<super::hub::life::Event>| {
        let steps: Vec<(usize, i64)> = events.iter().map(|one| (one.step, one.record)).collect();
        steps
    };
    assert_eq!(steps(world.timeline("A").await), [(0, 11), (1, 9)]);
    assert_eq!(steps(world.timeline("B").await), [(1, 9)]);
    assert_eq!(steps(world.timeline("C").await), []);
    let recorded = world.judge(DAY).await;
    assert_eq!(
        world.breaks(recorded.recon).await,
        ["status missing_step vin=B;step=filed “备案”之前没有“登记”"]
    );
}
