//! What each condition holds of.

use super::{Fields, RISING, World, day, moment, on_both, trade};
use dukou::dataset::{Condition, Select, select_all};
use dukou::value::{Kind, Value};

on_both!(
    comparisons_hold_of_the_same_rows_on_every_database,
    a_day_and_a_moment_meet_at_the_local_date,
    the_row_in_force_decides_and_not_the_latest,
    lists_of_several_types_have_one_row_in_force_each,
    lookups_can_be_missing_and_compare_with_the_outer_row,
    a_duplicate_is_any_row_but_the_first,
    a_caller_adds_what_it_knows,
);

async fn holding(world: &World, condition: &Condition) -> Vec<i64> {
    let dataset = world.dataset("etc_transaction");
    let question = Select {
        dataset,
        columns: &["trans_id"],
        condition,
        order_by: &[("trans_id", RISING)],
        limit: None,
    };
    let rows = select_all(&world.database, question, &world.given).await;
    let rows = rows.expect("a result");
    rows.iter()
        .filter_map(|row| row.first()?.as_int())
        .collect()
}

/// The `trans_id`s that each rule holds of.
async fn check(world: &World, cases: &[(&str, &[i64])]) {
    for (rule, expected) in cases {
        let condition = world.rule("etc_transaction", rule);
        assert_eq!(holding(world, &condition).await, *expected, "{rule}");
    }
}

async fn comparisons_hold_of_the_same_rows_on_every_database(world: World) {
    let rows = [
        trade(
            1,
            &[
                ("fee", 199_999.into()),
                ("card_type", 22.into()),
                ("tac", "a".into()),
            ],
        ),
        trade(
            2,
            &[
                ("fee", 200_000.into()),
                ("card_type", 23.into()),
                ("tac", "B".into()),
            ],
        ),
        trade(3, &[("fee", 200_001.into()), ("tac", "渡".into())]),
        trade(
            4,
            &[("fee", Value::Null(Kind::Int)), ("card_type", 51.into())],
        ),
    ];
    world.load("etc_transaction", 1, &rows).await;
    check(
        &world,
        &[
            ("", &[1, 2, 3, 4]),
            ("where = { fee = \"2000.00\" }", &[2]),
            ("where = { fee = { above = \"2000.00\" } }", &[3]),
            ("where = { fee = { at_least = \"2000.00\" } }", &[2, 3]),
            ("where = { fee = { below = \"2000.00\" } }", &[1]),
            ("where = { fee = { at_most = \"2000.00\" } }", &[1, 2]),
            (
                "where = { fee = { above = \"1999.99\", below = \"2000.01\" } }",
                &[2],
            ),
            ("where = { card_type = [22, 51] }", &[1, 4]),
            ("where = { card_type = { not = [22, 23] } }", &[3, 4]),
            ("where = { card_type = { not = 51 } }", &[1, 2, 3]),
            ("where = { card_type = { null = true } }", &[3]),
            (
                "where = { card_type = { null = false }, fee = { null = false } }",
                &[1, 2],
            ),
            ("where = { tac = { above = \"B\" } }", &[1, 3]),
            ("where = { tac = \"渡\" }", &[3]),
            (
                "where = { fee = { equals = { column = \"fee\" } } }",
                &[1, 2, 3],
            ),
            (
                "where = { tac = { not = { column = \"card_net\" } } }",
                &[1, 2, 3, 4],
            ),
            (
                "where = { card_net = { not = { setting = \"issuer_id\" } } }",
                &[1, 2, 3, 4],
            ),
            (
                "where = { card_net = { equals = { setting = \"issuer_id\" } } }",
                &[],
            ),
        ],
    )
    .await;
}

async fn a_day_and_a_moment_meet_at_the_local_date(world: World) {
    let at = |text: &str| vec![("transaction_time", Value::Instant(moment(text)))];
    let rows = [
        trade(1, &at("2026-03-03T23:59:59.999999+08:00")),
        trade(2, &at("2026-03-04T00:00:00+08:00")),
        trade(3, &at("2026-03-04T23:59:59+08:00")),
        trade(4, &at("2026-03-05T00:00:00+08:00")),
        trade(5, &at("2026-02-02T00:00:00+08:00")),
        trade(6, &at("2026-02-01T23:59:59+08:00")),
        trade(7, &[("transaction_time", Value::Null(Kind::Instant))]),
    ];
    world.load("etc_transaction", 1, &rows).await;
    check(
        &world,
        &[
            ("where = { transaction_time = \"2026-03-04\" }", &[2, 3]),
            ("where = { transaction_time = [\"2026-02-02\", \"2026-03-05T00:00:00+08:00\"] }", &[4, 5]),
            ("where = { transaction_time = { not = [\"2026-03-04\", 2026-03-05] } }", &[1, 5, 6, 7]),
            ("where = { transaction_time = { at_least = \"2026-03-03T16:00:00Z\" } }", &[2, 3, 4]),
            ("where = { transaction_time = { above = { column = \"clear_target_date\" } } }", &[4]),
            ("where = { transaction_time = { above = { column = \"clear_target_date\", days = 1 } } }", &[]),
            ("where = { transaction_time = { below = { column = \"clear_target_date\", days = -30 } } }", &[6]),
            ("where = { transaction_time = { below = { column = \"clear_target_date\", days = -29 } } }", &[5, 6]),
            ("where = { clear_target_date = { equals = { column = \"transaction_time\", days = 1 } } }", &[1]),
            ("where = { clear_target_date = { above = { column = \"transaction_time\", days = 30 } } }", &[6]),
            ("where = { transaction_time = { below = { column = \"transaction_time\", days = 1 } } }", &[1, 2, 3, 4, 5, 6]),
            ("where = { clear_target_date = { above = { column = \"clear_target_date\", days = -1 } } }", &[1, 2, 3, 4, 5, 6, 7]),
            ("where = { clear_target_date = { at_most = \"2026-03-03\" } }", &[]),
        ],
    )
    .await;
}

fn status<'a>(card: &'a str, from: &str, status: &'a str, until: &str) -> Fields<'a> {
    vec![
        ("card_net", "6101".into()),
        ("card_id", card.into()),
        ("effective_at", moment(from).into()),
        ("status", status.into()),
        ("valid_until", day(until).into()),
    ]
}

async fn the_row_in_force_decides_and_not_the_latest(world: World) {
    let history = [
        status("C1", "2026-03-01T00:00:00+08:00", "normal", "2030-01-01"),
        status("C1", "2026-03-03T08:00:00+08:00", "lost", "2030-01-01"),
        status("C1", "2026-03-03T09:00:00+08:00", "normal", "2026-03-03"),
        status("C2", "2026-03-03T08:30:00+08:00", "lost", "2030-01-01"),
    ];
    world.load("card_status_history", 1, &history).await;
    let at = |id: i64, card: &'static str, text: &str| {
        let time = Value::Instant(moment(text));
        trade(id, &[("card_id", card.into()), ("transaction_time", time)])
    };
    let rows = [
        at(1, "C1", "2026-02-28T08:00:00+08:00"),
        at(2, "C1", "2026-03-03T07:59:59+08:00"),
        at(3, "C1", "2026-03-03T08:00:00+08:00"),
        at(4, "C1", "2026-03-03T09:00:00+08:00"),
        at(5, "C1", "2026-03-04T00:00:00+08:00"),
        at(6, "C2", "2026-03-03T08:00:00+08:00"),
        at(7, "C3", "2026-03-03T08:00:00+08:00"),
    ];
    world.load("etc_transaction", 2, &rows).await;
    let lookup = |kind: &str, rest: &str| {
        format!(
            "{kind} = {{ dataset = \"card_status_history\", on = [\"card_net\", \"card_id\"]{rest} }}"
        )
    };
    let lost = ", at = \"transaction_time\", where = { status = { not = \"normal\" } }";
    let expired = ", at = \"transaction_time\", where = { valid_until = { below = { column = \"transaction_time\" } } }";
    check(
        &world,
        &[
            (&lookup("exists", lost), &[3]),
            (&lookup("missing", lost), &[1, 2, 4, 5, 6, 7]),
            (
                &lookup("exists", ", at = \"transaction_time\""),
                &[2, 3, 4, 5],
            ),
            (
                &lookup("missing", ", at = \"transaction_time\""),
                &[1, 6, 7],
            ),
            (&lookup("missing", ""), &[7]),
            (&lookup("exists", expired), &[5]),
        ],
    )
    .await;
}

async fn lists_of_several_types_have_one_row_in_force_each(world: World) {
    let entry = |kind: &'static str, from: &str, status: &'static str| -> Fields<'static> {
        vec![
            ("card_net", "6101".into()),
            ("card_id", "C1".into()),
            ("type", kind.into()),
            ("effective_at", moment(from).into()),
            ("status", status.into()),
        ]
    };
    let list = [
        entry("1", "2026-03-01T00:00:00+08:00", "entered"),
        entry("2", "2026-03-02T00:00:00+08:00", "entered"),
        entry("2", "2026-03-03T00:00:00+08:00", "released"),
        entry("1", "2026-03-05T00:00:00+08:00", "released"),
    ];
    world.load("card_blacklist", 1, &list).await;
    let at = |id: i64, text: &str| trade(id, &[("transaction_time", Value::Instant(moment(text)))]);
    let rows = [
        at(1, "2026-02-28T12:00:00+08:00"),
        at(2, "2026-03-04T12:00:00+08:00"),
        at(3, "2026-03-05T12:00:00+08:00"),
    ];
    world.load("etc_transaction", 2, &rows).await;
    let rule = "exists = { dataset = \"card_blacklist\", on = [\"card_net\", \"card_id\"], \
                at = \"transaction_time\", where = { status = \"entered\" } }";
    check(&world, &[(rule, &[2])]).await;
}

async fn lookups_can_be_missing_and_compare_with_the_outer_row(world: World) {
    let rows = [
        trade(1, &[("message_id", 1.into()), ("fee", 100.into())]),
        trade(2, &[("message_id", 2.into()), ("fee", 100.into())]),
        trade(3, &[("message_id", 3.into()), ("fee", 100.into())]),
    ];
    world.load("etc_transaction", 1, &rows).await;
    let package = |message: i64, amount: i64| -> Fields<'static> {
        vec![
            ("clear_target_date", day("2026-03-04").into()),
            ("service_provider_id", "P".into()),
            ("message_id", message.into()),
            ("amount", amount.into()),
        ]
    };
    world
        .load("etc_package", 1, &[package(1, 100), package(2, 250)])
        .await;
    let asked: Fields<'_> = vec![
        ("request_id", 9.into()),
        ("service_provider_id", "P".into()),
        ("message_id", 3.into()),
    ];
    world.load("etc_resend_request_package", 2, &[asked]).await;
    check(
        &world,
        &[
            (
                "missing = { dataset = \"etc_package\", on = [\"service_provider_id\", \"message_id\"] }",
                &[3],
            ),
            (
                "exists = { dataset = \"etc_package\", on = { message_id = \"message_id\" }, where = { amount = { equals = { column = \"fee\" } } } }",
                &[1],
            ),
            (
                "missing = [{ dataset = \"etc_package\", on = [\"message_id\"], where = { amount = \"1.00\" } }, { dataset = \"etc_resend_request_package\", on = [\"message_id\"] }]",
                &[2],
            ),
            (
                "exists = { dataset = \"etc_package\", on = { record_count = \"trans_id\" } }",
                &[],
            ),
        ],
    )
    .await;
}

async fn a_duplicate_is_any_row_but_the_first(world: World) {
    let tac = |tac: &'static str| vec![("tac", Value::from(tac))];
    // Records are 1, 2, 3 in this order, whatever the key.
    let rows = [
        trade(5, &tac("x")),
        trade(1, &tac("x")),
        trade(3, &tac("y")),
    ];
    world.load("etc_transaction", 2, &rows).await;
    let earlier = [trade(8, &tac("y")), trade(9, &[])];
    world.load("etc_transaction", 1, &earlier).await;
    world
        .load(
            "etc_transaction",
            3,
            &[trade(10, &[]), trade(11, &tac("x"))],
        )
        .await;
    check(
        &world,
        &[
            ("duplicate = { on = [\"card_id\", \"tac\"] }", &[1, 3, 11]),
            (
                "duplicate = { on = [\"card_id\"] }\nwhere = { tac = \"x\" }",
                &[1, 5, 11],
            ),
        ],
    )
    .await;
}

async fn a_caller_adds_what_it_knows(world: World) {
    let rows = [trade(1, &[]), trade(2, &[("message_id", 2.into())])];
    world.load("etc_transaction", 1, &rows).await;
    let listed: Fields<'_> = vec![
        ("clear_target_date", day("2026-03-04").into()),
        ("service_provider_id", "P".into()),
        ("message_id", 2.into()),
    ];
    world.load("etc_clearing_package", 2, &[listed]).await;
    let (ours, theirs) = (
        world.dataset("etc_transaction"),
        world.dataset("etc_clearing_package"),
    );
    let on: Vec<_> = ["service_provider_id", "message_id"]
        .iter()
        .filter_map(|name| ours.column(name))
        .map(|column| (column.name.clone(), column.name.clone()))
        .collect();
    let date = theirs.column("clear_target_date").expect("it is there");
    for (text, expected) in [("2026-03-04", vec![2]), ("2026-03-05", vec![])] {
        let member =
            Condition::always(ours.name()).and_exists(theirs, &on, &[(date, day(text).into())]);
        assert_eq!(holding(&world, &member).await, expected);
    }
    let card = ours.column("card_id").expect("it is there");
    let other =
        Condition::always(ours.name()).and_equals(&card.name, card.column_type, "C2".into());
    assert_eq!(holding(&world, &other).await, Vec::<i64>::new());
}
