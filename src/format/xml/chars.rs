//! Characters, names and references of XML 1.0 (fifth edition, productions 2, 4, 66 and 68).

/// XML white space.
pub(super) const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// Whether all of it is XML white space.
pub(super) fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|b| is_space(*b))
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Whether XML allows the character at all.
pub(super) fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// The first character that XML forbids, in text without control characters: U+FFFE and U+FFFF.
pub(super) fn has_noncharacter(text: &str) -> bool {
    memchr::memchr(0xef, text.as_bytes()).is_some() && !text.chars().all(is_xml_char)
}

fn is_name_start(c: char) -> bool {
    matches!(c,
        'A'..='Z' | 'a'..='z' | '_'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}'
        | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}'
        | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

fn is_name_char(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '0'..='9' | '-' | '.' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// Whether a text is a name without a colon.
pub(super) fn is_local_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(is_name_start) && chars.all(is_name_char)
}

/// A name with its prefix, which is empty when there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct QualifiedName<'a> {
    pub(super) prefix: &'a str,
    pub(super) local: &'a str,
}

/// Splits and checks a name; `None` when it is not one.
pub(super) fn qualified(name: &str) -> Option<QualifiedName<'_>> {
    let (prefix, local) = match memchr::memchr(b':', name.as_bytes()) {
        None => ("", name),
        Some(at) => {
            let (prefix, rest) = name.split_at_checked(at)?;
            if !is_local_name(prefix) {
                return None;
            }
            (prefix, rest.strip_prefix(':')?)
        }
    };
    is_local_name(local).then_some(QualifiedName { prefix, local })
}

/// What stands between `&` and `;`: one of the five entities or a character that XML allows.
pub(super) fn resolve(reference: &str) -> Option<char> {
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => {
            let digits = reference.strip_prefix('#')?;
            let (digits, radix) = match digits.strip_prefix('x') {
                Some(hex) => (hex, 16),
                None => (digits, 10),
            };
            // `from_str_radix` would take a sign.
            if !digits.chars().all(|c| c.is_digit(radix)) {
                return None;
            }
            let number = u32::from_str_radix(digits, radix).ok()?;
            char::from_u32(number).filter(|c| is_xml_char(*c))
        }
    }
}

/// Appends a character as UTF-8.
pub(super) fn push_char(out: &mut Vec<u8>, c: char) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Appends text with its line ends as XML gives them to applications: `\r\n` and `\r` are `\n`.
pub(super) fn push_lines(out: &mut Vec<u8>, text: &str) {
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    let mut parts = text.split('\r');
    out.extend_from_slice(parts.next().unwrap_or("").as_bytes());
    for part in parts {
        out.push(b'\n');
        out.extend_from_slice(part.strip_prefix('\n').unwrap_or(part).as_bytes());
    }
}

/// Why an attribute's value is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadValue<'a> {
    /// A `<`.
    LessThan,
    /// A `&` without `;`.
    OpenReference,
    /// A reference to nothing.
    Reference(&'a str),
}

/// Appends an attribute's value: references resolved, white space made spaces.
pub(super) fn push_attribute<'a>(out: &mut Vec<u8>, raw: &'a str) -> Result<(), BadValue<'a>> {
    let mut rest = raw;
    while let Some(at) = memchr::memchr2(b'&', b'<', rest.as_bytes()) {
        let (text, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
        push_spaced(out, text);
        let reference = tail.strip_prefix('&').ok_or(BadValue::LessThan)?;
        let (name, after) = reference.split_once(';').ok_or(BadValue::OpenReference)?;
        push_char(out, resolve(name).ok_or(BadValue::Reference(name))?);
        rest = after;
    }
    push_spaced(out, rest);
    Ok(())
}

fn push_spaced(out: &mut Vec<u8>, text: &str) {
    let start = out.len();
    push_lines(out, text);
    for byte in out.iter_mut().skip(start) {
        if is_space(*byte) {
            *byte = b' ';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_namespaces_recommendation() {
        for good in ["a", "_a", "a-1.b", "n:a", "车牌", "a·b"] {
            assert!(qualified(good).is_some(), "{good}");
        }
        for bad in [
            "", "1a", "-a", ":a", "a:", "a:b:c", "a:1", "a b", "a=b", "a/", "a\u{d7}",
        ] {
            assert!(qualified(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_reference_is_an_xml_character_or_nothing() {
        for (reference, c) in [
            ("amp", '&'),
            ("#65", 'A'),
            ("#x9655", '陕'),
            ("#10", '\n'),
            ("#x10FFFF", '\u{10ffff}'),
        ] {
            assert_eq!(resolve(reference), Some(c), "{reference}");
        }
        for bad in [
            "",
            "nbsp",
            "#",
            "#x",
            "#0",
            "#8",
            "#xFFFE",
            "#xD800",
            "#x110000",
            "#+65",
            "#X41",
            "#99999999999",
            "AMP",
        ] {
            assert_eq!(resolve(bad), None, "{bad}");
        }
    }

    #[test]
    fn line_ends_and_attribute_white_space_are_normalised() {
        let mut out = Vec::new();
        push_lines(&mut out, "a\r\nb\rc\nd\r\r\n");
        assert_eq!(out, b"a\nb\nc\nd\n\n");
        out.clear();
        push_attribute(&mut out, "a\r\nb\tc&#10;d&lt;").expect("a good value");
        assert_eq!(out, b"a b c\nd<");
        assert_eq!(push_attribute(&mut out, "a<b"), Err(BadValue::LessThan));
        assert_eq!(
            push_attribute(&mut out, "a&b"),
            Err(BadValue::OpenReference)
        );
        assert_eq!(
            push_attribute(&mut out, "&b;"),
            Err(BadValue::Reference("b"))
        );
    }
}
