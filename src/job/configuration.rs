//! Everything that people write, read in one pass: settings, datasets, codes, mappings, jobs,
//! calendars.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::World;
use super::codes::UNREADABLE_CONFIGURATION;
use super::options::{Job, JobKind, check_job_names};
use crate::calendar::Calendar;
use crate::dataset::Datasets;
use crate::diag::{Problem, Problems, Source};
use crate::document::{Document, MAX_BYTES};
use crate::id::{JobName, MappingName};
use crate::mapping::{self, CodeTable, Mapping};
use crate::settings::Settings;

/// A whole checked configuration.
#[derive(Debug)]
pub struct Configuration {
    /// The settings file.
    pub settings: Settings,
    /// All datasets.
    pub datasets: Datasets,
    /// All code tables, by name.
    pub codes: BTreeMap<String, Arc<CodeTable>>,
    /// All mappings, by name.
    pub mappings: BTreeMap<String, Arc<Mapping>>,
    /// All jobs, by name.
    pub jobs: BTreeMap<JobName, Job>,
    /// All calendars, by name.
    pub calendars: BTreeMap<String, Calendar>,
}

impl Configuration {
    /// Reads everything that belongs to a settings file. All problems of all files are reported;
    /// it is given only when none is an error.
    pub fn read(settings_path: &Path, problems: &mut Problems) -> Option<Self> {
        let base = settings_path
            .parent()
            .map(Path::to_owned)
            .unwrap_or_default();
        let reader = Files { base: base.clone() };
        let document = Document::read(settings_path, &reader.shown(settings_path), problems)?;
        let settings = Settings::read(&document, &base, problems)?;
        let datasets = reader.datasets(&settings.paths.mappings.join("datasets"), problems);
        let codes = reader.codes(&settings.paths.mappings.join("codes"), problems);
        let (mappings, broken) =
            reader.mappings(&settings.paths.mappings, &datasets, &codes, problems);
        let (calendars, calendar_names) =
            reader.calendars(&settings.paths.jobs.join("calendars"), problems);
        let world = World {
            settings: &settings,
            datasets: &datasets,
            mappings: &mappings,
            broken_mappings: &broken,
            calendars: &calendar_names,
        };
        let jobs = reader.jobs(&settings.paths.jobs, &world, problems);
        let configuration = Self {
            settings,
            datasets,
            codes,
            mappings,
            jobs,
            calendars,
        };
        (!problems.has_errors()).then_some(configuration)
    }

    /// The mappings that stand in for a contract's own layout.
    pub fn profiles(&self) -> impl Iterator<Item = &Mapping> {
        self.mappings
            .values()
            .map(AsRef::as_ref)
            .filter(|mapping| mapping.status == mapping::Status::Profile)
    }
}

struct Files {
    base: PathBuf,
}

impl Files {
    /// A path as messages name it: relative to the settings file where possible.
    fn shown(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.base).unwrap_or(path).to_owned()
    }

    fn unreadable(&self, path: &Path, why: &str) -> Problem {
        let place = Source::new(self.shown(path), "").place(0..0);
        Problem::error(&UNREADABLE_CONFIGURATION, place, why.to_owned())
    }

    /// Files with an extension in a directory and up to two below it, sorted; `skip` are
    /// subdirectories that others read.
    fn walk(
        &self,
        root: &Path,
        extension: &str,
        skip: &[&str],
        problems: &mut Problems,
    ) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut open = vec![(root.to_owned(), 0)];
        while let Some((directory, depth)) = open.pop() {
            let entries = match fs::read_dir(&directory) {
                Ok(entries) => entries,
                Err(found) => {
                    let shown = self.shown(&directory);
                    let why = format!("the folder `{}` cannot be read: {found}", shown.display());
                    let help = "make it, or name another one in `[paths]` of the settings";
                    problems.push(self.unreadable(&directory, &why).help(help));
                    continue;
                }
            };
            for path in entries.flatten().map(|entry| entry.path()) {
                let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
                if path.is_dir() {
                    let is_skipped = depth == 0 && skip.contains(&name);
                    if !is_skipped && depth < 2 && !name.starts_with('.') {
                        open.push((path, depth + 1));
                    }
                } else if path.extension().and_then(OsStr::to_str) == Some(extension) {
                    files.push(path);
                }
            }
        }
        files.sort();
        files
    }

    /// A file's path below `root` without its extension.
    fn name_below(root: &Path, path: &Path) -> String {
        let below = path.strip_prefix(root).unwrap_or(path).with_extension("");
        let parts: Vec<&str> = below.iter().filter_map(OsStr::to_str).collect();
        parts.join("/")
    }

    fn read_text(&self, path: &Path, problems: &mut Problems) -> Option<Source> {
        let fits = fs::metadata(path).is_ok_and(|file| file.len() <= MAX_BYTES);
        let text = if fits {
            fs::read_to_string(path).map_err(|found| format!("the file cannot be read: {found}"))
        } else {
            Err(format!(
                "the file is missing or larger than {MAX_BYTES} bytes"
            ))
        };
        match text {
            Ok(text) => Some(Source::new(self.shown(path), text)),
            Err(why) => {
                problems.push(self.unreadable(path, &why));
                None
            }
        }
    }

    fn datasets(&self, root: &Path, problems: &mut Problems) -> Datasets {
        Datasets::read_dir(root, &self.shown(root), problems)
    }

    fn codes(&self, root: &Path, problems: &mut Problems) -> BTreeMap<String, Arc<CodeTable>> {
        if !root.is_dir() {
            return BTreeMap::new();
        }
        let mut codes = BTreeMap::new();
        for path in self.walk(root, "tsv", &[], problems) {
            if let Some(source) = self.read_text(&path, problems) {
                let table = CodeTable::read(&source, problems);
                codes.insert(Self::name_below(root, &path), Arc::new(table));
            }
        }
        codes
    }

    fn mappings(
        &self,
        root: &Path,
        datasets: &Datasets,
        codes: &BTreeMap<String, Arc<CodeTable>>,
        problems: &mut Problems,
    ) -> (BTreeMap<String, Arc<Mapping>>, BTreeSet<String>) {
        let world = mapping::World {
            datasets,
            codes: &|name| codes.get(name).cloned(),
            code_names: codes.keys().cloned().collect(),
        };
        let mut mappings = BTreeMap::new();
        let mut broken = BTreeSet::new();
        for path in self.walk(root, "toml", &["datasets", "codes"], problems) {
            let name = Self::name_below(root, &path);
            let checked = match MappingName::new(&name) {
                Ok(checked) => checked,
                Err(found) => {
                    problems.push(self.unreadable(&path, &found.to_string()));
                    continue;
                }
            };
            let read = Document::read(&path, &self.shown(&path), problems)
                .and_then(|document| Mapping::read(&document, checked, &world, problems));
            match read {
                Some(mapping) => {
                    mappings.insert(name, Arc::new(mapping));
                }
                None => {
                    broken.insert(name);
                }
            }
        }
        (mappings, broken)
    }

    fn jobs(
        &self,
        root: &Path,
        world: &World<'_>,
        problems: &mut Problems,
    ) -> BTreeMap<JobName, Job> {
        let mut jobs = BTreeMap::new();
        let mut documents = Vec::new();
        let mut broken = Vec::new();
        for path in self.walk(root, "toml", &["calendars"], problems) {
            let name = match JobName::new(&Self::name_below(root, &path)) {
                Ok(name) => name,
                Err(found) => {
                    problems.push(self.unreadable(&path, &found.to_string()));
                    continue;
                }
            };
            let Some(document) = Document::read(&path, &self.shown(&path), problems) else {
                continue;
            };
            match Job::read(&document, name.clone(), world, problems) {
                Some(job) => {
                    jobs.insert(name, job);
                }
                None => broken.push(name),
            }
            documents.push(document);
        }
        let reconciliations: Vec<&str> = jobs
            .iter()
            .filter(|(_, job)| matches!(job.kind, JobKind::Reconcile(_)))
            .map(|(name, _)| name.as_str())
            // What a broken job is, is not known: its own problems are reported, not its name.
            .chain(broken.iter().map(JobName::as_str))
            .collect();
        let matches: Vec<&str> = jobs
            .iter()
            .filter(|(_, job)| matches!(job.kind, JobKind::Match(_)))
            .map(|(name, _)| name.as_str())
            .collect();
        for document in &documents {
            check_job_names(document, &reconciliations, &matches, problems);
        }
        jobs
    }

    /// The calendars, and the names of all their files.
    fn calendars(
        &self,
        root: &Path,
        problems: &mut Problems,
    ) -> (BTreeMap<String, Calendar>, BTreeSet<String>) {
        let mut calendars = BTreeMap::new();
        let mut names = BTreeSet::new();
        if !root.is_dir() {
            return (calendars, names);
        }
        for path in self.walk(root, "tsv", &[], problems) {
            let name = Self::name_below(root, &path);
            names.insert(name.clone());
            let Some(source) = self.read_text(&path, problems) else {
                continue;
            };
            if let Some(calendar) = Calendar::from_tsv(&source, problems) {
                calendars.insert(name, calendar);
            }
        }
        (calendars, names)
    }
}
