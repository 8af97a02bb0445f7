//! Archives whose entries are files of their own: opened into the books, then each entry handled as
//! any other landed file, out of the archive's landed bytes.
//!
//! The one invariant: the archive is `opened` and all of its entries are `landed` in one transaction,
//! before any of them is looked into; from then on each has its own decision, and the partner's file
//! is finished only when every entry has one. A crash in between loses and doubles nothing: what is
//! still `landed` is handled again.

use chrono::NaiveDate;
use serde_json::json;

use super::content;
use super::judge::{Fault, Findings, Work};
use super::pull::stops_the_run;
use super::threads::blocking;
use super::{Engine, EngineError, FileReport, Progress, RunReport, Skipped};
use crate::db::Transaction;
use crate::envelope::{ENVELOPE_ENTRIES, ENVELOPE_HOSTILE, EnvelopeError};
use crate::id::{FileNo, RunNo};
use crate::job::{Job, Outcome, PullJob};
use crate::ledger::{self, Claim, FileRow, Level, NewEvent};
use crate::transport::{Pattern, RemoteName};

/// Names in a sentence.
const NAMES_SHOWN: usize = 10;

/// What an archive holds.
pub(super) struct Holds {
    /// Files of their own.
    pub(super) wanted: Vec<String>,
    /// What the job does not ask for.
    pub(super) others: Vec<String>,
}

/// What the entries of an archive are handled with.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) job: &'a Job,
    pub(super) plan: &'a PullJob,
    pub(super) archive: FileNo,
    pub(super) business_date: NaiveDate,
    pub(super) run: RunNo,
    pub(super) claim: &'a Claim,
}

impl Engine {
    /// Brings an archive to its decision: opened with its entries landed, or held.
    pub(super) async fn unpack(&self, work: &Work<'_>) -> Result<FileReport, EngineError> {
        let (holds, fault) = match self.broken(work).await? {
            Some(broken) => (None, Some(broken)),
            None => match self.entries(work).await? {
                Ok(holds) => (Some(holds), None),
                Err(fault) => (None, Some(fault)),
            },
        };
        let findings = Findings {
            route: content::route_of_name(work.plan, work.captures),
            read: None,
            staged: None,
            raw: Vec::new(),
            fault,
        };
        let mut tx = self.begin(work, &findings).await?;
        let Some(holds) = holds else {
            return self.hold_for_fault(tx, work, &findings).await;
        };
        ledger::open_archive(&mut tx, work.file, &holds.wanted, self.clock.now()).await?;
        let note = holds.note();
        if let Some(note) = &note {
            self.raise_note(&mut tx, work, note).await?;
        }
        tx.commit().await?;
        Ok(opened(work, note))
    }

    /// The entries of an archive, or why it is held.
    pub(super) async fn entries(
        &self,
        work: &Work<'_>,
    ) -> Result<Result<Holds, Fault>, EngineError> {
        let Some((plan, wanted)) = work.plan.archive() else {
            return Err(EngineError::WorkerLost {
                doing: "opening a file that is no archive",
            });
        };
        let landed = self.landed_file(work)?;
        let (plan, wanted) = (plan.clone(), wanted.clone());
        blocking("reading an archive's directory", move || {
            match plan.entries(landed) {
                Ok(names) => Ok(sorted_out(names, &wanted)),
                Err(error) => match EnvelopeError::from_io(&error) {
                    Some(refused) => Ok(Err(held(
                        refused.code().unwrap_or(&ENVELOPE_HOSTILE),
                        refused.to_string(),
                    ))),
                    None => Err(EngineError::Io {
                        doing: "reading an archive",
                        source: error,
                    }),
                },
            }
        })
        .await
    }

    /// Handles what is still `landed` of an archive's entries, one after another; one entry's
    /// failure stops no other. Says whether every entry has its decision now.
    pub(super) async fn handle_entries(
        &self,
        around: &Around<'_>,
        report: &mut RunReport,
        progress: &dyn Progress,
    ) -> Result<bool, EngineError> {
        let entries = ledger::landed_entries(&self.db, around.archive).await?;
        let mut is_done = true;
        for row in &entries {
            match self.handle_entry(around, row, report, progress).await {
                Ok(()) => {}
                Err(error) if stops_the_run(&error) => return Err(error),
                Err(error) => {
                    is_done = false;
                    report.skipped.push(Skipped {
                        name: row.name.clone(),
                        code: error.code().id.to_owned(),
                        reason: error.to_string(),
                        is_refused: true,
                    });
                }
            }
        }
        Ok(is_done)
    }

    async fn handle_entry(
        &self,
        around: &Around<'_>,
        row: &FileRow,
        report: &mut RunReport,
        progress: &dyn Progress,
    ) -> Result<(), EngineError> {
        let Around { job, plan, .. } = *around;
        let captures = plan
            .captures(row.source_name(), row.entry.as_deref())
            .unwrap_or_default();
        let work = Work {
            run: Some(around.run),
            claim: Some(around.claim),
            business_date: around.business_date,
            ..self.work_of(job, plan, row, &captures)
        };
        let done = self.handle(&work, progress).await?;
        report.files.push(done);
        self.complete(job, plan, row.file_no, report).await
    }

    async fn raise_note(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        note: &str,
    ) -> Result<(), EngineError> {
        let sentence = format!("file {} `{}`: {note}", work.file, work.name.escape_debug());
        let event = NewEvent {
            level: Level::Info,
            name: "file_noted",
            partner: Some(work.job.partner.as_str()),
            file: Some(work.file),
            sentence: &sentence,
            fields: json!({ "name": work.name, "note": note }),
        };
        ledger::raise(tx, &event, self.clock.now()).await?;
        Ok(())
    }
}

impl Holds {
    /// What is said of entries that the job does not ask for.
    pub(super) fn note(&self) -> Option<String> {
        let (others, all) = (self.others.len(), self.others.len() + self.wanted.len());
        (others > 0).then(|| {
            format!(
                "{others} of {all} entries are not asked for and are not read: {}",
                shown(&self.others)
            )
        })
    }
}

fn opened(work: &Work<'_>, note: Option<String>) -> FileReport {
    FileReport {
        notes: note.into_iter().collect(),
        ..FileReport::opened(work.name, work.file)
    }
}

/// Names that are clean at a partner are clean here; any other refuses the archive, because what it
/// would be taken for nobody knows.
fn sorted_out(names: Vec<String>, pattern: &Pattern) -> Result<Holds, Fault> {
    let mut holds = Holds {
        wanted: Vec::new(),
        others: Vec::new(),
    };
    for name in names {
        let clean = RemoteName::clean(&name).map_err(|refused| {
            let text = format!("the zip envelope cannot be opened: {refused}");
            held(&ENVELOPE_HOSTILE, text)
        })?;
        match pattern.captures(&clean) {
            Some(_) => holds.wanted.push(name),
            None => holds.others.push(name),
        }
    }
    if !holds.wanted.is_empty() {
        return Ok(holds);
    }
    let there = match holds.others.is_empty() {
        true => "it is empty".to_owned(),
        false => format!("it has {}", shown(&holds.others)),
    };
    let text = format!(
        "the zip envelope cannot be opened: no entry fits `{pattern}`, expected one or more; {there}"
    );
    Err(held(&ENVELOPE_ENTRIES, text))
}

fn held(code: &'static crate::diag::Code, reason: String) -> Fault {
    Fault {
        outcome: Outcome::Malformed,
        code,
        reason,
    }
}

fn shown(names: &[String]) -> String {
    let mut shown: Vec<String> = names
        .iter()
        .take(NAMES_SHOWN)
        .map(|name| format!("`{}`", name.escape_debug()))
        .collect();
    if names.len() > NAMES_SHOWN {
        shown.push(format!("and {} more", names.len() - NAMES_SHOWN));
    }
    shown.join(", ")
}
