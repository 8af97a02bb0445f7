//! What the page's template sees: texts, ready to be shown.

mod breaks;
mod charts;
mod figures;
mod matched;

use serde::Serialize;

use super::content::Content;
use super::details::Index;
use super::words::number;
use super::{BOOK, DETAILS, Request, changes};
use crate::reconcile::{Figure, Language};

/// The most rows of one table on the page; the rest is in the tables beside it.
pub(super) const MAX_ROWS: usize = 2_000;

use matched::MatchedView;

pub(super) use breaks::items;

/// The page.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    lang: &'static str,
    title: String,
    /// The title and day for the running head of printed pages: letters, digits and spaces only.
    running: String,
    day: String,
    version: i64,
    reconciliation: String,
    recon_no: i64,
    recon_version: i64,
    reconciled_at: String,
    written_at: String,
    as_of: String,
    zone: String,
    unit: String,
    inputs: String,
    is_bad: bool,
    result: &'static str,
    has_csv: bool,
    has_book: bool,
    has_pack: bool,
    /// Where the rows are: the name of the file beside the page.
    details: &'static str,
    charts: Vec<ChartView>,
    formulas: Vec<String>,
    summary: Vec<SummaryLine>,
    changes: Vec<String>,
    is_first: bool,
    matrix: Vec<MatrixLine>,
    break_count: String,
    /// What only rows matched one by one have.
    matched: Option<MatchedView>,
    totals: Vec<BreakLine>,
    checks: Vec<CheckTable>,
    candidates: Vec<CandidateLine>,
    parts: Vec<PartTable>,
    distributions: Vec<DistributionTable>,
    sources: Vec<SourceLine>,
    sources_more: usize,
    neutralised: String,
    signatures: Vec<String>,
    trace: Vec<String>,
}

/// A picture and where it belongs.
#[derive(Debug, Serialize)]
struct ChartView {
    /// `balance`, `ages`, or the anchor of the table beside it.
    kind: String,
    title: String,
    /// A whole `<svg>` element, escaped.
    svg: String,
}

#[derive(Debug, Serialize)]
struct SummaryLine {
    kind: &'static str,
    sign: String,
    title: String,
    count: String,
    amount: String,
    capitals: String,
    note: String,
    /// The anchor of its rows.
    anchor: Option<String>,
    lines: Option<String>,
}

#[derive(Debug, Serialize)]
struct MatrixLine {
    kind: String,
    cells: Vec<String>,
    total: String,
}

#[derive(Debug, Serialize)]
struct BreakLine {
    number: i64,
    kind: String,
    effect: String,
    title: String,
    object: String,
    count: String,
    amount: String,
    first_seen: String,
    age: String,
    state: String,
    note: String,
    source: String,
    trace: String,
}

#[derive(Debug, Serialize)]
struct CheckTable {
    anchor: String,
    title: String,
    kind: String,
    effect: String,
    items: String,
    not_checked: Option<String>,
    rows: Vec<BreakLine>,
    more: usize,
}

#[derive(Debug, Serialize)]
struct CandidateLine {
    rank: usize,
    fit: &'static str,
    text: String,
    count: String,
    amount: String,
    rows: Vec<CandidateRowLine>,
}

#[derive(Debug, Serialize)]
struct CandidateRowLine {
    object: String,
    amount: String,
    source: String,
    trace: String,
}

#[derive(Debug, Serialize)]
struct PartTable {
    anchor: String,
    title: String,
    columns: Vec<String>,
    unknown: Option<String>,
    count: String,
    amount: String,
    unpriced: i64,
    rows: Vec<GroupLine>,
    more: usize,
}

#[derive(Debug, Serialize)]
struct GroupLine {
    key: Vec<String>,
    object: String,
    count: String,
    amount: String,
    has_rows: bool,
    file: String,
    name: String,
    digest: String,
    lines: Option<String>,
}

#[derive(Debug, Serialize)]
struct DistributionTable {
    title: String,
    rows: Vec<CodeLine>,
}

#[derive(Debug, Serialize)]
struct CodeLine {
    code: String,
    title: String,
    count: String,
    amount: String,
    not_checked: Option<String>,
}

#[derive(Debug, Serialize)]
struct SourceLine {
    file: i64,
    name: String,
    digest: String,
    received_at: String,
    count: String,
    amount: String,
}

const NONE: &str = "—";

/// What every part of the view is made from.
pub(super) struct Maker<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) content: &'a Content,
    index: &'a Index,
    language: Language,
}

/// A line of the equation.
pub(super) struct Balance {
    /// `claimed`, `part`, `ours`, `agrees` or `differs`.
    pub(super) kind: &'static str,
    name: String,
    pub(super) title: String,
    /// `None` when it is not known.
    pub(super) figure: Option<Figure>,
    sign: String,
    pub(super) note: String,
}

impl Balance {
    /// The word of its rows in the index of the details.
    fn rows(&self) -> &str {
        self.name.strip_suffix(".loaded").unwrap_or(&self.name)
    }
}

impl<'a> Maker<'a> {
    pub(super) fn new(request: &'a Request<'a>, content: &'a Content, index: &'a Index) -> Self {
        Self {
            request,
            content,
            index,
            language: request.language,
        }
    }
}

impl Page {
    pub(super) fn new(
        request: &Request<'_>,
        content: &Content,
        index: &Index,
        version: i64,
        neutralised: u64,
    ) -> Self {
        let l = request.language;
        let (reconciliation, _) = request.reconcile;
        let title = request.title.in_language(l).to_owned();
        let day = request.business_date.to_string();
        let make = Maker::new(request, content, index);
        let (sources, sources_more) = make.sources();
        Self {
            lang: l.tag(),
            running: plain(&format!("{title} {day} v{version}")),
            title,
            day,
            version,
            reconciliation: reconciliation.to_owned(),
            recon_no: content.recon.recon_no.0,
            recon_version: content.recon.version,
            reconciled_at: request.local(content.recon.at),
            written_at: request.local(request.context.now),
            as_of: content.as_of.to_string(),
            zone: request.context.given.zone.clone(),
            unit: request.unit().to_owned(),
            inputs: content.inputs.to_string(),
            is_bad: !content.agrees(),
            result: make.result(),
            has_csv: request.plan.csv,
            has_book: request.plan.xlsx,
            has_pack: request.plan.zip,
            details: if request.plan.csv { DETAILS } else { BOOK },
            charts: make.charts(),
            formulas: make.formulas(),
            summary: make.summary(),
            changes: changes::since_previous(content, request),
            is_first: content.previous.is_none(),
            matrix: make.matrix(),
            break_count: number(content.break_items()),
            matched: make.matched(),
            totals: make.totals(),
            checks: make.checks(),
            candidates: make.candidates(),
            parts: make.parts(),
            distributions: make.distributions(),
            sources,
            sources_more,
            neutralised: number(i64::try_from(neutralised).unwrap_or(i64::MAX)),
            signatures: request
                .plan
                .signatures_in(l)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            trace: make.trace(),
        }
    }
}

/// What may stand in a style sheet's text: nothing that could end it.
fn plain(text: &str) -> String {
    text.chars()
        .map(|one| {
            if one.is_alphanumeric() || one == '-' {
                one
            } else {
                ' '
            }
        })
        .collect()
}
