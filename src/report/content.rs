//! What a report is about, gathered and tied out: the ledger's figures and the rows behind them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value as Json;

use super::matched::{self, Matched};
use super::tables::amount_known;
use super::{ReportError, Request, Subject};
use crate::dataset::Reader;
use crate::db::Database;
use crate::digest::Sha256;
use crate::id::{Fen, FileDigest, FileNo};
use crate::ledger::{
    BreakFilter, BreakKind, BreakRow, BreakSum, ComponentRow, LedgerError, ReconNo,
    ReconciliationRow, ReportRow, latest_reconciliation, list_breaks, list_components,
    list_reports, show_file, sum_breaks,
};
use crate::reconcile::{
    Candidate, DIFFERENCE, Figure, Group, PartFigure, ReconcilePlan, part_figure,
};

/// A file that figures come from.
#[derive(Debug, Clone)]
pub(super) struct SourceFile {
    pub(super) file: FileNo,
    /// `None` when the ledger does not have it.
    pub(super) known: Option<Known>,
}

/// What the ledger knows of it.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) name: String,
    pub(super) digest: FileDigest,
    pub(super) received_at: DateTime<Utc>,
}

impl SourceFile {
    pub(super) fn name(&self) -> Option<&str> {
        self.known.as_ref().map(|known| known.name.as_str())
    }

    pub(super) fn digest(&self) -> Option<String> {
        self.known.as_ref().map(|known| known.digest.to_string())
    }
}

/// The version before, and what it showed.
#[derive(Debug)]
pub(super) struct Previous {
    pub(super) report: ReportRow,
    pub(super) components: Vec<ComponentRow>,
    /// All breaks of totals; of rows matched there are sums only.
    pub(super) breaks: Vec<BreakRow>,
    pub(super) sums: Vec<BreakSum>,
}

/// Everything a report shows.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) recon: ReconciliationRow,
    pub(super) components: Vec<ComponentRow>,
    pub(super) parts: Vec<PartFigure>,
    /// All breaks of totals; of rows matched, the first of each kind.
    pub(super) breaks: Vec<BreakRow>,
    /// All breaks, added up.
    pub(super) sums: Vec<BreakSum>,
    /// What only rows matched one by one have.
    pub(super) matched: Option<Matched>,
    pub(super) candidates: Vec<Candidate>,
    /// Groups of each distribution of the plan.
    pub(super) distributions: Vec<Vec<Group>>,
    pub(super) files: BTreeMap<FileNo, SourceFile>,
    /// Over every file's number and landed digest: what went into the figures.
    pub(super) inputs: FileDigest,
    pub(super) previous: Option<Previous>,
    /// The day as of which breaks age.
    pub(super) as_of: NaiveDate,
}

/// What figures are made of, besides what the ledger says of every reconciliation.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) parts: Vec<PartFigure>,
    pub(super) breaks: Vec<BreakRow>,
    pub(super) sums: Vec<BreakSum>,
    pub(super) distributions: Vec<Vec<Group>>,
    pub(super) matched: Option<Matched>,
    pub(super) files: BTreeSet<FileNo>,
}

impl Content {
    pub(super) async fn gather(db: &Database, request: &Request<'_>) -> Result<Self, ReportError> {
        let (name, subject) = request.reconcile;
        let day = request.business_date;
        let recon = latest_reconciliation(db, name, Some(day)).await?;
        let recon = recon.ok_or_else(|| ReportError::NoReconciliation {
            name: name.to_owned(),
            business_date: day,
        })?;
        let components = list_components(db, recon.recon_no).await?;
        let mut body = match subject {
            Subject::Totals(plan) => totals(db, request, plan, &recon).await?,
            Subject::Rows(plan) => matched::gather(db, request, plan, &recon).await?,
        };
        tie_out(request, &components, &body.parts)?;
        let candidates = candidates(&body.breaks);
        body.files.extend(named(&body.breaks, &candidates));
        let files = files(db, body.files).await?;
        let previous = previous(db, request).await?;
        let content = Self {
            inputs: digest_of(&files),
            as_of: as_of(&recon, request),
            recon,
            components,
            parts: body.parts,
            breaks: body.breaks,
            sums: body.sums,
            matched: body.matched,
            candidates,
            distributions: body.distributions,
            files,
            previous,
        };
        matched::tie_out(&content)?;
        Ok(content)
    }

    /// Whether both sides agree, but for what is in transit.
    pub(super) fn agrees(&self) -> bool {
        match &self.matched {
            None => self.recon.agrees,
            Some(_) => self.break_items() == 0,
        }
    }

    /// How many breaks there are; what is in transit is none.
    pub(super) fn break_items(&self) -> i64 {
        let broken = self.sums.iter();
        let broken = broken.filter(|sum| sum.kind != BreakKind::InTransit);
        broken.map(|sum| sum.items).sum()
    }

    /// A component of the equation by its word; `None` if it is unknown.
    pub(super) fn figure(&self, name: &str) -> Option<Figure> {
        figure(&self.components, name)
    }

    pub(super) fn source(&self, file: i64) -> Option<&SourceFile> {
        self.files.get(&FileNo(file))
    }
}

/// The day that the reconciliation names; one that names none was as of the day it ran.
fn as_of(recon: &ReconciliationRow, request: &Request<'_>) -> NaiveDate {
    let as_of = recon.summary.get("as_of").and_then(Json::as_str);
    let as_of = as_of.and_then(|text| text.parse().ok());
    as_of.unwrap_or_else(|| match request.subject() {
        Subject::Totals(_) => recon.business_date,
        Subject::Rows(_) => request.local_time(recon.at).date(),
    })
}

/// What a reconciliation of totals is made of.
async fn totals(
    db: &Database,
    request: &Request<'_>,
    plan: &ReconcilePlan,
    recon: &ReconciliationRow,
) -> Result<Body, ReportError> {
    let scene = request.scene();
    let breaks = breaks_of(db, recon.recon_no).await?;
    let mut body = Body {
        sums: breaks.iter().map(alone).collect(),
        breaks,
        ..Body::default()
    };
    let claimed = plan.claimed.iter().map(|claimed| &claimed.selection);
    let mut selections: Vec<_> = claimed.collect();
    for part in &plan.parts {
        let figure = part_figure(&mut Reader::from(db), part, scene).await?;
        body.parts.push(figure);
    }
    selections.extend(request.parts().iter().flatten().map(|part| part.selection));
    for distribution in &plan.distributions {
        let selection = &distribution.selection;
        let groups = selection.groups(&mut Reader::from(db), scene).await?;
        body.distributions.push(groups);
        selections.push(selection);
    }
    for selection in selections {
        body.files
            .extend(selection.files(&mut Reader::from(db), scene).await?);
    }
    Ok(body)
}

/// A break as the sum of one.
fn alone(found: &BreakRow) -> BreakSum {
    let known = amount_known(found);
    BreakSum {
        kind: found.kind,
        funds_effect: found.funds_effect,
        state: found.state,
        closed_as: found.closed_as,
        closed_by: found.closed_by,
        first_seen: found.first_seen,
        items: 1,
        amount: found.amount,
        size: if known {
            found.amount.saturating_abs()
        } else {
            0
        },
        ours_rows: 0,
        ours_amount: 0,
        theirs_rows: 0,
        theirs_amount: 0,
    }
}

pub(super) fn figure(components: &[ComponentRow], name: &str) -> Option<Figure> {
    let found = components.iter().find(|component| component.name == name)?;
    Some(Figure {
        count: found.count?,
        amount: Fen(found.amount?),
    })
}

async fn breaks_of(db: &Database, recon: ReconNo) -> Result<Vec<BreakRow>, LedgerError> {
    let filter = BreakFilter {
        recon: Some(recon),
        limit: 1_000_000,
        ..BreakFilter::default()
    };
    list_breaks(db, &filter).await
}

/// Every part is what it was when it was reconciled, or the report would show other rows than
/// those that its totals are made of.
fn tie_out(
    request: &Request<'_>,
    components: &[ComponentRow],
    parts: &[PartFigure],
) -> Result<(), ReportError> {
    for (part, rows) in parts.iter().zip(request.parts()) {
        let Some(rows) = rows else { continue };
        let then = figure(components, rows.component).unwrap_or_default();
        if then != part.figure {
            return Err(ReportError::StoreChanged {
                part: part.name.to_string(),
                then,
                now: part.figure,
            });
        }
    }
    Ok(())
}

fn candidates(breaks: &[BreakRow]) -> Vec<Candidate> {
    let difference = breaks
        .iter()
        .find(|found| found.reason.as_deref() == Some(DIFFERENCE));
    let json = difference.map(|found| found.candidates.clone());
    json.and_then(|json| serde_json::from_value(json).ok())
        .unwrap_or_default()
}

/// The files that breaks and candidates name.
fn named<'a>(
    breaks: &'a [BreakRow],
    candidates: &'a [Candidate],
) -> impl Iterator<Item = FileNo> + 'a {
    let of_breaks = breaks
        .iter()
        .filter_map(|found| found.detail.get("file")?.as_i64());
    let of_candidates = candidates
        .iter()
        .flat_map(|one| &one.rows)
        .map(|row| row.file);
    of_breaks
        .chain(of_candidates)
        .filter(|file| *file > 0)
        .map(FileNo)
}

async fn files(
    db: &Database,
    numbers: BTreeSet<FileNo>,
) -> Result<BTreeMap<FileNo, SourceFile>, ReportError> {
    let mut files = BTreeMap::new();
    for file in numbers {
        let known = match show_file(db, file).await {
            Ok(row) => Some(Known {
                name: row.name,
                digest: row.landed_digest,
                received_at: row.received_at,
            }),
            Err(LedgerError::NotFound { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        files.insert(file, SourceFile { file, known });
    }
    Ok(files)
}

fn digest_of(files: &BTreeMap<FileNo, SourceFile>) -> FileDigest {
    let mut digest = Sha256::new();
    for source in files.values() {
        let landed = source.digest().unwrap_or_default();
        digest.update(format!("{} {landed}\n", source.file).as_bytes());
    }
    digest.finish()
}

async fn previous(db: &Database, request: &Request<'_>) -> Result<Option<Previous>, ReportError> {
    let name = request.name.as_str();
    let reports = list_reports(db, Some(name), Some(request.business_date), 1).await?;
    let Some(report) = reports.into_iter().next() else {
        return Ok(None);
    };
    let (mut components, mut breaks, mut sums) = (Vec::new(), Vec::new(), Vec::new());
    if let Some(recon) = report.recon_no {
        components = list_components(db, recon).await?;
        match request.subject() {
            Subject::Totals(_) => breaks = breaks_of(db, recon).await?,
            Subject::Rows(_) => sums = sum_breaks(db, recon).await?,
        }
    }
    Ok(Some(Previous {
        report,
        components,
        breaks,
        sums,
    }))
}
