//! One job file, as written → a checked [`Job`].

use super::codes::BAD_JOB;
use super::pull::{self, PullJob};
use super::reply::REPLY_KEYS;
use super::rules::{self, PushJob};
use super::send::{ENVELOPE_KEYS, SEND_KEYS};
use super::{World, unknown};
use crate::diag::{Problem, Problems};
use crate::document::{Document, Item, Key, KeyKind, Section};
use crate::id::{JobName, PartnerName};
use crate::life::{LIFE_KEYS, LifePlan};
use crate::reconcile::{MATCH_KEYS, MatchPlan, RECONCILE_KEYS, ReconcilePlan};
use crate::report::{REPORT_KEYS, ReportPlan};

/// The keys of a job file.
pub const JOB_KEYS: &[Key] = &[
    Key::required("title", KeyKind::Name, "What it does, in Chinese."),
    Key::optional("title_en", KeyKind::Name, "What it does, in English."),
    Key::required(
        "partner",
        KeyKind::Name,
        "The institution at the other end.",
    ),
    Key::kind(
        "pull",
        KeyKind::Table(pull::PULL_KEYS),
        "Fetch files from a partner.",
    ),
    Key::kind(
        "push",
        KeyKind::Table(rules::PUSH_KEYS),
        "Send a message of our own accord.",
    ),
    Key::kind(
        "reconcile",
        KeyKind::Table(RECONCILE_KEYS),
        "Match two sides.",
    ),
    Key::kind(
        "match",
        KeyKind::Table(MATCH_KEYS),
        "Match the rows of two sides one by one.",
    ),
    Key::kind(
        "life",
        KeyKind::Table(LIFE_KEYS),
        "Tell lives over several datasets, and find what is out of order in them.",
    ),
    Key::kind("report", KeyKind::Table(REPORT_KEYS), "Write a report."),
    Key::optional(
        "envelope",
        KeyKind::TableList(ENVELOPE_KEYS),
        "What is around the content, outermost first.",
    ),
    Key::optional(
        "route",
        KeyKind::Table(pull::ROUTE_KEYS),
        "The values that reads are chosen by.",
    ),
    Key::optional(
        "read",
        KeyKind::TableList(pull::READ_KEYS),
        "How files are read; the first that fits.",
    ),
    Key::optional(
        "refuse",
        KeyKind::TableList(rules::REFUSE_KEYS),
        "What refuses a whole file, asked inside its load.",
    ),
    Key::optional(
        "decide",
        KeyKind::TableList(rules::DECIDE_KEYS),
        "What decides about loaded rows.",
    ),
    Key::optional(
        "send",
        KeyKind::NamedTables(SEND_KEYS),
        "Where outbound files go.",
    ),
    Key::optional(
        "reply",
        KeyKind::Table(REPLY_KEYS),
        "How every file is answered.",
    ),
    Key::optional(
        "answer",
        KeyKind::Table(rules::ANSWER_KEYS),
        "The business answer of a loaded file.",
    ),
];

const KINDS: [&str; 6] = ["pull", "push", "reconcile", "match", "life", "report"];

/// A checked job.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its path below jobs/.
    pub name: JobName,
    /// In Chinese.
    pub title: String,
    /// In English.
    pub title_en: String,
    /// The institution at the other end.
    pub partner: PartnerName,
    /// What it does.
    pub kind: JobKind,
}

/// What a job does.
#[derive(Debug, Clone)]
pub enum JobKind {
    /// Fetches, reads, answers.
    Pull(Box<PullJob>),
    /// Sends of its own accord.
    Push(Box<PushJob>),
    /// Matches two sides.
    Reconcile(Box<ReconcilePlan>),
    /// Matches the rows of two sides.
    Match(Box<MatchPlan>),
    /// Judges lives.
    Life(Box<LifePlan>),
    /// Writes a report.
    Report(Box<ReportJob>),
}

/// A report over a reconciliation, by totals or by rows.
#[derive(Debug, Clone)]
pub struct ReportJob {
    /// The reconciliation it shows.
    pub reconcile: JobName,
    /// The job whose decide rules give codes their titles.
    pub rules: Option<JobName>,
    /// How it is written.
    pub plan: ReportPlan,
}

impl JobKind {
    /// The kind's word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Pull(_) => "pull",
            Self::Push(_) => "push",
            Self::Reconcile(_) => "reconcile",
            Self::Match(_) => "match",
            Self::Life(_) => "life",
            Self::Report(_) => "report",
        }
    }
}

impl Job {
    /// Reads and checks a job; all its problems are reported, and it is given only when it has no
    /// error. Names of other jobs are checked later, when all are known.
    pub fn read(
        document: &Document,
        name: JobName,
        world: &World<'_>,
        problems: &mut Problems,
    ) -> Option<Self> {
        let before = problems.error_count();
        let root = document.root(JOB_KEYS, problems);
        let partner = root.text("partner").and_then(|item| {
            PartnerName::new(&item.value)
                .map_err(|found| {
                    problems.push(Problem::error(&BAD_JOB, item.place, found.to_string()));
                })
                .ok()
        });
        let (kind, section) = root.one_of_tables(&KINDS, problems)?;
        let kind = match kind {
            "pull" => pull::read(&root, world, problems)
                .map(Box::new)
                .map(JobKind::Pull),
            "push" => rules::read_push(&root, world, problems)
                .map(Box::new)
                .map(JobKind::Push),
            "reconcile" => {
                super::calendar(&section, world, problems);
                ReconcilePlan::read(&section, world.datasets, problems)
                    .map(Box::new)
                    .map(JobKind::Reconcile)
            }
            "match" => {
                super::calendar(&section, world, problems);
                MatchPlan::read(&section, world.datasets, problems)
                    .map(Box::new)
                    .map(JobKind::Match)
            }
            "life" => LifePlan::read(&section, world.datasets, problems)
                .map(Box::new)
                .map(JobKind::Life),
            _ => report(&section, problems)
                .map(Box::new)
                .map(JobKind::Report),
        };
        let job = Self {
            name,
            title: root.text("title")?.value,
            title_en: root
                .text("title_en")
                .map(|item| item.value)
                .unwrap_or_default(),
            partner: partner?,
            kind: kind?,
        };
        (problems.error_count() == before).then_some(job)
    }
}

fn report(section: &Section<'_>, problems: &mut Problems) -> Option<ReportJob> {
    let plan = ReportPlan::read(section, problems)?;
    let reconcile = job_name(section, "reconcile", problems)?;
    let rules = job_name(section, "rules", problems);
    Some(ReportJob {
        reconcile,
        rules,
        plan,
    })
}

fn job_name(section: &Section<'_>, key: &str, problems: &mut Problems) -> Option<JobName> {
    let item = section.text(key)?;
    JobName::new(&item.value)
        .map_err(|found| problems.push(Problem::error(&BAD_JOB, item.place, found.to_string())))
        .ok()
}

/// Checks the names of other jobs that a job file uses: a load reconciles by totals, a report shows
/// totals or rows matched.
pub(super) fn check_job_names(
    document: &Document,
    reconciliations: &[&str],
    matches: &[&str],
    problems: &mut Problems,
) {
    let mut unreported = Problems::new();
    let root = document.root(JOB_KEYS, &mut unreported);
    let report = root.table("report");
    let shown = report.as_ref().and_then(|report| report.text("reconcile"));
    let is_match = |item: &Item<String>| matches.contains(&item.value.as_str());
    if let (Some(report), Some(shown)) = (&report, &shown)
        && is_match(shown)
        && let Some(rules) = report.text("rules")
    {
        let message = format!(
            "`rules` explains the codes of a `[reconcile]`, and `{}` is a `[match]`",
            shown.value
        );
        let help = "leave `rules` out: a match has no codes of decide rules";
        problems.push(Problem::error(&BAD_JOB, rules.place, message).help(help));
    }
    let reads = root.table_list("read");
    let reads = reads.iter().filter_map(|read| read.text("reconcile"));
    let reads = reads.map(|item| (item, false));
    for (item, is_report) in reads.chain(shown.map(|item| (item, true))) {
        if is_match(&item) {
            if is_report {
                continue;
            }
            let message = format!(
                "`{}` matches row by row (`[match]`), and this needs a `[reconcile]`",
                item.value
            );
            let help = "a match runs as a job of its own, when both sides are loaded; a `[report]` \
                        can show it";
            problems.push(Problem::error(&BAD_JOB, item.place, message).help(help));
        } else if !reconciliations.contains(&item.value.as_str()) {
            problems.push(unknown(
                &item,
                "reconciliation",
                reconciliations.iter().copied(),
            ));
        }
    }
}
