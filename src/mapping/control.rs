//! What a header or trailer promises, as a mapping declares it, and how it came out.

use crate::dataset::{Class, mask};
use crate::id::{Fen, RecordNo};
use crate::value::Value;

/// The field that states a promise: a record kind and the index of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// Which kind of record.
    pub record: usize,
    /// Which of its fields.
    pub field: usize,
}

/// What is made of the counted records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Total {
    /// How many there are, refused ones included.
    Count,
    /// The sum of an integer or money field.
    Sum,
    /// The sum of some digits of a field.
    Hash(Hash),
    /// One value, the same in all of them and, when named, in the surroundings.
    Equal {
        /// The value of the surroundings.
        context: Option<String>,
    },
    /// Numbers without a hole, each one more than the last.
    Sequence {
        /// The first; none: what the promise says, or 1.
        start: Option<i64>,
    },
}

/// Which digits a hash total adds, and how large it may become.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hash {
    /// Only so many from the left.
    pub first_digits: Option<usize>,
    /// Only so many from the right.
    pub last_digits: Option<usize>,
    /// Only the rest of a division by it is kept.
    pub modulus: Option<i64>,
}

/// One kind of record that belongs to a control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Which kind of record.
    pub record: usize,
    /// Which of its fields; none for a count.
    pub field: Option<usize>,
    /// Whether it is subtracted.
    pub is_minus: bool,
    /// Only records with these values.
    pub filters: Vec<Filter>,
    /// Records with these values are subtracted; none of them when empty.
    pub minus_filters: Vec<Filter>,
}

/// The values that a field of a counted record has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Which field.
    pub field: usize,
    /// One of these.
    pub values: Vec<Value>,
}

/// The records that a control within a group speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within {
    /// The kind that begins the group or, where records are nested, holds the others.
    pub group: usize,
    /// The kind that ends the group, if one does.
    pub closer: Option<usize>,
    /// Whether its record comes before the records of its group, as in lines.
    pub is_ahead: bool,
}

/// One control (汇总核对项), checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlPlan {
    /// Its name on screen.
    pub name: String,
    /// Where the promise stands; none for equality, and for a sequence with a known start.
    pub declared: Option<Promise>,
    /// Whether the file may do without the promise.
    pub is_optional: bool,
    /// What must equal it.
    pub total: Total,
    /// Of which records.
    pub counted: Vec<Counted>,
    /// The group of which each instance is checked on its own; none: the whole file.
    pub within: Option<Within>,
    /// Whether the numbers are 分.
    pub is_money: bool,
    /// How its values are shown.
    pub class: Class,
}

/// How one control came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlResult {
    /// The control's name.
    pub name: String,
    /// What was promised; `None` when the promise was absent.
    pub declared: Option<Value>,
    /// What was decoded; `None` when something that belongs to it could not be read.
    pub computed: Option<Value>,
    /// Whether the two are 分.
    pub is_money: bool,
    /// How the two are shown.
    pub class: Class,
    /// The promising record, for a control within records.
    pub record: Option<RecordNo>,
    /// Whether the promise may be absent.
    pub is_optional: bool,
    /// How many groups more disagree in this control, of which nothing is kept. Only the last
    /// result of a control that is kept has any.
    pub others: u64,
}

/// The first so many groups that disagree in a control are kept, as of the rejects of a held file;
/// the others are counted.
pub(super) const GROUPS_KEPT: u64 = 1_000;

impl ControlResult {
    /// Whether promise and total are equal. An absent optional promise agrees with anything
    /// readable; one that must be there agrees with nothing, or a file that lost its trailer would
    /// pass.
    pub fn agrees(&self) -> bool {
        match (&self.declared, &self.computed) {
            (Some(declared), Some(computed)) => declared == computed,
            (None, computed) => self.is_optional && computed.is_some(),
            (Some(_), None) => false,
        }
    }

    /// The two values as text; personal ones masked.
    pub fn shown(&self) -> (String, String) {
        let show = |value: &Option<Value>| match value {
            None | Some(Value::Null(_) | Value::Bytes(_)) => "—".to_owned(),
            Some(Value::Int(value)) if self.is_money => Fen(*value).to_string(),
            Some(Value::Int(value)) => value.to_string(),
            Some(Value::Text(text)) => mask(self.class, text),
            Some(Value::Date(date)) => date.to_string(),
            Some(Value::Instant(moment)) => moment.to_rfc3339(),
        };
        (show(&self.declared), show(&self.computed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_that_must_be_there_and_is_not_agrees_with_nothing() {
        let result = |declared: Option<i64>, computed: Option<i64>, is_optional| ControlResult {
            name: "count".to_owned(),
            declared: declared.map(Value::Int),
            computed: computed.map(Value::Int),
            is_money: false,
            class: Class::None,
            record: None,
            is_optional,
            others: 0,
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
