//! Reads one node as one kind of value, or says why not.
//!
//! Pure: the check asks for the fault, the getters for the value, both through the same function,
//! so that a value without a problem can always be read.

use std::path::PathBuf;

use chrono::{NaiveDate, NaiveTime};

use crate::secret::SecretReference;
use crate::value::Value;

use super::key::KeyKind;
use super::tree::{Node, NodeKind, date_of, time_of};

/// Why a node is not what its kind asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// Of another type.
    Type,
    /// Of the right type and impossible; what is wrong with it.
    Range(String),
    /// Not among the words.
    Word,
}

pub(super) fn text(node: &Node) -> Result<&str, Fault> {
    if let NodeKind::Text(text) = &node.kind {
        Ok(text)
    } else {
        Err(Fault::Type)
    }
}

pub(super) fn name(node: &Node) -> Result<&str, Fault> {
    let text = text(node)?;
    if text.trim().is_empty() {
        return Err(Fault::Range("must not be empty".to_owned()));
    }
    Ok(text)
}

pub(super) fn integer(node: &Node, min: i64, max: i64) -> Result<i64, Fault> {
    let NodeKind::Integer(integer) = node.kind else {
        return Err(Fault::Type);
    };
    integer
        .filter(|integer| (min..=max).contains(integer))
        .ok_or_else(|| Fault::Range(limits(min, max)))
}

fn limits(min: i64, max: i64) -> String {
    match (min, max) {
        (i64::MIN, i64::MAX) => "must fit into 64 bits".to_owned(),
        (min, i64::MAX) => format!("must be at least {min}"),
        (i64::MIN, max) => format!("must be at most {max}"),
        (min, max) => format!("must be from {min} to {max}"),
    }
}

pub(super) fn boolean(node: &Node) -> Result<bool, Fault> {
    if let NodeKind::Boolean(boolean) = node.kind {
        Ok(boolean)
    } else {
        Err(Fault::Type)
    }
}

pub(super) fn ratio(node: &Node) -> Result<f64, Fault> {
    let number = match node.kind {
        NodeKind::Integer(integer) => integer.map(|integer| integer as f64),
        NodeKind::Float(float) => float,
        _ => return Err(Fault::Type),
    };
    number
        .filter(|number| (0.0..=1.0).contains(number))
        .ok_or_else(|| Fault::Range("must be from 0 to 1".to_owned()))
}

pub(super) fn word(node: &Node, words: &[&'static str]) -> Result<&'static str, Fault> {
    let text = text(node)?;
    let known = words.iter().find(|word| **word == text);
    known.copied().ok_or(Fault::Word)
}

pub(super) fn date(node: &Node) -> Result<NaiveDate, Fault> {
    let date = match &node.kind {
        NodeKind::Date(date) => *date,
        NodeKind::Text(text) => date_of(text),
        _ => return Err(Fault::Type),
    };
    date.ok_or_else(|| Fault::Range("must be a day of the calendar, such as 2026-03-01".to_owned()))
}

pub(super) fn time(node: &Node) -> Result<NaiveTime, Fault> {
    let time = match &node.kind {
        NodeKind::Time(time) => Some(*time),
        NodeKind::Text(text) => time_of(text),
        _ => return Err(Fault::Type),
    };
    time.ok_or_else(|| Fault::Range("must be a time of day, such as \"09:30\"".to_owned()))
}

pub(super) fn scalar(node: &Node) -> Result<Value, Fault> {
    match &node.kind {
        NodeKind::Text(text) => Ok(Value::Text(text.clone())),
        NodeKind::Integer(_) => integer(node, i64::MIN, i64::MAX).map(Value::Int),
        NodeKind::Boolean(boolean) => Ok(Value::Text(boolean.to_string())),
        NodeKind::Date(_) => date(node).map(Value::Date),
        NodeKind::Instant(moment) => moment.map(Value::Instant).ok_or_else(|| {
            Fault::Range("must have an offset, such as 2026-03-01T09:30:00+08:00".to_owned())
        }),
        NodeKind::Float(_) | NodeKind::Time(_) | NodeKind::List(_) | NodeKind::Table(_) => {
            Err(Fault::Type)
        }
    }
}

/// The nodes of a list, or the node itself when one value may stand for a list.
pub(super) fn one_or_several(node: &Node) -> &[Node] {
    if let NodeKind::List(list) = &node.kind {
        list
    } else {
        std::slice::from_ref(node)
    }
}

/// The nodes of a list.
pub(super) fn list(node: &Node) -> Result<&[Node], Fault> {
    if let NodeKind::List(list) = &node.kind {
        Ok(list)
    } else {
        Err(Fault::Type)
    }
}

/// Where a secret is kept; `None` unless exactly one place is named.
pub(super) fn secret_reference(node: &Node) -> Option<SecretReference> {
    let [entry] = node.as_table()?.entries.as_slice() else {
        return None;
    };
    let text = name(&entry.node).ok()?.to_owned();
    match entry.name.as_str() {
        "env" => Some(SecretReference::Env(text)),
        "file" => Some(SecretReference::File(PathBuf::from(text))),
        "credential" => Some(SecretReference::Credential(text)),
        _ => None,
    }
}

/// A default, as the node that a person would have written for it; `None` for kinds that have no
/// default.
pub(super) fn default_node(text: &str, kind: &KeyKind) -> Option<Node> {
    let kind = match kind {
        KeyKind::Integer { .. } => NodeKind::Integer(text.parse().ok()),
        KeyKind::Boolean => NodeKind::Boolean(text.parse().ok()?),
        KeyKind::Ratio => NodeKind::Float(text.parse().ok()),
        KeyKind::Text
        | KeyKind::Name
        | KeyKind::OneOf(_)
        | KeyKind::Date
        | KeyKind::Time
        | KeyKind::TextOrList => NodeKind::Text(text.to_owned()),
        _ => return None,
    };
    Some(Node { kind, span: 0..0 })
}

/// Whether a default is one that its own kind would accept.
pub(super) fn is_default_of(text: &str, kind: &KeyKind) -> bool {
    default_node(text, kind).is_some_and(|node| fault(&node, kind).is_none())
}

/// What is wrong with a node that is neither a list nor a table, nor a secret.
pub(super) fn fault(node: &Node, kind: &KeyKind) -> Option<Fault> {
    match kind {
        KeyKind::Text | KeyKind::TextOrList => text(node).err(),
        KeyKind::Name => name(node).err(),
        KeyKind::Integer { min, max } => integer(node, *min, *max).err(),
        KeyKind::Boolean => boolean(node).err(),
        KeyKind::Ratio => ratio(node).err(),
        KeyKind::OneOf(words) => word(node, words).err(),
        KeyKind::Date => date(node).err(),
        KeyKind::Time => time(node).err(),
        KeyKind::Scalar => scalar(node).err(),
        _ => None,
    }
}
