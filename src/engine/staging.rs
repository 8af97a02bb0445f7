//! Staging: opened content → rows sorted by key, rejects, controls. No store, no lock, no decision.
//!
//! Runs on a blocking thread. Whatever the file holds, memory stays within the sorters' budget
//! plus one record; everything else lies in unnamed spool files.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::read_ahead::{Read as Found, ReadAhead};
use super::sorter::{Sorted, Sorter};
use crate::digest::Sha256;
use crate::format::{FormatError, Limits, Reader};
use crate::id::FileDigest;
use crate::mapping::{Cause, Context, Mapped, Mapper, Mapping, Summary};
use crate::record::{Reject, WireRecord};

/// A held file keeps its first rejects only; its bytes are in the archive anyway.
pub(super) const REJECTS_KEPT: usize = 1_000;

/// Memory for sorting one file's rows, over all its datasets.
const SORT_BUDGET: usize = 64 << 20;

/// How staging is done.
#[derive(Debug, Clone)]
pub(super) struct Staging {
    /// Where spools lie.
    pub(super) directory: PathBuf,
    /// What a file may ask for.
    pub(super) limits: Limits,
    /// How many rejects the file may keep: its tolerance, or [`REJECTS_KEPT`] if that is more.
    pub(super) rejects_kept: usize,
    /// The digest and length of the content when it is the landed bytes themselves.
    pub(super) known_digest: Option<(FileDigest, u64)>,
}

/// Everything known of a file before any decision.
pub(super) struct Staged {
    /// Sorted rows by kind of record; `None` for a kind that fills no dataset.
    pub(super) rows: Vec<Option<Sorted>>,
    /// The first rejects.
    pub(super) rejects: Vec<Reject>,
    /// All rejects.
    pub(super) reject_count: u64,
    /// Rows loaded flagged.
    pub(super) flagged: u64,
    /// What refused records say about the file.
    pub(super) causes: BTreeSet<Cause>,
    /// Identity, controls, sequence, counts.
    pub(super) summary: Summary,
    /// Over the opened content.
    pub(super) content_digest: FileDigest,
    /// Of the opened content.
    pub(super) content_bytes: u64,
    /// Why reading stopped early: the file is malformed or over a limit.
    pub(super) malformed: Option<FormatError>,
    /// What was found beside the records, such as hidden rows.
    pub(super) notes: Vec<String>,
}

/// Why staging could not even try: the hub's own disk failed.
#[derive(Debug, thiserror::Error)]
#[error("the staging directory `{directory}` cannot be used: {source}")]
pub struct StagingError {
    directory: PathBuf,
    source: io::Error,
}

/// Stages a file; `progress` counts the records read so far.
pub(super) fn stage(
    staging: &Staging,
    mapping: &Mapping,
    context: Context<'_>,
    content: Box<dyn Read + Send>,
    progress: &AtomicU64,
) -> Result<Staged, StagingError> {
    let stored = mapping
        .records
        .iter()
        .filter(|record| record.dataset.is_some())
        .count();
    let budget = SORT_BUDGET / stored.max(1);
    let mut work = Work {
        sorters: mapping
            .records
            .iter()
            .map(|record| {
                record
                    .dataset
                    .as_ref()
                    .map(|_| Sorter::new(&staging.directory, budget))
            })
            .collect(),
        rejects: Vec::new(),
        reject_count: 0,
        flagged: 0,
        causes: BTreeSet::new(),
        rejects_kept: staging.rejects_kept.max(REJECTS_KEPT),
        notes: Vec::new(),
    };
    let tally = Tally::new(staging.known_digest);
    let content = tally.watch(content);
    let mut mapper = Mapper::new(mapping, context);
    let outcome = work.read_all(mapping, staging, &mut mapper, content, progress);
    let failed = |source| StagingError {
        directory: staging.directory.clone(),
        source,
    };
    let malformed = match outcome {
        Ok(()) => None,
        Err(Stop::Malformed(error)) => Some(error),
        Err(Stop::Disk(source)) => return Err(failed(source)),
    };
    let rows = work
        .sorters
        .into_iter()
        .map(|sorter| sorter.map(Sorter::finish).transpose())
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    let (content_digest, content_bytes) = tally.finish();
    let summary = mapper.finish();
    let doubts = summary.doubts.iter().map(ToString::to_string);
    let notes = work.notes.into_iter().chain(doubts).collect();
    Ok(Staged {
        rows,
        rejects: work.rejects,
        reject_count: work.reject_count,
        flagged: work.flagged,
        causes: work.causes,
        summary,
        content_digest,
        content_bytes,
        malformed,
        notes,
    })
}

/// Hashes the content while its reader, which owns it, reads; or knows the digest already.
struct Tally {
    known: Option<(FileDigest, u64)>,
    running: Arc<Mutex<Sha256>>,
}

impl Tally {
    fn new(known: Option<(FileDigest, u64)>) -> Self {
        Self {
            known,
            running: Arc::default(),
        }
    }

    fn watch(&self, content: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        if self.known.is_some() {
            return content;
        }
        Box::new(Watched {
            content,
            running: Arc::clone(&self.running),
        })
    }

    fn finish(self) -> (FileDigest, u64) {
        self.known.unwrap_or_else(|| {
            let running = self
                .running
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            let count = running.count();
            (running.finish(), count)
        })
    }
}

struct Watched {
    content: Box<dyn Read + Send>,
    running: Arc<Mutex<Sha256>>,
}

impl Read for Watched {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.content.read(out)?;
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.update(out.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// What staging gathers while it reads.
struct Work {
    sorters: Vec<Option<Sorter>>,
    rejects: Vec<Reject>,
    reject_count: u64,
    flagged: u64,
    causes: BTreeSet<Cause>,
    rejects_kept: usize,
    notes: Vec<String>,
}

enum Stop {
    Malformed(FormatError),
    Disk(io::Error),
}

impl Work {
    /// Reads ahead on a thread of its own, maps on this one.
    fn read_all(
        &mut self,
        mapping: &Mapping,
        staging: &Staging,
        mapper: &mut Mapper<'_>,
        content: Box<dyn Read + Send>,
        progress: &AtomicU64,
    ) -> Result<(), Stop> {
        let reader = Reader::open(&mapping.format, &mapping.layout, &staging.limits, content)
            .map_err(Stop::Malformed)?;
        thread::scope(|scope| {
            let mut ahead = ReadAhead::start(reader, scope).map_err(Stop::Disk)?;
            while let Some(read) = ahead.next() {
                match read.map_err(Stop::Malformed)? {
                    Found::Refused(reject, kind) => {
                        mapper.refused_by_reader(kind, reject.place.record);
                        self.refuse(reject, Cause::Content);
                    }
                    Found::Record(record) => self.take(mapper, record).map_err(Stop::Disk)?,
                }
                progress.fetch_add(1, Ordering::Relaxed);
            }
            self.notes = ahead.into_notes();
            Ok(())
        })
    }

    fn take(&mut self, mapper: &mut Mapper<'_>, record: &WireRecord) -> io::Result<()> {
        match mapper.map(record) {
            Mapped::NotStored => {}
            Mapped::Refused(reject, cause) => self.refuse(reject, cause),
            Mapped::Row {
                record: kind,
                key,
                row,
                is_flagged,
            } => {
                self.flagged += u64::from(is_flagged);
                if let Some(Some(sorter)) = self.sorters.get_mut(kind) {
                    sorter.push(key, row, record.place())?;
                }
            }
        }
        for found in mapper.take_found() {
            if let Some(Some(sorter)) = self.sorters.get_mut(found.record) {
                sorter.push(&found.key, &found.row, record.place())?;
            }
        }
        Ok(())
    }

    fn refuse(&mut self, reject: Reject, cause: Cause) {
        self.reject_count += 1;
        self.causes.insert(cause);
        if self.rejects.len() < self.rejects_kept {
            self.rejects.push(reject);
        }
    }
}
