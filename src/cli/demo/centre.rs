//! The simulated centre's hands: it puts waves into the connection's directory, takes what the hub
//! delivers, and confirms the accounting answers it took.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::place::Place;
use crate::cli::error::{CliError, io_error};
use crate::cli::folders::copy_tree;
use crate::job::Configuration;
use crate::simulate::etc_clearing::{self, Received, WAVES};

/// The centre.
pub(super) struct Centre {
    waves: PathBuf,
    /// What was taken, one folder each time, in order.
    taken: Vec<PathBuf>,
    partner: PathBuf,
    root: PathBuf,
}

/// What the hub delivered since the centre looked last.
pub(super) struct Taken {
    /// In which of the centre's folders.
    pub(super) folder: PathBuf,
    /// How many files.
    pub(super) files: usize,
}

impl Centre {
    /// A centre with its folders: it has them before anybody delivers.
    pub(super) fn new(place: &Place) -> Result<Self, CliError> {
        for folder in ["lists", "to_issuer", "from_issuer"] {
            let path = place.partner.join(folder);
            fs::create_dir_all(&path).map_err(io_error(format!("making `{}`", path.display())))?;
        }
        Ok(Self {
            waves: place.centre.join("waves"),
            taken: Vec::new(),
            partner: place.partner.clone(),
            root: place.centre.clone(),
        })
    }

    /// Where the simulator writes.
    pub(super) fn waves(&self) -> &Path {
        &self.waves
    }

    /// Puts a wave, from 1, where the hub finds it; says how many files.
    pub(super) fn put(&self, wave: usize) -> Result<usize, CliError> {
        let name = WAVES
            .get(wave.saturating_sub(1))
            .copied()
            .unwrap_or_default();
        Ok(copy_tree(&self.waves.join(name), &self.partner)?.len())
    }

    /// Takes everything the hub delivered.
    pub(super) fn take(&mut self) -> Result<Taken, CliError> {
        let from = self.partner.join("from_issuer");
        let folder = self.root.join(format!("taken/{:02}", self.taken.len() + 1));
        fs::create_dir_all(&folder).map_err(io_error(format!("making `{}`", folder.display())))?;
        let doing = || io_error(format!("taking files from `{}`", from.display()));
        let entries = fs::read_dir(&from).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let entries = entries.map_err(doing())?;
        let mut files = 0;
        for entry in entries.iter().filter(|entry| entry.path().is_file()) {
            fs::rename(entry.path(), folder.join(entry.file_name())).map_err(doing())?;
            files += 1;
        }
        self.taken.push(folder.clone());
        Ok(Taken { folder, files })
    }

    /// Confirms the accounting answers among what was taken; says how many.
    pub(super) fn confirm(
        &self,
        taken: &Taken,
        configuration: &Configuration,
    ) -> Result<usize, CliError> {
        let to = self.partner.join("to_issuer");
        Ok(etc_clearing::confirm(&taken.folder, configuration, &to)?.len())
    }

    /// Every message that was taken, by the time it was taken.
    pub(super) fn received(
        &self,
        configuration: &Configuration,
    ) -> Result<Vec<Vec<Received>>, CliError> {
        let folders = self.taken.iter();
        folders
            .map(|folder| Ok(etc_clearing::received(folder, configuration)?))
            .collect()
    }
}
