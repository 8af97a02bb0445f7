//! What a header or trailer promises, against what was decoded.

use crate::id::{Fen, RecordNo};

/// The field that states a promise: a record kind and the index of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// Which kind of record.
    pub record: usize,
    /// Which of its fields.
    pub field: usize,
}

/// What is counted or summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// How many records of a kind were decoded, refused ones included.
    Count {
        /// Which kind of record.
        record: usize,
    },
    /// The sum of an integer or money field over all decoded records of a kind.
    Sum {
        /// Which kind of record.
        record: usize,
        /// Which of its fields.
        field: usize,
    },
}

/// One control (汇总核对项), checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlPlan {
    /// Its name on screen.
    pub name: String,
    /// Where the promise stands.
    pub declared: Promise,
    /// What must equal it.
    pub total: Total,
    /// Whether each promising record speaks only of the records inside it.
    pub within: bool,
    /// Whether the numbers are 分.
    pub is_money: bool,
}

/// How one control came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlResult {
    /// The control's name.
    pub name: String,
    /// What was promised; `None` when the promise was absent.
    pub declared: Option<i64>,
    /// What was decoded; `None` when something that belongs to it could not be read.
    pub computed: Option<i64>,
    /// Whether the two are 分.
    pub is_money: bool,
    /// The promising record, for a control within records.
    pub record: Option<RecordNo>,
    /// Whether the promise may be absent.
    pub is_optional: bool,
}

impl ControlResult {
    /// Whether promise and total are equal. An absent optional promise agrees with anything
    /// readable; one that must be there agrees with nothing, or a file that lost its trailer would
    /// pass.
    pub fn agrees(&self) -> bool {
        match (self.declared, self.computed) {
            (Some(declared), Some(computed)) => declared == computed,
            (None, computed) => self.is_optional && computed.is_some(),
            (Some(_), None) => false,
        }
    }

    /// The two numbers as text.
    pub fn shown(&self) -> (String, String) {
        let show = |value: Option<i64>| match value {
            None => "—".to_owned(),
            Some(value) if self.is_money => Fen(value).to_string(),
            Some(value) => value.to_string(),
        };
        (show(self.declared), show(self.computed))
    }
}

/// A running count or sum; overflow and unreadable values make it unreadable for good.
#[derive(Debug, Clone, Copy)]
pub(super) struct Running(Option<i64>);

impl Running {
    pub(super) const ZERO: Self = Self(Some(0));

    pub(super) fn add(&mut self, value: Option<i64>) {
        self.0 = match (self.0, value) {
            (Some(sum), Some(value)) => sum.checked_add(value),
            _ => None,
        };
    }

    pub(super) fn get(self) -> Option<i64> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_that_must_be_there_and_is_not_agrees_with_nothing() {
        let result = |declared, computed, is_optional| ControlResult {
            name: "count".to_owned(),
            declared,
            computed,
            is_money: false,
            record: None,
            is_optional,
        };
        for (declared, computed, is_optional, agrees) in [
            (Some(2), Some(2), false, true),
            (Some(2), Some(3), true, false),
            (Some(2), None, true, false),
            (None, Some(0), false, false),
            (None, Some(3), true, true),
            (None, None, true, false),
        ] {
            let result = result(declared, computed, is_optional);
            assert_eq!(result.agrees(), agrees, "{result:?}");
        }
    }
}
