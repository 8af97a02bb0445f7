//! What of a person's text may appear on a screen or in a log.
//!
//! Masks passwords inside URLs, ranges the caller knows to be secret, and characters that a
//! terminal would obey. The one invariant: the result has as many bytes as the input, and the
//! same line ends, so that every span still points at the same thing.

use std::ops::Range;

/// A text with the passwords of its `scheme://user:password@host` masked and its control
/// characters made harmless; as many bytes as before.
pub fn masked(text: &str) -> String {
    mask(text, &[])
}

/// As [`masked`], and the given byte ranges masked too.
pub(super) fn mask(text: &str, hidden: &[Range<usize>]) -> String {
    let passwords = url_passwords(text);
    let is_hidden = |at: usize| {
        hidden
            .iter()
            .chain(&passwords)
            .any(|range| range.contains(&at))
    };
    let mut out = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        let mask = if character == '\n' || character == '\r' {
            None
        } else if is_hidden(at) {
            Some('*')
        } else if is_obeyed_by_terminals(character) {
            Some('?')
        } else {
            None
        };
        match mask {
            Some(mask) => out.extend(std::iter::repeat_n(mask, character.len_utf8())),
            None => out.push(character),
        }
    }
    out
}

/// Control characters, and those that reorder what stands beside them.
fn is_obeyed_by_terminals(character: char) -> bool {
    (character.is_control() && character != '\t')
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The byte ranges of all passwords in URLs.
fn url_passwords(text: &str) -> Vec<Range<usize>> {
    text.match_indices("://")
        .filter_map(|(at, mark)| {
            let start = at + mark.len();
            let rest = text.get(start..)?;
            let word = rest.get(..word_end(rest))?;
            let password = password_in(word)?;
            Some(start + password.start..start + password.end)
        })
        .collect()
}

/// Where a URL ends: at a blank or at a quote that is not escaped.
fn word_end(rest: &str) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices() {
        if character.is_whitespace() || character.is_control() || (character == '"' && !escaped) {
            return at;
        }
        escaped = character == '\\' && !escaped;
    }
    rest.len()
}

/// The password in what follows `://`. A password with a raw `/`, `?` or `#` is wrong in a URL but
/// still a password, so only a port (digits) before the first of them says that there is none.
fn password_in(word: &str) -> Option<Range<usize>> {
    let authority = word.find(['/', '?', '#']).unwrap_or(word.len());
    let colon = word.find(':')?;
    let in_authority = word.get(..authority)?.rfind('@');
    let at = match in_authority {
        Some(at) => at,
        None => word
            .rfind('@')
            .filter(|_| !is_port(word.get(colon + 1..authority)))?,
    };
    (colon + 1 < at).then_some(colon + 1..at)
}

fn is_port(text: Option<&str>) -> bool {
    text.is_some_and(|text| !text.is_empty() && text.chars().all(|digit| digit.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_url_is_masked_byte_for_byte() {
        let cases = [
            ("postgres://user:pw@host/db", "postgres://user:**@host/db"),
            ("postgres://user:p@w@host/db", "postgres://user:***@host/db"),
            ("postgres://user:p/w@host/db", "postgres://user:***@host/db"),
            (
                "x = \"sftp://u:密@h\" # a@b",
                "x = \"sftp://u:***@h\" # a@b",
            ),
            ("amqp://u:p\\\"w@h", "amqp://u:****@h"),
            ("'http://a','amqp://u:p@h'", "'http://a','amqp:*****@h'"),
            ("http://host:80/mail@home", "http://host:80/mail@home"),
            ("http://user@host:80/x", "http://user@host:80/x"),
            ("sqlite://var/dukou.db", "sqlite://var/dukou.db"),
        ];
        for (text, shown) in cases {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn a_terminal_is_never_given_orders() {
        assert_eq!(masked("a\u{1b}[2Jb\tc\r\n"), "a?[2Jb\tc\r\n");
        assert_eq!(masked("a\u{202e}b"), "a???b");
    }

    #[test]
    fn hidden_ranges_keep_their_line_ends() {
        assert_eq!(mask("k = 'ab\ncd'", &[5..7, 8..10]), "k = '**\n**'");
    }
}
