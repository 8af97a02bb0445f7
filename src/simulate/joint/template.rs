//! Texts with places: `{card_id}`, `{person.name}`, `{n:06}`.

use std::collections::BTreeMap;

/// A text with places for values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// A value, padded with zeros in front.
    Value {
        name: String,
        width: usize,
    },
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// A brace that is not closed, or a width that is no number.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, behind) = after
                .split_once('}')
                .ok_or_else(|| format!("`{text}` has a `{{` without its `}}`"))?;
            let (name, width) = match inside.split_once(':') {
                Some((name, width)) => (name, width.parse().ok()),
                None => (inside, Some(0)),
            };
            let width = width
                .filter(|width| *width <= 40)
                .ok_or_else(|| format!("`{{{inside}}}` has a width that is no number up to 40"))?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Value {
                name: name.to_owned(),
                width,
            });
            rest = behind;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }

    /// The names of its values.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Value { name, .. } => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// The text with its values; a name without one is empty.
    pub(super) fn filled(&self, values: &BTreeMap<String, String>) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Value { name, width } => {
                    let value = values.get(name).map_or("", String::as_str);
                    let lacking = width.saturating_sub(value.len());
                    text.extend(std::iter::repeat_n('0', lacking));
                    text.push_str(value);
                }
            }
        }
        text
    }
}
