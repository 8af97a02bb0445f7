//! Files in, what the reader says about them out, one line each.

use std::io::{Cursor, Read};

use crate::diag::{Problems, Source};
use crate::document::{Document, Item, Key, KeyKind, Section};
use crate::format::{
    FORMAT_KEYS, FieldSource, FormatError, FormatPlan, Layout, Limits, Next, Reader, RecordLayout,
    Select, WriteError, Writer, fixed, lines,
};
use crate::record::WireRecord;

const RECORDS: &[Key] = &[
    Key::required(
        "fixed",
        KeyKind::Table(fixed::RECORD_KEYS),
        "Places of columns.",
    ),
    lines::RECORD_KEYS[0],
    lines::RECORD_KEYS[1],
    lines::RECORD_KEYS[2],
    lines::RECORD_KEYS[3],
    Key::optional("from", KeyKind::TextList, "Fields that are texts."),
    Key::optional("numbers", KeyKind::TextList, "Fields that are numbers."),
];
const ROOT: &[Key] = &[
    Key::required("format", KeyKind::Table(FORMAT_KEYS), "The format."),
    Key::required(
        "record",
        KeyKind::NamedTables(RECORDS),
        "The kinds of record.",
    ),
];

/// A layout under test, as a person writes it.
#[derive(Debug, Clone)]
pub(super) struct Fixed {
    pub(super) plan: FormatPlan,
    pub(super) layout: Layout,
    limits: Limits,
}

/// What is said about a text that a person wrote: `line:column code: message (help)`.
pub(super) fn said(text: &str) -> Vec<String> {
    let (_, said) = read(text);
    said
}

/// A layout that has no problem.
pub(super) fn fixed(text: &str) -> Fixed {
    let (fixed, said) = read(text);
    assert_eq!(said, [""; 0]);
    fixed.expect("there is no problem")
}

fn read(text: &str) -> (Option<Fixed>, Vec<String>) {
    let mut problems = Problems::new();
    let document = Document::parse(Source::new("m.toml", text), &mut problems);
    let root = document.root(ROOT, &mut problems);
    let fixed = read_root(&root, &mut problems);
    let has_errors = problems.has_errors();
    let said = problems.sorted();
    let said = said.iter().map(|problem| {
        let (line, column) = problem.place.line_column();
        let help = problem.help.as_ref();
        let help = help.map_or(String::new(), |help| format!(" ({help})"));
        format!(
            "{line}:{column} {}: {}{help}",
            problem.code.id, problem.message
        )
    });
    let said = said.collect();
    (fixed.filter(|_| !has_errors), said)
}

fn read_root(root: &Section<'_>, problems: &mut Problems) -> Option<Fixed> {
    let plan = FormatPlan::read(&root.table("format")?, problems)?;
    let named = root.named_tables("record");
    let selects: Vec<Option<Select>> = named
        .iter()
        .map(|(name, section)| Select::read(&plan, section.table("fixed").as_ref(), name, problems))
        .collect();
    let mut known: Vec<(Item<String>, Select)> = named
        .iter()
        .zip(selects)
        .filter_map(|((name, _), select)| Some((name.clone(), select?)))
        .collect();
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
    Some(Fixed {
        plan,
        layout: Layout { records },
        limits: Limits::default(),
    })
}

impl Fixed {
    pub(super) fn limits(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(&mut self.limits);
        self
    }

    /// Every record, refusal and error, in order.
    pub(super) fn read(&self, content: impl AsRef<[u8]>) -> Vec<String> {
        self.read_from(Cursor::new(content.as_ref().to_vec()))
    }

    pub(super) fn read_from(&self, content: impl Read + Send + 'static) -> Vec<String> {
        let mut said = Vec::new();
        let open = Reader::open(&self.plan, &self.layout, &self.limits, Box::new(content));
        let mut reader = match open {
            Ok(reader) => reader,
            Err(error) => return vec![format!("at open, {}", show_error(&error))],
        };
        let mut record = reader.record();
        loop {
            match reader.next(&mut record) {
                Ok(Next::End) => return said,
                Ok(Next::Record) => said.push(self.show(&record)),
                Ok(Next::Refused(reject)) => {
                    let kind = reader.refused_kind();
                    let kind = kind.map_or("?", |kind| self.layout.records[kind].name.as_str());
                    let place = reject.place;
                    let field = reject
                        .field
                        .map_or(String::new(), |field| format!(" {field}"));
                    said.push(format!(
                        "{} @{}+{} {kind} refused {}{field}: {}",
                        place.record, place.offset, place.length, reject.code.id, reject.detail
                    ));
                }
                Err(error) => {
                    said.push(show_error(&error));
                    return said;
                }
            }
        }
    }

    fn show(&self, record: &WireRecord) -> String {
        let place = record.place();
        let values: Vec<String> = (0..record.slots())
            .map(|slot| match record.text(slot) {
                Ok(None) => "-".to_owned(),
                Ok(Some(text)) => format!("[{text}]"),
                Err(error) => format!("<{error}>"),
            })
            .collect();
        format!(
            "{} @{}+{} {}: {}",
            place.record,
            place.offset,
            place.length,
            self.layout.records[record.kind()].name,
            values.concat()
        )
    }

    /// The kinds and values of all records, which must all be good.
    pub(super) fn values(&self, content: &[u8]) -> Result<Vec<(usize, Vec<String>)>, String> {
        let content = Box::new(Cursor::new(content.to_vec()));
        let mut reader = Reader::open(&self.plan, &self.layout, &self.limits, content)
            .map_err(|error| show_error(&error))?;
        let mut record = reader.record();
        let mut all = Vec::new();
        loop {
            match reader
                .next(&mut record)
                .map_err(|error| show_error(&error))?
            {
                Next::End => return Ok(all),
                Next::Refused(reject) => {
                    return Err(format!("{}: {}", reject.code.id, reject.detail));
                }
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

    /// The bytes of records of one kind each; an empty text is a field that is left out.
    pub(super) fn write(&self, records: &[(usize, Vec<&str>)]) -> Result<Vec<u8>, String> {
        let show = |error: WriteError| match error {
            WriteError::Unwritable {
                code,
                record,
                detail,
            } => format!("{}: `{record}`: {detail}", code.id),
            WriteError::Write(error) => error.to_string(),
        };
        let mut writer = Writer::new(&self.plan, &self.layout, Vec::new()).map_err(show)?;
        for (kind, values) in records {
            let values: Vec<Option<&str>> = (values.iter())
                .map(|value| (!value.is_empty()).then_some(*value))
                .collect();
            writer.record(*kind, &values).map_err(show)?;
        }
        writer.finish().map_err(show)
    }
}

fn show_error(error: &FormatError) -> String {
    let code = match error {
        FormatError::Malformed { code, .. } | FormatError::Limit { code, .. } => code.id,
        FormatError::Read(_) | FormatError::Workbook { .. } => "read",
    };
    format!("error {code}: {error}")
}
