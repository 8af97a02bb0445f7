//! What operators decide about held files.

use super::hub::ledger::{
    Act, AnswerState, FileState, Judgement, Keep, RejectFilter, decide_loaded, judge, list_audit,
    list_controls, list_rejects, refuse_file, reopen_file, supersede_file,
};
use super::rejects::{control, keep_rejects};
use super::{Hub, LOAD, at, commit, hold, says};

const ACT: Act<'_> = Act {
    who: "zhang",
    reason: "the centre confirmed it by phone",
};

pub(crate) async fn an_altered_resend_takes_the_place_of_the_accepted_file(hub: &Hub) {
    let old = hub.loaded("a.xml", "1", 1).await;
    let altered = hold("altered-resend", Some(old));
    let new = hub.held("a.xml", "1", 2, altered).await;
    let mut tx = hub.begin().await;
    supersede_file(&mut tx, new, &ACT, at(50))
        .await
        .expect("it is allowed");
    commit(tx).await;
    // Until the new one is loaded, the old one stands.
    assert_eq!(hub.file(old).await.state, FileState::Loaded);
    assert_eq!(hub.file(new).await.state, FileState::Landed);

    let mut tx = hub.begin().await;
    let judgement = judge(&mut tx, new).await.expect("it is judged");
    assert!(matches!(judgement, Judgement::Superseding(row) if row.file_no == old));
    decide_loaded(&mut tx, new, &LOAD, at(60))
        .await
        .expect("it is accepted");
    commit(tx).await;
    let old = hub.file(old).await;
    assert_eq!(
        (old.state, old.superseded_by, old.answer_state),
        (FileState::Superseded, Some(new), AnswerState::None)
    );
    assert_eq!(hub.file(new).await.state, FileState::Loaded);
}

pub(crate) async fn a_refused_file_stays_refused(hub: &Hub) {
    let old = hub.loaded("a.xml", "1", 1).await;
    let altered = hold("altered-resend", Some(old));
    let new = hub.held("a.xml", "1", 2, altered).await;
    let mut tx = hub.begin().await;
    refuse_file(&mut tx, new, &ACT, at(50))
        .await
        .expect("it is refused");
    commit(tx).await;
    let row = hub.file(new).await;
    assert_eq!(row.state, FileState::Refused);
    assert_eq!(row.reason.as_deref(), Some(ACT.reason));
    let mut tx = hub.begin().await;
    assert_eq!(
        says(reopen_file(&mut tx, new, &ACT, at(60)).await),
        format!(
            "file `{new}` is refused and cannot become landed; look at it again, somebody may \
             have been faster"
        )
    );
    tx.rollback().await.expect("it is undone");
    assert_eq!(hub.file(old).await.state, FileState::Loaded);
}

pub(crate) async fn a_file_that_is_tried_again_starts_with_clean_books(hub: &Hub) {
    let file = hub.landed("a.xml", "1", 1).await;
    let mut tx = hub.begin().await;
    keep_rejects(&mut tx, file, 3, Keep::First).await;
    super::hub::ledger::add_controls(&mut tx, file, &[control("count")])
        .await
        .expect("they are kept");
    let why = super::Hold {
        counts: LOAD.counts,
        ..hold("too-many-rejects", None)
    };
    super::decide_held(&mut tx, file, &why, at(20))
        .await
        .expect("it is held");
    commit(tx).await;

    let mut tx = hub.begin().await;
    reopen_file(&mut tx, file, &ACT, at(30))
        .await
        .expect("it is tried again");
    commit(tx).await;
    let row = hub.file(file).await;
    assert_eq!(
        (row.state, row.code, row.rejected),
        (FileState::Landed, None, 0)
    );
    assert_eq!(list_controls(&hub.db, file).await.expect("a list"), []);
    let filter = RejectFilter {
        limit: 10,
        ..RejectFilter::default()
    };
    assert_eq!(list_rejects(&hub.db, &filter).await.expect("a list"), []);
    hub.load(file).await.expect("now it is accepted");
}

pub(crate) async fn acts_need_a_reason_and_are_in_the_audit(hub: &Hub) {
    let file = hub.held("a.xml", "1", 1, hold("sum-differs", None)).await;
    let silent = Act {
        who: "zhang",
        reason: "  ",
    };
    let mut tx = hub.begin().await;
    assert_eq!(
        says(refuse_file(&mut tx, file, &silent, at(50)).await),
        "a reason is needed to refuse a file; say in a few words why"
    );
    assert_eq!(
        says(supersede_file(&mut tx, file, &ACT, at(50)).await),
        format!(
            "file `{file}` is no held altered re-send and cannot become the successor of another \
             file; look at it again, somebody may have been faster"
        )
    );
    refuse_file(&mut tx, file, &ACT, at(50))
        .await
        .expect("it is refused");
    commit(tx).await;
    let entries = list_audit(&hub.db, None, 10).await.expect("a list");
    let [entry] = entries.as_slice() else {
        unreachable!("one act, one entry: {entries:?}");
    };
    assert_eq!(
        (entry.audit_no, entry.at, entry.who.as_str()),
        (1, at(50), "zhang")
    );
    assert_eq!(entry.act, "file.refuse");
    assert_eq!(entry.object, format!("file {file}"));
    assert_eq!(entry.reason.as_deref(), Some(ACT.reason));
    assert_eq!(entry.detail, serde_json::json!({ "code": "sum-differs" }));
}
