//! Envelopes that need keys: encryption with SM4, AES and SM2, proofs by HMAC and SM2 signature,
//! and the bank's real-time envelope.
//!
//! What is proven is proven before its first byte is yielded. Why something does not open is told
//! to operators in one sentence for wrong keys, wrong padding and altered bytes alike, because they
//! cannot be told apart honestly; a partner is answered by the outcome alone, which is the same for
//! all of them (`tests/it/keyed.rs`).

mod armour;
mod cbc;
mod plan;
mod proof;
mod psbc_sop;
mod sm2;
#[cfg(test)]
mod tests;
mod whole;
mod written;

use std::io::{self, Read};

pub use plan::{
    Armour, BlockCipher, CbcPlan, Iv, Proof, ProofPlace, ProofPlan, PsbcSopPlan, SignatureForm,
    Sm2Order, Sm2Plan, SopBody,
};
pub(super) use written::{read, written};

use super::{EnvelopeError, Refused, Sealed};
use crate::key::{KeyError, Keyring};

/// A keyed envelope, by what it does.
pub(super) enum Keyed<'p> {
    Cbc(&'p CbcPlan),
    Proof(&'p ProofPlan),
    Sm2(&'p Sm2Plan),
    PsbcSop(&'p PsbcSopPlan),
}

/// Why an envelope does not open: it is refused, or what is below it failed.
enum Stop {
    Refused(Refused),
    Below(io::Error),
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Below(error)
    }
}

type Content = Box<dyn Read + Send>;

impl Keyed<'_> {
    fn to_owned(&self) -> Opening {
        match self {
            Self::Cbc(plan) => Opening::Cbc((*plan).clone()),
            Self::Proof(plan) => Opening::Proof((*plan).clone()),
            Self::Sm2(plan) => Opening::Sm2((*plan).clone()),
            Self::PsbcSop(plan) => Opening::PsbcSop((*plan).clone()),
        }
    }

    /// The content, opened at the first read.
    pub(super) fn open(&self, sealed: Sealed, keys: &Keyring) -> Opened {
        Opened(State::Waiting(Box::new(Waiting {
            opening: self.to_owned(),
            sealed,
            keys: keys.clone(),
        })))
    }

    pub(super) fn seal(
        &self,
        content: &mut dyn Read,
        sealed: &mut dyn io::Write,
        keys: &Keyring,
    ) -> Result<u64, EnvelopeError> {
        let mut counted = super::gzip::Counted {
            out: sealed,
            bytes: 0,
        };
        match self {
            Self::Cbc(plan) => cbc::seal(content, &mut counted, plan, keys)?,
            Self::Proof(plan) => proof::seal(content, &mut counted, plan, keys)?,
            Self::Sm2(plan) => sm2::seal(content, &mut counted, plan, keys)?,
            Self::PsbcSop(plan) => psbc_sop::seal(content, &mut counted, plan, keys)?,
        }
        Ok(counted.bytes)
    }
}

enum Opening {
    Cbc(CbcPlan),
    Proof(ProofPlan),
    Sm2(Sm2Plan),
    PsbcSop(PsbcSopPlan),
}

/// The content of a keyed envelope, as a stream.
pub(super) struct Opened(State);

enum State {
    Waiting(Box<Waiting>),
    Reading(Content),
    /// Why it ended, to end the same way again.
    Refused(Refused),
    Lost(io::ErrorKind),
}

struct Waiting {
    opening: Opening,
    sealed: Sealed,
    keys: Keyring,
}

impl Waiting {
    fn open(self) -> Result<Content, Stop> {
        let (sealed, keys) = (self.sealed, &self.keys);
        match &self.opening {
            Opening::Cbc(plan) => cbc::open(sealed, plan, keys),
            Opening::Proof(plan) => proof::open(sealed, plan, keys),
            Opening::Sm2(plan) => sm2::open(sealed, plan, keys),
            Opening::PsbcSop(plan) => psbc_sop::open(sealed, plan, keys),
        }
    }
}

impl Read for Opened {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let State::Waiting(_) = &self.0 {
            let lost = State::Lost(io::ErrorKind::Other);
            if let State::Waiting(waiting) = std::mem::replace(&mut self.0, lost) {
                match waiting.open() {
                    Ok(content) => self.0 = State::Reading(content),
                    Err(Stop::Refused(refused)) => self.0 = State::Refused(refused),
                    Err(Stop::Below(error)) => {
                        self.0 = State::Lost(error.kind());
                        return Err(error);
                    }
                }
            }
        }
        match &mut self.0 {
            State::Reading(content) => content.read(out),
            State::Refused(refused) => Err(EnvelopeError::from(refused.clone()).into()),
            State::Lost(kind) => Err((*kind).into()),
            State::Waiting(_) => Ok(0),
        }
    }
}

/// That a key cannot be had, as the reason why an envelope of a kind does not open.
fn without_key(kind: &'static str, error: &KeyError) -> Refused {
    Refused {
        code: error.code(),
        kind,
        detail: error.to_string(),
    }
}

/// That an envelope of a kind cannot be made.
fn unsealable(kind: &'static str, detail: impl Into<String>) -> EnvelopeError {
    EnvelopeError::Unsealable {
        kind,
        detail: detail.into(),
    }
}
