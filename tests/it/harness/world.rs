//! The shipped configuration in a directory of its own, open and ready to run jobs.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;
use dukou::clock::Clock;
use dukou::dataset;
use dukou::db;
use dukou::diag::Problems;
use dukou::engine::{Engine, Mode, Recovered, RunReport, RunRequest, Silent, open_store};
use dukou::envelope::{Envelope, Lz77Plan};
use dukou::id::JobName;
use dukou::job::Configuration;
use dukou::ledger;

/// A hub with the shipped jobs, mappings and datasets.
pub(crate) struct World {
    directory: tempfile::TempDir,
    engine: Engine,
}

impl World {
    /// On a store of its own: the embedded one, or the given database.
    pub(crate) async fn new(store: Option<&str>) -> Self {
        Self::changed(store, &[], &[]).await
    }

    /// The same with changes: of a file, one text for another, and files of one's own.
    pub(crate) async fn changed(
        store: Option<&str>,
        changes: &[(&str, &str, &str)],
        files: &[(&str, &str)],
    ) -> Self {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR"));
        let directory = tempfile::tempdir().expect("a directory");
        for folder in ["jobs", "mappings"] {
            copy_folder(&shipped.join(folder), &directory.path().join(folder));
        }
        for (path, from, to) in changes {
            let path = directory.path().join(path);
            let text = fs::read_to_string(&path).expect("it is there");
            assert!(
                text.contains(from),
                "`{from}` is not in `{}`",
                path.display()
            );
            fs::write(&path, text.replacen(from, to, 1)).expect("space");
        }
        for (path, text) in files {
            let path = directory.path().join(path);
            fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
            fs::write(path, text).expect("space");
        }
        let settings = fs::read_to_string(shipped.join("dukou.toml")).expect("the settings");
        let settings = match store {
            None => settings,
            Some(url) => settings.replace("sqlite://var/dukou.db", url),
        };
        let path = directory.path().join("dukou.toml");
        fs::write(&path, settings).expect("space");
        let mut problems = Problems::new();
        let configuration = Configuration::read(&path, &mut problems);
        let told: Vec<String> = problems.iter().map(|found| found.message.clone()).collect();
        assert!(configuration.is_some(), "{told:?}");
        let configuration = Arc::new(configuration.expect("the shipped configuration is right"));
        let clock = Clock::system(configuration.settings.zone);
        let database = open_store(&configuration.settings).await.expect("a store");
        db::migrate(&database, ledger::MIGRATIONS, clock.now())
            .await
            .expect("the books");
        dataset::migrate(
            &database,
            &configuration.datasets,
            dataset::Mode::Apply,
            clock.now(),
        )
        .await
        .expect("the datasets");
        database.close().await;
        let engine = Engine::open(configuration, clock)
            .await
            .expect("an open hub");
        Self { directory, engine }
    }

    /// The open hub.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Where the partner's folders are.
    pub(crate) fn partner(&self) -> PathBuf {
        self.directory.path().join("inbox/etc_clearing")
    }

    /// Puts a file into a folder of the partner.
    pub(crate) fn put(&self, folder: &str, name: &str, bytes: &[u8]) {
        let folder = self.partner().join(folder);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(name), bytes).expect("space");
    }

    /// Runs a job for a day.
    pub(crate) async fn run(&self, job: &str, day: &str) -> RunReport {
        let request = RunRequest {
            job: JobName::new(job).expect("a job's name"),
            business_date: day.parse::<NaiveDate>().expect("a day"),
            mode: Mode::Work,
            trigger: "test",
        };
        self.engine
            .run(&request, &Silent)
            .await
            .expect("a run that could be done")
    }

    /// Completes what a crash left behind.
    pub(crate) async fn recover(&self) -> Recovered {
        self.engine.recover(&Silent).await.expect("it can be done")
    }

    /// Names of a folder of the partner, sorted.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.partner().join(folder)).into_iter();
        let mut names: Vec<String> = entries
            .flatten()
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// The texts of everything that lies in the folder of our messages, by name.
    pub(crate) fn sent(&self) -> BTreeMap<String, String> {
        let folder = self.partner().join("from_issuer");
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .map(|entry| {
                let file = fs::File::open(entry.path()).expect("a file");
                let mut text = String::new();
                envelope()
                    .open(Box::new(file))
                    .read_to_string(&mut text)
                    .expect("lz77 of UTF-8");
                (entry.file_name().to_string_lossy().into_owned(), text)
            })
            .collect()
    }

    /// A number that a query gives.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let row = self
            .engine
            .database()
            .query_one(sql, &[])
            .await
            .expect("a number");
        row.int(0).expect("a number")
    }
}

impl Drop for World {
    /// No temporary file is left at the partner, whatever happened.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let mut open = vec![self.partner()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                assert!(!name.ends_with(".part"), "`{name}` is left at the partner");
                if entry.path().is_dir() {
                    open.push(entry.path());
                }
            }
        }
    }
}

/// The clearing centre's envelope.
pub(crate) fn envelope() -> Envelope {
    Envelope::Lz77(Lz77Plan {
        max_content_bytes: 1 << 30,
    })
}

/// Seals a text as the clearing centre does.
pub(crate) fn sealed(text: impl AsRef<[u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    envelope()
        .seal(&mut text.as_ref(), &mut out)
        .expect("memory");
    out
}

/// The value of the first element with a name.
pub(crate) fn element<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0)
}

/// Copies a folder with all below it.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("space");
        }
    }
}
