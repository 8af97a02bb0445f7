//! The clearing centre's messages, composed samples with fictional data.

use super::*;

const TRANSACTIONS: &str =
    include_str!("../../../../fixtures/partners/etc_clearing/samples/01_txn_package_5_7_1.xml");
const ACCOUNTING: &str = include_str!(
    "../../../../fixtures/partners/etc_clearing/samples/02_keepaccount_5_5_1_with_dispute.xml"
);
const CONFIRMATION: &str =
    include_str!("../../../../fixtures/partners/etc_clearing/samples/03_ack_6_5_1.xml");
const DISPUTES: &str =
    include_str!("../../../../fixtures/partners/etc_clearing/samples/04_dispute_result_5_7_2.xml");
const CLEARING: &str =
    include_str!("../../../../fixtures/partners/etc_clearing/samples/05_clearing_5_5_2.xml");

pub(super) const ALL: [&str; 5] = [TRANSACTIONS, ACCOUNTING, CONFIRMATION, DISPUTES, CLEARING];

/// Original transactions, 5/7/1.
pub(super) fn transactions() -> Layout {
    layout(vec![
        kind(
            "package",
            "Message",
            &[
                "Header/MessageClass",
                "Header/MessageType",
                "Header/MessageId",
                "Body/@ContentType",
                "Body/ClearTargetDate",
                "Body/MessageId",
                "Body/Count",
                "Body/Amount",
            ],
        ),
        kind(
            "transaction",
            "Message/Body/Transaction",
            &[
                "TransId",
                "Time",
                "Fee",
                "Service/Detail",
                "ICCard/CardId",
                "ICCard/License",
                "OBU/OBUState|OBU/OBEState",
                "CustomizedData",
                "Id",
                "/Message/Body/ServiceProviderId",
                "/Message/Body/@ContentType",
            ],
        ),
    ])
}

#[test]
fn a_transaction_package_gives_its_rows_with_the_headers_values_then_itself() {
    let all = read(TRANSACTIONS, &transactions()).expect("a good package");
    assert_eq!(all.rejects, []);
    assert_eq!(
        all.of(1),
        [
            [
                Some("1"),
                Some("2024-01-02T08:30:00"),
                Some("19.00"),
                Some(
                    "1|04|6101|6101000002|0001|20240102 083000|03|6101|6101000001|0002|20240102 080000"
                ),
                Some("2401230100000001"),
                Some("陕A00001蓝"),
                Some("0000"),
                Some(""),
                None,
                Some("00000000000000FD"),
                Some("1"),
            ],
            [
                Some("2"),
                Some("2024-01-02T09:10:00"),
                Some("12.50"),
                Some(
                    "11|04|6101|6101000002|0001|20240102 091000|03|6101|6101000003|0001|20240102 083500"
                ),
                Some("2401220100000002"),
                Some("陕A00002黄"),
                Some("0000"),
                Some(""),
                None,
                Some("00000000000000FD"),
                Some("1"),
            ],
        ]
    );
    assert_eq!(
        all.of(0),
        [[
            Some("5"),
            Some("7"),
            Some("101"),
            Some("1"),
            Some("2024-01-02"),
            Some("101"),
            Some("2"),
            Some("31.50"),
        ]]
    );
    let kinds: Vec<usize> = all.records.iter().map(|record| record.kind).collect();
    assert_eq!(kinds, [1, 1, 0]);
}

#[test]
fn a_records_place_is_from_its_start_tag_to_the_end_of_its_end_tag() {
    let all = read(TRANSACTIONS, &transactions()).expect("a good package");
    for (number, record) in all.records.iter().enumerate() {
        assert_eq!(record.place.record.0, number as u64 + 1);
        let start = record.place.offset as usize;
        let bytes = TRANSACTIONS
            .get(start..start + record.place.length as usize)
            .expect("within the content");
        let name = if record.kind == 1 {
            "Transaction"
        } else {
            "Message"
        };
        assert!(bytes.starts_with(&format!("<{name}>")), "{bytes}");
        assert!(bytes.ends_with(&format!("</{name}>")), "{bytes}");
        assert_eq!(bytes.matches(&format!("</{name}>")).count(), 1);
    }
}

#[test]
fn an_accounting_message_gives_its_disputed_rows() {
    let layout = layout(vec![
        kind(
            "accounting",
            "Message",
            &[
                "Body/MessageId",
                "Body/Count",
                "Body/Amount",
                "Body/DisputedCount",
            ],
        ),
        kind(
            "disputed",
            "Message/Body/DisputedRecord",
            &["/Message/Body/MessageId", "TransId", "Result"],
        ),
    ]);
    let all = read(ACCOUNTING, &layout).expect("a good message");
    assert_eq!(all.of(1), [[Some("101"), Some("2"), Some("14")]]);
    assert_eq!(
        all.of(0),
        [[Some("101"), Some("2"), Some("19.00"), Some("1")]]
    );
}

#[test]
fn a_confirmation_is_one_record() {
    let fields = &[
        "Header/MessageClass",
        "Body/MessageId",
        "Body/ProcessTime",
        "Body/Result",
    ];
    let layout = layout(vec![kind("confirmation", "Message", fields)]);
    let all = read(CONFIRMATION, &layout).expect("a good message");
    assert_eq!(
        all.of(0),
        [[
            Some("6"),
            Some("5001"),
            Some("2024-01-02T10:00:05"),
            Some("1")
        ]]
    );
}

fn disputes() -> Layout {
    layout(vec![
        kind("dispute_file", "Message", &["Body/FileId", "Body/Count"]),
        kind(
            "package",
            "Message/Body/MessageList",
            &["MessageId", "Count", "Amount"],
        ),
        kind(
            "result",
            "Message/Body/MessageList/Transaction",
            &[
                "/Message/Body/FileId",
                "/Message/Body/MessageList/MessageId",
                "TransId",
                "Result",
            ],
        ),
    ])
}

#[test]
fn a_dispute_result_gives_three_levels_from_the_inside() {
    let all = read(DISPUTES, &disputes()).expect("a good message");
    assert_eq!(
        all.of(2),
        [[Some("20240103"), Some("101"), Some("2"), Some("0")]]
    );
    assert_eq!(all.of(1), [[Some("101"), Some("1"), Some("12.50")]]);
    assert_eq!(all.of(0), [[Some("20240103"), Some("1")]]);
    let kinds: Vec<usize> = all.records.iter().map(|record| record.kind).collect();
    assert_eq!(kinds, [2, 1, 0]);
}

#[test]
fn a_second_list_never_sees_the_first_ones_values() {
    let lists = "<MessageList><Transaction><TransId>7</TransId></Transaction></MessageList></Body>";
    let content = DISPUTES.replace("</Body>", lists);
    let all = read(&content, &disputes()).expect("a good message");
    assert_eq!(
        all.of(2),
        [
            [Some("20240103"), Some("101"), Some("2"), Some("0")],
            [Some("20240103"), None, Some("7"), None],
        ]
    );
}

pub(super) fn clearing() -> Layout {
    let id = |name, path| {
        let fields = &[".", "/Message/Body/List/ServiceProviderId"];
        skipping_empty(kind(name, path, fields))
    };
    layout(vec![
        kind(
            "clearing",
            "Message",
            &["Body/ClearTargetDate", "Body/Amount", "Body/Count"],
        ),
        kind(
            "list",
            "Message/Body/List",
            &["@MessageCount", "@FileCount"],
        ),
        id("message", "Message/Body/List/MessageId"),
        id("file", "Message/Body/List/FileId"),
    ])
}

#[test]
fn a_clearing_message_gives_its_lists_and_their_repeated_ids() {
    let more = "<MessageId>102</MessageId>\n      <FileId>";
    let content = CLEARING.replace("<FileId>", more);
    let all = read(&content, &clearing()).expect("a good message");
    let provider = Some("00000000000000FD");
    assert_eq!(all.of(0), [[Some("2024-01-03"), Some("31.50"), Some("2")]]);
    assert_eq!(all.of(1), [[Some("1"), Some("1")]]);
    assert_eq!(
        all.of(2),
        [[Some("101"), provider], [Some("102"), provider]]
    );
    assert_eq!(all.of(3), [[Some("20240103"), provider]]);
}

#[test]
fn the_empty_message_id_of_an_empty_day_is_no_record() {
    let content = CLEARING
        .replace("<MessageId>101</MessageId>", "<MessageId/>")
        .replace("<FileId>20240103</FileId>", "<FileId> </FileId>");
    let all = read(&content, &clearing()).expect("a good message");
    assert!(all.of(2).is_empty());
    assert!(all.of(3).is_empty());
    let numbers: Vec<u64> = all.records.iter().map(|r| r.place.record.0).collect();
    assert_eq!(numbers, [1, 2], "what is no record is not counted");
}
