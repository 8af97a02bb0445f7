//! Files in, what the reader says about them out, one line each.

use std::io::{Cursor, Read};

use crate::document::{Key, read_text};
use crate::format::trial::{
    layout_keys, line_keys, read_good, read_layout, show, show_error, show_unwritable, write_all,
};
use crate::format::{FormatPlan, Layout, Limits, Next, Reader, fixed};

const RECORDS: &[Key] = &line_keys("fixed", fixed::RECORD_KEYS);
const ROOT: &[Key] = &layout_keys(RECORDS);

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
    let (read, problems) = read_text(text, ROOT, read_layout);
    let has_errors = problems.has_errors();
    let fixed = read.map(|(plan, layout)| Fixed {
        plan,
        layout,
        limits: Limits::default(),
    });
    (fixed.filter(|_| !has_errors), problems.lines_with_help())
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
                Ok(Next::Record) => said.push(show(&record, &self.layout)),
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

    /// The kinds and values of all records, which must all be good.
    pub(super) fn values(&self, content: &[u8]) -> Result<Vec<(usize, Vec<String>)>, String> {
        read_good(content, &self.plan, &self.layout, &self.limits)
    }

    /// The bytes of records of one kind each; an empty text is a field that is left out.
    pub(super) fn write(&self, records: &[(usize, Vec<&str>)]) -> Result<Vec<u8>, String> {
        let present = |(kind, values): &(usize, Vec<&str>)| {
            let present = |value: &&str| (!value.is_empty()).then(|| (*value).to_owned());
            let fields: Vec<_> = values.iter().map(present).collect();
            (*kind, fields)
        };
        let records: Vec<_> = records.iter().map(present).collect();
        write_all(&self.plan, &self.layout, &records).map_err(|error| show_unwritable(&error))
    }
}
