//! Numbers that carry their own rules: identity documents, units, vehicles, declarations, cards.
//!
//! Responsible for saying whether a text can be a number of its kind: its shape, its check digit,
//! the day inside it. Not for where the text stands or what becomes of it (`mapping`), and never
//! for whether the person or car exists. Mappings call it for `check = "…"`, simulators and tests
//! make numbers with [`Identifier::specimen`].
//!
//! The one invariant: a rule that is not certain never refuses. What only looks wrong is a
//! [`Doubt`], and the number is accepted with it ([ADR 0020](../docs/adr/0020-doubts-are-counted.md)).

mod digits;
mod document;
mod person;
mod plate;
mod rules;
mod specimen;
#[cfg(test)]
mod tests;
mod unit;
mod vehicle;
mod verdict;

use chrono::NaiveDate;

pub use rules::{Identifier, WORDS};
pub use vehicle::find_vins;
pub use verdict::{Doubt, Fault, Verdict};

use rules::Subject;

impl Identifier {
    /// The kind a configuration names, such as `vin`.
    pub fn named(word: &str) -> Option<Self> {
        let rule = rules::RULES.iter().find(|rule| rule.word == word);
        rule.map(|rule| rule.kind)
    }

    /// As a configuration names it.
    pub fn word(self) -> &'static str {
        self.rule().word
    }

    /// In Chinese.
    pub fn title(self) -> &'static str {
        self.rule().title
    }

    /// What a text of this kind looks like, for messages.
    pub fn expected(self) -> &'static str {
        self.rule().expected
    }

    /// Whether it names a person or a person's account, so that messages show it masked.
    pub fn is_personal(self) -> bool {
        self.rule().is_personal
    }

    /// Judges a text, lower-case letters taken as upper-case ones. `today` is the day on which it
    /// is judged: nobody was born after it.
    ///
    /// # Errors
    ///
    /// Why it cannot be a number of this kind.
    pub fn check(self, text: &str, today: NaiveDate) -> Verdict {
        let text = text.to_ascii_uppercase();
        match rules::shape_of(self, &text) {
            Some(shape) => (shape.proof)(&Subject { text: &text, today }),
            None => Err(Fault::Shape(self.expected())),
        }
    }
}
