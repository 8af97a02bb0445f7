//! Why an envelope cannot be opened or sealed.

use std::io;

use super::{ENVELOPE_DAMAGED, ENVELOPE_HOSTILE, ENVELOPE_TOO_LARGE};
use crate::diag::Code;
use crate::key::KeyError;
use crate::retry::{Class, Classify};

/// An envelope cannot be opened or sealed.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// The bytes break the rules of the container.
    #[error("block {block} of the container is damaged at byte {offset}: {damage}")]
    Damaged {
        /// The block, from 1.
        block: u64,
        /// Offset in the container, from 0, of the byte where the damaged part begins.
        offset: u64,
        /// What is wrong.
        damage: Damage,
    },
    /// The content is larger than the plan allows.
    #[error(
        "the container opens to more than {limit} bytes (block {block}, byte {offset}): raise \
         `max_content_bytes` if that is right"
    )]
    TooLarge {
        /// The most bytes allowed.
        limit: u64,
        /// The block that would exceed it, from 1.
        block: u64,
        /// Offset of that block in the container, from 0.
        offset: u64,
    },
    /// gzip or a zip archive is refused.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Content that a keyed envelope cannot hold.
    #[error("the {kind} envelope cannot be sealed: {detail}")]
    Unsealable {
        /// The kind's word.
        kind: &'static str,
        /// Why.
        detail: String,
    },
    /// A key to seal with cannot be had.
    #[error(transparent)]
    Key(KeyError),
    /// A delivery was composed with an envelope that is not known.
    #[error("there is no envelope `{}`", written.escape_debug())]
    UnknownKind {
        /// As the books keep it.
        written: String,
    },
    /// A zip archive cannot hold the content without its large form, which is not written.
    #[error("the content is 4 GiB or more, which is not sealed as zip: seal it as gzip")]
    TooLargeToSeal,
    /// The content to be sealed could not be read.
    #[error("the content to be sealed cannot be read: {0}")]
    Read(#[source] io::Error),
    /// The sealed bytes could not be written.
    #[error("the sealed bytes cannot be written: {0}")]
    Write(#[source] io::Error),
}

/// Why gzip or a zip archive is not opened.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the {kind} envelope cannot be opened: {detail}")]
pub struct Refused {
    /// Which rule, as a code.
    pub code: &'static Code,
    /// The kind's word.
    pub kind: &'static str,
    /// What was found and expected.
    pub detail: String,
}

impl Refused {
    pub(super) fn damaged(kind: &'static str, detail: impl Into<String>) -> Self {
        Self {
            code: &ENVELOPE_DAMAGED,
            kind,
            detail: detail.into(),
        }
    }

    pub(super) fn large(kind: &'static str, detail: impl Into<String>) -> Self {
        Self {
            code: &ENVELOPE_TOO_LARGE,
            kind,
            detail: detail.into(),
        }
    }

    pub(super) fn hostile(kind: &'static str, detail: impl Into<String>) -> Self {
        Self {
            code: &ENVELOPE_HOSTILE,
            kind,
            detail: detail.into(),
        }
    }
}

/// Which rule of the LZ77 container is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The container ends inside the four bytes that begin a block.
    #[error("{found} of the 4 bytes that begin a block are there")]
    HeaderCut {
        /// Bytes that are there.
        found: usize,
    },
    /// The container ends inside a block.
    #[error("the block promises {promised} bytes, {found} are there")]
    BlockCut {
        /// Stored length.
        promised: usize,
        /// Bytes that are there.
        found: usize,
    },
    /// A block takes more room than its content, which no encoder writes.
    #[error("{stored} bytes are stored for {raw} bytes of content")]
    StoredLonger {
        /// Stored length.
        stored: usize,
        /// Raw length.
        raw: usize,
    },
    /// The bits end before the content is complete.
    #[error("the bits end after {produced} of {raw} bytes of content")]
    BitsEnd {
        /// Bytes of the block's content so far.
        produced: usize,
        /// Raw length.
        raw: usize,
    },
    /// A match is longer than what is missing of the block.
    #[error("a match of {length} bytes stands where {missing} are missing")]
    MatchTooLong {
        /// Its length; 65,537 also stands for every greater one.
        length: usize,
        /// Bytes of the block's content still missing.
        missing: usize,
    },
    /// A match copies from where nothing has been produced yet.
    #[error("a match copies from position {position} when {produced} bytes are produced")]
    MatchOutside {
        /// Where it copies from, in the block's content.
        position: usize,
        /// Bytes of the block's content so far.
        produced: usize,
    },
    /// Bytes of the block are left when its content is complete.
    #[error("{unused} bytes of the block are left when its content is complete")]
    Unused {
        /// How many.
        unused: usize,
    },
}

impl EnvelopeError {
    /// The envelope error inside an error that an opened stream returned.
    pub fn from_io(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    /// The code of an envelope that needs keys: it tells operators what a partner is not told.
    pub fn keyed_code(&self) -> Option<&'static Code> {
        match self {
            Self::Refused(refused) if !matches!(refused.kind, "gzip" | "zip") => Some(refused.code),
            Self::Key(error) => Some(error.code()),
            _ => None,
        }
    }

    /// The code that `dukou explain` knows; `None` where the machine failed, not the container.
    pub fn code(&self) -> Option<&'static Code> {
        match self {
            Self::Damaged { .. } => Some(&ENVELOPE_DAMAGED),
            Self::TooLarge { .. } => Some(&ENVELOPE_TOO_LARGE),
            Self::Refused(refused) => Some(refused.code),
            Self::TooLargeToSeal => Some(&ENVELOPE_TOO_LARGE),
            Self::Unsealable { .. } | Self::UnknownKind { .. } => Some(&ENVELOPE_DAMAGED),
            Self::Key(error) => Some(error.code()),
            Self::Read(_) | Self::Write(_) => None,
        }
    }
}

impl From<EnvelopeError> for io::Error {
    fn from(error: EnvelopeError) -> Self {
        Self::new(io::ErrorKind::InvalidData, error)
    }
}

impl Classify for EnvelopeError {
    fn class(&self) -> Class {
        match self {
            Self::Damaged { .. }
            | Self::TooLarge { .. }
            | Self::Refused(_)
            | Self::Unsealable { .. }
            | Self::Key(_)
            | Self::UnknownKind { .. }
            | Self::TooLargeToSeal => Class::Permanent,
            Self::Read(_) | Self::Write(_) => Class::Transient,
        }
    }
}
