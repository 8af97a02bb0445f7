//! Enough of Rust's grammar to find every path that a file names.
//!
//! Comments and literals are blanked first, so that what remains is names and punctuation. Paths
//! come from `use` trees and from expressions; `super` and `self` are resolved against the file's
//! place in the tree and the inline modules around them.

use std::collections::BTreeSet;

/// A path that a file names, such as `crate::id::Fen` or `sqlx::Row`.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) line: usize,
    /// As written, without a leading `::`.
    segments: Vec<String>,
    /// The modules around it, from the crate's root.
    place: Vec<String>,
    /// The name that a `use` gives it.
    alias: Option<String>,
}

impl Named {
    /// The path from this crate's root, if it leads into this crate.
    pub(super) fn inside_crate(&self) -> Option<Vec<String>> {
        let mut rest = self.segments.iter();
        let mut absolute = match rest.next()?.as_str() {
            "crate" | "dukou" => Vec::new(),
            "self" => self.place.clone(),
            "super" => parent(&self.place),
            _ => return None,
        };
        for segment in rest {
            if segment == "super" {
                absolute = parent(&absolute);
            } else {
                absolute.push(segment.clone());
            }
        }
        Some(absolute)
    }

    /// Its first name, if it may be another crate's.
    pub(super) fn outside_crate(&self) -> Option<&str> {
        let first = self.segments.first()?.as_str();
        (!matches!(first, "crate" | "dukou" | "self" | "super" | "Self")).then_some(first)
    }
}

fn parent(place: &[String]) -> Vec<String> {
    place
        .split_last()
        .map(|(_, rest)| rest.to_vec())
        .unwrap_or_default()
}

/// A file under `src/`, other than `lib.rs` and `main.rs`.
pub(super) struct Source {
    place: Vec<String>,
    tokens: Vec<Token>,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let inside = path.strip_prefix("src/").unwrap_or(path);
        let stem = inside.strip_suffix(".rs").unwrap_or(inside);
        let stem = stem.strip_suffix("/mod").unwrap_or(stem);
        Self {
            place: stem.split('/').map(str::to_owned).collect(),
            tokens: tokens(&blank(text)),
        }
    }

    /// The module of the crate's root that the file belongs to.
    pub(super) fn module(&self) -> &str {
        self.place.first().map_or("", String::as_str)
    }

    /// Every path that the file names.
    pub(super) fn paths(&self) -> Vec<Named> {
        let mut walk = Walk {
            tokens: &self.tokens,
            place: self.place.clone(),
            braces: Vec::new(),
            found: Vec::new(),
        };
        walk.file();
        walk.found
    }

    /// Names that the file itself brings in from this crate, or declares as modules.
    pub(super) fn local_names(&self) -> BTreeSet<String> {
        let paths = self.paths();
        let imported = paths
            .into_iter()
            .filter(|path| path.inside_crate().is_some());
        let names = imported.filter_map(|path| path.alias);
        let declared = modules_of(&self.tokens).into_iter().map(|(name, _)| name);
        names.chain(declared).collect()
    }
}

/// The modules that a text declares, inline or not, with their lines.
pub(super) fn declared_modules(text: &str) -> Vec<(String, usize)> {
    modules_of(&tokens(&blank(text)))
}

fn modules_of(tokens: &[Token]) -> Vec<(String, usize)> {
    let pairs = tokens.iter().zip(tokens.iter().skip(1));
    let declared = pairs.filter(|(word, name)| word.text == "mod" && name.is_name());
    declared
        .map(|(_, name)| (name.text.clone(), name.line))
        .collect()
}

struct Walk<'a> {
    tokens: &'a [Token],
    place: Vec<String>,
    /// For every open brace, whether it opened a module.
    braces: Vec<bool>,
    found: Vec<Named>,
}

impl Walk<'_> {
    fn file(&mut self) {
        let mut before = String::new();
        while let Some(token) = self.peek(0) {
            let is_path = token.is_name() && before != "." && before != "mod";
            match token.text.as_str() {
                "use" if self.peek(1).is_some_and(|next| next.text != "<") => {
                    self.skip(1);
                    self.tree(&[]);
                }
                "extern" if self.is(1, "crate") => {
                    self.skip(2);
                    self.tree(&[]);
                }
                "mod" if self.is(2, "{") => {
                    let name = self.peek(1).map(|name| name.text.clone());
                    self.place.extend(name);
                    self.braces.push(true);
                    self.skip(3);
                }
                "{" => {
                    self.braces.push(false);
                    self.skip(1);
                }
                "}" => {
                    if self.braces.pop() == Some(true) {
                        self.place.pop();
                    }
                    self.skip(1);
                }
                _ if is_path => self.expression(),
                _ => self.skip(1),
            }
            before = token.text;
        }
    }

    /// `a::b::c` outside a `use`; a lone name is no path.
    fn expression(&mut self) {
        let line = self.peek(0).map_or(0, |token| token.line);
        let mut segments = Vec::new();
        while let Some(name) = self.peek(0).filter(Token::is_name) {
            segments.push(name.text);
            self.skip(1);
            if !(self.is(0, "::") && self.peek(1).is_some_and(|next| next.is_name())) {
                break;
            }
            self.skip(1);
        }
        if segments.len() > 1 {
            self.add(line, segments, None);
        }
        // `a::<B>::c` and `a::{…}` go on behind what has been read; their head is already known.
        if self.is(0, "::") {
            self.skip(1);
        }
    }

    /// One tree of a `use`, whose names so far are `prefix`.
    fn tree(&mut self, prefix: &[String]) {
        let mut segments = prefix.to_vec();
        let line = self.peek(0).map_or(0, |token| token.line);
        while let Some(token) = self.peek(0) {
            match token.text.as_str() {
                "::" => self.skip(1),
                "{" => {
                    self.skip(1);
                    self.group(&segments);
                    return;
                }
                "as" => {
                    let alias = self.peek(1).map(|name| name.text.clone());
                    self.skip(2);
                    self.add(line, segments, alias);
                    return;
                }
                "*" => {
                    segments.push(token.text);
                    self.skip(1);
                }
                // In a group, `self` is the prefix.
                "self" if !segments.is_empty() => self.skip(1),
                _ if token.is_name() => {
                    segments.push(token.text);
                    self.skip(1);
                }
                _ => break,
            }
        }
        if segments.len() > prefix.len() || !prefix.is_empty() {
            let alias = segments.last().cloned();
            self.add(line, segments, alias);
        }
    }

    fn group(&mut self, prefix: &[String]) {
        while let Some(token) = self.peek(0) {
            match token.text.as_str() {
                "}" => {
                    self.skip(1);
                    return;
                }
                "," => self.skip(1),
                _ => {
                    let left = self.tokens.len();
                    self.tree(prefix);
                    if self.tokens.len() == left {
                        self.skip(1);
                    }
                }
            }
        }
    }

    fn add(&mut self, line: usize, segments: Vec<String>, alias: Option<String>) {
        self.found.push(Named {
            line,
            segments,
            place: self.place.clone(),
            alias,
        });
    }

    fn peek(&self, ahead: usize) -> Option<Token> {
        self.tokens.get(ahead).cloned()
    }

    fn is(&self, ahead: usize, text: &str) -> bool {
        self.tokens
            .get(ahead)
            .is_some_and(|token| token.text == text)
    }

    fn skip(&mut self, count: usize) {
        self.tokens = self.tokens.get(count..).unwrap_or(&[]);
    }
}

#[derive(Debug, Clone)]
struct Token {
    text: String,
    line: usize,
}

impl Token {
    fn is_name(&self) -> bool {
        self.text.starts_with(is_name_start)
    }
}

fn is_name_start(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn is_name_part(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Names, `::`, and single other characters.
fn tokens(blanked: &str) -> Vec<Token> {
    let mut found = Vec::new();
    for (number, whole) in blanked.lines().enumerate() {
        let mut line = whole.trim_start();
        while let Some(first) = line.chars().next() {
            let bytes = if is_name_part(first) {
                line.find(|c| !is_name_part(c)).unwrap_or(line.len())
            } else if line.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            let (text, rest) = line.split_at(bytes);
            found.push(Token {
                text: text.to_owned(),
                line: number + 1,
            });
            line = rest.trim_start();
        }
    }
    found
}

/// The text with every comment and literal replaced by spaces; lines stay where they are.
fn blank(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let hidden = literal(rest);
        let bytes = if hidden > 0 {
            hidden
        } else if is_name_part(first) {
            rest.find(|c| !is_name_part(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (part, after) = rest.split_at(bytes);
        if hidden > 0 {
            out.extend(part.chars().map(|c| if c == '\n' { c } else { ' ' }));
        } else {
            out.push_str(part);
        }
        rest = after;
    }
    out
}

/// The length of the comment or literal that `text` begins with, 0 if it begins with neither.
fn literal(text: &str) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return block_comment(text);
    }
    let name = text.find(|c| !is_name_part(c)).unwrap_or(text.len());
    let (prefix, rest) = text.split_at(name);
    let body = match (prefix, rest.chars().next()) {
        ("" | "b" | "c", Some('"')) => quoted(rest, '"'),
        ("b", Some('\'')) => quoted(rest, '\''),
        ("", Some('\'')) => character(rest),
        ("r" | "br" | "cr", Some('"' | '#')) => raw_string(rest),
        _ => 0,
    };
    if body == 0 { 0 } else { name + body }
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

fn quoted(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' {
            is_escaped = true;
        } else if c == quote {
            return at + 1;
        }
    }
    text.len()
}

/// A character literal, or 0 for a lifetime.
fn character(text: &str) -> usize {
    let mut chars = text.chars().skip(1);
    match (chars.next(), chars.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => quoted(text, '\''),
        _ => 0,
    }
}

/// A raw string behind its `r`, or 0 for a raw name such as `r#type`.
fn raw_string(text: &str) -> usize {
    let hashes = text.len() - text.trim_start_matches('#').len();
    let (marks, rest) = text.split_at(hashes);
    let Some(inside) = rest.strip_prefix('"') else {
        return 0;
    };
    let end = format!("\"{marks}");
    let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
    hashes + 1 + length
}
