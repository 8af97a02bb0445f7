//! Reading records ahead: a thread decodes the content while another maps what it found.
//!
//! Records come out in the order of the file, each as the reader gave it. Memory is that of a few
//! batches, each about [`BATCH_BYTES`] or one record, whichever is more.

use std::io;
use std::mem;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, Scope};

use crate::format::{FormatError, Next, Reader};
use crate::record::{Reject, WireRecord};

/// A batch is full with so many records or bytes of them.
const BATCH_RECORDS: usize = 512;
const BATCH_BYTES: usize = 256 << 10;

/// A record that grew larger is not kept for the next batch.
const RECORD_BYTES_KEPT: usize = 16 << 10;

/// Batches decoded before they are asked for.
const BATCHES_AHEAD: usize = 2;

/// What stood next in the file.
#[derive(Debug)]
pub(super) enum Read<'r> {
    /// A record.
    Record(&'r WireRecord),
    /// A record that cannot be one, and the kind it would be where that is known.
    Refused(Reject, Option<usize>),
}

/// Records of one content, decoded by a thread of a scope.
pub(super) struct ReadAhead {
    batches: Receiver<Batch>,
    used: Sender<Batch>,
    batch: Batch,
    next: usize,
    notes: Vec<String>,
}

/// Records in the order of the file.
#[derive(Default)]
struct Batch {
    /// A refused record, or nothing: the record of the same index then stands.
    refused: Vec<Option<(Reject, Option<usize>)>>,
    records: Vec<WireRecord>,
    /// How reading ended, in the last batch.
    end: Option<Result<(), FormatError>>,
    /// What was found beside the records, in the last batch.
    notes: Vec<String>,
}

impl ReadAhead {
    /// Starts reading.
    pub(super) fn start<'scope>(
        reader: Reader,
        scope: &'scope Scope<'scope, '_>,
    ) -> io::Result<Self> {
        let (to, batches) = sync_channel(BATCHES_AHEAD);
        let (used, again) = channel();
        thread::Builder::new()
            .name("reader".to_owned())
            .spawn_scoped(scope, move || read(reader, &to, &again))?;
        Ok(Self {
            batches,
            used,
            batch: Batch::default(),
            next: 0,
            notes: Vec::new(),
        })
    }

    /// What was found beside the records, once the last one was given.
    pub(super) fn into_notes(self) -> Vec<String> {
        self.notes
    }

    /// The next record; `None` after the last.
    pub(super) fn next(&mut self) -> Option<Result<Read<'_>, FormatError>> {
        while self.next == self.batch.refused.len() {
            if let Some(end) = self.batch.end.take() {
                self.notes.append(&mut self.batch.notes);
                self.batch = Batch::ended();
                self.next = 0;
                return end.err().map(Err);
            }
            // The sender is gone without an end only if it panicked, or after the end: the scope
            // passes a panic on.
            let batch = self.batches.recv().ok()?;
            // The reader may have ended already.
            let _ = self.used.send(mem::replace(&mut self.batch, batch));
            self.next = 0;
        }
        let index = self.next;
        self.next += 1;
        if let Some((reject, kind)) = self.batch.refused.get_mut(index)?.take() {
            return Some(Ok(Read::Refused(reject, kind)));
        }
        self.batch
            .records
            .get(index)
            .map(|record| Ok(Read::Record(record)))
    }
}

/// Reads to the end, or until nobody listens.
fn read(mut reader: Reader, to: &SyncSender<Batch>, again: &Receiver<Batch>) {
    loop {
        let mut batch = again.try_recv().unwrap_or_default();
        batch.clear();
        batch.fill(&mut reader);
        let is_last = batch.end.is_some();
        if to.send(batch).is_err() || is_last {
            return;
        }
    }
}

impl Batch {
    fn ended() -> Self {
        Self {
            end: Some(Ok(())),
            ..Self::default()
        }
    }

    fn clear(&mut self) {
        self.refused.clear();
        self.end = None;
        self.records
            .retain(|record| record.capacity() <= RECORD_BYTES_KEPT);
    }

    fn fill(&mut self, reader: &mut Reader) {
        let mut bytes = 0;
        while self.refused.len() < BATCH_RECORDS && bytes < BATCH_BYTES {
            let index = self.refused.len();
            if self.records.len() == index {
                self.records.push(reader.record());
            }
            let Some(record) = self.records.get_mut(index) else {
                return;
            };
            match reader.next(record) {
                Ok(Next::Record) => {
                    record.seal();
                    bytes += record.len();
                    self.refused.push(None);
                }
                Ok(Next::Refused(reject)) => {
                    self.refused.push(Some((reject, reader.refused_kind())));
                }
                Ok(Next::End) => {
                    self.notes = reader.notes();
                    self.end = Some(Ok(()));
                }
                Err(error) => self.end = Some(Err(error)),
            }
            if self.end.is_some() {
                return;
            }
        }
    }
}
