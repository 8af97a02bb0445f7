//! Why the partner's side cannot be written or read.

use std::path::PathBuf;

use crate::clock::ClockError;
use crate::envelope::EnvelopeError;
use crate::format::{FormatError, WriteError};
use crate::transport::TransportError;

/// Why the partner's side cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// What was asked for is not possible; every reason is listed.
    #[error("the request cannot be simulated: {}", problems.join("; "))]
    Request {
        /// Each says what was asked, what is possible, and what to change.
        problems: Vec<String>,
    },
    /// The folder to write into has something in it.
    #[error(
        "`{}` is not empty: name a new folder, so that nothing of an earlier simulation is mixed in",
        path.display()
    )]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The configuration lacks a mapping that the simulator writes through.
    #[error("there is no mapping `{mapping}`, and the simulator writes through it")]
    NoMapping {
        /// The mapping's name.
        mapping: String,
    },
    /// A mapping lacks a kind of record that the simulator writes.
    #[error("mapping `{mapping}` has no record `{record}`, and the simulator writes one")]
    NoRecord {
        /// The mapping's name.
        mapping: String,
        /// The record's name.
        record: String,
    },
    /// The settings lack a value.
    #[error("the settings have no `{name}` under `[values]`, and the simulator needs it")]
    NoSetting {
        /// The value's name.
        name: String,
    },
    /// A message is larger than its transport carries.
    #[error(
        "package {message_id} has {records} records and takes {bytes} bytes sealed, but a message \
         has at most {limit}: ask for at most {fitting} records per package, or for larger \
         messages"
    )]
    TooLarge {
        /// The package.
        message_id: i64,
        /// Its records.
        records: u32,
        /// Its sealed size.
        bytes: u64,
        /// The most a message may have.
        limit: u64,
        /// About how many records would fit.
        fitting: u64,
    },
    /// A fault is made by changing the written text, and the text is not as expected.
    #[error(
        "the fault cannot be planted: the written package has no `{what}`; simulate without that \
         fault, or compare the mapping with the delivered one"
    )]
    NotEditable {
        /// What was looked for.
        what: String,
    },
    /// A local time that does not exist in the configured zone.
    #[error(transparent)]
    Time(#[from] ClockError),
    /// A record cannot be written through its mapping.
    #[error("`{file}` cannot be written: {error}")]
    Write {
        /// The file.
        file: String,
        /// Why.
        #[source]
        error: WriteError,
    },
    /// A file cannot be read through its mapping.
    #[error("`{file}` cannot be read: {error}")]
    Read {
        /// The file.
        file: String,
        /// Why.
        #[source]
        error: FormatError,
    },
    /// Bytes cannot be put into their envelope.
    #[error("`{file}` cannot be sealed: {error}")]
    Seal {
        /// The file.
        file: String,
        /// Why.
        #[source]
        error: EnvelopeError,
    },
    /// A folder cannot be made or listed.
    #[error("`{}`: {error}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        error: std::io::Error,
    },
    /// A file cannot be stored.
    #[error(transparent)]
    Store(#[from] TransportError),
}
