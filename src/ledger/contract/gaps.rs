//! Gaps.

use super::hub::ledger::{Noted, list_gaps, note_sequence};
use super::{Hub, at, commit};

/// Notes a number and returns what it was; an opened gap by its range.
async fn note(hub: &Hub, scope: &str, number: i64) -> String {
    let mut tx = hub.begin().await;
    let noted = note_sequence(&mut tx, "centre", "package", scope, number, at(number))
        .await
        .expect("it is noted");
    commit(tx).await;
    match noted {
        Noted::Opened(gap) => format!("{}-{}", gap.first_missing, gap.last_missing),
        other => format!("{other:?}"),
    }
}

async fn open(hub: &Hub) -> Vec<(String, i64, i64)> {
    let gaps = list_gaps(&hub.db, Some("centre"), 10)
        .await
        .expect("a list");
    gaps.into_iter()
        .map(|gap| (gap.scope, gap.first_missing, gap.last_missing))
        .collect()
}

pub(crate) async fn a_gap_is_split_and_filled_by_late_numbers(hub: &Hub) {
    let range = |first, last| ("0020".to_owned(), first, last);
    for (number, was, left) in [
        (10, "First", vec![]),
        (11, "Next", vec![]),
        (11, "Known", vec![]),
        (9, "Known", vec![]),
        (16, "12-15", vec![range(12, 15)]),
        (13, "Filled", vec![range(12, 12), range(14, 15)]),
        (13, "Known", vec![range(12, 12), range(14, 15)]),
        (
            20,
            "17-19",
            vec![range(12, 12), range(14, 15), range(17, 19)],
        ),
        (
            19,
            "Filled",
            vec![range(12, 12), range(14, 15), range(17, 18)],
        ),
        (
            17,
            "Filled",
            vec![range(12, 12), range(14, 15), range(18, 18)],
        ),
        (18, "Filled", vec![range(12, 12), range(14, 15)]),
        (15, "Filled", vec![range(12, 12), range(14, 14)]),
        (14, "Filled", vec![range(12, 12)]),
        (12, "Filled", vec![]),
        (21, "Next", vec![]),
    ] {
        assert_eq!(note(hub, "0020", number).await, was, "number {number}");
        assert_eq!(open(hub).await, left, "after number {number}");
    }
    let sql = "SELECT COUNT(*) FROM ledger_gap WHERE filled_at IS NOT NULL";
    let filled = hub.db.query_one(sql, &[]).await.expect("a row");
    assert_eq!(
        filled.int(0).expect("a count"),
        7,
        "each late number is kept"
    );
}

pub(crate) async fn scopes_do_not_disturb_each_other(hub: &Hub) {
    assert_eq!(note(hub, "0020", 1).await, "First");
    assert_eq!(note(hub, "0021", 5).await, "First");
    assert_eq!(note(hub, "0020", 3).await, "2-2");
    assert_eq!(note(hub, "0021", 2).await, "Known");
    assert_eq!(open(hub).await, [("0020".to_owned(), 2, 2)]);
    let others = list_gaps(&hub.db, Some("bank"), 10).await.expect("a list");
    assert_eq!(others, []);
}
