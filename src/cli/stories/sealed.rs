//! What is inside of the files that a story sent, so that their difference can be read.

use std::io::{Cursor, Read};

use crate::envelope::Envelope;
use crate::job::{Configuration, JobKind, SendPlan};

/// Bytes of an opened file that are looked at.
const LOOKED_AT: u64 = 4 << 20;

/// The envelopes of everything that jobs send, by where it goes.
pub(super) struct Sealed<'c> {
    sends: Vec<&'c SendPlan>,
}

impl<'c> Sealed<'c> {
    /// Of all jobs.
    pub(super) fn of(configuration: &'c Configuration) -> Self {
        let sends = configuration.jobs.values().flat_map(|job| match &job.kind {
            JobKind::Pull(plan) => plan.sends.values().collect(),
            JobKind::Push(plan) => vec![&plan.send],
            _ => Vec::new(),
        });
        Self {
            sends: sends.collect(),
        }
    }

    /// The text inside of a sent file, `outbox/CONNECTION/FOLDER/NAME`; `None` when it does not open
    /// to UTF-8.
    pub(super) fn open(&self, path: &str, bytes: &[u8]) -> Option<String> {
        let (place, _) = path.strip_prefix("outbox/")?.rsplit_once('/')?;
        let goes_there = |send: &&&SendPlan| {
            let folder = send.folder.to_string();
            let connection = send.connection.as_str();
            place == connection || place == format!("{connection}/{folder}")
        };
        let found = self.sends.iter().filter(goes_there);
        found
            .map(|send| send.envelopes.as_slice())
            .find_map(|envelopes| opened(envelopes, bytes))
    }
}

/// What stands inside of envelopes, the innermost first.
fn opened(envelopes: &[Envelope], bytes: &[u8]) -> Option<String> {
    let sealed: Box<dyn Read + Send> = Box::new(Cursor::new(bytes.to_vec()));
    let outermost_first = envelopes.iter().rev();
    let content = outermost_first.fold(sealed, |inside, envelope| envelope.open(inside));
    let mut text = String::new();
    let read = content.take(LOOKED_AT).read_to_string(&mut text);
    // Bytes that do not open are shown as bytes.
    read.ok().map(|_| text)
}
