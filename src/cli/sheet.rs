//! One thing with its facts, one a line, and sections with a heading.

use std::fmt::Write as _;

use super::screen::Screen;
use super::table::one_line;
use super::words::Word;
use crate::text::{Align, display_width, pad_to_width};

/// Facts about one thing; those that are empty are left out.
#[derive(Debug)]
pub(super) struct Sheet {
    screen: Screen,
    facts: Vec<(String, String)>,
}

impl Sheet {
    /// Without facts.
    pub(super) fn new(screen: Screen) -> Self {
        Self {
            screen,
            facts: Vec::new(),
        }
    }

    /// Adds a fact; an empty one is left out.
    pub(super) fn fact(&mut self, label: Word, value: impl std::fmt::Display) -> &mut Self {
        self.named(self.screen.say(label), value)
    }

    /// Adds a fact under a name that somebody wrote; an empty one is left out.
    pub(super) fn named(
        &mut self,
        label: impl Into<String>,
        value: impl std::fmt::Display,
    ) -> &mut Self {
        let value = value.to_string();
        if !value.is_empty() {
            self.facts.push((label.into(), value));
        }
        self
    }

    /// Adds a fact that may not be known.
    pub(super) fn maybe(
        &mut self,
        label: Word,
        value: Option<impl std::fmt::Display>,
    ) -> &mut Self {
        match value {
            Some(value) => self.fact(label, value),
            None => self,
        }
    }

    /// Each fact on a line, the values one below the other.
    pub(super) fn shown(&self) -> String {
        let widest = self
            .facts
            .iter()
            .map(|(label, _)| display_width(label))
            .max()
            .unwrap_or(0);
        let mut text = String::new();
        for (label, value) in &self.facts {
            let label = pad_to_width(label, widest, Align::Left);
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "{label}  {}", one_line(value));
        }
        text
    }
}

/// Texts, each on a line of its own.
pub(super) fn lines(texts: impl IntoIterator<Item = String>) -> String {
    texts.into_iter().fold(String::new(), |mut all, text| {
        all.push_str(&text);
        all.push('\n');
        all
    })
}

/// A heading over a body, with an empty line before; nothing when the body is empty.
pub(super) fn section(title: &str, body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    format!("\n{title}\n{}", indented(body))
}

/// Every line two columns to the right.
pub(super) fn indented(body: &str) -> String {
    body.lines()
        .map(|line| {
            if line.is_empty() {
                "\n".to_owned()
            } else {
                format!("  {line}\n")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::words;

    #[test]
    fn values_stand_below_each_other_and_empty_facts_are_left_out() {
        let mut sheet = Sheet::new(Screen::USUAL);
        sheet
            .fact(words::FILE, 12)
            .fact(words::NAME, "a\nb")
            .fact(words::REASON, "")
            .maybe(words::BUSINESS_DATE, Some("2026-03-09"));
        sheet.maybe(words::STATE, None::<String>);
        assert_eq!(
            sheet.shown(),
            "文件      12\n名称      a b\n记账日期  2026-03-09\n"
        );
    }

    #[test]
    fn a_section_without_body_is_left_out() {
        assert_eq!(section("汇总核对", ""), "");
        assert_eq!(section("汇总核对", "a\nb\n"), "\n汇总核对\n  a\n  b\n");
    }
}
