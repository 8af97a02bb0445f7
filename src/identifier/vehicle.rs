//! Vehicle identification numbers, alone and inside of a text.

use std::sync::LazyLock;

use regex::Regex;

use super::digits;
use super::rules::Subject;
use super::verdict::{Doubt, Fault, Verdict};

/// A VIN of GB 16735: its check digit is compulsory in China and North America, not in Europe, so
/// only a Chinese number (`L…`) is refused for it.
pub(super) fn vin(subject: &Subject<'_>) -> Verdict {
    let agrees = digits::vin(subject.text) == subject.text.chars().nth(8);
    match (agrees, subject.text.starts_with('L')) {
        (true, _) => Ok(None),
        (false, true) => Err(Fault::CheckDigit),
        (false, false) => Ok(Some(Doubt::CheckDigit)),
    }
}

/// Every VIN that stands in a text, each once, in its order: full-width letters and digits are
/// taken as narrow ones, small letters as capitals. With each, whether its check digit agrees: a
/// number that does not is kept, because who wrote it may have mistyped one character of it.
pub fn find_vins(text: &str) -> Vec<(String, bool)> {
    static CANDIDATE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("[0-9A-Z]+").expect("the pattern is constant"));
    let narrow: String = text.chars().map(narrowed).collect();
    let mut found: Vec<(String, bool)> = Vec::new();
    for candidate in CANDIDATE.find_iter(&narrow) {
        let candidate = candidate.as_str();
        let candidate = match candidate.strip_prefix("VIN") {
            Some(rest) if rest.len() == 17 => rest,
            _ => candidate,
        };
        if !is_vin(candidate) || found.iter().any(|(vin, _)| vin == candidate) {
            continue;
        }
        let agrees = digits::vin(candidate) == candidate.chars().nth(8);
        found.push((candidate.to_owned(), agrees));
    }
    found
}

/// Seventeen characters without I, O and Q, of which at least one is a letter and four are digits:
/// a number of digits alone is an account or a declaration.
fn is_vin(text: &str) -> bool {
    let count = |is: fn(char) -> bool| text.chars().filter(|c| is(*c)).count();
    text.len() == 17
        && !text.contains(['I', 'O', 'Q'])
        && count(|c| c.is_ascii_digit()) >= 4
        && count(|c| c.is_ascii_uppercase()) >= 1
}

fn narrowed(c: char) -> char {
    let narrow = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ => c,
    };
    narrow.to_ascii_uppercase()
}
