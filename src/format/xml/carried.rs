//! Elements that no field wants, as one text: how they are kept between reading and writing.
//!
//! The text is a list of pieces. Each is `<?after PATH LENGTH?>` and then one element, byte for
//! byte as it was read, `LENGTH` bytes of UTF-8. `PATH` is the known element that it came after,
//! from the record: `DecHead/EdiId`; it ends with `/`, or is empty, where it came before any known
//! one. The one invariant: what [`push`] writes, [`pieces`] reads back.

/// One element with the place where it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece<'t> {
    /// The elements from the record to the one it stands in.
    pub(super) holders: Vec<&'t str>,
    /// The known element before it.
    pub(super) after: Option<&'t str>,
    /// The element itself.
    pub(super) raw: &'t str,
}

/// Appends a piece.
pub(super) fn push(text: &mut String, path: &str, raw: &str) {
    text.push_str("<?after ");
    text.push_str(path);
    text.push(' ');
    text.push_str(&raw.len().to_string());
    text.push_str("?>");
    text.push_str(raw);
}

/// The pieces of a text; `None` when it is not such a text.
pub(super) fn pieces(mut text: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    while !text.is_empty() {
        let (head, rest) = text.strip_prefix("<?after ")?.split_once("?>")?;
        let (path, length) = head.rsplit_once(' ')?;
        let (raw, rest) = rest.split_at_checked(length.parse().ok()?)?;
        if !raw.starts_with('<') || !raw.ends_with('>') {
            return None;
        }
        let mut holders: Vec<&str> = path.split('/').collect();
        let after = holders.pop().filter(|name| !name.is_empty());
        pieces.push(Piece {
            holders,
            after,
            raw,
        });
        text = rest;
    }
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_read_back_as_they_were_pushed_whatever_is_in_them() {
        let mut text = String::new();
        push(
            &mut text,
            "DecHead/EdiId",
            "<Risk a=\"1\">低<?after x 3?></Risk>",
        );
        push(&mut text, "DecHead/", "<First/>");
        push(&mut text, "", "<Start/>");
        let piece = |holders: &[&'static str], after, raw| Piece {
            holders: holders.to_vec(),
            after,
            raw,
        };
        assert_eq!(
            pieces(&text),
            Some(vec![
                piece(
                    &["DecHead"],
                    Some("EdiId"),
                    "<Risk a=\"1\">低<?after x 3?></Risk>"
                ),
                piece(&["DecHead"], None, "<First/>"),
                piece(&[], None, "<Start/>"),
            ])
        );
        assert_eq!(pieces(""), Some(Vec::new()));
    }

    #[test]
    fn another_text_is_no_list_of_pieces() {
        for text in [
            "x",
            "<A/>",
            "<?after a?><A/>",
            "<?after a 99?><A/>",
            "<?after a 2?><A/>",
            "<?after a 3?>渡A>",
            "<?after a 4?><A/>x",
        ] {
            assert_eq!(pieces(text), None, "{text}");
        }
    }
}
