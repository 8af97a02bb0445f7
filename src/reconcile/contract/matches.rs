//! Pairs and groups: what is matched, by which pass, and what is a break.

use super::hub;
use super::sides::{Given, Keyed, NAME, Sides, read_match, row};
use super::world::{DAY, World, date, fen};
use hub::ledger::{BreakKind, FundsEffect, latest_reconciliation, list_components};
use hub::reconcile::{Figure, MAX_PAIRS_PER_PASS};
use serde_json::json;

const BY_ID: &str = r#"
[[match.pass]]
name = "id"
title = "流水号一致"
title_en = "by id"
on = ["id"]
compare = { fee = "fee", status = "status", element = ["batch", "card_id"] }
"#;

const NEAR: &str = r#"
[[match.pass]]
name = "near"
title = "卡号一致、金额时间接近"
on = "card_id"
tolerance = { amount = "0.01", minutes = 5, at = { at = "at" } }
compare = { status = "status" }
"#;

const BATCHES: &str = r#"
[[match.pass]]
name = "their_sum"
title = "我方多笔对银行一笔"
on = ["batch"]
group = "ours"

[[match.pass]]
name = "our_sum"
title = "我方一笔对银行多笔"
on = ["batch"]
group = "theirs"
tolerance = { amount = "0.05" }
"#;

fn carded(line: i64, yuan: &str, at: &str) -> Given {
    Given {
        id: None,
        card: Some("6101".to_owned()),
        at: Some(format!("{DAY} {at}")),
        ..row(line, "", yuan)
    }
}

fn batched(line: i64, batch: &str, yuan: &str) -> Given {
    Given {
        id: None,
        batch: Some(batch.to_owned()),
        ..row(line, "", yuan)
    }
}

pub(crate) async fn rows_with_equal_keys_are_matched_where_they_lie(world: &World) {
    let sides = Sides::new(world, Keyed::ById, BY_ID).await;
    sides
        .till(DAY, &[row(1, "a", "1.00"), row(2, "b", "2.00")])
        .await;
    sides
        .bank(DAY, &[row(1, "b", "2.00"), row(2, "a", "1.00")])
        .await;
    let recorded = sides.match_day(DAY).await;
    let outcome = &recorded.outcome;
    assert!(outcome.agrees());
    assert_eq!(outcome.ours.loaded, Figure::new(2, 300));
    assert_eq!(outcome.ours.matched, [Figure::new(2, 300)]);
    assert_eq!(outcome.theirs, outcome.ours);
    assert_eq!(sides.breaks(&recorded).await, []);
    assert_eq!(sides.matches(&recorded).await, []);
    let kept = latest_reconciliation(&world.db, NAME, Some(date(DAY))).await;
    let kept = kept.expect("it is asked").expect("it is kept");
    assert_eq!(
        (kept.recon_no, kept.version, kept.agrees),
        (recorded.recon, 1, true)
    );
    assert_eq!(kept.summary, outcome.summary(&sides.plan));
}

pub(crate) async fn an_empty_day_has_nothing_to_match(world: &World) {
    let sides = Sides::new(world, Keyed::ById, BY_ID).await;
    let outcome = sides.match_day(DAY).await.outcome;
    assert!(outcome.agrees());
    assert_eq!(outcome.ours.loaded, Figure::ZERO);
}

/// Both sides of a pair, alike but for what a change does to the bank's.
fn pair(line: i64, id: &str, change: fn(&mut Given)) -> (Given, Given) {
    let mut ours = row(line, id, "10.00");
    ours.fee = Some(10);
    ours.card = Some("6101".to_owned());
    let mut theirs = ours.clone();
    change(&mut theirs);
    (ours, theirs)
}

pub(crate) async fn a_pair_whose_columns_differ_is_a_break_of_their_kind(world: &World) {
    let sides = Sides::new(world, Keyed::ById, BY_ID).await;
    let pairs = [
        pair(1, "amount", |row| row.amount = Some(fen("10.01"))),
        pair(2, "all", |row| {
            row.amount = Some(fen("9.00"));
            row.fee = None;
            row.status = None;
        }),
        pair(3, "fee", |row| row.fee = Some(11)),
        pair(4, "status", |row| row.status = Some("1".to_owned())),
        pair(5, "element", |row| row.card = Some("6102".to_owned())),
        pair(6, "same", |_| {}),
    ];
    let (ours, theirs): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    sides.till(DAY, &ours).await;
    sides.bank(DAY, &theirs).await;
    let recorded = sides.match_day(DAY).await;
    let breaks = sides.breaks(&recorded).await;
    let shown: Vec<(BreakKind, &str, i64, FundsEffect, i64)> = breaks
        .iter()
        .map(|one| {
            (
                one.kind,
                one.object.as_str(),
                one.amount,
                one.funds_effect,
                one.rank,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (BreakKind::Amount, "id=all", -100, FundsEffect::Short, 1),
            (BreakKind::Amount, "id=amount", 1, FundsEffect::Long, 2),
            (BreakKind::Fee, "id=fee", 0, FundsEffect::None, 3),
            (BreakKind::Status, "id=status", 0, FundsEffect::None, 4),
            (BreakKind::Element, "id=element", 0, FundsEffect::None, 5),
        ]
    );
    let first = breaks.get(1).expect("five of them");
    assert_eq!(first.pass.as_deref(), Some("id"));
    assert_eq!(first.title, "流水号一致：金额不符");
    assert_eq!(
        (first.ours_amount, first.theirs_amount),
        (Some(1_000), Some(1_001))
    );
    let key = |text: &Option<String>| -> serde_json::Value {
        serde_json::from_str(text.as_deref().expect("a key")).expect("JSON")
    };
    assert_eq!(key(&first.ours_key), json!(["till_row", DAY, "amount"]));
    assert_eq!(key(&first.theirs_key), json!(["bank_row", DAY, "amount"]));
    assert_eq!(
        (first.ours_file, first.ours_record),
        (Some(sides.ours), Some(1))
    );
    assert_eq!(
        (first.theirs_file, first.theirs_record),
        (Some(sides.theirs), Some(1))
    );
    let place = |dataset: &str, file: i64| json!({"dataset": dataset, "file": file, "record": 1, "offset": 100, "length": 90});
    let (ours, theirs) = (
        place("till_row", sides.ours.0),
        place("bank_row", sides.theirs.0),
    );
    let mut expected = json!({
        "title_en": "by id",
        "amount_known": true,
        "ours": ours,
        "theirs": theirs,
        // A personal column only says whether it agrees.
        "compared": {"amount": [1000, 1001], "fee": [10, 10], "status": ["0", "0"],
                     "batch": [null, null], "card_id": true},
    });
    let members = ours.as_object().expect("a place").clone();
    expected.as_object_mut().expect("an object").extend(members);
    assert_eq!(first.detail, expected);
    let outcome = &recorded.outcome;
    assert_eq!(outcome.breaks(), 5);
    assert_eq!(outcome.ours.matched, [Figure::new(1, 1_000)]);
    assert_eq!(outcome.ours.broken, Figure::new(5, 5_000));
    assert_eq!(outcome.theirs.broken, Figure::new(5, 4_901));
}

pub(crate) async fn an_amount_that_is_not_known_agrees_with_nothing(world: &World) {
    for keyed in [Keyed::ById, Keyed::ByLine] {
        let sides = Sides::new(world, keyed, BY_ID).await;
        let mut unknown = row(1, "a", "1.00");
        unknown.amount = None;
        sides.till(DAY, std::slice::from_ref(&unknown)).await;
        sides.bank(DAY, &[unknown]).await;
        let recorded = sides.match_day(DAY).await;
        let breaks = sides.breaks(&recorded).await;
        let first = breaks.first().expect("one");
        assert_eq!((first.kind, first.amount), (BreakKind::Amount, 0));
        assert_eq!(first.detail.get("amount_known"), Some(&json!(false)));
        assert_eq!(recorded.outcome.ours.unpriced, 1);
        sides.remove(true, "a").await;
        sides.remove(false, "a").await;
        sides.match_day(DAY).await;
    }
}

pub(crate) async fn what_one_side_alone_has_is_one_sided(world: &World) {
    let sides = Sides::new(world, Keyed::ById, BY_ID).await;
    sides
        .till(DAY, &[row(1, "a", "1.00"), row(2, "b;=%", "2.50")])
        .await;
    sides
        .bank(DAY, &[row(1, "a", "1.00"), row(2, "c", "4.00")])
        .await;
    let recorded = sides.match_day(DAY).await;
    let breaks = sides.breaks(&recorded).await;
    let shown: Vec<_> = breaks
        .iter()
        .map(|one| {
            (
                one.kind,
                one.object.as_str(),
                one.amount,
                one.count,
                one.funds_effect,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (BreakKind::OneSidedTheirs, "id=c", 400, 1, FundsEffect::Long),
            (
                BreakKind::OneSidedOurs,
                "id=b%3B%3D%25",
                -250,
                -1,
                FundsEffect::Short
            ),
        ]
    );
    assert_eq!(
        breaks.first().map(|one| one.title.as_str()),
        Some("银行有、柜台没有")
    );
    let components = list_components(&world.db, recorded.recon)
        .await
        .expect("a list");
    let shown: Vec<_> = components
        .iter()
        .map(|one| (one.name.as_str(), one.title.as_str(), one.count, one.amount))
        .collect();
    assert_eq!(
        shown,
        [
            ("ours.loaded", "柜台·当日", Some(2), Some(350)),
            ("ours.carried", "柜台·以前未达", Some(0), Some(0)),
            ("ours.matched.id", "柜台·流水号一致", Some(1), Some(100)),
            ("ours.in_transit", "柜台·未达账项", Some(0), Some(0)),
            ("ours.broken", "柜台·差异", Some(1), Some(250)),
            ("theirs.loaded", "银行·当日", Some(2), Some(500)),
            ("theirs.carried", "银行·以前未达", Some(0), Some(0)),
            ("theirs.matched.id", "银行·流水号一致", Some(1), Some(100)),
            ("theirs.in_transit", "银行·未达账项", Some(0), Some(0)),
            ("theirs.broken", "银行·差异", Some(1), Some(400)),
            ("difference", "当日差额", Some(0), Some(150)),
        ]
    );
}

pub(crate) async fn a_key_of_nothing_matches_nothing(world: &World) {
    let sides = Sides::new(world, Keyed::ByLine, BY_ID).await;
    let mut nameless = row(1, "", "1.00");
    nameless.id = None;
    sides.till(DAY, std::slice::from_ref(&nameless)).await;
    sides.bank(DAY, &[nameless]).await;
    let recorded = sides.match_day(DAY).await;
    assert_eq!(
        sides.shown(&recorded).await,
        ["one_sided_ours line=1 -100", "one_sided_theirs line=1 100"]
    );
}

pub(crate) async fn a_key_that_comes_twice_is_paired_once(world: &World) {
    let sides = Sides::new(world, Keyed::ByLine, BY_ID).await;
    let ours = [
        row(1, "a", "1.00"),
        row(2, "a", "1.00"),
        row(3, "b", "2.00"),
        row(4, "c", "3.00"),
        row(5, "c", "3.00"),
    ];
    let theirs = [
        row(1, "a", "1.00"),
        row(2, "b", "2.00"),
        row(3, "b", "2.00"),
        row(4, "b", "9.00"),
    ];
    sides.till(DAY, &ours).await;
    sides.bank(DAY, &theirs).await;
    let recorded = sides.match_day(DAY).await;
    assert_eq!(
        sides.shown(&recorded).await,
        [
            "duplicate line=2 -100",
            "duplicate line=3 200",
            "duplicate line=4 900",
            "duplicate line=5 -300",
            "one_sided_ours line=4 -300",
        ]
    );
    assert_eq!(recorded.outcome.ours.matched, [Figure::new(2, 300)]);
}

pub(crate) async fn keys_that_come_twice_can_be_left_to_the_next_pass(world: &World) {
    let passes = format!("{BY_ID}duplicates = \"leave\"\n{BATCHES}");
    let sides = Sides::new(world, Keyed::ByLine, &passes).await;
    let both = |line, yuan| Given {
        id: Some("a".to_owned()),
        ..batched(line, "x", yuan)
    };
    sides.till(DAY, &[both(1, "1.00"), both(2, "2.00")]).await;
    sides.bank(DAY, &[both(1, "3.00")]).await;
    let recorded = sides.match_day(DAY).await;
    assert!(recorded.outcome.agrees());
    assert_eq!(
        recorded.outcome.ours.matched,
        [Figure::ZERO, Figure::new(2, 300), Figure::ZERO]
    );
    assert_eq!(
        recorded.outcome.theirs.matched,
        [Figure::ZERO, Figure::new(1, 300), Figure::ZERO]
    );
}

pub(crate) async fn a_tolerance_ends_exactly_where_it_says(world: &World) {
    let sides = Sides::new(world, Keyed::ByLine, NEAR).await;
    for (line, yuan, at) in [
        (1, "1.01", "10:05"),
        (2, "1.02", "10:00"),
        (3, "1.00", "10:06"),
    ] {
        let mut ours = carded(line, "1.00", "10:00");
        ours.card = Some(format!("card {line}"));
        let mut theirs = carded(line, yuan, at);
        theirs.card = ours.card.clone();
        sides.till(DAY, &[ours]).await;
        sides.bank(DAY, &[theirs]).await;
    }
    let recorded = sides.match_day(DAY).await;
    assert_eq!(recorded.outcome.ours.matched, [Figure::new(1, 100)]);
    assert_eq!(recorded.outcome.theirs.matched, [Figure::new(1, 101)]);
    let matches = sides.matches(&recorded).await;
    let shown: Vec<_> = matches
        .iter()
        .map(|one| {
            (
                one.match_no,
                one.ordinal,
                one.side.as_str(),
                one.object.as_str(),
                one.amount,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (1, 1, "ours", "line=1", Some(100)),
            (1, 2, "theirs", "line=1", Some(101))
        ]
    );
    let first = matches.first().expect("two");
    assert_eq!(
        (first.pass.as_str(), first.file, first.record),
        ("near", sides.ours, 1)
    );
    // The card is personal: the row's place leads to it.
    assert_eq!(first.detail, json!({"apart": 1, "seconds": 300, "on": {}}));
}

pub(crate) async fn of_several_close_pairs_the_closest_is_taken_first(world: &World) {
    let sides = Sides::new(world, Keyed::ByLine, NEAR).await;
    let ours = [
        carded(1, "1.00", "10:00"),
        carded(2, "1.01", "10:02"),
        carded(3, "1.01", "10:02"),
    ];
    let theirs = [
        carded(1, "1.01", "10:01"),
        carded(2, "1.01", "10:02"),
        carded(3, "1.02", "10:04"),
    ];
    sides.till(DAY, &ours).await;
    sides.bank(DAY, &theirs).await;
    let recorded = sides.match_day(DAY).await;
    let matches = sides.matches(&recorded).await;
    let shown: Vec<_> = matches
        .chunks(2)
        .map(|pair| pair.iter().map(|one| one.record).collect::<Vec<_>>())
        .collect();
    // 2 and 2 are equal; then 3 and 1 have one amount; what is left, 1 and 3, is 0.02 apart.
    assert_eq!(shown, [[2, 2], [3, 1]]);
    assert_eq!(recorded.outcome.breaks(), 2);
}

pub(crate) async fn a_key_that_says_nothing_is_refused_and_nothing_is_kept(world: &World) {
    let sides = Sides::new(world, Keyed::ByLine, NEAR).await;
    let rows: Vec<Given> = (1..=1_415)
        .map(|line| carded(line, "1.00", "10:00"))
        .collect();
    sides.till(DAY, &rows).await;
    sides.bank(DAY, &rows).await;
    let error = sides.try_match(DAY).await.expect_err("two million pairs");
    assert_eq!(
        error.to_string(),
        format!(
            "pass `near` has more than {MAX_PAIRS_PER_PASS} pairs within its tolerance; name more \
             columns in `on`"
        )
    );
    let kept = latest_reconciliation(&world.db, NAME, Some(date(DAY))).await;
    assert_eq!(kept.expect("it is asked"), None);
}

pub(crate) async fn a_close_pair_whose_state_differs_is_a_break(world: &World) {
    let sides = Sides::new(world, Keyed::ByLine, NEAR).await;
    let mut theirs = carded(1, "1.01", "10:00");
    theirs.status = Some("1".to_owned());
    sides.till(DAY, &[carded(1, "1.00", "10:00")]).await;
    sides.bank(DAY, &[theirs]).await;
    let recorded = sides.match_day(DAY).await;
    assert_eq!(sides.shown(&recorded).await, ["status line=1 1"]);
    assert_eq!(sides.matches(&recorded).await, []);
}

pub(crate) async fn rows_of_one_batch_are_matched_by_their_sum(world: &World) {
    let sides = Sides::new(world, Keyed::ByLine, BATCHES).await;
    let mut unknown = batched(6, "u", "1.00");
    unknown.amount = None;
    sides
        .till(
            DAY,
            &[
                batched(1, "n", "1.00"),
                batched(2, "n", "2.00"),
                batched(3, "one", "5.00"),
                batched(4, "less", "1.00"),
                batched(5, "u", "3.00"),
                unknown,
                batched(7, "two", "1.00"),
            ],
        )
        .await;
    sides
        .bank(
            DAY,
            &[
                batched(1, "n", "3.00"),
                batched(2, "one", "2.00"),
                batched(3, "one", "3.05"),
                batched(4, "less", "1.06"),
                batched(5, "u", "3.00"),
                batched(6, "two", "1.00"),
                batched(7, "two", "1.00"),
            ],
        )
        .await;
    let recorded = sides.match_day(DAY).await;
    let matches = sides.matches(&recorded).await;
    let shown: Vec<_> = matches
        .iter()
        .map(|one| format!("{} {} {} {}", one.match_no, one.pass, one.side, one.object))
        .collect();
    assert_eq!(
        shown,
        [
            "1 their_sum ours line=1",
            "1 their_sum ours line=2",
            "1 their_sum theirs line=1",
            "2 our_sum ours line=3",
            "2 our_sum theirs line=2",
            "2 our_sum theirs line=3",
        ]
    );
    let last = matches.last().expect("six");
    assert_eq!(
        last.detail,
        json!({"apart": 5, "seconds": 0, "on": {"batch": "one"}})
    );
    assert_eq!(recorded.outcome.ours.broken.count, 4);
    assert_eq!(recorded.outcome.theirs.broken.count, 4);
}

pub(crate) async fn every_break_is_kept_however_many(world: &World) {
    let sides = Sides::new(world, Keyed::ById, BY_ID).await;
    let rows: Vec<Given> = (1..=3_000)
        .map(|at| row(at, &format!("{at:05}"), "1.00"))
        .collect();
    sides.till(DAY, &rows).await;
    let recorded = sides.match_day(DAY).await;
    assert_eq!(recorded.outcome.ours.broken, Figure::new(3_000, 300_000));
    let sql = "SELECT COUNT(*) FROM ledger_break WHERE recon_no = $1";
    let kept = world.db.query_one(sql, &[recorded.recon.0.into()]).await;
    assert_eq!(kept.expect("a count").int(0).expect("a number"), 3_000);
}

pub(crate) async fn every_problem_of_a_match_is_found_in_one_pass(_world: &World) {
    let passes = r#"
[[match.pass]]
name = "id"
title = "A"
on = ["id", "idd"]
duplicates = "leave"
tolerance = { amount = "1" }

[[match.pass]]
name = "b"
title = "B"
on = { id = "amount" }
compare = { fee = "status" }

[[match.pass]]
name = "c"
title = "C"
on = 5
group = "ours"
compare = { status = "status" }
tolerance = { minutes = 5, at = "id" }

[[match.pass]]
name = "d"
title = "D"
on = "id"
tolerance = { minutes = 5 }
compare = { amount = "amount" }
"#;
    let (plan, problems) = read_match(Keyed::ById, passes);
    assert_eq!(plan, None);
    assert_eq!(
        problems,
        [
            "20:13 unknown-column: dataset `till_row` has no column `idd`",
            "20:13 unknown-column: dataset `bank_row` has no column `idd`",
            "21:1 match-pass: `duplicates` belongs to a pass by an exact key",
            "22:24 match-pass: an amount in yuan has digits, a point and exactly two decimals, such \
             as 123.45",
            "27:13 reconcile-column: column `id` of `till_row` is `text` and `amount` of `bank_row` \
             is `money`",
            "28:13 reconcile-column: column `status` is not `money`",
            "33:6 match-pass: `on` is a column, a list of columns, or a table `{ ours = \"theirs\" }`",
            "35:1 match-pass: a pass with `group` has no pairs whose columns could be compared",
            "36:1 match-pass: a pass with `group` adds up amounts: `minutes` has no place in it",
            "36:28 match-pass: `at` names one column of moments",
            "42:15 match-pass: `minutes` and `at` belong together: how far, and between which columns",
            "43:1 match-pass: a pass with `tolerance` compares amounts by it: leave \
             `compare.amount` out",
        ]
    );
}
