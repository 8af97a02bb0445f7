//! What stands around the content of a file: bytes to bytes, in both directions.
//!
//! Responsible for opening and sealing envelopes as streams, with every length bounded. Not for
//! paths, records or digests. The engine opens what landed and seals what leaves. The one
//! invariant: an opened stream either yields exactly what was sealed or ends in an error; it never
//! ends early in silence and never grows past its limit.

mod error;
mod lz77;

use std::io::{Read, Write};

use crate::diag::Code;

pub use error::{Damage, EnvelopeError};

/// How the clearing centre's LZ77 container is opened and sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lz77Plan {
    /// The most bytes of content that a container may open to. Default 20 GiB.
    pub max_content_bytes: u64,
}

impl Default for Lz77Plan {
    fn default() -> Self {
        Self {
            max_content_bytes: 20 << 30,
        }
    }
}

/// One envelope. A new kind is a new variant, with its match arms here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Envelope {
    /// The clearing centre's own LZ77 container (not zlib, gzip or 7z).
    Lz77(Lz77Plan),
}

impl Envelope {
    /// The kind's word, as the books keep it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Lz77(_) => "lz77",
        }
    }

    /// The content of `sealed`, as a stream. Damage shows when it is reached: read errors then hold
    /// an [`EnvelopeError`], which [`EnvelopeError::from_io`] finds; errors of `sealed` itself pass
    /// through unchanged.
    pub fn open(&self, sealed: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        match self {
            Self::Lz77(plan) => Box::new(lz77::Opened::new(sealed, plan)),
        }
    }

    /// Seals `content` into `sealed` and says how many bytes that took. The same content always
    /// gives the same bytes.
    pub fn seal(
        &self,
        content: &mut dyn Read,
        sealed: &mut dyn Write,
    ) -> Result<u64, EnvelopeError> {
        match self {
            Self::Lz77(_) => lz77::seal(content, sealed),
        }
    }
}

/// The bytes are no container, or a damaged one.
pub const ENVELOPE_DAMAGED: Code = Code {
    id: "envelope-damaged",
    title: "the envelope around a file cannot be opened",
    title_zh: "文件封装损坏或格式不符",
    help: "The bytes are not a container of the declared kind, or part of them is lost or altered. The message \
           names the block and the byte. Nothing of the file is loaded. Check that the job declares the right \
           envelope and that the file was transferred in binary mode and completely; then ask the partner to \
           send it again.",
};

/// The container opens to more than is allowed.
pub const ENVELOPE_TOO_LARGE: Code = Code {
    id: "envelope-too-large",
    title: "the envelope opens to more bytes than are allowed",
    title_zh: "文件解压后超过上限",
    help: "The content is larger than `max_content_bytes` of the envelope. If the partner really sends files of \
           that size, raise the limit in the job; otherwise treat the file as hostile.",
};

/// What this module complains about.
pub const CODES: &[Code] = &[ENVELOPE_DAMAGED, ENVELOPE_TOO_LARGE];
