//! Counts, sums, hash totals, equal values and sequences of files that are read.

use super::{controls, mapping};
use crate::mapping::Mapping;

/// A file of batches with a header, details and a trailer each.
const BATCHES: &str = r#"
title = "批量"
status = "profile"
[format.csv]
[identity]
context = ["business_date"]
[record.head]
occurs = "once"
csv = { match = { column = 1, equals = "H" }, columns = ["mark", "day", "lines"] }
[record.head.field]
day   = { from = "day", type = "date", format = "%Y%m%d" }
lines = { from = "lines", type = "integer", required = false }
[record.batch]
inside = "head"
csv = { match = { column = 1, equals = "B" }, columns = ["mark", "no", "count", "first"] }
[record.batch.field]
no    = { from = "no", type = "integer" }
count = { from = "count", type = "integer" }
first = { from = "first", type = "integer", required = false }
[record.detail]
inside = "batch"
csv = { match = { column = 1, equals = "D" }, columns = ["mark", "line", "account", "direction", "amount"] }
[record.detail.field]
line      = { from = "line", type = "integer" }
account   = { from = "account", type = "text" }
direction = { from = "direction", type = "text", one_of = ["D", "C"] }
amount    = { from = "amount", type = "money", unit = "yuan" }
[record.fee]
inside = "batch"
csv = { match = { column = 1, equals = "F" }, columns = ["mark", "amount"] }
[record.fee.field]
amount = { from = "amount", type = "money", unit = "yuan" }
[record.batch_end]
closes = "batch"
csv = { match = { column = 1, equals = "E" }, columns = ["mark", "no", "total"] }
[record.batch_end.field]
no    = { from = "no", type = "integer" }
total = { from = "total", type = "money", unit = "yuan" }
[record.tail]
closes = "head"
csv = { match = { column = 1, equals = "T" }, columns = ["mark", "day", "total", "hash"] }
[record.tail.field]
day   = { from = "day", type = "date", format = "%Y%m%d" }
total = { from = "total", type = "money", unit = "yuan", required = false }
hash  = { from = "hash", type = "integer", required = false }
"#;

fn with(control: &str) -> Mapping {
    mapping(&format!("{BATCHES}[[control]]\nname = \"x\"\n{control}"))
}

/// Two batches: three details and a fee.
const GOOD: &str = "H,20260301,10\nB,1,2,1\nD,1,6101,D,10.00\nD,2,6102,C,2.50\nE,1,7.50\n\
                    B,2,1,3\nD,3,6103,D,1.00\nF,0.25\nE,2,0.75\nT,20260301,8.25,18306\n";

#[test]
fn counts_speak_of_one_kind_of_several_or_of_every_line() {
    let lines = with("declared = \"head.lines\"\ncount = \"*\"\n");
    assert_eq!(controls(&lines, GOOD), ["x 10/10"]);
    let some =
        with("declared = \"head.lines\"\ncount = [\"detail\", \"fee\", \"tail\", \"-head\"]\n");
    assert_eq!(controls(&some, GOOD), ["!x 10/4"]);
    let content = GOOD.replace("H,20260301,10", "H,20260301,4");
    assert_eq!(controls(&some, &content), ["x 4/4"]);
}

#[test]
fn sums_have_a_sign_by_kind_and_by_a_code() {
    let net = with("declared = \"tail.total\"\nsum = [\"detail.amount\", \"-fee.amount\"]\n");
    assert_eq!(controls(&net, GOOD), ["!x 8.25/13.25"]);
    let signed = "within = \"batch\"\ndeclared = \"batch_end.total\"\nsum = \"detail.amount\"\n";
    let by_code = with(&format!("{signed}minus_where = {{ direction = \"C\" }}\n"));
    assert_eq!(controls(&by_code, GOOD), ["!x 0.75/1.00 at 9"]);
    let debits = with(&format!("{signed}where = {{ direction = [\"D\"] }}\n"));
    assert_eq!(
        controls(&debits, GOOD),
        ["!x 7.50/10.00 at 5", "!x 0.75/1.00 at 9"]
    );
}

#[test]
fn a_promise_of_a_group_stands_in_its_header_or_in_its_trailer() {
    let header = with("within = \"batch\"\ndeclared = \"batch.count\"\ncount = \"detail\"\n");
    assert_eq!(controls(&header, GOOD), [""; 0]);
    let lost = GOOD.replace("D,2,6102,C,2.50\n", "");
    assert_eq!(controls(&header, &lost), ["!x 2/1 at 2"]);
    let moved = GOOD
        .replace("E,1,7.50\nB,2,1,3\n", "")
        .replace("D,3", "E,1,7.50\nB,2,1,3\nD,3");
    assert_eq!(controls(&header, &moved), [""; 0]);
}

#[test]
fn a_record_that_cannot_be_read_is_counted_and_fails_every_sum() {
    let count = with("within = \"batch\"\ndeclared = \"batch.count\"\ncount = \"detail\"\n");
    let sum = with(
        "declared = \"tail.total\"\nsum = \"detail.amount\"\nminus_where = { direction = \"C\" }\n",
    );
    let good = GOOD.replace("8.25", "8.50");
    assert_eq!(controls(&sum, &good), ["x 8.50/8.50"]);
    for (bad, refused) in [
        // The reader knows by its mark what the line was.
        ("D,2,6102,C,2.50,x", "refused column-count"),
        ("D,2,\"6\"102,C,2.50", "refused text-after-quote"),
        ("D,2,6102,C,2,50", "refused column-count"),
        ("D,2,6102,C,2.5", "refused not-an-amount"),
        ("D,2,6102,X,2.50", "refused wrong-value"),
    ] {
        let content = good.replace("D,2,6102,C,2.50", bad);
        assert_eq!(controls(&count, &content), [refused], "{bad}");
        assert_eq!(controls(&sum, &content), [refused, "!x 8.50/—"], "{bad}");
    }
    // A promise that cannot be read agrees with nothing.
    let content = GOOD.replace("B,1,2,1", "B,1,two,1");
    assert_eq!(
        controls(&count, &content),
        ["refused not-a-number", "!x —/— at 2"]
    );
}

#[test]
fn a_refused_header_begins_its_group_so_that_the_last_one_keeps_its_own_total() {
    let count = with("within = \"batch\"\ndeclared = \"batch.count\"\ncount = \"detail\"\n");
    let content = GOOD.replace("B,2,1,3\n", "B,2,1,3,4\n");
    assert_eq!(
        controls(&count, &content),
        ["refused column-count", "!x —/— at 6"]
    );
}

#[test]
fn hash_totals_add_the_declared_digits() {
    let hash = |what: &str| with(&format!("declared = \"tail.hash\"\nhash = {{ {what} }}\n"));
    let all = hash("of = \"detail.account\"");
    assert_eq!(controls(&all, GOOD), ["x 18306/18306"]);
    let last = hash("of = \"detail.account\", last_digits = 2");
    assert_eq!(controls(&last, GOOD), ["!x 18306/6"]);
    let first = hash("of = [\"detail.account\"], first_digits = 3");
    assert_eq!(controls(&first, GOOD), ["!x 18306/1830"]);
    let rest = hash("of = [\"detail.account\"], modulus = 10000");
    assert_eq!(controls(&rest, GOOD), ["!x 18306/8306"]);
    let long = GOOD.replace("6103", "99999999999999999999");
    assert_eq!(controls(&rest, &long), ["!x 18306/2202"]);
    assert_eq!(controls(&all, &long), ["!x 18306/—"]);
    let letters = GOOD.replace("6103", "6A03");
    assert_eq!(controls(&all, &letters), ["!x 18306/—"]);
}

#[test]
fn equal_values_are_compared_in_the_file_in_a_group_and_with_the_surroundings() {
    let days = with("equal = [\"head.day\", \"tail.day\"]\n");
    assert_eq!(controls(&days, GOOD), ["x 2026-03-01/2026-03-01"]);
    let other = GOOD.replace("T,20260301", "T,20260302");
    assert_eq!(controls(&days, &other), ["!x 2026-03-01/2026-03-02"]);
    for context in ["business_date", "day"] {
        let around = with(&format!("equal = \"tail.day\"\ncontext = \"{context}\"\n"));
        assert_eq!(controls(&around, GOOD), ["x 2026-03-01/2026-03-01"]);
        assert_eq!(controls(&around, &other), ["!x 2026-03-01/2026-03-02"]);
    }
    let absent = with("equal = \"tail.day\"\ncontext = \"serial\"\n");
    assert_eq!(controls(&absent, GOOD), ["!x 2026-03-01/—"]);
    let numbers = with("within = \"batch\"\nequal = [\"batch.no\", \"batch_end.no\"]\n");
    assert_eq!(controls(&numbers, GOOD), [""; 0]);
    let crossed = GOOD.replace("E,2,", "E,1,");
    assert_eq!(controls(&numbers, &crossed), ["!x 2/1 at 6"]);
}

#[test]
fn sequences_have_no_hole_and_begin_where_they_must() {
    let lines = with("sequence = \"detail.line\"\n");
    assert_eq!(controls(&lines, GOOD), ["x 1/1"]);
    for (from, to, said) in [
        ("D,3", "D,4", "!x 3/4"),
        ("D,2", "D,1", "!x 2/1"),
        ("D,1", "D,2", "!x 1/2"),
        ("D,2,", "D,x,", "!x 2/—"),
    ] {
        let content = GOOD.replacen(from, to, 1);
        let all = controls(&lines, &content);
        assert_eq!(all.last().map(String::as_str), Some(said), "{to}");
    }
    let from = with("sequence = \"batch.no\"\nstart = 5\n");
    assert_eq!(controls(&from, GOOD), ["!x 5/1"]);
    let stated =
        with("within = \"batch\"\nsequence = \"detail.line\"\ndeclared = \"batch.first\"\n");
    assert_eq!(controls(&stated, GOOD), [""; 0]);
    let wrong = GOOD.replace("B,2,1,3", "B,2,1,4");
    assert_eq!(controls(&stated, &wrong), ["!x 4/3 at 6"]);
    let own = with("within = \"batch\"\nsequence = \"detail.line\"\n");
    assert_eq!(controls(&own, GOOD), ["!x 1/3 at 6"]);
}

#[test]
fn of_many_groups_that_disagree_the_first_are_kept_and_the_others_counted() {
    let count = with("within = \"batch\"\ndeclared = \"batch.count\"\ncount = \"detail\"\n");
    let groups: String = (1..=2_500)
        .map(|no| format!("B,{no},9,\nD,1,6101,D,1.00\nE,{no},1.00\n"))
        .collect();
    let said = controls(&count, &format!("H,20260301,\n{groups}T,20260301,,\n"));
    assert_eq!(said.len(), 1_000);
    assert_eq!(said.first().map(String::as_str), Some("!x 9/1 at 2"));
    assert_eq!(
        said.last().map(String::as_str),
        Some("!x 9/1 at 2999 and 1500 more")
    );
}
