//! Whether a layout's paths can all hold in one document.

use super::path::XmlField;
use super::tree::{field, is_below, selected};
use crate::format::{Layout, RecordLayout};

/// Two paths of a layout that contradict each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutProblem {
    /// The record's index in the layout.
    pub record: usize,
    /// The slot whose source is wrong; `None` when the record's path is.
    pub slot: Option<usize>,
    /// What was found and expected.
    pub message: String,
}

/// What keeps a layout from being read: other roots, two kinds at one path, a field that is also
/// a record, text of an element that has wanted children.
pub fn reading_problems(layout: &Layout) -> Vec<LayoutProblem> {
    let mut problems = Vec::new();
    for (record, kind) in layout.records.iter().enumerate() {
        let before = layout.records.iter().take(record);
        problems.extend(record_problem(kind, before).map(|message| LayoutProblem {
            record,
            slot: None,
            message,
        }));
        let rests = sources(kind).filter(|(_, source)| source.is_rest);
        problems.extend(rests.skip(1).map(|(slot, _)| LayoutProblem {
            record,
            slot: Some(slot),
            message: "`*` stands twice in one record: one field takes all the rest".to_owned(),
        }));
        for (slot, source) in sources(kind).filter(|(_, source)| !source.is_rest) {
            let message = source_problem(layout, kind, source);
            problems.extend(message.map(|message| LayoutProblem {
                record,
                slot: Some(slot),
                message,
            }));
        }
    }
    problems
}

/// What keeps a layout from being written, besides that: fields of one element that do not stand
/// together, an attribute after child elements.
pub fn writing_problems(layout: &Layout) -> Vec<LayoutProblem> {
    let mut problems = Vec::new();
    for (record, kind) in layout.records.iter().enumerate() {
        let mut pen = Pen::default();
        for (slot, sources) in kind.slots.iter().enumerate() {
            let first = sources.first().and_then(field);
            let Some(first) = first.filter(|first| !first.absolute && !first.is_rest) else {
                continue;
            };
            problems.extend(pen.write(first).map(|message| LayoutProblem {
                record,
                slot: Some(slot),
                message,
            }));
        }
        for lower in layout.records.iter().filter(|lower| is_below(lower, kind)) {
            let message = pen.nest(kind, lower);
            problems.extend(message.map(|message| LayoutProblem {
                record,
                slot: None,
                message,
            }));
        }
    }
    problems
}

fn sources(kind: &RecordLayout) -> impl Iterator<Item = (usize, &XmlField)> {
    let slots = kind.slots.iter().enumerate();
    slots.flat_map(|(slot, sources)| sources.iter().filter_map(field).map(move |f| (slot, f)))
}

fn record_problem<'a>(
    kind: &RecordLayout,
    mut before: impl Iterator<Item = &'a RecordLayout>,
) -> Option<String> {
    let path = selected(kind).0;
    before.find_map(|other| {
        let known = selected(other).0;
        if path == known {
            return Some(format!(
                "`{}` and `{}` are both at `{}`: one element is one record",
                other.name,
                kind.name,
                path.join("/")
            ));
        }
        (path.first() != known.first()).then(|| {
            format!(
                "`{}` begins with `{}`, but `{}` with `{}`: a document has one root element",
                kind.name,
                path.first().map_or("", String::as_str),
                other.name,
                known.first().map_or("", String::as_str)
            )
        })
    })
}

fn source_problem(layout: &Layout, kind: &RecordLayout, source: &XmlField) -> Option<String> {
    let root = selected(kind).0.first();
    if source.absolute && source.steps.first() != root {
        return Some(format!(
            "`{source}` does not begin with the root element `/{}`",
            root.map_or("", String::as_str)
        ));
    }
    let path = whole_path(kind, source);
    let own = selected(kind).0;
    let passed = layout.records.iter().find(|other| {
        let at = selected(other).0;
        !source.absolute && at.len() > own.len() && path.starts_with(at)
    });
    if let Some(other) = passed {
        return Some(format!(
            "`{source}` lies in the record `{}`, of which there may be many",
            other.name
        ));
    }
    if source.attribute.is_some() {
        return None;
    }
    let inside = |other: &[String]| other.len() > path.len() && other.starts_with(&path);
    layout.records.iter().find_map(|other| {
        if inside(selected(other).0) {
            return Some(format!(
                "`{source}` takes the text of an element that holds the record `{}`",
                other.name
            ));
        }
        let mut others = sources(other).filter(|(_, field)| !field.is_rest);
        others.find_map(|(_, field)| {
            inside(&whole_path(other, field)).then(|| {
                format!("`{source}` takes the text of an element that holds `{field}` too")
            })
        })
    })
}

/// The path of the element that a source is of, from the root.
fn whole_path(kind: &RecordLayout, source: &XmlField) -> Vec<String> {
    let base = if source.absolute {
        &[]
    } else {
        selected(kind).0
    };
    base.iter().chain(&source.steps).cloned().collect()
}

/// Writes fields on trial: which elements are open, which have been closed.
#[derive(Default)]
struct Pen {
    open: Vec<String>,
    /// Whether the innermost open element has content already.
    has_content: bool,
    closed: Vec<Vec<String>>,
}

impl Pen {
    fn write(&mut self, field: &XmlField) -> Option<String> {
        if let Some(reopened) = self.reach(&field.steps) {
            return Some(format!(
                "`{field}` comes after `{reopened}` was left: fields of one element stand together"
            ));
        }
        let late = self.has_content;
        self.has_content |= field.attribute.is_none();
        (late && field.attribute.is_some())
            .then(|| format!("`{field}` comes after content of its element: attributes come first"))
            .or_else(|| {
                (late && field.attribute.is_none())
                    .then(|| format!("`{field}` would be written twice"))
            })
    }

    /// Whether a record below can still be written after all fields of the one above.
    fn nest(&self, upper: &RecordLayout, lower: &RecordLayout) -> Option<String> {
        let (upper_path, lower_path) = (selected(upper).0, selected(lower).0);
        let holders = lower_path.get(upper_path.len()..lower_path.len().saturating_sub(1))?;
        let closed = (1..=holders.len())
            .filter_map(|length| holders.get(..length))
            .find(|holder| self.closed.iter().any(|closed| closed == holder))?;
        Some(format!(
            "the record `{}` stands in `{}`, which other fields of `{}` come after",
            lower.name,
            closed.join("/"),
            upper.name
        ))
    }

    /// Opens the element at `steps`; gives the element that would have to be opened again.
    fn reach(&mut self, steps: &[String]) -> Option<String> {
        let common = self
            .open
            .iter()
            .zip(steps)
            .take_while(|(a, b)| a == b)
            .count();
        while self.open.len() > common {
            self.closed.push(self.open.clone());
            self.open.pop();
            self.has_content = true;
        }
        for step in steps.get(common..).unwrap_or(&[]) {
            self.open.push(step.clone());
            self.has_content = false;
        }
        let reopened = (common + 1..=steps.len())
            .filter_map(|length| steps.get(..length))
            .find(|steps| self.closed.iter().any(|closed| closed == steps))?;
        Some(reopened.join("/"))
    }
}
