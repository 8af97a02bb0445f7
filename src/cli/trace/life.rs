//! The life of one subject: its steps with their evidence, and what is out of order.

use std::fmt::Write as _;

use chrono::DateTime;
use serde_json::{Value as Json, json};

use super::row::{self, Found};
use super::{Sight, Tracer, bytes};
use crate::cli::answer::Answer;
use crate::cli::error::CliError;
use crate::cli::mapped;
use crate::cli::sheet::lines;
use crate::cli::shown::moment;
use crate::cli::words;
use crate::dataset::{Class, ColumnType, Condition, LINEAGE, mask};
use crate::diag::did_you_mean;
use crate::id::Ident;
use crate::job::{Job, JobKind};
use crate::ledger;
use crate::life::{self, Event, Finding, LifePlan, Source};
use crate::value::Value;

/// The most events whose bytes are cut out of the archive and shown.
const PROVEN: usize = 40;

/// One event with its row and its file.
struct Told<'p> {
    event: &'p Event,
    source: &'p Source,
    row: Option<Found<'p>>,
    /// Where it is, in words.
    place: String,
    /// The record's bytes as this person may see them.
    raw: String,
    json: Json,
}

impl Tracer<'_> {
    /// The lives that are asked for by a word, of one subject.
    pub(super) async fn lives(&self, word: &str, subject: &str) -> Result<Answer, CliError> {
        let jobs = self.engine.configuration().jobs.values();
        let declared: Vec<(&Job, &LifePlan)> = jobs
            .filter_map(|job| match &job.kind {
                JobKind::Life(plan) => Some((job, plan.as_ref())),
                _ => None,
            })
            .collect();
        let (mut text, mut told, mut next) = (String::new(), Vec::new(), Vec::new());
        for (job, plan) in &declared {
            if plan.subject.as_str() == word {
                let (shown, json, files) = self.life(job, plan, subject).await?;
                text.push_str(&shown);
                told.push(json);
                next.extend(files);
            }
        }
        if told.is_empty() {
            let words: Vec<&str> = declared
                .iter()
                .map(|(_, plan)| plan.subject.as_str())
                .collect();
            let near = did_you_mean(word, words.iter().copied());
            return Err(CliError::Unknown {
                what: "life by",
                name: word.to_owned(),
                next: near.map_or_else(
                    || format!("lives are asked for by {}", words.join(", ")),
                    |near| format!("did you mean `{near}:{subject}`?"),
                ),
            });
        }
        let shown = self.subject(declared.iter().map(|(_, plan)| plan.class()).max(), subject);
        let json = json!({ "word": word, "subject": shown, "lives": told });
        Ok(Answer::shown(json, text).next(next))
    }

    fn subject(&self, class: Option<Class>, subject: &str) -> String {
        match (self.sight, class) {
            (Sight::Masked, Some(class)) => mask(class, subject),
            _ => subject.to_owned(),
        }
    }

    async fn life(
        &self,
        job: &Job,
        plan: &LifePlan,
        subject: &str,
    ) -> Result<(String, Json, Vec<String>), CliError> {
        let given = mapped::given(self.engine);
        let events = life::timeline(self.engine.database(), plan, subject, &given)
            .await
            .map_err(|error| CliError::Engine(error.into()))?;
        let findings = life::judge(plan, &events);
        let mut told = Vec::new();
        for (at, event) in events.iter().enumerate() {
            told.push(self.told(plan, event, at < PROVEN).await?);
        }
        let mut text = format!(
            "{} · {} {}\n",
            self.screen.pick(&job.title, &job.title_en),
            self.screen.pick(&plan.title.zh, &plan.title.en),
            self.subject(Some(plan.class()), subject)
        );
        if events.is_empty() {
            text.push_str(self.screen.say(words::LIFE_UNKNOWN));
            text.push('\n');
        }
        for (at, one) in told.iter().enumerate() {
            text.push_str(&self.step(plan, one, &findings, at));
        }
        text.push_str(&self.screen.section(
            words::LIFE_OUT_OF_ORDER,
            &self.faults(plan, &findings, &told),
        ));
        let ahead = self.ahead(plan, &events);
        text.push_str(&self.screen.section(words::LIFE_AHEAD, &ahead));
        let json = json!({
            "life": job.name.as_str(),
            "title": job.title,
            "events": told.iter().map(|one| &one.json).collect::<Vec<_>>(),
            "findings": findings.iter().map(|one| finding(plan, one)).collect::<Vec<_>>(),
            "not_yet": self.not_yet(plan, &events),
        });
        let mut files: Vec<String> = Vec::new();
        for event in &events {
            let command = format!("dukou trace file {} --record {}", event.file, event.record);
            if files.len() < 3 && event.record > 0 && !files.contains(&command) {
                files.push(command);
            }
        }
        Ok((text, json, files))
    }

    /// One event with what proves it.
    async fn told<'p>(
        &'p self,
        plan: &'p LifePlan,
        event: &'p Event,
        is_proven: bool,
    ) -> Result<Told<'p>, CliError> {
        let Some(source) = plan.sources().nth(event.source) else {
            return Err(CliError::Usage {
                message: "the life changed while it was read: try again".to_owned(),
            });
        };
        let file = ledger::show_file(self.engine.database(), event.file).await?;
        let [_, record_column, offset_column, _] = LINEAGE;
        let mut condition = Condition::always(source.dataset.name()).and_of_file(event.file);
        for (column, value) in [(record_column, event.record), (offset_column, event.offset)] {
            if let Ok(column) = Ident::new(column) {
                condition = condition.and_equals(&column, ColumnType::Integer, Value::Int(value));
            }
        }
        let found = row::find(self.engine, &source.dataset, &condition, 1).await?;
        let row = found.into_iter().next();
        let (file_no, name) = (file.file_no, &file.name);
        let mut place = self
            .screen
            .fill(words::LIFE_FILE, &[&file_no, name, &event.record]);
        let mut raw = String::new();
        let mut json = json!({
            "step": plan.steps.get(event.step).map(|step| step.name.as_str()),
            "title": plan.steps.get(event.step).map(|step| &step.title.zh),
            "item": event.item,
            "at": self.when(event),
            "from": instant(event.from).filter(|_| !event.is_undated()),
            "dataset": source.dataset.name().as_str(),
            "file": file_no.0, "file_name": name, "partner": file.partner,
            "record": event.record, "offset": event.offset, "length": event.length,
        });
        if event.length > 0 && is_proven {
            let place_of = (event.offset, event.length);
            let cut = bytes::cut(self.engine, &file, event.record, place_of)?;
            let digest = cut.proof.digest.to_string();
            let short: String = digest.chars().take(16).collect();
            let end = event.offset + event.length;
            match (&cut.row, cut.line) {
                (Some(row), _) => {
                    let _ = write!(
                        place,
                        " {}",
                        self.screen.fill(words::LIFE_ROW, &[row, &short])
                    );
                }
                (None, line) => {
                    let filled = [&line as &dyn std::fmt::Display, &event.offset, &end, &short];
                    let _ = write!(place, " {}", self.screen.fill(words::LIFE_BYTES, &filled));
                    super::add(&mut json, "line", line.into());
                }
            }
            super::add(&mut json, "archive", cut.proof.to_json());
            if let Some(row) = &row {
                raw = self.raw(&cut.raw, row);
            }
        }
        if let Some(row) = &row {
            super::add(
                &mut json,
                "values",
                self.row_json(row)
                    .get("values")
                    .cloned()
                    .unwrap_or_default(),
            );
        }
        Ok(Told {
            event,
            source,
            row,
            place,
            raw,
            json,
        })
    }

    /// When an event was, in words.
    fn when(&self, event: &Event) -> String {
        match instant(event.from) {
            Some(at) if event.is_day() => self.engine.clock().local(at).date_naive().to_string(),
            Some(at) if !event.is_undated() => moment(self.engine.clock(), at),
            _ => self.screen.say(words::LIFE_UNDATED).to_owned(),
        }
    }

    /// An event as some lines of the timeline.
    fn step(&self, plan: &LifePlan, one: &Told<'_>, findings: &[Finding], at: usize) -> String {
        let step = plan.steps.get(one.event.step);
        let title = step.map_or("", |step| self.screen.pick(&step.title.zh, &step.title.en));
        let is_wrong = findings.iter().any(|finding| finding.event == at);
        let mark = if is_wrong { "✗" } else { "✓" };
        let item = match one.event.item.as_str() {
            "" => String::new(),
            _ => one
                .source
                .item
                .as_ref()
                .and_then(|name| one.source.dataset.column(name.as_str()))
                .map_or_else(String::new, |column| {
                    let item = mask_of(self.sight, column.class, &one.event.item);
                    format!(" {} {item}", self.column_title(column))
                }),
        };
        let mut text = format!("{mark} {}  {title}{item}\n", self.when(one.event));
        if let Some(row) = &one.row {
            let shown = one.source.show.iter().filter_map(|name| {
                let column = one.source.dataset.column(name.as_str())?;
                let value = row.value(name.as_str()).filter(|value| !value.is_null())?;
                Some(format!(
                    "{} {}",
                    self.column_title(column),
                    self.shown(column, value)
                ))
            });
            let shown: Vec<String> = shown.collect();
            if !shown.is_empty() {
                let _ = writeln!(text, "    {}", self.screen.listed(&shown));
            }
        }
        let _ = writeln!(
            text,
            "    {}：{}",
            self.title(&one.source.dataset),
            one.place
        );
        for line in one.raw.lines().take(3) {
            let cut = crate::text::truncate_to_width(line, self.screen.width.saturating_sub(8));
            let _ = writeln!(text, "      │ {cut}");
        }
        text
    }

    fn faults(&self, plan: &LifePlan, findings: &[Finding], told: &[Told<'_>]) -> String {
        lines(findings.iter().map(|one| {
            let (zh, en) = match plan.rules.get(one.rule) {
                Some(rule) => rule.told(plan, one.situation),
                None => (String::new(), String::new()),
            };
            let said = self.screen.pick(&zh, &en).to_owned();
            let place = |at: usize| {
                told.get(at).map_or_else(String::new, |one| {
                    format!(
                        "{} {}/{}",
                        self.when(one.event),
                        one.event.file,
                        one.event.record
                    )
                })
            };
            match one.other {
                Some(other) => format!("✗ {said}（{} ↔ {}）", place(one.event), place(other)),
                None => format!("✗ {said}（{}）", place(one.event)),
            }
        }))
    }

    /// The steps that have not come.
    fn not_yet(&self, plan: &LifePlan, events: &[Event]) -> Vec<String> {
        let steps = plan.steps.iter().enumerate();
        let ahead = steps.filter(|(at, _)| !events.iter().any(|event| event.step == *at));
        ahead
            .map(|(_, step)| self.screen.pick(&step.title.zh, &step.title.en).to_owned())
            .collect()
    }

    fn ahead(&self, plan: &LifePlan, events: &[Event]) -> String {
        if events.is_empty() {
            return String::new();
        }
        self.screen.listed(&self.not_yet(plan, events))
    }
}

fn mask_of(sight: Sight, class: Class, text: &str) -> String {
    match sight {
        Sight::Full => text.to_owned(),
        Sight::Masked => mask(class, text),
    }
}

fn instant(micros: i64) -> Option<DateTime<chrono::Utc>> {
    DateTime::from_timestamp_micros(micros)
}

fn finding(plan: &LifePlan, one: &Finding) -> Json {
    let rule = plan.rules.get(one.rule);
    let (zh, en) = rule.map_or_else(Default::default, |rule| rule.told(plan, one.situation));
    json!({
        "rule": rule.map(|rule| rule.name(plan)),
        "reason": one.situation.word(),
        "kind": one.situation.kind().as_str(),
        "title": zh, "title_en": en,
        "event": one.event + 1,
        "other": one.other.map(|at| at + 1),
    })
}
