//! Why a verb could not run, with what to do next.

use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

use serde_json::{Map, Value as Json, json};

use super::{codes, problems};
use crate::dataset::DatasetError;
use crate::db::DbError;
use crate::diag::{Code, Problem, Severity, did_you_mean};
use crate::engine::EngineError;
use crate::ledger::LedgerError;
use crate::simulate::SimulateError;
use crate::transport::TransportError;

/// Why a verb could not run.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// The command line.
    #[error("{message}")]
    Usage { message: String },
    /// No settings file was found.
    #[error("there is no `dukou.toml` in `{}` or above it", from.display())]
    NoSettings { from: PathBuf },
    /// The configuration cannot be used.
    #[error("{}", counted(problems))]
    Configuration { problems: Vec<Problem> },
    /// Not a code.
    #[error("there is no code `{code}`")]
    UnknownCode {
        code: String,
        near: Option<&'static str>,
    },
    /// Something that was named is not there.
    #[error("there is no {what} `{name}`")]
    Unknown {
        what: &'static str,
        name: String,
        next: String,
    },
    /// A directory that the demonstration must not wipe.
    #[error("`{}` holds `{found}`, which no demonstration put there", path.display())]
    NotOurs { path: PathBuf, found: String },
    /// The store's ledger is of an older program.
    #[error("the store lacks ledger steps of this program ({})", steps.join("; "))]
    LedgerOutdated { steps: Vec<String> },
    /// The machine.
    #[error("{doing}: {source}")]
    Io { doing: String, source: io::Error },
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The books.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The datasets.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The store.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Files.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The partner's side.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
}

fn counted(problems: &[Problem]) -> String {
    let errors = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .count();
    match errors {
        1 => "the configuration has 1 error".to_owned(),
        _ => format!("the configuration has {errors} errors"),
    }
}

impl CliError {
    /// The code for `dukou explain` and for programs.
    pub(super) fn code(&self) -> &'static Code {
        match self {
            Self::Usage { .. } => &codes::USAGE,
            Self::NoSettings { .. } => &codes::NO_SETTINGS,
            Self::Configuration { .. } => &codes::BAD_CONFIGURATION,
            Self::UnknownCode { .. } => &codes::UNKNOWN_CODE,
            Self::NotOurs { .. } => &codes::NOT_OURS,
            Self::LedgerOutdated { .. } => codes::find("store-outdated").unwrap_or(&codes::FAILED),
            Self::Engine(error) => error.code(),
            Self::Ledger(error) => error.code(),
            Self::Dataset(error) => error.code(),
            Self::Db(error) => error.code(),
            Self::Transport(error) => error.code(),
            Self::Unknown { .. } | Self::Io { .. } | Self::Simulate(_) => &codes::FAILED,
        }
    }

    /// What to do next, where the message does not say.
    pub(super) fn next(&self) -> Option<String> {
        match self {
            Self::NoSettings { .. } => Some(
                "go to the directory of your `dukou.toml`, or name it with `--settings PATH`"
                    .to_owned(),
            ),
            Self::Configuration { .. } => {
                Some("mend them and look again with `dukou check`; nothing was changed".to_owned())
            }
            Self::UnknownCode { near: Some(near), .. } => {
                Some(format!("did you mean `{near}`? `dukou explain` lists all codes"))
            }
            Self::UnknownCode { .. } => Some("`dukou explain` lists all codes".to_owned()),
            Self::Unknown { next, .. } => Some(next.clone()),
            Self::NotOurs { .. } => Some("name an empty directory with `--dir`".to_owned()),
            Self::Engine(EngineError::UnknownJob { name, known }) => {
                let near = did_you_mean(name, known.iter().map(String::as_str))?;
                Some(format!("did you mean `{near}`?"))
            }
            Self::LedgerOutdated { .. }
            | Self::Dataset(DatasetError::Outdated(_))
            | Self::Engine(EngineError::Dataset(DatasetError::Outdated(_))) => Some(
                "`dukou store migrate --dry-run` shows what is missing, `dukou store migrate` adds it"
                    .to_owned(),
            ),
            _ => None,
        }
    }

    /// For programs.
    pub(super) fn document(&self) -> Json {
        let mut error = Map::new();
        error.insert("code".to_owned(), self.code().id.into());
        error.insert("message".to_owned(), self.to_string().into());
        error.insert("next".to_owned(), self.next().into());
        if let Self::Configuration { problems } = self {
            error.insert("problems".to_owned(), problems::to_json(problems));
        }
        json!({ "error": error })
    }

    /// For people.
    pub(super) fn shown_text(&self, has_color: bool) -> String {
        let mut text = String::new();
        if let Self::Configuration { problems } = self {
            text.push_str(&problems::render(problems, has_color));
            text.push('\n');
        }
        let word = if has_color {
            "\u{1b}[31;1merror\u{1b}[0m"
        } else {
            "error"
        };
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{word}: {self}");
        if let Some(next) = self.next() {
            let _ = writeln!(text, "  next: {next}");
        }
        text
    }
}

/// Reading or writing `what` failed.
pub(super) fn io_error(doing: impl Into<String>) -> impl FnOnce(io::Error) -> CliError {
    let doing = doing.into();
    |source| CliError::Io { doing, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_is_not_there_is_answered_with_the_nearest() {
        let error = CliError::from(EngineError::UnknownJob {
            name: "etc_clearing/receive_mesages".to_owned(),
            known: vec!["etc_clearing/receive_messages".to_owned(), "a/b".to_owned()],
        });
        assert_eq!(
            error.shown_text(false),
            "error: there is no job `etc_clearing/receive_mesages`; the jobs are \
             etc_clearing/receive_messages, a/b\n  next: did you mean \
             `etc_clearing/receive_messages`?\n"
        );
    }

    #[test]
    fn a_missing_settings_file_says_where_it_was_looked_for() {
        let error = CliError::NoSettings {
            from: PathBuf::from("/srv/x"),
        };
        assert_eq!(
            error.shown_text(false),
            "error: there is no `dukou.toml` in `/srv/x` or above it\n  next: go to the directory \
             of your `dukou.toml`, or name it with `--settings PATH`\n"
        );
        assert_eq!(error.code().id, "no-settings");
    }
}
