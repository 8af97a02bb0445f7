//! Names that strangers chose: clean, or refused with a reason.

use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt as _;

use super::codes;
use crate::diag::Code;

/// The most bytes of a name.
const MAX_BYTES: usize = 255;

/// Endings that uploading programs give to a file they are still writing.
const UNFINISHED: &[&str] = &[
    ".part",
    ".partial",
    ".filepart",
    ".tmp",
    ".temp",
    ".swp",
    ".crdownload",
    "~",
];

/// A file's name without any path, safe to use in any folder, on a screen and in a log.
///
/// 1 to 255 bytes of UTF-8, without separators, control or invisible characters; see [`Refusal`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RemoteName(String);

/// Why a name or a directory entry is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// Empty, or longer than 255 bytes.
    Length,
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// `/`, `\` or `..`.
    Path,
    /// Begins with `-`.
    LeadingDash,
    /// A control character: NUL, line ends, escape sequences.
    Control,
    /// One of `: < > " | * ?`.
    Reserved,
    /// A device of another system: `CON`, `NUL`, `COM1`, with any extension.
    Device,
    /// White space at either end, or a dot at the end.
    Edge,
    /// A zero-width or text-direction character.
    Invisible,
    /// A symbolic link.
    Symlink,
    /// A regular file with more than one name.
    HardLink,
    /// A pipe, socket or device.
    Special,
}

impl Refusal {
    /// The code that `dukou explain` explains.
    pub fn code(self) -> &'static Code {
        match self {
            Self::Length => &codes::NAME_LENGTH,
            Self::NotUtf8 => &codes::NAME_NOT_UTF8,
            Self::Path => &codes::NAME_PATH,
            Self::LeadingDash => &codes::NAME_LEADING_DASH,
            Self::Control => &codes::NAME_CONTROL,
            Self::Reserved => &codes::NAME_RESERVED,
            Self::Device => &codes::NAME_DEVICE,
            Self::Edge => &codes::NAME_EDGE,
            Self::Invisible => &codes::NAME_INVISIBLE,
            Self::Symlink => &codes::FILE_SYMLINK,
            Self::HardLink => &codes::FILE_HARD_LINK,
            Self::Special => &codes::FILE_SPECIAL,
        }
    }
}

/// A name that was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the name `{shown}` is refused: {}", reason.code().title)]
pub struct NameRefused {
    /// The name, everything unusual in it escaped.
    pub shown: String,
    /// Why.
    pub reason: Refusal,
}

impl RemoteName {
    /// Checks a name as it came from a listing or a configuration.
    ///
    /// A name that looks like an unfinished upload is clean; ask [`Self::is_unfinished`].
    pub fn clean(raw: impl AsRef<OsStr>) -> Result<Self, NameRefused> {
        let bytes = raw.as_ref().as_bytes();
        let refused = |reason| NameRefused {
            shown: shown(bytes),
            reason,
        };
        if bytes.is_empty() || bytes.len() > MAX_BYTES {
            return Err(refused(Refusal::Length));
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Err(refused(Refusal::NotUtf8));
        };
        match refusal(text) {
            Some(reason) => Err(refused(reason)),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the file is hidden or somebody's upload in progress: `.x`, `x.part`, `x.tmp`.
    pub fn is_unfinished(&self) -> bool {
        let lower = self.0.to_ascii_lowercase();
        lower.starts_with('.') || UNFINISHED.iter().any(|ending| lower.ends_with(ending))
    }
}

impl fmt::Display for RemoteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for RemoteName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

fn refusal(text: &str) -> Option<Refusal> {
    if text.contains(['/', '\\']) || text.contains("..") || text == "." {
        Some(Refusal::Path)
    } else if text.chars().any(char::is_control) {
        Some(Refusal::Control)
    } else if text.chars().any(is_invisible) {
        Some(Refusal::Invisible)
    } else if text.contains([':', '<', '>', '"', '|', '*', '?']) {
        Some(Refusal::Reserved)
    } else if text.starts_with('-') {
        Some(Refusal::LeadingDash)
    } else if text.trim() != text || text.ends_with('.') {
        Some(Refusal::Edge)
    } else if is_device(text) {
        Some(Refusal::Device)
    } else {
        None
    }
}

/// Characters that take no room or turn the direction of the text (Unicode categories Cf, Zl, Zp
/// and the blank Hangul fillers).
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{feff}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn is_device(text: &str) -> bool {
    let stem = text.split('.').next().unwrap_or("").trim_end();
    let upper = stem.to_ascii_uppercase();
    let port = |prefix| {
        upper.strip_prefix(prefix).is_some_and(|number: &str| {
            matches!(number, "¹" | "²" | "³")
                || (number.len() == 1 && number.starts_with(|c: char| c.is_ascii_digit()))
        })
    };
    matches!(
        upper.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
    ) || port("COM")
        || port("LPT")
}

/// Any bytes as one line of plain text, at most 255 bytes of them: what cannot be seen is escaped.
pub(super) fn shown(bytes: &[u8]) -> String {
    let mut out = String::new();
    let mut rest = bytes.get(..MAX_BYTES).unwrap_or(bytes);
    if rest.len() < bytes.len() {
        // Not in the middle of a character, which would read as bad bytes.
        let cut = (MAX_BYTES - 3..=MAX_BYTES)
            .rev()
            .find(|at| bytes.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80));
        rest = bytes.get(..cut.unwrap_or(MAX_BYTES)).unwrap_or(rest);
    }
    for chunk in rest.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() || is_invisible(c) || c == '\\' {
                out.extend(c.escape_default());
            } else {
                out.push(c);
            }
        }
        for byte in chunk.invalid() {
            out.extend(["\\x", &format!("{byte:02x}")]);
        }
    }
    if rest.len() < bytes.len() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_are_clean() {
        for name in [
            "CHK_20261122.txt",
            "00000000000000AB.xml.lz77",
            "对账文件 2026年11月.csv",
            "a",
            "=cmd.csv",
            "console.txt",
            "com10.txt",
            "粤B·D12345.xml",
        ] {
            assert_eq!(
                RemoteName::clean(name).map(|name| name.to_string()),
                Ok(name.to_owned())
            );
        }
    }

    #[test]
    fn every_hostile_name_is_refused_for_its_own_reason() {
        for (name, reason, shown) in [
            ("", Refusal::Length, ""),
            ("../a", Refusal::Path, "../a"),
            ("/etc/passwd", Refusal::Path, "/etc/passwd"),
            ("..\\a", Refusal::Path, "..\\\\a"),
            ("\\\\host\\share", Refusal::Path, "\\\\\\\\host\\\\share"),
            ("..", Refusal::Path, ".."),
            (".", Refusal::Path, "."),
            ("a..b", Refusal::Path, "a..b"),
            ("C:a", Refusal::Reserved, "C:a"),
            ("a:b", Refusal::Reserved, "a:b"),
            ("<script>", Refusal::Reserved, "<script>"),
            ("*.txt", Refusal::Reserved, "*.txt"),
            ("-rf", Refusal::LeadingDash, "-rf"),
            ("a\nb", Refusal::Control, "a\\nb"),
            ("a\0b", Refusal::Control, "a\\u{0}b"),
            ("\u{1b}[2Ja", Refusal::Control, "\\u{1b}[2Ja"),
            ("a\u{9b}b", Refusal::Control, "a\\u{9b}b"),
            ("CON", Refusal::Device, "CON"),
            ("nul.txt", Refusal::Device, "nul.txt"),
            ("aux .tar.gz", Refusal::Device, "aux .tar.gz"),
            ("Com1.xml", Refusal::Device, "Com1.xml"),
            ("lpt³", Refusal::Device, "lpt³"),
            ("a.", Refusal::Edge, "a."),
            ("a ", Refusal::Edge, "a "),
            ("\u{3000}a", Refusal::Edge, "\u{3000}a"),
            ("a\u{202e}txt.exe", Refusal::Invisible, "a\\u{202e}txt.exe"),
            ("a\u{200b}b", Refusal::Invisible, "a\\u{200b}b"),
            ("\u{feff}a", Refusal::Invisible, "\\u{feff}a"),
        ] {
            let expected = NameRefused {
                shown: shown.to_owned(),
                reason,
            };
            assert_eq!(RemoteName::clean(name), Err(expected), "{name:?}");
        }
    }

    #[test]
    fn a_gbk_name_is_refused_and_its_bytes_are_shown() {
        let refused = RemoteName::clean(OsStr::from_bytes(b"\xb6\xd4\xd5\xcb.txt"))
            .expect_err("it is not UTF-8");
        assert_eq!(
            refused.to_string(),
            "the name `\\xb6\\xd4\\xd5\\xcb.txt` is refused: a file name is not UTF-8"
        );
    }

    #[test]
    fn a_name_may_have_255_bytes_and_not_256() {
        assert!(RemoteName::clean("账".repeat(85)).is_ok());
        let refused = RemoteName::clean(format!("{}a", "账".repeat(85))).expect_err("256 bytes");
        assert_eq!(refused.reason, Refusal::Length);
        assert_eq!(refused.shown, format!("{}…", "账".repeat(85)));
        let refused = RemoteName::clean("账".repeat(86)).expect_err("258 bytes");
        assert_eq!(refused.shown, format!("{}…", "账".repeat(85)));
    }

    #[test]
    fn an_upload_in_progress_is_clean_but_unfinished() {
        for name in [
            ".a.txt",
            "a.txt.part",
            "a.PARTIAL",
            "a.tmp",
            "a.filepart",
            "a~",
        ] {
            let name = RemoteName::clean(name).expect("a clean name");
            assert!(name.is_unfinished(), "{name}");
        }
        assert!(
            !RemoteName::clean("part.txt")
                .expect("clean")
                .is_unfinished()
        );
    }

    #[test]
    fn every_code_has_its_own_id_and_explains_itself() {
        let ids: std::collections::BTreeSet<_> = codes::CODES.iter().map(|code| code.id).collect();
        assert_eq!(ids.len(), codes::CODES.len());
        for code in codes::CODES {
            assert!(
                !code.help.contains('\n') && code.help.ends_with('.'),
                "{}",
                code.id
            );
        }
    }
}
