//! Controls, read and written, through whole mappings as a person writes them.

mod controls;
mod identify;
mod options;
mod stating;
mod times;

use std::collections::BTreeMap;
use std::io::Cursor;

use super::{Context, Mapped, Mapper, Mapping, World};
use crate::clock::Clock;
use crate::dataset::Datasets;
use crate::diag::{Problems, Source};
use crate::document::Document;
use crate::format::{Limits, Next, Reader};
use crate::id::MappingName;

/// A mapping and what is said about it.
fn read(text: &str) -> (Option<Mapping>, Vec<String>) {
    let mut problems = Problems::new();
    let document = Document::parse(Source::new("m.toml", text), &mut problems);
    let datasets = Datasets::default();
    let world = World {
        datasets: &datasets,
        codes: &|_| None,
        code_names: Vec::new(),
    };
    let name = MappingName::new("bank/file").expect("a good name");
    let mapping = Mapping::read(&document, name, &world, &mut problems);
    (mapping, problems.lines())
}

fn mapping(text: &str) -> Mapping {
    let (mapping, said) = read(text);
    assert_eq!(said, [""; 0]);
    mapping.expect("it has no problem")
}

fn clock() -> Clock {
    let zone = "Asia/Shanghai".parse().expect("a zone");
    Clock::fixed(chrono::DateTime::UNIX_EPOCH, zone)
}

/// Every control of a file: `name promised/decoded`, `!` before one that does not agree, and the
/// record of one within a group.
fn controls(mapping: &Mapping, content: &str) -> Vec<String> {
    let clock = clock();
    let values = [("business_date", "2026-03-01"), ("day", "20260301")];
    let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let context = Context {
        clock: &clock,
        values: BTreeMap::from(values),
    };
    let mut mapper = Mapper::new(mapping, context);
    let content = Box::new(Cursor::new(content.as_bytes().to_vec()));
    let limits = Limits::default();
    let mut reader = Reader::open(&mapping.format, &mapping.layout, &limits, content)
        .expect("the content begins as it must");
    let mut record = reader.record();
    let mut said = Vec::new();
    loop {
        match reader
            .next(&mut record)
            .expect("the content is well-formed")
        {
            Next::End => break,
            Next::Refused(reject) => {
                said.push(format!("refused {}", reject.code.id));
                mapper.refused_by_reader(reader.refused_kind(), reject.place.record);
            }
            Next::Record => {
                if let Mapped::Refused(reject, _) = mapper.map(&record) {
                    said.push(format!("refused {}", reject.code.id));
                }
            }
        }
    }
    said.extend(mapper.finish().controls.iter().map(|control| {
        let (declared, computed) = control.shown();
        let mark = if control.agrees() { "" } else { "!" };
        let record = control
            .record
            .map_or(String::new(), |no| format!(" at {no}"));
        let others = match control.others {
            0 => String::new(),
            others => format!(" and {others} more"),
        };
        format!(
            "{mark}{} {declared}/{computed}{record}{others}",
            control.name
        )
    }));
    said
}
