//! The settings file `dukou.toml`: the store, the paths, the limits, the keys, the connections.
//!
//! Responsible for what belongs to one installation rather than to one exchange. Every path in it
//! is relative to the file itself. Read by `job` together with everything else a person writes;
//! the engine and the CLI use it. The one invariant: no secret is in it, only where one is kept.

mod connection;
mod http;
mod key;
mod limits;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use connection::{ConnectionKind, ConnectionPlan};

use crate::clock::{Zone, parse_zone};
use crate::db::DatabaseUrl;
use crate::diag::{Code, Problem, Problems};
use crate::document::{Document, Key, KeyKind, Section};
use crate::format::Limits;
use crate::id::{ConnectionName, KeyName};
use crate::key::KeyPlan;
use crate::secret::SecretReference;

/// A setting that cannot be used.
pub const BAD_SETTING: Code = Code {
    id: "bad-setting",
    title: "a setting that cannot be used",
    title_zh: "设置有误",
    help: "docs/reference/dukou.toml shows every setting in use.",
};

/// What this module can complain about.
pub const CODES: &[Code] = &[BAD_SETTING];

const STORE_KEYS: &[Key] = &[
    Key::with_default(
        "url",
        KeyKind::Name,
        "sqlite://var/dukou.db",
        "The shared store: `sqlite://PATH` or `postgres://USER@HOST/DATABASE`.",
    ),
    Key::optional(
        "password",
        KeyKind::Secret,
        "The database user's password, for PostgreSQL.",
    ),
    Key::with_default(
        "connections",
        KeyKind::Integer { min: 2, max: 200 },
        "8",
        "Connections kept open at most.",
    ),
];

const PATH_KEYS: &[Key] = &[
    Key::with_default(
        "jobs",
        KeyKind::Name,
        "jobs",
        "Job files, and calendars below it.",
    ),
    Key::with_default(
        "mappings",
        KeyKind::Name,
        "mappings",
        "Mapping files; datasets and codes below it.",
    ),
    Key::with_default(
        "archive",
        KeyKind::Name,
        "var/archive",
        "Raw bytes of every file received, by digest; never changed.",
    ),
    Key::with_default(
        "staging",
        KeyKind::Name,
        "var/staging",
        "Unnamed spool files of loads.",
    ),
    Key::with_default(
        "outbox",
        KeyKind::Name,
        "outbox",
        "Files on their way to a partner.",
    ),
    Key::with_default(
        "reports",
        KeyKind::Name,
        "var/reports",
        "Reports, by date and version; never changed.",
    ),
];

/// The keys of the settings file.
pub const SETTINGS_KEYS: &[Key] = &[
    Key::with_default(
        "timezone",
        KeyKind::Name,
        "Asia/Shanghai",
        "The zone of business dates and of partners' times.",
    ),
    Key::with_default(
        "language",
        KeyKind::OneOf(&["zh-CN", "en"]),
        "zh-CN",
        "The language of reports and screens.",
    ),
    Key::optional("store", KeyKind::Table(STORE_KEYS), "The shared store."),
    Key::optional(
        "paths",
        KeyKind::Table(PATH_KEYS),
        "Where things lie, relative to this file.",
    ),
    Key::optional(
        "limits",
        KeyKind::Table(limits::LIMIT_KEYS),
        "The most a file may ask for.",
    ),
    Key::optional(
        "values",
        KeyKind::Values,
        "Named texts that jobs refer to with `{ setting = \"…\" }`.",
    ),
    Key::optional(
        "key",
        KeyKind::NamedTables(key::KEY_KEYS),
        "Keys for envelopes, by name: where they are kept, never what they are.",
    ),
    Key::optional(
        "connection",
        KeyKind::NamedTables(connection::CONNECTION_KEYS),
        "How each partner is reached.",
    ),
];

/// A checked settings file.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The directory that every path is relative to.
    pub base: PathBuf,
    /// The zone of business dates.
    pub zone: Zone,
    /// The language of reports and screens.
    pub language: Language,
    /// Which database is the store.
    pub store: DatabaseUrl,
    /// The database password, if one is kept somewhere.
    pub store_password: Option<SecretReference>,
    /// Connections to the store at most.
    pub store_connections: u32,
    /// Where things lie.
    pub paths: Paths,
    /// What a file may ask for.
    pub limits: Limits,
    /// Named texts.
    pub values: BTreeMap<String, String>,
    /// Keys for envelopes.
    pub keys: BTreeMap<KeyName, KeyPlan>,
    /// How partners are reached.
    pub connections: BTreeMap<ConnectionName, ConnectionPlan>,
}

/// Where things lie; absolute, or relative to the working directory.
#[derive(Debug, Clone)]
pub struct Paths {
    /// Job files.
    pub jobs: PathBuf,
    /// Mapping files.
    pub mappings: PathBuf,
    /// Raw bytes received.
    pub archive: PathBuf,
    /// Spool files.
    pub staging: PathBuf,
    /// Files on their way out.
    pub outbox: PathBuf,
    /// Reports.
    pub reports: PathBuf,
}

/// The language of reports and screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    Chinese,
    /// English.
    English,
}

impl Settings {
    /// Reads and checks a settings file; `base` is the directory it lies in.
    pub fn read(document: &Document, base: &Path, problems: &mut Problems) -> Option<Self> {
        let before = problems.error_count();
        let root = document.root(SETTINGS_KEYS, problems);
        let settings = Self {
            base: base.to_owned(),
            zone: zone(&root, problems)?,
            language: match root.word("language")?.value {
                "en" => Language::English,
                _ => Language::Chinese,
            },
            store: store_url(&root, base, problems)?,
            store_password: root
                .table("store")
                .and_then(|store| store.secret("password"))
                .map(|item| item.value),
            store_connections: root
                .table("store")
                .and_then(|store| store.count("connections"))
                .and_then(|item| u32::try_from(item.value).ok())
                .unwrap_or(8),
            paths: paths(&root, base),
            limits: with_spool(
                root.table("limits")
                    .map_or_else(Limits::default, |s| limits::read(&s)),
                paths(&root, base),
            ),
            values: values(&root),
            keys: root
                .named_tables("key")
                .iter()
                .filter_map(|(name, section)| key::read(name, section, problems))
                .collect(),
            connections: root
                .named_tables("connection")
                .iter()
                .filter_map(|(name, section)| connection::read(name, section, base, problems))
                .collect(),
        };
        (problems.error_count() == before).then_some(settings)
    }
}

/// Workbooks lie where other files lie while they are read.
fn with_spool(mut limits: Limits, paths: Paths) -> Limits {
    limits.workbook.spool = Some(paths.staging);
    limits
}

fn zone(root: &Section<'_>, problems: &mut Problems) -> Option<Zone> {
    let name = root.text("timezone")?;
    match parse_zone(&name.value) {
        Ok(zone) => Some(zone),
        Err(found) => {
            problems.push(Problem::error(&BAD_SETTING, name.place, found.to_string()));
            None
        }
    }
}

fn store_url(root: &Section<'_>, base: &Path, problems: &mut Problems) -> Option<DatabaseUrl> {
    let written = root.table("store").and_then(|store| store.text("url"));
    let text = written
        .as_ref()
        .map_or("sqlite://var/dukou.db", |item| item.value.as_str());
    match DatabaseUrl::parse(text) {
        Ok(url) => Some(url.relative_to(base)),
        Err(found) => {
            let place = written.map_or_else(|| root.place(), |item| item.place);
            problems.push(Problem::error(&BAD_SETTING, place, found.to_string()));
            None
        }
    }
}

fn paths(root: &Section<'_>, base: &Path) -> Paths {
    let table = root.table("paths");
    let path = |name: &str, default: &str| {
        let written = table.as_ref().and_then(|table| table.text(name));
        base.join(written.map_or_else(|| default.to_owned(), |item| item.value))
    };
    Paths {
        jobs: path("jobs", "jobs"),
        mappings: path("mappings", "mappings"),
        archive: path("archive", "var/archive"),
        staging: path("staging", "var/staging"),
        outbox: path("outbox", "outbox"),
        reports: path("reports", "var/reports"),
    }
}

fn values(root: &Section<'_>) -> BTreeMap<String, String> {
    root.values("values")
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(name, values)| {
            let text = match &values.first()?.value {
                crate::value::Value::Text(text) => text.clone(),
                crate::value::Value::Int(number) => number.to_string(),
                _ => return None,
            };
            Some((name.value, text))
        })
        .collect()
}
