//! Cars and firms in the shared store, made row by row.

use super::hub;
use chrono::{DateTime, NaiveDate, Utc};
use hub::dataset::{Datasets, Given, Mode, migrate as migrate_datasets};
use hub::db::{Database, Transaction, migrate};
use hub::diag::{Problems, Source};
use hub::document::{Document, Key, KeyKind};
use hub::ledger::{BreakFilter, BreakRow, MIGRATIONS, ReconNo, list_breaks};
use hub::life::{Context, Event, LIFE_KEYS, LifePlan, LifeRecorded, judge, run, timeline};
use hub::value::{Kind, Value};
use std::collections::BTreeMap;

const JOB_KEYS: &[Key] = &[Key::required("life", KeyKind::Table(LIFE_KEYS), "It.")];

/// The life of most stories: registered, then filed by its firm, declared, and released; refunded
/// and deregistered in either order; loads of an item with request, confirmation and reversal.
pub(crate) const LIFE: &str = r#"
[life]
subject = "vin"
subject_title = "车辆"
subject_title_en = "cars"

[[life.step]]
name = "registered"
title = "登记"
title_en = "registered"
once = true
[[life.step.source]]
dataset = "car_day"
where = { what = "registered" }
subject = "car"
at = "day"
show = ["note"]

[[life.step]]
name = "filed"
title = "备案"
title_en = "filed"
after = ["registered"]
[[life.step.source]]
dataset = "firm_day"
at = "day"
via = { dataset = "car_event", subject = "car", on = { firm = "firm" }, where = { firm = { null = false } } }

[[life.step]]
name = "declared"
title = "申报"
title_en = "declared"
after = ["registered"]
[[life.step.source]]
dataset = "car_event"
where = { what = "declared" }
subject = "car"
at = "at"

[[life.step]]
name = "refunded"
title = "退税"
title_en = "refunded"
after = ["declared"]
[[life.step.source]]
dataset = "car_event"
where = { what = "refunded" }
subject = "car"
at = "at"

[[life.step]]
name = "deregistered"
title = "注销"
title_en = "deregistered"
after = ["declared"]
[[life.step.source]]
dataset = "car_event"
where = { what = "deregistered" }
subject = "car"
at = "at"

[[life.step]]
name = "driven"
title = "通行"
title_en = "driven"
never_after = ["deregistered"]
[[life.step.source]]
dataset = "car_event"
where = { what = "driven" }
subject = "car"
at = "at"

[[life.step]]
name = "asked"
title = "申请"
title_en = "asked"
once = true
[[life.step.source]]
dataset = "car_event"
where = { what = "asked" }
subject = "car"
at = "at"
item = "item"

[[life.step]]
name = "answered"
title = "答复"
title_en = "answered"
after_item = ["asked"]
never_after_item = ["withdrawn"]
[[life.step.source]]
dataset = "car_event"
where = { what = "answered" }
subject = "car"
at = "at"
item = "item"

[[life.step]]
name = "withdrawn"
title = "撤回"
title_en = "withdrawn"
after_item = ["asked", "answered"]
[[life.step.source]]
dataset = "car_event"
where = { what = "withdrawn" }
subject = "car"
at = "at"
item = "item"
"#;

const DATASETS: [(&str, &str); 3] = [
    (
        "car_event",
        "key = [\"car\", \"id\"]\ndistribution = \"car\"\n[column]\n\
         car = { type = \"text\", title = \"车\", title_en = \"Car\" }\n\
         id = { type = \"integer\", title = \"号\", title_en = \"Id\" }\n\
         what = { type = \"text\", title = \"事\", title_en = \"What\" }\n\
         at = { type = \"instant\", title = \"时\", title_en = \"At\" }\n\
         firm = { type = \"text\", title = \"企业\", title_en = \"Firm\" }\n\
         item = { type = \"integer\", title = \"笔\", title_en = \"Item\" }\n",
    ),
    (
        "car_day",
        "key = [\"car\", \"id\"]\ndistribution = \"car\"\n[column]\n\
         car = { type = \"text\", title = \"车\", title_en = \"Car\" }\n\
         id = { type = \"integer\", title = \"号\", title_en = \"Id\" }\n\
         what = { type = \"text\", title = \"事\", title_en = \"What\" }\n\
         day = { type = \"date\", title = \"日\", title_en = \"Day\" }\n\
         note = { type = \"text\", title = \"注\", title_en = \"Note\" }\n",
    ),
    (
        "firm_day",
        "key = [\"firm\", \"id\"]\ndistribution = \"firm\"\n[column]\n\
         firm = { type = \"text\", title = \"企业\", title_en = \"Firm\" }\n\
         id = { type = \"integer\", title = \"号\", title_en = \"Id\" }\n\
         day = { type = \"date\", title = \"日\", title_en = \"Day\" }\n",
    ),
];

fn datasets() -> Datasets {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, rest) in DATASETS {
        let text = format!("title = \"{name}\"\ntitle_en = \"{name}\"\n{rest}");
        std::fs::write(folder.path().join(format!("{name}.toml")), text).expect("written");
    }
    let mut problems = Problems::new();
    let datasets = Datasets::read_dir(folder.path(), folder.path(), &mut problems);
    assert!(problems.is_empty(), "{:?}", problems.lines());
    datasets
}

/// A plan from a job's text, and what is wrong with it.
pub(crate) fn read_plan(text: &str) -> (Option<LifePlan>, Vec<String>) {
    let mut problems = Problems::new();
    let document = Document::parse(Source::new("life.toml", text), &mut problems);
    let root = document.root(JOB_KEYS, &mut problems);
    let section = root.table("life");
    let plan = section.and_then(|section| LifePlan::read(&section, &datasets(), &mut problems));
    (plan, problems.lines())
}

/// A store with the datasets of these stories.
pub(crate) struct World {
    pub(crate) db: Database,
    pub(crate) plan: LifePlan,
    given: Given,
}

const NAME: &str = "cars/life";

/// A moment by its time in China.
fn moment(text: &str) -> DateTime<Utc> {
    let local = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a moment");
    local.and_utc() - chrono::Duration::hours(8)
}

pub(crate) fn date(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

impl World {
    pub(crate) async fn new(db: Database) -> Self {
        let now = moment("2026-03-03 10:00");
        migrate(&db, MIGRATIONS, now).await.expect("the books");
        migrate_datasets(&db, &datasets(), Mode::Apply, now)
            .await
            .expect("the datasets");
        let (plan, problems) = read_plan(LIFE);
        assert_eq!(problems, Vec::<String>::new());
        Self {
            db,
            plan: plan.expect("no problem, so a plan"),
            given: Given {
                zone: "Asia/Shanghai".to_owned(),
                offset_secs: 28_800,
                settings: BTreeMap::new(),
            },
        }
    }

    /// One event of a car: `what`, or `what#item`, at a moment or, for registrations, on a day; at
    /// `-` nobody knows when. Its record is its id, its file 7.
    pub(crate) async fn event(&self, car: &str, id: i64, what: &str, at: &str) {
        let mut tx = self.db.begin().await.expect("a transaction");
        insert_event(&mut tx, car, id, what, at).await;
        tx.commit().await.expect("it is kept");
    }

    /// A car's firm, by a row that is no step.
    pub(crate) async fn firm_of(&self, car: &str, id: i64, firm: &str) {
        let values = [
            ("car", Value::from(car)),
            ("id", Value::Int(id)),
            ("what", Value::from("owned")),
            ("firm", Value::from(firm)),
        ];
        self.insert("car_event", id, &values).await;
    }

    /// A firm's filing.
    pub(crate) async fn filing(&self, firm: &str, id: i64, day: &str) {
        let values = [
            ("firm", Value::from(firm)),
            ("id", Value::Int(id)),
            ("day", Value::Date(date(day))),
        ];
        self.insert("firm_day", id, &values).await;
    }

    async fn insert(&self, dataset: &str, record: i64, values: &[(&str, Value)]) {
        let mut tx = self.db.begin().await.expect("a transaction");
        insert(&mut tx, dataset, record, values).await;
        tx.commit().await.expect("it is kept");
    }

    /// Removes a row.
    pub(crate) async fn remove(&self, dataset: &str, id: i64) {
        let sql = format!("DELETE FROM \"{dataset}\" WHERE id = $1");
        self.db
            .execute(&sql, &[Value::Int(id)])
            .await
            .expect("gone");
    }

    /// Judges a day with the usual plan.
    pub(crate) async fn judge(&self, day: &str) -> LifeRecorded {
        self.judge_by(&self.plan, day).await
    }

    pub(crate) async fn judge_by(&self, plan: &LifePlan, day: &str) -> LifeRecorded {
        let context = Context {
            now: moment("2026-03-03 10:00"),
            given: &self.given,
        };
        let mut tx = self.db.begin().await.expect("a transaction");
        let recorded = run(&mut tx, plan, (NAME, date(day)), context)
            .await
            .expect("it is judged");
        tx.commit().await.expect("it is kept");
        recorded
    }

    pub(crate) async fn rows(&self, recon: ReconNo) -> Vec<BreakRow> {
        let filter = BreakFilter {
            recon: Some(recon),
            limit: 100_000,
            ..BreakFilter::default()
        };
        list_breaks(&self.db, &filter).await.expect("breaks")
    }

    /// The breaks of a run as `kind reason object title`.
    pub(crate) async fn breaks(&self, recon: ReconNo) -> Vec<String> {
        let rows = self.rows(recon).await;
        rows.iter().map(shown).collect()
    }

    /// The breaks of a run as `state first_seen closed_as object`.
    pub(crate) async fn states(&self, recon: ReconNo) -> Vec<String> {
        let rows = self.rows(recon).await;
        let state = |row: &BreakRow| {
            let closed = row.closed_as.map_or("-", hub::ledger::ClosedAs::as_str);
            format!("{} {} {closed} {}", row.state, row.first_seen, row.object)
        };
        rows.iter().map(state).collect()
    }

    pub(crate) async fn timeline(&self, car: &str) -> Vec<Event> {
        timeline(&self.db, &self.plan, car, &self.given)
            .await
            .expect("a timeline")
    }

    /// What is out of order in one car's life, judged in memory, as `rule situation record other`.
    pub(crate) async fn judged(&self, car: &str) -> Vec<String> {
        let events = self.timeline(car).await;
        let record = |at: usize| events.get(at).map_or(0, |event| event.record);
        let found = judge(&self.plan, &events);
        let mut told: Vec<String> = found
            .iter()
            .map(|one| {
                let rule = self.plan.rules.get(one.rule).expect("a rule");
                format!(
                    "{} {} {} {:?}",
                    rule.name(&self.plan),
                    one.situation.word(),
                    record(one.event),
                    one.other.map(record)
                )
            })
            .collect();
        told.sort();
        told
    }

    /// The same as the database found it.
    pub(crate) async fn found(&self, recon: ReconNo, car: &str) -> Vec<String> {
        let rows = self.rows(recon).await;
        let of_car = rows
            .iter()
            .filter(|row| row.object.starts_with(&format!("vin={car};")));
        let mut told: Vec<String> = of_car
            .map(|row| {
                format!(
                    "{} {} {} {:?}",
                    row.pass.as_deref().unwrap_or_default(),
                    row.reason.as_deref().unwrap_or_default(),
                    row.ours_record.unwrap_or_default(),
                    row.theirs_record
                )
            })
            .collect();
        told.sort();
        told
    }
}

pub(crate) fn shown(row: &BreakRow) -> String {
    let reason = row.reason.as_deref().unwrap_or("-");
    format!("{} {reason} {} {}", row.kind, row.object, row.title)
}

pub(crate) async fn insert_event(tx: &mut Transaction, car: &str, id: i64, what: &str, at: &str) {
    let (what, item) = match what.split_once('#') {
        Some((what, item)) => (what, item.parse().ok()),
        None => (what, None),
    };
    let mut values = vec![
        ("car", Value::from(car)),
        ("id", Value::Int(id)),
        ("what", Value::from(what)),
    ];
    if what == "registered" {
        let day = (at != "-").then(|| date(at));
        values.push(("day", day.map_or(Value::Null(Kind::Date), Value::Date)));
        return insert(tx, "car_day", id, &values).await;
    }
    let at = (at != "-").then(|| moment(at));
    values.push(("at", at.map_or(Value::Null(Kind::Instant), Value::Instant)));
    values.push(("item", item.map_or(Value::Null(Kind::Int), Value::Int)));
    insert(tx, "car_event", id, &values).await;
}

async fn insert(tx: &mut Transaction, dataset: &str, record: i64, values: &[(&str, Value)]) {
    let mut columns: Vec<String> = values
        .iter()
        .map(|(name, _)| format!("\"{name}\""))
        .collect();
    let mut args: Vec<Value> = values.iter().map(|(_, value)| value.clone()).collect();
    for (name, value) in [
        ("lineage_file", 7),
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
