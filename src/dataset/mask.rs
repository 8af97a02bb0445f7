//! Masking: what is shown of personal data to whoever has no right to all of it.

use super::column::Class;

/// A value as it may be shown: the first two and last two characters stay, at least half of the
/// characters are hidden, and of up to four characters (most names) only the first stays.
pub fn mask(class: Class, text: &str) -> String {
    match class {
        Class::None => text.to_owned(),
        Class::Personal | Class::Sensitive => hide(text),
    }
}

fn hide(text: &str) -> String {
    let count = text.chars().count();
    let (head, tail) = shown(count);
    text.chars()
        .enumerate()
        .map(|(at, character)| {
            if at < head || at >= count - tail {
                character
            } else {
                '*'
            }
        })
        .collect()
}

/// How many characters stay in front and behind.
fn shown(count: usize) -> (usize, usize) {
    match count {
        0 | 1 => (0, 0),
        2..=4 => (1, 0),
        5 => (1, 1),
        6 | 7 => (2, 1),
        _ => (2, 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_least_half_of_a_personal_value_is_hidden() {
        for (text, masked) in [
            ("", ""),
            ("王", "*"),
            ("王芳", "王*"),
            ("欧阳修文", "欧***"),
            ("陕A123", "陕***3"),
            ("陕A00001", "陕A****1"),
            ("陕A00001蓝", "陕A****1蓝"),
            ("6101230123456789", "61************89"),
        ] {
            assert_eq!(mask(Class::Personal, text), masked);
            assert_eq!(mask(Class::Sensitive, text), masked);
            assert_eq!(mask(Class::None, text), text);
        }
    }
}
