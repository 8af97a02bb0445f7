//! Claims.

use super::hub::db::Dialect;
use super::hub::ledger::{
    Claim, ClaimOutcome, FileState, bury, claim, decide_loaded, known_nodes, list_claims, release,
    renew, still_held,
};
use super::{Hub, LOAD, at, commit, place, says};

fn claimed(outcome: ClaimOutcome) -> Claim {
    match outcome {
        ClaimOutcome::Claimed(claim) => claim,
        ClaimOutcome::Busy { holder, .. } => unreachable!("it is held by {holder}"),
    }
}

async fn take(hub: &Hub, name: &str, holder: &str, secs: i64) -> ClaimOutcome {
    claim(&hub.db, &place(name), holder, at(secs), 60)
        .await
        .expect("the ledger answers")
}

pub(crate) async fn of_two_racing_claimants_exactly_one_wins_every_time(hub: &Hub) {
    for race in 0..100 {
        let name = format!("{race}.xml");
        let race = [("one", &hub.db), ("two", &hub.other)].map(|(holder, db)| {
            let (db, name) = (db.clone(), name.clone());
            tokio::spawn(async move { claim(&db, &place(&name), holder, at(0), 60).await })
        });
        let mut winners = 0;
        for racer in race {
            match racer.await.expect("it ends").expect("the ledger answers") {
                ClaimOutcome::Claimed(claim) => {
                    assert_eq!(claim.epoch(), 1);
                    winners += 1;
                }
                ClaimOutcome::Busy { until, .. } => assert_eq!(until, at(60)),
            }
        }
        assert_eq!(winners, 1, "race for {name}");
    }
}

pub(crate) async fn a_claim_that_ran_out_is_taken_over_and_its_holder_is_fenced_off(hub: &Hub) {
    let old = claimed(take(hub, "a.xml", "one", 0).await);
    assert_eq!(
        take(hub, "a.xml", "two", 59).await,
        ClaimOutcome::Busy {
            holder: "one".to_owned(),
            until: at(60),
        }
    );
    renew(&hub.db, &old, at(50), 60)
        .await
        .expect("it is longer");
    assert!(matches!(
        take(hub, "a.xml", "two", 109).await,
        ClaimOutcome::Busy { .. }
    ));
    let new = claimed(take(hub, "a.xml", "two", 110).await);
    assert_eq!((old.epoch(), new.epoch()), (1, 2));

    let lost = "the claim on `centre_sftp:to_issuer/a.xml` (epoch 1) is no longer held: its lease \
                ran out and another process took it over; nothing was stored";
    assert_eq!(says(renew(&hub.db, &old, at(111), 60).await), lost);
    let mut tx = hub.begin().await;
    still_held(&mut tx, &new)
        .await
        .expect("the new one holds it");
    let error = still_held(&mut tx, &old).await.expect_err("it is fenced");
    assert_eq!(
        (error.to_string().as_str(), error.code().id),
        (lost, "claim-lost")
    );
    tx.rollback().await.expect("it is undone");
}

pub(crate) async fn a_claim_given_back_is_free_at_once_and_only_its_holder_gives_it_back(
    hub: &Hub,
) {
    let first = claimed(take(hub, "a.xml", "one", 0).await);
    let zombie = first.clone();
    release(&hub.db, first, at(5)).await.expect("it is free");
    assert_eq!(list_claims(&hub.db, 10).await.expect("a list"), []);
    let second = claimed(take(hub, "a.xml", "two", 5).await);
    assert_eq!(second.epoch(), 2);
    release(&hub.db, zombie, at(6))
        .await
        .expect("it is ignored");
    let held = list_claims(&hub.db, 10).await.expect("a list");
    assert_eq!(held.first().map(|row| row.holder.as_str()), Some("two"));
    release(&hub.db, second, at(7)).await.expect("it is free");
}

/// Whether a session of this database server waits for a lock of another one.
async fn anybody_waits(hub: &Hub) -> bool {
    let sql = "SELECT COUNT(*) FROM pg_stat_activity \
               WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let row = hub.db.query_one(sql, &[]).await.expect("a row");
    row.int(0).expect("a count") > 0
}

pub(crate) async fn nobody_takes_a_file_over_between_the_fence_and_the_commit(hub: &Hub) {
    let file = hub.landed("a.xml", "1", 1).await;
    let mine = claimed(take(hub, "a.xml", "one", 0).await);
    let mut tx = hub.begin().await;
    still_held(&mut tx, &mine).await.expect("it is held");
    let other = hub.other.clone();
    let thief = tokio::spawn(async move {
        // The lease has run out; only the open transaction keeps the thief waiting.
        let taken = claim(&other, &place("a.xml"), "two", at(1_000), 60).await;
        let taken = claimed(taken.expect("the ledger answers"));
        let seen = super::hub::ledger::show_file(&other, file).await;
        (taken.epoch(), seen.expect("the file is there").state)
    });
    while hub.db.dialect() == Dialect::Postgres && !thief.is_finished() && !anybody_waits(hub).await
    {
        tokio::task::yield_now().await;
    }
    assert!(!thief.is_finished(), "the fence keeps others waiting");
    decide_loaded(&mut tx, file, &LOAD, at(1))
        .await
        .expect("it is accepted");
    commit(tx).await;
    assert_eq!(thief.await.expect("it ends"), (2, FileState::Loaded));
}

pub(crate) async fn a_process_known_to_be_dead_loses_its_leases_at_once(hub: &Hub) {
    let _dead = claimed(take(hub, "a.xml", "one", 0).await);
    let _alive = claimed(take(hub, "b.xml", "two", 0).await);
    let nodes = known_nodes(&hub.db).await.expect("a list");
    assert_eq!(nodes, ["one", "two"]);
    let mut tx = hub.begin().await;
    bury(&mut tx, "one", at(1)).await.expect("it is buried");
    commit(tx).await;
    assert_eq!(claimed(take(hub, "a.xml", "three", 1).await).epoch(), 2);
    assert!(matches!(
        take(hub, "b.xml", "three", 1).await,
        ClaimOutcome::Busy { .. }
    ));
}
