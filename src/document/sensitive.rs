//! Finds values that look like secrets in the raw text, whether or not it is TOML.
//!
//! A literal secret is an error, but the line it stands on must be shown with a caret, and so may
//! the lines around any other problem; so the value is hidden before anything is reported. Hiding
//! a harmless value costs little; showing a password costs much.

use crate::diag::Source;

/// Words that, at the end of a key, say that its value is a secret.
const WORDS: [&str; 11] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "access_key",
    "private_key",
    "sign_key",
];

/// Bytes of a key that are looked at, from its end.
const REACH: usize = 40;

/// Whether a key of this name holds a secret.
pub(super) fn is_sensitive(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    matches!(name.as_str(), "pass" | "pin") || WORDS.iter().any(|word| name.ends_with(word))
}

/// Hides all values that stand behind keys with such names, in comments too.
pub(super) fn hide_all(source: &Source) {
    let text: &str = &source.text;
    let mut hidden_until = 0;
    for (equals, _) in text.match_indices('=') {
        if equals >= hidden_until
            && is_sensitive(key_before(text, equals))
            && let Some(rest) = text.get(equals + 1..)
        {
            let value = rest.trim_start_matches([' ', '\t']);
            let start = equals + 1 + rest.len() - value.len();
            hidden_until = start + value_length(value);
            source.hide(start..hidden_until);
        }
    }
}

/// The last part of the key before an `=`, as far as the longest word reaches.
fn key_before(text: &str, equals: usize) -> &str {
    let before = text
        .get(..equals)
        .unwrap_or_default()
        .trim_end_matches([' ', '\t']);
    let before = before.trim_end_matches(['"', '\'']);
    let nearest = before.len().saturating_sub(REACH)..;
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let near = before.as_bytes().get(nearest).unwrap_or_default();
    let length = near.iter().rev().take_while(|byte| is_part(byte)).count();
    // Only ASCII was counted, so this is a character boundary.
    before.get(before.len() - length..).unwrap_or_default()
}

/// How much of the text that begins with a value may be secret; 0 for a table, whose keys are looked at
/// themselves.
fn value_length(value: &str) -> usize {
    let line_end = value.find('\n').unwrap_or(value.len());
    let quoted = |quote: &str| closing(value, quote);
    if value.starts_with('{') {
        0
    } else if value.starts_with("\"\"\"") {
        quoted("\"\"\"").unwrap_or(value.len())
    } else if value.starts_with("'''") {
        quoted("'''").unwrap_or(value.len())
    } else if value.starts_with('[') {
        value.find(']').map_or(value.len(), |at| at.max(line_end))
    } else {
        // Also behind a closing quote: `"a"b"` is wrong, and `b` may belong to the secret.
        line_end
    }
}

/// Where a quoted text ends, its quotes included.
fn closing(value: &str, quote: &str) -> Option<usize> {
    let inside = value.get(quote.len()..)?;
    let at = inside.find(quote)?;
    let line_end = inside.get(at..)?.find('\n');
    Some(quote.len() + line_end.map_or(inside.len(), |newline| at + newline))
}
