//! What a day comes to.

use super::World;
use super::hub::id::Fen;
use super::hub::reconcile::{Figure, Outcome};
use super::hub::value::Value;
use super::world::{DAY, PROVIDER, breaks, date, key};

fn parts(outcome: &Outcome) -> Vec<(String, i64, Fen)> {
    let part = |part: &super::hub::reconcile::PartFigure| {
        (part.name.to_string(), part.figure.count, part.figure.amount)
    };
    outcome.parts.iter().map(part).collect()
}

pub(crate) async fn a_day_on_which_both_sides_agree(world: &World) {
    world.usual_day().await;
    world.usual_statement(5, "80.55").await;
    let recorded = world.reconcile().await;
    let outcome = &recorded.outcome;
    assert!(outcome.agrees);
    assert_eq!(outcome.claimed, Some(Figure::new(5, 8_055)));
    assert_eq!(
        parts(outcome),
        [
            ("accounted".to_owned(), 4, Fen(7_500)),
            ("released".to_owned(), 1, Fen(555)),
            ("refunds".to_owned(), 0, Fen(0)),
        ]
    );
    assert_eq!(outcome.ours, Figure::new(5, 8_055));
    assert_eq!(outcome.difference, Some(Figure::ZERO));
    assert_eq!(breaks(outcome), Vec::<String>::new());
    assert_eq!(recorded.version, 1);
    let refunds = outcome.parts.last().expect("a part");
    assert_eq!(
        refunds.unknown.as_deref(),
        Some("5/7/3 退费报文的格式未公开，暂按零计"),
        "zero because unknown, and said so"
    );
    let accounted = outcome.parts.first().expect("a part");
    let groups: Vec<_> = accounted
        .groups
        .iter()
        .map(|group| (group.object.clone(), group.count, group.amount))
        .collect();
    assert_eq!(
        groups,
        [
            (key("message_id", 1_001), 3, Fen(6_000)),
            (key("message_id", 1_002), 1, Fen(1_500)),
        ]
    );
}

pub(crate) async fn an_empty_day_agrees(world: &World) {
    world.statement(DAY, (0, "0.00"), &[], &[]).await;
    let outcome = world.reconcile().await.outcome;
    assert!(outcome.agrees);
    assert_eq!(outcome.claimed, Some(Figure::ZERO));
    assert_eq!(outcome.difference, Some(Figure::ZERO));
    assert_eq!(breaks(&outcome), Vec::<String>::new());
}

pub(crate) async fn a_day_without_a_statement_is_a_break_and_never_agrees(world: &World) {
    let outcome = world.reconcile().await.outcome;
    assert!(!outcome.agrees);
    assert_eq!((outcome.claimed, outcome.difference), (None, None));
    assert_eq!(
        breaks(&outcome),
        ["in_transit/none/open no_statement total 0 0.00"]
    );
}

pub(crate) async fn a_package_that_was_listed_and_never_arrived(world: &World) {
    world.usual_day().await;
    world
        .statement(DAY, (7, "120.55"), &[1_001, 1_002, 1_003], &[20_260_302])
        .await;
    let outcome = world.reconcile().await.outcome;
    assert!(!outcome.agrees);
    assert_eq!(outcome.difference, Some(Figure::new(2, 4_000)));
    assert_eq!(
        breaks(&outcome),
        [
            "amount/short/open difference total 2 40.00".to_owned(),
            format!(
                "one_sided_theirs/short/open missing_package {} 0 0.00",
                key("message_id", 1_003)
            ),
        ]
    );
    let missing = outcome.breaks.last().expect("a break");
    assert_eq!(missing.detail["amount_known"], false, "unknown is not zero");
    assert_eq!(missing.title, "缺包：清分所列交易包未收到");
    let listed = outcome
        .parts
        .first()
        .and_then(|part| part.groups.last())
        .expect("a group");
    assert_eq!(
        (listed.object.clone(), listed.count),
        (key("message_id", 1_003), 0)
    );
    let first = &outcome.breaks.first().expect("a break").candidates[0];
    assert_eq!(first["fit"], "missing");
    assert_eq!(
        first["text"],
        "可能来自“缺包：清分所列交易包未收到”：共 1 项，其金额未知"
    );
    assert_eq!(first["rows"][0]["object"], key("message_id", 1_003));
}

pub(crate) async fn a_package_that_was_accounted_and_never_listed(world: &World) {
    world.usual_day().await;
    world
        .package(DAY, 1_003, &[("1.00", None), ("2.00", None)], true)
        .await;
    world.usual_statement(5, "80.55").await;
    let outcome = world.reconcile().await.outcome;
    assert!(outcome.agrees, "the totals go by the lists");
    assert_eq!(
        breaks(&outcome),
        [format!(
            "one_sided_ours/long/open never_cleared {} 2 3.00",
            key("message_id", 1_003)
        )]
    );
}

pub(crate) async fn a_package_that_was_received_and_never_accounted(world: &World) {
    world.usual_day().await;
    world
        .package(DAY, 1_003, &[("1.00", None), ("2.00", None)], false)
        .await;
    world
        .statement(DAY, (7, "83.55"), &[1_001, 1_002, 1_003], &[20_260_302])
        .await;
    let outcome = world.reconcile().await.outcome;
    assert_eq!(outcome.difference, Some(Figure::new(2, 300)));
    assert_eq!(
        breaks(&outcome),
        [
            "amount/short/open difference total 2 3.00".to_owned(),
            format!(
                "one_sided_ours/none/open never_accounted {} 2 3.00",
                key("message_id", 1_003)
            ),
        ]
    );
}

pub(crate) async fn a_package_listed_by_two_days_is_a_duplicate(world: &World) {
    world.usual_day().await;
    world.usual_statement(5, "80.55").await;
    world
        .statement("2026-03-03", (3, "60.00"), &[1_001], &[])
        .await;
    let second = world.reconcile_day("2026-03-03").await.outcome;
    assert_eq!(
        breaks(&second),
        [format!(
            "duplicate/short/open package_cleared_twice {} 0 0.00",
            key("message_id", 1_001)
        )]
    );
    let first = world.reconcile().await.outcome;
    assert_eq!(
        breaks(&first),
        Vec::<String>::new(),
        "the first listing is the rightful one"
    );
}

pub(crate) async fn a_row_without_amount_is_never_taken_as_zero(world: &World) {
    world.usual_day().await;
    let file = world.file("odd.xml").await;
    let row = [
        ("clear_target_date", Value::Date(date(DAY))),
        ("service_provider_id", PROVIDER.into()),
        ("message_id", Value::Int(1_001)),
        ("trans_id", Value::Int(4)),
    ];
    world.insert("etc_transaction", file, 1, &row).await;
    world.usual_statement(6, "80.55").await;
    let outcome = world.reconcile().await.outcome;
    assert_eq!(outcome.difference, Some(Figure::ZERO));
    assert!(
        !outcome.agrees,
        "a sum with an unknown amount proves nothing"
    );
    assert_eq!(
        breaks(&outcome),
        ["element/none/open amount_unknown accounted 1 0.00"]
    );
}

pub(crate) async fn membership_goes_by_the_lists_and_never_by_date(world: &World) {
    world.usual_day().await;
    // A package of an older target day is cleared now; one of this day is not.
    world
        .package("2026-02-20", 800, &[("3.00", None)], true)
        .await;
    world.package(DAY, 1_003, &[("4.00", None)], true).await;
    world
        .statement(DAY, (6, "83.55"), &[800, 1_001, 1_002], &[20_260_302])
        .await;
    let outcome = world.reconcile().await.outcome;
    assert!(outcome.agrees);
    assert_eq!(outcome.ours, Figure::new(6, 8_355));
}
