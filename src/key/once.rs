//! Numbers that are used once, made from a secret and the content that they are for.
//!
//! A delivery is made again after a crash and must have the same bytes (`docs/ARCHITECTURE.md`), so
//! nothing random may be in it. As RFC 6979 does for signatures, the numbers come from HMAC-SM3 of
//! a secret key over their purpose and the content's digest: unforetellable for others, another
//! one for every content and purpose.

use super::mac::{Mac, MacAlgorithm};
use crate::secret::Secret;

/// A sequence of 32 bytes each.
#[derive(Debug)]
pub struct Once(Secret<[u8; 32]>);

impl Once {
    pub(super) fn new(key: &[u8], purpose: &str, content: &[u8; 32]) -> Option<Self> {
        let mut mac = Mac::new(MacAlgorithm::Sm3, key)?;
        mac.update(b"dukou once 1\0");
        mac.update(purpose.as_bytes());
        mac.update(b"\0");
        mac.update(content);
        Some(Self(Secret::new(mac.finish())))
    }

    /// The bytes at a place of the sequence.
    pub fn at(&self, place: u32) -> Secret<[u8; 32]> {
        let mut bytes = [0; 32];
        if let Some(mut mac) = Mac::new(MacAlgorithm::Sm3, self.0.expose()) {
            mac.update(&place.to_be_bytes());
            bytes = mac.finish();
        }
        Secret::new(bytes)
    }

    /// A start for block chaining.
    pub fn iv(&self) -> [u8; 16] {
        let mut iv = [0; 16];
        let bytes = self.at(0);
        for (to, from) in iv.iter_mut().zip(bytes.expose()) {
            *to = *from;
        }
        iv
    }

    /// Characters of `0-9A-Za-z`, each as likely as any other.
    pub fn characters(&self, count: usize) -> Secret<Vec<u8>> {
        const ALPHABET: &[u8; 62] =
            b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let mut made = Vec::with_capacity(count);
        let mut place = 0;
        while made.len() < count {
            // 248 is the greatest multiple of 62 that a byte can have: above it some would come
            // more often.
            let bytes = self.at(place);
            let fair = bytes.expose().iter().filter(|byte| **byte < 248);
            let characters = fair.filter_map(|byte| ALPHABET.get(usize::from(byte % 62)));
            made.extend(characters.take(count - made.len()));
            place += 1;
        }
        Secret::new(made)
    }
}
