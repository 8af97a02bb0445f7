//! Reconciliations, reports, events, and the overview of everything.

use super::hub::id::FileNo;
use super::hub::ledger::{
    BreakFilter, BreakKind, BreakState, FileCount, FileState, FundsEffect, Keep, Level, NewBreak,
    NewComponent, NewEvent, NewReconciliation, NewReport, RejectCount, add_report,
    latest_reconciliation, list_breaks, list_components, list_reports, list_unseen_events,
    mark_seen, next_report_version, note_sequence, overview, raise, record_reconciliation,
    show_reconciliation,
};
use super::rejects::keep_rejects;
use super::{Hub, at, commit, day, digest, hold, says};
use serde_json::json;

fn component(name: &str, amount: Option<i64>) -> NewComponent {
    NewComponent {
        name: name.to_owned(),
        title: "清分".to_owned(),
        count: None,
        amount,
        detail: json!({}),
    }
}

fn found(object: &str, kind: BreakKind) -> NewBreak {
    NewBreak {
        kind,
        funds_effect: FundsEffect::Short,
        reason: Some("缺包".to_owned()),
        state: BreakState::Open,
        amount: -1_250,
        count: 1,
        object: object.to_owned(),
        title: "清分含此包，本方未收到".to_owned(),
        detail: json!({ "ours": 0, "theirs": 1_250 }),
        first_seen: day(21),
        candidates: json!([]),
    }
}

pub(crate) async fn reconciliations_are_numbered_versions(hub: &Hub) {
    let new = NewReconciliation {
        name: "etc_clearing",
        business_date: day(21),
        agrees: false,
        summary: json!({ "difference": -1_250 }),
        components: vec![
            component("clearing", Some(3_150)),
            component("refunds", None),
        ],
        breaks: vec![
            found("0020/17", BreakKind::OneSidedTheirs),
            found("0020/18", BreakKind::Amount),
        ],
    };
    let mut tx = hub.begin().await;
    let (first, version) = record_reconciliation(&mut tx, &new, at(10))
        .await
        .expect("it is kept");
    assert_eq!(version, 1);
    commit(tx).await;
    let again = NewReconciliation {
        agrees: true,
        breaks: Vec::new(),
        ..new
    };
    let mut tx = hub.begin().await;
    let (second, version) = record_reconciliation(&mut tx, &again, at(20))
        .await
        .expect("it is kept");
    assert_eq!(version, 2);
    commit(tx).await;

    let old = show_reconciliation(&hub.db, first)
        .await
        .expect("it stands");
    assert_eq!((old.agrees, old.version, old.at), (false, 1, at(10)));
    let latest = latest_reconciliation(&hub.db, "etc_clearing", None)
        .await
        .expect("an answer");
    assert_eq!(latest.map(|row| row.recon_no), Some(second));
    let components = list_components(&hub.db, first).await.expect("a list");
    let amounts: Vec<_> = components
        .iter()
        .map(|row| (row.name.as_str(), row.amount))
        .collect();
    assert_eq!(amounts, [("clearing", Some(3_150)), ("refunds", None)]);
    let filter = BreakFilter {
        recon: Some(first),
        limit: 10,
        ..BreakFilter::default()
    };
    let breaks = list_breaks(&hub.db, &filter).await.expect("a list");
    let objects: Vec<_> = breaks
        .iter()
        .map(|row| (row.rank, row.object.as_str(), row.kind))
        .collect();
    assert_eq!(
        objects,
        [
            (1, "0020/17", BreakKind::OneSidedTheirs),
            (2, "0020/18", BreakKind::Amount),
        ]
    );
    let only = BreakFilter {
        kind: Some(BreakKind::Amount),
        state: Some(BreakState::Open),
        object: Some("0020/18".to_owned()),
        ..filter
    };
    assert_eq!(list_breaks(&hub.db, &only).await.expect("a list").len(), 1);
}

pub(crate) async fn a_version_of_a_report_is_never_overwritten(hub: &Hub) {
    let report = |version| NewReport {
        name: "daily_clearing",
        business_date: day(21),
        version,
        digest: digest(version as u8),
        bytes: 1_000,
        files: json!(["daily_clearing.html"]),
        recon: None,
    };
    for expected in [1, 2] {
        let mut tx = hub.begin().await;
        let version = next_report_version(&mut tx, "daily_clearing", day(21))
            .await
            .expect("a version");
        assert_eq!(version, expected);
        add_report(&mut tx, &report(version), at(10))
            .await
            .expect("it is kept");
        commit(tx).await;
    }
    let mut tx = hub.begin().await;
    let error = add_report(&mut tx, &report(1), at(20)).await;
    assert_eq!(
        says(error),
        "report `daily_clearing` of 2026-11-21 has a version 1 already; take the next number"
    );
    tx.rollback().await.expect("it is undone");
    let kept = list_reports(&hub.db, Some("daily_clearing"), Some(day(21)), 10)
        .await
        .expect("a list");
    let shown: Vec<_> = kept.iter().map(|row| (row.version, row.digest)).collect();
    assert_eq!(shown, [(2, digest(2)), (1, digest(1))]);
}

async fn raised(hub: &Hub, level: Level, file: Option<FileNo>) -> i64 {
    let event = NewEvent {
        level,
        name: "altered-resend",
        partner: Some("centre"),
        file,
        sentence: "package 17 came again with other content",
        fields: json!({ "message_id": 17 }),
    };
    let mut tx = hub.begin().await;
    let number = raise(&mut tx, &event, at(5)).await.expect("it is raised");
    commit(tx).await;
    number
}

pub(crate) async fn an_event_is_shown_until_it_is_seen(hub: &Hub) {
    let info = raised(hub, Level::Info, None).await;
    let alert = raised(hub, Level::Alert, Some(FileNo(3))).await;
    let numbers = async |levels: &[Level]| -> Vec<i64> {
        let rows = list_unseen_events(&hub.db, levels, 10)
            .await
            .expect("a list");
        rows.iter().map(|row| row.event_no).collect()
    };
    assert_eq!(numbers(&[]).await, [alert, info]);
    assert_eq!(numbers(&[Level::Alert, Level::Warning]).await, [alert]);
    for who in ["zhang", "li"] {
        let mut tx = hub.begin().await;
        mark_seen(&mut tx, alert, who, at(6))
            .await
            .expect("it is seen");
        commit(tx).await;
    }
    assert_eq!(numbers(&[]).await, [info]);
    let sql = "SELECT seen_by FROM ledger_event WHERE seen_by IS NOT NULL";
    let row = hub.db.query_one(sql, &[]).await.expect("a row");
    assert_eq!(row.text(0).expect("a text"), "zhang");
    let mut tx = hub.begin().await;
    assert_eq!(
        says(mark_seen(&mut tx, 99, "li", at(7)).await),
        "there is no event `99`; list them to see the numbers"
    );
    tx.rollback().await.expect("it is undone");
}

pub(crate) async fn the_overview_shows_everything_that_is_open(hub: &Hub) {
    let loaded = hub.loaded("a.xml", "1", 1).await;
    let held = hub.held("b.xml", "2", 2, hold("sum-differs", None)).await;
    let mut tx = hub.begin().await;
    keep_rejects(&mut tx, loaded, 2, Keep::All).await;
    for number in [1, 4] {
        note_sequence(&mut tx, "centre", "package", "0020", number, at(5))
            .await
            .expect("it is noted");
    }
    commit(tx).await;
    let alert = raised(hub, Level::Alert, Some(held)).await;
    raised(hub, Level::Info, None).await;
    let answer = super::deliveries::answer(hub, loaded, 17)
        .await
        .expect("it is composed");
    super::runs::start(hub, "receive", "one").await;

    let status = overview(&hub.db, Some(day(21))).await.expect("it is read");
    let count = |state| FileCount { state, count: 1 };
    assert_eq!(
        status.files,
        [count(FileState::Loaded), count(FileState::Held)]
    );
    let reasons: Vec<_> = status
        .held
        .iter()
        .map(|row| (row.file_no, row.reason.as_deref()))
        .collect();
    assert_eq!(reasons, [(held, Some("the sum differs"))]);
    let open = RejectCount {
        file_no: loaded.0,
        name: "a.xml".to_owned(),
        partner: "centre".to_owned(),
        open: 2,
    };
    assert_eq!(open.file(), loaded);
    assert_eq!(status.rejects, [open]);
    assert_eq!(status.gaps.len(), 1);
    let unsent: Vec<_> = status.unsent.iter().map(|row| row.delivery_no).collect();
    assert_eq!(unsent, [answer]);
    assert_eq!(status.unacknowledged, []);
    assert_eq!(status.runs.len(), 1);
    let events: Vec<_> = status.events.iter().map(|row| row.event_no).collect();
    assert_eq!(events, [alert]);
    let other = overview(&hub.db, Some(day(22))).await.expect("it is read");
    assert_eq!(other.files, [], "counts are of the day");
    assert_eq!(
        other.held.len(),
        1,
        "what is open is shown whatever its day"
    );
}
