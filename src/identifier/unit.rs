//! Documents of units, and card numbers.

use super::digits;
use super::rules::Subject;
use super::verdict::{Doubt, Fault, Verdict};

/// A unified social credit code. That characters 9 to 17 are an organisation code with a check
/// digit of its own was seen on few codes only, so there it is a doubt.
pub(super) fn credit_code(subject: &Subject<'_>) -> Verdict {
    if digits::credit_code(subject.text) != subject.text.chars().last() {
        return Err(Fault::CheckDigit);
    }
    let inner = subject.text.get(8..17).unwrap_or_default();
    let agrees = digits::organisation(inner) == inner.chars().last();
    Ok((!agrees).then_some(Doubt::CheckDigit))
}

/// An organisation code, with or without the hyphen before its check digit.
pub(super) fn organisation(subject: &Subject<'_>) -> Verdict {
    match digits::organisation(subject.text) == subject.text.chars().last() {
        true => Ok(None),
        false => Err(Fault::CheckDigit),
    }
}

/// A bank card: accounts of passbooks stand in the same fields and have no such digit.
#[expect(clippy::unnecessary_wraps, reason = "a proof of the table of rules")]
pub(super) fn bank_card(subject: &Subject<'_>) -> Verdict {
    let agrees = digits::bank_card(subject.text) == subject.text.chars().last();
    Ok((!agrees).then_some(Doubt::CheckDigit))
}

/// Nothing beyond its shape is known.
#[expect(clippy::unnecessary_wraps, reason = "a proof of the table of rules")]
pub(super) fn shape_only(_: &Subject<'_>) -> Verdict {
    Ok(None)
}

/// Accepted in this form, which is old or not published.
#[expect(clippy::unnecessary_wraps, reason = "a proof of the table of rules")]
pub(super) fn old_form(_: &Subject<'_>) -> Verdict {
    Ok(Some(Doubt::OldForm))
}
