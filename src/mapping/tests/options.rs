//! What is said about controls that cannot be.

use super::read;
use crate::document::key_table_faults;
use crate::mapping::MAPPING_KEYS;

#[test]
fn the_key_tables_have_no_faults() {
    assert_eq!(key_table_faults(MAPPING_KEYS), [""; 0]);
}

#[test]
fn every_mistake_in_controls_is_found_in_one_pass() {
    let (_, said) = read(
        r#"
title = "x"
status = "profile"
[format.csv]
[identity]
context = ["file_name"]
[record.head]
csv = { match = { first = true }, columns = ["count", "name"] }
[record.head.field]
count = { from = "count", type = "integer" }
name  = { from = "name", type = "text" }
[record.row]
csv = { columns = ["amount", "day"] }
[record.row.field]
amount = { from = "amount", type = "money", unit = "fen" }
day    = { from = "day", type = "date", format = "%Y%m%d" }
[[control]]
name = "a"
declared = "head.count"
[[control]]
name = "b"
declared = "head.count"
count = "row"
sum = "row.amount"
[[control]]
name = "c"
declared = "head.name"
sum = "row.day"
start = 1
[[control]]
name = "d"
count = ["row", "rwo"]
where = { day = "x", amuont = 1 }
[[control]]
name = "e"
equal = "row.day"
declared = "head.count"
[[control]]
name = "f"
within = "head"
declared = "head.count"
hash = { of = "row.amount", first_digits = 1, last_digits = 2 }
[[control]]
name = "g"
within = "row"
sequence = "row.amount"
"#,
    );
    assert_eq!(
        said,
        [
            "18:1 bad-mapping: a control has one of `count`, `sum`, `hash`, `equal` and `sequence`",
            "24:1 bad-mapping: a control has either `count` or `sum`",
            "27:12 bad-mapping: `name` states a promise, so it must be an integer or an amount",
            "28:1 bad-mapping: `day` is in a `sum`, so it must be an integer or an amount",
            "29:1 bad-mapping: `start` does not go with `sum`",
            "32:1 bad-mapping: a `count` needs `declared`, the field that states the promise",
            "32:17 unknown-name: there is no record `rwo`",
            "33:17 bad-mapping: `day` is compared with values of its own type: a text or an integer",
            "33:22 unknown-name: there is no field of record `row` `amuont`",
            "37:1 bad-mapping: `declared` does not go with `equal`",
            "40:10 bad-mapping: `head` begins no group",
            "42:1 bad-mapping: `amount` is in a `hash`, so it must be a text of digits or an integer",
            "42:47 bad-mapping: a hash total has the first digits or the last ones",
            "45:10 bad-mapping: `row` begins no group",
            "46:1 bad-mapping: `amount` is in a `sequence`, so it must be an integer",
        ]
    );
}

#[test]
fn only_lines_are_grouped_and_a_control_stays_in_its_group() {
    let (_, said) = read(
        r#"
title = "x"
status = "profile"
[format.xml]
[identity]
context = ["file_name"]
[record.a]
inside = "b"
xml = { path = "A" }
[record.a.field]
n = { from = "N", type = "integer" }
[record.b]
xml = { path = "A/B" }
fixed = { columns = { a = 1 } }
[record.b.field]
n = { from = "N", type = "integer" }
"#,
    );
    assert_eq!(
        said,
        [
            "8:1 record-structure: `inside` does not fit a mapping with `[format.xml]`",
            "14:1 bad-mapping: `fixed` does not fit a mapping with `[format.xml]`",
        ]
    );
    let (_, said) = read(
        r#"
title = "x"
status = "profile"
[format.fixed]
[identity]
context = ["file_name"]
[record.head]
fixed = { match = { first = true }, columns = { n = 4 } }
[record.head.field]
n = { from = "n", type = "integer" }
[record.row]
inside = "head"
fixed = { match = { at = 1, equals = "R" }, columns = { n = 4 } }
[record.row.field]
n = { from = "n", type = "integer" }
[record.tail]
fixed = { match = { at = 1, equals = "T" }, columns = { n = 4 } }
[record.tail.field]
n = { from = "n", type = "integer" }
[[control]]
name = "x"
within = "head"
declared = "tail.n"
count = "row"
"#,
    );
    assert_eq!(
        said,
        ["22:10 bad-mapping: `tail` does not stand in the group of `head`"]
    );
}

#[test]
fn what_is_wrong_with_a_format_is_said_once_and_not_by_all_that_needs_it() {
    let (_, said) = read(
        r#"
title = "x"
status = "profile"
[format.csv]
encoding = "GKB"
[identity]
columns = ["no"]
[record.head]
csv = { match = { first = true }, columns = ["no", "count"] }
[record.head.field]
no    = { from = "no", type = "text" }
count = { from = "count", type = "integer" }
[[control]]
name = "a"
declared = "head.count"
count = "row"
"#,
    );
    assert_eq!(said, ["5:12 unknown-word: `GKB` is no word for `encoding`"]);
}

#[test]
fn keys_that_say_nothing_about_a_type_are_problems() {
    let (_, said) = read(
        r#"
title = "x"
status = "profile"
[format.excel]
[identity]
context = ["file_name"]
[record.row]
[record.row.field]
a = { from = "a", type = "text", unit = "fen", min = 1 }
b = { from = "b", type = "integer", format = "%Y", decimals = "optional" }
c = { from = "c", type = "money", unit = "fen", decimals = "optional", codes = "c" }
d = { context = "business_date", type = "date", max = 3 }
e = { from = "e", type = "date" }
f = { from = "f", type = "money", unit = "yuan", decimals = "optional", min = "0.00" }
"#,
    );
    assert_eq!(
        said,
        [
            "9:34 bad-mapping: `unit` is about an amount, and this field is none",
            "9:48 bad-mapping: `min` is about an integer or an amount, and this field is none",
            "10:37 bad-mapping: `format` is about a day or a moment, and this field is none",
            "10:52 bad-mapping: `decimals` is about an amount, and this field is none",
            "11:49 bad-mapping: `decimals` needs `unit = \"yuan\"`",
            "11:72 bad-mapping: `codes` is about a text, and this field is none",
            "12:5 bad-mapping: a day or moment needs its `format`, such as \"%Y-%m-%d\"",
            "12:49 bad-mapping: `max` is about an integer or an amount, and this field is none",
        ]
    );
}
