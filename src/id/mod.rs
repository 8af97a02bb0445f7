//! Names and numbers that have a meaning of their own, as types.
//!
//! Every module uses these; none of them knows a file, a database or a clock. The one invariant:
//! a value of these types has been checked when it was made.

mod fen;
mod names;

pub use fen::{Fen, FenError};
pub use names::{ConnectionName, Ident, JobName, KeyName, MappingName, NameError, PartnerName};

use std::fmt;

/// The number the ledger gave a file: the link from every loaded row to its origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileNo(pub i64);

/// The number the ledger gave one run of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunNo(pub i64);

/// The number the ledger gave one outbound file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryNo(pub i64);

/// The position of a record in its file, counted from 1 over all records of all kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RecordNo(pub u64);

/// A SHA-256 over a file's bytes; in text always 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileDigest(pub [u8; 32]);

impl FileDigest {
    /// Reads 64 hex digits of either case; anything else is `None`.
    pub fn from_hex(text: &str) -> Option<Self> {
        // Each for itself: a number may begin with a sign, a pair of digits may not.
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0_u8; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).ok()?;
            *byte = u8::from_str_radix(pair, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The first eight hex digits, enough to recognise a file on a screen.
    pub fn short(&self) -> String {
        let mut hex = self.to_string();
        hex.truncate(8);
        hex
    }
}

impl fmt::Display for FileDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for FileDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileDigest({self})")
    }
}

macro_rules! display_number {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    )*};
}
display_number!(FileNo, RunNo, DeliveryNo, RecordNo);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_64_hex_digits_and_nothing_else() {
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let digest = FileDigest::from_hex(&hex.to_ascii_uppercase()).expect("64 digits");
        assert_eq!(digest.to_string(), hex);
        for wrong in ["+f", "-0", " f", "g0", "渡"] {
            let text = hex.replacen("ad", wrong, 1);
            assert_eq!(FileDigest::from_hex(&text), None, "{text}");
        }
        assert_eq!(FileDigest::from_hex(&hex.replacen("ad", "", 1)), None);
    }
}
