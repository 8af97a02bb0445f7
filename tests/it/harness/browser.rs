//! A real Chromium without a window, and what poppler reads in the pages it prints.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Its names on the systems that `ops/setup` knows.
const NAMES: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// A printed page.
pub(crate) struct Pdf {
    folder: TempDir,
}

/// A font of a printed page.
#[derive(Debug)]
pub(crate) struct Font {
    pub(crate) name: String,
    /// Whether its glyphs are drawn one by one (Type 3).
    pub(crate) is_drawn: bool,
    /// Whether it is inside the file.
    pub(crate) is_inside: bool,
}

/// Opens a page as a user would and prints it to PDF. A missing browser is a failure, never a
/// skipped test.
pub(crate) fn print(page: &Path) -> Pdf {
    let folder = tempfile::tempdir().expect("a directory");
    let pdf = Pdf { folder };
    let profile = tempfile::tempdir().expect("a directory");
    let output = Command::new(program())
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
        ])
        .args(["--no-first-run", "--disable-background-networking"])
        .args(["--disable-component-update", "--disable-sync"])
        .args(["--no-pdf-header-footer", "--virtual-time-budget=5000"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--print-to-pdf={}", pdf.path().display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("the browser starts");
    assert!(
        pdf.path().exists(),
        "nothing was printed: {}",
        errors(&output)
    );
    pdf
}

fn program() -> PathBuf {
    let path = std::env::var_os("PATH").expect("a PATH");
    let found = NAMES.iter().find_map(|name| {
        let mut folders = std::env::split_paths(&path).map(|folder| folder.join(name));
        folders.find(|path| path.is_file())
    });
    found.expect("there is no Chromium: run `ops/setup`, which installs one")
}

impl Pdf {
    fn path(&self) -> PathBuf {
        self.folder.path().join("page.pdf")
    }

    /// What `pdfinfo` says.
    pub(crate) fn facts(&self) -> String {
        poppler(Command::new("pdfinfo").arg(self.path()))
    }

    /// The fonts it needs.
    pub(crate) fn fonts(&self) -> Vec<Font> {
        let listed = poppler(Command::new("pdffonts").arg(self.path()));
        let lines = listed.lines().skip(2).map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            // … type encoding emb sub uni object generation
            let inside = words.iter().rev().nth(4).expect("a column");
            Font {
                name: words[0].to_owned(),
                is_drawn: line.contains("Type 3"),
                is_inside: *inside == "yes",
            }
        });
        lines.collect()
    }

    /// The text of each page, laid out as it is seen.
    pub(crate) fn pages(&self) -> Vec<String> {
        let text = poppler(
            Command::new("pdftotext")
                .arg("-layout")
                .arg(self.path())
                .arg("-"),
        );
        let mut pages: Vec<String> = text.split('\u{c}').map(str::to_owned).collect();
        // The text ends with a page break.
        pages.pop();
        pages
    }
}

fn poppler(command: &mut Command) -> String {
    let output = command
        .output()
        .expect("there is no poppler: run `ops/setup`, which installs it");
    assert!(output.status.success(), "{}", errors(&output));
    String::from_utf8(output.stdout).expect("text")
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
