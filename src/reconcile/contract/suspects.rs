//! Where a difference may come from.

use super::World;
use super::hub::reconcile::{Candidate, Figure, Fit, Outcome};
use super::world::{DAY, breaks, key, row};

fn candidates(outcome: &Outcome) -> Vec<Candidate> {
    let found = outcome.breaks.first().expect("a break");
    assert_eq!(found.reason.as_deref(), Some("difference"));
    serde_json::from_value(found.candidates.clone()).expect("they were made from candidates")
}

/// Rank, fit and the rows of each.
fn shown(outcome: &Outcome) -> Vec<(usize, Fit, Vec<String>)> {
    let show = |one: Candidate| {
        let rows = one.rows.into_iter().map(|row| row.object).collect();
        (one.rank, one.fit, rows)
    };
    candidates(outcome).into_iter().map(show).collect()
}

pub(crate) async fn a_row_cleared_although_disputed_is_the_first_candidate(world: &World) {
    world.usual_day().await;
    world
        .package(DAY, 1_004, &[("3.33", Some(2)), ("9.99", Some(7))], true)
        .await;
    world
        .statement(DAY, (6, "88.32"), &[1_001, 1_002, 1_004], &[20_260_302])
        .await;
    let outcome = world.reconcile().await.outcome;
    assert_eq!(outcome.difference, Some(Figure::new(1, 777)));
    assert_eq!(
        breaks(&outcome),
        ["amount/short/open difference total 1 7.77"]
    );
    let all = candidates(&outcome);
    let first = all.first().expect("a candidate");
    assert_eq!(
        (first.fit, first.count, first.amount),
        (Fit::Exact, 1, Some(777))
    );
    assert_eq!(
        first.text,
        "可能是这 1 笔（争议中、尚无处理结果）：金额与笔数都等于差额"
    );
    assert_eq!(
        first.text_en,
        "possibly this row (Disputed, without a result): amount and count equal the difference"
    );
    let suspect = first.rows.first().expect("a row");
    assert_eq!(suspect.object, row(1_002, 2));
    assert_eq!(
        (suspect.record, suspect.offset, suspect.length),
        (3, 300, 90)
    );
    assert_eq!(
        all.len(),
        1,
        "close rows are not listed beside an exact one"
    );
}

pub(crate) async fn a_row_released_twice_counts_once_and_is_the_first_candidate(world: &World) {
    world.usual_day().await;
    world.dispute_file(202_603_021, &[(900, 1, 0)]).await;
    world
        .statement(
            DAY,
            (6, "86.10"),
            &[1_001, 1_002],
            &[20_260_302, 202_603_021],
        )
        .await;
    let outcome = world.reconcile().await.outcome;
    assert_eq!(
        outcome.ours,
        Figure::new(5, 8_055),
        "a row resolved is resolved once"
    );
    assert_eq!(outcome.difference, Some(Figure::new(1, 555)));
    assert_eq!(
        breaks(&outcome),
        [
            "amount/short/open difference total 1 5.55".to_owned(),
            format!(
                "duplicate/short/open released_twice {};file_id=202603021 1 5.55",
                row(900, 1)
            ),
        ]
    );
    assert_eq!(shown(&outcome), [(1, Fit::Exact, vec![row(900, 1)])]);
    assert_eq!(
        candidates(&outcome).first().expect("a candidate").text,
        "可能是这 1 笔（重复放行）：金额与笔数都等于差额"
    );
}

pub(crate) async fn two_rows_that_add_up_to_the_difference_are_found(world: &World) {
    world.usual_day().await;
    world
        .package(DAY, 1_004, &[("3.33", Some(2)), ("9.99", Some(7))], true)
        .await;
    world
        .statement(DAY, (7, "91.65"), &[1_001, 1_002, 1_004], &[20_260_302])
        .await;
    let outcome = world.reconcile().await.outcome;
    assert_eq!(outcome.difference, Some(Figure::new(2, 1_110)));
    let all = shown(&outcome);
    assert_eq!(
        all.first().expect("a candidate"),
        &(1, Fit::Exact, vec![row(1_002, 2), row(1_004, 1)])
    );
    assert_eq!(all.len(), 1);
}

pub(crate) async fn a_whole_group_that_adds_up_to_the_difference_is_found(world: &World) {
    world.usual_day().await;
    let rows = [("3.33", Some(2)), ("9.99", Some(7)), ("1.01", Some(7))];
    world.package(DAY, 1_004, &rows, true).await;
    world
        .statement(DAY, (9, "102.65"), &[1_001, 1_002, 1_004], &[20_260_302])
        .await;
    let outcome = world.reconcile().await.outcome;
    assert_eq!(outcome.difference, Some(Figure::new(4, 2_210)));
    let all = candidates(&outcome);
    let first = all.first().expect("a candidate");
    assert_eq!((first.fit, first.rows.len()), (Fit::Exact, 4));
    assert_eq!(
        first.text,
        "可能是“争议中、尚无处理结果”的全部 4 笔：金额与笔数的合计都等于差额"
    );
}

pub(crate) async fn a_row_that_was_not_cleared_is_found_on_our_side(world: &World) {
    world.usual_day().await;
    world.usual_statement(4, "60.55").await;
    let outcome = world.reconcile().await.outcome;
    assert_eq!(
        breaks(&outcome),
        ["amount/long/open difference total -1 -20.00"]
    );
    assert_eq!(shown(&outcome), [(1, Fit::Exact, vec![row(1_001, 2)])]);
}

pub(crate) async fn without_an_exact_row_the_closest_ones_are_listed(world: &World) {
    world.usual_day().await;
    world
        .package(DAY, 1_004, &[("3.33", Some(2)), ("7.00", Some(7))], true)
        .await;
    world
        .statement(DAY, (8, "87.55"), &[1_001, 1_002, 1_004], &[20_260_302])
        .await;
    let outcome = world.reconcile().await.outcome;
    assert_eq!(outcome.difference, Some(Figure::new(3, 700)));
    assert_eq!(
        shown(&outcome),
        [
            (1, Fit::Amount, vec![row(1_004, 2)]),
            (2, Fit::Near, vec![row(1_002, 2)]),
            (3, Fit::Near, vec![row(1_004, 1)]),
        ]
    );
    let texts: Vec<String> = candidates(&outcome)
        .into_iter()
        .map(|one| one.text)
        .collect();
    assert!(
        texts.iter().all(|text| text.starts_with("可能")),
        "{texts:?}"
    );
}

pub(crate) async fn a_difference_in_count_alone_is_a_break(world: &World) {
    world.usual_day().await;
    world
        .package(DAY, 1_004, &[("0.00", Some(2)), ("9.99", Some(7))], true)
        .await;
    world
        .statement(DAY, (6, "80.55"), &[1_001, 1_002, 1_004], &[20_260_302])
        .await;
    let outcome = world.reconcile().await.outcome;
    assert!(!outcome.agrees);
    assert_eq!(
        breaks(&outcome),
        ["amount/none/open difference total 1 0.00"]
    );
    assert_eq!(shown(&outcome), [(1, Fit::Exact, vec![row(1_004, 1)])]);
    assert_eq!(
        key("message_id", 1),
        "service_provider_id=0000000000000020;message_id=1"
    );
}
