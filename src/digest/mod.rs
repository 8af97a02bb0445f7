//! Digests over bytes: SHA-256 for the hub itself, SM3 and MD5 for what partners ask.
//!
//! Responsible for hashing what passes, while it passes. Not for keys, signatures or deciding what
//! a difference means. Transport, envelope and engine call it. The one invariant: a digest is over
//! exactly the bytes that passed, and their count is known with it.

mod pass;

pub use pass::{DigestRead, DigestWrite};

use std::fmt::Write as _;

use md5::Md5;
use sha2::Digest as _;
use sm3::Sm3;

use crate::id::FileDigest;

/// A running SHA-256: the archive address and the identity of content.
#[derive(Debug, Clone, Default)]
pub struct Sha256 {
    state: sha2::Sha256,
    count: u64,
}

impl Sha256 {
    /// Over nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.state.update(bytes);
        self.count += bytes.len() as u64;
    }

    /// How many bytes have been added.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The digest over all bytes added.
    pub fn finish(self) -> FileDigest {
        FileDigest(self.state.finalize().into())
    }

    /// The digest of bytes at hand.
    pub fn of(bytes: &[u8]) -> FileDigest {
        FileDigest(sha2::Sha256::digest(bytes).into())
    }
}

/// A digest that a partner's specification names. Written in lower-case hex, compared in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PeerDigest {
    /// SM3 (GB/T 32905-2016), 64 hex digits.
    Sm3,
    /// MD5 (RFC 1321), 32 hex digits. Proves nothing against an attacker: use it only where a
    /// partner's frame or manifest demands it (the clearing centre's TCP frame does).
    Md5,
}

/// A running digest of the kind a partner demands.
#[derive(Debug, Clone)]
pub struct PeerHasher(State);

#[derive(Debug, Clone)]
enum State {
    Sm3(Sm3),
    Md5(Md5),
}

impl PeerDigest {
    /// A running digest over nothing yet.
    pub fn hasher(self) -> PeerHasher {
        PeerHasher(match self {
            Self::Sm3 => State::Sm3(Sm3::default()),
            Self::Md5 => State::Md5(Md5::default()),
        })
    }

    /// The digest of bytes at hand, in lower-case hex.
    pub fn of(self, bytes: &[u8]) -> String {
        let mut hasher = self.hasher();
        hasher.update(bytes);
        hasher.finish()
    }

    /// Whether `text` is the digest of `bytes`, in hex of either case.
    pub fn is_of(self, bytes: &[u8], text: &str) -> bool {
        self.of(bytes).eq_ignore_ascii_case(text)
    }
}

impl PeerHasher {
    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sm3(state) => state.update(bytes),
            State::Md5(state) => state.update(bytes),
        }
    }

    /// The digest over all bytes added, in lower-case hex.
    pub fn finish(self) -> String {
        match self.0 {
            State::Sm3(state) => hex(&state.finalize()),
            State::Md5(state) => hex(&state.finalize()),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_BLOCKS: &[u8] = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

    #[test]
    fn sha256_gives_the_values_of_fips_180() {
        for (bytes, digest) in [
            (
                b"".as_slice(),
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                b"abc",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                TWO_BLOCKS,
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
        ] {
            assert_eq!(Sha256::of(bytes).to_string(), digest);
            let mut running = Sha256::new();
            bytes.chunks(7).for_each(|part| running.update(part));
            assert_eq!(running.count(), bytes.len() as u64);
            assert_eq!(running.finish().to_string(), digest);
        }
    }

    #[test]
    fn sm3_gives_the_values_of_gbt_32905() {
        assert_eq!(
            PeerDigest::Sm3.of(b"abc"),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        );
        assert_eq!(
            PeerDigest::Sm3.of("abcd".repeat(16).as_bytes()),
            "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
        );
    }

    #[test]
    fn md5_gives_the_values_of_rfc_1321() {
        assert_eq!(PeerDigest::Md5.of(b""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(
            PeerDigest::Md5.of(b"message digest"),
            "f96b697d7cb7938d525a2f31aaf161d0"
        );
    }

    #[test]
    fn a_partners_digest_is_compared_in_either_case() {
        assert!(PeerDigest::Md5.is_of(b"abc", "900150983CD24FB0D6963F7D28E17F72"));
        assert!(PeerDigest::Md5.is_of(b"abc", "900150983cd24fb0d6963f7d28e17f72"));
        assert!(!PeerDigest::Md5.is_of(b"abd", "900150983cd24fb0d6963f7d28e17f72"));
        assert!(!PeerDigest::Md5.is_of(b"abc", ""));
    }
}
