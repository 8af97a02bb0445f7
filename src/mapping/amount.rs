//! Amounts in yuan in forms of a partner's own: thousands apart, a sign in another place.
//!
//! Plain amounts (`123.45`, `-123.45`) are [`Fen`]'s business, those of fixed width a style's. As with
//! days nothing is optional that was not declared, so that writing is the inverse of reading: with
//! thousands apart `1234.50` is no amount.

use std::borrow::Cow;

use super::field::read_decimal;
use crate::id::Fen;

/// How an amount in yuan is written, where it is not written plainly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AmountForm {
    /// What stands between groups of three digits.
    pub thousands: Option<char>,
    /// Where the sign is.
    pub sign: AmountSign,
    /// Whether `12.5` and `12` are amounts too; two decimals are written.
    pub has_optional_decimals: bool,
}

/// Where the sign of an amount is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountSign {
    /// `-12.50`, `12.50`
    Minus,
    /// `-12.50`, `+12.50`
    Leading,
    /// `12.50-`, `12.50`
    TrailingMinus,
    /// `12.50-`, `12.50+`
    Trailing,
    /// `(12.50)`, `12.50`
    Parentheses,
}

impl AmountSign {
    /// The words of the configuration.
    pub(super) const WORDS: &'static [&'static str] = &[
        "minus",
        "leading",
        "trailing_minus",
        "trailing",
        "parentheses",
    ];

    pub(super) fn of(word: &str) -> Self {
        match word {
            "leading" => Self::Leading,
            "trailing_minus" => Self::TrailingMinus,
            "trailing" => Self::Trailing,
            "parentheses" => Self::Parentheses,
            _ => Self::Minus,
        }
    }

    /// Whether an amount is below zero, and its digits.
    fn taken_off(self, text: &str) -> Option<(bool, &str)> {
        let signed = |minus: Option<_>, plus: Option<_>| match (minus, plus) {
            (Some(rest), _) => Some((true, rest)),
            (None, Some(rest)) => Some((false, rest)),
            (None, None) => None,
        };
        match self {
            Self::Minus => signed(text.strip_prefix('-'), Some(text)),
            Self::Leading => signed(text.strip_prefix('-'), text.strip_prefix('+')),
            Self::TrailingMinus => signed(text.strip_suffix('-'), Some(text)),
            Self::Trailing => signed(text.strip_suffix('-'), text.strip_suffix('+')),
            Self::Parentheses => {
                let inner = text
                    .strip_prefix('(')
                    .and_then(|rest| rest.strip_suffix(')'));
                signed(inner, Some(text))
            }
        }
    }

    fn put_on(self, is_negative: bool, digits: &str) -> String {
        match (self, is_negative) {
            (Self::Minus | Self::Leading, true) => format!("-{digits}"),
            (Self::TrailingMinus | Self::Trailing, true) => format!("{digits}-"),
            (Self::Parentheses, true) => format!("({digits})"),
            (Self::Leading, false) => format!("+{digits}"),
            (Self::Trailing, false) => format!("{digits}+"),
            (Self::Minus | Self::TrailingMinus | Self::Parentheses, false) => digits.to_owned(),
        }
    }
}

impl AmountForm {
    /// Reads an amount; `None` when the text is not of this form or does not fit 64 bits.
    pub fn read(self, text: &str) -> Option<Fen> {
        let (is_negative, digits) = self.sign.taken_off(text)?;
        if !digits.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let plain = match self.thousands {
            None => Cow::Borrowed(digits),
            Some(between) => Cow::Owned(joined(digits, between)?),
        };
        let amount = match self.has_optional_decimals {
            true => read_decimal(&plain, 2).map(Fen)?,
            false => Fen::from_yuan(&plain).ok()?,
        };
        Some(if is_negative { Fen(-amount.0) } else { amount })
    }

    /// Writes an amount.
    pub fn write(self, amount: Fen) -> String {
        let fen = amount.0.unsigned_abs();
        let mut whole = (fen / 100).to_string();
        if let Some(between) = self.thousands {
            let mut place = whole.len();
            while place > 3 {
                place -= 3;
                whole.insert(place, between);
            }
        }
        self.sign
            .put_on(amount.0 < 0, &format!("{whole}.{:02}", fen % 100))
    }

    /// What a message expects.
    pub(super) fn example(self) -> String {
        format!("an amount in yuan such as `{}`", self.write(Fen(-123_450)))
    }
}

/// The digits without what stands between their groups; `None` when it stands anywhere else.
fn joined(digits: &str, between: char) -> Option<String> {
    let (whole, decimals) = match digits.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (digits, None),
    };
    let mut groups = whole.split(between);
    let first = groups.next().filter(|first| first.len() <= 3)?;
    let mut plain = first.to_owned();
    for group in groups {
        if group.len() != 3 {
            return None;
        }
        plain.push_str(group);
    }
    if let Some(decimals) = decimals {
        plain.push('.');
        plain.push_str(decimals);
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(thousands: Option<char>, sign: &str) -> AmountForm {
        AmountForm {
            thousands,
            sign: AmountSign::of(sign),
            has_optional_decimals: false,
        }
    }

    #[test]
    fn amounts_of_every_form_read_and_write_back_exactly() {
        for (thousands, sign, fen, text) in [
            (Some(','), "minus", -123_456_789, "-1,234,567.89"),
            (Some(','), "minus", 99_900, "999.00"),
            (Some('\''), "leading", 100_000, "+1'000.00"),
            (None, "trailing_minus", -1_250, "12.50-"),
            (None, "trailing_minus", 1_250, "12.50"),
            (None, "trailing", 1_250, "12.50+"),
            (None, "trailing", -5, "0.05-"),
            (Some(','), "parentheses", -123_450, "(1,234.50)"),
            (Some(','), "parentheses", 0, "0.00"),
            (None, "minus", i64::MAX, "92233720368547758.07"),
        ] {
            let form = form(thousands, sign);
            assert_eq!(form.read(text), Some(Fen(fen)), "{text}");
            assert_eq!(form.write(Fen(fen)), text);
        }
    }

    #[test]
    fn what_is_not_exactly_of_the_form_is_no_amount() {
        for (thousands, sign, text) in [
            (Some(','), "minus", "1234.50"),
            (Some(','), "minus", "1,23,4.50"),
            (Some(','), "minus", ",123.00"),
            (Some(','), "minus", "1,234.5"),
            (Some(','), "minus", "1,234.5,0"),
            (Some(','), "minus", "+1.00"),
            (None, "minus", "1,234.50"),
            (None, "trailing", "12.50"),
            (None, "trailing", "-12.50+"),
            (None, "trailing_minus", "-12.50"),
            (None, "trailing_minus", "12.50--"),
            (None, "parentheses", "(12.50"),
            (None, "parentheses", "(-12.50)"),
            (None, "leading", "12.50"),
            (None, "leading", "-"),
            (None, "minus", "92233720368547758.08"),
        ] {
            assert_eq!(form(thousands, sign).read(text), None, "{text}");
        }
        let optional = AmountForm {
            has_optional_decimals: true,
            ..form(Some(','), "trailing_minus")
        };
        assert_eq!(optional.read("1,234.5-"), Some(Fen(-123_450)));
        assert_eq!(optional.read("7"), Some(Fen(700)));
        assert_eq!(optional.read("7.505"), None);
        assert_eq!(optional.example(), "an amount in yuan such as `1,234.50-`");
    }
}
