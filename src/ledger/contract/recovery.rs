//! What `dukou recover` finds.

use super::hub::ledger::{
    ClaimOutcome, Leftovers, Sending, bury, claim, interrupt_runs, leftovers, list_claims,
    mark_answered, mark_finished, mark_sent, mark_staged, release, release_expired,
};
use super::{Hub, at, commit, digest, place};

async fn found(hub: &Hub, secs: i64) -> Leftovers {
    leftovers(&hub.db, at(secs), 100).await.expect("it is read")
}

/// The numbers of each list: claims, runs, landed, unanswered, unfinished, composed, staged.
fn counts(left: &Leftovers) -> [usize; 7] {
    [
        left.claims.len(),
        left.runs.len(),
        left.landed.len(),
        left.unanswered.len(),
        left.unfinished.len(),
        left.composed.len(),
        left.staged.len(),
    ]
}

pub(crate) async fn what_a_crash_left_behind_is_found(hub: &Hub) {
    assert!(found(hub, 0).await.is_empty(), "nothing has happened yet");
    let run = super::runs::start(hub, "receive", "one").await;
    let taken = claim(&hub.db, &place("a.xml"), "one", at(0), 60)
        .await
        .expect("the ledger answers");
    assert!(matches!(taken, ClaimOutcome::Claimed(_)));
    let landed = hub.landed("a.xml", "1", 1).await;
    let loaded = hub.loaded("b.xml", "2", 2).await;
    let answer = super::deliveries::answer(hub, loaded, 17)
        .await
        .expect("it is composed");

    let left = found(hub, 60).await;
    assert_eq!(counts(&left), [1, 1, 1, 1, 1, 1, 0]);
    let landed_no = left.landed.first().map(|row| row.file_no);
    let owed = left.unanswered.first().map(|row| row.file_no);
    let unfinished = left.unfinished.first().map(|row| row.file_no);
    assert_eq!(landed_no, Some(landed));
    assert_eq!((owed, unfinished), (Some(loaded), Some(loaded)));
    assert_eq!(left.runs.first().map(|row| row.run_no), Some(run));

    // Recovery does what is left, and then nothing is.
    let mut tx = hub.begin().await;
    interrupt_runs(&mut tx, at(60)).await.expect("it is said");
    mark_answered(&mut tx, loaded).await.expect("it is said");
    mark_staged(&mut tx, answer, digest(5), 300)
        .await
        .expect("it is said");
    commit(tx).await;
    mark_finished(&hub.db, loaded).await.expect("it is said");
    assert_eq!(counts(&found(hub, 60).await), [1, 0, 1, 0, 0, 0, 1]);
    let ClaimOutcome::Claimed(again) = claim(&hub.db, &place("a.xml"), "two", at(60), 60)
        .await
        .expect("the ledger answers")
    else {
        unreachable!("the lease has run out");
    };
    hub.load(landed).await.expect("it is accepted");
    let mut tx = hub.begin().await;
    mark_answered(&mut tx, landed).await.expect("it is said");
    mark_sent(&mut tx, answer, &Sending::default(), at(61))
        .await
        .expect("it is said");
    commit(tx).await;
    mark_finished(&hub.db, landed).await.expect("it is said");
    release(&hub.db, again, at(62)).await.expect("it is free");
    assert!(found(hub, 1_000).await.is_empty());
}

pub(crate) async fn what_a_living_process_works_on_is_not_left_behind(hub: &Hub) {
    super::runs::start(hub, "receive", "one").await;
    let taken = claim(&hub.db, &place("a.xml"), "one", at(0), 60)
        .await
        .expect("the ledger answers");
    assert!(matches!(taken, ClaimOutcome::Claimed(_)));
    let file = hub.landed("a.xml", "1", 1).await;
    assert!(
        found(hub, 59).await.is_empty(),
        "its leases have not run out"
    );
    hub.load(file).await.expect("it is accepted");
    assert!(found(hub, 59).await.is_empty(), "nor is it done with it");
    let mut tx = hub.begin().await;
    bury(&mut tx, "one", at(59)).await.expect("it is buried");
    commit(tx).await;
    assert_eq!(counts(&found(hub, 59).await), [1, 1, 0, 1, 1, 0, 0]);
}

pub(crate) async fn a_claim_that_ran_out_is_given_back_and_one_that_did_not_is_kept(hub: &Hub) {
    for (name, secs) in [("a.xml", 60), ("b.xml", 61)] {
        let taken = claim(&hub.db, &place(name), "one", at(0), secs)
            .await
            .expect("the ledger answers");
        assert!(matches!(taken, ClaimOutcome::Claimed(_)));
    }
    let mut tx = hub.begin().await;
    release_expired(&mut tx, at(60))
        .await
        .expect("it is given back");
    commit(tx).await;
    let held = list_claims(&hub.db, 10).await.expect("a list");
    let names: Vec<&str> = held.iter().map(|claim| claim.name.as_str()).collect();
    assert_eq!(names, ["b.xml"]);
    let again = claim(&hub.db, &place("a.xml"), "two", at(60), 60)
        .await
        .expect("the ledger answers");
    assert!(matches!(again, ClaimOutcome::Claimed(claim) if claim.epoch() == 2));
}
