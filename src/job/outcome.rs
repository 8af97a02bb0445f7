//! What became of a received file: the word that answers are chosen by.

use crate::mapping::Cause;

/// What became of a received file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Its rows are in the store.
    Loaded,
    /// Loaded, and the reconciliation that belongs to it found a difference.
    Unreconciled,
    /// The same message was loaded before, with the same content.
    Duplicate,
    /// The same message was loaded before, with other content: held for a decision.
    Altered,
    /// Its header cannot be understood, or no read fits it.
    Header,
    /// Its version is not spoken here.
    Version,
    /// It breaks the rules of its format or envelope, or a limit.
    Malformed,
    /// More of its records are refused than the job tolerates.
    Content,
    /// A count, sum or identity that it promises is not so.
    Control,
    /// Understood, but a rule of the job does not accept it.
    Refused,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Loaded,
        Self::Unreconciled,
        Self::Duplicate,
        Self::Altered,
        Self::Header,
        Self::Version,
        Self::Malformed,
        Self::Content,
        Self::Control,
        Self::Refused,
    ];

    /// As written in a job.
    pub fn word(self) -> &'static str {
        match self {
            Self::Loaded => "loaded",
            Self::Unreconciled => "unreconciled",
            Self::Duplicate => "duplicate",
            Self::Altered => "altered",
            Self::Header => "header",
            Self::Version => "version",
            Self::Malformed => "malformed",
            Self::Content => "content",
            Self::Control => "control",
            Self::Refused => "refused",
        }
    }

    /// On screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Loaded => "已载入",
            Self::Unreconciled => "已载入，对账不符",
            Self::Duplicate => "重复报文",
            Self::Altered => "同号异文",
            Self::Header => "报文头错误",
            Self::Version => "版本错误",
            Self::Malformed => "格式错误",
            Self::Content => "内容错误",
            Self::Control => "汇总核对不符",
            Self::Refused => "收到但不予受理",
        }
    }

    /// The outcome with a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }

    /// Whether the file's rows are in the store.
    pub fn is_loaded(self) -> bool {
        matches!(self, Self::Loaded | Self::Unreconciled)
    }
}

impl From<Cause> for Outcome {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Version => Self::Version,
            Cause::Header => Self::Header,
            Cause::Content => Self::Content,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_is_found_by_its_word() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::of_word(outcome.word()), Some(outcome));
        }
    }
}
