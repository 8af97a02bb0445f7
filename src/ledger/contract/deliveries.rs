//! The outbox.

use super::hub::id::{DeliveryNo, FileNo};
use super::hub::ledger::{
    Acknowledgement, Act, DeliveryFilter, DeliveryRow, DeliveryState, DoneWhen, NewDelivery,
    Purpose, Sending, cancel_delivery, compose_delivery, find_by_name, find_by_number,
    list_deliveries, mark_acknowledged, mark_attempt_failed, mark_overdue, mark_replaced,
    mark_sent, mark_staged, note_answer, pending_deliveries, replacement_of, resend_delivery,
    show_delivery,
};
use super::hub::ledger::{LedgerError, Location};
use super::{Hub, at, commit, day, digest, says};

const RECEIPT: Sending<'_> = Sending {
    receipt: Some("stat 300"),
    due_at: None,
};

const ACT: Act<'_> = Act {
    who: "zhang",
    reason: "the centre lost it",
};

/// Composes a business answer to `file` with the number `message_no`.
pub(crate) async fn answer(
    hub: &Hub,
    file: FileNo,
    message_no: i64,
) -> Result<DeliveryNo, LedgerError> {
    let location = Location::new("centre_sftp", "from_issuer", format!("{message_no}.xml"));
    let new = NewDelivery {
        partner: "centre",
        location: &location,
        mapping: "centre/accounting",
        dataset: Some("etc_accounting"),
        key: serde_json::json!({ "message_id": message_no }),
        message_no: Some(message_no),
        answers_file: Some(file),
        purpose: Purpose::BusinessAnswer,
        envelope: Some("lz77"),
        business_date: Some(day(21)),
        done_when: DoneWhen::Acknowledged,
        due_at: Some(at(600)),
        job: Some("centre/answer"),
        replaces: None,
    };
    let mut tx = hub.begin().await;
    let delivery = compose_delivery(&mut tx, &new, at(100)).await?;
    commit(tx).await;
    Ok(delivery)
}

async fn stage(hub: &Hub, delivery: DeliveryNo, content: u8) -> Result<(), LedgerError> {
    let mut tx = hub.begin().await;
    mark_staged(&mut tx, delivery, digest(content), 300).await?;
    commit(tx).await;
    Ok(())
}

async fn sent(hub: &Hub, message_no: i64) -> DeliveryNo {
    let delivery = answer(hub, FileNo(message_no), message_no)
        .await
        .expect("it is composed");
    stage(hub, delivery, 5).await.expect("it is staged");
    let mut tx = hub.begin().await;
    mark_sent(&mut tx, delivery, &RECEIPT, at(110))
        .await
        .expect("it is sent");
    commit(tx).await;
    delivery
}

async fn shown(hub: &Hub, delivery: DeliveryNo) -> DeliveryRow {
    show_delivery(&hub.db, delivery).await.expect("it is there")
}

async fn acknowledge(hub: &Hub, delivery: DeliveryNo, with: Acknowledgement) {
    let mut tx = hub.begin().await;
    mark_acknowledged(&mut tx, delivery, with, "3", Some(FileNo(77)), at(120))
        .await
        .expect("it is answered");
    commit(tx).await;
}

pub(crate) async fn a_delivery_goes_from_composed_to_acknowledged(hub: &Hub) {
    let delivery = sent(hub, 17).await;
    let row = shown(hub, delivery).await;
    assert_eq!((row.state, row.attempts), (DeliveryState::Sent, 1));
    assert_eq!(row.receipt.as_deref(), Some("stat 300"));
    assert_eq!((row.digest, row.bytes), (Some(digest(5)), Some(300)));
    assert_eq!(row.key, serde_json::json!({ "message_id": 17 }));
    assert!(!row.is_done(), "what is not acknowledged is not done");
    let location = row.location();
    assert_eq!(location.to_string(), "`centre_sftp:from_issuer/17.xml`");
    acknowledge(hub, delivery, Acknowledgement::Accepted).await;
    let row = shown(hub, delivery).await;
    assert_eq!(row.state, DeliveryState::Acknowledged);
    assert_eq!(row.acknowledged_at, Some(at(120)));
    assert_eq!(row.ack_result.as_deref(), Some("3"));
    assert_eq!(row.acknowledged_by, Some(FileNo(77)));
    assert!(row.is_done());
    let filter = DeliveryFilter {
        state: Some(DeliveryState::Acknowledged),
        partner: Some("centre".to_owned()),
        business_date: Some(day(21)),
        name: Some("17".to_owned()),
        answers_file: Some(FileNo(17)),
        as_of: None,
        before: None,
        limit: 5,
    };
    let listed = list_deliveries(&hub.db, &filter).await.expect("a list");
    assert_eq!(listed, [row]);
}

pub(crate) async fn a_failed_attempt_is_counted_and_tried_again(hub: &Hub) {
    let delivery = answer(hub, FileNo(1), 1).await.expect("it is composed");
    let mut tx = hub.begin().await;
    assert_eq!(
        says(mark_attempt_failed(&mut tx, delivery, "no route").await),
        format!(
            "delivery `{delivery}` is composed and cannot become tried again; look at it again, \
             somebody may have been faster"
        )
    );
    tx.rollback().await.expect("it is undone");
    stage(hub, delivery, 5).await.expect("it is staged");
    let mut tx = hub.begin().await;
    mark_attempt_failed(&mut tx, delivery, "no route")
        .await
        .expect("it is counted");
    commit(tx).await;
    let pending = pending_deliveries(&hub.db, 10).await.expect("a list");
    let [row] = pending.as_slice() else {
        unreachable!("one is pending: {pending:?}");
    };
    assert_eq!((row.state, row.attempts), (DeliveryState::Staged, 1));
    assert_eq!(row.last_error.as_deref(), Some("no route"));
    let mut tx = hub.begin().await;
    mark_sent(&mut tx, delivery, &Sending::default(), at(130))
        .await
        .expect("it is sent");
    commit(tx).await;
    let row = shown(hub, delivery).await;
    assert_eq!((row.attempts, row.last_error), (2, None));
}

pub(crate) async fn a_resend_carries_the_same_bytes(hub: &Hub) {
    let delivery = sent(hub, 17).await;
    let mut tx = hub.begin().await;
    resend_delivery(&mut tx, delivery, &ACT, at(140))
        .await
        .expect("it goes again");
    commit(tx).await;
    let row = shown(hub, delivery).await;
    assert_eq!((row.state, row.attempts), (DeliveryState::Composed, 1));
    assert_eq!((row.name.as_str(), row.message_no), ("17.xml", Some(17)));
    assert_eq!(
        says(stage(hub, delivery, 6).await),
        format!(
            "delivery `{delivery}` was rendered as {} before and now as {}; the partner would \
             take it for an altered file: cancel it and compose a new one",
            digest(5),
            digest(6)
        )
    );
    stage(hub, delivery, 5).await.expect("the same bytes go");
}

pub(crate) async fn a_refused_delivery_may_be_rendered_anew(hub: &Hub) {
    let delivery = sent(hub, 17).await;
    acknowledge(hub, delivery, Acknowledgement::Refused).await;
    assert_eq!(shown(hub, delivery).await.state, DeliveryState::Refused);
    let mut tx = hub.begin().await;
    resend_delivery(&mut tx, delivery, &ACT, at(140))
        .await
        .expect("it goes again");
    commit(tx).await;
    let row = shown(hub, delivery).await;
    assert_eq!((row.ack_result, row.acknowledged_at), (None, None));
    stage(hub, delivery, 6).await.expect("other bytes may go");
}

pub(crate) async fn a_delivery_is_found_by_its_name_and_replaced_once(hub: &Hub) {
    let delivery = sent(hub, 17).await;
    let mut tx = hub.begin().await;
    let found = find_by_name(&mut tx, "centre", "centre_sftp", "17.xml").await;
    let found = found.expect("an answer").map(|row| row.delivery_no);
    assert_eq!(found, Some(delivery));
    for (partner, connection, name) in [
        ("bank", "centre_sftp", "17.xml"),
        ("centre", "bank_sftp", "17.xml"),
        ("centre", "centre_sftp", "18.xml"),
    ] {
        let found = find_by_name(&mut tx, partner, connection, name).await;
        assert_eq!(
            found.expect("an answer"),
            None,
            "{partner} {connection} {name}"
        );
    }
    note_answer(&mut tx, delivery, "1 of 2 rows answered")
        .await
        .expect("it is noted");
    mark_replaced(&mut tx, delivery, "704", Some(FileNo(77)), at(120))
        .await
        .expect("it is answered");
    let location = Location::new("centre_sftp", "from_issuer", "18.xml");
    let replacement = NewDelivery {
        partner: "centre",
        location: &location,
        mapping: "centre/accounting",
        dataset: None,
        key: serde_json::json!({ "message_id": 18 }),
        message_no: Some(18),
        answers_file: Some(FileNo(77)),
        purpose: Purpose::Request,
        envelope: None,
        business_date: Some(day(21)),
        done_when: DoneWhen::Acknowledged,
        due_at: None,
        job: Some("centre/answer"),
        replaces: Some(delivery),
    };
    let second = compose_delivery(&mut tx, &replacement, at(120))
        .await
        .expect("it is composed");
    commit(tx).await;
    let row = shown(hub, delivery).await;
    assert!(row.is_done(), "another one stands for it");
    assert_eq!(row.ack_result.as_deref(), Some("704"));
    let found = replacement_of(&hub.db, delivery).await.expect("an answer");
    assert_eq!(found.map(|row| row.delivery_no), Some(second));
    let mut tx = hub.begin().await;
    let again = compose_delivery(&mut tx, &replacement, at(130)).await;
    assert!(again.is_err(), "a delivery is replaced once");
    tx.rollback().await.expect("it is undone");
}

pub(crate) async fn an_unanswered_delivery_becomes_overdue(hub: &Hub) {
    let delivery = sent(hub, 17).await;
    for (secs, found) in [(599, vec![]), (600, vec![delivery]), (601, vec![])] {
        let mut tx = hub.begin().await;
        let overdue = mark_overdue(&mut tx, at(secs)).await.expect("a list");
        let numbers: Vec<DeliveryNo> = overdue.iter().map(|row| row.delivery_no).collect();
        assert_eq!(numbers, found, "{secs}");
        commit(tx).await;
    }
    assert_eq!(shown(hub, delivery).await.state, DeliveryState::Overdue);
    acknowledge(hub, delivery, Acknowledgement::Accepted).await;
    let row = shown(hub, delivery).await;
    assert!(row.is_done(), "late is not never");
    assert!(!row.is_late(), "the partner's clock says 120, before 600");
}

/// The numbers of the deliveries that are in a state at a moment.
async fn in_state(hub: &Hub, state: DeliveryState, secs: i64) -> Vec<DeliveryNo> {
    let filter = DeliveryFilter {
        state: Some(state),
        as_of: Some(at(secs)),
        limit: 10,
        ..DeliveryFilter::default()
    };
    let rows = list_deliveries(&hub.db, &filter).await.expect("a list");
    assert!(rows.iter().all(|row| row.state == state), "{rows:?}");
    rows.iter().map(|row| row.delivery_no).collect()
}

pub(crate) async fn whoever_looks_sees_what_is_past_its_time_before_it_is_marked(hub: &Hub) {
    let delivery = sent(hub, 17).await;
    assert_eq!(in_state(hub, DeliveryState::Sent, 599).await, [delivery]);
    assert!(in_state(hub, DeliveryState::Overdue, 599).await.is_empty());
    assert!(in_state(hub, DeliveryState::Sent, 600).await.is_empty());
    assert_eq!(in_state(hub, DeliveryState::Overdue, 600).await, [delivery]);
    assert_eq!(
        shown(hub, delivery).await.state,
        DeliveryState::Sent,
        "nothing was marked"
    );
}

pub(crate) async fn the_time_to_acknowledge_runs_from_the_last_sending(hub: &Hub) {
    let delivery = sent(hub, 17).await;
    let mut tx = hub.begin().await;
    assert_eq!(
        mark_overdue(&mut tx, at(700)).await.expect("a list").len(),
        1
    );
    resend_delivery(&mut tx, delivery, &ACT, at(701))
        .await
        .expect("it goes again");
    mark_staged(&mut tx, delivery, digest(5), 300)
        .await
        .expect("the same bytes");
    let again = Sending {
        due_at: Some(at(1_300)),
        ..RECEIPT
    };
    mark_sent(&mut tx, delivery, &again, at(710))
        .await
        .expect("it is sent");
    assert!(
        mark_overdue(&mut tx, at(1_299))
            .await
            .expect("a list")
            .is_empty()
    );
    mark_acknowledged(
        &mut tx,
        delivery,
        Acknowledgement::Accepted,
        "1",
        None,
        at(1_301),
    )
    .await
    .expect("late, and matched");
    commit(tx).await;
    let row = shown(hub, delivery).await;
    assert_eq!(
        (row.state, row.due_at),
        (DeliveryState::Acknowledged, Some(at(1_300)))
    );
    assert!(row.is_late());
}

pub(crate) async fn a_file_gets_exactly_one_business_answer(hub: &Hub) {
    let first = answer(hub, FileNo(3), 1).await.expect("it is composed");
    let second = answer(hub, FileNo(3), 2).await;
    assert_eq!(
        says(second),
        "file `3` has its business answer already; exactly one is composed"
    );
    let mut tx = hub.begin().await;
    cancel_delivery(&mut tx, first, &ACT, at(150))
        .await
        .expect("it is cancelled");
    commit(tx).await;
    assert_eq!(shown(hub, first).await.state, DeliveryState::Cancelled);
    let second = answer(hub, FileNo(3), 2).await.expect("now it may be");
    assert_eq!(
        second,
        DeliveryNo(first.0 + 1),
        "the refused one left no hole"
    );
}

pub(crate) async fn an_acknowledgement_finds_its_delivery_by_number(hub: &Hub) {
    let delivery = sent(hub, 17).await;
    for (connection, number, found) in [
        ("centre_sftp", 17, Some(delivery)),
        ("centre_sftp", 18, None),
        ("bank_sftp", 17, None),
    ] {
        let mut tx = hub.begin().await;
        let row = find_by_number(&mut tx, "centre", connection, number)
            .await
            .expect("the ledger answers");
        assert_eq!(row.map(|row| row.delivery_no), found);
        commit(tx).await;
    }
}
