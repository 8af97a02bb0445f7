//! Which fixtures show which message: stories of the configuration, and canonical files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::cli::error::{CliError, io_error};
use crate::cli::folders::files_below;
use crate::cli::stories::settings_of_story;
use crate::engine::read_taking;
use crate::job::{Configuration, Direction, Job, JobKind, PullJob};
use crate::key::Keyring;

/// The folder of files that are read and written again byte for byte.
const CANONICAL: &str = "canonical";

/// Fixtures by what they show.
#[derive(Debug, Default)]
pub(super) struct Fixtures {
    golden: BTreeMap<(String, Direction), BTreeSet<String>>,
    hostile: BTreeMap<String, BTreeSet<String>>,
    /// Partners with a file that is held or has a refused record.
    warned: BTreeSet<String>,
}

impl Fixtures {
    /// Those in which a message is read or written.
    pub(super) fn golden(&self, mapping: &str, direction: Direction) -> Vec<String> {
        listed(self.golden.get(&(mapping.to_owned(), direction)))
    }

    /// Those in which a file of a mapping is held or has a refused record.
    pub(super) fn hostile(&self, mapping: &str) -> Vec<String> {
        listed(self.hostile.get(mapping))
    }

    /// Whether a partner has a file that is held or has a refused record, of whatever message.
    pub(super) fn has_hostile(&self, partner: &str) -> bool {
        self.warned.contains(partner)
    }

    fn add_golden(&mut self, mapping: &str, direction: Direction, fixture: &str) {
        let key = (mapping.to_owned(), direction);
        self.golden
            .entry(key)
            .or_default()
            .insert(fixture.to_owned());
    }
}

fn listed(names: Option<&BTreeSet<String>>) -> Vec<String> {
    names.into_iter().flatten().cloned().collect()
}

/// Looks through a folder of fixtures for what shows messages of a configuration.
pub(super) fn of(
    folder: &Path,
    settings: &Path,
    configuration: &Configuration,
) -> Result<Fixtures, CliError> {
    let mut fixtures = Fixtures::default();
    for mapping in configuration.mappings.values() {
        let files = files_below(&folder.join(CANONICAL).join(mapping.name.as_str()))?;
        if !files.is_empty() {
            for direction in [Direction::In, Direction::Out] {
                fixtures.add_golden(mapping.name.as_str(), direction, CANONICAL);
            }
        }
    }
    for file in files_below(folder)? {
        let Some(story) = file.parent().filter(|_| file.ends_with("story.toml")) else {
            continue;
        };
        if is_same(&settings_of_story(story)?, settings) {
            let name = story.strip_prefix(folder).unwrap_or(story);
            let story = Story {
                folder: story,
                name: &name.to_string_lossy(),
                configuration,
            };
            story.note(&mut fixtures)?;
        }
    }
    Ok(fixtures)
}

fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// A story of the configuration.
struct Story<'s> {
    folder: &'s Path,
    name: &'s str,
    configuration: &'s Configuration,
}

impl Story<'_> {
    fn note(&self, fixtures: &mut Fixtures) -> Result<(), CliError> {
        for row in self.table("deliveries.csv")? {
            if let Some(mapping) = row.get("mapping") {
                fixtures.add_golden(mapping, Direction::Out, self.name);
            }
        }
        for row in self.table("files.csv")? {
            self.note_file(&row, fixtures)?;
        }
        Ok(())
    }

    /// A row of `files.csv`: the file is looked at again to learn which message it is.
    fn note_file(
        &self,
        row: &BTreeMap<String, String>,
        fixtures: &mut Fixtures,
    ) -> Result<(), CliError> {
        let cell = |name: &str| row.get(name).map_or("", String::as_str);
        let (file, entry) = match cell("name").split_once("!/") {
            Some((file, entry)) => (file, Some(entry)),
            None => (cell("name"), None),
        };
        let (connection, path) = (cell("connection"), cell("path"));
        let jobs = self.configuration.jobs.values();
        let takes = |job: &&Job| match &job.kind {
            JobKind::Pull(plan) => {
                plan.connection.as_str() == connection
                    && plan.folder.to_string() == path
                    && plan.captures(file, entry).is_some()
            }
            _ => false,
        };
        let Some(job) = jobs.into_iter().find(takes) else {
            return Ok(());
        };
        let JobKind::Pull(plan) = &job.kind else {
            return Ok(());
        };
        let place = self.folder.join("inbox").join(connection).join(path);
        let mapping = message(plan, &place.join(file), (file, entry))?;
        let is_bad = cell("state") == "held" || !matches!(cell("rejected"), "" | "0");
        if is_bad {
            fixtures.warned.insert(job.partner.to_string());
        }
        if let Some(mapping) = mapping {
            if is_bad {
                let hostile = fixtures.hostile.entry(mapping.clone()).or_default();
                hostile.insert(self.name.to_owned());
            }
            if cell("state") == "loaded" {
                fixtures.add_golden(&mapping, Direction::In, self.name);
            }
        }
        Ok(())
    }

    /// A table of the expected side, each row by column; none when the story has no such table.
    fn table(&self, name: &str) -> Result<Vec<BTreeMap<String, String>>, CliError> {
        let path = self.folder.join("expected").join(name);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => {
                return Err(io_error(format!("reading `{}`", path.display()))(error));
            }
        };
        let mut lines = text.lines();
        let header = cells(lines.next().unwrap_or_default());
        let row = |line: &str| header.iter().cloned().zip(cells(line)).collect();
        Ok(lines.map(row).collect())
    }
}

/// The mapping that a job reads a file with; none when no read fits it.
fn message(
    plan: &PullJob,
    path: &Path,
    (name, entry): (&str, Option<&str>),
) -> Result<Option<String>, CliError> {
    let captures = plan.captures(name, entry).unwrap_or_default();
    let file = match File::open(path) {
        Ok(file) => file,
        // What a story's own job made on the way lies in no inbox.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_error(format!("reading `{}`", path.display()))(error)),
    };
    // A message whose keyed content says which read takes it is not found here: no key is fetched
    // to write a document.
    let content = plan.open(file, entry, &Keyring::none());
    let read = read_taking(plan, &captures, content);
    Ok(read.map(|read| read.mapping.name.to_string()))
}

/// The cells of a line that has no line end inside quotes.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut is_quoted) = (Vec::new(), String::new(), false);
    for character in line.chars() {
        match character {
            // A doubled quote ends and begins again: what stands between is one quote less than
            // written, which no column that is asked for can have.
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(std::mem::take(&mut cell)),
            other => cell.push(other),
        }
    }
    cells.push(cell);
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_between_quotes_ends_no_cell() {
        assert_eq!(
            cells("in,\"a,b.txt\",loaded,"),
            ["in", "a,b.txt", "loaded", ""]
        );
    }
}
