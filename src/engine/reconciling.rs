//! `[reconcile]`, `[match]` and `[report]` jobs, and the reconciliation that is part of a load.

use chrono::NaiveDate;
use serde_json::json;

use super::judge::Findings;
use super::{Engine, EngineError, RunReport, RunRequest};
use crate::calendar::Calendar;
use crate::db::Transaction;
use crate::id::JobName;
use crate::job::{Ask, Job, JobKind, Outcome, ReadPlan, ReportJob};
use crate::reconcile::{self, Context, MatchPlan, ReconcilePlan};
use crate::report::{self, Language, Rule, Title};
use crate::settings;
use crate::step::{self, Step};
use crate::value::Value;

impl Engine {
    /// Matches both sides of the day and keeps the result as a new version.
    pub(super) async fn reconcile(
        &self,
        job: &Job,
        plan: &ReconcilePlan,
        request: &RunRequest,
        report: &mut RunReport,
    ) -> Result<(), EngineError> {
        let calendar = self.calendar(&plan.calendar)?;
        let day = request.business_date;
        let mut tx = self.db.begin().await?;
        let named = (job.name.as_str(), day);
        let recorded = reconcile::run(&mut tx, plan, named, self.context(&calendar)).await?;
        step::reached(Step::ReconcileRecorded);
        tx.commit().await?;
        step::reached(Step::ReconcileCommitted);
        let outcome = &recorded.outcome;
        report.has_breaks = !outcome.agrees || !outcome.breaks.is_empty();
        report.notes.push(match outcome.difference {
            None => format!("{day}: no statement of the other side yet"),
            Some(difference) => format!(
                "{day} version {}: difference {} rows, {} yuan; {} breaks",
                recorded.version,
                difference.count,
                difference.amount,
                outcome.breaks.len()
            ),
        });
        Ok(())
    }

    /// Matches both sides' rows of the day and keeps the result as a new version.
    pub(super) async fn match_rows(
        &self,
        job: &Job,
        plan: &MatchPlan,
        request: &RunRequest,
        report: &mut RunReport,
    ) -> Result<(), EngineError> {
        let calendar = self.calendar(&plan.calendar)?;
        let day = request.business_date;
        let mut tx = self.db.begin().await?;
        let named = (job.name.as_str(), day);
        let recorded = reconcile::match_day(&mut tx, plan, named, self.context(&calendar)).await?;
        step::reached(Step::MatchRecorded);
        tx.commit().await?;
        step::reached(Step::MatchCommitted);
        let outcome = &recorded.outcome;
        let language = self.language();
        report.has_breaks = outcome.breaks() > 0;
        report.notes.push(match language {
            Language::Chinese => format!("{day} 逐笔对账第 {} 版", recorded.version),
            Language::English => format!("{day} matched by rows, version {}", recorded.version),
        });
        report.notes.extend(outcome.sentences(plan, language));
        report.matched = Some(json!({
            "recon_no": recorded.recon.0,
            "version": recorded.version,
            "figures": outcome.summary(plan),
        }));
        Ok(())
    }

    fn language(&self) -> Language {
        match self.configuration.settings.language {
            settings::Language::Chinese => Language::Chinese,
            settings::Language::English => Language::English,
        }
    }

    /// Writes the report of a day as a new version.
    pub(super) async fn report(
        &self,
        job: &Job,
        report_job: &ReportJob,
        request: &RunRequest,
        report: &mut RunReport,
    ) -> Result<(), EngineError> {
        let plan = self.reconcile_plan(&report_job.reconcile)?;
        let calendar = self.calendar(&plan.calendar)?;
        let title = Title {
            zh: job.title.clone(),
            en: job.title_en.clone(),
        };
        let rules = report_job
            .rules
            .as_ref()
            .map(|name| self.rules(name))
            .unwrap_or_default();
        let written = report::write(
            &self.db,
            report::Request {
                name: &job.name,
                title: &title,
                plan: &report_job.plan,
                reconcile: (report_job.reconcile.as_str(), plan),
                business_date: request.business_date,
                context: self.context(&calendar),
                rules: &rules,
                language: self.language(),
                reports: &self.configuration.settings.paths.reports,
            },
        )
        .await?;
        report.has_breaks = !written.agrees;
        report.notes.push(format!(
            "version {}: {}",
            written.version,
            written.main.display()
        ));
        Ok(())
    }

    /// Reconciles inside the load of the statement that it is about; the result decides between
    /// two answers.
    pub(super) async fn reconcile_within(
        &self,
        tx: &mut Transaction,
        read: &ReadPlan,
        findings: &Findings<'_>,
    ) -> Result<Outcome, EngineError> {
        let Some(name) = &read.reconcile else {
            return Ok(Outcome::Loaded);
        };
        let Some(day) = day_of(findings) else {
            return Ok(Outcome::Loaded);
        };
        let plan = self.reconcile_plan(name)?;
        let calendar = self.calendar(&plan.calendar)?;
        let named = (name.as_str(), day);
        let recorded = reconcile::run(tx, plan, named, self.context(&calendar)).await?;
        Ok(if recorded.outcome.agrees {
            Outcome::Loaded
        } else {
            Outcome::Unreconciled
        })
    }

    fn context<'c>(&'c self, calendar: &'c Calendar) -> Context<'c> {
        Context {
            now: self.clock.now(),
            calendar,
            given: &self.given,
        }
    }

    fn reconcile_plan(&self, name: &JobName) -> Result<&ReconcilePlan, EngineError> {
        match &self.job(name)?.kind {
            JobKind::Reconcile(plan) => Ok(plan),
            _ => Err(EngineError::NoReconciliation {
                name: name.to_string(),
            }),
        }
    }

    pub(super) fn calendar(&self, name: &str) -> Result<Calendar, EngineError> {
        if name == "every_day" {
            return Ok(Calendar::every_day());
        }
        self.configuration
            .calendars
            .get(name)
            .cloned()
            .ok_or_else(|| EngineError::UnknownCalendar {
                name: name.to_owned(),
            })
    }

    /// The decide rules of a job, for the titles of the codes they give.
    fn rules(&self, name: &JobName) -> Vec<Rule> {
        let Some(JobKind::Pull(plan)) = self.configuration.jobs.get(name).map(|job| &job.kind)
        else {
            return Vec::new();
        };
        let rules = plan.decide.iter().flat_map(|decide| &decide.rules);
        rules
            .map(|rule| Rule {
                code: rule.reason,
                title: rule.title.clone(),
                not_checked: match &rule.ask {
                    Ask::NotChecked(why) => Some(why.clone()),
                    Ask::Condition(_) => None,
                },
            })
            .collect()
    }
}

/// The day that a statement is about: the first date of its identifying record.
fn day_of(findings: &Findings<'_>) -> Option<NaiveDate> {
    let values = &findings.staged.as_ref()?.summary.file_values;
    values.values().find_map(|value| match value {
        Value::Date(date) => Some(*date),
        _ => None,
    })
}
