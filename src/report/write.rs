//! One version, from its number to its place in the ledger.

use std::path::Path;

use serde_json::json;

use super::book::{self, Book};
use super::content::Content;
use super::details::{self, Index};
use super::folder::{Making, clean_leftovers};
use super::view::Maker;
use super::{BOOK, PAGE, ReportError, Request, Written, pack, page, tables};
use crate::db::Database;
use crate::id::FileDigest;
use crate::ledger::{LedgerError, NewReport, add_report, list_reports, next_report_version};
use crate::step::{self, Step};

/// How often a version taken by another process is rendered again.
const TRIES: u32 = 5;

/// Writes the next version of a report: `<reports>/<name>/<day>/v<N>/`. Everything is written
/// aside; the folder gets its name while the ledger's row is being committed, so that no version
/// is ever seen half, overwritten or unrecorded.
///
/// # Errors
/// See [`ReportError`]; nothing is recorded then.
pub async fn write(db: &Database, request: Request<'_>) -> Result<Written, ReportError> {
    for _ in 0..TRIES {
        if let Some(written) = attempt(db, &request).await? {
            return Ok(written);
        }
    }
    Err(ReportError::Overtaken {
        name: request.name.to_string(),
        tries: TRIES,
    })
}

/// `None` when another process took the version meanwhile.
async fn attempt(db: &Database, request: &Request<'_>) -> Result<Option<Written>, ReportError> {
    let name = request.name.as_str();
    let reports = list_reports(db, Some(name), Some(request.business_date), 1).await?;
    let version = reports.first().map_or(1, |last| last.version + 1);
    let day = request
        .reports
        .join(name)
        .join(request.business_date.to_string());
    let content = Content::gather(db, request).await?;
    clean_leftovers(&day, request.context.now)?;
    let mut making = Making::new(&day)?;
    let mut book = match request.plan.xlsx {
        true => Some(Book::new(request, version, making.path())?),
        false => None,
    };
    let index = details::write(db, request, &content, &mut making, book.as_mut()).await?;
    let mut neutralised = index.neutralised;
    neutralised += tables::write(request, &content, &index, &mut making, book.as_mut())?;
    if let Some(book) = book {
        write_book(book, request, &content, &index, version, &mut making)?;
    }
    if request.plan.html {
        let page = page::render(request, &content, &index, version, neutralised)?;
        making.write(PAGE, &page)?;
    }
    if request.plan.zip {
        pack::write(request, &content, version, &mut making)?;
    }
    record(db, request, &content, making, (&day, version)).await
}

/// The sheets that say what the others are, and then the file.
fn write_book(
    mut book: Book,
    request: &Request<'_>,
    content: &Content,
    index: &Index,
    version: i64,
    making: &mut Making,
) -> Result<(), ReportError> {
    book::parts(&mut book, request, content, index)?;
    book::cover(&mut book, &Maker::new(request, content, index), version)?;
    book::notes(&mut book, request)?;
    let mut sink = making.sink()?;
    book.finish(&mut sink)?;
    making.keep(sink, BOOK)
}

async fn record(
    db: &Database,
    request: &Request<'_>,
    content: &Content,
    making: Making,
    (day, version): (&Path, i64),
) -> Result<Option<Written>, ReportError> {
    let main = request.plan.main_file();
    let files = making.files.clone();
    let found = files.iter().find(|file| file.name == main);
    let digest = found.and_then(|file| FileDigest::from_hex(&file.digest));
    let digest = digest.unwrap_or_else(|| crate::digest::Sha256::of(b""));
    step::reached(Step::ReportMade);
    let mut tx = db.begin().await?;
    let name = request.name.as_str();
    if next_report_version(&mut tx, name, request.business_date).await? != version {
        return Ok(None);
    }
    let report = NewReport {
        name,
        business_date: request.business_date,
        version,
        digest,
        bytes: found.map_or(0, |file| i64::try_from(file.bytes).unwrap_or(i64::MAX)),
        files: json!(files),
        recon: Some(content.recon.recon_no),
    };
    match add_report(&mut tx, &report, request.context.now).await {
        Err(LedgerError::ReportExists { .. }) => return Ok(None),
        other => other?,
    }
    let folder = making.publish(day, version)?;
    step::reached(Step::ReportNamed);
    tx.commit().await?;
    step::reached(Step::ReportCommitted);
    Ok(Some(Written {
        version,
        main: folder.join(main),
        folder,
        digest,
        files,
        agrees: content.recon.agrees,
    }))
}
