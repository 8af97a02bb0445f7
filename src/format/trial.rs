//! Content in, records out, and back: what the tests of every format do with a reader, a writer and
//! a mapping's text. Each format words its own expectations; compiled for tests only.

use std::io::{Cursor, Read};

use proptest::prelude::*;
use proptest::sample::Index;

use super::{
    FORMAT_KEYS, FieldSource, FormatError, FormatPlan, Layout, Limits, Next, Reader, RecordLayout,
    Select, WriteError, Writer, lines,
};
use crate::diag::Problems;
use crate::document::{Item, Key, KeyKind, Section};
use crate::record::{Place, Reject, WireRecord};

/// A record that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) kind: usize,
    pub(super) place: Place,
    pub(super) slots: Vec<Option<String>>,
}

/// All that was read of some content.
#[derive(Debug, Default)]
pub(super) struct Everything {
    pub(super) records: Vec<Found>,
    pub(super) rejects: Vec<Reject>,
}

impl Everything {
    /// The slots of all records of a kind.
    pub(super) fn of(&self, kind: usize) -> Vec<Vec<Option<&str>>> {
        let all = self.records.iter().filter(|record| record.kind == kind);
        all.map(|record| record.slots.iter().map(Option::as_deref).collect())
            .collect()
    }

    /// Record number, code and message of each reject.
    pub(super) fn refused(&self) -> Vec<(u64, &'static str, &str)> {
        let all = self.rejects.iter();
        all.map(|reject| (reject.place.record.0, reject.code.id, &*reject.detail))
            .collect()
    }
}

/// Reads content to its end.
pub(super) fn read_all(
    content: Box<dyn Read + Send>,
    plan: &FormatPlan,
    layout: &Layout,
    limits: &Limits,
) -> Result<Everything, FormatError> {
    let mut reader = Reader::open(plan, layout, limits, content)?;
    let mut record = reader.record();
    let mut all = Everything::default();
    loop {
        match reader.next(&mut record)? {
            Next::End => return Ok(all),
            Next::Refused(reject) => all.rejects.push(reject),
            Next::Record => all.records.push(Found {
                kind: record.kind(),
                place: record.place(),
                slots: (0..record.slots())
                    .map(|slot| record.text(slot).expect("UTF-8").map(Into::into))
                    .collect(),
            }),
        }
    }
}

/// The kinds and texts of all records, which must all be good; what is absent is an empty text.
pub(super) fn read_good(
    content: &[u8],
    plan: &FormatPlan,
    layout: &Layout,
    limits: &Limits,
) -> Result<Vec<(usize, Vec<String>)>, String> {
    let content = Box::new(Cursor::new(content.to_vec()));
    let shown = |error: FormatError| show_error(&error);
    let mut reader = Reader::open(plan, layout, limits, content).map_err(shown)?;
    let mut record = reader.record();
    let mut all = Vec::new();
    loop {
        match reader.next(&mut record).map_err(shown)? {
            Next::End => return Ok(all),
            Next::Refused(reject) => return Err(format!("{}: {}", reject.code.id, reject.detail)),
            Next::Record => {
                let values = (0..record.slots()).map(|slot| match record.text(slot) {
                    Ok(text) => Ok(text.unwrap_or_default().to_owned()),
                    Err(error) => Err(error.to_string()),
                });
                all.push((record.kind(), values.collect::<Result<_, _>>()?));
            }
        }
    }
}

/// A record as one line: number, place, kind and the text of each slot.
pub(super) fn show(record: &WireRecord, layout: &Layout) -> String {
    let values: Vec<String> = (0..record.slots())
        .map(|slot| match record.text(slot) {
            Ok(None) => "-".to_owned(),
            Ok(Some(text)) => format!("[{text}]"),
            Err(error) => format!("<{error}>"),
        })
        .collect();
    let place = record.place();
    let name = layout.records.get(record.kind()).map(|kind| &kind.name);
    format!(
        "{} @{}+{} {}: {}",
        place.record,
        place.offset,
        place.length,
        name.expect("readers give declared kinds"),
        values.concat()
    )
}

/// Why content is refused, as one line.
pub(super) fn show_error(error: &FormatError) -> String {
    format!("error {}: {error}", code_of(error))
}

/// The code and the whole message of a refusal.
pub(super) fn refusal(result: Result<Everything, FormatError>) -> (&'static str, String) {
    let error = result.expect_err("the content must be refused");
    (code_of(&error), error.to_string())
}

fn code_of(error: &FormatError) -> &'static str {
    match error {
        FormatError::Malformed { code, .. }
        | FormatError::Limit { code, .. }
        | FormatError::Workbook { code, .. } => code.id,
        FormatError::Read(_) => "read",
    }
}

/// The content of records, each with its kind.
pub(super) fn write_all<F: AsRef<[Option<T>]>, T: AsRef<str>>(
    plan: &FormatPlan,
    layout: &Layout,
    records: &[(usize, F)],
) -> Result<Vec<u8>, WriteError> {
    let mut writer = Writer::new(plan, layout, Vec::new())?;
    for (kind, fields) in records {
        let fields = fields.as_ref().iter();
        let fields: Vec<Option<&str>> = fields.map(|f| f.as_ref().map(AsRef::as_ref)).collect();
        writer.record(*kind, &fields)?;
    }
    writer.finish()
}

/// Why records are not written, as one line.
pub(super) fn show_unwritable(error: &WriteError) -> String {
    match error {
        WriteError::Unwritable { code, .. } => format!("{}: {error}", code.id),
        WriteError::Write(error) => error.to_string(),
    }
}

/// Gives a few bytes a time, so that every token is split everywhere.
pub(super) struct Slow(pub(super) Cursor<Vec<u8>>, pub(super) usize);

impl Read for Slow {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = out.len().min(self.1);
        self.0.read(out.get_mut(..count).unwrap_or_default())
    }
}

/// One thing done to some bytes: where, with which byte, and whether it is put in the place of
/// another, between two, or nowhere while the other is taken out.
type Damage = (Index, u8, u8);

/// A few damages by bytes that may hurt.
pub(super) fn damages(hurtful: &'static [u8]) -> impl Strategy<Value = Vec<Damage>> {
    let damage = (any::<Index>(), prop::sample::select(hurtful), 0..3_u8);
    prop::collection::vec(damage, 1..6)
}

/// The content after that.
pub(super) fn damaged(content: &[u8], damages: Vec<Damage>) -> Vec<u8> {
    let mut bytes = content.to_vec();
    for (at, byte, how) in damages {
        let at = at.index(bytes.len());
        let until = if how == 1 { at } else { at + 1 };
        bytes.splice(at..until, (how < 2).then_some(byte));
    }
    bytes
}

/// The keys of a text with `[format]` and `[record]` of one format, and `from`.
pub(super) const fn single_keys(format: &'static [Key], record: &'static [Key]) -> [Key; 3] {
    const AS_IN_A_MAPPING: &str = "As a mapping has it.";
    [
        Key::required("format", KeyKind::Table(format), AS_IN_A_MAPPING),
        Key::optional("record", KeyKind::Table(record), AS_IN_A_MAPPING),
        Key::optional("from", KeyKind::TextOrList, AS_IN_A_MAPPING),
    ]
}

/// The keys of a `[record.NAME]` made of lines, with those of its format: see [`read_layout`].
pub(super) const fn line_keys(name: &'static str, own: &'static [Key]) -> [Key; 7] {
    [
        Key::required(name, KeyKind::Table(own), "How its lines look."),
        lines::RECORD_KEYS[0],
        lines::RECORD_KEYS[1],
        lines::RECORD_KEYS[2],
        lines::RECORD_KEYS[3],
        Key::optional("from", KeyKind::TextList, "Fields that are texts."),
        Key::optional("numbers", KeyKind::TextList, "Fields that are numbers."),
    ]
}

/// The keys of a text with `[format.KIND]` and `[record.NAME]`s of these keys.
pub(super) const fn layout_keys(records: &'static [Key]) -> [Key; 2] {
    [
        Key::required("format", KeyKind::Table(FORMAT_KEYS), "The format."),
        Key::required("record", KeyKind::NamedTables(records), "The kinds."),
    ]
}

/// A layout of lines as a person writes it, its fields as the lists `from` and `numbers`.
pub(super) fn read_layout(
    root: &Section<'_>,
    problems: &mut Problems,
) -> Option<(FormatPlan, Layout)> {
    let plan = FormatPlan::read(&root.table("format")?, problems)?;
    let named = root.named_tables("record");
    let select = |(name, section): &(Item<String>, Section<'_>), problems: &mut Problems| {
        let own = section.table(plan.kind_name());
        Some((
            name.clone(),
            Select::read(&plan, own.as_ref(), name, problems)?,
        ))
    };
    let known: Vec<_> = named
        .iter()
        .filter_map(|one| select(one, problems))
        .collect();
    let mut known: Vec<(Item<String>, Select)> = known;
    let standings = plan.read_standings(&named, problems);
    for ((_, select), standing) in known.iter_mut().zip(standings) {
        select.stand(standing);
    }
    if known.len() != named.len() {
        return None;
    }
    plan.check_records(&known, &root.place(), problems);
    let mut records = Vec::new();
    for (own, ((name, section), (_, select))) in named.iter().zip(&known).enumerate() {
        let mut slots = Vec::new();
        for (key, is_number) in [("from", false), ("numbers", true)] {
            for from in section.texts(key).unwrap_or_default() {
                let source = FieldSource::read(&plan, &from, own, &known, problems)?;
                slots.push(vec![if is_number {
                    source.of_number()
                } else {
                    source
                }]);
            }
        }
        records.push(RecordLayout {
            name: name.value.clone(),
            select: select.clone(),
            slots,
        });
    }
    Some((plan, Layout { records }))
}
