//! The receiving job's rules, said once more in plain Rust over what reads back: they must find
//! exactly what the statement says.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::*;
use crate::simulate::decode::DecodedRow;
use crate::value::Value;

/// Per key, what was in force from when; in order.
type History<T> = BTreeMap<String, BTreeMap<DateTime<Utc>, T>>;

struct Lists {
    cards: History<(String, NaiveDate)>,
    card_blacklist: History<bool>,
    obu_blacklist: History<bool>,
}

fn moment(row: &DecodedRow, column: &str) -> Option<DateTime<Utc>> {
    match row.values[column] {
        Value::Instant(moment) => Some(moment),
        _ => None,
    }
}

fn day_of(row: &DecodedRow, column: &str) -> NaiveDate {
    match row.values[column] {
        Value::Date(day) => day,
        ref other => panic!("{column} is {other:?}"),
    }
}

fn in_force<'h, T>(history: &'h History<T>, key: &str, at: DateTime<Utc>) -> Option<&'h T> {
    history
        .get(key)?
        .range(..=at)
        .next_back()
        .map(|(_, value)| value)
}

fn lists(day: &Day) -> Lists {
    let read = |prefix: &str, mapping: &str| {
        let mut lists = day.statement.lists.iter();
        let list = lists
            .find(|list| list.path.contains(prefix))
            .expect("it was written");
        let decoded = day.read(&list.path, mapping).expect("readable");
        assert!(
            decoded.is_sound(),
            "{prefix}: {:?}",
            decoded.rejects.first()
        );
        assert_eq!(decoded.rows.len() as u64, list.rows);
        decoded
    };
    let mut cards: History<(String, NaiveDate)> = History::new();
    for row in read("CARDSTATUS", "etc_clearing/card_status_list").of("card") {
        let value = (row.text("status").to_owned(), day_of(row, "valid_until"));
        let from = moment(row, "effective_at").expect("a moment");
        let before = cards
            .entry(row.text("card_id").to_owned())
            .or_default()
            .insert(from, value);
        assert_eq!(before, None, "a card has one status at a time");
    }
    let blacklist = |prefix, mapping, id| {
        let mut entries: History<bool> = History::new();
        for row in read(prefix, mapping).of("entry") {
            let from = moment(row, "effective_at").expect("a moment");
            let is_in = row.text("status") == "entered";
            entries
                .entry(row.text(id).to_owned())
                .or_default()
                .insert(from, is_in);
        }
        entries
    };
    Lists {
        cards,
        card_blacklist: blacklist("CARDBLACK", "etc_clearing/card_blacklist", "card_id"),
        obu_blacklist: blacklist("OBUBLACK", "etc_clearing/obu_blacklist", "obu_id"),
    }
}

fn same(row: &DecodedRow) -> String {
    let columns = [
        "card_net",
        "card_id",
        "terminal_no",
        "terminal_trans_no",
        "transaction_time",
        "fee",
    ];
    format!("{:?}", columns.map(|column| &row.values[column]))
}

/// The first rule that hits, in the job's order.
fn reason(row: &DecodedRow, lists: &Lists, is_duplicate: bool, clock: &Clock) -> Option<i64> {
    if row.is_flagged {
        return Some(6);
    }
    let at = moment(row, "transaction_time").expect("a readable row has a time");
    let (target, local) = (
        day_of(row, "clear_target_date"),
        clock.local(at).date_naive(),
    );
    let card = row.text("card_id");
    let status = in_force(&lists.cards, card, at);
    let rules = [
        (2, is_duplicate),
        (13, [51, 52, 53].contains(&row.int("card_type"))),
        (15, ![22, 23].contains(&row.int("card_type"))),
        (4, !["06", "09"].contains(&row.text("trans_type"))),
        (16, local > target),
        (5, local < target - Days::new(30)),
        (7, row.int("fee") > 500_000),
        (8, !lists.cards.contains_key(card)),
        (10, status.is_some_and(|(_, until)| *until < local)),
        (9, status.is_some_and(|(status, _)| status != "normal")),
        (11, in_force(&lists.card_blacklist, card, at) == Some(&true)),
        (
            11,
            in_force(&lists.obu_blacklist, row.text("obu_id"), at) == Some(&true),
        ),
    ];
    rules
        .into_iter()
        .find(|(_, hits)| *hits)
        .map(|(reason, _)| reason)
}

fn found(day: &Day) -> Vec<(i64, i64, i64)> {
    let lists = lists(day);
    let clock = Clock::fixed(DateTime::UNIX_EPOCH, day.configuration.settings.zone);
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (file, decoded) in day.accepted() {
        for row in decoded.of("transaction") {
            let is_duplicate = !seen.insert(same(row));
            if let Some(reason) = reason(row, &lists, is_duplicate, &clock) {
                found.push((file.message_id, row.int("trans_id"), reason));
            }
        }
    }
    found.sort_unstable();
    found
}

fn stated(day: &Day) -> Vec<(i64, i64, i64)> {
    let disputes = day.statement.disputes.iter();
    let mut stated: Vec<_> = disputes
        .map(|dispute| (dispute.message_id, dispute.trans_id, dispute.reason))
        .collect();
    stated.sort_unstable();
    stated
}

#[test]
fn the_rules_find_exactly_the_stated_disputes_of_a_demonstration() {
    for seed in [1, 2, 3] {
        let day = Day::of(&Request::new(date(), 24, 20, seed));
        assert_eq!(found(&day), stated(&day), "seed {seed}");
        assert_eq!(stated(&day).len(), 43);
    }
}

#[test]
fn the_rules_find_exactly_the_stated_disputes_of_every_kind() {
    let mut faults = Faults::none().with(Fault::Released, 2);
    for fault in Fault::all().filter(|fault| fault.reason().is_some()) {
        faults = faults.with(fault, 7);
    }
    let request = Request {
        faults,
        ..Request::new(date(), 5, 60, 11)
    };
    let day = Day::of(&request);
    assert_eq!(found(&day), stated(&day));
    assert_eq!(stated(&day).len(), 13 * 7 + 2);
}

#[test]
fn a_card_suspended_later_the_same_day_is_accepted_before_and_disputed_after() {
    let day = Day::demo();
    let found = found(&day);
    let before = day
        .statement
        .accepted
        .iter()
        .filter(|row| row.why.contains("当日稍后才挂起"));
    let before: Vec<_> = before.collect();
    assert_eq!(before.len(), 10);
    for row in before {
        let key = (row.message_id, row.trans_id);
        assert!(
            !found
                .iter()
                .any(|(package, trans_id, _)| (*package, *trans_id) == key),
            "{row:?}"
        );
    }
}
