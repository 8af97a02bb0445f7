//! `dukou trace`: from a row, a file or a delivery back to the partner's bytes, with proof.
//!
//! Personal values are masked by their class; whoever needs them says why, and the audit keeps it.
//! The one invariant: without `--unmask` no personal value is printed, not even inside raw bytes.

mod bytes;
mod key;
mod life;
mod related;
mod row;

use clap::Args;
use serde_json::{Value as Json, json};

use super::answer::Answer;
use super::desk::Desk;
use super::environment::actor;
use super::error::CliError;
use super::screen::Screen;
use super::sheet::{Sheet, lines};
use super::shown::moment;
use super::table::{Table, number, text};
use super::words;
use super::{deliveries, mapped, rejects};
use crate::dataset::{self, Condition, Dataset};
use crate::engine::Engine;
use crate::id::{DeliveryNo, FileNo};
use crate::ledger::{self, FileRow, NewAudit, RejectFilter};
use key::Key;
use row::Found;

const EXAMPLES: &str = "\
Examples:
  dukou trace etc_transaction service_provider_id=00000000000000A1 message_id=100009565000001 trans_id=3
  dukou trace etc_transaction:message_id=100009565000001,trans_id=3
  dukou trace file 12                    a file and what was loaded from it
  dukou trace file 12 --record 5         one record: its row or reject, and its bytes
  dukou trace delivery 3                 an answer, what it answers and the rows it carries
  dukou trace vin:LTSTCA1A7P1000001      the life of one subject, each step with its evidence
  dukou trace file 12 --record 5 --unmask --reason \"complaint 4711\"";

/// Go back to the partner's bytes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct TraceArgs {
    /// `DATASET column=value …`, `file NUMBER`, `delivery NUMBER`, or `WORD:SUBJECT` of a life.
    #[arg(required = true, value_name = "KEY")]
    key: Vec<String>,
    /// The record in the file, for `file NUMBER`.
    #[arg(long)]
    record: Option<i64>,
    /// Show personal values; needs a reason, which the audit keeps.
    #[arg(long, requires = "reason")]
    unmask: bool,
    /// Why personal values are needed.
    #[arg(long, value_name = "TEXT", requires = "unmask")]
    reason: Option<String>,
    /// Who looks; without it the user of the system.
    #[arg(long = "as", value_name = "NAME")]
    who: Option<String>,
}

/// How much of personal values is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sight {
    Masked,
    Full,
}

/// What a trace needs.
struct Tracer<'t> {
    engine: &'t Engine,
    sight: Sight,
    screen: Screen,
}

/// `dukou trace …`
pub(super) async fn run(args: &TraceArgs, desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    let key = key::parse(&args.key, args.record)?;
    let engine = desk.engine().await?;
    let tracer = Tracer {
        engine: &engine,
        sight: if args.unmask {
            Sight::Full
        } else {
            Sight::Masked
        },
        screen: desk.screen(),
    };
    if args.unmask {
        tracer.audit(&key, args).await?;
    }
    match key {
        Key::Rows {
            dataset,
            conditions,
        } => tracer.rows(&dataset, &conditions).await,
        Key::File { file, record: None } => tracer.file(FileNo(file)).await,
        Key::File {
            file,
            record: Some(record),
        } => tracer.record(FileNo(file), record).await,
        Key::Delivery(delivery) => tracer.delivery(DeliveryNo(delivery)).await,
        Key::Life { word, subject } => tracer.lives(&word, &subject).await,
    }
}

impl Tracer<'_> {
    /// Keeps who wanted to see personal values, of what, and why.
    async fn audit(&self, key: &Key, args: &TraceArgs) -> Result<(), CliError> {
        let who = actor(args.who.as_deref());
        let reason = args.reason.as_deref().unwrap_or_default();
        let object = key.object();
        let entry = NewAudit {
            who: &who,
            act: "trace.unmask",
            object: &object,
            reason: Some(reason),
            detail: json!({}),
        };
        let mut transaction = self.engine.database().begin().await?;
        ledger::record_audit(&mut transaction, &entry, self.engine.clock().now()).await?;
        Ok(transaction.commit().await?)
    }

    async fn rows(
        &self,
        dataset: &str,
        conditions: &[(String, String)],
    ) -> Result<Answer, CliError> {
        let (dataset, condition) = self.question(dataset, conditions)?;
        let rows = row::find(self.engine, dataset, &condition, row::LISTED).await?;
        match rows.as_slice() {
            [] => Err(CliError::Unknown {
                what: "row in",
                name: dataset.name().to_string(),
                next: "look at the values again; a file that is held has no rows".to_owned(),
            }),
            [one] => self.one(one).await,
            many => Ok(self.several(many)),
        }
    }

    /// Several rows: shown short, to be narrowed down.
    fn several(&self, rows: &[Found<'_>]) -> Answer {
        let text = lines(rows.iter().map(|found| self.line(found)));
        let json: Vec<Json> = rows.iter().map(|found| self.row_json(found)).collect();
        let next = rows
            .iter()
            .take(3)
            .map(|found| format!("dukou trace file {} --record {}", found.file, found.record));
        let heading = if rows.len() as u64 >= row::LISTED {
            words::ROWS_AT_LEAST
        } else {
            words::ROWS_SEVERAL
        };
        let heading = self.screen.fill(heading, &[&rows.len()]);
        Answer::shown(json!({ "rows": json }), format!("{heading}\n{text}")).next(next)
    }

    /// One row with everything that leads back to its bytes.
    async fn one(&self, found: &Found<'_>) -> Result<Answer, CliError> {
        let file = ledger::show_file(self.engine.database(), found.file).await?;
        let mut text = format!("{} {}\n", self.title(found.dataset), found.dataset.name());
        text.push_str(&self.values(found));
        let mut json = json!({ "row": self.row_json(found), "file": file });
        text.push_str(&self.screen.section(words::SOURCE_FILE, &self.origin(&file)));
        if found.length > 0 {
            let cut = bytes::cut(
                self.engine,
                &file,
                found.record,
                (found.offset, found.length),
            )?;
            text.push_str(
                &self
                    .screen
                    .section(words::BYTES, &row::proof(&cut, found.record, self.screen)),
            );
            text.push_str(
                &self
                    .screen
                    .section(words::RAW_RECORD, &self.raw(&cut.raw, found)),
            );
            add(&mut json, "bytes", self.bytes_json(&cut, found));
        } else {
            text.push_str(
                &self
                    .screen
                    .section(words::BYTES, self.screen.say(words::ROW_COMPOSED)),
            );
        }
        let (handled, handled_json) = self.handled(found, &file).await?;
        text.push_str(&self.screen.section(words::HANDLED, &handled));
        add(&mut json, "handled", handled_json);
        Ok(Answer::shown(json, text))
    }

    async fn file(&self, file_no: FileNo) -> Result<Answer, CliError> {
        let file = ledger::show_file(self.engine.database(), file_no).await?;
        let mut counted = Vec::new();
        for dataset in self.engine.configuration().datasets.iter() {
            let condition = Condition::always(dataset.name()).and_of_file(file_no);
            let given = mapped::given(self.engine);
            let count = dataset::count(self.engine.database(), dataset, &condition, &given).await?;
            if count > 0 {
                counted.push((dataset, count));
            }
        }
        let columns = [text(words::DATASET), text(words::NAME), number(words::ROWS)];
        let table = Table::of(columns, &counted, |(dataset, count)| {
            [
                self.title(dataset).to_owned(),
                dataset.name().to_string(),
                count.to_string(),
            ]
        });
        let proof = bytes::prove(self.engine, &file)?;
        let shown = format!(
            "{}{}{}",
            self.origin(&file),
            self.screen
                .section(words::ARCHIVE, &row::archived(&proof, self.screen)),
            self.screen
                .section(words::LOADED, &table.shown(self.screen)),
        );
        let rows: Json = counted
            .iter()
            .map(|(dataset, count)| (dataset.name().to_string(), Json::from(*count)))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let json = json!({ "file": file, "archive": proof.to_json(), "rows": rows });
        let next = vec![
            format!("dukou files show {file_no}"),
            format!("dukou trace file {file_no} --record 1"),
        ];
        Ok(Answer::shown(json, shown).next(next))
    }

    /// One record of a file: its rows, its refusals, its bytes.
    async fn record(&self, number: FileNo, record: i64) -> Result<Answer, CliError> {
        let file = ledger::show_file(self.engine.database(), number).await?;
        let rows = row::of_record(self.engine, &file, record).await?;
        if let [one] = rows.as_slice() {
            return self.one(one).await;
        }
        if rows.len() > 1 {
            return Ok(self.several(&rows));
        }
        let filter = RejectFilter {
            file: Some(number),
            limit: 1_000_000,
            ..RejectFilter::default()
        };
        let all = ledger::list_rejects(self.engine.database(), &filter).await?;
        let refused: Vec<_> = all
            .into_iter()
            .filter(|row| row.record_no == record)
            .collect();
        let Some(first) = refused.first() else {
            return Err(CliError::Unknown {
                what: "row or reject of record",
                name: format!("{number}/{record}"),
                next: format!("`dukou files show {number}` says what became of the file"),
            });
        };
        let cut = bytes::cut(
            self.engine,
            &file,
            record,
            (first.byte_offset, first.byte_length),
        )?;
        let mut text = rejects::table(&refused, self.screen);
        text.push_str(&self.screen.section(words::SOURCE_FILE, &self.origin(&file)));
        text.push_str(
            &self
                .screen
                .section(words::BYTES, &row::proof(&cut, record, self.screen)),
        );
        // What a refused record's personal fields are is not known: its bytes need a reason.
        let raw = match self.sight {
            Sight::Full => rejects::raw(&cut.raw, cut.whole(), self.screen),
            Sight::Masked => self.screen.say(words::WITHHELD).to_owned(),
        };
        text.push_str(&self.screen.section(words::RAW_RECORD, &raw));
        let json = json!({
            "rejects": refused.iter().map(|row| json!({
                "record_no": row.record_no, "code": row.code, "field": row.field,
                "detail": row.detail, "state": row.state,
            })).collect::<Vec<_>>(),
            "file": file,
            "bytes": cut.to_json(),
        });
        Ok(Answer::shown(json, text).next(vec![format!("dukou rejects show {number} {record}")]))
    }

    async fn delivery(&self, number: DeliveryNo) -> Result<Answer, CliError> {
        let row = ledger::show_delivery(self.engine.database(), number).await?;
        let mut text = deliveries::facts(&row, None, self.engine, self.screen);
        let mut json = json!({ "delivery": row });
        if let Some(answered) = row.answers_file {
            let file = ledger::show_file(self.engine.database(), answered).await?;
            text.push_str(
                &self
                    .screen
                    .section(words::ANSWERED_FILE, &self.origin(&file)),
            );
            add(
                &mut json,
                "answers",
                serde_json::to_value(&file).unwrap_or_default(),
            );
        }
        let rows = row::of_delivery(self.engine, &row).await?;
        let carried = lines(rows.iter().map(|found| self.line(found)));
        text.push_str(&self.screen.section(words::CARRIED_ROWS, &carried));
        add(
            &mut json,
            "rows",
            rows.iter().map(|found| self.row_json(found)).collect(),
        );
        let next = row
            .answers_file
            .map(|file| format!("dukou trace file {file}"));
        Ok(Answer::shown(json, text).next(next))
    }

    /// What a dataset is called, in the screen's language.
    fn title<'d>(&self, dataset: &'d Dataset) -> &'d str {
        self.screen.pick(dataset.title(), dataset.title_en())
    }

    /// Where a file came from.
    fn origin(&self, file: &FileRow) -> String {
        let configuration = self.engine.configuration();
        let mut sheet = Sheet::new(self.screen);
        sheet
            .fact(words::FILE, format!("{} {}", file.file_no, file.name))
            .fact(words::PARTNER, &file.partner)
            .fact(words::COMES_FROM, file.location())
            .maybe(
                words::CONTENT,
                file.mapping
                    .as_ref()
                    .map(|name| mapped::mapping_title(configuration, name, self.screen)),
            )
            .fact(
                words::RECEIVED,
                moment(self.engine.clock(), file.received_at),
            )
            .fact(words::STATE, self.screen.say(words::file_state(file.state)))
            .maybe(words::REASON, file.reason.as_ref());
        sheet.shown()
    }
}

fn add(json: &mut Json, key: &str, value: Json) {
    if let Some(object) = json.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}
