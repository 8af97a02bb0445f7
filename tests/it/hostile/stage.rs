//! A hub that meets bad input, and what must hold of it afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use dukou::db::{Database, DatabaseUrl, OpenOptions};
use dukou::job::Outcome;
use serde_json::Value as Json;

use super::folder;
use super::sheet::Case;
use crate::harness::hub::Hub;

/// The address space of the program, in KiB, whatever it is given.
const MEMORY_KIB: u64 = 192 << 10;

/// A row of the store as texts, its file's name first.
pub(super) type Row = Vec<String>;

pub(super) struct Stage {
    pub(super) hub: Hub,
    store: String,
    /// The number of each file, by name.
    numbers: BTreeMap<String, i64>,
}

impl Stage {
    /// On a store of its own: the embedded one, or the given database.
    pub(super) fn new(store: Option<&str>) -> Self {
        let mut hub = Hub::of("fixtures/hostile", "inbox/hostile").memory_kib(MEMORY_KIB);
        let store = match store {
            None => format!("sqlite://{}", hub.path("var/dukou.db").display()),
            Some(url) => {
                hub = hub.store(url);
                hub.dukou("store migrate").exit(0);
                url.to_owned()
            }
        };
        Self {
            hub,
            store,
            numbers: BTreeMap::new(),
        }
    }

    pub(super) fn put(&mut self, path: &str, bytes: &[u8]) {
        self.hub.put(path, bytes);
    }

    /// Runs a job; gives the outcome of each file by name.
    pub(super) fn run(&mut self, job: &str, exit: i32) -> BTreeMap<String, String> {
        let report = self.report(job, exit);
        let files = array(&report, "/run/files");
        let mut outcomes = BTreeMap::new();
        for file in files {
            let name = text(file, "/name").to_owned();
            self.numbers.insert(name.clone(), number(file, "/file_no"));
            outcomes.insert(name, text(file, "/outcome").to_owned());
        }
        outcomes
    }

    /// What `dukou run JOB --json` says.
    pub(super) fn report(&self, job: &str, exit: i32) -> Json {
        self.hub
            .dukou(&format!("run {job} --json"))
            .exit(exit)
            .document()
    }

    /// What each file got, in one line, by name.
    pub(super) fn gets(&self) -> BTreeMap<String, String> {
        let files = self.hub.json("files list --limit 10000");
        let rejects = self.hub.json("rejects list --limit 10000 --state all");
        let controls = self.select(
            "SELECT CAST(file_no AS TEXT), name, COALESCE(declared, 'nothing'), \
             COALESCE(computed, 'nothing') FROM ledger_control \
             WHERE agrees = 0 ORDER BY file_no, ordinal",
            4,
        );
        let mut lines = BTreeMap::new();
        for file in array(&files, "/files") {
            let number = number(file, "/file_no");
            let mut line = outcome(file);
            let rejects = array(&rejects, "/rejects").iter();
            for reject in rejects
                .filter(|reject| self::number(reject, "/file_no") == number)
                .take(3)
            {
                line += &refusal(reject);
            }
            for control in controls.iter().filter(|row| row[0] == number.to_string()) {
                let (name, declared, computed) = (&control[1], &control[2], &control[3]);
                line += &format!("; {name}: promised {declared}, found {computed}");
            }
            lines.insert(text(file, "/name").to_owned(), line);
        }
        lines
    }

    /// Each file is answered once, with the code of its outcome.
    pub(super) fn answers_are_those_of(&self, outcomes: &BTreeMap<String, String>) {
        let mut expected: Vec<(String, String)> = outcomes
            .iter()
            .map(|(name, outcome)| {
                // `kind.case.txt`, or `case.lz77`.
                let parts: Vec<&str> = name.split('.').collect();
                let case = parts[parts.len() - 2];
                (case.to_owned(), answer_code(outcome).to_owned())
            })
            .collect();
        let mut answers = self.answers();
        expected.sort();
        answers.sort();
        assert_eq!(answers, expected, "every file is answered");
    }

    /// Whom each answer names, and with what code.
    pub(super) fn answers(&self) -> Vec<(String, String)> {
        let mut answers = Vec::new();
        for entry in fs::read_dir(self.hub.path("inbox/hostile/answers")).expect("answers") {
            let answer = fs::read_to_string(entry.expect("an entry").path()).expect("a text");
            let fields: Vec<&str> = answer.trim_end().split(',').collect();
            answers.push((fields[1].to_owned(), fields[2].to_owned()));
        }
        answers
    }

    /// One alert for each held file, under its code, and no other.
    pub(super) fn alerts_are_those_of_held_files(&self) {
        let held = "SELECT code, CAST(file_no AS TEXT) FROM ledger_file WHERE state = 'held'";
        let alerts = "SELECT name, CAST(file_no AS TEXT) FROM ledger_event WHERE level = 'alert'";
        let set = |sql| self.select(sql, 2).into_iter().collect::<BTreeSet<Row>>();
        assert!(!set(held).is_empty());
        assert_eq!(set(alerts), set(held));
    }

    pub(super) fn rows_are_as_many_as_were_loaded(&self) {
        let books = "SELECT name, CAST(loaded AS TEXT) FROM ledger_file \
                     WHERE loaded > 0 AND state = 'loaded'";
        let store =
            "SELECT file_name, CAST(COUNT(*) AS TEXT) FROM hostile_order GROUP BY file_name";
        let set = |sql| self.select(sql, 2).into_iter().collect::<BTreeSet<Row>>();
        assert_eq!(set(store), set(books));
    }

    /// All rows that came from files, without their numbers and places.
    pub(super) fn rows(&self) -> Vec<Row> {
        self.select(
            "SELECT file_name, CAST(order_no AS TEXT), owner, CAST(amount AS TEXT), \
             CAST(due_on AS TEXT), channel, COALESCE(remark, '—') FROM hostile_order \
             ORDER BY file_name, order_no",
            7,
        )
    }

    /// A reject's bytes are those that the file has at its place.
    pub(super) fn rejects_have_the_bytes_of_their_files(&self, cases: &[Case]) {
        let listed = self.hub.json("rejects list --limit 10000 --state all");
        let rejects = array(&listed, "/rejects");
        assert!(rejects.len() > 100);
        let names: BTreeMap<i64, &str> = self
            .numbers
            .iter()
            .map(|(name, number)| (*number, name.as_str()))
            .collect();
        for reject in rejects {
            let place = |key: &str| usize::try_from(number(reject, key)).expect("not negative");
            let name = names[&number(reject, "/file_no")];
            if folder(name) == "sealed" {
                continue;
            }
            let case = cases.iter().find(|case| case.name == name).expect("a case");
            let (start, length) = (place("/byte_offset"), place("/byte_length"));
            let kept = length.min(dukou::ledger::MAX_RAW_BYTES);
            let expected: String = case.bytes[start..start + kept]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!(text(reject, "/raw"), expected, "{name}");
        }
    }

    /// Every file is where finished files go, byte for byte.
    pub(super) fn files_are_finished_unchanged(&self, cases: &[Case]) {
        for case in cases {
            let left = self.hub.path("inbox/hostile").join(folder(&case.name));
            assert!(!left.join(&case.name).exists(), "{} is left", case.name);
            let done = self.hub.path("inbox/hostile/done").join(&case.name);
            let is_same = fs::read(done).is_ok_and(|bytes| bytes == case.bytes);
            assert!(is_same, "{} is not among the finished files", case.name);
        }
    }

    /// Everything but what the hub may write: its own folders and the partner's.
    pub(super) fn untouchable(&self) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        let root = self.hub.path("");
        let mut open = vec![root.clone()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                let below = path.strip_prefix(&root).expect("below").to_owned();
                let is_ours = ["var", "outbox", "inbox/hostile"]
                    .iter()
                    .any(|ours| below == Path::new(ours));
                if path.is_dir() && !is_ours {
                    open.push(path);
                } else if path.is_file() {
                    let bytes = fs::read(&path).expect("a file");
                    found.insert(below.to_string_lossy().into_owned(), bytes);
                }
            }
        }
        found
    }

    /// The one text that a query gives.
    pub(super) fn one(&self, sql: &str) -> String {
        self.select(sql, 1).remove(0).remove(0)
    }

    fn select(&self, sql: &str, columns: usize) -> Vec<Row> {
        let (store, sql) = (self.store.clone(), sql.to_owned());
        // A thread of its own: this may run inside a runtime, where blocking is not allowed.
        let work = move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime starts");
            runtime.block_on(async {
                let url = DatabaseUrl::parse(&store).expect("an address");
                let database = Database::open(&url, &OpenOptions::default())
                    .await
                    .expect("the store");
                let rows = database.query(&sql, &[]).await.expect("a query");
                let rows = rows
                    .iter()
                    .map(|row| {
                        let cell = |column| row.text(column).expect("a text").to_owned();
                        (0..columns).map(cell).collect()
                    })
                    .collect();
                database.close().await;
                rows
            })
        };
        std::thread::spawn(work).join().expect("it does not panic")
    }
}

/// State, code, reason and counts of a file.
fn outcome(file: &Json) -> String {
    let mut line = text(file, "/state").to_owned();
    if let Some(code) = file.pointer("/code").and_then(Json::as_str) {
        line += &format!(" `{code}`: {}", text(file, "/reason"));
    }
    line += &format!("; decoded {}", number(file, "/decoded"));
    for (key, word) in [
        ("/loaded", "loaded"),
        ("/duplicates", "known"),
        ("/rejected", "refused"),
    ] {
        let count = number(file, key);
        if count > 0 {
            line += &format!(", {word} {count}");
        }
    }
    line
}

/// Record, field, code and detail of a reject.
fn refusal(reject: &Json) -> String {
    let field = reject.pointer("/field").and_then(Json::as_str);
    let field = field.map(|field| format!(" `{field}`")).unwrap_or_default();
    format!(
        "; record {}{field} `{}`: {}",
        number(reject, "/record_no"),
        text(reject, "/code"),
        text(reject, "/detail")
    )
}

/// The code that `[reply.result]` of the jobs gives an outcome.
pub(super) fn answer_code(outcome: &str) -> &'static str {
    match Outcome::of_word(outcome).expect("an outcome") {
        Outcome::Loaded => "1",
        Outcome::Header => "2",
        Outcome::Malformed => "3",
        Outcome::Content => "4",
        Outcome::Control => "5",
        Outcome::Altered => "6",
        Outcome::Duplicate => "7",
        Outcome::Refused => "8",
        Outcome::Version => "9",
        Outcome::Unreconciled => "10",
    }
}

pub(super) fn text<'j>(json: &'j Json, pointer: &str) -> &'j str {
    let found = json.pointer(pointer).and_then(Json::as_str);
    found.unwrap_or_else(|| panic!("no text at {pointer} in {json:#}"))
}

pub(super) fn number(json: &Json, pointer: &str) -> i64 {
    let found = json.pointer(pointer).and_then(Json::as_i64);
    found.unwrap_or_else(|| panic!("no number at {pointer} in {json:#}"))
}

pub(super) fn array<'j>(json: &'j Json, pointer: &str) -> &'j [Json] {
    let found = json.pointer(pointer).and_then(Json::as_array);
    found.unwrap_or_else(|| panic!("no list at {pointer} in {json:#}"))
}
