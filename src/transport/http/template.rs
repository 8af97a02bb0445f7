//! Texts of a request with placeholders: `{name}`, `{md5}`, `{sign}` …

use std::collections::BTreeMap;

/// What every text may use: of the file, and of the moment.
pub const SAID_OF_FILE: &[&str] = &[
    "name",
    "path_name",
    "bytes",
    "md5",
    "md5_upper",
    "sha256",
    "sm3",
    "millis",
    "nonce",
    "secret",
];

/// What only the text that is signed may use.
pub const SAID_OF_SIGN: &[&str] = &["sorted"];

/// A checked text with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Value(String),
}

impl Template {
    /// Checks a text; the message says what is wrong. `known` are the placeholders it may have.
    pub fn new(text: &str, known: &[&str]) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, tail) = after
                .split_once('}')
                .ok_or_else(|| format!("a `{{` without its `}}` in `{text}`"))?;
            if !known.contains(&inside) {
                let known: Vec<String> = known.iter().map(|name| format!("{{{name}}}")).collect();
                return Err(format!(
                    "`{{{inside}}}` is not known here: use {}",
                    known.join(", ")
                ));
            }
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Value(inside.to_owned()));
            rest = tail;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self(pieces))
    }

    /// Whether a placeholder is in it.
    pub fn wants(&self, name: &str) -> bool {
        self.0
            .iter()
            .any(|piece| matches!(piece, Piece::Value(value) if value == name))
    }

    /// The text with values in their places, each passed through `escape`; nothing for what has none.
    pub(super) fn text(
        &self,
        values: &BTreeMap<&str, String>,
        escape: impl Fn(&str) -> String,
    ) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Value(name) => values
                .get(name.as_str())
                .map_or_else(String::new, |v| escape(v)),
        };
        self.0.iter().map(piece).collect()
    }
}
