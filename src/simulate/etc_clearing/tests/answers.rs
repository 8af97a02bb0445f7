//! The centre reading an issuer's answers, here made by the test through the same mappings.

use super::*;
use crate::mapping::FileWriter;
use crate::simulate::etc_clearing::partner::{Partner, file_name};
use crate::simulate::output::{seal, write_bytes};
use crate::simulate::sheet::Sheet;

fn processed() -> chrono::DateTime<chrono::Utc> {
    "2026-01-06T01:00:00Z".parse().expect("a moment")
}

/// An accounting answer with one dispute, which says `disputed` of them.
fn accounting(partner: &Partner, folder: &Path, number: i64, disputed: i64) {
    let mapping = &*partner.accounting;
    let mut writer = FileWriter::new(mapping, &partner.clock, Vec::new()).expect("a writer");
    let mut sheet = Sheet::of(mapping, "accounting").expect("it has one");
    sheet
        .set("sender_id", partner.issuer.as_str())
        .set("receiver_id", "00000000000000A1")
        .set("accounting_id", number)
        .set("service_provider_id", "00000000000000A1")
        .set("issuer_id", partner.issuer.as_str())
        .set("message_id", 77_i64)
        .set("process_time", processed())
        .set("record_count", 3_i64)
        .set("amount", 1_250_i64)
        .set("disputed_count", disputed);
    sheet.write(&mut writer).expect("written");
    let mut row = Sheet::of(mapping, "dispute").expect("it has one");
    row.set("service_provider_id", "00000000000000A1")
        .set("message_id", 77_i64)
        .set("trans_id", 2_i64)
        .set("reason", 9_i64);
    row.write(&mut writer).expect("written");
    save(folder, number, &writer.finish().expect("written"));
}

/// A confirmation of message 55.
fn confirmation(partner: &Partner, folder: &Path, number: i64) {
    let mapping = &*partner.confirmation;
    let mut writer = FileWriter::new(mapping, &partner.clock, Vec::new()).expect("a writer");
    let mut sheet = Sheet::of(mapping, "confirmation").expect("it has one");
    sheet
        .set("message_class", 6_i64)
        .set("message_type", 7_i64)
        .set("sender_id", partner.issuer.as_str())
        .set("receiver_id", "00000000000000A1")
        .set("confirmation_id", number)
        .set("content_type", 1_i64)
        .set("confirmed_id", 55_i64)
        .set("clear_target_date", "20260105")
        .set("process_time", processed())
        .set("result", 5_i64);
    sheet.write(&mut writer).expect("written");
    save(folder, number, &writer.finish().expect("written"));
}

fn save(folder: &Path, number: i64, content: &[u8]) {
    let name = file_name(number);
    let sealed = seal(&name, content).expect("sealed");
    write_bytes(&folder.join(name), &sealed).expect("saved");
}

#[test]
fn the_centre_reads_what_the_issuer_sent() {
    let configuration = configuration();
    let partner = Partner::of(&configuration).expect("complete");
    let folder = tempfile::tempdir().expect("a folder");
    confirmation(&partner, folder.path(), 1);
    accounting(&partner, folder.path(), 2, 1);
    let messages = received(folder.path(), &configuration).expect("readable");
    assert_eq!(
        messages,
        [
            Received::Confirmation {
                confirmation_id: 1,
                receiver_id: "00000000000000A1".to_owned(),
                confirmed_id: 55,
                message_type: 7,
                result: 5,
            },
            Received::Accounting {
                accounting_id: 2,
                service_provider_id: "00000000000000A1".to_owned(),
                message_id: 77,
                record_count: 3,
                accounted: Tally {
                    count: 2,
                    amount: Fen(1_250)
                },
                disputes: vec![(2, 9)],
                is_sound: true,
            },
        ]
    );
}

#[test]
fn accounting_answers_are_confirmed_and_one_with_a_wrong_count_is_refused() {
    let configuration = configuration();
    let partner = Partner::of(&configuration).expect("complete");
    let (from, to) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    confirmation(&partner, from.path(), 1);
    accounting(&partner, from.path(), 2, 1);
    accounting(&partner, from.path(), 3, 2);
    let confirmed = confirm(from.path(), &configuration, to.path()).expect("confirmed");
    let results: Vec<(i64, i64)> = confirmed
        .iter()
        .map(|one| (one.accounting_id, one.result))
        .collect();
    assert_eq!(results, [(2, 1), (3, 4)]);
    let first = files(to.path());
    assert_eq!(first.len(), 2);
    let file = File::open(to.path().join(&confirmed[0].file)).expect("it was written");
    let content = Envelope::Lz77(Lz77Plan::default()).open(Box::new(file));
    let decoded = decode(
        "answer",
        &partner.confirmation,
        &partner.clock,
        &[],
        content,
    );
    let decoded = decoded.expect("readable");
    assert!(decoded.is_sound(), "{:?}", decoded.rejects.first());
    let row = decoded.of("confirmation").next().expect("it is one");
    assert_eq!(
        (
            row.int("confirmed_id"),
            row.int("message_type"),
            row.int("result")
        ),
        (2, 5, 1)
    );
    // Confirmed once more, it is the same message.
    confirm(from.path(), &configuration, to.path()).expect("confirmed");
    assert_eq!(files(to.path()), first);
}
