//! Two sides with rows of their own, for the stories of `[match]`.

use super::hub;
use super::world::{World, date, fen, insert, moment};
use hub::dataset::{Datasets, Mode, migrate};
use hub::diag::{Problems, Source};
use hub::document::{Document, Key, KeyKind};
use hub::id::FileNo;
use hub::ledger::{BreakFilter, BreakRow, MatchRow, list_breaks, list_matches};
use hub::reconcile::{MATCH_KEYS, MatchPlan, MatchRecorded, ReconcileError, match_day};
use hub::value::{Kind, Value};

const JOB_KEYS: &[Key] = &[Key::required("match", KeyKind::Table(MATCH_KEYS), "It.")];

const COLUMNS: &str = r#"
[column]
business_date = { type = "date", title = "日期", title_en = "Date" }
id      = { type = "text", title = "流水号", title_en = "Id" }
line    = { type = "integer", title = "行号", title_en = "Line" }
card_id = { type = "text", title = "卡号", title_en = "Card", class = "personal" }
batch   = { type = "text", title = "批次", title_en = "Batch" }
amount  = { type = "money", title = "金额", title_en = "Amount" }
fee     = { type = "money", title = "手续费", title_en = "Fee" }
status  = { type = "text", title = "状态", title_en = "Status" }
at      = { type = "instant", title = "时间", title_en = "At" }
"#;

/// Datasets whose keys contain `id` (`till_row`, `bank_row`), and whose keys do not (`till_line`,
/// `bank_line`).
const DATASETS: [(&str, &str); 4] = [
    ("till_row", "id"),
    ("bank_row", "id"),
    ("till_line", "line"),
    ("bank_line", "line"),
];

/// Whether `id` is a key of the datasets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keyed {
    /// `till_row` and `bank_row`: the first pass is matched where the rows lie.
    ById,
    /// `till_line` and `bank_line`: an id may come twice.
    ByLine,
}

/// A row of either side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) line: i64,
    pub(crate) id: Option<String>,
    pub(crate) card: Option<String>,
    pub(crate) batch: Option<String>,
    pub(crate) amount: Option<i64>,
    pub(crate) fee: Option<i64>,
    pub(crate) status: Option<String>,
    pub(crate) at: Option<String>,
}

/// A row by its id and amount in yuan.
pub(crate) fn row(line: i64, id: &str, yuan: &str) -> Given {
    Given {
        line,
        id: Some(id.to_owned()),
        card: None,
        batch: None,
        amount: Some(fen(yuan)),
        fee: None,
        status: Some("0".to_owned()),
        at: None,
    }
}

pub(crate) struct Sides<'w> {
    pub(crate) world: &'w World,
    pub(crate) plan: MatchPlan,
    pub(crate) ours: FileNo,
    pub(crate) theirs: FileNo,
    keyed: Keyed,
}

pub(crate) const NAME: &str = "bank/match_day";

/// The head of most jobs; the passes follow.
fn head(keyed: Keyed) -> String {
    let (till, bank) = match keyed {
        Keyed::ById => ("till_row", "bank_row"),
        Keyed::ByLine => ("till_line", "bank_line"),
    };
    format!(
        "[match]\ncalendar = \"cn\"\nfunds = \"paid_to_us\"\n\
         [match.ours]\ntitle = \"柜台\"\ntitle_en = \"till\"\ndataset = \"{till}\"\n\
         date = \"business_date\"\namount = \"amount\"\n\
         [match.theirs]\ntitle = \"银行\"\ntitle_en = \"bank\"\ndataset = \"{bank}\"\n\
         date = \"business_date\"\namount = \"amount\"\n"
    )
}

/// The datasets of these stories.
pub(crate) fn datasets() -> Datasets {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, second) in DATASETS {
        let text = format!(
            "title = \"{name}\"\ntitle_en = \"{name}\"\nkey = [\"business_date\", \"{second}\"]\n\
             distribution = \"{second}\"\n{COLUMNS}"
        );
        std::fs::write(folder.path().join(format!("{name}.toml")), text).expect("written");
    }
    let mut problems = Problems::new();
    let datasets = Datasets::read_dir(folder.path(), folder.path(), &mut problems);
    assert!(problems.is_empty(), "{problems:?}");
    datasets
}

/// A plan from the text of its passes, and what is wrong with it.
pub(crate) fn read_match(keyed: Keyed, passes: &str) -> (Option<MatchPlan>, Vec<String>) {
    let text = format!("{}{passes}", head(keyed));
    let mut problems = Problems::new();
    let document = Document::parse(Source::new("match_day.toml", text), &mut problems);
    let root = document.root(JOB_KEYS, &mut problems);
    let section = root.table("match");
    let plan = section.and_then(|section| MatchPlan::read(&section, &datasets(), &mut problems));
    (plan, problems.lines())
}

impl<'w> Sides<'w> {
    pub(crate) async fn new(world: &'w World, keyed: Keyed, passes: &str) -> Self {
        migrate(&world.db, &datasets(), Mode::Apply, world.now)
            .await
            .expect("the datasets");
        let (plan, problems) = read_match(keyed, passes);
        assert_eq!(problems, Vec::<String>::new());
        let files = world
            .db
            .query_one("SELECT COUNT(*) FROM ledger_file", &[])
            .await;
        let files = files.expect("a count").int(0).expect("a number");
        Self {
            world,
            plan: plan.expect("no problem, so a plan"),
            ours: world.file(&format!("till {files}")).await,
            theirs: world.file(&format!("bank {files}")).await,
            keyed,
        }
    }

    fn dataset(&self, is_ours: bool) -> &'static str {
        match (self.keyed, is_ours) {
            (Keyed::ById, true) => "till_row",
            (Keyed::ById, false) => "bank_row",
            (Keyed::ByLine, true) => "till_line",
            (Keyed::ByLine, false) => "bank_line",
        }
    }

    pub(crate) async fn till(&self, day: &str, rows: &[Given]) {
        self.load(day, rows, true).await;
    }

    pub(crate) async fn bank(&self, day: &str, rows: &[Given]) {
        self.load(day, rows, false).await;
    }

    async fn load(&self, day: &str, rows: &[Given], is_ours: bool) {
        let file = if is_ours { self.ours } else { self.theirs };
        let mut tx = self.world.begin().await;
        for row in rows {
            let text = |text: &Option<String>| match text {
                Some(text) => Value::from(text.as_str()),
                None => Value::Null(Kind::Text),
            };
            let int = |number: Option<i64>| number.map_or(Value::Null(Kind::Int), Value::Int);
            let values = [
                ("business_date", Value::Date(date(day))),
                ("id", text(&row.id)),
                ("line", Value::Int(row.line)),
                ("card_id", text(&row.card)),
                ("batch", text(&row.batch)),
                ("amount", int(row.amount)),
                ("fee", int(row.fee)),
                ("status", text(&row.status)),
                (
                    "at",
                    match &row.at {
                        Some(at) => Value::Instant(moment(at)),
                        None => Value::Null(Kind::Instant),
                    },
                ),
            ];
            insert(&mut tx, self.dataset(is_ours), (file, row.line), &values).await;
        }
        tx.commit().await.expect("it is kept");
    }

    /// Takes a row away, as a superseded file does.
    pub(crate) async fn remove(&self, is_ours: bool, id: &str) {
        let sql = format!("DELETE FROM {} WHERE id = $1", self.dataset(is_ours));
        let removed = self.world.db.execute(&sql, &[id.into()]).await;
        assert_eq!(removed.expect("it is removed"), 1);
    }

    pub(crate) async fn try_match(&self, day: &str) -> Result<MatchRecorded, ReconcileError> {
        let mut tx = self.world.begin().await;
        let named = (NAME, date(day));
        let recorded = match_day(&mut tx, &self.plan, named, self.world.context()).await?;
        tx.commit().await.expect("it is kept");
        Ok(recorded)
    }

    pub(crate) async fn match_day(&self, day: &str) -> MatchRecorded {
        self.try_match(day).await.expect("it is matched")
    }

    /// The breaks and items in transit of a result, the most important first.
    pub(crate) async fn breaks(&self, recorded: &MatchRecorded) -> Vec<BreakRow> {
        let filter = BreakFilter {
            recon: Some(recorded.recon),
            limit: 10_000,
            ..BreakFilter::default()
        };
        list_breaks(&self.world.db, &filter).await.expect("a list")
    }

    /// The same as `kind object amount`, in the order of their objects.
    pub(crate) async fn shown(&self, recorded: &MatchRecorded) -> Vec<String> {
        let breaks = self.breaks(recorded).await;
        let mut shown: Vec<String> = breaks
            .iter()
            .map(|one| format!("{} {} {}", one.kind, one.object, one.amount))
            .collect();
        shown.sort();
        shown
    }

    /// The stored matches.
    pub(crate) async fn matches(&self, recorded: &MatchRecorded) -> Vec<MatchRow> {
        let list = list_matches(&self.world.db, recorded.recon, 10_000).await;
        list.expect("a list")
    }

    /// How the items of a result ended: `object state closed_by closed_as`.
    pub(crate) async fn ends(&self, recorded: &MatchRecorded) -> Vec<String> {
        let breaks = self.breaks(recorded).await;
        let mut ends: Vec<String> = breaks
            .iter()
            .map(|one| {
                let by = one.closed_by.map_or(0, |recon| recon.0);
                let why = one.closed_as.map_or("", |why| why.as_str());
                format!("{} {} {by} {why}", one.object, one.state)
            })
            .collect();
        ends.sort();
        ends
    }
}
