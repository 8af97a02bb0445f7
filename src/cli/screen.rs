//! What a screen is like: how wide it is, and which language it speaks.

use std::fmt::Display;

use super::sheet;
use super::words::Word;
use crate::settings::Language;

/// How wide a screen is and which language it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Screen {
    /// Columns that tables fit into.
    pub(super) width: usize,
    pub(super) language: Language,
}

impl Screen {
    /// Of a screen that says nothing, before any settings were read.
    pub(super) const USUAL: Self = Self {
        width: 100,
        language: Language::Chinese,
    };

    /// Inside of a section: two columns narrower.
    pub(super) fn inner(self) -> Self {
        Self {
            width: self.width.saturating_sub(2),
            ..self
        }
    }

    /// A word.
    pub(super) fn say(self, word: Word) -> &'static str {
        word.in_language(self.language)
    }

    /// A sentence with its values.
    pub(super) fn fill(self, word: Word, values: &[&dyn Display]) -> String {
        word.filled(self.language, values)
    }

    /// Texts with commas between them.
    pub(super) fn listed(self, texts: &[String]) -> String {
        texts.join(self.say(super::words::COMMA))
    }

    /// A heading over a body; nothing when the body is empty.
    pub(super) fn section(self, title: Word, body: &str) -> String {
        sheet::section(self.say(title), body)
    }

    /// What somebody wrote in both languages, as this screen shows it; what was written in one
    /// language only is shown in that one.
    pub(super) fn pick<'t>(self, zh: &'t str, en: &'t str) -> &'t str {
        match self.language {
            Language::English if !en.is_empty() => en,
            Language::Chinese | Language::English => zh,
        }
    }
}
