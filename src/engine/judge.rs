//! What becomes of one landed file: route, stage, judge, load or hold, and answer.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use chrono::{DateTime, NaiveDate, Utc};

use super::codes::{
    COMPANION_MISMATCH, CONTROL_MISMATCH, MALFORMED, NO_IDENTITY, TOO_MANY_REJECTS, UNROUTABLE,
};
use super::content::{self, Route};
use super::staging::{self, Staged, Staging};
use super::threads::{Begun, begin};
use super::{Engine, EngineError, FileReport, Progress};
use crate::diag::Code;
use crate::format::FormatError;
use crate::id::{FileDigest, FileNo, RunNo};
use crate::job::{Job, Outcome, PullJob, ReadPlan};
use crate::ledger::{self, Claim, Counts, Description, FileState, identity_text};
use crate::mapping::{Context, IdentityPlan, Mapping};
use crate::step::{self, Step};

/// Controls that disagree in the reason of a held file.
const CONTROLS_SHOWN: usize = 20;

/// One landed file to be handled.
pub(super) struct Work<'w> {
    pub(super) job: &'w Job,
    pub(super) plan: &'w PullJob,
    pub(super) file: FileNo,
    pub(super) name: &'w str,
    pub(super) captures: &'w BTreeMap<String, String>,
    pub(super) digest: FileDigest,
    pub(super) bytes: u64,
    pub(super) business_date: NaiveDate,
    /// When it landed: the keys of that day open it.
    pub(super) landed_at: DateTime<Utc>,
    pub(super) run: Option<RunNo>,
    /// The claim to check inside the load; none for work that an operator asked for.
    pub(super) claim: Option<&'w Claim>,
    /// Where the bytes are when they are not in the archive: in a dry run.
    pub(super) copy: Option<&'w Path>,
    /// What its companion files say of it.
    pub(super) promise: Option<&'w str>,
    /// Which entry of the landed archive it is.
    pub(super) entry: Option<&'w str>,
}

impl Work<'_> {
    /// Whether it is an archive whose entries are files of their own.
    pub(super) fn is_archive(&self) -> bool {
        self.entry.is_none() && self.plan.archive().is_some()
    }

    /// The name that a mapping sees: without the archive around it.
    pub(super) fn own_name(&self) -> &str {
        self.entry.unwrap_or(self.name)
    }
}

/// Why a file is not loaded, before the store was asked.
pub(super) struct Fault {
    pub(super) outcome: Outcome,
    pub(super) code: &'static Code,
    pub(super) reason: String,
}

/// A file that is being staged on another thread.
pub(super) struct Examining {
    route: BTreeMap<String, String>,
    broken: Option<Fault>,
    /// Which of the job's reads stages it, or why none does.
    staging: Result<(usize, Begun<Staged>), Fault>,
}

/// Everything known of a file when its decision is written.
pub(super) struct Findings<'w> {
    pub(super) route: BTreeMap<String, String>,
    pub(super) read: Option<&'w ReadPlan>,
    pub(super) staged: Option<Staged>,
    /// The raw bytes of `staged.rejects`.
    pub(super) raw: Vec<Vec<u8>>,
    pub(super) fault: Option<Fault>,
}

impl Findings<'_> {
    /// How many records there are, and what became of them before the load.
    pub(super) fn counts(&self) -> Counts {
        let Some(staged) = &self.staged else {
            return Counts::default();
        };
        let stored = staged
            .rows
            .iter()
            .flatten()
            .map(super::sorter::Sorted::count)
            .sum::<u64>();
        Counts {
            promised: None,
            decoded: (stored + staged.reject_count).cast_signed(),
            loaded: 0,
            rejected: staged.reject_count.cast_signed(),
            duplicates: 0,
            flagged: staged.flagged.cast_signed(),
        }
    }
}

impl Engine {
    /// Handles a landed file up to its committed decision, which includes the answer's row.
    pub(super) async fn handle(
        &self,
        work: &Work<'_>,
        progress: &dyn Progress,
    ) -> Result<FileReport, EngineError> {
        if work.is_archive() {
            return self.unpack(work).await;
        }
        let begun = self.begin_examining(work, progress).await?;
        self.judge(work, begun, progress).await
    }

    /// The rest of [`Engine::handle`] for a file whose examination has begun.
    pub(super) async fn judge(
        &self,
        work: &Work<'_>,
        begun: Examining,
        progress: &dyn Progress,
    ) -> Result<FileReport, EngineError> {
        let mut findings = self.end_examining(work, begun).await?;
        step::reached(Step::FileStaged);
        match self.decide(work, &mut findings, progress).await {
            Err(error) if error.is_commit_unknown() => {
                // The reply to COMMIT was lost: the books say whether it took place.
                let row = ledger::show_file(&self.db, work.file).await?;
                if row.state == FileState::Landed {
                    let mut findings = self.examine(work, progress).await?;
                    return self.decide(work, &mut findings, progress).await;
                }
                let outcome = match row.state {
                    FileState::Loaded => Outcome::Loaded,
                    FileState::Duplicate => Outcome::Duplicate,
                    _ => Outcome::Refused,
                };
                Ok(FileReport::new(work.name, Some(work.file), outcome))
            }
            other => other,
        }
    }

    /// Opens, routes and stages a file; nothing is written to the store.
    pub(super) async fn examine<'w>(
        &self,
        work: &Work<'w>,
        progress: &dyn Progress,
    ) -> Result<Findings<'w>, EngineError> {
        let begun = self.begin_examining(work, progress).await?;
        self.end_examining(work, begun).await
    }

    /// Opens and routes a file and has it staged on a thread that may block, while the caller goes
    /// on with another file.
    pub(super) async fn begin_examining(
        &self,
        work: &Work<'_>,
        progress: &dyn Progress,
    ) -> Result<Examining, EngineError> {
        let broken = self.broken(work).await?;
        let content = self.content(work)?;
        let Route { values, damage } = content::route(work.plan, work.captures, content);
        let mut reads = work.plan.reads.iter().enumerate();
        let staging = match reads.find(|(_, read)| read.fits(&values)) {
            Some((at, read)) => Ok((at, self.stage(work, read, &values, progress)?)),
            None => Err(unroutable(work.job, &values, damage)),
        };
        Ok(Examining {
            route: values,
            broken,
            staging,
        })
    }

    /// Waits for what [`Engine::begin_examining`] began, and judges it.
    pub(super) async fn end_examining<'w>(
        &self,
        work: &Work<'w>,
        begun: Examining,
    ) -> Result<Findings<'w>, EngineError> {
        let Examining {
            route,
            broken,
            staging,
        } = begun;
        let (at, staging) = match staging {
            Ok(staging) => staging,
            Err(unroutable) => {
                return Ok(Findings {
                    route,
                    read: None,
                    staged: None,
                    raw: Vec::new(),
                    fault: Some(broken.unwrap_or(unroutable)),
                });
            }
        };
        let mut staged = staging.end().await?;
        let Some(read) = work.plan.reads.get(at) else {
            return Err(EngineError::WorkerLost {
                doing: "staging a file by a read of another job",
            });
        };
        let raw = match staged.rejects.is_empty() {
            true => Vec::new(),
            false => {
                // A malformed file's rejects before the damage are still readable.
                self.raw_of(work, read, &staged.rejects)?
                    .unwrap_or_else(|_damage| vec![Vec::new(); staged.rejects.len()])
            }
        };
        if broken.is_some() {
            // Bytes that are not what was sent say nothing about which file they are.
            staged.summary.identity = None;
        }
        // What cannot be read here could not be staged either, and its damage is known.
        let declared = read.mapping.format.declared_encoding();
        let wrong_encoding = content::wrong_encoding(declared, self.content(work)?)
            .ok()
            .flatten()
            .map(|reason| Fault {
                outcome: Outcome::Malformed,
                code: &MALFORMED,
                reason,
            });
        let fault = broken.or(wrong_encoding).or_else(|| fault(read, &staged));
        Ok(Findings {
            route,
            read: Some(read),
            staged: Some(staged),
            raw,
            fault,
        })
    }

    /// Why the bytes are not what the file's companions say.
    pub(super) async fn broken(&self, work: &Work<'_>) -> Result<Option<Fault>, EngineError> {
        Ok(self.broken_promise(work).await?.map(|reason| Fault {
            outcome: Outcome::Control,
            code: &COMPANION_MISMATCH,
            reason,
        }))
    }

    pub(super) fn content(
        &self,
        work: &Work<'_>,
    ) -> Result<Box<dyn std::io::Read + Send>, EngineError> {
        let keys = self.keys_at(work.landed_at);
        Ok(work.plan.open(self.landed_file(work)?, work.entry, &keys))
    }

    /// The bytes as they landed.
    pub(super) fn landed_file(&self, work: &Work<'_>) -> Result<File, EngineError> {
        match work.copy {
            None => Ok(self.archive.read(work.digest)?),
            Some(path) => File::open(path).map_err(|source| EngineError::Io {
                doing: "opening a copy",
                source,
            }),
        }
    }

    /// Starts staging on a thread of its own.
    fn stage(
        &self,
        work: &Work<'_>,
        read: &ReadPlan,
        route: &BTreeMap<String, String>,
        progress: &dyn Progress,
    ) -> Result<Begun<Staged>, EngineError> {
        let settings = &self.configuration.settings;
        let staging = Staging {
            directory: settings.paths.staging.clone(),
            limits: settings.limits.clone(),
            rejects_kept: usize::try_from(read.rejects_max)
                .unwrap_or(usize::MAX)
                .min(1_000_000),
            known_digest: work
                .plan
                .envelopes
                .is_empty()
                .then_some((work.digest, work.bytes)),
        };
        let mut values = work.captures.clone();
        values.extend(route.clone());
        values.extend(read.set.clone());
        values.insert("file_name".to_owned(), work.own_name().to_owned());
        let counter = Arc::new(AtomicU64::new(0));
        progress.file(work.name, Arc::clone(&counter));
        let content = self.content(work)?;
        let (mapping, clock): (Arc<Mapping>, _) = (Arc::clone(&read.mapping), self.clock.clone());
        Ok(begin("staging a file", move || {
            let context = Context {
                clock: &clock,
                values,
            };
            Ok(staging::stage(
                &staging, &mapping, context, content, &counter,
            )?)
        }))
    }

    /// Writes what the books say a file claims to be.
    pub(super) fn description(&self, work: &Work<'_>, findings: &Findings<'_>) -> Description {
        let staged = findings.staged.as_ref();
        // A file that could not be read to its end says nothing that can be relied on.
        let whole = staged.filter(|staged| staged.malformed.is_none());
        Description {
            interface: findings.read.map(|read| read.mapping.name.to_string()),
            identity: whole
                .zip(findings.read)
                .and_then(|(staged, read)| identity(read, staged)),
            content_digest: whole.map(|staged| staged.content_digest),
            content_bytes: whole.map(|staged| staged.content_bytes.cast_signed()),
            envelope: content::envelope_names(&work.plan.envelopes),
            mapping: findings.read.map(|read| read.mapping.name.to_string()),
            read_label: findings.read.map(|read| read.name.clone()),
            run: work.run,
            business_date: Some(business_date(work, findings)),
        }
    }
}

/// Why no read fits: the file is damaged where the route looks, or it is one of another kind.
fn unroutable(
    job: &Job,
    route: &BTreeMap<String, String>,
    damage: Option<(&'static Code, String)>,
) -> Fault {
    if let Some((code, reason)) = damage {
        return Fault {
            outcome: Outcome::Malformed,
            code,
            reason,
        };
    }
    let found: Vec<String> = route
        .iter()
        .map(|(name, value)| format!("{name} = `{value}`"))
        .collect();
    let found = if found.is_empty() {
        "nothing".to_owned()
    } else {
        found.join(", ")
    };
    Fault {
        outcome: Outcome::Header,
        code: &UNROUTABLE,
        reason: format!("no read of `{}` fits; the route found {found}", job.name),
    }
}

/// The business day of a file: what its name gives as `{business_date}`, else the clearing day or
/// date of the record that identifies it, else the run's. A date of one of many rows is none.
fn business_date(work: &Work<'_>, findings: &Findings<'_>) -> NaiveDate {
    let captured = work.captures.get("business_date").map(String::as_str);
    if let Some(day) = captured.and_then(day_of_name) {
        return day;
    }
    let values = findings
        .staged
        .as_ref()
        .map(|staged| &staged.summary.file_values);
    let is_of_one = |read: &ReadPlan| matches!(read.mapping.identity, IdentityPlan::Record { .. });
    let of_file = values.filter(|_| findings.read.is_some_and(is_of_one));
    let named = of_file.and_then(|values| {
        values.values().find_map(|value| match value {
            crate::value::Value::Date(date) => Some(*date),
            _ => None,
        })
    });
    named.unwrap_or(work.business_date)
}

/// A day as names of files write it, `20260309` or `2026-03-09`.
fn day_of_name(text: &str) -> Option<NaiveDate> {
    let form = match text.len() {
        8 => "%Y%m%d",
        _ => "%Y-%m-%d",
    };
    NaiveDate::parse_from_str(text, form).ok()
}

/// The identity as the books keep it; `None` when the file does not have exactly one.
fn identity(read: &ReadPlan, staged: &Staged) -> Option<String> {
    let values = staged.summary.identity.as_ref()?;
    let names: Vec<&str> = match &read.mapping.identity {
        IdentityPlan::Context(names) => names.iter().map(String::as_str).collect(),
        IdentityPlan::Record { record, fields } => {
            let plan = read.mapping.records.get(*record)?;
            fields
                .iter()
                .filter_map(|field| Some(plan.fields.get(*field)?.name.as_str()))
                .collect()
        }
    };
    Some(identity_text(
        names.into_iter().zip(values.iter().map(String::as_str)),
    ))
}

/// Why a staged file cannot be loaded, gravest first.
fn fault(read: &ReadPlan, staged: &Staged) -> Option<Fault> {
    if let Some(error) = &staged.malformed {
        return Some(Fault {
            outcome: Outcome::Malformed,
            code: match error {
                FormatError::Workbook { code, .. } => code,
                FormatError::Read(error) => content::unread_code(error),
                _ => &MALFORMED,
            },
            reason: error.to_string(),
        });
    }
    let stored = staged
        .rows
        .iter()
        .flatten()
        .map(super::sorter::Sorted::count)
        .sum::<u64>();
    let all = stored + staged.reject_count;
    let ratio = if all == 0 {
        0.0
    } else {
        staged.reject_count as f64 / all as f64
    };
    let has_identity = staged.summary.identity.is_some();
    if staged.reject_count > 0
        && (!has_identity || staged.reject_count > read.rejects_max || ratio > read.ratio_max)
    {
        return Some(Fault {
            outcome: staged
                .causes
                .first()
                .map_or(Outcome::Content, |cause| (*cause).into()),
            code: &TOO_MANY_REJECTS,
            reason: rejects_reason(read, staged, all),
        });
    }
    if !has_identity {
        return Some(Fault {
            outcome: Outcome::Header,
            code: &NO_IDENTITY,
            reason: "the identifying record is not there exactly once".to_owned(),
        });
    }
    control_fault(staged)
}

fn rejects_reason(read: &ReadPlan, staged: &Staged, all: u64) -> String {
    let first = staged.rejects.first().map_or_else(String::new, |reject| {
        let field = reject
            .field
            .as_deref()
            .map(|field| format!(" `{field}`"))
            .unwrap_or_default();
        format!(
            "; the first is record {}{field}: {}",
            reject.place.record, reject.detail
        )
    });
    format!(
        "{} of {all} records are refused, {} are tolerated{first}",
        staged.reject_count, read.rejects_max
    )
}

fn control_fault(staged: &Staged) -> Option<Fault> {
    let disagree = || {
        let controls = staged.summary.controls.iter();
        controls.filter(|control| !control.agrees())
    };
    let all: u64 = disagree().map(|control| 1 + control.others).sum();
    let mut wrong: Vec<String> = disagree()
        .take(CONTROLS_SHOWN)
        .map(|control| {
            let (declared, computed) = control.shown();
            let computed = match control.computed {
                Some(_) => computed,
                None => "nothing that can be added up".to_owned(),
            };
            let record = control
                .record
                .map(|no| format!(" (record {no})"))
                .unwrap_or_default();
            format!(
                "{}{record}: promised {declared}, decoded {computed}",
                control.name
            )
        })
        .collect();
    let others = all - wrong.len() as u64;
    if others > 0 {
        wrong.push(format!("and {others} more"));
    }
    (!wrong.is_empty()).then(|| Fault {
        outcome: Outcome::Control,
        code: &CONTROL_MISMATCH,
        reason: wrong.join("; "),
    })
}
