//! Rules about the rows of one file: the first that holds gives the reason.

use super::{World, moment, on_both, trade};
use dukou::dataset::{Condition, Rule, apply_decisions, find};
use dukou::id::{FileNo, Ident, RecordNo};
use dukou::record::Place;
use dukou::value::{Kind, Value};

on_both!(
    the_first_rule_that_holds_gives_the_reason,
    a_rule_sees_what_the_rules_before_it_decided,
    only_rows_of_the_file_are_decided,
    rules_that_ask_about_one_row_in_force_find_what_each_finds_alone,
    rows_are_found_with_their_place_and_key,
);

/// How many rows each of the rules gave its reason.
async fn decide(world: &World, file: i64, rules: &[(i64, &str)]) -> Vec<u64> {
    let mut transaction = world.database.begin().await.expect("a transaction");
    let conditions: Vec<(i64, Condition)> = rules
        .iter()
        .map(|(reason, rule)| (*reason, world.rule("etc_transaction", rule)))
        .collect();
    let rules: Vec<Rule<'_>> = conditions
        .iter()
        .map(|(reason, condition)| Rule {
            reason: *reason,
            condition,
        })
        .collect();
    let column = Ident::new("decision").expect("a name");
    let dataset = world.dataset("etc_transaction");
    let given = &world.given;
    let file = FileNo(file);
    let decided = apply_decisions(&mut transaction, dataset, file, &column, &rules, given).await;
    transaction.commit().await.expect("it commits");
    decided.expect("it decides")
}

async fn reasons(world: &World) -> Vec<Value> {
    let rows = world.rows("etc_transaction", &["decision"]).await;
    rows.into_iter().flatten().collect()
}

async fn the_first_rule_that_holds_gives_the_reason(world: World) {
    let rows = [
        trade(1, &[("data_error", "金额".into()), ("tac", "1".into())]),
        trade(2, &[("tac", "1".into())]),
        trade(3, &[("fee", 900_000.into()), ("tac", "3".into())]),
        trade(4, &[("tac", "4".into())]),
    ];
    world.load("etc_transaction", 1, &rows).await;
    let rules = [
        (6, "where = { data_error = { null = false } }"),
        (
            2,
            "duplicate = { on = [\"card_net\", \"card_id\", \"tac\"] }",
        ),
        (7, "where = { fee = { above = \"5000.00\" } }"),
        (100, "where = { tac = [\"1\", \"3\"] }"),
    ];
    assert_eq!(decide(&world, 1, &rules).await, [1, 1, 1, 0]);
    let expected = [6, 2, 7].map(Value::Int);
    let mut expected = expected.to_vec();
    expected.push(Value::Null(Kind::Int));
    assert_eq!(reasons(&world).await, expected);
}

async fn a_rule_sees_what_the_rules_before_it_decided(world: World) {
    let rows = [
        trade(1, &[("fee", 900_000.into()), ("tac", "1".into())]),
        trade(2, &[("tac", "1".into())]),
        trade(3, &[]),
    ];
    world.load("etc_transaction", 1, &rows).await;
    let decided_before = "exists = { dataset = \"etc_transaction\", on = { tac = \"tac\" }, \
                          where = { decision = 6 } }";
    let rules = [
        (6, "where = { fee = { above = \"5000.00\" } }"),
        (7, decided_before),
        (8, "where = { decision = 6 }"),
        (9, ""),
    ];
    assert_eq!(decide(&world, 1, &rules).await, [1, 1, 0, 1]);
    assert_eq!(reasons(&world).await, [6, 7, 9].map(Value::Int));
}

async fn only_rows_of_the_file_are_decided(world: World) {
    world.load("etc_transaction", 1, &[trade(1, &[])]).await;
    world.load("etc_transaction", 2, &[trade(2, &[])]).await;
    assert_eq!(decide(&world, 2, &[(8, "")]).await, [1]);
    assert_eq!(decide(&world, 2, &[(8, ""), (9, "")]).await, [0, 0]);
    assert_eq!(
        reasons(&world).await,
        [Value::Null(Kind::Int), Value::Int(8)]
    );
    let mut transaction = world.database.begin().await.expect("a transaction");
    let rule = world.rule("etc_transaction", "");
    let error = apply_decisions(
        &mut transaction,
        world.dataset("etc_transaction"),
        FileNo(2),
        &Ident::new("tac").expect("a name"),
        &[Rule {
            reason: 1,
            condition: &rule,
        }],
        &world.given,
    )
    .await;
    assert_eq!(
        error.expect_err("a text").to_string(),
        "column `tac` of `etc_transaction` is `text` and a number was expected"
    );
}

async fn rules_that_ask_about_one_row_in_force_find_what_each_finds_alone(world: World) {
    let status = |card: &'static str, from: &str, status: &'static str| {
        vec![
            ("card_net", Value::from("6101")),
            ("card_id", card.into()),
            ("effective_at", moment(from).into()),
            ("status", status.into()),
        ]
    };
    let history = [
        status("C1", "2026-03-01T00:00:00+08:00", "normal"),
        status("C2", "2026-03-01T00:00:00+08:00", "normal"),
        status("C2", "2026-03-03T00:00:00+08:00", "lost"),
        status("C3", "2026-03-05T00:00:00+08:00", "lost"),
        status("C5", "2026-03-02T00:00:00+08:00", "suspended"),
    ];
    world.load("card_status_history", 1, &history).await;
    let cards: [Value; 6] = [
        "C1".into(),
        "C2".into(),
        "C3".into(),
        "C4".into(),
        Value::Null(Kind::Text),
        "C5".into(),
    ];
    let rows: Vec<_> = (1..)
        .zip(cards)
        .map(|(id, card)| trade(id, &[("card_id", card)]))
        .collect();
    let lookup = |kind: &str, rest: &str| {
        let on = "on = [\"card_net\", \"card_id\"]";
        format!("{kind} = {{ dataset = \"card_status_history\", {on}{rest} }}")
    };
    let with = |tests: &str| format!(", at = \"transaction_time\"{tests}");
    let rules = [
        lookup("missing", ""),
        lookup("exists", &with(", where = { status = \"lost\" }")),
        lookup(
            "exists",
            &with(", where = { valid_until = { null = false } }"),
        ),
        lookup("missing", &with("")),
        lookup(
            "missing",
            &with(", where = { status = { not = \"suspended\" } }"),
        ),
        lookup("exists", &with("")),
    ];
    let numbered: Vec<(i64, &str)> = (1..).zip(rules.iter().map(String::as_str)).collect();
    world.load("etc_transaction", 2, &rows).await;
    assert_eq!(decide(&world, 2, &numbered).await, [2, 1, 0, 1, 1, 1]);
    let all_at_once = reasons(&world).await;
    assert_eq!(all_at_once, [6, 2, 4, 1, 1, 5].map(Value::Int));
}

async fn rows_are_found_with_their_place_and_key(world: World) {
    world.load("etc_transaction", 1, &[trade(1, &[])]).await;
    let rows = [
        trade(4, &[]),
        trade(3, &[]),
        trade(2, &[("tac", "x".into())]),
    ];
    world.load("etc_transaction", 2, &rows).await;
    let mut transaction = world.database.begin().await.expect("a transaction");
    let rule = world.rule("etc_transaction", "where = { tac = { null = true } }");
    let dataset = world.dataset("etc_transaction");
    for (limit, records) in [(10, vec![1, 2]), (1, vec![1])] {
        let found = find(
            &mut transaction,
            dataset,
            FileNo(2),
            &rule,
            limit,
            &world.given,
        )
        .await;
        let found = found.expect("a result");
        let places: Vec<Place> = found.iter().map(|row| row.place).collect();
        let place = |record: &u64| Place {
            record: RecordNo(*record),
            offset: (record - 1) * 100,
            length: 100,
        };
        assert_eq!(places, records.iter().map(place).collect::<Vec<_>>());
        let trans_id = found.first().and_then(|row| row.key.last());
        assert_eq!(trans_id, Some(&Value::Int(4)));
    }
}
