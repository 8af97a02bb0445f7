//! The hub's own rows, from the rows of a file.

use super::{Fields, World, day, moment, on_both, trade};
use dukou::dataset::{
    COMPOSE_KEYS, Certainty, ColumnType, Compose, ComposeContext, DatasetError, Promised, Scope,
    compose,
};
use dukou::diag::{Problems, Source};
use dukou::document::Document;
use dukou::id::FileNo;
use dukou::value::{Kind, Value};
use std::collections::BTreeMap;

on_both!(
    a_package_is_accounted_once_with_its_disputes,
    what_is_missing_is_asked_for_once,
    a_row_without_a_source_is_written_alone,
    a_composed_key_that_is_there_fails_the_transaction,
);

const ACCOUNTING: &str = r#"
dataset = "etc_accounting"
from = "etc_package"
[set]
sender_id = { setting = "issuer_id" }
receiver_id = { column = "sender_id" }
accounting_id = { number = true }
service_provider_id = { column = "service_provider_id" }
message_id = { column = "message_id" }
process_time = { now = true }
record_count = { column = "record_count" }
amount = { sum = "etc_transaction.fee", on = ["service_provider_id", "message_id"], where = { decision = { null = true } } }
disputed_count = { count = "etc_transaction", on = ["service_provider_id", "message_id"], where = { decision = { null = false } } }
"#;

const DISPUTES: &str = r#"
dataset = "etc_accounting_dispute"
from = "etc_transaction"
where = { decision = { null = false } }
[set]
service_provider_id = { column = "service_provider_id" }
message_id = { column = "message_id" }
trans_id = { column = "trans_id" }
reason = { column = "decision" }
fee = { column = "fee" }
disputed_at = { context = "day_of_dispute" }
"#;

const RESEND: &str = r#"
dataset = "etc_resend_request_package"
from = "etc_clearing_package"
missing = [
    { dataset = "etc_package", on = ["service_provider_id", "message_id"] },
    { dataset = "etc_resend_request_package", on = ["service_provider_id", "message_id"] },
]
[set]
request_id = { number = true }
service_provider_id = { column = "service_provider_id" }
message_id = { column = "message_id" }
clear_target_date = { column = "clear_target_date" }
"#;

const REQUEST: &str = r#"
dataset = "etc_resend_request"
[set]
request_id = { number = true }
sender_id = { setting = "issuer_id" }
message_type = { value = 7 }
requested_at = { now = true }
"#;

impl World {
    fn composition(&self, text: &str) -> Compose {
        let mut problems = Problems::new();
        let document = Document::parse(Source::new("job.toml", text), &mut problems);
        let root = document.root(COMPOSE_KEYS, &mut problems);
        let promised = Promised {
            name: "day_of_dispute".to_owned(),
            column_type: ColumnType::Instant,
            certainty: Certainty::Always,
        };
        let compose = Compose::read(&root, &self.datasets, &[promised], &mut problems);
        assert_eq!(problems, Problems::new());
        compose.expect("no problem, so a composition")
    }

    /// Composes with the number 77 in a transaction of its own.
    async fn compose(&self, text: &str, scope: Scope) -> Result<u64, DatasetError> {
        let now = moment(super::NOW);
        let context = ComposeContext {
            now,
            number: Some(77),
            values: BTreeMap::from([("day_of_dispute".to_owned(), now.into())]),
            split: None,
        };
        let rows = self.composition(text);
        let mut transaction = self.database.begin().await.expect("a transaction");
        let written = compose(&mut transaction, &rows, scope, &context, &self.given).await?;
        transaction.commit().await.expect("it commits");
        Ok(written)
    }
}

fn package(message: i64) -> Fields<'static> {
    vec![
        ("sender_id", "0020".into()),
        ("clear_target_date", day("2026-03-04").into()),
        ("service_provider_id", "P".into()),
        ("message_id", message.into()),
        ("record_count", 3.into()),
    ]
}

async fn a_package_is_accounted_once_with_its_disputes(world: World) {
    world.load("etc_package", 5, &[package(1)]).await;
    world.load("etc_package", 6, &[package(2)]).await;
    let rows = [
        trade(1, &[("fee", 100.into())]),
        trade(2, &[("fee", 250.into()), ("decision", 9.into())]),
        trade(3, &[("fee", 300.into())]),
    ];
    world.load("etc_transaction", 5, &rows).await;
    let scope = Scope::File(FileNo(5));
    assert_eq!(
        world.compose(ACCOUNTING, scope).await.expect("it composes"),
        1
    );
    assert_eq!(
        world.compose(DISPUTES, scope).await.expect("it composes"),
        1
    );
    let columns = [
        "sender_id",
        "receiver_id",
        "accounting_id",
        "issuer_id",
        "message_id",
        "process_time",
        "record_count",
        "amount",
        "disputed_count",
        "lineage_file",
        "lineage_record",
        "lineage_length",
    ];
    assert_eq!(
        world.rows("etc_accounting", &columns).await,
        [vec![
            Value::from("000000000000003D"),
            Value::from("0020"),
            Value::Int(77),
            Value::Null(Kind::Text),
            Value::Int(1),
            moment(super::NOW).into(),
            Value::Int(3),
            Value::Int(400),
            Value::Int(1),
            Value::Int(5),
            Value::Int(1),
            Value::Int(100),
        ]]
    );
    let columns = ["trans_id", "reason", "fee", "disputed_at", "lineage_record"];
    assert_eq!(
        world.rows("etc_accounting_dispute", &columns).await,
        [vec![
            Value::Int(2),
            Value::Int(9),
            Value::Int(250),
            moment(super::NOW).into(),
            Value::Int(2),
        ]]
    );
    assert_eq!(
        world
            .compose(ACCOUNTING, Scope::File(FileNo(6)))
            .await
            .expect("the other"),
        1
    );
    let amounts = world.rows("etc_accounting", &["amount"]).await;
    assert_eq!(
        amounts,
        [[Value::Int(400)], [Value::Int(0)]],
        "no rows are zero"
    );
}

async fn what_is_missing_is_asked_for_once(world: World) {
    world.load("etc_package", 1, &[package(1)]).await;
    let listed = |message: i64| -> Fields<'static> {
        vec![
            ("clear_target_date", day("2026-03-04").into()),
            ("service_provider_id", "P".into()),
            ("message_id", message.into()),
        ]
    };
    let rows = [listed(1), listed(2), listed(3)];
    world.load("etc_clearing_package", 2, &rows).await;
    assert_eq!(
        world
            .compose(RESEND, Scope::All)
            .await
            .expect("it composes"),
        2
    );
    assert_eq!(world.compose(RESEND, Scope::All).await.expect("again"), 0);
    let asked = world
        .rows("etc_resend_request_package", &["request_id", "message_id"])
        .await;
    assert_eq!(
        asked,
        [
            [Value::Int(77), Value::Int(2)],
            [Value::Int(77), Value::Int(3)]
        ]
    );
}

async fn a_row_without_a_source_is_written_alone(world: World) {
    assert_eq!(
        world
            .compose(REQUEST, Scope::All)
            .await
            .expect("it composes"),
        1
    );
    let columns = [
        "request_id",
        "receiver_id",
        "message_type",
        "lineage_file",
        "lineage_length",
    ];
    assert_eq!(
        world.rows("etc_resend_request", &columns).await,
        [vec![
            Value::Int(77),
            Value::Null(Kind::Text),
            Value::Int(7),
            Value::Int(0),
            Value::Int(0),
        ]]
    );
}

async fn a_composed_key_that_is_there_fails_the_transaction(world: World) {
    world.compose(REQUEST, Scope::All).await.expect("the first");
    let error = world
        .compose(REQUEST, Scope::All)
        .await
        .expect_err("the second");
    assert!(matches!(error, DatasetError::Store(error) if error.is_unique_violation()));
    assert_eq!(
        world
            .rows("etc_resend_request", &["request_id"])
            .await
            .len(),
        1
    );
}
