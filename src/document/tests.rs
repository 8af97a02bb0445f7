//! Reading and recovery; whole rendered messages are asserted where they are rendered.

use chrono::{NaiveDate, NaiveTime};

use proptest::prelude::*;

use crate::diag::{Problems, Source};
use crate::secret::SecretReference;
use crate::value::Value;

use super::{CODES, Document, Item, Key, KeyKind, MAX_BYTES, Section, key_table_faults};

const FIELD: &[Key] = &[
    Key::required("from", KeyKind::Name, "Where on the wire."),
    Key::with_default("width", KeyKind::Integer { min: 1, max: 99 }, "8", "Bytes."),
];
const SFTP: &[Key] = &[
    Key::required("host", KeyKind::Name, "Its name."),
    Key::required("password", KeyKind::Secret, "Where it is kept."),
];
const CONNECTION: &[Key] = &[
    Key::optional("title", KeyKind::Text, "On screens."),
    Key::kind("dir", KeyKind::Table(&[]), "A folder."),
    Key::kind("sftp", KeyKind::Table(SFTP), "An SFTP server."),
];
const WEEK: KeyKind = KeyKind::WordList(&["monday", "friday"]);
const KEYS: &[Key] = &[
    Key::optional("title", KeyKind::Name, "A title."),
    Key::optional("day", KeyKind::Date, "A day."),
    Key::with_default("by", KeyKind::Time, "09:30", "A time."),
    Key::with_default("ratio", KeyKind::Ratio, "0.5", "A ratio."),
    Key::with_default("enabled", KeyKind::Boolean, "true", "A switch."),
    Key::with_default(
        "missed",
        KeyKind::OneOf(&["skip", "last"]),
        "last",
        "A word.",
    ),
    Key::optional("paths", KeyKind::TextOrList, "Some texts."),
    Key::optional("weekdays", WEEK, "Some words."),
    Key::optional("value", KeyKind::Scalar, "A scalar."),
    Key::optional("when", KeyKind::Values, "Some conditions."),
    Key::optional("field", KeyKind::TableList(FIELD), "Fields in order."),
    Key::optional(
        "connection",
        KeyKind::NamedTables(CONNECTION),
        "Connections.",
    ),
    Key::optional("open", KeyKind::OpenTable, "Depends on something."),
];

const FAULTY: &[Key] = &[
    Key::with_default("maxBytes", KeyKind::POSITIVE, "0", ""),
    Key::optional("maxBytes", KeyKind::Text, "Twice."),
];

fn parse(text: &str) -> (Document, Problems) {
    let mut problems = Problems::new();
    let document = Document::parse(Source::new("a.toml", text), &mut problems);
    (document, problems)
}

fn complaints(text: &str) -> Vec<String> {
    let (document, mut problems) = parse(text);
    document.root(KEYS, &mut problems);
    problems.lines()
}

fn reading<T>(text: &str, read: impl FnOnce(&Section<'_>) -> T) -> T {
    let (document, mut problems) = parse(text);
    let root = document.root(KEYS, &mut problems);
    let value = read(&root);
    assert_eq!(problems.lines(), [""; 0]);
    value
}

fn values<T>(items: Vec<Item<T>>) -> Vec<T> {
    items.into_iter().map(|item| item.value).collect()
}

#[test]
fn the_tables_of_keys_have_no_faults_and_faulty_ones_are_found() {
    assert_eq!(key_table_faults(KEYS), [""; 0]);
    assert_eq!(
        key_table_faults(FAULTY),
        [
            "`maxBytes` is not snake case",
            "`maxBytes` has no doc",
            "`maxBytes` has the default `0`, which it would refuse",
            "`maxBytes` is declared twice",
            "`maxBytes` is not snake case",
        ]
    );
}

#[test]
fn every_code_explains_itself() {
    for code in CODES {
        assert!(!code.title.is_empty() && !code.title_zh.is_empty() && code.help.len() > 40);
    }
}

#[test]
fn absent_keys_answer_their_defaults() {
    reading("", |root| {
        assert_eq!(root.ratio("ratio").map(|item| item.value), Some(0.5));
        assert_eq!(root.boolean("enabled").map(|item| item.value), Some(true));
        assert_eq!(root.word("missed").map(|item| item.value), Some("last"));
        let half_past_nine = NaiveTime::from_hms_opt(9, 30, 0);
        assert_eq!(root.time("by").map(|item| item.value), half_past_nine);
        assert_eq!(root.text("title"), None);
        assert_eq!(root.texts("paths"), None);
    });
}

#[test]
fn a_value_is_read_with_its_place() {
    reading("# 一\ntitle = \"渡口\"\n", |root| {
        let title = root.text("title").expect("it is there");
        assert_eq!(title.value, "渡口");
        assert_eq!(title.place.line_column(), (2, 9));
        assert_eq!(title.place.end_line_column(), (2, 13));
        let key = root.key_place("title").expect("it is there");
        assert_eq!(key.span, 6..11);
    });
}

#[test]
fn each_kind_reads_what_people_write_for_it() {
    let text = "day = 2026-03-01\nby = 18:05:00\nratio = 1\npaths = 'a'\nweekdays = ['friday']\n";
    reading(text, |root| {
        let day = NaiveDate::from_ymd_opt(2026, 3, 1);
        assert_eq!(root.date("day").map(|item| item.value), day);
        let time = NaiveTime::from_hms_opt(18, 5, 0);
        assert_eq!(root.time("by").map(|item| item.value), time);
        assert_eq!(root.ratio("ratio").map(|item| item.value), Some(1.0));
        assert_eq!(root.texts("paths").map(values), Some(vec!["a".to_owned()]));
        assert_eq!(root.words("weekdays").map(values), Some(vec!["friday"]));
        assert_eq!(
            root.keys_in_order(),
            ["day", "by", "ratio", "paths", "weekdays"]
        );
    });
    let scalar = |text: &str| {
        reading(text, |root| root.scalar("value").map(|item| item.value)).expect("a scalar")
    };
    assert_eq!(scalar("value = 0x10"), Value::Int(16));
    assert_eq!(scalar("value = true"), Value::Text("true".into()));
    assert_eq!(scalar("value = '甲'"), Value::Text("甲".into()));
    let moment = chrono::DateTime::from_timestamp(1_772_328_600, 0).expect("a moment");
    assert_eq!(
        scalar("value = 2026-03-01T09:30:00+08:00"),
        Value::Instant(moment)
    );
}

#[test]
fn tables_keep_the_order_of_the_file() {
    let text = "[connection.z.dir]\n[connection.a.dir]\n[connection.m]\ndir = {}\n\
                [[field]]\nfrom = 'z'\n[[field]]\nfrom = 'a'\nwidth = 3\n\
                [when]\nz = 1\na = ['x', 'y']\n";
    reading(text, |root| {
        let connections = root.named_tables("connection");
        let names: Vec<_> = connections
            .iter()
            .map(|(name, _)| name.value.as_str())
            .collect();
        assert_eq!(names, ["z", "a", "m"]);
        let fields: Vec<_> = root
            .table_list("field")
            .iter()
            .map(|field| {
                let from = field.text("from").expect("required").value;
                (from, field.count("width").expect("a default").value)
            })
            .collect();
        assert_eq!(fields, [("z".to_owned(), 8), ("a".to_owned(), 3)]);
        let when: Vec<_> = root
            .values("when")
            .expect("it is there")
            .into_iter()
            .map(|(name, items)| (name.value, values(items)))
            .collect();
        let texts = vec![Value::from("x"), Value::from("y")];
        assert_eq!(
            when,
            [
                ("z".to_owned(), vec![Value::Int(1)]),
                ("a".to_owned(), texts)
            ]
        );
    });
}

#[test]
fn one_of_several_kinds_is_chosen_by_its_table() {
    let text = "[connection.c.sftp]\nhost = 'h'\npassword = { env = 'PW' }\n";
    let (document, mut problems) = parse(text);
    let root = document.root(KEYS, &mut problems);
    let connections = root.named_tables("connection");
    let (_, connection) = connections.first().expect("one");
    let (kind, sftp) = connection
        .one_of_tables(&["dir", "sftp"], &mut problems)
        .expect("one kind");
    assert_eq!(kind, "sftp");
    assert_eq!(sftp.path(), "connection.c.sftp");
    let password = sftp.secret("password").map(|item| item.value);
    assert_eq!(password, Some(SecretReference::Env("PW".into())));
    assert_eq!(problems.lines(), [""; 0]);
}

#[test]
fn all_problems_of_nested_tables_are_found_at_once() {
    let text = "day = 2026-02-30\nratio = 1.5\nvalue = 2026-03-01T09:30:00\nmissed = 'never'\n\
                paths = ['a', 1]\nwhen = { a = [[1]] }\nopen = 1\n\
                [[field]]\nwidth = 100\n[connection]\nx = 1\n[connection.y.sftp]\nhsot = 'h'\n";
    assert_eq!(
        complaints(text),
        [
            "1:7 toml-syntax: invalid date, expected day between 01 and 28",
            "2:9 out-of-range: `ratio` must be from 0 to 1",
            "3:9 out-of-range: `value` must have an offset, such as 2026-03-01T09:30:00+08:00",
            "4:10 unknown-word: `never` is no word for `missed`",
            "5:15 wrong-type: `paths`: expected a text, found an integer",
            "6:15 wrong-type: `when`: expected a text, an integer, a boolean or a date, found a list",
            "7:8 wrong-type: `open`: expected a table, found an integer",
            "8:1 missing-key: missing key `from` in `[[field]]`",
            "9:9 out-of-range: `width` must be from 1 to 99",
            "11:1 wrong-type: expected a table `[connection.x]`, found an integer",
            "12:1 missing-key: missing key `password` in `[connection.y.sftp]`",
            "13:1 unknown-key: unknown key `hsot` in `[connection.y.sftp]`",
        ]
    );
}

#[test]
fn a_broken_header_leaves_its_keys_out_and_only_them() {
    let text =
        "title = 'a'\n[connection.x\ndir = {}\nhost = 'h'\n[[field]]\nwidth = 0\nfrom = 'a'\n";
    assert_eq!(
        complaints(text),
        [
            "2:14 toml-syntax: the header is not closed: expected `]`",
            "6:9 out-of-range: `width` must be from 1 to 99",
        ]
    );
}

#[test]
fn a_key_with_broken_syntax_is_not_missing_as_well() {
    assert_eq!(
        complaints("[[field]]\nfrom = \n"),
        ["2:7 toml-syntax: there is no value behind `=`"]
    );
}

#[test]
fn what_is_written_twice_is_named() {
    assert_eq!(
        complaints("title = 'a'\ntitle = 'b'\n[when]\n[when]\n"),
        [
            "2:1 repeated-key: `title` is written twice",
            "4:2 repeated-key: `when` is written twice",
        ]
    );
}

#[test]
fn nesting_without_end_is_one_problem() {
    let text = format!(
        "value = {}1{}\ntitle = 5\n",
        "[".repeat(500),
        "]".repeat(500)
    );
    assert_eq!(
        complaints(&text),
        [
            "1:89 toml-syntax: cannot recurse further; max recursion depth met",
            "2:9 wrong-type: `title`: expected a text, found an integer",
        ]
    );
}

#[test]
fn a_file_that_is_no_toml_at_all_gives_a_bounded_number_of_problems() {
    let found = complaints(&"<a>\n".repeat(5000));
    assert_eq!(found.len(), 101);
    assert_eq!(
        found.last().map(String::as_str),
        Some("101:1 toml-syntax: more than 100 statements of this file are not valid TOML")
    );
}

#[test]
fn an_open_table_is_checked_when_its_keys_are_known() {
    let (document, mut problems) = parse("[open]\nform = 'x'\n");
    let root = document.root(KEYS, &mut problems);
    assert!(problems.is_empty());
    assert!(root.open_table("open", FIELD, &mut problems).is_some());
    assert_eq!(
        problems.lines(),
        ["2:1 unknown-key: unknown key `form` in `[open]`"]
    );
}

#[test]
fn a_secret_is_a_reference_to_exactly_one_place() {
    let reference = |written: &str| {
        let text = format!("[connection.c.sftp]\nhost = 'h'\npassword = {written}\n");
        complaints(&text)
    };
    for good in ["{ env = 'A' }", "{ file = 'pw' }", "{ credential = 'pw' }"] {
        assert_eq!(reference(good), [""; 0]);
    }
    let message =
        "3:1 secret-reference: `password` must name exactly one place where the secret is kept";
    for bad in [
        "{}",
        "{ env = 'A', file = 'b' }",
        "{ env = '' }",
        "{ evn = 'A' }",
    ] {
        assert_eq!(reference(bad), [message]);
    }
    let message = "3:1 secret-literal: `password` is a secret and must not be written here";
    for literal in ["'pw'", "1234", "['pw']"] {
        assert_eq!(reference(literal), [message]);
    }
}

#[test]
fn no_form_of_a_literal_secret_is_shown() {
    let texts = [
        "password = \"hunter2\"",
        "  db_password=hunter2",
        "\"api-key\" = 'hunter2'",
        "sftp = { user = 'u', password = 'hunter2' }",
        "# old: password = \"hunter2\"",
        "token = \"\"\"\nhunter2\n\"\"\"",
        "secret = [\n'hunter2',\n]",
        "password = \"hunter2",
        "password = 'a'hunter2'",
    ];
    for text in texts {
        let (document, _) = parse(text);
        let shown = document.source().shown(0..text.len());
        assert!(!shown.contains("hunter2"), "{shown}");
        assert_eq!(shown.len(), text.len());
        assert!(!format!("{:?}", document.source()).contains("hunter2"));
    }
    let (document, _) = parse("password = { env = \"PW\" }\n");
    assert_eq!(
        document.source().shown(0..26),
        "password = { env = \"PW\" }\n"
    );
}

#[test]
fn a_misspelt_kind_is_one_problem_not_two() {
    let (document, mut problems) = parse("[connection.c.stfp]\nhost = 'h'\n");
    let root = document.root(KEYS, &mut problems);
    for (_, connection) in root.named_tables("connection") {
        let kind = connection.one_of_tables(&["dir", "sftp"], &mut problems);
        assert!(kind.is_none());
    }
    assert_eq!(
        problems.lines(),
        ["1:15 unknown-key: unknown key `stfp` in `[connection.c]`"]
    );
}

#[test]
fn a_hostile_text_of_1_mib_gives_a_bounded_number_of_problems() {
    let limit = MAX_BYTES as usize / 4;
    let pieces = [
        "=",
        "[",
        "a=",
        "password=",
        "'''\n",
        "a=[\n",
        "{a=[",
        "\"\"\"\\\n",
        "://:@",
        "=\n",
    ];
    for piece in pieces {
        let (_, problems) = parse(&piece.repeat(limit / piece.len()));
        assert!(problems.has_errors(), "{piece:?}");
        assert!(problems.error_count() <= 201, "{piece:?}");
    }
}

const PIECES: &[&str] = &[
    "a",
    "title",
    "password",
    "=",
    " ",
    "\n",
    "\r\n",
    "[",
    "]",
    "{",
    "}",
    ",",
    ".",
    "'",
    "\"",
    "'''",
    "\"\"\"",
    "\\",
    "#",
    "1",
    "渡",
    "[[field]]",
    "\nfrom = ",
    "u://a:b@c",
];

proptest! {
    #[test]
    fn no_text_stops_the_check_or_moves_a_byte(
        pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..40)
    ) {
        let text = pieces.concat();
        let (document, mut problems) = parse(&text);
        prop_assert_eq!(problems.has_errors(), toml::de::DeTable::parse(&text).is_err());
        document.root(KEYS, &mut problems);
        prop_assert_eq!(document.source().shown(0..text.len()).len(), text.len());
        for problem in problems.sorted() {
            let span = problem.place.span;
            prop_assert!(span.start <= span.end && span.end <= text.len());
            prop_assert!(text.get(span).is_some());
        }
    }
}

const HTTP: &[Key] = &[
    Key::required("url", KeyKind::Name, "Where to."),
    Key::with_default(
        "timeout_secs",
        KeyKind::Integer { min: 1, max: 600 },
        "30",
        "Patience.",
    ),
    Key::optional("password", KeyKind::Secret, "Where the password is kept."),
    Key::with_default(
        "method",
        KeyKind::OneOf(&["get", "post"]),
        "post",
        "HTTP method.",
    ),
];
const HEADER: &[Key] = &[Key::required("name", KeyKind::Name, "Its name.")];
const SETTINGS: &[Key] = &[
    Key::optional(
        "connection",
        KeyKind::NamedTables(HTTP),
        "Connections by name.",
    ),
    Key::optional("header", KeyKind::TableList(HEADER), "Headers in order."),
];

#[derive(Debug, PartialEq)]
struct HttpOptions {
    url: Item<String>,
    timeout_secs: u64,
    password: Option<SecretReference>,
    method: &'static str,
}

/// How every reader looks: one line per key, `None` when something was already reported.
fn read_http(section: &Section<'_>) -> Option<HttpOptions> {
    Some(HttpOptions {
        url: section.text("url")?,
        timeout_secs: section.count("timeout_secs")?.value,
        password: section.secret("password").map(|item| item.value),
        method: section.word("method")?.value,
    })
}

#[test]
fn a_reader_is_one_line_per_key() {
    let text = "[connection.lemon]\nurl = 'https://h'\n[connection.bad]\nmethod = 'put'\n\
                [[header]]\nname = 'accept'\n";
    let (document, mut problems) = parse(text);
    let root = document.root(SETTINGS, &mut problems);
    let connections: Vec<_> = root
        .named_tables("connection")
        .into_iter()
        .filter_map(|(name, section)| Some((name.value, read_http(&section)?)))
        .collect();
    let headers: Vec<_> = root
        .table_list("header")
        .iter()
        .filter_map(|header| Some(header.text("name")?.value))
        .collect();
    let lemon = HttpOptions {
        url: Item::new("https://h".to_owned(), document.source().place(25..36)),
        timeout_secs: 30,
        password: None,
        method: "post",
    };
    assert_eq!(connections, [("lemon".to_owned(), lemon)]);
    assert_eq!(headers, ["accept"]);
    assert_eq!(
        problems.lines(),
        [
            "3:1 missing-key: missing key `url` in `[connection.bad]`",
            "4:10 unknown-word: `put` is no word for `method`",
        ]
    );
}
