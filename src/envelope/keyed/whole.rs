//! Sealed bytes as a file or in memory, never more of them than allowed.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::Stop;
use crate::envelope::{Refused, Sealed};

/// A file without a name.
pub(super) fn spool_file(spool: Option<&Path>) -> io::Result<File> {
    match spool {
        Some(directory) => tempfile::tempfile_in(directory),
        None => tempfile::tempfile(),
    }
}

/// Sealed bytes as a file at its start, and how many they are; `content` is what they may open to,
/// `around` what may stand around it.
pub(super) fn file(
    kind: &'static str,
    sealed: Sealed,
    content: u64,
    around: u64,
    spool: Option<&Path>,
) -> Result<(File, u64), Stop> {
    let most = content.saturating_add(around);
    let (mut file, length) = match sealed {
        Sealed::File(file) => {
            let length = file.metadata()?.len();
            (file, length)
        }
        Sealed::Stream(mut stream) => {
            let mut file = spool_file(spool)?;
            let read = (&mut stream).take(most.saturating_add(1));
            let length = io::copy(&mut { read }, &mut file)?;
            (file, length)
        }
    };
    if length > most {
        return Err(too_large(kind, content).into());
    }
    file.seek(SeekFrom::Start(0))?;
    Ok((file, length))
}

/// Sealed bytes in memory.
pub(super) fn bytes(
    kind: &'static str,
    sealed: Sealed,
    content: u64,
    around: u64,
) -> Result<Vec<u8>, Stop> {
    let most = content.saturating_add(around);
    let mut bytes = Vec::new();
    let stream = sealed.into_stream();
    stream
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(too_large(kind, content).into());
    }
    Ok(bytes)
}

/// That there is more content than allowed.
pub(super) fn too_large(kind: &'static str, limit: u64) -> Refused {
    Refused::large(
        kind,
        format!("it has more content than `max_content_bytes = {limit}`"),
    )
}
