//! Problems for people, with a caret, and for programs, as JSON.
//!
//! The one invariant: every piece of a person's text passes through `Source::shown` or `masked`,
//! so that neither form can hold a secret that someone wrote into a file.

use std::fmt::{self, Write as _};
use std::ops::Range;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, SourceCode, SourceSpan, SpanContents,
};
use serde_json::{Value, json};

use crate::diag::{Place, Problem, Severity, masked};

/// The longest piece of a line that is shown, in bytes.
const LINE_BYTES: usize = 400;

/// The longest URL whose password is found when the line is cut inside it, in bytes.
const URL_BYTES: usize = 4096;

/// Columns that messages are wrapped at.
const WIDTH: usize = 100;

/// The problems one after the other, each with path:line:column, the line, a caret and help.
pub fn render(problems: &[Problem], color: bool) -> String {
    let theme = if color {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_width(WIDTH);
    let mut out = String::new();
    for problem in problems {
        if !out.is_empty() {
            out.push('\n');
        }
        let report = Report::new(problem);
        if handler.render_report(&mut out, &report).is_err() {
            // A line without a picture is better than a problem that nobody sees.
            let _ = writeln!(out, "{}: {}", position(&problem.place), report.message);
        }
    }
    out
}

/// An array of objects: code, severity, message, path, line, column, end, help.
///
/// Lines and columns count from 1, columns in characters; `end` is just behind the last character.
pub fn to_json(problems: &[Problem]) -> Value {
    problems.iter().map(one_to_json).collect()
}

fn one_to_json(problem: &Problem) -> Value {
    let (line, column) = problem.place.line_column();
    let (end_line, end_column) = problem.place.end_line_column();
    json!({
        "code": problem.code.id,
        "severity": match problem.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        },
        "message": masked(&problem.message),
        "path": path(&problem.place),
        "line": line,
        "column": column,
        "end": { "line": end_line, "column": end_column },
        "help": problem.help.as_deref().map(masked),
    })
}

fn path(place: &Place) -> String {
    masked(&place.source.path.display().to_string())
}

fn position(place: &Place) -> String {
    let (line, column) = place.line_column();
    format!("{}:{line}:{column}", path(place))
}

/// A problem in the shape that the renderer wants.
#[derive(Debug)]
struct Report {
    message: String,
    code: &'static str,
    severity: Severity,
    help: Option<String>,
    window: Option<Window>,
}

impl Report {
    fn new(problem: &Problem) -> Self {
        let window = Window::around(&problem.place);
        let mut message = masked(&problem.message);
        if window.is_none() && !problem.place.source.text.is_empty() {
            let _ = write!(message, " ({})", position(&problem.place));
        }
        Self {
            message,
            code: problem.code.id,
            severity: problem.severity,
            help: problem.help.as_deref().map(masked),
            window,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Warning => miette::Severity::Warning,
            Severity::Error => miette::Severity::Error,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.help.as_deref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.window.as_ref().map(|window| window as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.window.as_ref()?.span.clone();
        let label = LabeledSpan::new(None, span.start, span.len());
        Some(Box::new(std::iter::once(label)))
    }
}

/// The line of a problem with the lines above and below, masked, each cut to a bounded length.
#[derive(Debug)]
struct Window {
    text: String,
    /// The problem's span within `text`, cut at the end of its first line.
    span: Range<usize>,
    path: String,
    /// The number, from 0, of the first line of `text` in the file.
    first_line: usize,
}

impl Window {
    /// `None` without text, or when the place is too far to the right to be shown.
    fn around(place: &Place) -> Option<Self> {
        let text: &str = &place.source.text;
        let at = place.span.start;
        let line = line_around(text, at)?;
        let above = line.start.checked_sub(1);
        let above = above.and_then(|end| line_around(text, end));
        let below = line_around(text, line.end + 1).filter(|below| !below.is_empty());
        let shown = |line: &Range<usize>| {
            let end = line.end.min(line.start + LINE_BYTES + URL_BYTES);
            cut(&place.source.shown(line.start..end))
        };
        let own = shown(&line);
        let start = at - line.start;
        if text.is_empty() || start > own.len() {
            return None;
        }
        let end = place.span.end.min(line.end).max(at) - line.start;
        let mut window = above.as_ref().map_or_else(String::new, shown);
        if above.is_some() {
            window.push('\n');
        }
        let offset = window.len();
        let span = offset + start..offset + end.min(own.len());
        window.push_str(&own);
        if let Some(below) = &below {
            window.push('\n');
            window.push_str(&shown(below));
        }
        let (number, _) = place.line_column();
        Some(Self {
            text: window,
            span,
            path: path(place),
            first_line: number - 1 - usize::from(above.is_some()),
        })
    }

    /// Characters before an offset in its line: the renderer itself counts bytes.
    fn column(&self, offset: usize) -> usize {
        let before = self.text.get(..offset).unwrap_or_default();
        before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
    }
}

/// The line that holds an offset, without its line end; `None` behind the text.
fn line_around(text: &str, at: usize) -> Option<Range<usize>> {
    let start = text.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1);
    let end = text.get(at..)?.find('\n');
    Some(start..end.map_or(text.len(), |newline| at + newline))
}

/// At most [`LINE_BYTES`] of a line, without a carriage return.
fn cut(line: &str) -> String {
    let line = line.strip_suffix('\r').unwrap_or(line).replace('\r', "?");
    if line.len() <= LINE_BYTES {
        return line;
    }
    let end = line.floor_char_boundary(LINE_BYTES);
    let mut short = line.get(..end).unwrap_or_default().to_owned();
    short.push('…');
    short
}

impl SourceCode for Window {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let contents = self
            .text
            .as_str()
            .read_span(span, lines_before, lines_after)?;
        let column = if lines_before == 0 {
            self.column(span.offset())
        } else {
            contents.column()
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.path.clone(),
            contents.data(),
            *contents.span(),
            contents.line() + self.first_line,
            column,
            contents.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests;
