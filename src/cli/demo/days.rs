//! The order of the day: what arrives, which job runs, what the centre does with the answers.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use chrono::{Days, NaiveDate};
use serde::Serialize;

use super::DemoArgs;
use super::centre::Centre;
use super::place::{Place, clock};
use crate::cli::desk::Desk;
use crate::cli::error::CliError;
use crate::cli::{progress, report, store, words};
use crate::engine::{Engine, EngineError, Mode, RunReport, RunRequest};
use crate::id::JobName;
use crate::ledger::{self, ReconNo};
use crate::simulate::etc_clearing::{self, Request, Statement};
use crate::text::{Align, pad_to_width};

const LISTS: &str = "etc_clearing/receive_lists";
const MESSAGES: &str = "etc_clearing/receive_messages";
const REQUEST: &str = "etc_clearing/request_missing";
/// The reconciliation's job.
pub(super) const RECONCILE: &str = "etc_clearing/clearing_day";
const REPORT: &str = "etc_clearing/clearing_report";

/// Where the second part of a printed step begins.
const STEP_WIDTH: usize = 28;

/// One printed step.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    pub(super) number: usize,
    pub(super) title: String,
    pub(super) result: String,
    pub(super) job: Option<&'static str>,
    pub(super) milliseconds: u64,
}

/// A running demonstration.
pub(super) struct Demo<'d, 'o> {
    pub(super) place: Place,
    pub(super) engine: Engine,
    pub(super) statement: Statement,
    pub(super) centre: Centre,
    pub(super) steps: Vec<Step>,
    /// Which reconciliation the load of the clearing statement made, before anything was resent.
    pub(super) first_recon: Option<ReconNo>,
    desk: &'d mut Desk<'o>,
}

impl<'d, 'o> Demo<'d, 'o> {
    /// Writes the centre's day and opens the hub.
    pub(super) async fn open(
        place: Place,
        args: &DemoArgs,
        desk: &'d mut Desk<'o>,
    ) -> Result<Self, CliError> {
        let began = Instant::now();
        let request = Request::new(args.date, args.packages, args.records, args.seed);
        let centre = Centre::new(&place)?;
        let statement =
            etc_clearing::write(&request, &place.configuration, centre.waves(), &mut |_| ())?;
        let engine = Engine::open(
            Arc::clone(&place.configuration),
            clock(&place.configuration),
        )
        .await?;
        store::make(
            engine.database(),
            engine.configuration(),
            engine.clock().now(),
        )
        .await?;
        let mut demo = Self {
            place,
            engine,
            statement,
            centre,
            steps: Vec::new(),
            first_recon: None,
            desk,
        };
        let result = format!(
            "{} 个文件",
            demo.statement.lists.len() + demo.statement.files.len()
        );
        demo.tell("清分中心写出一天的文件", result, None, began);
        Ok(demo)
    }

    pub(super) fn width(&self) -> usize {
        self.desk.width()
    }

    /// The whole day; gives the report's main file.
    pub(super) async fn run(&mut self) -> Result<Option<PathBuf>, CliError> {
        let day = self.statement.date;
        let before = day.checked_sub_days(Days::new(2)).unwrap_or(day);
        self.centre.put(1)?;
        self.job("取名单并载入", LISTS, day).await?;
        self.wave(2, "两日前的交易包", before).await?;
        self.wave(3, "当日交易包", day).await?;
        self.wave(4, "重发与更正的包", day).await?;
        self.wave(5, "争议结果与清分", day).await?;
        self.first_recon = self.latest_recon().await?;
        self.job("请求补发缺失的交易包", REQUEST, day).await?;
        self.wave(6, "补发的交易包", day).await?;
        self.reconcile(day).await?;
        self.report(day).await
    }

    /// A wave arrives, is handled and answered; the centre confirms the accounting answers.
    async fn wave(&mut self, wave: usize, title: &str, day: NaiveDate) -> Result<(), CliError> {
        self.centre.put(wave)?;
        self.job(&format!("取{title}并应答"), MESSAGES, day).await?;
        let began = Instant::now();
        let taken = self.centre.take()?;
        let confirmed = self.centre.confirm(&taken, &self.place.configuration)?;
        let result = format!("取走 {} 个报文，确认 {confirmed} 个记账", taken.files);
        self.tell("清分中心收取应答", result, None, began);
        if confirmed > 0 {
            self.job("取回记账的确认", MESSAGES, day).await?;
        }
        Ok(())
    }

    async fn job(
        &mut self,
        title: &str,
        job: &'static str,
        day: NaiveDate,
    ) -> Result<(), CliError> {
        let began = Instant::now();
        let report = self.run_job(job, day).await?;
        self.tell(title, result(&report), Some(job), began);
        Ok(())
    }

    async fn run_job(&mut self, job: &'static str, day: NaiveDate) -> Result<RunReport, CliError> {
        let name = JobName::new(job).map_err(|_not_a_name| EngineError::UnknownJob {
            name: job.to_owned(),
            known: Vec::new(),
        })?;
        let request = RunRequest {
            job: name,
            business_date: day,
            mode: Mode::Work,
            trigger: "demo",
        };
        let bars = progress::watched(self.desk.out);
        Ok(self.engine.run(&request, &*bars).await?)
    }

    async fn reconcile(&mut self, day: NaiveDate) -> Result<(), CliError> {
        let began = Instant::now();
        self.run_job(RECONCILE, day).await?;
        let database = self.engine.database();
        let row = ledger::latest_reconciliation(database, RECONCILE, Some(day)).await?;
        let result = match row {
            None => "没有结果".to_owned(),
            Some(row) => {
                let components = ledger::list_components(database, row.recon_no).await?;
                let found = components
                    .iter()
                    .find(|component| component.name == "difference");
                let (count, amount) = found
                    .map(|found| {
                        (
                            found.count.unwrap_or_default(),
                            found.amount.unwrap_or_default(),
                        )
                    })
                    .unwrap_or_default();
                format!(
                    "第 {} 版，相差 {count} 笔 {} 元",
                    row.version,
                    words::yuan(amount)
                )
            }
        };
        self.tell("清分日对账", result, Some(RECONCILE), began);
        Ok(())
    }

    /// Writes the report; gives its main file.
    async fn report(&mut self, day: NaiveDate) -> Result<Option<PathBuf>, CliError> {
        let began = Instant::now();
        self.run_job(REPORT, day).await?;
        let rows = ledger::list_reports(self.engine.database(), Some(REPORT), Some(day), 1).await?;
        let Some(row) = rows.first() else {
            self.tell("写出对账报告", "没有写成".to_owned(), Some(REPORT), began);
            return Ok(None);
        };
        let paths = report::paths(row, &self.engine);
        let result = format!("第 {} 版，{} 个文件", row.version, paths.len());
        self.tell("写出对账报告", result, Some(REPORT), began);
        Ok(paths.into_iter().next())
    }

    fn tell(&mut self, title: &str, result: String, job: Option<&'static str>, began: Instant) {
        let step = Step {
            number: self.steps.len() + 1,
            title: title.to_owned(),
            result,
            job,
            milliseconds: began.elapsed().as_millis() as u64,
        };
        self.desk.out.say(&line(&step));
        self.steps.push(step);
    }

    async fn latest_recon(&self) -> Result<Option<ReconNo>, CliError> {
        let day = Some(self.statement.date);
        let row = ledger::latest_reconciliation(self.engine.database(), RECONCILE, day).await?;
        Ok(row.map(|row| row.recon_no))
    }
}

/// A step on one line.
fn line(step: &Step) -> String {
    let title = pad_to_width(&step.title, STEP_WIDTH, Align::Left);
    let seconds = step.milliseconds as f64 / 1000.0;
    format!(
        "{:>2}  {title}  {}  （{seconds:.1} 秒）\n",
        step.number, step.result
    )
}

/// What a run came to, in few words.
fn result(report: &RunReport) -> String {
    let mut parts = Vec::new();
    if !report.files.is_empty() {
        let rows: i64 = report.files.iter().map(|file| file.loaded).sum();
        parts.push(format!("{} 个文件，载入 {rows} 行", report.files.len()));
    }
    let disputed: u64 = report
        .files
        .iter()
        .flat_map(|file| &file.decided)
        .map(|(_, _, rows)| rows)
        .sum();
    if disputed > 0 {
        parts.push(format!("争议 {disputed} 笔"));
    }
    for (outcome, title) in outcomes(report) {
        let count = report
            .files
            .iter()
            .filter(|file| file.outcome == outcome)
            .count();
        parts.push(format!("{count} 个“{title}”"));
    }
    if !report.deliveries.is_empty() {
        parts.push(format!("发出 {}", report.deliveries.len()));
    }
    if parts.is_empty() {
        parts.extend(report.notes.first().cloned());
    }
    parts.join("，")
}

/// The outcomes other than plainly loaded, each once.
fn outcomes(report: &RunReport) -> Vec<(&'static str, &'static str)> {
    let mut found: Vec<_> = report
        .files
        .iter()
        .filter(|file| file.outcome != "loaded")
        .map(|file| (file.outcome, file.title))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_one_line_whose_results_stand_below_each_other() {
        let step = |number, title: &str| Step {
            number,
            title: title.to_owned(),
            result: "3 个文件".to_owned(),
            job: None,
            milliseconds: 1_250,
        };
        let lines = [
            line(&step(1, "取名单并载入")),
            line(&step(12, "清分日对账")),
        ];
        assert_eq!(
            lines,
            [
                " 1  取名单并载入                  3 个文件  （1.2 秒）\n",
                "12  清分日对账                    3 个文件  （1.2 秒）\n",
            ]
        );
    }
}
