//! Folders with all that is below them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::{CliError, io_error};
use crate::transport::write_atomic;

/// Every file of a folder and of those below it, sorted; a folder that is not there has none.
pub(super) fn files_below(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let reading = |path: &Path| io_error(format!("reading `{}`", path.display()));
    let (mut files, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(directory) = open.pop() {
        let entries = match fs::read_dir(&directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(reading(&directory)(error)),
        };
        for entry in entries {
            let path = entry.map_err(reading(&directory))?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Copies every file of a folder and of those below it; says which ones it made.
pub(super) fn copy_tree(from: &Path, to: &Path) -> Result<Vec<PathBuf>, CliError> {
    let mut copies = Vec::new();
    for path in files_below(from)? {
        let below = path.strip_prefix(from).unwrap_or(&path);
        let copy = to.join(below);
        let copying = io_error(format!("copying `{}`", path.display()));
        let mut file = fs::File::open(&path).map_err(copying)?;
        write_atomic(&copy, |out| io::copy(&mut file, out).map(drop))?;
        copies.push(copy);
    }
    Ok(copies)
}
