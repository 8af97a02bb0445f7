//! A real `LibreOffice` without a window.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The rows of every sheet of a workbook as they are shown, by the sheet's name. A missing
/// `LibreOffice` is a failure, never a skipped test.
pub(crate) fn sheets(workbook: &Path) -> BTreeMap<String, Vec<Vec<String>>> {
    // Comma, quote, UTF-8, from line 1, cells as shown, no formulas, every sheet a file of its own.
    let filter = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1";
    let folder = convert(workbook, filter);
    let stem = workbook
        .file_stem()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let entries = fs::read_dir(folder.path()).expect("a folder").flatten();
    let sheets = entries.filter_map(|entry| {
        let name = entry.file_name().into_string().expect("UTF-8");
        let sheet = name
            .strip_prefix(&format!("{stem}-"))?
            .strip_suffix(".csv")?;
        let text = fs::read_to_string(entry.path()).expect("text");
        Some((sheet.to_owned(), text.lines().map(cells).collect()))
    });
    sheets.collect()
}

/// How many pages the workbook has on paper, as `pdfinfo` tells of its PDF.
pub(crate) fn printed(workbook: &Path) -> String {
    let folder = convert(workbook, "pdf");
    let pdf = folder
        .path()
        .join(workbook.with_extension("pdf").file_name().expect("a name"));
    let told = Command::new("pdfinfo")
        .arg(pdf)
        .output()
        .expect("there is no poppler: run `ops/setup`, which installs it");
    String::from_utf8(told.stdout).expect("text")
}

fn convert(workbook: &Path, filter: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a directory");
    let profile = tempfile::tempdir().expect("a directory");
    let output = Command::new("soffice")
        .arg(format!(
            "-env:UserInstallation=file://{}",
            profile.path().display()
        ))
        .args(["--headless", "--convert-to", filter, "--outdir"])
        .arg(folder.path())
        .arg(workbook)
        .output()
        .expect("there is no LibreOffice: run `ops/setup`, which installs it");
    let is_made = fs::read_dir(folder.path())
        .expect("a folder")
        .next()
        .is_some();
    assert!(
        output.status.success() && is_made,
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    folder
}

/// The cells of a line; quotes are those of RFC 4180.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(one) = characters.next() {
        let cell = cells.last_mut().expect("there is one");
        match one {
            '"' if is_quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            other => cell.push(other),
        }
    }
    cells
}
