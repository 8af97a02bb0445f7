//! The attributes of one start tag, strictly.

use std::ops::Range;

use super::chars::{QualifiedName, SPACE, qualified};
use super::codes::{malformed, over};
use crate::format::nested::shown;
use crate::format::{FormatError, Limits};

/// A start tag as the tokenizer gives it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag<'a> {
    /// With its prefix.
    pub(super) name: &'a str,
    /// All after the name, unchecked.
    pub(super) attributes: &'a str,
    /// Whether it is the end, too: `<X/>`.
    pub(super) is_empty: bool,
    /// Where its `<` stands.
    pub(super) at: u64,
}

/// One attribute; `value` is raw.
#[derive(Debug, Clone)]
pub(super) struct Attribute<'a> {
    pub(super) name: QualifiedName<'a>,
    pub(super) value: &'a str,
    /// Where its name with its prefix stands among the tag's attributes.
    span: Range<usize>,
}

impl<'a> Attribute<'a> {
    /// The prefix that it declares (empty for the default), if it declares a namespace.
    pub(super) fn declares(&self) -> Option<&'a str> {
        match (self.name.prefix, self.name.local) {
            ("", "xmlns") => Some(""),
            ("xmlns", prefix) => Some(prefix),
            _ => None,
        }
    }
}

/// Splits what stands after a tag's name into attributes.
pub(super) struct Splitter<'a> {
    length: usize,
    rest: &'a str,
    at: u64,
}

impl<'a> Splitter<'a> {
    /// Of a tag's attributes; `at` is where complaints point.
    pub(super) fn new(raw: &'a str, at: u64) -> Self {
        Self {
            length: raw.len(),
            rest: raw,
            at,
        }
    }

    /// The next attribute; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Attribute<'a>>, FormatError> {
        let trimmed = self.rest.trim_start_matches(SPACE);
        if trimmed.is_empty() {
            return Ok(None);
        }
        if trimmed.len() == self.rest.len() {
            return Err(self.broken("white space is missing before an attribute"));
        }
        let Some((name, tail)) = trimmed.split_once('=') else {
            return Err(self.broken(format!("the attribute `{}` has no value", shown(trimmed))));
        };
        let name = name.trim_end_matches(SPACE);
        let Some(qualified) = qualified(name) else {
            return Err(self.broken(format!("`{}` is not an attribute's name", shown(name))));
        };
        let tail = tail.trim_start_matches(SPACE);
        let quoted = |quote| tail.strip_prefix(quote)?.split_once(quote);
        let Some((value, rest)) = quoted('"').or_else(|| quoted('\'')) else {
            let text = format!("the value of the attribute `{}` has no quotes", shown(name));
            return Err(self.broken(text));
        };
        let start = self.length - trimmed.len();
        self.rest = rest;
        Ok(Some(Attribute {
            name: qualified,
            value,
            span: start..start + name.len(),
        }))
    }

    fn broken(&self, detail: impl Into<String>) -> FormatError {
        malformed(self.at, detail)
    }
}

/// Counts attributes and refuses one given twice; kept to reuse its memory.
#[derive(Debug, Default)]
pub(super) struct Checker {
    names: Vec<Range<usize>>,
}

impl Checker {
    /// Checks all attributes of a tag: syntax, number, each name once.
    pub(super) fn check(&mut self, tag: Tag<'_>, limits: &Limits) -> Result<(), FormatError> {
        self.names.clear();
        let mut declared = 0;
        let mut splitter = Splitter::new(tag.attributes, tag.at);
        while let Some(attribute) = splitter.next()? {
            if attribute.declares().is_some() {
                declared += 1;
            }
            self.names.push(attribute.span);
            if declared > limits.xml_namespaces {
                return Err(over("xml_namespaces", limits.xml_namespaces as u64, tag.at));
            }
            if self.names.len() > limits.xml_attributes {
                return Err(over("xml_attributes", limits.xml_attributes as u64, tag.at));
            }
        }
        self.refuse_twice(tag)
    }

    /// Sorted, so that many attributes never cost the square of their number.
    fn refuse_twice(&mut self, tag: Tag<'_>) -> Result<(), FormatError> {
        let all = tag.attributes;
        self.names.sort_unstable_by_key(|span| named(all, span));
        let twice = self.names.windows(2).find_map(|pair| match pair {
            [a, b] if named(all, a) == named(all, b) => Some(named(all, a)),
            _ => None,
        });
        match twice {
            Some(name) => Err(malformed(
                tag.at,
                format!(
                    "the attribute `{}` stands twice in one element",
                    shown(name)
                ),
            )),
            None => Ok(()),
        }
    }
}

fn named<'a>(all: &'a str, span: &Range<usize>) -> &'a str {
    all.get(span.clone()).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(attributes: &str) -> Result<(), String> {
        let tag = Tag {
            name: "a",
            attributes,
            is_empty: false,
            at: 7,
        };
        let checked = Checker::default().check(tag, &Limits::default());
        checked.map_err(|error| error.to_string())
    }

    #[test]
    fn attributes_are_split_strictly() {
        for good in [
            "",
            " ",
            " a='1'",
            " a = \"1\"\n b='\"' n:a=''",
            " a='1' n:a='>'",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, message) in [
            (" a", "the attribute `a` has no value"),
            (" a=1", "the value of the attribute `a` has no quotes"),
            (" a='1", "the value of the attribute `a` has no quotes"),
            ("a='1'", "white space is missing before an attribute"),
            (" a='1'b='2'", "white space is missing before an attribute"),
            (
                " a='1' a=\"2\"",
                "the attribute `a` stands twice in one element",
            ),
            (" a b='1'", "`a b` is not an attribute's name"),
            (" ='1'", "`` is not an attribute's name"),
        ] {
            assert_eq!(check(bad), Err(format!("{message} (at byte 7)")), "{bad}");
        }
    }
}
