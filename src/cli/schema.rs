//! `dukou schema`: what editors need to complete and check the configuration while it is written.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Map, Value as Json, json};

use super::answer::{Answer, Exit};
use super::desk::Desk;
use super::error::{CliError, io_error};
use super::sheet::lines;
use super::stories::STORY_KEYS;
use super::words;
use crate::dataset::DATASET_KEYS;
use crate::document::{Key, schema};
use crate::job::JOB_KEYS;
use crate::mapping::MAPPING_KEYS;
use crate::settings::SETTINGS_KEYS;
use crate::transport::write_atomic;

const EXAMPLES: &str = "\
Examples:
  dukou schema job                        the schema of job files, on the screen
  dukou schema --out schemas              all of them, as files

Editors with Taplo in them (Even Better TOML and others) take the first line of a file as its schema:
  #:schema ../../schemas/job.json";

/// Write JSON Schemas.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct SchemaArgs {
    /// Of which files; of all without it.
    kind: Option<Kind>,
    /// The folder to write to; without it, the screen.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// A kind of file that people write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// dukou.toml.
    Settings,
    /// jobs/PARTNER/NAME.toml.
    Job,
    /// mappings/PARTNER/NAME.toml.
    Mapping,
    /// mappings/datasets/NAME.toml.
    Dataset,
    /// fixtures/NAME/story.toml.
    Story,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::Settings,
        Self::Job,
        Self::Mapping,
        Self::Dataset,
        Self::Story,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Job => "job",
            Self::Mapping => "mapping",
            Self::Dataset => "dataset",
            Self::Story => "story",
        }
    }

    fn keys(self) -> &'static [Key] {
        match self {
            Self::Settings => SETTINGS_KEYS,
            Self::Job => JOB_KEYS,
            Self::Mapping => MAPPING_KEYS,
            Self::Dataset => DATASET_KEYS,
            Self::Story => STORY_KEYS,
        }
    }

    /// Where such files lie.
    fn files(self) -> &'static str {
        match self {
            Self::Settings => "dukou.toml",
            Self::Job => "jobs/PARTNER/NAME.toml",
            Self::Mapping => "mappings/PARTNER/NAME.toml",
            Self::Dataset => "mappings/datasets/NAME.toml",
            Self::Story => "fixtures/NAME/story.toml",
        }
    }

    /// The way from such a file to the folder of the settings.
    fn up(self) -> &'static str {
        match self {
            Self::Settings => "",
            Self::Job | Self::Mapping | Self::Dataset | Self::Story => "../../",
        }
    }

    fn schema(self) -> Json {
        let title = format!("Dukou: {}", self.word());
        let description = format!("A file `{}` of a Dukou installation.", self.files());
        schema(&title, &description, self.keys())
    }
}

/// `dukou schema`
pub(super) fn run(args: &SchemaArgs, desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    if let Ok(settings) = desk.settings_path() {
        desk.speak_as(&settings);
    }
    let wanted = match &args.kind {
        Some(kind) => std::slice::from_ref(kind),
        None => &Kind::ALL,
    };
    match &args.out {
        Some(folder) => write(wanted, folder, desk),
        None => Ok(shown(wanted)),
    }
}

/// One schema as it is, several by their kinds.
fn shown(wanted: &[Kind]) -> Answer {
    let json = match wanted {
        [one] => one.schema(),
        several => {
            let schemas = several
                .iter()
                .map(|kind| (kind.word().to_owned(), kind.schema()));
            Json::Object(schemas.collect::<Map<_, _>>())
        }
    };
    let text = pretty(&json);
    Answer::shown(json, text)
}

fn write(wanted: &[Kind], folder: &Path, desk: &Desk<'_>) -> Result<Answer, CliError> {
    let making = io_error(format!("making `{}`", folder.display()));
    std::fs::create_dir_all(folder).map_err(making)?;
    let (mut paths, mut said) = (Vec::new(), Vec::new());
    for kind in wanted {
        let path = folder.join(format!("{}.json", kind.word()));
        let text = pretty(&kind.schema());
        write_atomic(&path, |file| file.write_all(text.as_bytes()))?;
        let reference = if folder.is_absolute() {
            path.display().to_string()
        } else {
            format!("{}{}", kind.up(), path.display())
        };
        said.push(desk.screen().fill(
            words::WROTE_SCHEMA,
            &[&path.display(), &kind.files(), &reference],
        ));
        paths.push(path);
    }
    let json = json!({ "paths": paths });
    Ok(Answer::done(Exit::Done, json, lines(said)))
}

fn pretty(json: &Json) -> String {
    format!(
        "{}\n",
        serde_json::to_string_pretty(json).unwrap_or_default()
    )
}
