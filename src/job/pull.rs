//! `[pull]` jobs: what is fetched, how it is read, judged, answered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::acknowledges::{self, ACKNOWLEDGES_KEYS, Acknowledges};
use super::codes::BAD_JOB;
use super::companions;
use super::context::Files;
use super::entries;
use super::reply::{self, ReplyPlan};
use super::rules::{self, AnswerPlan, DecidePlan, RefusePlan};
use super::send::{self, SendPlan};
use super::{World, unknown};
use crate::diag::{Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section};
use crate::envelope::Envelope;
use crate::format::json::JsonRoute;
use crate::format::{RoutePath, XmlRoute};
use crate::id::{ConnectionName, JobName};
use crate::mapping::Mapping;
use crate::transport::{Companions, Finish, Folder, Pattern};

const READY_KEYS: &[Key] = &[
    Key::with_default(
        "stable_secs",
        KeyKind::Integer {
            min: 0,
            max: 86_400,
        },
        "5",
        "A file counts as complete when neither its size nor its time changed for so many seconds.",
    ),
    companions::COMPANION_KEY,
    companions::FLAG_KEY,
];

const FINISH_KEYS: &[Key] = &[
    Key::optional(
        "move_to",
        KeyKind::Name,
        "The folder a finished file is moved to.",
    ),
    Key::optional(
        "delete",
        KeyKind::Boolean,
        "A finished file is deleted; its bytes are in the archive.",
    ),
    Key::optional(
        "keep",
        KeyKind::Boolean,
        "A finished file stays; it is recognised and not read again.",
    ),
];

/// The keys of `[pull]`.
pub(super) const PULL_KEYS: &[Key] = &[
    Key::required(
        "connection",
        KeyKind::Name,
        "The connection of the settings.",
    ),
    Key::with_default("path", KeyKind::Text, "", "The folder at the connection."),
    Key::required(
        "pattern",
        KeyKind::Name,
        "Which names: `*`, `?` and `{capture}`.",
    ),
    Key::optional(
        "ready",
        KeyKind::Table(READY_KEYS),
        "When a file counts as complete.",
    ),
    Key::required(
        "finish",
        KeyKind::Table(FINISH_KEYS),
        "What becomes of a file after its load has committed.",
    ),
];

/// The keys of `[route]`.
pub(super) const ROUTE_KEYS: &[Key] = &[
    Key::optional(
        "xml",
        KeyKind::Values,
        "Values from XML content: name = \"/absolute/path\".",
    ),
    Key::optional(
        "json",
        KeyKind::Values,
        "Values from JSON content: name = \"/absolute/path\".",
    ),
    Key::optional(
        "name",
        KeyKind::Values,
        "Values from the file's name: name = \"capture\".",
    ),
];

const TOLERANCE_KEYS: &[Key] = &[
    Key::with_default(
        "rejects_max",
        KeyKind::COUNT,
        "0",
        "So many refused records are tolerated.",
    ),
    Key::with_default(
        "ratio_max",
        KeyKind::Ratio,
        "1.0",
        "And so large a part of all records.",
    ),
];

/// The keys of `[[read]]`.
pub(super) const READ_KEYS: &[Key] = &[
    Key::required("name", KeyKind::Name, "A short name for rules and screens."),
    Key::optional("title", KeyKind::Name, "In Chinese, for screens."),
    Key::optional("title_en", KeyKind::Name, "In English, for screens."),
    Key::optional(
        "when",
        KeyKind::Values,
        "Route values that a file must have; all files when absent.",
    ),
    Key::required(
        "mapping",
        KeyKind::Name,
        "The mapping, by its path below mappings/.",
    ),
    Key::optional(
        "tolerance",
        KeyKind::Table(TOLERANCE_KEYS),
        "How many refused records a file may have.",
    ),
    Key::optional(
        "set",
        KeyKind::Values,
        "Values that the mapping can use with `context`.",
    ),
    Key::optional(
        "reconcile",
        KeyKind::Name,
        "A reconciliation to run in the load; a difference makes the outcome `unreconciled`.",
    ),
    Key::optional(
        "acknowledges",
        KeyKind::Table(ACKNOWLEDGES_KEYS),
        "The file acknowledges a delivery of ours.",
    ),
];

/// A checked pull job.
#[derive(Debug, Clone)]
pub struct PullJob {
    /// Where from.
    pub connection: ConnectionName,
    /// Which folder there.
    pub folder: Folder,
    /// Which names.
    pub pattern: Pattern,
    /// When a file counts as complete.
    pub stable_secs: u32,
    /// The files that must be there beside a file, and are finished with it.
    pub companions: Companions,
    /// What becomes of a finished file.
    pub finish: Finish,
    /// Outermost first.
    pub envelopes: Vec<Envelope>,
    /// Which entries of the outermost envelope, an archive, are files of their own.
    pub entries: Option<Pattern>,
    /// What reads ask for, from the content.
    pub route_content: Vec<(String, RoutePath)>,
    /// What reads ask for, from the name's captures.
    pub route_name: Vec<(String, String)>,
    /// The first that fits a file reads it.
    pub reads: Vec<ReadPlan>,
    /// What refuses a whole file.
    pub refuse: Vec<RefusePlan>,
    /// What decides about its rows.
    pub decide: Vec<DecidePlan>,
    /// Where answers go.
    pub sends: BTreeMap<String, SendPlan>,
    /// How every file is answered.
    pub reply: Option<ReplyPlan>,
    /// The business answer of a loaded file.
    pub answer: Option<AnswerPlan>,
}

/// One way to read a file.
#[derive(Debug, Clone)]
pub struct ReadPlan {
    /// Its name in the job.
    pub name: String,
    /// On screen.
    pub title: String,
    /// On English screens; empty when nobody wrote it.
    pub title_en: String,
    /// Route values that the file must have.
    pub when: BTreeMap<String, Vec<String>>,
    /// How the file is mapped.
    pub mapping: Arc<Mapping>,
    /// Refused records tolerated, in number.
    pub rejects_max: u64,
    /// Refused records tolerated, as a part of all.
    pub ratio_max: f64,
    /// Values for the mapping's context.
    pub set: BTreeMap<String, String>,
    /// A reconciliation that is part of the load.
    pub reconcile: Option<JobName>,
    /// How it acknowledges a delivery.
    pub acknowledges: Option<Acknowledges>,
}

impl ReadPlan {
    /// Whether a file with these route values is read this way.
    pub fn fits(&self, route: &BTreeMap<String, String>) -> bool {
        super::fits(&self.when, route)
    }
}

/// Reads a pull job.
pub(super) fn read(
    root: &Section<'_>,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<PullJob> {
    let pull = root.table("pull")?;
    let connection = super::connection(&pull, world, problems);
    let folder = super::folder(&pull, problems);
    let pattern = pull.text("pattern").and_then(|item| {
        Pattern::new(&item.value)
            .map_err(|found| {
                problems.push(Problem::error(&BAD_JOB, item.place, found.to_string()));
            })
            .ok()
    });
    let finish = pull
        .table("finish")
        .and_then(|section| finish(&section, problems));
    let entries = entries::read(root, pattern.as_ref(), problems);
    let captures: Vec<&str> = [&pattern, &entries]
        .into_iter()
        .flatten()
        .flat_map(Pattern::placeholders)
        .collect();
    let (route_content, route_name) = route(root, pattern.as_ref().map(|_| &*captures), problems);
    let known: Vec<&str> = route_content
        .iter()
        .map(|(name, _)| name.as_str())
        .chain(route_name.iter().map(|(name, _)| name.as_str()))
        .collect();
    let reads: Vec<ReadPlan> = root
        .table_list("read")
        .iter()
        .filter_map(|section| read_plan(section, world, &known, &captures, problems))
        .collect();
    if !root.has("read") {
        let message = "a pull job needs at least one `[[read]]`";
        problems.push(Problem::error(&BAD_JOB, pull.place(), message));
    }
    // Also those whose own problems are reported: a rule that names one makes no further mistake.
    let written: Vec<Item<String>> = root
        .table_list("read")
        .iter()
        .filter_map(|read| read.text("name"))
        .collect();
    let names: Vec<&str> = written.iter().map(|name| name.value.as_str()).collect();
    let sends = super::sends(root, world, problems);
    let refuse = rules::read_refuse(root, world, &names, problems);
    let decide = rules::read_decide(root, world, &names, problems);
    let reply = root
        .table("reply")
        .and_then(|section| reply::read(&section, world, &sends, problems));
    let files = Files {
        known_reads: &names,
        reads: &reads,
        captures,
        routes: known,
        sends: &sends,
    };
    let answer = root
        .table("answer")
        .and_then(|section| rules::read_answer(&section, world, &files, problems));
    Some(PullJob {
        connection: connection?,
        folder: folder?,
        pattern: pattern?,
        stable_secs: pull
            .table("ready")
            .and_then(|ready| ready.count("stable_secs"))
            .map_or(5, |item| item.value as u32),
        companions: pull
            .table("ready")
            .map_or_else(Vec::new, |ready| companions::read(&ready, problems)),
        finish: finish?,
        envelopes: send::envelopes_around(root, world, problems),
        entries,
        route_content,
        route_name,
        reads,
        refuse,
        decide,
        sends,
        reply,
        answer,
    })
}

fn finish(section: &Section<'_>, problems: &mut Problems) -> Option<Finish> {
    let is_on = |key: &str| section.boolean(key).is_some_and(|item| item.value);
    let folder = section.text("move_to");
    match (folder, is_on("delete"), is_on("keep")) {
        (Some(item), false, false) => Folder::new(&item.value)
            .map(Finish::MoveTo)
            .map_err(|found| {
                problems.push(Problem::error(&BAD_JOB, item.place, found.to_string()));
            })
            .ok(),
        (None, true, false) => Some(Finish::Delete),
        (None, false, true) => Some(Finish::Keep),
        _ => {
            let message =
                "`finish` has exactly one of `move_to = \"…\"`, `delete = true`, `keep = true`";
            problems.push(Problem::error(&BAD_JOB, section.place(), message));
            None
        }
    }
}

type Routes = (Vec<(String, RoutePath)>, Vec<(String, String)>);

/// Reads `[route]`; `captures` are absent when the pattern has problems of its own.
fn route(root: &Section<'_>, captures: Option<&[&str]>, problems: &mut Problems) -> Routes {
    let mut routes = (Vec::new(), Vec::new());
    let Some(route) = root.table("route") else {
        return routes;
    };
    for (name, path) in super::texts_by_name(&route, "xml", problems) {
        match XmlRoute::new(&path.value) {
            Ok(path) => routes.0.push((name, RoutePath::Xml(path))),
            Err(found) => problems.push(Problem::error(&BAD_JOB, path.place, found)),
        }
    }
    for (name, path) in super::texts_by_name(&route, "json", problems) {
        match JsonRoute::new(&path.value) {
            Ok(path) => routes.0.push((name, RoutePath::Json(path))),
            Err(found) => problems.push(Problem::error(&BAD_JOB, path.place, found)),
        }
    }
    for (name, capture) in super::texts_by_name(&route, "name", problems) {
        if let Some(known) = captures
            && !known.contains(&capture.value.as_str())
        {
            let known = known.iter().copied();
            problems.push(unknown(&capture, "capture in the pattern", known));
        }
        routes.1.push((name, capture.value));
    }
    routes
}

fn read_plan(
    section: &Section<'_>,
    world: &World<'_>,
    known_routes: &[&str],
    captures: &[&str],
    problems: &mut Problems,
) -> Option<ReadPlan> {
    let mapping = super::mapping(section, world, problems);
    let name = section.text("name")?;
    for (route, _) in section.values("when").unwrap_or_default() {
        if !known_routes.contains(&route.value.as_str()) {
            problems.push(unknown(
                &route,
                "value in `[route]`",
                known_routes.iter().copied(),
            ));
        }
    }
    let tolerance = section.table("tolerance");
    let mapping = mapping?;
    let set = super::set(section);
    let named = known_routes.iter().chain(captures).copied();
    let named = named
        .chain(set.keys().map(String::as_str))
        .chain(["file_name"]);
    let named: BTreeSet<&str> = named.collect();
    let acknowledges = section
        .table("acknowledges")
        .and_then(|section| acknowledges::read(&section, &mapping, &named, world, problems));
    Some(ReadPlan {
        title: section
            .text("title")
            .map_or_else(|| name.value.clone(), |item| item.value),
        title_en: section
            .text("title_en")
            .map(|item| item.value)
            .unwrap_or_default(),
        name: name.value,
        when: super::when(section, "when"),
        rejects_max: tolerance
            .as_ref()
            .and_then(|tolerance| tolerance.count("rejects_max"))
            .map_or(0, |item| item.value),
        ratio_max: tolerance
            .as_ref()
            .and_then(|tolerance| tolerance.ratio("ratio_max"))
            .map_or(1.0, |item| item.value),
        set,
        reconcile: section.text("reconcile").and_then(|item| {
            JobName::new(&item.value)
                .map_err(|found| {
                    problems.push(Problem::error(&BAD_JOB, item.place, found.to_string()));
                })
                .ok()
        }),
        acknowledges,
        mapping,
    })
}
