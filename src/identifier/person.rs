//! Documents of persons. Rules and their certainty: the facts of GB 11643, the police's published
//! specimens of residence permits, and the announcements about permanent-resident cards.

use chrono::NaiveDate;

use super::digits;
use super::rules::Subject;
use super::verdict::{Doubt, Fault, Verdict};

/// The first two digits of an area of GB/T 2260: provinces, and 71 for Taiwan as a province.
const PROVINCES: &[&str] = &[
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
    "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
];

/// The first two digits of the permits for residents of Hong Kong, Macau and Taiwan.
const PERMITS: &[&str] = &["81", "82", "83"];

/// A resident ID of 18: area, birth date, sequence, check digit.
pub(super) fn resident(subject: &Subject<'_>) -> Verdict {
    if subject.starts_with_any(PERMITS) {
        return Err(Fault::ResidencePermit);
    }
    numbered(subject)?;
    Ok(area(subject))
}

/// A resident ID of 15, issued until 1999: no check digit, a year of two digits.
pub(super) fn resident_15(subject: &Subject<'_>) -> Verdict {
    let born = subject.text.get(6..12).unwrap_or_default();
    if !has_been(&format!("19{born}"), subject.today) {
        return Err(Fault::BirthDate);
    }
    Ok(Some(area(subject).unwrap_or(Doubt::OldForm)))
}

/// A residence permit: the resident ID's algorithm over an area of its own.
pub(super) fn residence_permit(subject: &Subject<'_>) -> Verdict {
    numbered(subject)?;
    Ok(None)
}

/// A permanent-resident card since 2023-12-01: `9`, and the resident ID's check digit. That the
/// birth date stands at 7 to 14 is inferred, so another text there is only a doubt.
pub(super) fn permanent_resident(subject: &Subject<'_>) -> Verdict {
    check_digit(subject)?;
    let born = subject.text.get(6..14).unwrap_or_default();
    Ok((!has_been(born, subject.today)).then_some(Doubt::BirthDate))
}

fn numbered(subject: &Subject<'_>) -> Result<(), Fault> {
    check_digit(subject)?;
    let born = subject.text.get(6..14).unwrap_or_default();
    if has_been(born, subject.today) {
        Ok(())
    } else {
        Err(Fault::BirthDate)
    }
}

fn check_digit(subject: &Subject<'_>) -> Result<(), Fault> {
    if digits::resident(subject.text) == subject.text.chars().last() {
        Ok(())
    } else {
        Err(Fault::CheckDigit)
    }
}

/// Areas were renamed and merged over decades, so an unknown one is never refused.
fn area(subject: &Subject<'_>) -> Option<Doubt> {
    (!subject.starts_with_any(PROVINCES)).then_some(Doubt::Area)
}

/// Whether eight digits are a day until today.
fn has_been(text: &str, today: NaiveDate) -> bool {
    NaiveDate::parse_from_str(text, "%Y%m%d").is_ok_and(|day| day <= today)
}
