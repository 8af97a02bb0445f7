//! What is wrong with something a person wrote: a code, a sentence, a place, a way out.
//!
//! A [`Problem`] always has a [`Place`], so that no message can exist without a caret. `Problems`
//! collects them all: nothing that checks what a person wrote stops at the first. Rendering is
//! the CLI's work. The one invariant: no message holds a secret or a record's content, and nobody
//! shows a source's text except through [`Source::shown`].

mod declare;
mod shown;

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) use declare::codes;
pub use shown::masked;

/// A kind of problem, failure or reject that `dukou explain` can explain.
///
/// Each module that can complain has `pub const CODES: &[Code]`; the macro `codes` declares both.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// What stands in messages, JSON and the ledger: `unknown-key`. Never changes.
    pub id: &'static str,
    /// One line in English.
    pub title: &'static str,
    /// One line in Chinese, for analysts.
    pub title_zh: &'static str,
    /// What it means and what to do next, some sentences of English.
    pub help: &'static str,
}

/// A text that a person wrote and that problems point into.
///
/// Clones share what is hidden: a secret found late is masked in problems found early, too.
#[derive(Clone)]
pub struct Source {
    /// As the user would name it: relative to the settings file where possible.
    pub path: PathBuf,
    /// The whole text as written. It may hold secrets: show it only through [`Source::shown`].
    pub text: Arc<str>,
    hidden: Arc<Mutex<Vec<Range<usize>>>>,
}

impl Source {
    /// A source from its path and text.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
            hidden: Arc::default(),
        }
    }

    /// Masks a byte range from now on, in every clone of this source.
    pub fn hide(&self, span: Range<usize>) {
        let mut hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        hidden.push(span);
    }

    /// The text of a byte range as it may be shown: hidden ranges, passwords in URLs and control
    /// characters masked. It has as many bytes as the range, so that spans stay right.
    ///
    /// Begin and end at line ends, so that no URL is cut.
    pub fn shown(&self, span: Range<usize>) -> String {
        let start = self.boundary(span.start);
        let end = self.boundary(span.end).max(start);
        let hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        let within: Vec<_> = hidden
            .iter()
            .filter(|hidden| hidden.start < end && start < hidden.end)
            .map(|hidden| hidden.start.saturating_sub(start)..hidden.end.min(end) - start)
            .collect();
        shown::mask(self.text.get(start..end).unwrap_or(""), &within)
    }

    /// The nearest character boundary at or before an offset.
    fn boundary(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }

    /// A place in this source.
    pub fn place(&self, span: Range<usize>) -> Place {
        Place {
            source: self.clone(),
            span,
        }
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.text == other.text
    }
}

impl Eq for Source {}

/// Names the file only: the text may hold secrets.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("path", &self.path)
            .field("bytes", &self.text.len())
            .finish_non_exhaustive()
    }
}

/// A stretch of bytes in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The text pointed into.
    pub source: Source,
    /// Byte range in the text; empty at the end of file.
    pub span: Range<usize>,
}

impl Place {
    /// Line and column of the start, both from 1; columns count characters.
    pub fn line_column(&self) -> (usize, usize) {
        self.line_column_at(self.span.start)
    }

    /// Line and column just behind the last character, both from 1.
    pub fn end_line_column(&self) -> (usize, usize) {
        self.line_column_at(self.span.end)
    }

    fn line_column_at(&self, offset: usize) -> (usize, usize) {
        let text = &self.source.text;
        let before = text.get(..self.source.boundary(offset)).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line, column)
    }
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth a look; the configuration still works.
    Warning,
    /// The configuration cannot be used.
    Error,
}

/// One thing wrong with what a person wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The kind.
    pub code: &'static Code,
    /// How bad.
    pub severity: Severity,
    /// What was found and what was expected; lower case, names in backticks.
    pub message: String,
    /// Where.
    pub place: Place,
    /// What to do next, when the message alone does not say.
    pub help: Option<String>,
}

impl Problem {
    /// An error at a place.
    pub fn error(code: &'static Code, place: Place, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            place,
            help: None,
        }
    }

    /// A warning at a place.
    pub fn warning(code: &'static Code, place: Place, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, place, message)
        }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// `line:column code: message`, as one line without decoration.
    pub fn line(&self) -> String {
        let (line, column) = self.place.line_column();
        format!("{line}:{column} {}: {}", self.code.id, self.message)
    }

    /// The same with ` (help)` behind it, where there is help.
    pub fn line_with_help(&self) -> String {
        let help = self.help.iter().map(|help| format!(" ({help})"));
        self.line() + &help.collect::<String>()
    }
}

/// All problems found so far, in the order they were found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Adds all of another list.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether any is an error.
    pub fn has_errors(&self) -> bool {
        self.0
            .iter()
            .any(|problem| problem.severity == Severity::Error)
    }

    /// How many of them are errors: compare before and after to see whether a part was clean.
    pub fn error_count(&self) -> usize {
        self.0
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
            .count()
    }

    /// Whether there is none at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All, sorted by file and place, each once.
    pub fn sorted(mut self) -> Vec<Problem> {
        self.0.sort_by(|a, b| {
            (&a.place.source.path, a.place.span.start)
                .cmp(&(&b.place.source.path, b.place.span.start))
        });
        self.0.dedup();
        self.0
    }

    /// All as lines, in the order of [`sorted`](Self::sorted).
    pub fn lines(self) -> Vec<String> {
        self.sorted().iter().map(Problem::line).collect()
    }

    /// All as lines with their help, in the order of [`sorted`](Self::sorted).
    pub fn lines_with_help(self) -> Vec<String> {
        self.sorted().iter().map(Problem::line_with_help).collect()
    }

    /// All, as found.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }
}

/// The name nearest to `wrong` among `known`, when it is near enough to be meant.
pub fn did_you_mean<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(wrong, name), name))
        .filter(|(distance, name)| *distance <= (name.chars().count().max(3) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        let source = Source::new("a.toml", "甲 = 1\n乙 = 2\n");
        let at = source.text.find('2').expect("it is there");
        assert_eq!(source.place(at..at + 1).line_column(), (2, 5));
        assert_eq!(source.place(0..1).line_column(), (1, 1));
    }

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        let known = ["pattern", "path", "connection"];
        assert_eq!(did_you_mean("patern", known), Some("pattern"));
        assert_eq!(did_you_mean("paht", known), Some("path"));
        assert_eq!(did_you_mean("encoding", known), None);
    }
}
