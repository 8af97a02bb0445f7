//! The file registry.

use super::hub::id::FileNo;
use super::hub::ledger::{
    Counts, FileFilter, FileState, FinishState, Judgement, LedgerError, Registered,
    decide_duplicate, decide_held, decide_loaded, find_accepted, find_at, judge, list_files,
    mark_answered, mark_finished, origin,
};
use super::{
    Hub, LOAD, at, commit, day, digest, hold, land, place, register, register_written, says,
};

async fn judged(hub: &Hub, file: FileNo) -> Judgement {
    let mut tx = hub.begin().await;
    let judgement = judge(&mut tx, file).await.expect("it is judged");
    commit(tx).await;
    judgement
}

pub(crate) async fn a_file_that_lands_again_after_a_crash_goes_on_with_its_number(hub: &Hub) {
    let file = hub.landed("a.xml", "1", 1).await;
    let mut tx = hub.begin().await;
    assert_eq!(
        register(&mut tx, "a.xml", 1).await,
        Registered::Resumed(file)
    );
    assert_ne!(
        register(&mut tx, "a.xml", 2).await,
        Registered::Resumed(file)
    );
    tx.rollback().await.expect("it is undone");

    hub.load(file).await.expect("it is accepted");
    let mut tx = hub.begin().await;
    assert_eq!(
        register(&mut tx, "a.xml", 1).await,
        Registered::Unfinished(file)
    );
    commit(tx).await;
    mark_finished(&hub.db, file).await.expect("it is finished");
    let mut tx = hub.begin().await;
    assert_eq!(
        register(&mut tx, "a.xml", 1).await,
        Registered::New(FileNo(file.0 + 1))
    );
    commit(tx).await;
}

pub(crate) async fn what_is_written_again_is_a_file_of_its_own_and_what_is_not_goes_on(hub: &Hub) {
    let mut tx = hub.begin().await;
    let left = register_written(&mut tx, "a.xml", 1, Some(at(5))).await;
    let Registered::New(file) = left else {
        unreachable!("nothing was there: {left:?}");
    };
    let same = register_written(&mut tx, "a.xml", 1, Some(at(5))).await;
    assert_eq!(same, Registered::Resumed(file));
    let again = register_written(&mut tx, "a.xml", 1, Some(at(6))).await;
    assert_eq!(again, Registered::New(FileNo(file.0 + 1)));
    tx.rollback().await.expect("it is undone");

    // A row of an older program, which noted no moment, may be any.
    let old = hub.landed("b.xml", "2", 2).await;
    let mut tx = hub.begin().await;
    let found = register_written(&mut tx, "b.xml", 2, Some(at(7))).await;
    assert_eq!(found, Registered::Resumed(old));
    tx.rollback().await.expect("it is undone");
}

pub(crate) async fn the_same_content_again_is_a_duplicate(hub: &Hub) {
    let first = hub.loaded("a.xml", "1", 1).await;
    let again = hub.landed("b.xml", "1", 1).await;
    let Judgement::Duplicate(original) = judged(hub, again).await else {
        unreachable!("the same identity and content");
    };
    assert_eq!(original.file_no, first);
    let mut tx = hub.begin().await;
    decide_duplicate(&mut tx, again, first, at(40))
        .await
        .expect("it is entered");
    commit(tx).await;
    let row = hub.file(again).await;
    assert_eq!(row.state, FileState::Duplicate);
    assert_eq!(row.original_file_no, Some(first));
    assert_eq!(row.code.as_deref(), Some("duplicate-file"));
    assert_eq!(row.loaded, 0);
    assert_eq!(hub.file(first).await.state, FileState::Loaded);
}

pub(crate) async fn other_content_is_an_altered_resend(hub: &Hub) {
    let first = hub.loaded("a.xml", "1", 1).await;
    let altered = hub.landed("a.xml", "1", 2).await;
    let Judgement::Altered(original) = judged(hub, altered).await else {
        unreachable!("the same identity and other content");
    };
    assert_eq!(original.file_no, first);
    let other = hub.landed("c.xml", "2", 2).await;
    assert_eq!(judged(hub, other).await, Judgement::New);
}

pub(crate) async fn a_held_file_does_not_block_a_corrected_one_which_supersedes_it(hub: &Hub) {
    let bad = hub.held("a.xml", "1", 1, hold("sum-differs", None)).await;
    let good = hub.landed("a.xml", "1", 2).await;
    assert_eq!(judged(hub, good).await, Judgement::New);
    hub.load(good).await.expect("it is accepted");
    let row = hub.file(bad).await;
    assert_eq!(row.state, FileState::Superseded);
    assert_eq!(row.superseded_by, Some(good));
    assert_eq!(row.code.as_deref(), Some("sum-differs"));
    let mut tx = hub.begin().await;
    let accepted = find_accepted(&mut tx, "centre", "centre/package", "message_id=1")
        .await
        .expect("the ledger answers");
    assert_eq!(accepted.map(|row| row.file_no), Some(good));
    commit(tx).await;
}

pub(crate) async fn two_files_of_one_identity_are_never_both_accepted(hub: &Hub) {
    let first = hub.landed("a.xml", "1", 1).await;
    let second = hub.landed("b.xml", "1", 1).await;
    hub.load(first).await.expect("it is accepted");
    let error = hub.load(second).await.expect_err("it came second");
    assert!(error.is_transient());
    assert_eq!(
        error.to_string(),
        format!(
            "file `{second}` could not be accepted because another one with its identity was \
             accepted at the same moment; judge it again"
        )
    );
    assert_eq!(hub.file(second).await.state, FileState::Landed);
}

pub(crate) async fn of_two_files_of_one_identity_in_a_race_exactly_one_is_accepted(hub: &Hub) {
    for race in 0..20 {
        let id = race.to_string();
        let mut racers = Vec::new();
        for (name, db) in [("a.xml", &hub.db), ("b.xml", &hub.other)] {
            let file = hub.landed(&format!("{race}{name}"), &id, 1).await;
            let db = db.clone();
            racers.push(tokio::spawn(async move {
                let mut tx = db.begin().await?;
                decide_loaded(&mut tx, file, &LOAD, at(30)).await?;
                tx.commit().await?;
                Ok::<_, LedgerError>(())
            }));
        }
        let mut accepted = 0;
        for racer in racers {
            match racer.await.expect("it ends") {
                Ok(()) => accepted += 1,
                Err(error) => assert_eq!(error.code().id, "identity-taken", "{error}"),
            }
        }
        assert_eq!(accepted, 1, "race {race}");
    }
}

pub(crate) async fn a_file_without_identity_is_not_accepted(hub: &Hub) {
    let mut tx = hub.begin().await;
    let file = land(&mut tx, "a.xml", 1).await;
    commit(tx).await;
    let error = hub.load(file).await.expect_err("nobody knows it");
    assert!(matches!(error, LedgerError::IdentityMissing { file: found } if found == file));
    assert_eq!(hub.file(file).await.state, FileState::Landed);
}

pub(crate) async fn a_decided_file_is_not_decided_again(hub: &Hub) {
    let file = hub.loaded("a.xml", "1", 1).await;
    let refused = |to: &str| {
        format!(
            "file `{file}` is loaded and cannot become {to}; look at it again, somebody may have \
             been faster"
        )
    };
    assert_eq!(says(hub.load(file).await), refused("loaded"));
    let mut tx = hub.begin().await;
    let held = decide_held(&mut tx, file, &hold("sum-differs", None), at(40)).await;
    assert_eq!(says(held), refused("held"));
    let duplicate = decide_duplicate(&mut tx, file, file, at(40)).await;
    assert_eq!(says(duplicate), refused("duplicate"));
    mark_answered(&mut tx, file).await.expect("one is owed");
    assert_eq!(
        says(mark_answered(&mut tx, file).await),
        format!(
            "the answer of file `{file}` is done and cannot become done; look at it again, \
             somebody may have been faster"
        )
    );
    tx.rollback().await.expect("it is undone");
    let landed = hub.landed("b.xml", "2", 2).await;
    assert_eq!(
        says(mark_finished(&hub.db, landed).await),
        format!(
            "file `{landed}` is landed and cannot become finished; look at it again, somebody may \
             have been faster"
        )
    );
    assert_eq!(
        says(mark_finished(&hub.db, FileNo(99)).await),
        "there is no file `99`; list them to see the numbers"
    );
}

pub(crate) async fn files_are_listed_by_state_partner_day_and_name(hub: &Hub) {
    let loaded = hub.loaded("Day_21%.xml", "1", 1).await;
    let held = hub.held("b.xml", "2", 2, hold("sum-differs", None)).await;
    let any = FileFilter {
        limit: 10,
        ..FileFilter::default()
    };
    for (filter, found) in [
        (any.clone(), vec![held, loaded]),
        (
            FileFilter {
                state: Some(FileState::Held),
                ..any.clone()
            },
            vec![held],
        ),
        (
            FileFilter {
                name: Some("day_21%".to_owned()),
                partner: Some("centre".to_owned()),
                business_date: Some(day(21)),
                interface: Some("centre/package".to_owned()),
                ..any.clone()
            },
            vec![loaded],
        ),
        (
            FileFilter {
                name: Some("y-2".to_owned()),
                ..any.clone()
            },
            vec![],
        ),
        (
            FileFilter {
                business_date: Some(day(22)),
                ..any.clone()
            },
            vec![],
        ),
        (
            FileFilter {
                before: Some(held),
                ..any.clone()
            },
            vec![loaded],
        ),
        (FileFilter { limit: 1, ..any }, vec![held]),
    ] {
        let rows = list_files(&hub.db, &filter).await.expect("a list");
        let numbers: Vec<FileNo> = rows.iter().map(|row| row.file_no).collect();
        assert_eq!(numbers, found, "{filter:?}");
    }
}

pub(crate) async fn a_row_leads_back_to_the_partners_bytes(hub: &Hub) {
    let file = hub.loaded("a.xml", "1", 7).await;
    let origin = origin(&hub.db, file).await.expect("it is known");
    assert_eq!(origin.partner, "centre");
    assert_eq!(origin.location, place("a.xml"));
    assert_eq!(origin.digest(), Some(digest(7)));
    assert_eq!(origin.envelope.as_deref(), Some("lz77"));
    let there = find_at(&hub.db, &place("a.xml")).await.expect("an answer");
    assert_eq!(there.map(|row| row.file_no), Some(file));
    let nothing = find_at(&hub.db, &place("z.xml")).await.expect("an answer");
    assert_eq!(nothing, None);
}

pub(crate) async fn a_file_shows_as_json(hub: &Hub) {
    let file = hub.loaded("a.xml", "1", 1).await;
    let row = hub.file(file).await;
    assert_eq!(row.finish_state, FinishState::Pending);
    let counts = Counts {
        promised: row.promised,
        decoded: row.decoded,
        loaded: row.loaded,
        rejected: row.rejected,
        duplicates: row.duplicates,
        flagged: row.flagged,
    };
    assert_eq!(counts, LOAD.counts);
    let json = serde_json::to_value(&row).expect("it is plain data");
    for (field, shown) in [
        ("file_no", serde_json::json!(1)),
        ("state", "loaded".into()),
        ("identity", "message_id=1".into()),
        ("business_date", "2026-11-21".into()),
        ("received_at", "2026-11-22T00:00:10Z".into()),
        ("landed_digest", "01".repeat(32).into()),
        ("run_no", serde_json::Value::Null),
    ] {
        assert_eq!(json.get(field), Some(&shown), "{field}");
    }
}
