//! Whether a layout's paths can all hold in one document.

use super::path::{JsonPath, Step, joined};
use super::plan::{JsonField, JsonPlan, JsonSelect, JsonType};
use super::tree::{Tree, field, select};
use super::writer::JsonWriter;
use crate::format::{Layout, RecordLayout, WriteError};

/// Two paths of a layout that contradict each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutProblem {
    /// The record's index in the layout.
    pub record: usize,
    /// What was found and expected.
    pub message: String,
}

/// What keeps a layout from being read: two kinds at one path, a path into an array of which there
/// may be many elements, a value that would have to be of two types at once.
pub fn reading_problems(layout: &Layout) -> Vec<LayoutProblem> {
    let mut problems = Vec::new();
    for (index, record) in layout.records.iter().enumerate() {
        let Some(own) = select(record) else { continue };
        let before = layout.records.iter().take(index);
        let messages = same_path(record, own, before)
            .into_iter()
            .chain(sources(record).filter_map(|field| list_problem(own, field)))
            .chain(type_problems(record, own));
        problems.extend(messages.map(|message| LayoutProblem {
            record: index,
            message,
        }));
    }
    if problems.is_empty() {
        problems.extend(contradictions(layout));
    }
    problems
}

fn sources(record: &RecordLayout) -> impl Iterator<Item = &JsonField> {
    record.slots.iter().flatten().filter_map(field)
}

fn same_path<'a>(
    record: &RecordLayout,
    own: &JsonSelect,
    mut before: impl Iterator<Item = &'a RecordLayout>,
) -> Option<String> {
    let other = before.find(|other| select(other).is_some_and(|other| other.steps == own.steps))?;
    Some(format!(
        "`{}` and `{}` are both at `{}`: one value is one record",
        other.name,
        record.name,
        own.path()
    ))
}

/// A field inside an array of which the record is not an element.
fn list_problem(own: &JsonSelect, field: &JsonField) -> Option<String> {
    let JsonPath { absolute, steps } = &field.path;
    let shared = match absolute {
        true => {
            let same = steps.iter().zip(&own.steps);
            same.take_while(|(a, b)| a == b).count()
        }
        false => 0,
    };
    let inside = steps.get(shared..).unwrap_or_default();
    inside.contains(&Step::Each).then(|| {
        format!(
            "`{}` lies in an array, of which there may be many elements: make it a record",
            field.path
        )
    })
}

/// Paths in `numbers` and `booleans` that no field of the record has, or that stand in both.
fn type_problems(record: &RecordLayout, own: &JsonSelect) -> Vec<String> {
    let mut messages = Vec::new();
    for (list, paths) in [("numbers", &own.numbers), ("booleans", &own.booleans)] {
        for path in paths {
            if !sources(record).any(|field| field.path == *path) {
                messages.push(format!("`{list}` has `{path}`, which no field takes"));
            }
        }
    }
    let both = own
        .numbers
        .iter()
        .filter(|path| own.booleans.contains(path));
    messages.extend(both.map(|path| format!("`{path}` is both in `numbers` and in `booleans`")));
    messages
}

/// Values that are wanted as two things at once.
fn contradictions(layout: &Layout) -> Vec<LayoutProblem> {
    let tree = Tree::new(layout);
    let mut problems = Vec::new();
    for node in tree.nodes() {
        let has_members = !node.children.is_empty();
        let has_elements = node.each.is_some();
        let is_taken = !node.captures.is_empty();
        let what = match (has_members, has_elements, is_taken) {
            (true, true, _) => "both an object and an array",
            (true, _, true) => "both an object and a field",
            (_, true, true) => "both an array and a field",
            _ => continue,
        };
        problems.push(LayoutProblem {
            record: touching(layout, &node.label),
            message: format!("`{}` would have to be {what}", node.label),
        });
    }
    problems
}

/// The last record with a path through a value.
fn touching(layout: &Layout, label: &str) -> usize {
    let passes = |record: &RecordLayout| {
        let Some(own) = select(record) else {
            return false;
        };
        let whole = |steps: &[Step]| format!("/{}", joined(steps)).replace("/[]", "[]");
        let of_field = |field: &JsonField| {
            let base: &[Step] = if field.path.absolute { &[] } else { &own.steps };
            whole(&[base, &field.path.steps].concat()).starts_with(label)
        };
        whole(&own.steps).starts_with(label) || sources(record).any(of_field)
    };
    layout.records.iter().rposition(passes).unwrap_or(0)
}

/// What keeps a layout from being written: it is written on trial, each kind once inside the kind
/// that it stands in, with and without what stands inside.
pub fn writing_problems(plan: &JsonPlan, layout: &Layout) -> Option<String> {
    let tops = (0..layout.records.len()).filter(|kind| layout.parent(*kind).is_none());
    let tops: Vec<usize> = tops.collect();
    [true, false].into_iter().find_map(|is_deep| {
        let mut writer = match JsonWriter::new(plan, layout, std::io::sink()) {
            Ok(writer) => writer,
            Err(error) => return Some(detail(error)),
        };
        let written = tops
            .iter()
            .try_for_each(|top| write_kind(&mut writer, layout, *top, is_deep))
            .and_then(|()| writer.finish().map(drop));
        written.err().map(detail)
    })
}

fn write_kind(
    writer: &mut JsonWriter<std::io::Sink>,
    layout: &Layout,
    kind: usize,
    is_deep: bool,
) -> Result<(), WriteError> {
    let Some(record) = layout.records.get(kind) else {
        return Ok(());
    };
    let value = |slot: &Vec<_>| {
        slot.first().and_then(field).map(|field| match field.kind {
            JsonType::Boolean => "true",
            JsonType::Text | JsonType::Number => "0",
        })
    };
    let fields: Vec<Option<&str>> = record.slots.iter().map(value).collect();
    writer.record(kind, &fields)?;
    if is_deep {
        for child in 0..layout.records.len() {
            if layout.parent(child) == Some(kind) {
                write_kind(writer, layout, child, is_deep)?;
            }
        }
    }
    Ok(())
}

fn detail(error: WriteError) -> String {
    match error {
        WriteError::Unwritable { record, detail, .. } => format!("`{record}`: {detail}"),
        WriteError::Write(error) => error.to_string(),
    }
}
