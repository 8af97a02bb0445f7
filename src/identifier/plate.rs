//! Licence plates. Their shapes are general knowledge of GA 36; colours are the toll codes, of
//! which partners agree about 0 to 6, 11 and 12.

use super::rules::Subject;
use super::verdict::{Doubt, Verdict};

/// A plate with its colour, `陕A12345_0`: the shape must suit the colour, else it is a doubt.
#[expect(clippy::unnecessary_wraps, reason = "a proof of the table of rules")]
pub(super) fn coloured(subject: &Subject<'_>) -> Verdict {
    let Some((plate, colour)) = subject.text.rsplit_once('_') else {
        return Ok(Some(Doubt::Colour));
    };
    let suits = match colour {
        "4" => is_new_energy(plate),
        "5" => is_new_energy(plate),
        "0" | "1" | "2" | "3" | "6" | "11" | "12" => !is_new_energy(plate),
        _ => false,
    };
    Ok((!suits).then_some(Doubt::Colour))
}

/// Eight characters, province and letter first: the shape of new-energy plates alone.
fn is_new_energy(plate: &str) -> bool {
    plate.chars().count() == 8 && plate.chars().skip(1).all(|c| c.is_ascii_alphanumeric())
}
