//! What the configuration knows about what the books name: titles, envelopes, encodings.

use std::fs::File;
use std::io::{self, Read};

use super::screen::Screen;
use crate::dataset::Given;
use crate::engine::Engine;
use crate::format::shown_records;
use crate::job::{Configuration, JobKind, PullJob};
use crate::ledger::FileRow;
use crate::text::Encoding;

/// The title of a `[[read]]`, else its own word.
pub(super) fn read_title(
    configuration: &Configuration,
    job: Option<&str>,
    read: &str,
    screen: Screen,
) -> String {
    let reads = pulls(configuration)
        .filter(|(name, _)| job.is_none_or(|job| job == *name))
        .flat_map(|(_, plan)| &plan.reads);
    let title = reads
        .into_iter()
        .find(|plan| plan.name == read || plan.title == read)
        .map(|plan| screen.pick(&plan.title, &plan.title_en).to_owned());
    title
        .filter(|title| !title.is_empty())
        .unwrap_or_else(|| read.to_owned())
}

/// The title of a mapping, else its name.
pub(super) fn mapping_title(
    configuration: &Configuration,
    mapping: &str,
    screen: Screen,
) -> String {
    let found = configuration.mappings.get(mapping);
    let title = found.map(|found| screen.pick(&found.title, &found.title_en));
    title.unwrap_or(mapping).to_owned()
}

/// The title of a dispute reason, as the `[[decide]]` rules name it.
pub(super) fn reason_title(
    configuration: &Configuration,
    dataset: &str,
    column: &str,
    reason: i64,
) -> Option<String> {
    pulls(configuration)
        .flat_map(|(_, plan)| &plan.decide)
        .filter(|decide| {
            decide.dataset.name().as_str() == dataset && decide.column.as_str() == column
        })
        .flat_map(|decide| &decide.rules)
        .find(|rule| rule.reason == reason)
        .map(|rule| rule.title.clone())
}

/// The job that reads files like this one: same connection and folder, name that fits.
pub(super) fn reader<'c>(
    configuration: &'c Configuration,
    file: &FileRow,
) -> Option<(&'c str, &'c PullJob)> {
    pulls(configuration).find(|(_, plan)| {
        plan.connection.as_str() == file.connection
            && plan.folder.to_string() == file.path
            && plan
                .captures(file.source_name(), file.entry.as_deref())
                .is_some()
    })
}

/// The opened content of a landed file.
pub(super) fn content(
    engine: &Engine,
    file: &FileRow,
    landed: File,
) -> io::Result<Box<dyn Read + Send>> {
    match (&file.envelope, reader(engine.configuration(), file)) {
        (None, _) => Ok(Box::new(landed)),
        (Some(_), Some((_, plan))) => {
            let keys = engine.keys_at(file.received_at);
            Ok(plan.open(landed, file.entry.as_deref(), &keys))
        }
        (Some(envelope), None) => {
            let why = format!("no job opens `{envelope}` for files like this one any more");
            Err(io::Error::other(why))
        }
    }
}

/// Whether records of a file have no bytes of their own, because its format shares them (a sheet
/// is compressed as a whole): what stands for them begins with a line that says where they stand.
pub(super) fn shares_bytes(configuration: &Configuration, file: &FileRow) -> bool {
    let mapping = file.mapping.as_ref();
    mapping
        .and_then(|name| configuration.mappings.get(name))
        .is_some_and(|mapping| mapping.format.shares_bytes())
}

/// A record without bytes of its own, read again from the content and shown.
pub(super) fn shown_record(
    configuration: &Configuration,
    file: &FileRow,
    record: u64,
    content: Box<dyn Read + Send>,
) -> io::Result<Option<String>> {
    let mapping = file.mapping.as_ref();
    let Some(mapping) = mapping.and_then(|name| configuration.mappings.get(name)) else {
        return Ok(None);
    };
    let limits = &configuration.settings.limits;
    let wanted = [record].into();
    shown_records(&mapping.format, &mapping.layout, limits, content, &wanted)
        .map(|mut shown| shown.remove(&record))
        .map_err(|error| io::Error::other(error.to_string()))
}

/// Bytes as text: as UTF-8, else as GB18030, whose subset GBK is; `None` when they are neither.
pub(super) fn decoded(bytes: &[u8]) -> Option<(String, &'static str)> {
    [Encoding::Utf8, Encoding::Gb18030]
        .into_iter()
        .find_map(|encoding| {
            encoding
                .decode(bytes)
                .ok()
                .map(|text| (text.into_owned(), encoding.name()))
        })
}

/// What statements take from the settings.
pub(super) fn given(engine: &Engine) -> Given {
    use chrono::Offset as _;
    let settings = &engine.configuration().settings;
    let clock = engine.clock();
    Given {
        zone: settings.zone.name().to_owned(),
        offset_secs: clock.local(clock.now()).offset().fix().local_minus_utc(),
        settings: settings.values.clone(),
    }
}

fn pulls(configuration: &Configuration) -> impl Iterator<Item = (&str, &PullJob)> {
    configuration
        .jobs
        .iter()
        .filter_map(|(name, job)| match &job.kind {
            JobKind::Pull(plan) => Some((name.as_str(), plan.as_ref())),
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_bytes_are_read_in_the_encoding_that_fits() {
        assert_eq!(decoded("陕A".as_bytes()), Some(("陕A".to_owned(), "UTF-8")));
        assert_eq!(
            decoded(&[0xC9, 0xC2, b'A']),
            Some(("陕A".to_owned(), "GB18030"))
        );
        assert_eq!(decoded(&[0xFF, 0xFF]), None);
    }
}
