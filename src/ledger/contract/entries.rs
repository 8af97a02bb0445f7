//! Archives whose entries are files of their own.

use super::hub::id::FileNo;
use super::hub::ledger::{
    ClaimOutcome, FileFilter, FileState, FinishState, Judgement, Leftovers, Registered, claim,
    decide_duplicate, decide_held, describe, judge, landed_entries, leftovers, list_files,
    mark_finished, open_archive, release,
};
use super::{Hub, at, commit, day, digest, hold, land, package, place, register, says};

/// An archive that landed and was opened, and the numbers of its two entries.
async fn opened(hub: &Hub, content: u8) -> (FileNo, [FileNo; 2]) {
    let mut tx = hub.begin().await;
    let archive = land(&mut tx, "pack!.zip", content).await;
    let around = super::hub::ledger::Description {
        envelope: Some("zip".to_owned()),
        business_date: Some(day(21)),
        ..super::hub::ledger::Description::default()
    };
    describe(&mut tx, archive, &around)
        .await
        .expect("it is described");
    let names = ["a.csv".to_owned(), "对账.csv".to_owned()];
    open_archive(&mut tx, archive, &names, at(15))
        .await
        .expect("it is opened");
    commit(tx).await;
    let entries = landed_entries(&hub.db, archive).await.expect("a list");
    let numbers: Vec<FileNo> = entries.iter().map(|row| row.file_no).collect();
    let numbers = numbers.try_into();
    (archive, numbers.expect("two entries"))
}

async fn found(hub: &Hub) -> Leftovers {
    leftovers(&hub.db, at(50), 100).await.expect("it is read")
}

pub(crate) async fn an_entry_is_a_file_that_knows_its_archive(hub: &Hub) {
    let (archive, entries) = opened(hub, 1).await;
    assert_eq!(entries, [FileNo(archive.0 + 1), FileNo(archive.0 + 2)]);
    let around = hub.file(archive).await;
    assert_eq!(around.state, FileState::Opened);
    assert_eq!(around.decided_at, Some(at(15)));
    assert_eq!((around.container_file_no, around.entry), (None, None));
    let entry = hub.file(FileNo(archive.0 + 2)).await;
    assert_eq!(entry.state, FileState::Landed);
    assert_eq!(entry.name, "pack!.zip!/对账.csv");
    assert_eq!(entry.source_name(), "pack!.zip");
    assert_eq!(entry.own_name(), "对账.csv");
    assert_eq!(entry.source(), place("pack!.zip"));
    assert_eq!(entry.container_file_no, Some(archive));
    assert_eq!(entry.landed_digest, digest(1));
    assert_eq!(entry.business_date, Some(day(21)));
    assert_eq!(entry.envelope.as_deref(), Some("zip"));
    assert_eq!(entry.decided_at, None);
    assert_eq!(entry.finish_state, FinishState::Done);
    let filter = FileFilter {
        container: Some(archive),
        limit: 10,
        ..FileFilter::default()
    };
    let listed = list_files(&hub.db, &filter).await.expect("a list");
    assert_eq!(listed.len(), 2);
    let mut tx = hub.begin().await;
    let again = open_archive(&mut tx, archive, &[], at(16)).await;
    assert_eq!(
        says(again),
        format!(
            "file `{archive}` is opened and cannot become opened; look at it again, somebody may \
             have been faster"
        )
    );
    tx.rollback().await.expect("it is undone");
}

pub(crate) async fn an_archive_is_finished_after_its_last_entry(hub: &Hub) {
    let (archive, entries @ [first, second]) = opened(hub, 1).await;
    let left = found(hub).await;
    let landed: Vec<FileNo> = left.landed.iter().map(|row| row.file_no).collect();
    assert_eq!(landed, entries, "what a crash leaves is found");
    assert!(left.unfinished.is_empty(), "not before its entries");
    let early = mark_finished(&hub.db, archive).await;
    assert_eq!(
        says(early),
        format!(
            "file `{archive}` is opened and cannot become finished; look at it again, somebody may \
             have been faster"
        )
    );

    let mut tx = hub.begin().await;
    describe(&mut tx, first, &package("1", 1))
        .await
        .expect("it is described");
    commit(tx).await;
    hub.load(first).await.expect("it is accepted");
    assert!(mark_finished(&hub.db, archive).await.is_err());
    let mut tx = hub.begin().await;
    assert_eq!(
        register(&mut tx, "pack!.zip", 1).await,
        Registered::Unfinished(archive),
        "the partner's archive is known"
    );
    decide_held(&mut tx, second, &hold("sum-differs", None), at(20))
        .await
        .expect("it is held");
    commit(tx).await;
    let left = found(hub).await;
    let unfinished: Vec<FileNo> = left.unfinished.iter().map(|row| row.file_no).collect();
    assert_eq!(unfinished, [archive]);
    mark_finished(&hub.db, archive)
        .await
        .expect("each entry is decided");
}

pub(crate) async fn whoever_works_on_an_archive_works_on_its_entries(hub: &Hub) {
    let (_, entries) = opened(hub, 1).await;
    let taken = claim(&hub.db, &place("pack!.zip"), "one", at(0), 60)
        .await
        .expect("the ledger answers");
    let ClaimOutcome::Claimed(taken) = taken else {
        unreachable!("nobody had it");
    };
    assert!(found(hub).await.landed.is_empty(), "its holder lives");
    release(&hub.db, taken, at(1)).await.expect("it is free");
    assert_eq!(found(hub).await.landed.len(), entries.len());
}

pub(crate) async fn an_entry_that_comes_again_in_another_archive_is_a_duplicate(hub: &Hub) {
    let (_, [known, _]) = opened(hub, 1).await;
    let (_, [again, _]) = opened(hub, 2).await;
    for file in [known, again] {
        let mut tx = hub.begin().await;
        describe(&mut tx, file, &package("1", 9))
            .await
            .expect("it is described");
        let judgement = judge(&mut tx, file).await.expect("it is judged");
        match judgement {
            Judgement::New => {
                commit(tx).await;
                hub.load(file).await.expect("it is accepted");
            }
            Judgement::Duplicate(original) => {
                assert_eq!((file, original.file_no), (again, known));
                decide_duplicate(&mut tx, file, original.file_no, at(40))
                    .await
                    .expect("it is entered");
                commit(tx).await;
            }
            other => unreachable!("the same content: {other:?}"),
        }
    }
    assert_eq!(hub.file(again).await.state, FileState::Duplicate);
}
