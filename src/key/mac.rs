//! HMAC (RFC 2104; GB/T 15852.2) over SHA-256 and SM3.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use sm3::Sm3;

/// Over which digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MacAlgorithm {
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SM3.
    Sm3,
}

/// A running HMAC.
#[derive(Clone)]
pub struct Mac(State);

#[derive(Clone)]
enum State {
    Sha256(Box<Hmac<Sha256>>),
    Sm3(Box<Hmac<Sm3>>),
}

impl Mac {
    /// Bytes of the result, with either digest.
    pub const BYTES: usize = 32;

    pub(super) fn new(algorithm: MacAlgorithm, key: &[u8]) -> Option<Self> {
        Some(Self(match algorithm {
            MacAlgorithm::Sha256 => State::Sha256(Box::new(Hmac::new_from_slice(key).ok()?)),
            MacAlgorithm::Sm3 => State::Sm3(Box::new(Hmac::new_from_slice(key).ok()?)),
        }))
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sha256(state) => state.update(bytes),
            State::Sm3(state) => state.update(bytes),
        }
    }

    /// The code over all bytes added.
    pub fn finish(self) -> [u8; Self::BYTES] {
        match self.0 {
            State::Sha256(state) => state.finalize().into_bytes().into(),
            State::Sm3(state) => state.finalize().into_bytes().into(),
        }
    }

    /// Whether `code` is that of all bytes added, compared in constant time.
    pub fn verify(self, code: &[u8]) -> bool {
        match self.0 {
            State::Sha256(state) => state.verify_slice(code).is_ok(),
            State::Sm3(state) => state.verify_slice(code).is_ok(),
        }
    }
}
