//! Reports: a reconciliation, by totals or by rows, as a page that an analyst signs, with the tables behind it, the same
//! as a workbook, and all of it in one archive.
//!
//! Responsible for: reading `[report]`, gathering what the ledger and the store say, proving that
//! the rows still add up to the figures, and writing numbered versions that never change. Not for:
//! reconciling (`reconcile`), deciding what becomes of a break (`ledger`), when a report is due.
//! Called by `engine` and `cli`.
//!
//! The one invariant: **every figure leads back to bytes.** Each figure of the page links to its
//! rows, each row stands on a numbered line of `details.csv` and of the workbook, and that line names
//! the file, its landed digest, the record, its first byte and its length.

mod book;
mod cell;
mod changes;
mod chart;
mod codes;
mod content;
mod csv;
mod details;
mod error;
mod folder;
mod grid;
mod matched;
mod pack;
mod page;
mod plan;
mod streams;
mod subject;
mod tables;
mod trace;
mod view;
mod words;
mod write;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Timelike as _, Utc};

use crate::id::{FileDigest, JobName};
use crate::reconcile::{Context, Scene};

pub use crate::reconcile::{Language, Title};
pub use codes::*;
pub use error::ReportError;
pub use folder::WrittenFile;
pub use plan::{REPORT_KEYS, ReportPlan};
pub use subject::Subject;
pub use write::write;

/// The page's file name.
pub const PAGE: &str = "report.html";
/// The workbook's file name.
pub const BOOK: &str = "report.xlsx";
/// The name of the table with every row.
pub const DETAILS: &str = "details.csv";

/// A report to be written.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The report: its job's name, which is also its folder below `reports`.
    pub name: &'a JobName,
    /// Its title.
    pub title: &'a Title,
    /// How it is written.
    pub plan: &'a ReportPlan,
    /// The reconciliation that it shows: its job's name and plan.
    pub reconcile: (&'a str, Subject<'a>),
    /// The day.
    pub business_date: NaiveDate,
    /// The moment of writing, the reconciliation's calendar, the settings.
    pub context: Context<'a>,
    /// The decide rules that give codes their titles.
    pub rules: &'a [Rule],
    /// In which language.
    pub language: Language,
    /// The folder of all reports.
    pub reports: &'a Path,
}

/// A decide rule, as a report needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The code that it gives.
    pub code: i64,
    /// What it is called.
    pub title: String,
    /// Why it is not checked, if it is not: never to be read as passed.
    pub not_checked: Option<String>,
}

/// A version that was written and recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its number for its name and day, from 1.
    pub version: i64,
    /// Its folder: `<reports>/<name>/<day>/v<version>`.
    pub folder: PathBuf,
    /// Its main file: the page, or the summary when no page is written.
    pub main: PathBuf,
    /// SHA-256 of the main file.
    pub digest: FileDigest,
    /// All its files.
    pub files: Vec<WrittenFile>,
    /// Whether both sides agree, but for what is in transit.
    pub agrees: bool,
}

impl Request<'_> {
    fn scene(&self) -> Scene<'_> {
        Scene {
            day: self.business_date,
            given: self.context.given,
        }
    }

    /// A moment on the clocks of the zone, to the second.
    fn local_time(&self, moment: DateTime<Utc>) -> NaiveDateTime {
        let offset = chrono::Duration::seconds(self.context.given.offset_secs.into());
        let local = (moment + offset).naive_utc();
        local.with_nanosecond(0).unwrap_or(local)
    }

    /// The same as people read it.
    fn local(&self, moment: DateTime<Utc>) -> String {
        let local = self.local_time(moment);
        local.format("%Y-%m-%d %H:%M:%S").to_string()
    }
}
