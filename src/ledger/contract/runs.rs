//! Runs.

use super::hub::id::RunNo;
use super::hub::ledger::{
    NewRun, RunEnd, RunState, bury, finish_run, interrupt_runs, list_runs, renew_run, start_run,
};
use super::{Hub, at, commit, day, says};

/// Starts a run that is believed alive for 60 seconds.
pub(crate) async fn start(hub: &Hub, job: &str, node: &str) -> RunNo {
    let run = NewRun {
        job,
        business_date: day(21),
        trigger: "schedule",
        node,
        alive_until: at(60),
    };
    start_run(&hub.db, &run, at(0)).await.expect("it starts")
}

pub(crate) async fn runs_of_one_job_and_day_are_numbered(hub: &Hub) {
    let first = start(hub, "receive", "one").await;
    let _other = start(hub, "send", "one").await;
    let second = start(hub, "receive", "two").await;
    let done = serde_json::json!({ "files": 24 });
    finish_run(&hub.db, first, RunEnd::Done, &done, at(30))
        .await
        .expect("it ends");
    let rows = list_runs(&hub.db, Some("receive"), 10)
        .await
        .expect("a list");
    let shown: Vec<_> = rows
        .iter()
        .map(|row| (row.run_no, row.sequence, row.state, row.finished_at))
        .collect();
    assert_eq!(
        shown,
        [
            (second, 2, RunState::Running, None),
            (first, 1, RunState::Done, Some(at(30))),
        ]
    );
    assert_eq!(rows.last().and_then(|row| row.summary.clone()), Some(done));
    assert_eq!(list_runs(&hub.db, None, 10).await.expect("a list").len(), 3);
}

pub(crate) async fn a_run_whose_process_died_is_interrupted_and_stays_so(hub: &Hub) {
    let dead = start(hub, "receive", "one").await;
    let alive = start(hub, "send", "two").await;
    renew_run(&hub.db, alive, at(120)).await.expect("it lives");
    let mut tx = hub.begin().await;
    assert_eq!(interrupt_runs(&mut tx, at(59)).await.expect("a list"), []);
    let found = interrupt_runs(&mut tx, at(60)).await.expect("a list");
    commit(tx).await;
    assert_eq!(
        found.iter().map(|run| run.run_no).collect::<Vec<_>>(),
        [dead]
    );
    let late = finish_run(&hub.db, dead, RunEnd::Done, &serde_json::json!({}), at(70)).await;
    assert_eq!(
        says(late),
        format!(
            "run `{dead}` is interrupted and cannot become done; look at it again, somebody may \
             have been faster"
        )
    );
    assert_eq!(
        says(renew_run(&hub.db, RunNo(99), at(120)).await),
        "there is no run `99`; list them to see the numbers"
    );
    let mut tx = hub.begin().await;
    bury(&mut tx, "two", at(70)).await.expect("it is buried");
    let found = interrupt_runs(&mut tx, at(70)).await.expect("a list");
    commit(tx).await;
    assert_eq!(
        found.len(),
        1,
        "a process known to be dead is not waited for"
    );
}
