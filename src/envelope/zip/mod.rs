//! zip archives (PKWARE APPNOTE 6.3): one entry is the content, or each is a file of its own.
//!
//! An archive says everything twice, before each entry and in its directory at the end. Programs
//! believe one or the other, so an archive is opened only when both agree and nothing stands
//! between, before or after them. The one invariant: no name of an archive is ever a path.

mod directory;
mod names;
mod open;
mod seal;
#[cfg(test)]
mod tests;

pub(super) use names::entry_name;
pub(super) use open::{Opened, names as entry_names};
pub(super) use seal::seal;

use super::Refused;

const KIND: &str = "zip";

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Bits of an entry's flags: encrypted, sizes behind the data, strongly encrypted, name in UTF-8,
/// directory masked.
const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
const DESCRIPTOR: u16 = 1 << 3;
const UTF8_NAME: u16 = 1 << 11;

fn damaged(detail: impl Into<String>) -> Refused {
    Refused::damaged(KIND, detail)
}

fn hostile(detail: impl Into<String>) -> Refused {
    Refused::hostile(KIND, detail)
}

/// Little-endian numbers out of a header.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }
}
