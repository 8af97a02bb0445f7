//! Rejects and controls.

use super::hub::db::Transaction;
use super::hub::diag::Code;
use super::hub::id::{FileNo, RecordNo};
use super::hub::ledger::{
    Act, Keep, MAX_RAW_BYTES, NewControl, NewReject, RejectFilter, RejectKey, RejectKind,
    RejectState, add_controls, add_rejects, list_controls, list_rejects, mark_repaired,
    show_reject, waive_reject,
};
use super::hub::record::{Place, Reject};
use super::{Hub, at, commit, says};

const CODE: Code = Code {
    id: "not-a-number",
    title: "a field is not a number",
    title_zh: "字段不是数字",
    help: "Ask the partner.",
};

fn reject(record: u64) -> Reject {
    Reject {
        code: &CODE,
        place: Place {
            record: RecordNo(record),
            offset: record * 10,
            length: 9,
        },
        field: Some("fee".to_owned()),
        detail: "found `x`, expected digits".to_owned(),
    }
}

/// Keeps `count` rejects, of records 1, 2 …
pub(crate) async fn keep_rejects(
    tx: &mut Transaction,
    file: FileNo,
    count: u64,
    keep: Keep,
) -> usize {
    let rejects: Vec<Reject> = (1..=count).map(reject).collect();
    let new: Vec<NewReject<'_>> = rejects
        .iter()
        .map(|reject| NewReject {
            reject,
            raw: b"1,x,2",
            kind: RejectKind::Reject,
        })
        .collect();
    add_rejects(tx, file, &new, keep)
        .await
        .expect("they are kept")
}

pub(crate) fn control(name: &str) -> NewControl {
    NewControl {
        name: name.to_owned(),
        declared: Some("10".to_owned()),
        computed: Some("9".to_owned()),
        agrees: false,
    }
}

async fn count(hub: &Hub, file: FileNo) -> usize {
    let filter = RejectFilter {
        file: Some(file),
        limit: 10_000,
        ..RejectFilter::default()
    };
    let rows = list_rejects(&hub.db, &filter).await.expect("a list");
    assert!(rows.is_sorted_by_key(|row| (row.record_no, row.ordinal)));
    rows.len()
}

pub(crate) async fn a_held_file_keeps_the_first_thousand_rejects(hub: &Hub) {
    let file = hub.landed("a.xml", "1", 1).await;
    let mut tx = hub.begin().await;
    assert_eq!(keep_rejects(&mut tx, file, 1_500, Keep::First).await, 1_000);
    assert_eq!(keep_rejects(&mut tx, file, 1, Keep::First).await, 0);
    commit(tx).await;
    assert_eq!(count(hub, file).await, 1_000);
}

pub(crate) async fn a_loaded_file_keeps_every_reject(hub: &Hub) {
    let file = hub.landed("a.xml", "1", 1).await;
    let mut tx = hub.begin().await;
    assert_eq!(keep_rejects(&mut tx, file, 1_500, Keep::All).await, 1_500);
    commit(tx).await;
    assert_eq!(count(hub, file).await, 1_500);
    let mut tx = hub.begin().await;
    let all: Vec<Reject> = (1_001..=1_600).map(reject).collect();
    let again: Vec<NewReject<'_>> = all
        .iter()
        .map(|reject| NewReject {
            reject,
            raw: b"",
            kind: RejectKind::Reject,
        })
        .collect();
    assert_eq!(
        says(add_rejects(&mut tx, file, &again, Keep::All).await),
        "500 rows are in `ledger_reject` already; a file's rejects are written once"
    );
    tx.rollback().await.expect("it is undone");
}

pub(crate) async fn a_reject_is_bounded_whatever_the_record(hub: &Hub) {
    let file = hub.landed("a.xml", "1", 1).await;
    let long = vec![0_u8; MAX_RAW_BYTES + 1];
    let hostile = Reject {
        detail: "渡\0".repeat(1_000),
        field: None,
        ..reject(7)
    };
    let new = [&hostile, &hostile].map(|reject| NewReject {
        reject,
        raw: &long,
        kind: RejectKind::DuplicateKey,
    });
    let mut tx = hub.begin().await;
    add_rejects(&mut tx, file, &new, Keep::All)
        .await
        .expect("they are kept");
    commit(tx).await;
    let key = RejectKey {
        file,
        record_no: 7,
        ordinal: 2,
    };
    let row = show_reject(&hub.db, &key).await.expect("it is there");
    assert_eq!(row.raw.len(), MAX_RAW_BYTES);
    assert_eq!((row.byte_offset, row.byte_length), (70, 9));
    assert!(row.detail.starts_with("渡␀渡␀") && row.detail.len() <= 2_003);
    assert_eq!((row.field, row.kind), (None, RejectKind::DuplicateKey));
}

pub(crate) async fn an_open_reject_is_waived_or_repaired_once(hub: &Hub) {
    let file = hub.landed("a.xml", "1", 1).await;
    let mut tx = hub.begin().await;
    keep_rejects(&mut tx, file, 3, Keep::All).await;
    commit(tx).await;
    let key = |record_no| RejectKey {
        file,
        record_no,
        ordinal: 1,
    };
    let act = |reason| Act { who: "li", reason };
    let mut tx = hub.begin().await;
    assert_eq!(
        says(waive_reject(&mut tx, &key(1), &act(""), at(50)).await),
        "a reason is needed to waive a reject; say in a few words why"
    );
    waive_reject(&mut tx, &key(1), &act("a test row of theirs"), at(50))
        .await
        .expect("it is waived");
    mark_repaired(&mut tx, &key(2), FileNo(9), at(51))
        .await
        .expect("it is repaired");
    assert_eq!(
        says(mark_repaired(&mut tx, &key(1), FileNo(9), at(52)).await),
        format!(
            "reject `{file}/1/1` is waived and cannot become repaired; look at it again, somebody \
             may have been faster"
        )
    );
    assert_eq!(
        says(waive_reject(&mut tx, &key(4), &act("why"), at(52)).await),
        format!("there is no reject `{file}/4/1`; list them to see the numbers")
    );
    commit(tx).await;
    let waived = show_reject(&hub.db, &key(1)).await.expect("it is there");
    assert_eq!(waived.state, RejectState::Waived);
    assert_eq!(
        waived.waived_reason.as_deref(),
        Some("a test row of theirs")
    );
    assert_eq!(waived.waived_by.as_deref(), Some("li"));
    assert_eq!(waived.waived_at, Some(at(50)));
    let repaired = show_reject(&hub.db, &key(2)).await.expect("it is there");
    assert_eq!(repaired.state, RejectState::Repaired);
    assert_eq!(repaired.repaired_by, Some(FileNo(9)));
    let open = RejectFilter {
        state: Some(RejectState::Open),
        code: Some("not-a-number".to_owned()),
        limit: 10,
        ..RejectFilter::default()
    };
    let rows = list_rejects(&hub.db, &open).await.expect("a list");
    let records: Vec<i64> = rows.iter().map(|row| row.record_no).collect();
    assert_eq!(records, [3]);
}

pub(crate) async fn controls_are_kept_in_their_order(hub: &Hub) {
    let file = hub.landed("a.xml", "1", 1).await;
    let mut tx = hub.begin().await;
    add_controls(&mut tx, file, &[control("count"), control("amount")])
        .await
        .expect("they are kept");
    commit(tx).await;
    let rows = list_controls(&hub.db, file).await.expect("a list");
    let shown: Vec<_> = rows
        .iter()
        .map(|row| (row.ordinal, row.name.as_str(), row.agrees))
        .collect();
    assert_eq!(shown, [(1, "count", false), (2, "amount", false)]);
}
