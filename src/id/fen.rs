//! Money: an integer number of 分 (1/100 yuan), never a float.

use std::fmt;
use std::iter::Sum;

/// An amount of money in 分. Sums are checked by their callers with [`Fen::checked_add`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fen(pub i64);

/// Why a text is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FenError {
    /// Not `123.45`: digits, a point, exactly two digits.
    #[error("an amount in yuan has digits, a point and exactly two decimals, such as 123.45")]
    Yuan,
    /// Not `12345`: digits only.
    #[error("an amount in fen has digits only, such as 12345")]
    Fen,
    /// Beyond ±92,233,720,368,547,758.07 yuan.
    #[error("the amount does not fit 64 bits of fen")]
    Overflow,
}

impl Fen {
    /// Zero.
    pub const ZERO: Self = Self(0);

    /// Reads yuan with exactly two decimals, an optional leading `-`, and nothing else.
    pub fn from_yuan(text: &str) -> Result<Self, FenError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (yuan, cents) = digits.split_once('.').ok_or(FenError::Yuan)?;
        if cents.len() != 2 {
            return Err(FenError::Yuan);
        }
        let yuan = digits_to_i64(yuan).map_err(|found| found.unwrap_or(FenError::Yuan))?;
        let cents = digits_to_i64(cents).map_err(|found| found.unwrap_or(FenError::Yuan))?;
        let fen = yuan
            .checked_mul(100)
            .and_then(|fen| fen.checked_add(cents))
            .ok_or(FenError::Overflow)?;
        Ok(Self(if negative { -fen } else { fen }))
    }

    /// Reads an integer number of 分, an optional leading `-`, and nothing else.
    pub fn from_fen(text: &str) -> Result<Self, FenError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let fen = digits_to_i64(digits).map_err(|found| found.unwrap_or(FenError::Fen))?;
        Ok(Self(if negative { -fen } else { fen }))
    }

    /// The sum, or `None` past 64 bits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The amount in Chinese capital numerals (大写金额), such as 壹佰贰拾叁元肆角伍分.
    pub fn capitals(self) -> String {
        capitals(self)
    }
}

/// Digits to a number; `Err(None)` is not digits, `Err(Some(Overflow))` is too large.
fn digits_to_i64(text: &str) -> Result<i64, Option<FenError>> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(None);
    }
    text.bytes()
        .try_fold(0_i64, |sum, b| {
            sum.checked_mul(10)?.checked_add(i64::from(b - b'0'))
        })
        .ok_or(Some(FenError::Overflow))
}

impl fmt::Display for Fen {
    /// Yuan with two decimals: `123.45`, `-0.05`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        f.pad(&format!("{sign}{}.{:02}", fen / 100, fen % 100))
    }
}

impl Sum for Fen {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        Self(iter.map(|fen| fen.0).sum())
    }
}

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const PLACES: [&str; 4] = ["", "拾", "佰", "仟"];
const GROUPS: [&str; 5] = ["", "万", "亿", "万亿", "亿亿"];

fn digit(value: u64) -> char {
    DIGITS.get((value % 10) as usize).copied().unwrap_or('零')
}

/// One group of four digits; a gap of zeros inside reads as one 零.
fn group(value: u64, pad: bool) -> String {
    let mut out = String::new();
    let mut gap = pad;
    for place in (0..4).rev() {
        let at = value / 10_u64.pow(place) % 10;
        if at == 0 {
            gap |= !out.is_empty();
            continue;
        }
        if gap {
            out.push('零');
            gap = false;
        }
        out.push(digit(at));
        out.push_str(PLACES.get(place as usize).copied().unwrap_or(""));
    }
    out
}

fn capitals(amount: Fen) -> String {
    let fen = amount.0.unsigned_abs();
    let (yuan, jiao, cents) = (fen / 100, fen / 10 % 10, fen % 10);
    let mut out = String::new();
    if amount.0 < 0 {
        out.push('负');
    }
    let mut started = false;
    for index in (0..GROUPS.len()).rev() {
        let value = yuan / 10_u64.pow(4 * index as u32) % 10_000;
        if value == 0 {
            continue;
        }
        out.push_str(&group(value, started && value < 1000));
        out.push_str(GROUPS.get(index).copied().unwrap_or(""));
        started = true;
    }
    if started || fen == 0 {
        if fen == 0 {
            out.push('零');
        }
        out.push('元');
    }
    match (jiao, cents) {
        (0, 0) => out.push('整'),
        (0, cents) => {
            if started {
                out.push('零');
            }
            out.push(digit(cents));
            out.push('分');
        }
        (jiao, cents) => {
            out.push(digit(jiao));
            out.push('角');
            if cents == 0 {
                out.push('整');
            } else {
                out.push(digit(cents));
                out.push('分');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_has_exactly_two_decimals() {
        assert_eq!(Fen::from_yuan("123.45"), Ok(Fen(12345)));
        assert_eq!(Fen::from_yuan("0.00"), Ok(Fen(0)));
        assert_eq!(Fen::from_yuan("-0.05"), Ok(Fen(-5)));
        for bad in [
            "", "1", "1.2", "1.234", ".50", "1.", "+1.00", " 1.00", "1,000.00", "１.00",
        ] {
            assert_eq!(Fen::from_yuan(bad), Err(FenError::Yuan), "{bad}");
        }
        assert_eq!(
            Fen::from_yuan("92233720368547758.08"),
            Err(FenError::Overflow)
        );
    }

    #[test]
    fn an_amount_shows_as_yuan() {
        assert_eq!(Fen(12345).to_string(), "123.45");
        assert_eq!(Fen(-5).to_string(), "-0.05");
    }

    #[test]
    fn capital_numerals_follow_bank_practice() {
        for (fen, text) in [
            (0, "零元整"),
            (5, "伍分"),
            (50, "伍角整"),
            (100, "壹元整"),
            (105, "壹元零伍分"),
            (12345, "壹佰贰拾叁元肆角伍分"),
            (1_000_000, "壹万元整"),
            (1_000_500, "壹万零伍元整"),
            (10_050_000, "壹拾万零伍佰元整"),
            (123_456_789, "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分"),
            (10_000_000_000, "壹亿元整"),
            (10_000_000_100, "壹亿零壹元整"),
            (-100, "负壹元整"),
        ] {
            assert_eq!(Fen(fen).capitals(), text, "{fen} fen");
        }
    }
}
