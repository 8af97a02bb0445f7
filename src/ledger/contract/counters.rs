//! Counters.

use super::hub::ledger::{next_moment, next_number, reserve};
use super::{Hub, commit};

pub(crate) async fn a_number_of_a_rolled_back_transaction_is_given_again(hub: &Hub) {
    let mut tx = hub.begin().await;
    assert_eq!(next_number(&mut tx, "message").await.expect("a number"), 1);
    tx.rollback().await.expect("it is undone");
    let mut tx = hub.begin().await;
    assert_eq!(next_number(&mut tx, "message").await.expect("a number"), 1);
    assert_eq!(next_number(&mut tx, "message").await.expect("a number"), 2);
    assert_eq!(next_number(&mut tx, "other").await.expect("a number"), 1);
    commit(tx).await;
}

pub(crate) async fn numbers_taken_by_two_processes_have_no_hole_and_no_double(hub: &Hub) {
    let tasks: Vec<_> = [&hub.db, &hub.other]
        .into_iter()
        .cycle()
        .take(8)
        .cloned()
        .enumerate()
        .map(|(task, db)| {
            tokio::spawn(async move {
                let mut taken = Vec::new();
                for turn in 0..10 {
                    let mut tx = db.begin().await.expect("a transaction begins");
                    let number = next_number(&mut tx, "message").await.expect("a number");
                    // Every fifth one is undone and leaves no hole.
                    if (task + turn) % 5 == 0 {
                        tx.rollback().await.expect("it is undone");
                    } else {
                        commit(tx).await;
                        taken.push(number);
                    }
                }
                taken
            })
        })
        .collect();
    let mut taken = Vec::new();
    for task in tasks {
        taken.extend(task.await.expect("the task ends"));
    }
    taken.sort_unstable();
    assert_eq!(taken, (1..=64).collect::<Vec<i64>>());
}

pub(crate) async fn reserved_numbers_are_in_a_row(hub: &Hub) {
    let mut tx = hub.begin().await;
    assert_eq!(reserve(&mut tx, "row", 5).await.expect("numbers"), 1);
    assert_eq!(reserve(&mut tx, "row", 3).await.expect("numbers"), 6);
    assert_eq!(next_number(&mut tx, "row").await.expect("a number"), 9);
    commit(tx).await;
}

pub(crate) async fn a_moment_is_never_given_twice(hub: &Hub) {
    let mut tx = hub.begin().await;
    // The clock stands still, goes on, and steps back.
    for (now, given) in [(500, 500), (500, 501), (500, 502), (900, 900), (300, 901)] {
        let moment = next_moment(&mut tx, "moment/centre", now).await;
        assert_eq!(moment.expect("a moment"), given, "{now}");
    }
    commit(tx).await;
}
