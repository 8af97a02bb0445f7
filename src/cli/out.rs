//! Standard output and error, without panics when the reader goes away.

use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use super::answer::{Answer, Exit};
use super::arguments::{Color, Global};
use super::environment::variable;
use super::error::CliError;
use super::screen::Screen;

/// Where answers, notes and errors go.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one answer about the screen"
)]
pub(super) struct Out {
    stdout: Box<dyn Write + Send>,
    stderr: Box<dyn Write + Send>,
    pub(super) is_json: bool,
    pub(super) is_quiet: bool,
    pub(super) has_color: bool,
    /// Whether somebody watches standard error.
    pub(super) is_watched: bool,
    /// Its language is that of the settings once they are read.
    pub(super) screen: Screen,
}

impl Out {
    /// The process's own.
    pub(super) fn standard(global: &Global) -> Self {
        let is_terminal = io::stdout().is_terminal();
        let has_color = match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && variable("NO_COLOR").is_none(),
        };
        Self {
            stdout: Box::new(io::stdout()),
            stderr: Box::new(io::stderr()),
            is_json: global.json,
            is_quiet: global.quiet,
            has_color,
            is_watched: io::stderr().is_terminal(),
            screen: Screen {
                width: width(variable("COLUMNS").as_deref(), is_terminal),
                ..Screen::USUAL
            },
        }
    }

    /// Prints text for people as it comes; nothing with `--json`.
    pub(super) fn say(&mut self, text: &str) {
        if !self.is_json {
            // A reader that went away wants no more of it; the work goes on.
            let _ = self
                .stdout
                .write_all(text.as_bytes())
                .and_then(|()| self.stdout.flush());
        }
    }

    /// Prints one line beside the answer, for people who watch.
    pub(super) fn note(&mut self, line: &str) {
        if !self.is_json && !self.is_quiet {
            let _ = writeln!(self.stderr, "{line}");
        }
    }

    /// Prints the answer or the error, and gives the exit code.
    pub(super) fn finish(&mut self, answer: Result<Answer, CliError>) -> ExitCode {
        ExitCode::from(self.exit_code(answer))
    }

    fn exit_code(&mut self, answer: Result<Answer, CliError>) -> u8 {
        match answer {
            Ok(answer) => {
                if self.is_json {
                    self.document(&answer.document());
                } else {
                    self.say(&answer.shown_text(self.screen, self.is_quiet));
                }
                answer.exit.code()
            }
            Err(error) => {
                if self.is_json {
                    self.document(&error.document());
                } else {
                    let _ = self
                        .stderr
                        .write_all(error.shown_text(self.has_color).as_bytes());
                }
                Exit::Unusable.code()
            }
        }
    }

    fn document(&mut self, document: &serde_json::Value) {
        let text = serde_json::to_string_pretty(document).unwrap_or_default();
        let _ = writeln!(self.stdout, "{text}").and_then(|()| self.stdout.flush());
    }
}

/// The width that tables fit into: as the screen says, within 60 and 200. A file or a pipe has no
/// edge: what goes there is shortened as late as possible.
fn width(columns: Option<&str>, is_terminal: bool) -> usize {
    let said = columns.and_then(|text| text.parse::<usize>().ok());
    match said {
        Some(columns) => columns.clamp(60, 200),
        None if is_terminal => Screen::USUAL.width,
        None => 200,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::json;

    use super::*;

    /// What was printed.
    #[derive(Clone, Default)]
    pub(in crate::cli) struct Printed(Arc<Mutex<Vec<u8>>>);

    impl Printed {
        fn text(&self) -> String {
            let bytes = self.0.lock().expect("no test panics inside").clone();
            String::from_utf8(bytes).expect("text")
        }
    }

    impl Write for Printed {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0
                .lock()
                .expect("no test panics inside")
                .extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A pipe whose reader went away.
    struct Broken;

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    fn into(stdout: impl Write + Send + 'static, stderr: Printed, is_json: bool) -> Out {
        Out {
            stdout: Box::new(stdout),
            stderr: Box::new(stderr),
            is_json,
            is_quiet: false,
            has_color: false,
            is_watched: false,
            screen: Screen::USUAL,
        }
    }

    fn unknown_code() -> CliError {
        CliError::UnknownCode {
            code: "unknwon-key".to_owned(),
            near: Some("unknown-key"),
        }
    }

    #[test]
    fn an_answer_goes_to_standard_output_and_an_error_to_standard_error() {
        let (stdout, stderr) = (Printed::default(), Printed::default());
        let mut out = into(stdout.clone(), stderr.clone(), false);
        assert_eq!(out.exit_code(Ok(Answer::shown(json!({}), "a list"))), 0);
        assert_eq!(out.exit_code(Err(unknown_code())), 2);
        assert_eq!(stdout.text(), "a list\n");
        assert_eq!(
            stderr.text(),
            "error: there is no code `unknwon-key`\n  next: did you mean `unknown-key`? \
             `dukou explain` lists all codes\n"
        );
    }

    #[test]
    fn with_json_standard_output_is_one_document_even_for_an_error() {
        let (stdout, stderr) = (Printed::default(), Printed::default());
        let mut out = into(stdout.clone(), stderr.clone(), true);
        out.say("step 1\n");
        out.note("a note");
        assert_eq!(out.exit_code(Err(unknown_code())), 2);
        let document: serde_json::Value =
            serde_json::from_str(&stdout.text()).expect("one document");
        assert_eq!(
            document,
            json!({ "error": {
                "code": "no-such-code",
                "message": "there is no code `unknwon-key`",
                "next": "did you mean `unknown-key`? `dukou explain` lists all codes",
            }})
        );
        assert_eq!(stderr.text(), "");
    }

    #[test]
    fn a_reader_that_went_away_changes_no_exit_code() {
        let mut out = into(Broken, Printed::default(), false);
        out.say("a line\n");
        assert_eq!(out.exit_code(Ok(Answer::shown(json!({}), "a list"))), 0);
    }

    #[test]
    fn a_screen_says_how_wide_it_is() {
        let said = [None, Some("80"), Some("10"), Some("999"), Some("x")];
        assert_eq!(said.map(|text| width(text, true)), [100, 80, 60, 200, 100]);
        assert_eq!(said.map(|text| width(text, false)), [200, 80, 60, 200, 200]);
    }
}
