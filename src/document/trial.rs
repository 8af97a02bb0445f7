//! A text read as a section, with what is said about it: what tests of every component's options
//! do. Compiled for tests only.

use super::{Document, Key, Section};
use crate::diag::{Problems, Source};

/// What `reading` makes of a text of these keys, and all problems.
pub(crate) fn read_text<T>(
    text: &str,
    keys: &'static [Key],
    reading: impl FnOnce(&Section<'_>, &mut Problems) -> T,
) -> (T, Problems) {
    let mut problems = Problems::new();
    let document = Document::parse(Source::new("a.toml", text), &mut problems);
    let root = document.root(keys, &mut problems);
    let result = reading(&root, &mut problems);
    (result, problems)
}
