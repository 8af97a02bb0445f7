//! Names of entries: decoded, refused, matched.

use super::{Refused, UTF8_NAME, damaged, hostile};
use crate::text::Encoding;

/// Endings of archives: what is inside them nobody has looked at.
const ARCHIVES: &[&str] = &[
    ".zip", ".gz", ".tgz", ".tar", ".7z", ".rar", ".bz2", ".xz", ".zst", ".jar", ".cab",
];

/// A name in UTF-8 if the entry says so, else in GB18030, of which GBK is a part.
pub(super) fn decode(bytes: &[u8], flags: u16) -> Result<String, Refused> {
    let encoding = if flags & UTF8_NAME == 0 {
        Encoding::Gb18030
    } else {
        Encoding::Utf8
    };
    match encoding.decode(bytes) {
        Ok(name) => Ok(name.into_owned()),
        Err(wrong) => Err(damaged(format!(
            "the name of an entry cannot be read: {wrong}"
        ))),
    }
}

/// Refuses a name that could lead anywhere or hide anything.
pub(super) fn check(name: &str) -> Result<(), Refused> {
    let shown = name.escape_debug();
    if name.contains(['/', '\\', ':']) || name == ".." || name == "." {
        let text = format!("the entry `{shown}` has a path in its name, expected a name alone");
        return Err(hostile(text));
    }
    if name.is_empty() || name.len() > 255 || name.contains(char::is_control) {
        let text =
            format!("`{shown}` is no name of an entry: 1 to 255 bytes without control characters");
        return Err(hostile(text));
    }
    Ok(())
}

/// Whether a name is that of another archive.
pub(super) fn is_archive(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ARCHIVES.iter().any(|ending| lower.ends_with(ending))
}

/// Whether a name fits a pattern of `*` and `?`; in time linear in the name for each `*`.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut p, mut n) = (0, 0);
    // Where the last `*` stands, and up to where it reaches.
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = name.get(n) {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(known) if *known == '?' || known == c => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, reach)) => {
                    star = Some((at, reach + 1));
                    p = at + 1;
                    n = reach + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

/// The name of the entry in an archive that is sent under a name: without its `.zip`.
pub(in crate::envelope) fn entry_name(sent: &str) -> String {
    let ending = sent.len().saturating_sub(4);
    match (sent.get(..ending), sent.get(ending..)) {
        (Some(name), Some(end)) if end.eq_ignore_ascii_case(".zip") && !name.is_empty() => {
            name.to_owned()
        }
        _ => sent.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_stand_for_characters() {
        for (pattern, name, expected) in [
            ("*", "a.txt", true),
            ("*.txt", "a.txt", true),
            ("*.txt", "a.txt.bak", false),
            ("对?_*.csv", "对账_1.csv", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b-d", false),
            ("", "", true),
            ("?", "", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
        assert!(!fits(&"*a".repeat(100), &"a".repeat(99)));
    }

    #[test]
    fn an_entry_is_named_as_what_is_sent_without_zip() {
        assert_eq!(entry_name("a.txt.zip"), "a.txt");
        assert_eq!(entry_name("报.ZIP"), "报");
        assert_eq!(entry_name(".zip"), ".zip");
        assert_eq!(entry_name("a.dat"), "a.dat");
    }
}
