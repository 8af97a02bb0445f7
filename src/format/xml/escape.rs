//! Text and attribute values as they are written.

use super::chars::is_xml_char;

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    Text,
    Attribute,
}

/// Appends a value so that a reader gets exactly it back; gives the first character that XML
/// cannot hold.
pub(super) fn push_escaped(out: &mut String, value: &str, spot: Spot) -> Result<(), char> {
    let plain = |b: u8| (b' '..0x7f).contains(&b) && !matches!(b, b'&' | b'<' | b'>' | b'"');
    if value.bytes().all(plain) {
        out.push_str(value);
        return Ok(());
    }
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            // In text because of `]]>`.
            '>' => out.push_str("&gt;"),
            '"' if spot == Spot::Attribute => out.push_str("&quot;"),
            // A reader makes `\r` a line feed, and all white space in attributes spaces.
            '\r' => out.push_str("&#13;"),
            '\n' if spot == Spot::Attribute => out.push_str("&#10;"),
            '\t' if spot == Spot::Attribute => out.push_str("&#9;"),
            c if is_xml_char(c) => out.push(c),
            c => return Err(c),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_line_ends_are_escaped_where_a_reader_would_change_them() {
        let mut out = String::new();
        push_escaped(&mut out, "a<b>&\"c\"\r\n\t陕", Spot::Text).expect("XML can hold it");
        assert_eq!(out, "a&lt;b&gt;&amp;\"c\"&#13;\n\t陕");
        out.clear();
        push_escaped(&mut out, "<\"'\r\n\t>", Spot::Attribute).expect("XML can hold it");
        assert_eq!(out, "&lt;&quot;'&#13;&#10;&#9;&gt;");
        assert_eq!(push_escaped(&mut out, "a\0", Spot::Text), Err('\0'));
        assert_eq!(
            push_escaped(&mut out, "\u{fffe}", Spot::Text),
            Err('\u{fffe}')
        );
    }
}
