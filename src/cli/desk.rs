//! What a verb works at: the configuration, the open engine, the screen.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use super::answer::{Answer, Exit};
use super::arguments::Global;
use super::environment::{SETTINGS, nearest_settings};
use super::error::{CliError, io_error};
use super::out::Out;
use super::screen::Screen;
use super::{store, words};
use crate::clock::Clock;
use crate::db::Database;
use crate::diag::Problems;
use crate::document::Document;
use crate::engine::{Engine, open_store};
use crate::job::Configuration;
use crate::settings::{Language, SETTINGS_KEYS};
use crate::transport::write_atomic;

/// What a verb works at.
pub(super) struct Desk<'o> {
    settings: Option<PathBuf>,
    pub(super) out: &'o mut Out,
}

impl<'o> Desk<'o> {
    /// With what the command line says.
    pub(super) fn new(global: &Global, out: &'o mut Out) -> Self {
        Self {
            settings: global.settings.clone(),
            out,
        }
    }

    /// What the screen is like.
    pub(super) fn screen(&self) -> Screen {
        self.out.screen
    }

    /// The settings file: as named, or the nearest.
    pub(super) fn settings_path(&self) -> Result<PathBuf, CliError> {
        if let Some(path) = &self.settings {
            let path = if path.is_dir() {
                path.join(SETTINGS)
            } else {
                path.clone()
            };
            let doing = format!("finding `{}`", path.display());
            return std::path::absolute(path).map_err(io_error(doing));
        }
        let from = std::env::current_dir().map_err(io_error("finding the working directory"))?;
        nearest_settings(&from).ok_or(CliError::NoSettings { from })
    }

    /// Shows a page in Markdown, or writes it to a file.
    pub(super) fn page(&self, text: &str, out: Option<&Path>) -> Result<Answer, CliError> {
        let Some(path) = out else {
            return Ok(Answer::shown(json!({ "markdown": text }), text));
        };
        write_atomic(path, |file| file.write_all(text.as_bytes()))?;
        let said = self.screen().fill(words::WROTE, &[&path.display()]);
        let json = json!({ "path": path, "bytes": text.len() });
        Ok(Answer::done(Exit::Done, json, said))
    }

    /// Makes the screen speak the language of a settings file, as far as that can be read.
    pub(super) fn speak_as(&mut self, settings: &Path) {
        let mut unreported = Problems::new();
        let document = Document::read(settings, settings, &mut unreported);
        let word = document.and_then(|file| {
            let root = file.root(SETTINGS_KEYS, &mut unreported);
            root.word("language").map(|item| item.value)
        });
        self.out.screen.language = match word {
            Some("en") => Language::English,
            _ => Language::Chinese,
        };
    }

    /// Reads the configuration; all its problems are the error, warnings are noted.
    pub(super) fn configuration(&mut self) -> Result<Arc<Configuration>, CliError> {
        let path = self.settings_path()?;
        self.speak_as(&path);
        let mut problems = Problems::new();
        let configuration = Configuration::read(&path, &mut problems);
        let problems = problems.sorted();
        let Some(configuration) = configuration else {
            return Err(CliError::Configuration { problems });
        };
        if !problems.is_empty() {
            let note = format!(
                "{} warnings in the configuration: `dukou check` shows them",
                problems.len()
            );
            self.out.note(&note);
        }
        Ok(Arc::new(configuration))
    }

    /// Opens everything; a new embedded store is made on the way.
    pub(super) async fn engine(&mut self) -> Result<Engine, CliError> {
        let configuration = self.configuration()?;
        self.engine_of(configuration).await
    }

    /// Opens everything of a configuration.
    pub(super) async fn engine_of(
        &mut self,
        configuration: Arc<Configuration>,
    ) -> Result<Engine, CliError> {
        let clock = Clock::system(configuration.settings.zone);
        let engine = Engine::open(configuration, clock).await?;
        let made = store::prepare(
            engine.database(),
            engine.configuration(),
            engine.clock().now(),
        )
        .await?;
        if made {
            let address = &engine.configuration().settings.store;
            self.out
                .note(&format!("made the store {address}, which was new"));
        }
        Ok(engine)
    }

    /// The configuration with its store alone, as it is.
    pub(super) async fn store(
        &mut self,
    ) -> Result<(Arc<Configuration>, Database, Clock), CliError> {
        let configuration = self.configuration()?;
        let database = open_store(&configuration.settings).await?;
        let clock = Clock::system(configuration.settings.zone);
        Ok((configuration, database, clock))
    }
}
