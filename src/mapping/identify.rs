//! `check = …` of a field: the kind of number it must be, and what is only doubted.
//!
//! The rules of the kinds are those of `identifier`. Here a kind is named or, for a document,
//! looked up by the record's own type column; a broken rule refuses the field, a doubt is counted.

use std::collections::BTreeMap;
use std::fmt;

use super::field::{Fault, FieldPlan, Scratch};
use super::field_options::FieldReader;
use super::mapper::Context;
use super::options::{BAD_MAPPING, unknown};
use super::plan::RecordPlan;
use crate::diag::{Code, Problem, Problems, did_you_mean};
use crate::document::{Item, Key, KeyKind, Section, Shape};
use crate::id::RecordNo;
use crate::identifier::{self, Doubt, Identifier, WORDS};
use crate::record::WireRecord;
use crate::value::{Kind, Value};

/// A number that breaks the rule of its kind.
pub(super) const BAD_IDENTIFIER: Code = Code {
    id: "bad-identifier",
    title: "a number that cannot be of its kind",
    title_zh: "号码不符合编码规则",
    help: "The field's `check` names a kind of number: an identity document, a VIN, a credit code. \
           The message says which rule is broken: the shape, the check digit, the day of birth. Ask \
           the partner for the right number. What only looks wrong is loaded and counted as a note.",
};

/// A document whose type does not say which rule holds.
pub(super) const NO_DOCUMENT_TYPE: Code = Code {
    id: "no-document-type",
    title: "a document number without a usable document type",
    title_zh: "证件类型缺失或未知",
    help: "The field is checked by the type in another field, and that one is empty or is no \
           canonical type. Types are the words of mappings/codes/document_type.tsv; a partner's own \
           codes are mapped to them by a code table.",
};

const DOCUMENT_KEYS: &[Key] = &[Key::required(
    "document",
    KeyKind::Name,
    "The field of the record that has the document's canonical type.",
)];

/// Which kind of number a field must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentifierPlan {
    /// Always this one.
    Is(Identifier),
    /// The document whose canonical type another field of the record has, by its index.
    ByType(usize),
}

impl IdentifierPlan {
    /// Whether messages show it masked, whatever its column says.
    pub(super) fn is_personal(self) -> bool {
        match self {
            Self::Is(kind) => kind.is_personal(),
            Self::ByType(_) => true,
        }
    }
}

/// Values of one field that were accepted with the same doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubtful {
    /// As `record.field`.
    pub field: String,
    /// Why.
    pub doubt: Doubt,
    /// How many.
    pub count: u64,
    /// The first record that has such a value.
    pub first: RecordNo,
}

impl fmt::Display for Doubtful {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            field,
            doubt,
            count,
            first,
        } = self;
        let values = if *count == 1 { "value" } else { "values" };
        write!(
            f,
            "`{field}`: {count} {values} accepted with a doubt, the first in record {first}: {doubt}"
        )
    }
}

/// Doubts of a file: those of the record at hand, and all that were accepted.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    pending: Vec<(usize, Doubt)>,
    accepted: BTreeMap<(usize, usize, Doubt), (u64, RecordNo)>,
}

impl Doubts {
    pub(super) fn forget_pending(&mut self) {
        self.pending.clear();
    }

    /// A code that its table does not have was left out.
    pub(super) fn unknown_code(&mut self, field: usize) {
        self.pending.push((field, Doubt::UnknownCode));
    }

    /// The record of a kind stands, and so do its doubts.
    pub(super) fn accept(&mut self, kind: usize, record: RecordNo) {
        for (field, doubt) in self.pending.drain(..) {
            let (count, _) = self
                .accepted
                .entry((kind, field, doubt))
                .or_insert((0, record));
            *count += 1;
        }
    }

    pub(super) fn finish(self, records: &[RecordPlan]) -> Vec<Doubtful> {
        let named = |((kind, field, doubt), (count, first)): ((usize, usize, Doubt), _)| {
            let record = records.get(kind)?;
            Some(Doubtful {
                field: format!("{}.{}", record.name, record.fields.get(field)?.name),
                doubt,
                count,
                first,
            })
        };
        self.accepted.into_iter().filter_map(named).collect()
    }
}

/// A record being read, for the fields that need another of its fields.
pub(super) struct Beside<'r> {
    pub(super) plan: &'r RecordPlan,
    pub(super) record: &'r WireRecord,
    pub(super) context: &'r Context<'r>,
}

impl Beside<'_> {
    /// The value of another field, read by its own rules; `None` when it cannot be read, which is
    /// that field's own fault.
    pub(super) fn value(&self, other: usize) -> Option<Value> {
        let mut texts = String::new();
        let field = self.plan.fields.get(other)?;
        let scratch = field.read(self.record, self.context, &mut texts).ok()?;
        Some(scratch.value(&texts, Kind::Text).to_owned())
    }
}

impl FieldPlan {
    /// Judges a value just read by the kind of number it must be, and keeps it in upper case.
    pub(super) fn identify(
        &self,
        index: usize,
        value: Scratch,
        beside: &Beside<'_>,
        texts: &mut str,
        doubts: &mut Doubts,
    ) -> Result<Scratch, Fault> {
        let (Some(plan), Scratch::Text(range)) = (self.identifier, &value) else {
            return Ok(value);
        };
        let kind = match plan {
            IdentifierPlan::Is(kind) => kind,
            IdentifierPlan::ByType(other) => match self.document(other, beside)? {
                Some(kind) => kind,
                None => return Ok(value),
            },
        };
        let Some(text) = texts.get_mut(range.clone()) else {
            return Ok(value);
        };
        // Only where the mapping keeps an empty text: there is no number then.
        if text.is_empty() {
            return Ok(value);
        }
        text.make_ascii_uppercase();
        match kind.check(text, beside.context.clock.today()) {
            Ok(doubt) => {
                doubts.pending.extend(doubt.map(|doubt| (index, doubt)));
                Ok(value)
            }
            Err(found) => Err(self.broken(kind, text, found)),
        }
    }

    fn broken(&self, kind: Identifier, text: &str, found: identifier::Fault) -> Fault {
        let joint = match found {
            identifier::Fault::Shape(_) => ", ",
            _ => ": ",
        };
        Fault {
            code: &BAD_IDENTIFIER,
            detail: format!(
                "found {} as `{}`{joint}{found}",
                self.shown(text),
                kind.word()
            ),
        }
    }

    /// The kind that the type column names; `None` when that column itself is refused.
    fn document(&self, other: usize, beside: &Beside<'_>) -> Result<Option<Identifier>, Fault> {
        let name = beside
            .plan
            .fields
            .get(other)
            .map_or("", |field| &field.name);
        let missing = |detail| Fault {
            code: &NO_DOCUMENT_TYPE,
            detail,
        };
        match beside.value(other) {
            None => Ok(None),
            Some(Value::Text(word)) => match Identifier::of_document(&word) {
                Some(kind) => Ok(Some(kind)),
                None => Err(missing(format!(
                    "`{name}` is `{}`, which is no canonical document type",
                    word.escape_debug()
                ))),
            },
            Some(_) => Err(missing(format!(
                "`{name}` is empty, so it is not known which document this is"
            ))),
        }
    }
}

impl FieldReader<'_> {
    /// Reads `check`, and for a document that its type column can only have canonical types.
    pub(super) fn identifier(
        &self,
        section: &Section<'_>,
        others: &[(Item<String>, Section<'_>)],
        problems: &mut Problems,
    ) -> Option<IdentifierPlan> {
        if let (Some(place), true) = (section.key_place("check"), section.has("codes")) {
            let message =
                "`check` is about a number as it is written, so it does not go with `codes`";
            problems.push(Problem::error(&BAD_MAPPING, place, message));
        }
        match section.shape("check", problems)? {
            Shape::Scalar(Item {
                value: Value::Text(word),
                place,
            }) => {
                let kind = Identifier::named(&word);
                if kind.is_none() {
                    let message = format!("there is no check `{word}`");
                    let problem = Problem::error(&BAD_MAPPING, place, message);
                    problems.push(match did_you_mean(&word, WORDS.iter().copied()) {
                        Some(near) => problem.help(format!("did you mean `{near}`?")),
                        None => problem.help(format!("the checks are {}", WORDS.join(", "))),
                    });
                }
                kind.map(IdentifierPlan::Is)
            }
            Shape::Table(table) => {
                let table = table.with_keys(DOCUMENT_KEYS, problems);
                let other = table.text("document")?;
                let at = others
                    .iter()
                    .position(|(name, _)| name.value == other.value);
                let Some((_, beside)) = at.and_then(|at| others.get(at)) else {
                    let known = others.iter().map(|(name, _)| name.value.as_str());
                    problems.push(unknown(&other, "field", known));
                    return None;
                };
                self.refuse_other_types(&other, beside, problems);
                at.map(IdentifierPlan::ByType)
            }
            shape => {
                let message = "a check is the name of a kind of number, or `{ document = \"…\" }` \
                               with the field that has the document's type";
                problems.push(Problem::error(&BAD_MAPPING, shape.place(), message));
                None
            }
        }
    }

    /// A code table that gives something else than document types would refuse every such record.
    fn refuse_other_types(
        &self,
        other: &Item<String>,
        section: &Section<'_>,
        problems: &mut Problems,
    ) {
        let table = section.text("codes");
        let Some(table) = table.and_then(|name| (self.world.codes)(&name.value)) else {
            return;
        };
        let canonical = table.entries().iter().map(|entry| &entry.canonical);
        let mut others = canonical.filter(|word| Identifier::of_document(word).is_none());
        if let Some(word) = others.next() {
            let message = format!(
                "`{}` can be `{word}` by its code table, which is no document type",
                other.value
            );
            let problem = Problem::error(&BAD_MAPPING, other.place.clone(), message);
            problems.push(problem.help("mappings/codes/document_type.tsv has all of them"));
        }
    }
}
