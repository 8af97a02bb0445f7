//! A file's bytes become a source, or a problem.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::diag::{Problem, Problems, Source};

use super::codes::{FILE_TOO_LARGE, FILE_UNREADABLE, NOT_UTF8};
use super::sensitive;

/// The largest configuration file, in bytes.
pub const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// Reads a file; `shown` is the path in messages.
pub(super) fn read(path: &Path, shown: &Path, problems: &mut Problems) -> Option<Source> {
    let nowhere = Source::new(shown, "").place(0..0);
    let name = shown.display();
    let bytes = match read_bounded(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let message = format!("`{name}` cannot be read: {}", cause(&error));
            problems.push(
                Problem::error(&FILE_UNREADABLE, nowhere, message)
                    .help("check the path, which is relative to the settings file"),
            );
            return None;
        }
    };
    if bytes.len() as u64 > MAX_BYTES {
        let message = format!("`{name}` has more than {MAX_BYTES} bytes");
        problems.push(
            Problem::error(&FILE_TOO_LARGE, nowhere, message).help("split it into several files"),
        );
        return None;
    }
    match String::from_utf8(bytes) {
        Ok(text) => Some(Source::new(shown, text)),
        Err(error) => {
            problems.push(not_utf8(shown, &error));
            None
        }
    }
}

/// Points at the first bad byte, behind the text that could be read.
fn not_utf8(shown: &Path, error: &std::string::FromUtf8Error) -> Problem {
    let offset = error.utf8_error().valid_up_to();
    let bytes = error.as_bytes();
    let readable = bytes.get(..offset).map(String::from_utf8_lossy);
    let source = Source::new(shown, readable.unwrap_or_default().into_owned());
    sensitive::hide_all(&source);
    let found = bytes.get(offset).copied().unwrap_or_default();
    let message = format!("byte {offset} is 0x{found:02X}, which is not UTF-8");
    Problem::error(&NOT_UTF8, source.place(offset..offset), message)
        .help("save the file as UTF-8; if it is GBK: iconv -f GBK -t UTF-8 OLD > NEW")
}

/// At most one byte over the limit, and only from a regular file: a pipe would wait for a writer.
fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a regular file",
        ));
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn cause(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests;
