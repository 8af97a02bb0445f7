//! What can be said of a number.

use std::fmt;

/// Accepted, perhaps with a doubt; or why it cannot be a number of its kind.
pub type Verdict = Result<Option<Doubt>, Fault>;

/// Why a text cannot be a number of its kind. It never repeats the text, which may be personal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Other characters or another length.
    #[error("expected {0}")]
    Shape(&'static str),
    /// The check digit is another one.
    #[error("the check digit does not agree with the digits before it")]
    CheckDigit,
    /// The day of birth is none, or lies in the future.
    #[error("the day of birth in it is no day that has been")]
    BirthDate,
    /// A resident ID whose number is that of a residence permit.
    #[error(
        "it begins like a residence permit of Hong Kong, Macau or Taiwan, which is another document"
    )]
    ResidencePermit,
}

/// Why a number was accepted only with a reserve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// A check digit that does not agree where nothing makes it compulsory.
    CheckDigit,
    /// The day of birth is none, where its place in the number is not certain.
    BirthDate,
    /// The first two digits are no province.
    Area,
    /// A form that is no longer issued, or not known from a public source.
    OldForm,
    /// A plate whose shape and colour do not go together, or a colour that partners disagree about.
    Colour,
    /// A code that its table does not have, where the mapping asks only for a note.
    UnknownCode,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CheckDigit => "its check digit does not agree",
            Self::BirthDate => "the day of birth in it is none",
            Self::Area => "it begins with no known province",
            Self::OldForm => "it has an old or unpublished form",
            Self::Colour => "its colour does not suit its shape, or has no agreed meaning",
            Self::UnknownCode => "the code table does not have it, so the column is empty",
        })
    }
}
