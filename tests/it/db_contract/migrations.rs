//! Migrations.

use super::{Stage, int, on_both};
use chrono::{DateTime, Utc};
use dukou::db::{Ddl, Migration, migrate};

on_both!(
    each_step_is_applied_once_and_recorded,
    processes_that_migrate_at_the_same_time_apply_each_step_once,
    a_step_that_fails_leaves_nothing_of_itself,
    a_database_of_a_later_program_is_refused,
    a_database_of_another_program_is_refused,
);

const STEPS: &[Migration] = &[
    Migration {
        version: 1,
        name: "create the register",
        statements: &[
            Ddl::Both(
                "CREATE TABLE register (id {int} NOT NULL PRIMARY KEY, title {text}) {clustered}",
            ),
            Ddl::Sqlite("CREATE TABLE only_here (backend {text})"),
            Ddl::Postgres("CREATE TABLE only_there (backend {text})"),
        ],
    },
    Migration {
        version: 2,
        name: "index the register",
        statements: &[Ddl::Both("CREATE INDEX register_title ON register (title)")],
    },
];

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).expect("a moment")
}

async fn each_step_is_applied_once_and_recorded(stage: &Stage) {
    let database = stage.open().await;
    let first = STEPS.split_at(1).0;
    assert_eq!(
        migrate(&database, first, now()).await.expect("it runs"),
        [1]
    );
    assert_eq!(
        migrate(&database, STEPS, now()).await.expect("it runs"),
        [2]
    );
    let none: [i64; 0] = [];
    assert_eq!(
        migrate(&database, STEPS, now()).await.expect("it runs"),
        none
    );
    let rows = database
        .query(
            "SELECT version, name, applied_at FROM dukou_migration ORDER BY version",
            &[],
        )
        .await
        .expect("it runs");
    let recorded: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.int(0).expect("a number"),
                row.text(1).expect("a text"),
                row.instant(2).expect("a moment"),
            )
        })
        .collect();
    assert_eq!(
        recorded,
        [
            (1, "create the register", now()),
            (2, "index the register", now())
        ]
    );
    let own = match stage {
        Stage::Sqlite(_) => "SELECT COUNT(*) FROM only_here",
        Stage::Postgres(_) => "SELECT COUNT(*) FROM only_there",
    };
    assert_eq!(int(&database, own).await, 0);
}

async fn processes_that_migrate_at_the_same_time_apply_each_step_once(stage: &Stage) {
    let mut processes = Vec::new();
    for _ in 0..4 {
        let database = stage.open().await;
        processes.push(tokio::spawn(async move {
            migrate(&database, STEPS, now()).await
        }));
    }
    let mut applied = Vec::new();
    for process in processes {
        applied.extend(process.await.expect("no panic").expect("it runs"));
    }
    applied.sort_unstable();
    assert_eq!(applied, [1, 2]);
}

async fn a_step_that_fails_leaves_nothing_of_itself(stage: &Stage) {
    const BROKEN: &[Migration] = &[Migration {
        version: 1,
        name: "half",
        statements: &[
            Ddl::Both("CREATE TABLE half (id {int})"),
            Ddl::Both("CREATE TABLE half (id {int})"),
        ],
    }];
    let database = stage.open().await;
    let error = migrate(&database, BROKEN, now())
        .await
        .expect_err("it is there");
    let message = error.to_string();
    let beginning = "migration 1 `half` failed and left nothing: statement `CREATE TABLE half (id ";
    assert!(message.starts_with(beginning), "{message}");
    assert!(database.query("SELECT id FROM half", &[]).await.is_err());
    assert_eq!(
        migrate(&database, STEPS, now()).await.expect("it runs"),
        [1, 2]
    );
}

async fn a_database_of_a_later_program_is_refused(stage: &Stage) {
    let database = stage.open().await;
    migrate(&database, STEPS, now()).await.expect("it runs");
    let error = migrate(&database, STEPS.split_at(1).0, now())
        .await
        .expect_err("step 2 is unknown");
    assert_eq!(
        error.to_string(),
        "the database has migration 2 and this program knows up to 1; use the newer program"
    );
    assert_eq!(error.code().id, "store-other-program");
}

async fn a_database_of_another_program_is_refused(stage: &Stage) {
    const OTHER: &[Migration] = &[Migration {
        version: 1,
        name: "create the shop",
        statements: &[Ddl::Both("CREATE TABLE shop (id {int})")],
    }];
    let database = stage.open().await;
    migrate(&database, OTHER, now()).await.expect("it runs");
    let error = migrate(&database, STEPS, now())
        .await
        .expect_err("another step 1");
    assert_eq!(
        error.to_string(),
        "migration 1 is recorded as `create the shop` and this program knows it as `create the register`; \
         the database belongs to another program"
    );
}
