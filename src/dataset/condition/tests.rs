use super::{CONDITION_KEYS, Condition, Shared};
use crate::dataset::sql::{Given, SqlArgs, SqlContext};
use crate::dataset::tests::datasets;
use crate::db::Dialect;
use crate::document::read_text;
use crate::value::Value;
use std::collections::BTreeMap;

fn read(text: &str) -> (Option<Condition>, Vec<String>) {
    let datasets = datasets();
    let trade = datasets.get("trade").expect("it was just made");
    let (read, problems) = read_text(text, &CONDITION_KEYS, |section, problems| {
        Condition::read(section, trade, &datasets, problems)
    });
    (read, problems.lines_with_help())
}

fn given() -> Given {
    Given {
        zone: "Asia/Shanghai".to_owned(),
        offset_secs: 28_800,
        settings: BTreeMap::from([("home".to_owned(), "610101".to_owned())]),
    }
}

fn sql(text: &str, dialect: Dialect) -> (String, Vec<Value>) {
    let (condition, problems) = read(text);
    assert_eq!(problems, Vec::<String>::new());
    let mut args = SqlArgs::new();
    let given = given();
    let context = SqlContext {
        dialect,
        given: &given,
    };
    let condition = condition.expect("no problem, so a condition");
    let sql = condition.to_sql("t", &mut args, context);
    (sql.expect("all is given"), args.values().to_vec())
}

#[test]
fn every_problem_of_a_condition_is_found_in_one_pass() {
    let text = r#"
duplicate = { on = ["card"] }
exists = { dataset = "statsu", on = ["card_id"] }
missing = [
    { dataset = "status", on = { card_id = "fee" }, at = "day", where = { status = 5 } },
    { dataset = "totals", at = "at" },
    "status",
]

[where]
feee = 1
fee = 2000
day = { above = "2026-02-30", below = { column = "card_id" } }
card_id = { nul = true, not = [] }
at = { above = ["2026-01-02"], null = "yes", below = { column = "day", days = 1.5 } }
decision = { above = { column = "decision", days = 1 }, not = { setting = "home" } }
trade_id = {}
rate = 0.5
"#;
    let (condition, problems) = read(text);
    assert_eq!(condition, None);
    assert_eq!(
        problems,
        [
            "2:21 unknown-column: dataset `trade` has no column `card` (known here: `day`, `trade_id`, `card_id`, `at`, `fee`, `rate`, `decision`)",
            "3:22 unknown-dataset: there is no dataset `statsu` (did you mean `status`?)",
            "5:44 condition-value: column `card_id` of `status` is `text` and column `fee` of `trade` is `money` (tie columns of one type)",
            "5:58 condition-value: `at` is `day`, which is `date` and must be `instant`",
            "5:84 condition-value: this is no value of column `status`, which is `text` (write a text in quotes)",
            r#"6:5 condition-shape: nothing ties `totals` to `trade` (write `on = ["column"]` for columns that both have, or `on = { their_column = "our_column" }`)"#,
            "6:32 condition-shape: dataset `totals` does not say from when its rows are in force (remove `at`, or declare `effective` in that dataset)",
            r#"7:5 condition-shape: `missing` is a table, or a list of tables (write `missing = { dataset = "…", on = ["…"] }`)"#,
            "11:1 unknown-column: dataset `trade` has no column `feee` (did you mean `fee`?)",
            r#"12:7 condition-value: this is no value of column `fee`, which is `money` (write yuan as text with two decimals, such as "2000.00")"#,
            r#"13:17 condition-value: this is no value of column `day`, which is `date` (write a date as text, such as "2026-01-02")"#,
            "13:50 condition-value: column `day` is `date` and column `card_id` of `trade` is `text` (columns are compared with columns of their own type, dates also with instants)",
            "14:13 condition-shape: `nul` is no comparison (did you mean `null`?)",
            r#"14:31 condition-shape: a list has between 1 and 1000 values, and this one 0 (write a value, a list of values, or `{ above = "…" }` with one of equals, not, null, above, at_least, below, at_most, differs)"#,
            r#"15:16 condition-shape: `above` compares with one value (write a value, a list of values, or `{ above = "…" }` with one of equals, not, null, above, at_least, below, at_most, differs)"#,
            r#"15:39 condition-shape: `null` is `true` or `false` (write a value, a list of values, or `{ above = "…" }` with one of equals, not, null, above, at_least, below, at_most, differs)"#,
            "15:79 wrong-type: `days`: expected an integer, found a decimal number",
            "16:52 condition-value: `decision` is `integer`, and days are added to dates",
            "16:75 condition-value: column `decision` is `integer`, and a setting is compared with a text, without days",
            r#"17:1 condition-shape: column `trade_id` is compared with nothing (write a value, a list of values, or `{ above = "…" }` with one of equals, not, null, above, at_least, below, at_most, differs)"#,
            "18:8 wrong-type: `rate`: expected a text, an integer, a boolean or a date, found a decimal number (write it in quotes)",
        ]
    );
}

#[test]
fn values_become_arguments_of_their_columns_type() {
    let text = r#"
[where]
card_id = ["a", "b"]
fee = { above = "2000.00", at_most = "3000.00" }
day = { not = "2026-01-02" }
rate = "0.500"
decision = { null = true }
"#;
    let (sql, args) = sql(text, Dialect::Sqlite);
    assert_eq!(
        sql,
        r#"(t."card_id" IN ($1, $2)) AND t."fee" > $3 AND t."fee" <= $4 AND (t."day" IS NULL OR NOT (t."day" = $5)) AND (t."rate" = $6) AND t."decision" IS NULL"#
    );
    let day = chrono::NaiveDate::from_ymd_opt(2026, 1, 2).expect("a day");
    assert_eq!(
        args,
        [
            Value::from("a"),
            Value::from("b"),
            Value::Int(200_000),
            Value::Int(300_000),
            Value::Date(day),
            Value::Int(500),
        ]
    );
}

#[test]
fn a_date_meets_an_instant_at_its_local_date() {
    let text = r#"
[where]
at = { above = { column = "day", days = 1 }, at_least = "2026-01-02" }
day = { below = { column = "at", days = -30 } }
"#;
    assert_eq!(
        sql(text, Dialect::Sqlite).0,
        r#"date(t."at" / 1000000 + 28800, 'unixepoch') > date(t."day", '+1 days') AND date(t."at" / 1000000 + 28800, 'unixepoch') >= $1 AND t."day" < date(date(t."at" / 1000000 + 28800, 'unixepoch'), '-30 days')"#
    );
    assert_eq!(
        sql(text, Dialect::Postgres).0,
        r#"CAST(t."at" AT TIME ZONE CAST($1 AS TEXT) AS DATE) > (t."day" + (1)) AND CAST(t."at" AT TIME ZONE CAST($2 AS TEXT) AS DATE) >= $3 AND t."day" < (CAST(t."at" AT TIME ZONE CAST($4 AS TEXT) AS DATE) + (-30))"#
    );
}

#[test]
fn a_lookup_as_of_a_moment_descends_the_primary_key_twice() {
    let text = r#"
exists = { dataset = "status", on = ["card_id"], at = "at", where = { valid_until = { below = { column = "at" } } } }
missing = { dataset = "totals", on = ["day"], where = { issuer = { setting = "home" }, amount = { equals = { column = "fee" } } } }
"#;
    let text = text
        .replace("{ setting", "{ equals = { setting")
        .replace("\"home\" }", "\"home\" } }");
    let (sql, args) = sql(&text, Dialect::Sqlite);
    assert_eq!(
        sql,
        r#"EXISTS (SELECT 1 FROM "status" AS look0 WHERE look0."card_id" = t."card_id" AND look0."effective_at" = (SELECT MAX(late_look0."effective_at") FROM "status" AS late_look0 WHERE late_look0."card_id" = t."card_id" AND late_look0."effective_at" <= t."at") AND look0."valid_until" < date(t."at" / 1000000 + 28800, 'unixepoch')) AND NOT EXISTS (SELECT 1 FROM "totals" AS look1 WHERE look1."day" = t."day" AND look1."issuer" = $1 AND look1."amount" = t."fee")"#
    );
    assert_eq!(args, [Value::from("610101")]);
}

#[test]
fn a_row_in_force_that_two_conditions_ask_about_is_joined_once() {
    let conditions = [
        r#"exists = { dataset = "status", on = ["card_id"], at = "at", where = { status = "lost" } }"#,
        r#"missing = { dataset = "status", on = ["card_id"], at = "at" }"#,
        r#"missing = { dataset = "status", on = ["card_id"] }"#,
    ]
    .map(|text| read(text).0.expect("no problem"));
    let shared = Shared::by(conditions.iter());
    assert_eq!(
        shared.joins("t"),
        r#" LEFT JOIN "status" AS force0 ON force0."card_id" = t."card_id" AND force0."effective_at" = (SELECT MAX(late_force0."effective_at") FROM "status" AS late_force0 WHERE late_force0."card_id" = t."card_id" AND late_force0."effective_at" <= t."at")"#
    );
    let mut args = SqlArgs::new();
    let given = given();
    let sql = conditions.each_ref().map(|condition| {
        let context = SqlContext {
            dialect: Dialect::Sqlite,
            given: &given,
        };
        let sql = condition.to_sql_beside(Some(&shared), "t", &mut args, context);
        sql.expect("all is given")
    });
    assert_eq!(
        sql,
        [
            r#"((force0."effective_at" IS NOT NULL AND (force0."status" = $1)) IS TRUE)"#,
            r#"NOT ((force0."effective_at" IS NOT NULL) IS TRUE)"#,
            r#"NOT (force0."effective_at" IS NOT NULL OR EXISTS (SELECT 1 FROM "status" AS look0 WHERE look0."card_id" = t."card_id"))"#,
        ]
    );
    let alone = Shared::by(conditions.iter().take(1));
    assert_eq!(alone.joins("t"), "", "one condition asks by itself");
}

#[test]
fn a_duplicate_is_an_earlier_row_with_equal_values() {
    assert_eq!(
        sql(
            "duplicate = { on = [\"card_id\", \"fee\"] }",
            Dialect::Postgres
        )
        .0,
        r#"EXISTS (SELECT 1 FROM "trade" AS look_before WHERE look_before."card_id" = t."card_id" AND look_before."fee" = t."fee" AND (look_before."lineage_file" < t."lineage_file" OR (look_before."lineage_file" = t."lineage_file" AND look_before."lineage_record" < t."lineage_record")))"#
    );
    assert_eq!(sql("", Dialect::Postgres).0, "1 = 1");
}

#[test]
fn a_setting_that_is_not_there_is_an_error_and_never_an_empty_text() {
    let (condition, _) = read("where = { card_id = { not = { setting = \"abroad\" } } }");
    let condition = condition.expect("it is well-formed");
    assert_eq!(condition.settings().collect::<Vec<_>>(), ["abroad"]);
    let given = given();
    let context = SqlContext {
        dialect: Dialect::Sqlite,
        given: &given,
    };
    let error = condition.to_sql("t", &mut SqlArgs::new(), context);
    assert_eq!(
        error.expect_err("it is not given").to_string(),
        "dataset `trade`: setting `abroad` is needed and was not given"
    );
}
