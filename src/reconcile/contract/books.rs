//! What the ledger keeps of a reconciliation, and what a newer one does to it.

use super::World;
use super::hub::calendar::DeadlineKind;
use super::hub::id::FileNo;
use super::hub::ledger::{
    BreakFilter, BreakRow, BreakState, latest_reconciliation, list_breaks, list_components,
};
use super::hub::reconcile::{Figure, MAX_BREAKS_PER_CHECK, run};
use super::hub::value::Value;
use super::world::{DAY, NAME, breaks, date, fen, insert, key, moment, row, statement};

async fn kept(world: &World, state: Option<BreakState>) -> Vec<BreakRow> {
    let filter = BreakFilter {
        state,
        limit: 10_000,
        ..BreakFilter::default()
    };
    list_breaks(&world.db, &filter).await.expect("breaks")
}

fn shown(rows: &[BreakRow]) -> Vec<String> {
    let show = |row: &BreakRow| {
        format!(
            "{} {} {} {} since {}",
            row.recon_no,
            row.state,
            row.reason.as_deref().unwrap_or("-"),
            row.object,
            row.first_seen
        )
    };
    rows.iter().map(show).collect()
}

pub(crate) async fn a_newer_version_closes_what_it_no_longer_finds(world: &World) {
    world.usual_day().await;
    world
        .statement(DAY, (7, "120.55"), &[1_001, 1_002, 1_003], &[20_260_302])
        .await;
    let first = world.reconcile().await;
    assert_eq!((first.version, first.closed), (1, 0));
    world
        .package(DAY, 1_003, &[("25.00", None), ("15.00", None)], true)
        .await;
    let second = world.reconcile().await;
    assert_eq!((second.version, second.closed), (2, 2));
    assert!(second.outcome.agrees);
    assert_eq!(
        shown(&kept(world, None).await),
        [
            "1 closed difference total since 2026-03-02".to_owned(),
            format!(
                "1 closed missing_package {} since 2026-03-02",
                key("message_id", 1_003)
            ),
        ]
    );
    let closed = kept(world, Some(BreakState::Closed)).await;
    let closed = closed.first().expect("a break");
    assert_eq!(
        (&closed.detail["closed_by"], &closed.detail["still_holds"]),
        (&2.into(), &false.into())
    );
    let latest = latest_reconciliation(&world.db, NAME, Some(date(DAY))).await;
    let latest = latest.expect("the books").expect("a reconciliation");
    assert_eq!((latest.version, latest.agrees), (2, true));
    assert_eq!(
        latest.summary["ours"],
        serde_json::json!({"count": 7, "amount": fen("120.55")})
    );
    let components = list_components(&world.db, second.recon)
        .await
        .expect("components");
    let components: Vec<_> = components
        .iter()
        .map(|one| (one.name.as_str(), one.count, one.amount))
        .collect();
    assert_eq!(
        components,
        [
            ("claimed", Some(7), Some(12_055)),
            ("accounted", Some(6), Some(11_500)),
            ("released", Some(1), Some(555)),
            ("refunds", None, None),
            ("ours", Some(7), Some(12_055)),
            ("difference", Some(0), Some(0)),
        ]
    );
}

pub(crate) async fn a_break_that_still_holds_goes_on_with_its_first_day(world: &World) {
    world.usual_day().await;
    world
        .statement(DAY, (7, "120.55"), &[1_001, 1_002, 1_003], &[20_260_302])
        .await;
    world.reconcile().await;
    let second = world.reconcile().await;
    assert_eq!((second.version, second.closed), (2, 0), "nothing is gone");
    assert_eq!(
        shown(&kept(world, Some(BreakState::Open)).await),
        [
            "2 open difference total since 2026-03-02".to_owned(),
            format!(
                "2 open missing_package {} since 2026-03-02",
                key("message_id", 1_003)
            ),
        ],
        "each is open once, in the newest version"
    );
    let closed = kept(world, Some(BreakState::Closed)).await;
    assert!(closed.iter().all(|one| one.detail["still_holds"] == true));
}

pub(crate) async fn what_two_people_disposed_of_stays_disposed(world: &World) {
    world.usual_day().await;
    world.usual_statement(6, "88.32").await;
    world.reconcile().await;
    let sql = "UPDATE ledger_break SET state = 'disposed' WHERE reason = 'difference'";
    world.db.execute(sql, &[]).await.expect("two people did it");
    let again = world.reconcile().await.outcome;
    assert_eq!(
        breaks(&again),
        ["amount/short/disposed difference total 1 7.77"]
    );
    // Another difference is another break.
    world.package(DAY, 1_003, &[("1.00", None)], true).await;
    let sql = "UPDATE etc_clearing SET amount = amount + 1";
    world.db.execute(sql, &[]).await.expect("a row");
    let other = world.reconcile().await.outcome;
    assert_eq!(
        breaks(&other).first().map(String::as_str),
        Some("amount/short/open difference total 1 7.78")
    );
}

/// The overdue disputes of a run at a moment in China.
async fn overdue_at(world: &mut World, at: &str) -> Vec<String> {
    world.now = moment(at);
    let outcome = world.reconcile().await.outcome;
    let mut found = breaks(&outcome);
    found.retain(|one| one.contains("dispute_overdue"));
    found
}

/// One row disputed on Thursday 12 February 2026; Saturday the 14th is a make-up day, and the
/// Spring Festival begins on the 15th.
async fn disputed_before_the_festival(world: &World) {
    let rows = [("8.00", Some(9))];
    let file = world.package("2026-02-11", 700, &rows, false).await;
    world
        .account(700, &rows, file, moment("2026-02-12 23:30"))
        .await;
    world.statement(DAY, (0, "0.00"), &[], &[]).await;
}

pub(crate) async fn a_dispute_is_overdue_after_two_working_days_and_a_make_up_saturday_is_one(
    world: &World,
) {
    disputed_before_the_festival(world).await;
    let mut world = world.clone_parts();
    assert_eq!(overdue_at(&mut world, "2026-02-14 23:59").await, [""; 0]);
    let overdue = format!(
        "in_transit/none/overdue dispute_overdue {} 1 8.00",
        row(700, 1)
    );
    assert_eq!(overdue_at(&mut world, "2026-02-15 00:01").await, [overdue]);
    let kept = kept(&world, Some(BreakState::Overdue)).await;
    let detail = &kept.first().expect("a break").detail;
    assert_eq!(
        (
            &detail["since"],
            &detail["deadline"],
            &detail["days_late"],
            &detail["working"]
        ),
        (
            &"2026-02-12".into(),
            &"2026-02-14".into(),
            &0.into(),
            &true.into()
        )
    );
}

pub(crate) async fn natural_days_count_when_the_job_says_so(world: &World) {
    let rows = [("8.00", Some(9))];
    let file = world.package("2026-02-16", 700, &rows, false).await;
    world
        .account(700, &rows, file, moment("2026-02-16 10:00"))
        .await;
    world.statement(DAY, (0, "0.00"), &[], &[]).await;
    let mut world = world.clone_parts();
    // All days from the 15th to the 23rd are a festival.
    assert_eq!(overdue_at(&mut world, "2026-02-20 09:00").await, [""; 0]);
    for check in &mut world.plan.checks {
        if let Some(overdue) = &mut check.overdue {
            overdue.deadline.kind = DeadlineKind::Natural;
        }
    }
    assert_eq!(overdue_at(&mut world, "2026-02-18 09:00").await, [""; 0]);
    assert_eq!(overdue_at(&mut world, "2026-02-19 09:00").await.len(), 1);
}

pub(crate) async fn a_calendar_without_the_year_makes_a_check_not_checked(world: &World) {
    disputed_before_the_festival(world).await;
    let mut world = world.clone_parts();
    assert_eq!(overdue_at(&mut world, "2026-02-20 09:00").await.len(), 1);
    world.now = moment("2031-06-01 09:00");
    let outcome = world.reconcile().await.outcome;
    let not_checked: Vec<_> = outcome
        .not_checked
        .iter()
        .map(|one| (one.reason.as_str(), one.why.as_str()))
        .collect();
    assert_eq!(
        not_checked,
        [(
            "dispute_overdue",
            "calendar `cn` has no rows for 2031: add that year's holidays to it"
        )]
    );
    assert_eq!(breaks(&outcome), Vec::<String>::new());
    let still = kept(&world, Some(BreakState::Overdue)).await;
    assert_eq!(still.len(), 1, "what was not looked at is not closed");
}

pub(crate) async fn an_overdue_dispute_is_open_once_however_many_days_find_it(world: &World) {
    disputed_before_the_festival(world).await;
    world.statement("2026-03-03", (0, "0.00"), &[], &[]).await;
    world.reconcile().await;
    world.reconcile_day("2026-03-03").await;
    let object = row(700, 1);
    assert_eq!(
        shown(&kept(world, None).await),
        [
            format!("2 overdue dispute_overdue {object} since 2026-03-02"),
            format!("1 closed dispute_overdue {object} since 2026-03-02"),
        ]
    );
    world.dispute_file(20_260_303, &[(700, 1, 1)]).await;
    let last = world.reconcile_day("2026-03-03").await;
    assert_eq!(last.closed, 1);
    assert_eq!(kept(world, Some(BreakState::Overdue)).await, []);
}

pub(crate) async fn a_reconciliation_inside_a_load_leaves_nothing_when_the_load_fails(
    world: &World,
) {
    world.usual_day().await;
    let file = world.file("clearing").await;
    let mut tx = world.begin().await;
    statement(&mut tx, file, DAY, (4, "75.00")).await;
    for id in [1_001, 1_002] {
        let listed = [
            ("clear_target_date", Value::Date(date(DAY))),
            ("service_provider_id", super::world::PROVIDER.into()),
            ("message_id", Value::Int(id)),
        ];
        insert(&mut tx, "etc_clearing_package", (file, 1), &listed).await;
    }
    let inside = run(&mut tx, &world.plan, (NAME, date(DAY)), world.context()).await;
    let inside = inside.expect("it sees what the load brings");
    assert_eq!(inside.outcome.claimed, Some(Figure::new(4, 7_500)));
    assert!(inside.outcome.agrees);
    drop(tx);
    let latest = latest_reconciliation(&world.db, NAME, Some(date(DAY))).await;
    assert_eq!(latest.expect("the books"), None);
}

pub(crate) async fn a_check_lists_a_thousand_breaks_and_adds_up_the_rest(world: &World) {
    world.statement(DAY, (0, "0.00"), &[], &[]).await;
    let mut tx = world.begin().await;
    let many = i64::try_from(MAX_BREAKS_PER_CHECK).expect("small") + 5;
    for id in 1..=many {
        let package = [
            ("clear_target_date", Value::Date(date(DAY))),
            ("service_provider_id", super::world::PROVIDER.into()),
            ("message_id", Value::Int(id)),
            ("record_count", Value::Int(2)),
            ("amount", Value::Int(100)),
        ];
        insert(&mut tx, "etc_package", (FileNo(id), 1), &package).await;
        if id % 100 == 0 {
            eprintln!("{id}");
        }
    }
    tx.commit().await.expect("it is kept");
    let outcome = world.reconcile().await.outcome;
    assert_eq!(outcome.breaks.len(), MAX_BREAKS_PER_CHECK + 1);
    assert_eq!(
        breaks(&outcome).last().map(String::as_str),
        Some("one_sided_ours/none/open never_accounted rest 10 5.00")
    );
    let rest = outcome.breaks.last().expect("a break");
    assert_eq!(
        rest.title,
        "已收到、从未记账的交易包：未逐项列出的其余 5 项"
    );
}
