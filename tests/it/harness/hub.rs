//! A hub of its own: the shipped configuration in a new directory, worked only through the program.
//!
//! A test reads as a sentence: `Hub::new().inbox(…).run("job").exit(1)`. When a hub goes, the world
//! must be in order: no claim held, no half-written file anywhere, and every file that was put into
//! the inbox either still there or in the books.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use dukou::db::{Database, DatabaseUrl, OpenOptions};
use serde_json::Value as Json;
use tempfile::TempDir;

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_dukou");

/// A hub in a directory of its own.
pub(crate) struct Hub {
    root: TempDir,
    /// The partner's directory, below the root.
    inbox: &'static str,
    put: Vec<String>,
    is_checked: bool,
    /// The most address space that the program may have, in KiB.
    memory_kib: Option<u64>,
}

/// How a verb ended.
pub(crate) struct Ran {
    line: String,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    code: Option<i32>,
}

impl Hub {
    /// The shipped settings, jobs and mappings.
    pub(crate) fn new() -> Self {
        Self::of("", "inbox/etc_clearing")
    }

    /// The settings, jobs and mappings of a folder of the tree, whose partner is in `inbox`.
    pub(crate) fn of(folder: &str, inbox: &'static str) -> Self {
        let root = tempfile::tempdir().expect("a directory");
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for name in ["dukou.toml", "jobs", "mappings"] {
            copy(&shipped.join(name), &root.path().join(name));
        }
        Self {
            root,
            inbox,
            put: Vec::new(),
            is_checked: true,
            memory_kib: None,
        }
    }

    /// On another store than the embedded one.
    pub(crate) fn store(self, url: &str) -> Self {
        self.edit("dukou.toml", "sqlite://var/dukou.db", url)
    }

    /// Gives the program so much address space and no more.
    pub(crate) fn memory_kib(mut self, kib: u64) -> Self {
        self.memory_kib = Some(kib);
        self
    }

    /// A hub whose configuration is broken on purpose has no store to look into at the end.
    pub(crate) fn without_store(mut self) -> Self {
        self.is_checked = false;
        self
    }

    /// Changes one text of a configuration file, which must have it.
    pub(crate) fn edit(self, path: &str, from: &str, to: &str) -> Self {
        self.change(path, from, to);
        self
    }

    /// The same while the hub is at work.
    pub(crate) fn change(&self, path: &str, from: &str, to: &str) {
        let path = self.path(path);
        let text = fs::read_to_string(&path).expect("it is there");
        assert!(
            text.contains(from),
            "`{from}` is not in `{}`",
            path.display()
        );
        fs::write(&path, text.replacen(from, to, 1)).expect("it can be written");
    }

    /// Puts a file below the partner's directory.
    pub(crate) fn inbox(mut self, path: &str, bytes: &[u8]) -> Self {
        self.put(path, bytes);
        self
    }

    /// The same while the hub is at work.
    pub(crate) fn put(&mut self, path: &str, bytes: &[u8]) {
        let file = self.path(self.inbox).join(path);
        fs::create_dir_all(file.parent().expect("it has a folder")).expect("a folder");
        fs::write(file, bytes).expect("it can be written");
        self.put.push(path.to_owned());
    }

    /// A path of the hub.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(path)
    }

    /// Changes one row of the books as no verb can: what only time or a crash does.
    pub(crate) fn change_books(&self, sql: &str) {
        let url = format!("sqlite://{}", self.path("var/dukou.db").display());
        let work = async {
            let url = DatabaseUrl::parse(&url).expect("an address");
            let database = Database::open(&url, &OpenOptions::default()).await;
            let database = database.expect("the store");
            assert_eq!(database.execute(sql, &[]).await.expect("an update"), 1);
            database.close().await;
        };
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime starts")
            .block_on(work);
    }

    /// Runs a job.
    pub(crate) fn run(&self, job: &str) -> Ran {
        self.dukou(&format!("run {job}"))
    }

    /// Runs a verb whose words have no spaces.
    pub(crate) fn dukou(&self, line: &str) -> Ran {
        let words: Vec<&str> = line.split_whitespace().collect();
        self.words(&words)
    }

    /// Runs a verb.
    pub(crate) fn words(&self, words: &[&str]) -> Ran {
        let output = self.command(words).output().expect("the program starts");
        Self::ran(words, &output)
    }

    /// Runs a verb whose reader goes away at once.
    pub(crate) fn words_unread(&self, words: &[&str]) -> Ran {
        let mut child = self
            .command(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        Self::ran(words, &output)
    }

    /// Starts a verb whose words have no spaces; what it says goes nowhere.
    pub(crate) fn start(&self, line: &str) -> Child {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut command = self.command(&words);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("the program starts")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = match self.memory_kib {
            None => Command::new(PROGRAM),
            Some(kib) => {
                let mut shell = Command::new("sh");
                let limited = format!("ulimit -v {kib} && exec \"$0\" \"$@\"");
                shell.args(["-c", &limited, PROGRAM]);
                // Else every thread reserves 64 MiB of address space that it never uses.
                shell.env("MALLOC_ARENA_MAX", "1");
                shell
            }
        };
        command
            .current_dir(self.root.path())
            .args(words)
            .stdin(Stdio::null());
        command
            .env("COLUMNS", "100")
            .env("USER", "tester")
            .env_remove("DUKOU_LOG");
        command
    }

    fn ran(words: &[&str], output: &Output) -> Ran {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("output is text");
        Ran {
            line: words.join(" "),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            code: output.status.code(),
        }
    }

    /// What a listing verb says with `--json`.
    pub(crate) fn json(&self, line: &str) -> Json {
        self.dukou(&format!("{line} --json")).document()
    }

    /// As if two hours had passed: whoever wrote a temporary file is long dead, and `recover` may
    /// remove it.
    pub(crate) fn age_temporary_files(&self) {
        let hours_ago = SystemTime::now() - Duration::from_secs(2 * 3600);
        for path in self.temporary_files() {
            let file = File::options()
                .append(true)
                .open(&path)
                .expect("it is ours");
            file.set_modified(hours_ago).expect("a time");
        }
    }

    fn temporary_files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for folder in ["inbox", "outbox", "var"] {
            walk(&self.path(folder), &mut files);
        }
        files.retain(|path| path.extension().is_some_and(|ending| ending == "part"));
        files
    }

    fn check_the_world(&self) {
        let status = self.json("status");
        assert_eq!(
            status.pointer("/status/claims"),
            Some(&Json::Array(Vec::new())),
            "a claim is held"
        );
        let halves = self.temporary_files();
        assert!(halves.is_empty(), "half-written files: {halves:?}");
        let listed = self.json("files list --limit 10000");
        let known: Vec<&str> = listed
            .get("files")
            .and_then(Json::as_array)
            .expect("a list")
            .iter()
            .filter_map(|file| file.get("name").and_then(Json::as_str))
            .collect();
        for path in &self.put {
            let name = path.rsplit('/').next().expect("a name");
            let is_waiting = self.path(self.inbox).join(path).exists();
            assert!(
                is_waiting || known.contains(&name),
                "`{path}` is neither there nor in the books"
            );
        }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        if self.is_checked && !std::thread::panicking() {
            self.check_the_world();
        }
    }
}

impl Ran {
    /// Asserts the exit code.
    pub(crate) fn exit(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "`dukou {}`\n{}\n{}",
            self.line,
            self.stdout,
            self.stderr
        );
        self
    }

    /// Asserts that standard output has a text.
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text),
            "`dukou {}` lacks `{text}`:\n{}",
            self.line,
            self.stdout
        );
        self
    }

    /// Asserts that standard output has not a text.
    pub(crate) fn says_not(self, text: &str) -> Self {
        assert!(
            !self.stdout.contains(text),
            "`dukou {}` has `{text}`:\n{}",
            self.line,
            self.stdout
        );
        self
    }

    /// Asserts all of standard output.
    pub(crate) fn prints(self, text: &str) -> Self {
        assert_eq!(self.stdout, text, "`dukou {}`", self.line);
        self
    }

    /// Asserts all of standard error.
    pub(crate) fn complains(self, text: &str) -> Self {
        assert_eq!(self.stderr, text, "`dukou {}`", self.line);
        self
    }

    /// The one JSON document on standard output.
    pub(crate) fn document(&self) -> Json {
        let parsed = serde_json::from_str(&self.stdout);
        assert!(
            parsed.is_ok(),
            "`dukou {}`\n{}\n{}",
            self.line,
            self.stdout,
            self.stderr
        );
        parsed.expect("it is JSON")
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        for entry in fs::read_dir(from).expect("a folder").flatten() {
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::create_dir_all(to.parent().expect("it has a folder")).expect("a folder");
        let bytes = fs::read(from).expect("it is readable");
        fs::File::create(to)
            .and_then(|mut file| file.write_all(&bytes))
            .expect("it can be written");
    }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
}
