//! The same message again under the same name, after a crash between our commit and our finish.

use std::fs;
use std::time::{Duration, SystemTime};

use serde_json::{Value as Json, json};

use crate::harness::hub::Hub;
use crate::harness::world::sealed;

const RECEIVE: &str = "etc_clearing/receive_messages";
const PACKAGE: &str =
    include_str!("../../fixtures/partners/etc_clearing/samples/01_txn_package_5_7_1.xml");
const THERE: &str = "inbox/etc_clearing/to_issuer/101.xml.lz77";
const DONE: &str = "inbox/etc_clearing/to_issuer_done/101.xml.lz77";

/// A hub whose process died after it had loaded and answered the package and before it finished
/// the partner's file: the file lies where it lay, and the books say that it is to be finished.
fn crashed_before_the_finish() -> Hub {
    let hub = Hub::new().inbox("to_issuer/101.xml.lz77", &sealed(PACKAGE));
    hub.run(RECEIVE).exit(0);
    fs::rename(hub.path(DONE), hub.path(THERE)).expect("it was finished");
    hub.change_books("UPDATE ledger_file SET finish_state = 'pending' WHERE file_no = 1");
    hub
}

/// The partner writes the same bytes under the same name, `later` than before.
fn sent_again(hub: &Hub, later: Duration) {
    let path = hub.path(THERE);
    let written = fs::metadata(&path)
        .and_then(|file| file.modified())
        .expect("it is there");
    fs::remove_file(&path).expect("it is there");
    fs::write(&path, sealed(PACKAGE)).expect("space");
    let file = fs::File::options()
        .write(true)
        .open(&path)
        .expect("it is there");
    file.set_modified(written + later).expect("a time");
    assert!(written + later < SystemTime::now() + Duration::from_secs(3_600));
}

/// State of each file in the books, the first one first.
fn states(hub: &Hub) -> Vec<Json> {
    let listed = hub.json("files list");
    let files = listed
        .get("files")
        .and_then(Json::as_array)
        .expect("a list");
    files
        .iter()
        .rev()
        .filter_map(|file| file.get("state").cloned())
        .collect()
}

/// How many files we sent: confirmations and the accounting answer.
fn sent(hub: &Hub) -> usize {
    fs::read_dir(hub.path("inbox/etc_clearing/from_issuer"))
        .expect("a folder")
        .count()
}

#[test]
fn what_the_crash_left_is_finished_and_not_answered_a_second_time() {
    let hub = crashed_before_the_finish();
    hub.run(RECEIVE).exit(0);
    assert_eq!(states(&hub), [json!("loaded")]);
    assert_eq!(sent(&hub), 2, "a confirmation and the accounting answer");
    assert!(hub.path(DONE).exists() && !hub.path(THERE).exists());
}

#[test]
fn what_the_partner_wrote_again_is_answered_five_and_finished_by_itself() {
    let hub = crashed_before_the_finish();
    sent_again(&hub, Duration::from_secs(1));
    hub.run(RECEIVE).exit(0).says("重复");
    assert_eq!(states(&hub), [json!("loaded"), json!("duplicate")]);
    assert_eq!(
        sent(&hub),
        3,
        "the second sending has a confirmation of its own"
    );
    assert!(hub.path(DONE).exists() && !hub.path(THERE).exists());
    let open = hub.json("files show 1");
    assert_eq!(open.pointer("/file/finish_state"), Some(&json!("done")));
}

#[test]
fn what_keeps_its_time_of_writing_cannot_be_told_from_what_was_left() {
    let hub = crashed_before_the_finish();
    sent_again(&hub, Duration::ZERO);
    hub.run(RECEIVE).exit(0);
    assert_eq!(states(&hub), [json!("loaded")]);
    assert_eq!(sent(&hub), 2);
    assert!(hub.path(DONE).exists() && !hub.path(THERE).exists());
}
