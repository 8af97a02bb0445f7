//! Numbers as their text.

use std::borrow::Cow;

/// The most digits that a number with an exponent is written out with.
const MOST_DIGITS: usize = 64;

/// Whether bytes are a number by the grammar of RFC 8259 §6.
pub(super) fn is_number(bytes: &[u8]) -> bool {
    let rest = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let (whole, rest) = digits(rest);
    if whole.is_empty() || (whole.len() > 1 && whole.starts_with(b"0")) {
        return false;
    }
    let rest = match rest.strip_prefix(b".") {
        None => rest,
        Some(after) => match digits(after) {
            ([], _) => return false,
            (_, rest) => rest,
        },
    };
    match rest {
        [] => true,
        [b'e' | b'E', after @ ..] => {
            let after = match after {
                [b'+' | b'-', after @ ..] => after,
                after => after,
            };
            matches!(digits(after), ([_, ..], []))
        }
        _ => false,
    }
}

fn digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(bytes.len());
    bytes.split_at(end)
}

/// A number (by [`is_number`]) without its exponent, exactly; `None` when that takes more than 64
/// digits. A number without an exponent is given as it stands.
pub(super) fn plain(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    let Some(at) = bytes.iter().position(|byte| matches!(byte, b'e' | b'E')) else {
        return Some(Cow::Borrowed(bytes));
    };
    let (mantissa, exponent) = bytes.split_at_checked(at)?;
    let exponent = std::str::from_utf8(exponent.get(1..)?).ok()?;
    let exponent: i64 = exponent.parse().ok()?;
    let (sign, mantissa): (&[u8], _) = match mantissa.strip_prefix(b"-") {
        Some(rest) => (b"-", rest),
        None => (b"", mantissa),
    };
    let (whole, fraction) = digits(mantissa);
    let fraction = fraction.get(1..).unwrap_or_default();
    let all: Vec<u8> = whole.iter().chain(fraction).copied().collect();
    let point = (whole.len() as i64).checked_add(exponent)?;
    let longest = MOST_DIGITS as i64;
    if !(-longest..=longest).contains(&point) || all.len() > MOST_DIGITS {
        return None;
    }
    let text = place_point(sign, &all, point);
    let length = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    (length <= MOST_DIGITS).then_some(Cow::Owned(text))
}

/// `digits` with a decimal point before the digit number `point`, as JSON would write it.
fn place_point(sign: &[u8], digits: &[u8], point: i64) -> Vec<u8> {
    let count = digits.len() as i64;
    let digit = |at: i64| {
        let found = usize::try_from(at).ok().and_then(|at| digits.get(at));
        found.copied().unwrap_or(b'0')
    };
    let mut whole: Vec<u8> = (0..point.max(1))
        .map(|at| if point < 1 { b'0' } else { digit(at) })
        .collect();
    let zeros = whole.iter().take_while(|digit| **digit == b'0').count();
    whole.drain(..zeros.min(whole.len().saturating_sub(1)));
    let mut text = [sign, &whole].concat();
    if point < count {
        text.push(b'.');
        text.extend((point..count).map(digit));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_of_the_grammar_are_numbers() {
        for good in ["0", "-0", "12", "12.30", "1e3", "1E+3", "1.5e-10", "0.0"] {
            assert!(is_number(good.as_bytes()), "{good}");
        }
        for bad in [
            "", "-", "01", "+1", ".5", "1.", "1e", "1e+", "1.e3", "0x1", "1 ", "--1", "1e3.0",
        ] {
            assert!(!is_number(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn an_exponent_is_written_out_exactly_or_not_at_all() {
        for (text, expected) in [
            ("12.30", "12.30"),
            ("12345678901234567890123", "12345678901234567890123"),
            ("1e3", "1000"),
            ("1.23e1", "12.3"),
            ("1.230e2", "123.0"),
            ("-1.5E-3", "-0.0015"),
            ("0.00012e2", "0.012"),
            ("0e5", "0"),
            ("10e-1", "1.0"),
            ("1.2e+2", "120"),
        ] {
            let found = plain(text.as_bytes()).expect("few digits");
            assert_eq!(std::str::from_utf8(&found), Ok(expected), "{text}");
        }
        for text in ["1e400", "1e-400", "1e64", "1e99999999999999999999"] {
            assert_eq!(plain(text.as_bytes()), None, "{text}");
        }
    }
}
