//! What things are called on paper, in the two languages of reports.

use crate::document::{Key, KeyKind, Section};

/// The language of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// 简体中文.
    #[default]
    Chinese,
    /// English.
    English,
}

impl Language {
    /// One of two texts.
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Chinese => zh,
            Self::English => en,
        }
    }

    /// The language tag of HTML.
    pub fn tag(self) -> &'static str {
        self.pick("zh-CN", "en")
    }
}

/// A title in both languages; the English one falls back to the Chinese one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Title {
    /// In a language.
    pub fn in_language(&self, language: Language) -> &str {
        language.pick(&self.zh, &self.en)
    }

    pub(super) fn read(section: &Section<'_>) -> Option<Self> {
        let zh = section.text("title")?.value;
        let en = section.text("title_en").map(|item| item.value);
        Some(Self {
            en: en.unwrap_or_else(|| zh.clone()),
            zh,
        })
    }
}

pub(super) const TITLE: Key = Key::required(
    "title",
    KeyKind::Name,
    "What it is called in reports, in Chinese.",
);
pub(super) const TITLE_EN: Key = Key::optional(
    "title_en",
    KeyKind::Name,
    "The same in English; without it the Chinese title stands in English reports too.",
);
