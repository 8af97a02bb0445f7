use super::render::statement;
use super::{COMPOSE_KEYS, Certainty, Compose, ComposeContext, Promised, Scope};
use crate::dataset::column::ColumnType;
use crate::dataset::sql::{Given, SqlArgs, SqlContext};
use crate::dataset::tests::datasets;
use crate::db::Dialect;
use crate::document::read_text;
use crate::id::FileNo;
use crate::value::{Kind, Value};
use chrono::DateTime;
use std::collections::BTreeMap;

fn read(text: &str) -> (Option<Compose>, Vec<String>) {
    let datasets = datasets();
    let (read, problems) = read_text(text, COMPOSE_KEYS, |section, problems| {
        Compose::read(section, &datasets, &promised(), problems)
    });
    (read, problems.lines_with_help())
}

fn promised() -> Vec<Promised> {
    let promised = |name: &str, column_type, certainty| Promised {
        name: name.to_owned(),
        column_type,
        certainty,
    };
    vec![
        promised("note", ColumnType::Text, Certainty::Sometimes),
        promised("business_date", ColumnType::Date, Certainty::Always),
        promised("file_date", ColumnType::Date, Certainty::Sometimes),
    ]
}

#[test]
fn a_context_value_is_promised_by_the_job_and_fits_its_column() {
    let set = |column: &str, context: &str| {
        let lines: Vec<&str> = TOTAL
            .lines()
            .filter(|line| !line.starts_with(&format!("{column} =")))
            .collect();
        let text = lines.join("\n");
        let (_, problems) = read(&format!(
            "{text}\n{column} = {{ context = \"{context}\" }}\n"
        ));
        problems.join("; ")
    };
    assert_eq!(set("day", "business_date"), "");
    assert_eq!(
        set("day", "file_date"),
        "14:19 compose-set: `file_date` may be missing for some files, and key column `day` is \
         never null"
    );
    assert_eq!(
        set("note", "business_date"),
        "14:20 compose-set: column `note` is `text` and this is `date`"
    );
    assert_eq!(
        set("note", "remark"),
        "14:20 compose-set: the job has no value `remark` (known here: `note`, `business_date`, \
         `file_date`)"
    );
}

const TOTAL: &str = r#"
dataset = "totals"
from = "trade"
where = { decision = { null = true } }
missing = { dataset = "totals", on = ["day"] }

[set]
day = { column = "day" }
issuer = { setting = "home" }
number = { number = true }
made = { now = true }
trades = { count = "trade", on = ["day"], where = { decision = { null = false } } }
amount = { sum = "trade.fee", on = ["day"] }
note = { context = "note" }
"#;

fn sql(note: Value, number: Option<i64>, dialect: Dialect) -> Result<(String, Vec<Value>), String> {
    let (compose, problems) = read(TOTAL);
    assert_eq!(problems, Vec::<String>::new());
    let given = Given {
        zone: "Asia/Shanghai".to_owned(),
        offset_secs: 28_800,
        settings: BTreeMap::from([("home".to_owned(), "610101".to_owned())]),
    };
    let context = ComposeContext {
        now: DateTime::from_timestamp(1_700_000_000, 0).expect("a moment"),
        number,
        values: BTreeMap::from([("note".to_owned(), note)]),
        split: None,
    };
    let mut args = SqlArgs::new();
    let sql_context = SqlContext {
        dialect,
        given: &given,
    };
    let compose = compose.expect("no problem, so a composition");
    let scope = Scope::File(FileNo(7));
    statement(&compose, scope, &context, &mut args, sql_context)
        .map(|sql| (sql, args.values().to_vec()))
        .map_err(|error| error.to_string())
}

#[test]
fn a_composition_is_one_insert_with_the_lineage_of_its_source() {
    let (sql, args) = sql(Value::from("备注"), Some(12), Dialect::Postgres).expect("all is given");
    assert_eq!(
        sql,
        r#"INSERT INTO "totals" ("day", "issuer", "number", "made", "trades", "amount", "note", "lineage_file", "lineage_record", "lineage_offset", "lineage_length") SELECT src."day", CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS TIMESTAMPTZ), (SELECT COUNT(*) FROM "trade" AS part WHERE part."day" = src."day" AND part."decision" IS NOT NULL), (SELECT CAST(COALESCE(SUM(part."fee"), 0) AS BIGINT) FROM "trade" AS part WHERE part."day" = src."day"), CAST($4 AS TEXT), src."lineage_file", src."lineage_record", src."lineage_offset", src."lineage_length" FROM "trade" AS src WHERE src."decision" IS NULL AND (src."lineage_file" = $5) AND NOT EXISTS (SELECT 1 FROM "totals" AS look0 WHERE look0."day" = src."day")"#
    );
    assert_eq!(args.first(), Some(&Value::from("610101")));
    assert_eq!(args.last(), Some(&Value::Int(7)));
}

#[test]
fn what_the_caller_must_give_is_asked_for() {
    assert_eq!(
        sql(Value::from("备注"), None, Dialect::Sqlite),
        Err(
            "dataset `totals`: the message number for `number` is needed and was not given"
                .to_owned()
        )
    );
    assert_eq!(
        sql(Value::Null(Kind::Int), Some(1), Dialect::Sqlite),
        Err("dataset `totals`: `note` is Int and column `note` is Text".to_owned())
    );
    let (compose, _) = read(TOTAL);
    let compose = compose.expect("it is well-formed");
    assert!(compose.is_numbered());
    let numbered = compose.numbered_column().map(ToString::to_string);
    assert_eq!(numbered.as_deref(), Some("number"));
    assert_eq!(compose.settings(), ["home"]);
    assert_eq!(compose.context_names().collect::<Vec<_>>(), ["note"]);
}

#[test]
fn every_problem_of_a_composition_is_found_in_one_pass() {
    let text = r#"
dataset = "totals"
from = "trade"

[set]
issuer = { column = "fee" }
number = { number = false }
made = { value = "2026-01-02" }
trades = { count = "trade" }
amount = { sum = "trade.card_id", on = ["day"] }
note = { value = "a", now = true }
nothing = { now = true }
"#;
    let (compose, problems) = read(text);
    assert_eq!(compose, None);
    assert_eq!(
        problems,
        [
            r#"5:2 compose-set: key column `day` of dataset `totals` is not set (add `day = { column = "…" }`)"#,
            "6:21 compose-set: column `issuer` is `text` and this is `money`",
            "7:21 compose-set: `number` is `true` or not there (write `number = true`)",
            r#"8:18 condition-value: this is no value of column `made`, which is `instant` (write a moment as text, such as "2026-01-02T03:04:05+08:00")"#,
            r#"9:10 condition-shape: nothing ties `trade` to `trade` (write `on = ["column"]` for columns that both have, or `on = { their_column = "our_column" }`)"#,
            "10:18 compose-set: column `card_id` of `trade` is `text` and cannot be summed",
            "11:8 compose-set: column `note` takes exactly one of `column`, `value`, `now`, `setting`, `number`, `context`, `count`, `sum`",
            "12:1 unknown-column: dataset `totals` has no column `nothing` (known here: `day`, `issuer`, `number`, `made`, `trades`, `amount`, `note`)",
        ]
    );
}

#[test]
fn without_a_source_there_is_no_row_to_ask_about() {
    let text = r#"
dataset = "totals"
where = { fee = "1.00" }

[set]
day = { column = "day" }
amount = { sum = "trade.fee", on = ["day"] }
"#;
    let (compose, problems) = read(text);
    assert_eq!(compose, None);
    assert_eq!(
        problems,
        [
            "3:1 condition-shape: `where` asks about rows of `from`, and there is no `from` (name the dataset that the rows are composed from)",
            "6:18 compose-set: there is no row to take it from, because there is no `from` (name the dataset that the rows are composed from)",
            "7:18 compose-set: there is no row to take it from, because there is no `from` (name the dataset that the rows are composed from)",
        ]
    );
}
