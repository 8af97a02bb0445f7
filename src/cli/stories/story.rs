//! `story.toml`: what a story plays, as written → checked.

use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};

use crate::cli::codes::BAD_STORY;
use crate::cli::error::CliError;
use crate::diag::{Problem, Problems};
use crate::document::{Document, Key, KeyKind, Section};
use crate::id::JobName;
use crate::value::Value;

/// The name of a story's own file.
pub(super) const STORY: &str = "story.toml";

const STEP_KEYS: &[Key] = &[
    Key::required(
        "job",
        KeyKind::Name,
        "The job that runs, by its path below jobs/.",
    ),
    Key::optional(
        "business_date",
        KeyKind::Date,
        "The business day it works for; the day of the clock when absent.",
    ),
    Key::optional(
        "clock",
        KeyKind::Scalar,
        "Sets the clock before the step: a moment with its offset.",
    ),
    Key::with_default(
        "exit",
        KeyKind::Integer { min: 0, max: 2 },
        "0",
        "The exit code that `dukou run` must end with: 0, 1 or 2.",
    ),
];

/// The keys of `story.toml`.
pub(in crate::cli) const STORY_KEYS: &[Key] = &[
    Key::required("title", KeyKind::Name, "What happens, in one sentence."),
    Key::with_default(
        "configuration",
        KeyKind::Name,
        ".",
        "The folder of the `dukou.toml` that the story plays with, relative to the story.",
    ),
    Key::required(
        "clock",
        KeyKind::Scalar,
        "The moment at which the story plays, with its offset; the clock stands still.",
    ),
    Key::required(
        "step",
        KeyKind::TableList(STEP_KEYS),
        "The jobs, in the order in which they run.",
    ),
];

/// A story that can be played.
#[derive(Debug)]
pub(super) struct Story {
    /// Its folder.
    pub(super) folder: PathBuf,
    pub(super) title: String,
    /// The settings file it plays with.
    pub(super) settings: PathBuf,
    pub(super) clock: DateTime<Utc>,
    pub(super) steps: Vec<Step>,
}

/// A job of a story.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) job: JobName,
    pub(super) business_date: Option<NaiveDate>,
    pub(super) clock: Option<DateTime<Utc>>,
    /// The exit code it must end with.
    pub(super) exit: u8,
}

impl Story {
    /// Reads a story's folder.
    pub(super) fn read(folder: &Path, problems: &mut Problems) -> Option<Self> {
        let path = folder.join(STORY);
        let document = Document::read(&path, &path, problems)?;
        Self::of(folder, &document, problems)
    }

    fn of(folder: &Path, document: &Document, problems: &mut Problems) -> Option<Self> {
        let before = problems.error_count();
        let root = document.root(STORY_KEYS, problems);
        let sections = root.table_list("step");
        let steps: Vec<Option<Step>> = sections
            .iter()
            .map(|step| read_step(step, problems))
            .collect();
        if root.has("step") && steps.is_empty() {
            let message = "a story without a step plays nothing";
            problems.push(Problem::error(&BAD_STORY, root.place(), message).help("add `[[step]]`"));
        }
        let clock = moment(&root, "clock", problems);
        let configuration = root.text("configuration")?.value;
        let story = Self {
            folder: folder.to_owned(),
            title: root.text("title")?.value,
            settings: folder.join(configuration).join("dukou.toml"),
            clock: clock?,
            steps: steps.into_iter().collect::<Option<_>>()?,
        };
        (problems.error_count() == before).then_some(story)
    }
}

/// The settings file that a story's folder plays with.
pub(in crate::cli) fn settings_of_story(folder: &Path) -> Result<PathBuf, CliError> {
    let mut problems = Problems::new();
    match Story::read(folder, &mut problems) {
        Some(story) => Ok(story.settings),
        None => Err(CliError::Configuration {
            problems: problems.sorted(),
        }),
    }
}

fn read_step(section: &Section<'_>, problems: &mut Problems) -> Option<Step> {
    let clock = moment(section, "clock", problems);
    let job = section.text("job")?;
    let name = JobName::new(&job.value).map_err(|found| {
        problems.push(Problem::error(&BAD_STORY, job.place, found.to_string()));
    });
    Some(Step {
        job: name.ok()?,
        business_date: section.date("business_date").map(|item| item.value),
        clock,
        exit: u8::try_from(section.count("exit")?.value).ok()?,
    })
}

/// A moment with its offset; anything else that is written is a problem.
fn moment(section: &Section<'_>, name: &str, problems: &mut Problems) -> Option<DateTime<Utc>> {
    let item = section.scalar(name)?;
    if let Value::Instant(at) = item.value {
        return Some(at);
    }
    let message = format!("`{name}` must be a moment with its offset");
    let help = format!("write it without quotes: `{name} = 2026-03-10T09:00:00+08:00`");
    problems.push(Problem::error(&BAD_STORY, item.place, message).help(help));
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Source;
    use crate::document::key_table_faults;

    fn read(text: &str) -> (Option<Story>, Vec<String>) {
        let mut problems = Problems::new();
        let document = Document::parse(Source::new("story.toml", text), &mut problems);
        let story = Story::of(Path::new("fixtures/a"), &document, &mut problems);
        let messages = problems.sorted();
        let messages = messages.iter().map(|problem| problem.message.clone());
        (story, messages.collect())
    }

    #[test]
    fn the_keys_are_sound() {
        assert_eq!(key_table_faults(STORY_KEYS), Vec::<String>::new());
    }

    #[test]
    fn the_reference_shows_every_key_with_another_value_than_its_default() {
        let (story, messages) = read(include_str!("../../../docs/reference/story.toml"));
        assert_eq!(messages, Vec::<String>::new());
        let story = story.expect("it is right");
        assert_eq!(story.settings, Path::new("fixtures/a/../../dukou.toml"));
        let second = story.steps.get(1).expect("it has two steps");
        assert_eq!(second.exit, 1);
        assert!(second.clock.is_some() && second.business_date.is_some());
    }

    #[test]
    fn every_mistake_of_a_story_is_said() {
        let (story, messages) = read(
            "title = 'a'\nclock = '2026-03-10'\n[[step]]\njob = 'a b'\nexit = 3\n[[step]]\nclock = 5\n",
        );
        assert!(story.is_none());
        assert_eq!(messages.len(), 5, "{messages:#?}");
        assert!(messages.contains(&"`clock` must be a moment with its offset".to_owned()));
        assert!(messages.contains(&"missing key `job` in `[[step]]`".to_owned()));
    }
}
