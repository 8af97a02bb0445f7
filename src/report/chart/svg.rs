//! Elements of a picture, as text.

use std::fmt::Write as _;

use super::Fill;

/// A picture being drawn. Writing to a `String` cannot fail, so results are dropped.
pub(super) struct Svg {
    out: String,
    id: String,
}

impl Svg {
    pub(super) fn new(width: f64, height: f64, id: &str) -> Self {
        let out = format!(
            "<svg viewBox=\"0 0 {width:.0} {height:.0}\" \
             role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">"
        );
        Self {
            out,
            id: id.to_owned(),
        }
    }

    pub(super) fn described(&mut self, title: &str, description: &str) {
        let (id, title, description) = (&self.id, escape(title), escape(description));
        let _ = write!(
            self.out,
            "<title id=\"{id}-title\">{title}</title><desc id=\"{id}-desc\">{description}</desc>"
        );
    }

    pub(super) fn text(&mut self, (x, y): (f64, f64), text: &str, anchor: &str, size: f64) {
        let text = escape(text);
        let _ = write!(
            self.out,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size:.0}\" text-anchor=\"{anchor}\">{text}</text>"
        );
    }

    pub(super) fn line(&mut self, (x, y): (f64, f64), (to_x, to_y): (f64, f64), is_strong: bool) {
        let (stroke, width) = if is_strong {
            ("#111", 1.0)
        } else {
            ("#bbb", 0.5)
        };
        let _ = write!(
            self.out,
            "<line x1=\"{x:.1}\" y1=\"{y:.1}\" x2=\"{to_x:.1}\" y2=\"{to_y:.1}\" stroke=\"{stroke}\" stroke-width=\"{width}\"></line>"
        );
    }

    pub(super) fn rect(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), fill: Fill) {
        let (colour, stroke) = match fill {
            Fill::Dark => ("#1d3f66", "#1d3f66"),
            Fill::Middle => ("#7fa3c7", "#1d3f66"),
            Fill::Light => ("#e3ecf5", "#1d3f66"),
            Fill::Striped => ("#fff", "#a40000"),
        };
        let _ = write!(
            self.out,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{colour}\" stroke=\"{stroke}\" stroke-width=\"0.8\"></rect>"
        );
        if fill == Fill::Striped {
            self.stripes((x, y), (width, height), stroke);
        }
    }

    /// Drawn as lines, not as a pattern: a pattern is a reference, and a page without references is
    /// easier to trust.
    fn stripes(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), stroke: &str) {
        let mut path = String::new();
        let mut at = 2.0;
        while at < width {
            let _ = write!(path, "M{:.1} {y:.1}v{height:.1}", x + at);
            at += 3.0;
        }
        if !path.is_empty() {
            let _ = write!(
                self.out,
                "<path d=\"{path}\" stroke=\"{stroke}\" stroke-width=\"1\" fill=\"none\"></path>"
            );
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.out.push_str("</svg>");
        self.out
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            one if one.is_control() => out.push(' '),
            one => out.push(one),
        }
    }
    out
}
