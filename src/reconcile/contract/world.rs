//! A clearing day in the shared store, made row by row.

use super::hub;
use chrono::{DateTime, NaiveDate, Utc};
use hub::calendar::Calendar;
use hub::dataset::{Datasets, Given, Mode, migrate as migrate_datasets};
use hub::db::{Database, Transaction, migrate};
use hub::diag::{Problems, Source};
use hub::document::{Document, Key, KeyKind};
use hub::id::{FileDigest, FileNo};
use hub::ledger::{Landed, Location, MIGRATIONS, Registered, register_landed};
use hub::reconcile::{Context, Outcome, RECONCILE_KEYS, ReconcilePlan, Recorded, run};
use hub::value::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) const NAME: &str = "etc_clearing/clearing_day";
pub(crate) const PROVIDER: &str = "0000000000000020";

const JOB_KEYS: &[Key] = &[
    Key::required("title", KeyKind::Name, "Its title."),
    Key::optional("title_en", KeyKind::Name, "Its title in English."),
    Key::required("partner", KeyKind::Name, "The partner."),
    Key::required(
        "reconcile",
        KeyKind::Table(RECONCILE_KEYS),
        "The reconciliation.",
    ),
];

/// A store with the shipped datasets and the shipped reconciliation.
pub(crate) struct World {
    pub(crate) db: Database,
    pub(crate) datasets: Datasets,
    pub(crate) plan: ReconcilePlan,
    pub(crate) calendar: Calendar,
    pub(crate) given: Given,
    pub(crate) now: DateTime<Utc>,
}

pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub(crate) fn shipped_datasets() -> Datasets {
    let mut problems = Problems::new();
    let folder = repository("mappings/datasets");
    let datasets = Datasets::read_dir(&folder, Path::new("mappings/datasets"), &mut problems);
    assert!(problems.is_empty(), "{problems:?}");
    datasets
}

/// A plan from a job's text, and what is wrong with it as `line:column code: message`.
pub(crate) fn read_plan(text: &str) -> (Option<ReconcilePlan>, Vec<String>) {
    let mut problems = Problems::new();
    let document = Document::parse(Source::new("clearing_day.toml", text), &mut problems);
    let root = document.root(JOB_KEYS, &mut problems);
    let section = root.table("reconcile");
    let plan = section
        .and_then(|section| ReconcilePlan::read(&section, &shipped_datasets(), &mut problems));
    (plan, problems.lines())
}

pub(crate) fn shipped_text() -> String {
    let path = repository("jobs/etc_clearing/clearing_day.toml");
    std::fs::read_to_string(path).expect("the job is shipped")
}

pub(crate) fn cn() -> Calendar {
    let path = repository("jobs/calendars/cn.tsv");
    let text = std::fs::read_to_string(path).expect("the calendar is shipped");
    let mut problems = Problems::new();
    Calendar::from_tsv(&Source::new("cn.tsv", text), &mut problems).expect("it is well-formed")
}

pub(crate) fn date(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// A moment by its time in China.
pub(crate) fn moment(text: &str) -> DateTime<Utc> {
    let local = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a moment");
    local.and_utc() - chrono::Duration::hours(8)
}

/// 分 of yuan written `12.34`.
pub(crate) fn fen(yuan: &str) -> i64 {
    hub::id::Fen::from_yuan(yuan).expect("an amount").0
}

/// The business day of most stories: a Monday; it is reconciled on Tuesday morning.
pub(crate) const DAY: &str = "2026-03-02";

impl World {
    pub(crate) async fn new(db: Database) -> Self {
        let now = moment("2026-03-03 10:00");
        migrate(&db, MIGRATIONS, now).await.expect("the books");
        let datasets = shipped_datasets();
        migrate_datasets(&db, &datasets, Mode::Apply, now)
            .await
            .expect("the datasets");
        let (plan, problems) = read_plan(&shipped_text());
        assert_eq!(problems, Vec::<String>::new());
        Self {
            db,
            datasets,
            plan: plan.expect("no problem, so a plan"),
            calendar: cn(),
            given: Given {
                zone: "Asia/Shanghai".to_owned(),
                offset_secs: 28_800,
                settings: BTreeMap::new(),
            },
            now,
        }
    }

    pub(crate) fn context(&self) -> Context<'_> {
        Context {
            now: self.now,
            calendar: &self.calendar,
            given: &self.given,
        }
    }

    pub(crate) async fn begin(&self) -> Transaction {
        self.db.begin().await.expect("a transaction begins")
    }

    pub(crate) async fn reconcile(&self) -> Recorded {
        self.reconcile_day(DAY).await
    }

    pub(crate) async fn reconcile_day(&self, day: &str) -> Recorded {
        let mut tx = self.begin().await;
        let recorded = run(&mut tx, &self.plan, (NAME, date(day)), self.context())
            .await
            .expect("it is reconciled");
        tx.commit().await.expect("it is kept");
        recorded
    }

    /// A file in the ledger.
    pub(crate) async fn file(&self, name: &str) -> FileNo {
        let mut tx = self.begin().await;
        let mut digest = [0_u8; 32];
        for (at, byte) in name.bytes().enumerate() {
            if let Some(place) = digest.get_mut(at % 32) {
                *place = place.wrapping_mul(31).wrapping_add(byte);
            }
        }
        let location = Location::new("etc_clearing", "to_issuer", name);
        let landed = Landed {
            partner: "etc_clearing",
            location: &location,
            digest: FileDigest(digest),
            bytes: 1_000,
            modified_at: None,
            run: None,
        };
        let registered = register_landed(&mut tx, &landed, self.now)
            .await
            .expect("it is registered");
        tx.commit().await.expect("it is kept");
        match registered {
            Registered::New(file) => file,
            other => unreachable!("a new file was expected: {other:?}"),
        }
    }

    pub(crate) async fn insert(
        &self,
        dataset: &str,
        file: FileNo,
        record: i64,
        values: &[(&str, Value)],
    ) {
        let mut tx = self.begin().await;
        insert(&mut tx, dataset, (file, record), values).await;
        tx.commit().await.expect("it is kept");
    }

    /// A package with its rows (fee in yuan, the reason it is disputed for), accounted or not.
    pub(crate) async fn package(
        &self,
        day: &str,
        id: i64,
        rows: &[(&str, Option<i64>)],
        accounted: bool,
    ) -> FileNo {
        let file = self.file(&format!("{id:020}.xml.lz77")).await;
        let mut tx = self.begin().await;
        let total: i64 = rows.iter().map(|(fee, _)| fen(fee)).sum();
        let package = [
            ("clear_target_date", Value::Date(date(day))),
            ("service_provider_id", PROVIDER.into()),
            ("message_id", Value::Int(id)),
            ("record_count", Value::Int(rows.len() as i64)),
            ("amount", Value::Int(total)),
        ];
        insert(&mut tx, "etc_package", (file, 1), &package).await;
        for (trans, (fee, reason)) in (1..).zip(rows) {
            let mut row = vec![
                ("clear_target_date", Value::Date(date(day))),
                ("service_provider_id", PROVIDER.into()),
                ("message_id", Value::Int(id)),
                ("trans_id", Value::Int(trans)),
                ("fee", Value::Int(fen(fee))),
            ];
            row.extend(reason.map(|reason| ("decision", Value::Int(reason))));
            insert(&mut tx, "etc_transaction", (file, trans + 1), &row).await;
        }
        tx.commit().await.expect("it is kept");
        if accounted {
            self.account(id, rows, file, self.now).await;
        }
        file
    }

    /// Our answer to a package.
    pub(crate) async fn account(
        &self,
        id: i64,
        rows: &[(&str, Option<i64>)],
        file: FileNo,
        at: DateTime<Utc>,
    ) {
        let mut tx = self.begin().await;
        let answer = [
            ("service_provider_id", PROVIDER.into()),
            ("message_id", Value::Int(id)),
            ("record_count", Value::Int(rows.len() as i64)),
        ];
        insert(&mut tx, "etc_accounting", (file, 1), &answer).await;
        for (trans, (fee, reason)) in (1..).zip(rows) {
            let Some(reason) = reason else { continue };
            let dispute = [
                ("service_provider_id", PROVIDER.into()),
                ("message_id", Value::Int(id)),
                ("trans_id", Value::Int(trans)),
                ("reason", Value::Int(*reason)),
                ("fee", Value::Int(fen(fee))),
                ("disputed_at", Value::Instant(at)),
            ];
            insert(
                &mut tx,
                "etc_accounting_dispute",
                (file, trans + 1),
                &dispute,
            )
            .await;
        }
        tx.commit().await.expect("it is kept");
    }

    /// A dispute result file: (package, row, result).
    pub(crate) async fn dispute_file(&self, id: i64, rows: &[(i64, i64, i64)]) -> FileNo {
        let file = self
            .file(&format!("{:020}.xml.lz77", 90_000_000 + id))
            .await;
        let key = [
            ("file_id", Value::Int(id)),
            ("service_provider_id", PROVIDER.into()),
        ];
        self.insert("etc_dispute_file", file, 1, &key).await;
        for (record, (package, trans, result)) in (2..).zip(rows) {
            let row = [
                ("file_id", Value::Int(id)),
                ("service_provider_id", PROVIDER.into()),
                ("message_id", Value::Int(*package)),
                ("trans_id", Value::Int(*trans)),
                ("result", Value::Int(*result)),
            ];
            self.insert("etc_dispute_result", file, record, &row).await;
        }
        file
    }

    /// The centre's statement of a day, with its lists.
    pub(crate) async fn statement(
        &self,
        day: &str,
        (count, yuan): (i64, &str),
        packages: &[i64],
        dispute_files: &[i64],
    ) {
        let file = self.file(&format!("clearing {day}")).await;
        let mut tx = self.begin().await;
        statement(&mut tx, file, day, (count, yuan)).await;
        let lists = [
            ("etc_clearing_package", "message_id", packages),
            ("etc_clearing_dispute_file", "file_id", dispute_files),
        ];
        for (dataset, column, ids) in lists {
            for id in ids {
                let row = [
                    ("clear_target_date", Value::Date(date(day))),
                    ("service_provider_id", PROVIDER.into()),
                    (column, Value::Int(*id)),
                ];
                insert(&mut tx, dataset, (file, 1), &row).await;
            }
        }
        tx.commit().await.expect("it is kept");
    }

    /// Two packages, one row of the second disputed, and an older dispute released on the day: the
    /// centre should clear 5 rows and 80.55 yuan.
    pub(crate) async fn usual_day(&self) {
        let old = [("5.55", Some(9))];
        let file = self.package("2026-02-27", 900, &old, false).await;
        self.account(900, &old, file, moment("2026-02-28 09:00"))
            .await;
        self.package(
            DAY,
            1_001,
            &[("10.00", None), ("20.00", None), ("30.00", None)],
            true,
        )
        .await;
        self.package(DAY, 1_002, &[("15.00", None), ("7.77", Some(9))], true)
            .await;
        self.dispute_file(20_260_302, &[(900, 1, 0)]).await;
    }

    pub(crate) async fn usual_statement(&self, count: i64, yuan: &str) {
        self.statement(DAY, (count, yuan), &[1_001, 1_002], &[20_260_302])
            .await;
    }
}

pub(crate) async fn statement(
    tx: &mut Transaction,
    file: FileNo,
    day: &str,
    (count, yuan): (i64, &str),
) {
    let row = [
        ("clear_target_date", Value::Date(date(day))),
        ("record_count", Value::Int(count)),
        ("amount", Value::Int(fen(yuan))),
    ];
    insert(tx, "etc_clearing", (file, 1), &row).await;
}

/// One row with its lineage: record `record` stands at byte 100 × record.
pub(crate) async fn insert(
    tx: &mut Transaction,
    dataset: &str,
    (file, record): (FileNo, i64),
    values: &[(&str, Value)],
) {
    let mut columns: Vec<String> = values
        .iter()
        .map(|(name, _)| format!("\"{name}\""))
        .collect();
    let mut args: Vec<Value> = values.iter().map(|(_, value)| value.clone()).collect();
    for (name, value) in [
        ("lineage_file", file.0),
        ("lineage_record", record),
        ("lineage_offset", record * 100),
        ("lineage_length", 90),
    ] {
        columns.push(name.to_owned());
        args.push(Value::Int(value));
    }
    let places: Vec<String> = (1..=args.len()).map(|at| format!("${at}")).collect();
    let sql = format!(
        "INSERT INTO \"{dataset}\" ({}) VALUES ({})",
        columns.join(", "),
        places.join(", ")
    );
    tx.execute(&sql, &args).await.expect("a row");
}

/// The breaks as `kind/effect/state reason object count amount`.
pub(crate) fn breaks(outcome: &Outcome) -> Vec<String> {
    let show = |found: &hub::ledger::NewBreak| {
        format!(
            "{}/{}/{} {} {} {} {}",
            found.kind,
            found.funds_effect,
            found.state,
            found.reason.as_deref().unwrap_or("-"),
            found.object,
            found.count,
            hub::id::Fen(found.amount)
        )
    };
    outcome.breaks.iter().map(show).collect()
}

pub(crate) fn row(package: i64, trans: i64) -> String {
    format!("service_provider_id={PROVIDER};message_id={package};trans_id={trans}")
}

pub(crate) fn key(column: &str, id: i64) -> String {
    format!("service_provider_id={PROVIDER};{column}={id}")
}

impl World {
    /// The same store with settings of its own.
    pub(crate) fn clone_parts(&self) -> Self {
        Self {
            db: self.db.clone(),
            datasets: self.datasets.clone(),
            plan: self.plan.clone(),
            calendar: self.calendar.clone(),
            given: self.given.clone(),
            now: self.now,
        }
    }
}
