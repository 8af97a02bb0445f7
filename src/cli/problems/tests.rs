//! Whole messages, as people read them.

use crate::diag::{Problems, Source};
use crate::document::{Document, Key, KeyKind, Section};

use super::*;

const READY: &[Key] = &[Key::with_default(
    "stable_secs",
    KeyKind::COUNT,
    "5",
    "Quiet seconds.",
)];
const PULL: &[Key] = &[
    Key::required("connection", KeyKind::Name, "Which connection."),
    Key::required("path", KeyKind::Text, "The folder at the partner."),
    Key::optional("pattern", KeyKind::Text, "Which names."),
    Key::optional("login", KeyKind::Secret, "Opens the door."),
    Key::optional("password", KeyKind::Secret, "Opens the files."),
    Key::optional("ready", KeyKind::Table(READY), "When a file is complete."),
];
const FORMAT: &[Key] = &[
    Key::kind("csv", KeyKind::Table(&[]), "Delimited."),
    Key::kind("xml", KeyKind::Table(&[]), "XML."),
];
const MISSED: KeyKind = KeyKind::OneOf(&["skip", "last", "all"]);
const JOB: &[Key] = &[
    Key::required("title", KeyKind::Name, "On screens."),
    Key::optional("store", KeyKind::Text, "A URL."),
    Key::optional("missed", MISSED, "What becomes of missed slots."),
    Key::optional("pull", KeyKind::Table(PULL), "Fetching."),
    Key::optional("format", KeyKind::Table(FORMAT), "The wire format."),
];

fn problems(text: &str, read: impl FnOnce(&Section<'_>, &mut Problems)) -> Vec<Problem> {
    let mut problems = Problems::new();
    let document = Document::parse(Source::new("jobs/a.toml", text), &mut problems);
    let root = document.root(JOB, &mut problems);
    read(&root, &mut problems);
    problems.sorted()
}

fn shown(text: &str) -> String {
    render(&problems(text, |_, _| {}), false)
}

fn shown_kind(text: &str) -> String {
    let read = |root: &Section<'_>, problems: &mut Problems| {
        let format = root.table("format").expect("the test writes it");
        assert!(format.one_of_tables(&["csv", "xml"], problems).is_none());
    };
    render(&problems(text, read), false)
}

#[test]
fn an_unknown_key_is_pointed_at_with_a_suggestion() {
    let text = r#"title = "a"
[pull]
connection = "c"
path = "p"
patern = "*"
"#;
    let expected = r#"unknown-key

  × unknown key `patern` in `[pull]`
   ╭─[jobs/a.toml:5:1]
 4 │ path = "p"
 5 │ patern = "*"
   · ──────
   ╰────
  help: did you mean `pattern`?
"#;
    assert_eq!(shown(text), expected);
}

#[test]
fn a_misspelt_required_key_is_one_problem_not_two() {
    let text = r#"titel = "a"
"#;
    let expected = r#"unknown-key

  × unknown key `titel` at the top of the file
   ╭─[jobs/a.toml:1:1]
 1 │ titel = "a"
   · ─────
   ╰────
  help: did you mean `title`?
"#;
    assert_eq!(shown(text), expected);
}

#[test]
fn a_missing_key_is_shown_at_its_table() {
    let text = r#"title = "a"
[pull]
connection = "c"
"#;
    let expected = r#"missing-key

  × missing key `path` in `[pull]`
   ╭─[jobs/a.toml:2:1]
 1 │ title = "a"
 2 │ [pull]
   · ──────
 3 │ connection = "c"
   ╰────
  help: add `path = "…"`
"#;
    assert_eq!(shown(text), expected);
}

#[test]
fn a_wrong_type_says_what_was_expected_and_found() {
    let text = r#"title = "a"
pull.connection = "c"
pull.path = "p"
pull.ready = { stable_secs = "5" }
"#;
    let expected = r#"wrong-type

  × `stable_secs`: expected an integer, found a text
   ╭─[jobs/a.toml:4:30]
 3 │ pull.path = "p"
 4 │ pull.ready = { stable_secs = "5" }
   ·                              ───
   ╰────
  help: write it without quotes
"#;
    assert_eq!(shown(text), expected);
}

#[test]
fn an_unknown_word_lists_the_known_ones() {
    let text = r#"title = "a"
missed = "lats"
"#;
    let expected = r#"unknown-word

  × `lats` is no word for `missed`
   ╭─[jobs/a.toml:2:10]
 1 │ title = "a"
 2 │ missed = "lats"
   ·          ──────
   ╰────
  help: did you mean `last`? expected one of `skip`, `last`, `all`
"#;
    assert_eq!(shown(text), expected);
}

#[test]
fn two_syntax_errors_and_an_unknown_key_come_in_one_pass() {
    let text = r#"title = "a
store x
mised = "all"
[pull]
path = "p"
connection = "c"
"#;
    let expected = r#"toml-syntax

  × the text is not closed
   ╭─[jobs/a.toml:1:11]
 1 │ title = "a
   ·           ▲
 2 │ store x
   ╰────
  help: close it with the quote it began with

toml-syntax

  × a key without a value: expected `=`
   ╭─[jobs/a.toml:2:7]
 1 │ title = "a
 2 │ store x
   ·       ▲
 3 │ mised = "all"
   ╰────
  help: write `key = value`; a text stands in quotes

unknown-key

  × unknown key `mised` at the top of the file
   ╭─[jobs/a.toml:3:1]
 2 │ store x
 3 │ mised = "all"
   · ─────
 4 │ [pull]
   ╰────
  help: did you mean `missed`?
"#;
    assert_eq!(shown(text), expected);
}

#[test]
fn a_list_that_is_never_closed_does_not_hide_what_follows() {
    let text = r"title = [1,
store = 5
";
    let expected = r"toml-syntax

  × the list is not closed: expected `]`
   ╭─[jobs/a.toml:1:12]
 1 │ title = [1,
   ·            ▲
 2 │ store = 5
   ╰────
  help: close it with `]`

wrong-type

  × `store`: expected a text, found an integer
   ╭─[jobs/a.toml:2:9]
 1 │ title = [1,
 2 │ store = 5
   ·         ─
   ╰────
  help: write it in quotes
";
    assert_eq!(shown(text), expected);
}

#[test]
fn a_missing_kind_names_all_kinds() {
    let text = r#"title = "a"
[format]
"#;
    let expected = r#"not-one-kind

  × in `[format]` exactly one of `[format.csv]`, `[format.xml]` is required, and none is there
   ╭─[jobs/a.toml:2:1]
 1 │ title = "a"
 2 │ [format]
   · ────────
   ╰────
  help: add one of these tables, even an empty one
"#;
    assert_eq!(shown_kind(text), expected);
}

#[test]
fn two_kinds_point_at_the_second() {
    let text = r#"title = "a"
[format.csv]
[format.xml]
"#;
    let expected = r"not-one-kind

  × `[format.xml]` stands beside `[format.csv]`, and exactly one of `[format.csv]`, `[format.xml]`
  │ is allowed
   ╭─[jobs/a.toml:3:9]
 2 │ [format.csv]
 3 │ [format.xml]
   ·         ───
   ╰────
  help: keep one of them
";
    assert_eq!(shown_kind(text), expected);
}

#[test]
fn a_secret_literal_is_never_echoed() {
    let text = r#"title = "a"
[pull]
connection = "c"
path = "p"
login = "hunter2" # any name
pasword = "hunter3"
"#;
    let expected = r#"secret-literal

  × `login` is a secret and must not be written here
   ╭─[jobs/a.toml:5:1]
 4 │ path = "p"
 5 │ login = ********* # any name
   · ─────
 6 │ pasword = *********
   ╰────
  help: write where it is kept: `{ env = "NAME" }`, `{ file = "PATH" }` or `{ credential =
        "NAME" }`

unknown-key

  × unknown key `pasword` in `[pull]`
   ╭─[jobs/a.toml:6:1]
 5 │ login = ********* # any name
 6 │ pasword = *********
   · ───────
   ╰────
  help: did you mean `password`?
"#;
    assert_eq!(shown(text), expected);
}

#[test]
fn a_secret_in_a_broken_statement_is_never_echoed() {
    let text = r#"title = "a"
[pull]
connection = "c"
path = "p"
password = hunter2
"#;
    let expected = r#"toml-syntax

  × this is no number, date or boolean, and a text stands in quotes
   ╭─[jobs/a.toml:5:12]
 4 │ path = "p"
 5 │ password = *******
   ·            ───────
   ╰────
  help: write it as "…"
"#;
    assert_eq!(shown(text), expected);
}

#[test]
fn a_caret_behind_chinese_stands_under_its_word() {
    let text = r#"title = "渡口"
pull = { connection = "邮储", path = "接收", "路径" = 1 }
"#;
    let expected = r#"unknown-key

  × unknown key `路径` in `[pull]`
   ╭─[jobs/a.toml:2:42]
 1 │ title = "渡口"
 2 │ pull = { connection = "邮储", path = "接收", "路径" = * }
   ·                                              ──────
   ╰────
  help: known here: `connection`, `path`, `pattern`, `login`, `password`, `ready`
"#;
    assert_eq!(shown(text), expected);
}

#[test]
fn a_password_in_a_url_is_masked() {
    let text = r#"title = "a"
store = "postgres://dukou:hunter2@db/dukou"
missed = 1
"#;
    let expected = r#"wrong-type

  × `missed`: expected a word, found an integer
   ╭─[jobs/a.toml:3:10]
 2 │ store = "postgres://dukou:*******@db/dukou"
 3 │ missed = 1
   ·          ─
   ╰────
  help: write it in quotes
"#;
    assert_eq!(shown(text), expected);
}

#[test]
fn json_counts_lines_and_characters_from_one() {
    let found = problems("title = '渡口'\nmissed = '补跑'\n", |_, _| {});
    let expected = json!([{
        "code": "unknown-word",
        "severity": "error",
        "message": "`补跑` is no word for `missed`",
        "path": "jobs/a.toml",
        "line": 2,
        "column": 10,
        "end": { "line": 2, "column": 14 },
        "help": "expected one of `skip`, `last`, `all`",
    }]);
    assert_eq!(to_json(&found), expected);
}

#[test]
fn a_message_with_a_url_shows_no_password_in_either_form() {
    static CODE: crate::diag::Code = crate::diag::Code {
        id: "bad-url",
        title: "",
        title_zh: "",
        help: "",
    };
    let place = Source::new("dukou.toml", "").place(0..0);
    let problem = Problem::warning(&CODE, place, "`postgres://u:hunter2@h` is no store")
        .help("write postgres://u:hunter2@h/db");
    let expected = r"bad-url

  ⚠ `postgres://u:*******@h` is no store
  help: write postgres://u:*******@h/db
";
    let problems = [problem];
    assert_eq!(render(&problems, false), expected);
    assert!(!to_json(&problems).to_string().contains("hunter2"));
}

#[test]
fn a_very_long_line_is_cut_and_a_place_far_to_the_right_is_only_named() {
    let text = format!("title = \"a\" # {}\nmised = 1\n", "长".repeat(5000));
    let found = shown(&text);
    assert!(found.contains("长…\n"), "{found}");
    assert!(found.len() < 3000, "{} bytes", found.len());

    let text = format!("title = \"a\"\nstore = [{}1]\n", " ".repeat(5000));
    let place = Source::new("a.toml", text.as_str()).place(5022..5023);
    let mut problem = problems(&text, |_, _| {}).pop().expect("a list is no text");
    problem.place = place;
    let expected = "wrong-type

  × `store`: expected a text, found a list (a.toml:2:5011)
";
    assert_eq!(render(&[problem], false), expected);
}

#[test]
fn colour_is_only_added_on_demand() {
    let found = problems("titel = 'a'\n", |_, _| {});
    assert!(!render(&found, false).contains('\u{1b}'));
    assert!(render(&found, true).contains('\u{1b}'));
}
