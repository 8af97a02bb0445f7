//! The canonical types of documents: the kinds of number that are documents, by their words.
//!
//! A partner's own codes are mapped to these by a code table; a canonical type without a code of
//! the partner is refused when it is written, and never sent as another one.

use super::rules::{Identifier, RULES};

impl Identifier {
    /// The kind that a canonical document type names; `None` for a text that is no such type.
    pub fn of_document(document_type: &str) -> Option<Self> {
        let rule = RULES.iter().find(|rule| rule.word == document_type);
        rule.filter(|rule| rule.is_document).map(|rule| rule.kind)
    }

    /// Every canonical document type, with its Chinese title.
    pub fn documents() -> impl Iterator<Item = (&'static str, &'static str)> {
        let documents = RULES.iter().filter(|rule| rule.is_document);
        documents.map(|rule| (rule.word, rule.title))
    }

    /// Every kind, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        RULES.iter().map(|rule| rule.kind)
    }
}
