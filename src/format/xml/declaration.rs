//! The XML declaration: what it may say, and whether its encoding is the right one.

use super::chars::QualifiedName;
use super::codes::malformed;
use super::tag::Splitter;
use crate::format::FormatError;
use crate::format::nested::shown;
use crate::text::Encoding;

/// Checks what stands between `<?` and `?>`; gives the encoding's label, if there is one.
pub(super) fn label(content: &str, at: u64) -> Result<Option<&str>, FormatError> {
    let mut parts = Splitter::new(content.strip_prefix("xml").unwrap_or(content), at);
    let mut label = None;
    let mut stage = 0;
    while let Some(part) = parts.next()? {
        let QualifiedName { prefix, local } = part.name;
        let next = match (prefix, local) {
            ("", "version") => 1,
            ("", "encoding") => 2,
            ("", "standalone") => 3,
            _ => 0,
        };
        if next <= stage || (stage == 0 && next != 1) {
            let text = format!("`{}` is out of place in the XML declaration", shown(local));
            return Err(malformed(at, text));
        }
        stage = next;
        match next {
            1 if part.value != "1.0" => {
                let text = format!("the XML version is `{}`, expected `1.0`", shown(part.value));
                return Err(malformed(at, text));
            }
            2 => label = Some(part.value),
            3 if !matches!(part.value, "yes" | "no") => {
                let text = format!("`standalone` is `{}`, not `yes` or `no`", shown(part.value));
                return Err(malformed(at, text));
            }
            _ => {}
        }
    }
    if stage == 0 {
        return Err(malformed(at, "the XML declaration has no version"));
    }
    Ok(label)
}

/// Whether a label names the encoding, or a part of it that peers are known to write.
pub(super) fn agrees(label: &str, encoding: Encoding) -> bool {
    let labels: &[&str] = match encoding {
        Encoding::Utf8 => &["utf-8", "utf8"],
        Encoding::Gbk => &["gbk", "gb2312", "cp936", "windows-936"],
        // GB18030 contains GBK, which contains GB2312.
        Encoding::Gb18030 => &["gb18030", "gbk", "gb2312"],
        Encoding::Ascii => &["us-ascii", "ascii"],
    };
    labels.iter().any(|known| known.eq_ignore_ascii_case(label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_says_version_encoding_and_standalone_in_this_order() {
        for (content, expected) in [
            ("xml version=\"1.0\"", Ok(None)),
            ("xml version='1.0' encoding='GBK' ", Ok(Some("GBK"))),
            (
                "xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"",
                Ok(Some("UTF-8")),
            ),
            ("xml", Err("the XML declaration has no version")),
            (
                "xml version=\"1.1\"",
                Err("the XML version is `1.1`, expected `1.0`"),
            ),
            (
                "xml encoding=\"UTF-8\" version=\"1.0\"",
                Err("`encoding` is out of place in the XML declaration"),
            ),
            (
                "xml version=\"1.0\" standalone=\"no\" encoding=\"UTF-8\"",
                Err("`encoding` is out of place in the XML declaration"),
            ),
            (
                "xml version=\"1.0\" standalone=\"maybe\"",
                Err("`standalone` is `maybe`, not `yes` or `no`"),
            ),
            (
                "xml version=\"1.0\" extra=\"1\"",
                Err("`extra` is out of place in the XML declaration"),
            ),
        ] {
            let found = label(content, 0).map_err(|error| error.to_string());
            let expected = expected.map_err(|text| format!("{text} (at byte 0)"));
            assert_eq!(found, expected, "{content}");
        }
    }

    #[test]
    fn a_label_agrees_with_its_own_encoding_and_what_contains_it() {
        assert!(agrees("utf-8", Encoding::Utf8));
        assert!(agrees("GB2312", Encoding::Gb18030));
        for wrong in ["GBK", "UTF-7", "UTF-16", "IBM037", "ISO-8859-1"] {
            assert!(!agrees(wrong, Encoding::Utf8), "{wrong}");
        }
        assert!(!agrees("UTF-8", Encoding::Gbk));
        assert!(!agrees("GB18030", Encoding::Gbk));
    }
}
