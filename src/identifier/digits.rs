//! Check digits. Every function takes the text in upper case and answers `None` for a character
//! that has no value in its alphabet.

/// GB 11643 (ISO 7064 MOD 11-2) over the first 17 digits.
pub(super) fn resident(text: &str) -> Option<char> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum = weighted(text, &WEIGHTS, |c| c.to_digit(10))?;
    "10X98765432".chars().nth((sum % 11) as usize)
}

/// GB 32100-2015 over the first 17 characters. The alphabet leaves out I, O, S, V and Z.
pub(super) fn credit_code(text: &str) -> Option<char> {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [u32; 17] = [
        1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
    ];
    let value = |c| Some(ALPHABET.find(c)? as u32);
    let sum = weighted(text, &WEIGHTS, value)?;
    ALPHABET.chars().nth(((31 - sum % 31) % 31) as usize)
}

/// GB 11714 over the first eight characters.
pub(super) fn organisation(text: &str) -> Option<char> {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum = weighted(text, &WEIGHTS, |c| c.to_digit(36))?;
    match 11 - sum % 11 {
        10 => Some('X'),
        11 => Some('0'),
        digit => char::from_digit(digit, 10),
    }
}

/// GB 16735-2019 over all 17 characters; the ninth, which it gives, has no weight.
pub(super) fn vin(text: &str) -> Option<char> {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    match weighted(text, &WEIGHTS, vin_value)? % 11 {
        10 => Some('X'),
        digit => char::from_digit(digit, 10),
    }
}

fn vin_value(c: char) -> Option<u32> {
    match c {
        '0'..='9' => c.to_digit(10),
        'A'..='H' => Some(c as u32 - 'A' as u32 + 1),
        'J'..='N' => Some(c as u32 - 'J' as u32 + 1),
        'P' => Some(7),
        'R' => Some(9),
        'S'..='Z' => Some(c as u32 - 'S' as u32 + 2),
        _ => None,
    }
}

/// ISO/IEC 7812 (Luhn) over everything but the last digit.
pub(super) fn bank_card(text: &str) -> Option<char> {
    let digits = text.chars().rev().skip(1).enumerate();
    let sum = digits
        .map(|(at, c)| {
            let digit = c.to_digit(10)?;
            Some(match at % 2 {
                0 => digit * 2 / 10 + digit * 2 % 10,
                _ => digit,
            })
        })
        .sum::<Option<u32>>()?;
    char::from_digit((10 - sum % 10) % 10, 10)
}

/// The sum of the first characters' values, each times its weight; `None` when one is missing.
fn weighted(text: &str, weights: &[u32], value: impl Fn(char) -> Option<u32>) -> Option<u32> {
    let mut chars = text.chars();
    weights
        .iter()
        .map(|weight| Some(weight * value(chars.next()?)?))
        .sum()
}
