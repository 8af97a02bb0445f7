//! `[reconcile]`, `[match]` and `[report]` jobs, and the reconciliation that is part of a load.

use chrono::NaiveDate;
use serde_json::json;

use super::judge::Findings;
use super::{Engine, EngineError, RunReport, RunRequest};
use crate::calendar::Calendar;
use crate::db::Transaction;
use crate::id::JobName;
use crate::job::{Ask, Job, JobKind, Outcome, ReadPlan, ReportJob};
use crate::ledger::{self, NewEvent};
use crate::reconcile::{self, BREAKS_FOUND, Context, MatchPlan, ReconcilePlan, Recorded};
use crate::report::{self, Language, Rule, Subject, Title};
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
        let found = self.raise_found(&mut tx, job, &recorded).await?;
        step::reached(Step::ReconcileRecorded);
        tx.commit().await?;
        step::reached(Step::ReconcileCommitted);
        let outcome = &recorded.outcome;
        report.has_breaks = !outcome.agrees || !outcome.breaks.is_empty();
        let version = recorded.version;
        report.notes.push(match outcome.difference {
            None if plan.is_inspection() => format!(
                "{day} version {version}: {} breaks found by {} checks, {} checks not made",
                outcome.breaks.len(),
                plan.checks.len() - outcome.not_checked.len(),
                outcome.not_checked.len()
            ),
            None => format!("{day}: no statement of the other side yet"),
            Some(difference) => format!(
                "{day} version {version}: difference {} rows, {} yuan; {} breaks",
                difference.count,
                difference.amount,
                outcome.breaks.len()
            ),
        });
        report.notes.extend(found);
        Ok(())
    }

    /// Raises an event for each check that found what was not there before, in the transaction that
    /// keeps it; gives its sentences.
    async fn raise_found(
        &self,
        tx: &mut Transaction,
        job: &Job,
        recorded: &Recorded,
    ) -> Result<Vec<String>, EngineError> {
        let now = self.clock.now();
        let mut sentences = Vec::new();
        for found in &recorded.found {
            let title = match self.language() {
                Language::Chinese => format!("{}：新发现 {} 项", found.title.zh, found.items),
                Language::English => format!("{}: {} new", found.title.en, found.items),
            };
            let day = recorded.outcome.business_date;
            let sentence = format!("{} {day} {title}", job.name);
            let event = NewEvent {
                level: found.level,
                name: BREAKS_FOUND.id,
                partner: Some(job.partner.as_str()),
                file: None,
                sentence: &sentence,
                fields: json!({
                    "recon_no": recorded.recon.0,
                    "reason": found.reason.as_str(),
                    "items": found.items,
                    "objects": found.objects,
                }),
            };
            ledger::raise(tx, &event, now).await?;
            sentences.push(sentence);
        }
        Ok(sentences)
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
        let context = self.context(&calendar);
        // On the heap, as the report's below: every caller's future would hold the whole of it.
        let matching = Box::pin(reconcile::match_day(&mut tx, plan, named, context));
        let recorded = matching.await?;
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
        let (subject, calendar) = self.subject(&report_job.reconcile)?;
        let calendar = self.calendar(calendar)?;
        let title = Title {
            zh: job.title.clone(),
            en: job.title_en.clone(),
        };
        let rules = report_job
            .rules
            .as_ref()
            .map(|name| self.rules(name))
            .unwrap_or_default();
        let written = Box::pin(report::write(
            &self.db,
            report::Request {
                name: &job.name,
                title: &title,
                plan: &report_job.plan,
                reconcile: (report_job.reconcile.as_str(), subject),
                business_date: request.business_date,
                context: self.context(&calendar),
                rules: &rules,
                language: self.language(),
                reports: &self.configuration.settings.paths.reports,
            },
        ))
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
        let (job, plan) = self.reconcile_plan(name)?;
        let calendar = self.calendar(&plan.calendar)?;
        let named = (name.as_str(), day);
        let recorded = reconcile::run(tx, plan, named, self.context(&calendar)).await?;
        self.raise_found(tx, job, &recorded).await?;
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

    /// What a report shows, and the calendar it goes by.
    fn subject(&self, name: &JobName) -> Result<(Subject<'_>, &str), EngineError> {
        match &self.job(name)?.kind {
            JobKind::Reconcile(plan) => Ok((Subject::Totals(plan), &plan.calendar)),
            JobKind::Match(plan) => Ok((Subject::Rows(plan), &plan.calendar)),
            _ => Err(EngineError::NoReconciliation {
                name: name.to_string(),
            }),
        }
    }

    fn reconcile_plan(&self, name: &JobName) -> Result<(&Job, &ReconcilePlan), EngineError> {
        let job = self.job(name)?;
        match &job.kind {
            JobKind::Reconcile(plan) => Ok((job, plan)),
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
