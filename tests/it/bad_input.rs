//! What bad packages get: each its exact outcome and answer, good ones beside them unaffected.

use crate::harness::postgres::FreshDatabase;
use crate::harness::world::{World, element, sealed};

const GOOD: &str =
    include_str!("../../fixtures/partners/etc_clearing/samples/01_txn_package_5_7_1.xml");

const RECEIVE: &str = "etc_clearing/receive_messages";
const DAY: &str = "2024-01-02";

/// A bad package, and what it gets.
struct Case {
    what: &'static str,
    bytes: fn(u32) -> Vec<u8>,
    outcome: &'static str,
    code: Option<&'static str>,
    /// The result code of our confirmation.
    answer: &'static str,
}

/// The good sample under another number.
fn package(number: u32) -> String {
    GOOD.replace(
        "<MessageId>101</MessageId>",
        &format!("<MessageId>{number}</MessageId>"),
    )
}

fn edited(number: u32, from: &str, to: &str) -> Vec<u8> {
    let text = package(number);
    assert!(text.contains(from), "the sample has `{from}`");
    sealed(text.replace(from, to))
}

macro_rules! case {
    ($what:literal, $outcome:literal, $code:expr, $answer:literal, $bytes:expr) => {
        Case {
            what: $what,
            bytes: $bytes,
            outcome: $outcome,
            code: $code,
            answer: $answer,
        }
    };
}

const CASES: &[Case] = &[
    case!("a good package", "loaded", None, "1", |n| sealed(package(
        n
    ))),
    case!("a known quirk: a space in Time", "loaded", None, "1", |n| {
        edited(
            n,
            "2024-01-02T08:30:00</Time>",
            "2024-01-02 08:30:00</Time>",
        )
    }),
    case!("a known quirk: OBUState", "loaded", None, "1", |n| {
        edited(n, "OBEState>", "OBUState>")
    }),
    case!(
        "an unreadable field beside a readable fee",
        "loaded",
        None,
        "1",
        |n| { edited(n, "<TAC>0A1B2C3D</TAC>", "<TAC>not hex</TAC>") }
    ),
    case!(
        "a truncated document",
        "malformed",
        Some("malformed-file"),
        "3",
        |n| {
            let text = package(n);
            let half: String = text.chars().take(text.chars().count() / 2).collect();
            sealed(half)
        }
    ),
    case!("two roots", "malformed", Some("malformed-file"), "3", |n| {
        sealed(format!("{}<Message/>", package(n)))
    }),
    case!("a DOCTYPE", "malformed", Some("malformed-file"), "3", |n| {
        edited(n, "<Message>", "<!DOCTYPE Message><Message>")
    }),
    case!(
        "billion laughs",
        "malformed",
        Some("malformed-file"),
        "3",
        |n| {
            let entities = "<!DOCTYPE Message [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><Message>";
            edited(n, "<Message>", entities)
        }
    ),
    case!(
        "an entity that is not predefined",
        "malformed",
        Some("malformed-file"),
        "3",
        |n| { edited(n, "TEST-ENTRY to TEST-EXIT", "&evil;") }
    ),
    case!(
        "elements nested 100 deep",
        "malformed",
        Some("malformed-file"),
        "3",
        |n| {
            let deep = format!("{}{}", "<d>".repeat(100), "</d>".repeat(100));
            edited(n, "</Body>", &format!("{deep}</Body>"))
        }
    ),
    case!(
        "an element with 300 attributes",
        "malformed",
        Some("malformed-file"),
        "3",
        |n| {
            let many: String = (0..300).map(|i| format!(" a{i}=\"1\"")).collect();
            edited(n, "</Body>", &format!("<x{many}/></Body>"))
        }
    ),
    case!(
        "a text of 300 KiB",
        "malformed",
        Some("malformed-file"),
        "3",
        |n| { edited(n, "TEST-ENTRY to TEST-EXIT", &"长".repeat(100 << 10)) }
    ),
    case!(
        "an attribute twice",
        "malformed",
        Some("malformed-file"),
        "3",
        |n| {
            edited(
                n,
                "<Body ContentType=\"1\">",
                "<Body ContentType=\"1\" ContentType=\"1\">",
            )
        }
    ),
    case!(
        "a NUL character reference",
        "malformed",
        Some("malformed-file"),
        "3",
        |n| { edited(n, "TEST-ENTRY to TEST-EXIT", "&#0;") }
    ),
    case!(
        "bytes that are not UTF-8",
        "malformed",
        Some("malformed-file"),
        "3",
        |n| {
            let mut bytes = package(n).into_bytes();
            let at = bytes
                .windows(10)
                .position(|w| w == b"TEST-ENTRY")
                .expect("it is there");
            bytes.splice(at..=at, [0xff]);
            sealed(bytes)
        }
    ),
    case!(
        "an encoding label that is not so",
        "malformed",
        Some("malformed-file"),
        "3",
        |n| { edited(n, "encoding=\"UTF-8\"", "encoding=\"GBK\"") }
    ),
    case!(
        "no container at all",
        "malformed",
        Some("malformed-file"),
        "3",
        |n| { package(n).into_bytes() }
    ),
    case!(
        "an empty file",
        "malformed",
        Some("malformed-file"),
        "3",
        |_| Vec::new()
    ),
    case!(
        "a count that is not so",
        "control",
        Some("control-mismatch"),
        "4",
        |n| { edited(n, "<Count>2</Count>", "<Count>3</Count>") }
    ),
    case!(
        "an amount that is not so",
        "control",
        Some("control-mismatch"),
        "4",
        |n| { edited(n, "<Amount>31.50</Amount>", "<Amount>31.51</Amount>") }
    ),
    case!(
        "an amount that will not parse",
        "content",
        Some("too-many-rejects"),
        "4",
        |n| { edited(n, "<Amount>31.50</Amount>", "<Amount>31,50</Amount>") }
    ),
    case!(
        "a fee that will not parse",
        "content",
        Some("too-many-rejects"),
        "4",
        |n| { edited(n, "<Fee>19.00</Fee>", "<Fee>19.0</Fee>") }
    ),
    case!(
        "a fee twice in one row",
        "content",
        Some("too-many-rejects"),
        "4",
        |n| { edited(n, "<Fee>19.00</Fee>", "<Fee>19.00</Fee><Fee>1.00</Fee>") }
    ),
    case!(
        "a version that is not spoken here",
        "version",
        Some("too-many-rejects"),
        "7",
        |n| {
            edited(
                n,
                "<Version>00010000</Version>",
                "<Version>00090000</Version>",
            )
        }
    ),
    case!(
        "a header that contradicts the body",
        "header",
        Some("too-many-rejects"),
        "2",
        |n| {
            sealed(package(n).replacen(
                &format!("<MessageId>{n}</MessageId>"),
                &format!("<MessageId>{}</MessageId>", n + 5000),
                1,
            ))
        }
    ),
    case!(
        "a message type that no read fits",
        "header",
        Some("unroutable"),
        "2",
        |n| {
            edited(
                n,
                "<MessageType>7</MessageType>",
                "<MessageType>9</MessageType>",
            )
        }
    ),
    case!(
        "another issuer's package",
        "refused",
        Some("refused-by-rule"),
        "6",
        |n| {
            edited(
                n,
                "<IssuerId>000000000000003D</IssuerId>",
                "<IssuerId>00000000000000AA</IssuerId>",
            )
        }
    ),
];

fn number(index: usize) -> u32 {
    1000 + u32::try_from(index).expect("few cases")
}

async fn story(world: &World) {
    for (index, case) in CASES.iter().enumerate() {
        let number = number(index);
        world.put(
            "to_issuer",
            &format!("{number:020}.xml.lz77"),
            &(case.bytes)(number),
        );
    }
    let report = world.run(RECEIVE, DAY).await;
    assert_eq!(report.files.len(), CASES.len(), "{:?}", report.skipped);
    let answers = answers(world);
    for (index, case) in CASES.iter().enumerate() {
        let number = number(index);
        let name = format!("{number:020}.xml.lz77");
        let file = report
            .files
            .iter()
            .find(|file| file.name == name)
            .expect("every file is reported");
        let found = (file.outcome, file.code.as_deref());
        assert_eq!(
            found,
            (case.outcome, case.code),
            "{}: {:?}",
            case.what,
            file.reason
        );
        let answer = answers
            .iter()
            .find(|(confirmed, _)| *confirmed == answered_number(case, number));
        assert_eq!(
            answer.map(|(_, result)| result.as_str()),
            Some(case.answer),
            "{}",
            case.what
        );
    }
    let loaded = CASES.iter().filter(|case| case.outcome == "loaded").count();
    let rows = world.number("SELECT COUNT(*) FROM etc_transaction").await;
    assert_eq!(
        rows,
        2 * i64::try_from(loaded).expect("few"),
        "only good packages have rows"
    );
    let flagged =
        "SELECT COUNT(*) FROM etc_transaction WHERE data_error IS NOT NULL AND decision = 6";
    assert_eq!(
        world.number(flagged).await,
        1,
        "the unreadable field is disputed with reason 6"
    );
    let held = "SELECT COUNT(*) FROM ledger_file WHERE state = 'held'";
    assert_eq!(
        world.number(held).await,
        i64::try_from(CASES.len() - loaded).expect("few")
    );
    let left = std::fs::read_dir(world.partner().join("to_issuer"))
        .expect("the folder")
        .count();
    assert_eq!(left, 0, "every file is finished at the partner");
}

/// Our confirmations: the number confirmed and the result.
fn answers(world: &World) -> Vec<(u32, String)> {
    let sent = world.sent();
    let confirmations = sent
        .values()
        .filter(|text| element(text, "MessageClass") == Some("6"));
    confirmations
        .map(|text| {
            let body = text.split_once("<Body").expect("a body").1;
            let number = element(body, "MessageId")
                .expect("a number")
                .parse()
                .expect("a number");
            (
                number,
                element(body, "Result").expect("a result").to_owned(),
            )
        })
        .collect()
}

/// The number that a confirmation speaks of: what the header says.
fn answered_number(case: &Case, number: u32) -> u32 {
    if case.what.starts_with("a header that contradicts") {
        number + 5000
    } else {
        number
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_packages_get_their_answers_and_good_ones_are_unaffected_on_sqlite() {
    story(&World::new(None).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_packages_get_their_answers_and_good_ones_are_unaffected_on_postgres() {
    let database = FreshDatabase::create().await;
    story(&World::new(Some(database.text())).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_message_again_is_answered_five_and_an_altered_one_four_and_held() {
    let world = World::new(None).await;
    let name = format!("{:020}.xml.lz77", 101);
    let mut outcomes = Vec::new();
    for bytes in [
        sealed(package(101)),
        sealed(package(101)),
        edited(101, "<TAC>0A1B2C3D</TAC>", "<TAC>0A1B2C3E</TAC>"),
    ] {
        world.put("to_issuer", &name, &bytes);
        let report = world.run(RECEIVE, DAY).await;
        outcomes.extend(
            report
                .files
                .iter()
                .map(|file| (file.outcome, file.code.clone())),
        );
    }
    let altered = Some("altered-resend".to_owned());
    assert_eq!(
        outcomes,
        [("loaded", None), ("duplicate", None), ("altered", altered)]
    );
    let results: Vec<String> = answers(&world)
        .into_iter()
        .map(|(_, result)| result)
        .collect();
    assert_eq!(results, ["1", "5", "4"]);
    assert_eq!(
        world.number("SELECT COUNT(*) FROM etc_transaction").await,
        2
    );
    assert_eq!(world.number("SELECT COUNT(*) FROM etc_accounting").await, 1);
}
