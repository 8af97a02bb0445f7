//! Files of the simulation: whole or not there at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::SimulateError;
use crate::envelope::{Envelope, Lz77Plan};
use crate::transport::write_atomic;

/// Makes the folder; it must be empty if it is there.
pub(super) fn claim_folder(path: &Path) -> Result<(), SimulateError> {
    let failed = |error| SimulateError::Folder {
        path: path.to_owned(),
        error,
    };
    fs::create_dir_all(path).map_err(failed)?;
    let is_empty = fs::read_dir(path).map_err(failed)?.next().is_none();
    if is_empty {
        Ok(())
    } else {
        Err(SimulateError::NotEmpty {
            path: path.to_owned(),
        })
    }
}

/// Makes a folder below the claimed one.
pub(super) fn make_folder(path: &Path) -> Result<(), SimulateError> {
    fs::create_dir_all(path).map_err(|error| SimulateError::Folder {
        path: path.to_owned(),
        error,
    })
}

/// Writes a file as a stream; gives its size in bytes.
pub(super) fn write_stream(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> Result<(), SimulateError>,
) -> Result<u64, SimulateError> {
    let mut failure = None;
    let outcome = write_atomic(path, |out| {
        fill(out).map_err(|error| {
            failure = Some(error);
            io::Error::other("the content could not be made")
        })
    });
    match failure {
        Some(error) => Err(error),
        None => Ok(outcome?),
    }
}

/// Writes bytes as a file.
pub(super) fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), SimulateError> {
    write_atomic(path, |out| out.write_all(bytes))?;
    Ok(())
}

/// The content in the clearing centre's container.
pub(super) fn seal(file: &str, content: &[u8]) -> Result<Vec<u8>, SimulateError> {
    let (mut rest, mut sealed) = (content, Vec::new());
    Envelope::Lz77(Lz77Plan::default())
        .seal(&mut rest, &mut sealed)
        .map_err(|error| SimulateError::Seal {
            file: file.to_owned(),
            error,
        })?;
    Ok(sealed)
}
