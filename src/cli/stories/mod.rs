//! `dukou test`: golden stories, which are documentation, test and tool at once.
//!
//! Responsible for finding stories, playing each in a hub of its own, and showing what came out
//! beside what its folder expects. Not for how jobs work: a story runs the very engine that
//! `dukou run` runs. The one invariant: `expected` is written only when `--accept` is said.

mod books;
mod difference;
mod observed;
mod play;
mod sealed;
mod story;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value as Json, json};

use super::answer::{Answer, Exit, Step};
use super::desk::Desk;
use super::error::{CliError, io_error};
use super::folders::files_below;
use super::screen::Screen;
use super::sheet::{indented, lines};
use super::words;
use crate::diag::Problems;
use crate::transport::write_atomic;
use difference::{Difference, Kind, compare};
use observed::{Files, observe};
use play::{PlayedStep, play};
use sealed::Sealed;
use story::{STORY, Story};

pub(super) use story::{STORY_KEYS, settings_of_story};

const EXAMPLES: &str = "\
Examples:
  dukou test                                   every story below fixtures/
  dukou test fixtures/partner_list
  dukou test fixtures/partner_list --accept    what came out becomes what is expected

A story is a folder with `story.toml`, `inbox/CONNECTION/…` and `expected/…`.
Exit codes: 0 all is as expected; 1 something differs; 2 a story could not be played.";

/// Play stories.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct TestArgs {
    /// Stories, or folders with stories below them; `fixtures` without any.
    #[arg(value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Write what came out as what is expected.
    #[arg(long)]
    accept: bool,
}

/// What a story came to.
struct Outcome {
    folder: PathBuf,
    result: Result<Told, CliError>,
}

/// A story that was played.
struct Told {
    title: String,
    steps: Vec<PlayedStep>,
    differences: Vec<Difference>,
    is_accepted: bool,
}

/// `dukou test`
pub(super) async fn run(args: &TestArgs, desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    if let Ok(settings) = desk.settings_path() {
        desk.speak_as(&settings);
    }
    let stories = find(&args.folders)?;
    let mut outcomes = Vec::new();
    for folder in stories {
        let result = tell(&folder, args.accept).await;
        outcomes.push(Outcome { folder, result });
    }
    Ok(answer(&outcomes, desk))
}

/// Every folder with a story, in and below the given ones; none is an error.
fn find(folders: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    let usual = [PathBuf::from("fixtures")];
    let folders = if folders.is_empty() {
        &usual[..]
    } else {
        folders
    };
    let mut stories = Vec::new();
    for folder in folders {
        let before = stories.len();
        for path in files_below(folder)? {
            if path.file_name().is_some_and(|name| name == STORY)
                && let Some(folder) = path.parent()
            {
                stories.push(folder.to_owned());
            }
        }
        if stories.len() == before {
            return Err(CliError::Unknown {
                what: "story in",
                name: folder.display().to_string(),
                next: format!(
                    "a story is a folder with `{STORY}`; see docs/guide/test-with-stories.md"
                ),
            });
        }
    }
    stories.sort();
    stories.dedup();
    Ok(stories)
}

async fn tell(folder: &Path, accept: bool) -> Result<Told, CliError> {
    let mut problems = Problems::new();
    let Some(story) = Story::read(folder, &mut problems) else {
        return Err(CliError::Configuration {
            problems: problems.sorted(),
        });
    };
    let played = play(&story).await?;
    let expected = expected(folder)?;
    let found = observe(&played, &expected).await?;
    let sealed = Sealed::of(played.engine.configuration());
    let differences = compare(&expected, &found, &|path, bytes| sealed.open(path, bytes));
    let is_accepted = accept && !differences.is_empty();
    if is_accepted {
        write(folder, &differences, &found)?;
    }
    Ok(Told {
        title: story.title,
        steps: played.steps,
        differences,
        is_accepted,
    })
}

/// The expected side, by path.
fn expected(folder: &Path) -> Result<Files, CliError> {
    let root = folder.join("expected");
    let mut files = Files::new();
    for path in files_below(&root)? {
        let reading = io_error(format!("reading `{}`", path.display()));
        let below = path
            .strip_prefix(&root)
            .unwrap_or(&path)
            .display()
            .to_string();
        files.insert(below, fs::read(&path).map_err(reading)?);
    }
    Ok(files)
}

/// Makes the expected side what was found.
fn write(folder: &Path, differences: &[Difference], found: &Files) -> Result<(), CliError> {
    for difference in differences {
        let path = folder.join("expected").join(&difference.path);
        match found.get(&difference.path) {
            Some(bytes) => write_atomic(&path, |file| file.write_all(bytes)).map(drop)?,
            None => {
                let removing = io_error(format!("removing `{}`", path.display()));
                fs::remove_file(&path).map_err(removing)?;
            }
        }
    }
    Ok(())
}

impl PlayedStep {
    fn is_as_expected(&self) -> bool {
        self.exit == self.expected_exit
    }
}

impl Told {
    /// Whether nothing is left that differs: what a step ends with is never accepted by itself.
    fn is_equal(&self) -> bool {
        let differs = !self.differences.is_empty() && !self.is_accepted;
        !differs && self.steps.iter().all(PlayedStep::is_as_expected)
    }
}

fn answer(outcomes: &[Outcome], desk: &Desk<'_>) -> Answer {
    let screen = desk.screen();
    let texts = outcomes.iter().map(|outcome| text(outcome, screen));
    let text: String = texts.collect();
    let equal = |outcome: &&Outcome| matches!(&outcome.result, Ok(told) if told.is_equal());
    let good = outcomes.iter().filter(equal).count();
    let counts = screen.fill(words::STORIES, &[&outcomes.len(), &good]);
    let json: Vec<Json> = outcomes.iter().map(to_json).collect();
    let exit = if outcomes.iter().any(|outcome| outcome.result.is_err()) {
        Exit::Unusable
    } else {
        Exit::clean(good == outcomes.len())
    };
    let next = outcomes.iter().filter_map(|outcome| next(outcome, screen));
    Answer::done(exit, json!({ "stories": json }), format!("{text}{counts}")).next(next)
}

/// `--accept`, where something differs that can be accepted.
fn next(outcome: &Outcome, screen: Screen) -> Option<Step> {
    let told = outcome.result.as_ref().ok()?;
    let is_open = !told.differences.is_empty() && !told.is_accepted;
    let command = format!("dukou test {} --accept", outcome.folder.display());
    is_open.then(|| Step::said(screen, command, words::DO_ACCEPT))
}

fn text(outcome: &Outcome, screen: Screen) -> String {
    let folder = outcome.folder.display();
    let told = match &outcome.result {
        Ok(told) => told,
        Err(error) => return format!("✗ {folder}\n{}", indented(&error.shown_text(false))),
    };
    let mark = if told.is_equal() { "✓" } else { "✗" };
    let mut text = format!("{mark} {folder} {}\n", told.title);
    for (at, step) in told.steps.iter().enumerate() {
        if !step.is_as_expected() {
            let sentence = screen.fill(
                words::STORY_STEP,
                &[&(at + 1), &step.job, &step.exit, &step.expected_exit],
            );
            let error = step.error.iter().cloned();
            text.push_str(&indented(&lines([sentence].into_iter().chain(error))));
        }
    }
    if told.is_accepted {
        let written = screen.fill(words::STORY_ACCEPTED, &[&told.differences.len()]);
        text.push_str(&indented(&written));
        return text;
    }
    for difference in &told.differences {
        text.push_str(&indented(&shown(difference, screen)));
    }
    text
}

fn shown(difference: &Difference, screen: Screen) -> String {
    let kind = match difference.kind {
        Kind::Missing => words::STORY_MISSING,
        Kind::Unexpected => words::STORY_UNEXPECTED,
        Kind::Differs => words::STORY_DIFFERS,
    };
    let mut body = difference.lines.clone();
    if difference.more > 0 {
        body.push(screen.fill(words::MORE, &[&difference.more]));
    }
    if let (true, Some(at)) = (body.is_empty(), difference.first_byte) {
        body.push(screen.fill(words::STORY_BYTES, &[&at]));
    }
    let heading = format!("expected/{}  {}", difference.path, screen.say(kind));
    format!("{heading}\n{}", indented(&lines(body)))
}

fn to_json(outcome: &Outcome) -> Json {
    match &outcome.result {
        Ok(told) => json!({
            "folder": outcome.folder,
            "title": told.title,
            "is_equal": told.is_equal(),
            "is_accepted": told.is_accepted,
            "steps": told.steps,
            "differences": told.differences,
        }),
        Err(error) => {
            let document = error.document();
            json!({ "folder": outcome.folder, "is_equal": false, "error": document.get("error") })
        }
    }
}
