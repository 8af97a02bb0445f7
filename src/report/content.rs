//! What a report is about, gathered and tied out: the ledger's figures and the rows behind them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value as Json;

use super::{ReportError, Request};
use crate::dataset::Reader;
use crate::db::Database;
use crate::digest::Sha256;
use crate::id::{Fen, FileDigest, FileNo};
use crate::ledger::{
    BreakFilter, BreakRow, ComponentRow, LedgerError, ReconciliationRow, ReportRow,
    latest_reconciliation, list_breaks, list_components, list_reports, show_file,
};
use crate::reconcile::{Candidate, DIFFERENCE, Figure, Group, PartFigure, Scene, part_figure};

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
    pub(super) breaks: Vec<BreakRow>,
}

/// Everything a report shows.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) recon: ReconciliationRow,
    pub(super) components: Vec<ComponentRow>,
    pub(super) parts: Vec<PartFigure>,
    pub(super) breaks: Vec<BreakRow>,
    pub(super) candidates: Vec<Candidate>,
    /// Groups of each distribution of the plan.
    pub(super) distributions: Vec<Vec<Group>>,
    pub(super) files: BTreeMap<FileNo, SourceFile>,
    /// Over every file's number and landed digest: what went into the figures.
    pub(super) inputs: FileDigest,
    pub(super) previous: Option<Previous>,
}

impl Content {
    pub(super) async fn gather(db: &Database, request: &Request<'_>) -> Result<Self, ReportError> {
        let (name, plan) = request.reconcile;
        let day = request.business_date;
        let recon = latest_reconciliation(db, name, Some(day)).await?;
        let recon = recon.ok_or_else(|| ReportError::NoReconciliation {
            name: name.to_owned(),
            business_date: day,
        })?;
        let components = list_components(db, recon.recon_no).await?;
        let breaks = breaks_of(db, &recon).await?;
        let scene = request.scene();
        let mut parts = Vec::new();
        for part in &plan.parts {
            parts.push(part_figure(&mut Reader::from(db), part, scene).await?);
        }
        tie_out(&components, &parts)?;
        let mut distributions = Vec::new();
        for distribution in &plan.distributions {
            let groups = distribution
                .selection
                .groups(&mut Reader::from(db), scene)
                .await?;
            distributions.push(groups);
        }
        let candidates = candidates(&breaks);
        let files = files(db, request, scene, &breaks, &candidates).await?;
        let previous = previous(db, request).await?;
        Ok(Self {
            inputs: digest_of(&files),
            recon,
            components,
            parts,
            breaks,
            candidates,
            distributions,
            files,
            previous,
        })
    }

    /// A component of the equation by its word; `None` if it is unknown.
    pub(super) fn figure(&self, name: &str) -> Option<Figure> {
        figure(&self.components, name)
    }

    pub(super) fn source(&self, file: i64) -> Option<&SourceFile> {
        self.files.get(&FileNo(file))
    }

    /// The day as of which breaks age.
    pub(super) fn as_of(&self) -> NaiveDate {
        let as_of = self.recon.summary.get("as_of").and_then(Json::as_str);
        let as_of = as_of.and_then(|text| text.parse().ok());
        as_of.unwrap_or(self.recon.business_date)
    }
}

pub(super) fn figure(components: &[ComponentRow], name: &str) -> Option<Figure> {
    let found = components.iter().find(|component| component.name == name)?;
    Some(Figure {
        count: found.count?,
        amount: Fen(found.amount?),
    })
}

async fn breaks_of(db: &Database, recon: &ReconciliationRow) -> Result<Vec<BreakRow>, LedgerError> {
    let filter = BreakFilter {
        recon: Some(recon.recon_no),
        limit: 1_000_000,
        ..BreakFilter::default()
    };
    list_breaks(db, &filter).await
}

/// Every part is what it was when it was reconciled, or the report would show other rows than
/// those that its totals are made of.
fn tie_out(components: &[ComponentRow], parts: &[PartFigure]) -> Result<(), ReportError> {
    for part in parts.iter().filter(|part| part.unknown.is_none()) {
        let then = figure(components, part.name.as_str()).unwrap_or_default();
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

async fn files(
    db: &Database,
    request: &Request<'_>,
    scene: Scene<'_>,
    breaks: &[BreakRow],
    candidates: &[Candidate],
) -> Result<BTreeMap<FileNo, SourceFile>, ReportError> {
    let mut numbers = BTreeSet::new();
    for selection in request.selections() {
        numbers.extend(selection.files(&mut Reader::from(db), scene).await?);
    }
    let of_breaks = breaks
        .iter()
        .filter_map(|found| found.detail.get("file")?.as_i64());
    let of_candidates = candidates
        .iter()
        .flat_map(|one| &one.rows)
        .map(|row| row.file);
    numbers.extend(
        of_breaks
            .chain(of_candidates)
            .filter(|file| *file > 0)
            .map(FileNo),
    );
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
    let (mut components, mut breaks) = (Vec::new(), Vec::new());
    if let Some(recon) = report.recon_no {
        components = list_components(db, recon).await?;
        let filter = BreakFilter {
            recon: Some(recon),
            limit: 1_000_000,
            ..BreakFilter::default()
        };
        breaks = list_breaks(db, &filter).await?;
    }
    Ok(Some(Previous {
        report,
        components,
        breaks,
    }))
}
