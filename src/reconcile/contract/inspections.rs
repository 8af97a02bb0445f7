//! Inspections: checks alone, over datasets joined by keys, months and totals.

use super::World;
use super::hub::ledger::{Level, list_components};
use super::hub::reconcile::Outcome;
use super::hub::value::Value;
use super::world::{DAY, PROVIDER, breaks, date, fen, key, moment, read_plan};

const HEAD: &str = "title = \"巡检\"\npartner = \"etc_clearing\"\n[reconcile]\n";
const ON: &str = "on = [\"service_provider_id\", \"message_id\"]";

/// The world with an inspection of one check over answers, or over another dataset.
fn inspecting(world: &World, check: &str) -> World {
    let text = format!(
        "{HEAD}[[reconcile.check]]\ntype = \"element\"\nreason = \"found\"\ntitle = \"发现\"\n{check}"
    );
    let (plan, problems) = read_plan(&text);
    assert_eq!(problems, Vec::<String>::new());
    let mut world = world.clone_parts();
    world.plan = plan.expect("no problem, so a plan");
    world
}

async fn found(world: &World, check: &str) -> Outcome {
    inspecting(world, check).reconcile().await.outcome
}

fn of(ids: &[i64]) -> Vec<String> {
    let one = |id: &i64| format!("element/none/open found {} 0 0.00", key("message_id", *id));
    ids.iter().map(one).collect()
}

/// An answer and the package it is about.
async fn answered(world: &World, id: i64, package: &str, answer: &str, at: &str) {
    let file = world.file(&format!("package {id}")).await;
    let both = [
        ("service_provider_id", PROVIDER.into()),
        ("message_id", Value::Int(id)),
    ];
    let mut row = both.to_vec();
    row.push(("clear_target_date", Value::Date(date(DAY))));
    row.push(("amount", Value::Int(fen(package))));
    world.insert("etc_package", file, 1, &row).await;
    let mut row = both.to_vec();
    row.push(("amount", Value::Int(fen(answer))));
    row.push(("process_time", Value::Instant(moment(at))));
    world.insert("etc_accounting", file, 2, &row).await;
}

pub(crate) async fn an_inspection_has_findings_and_no_equation(world: &World) {
    answered(world, 1, "10.00", "9.00", "2026-03-02 10:00").await;
    let check = format!(
        "dataset = \"etc_accounting\"\nshow = [\"amount\"]\n\
         exists = {{ dataset = \"etc_package\", {ON}, where = {{ amount = {{ not = {{ column = \"amount\" }} }} }} }}\n\
         [[reconcile.check.beside]]\ndataset = \"etc_accounting\"\n{ON}\ncolumns = [\"process_time\"]"
    );
    let recorded = inspecting(world, &check).reconcile().await;
    assert_eq!(breaks(&recorded.outcome), of(&[1]));
    assert!(!recorded.outcome.agrees);
    assert_eq!(recorded.outcome.difference, None);
    let components = list_components(&world.db, recorded.recon).await;
    assert_eq!(components.expect("the books"), []);
    let detail = &recorded.outcome.breaks.first().expect("a break").detail;
    assert_eq!(
        detail["shown"],
        serde_json::json!([
            {"name": "amount", "title": "记账金额（不含争议）",
             "title_en": "Accounted amount, disputes excluded", "value": "9.00"},
            {"name": "process_time", "title": "处理时间", "title_en": "Processed at",
             "value": "2026-03-02T02:00:00+00:00"},
        ])
    );
    assert_eq!(
        serde_json::json!([detail["file"], detail["record"], detail["offset"]]),
        serde_json::json!([1, 2, 200]),
        "the row in the partner's file"
    );
}

pub(crate) async fn what_is_new_is_heard_once(world: &World) {
    let check = "alert = \"warning\"\ndataset = \"etc_accounting\"\nwhere = { disputed_count = { null = true } }";
    let inspected = inspecting(world, check);
    let heard = |recorded: &super::hub::reconcile::Recorded| {
        let one = |found: &super::hub::reconcile::Found| {
            (found.level, found.items, found.objects.clone())
        };
        recorded.found.iter().map(one).collect::<Vec<_>>()
    };
    assert_eq!(heard(&inspected.reconcile().await), []);
    answered(world, 1, "10.00", "10.00", "2026-03-02 10:00").await;
    let first = inspected.reconcile().await;
    let named = |id| vec![key("message_id", id)];
    assert_eq!(heard(&first), [(Level::Warning, 1, named(1))]);
    assert_eq!(heard(&inspected.reconcile().await), []);
    answered(world, 2, "10.00", "10.00", "2026-03-02 10:00").await;
    let next = inspected.reconcile_day("2026-03-03").await;
    assert_eq!(heard(&next), [(Level::Warning, 1, named(2))]);
    let seen: Vec<_> = next
        .outcome
        .breaks
        .iter()
        .map(|found| found.first_seen.to_string())
        .collect();
    assert_eq!(seen, ["2026-03-02", "2026-03-03"]);
}

pub(crate) async fn a_check_without_its_inputs_is_not_made_and_nothing_is_in_order(world: &World) {
    answered(world, 1, "10.00", "10.00", "2026-03-02 10:00").await;
    let check = format!(
        "needs = [\"etc_dispute_result\"]\ndataset = \"etc_accounting\"\n\
         missing = {{ dataset = \"etc_dispute_result\", {ON} }}"
    );
    let outcome = found(world, &check).await;
    assert_eq!(breaks(&outcome), [""; 0]);
    assert!(!outcome.agrees, "what was not checked is not in order");
    let why: Vec<_> = outcome
        .not_checked
        .iter()
        .map(|one| one.why.as_str())
        .collect();
    assert_eq!(why, ["there are no rows in `etc_dispute_result` yet"]);
    world.dispute_file(20_260_302, &[(2, 1, 0)]).await;
    assert_eq!(breaks(&found(world, &check).await), of(&[1]));
}

pub(crate) async fn two_numbers_may_be_apart_by_exactly_the_tolerance(world: &World) {
    answered(world, 1, "101.00", "100.00", "2026-03-02 10:00").await;
    answered(world, 2, "101.01", "100.00", "2026-03-02 10:00").await;
    answered(world, 3, "98.99", "100.00", "2026-03-02 10:00").await;
    answered(world, 4, "0.01", "0.00", "2026-03-02 10:00").await;
    answered(world, 5, "0.00", "-0.01", "2026-03-02 10:00").await;
    let check = |tolerance: &str| {
        format!(
            "dataset = \"etc_accounting\"\nexists = {{ dataset = \"etc_package\", {ON}, where = {{ amount = \
             {{ differs = {{ column = \"amount\", {tolerance} }} }} }} }}"
        )
    };
    for (tolerance, ids) in [
        ("percent = \"1\"", &[2, 3, 4, 5][..]),
        ("percent = \"1.01\"", &[4, 5]),
        ("percent = \"100\"", &[4]),
        ("amount = \"1.00\"", &[2, 3]),
        ("amount = \"0.00\"", &[1, 2, 3, 4, 5]),
    ] {
        let outcome = found(world, &check(tolerance)).await;
        assert_eq!(breaks(&outcome), of(ids), "{tolerance}");
    }
}

pub(crate) async fn months_are_counted_from_a_date_of_a_tied_row(world: &World) {
    answered(world, 1, "10.00", "10.00", "2025-12-31 23:59").await;
    let file = world.file("list").await;
    let listed = [
        ("clear_target_date", Value::Date(date(DAY))),
        ("service_provider_id", PROVIDER.into()),
        ("message_id", Value::Int(1)),
    ];
    world.insert("etc_clearing_package", file, 1, &listed).await;
    let check = format!(
        "dataset = \"etc_clearing_package\"\n\
         overdue = {{ column = \"process_time\", from = {{ dataset = \"etc_accounting\", {ON} }}, months = 2 }}"
    );
    let mut inspected = inspecting(world, &check);
    inspected.now = moment("2026-02-28 23:59");
    assert_eq!(breaks(&inspected.reconcile().await.outcome), [""; 0]);
    inspected.now = moment("2026-03-01 00:01");
    let outcome = inspected.reconcile().await.outcome;
    let all = format!("clear_target_date=2026-03-02;{}", key("message_id", 1));
    assert_eq!(
        breaks(&outcome),
        [format!("element/none/overdue found {all} 0 0.00")]
    );
    let detail = &outcome.breaks.first().expect("a break").detail;
    assert_eq!(
        serde_json::json!([detail["since"], detail["deadline"], detail["days_late"]]),
        serde_json::json!(["2025-12-31", "2026-02-28", 1])
    );
}

pub(crate) async fn a_date_is_compared_with_the_end_of_a_month(world: &World) {
    answered(world, 1, "1.00", "1.00", "2026-04-30 10:00").await;
    answered(world, 2, "1.00", "1.00", "2026-03-31 10:00").await;
    answered(world, 3, "1.00", "1.00", "2025-12-31 10:00").await;
    let check = |operand: &str| {
        format!(
            "dataset = \"etc_accounting\"\nexists = {{ dataset = \"etc_package\", {ON}, where = {{ clear_target_date = \
             {{ at_most = {{ column = \"process_time\", {operand} }} }} }} }}"
        )
    };
    for (operand, ids) in [
        ("end_of = \"year\"", &[1, 2][..]),
        ("months = -1, end_of = \"month\"", &[1]),
        ("months = 2, days = 2", &[1, 2, 3]),
        ("months = 2, days = 1", &[1, 2]),
    ] {
        let outcome = found(world, &check(operand)).await;
        assert_eq!(breaks(&outcome), of(ids), "{operand}");
    }
}

pub(crate) async fn rows_that_belong_to_a_row_are_counted_and_added_up(world: &World) {
    world
        .package(DAY, 1, &[("10.00", None), ("20.00", Some(9))], true)
        .await;
    world.package(DAY, 2, &[("10.00", None)], true).await;
    world.package(DAY, 3, &[], true).await;
    let check = |total: &str| {
        format!(
            "dataset = \"etc_accounting\"\ntotal = {{ dataset = \"etc_transaction\", {ON}, {total} }}"
        )
    };
    for (total, ids) in [
        ("is = { not = { column = \"record_count\" } }", &[][..]),
        ("is = 1", &[2]),
        ("is = { not = [0, 1] }", &[1]),
        (
            "where = { decision = { null = true } }, is = { below = { column = \"record_count\" } }",
            &[1],
        ),
        ("sum = \"fee\", is = { above = \"10.00\" }", &[1]),
        ("sum = \"fee\", is = { equals = \"0.00\" }", &[3]),
    ] {
        let outcome = found(world, &check(total)).await;
        assert_eq!(breaks(&outcome), of(ids), "{total}");
    }
}

pub(crate) async fn every_problem_of_an_inspection_is_found_in_one_pass(_world: &World) {
    let (plan, problems) = read_plan(&format!(
        "{HEAD}[[reconcile.check]]\ntype = \"element\"\nreason = \"found\"\ntitle = \"发现\"\ndataset = \"card_status_history\"
needs = [\"customs\"]
show = [\"card_id\"]
where = {{ effective_at = {{ differs = {{ column = \"effective_at\", amount = \"1.00\" }} }} }}
total = [{{ dataset = \"card_blacklist\", on = [\"card_id\"], sum = \"card_id\", is = 1 }}, \"x\"]
overdue = {{ column = \"effective_at\", days = 1, months = 1 }}
alert = \"loud\"
"
    ));
    assert_eq!(plan, None);
    assert_eq!(
        problems,
        [
            "9:10 unknown-dataset: there is no dataset `customs`",
            "10:9 reconcile-column: column `card_id` of `card_status_history` is personal, and breaks are shown to everybody",
            "11:49 condition-value: column `effective_at` is `instant`, and only numbers differ by so much",
            "12:64 condition-shape: column `card_id` is `text`, and only numbers are added up",
            "12:85 condition-shape: `total` is a table, or a list of tables",
            "13:11 reconcile-part: a deadline has either `days` or `months`",
            "14:9 unknown-word: `loud` is no word for `alert`",
        ]
    );
    for (text, problem) in [
        (
            "calendar = \"cn\"",
            "there are no two sides, and no `[[reconcile.check]]` either",
        ),
        (
            "[reconcile.claimed]\ntitle = \"x\"\ndataset = \"etc_clearing\"\ndate = \"clear_target_date\"\ncount = \"record_count\"\namount = \"amount\"",
            "there is no `[[reconcile.part]]`: our side has nothing",
        ),
        (
            "[[reconcile.part]]\nname = \"x\"\ntitle = \"x\"\nunknown = \"x\"",
            "there is no `[reconcile.claimed]`: the other side states nothing",
        ),
        (
            "[[reconcile.candidate]]\ntitle = \"x\"\ndataset = \"etc_transaction\"\namount = \"fee\"",
            "candidates explain a difference, and without two sides there is none",
        ),
    ] {
        let (plan, problems) = read_plan(&format!("{HEAD}{text}\n"));
        assert_eq!(plan, None);
        assert_eq!(problems, [format!("3:1 reconcile-part: {problem}")]);
    }
}
