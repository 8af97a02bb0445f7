//! Files that cannot become a document, and those that can.

use std::path::{Path, PathBuf};

use crate::document::Document;

use super::*;

/// Reads bytes as a file called `jobs/a.toml`.
fn read(bytes: &[u8]) -> (Option<Document>, Vec<Problem>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("a.toml");
    std::fs::write(&path, bytes).expect("written");
    let mut problems = Problems::new();
    let document = Document::read(&path, Path::new("jobs/a.toml"), &mut problems);
    (document, problems.sorted())
}

fn only(problems: &[Problem]) -> String {
    let [problem] = problems else {
        return format!("{} problems", problems.len());
    };
    assert_eq!(problem.place.source.path, PathBuf::from("jobs/a.toml"));
    problem.line()
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    let (document, problems) = read("\u{feff}title = 5\n".as_bytes());
    assert_eq!(problems, []);
    let document = document.expect("readable");
    assert_eq!(document.source().text.as_ref(), "title = 5\n");
}

#[test]
fn a_gbk_file_is_refused_at_its_first_bad_byte() {
    let (document, problems) = read(b"a = 1\npassword = 'hunter2' # \xb6\xc9");
    assert!(document.is_none());
    assert_eq!(
        only(&problems),
        "2:24 not-utf8: byte 29 is 0xB6, which is not UTF-8"
    );
    let source = problems.first().map(|problem| &problem.place.source);
    let shown = source.map(|source| source.shown(0..source.text.len()));
    assert_eq!(shown.as_deref(), Some("a = 1\npassword = ************"));
}

#[test]
fn a_file_of_4_mib_is_read_and_one_byte_more_is_refused() {
    let mut bytes = vec![b'#'; MAX_BYTES as usize];
    assert!(read(&bytes).0.is_some());
    bytes.push(b'#');
    let (document, problems) = read(&bytes);
    assert!(document.is_none());
    assert_eq!(
        only(&problems),
        "1:1 configuration-too-large: `jobs/a.toml` has more than 4194304 bytes"
    );
}

#[test]
fn a_missing_file_and_a_folder_are_problems() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let message = |path: &Path| {
        let mut problems = Problems::new();
        assert!(Document::read(path, Path::new("jobs/a.toml"), &mut problems).is_none());
        only(&problems.sorted())
    };
    assert_eq!(
        message(&folder.path().join("a.toml")),
        "1:1 file-unreadable: `jobs/a.toml` cannot be read: there is no such file"
    );
    assert_eq!(
        message(folder.path()),
        "1:1 file-unreadable: `jobs/a.toml` cannot be read: it is not a regular file"
    );
}
