//! What a report of rows matched one by one has beyond one of totals.
//!
//! A day may have a million breaks: what the page lists is the first of each kind, everything else
//! is sums; the tables are written from the ledger row by row.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::content::{Body, Content};
use super::{ReportError, Request};
use crate::dataset::Reader;
use crate::db::Database;
use crate::id::Ident;
use crate::ledger::{
    BreakFilter, BreakKind, BreakRow, BreakSum, MatchRow, ReconNo, ReconciliationRow,
    count_matches, files_named, list_breaks, list_cleared, list_matches, show_reconciliation,
    sum_breaks, sum_cleared,
};
use crate::reconcile::{Figure, Group, MatchPlan, PartFigure, Signs, Whose};

/// The most rows of a kind that the page lists.
const LISTED: u32 = super::view::MAX_ROWS as u32;

/// What only rows matched one by one have.
#[derive(Debug)]
pub(super) struct Matched {
    /// The first items of earlier days that this day closed for good.
    pub(super) cleared: Vec<BreakRow>,
    /// All of them, added up.
    pub(super) cleared_sums: Vec<BreakSum>,
    /// The first records that a pass with a tolerance or a group matched.
    pub(super) matches: Vec<MatchRow>,
    /// How many there are.
    pub(super) match_count: i64,
    /// The days of the reconciliations that closed breaks.
    pub(super) closers: BTreeMap<ReconNo, NaiveDate>,
}

/// Everything that the ledger and the store say of one matching.
pub(super) async fn gather(
    db: &Database,
    request: &Request<'_>,
    plan: &MatchPlan,
    recon: &ReconciliationRow,
) -> Result<Body, ReportError> {
    let number = recon.recon_no;
    let mut body = Body {
        parts: sides(db, request, plan).await?,
        sums: sum_breaks(db, number).await?,
        ..Body::default()
    };
    for kind in BreakKind::ALL {
        let filter = BreakFilter {
            recon: Some(number),
            kind: Some(*kind),
            limit: LISTED,
            ..BreakFilter::default()
        };
        body.breaks.extend(list_breaks(db, &filter).await?);
    }
    let groups = body.parts.iter().flat_map(|part| &part.groups);
    body.files = groups.filter_map(|group| group.file).collect();
    body.files.extend(files_named(db, number).await?);
    let cleared_sums = sum_cleared(db, number).await?;
    let closed = body.sums.iter().chain(&cleared_sums);
    let closed: BTreeSet<ReconNo> = closed.filter_map(|sum| sum.closed_by).collect();
    let mut closers = BTreeMap::new();
    for closer in closed {
        let row = show_reconciliation(db, closer).await?;
        closers.insert(closer, row.business_date);
    }
    body.matched = Some(Matched {
        cleared: list_cleared(db, number, LISTED).await?,
        cleared_sums,
        matches: list_matches(db, number, LISTED).await?,
        match_count: count_matches(db, number).await?,
        closers,
    });
    Ok(body)
}

/// The rows of both sides by the files that they came with.
async fn sides(
    db: &Database,
    request: &Request<'_>,
    plan: &MatchPlan,
) -> Result<Vec<PartFigure>, ReportError> {
    let mut parts = Vec::new();
    for whose in Whose::BOTH {
        let side = plan.side(whose);
        let reader = &mut Reader::from(db);
        let groups = side.selection.by_file(reader, request.scene()).await?;
        let add = |sum: Figure, group: &Group| {
            let figure = Figure {
                count: group.count,
                amount: group.amount,
            };
            sum.plus(Signs::PLUS, figure, whose.word())
        };
        parts.push(PartFigure {
            name: Ident::new(whose.word()).expect("the words of sides are plain identifiers"),
            title: side.title.clone(),
            signs: Signs::PLUS,
            figure: groups.iter().try_fold(Figure::ZERO, add)?,
            unpriced: groups.iter().map(|group| group.unpriced).sum(),
            unknown: None,
            groups,
        });
    }
    Ok(parts)
}

/// What the sums of breaks have of a side.
pub(super) fn of_side<'s>(sums: impl Iterator<Item = &'s BreakSum>, whose: Whose) -> Figure {
    sums.fold(Figure::ZERO, |all, sum| {
        let (rows, amount) = match whose {
            Whose::Ours => (sum.ours_rows, sum.ours_amount),
            Whose::Theirs => (sum.theirs_rows, sum.theirs_amount),
        };
        // Each is part of a checked sum of the ledger's own.
        Figure::new(
            all.count.saturating_add(rows),
            all.amount.0.saturating_add(amount),
        )
    })
}

/// The breaks that the ledger has are what the matching found, or tables and figures would differ.
pub(super) fn tie_out(content: &Content) -> Result<(), ReportError> {
    if content.matched.is_none() {
        return Ok(());
    }
    for whose in Whose::BOTH {
        for (term, is_transit) in [("broken", false), ("in_transit", true)] {
            let part = format!("{}.{term}", whose.word());
            let of_term = |sum: &&BreakSum| (sum.kind == BreakKind::InTransit) == is_transit;
            let now = of_side(content.sums.iter().filter(of_term), whose);
            let then = content.figure(&part).unwrap_or_default();
            if then != now {
                return Err(ReportError::StoreChanged { part, then, now });
            }
        }
    }
    Ok(())
}
