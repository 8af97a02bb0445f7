//! Where the rows of a sheet come from: a thread that reads an xlsx, or a helper process that reads
//! an xls.

use std::sync::mpsc::Receiver;

use super::cell::{Batch, SheetFacts};
use super::codes::{self, list, refuse, short};
use super::plan::SheetChoice;
use super::xls::Worker;
use crate::format::FormatError;

/// The next rows, nothing at the end.
pub(super) type BatchResult = Result<Option<Batch>, FormatError>;

/// A sheet being read.
pub(super) struct Source {
    pub(super) facts: SheetFacts,
    batches: Batches,
}

pub(super) enum Batches {
    Thread(Receiver<BatchResult>),
    Worker(Box<Worker>),
    Ended,
}

impl Source {
    pub(super) fn new(facts: SheetFacts, batches: Batches) -> Self {
        Self { facts, batches }
    }

    /// The next rows.
    pub(super) fn next(&mut self) -> BatchResult {
        let found = match &mut self.batches {
            Batches::Ended => Ok(None),
            Batches::Worker(worker) => worker.next(),
            Batches::Thread(receiver) => receiver.recv().unwrap_or_else(|_gone| {
                let name = short(&self.facts.name);
                let message = format!("the sheet `{name}` made its reader stop");
                Err(refuse(codes::PART, message))
            }),
        };
        if !matches!(found, Ok(Some(_))) {
            self.batches = Batches::Ended;
        }
        found
    }
}

/// The index of the sheet that is wanted; `sheets` are names, and whether they are hidden.
pub(super) fn choose(sheets: &[(&str, bool)], choice: &SheetChoice) -> Result<usize, FormatError> {
    let names = || list(sheets.iter().map(|(name, _)| *name));
    let found: Vec<usize> = match choice {
        SheetChoice::FirstVisible => {
            let visible = sheets.iter().position(|(_, is_hidden)| !is_hidden);
            visible.into_iter().collect()
        }
        SheetChoice::Named(wanted) => {
            let named = sheets.iter().position(|(name, _)| name == wanted);
            named.into_iter().collect()
        }
        SheetChoice::Like(pattern) => (sheets.iter().enumerate())
            .filter(|(_, (name, is_hidden))| !is_hidden && pattern.is_match(name))
            .map(|(index, _)| index)
            .collect(),
    };
    let detail = match (found.as_slice(), choice) {
        ([one], _) => return Ok(*one),
        ([], SheetChoice::FirstVisible) => {
            format!("no sheet is visible; the workbook has {}", names())
        }
        ([], SheetChoice::Named(wanted)) => {
            format!("there is no sheet `{wanted}`; the workbook has {}", names())
        }
        ([], SheetChoice::Like(pattern)) => format!(
            "no visible sheet is like `{}`; the workbook has {}",
            pattern.as_str(),
            names()
        ),
        (several, _) => {
            let names = several.iter().filter_map(|index| sheets.get(*index));
            format!(
                "more than one sheet fits: {}; expected exactly one",
                list(names.map(|(name, _)| *name))
            )
        }
    };
    Err(refuse(codes::SHEET, detail))
}
