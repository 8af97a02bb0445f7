//! The order of the day: what arrives, which job runs, what the centre does with the answers.

use std::fmt::Display;
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
use crate::cli::screen::Screen;
use crate::cli::words::{self, Word};
use crate::cli::{progress, report, shown, store};
use crate::engine::{Engine, EngineError, Mode, RunReport, RunRequest};
use crate::id::JobName;
use crate::ledger::{self, ReconNo};
use crate::simulate::etc_clearing::{self, Statement};
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
        let request = args.volume.request(args.date);
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
        let files = demo.statement.lists.len() + demo.statement.files.len();
        let result = demo.screen().fill(words::FILE_COUNT, &[&files]);
        demo.tell(words::DEMO_WRITES, result, None, began);
        Ok(demo)
    }

    pub(super) fn screen(&self) -> Screen {
        self.desk.screen()
    }

    /// The whole day; gives the report's main file.
    pub(super) async fn run(&mut self) -> Result<Option<PathBuf>, CliError> {
        let day = self.statement.date;
        let before = day.checked_sub_days(Days::new(2)).unwrap_or(day);
        self.centre.put(1)?;
        self.job(words::DEMO_LISTS, LISTS, day).await?;
        self.wave(2, words::DEMO_WAVE_2, before).await?;
        self.wave(3, words::DEMO_WAVE_3, day).await?;
        self.wave(4, words::DEMO_WAVE_4, day).await?;
        self.wave(5, words::DEMO_WAVE_5, day).await?;
        self.first_recon = self.latest_recon().await?;
        self.job(words::DEMO_REQUEST, REQUEST, day).await?;
        self.wave(6, words::DEMO_WAVE_6, day).await?;
        self.reconcile(day).await?;
        self.report(day).await
    }

    /// A wave arrives, is handled and answered; the centre confirms the accounting answers.
    async fn wave(&mut self, wave: usize, title: Word, day: NaiveDate) -> Result<(), CliError> {
        self.centre.put(wave)?;
        self.job(title, MESSAGES, day).await?;
        let began = Instant::now();
        let taken = self.centre.take()?;
        let confirmed = self.centre.confirm(&taken, &self.place.configuration)?;
        let result = self
            .screen()
            .fill(words::DEMO_TAKEN, &[&taken.files, &confirmed]);
        self.tell(words::DEMO_TAKES, result, None, began);
        if confirmed > 0 {
            self.job(words::DEMO_CONFIRMATIONS, MESSAGES, day).await?;
        }
        Ok(())
    }

    async fn job(
        &mut self,
        title: Word,
        job: &'static str,
        day: NaiveDate,
    ) -> Result<(), CliError> {
        let began = Instant::now();
        let report = self.run_job(job, day).await?;
        let result = result(&report, self.screen());
        self.tell(title, result, Some(job), began);
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
            None => self.screen().say(words::NO_RESULT).to_owned(),
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
                self.screen().fill(
                    words::VERSION_DIFFERENCE,
                    &[&row.version, &count, &shown::yuan(amount)],
                )
            }
        };
        self.tell(words::DEMO_RECONCILES, result, Some(RECONCILE), began);
        Ok(())
    }

    /// Writes the report; gives its main file.
    async fn report(&mut self, day: NaiveDate) -> Result<Option<PathBuf>, CliError> {
        let began = Instant::now();
        self.run_job(REPORT, day).await?;
        let rows = ledger::list_reports(self.engine.database(), Some(REPORT), Some(day), 1).await?;
        let Some(row) = rows.first() else {
            let result = self.screen().say(words::NOT_WRITTEN).to_owned();
            self.tell(words::DEMO_REPORTS, result, Some(REPORT), began);
            return Ok(None);
        };
        let paths = report::paths(row, &self.engine);
        let result = self
            .screen()
            .fill(words::VERSION_FILES, &[&row.version, &paths.len()]);
        self.tell(words::DEMO_REPORTS, result, Some(REPORT), began);
        Ok(paths.into_iter().next())
    }

    fn tell(&mut self, title: Word, result: String, job: Option<&'static str>, began: Instant) {
        let step = Step {
            number: self.steps.len() + 1,
            title: self.screen().say(title).to_owned(),
            result,
            job,
            milliseconds: began.elapsed().as_millis() as u64,
        };
        let line = line(&step, self.screen());
        self.desk.out.say(&line);
        self.steps.push(step);
    }

    async fn latest_recon(&self) -> Result<Option<ReconNo>, CliError> {
        let day = Some(self.statement.date);
        let row = ledger::latest_reconciliation(self.engine.database(), RECONCILE, day).await?;
        Ok(row.map(|row| row.recon_no))
    }
}

/// A step on one line.
fn line(step: &Step, screen: Screen) -> String {
    let title = pad_to_width(&step.title, STEP_WIDTH, Align::Left);
    let seconds = step.milliseconds as f64 / 1000.0;
    let number = format!("{:>2}", step.number);
    let seconds = format!("{seconds:.1}");
    let values: [&dyn Display; 4] = [&number, &title, &step.result, &seconds];
    format!("{}\n", screen.fill(words::DEMO_STEP, &values))
}

/// What a run came to, in few words.
fn result(report: &RunReport, screen: Screen) -> String {
    let mut parts = Vec::new();
    if !report.files.is_empty() {
        let rows: i64 = report.files.iter().map(|file| file.loaded).sum();
        parts.push(screen.fill(words::FILES_LOADED, &[&report.files.len(), &rows]));
    }
    let disputed: u64 = report
        .files
        .iter()
        .flat_map(|file| &file.decided)
        .map(|(_, _, rows)| rows)
        .sum();
    if disputed > 0 {
        parts.push(screen.fill(words::DISPUTED_ROWS, &[&disputed]));
    }
    for outcome in outcomes(report) {
        let count = report
            .files
            .iter()
            .filter(|file| file.outcome == outcome)
            .count();
        let title = screen.say(words::outcome(outcome));
        parts.push(screen.fill(words::OUTCOME_COUNT, &[&count, &title]));
    }
    if !report.deliveries.is_empty() {
        parts.push(screen.fill(words::SENT_COUNT, &[&report.deliveries.len()]));
    }
    if parts.is_empty() {
        parts.extend(report.notes.first().cloned());
    }
    screen.listed(&parts)
}

/// The outcomes other than plainly loaded, each once.
fn outcomes(report: &RunReport) -> Vec<&'static str> {
    let mut found: Vec<_> = report
        .files
        .iter()
        .filter(|file| file.outcome != "loaded")
        .map(|file| file.outcome)
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
            line(&step(1, "取名单并载入"), Screen::USUAL),
            line(&step(12, "清分日对账"), Screen::USUAL),
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
