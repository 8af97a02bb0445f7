//! Values whose shape the caller decides on: a scalar, a list or a table, whatever was written.
//!
//! For small languages inside TOML, where one key takes several shapes. Their readers report what
//! the shape means; this only reports what cannot be a value at all.

use crate::diag::{Place, Problem, Problems};
use crate::value::Value;

use super::codes::{OUT_OF_RANGE, WRONG_TYPE};
use super::section::Section;
use super::tree::{Entry, Node, NodeKind};
use super::value::{self, Fault};
use super::{Item, KeyKind};

/// What was written.
#[derive(Debug, Clone)]
pub enum Shape<'d> {
    /// A text, integer, boolean (as its text), date or instant.
    Scalar(Item<Value>),
    /// A list.
    List(Item<Vec<Shape<'d>>>),
    /// A table, unchecked: see [`Section::shapes`] and [`Section::with_keys`].
    Table(Section<'d>),
}

impl Shape<'_> {
    /// Where it stands.
    pub fn place(&self) -> Place {
        match self {
            Self::Scalar(item) => item.place.clone(),
            Self::List(item) => item.place.clone(),
            Self::Table(section) => section.place(),
        }
    }
}

impl<'d> Section<'d> {
    /// What stands behind a key (`Any`, `OpenTable`); what cannot be a value is reported here and
    /// left out.
    pub fn shape(&self, name: &str, problems: &mut Problems) -> Option<Shape<'d>> {
        let key = self.keys.iter().find(|key| key.name == name);
        debug_assert!(
            key.is_some_and(|key| matches!(key.kind, KeyKind::Any | KeyKind::OpenTable)),
            "`{name}` is read as any shape and not declared so"
        );
        let entry = self.table.find(name)?;
        self.shape_of(name, &entry.node, problems)
    }

    /// Every name of a table got open, with what stands behind it, in the order of the file.
    pub fn shapes(&self, problems: &mut Problems) -> Vec<(Item<String>, Shape<'d>)> {
        let mut read_one = |entry: &'d Entry| {
            let shape = self.shape_of(&entry.name, &entry.node, problems)?;
            let place = self.document.source.place(entry.name_span.clone());
            Some((Item::new(entry.name.clone(), place), shape))
        };
        self.table
            .entries
            .iter()
            .filter_map(&mut read_one)
            .collect()
    }

    fn shape_of(&self, name: &str, node: &'d Node, problems: &mut Problems) -> Option<Shape<'d>> {
        let place = self.document.source.place(node.span.clone());
        match &node.kind {
            NodeKind::Table(_) => self.nested(name, node, &[], false).map(Shape::Table),
            NodeKind::List(list) => {
                let shapes = list
                    .iter()
                    .filter_map(|node| self.shape_of(name, node, problems));
                Some(Shape::List(Item::new(shapes.collect(), place)))
            }
            _ => match value::scalar(node) {
                Ok(value) => Some(Shape::Scalar(Item::new(value, place))),
                Err(fault) => {
                    problems.push(no_value(name, node, place, fault));
                    None
                }
            },
        }
    }
}

fn no_value(name: &str, node: &Node, place: Place, fault: Fault) -> Problem {
    match fault {
        Fault::Range(limit) => Problem::error(&OUT_OF_RANGE, place, format!("`{name}` {limit}")),
        Fault::Type | Fault::Word => {
            let expected = KeyKind::Scalar.noun();
            let message = format!("`{name}`: expected {expected}, found {}", node.noun());
            Problem::error(&WRONG_TYPE, place, message).help("write it in quotes")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Source;
    use crate::document::{Document, Key};

    const KEYS: &[Key] = &[Key::optional("any", KeyKind::Any, "Whatever was written.")];

    /// A shape as text, and the problems.
    fn read(text: &str) -> (String, Vec<String>) {
        let mut problems = Problems::new();
        let document = Document::parse(Source::new("a.toml", text), &mut problems);
        let root = document.root(KEYS, &mut problems);
        let shape = root.shape("any", &mut problems);
        let shown = shape.map_or_else(String::new, |shape| shown(&shape, &mut problems));
        let problems = problems.sorted();
        (
            shown,
            problems
                .iter()
                .map(|problem| problem.message.clone())
                .collect(),
        )
    }

    fn shown(shape: &Shape<'_>, problems: &mut Problems) -> String {
        match shape {
            Shape::Scalar(item) => format!("{:?}", item.value),
            Shape::List(list) => {
                let shapes: Vec<_> = list
                    .value
                    .iter()
                    .map(|shape| shown(shape, problems))
                    .collect();
                format!("[{}]", shapes.join(", "))
            }
            Shape::Table(table) => {
                let shapes = table.shapes(problems);
                let shapes: Vec<_> = shapes
                    .iter()
                    .map(|(name, shape)| format!("{}: {}", name.value, shown(shape, problems)))
                    .collect();
                format!("{} {{{}}}", table.path(), shapes.join(", "))
            }
        }
    }

    #[test]
    fn a_key_of_any_shape_gives_what_was_written_in_its_order() {
        for (text, expected) in [
            ("", ""),
            ("any = 5", "Int(5)"),
            ("any = true", "Text(\"true\")"),
            ("any = [\"a\", [1]]", "[Text(\"a\"), [Int(1)]]"),
            (
                "any = { z = 1, a = [{ b = 2 }] }",
                "any {z: Int(1), a: [any.a {b: Int(2)}]}",
            ),
            ("[any]\nz = \"a\"", "any {z: Text(\"a\")}"),
        ] {
            assert_eq!(read(text), (expected.to_owned(), Vec::new()), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_a_value_is_a_problem_and_left_out() {
        assert_eq!(
            read("any = { a = 0.5, b = [2026-03-01T10:00:00, 1] }"),
            (
                "any {b: [Int(1)]}".to_owned(),
                vec![
                    "`a`: expected a text, an integer, a boolean or a date, found a decimal number"
                        .to_owned(),
                    "`b` must have an offset, such as 2026-03-01T09:30:00+08:00".to_owned(),
                ]
            )
        );
    }
}
