//! The helper's side: limits itself, reads the workbook on its standard input, writes frames.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;

use calamine::{Data, Reader as _, SheetType, SheetVisible, Xls, XlsError};
use rustix::process::{Resource, Rlimit, setrlimit};

use super::Request;
use super::frames::Frame;
use crate::format::FormatError;
use crate::format::excel::cell::{Area, Batch, Cell, CellValue, SheetFacts, letters};
use crate::format::excel::codes::{self, over, refuse, short};
use crate::format::excel::source::choose;

/// A batch is sent when it has so many bytes of text or so many cells.
const BATCH_BYTES: usize = 64 << 10;
const BATCH_CELLS: usize = 8 << 10;

/// Does a helper's work and says how it ended: called for [`XLS_VERB`](super::XLS_VERB), with the
/// argument after it.
pub fn serve(request: &str) -> ExitCode {
    match run(request) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_hub_is_gone) => ExitCode::FAILURE,
    }
}

fn run(request: &str) -> io::Result<()> {
    let request: Request = serde_json::from_str(request)?;
    confine(&request)?;
    let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut output = BufWriter::new(io::stdout().lock());
    if let Err(error) = send(&request, file, &mut output)? {
        let why = match error {
            FormatError::Workbook { code, detail } => format!("{}\n{detail}", code.id),
            other => format!("{}\n{other}", codes::XLS_FAILED.id),
        };
        Frame::Refused(why).write(&mut output)?;
    }
    output.flush()
}

/// From here on the process can take no more memory and time than it was given, and writes no file.
fn confine(request: &Request) -> io::Result<()> {
    let limit = |resource, most: u64| {
        let both = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, both)
    };
    limit(Resource::As, request.memory_bytes)?;
    limit(Resource::Cpu, request.seconds)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    Ok(())
}

/// Sends the sheet; the inner error is the workbook's fault.
fn send(
    request: &Request,
    file: File,
    output: &mut impl Write,
) -> io::Result<Result<(), FormatError>> {
    let (facts, batches) = match read(request, file) {
        Ok(read) => read,
        Err(error) => return Ok(Err(error)),
    };
    Frame::Facts(serde_json::to_vec(&facts)?).write(output)?;
    for batch in batches {
        Frame::Rows(batch).write(output)?;
    }
    Frame::End.write(output)?;
    Ok(Ok(()))
}

fn read(request: &Request, file: File) -> Result<(SheetFacts, Vec<Batch>), FormatError> {
    let bytes = file.metadata().map_err(FormatError::Read)?.len();
    let mut workbook = Xls::new(BufReader::new(file)).map_err(|error| damaged(&error))?;
    let sheets = workbook.sheets_metadata().to_vec();
    if sheets
        .iter()
        .any(|sheet| matches!(sheet.typ, SheetType::MacroSheet | SheetType::Vba))
    {
        return Err(refuse(codes::MACROS, "the workbook has a macro sheet"));
    }
    let is_hidden = |visible: SheetVisible| visible != SheetVisible::Visible;
    let names: Vec<(&str, bool)> = (sheets.iter())
        .map(|sheet| (sheet.name.as_str(), is_hidden(sheet.visible)))
        .collect();
    let choice = request.choice();
    let choice = choice.ok_or_else(|| refuse(codes::XLS_FAILED, "the pattern is broken"))?;
    let index = choose(&names, &choice)?;
    let (name, hidden) = names.get(index).copied().unwrap_or_default();
    let areas = workbook.merge_cells_by_sheet_name(name);
    let areas = areas.map_err(|error| damaged(&error))?;
    if areas.len() > request.merges {
        let what = "the number of merged areas";
        return Err(over(what, request.merges as u64, "workbook_merges"));
    }
    let facts = SheetFacts {
        name: name.to_owned(),
        is_hidden: hidden,
        is_1904: workbook.has_1904_epoch(),
        merges: areas
            .iter()
            .map(|area| Area {
                top: area.start.0 + 1,
                left: area.start.1,
                bottom: area.end.0 + 1,
                right: area.end.1,
            })
            .collect(),
        hidden_sheets: (names.iter())
            .filter(|(other, is_hidden)| *is_hidden && *other != name)
            .map(|(other, _)| (*other).to_owned())
            .take(20)
            .collect(),
        stretch: (0, bytes),
        ..SheetFacts::default()
    };
    let range = workbook
        .worksheet_range(name)
        .map_err(|error| damaged(&error))?;
    drop(workbook);
    let batches = gather(request, &facts.name, &range)?;
    Ok((facts, batches))
}

fn gather(
    request: &Request,
    name: &str,
    range: &calamine::Range<Data>,
) -> Result<Vec<Batch>, FormatError> {
    let (top, left) = range.start().unwrap_or_default();
    let (mut batches, mut batch, mut count) = (Vec::new(), Batch::default(), 0_u64);
    for (row, cells) in range.rows().enumerate() {
        let row = top + row as u32 + 1;
        let (texts, before) = (batch.texts.len(), batch.cells.len());
        for (column, value) in cells.iter().enumerate() {
            let Some(value) = value_of(value, &mut batch) else {
                continue;
            };
            batch.cells.push(Cell {
                row,
                column: left + column as u32,
                value,
                is_formula: false,
            });
        }
        let found = batch.cells.len() - before;
        count += found as u64;
        if count > request.cells {
            return Err(over(
                "the number of cells of the sheet",
                request.cells,
                "workbook_cells",
            ));
        }
        if found > request.columns {
            let last = batch.cells.last().map_or(0, |cell| cell.column);
            let message = format!(
                "row {row} of `{}` has more than {} cells at {}{row}, the setting `columns`",
                short(name),
                request.columns,
                letters(last)
            );
            return Err(refuse(codes::LIMIT, message));
        }
        if batch.texts.len() - texts > request.row_bytes {
            let message = format!(
                "row {row} of `{}` has more than {} bytes of text, the setting `record_bytes`",
                short(name),
                request.row_bytes
            );
            return Err(refuse(codes::LIMIT, message));
        }
        if batch.texts.len() >= BATCH_BYTES || batch.cells.len() >= BATCH_CELLS {
            batches.push(std::mem::take(&mut batch));
        }
    }
    if !batch.cells.is_empty() {
        batches.push(batch);
    }
    Ok(batches)
}

fn value_of(value: &Data, batch: &mut Batch) -> Option<CellValue> {
    Some(match value {
        Data::Empty => return None,
        Data::Int(value) => CellValue::Number(*value as f64),
        Data::Float(value) => CellValue::Number(*value),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            CellValue::Text(batch.push_text(text))
        }
        Data::Bool(value) => CellValue::Bool(*value),
        Data::DateTime(value) if value.is_duration() => CellValue::Elapsed(value.as_f64()),
        Data::DateTime(value) => CellValue::Days(value.as_f64()),
        Data::Error(error) => CellValue::Error(batch.push_text(&error.to_string())),
    })
}

fn damaged(error: &XlsError) -> FormatError {
    match error {
        XlsError::Password => refuse(codes::ENCRYPTED, "the workbook asks for a password"),
        other => {
            let message = format!("the workbook cannot be read: {}", short(&other.to_string()));
            refuse(codes::PART, message)
        }
    }
}
