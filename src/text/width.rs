//! How wide text is on a screen: a Chinese character takes two columns.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// On which side of its column a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Text: filled up on the right.
    Left,
    /// Numbers: filled up on the left.
    Right,
}

/// Terminal columns that `text` takes; ambiguous characters such as `①` count as one.
pub fn display_width(text: &str) -> usize {
    text.width()
}

/// `text` in at most `width` columns; what does not fit is cut and shown as `…`.
pub fn truncate_to_width(text: &str, width: usize) -> Cow<'_, str> {
    if display_width(text) <= width {
        return Cow::Borrowed(text);
    }
    let Some(room) = width.checked_sub(1) else {
        return Cow::Borrowed("");
    };
    let mut kept = String::new();
    let mut taken = 0;
    for char in text.chars() {
        taken += char.width().unwrap_or(1);
        if taken > room {
            break;
        }
        kept.push(char);
    }
    // A sequence of characters can be wider than their sum (emoji with a presentation selector).
    while display_width(&kept) > room {
        kept.pop();
    }
    kept.push('…');
    Cow::Owned(kept)
}

/// `text` filled up with spaces to `width` columns; a wider text is returned as it is.
pub fn pad_to_width(text: &str, width: usize, align: Align) -> String {
    let spaces = " ".repeat(width.saturating_sub(display_width(text)));
    match align {
        Align::Left => format!("{text}{spaces}"),
        Align::Right => format!("{spaces}{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_character_takes_two_columns() {
        assert_eq!(display_width("陕A12345"), 8);
        assert_eq!(display_width("（元）"), 6);
        assert_eq!(display_width(""), 0);
    }

    #[test]
    fn a_text_is_cut_between_characters_and_says_so() {
        assert_eq!(truncate_to_width("接收原始交易包", 14), "接收原始交易包");
        assert_eq!(truncate_to_width("接收原始交易包", 13), "接收原始交易…");
        assert_eq!(truncate_to_width("接收原始交易包", 8), "接收原…");
        assert_eq!(truncate_to_width("接收", 1), "…");
        assert_eq!(truncate_to_width("接收", 0), "");
        for width in 0..20 {
            let cut = truncate_to_width("陕A接☁️x收12345包", width);
            assert!(display_width(&cut) <= width, "{cut} in {width}");
        }
    }

    #[test]
    fn columns_line_up() {
        assert_eq!(pad_to_width("陕A", 5, Align::Left), "陕A  ");
        assert_eq!(pad_to_width("1.00", 6, Align::Right), "  1.00");
        assert_eq!(pad_to_width("交易", 2, Align::Left), "交易");
    }
}
