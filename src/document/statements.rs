//! Splits a text that is not valid TOML into the statements its author meant.
//!
//! The TOML parser stops at some errors and lets others, such as a list that is never closed,
//! swallow what follows. Parsed one by one, each statement answers for itself. The one invariant:
//! a statement ends at a line end, and valid TOML is split exactly between its statements.

use std::ops::Range;

/// A `[header]` or a `key = value`, with all its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    /// From its first character to before the line end.
    pub(super) span: Range<usize>,
    /// Which of the two.
    pub(super) kind: StatementKind,
}

/// What a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatementKind {
    /// `[x]` or `[[x]]`.
    Header,
    /// `x = …`.
    KeyValue,
}

/// All statements, without blank lines and comments.
pub(super) fn split(text: &str) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let line = line_at(text, at);
        let blank = line.len() - line.trim_start().len();
        let start = at + blank;
        let end = match line.trim_start().chars().next() {
            None | Some('#') => at + line.len(),
            Some('[') => {
                let end = at + line.trim_end().len();
                statements.push(Statement {
                    span: start..end,
                    kind: StatementKind::Header,
                });
                at + line.len()
            }
            Some(_) => {
                let end = Scan::new(text, start).end();
                let length = text.get(start..end).map_or(0, |all| all.trim_end().len());
                statements.push(Statement {
                    span: start..start + length,
                    kind: StatementKind::KeyValue,
                });
                end
            }
        };
        at = end + 1;
    }
    statements
}

/// The rest of the line, without its line feed.
fn line_at(text: &str, at: usize) -> &str {
    let rest = text.get(at..).unwrap_or("");
    rest.split('\n').next().unwrap_or("")
}

/// Walks over one `key = value`.
struct Scan<'a> {
    text: &'a str,
    at: usize,
    open: Vec<u8>,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str, at: usize) -> Self {
        Self {
            text,
            at,
            open: Vec::new(),
        }
    }

    /// The line end (or the end of file) that ends the statement.
    fn end(mut self) -> usize {
        while let Some(byte) = self.text.as_bytes().get(self.at).copied() {
            match byte {
                b'\n' if self.open.is_empty() || self.next_line_is_a_statement() => return self.at,
                b'#' => self.at += line_at(self.text, self.at).len(),
                b'"' | b'\'' => self.skip_text(byte),
                b'[' | b'{' => {
                    self.open.push(byte);
                    self.at += 1;
                }
                b']' | b'}' => {
                    self.open.pop();
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
        self.text.len()
    }

    /// Whether a list or table that is still open was forgotten to be closed: what follows cannot
    /// stand inside it.
    fn next_line_is_a_statement(&self) -> bool {
        let line = line_at(self.text, self.at + 1).trim();
        is_header(line) || (self.open.last() == Some(&b'[') && is_key_value(line))
    }

    /// Skips a quoted text; one that is not closed ends with its line.
    fn skip_text(&mut self, quote: u8) {
        let rest = self.text.get(self.at..).unwrap_or("");
        let triple = if quote == b'"' { "\"\"\"" } else { "'''" };
        let length = if rest.starts_with(triple) {
            closing(rest, triple, quote == b'"')
        } else {
            let line = line_at(rest, 0);
            closing(line, if quote == b'"' { "\"" } else { "'" }, quote == b'"')
        };
        self.at += length.unwrap_or_else(|| line_at(rest, 0).len());
    }
}

/// The length of a quoted text with its quotes.
fn closing(rest: &str, quote: &str, has_escapes: bool) -> Option<usize> {
    let mut at = quote.len();
    loop {
        let tail = rest.get(at..)?;
        if tail.starts_with(quote) {
            // A text in three quotes may end with one or two more of them.
            let extra = if quote.len() == 3 {
                let more = tail.get(3..)?.bytes();
                more.take_while(|byte| quote.as_bytes().first() == Some(byte))
                    .take(2)
                    .count()
            } else {
                0
            };
            return Some(at + quote.len() + extra);
        }
        let mut characters = tail.chars();
        let character = characters.next()?;
        at += character.len_utf8();
        if has_escapes && character == '\\' {
            at += characters.next()?.len_utf8();
        }
    }
}

/// `[a.b]` or `[[a.b]]`, not a nested list such as `[1, 2]` or `[true]`.
fn is_header(line: &str) -> bool {
    let Some(inner) = line.strip_prefix('[') else {
        return false;
    };
    let inner = inner.strip_prefix('[').unwrap_or(inner);
    let Some((name, rest)) = inner.split_once(']') else {
        return false;
    };
    let rest = rest.strip_prefix(']').unwrap_or(rest).trim_start();
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && !matches!(name.trim(), "true" | "false" | "inf" | "nan")
        && !name.contains(',')
        && (rest.is_empty() || rest.starts_with('#'))
}

/// `word =`, which cannot stand in a list.
fn is_key_value(line: &str) -> bool {
    line.split_once('=').is_some_and(|(key, _)| {
        let key = key.trim_end();
        !key.is_empty()
            && key.chars().all(|character| {
                character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.')
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        split(text)
            .into_iter()
            .filter_map(|statement| text.get(statement.span))
            .collect()
    }

    #[test]
    fn each_statement_has_all_its_lines_and_comments_have_none() {
        let text = "# c\r\na = 1 # ]\r\n\n  b = [ # [\n 1,\n [2],\n]\n[t]\nc = \"\"\"\n[no]\n\\\"\"\"\"\"\nd = { x = '}',\n y = 2 }\n";
        assert_eq!(
            texts(text),
            [
                "a = 1 # ]",
                "b = [ # [\n 1,\n [2],\n]",
                "[t]",
                "c = \"\"\"\n[no]\n\\\"\"\"\"\"",
                "d = { x = '}',\n y = 2 }"
            ]
        );
    }

    #[test]
    fn what_is_never_closed_ends_before_the_next_statement() {
        assert_eq!(texts("a = [1,\nb = 2\n[t]\n"), ["a = [1,", "b = 2", "[t]"]);
        assert_eq!(texts("a = { x = 1\n[[t]]\n"), ["a = { x = 1", "[[t]]"]);
        assert_eq!(texts("a = \"x\nb = 2\n"), ["a = \"x", "b = 2"]);
        assert_eq!(texts("a = '''x\nb = 2\n"), ["a = '''x", "b = 2"]);
    }
}
