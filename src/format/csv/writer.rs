//! Writes records as delimited text.
//!
//! The one invariant: what is written reads back as the same records of the same kinds; what
//! would not is an error.

use std::io::Write;

use super::codes;
use super::compose::{Composer, Unquotable};
use super::kinds::{count, counts, csv_fields, csv_select, is_named, main_kind};
use super::plan::{Bom, CsvPlan, Header};
use super::select::{Column, Condition, Facts, Test};
use crate::format::lines::Structure;
use crate::format::{Batch, Layout, RecordLayout, WriteError};
use crate::text::Encoding;

/// Writes records as delimited text. Fields of other kinds (`kind.column`) are not written: they
/// are in that kind's own record.
pub struct CsvWriter<W: Write> {
    plan: CsvPlan,
    composer: Box<Composer>,
    kinds: Vec<KindOut>,
    main: Option<usize>,
    /// The header row's line, once it is written.
    header: Option<String>,
    structure: Structure,
    lines: u64,
    /// The kind of the last line.
    last: Option<usize>,
    batch: Batch<W>,
}

/// One kind of record as it is written.
struct KindOut {
    name: String,
    columns: Vec<ColumnOut>,
    tests: Vec<Test>,
}

struct ColumnOut {
    name: String,
    /// The slots whose first source it is; they must agree.
    slots: Vec<usize>,
    /// What the kind's `match` says it is, where no slot says so.
    constant: Option<String>,
}

impl<W: Write> CsvWriter<W> {
    pub(in crate::format) fn new(
        plan: &CsvPlan,
        layout: &Layout,
        output: W,
    ) -> Result<Self, WriteError> {
        let mut writer = Self {
            plan: plan.clone(),
            composer: Box::new(Composer::new(plan)),
            kinds: layout
                .records
                .iter()
                .map(|record| KindOut::new(plan, record))
                .collect(),
            main: main_kind(layout),
            header: None,
            structure: Structure::new(layout),
            lines: 0,
            last: None,
            batch: Batch::new(output),
        };
        writer.check_header_row()?;
        if plan.bom == Bom::Required {
            // A checked plan requires a mark only where the encoding has it.
            let mark = plan.encoding.encode("\u{FEFF}").unwrap_or_default();
            writer.batch.bytes.extend_from_slice(&mark);
        }
        Ok(writer)
    }

    pub(in crate::format) fn record(
        &mut self,
        kind: usize,
        fields: &[Option<&str>],
    ) -> Result<(), WriteError> {
        let is_after_header = Some(kind) == self.main || self.is_last_kind(kind);
        if is_after_header {
            self.header_row()?;
        }
        let Some(layout) = self.kinds.get(kind) else {
            return Ok(());
        };
        if let Some(last) = self.last.filter(|last| self.is_last_kind(*last)) {
            let detail = format!("`{}` is the last line, nothing follows it", self.name(last));
            return Err(WriteError::unwritable(
                codes::UNWRITABLE_RECORD,
                &layout.name,
                detail,
            ));
        }
        let values = layout.columns.iter().map(|column| column.value(fields));
        self.composer
            .line(values)
            .map_err(|error| self.unquotable(kind, &error))?;
        self.check_kind(kind)?;
        let placed =
            (self.structure.enter(kind, self.lines + 1)).and_then(|()| self.structure.leave(kind));
        placed
            .map_err(|fault| WriteError::unwritable(fault.code, self.name(kind), fault.detail))?;
        self.push_line(kind)
    }

    /// Composes the header row, if one is declared: a name that the encoding lacks is known
    /// before anything is written.
    fn check_header_row(&mut self) -> Result<(), WriteError> {
        match self.compose_header_row()? {
            Some(main) if self.plan.encoding.encode(self.composer.text()).is_err() => {
                Err(self.unencodable(main))
            }
            _ => Ok(()),
        }
    }

    /// Composes the header row unless none is declared; gives the kind whose columns it names.
    fn compose_header_row(&mut self) -> Result<Option<usize>, WriteError> {
        let main = self.main.filter(|_| self.plan.header != Header::None);
        let Some((main, layout)) = main.and_then(|main| Some((main, self.kinds.get(main)?))) else {
            return Ok(None);
        };
        let names = layout.columns.iter().map(|column| Ok(column.name.as_str()));
        self.composer
            .line(names)
            .map_err(|error| self.unquotable(main, &error))?;
        Ok(Some(main))
    }

    /// Writes the header row unless it is written or none is declared.
    fn header_row(&mut self) -> Result<(), WriteError> {
        if self.header.is_some() {
            return Ok(());
        }
        let Some(main) = self.compose_header_row()? else {
            return Ok(());
        };
        self.check_kind(main)?;
        self.header = Some(self.composer.text().to_owned());
        self.push_line(main)?;
        // The header row is no record.
        self.last = None;
        Ok(())
    }

    /// Whether the composed line reads back as one of `kind`.
    fn check_kind(&self, kind: usize) -> Result<(), WriteError> {
        let refuse = |detail: String| {
            Err(WriteError::unwritable(
                codes::UNWRITABLE_RECORD,
                self.name(kind),
                detail,
            ))
        };
        if self.header.as_deref() == Some(self.composer.text()) {
            return refuse("the line would be the header row once more".to_owned());
        }
        if self.lines == 0
            && self.plan.bom != Bom::Required
            && self.composer.text().starts_with('\u{FEFF}')
        {
            return refuse("the file would begin with a byte order mark".to_owned());
        }
        let fields = self.composer.fields();
        let facts = |last| Facts {
            first: self.lines == 0,
            last,
            line: self.composer.text().as_bytes(),
            counts: counts(&fields, self.plan.trailing_separator),
            fields,
        };
        let matches = |index: usize, layout: &KindOut| {
            let facts = facts(index == kind);
            !layout.tests.is_empty() && layout.tests.iter().all(|test| test.holds(&facts))
        };
        let found = (self.kinds.iter().enumerate())
            .position(|(index, layout)| matches(index, layout))
            .or(self.main);
        if found != Some(kind) {
            let as_what = found.map_or("no kind", |found| self.name(found));
            return refuse(format!("the line would be read back as `{as_what}`"));
        }
        let expected = self.kinds.get(kind).map(|layout| layout.columns.len());
        match count(&fields, self.plan.trailing_separator, expected) {
            Ok(found) if Some(found) == expected => Ok(()),
            _ => refuse("the line would be read back with another number of fields".to_owned()),
        }
    }

    fn push_line(&mut self, kind: usize) -> Result<(), WriteError> {
        let encoding = self.plan.encoding;
        let Ok(line) = encoding.encode(self.composer.text()) else {
            return Err(self.unencodable(kind));
        };
        let end = self.plan.line_end.written();
        let (before, after) = self.plan.final_line_end.around(end, self.lines);
        for bytes in [before, &line, after] {
            self.batch.bytes.extend_from_slice(bytes);
        }
        self.lines += 1;
        self.last = Some(kind);
        Ok(self.batch.end_record()?)
    }

    pub(in crate::format) fn finish(mut self) -> Result<W, WriteError> {
        self.header_row()?;
        let last = (0..self.kinds.len()).find(|kind| self.is_last_kind(*kind));
        if let Some(last) = last.filter(|last| self.last != Some(*last)) {
            let detail = "it is the last line of the file and was not written".to_owned();
            return Err(WriteError::unwritable(
                codes::UNWRITABLE_RECORD,
                self.name(last),
                detail,
            ));
        }
        (self.structure.finish())
            .map_err(|fault| WriteError::unwritable(fault.code, "the file", fault.detail))?;
        Ok(self.batch.finish()?)
    }

    fn is_last_kind(&self, kind: usize) -> bool {
        (self.kinds.get(kind))
            .is_some_and(|kind| kind.tests.iter().any(|test| matches!(test, Test::Last)))
    }

    fn name(&self, kind: usize) -> &str {
        self.kinds.get(kind).map_or("", |kind| &kind.name)
    }

    fn column_name(&self, kind: usize, column: usize) -> &str {
        (self.kinds.get(kind))
            .and_then(|kind| kind.columns.get(column))
            .map_or("", |column| &column.name)
    }

    fn unquotable(&self, kind: usize, error: &Unquotable) -> WriteError {
        let column = self.column_name(kind, error.column);
        let detail = format!("the value of `{column}` {}", error.reason);
        WriteError::unwritable(codes::UNWRITABLE_VALUE, self.name(kind), detail)
    }

    /// Says which value has the character that the encoding lacks.
    fn unencodable(&self, kind: usize) -> WriteError {
        let encoding = self.plan.encoding;
        let fields = self.composer.fields();
        let value = |column| {
            std::str::from_utf8(fields.get(column).unwrap_or_default()).unwrap_or_default()
        };
        let detail = (0..fields.spans.len())
            .find_map(|column| {
                let error = encoding.encode(value(column)).err()?;
                Some(format!(
                    "the value of `{}`: {error}",
                    self.column_name(kind, column)
                ))
            })
            .unwrap_or_else(|| format!("the line cannot be encoded as {encoding}"));
        WriteError::unwritable(codes::UNWRITABLE_VALUE, self.name(kind), detail)
    }
}

impl KindOut {
    fn new(plan: &CsvPlan, record: &RecordLayout) -> Self {
        let select = csv_select(record);
        let mut columns: Vec<ColumnOut> = (select.columns.iter().enumerate())
            .map(|(at, name)| ColumnOut {
                name: name.clone(),
                slots: Vec::new(),
                constant: constant(&select.conditions, at),
            })
            .collect();
        for (slot, sources) in record.slots.iter().enumerate() {
            let Some(field) = csv_fields(sources)
                .next()
                .filter(|field| field.kind.is_none())
            else {
                continue;
            };
            let at = match &field.column {
                Column::At(at) => Some(*at),
                Column::Named(name) => columns.iter().position(|column| column.name == *name),
            };
            match (at.and_then(|at| columns.get_mut(at)), &field.column) {
                (Some(column), _) => column.slots.push(slot),
                (None, Column::Named(name)) if is_named(plan, &select.conditions) => {
                    columns.push(ColumnOut {
                        name: name.clone(),
                        slots: vec![slot],
                        constant: None,
                    });
                }
                // A checked field names a column that there is.
                (None, _) => {}
            }
        }
        Self {
            name: record.name.clone(),
            columns,
            tests: (select.conditions.iter())
                .map(|condition| Test::new(condition, Encoding::Utf8))
                .collect(),
        }
    }
}

/// What a kind's conditions say that a column always is.
fn constant(conditions: &[Condition], at: usize) -> Option<String> {
    conditions.iter().find_map(|condition| match condition {
        Condition::Column { column, values } if *column == at => match &values[..] {
            [value] => Some(value.clone()),
            _ => None,
        },
        _ => None,
    })
}

impl ColumnOut {
    /// The text to write, empty for a field that is left out.
    fn value<'a>(&'a self, fields: &[Option<&'a str>]) -> Result<&'a str, &'static str> {
        let mut values =
            (self.slots.iter()).filter_map(|slot| fields.get(*slot).copied().flatten());
        let Some(value) = values.next() else {
            return Ok(self.constant.as_deref().unwrap_or_default());
        };
        if values.any(|other| other != value) {
            return Err("is given twice, and differently");
        }
        Ok(value)
    }
}
