//! The content of one entry of an archive, as a stream; and the names of all of its entries.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::directory::{self, Entry, Scope, Stop};
use super::names::fits;
use super::{Refused, STORED, damaged};
use crate::envelope::{ENVELOPE_ENTRIES, EnvelopeError, Sealed, ZipPlan};

/// What the headers of an entry may take.
const HEADERS_BYTES: u64 = 1 << 10;

/// Opened at the first read. Memory: the directory and two buffers.
pub(in crate::envelope) struct Opened {
    plan: ZipPlan,
    state: State,
}

enum State {
    Sealed(Sealed),
    Reading(Box<Reading>),
    Ended,
    /// Why it ended, to end the same way again.
    Refused(Refused),
    Lost(io::ErrorKind),
}

struct Reading {
    entry: Entry,
    data: Data,
    crc: Crc,
    yielded: u64,
}

enum Data {
    Stored(Take<BufReader<File>>),
    Deflated(DeflateDecoder<Take<BufReader<File>>>),
}

impl Opened {
    pub(in crate::envelope) fn new(sealed: Sealed, plan: &ZipPlan) -> Self {
        Self {
            plan: plan.clone(),
            state: State::Sealed(sealed),
        }
    }

    fn advance(&mut self, out: &mut [u8]) -> Result<usize, Stop> {
        if let State::Sealed(_) = &self.state {
            // Replaced whatever comes of it: a failed opening is not tried again.
            let lost = State::Lost(io::ErrorKind::Other);
            if let State::Sealed(sealed) = std::mem::replace(&mut self.state, lost) {
                let file = spooled(sealed, &self.plan)?;
                self.state = State::Reading(Box::new(open(file, &self.plan)?));
            }
        }
        let State::Reading(reading) = &mut self.state else {
            return Ok(0);
        };
        let count = reading.read(out)?;
        if count == 0 && !out.is_empty() {
            reading.finish()?;
            self.state = State::Ended;
        }
        Ok(count)
    }
}

impl Read for Opened {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match &self.state {
            State::Ended => return Ok(0),
            State::Refused(refused) => return Err(EnvelopeError::from(refused.clone()).into()),
            State::Lost(kind) => return Err((*kind).into()),
            State::Sealed(_) | State::Reading(_) => {}
        }
        match self.advance(out) {
            Ok(count) => Ok(count),
            Err(Stop::Below(error)) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(Stop::Below(error)) => {
                self.state = State::Lost(error.kind());
                Err(error)
            }
            Err(Stop::Refused(refused)) => {
                self.state = State::Refused(refused.clone());
                Err(EnvelopeError::from(refused).into())
            }
        }
    }
}

/// An archive is read from its end, so a stream goes into an unnamed file first.
fn spooled(sealed: Sealed, plan: &ZipPlan) -> Result<File, Stop> {
    let mut stream = match sealed {
        Sealed::File(file) => return Ok(file),
        Sealed::Stream(stream) => stream,
    };
    let mut file = match &plan.spool {
        Some(directory) => tempfile::tempfile_in(directory)?,
        None => tempfile::tempfile()?,
    };
    let headers = plan.max_entries.saturating_mul(HEADERS_BYTES);
    let limit = plan.max_total_bytes.saturating_add(headers);
    let copied = io::copy(&mut (&mut stream).take(limit.saturating_add(1)), &mut file)?;
    if copied > limit {
        let text = format!(
            "the archive itself has more than {limit} bytes, which `max_total_bytes` allows"
        );
        return Err(Refused::large(super::KIND, text).into());
    }
    Ok(file)
}

/// The names of all entries, in the archive's order; its structure is proven.
pub(in crate::envelope) fn names(sealed: Sealed, plan: &ZipPlan) -> io::Result<Vec<String>> {
    let listed = spooled(sealed, plan)
        .and_then(|mut file| directory::read(&mut file, plan, Scope::Structure));
    match listed {
        Ok(entries) => Ok(entries.into_iter().map(|entry| entry.name).collect()),
        Err(Stop::Below(error)) => Err(error),
        Err(Stop::Refused(refused)) => Err(EnvelopeError::from(refused).into()),
    }
}

fn open(mut file: File, plan: &ZipPlan) -> Result<Reading, Stop> {
    let entry = match &plan.member {
        Some(name) => directory::read_one(&mut file, plan, name)?,
        None => only(&mut file, plan)?,
    };
    file.seek(SeekFrom::Start(entry.data_at))?;
    let data = BufReader::new(file).take(entry.stored);
    Ok(Reading {
        data: match entry.method {
            STORED => Data::Stored(data),
            _ => Data::Deflated(DeflateDecoder::new(data)),
        },
        entry,
        crc: Crc::new(),
        yielded: 0,
    })
}

/// The only entry that fits.
fn only(file: &mut File, plan: &ZipPlan) -> Result<Entry, Stop> {
    let entries = directory::read(file, plan, Scope::Whole)?;
    let mut wanted = entries
        .iter()
        .filter(|entry| fits(&plan.entry, &entry.name));
    match (wanted.next(), wanted.count()) {
        (Some(entry), 0) => Ok(entry.clone()),
        (Some(_), more) => {
            let found = format!("{} entries fit", more + 1);
            Err(not_one(&found, &entries, plan).into())
        }
        (None, _) => Err(not_one("no entry fits", &entries, plan).into()),
    }
}

fn not_one(found: &str, entries: &[Entry], plan: &ZipPlan) -> Refused {
    let names = entries.iter().take(10);
    let mut names: Vec<String> = names
        .map(|entry| format!("`{}`", entry.name.escape_debug()))
        .collect();
    if entries.len() > names.len() {
        names.push("…".to_owned());
    }
    let all = if names.is_empty() {
        "it is empty".to_owned()
    } else {
        format!("it has {}", names.join(", "))
    };
    Refused {
        code: &ENVELOPE_ENTRIES,
        kind: super::KIND,
        detail: format!("{found} `{}`, expected exactly one; {all}", plan.entry),
    }
}

impl Reading {
    fn read(&mut self, out: &mut [u8]) -> Result<usize, Stop> {
        let result = match &mut self.data {
            Data::Stored(data) => data.read(out),
            Data::Deflated(data) => data.read(out),
        };
        let count = match result {
            Ok(count) => count,
            Err(error) if matches!(self.data, Data::Deflated(_)) && is_of_deflate(&error) => {
                let text = format!(
                    "the data of `{}` are damaged after {} bytes of content",
                    self.entry.name.escape_debug(),
                    self.yielded
                );
                return Err(damaged(text).into());
            }
            Err(error) => return Err(error.into()),
        };
        self.crc.update(out.get(..count).unwrap_or_default());
        self.yielded += count as u64;
        if self.yielded > self.entry.content {
            return Err(self
                .differs("opens to more bytes than the archive says")
                .into());
        }
        Ok(count)
    }

    /// What can be proven only at the end.
    fn finish(&self) -> Result<(), Stop> {
        let has_rest = match &self.data {
            Data::Stored(_) => false,
            Data::Deflated(data) => data.total_in() != self.entry.stored,
        };
        if self.yielded != self.entry.content || has_rest {
            return Err(self
                .differs("does not have the size that the archive says")
                .into());
        }
        if self.crc.sum() != self.entry.crc {
            return Err(self
                .differs("does not have the checksum that the archive says")
                .into());
        }
        Ok(())
    }

    fn differs(&self, what: &str) -> Refused {
        damaged(format!(
            "the entry `{}` {what}",
            self.entry.name.escape_debug()
        ))
    }
}

/// Whether the error is the decoder's own: a file that fails gives an error of the system.
fn is_of_deflate(error: &io::Error) -> bool {
    error.raw_os_error().is_none()
        && matches!(
            error.kind(),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
        )
}
