//! Charts as pictures in the page: horizontal bars, drawn in SVG by a few functions of our own
//! (docs/adr/0012 says why no crate does it).
//!
//! Responsible for scale, layout and escaping; what is drawn is said by `view`. A chart refers to
//! nothing outside itself, carries its title and a description for those who cannot see it, and
//! tells its parts apart without colour. The one invariant: a bar's length is its number; the number
//! stands beside it.

mod scale;
mod svg;

use crate::text::{display_width, truncate_to_width};
use scale::Scale;
use svg::Svg;

/// How a part of a bar is filled; told apart in black and white too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fill {
    Dark,
    Middle,
    Light,
    Striped,
}

/// What the numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// 分, shown in yuan.
    Money,
    /// How many.
    Count,
}

/// One bar; parts below zero go to the left.
#[derive(Debug, Clone)]
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) parts: Vec<(Fill, i64)>,
    /// The number in words, at its end.
    pub(super) value: String,
}

/// A chart.
#[derive(Debug, Clone)]
pub(super) struct Chart {
    /// Unique on the page: letters, digits, `-`.
    pub(super) id: String,
    pub(super) title: String,
    /// What it shows, in a sentence.
    pub(super) description: String,
    pub(super) unit: Unit,
    /// What the fills mean; none when there is only one.
    pub(super) legend: Vec<(Fill, String)>,
    pub(super) bars: Vec<Bar>,
}

/// Units of the picture; it is as wide as the page.
const WIDTH: f64 = 720.0;
const FONT: f64 = 11.0;
/// A digit of the widest font that a page falls back to, and a Chinese character.
const NARROW: f64 = 7.0;
const WIDE: f64 = 11.5;
/// The most columns of a label.
const LABEL: usize = 34;
const GAP: f64 = 8.0;

struct Layout {
    left: f64,
    right: f64,
    top: f64,
    pitch: f64,
    height: f64,
    scale: Scale,
}

impl Chart {
    /// A whole `<svg>` element; every text in it is escaped.
    pub(super) fn svg(&self) -> String {
        let layout = self.layout();
        let mut svg = Svg::new(WIDTH, layout.height, &self.id);
        svg.described(&self.title, &self.description);
        self.legend(&mut svg);
        self.grid(&mut svg, &layout);
        for (at, bar) in self.bars.iter().enumerate() {
            let middle = layout.top + layout.pitch * (at as f64 + 0.5);
            draw(&mut svg, &layout, bar, middle);
        }
        svg.finish()
    }

    fn layout(&self) -> Layout {
        let widest = |text: fn(&Bar) -> &str| {
            let bars = self.bars.iter();
            let widths = bars.map(|bar| width(&truncate_to_width(text(bar), LABEL)));
            widths.fold(0.0, f64::max)
        };
        let left = widest(|bar| &bar.label) + GAP;
        let right = WIDTH - widest(|bar| &bar.value) - 2.0 * GAP;
        let top = if self.legend.is_empty() { 6.0 } else { 26.0 };
        let pitch = if self.bars.len() > 12 { 15.0 } else { 21.0 };
        let ends = self.bars.iter().map(ends);
        let (low, high) = ends.fold((0, 0), |(low, high): (i64, i64), (from, to)| {
            (low.min(from), high.max(to))
        });
        Layout {
            left,
            right,
            top,
            pitch,
            height: top + pitch * self.bars.len() as f64 + 22.0,
            scale: Scale::new((low, high), (left, right), self.unit),
        }
    }

    fn legend(&self, svg: &mut Svg) {
        let mut x = 0.0;
        for (fill, text) in &self.legend {
            svg.rect((x, 4.0), (16.0, 11.0), *fill);
            svg.text((x + 21.0, 13.5), text, "start", FONT);
            x += 21.0 + width(text) + 2.0 * GAP;
        }
    }

    fn grid(&self, svg: &mut Svg, layout: &Layout) {
        let bottom = layout.top + layout.pitch * self.bars.len() as f64;
        for (value, label) in layout.scale.ticks() {
            let x = layout.scale.at(value);
            svg.line((x, layout.top), (x, bottom), value == 0);
            svg.text((x, bottom + 14.0), &label, "middle", FONT - 2.0);
        }
    }
}

fn draw(svg: &mut Svg, layout: &Layout, bar: &Bar, middle: f64) {
    let label = truncate_to_width(&bar.label, LABEL);
    svg.text((layout.left - GAP, middle + 4.0), &label, "end", FONT);
    let thick = layout.pitch * 0.66;
    let (mut low, mut high) = (0, 0);
    for (fill, value) in &bar.parts {
        let edge = if *value < 0 { &mut low } else { &mut high };
        let from = layout.scale.at(*edge);
        *edge = edge.saturating_add(*value);
        let to = layout.scale.at(*edge);
        if *value != 0 {
            let corner = (from.min(to), middle - thick / 2.0);
            // What is there is seen, however small it is.
            svg.rect(corner, ((to - from).abs().max(1.2), thick), *fill);
        }
    }
    svg.text(
        (layout.right + GAP, middle + 4.0),
        &bar.value,
        "start",
        FONT,
    );
}

/// How wide a text is at most.
fn width(text: &str) -> f64 {
    let (columns, characters) = (display_width(text), text.chars().count());
    let wide = columns.saturating_sub(characters);
    (characters - wide.min(characters)) as f64 * NARROW + wide as f64 * WIDE
}

/// Where a bar begins and ends.
fn ends(bar: &Bar) -> (i64, i64) {
    let sum = |is_wanted: fn(i64) -> bool| {
        let parts = bar.parts.iter().map(|(_, value)| *value);
        parts
            .filter(|value| is_wanted(*value))
            .fold(0, i64::saturating_add)
    };
    (sum(|value| value < 0), sum(|value| value > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(bars: Vec<Bar>) -> Chart {
        Chart {
            id: "chart-1".to_owned(),
            title: "A <b>".to_owned(),
            description: "\"d\" & e".to_owned(),
            unit: Unit::Count,
            legend: Vec::new(),
            bars,
        }
    }

    fn bar(label: &str, parts: &[(Fill, i64)]) -> Bar {
        Bar {
            label: label.to_owned(),
            parts: parts.to_vec(),
            value: "v".to_owned(),
        }
    }

    /// The widths of the bars' rectangles.
    fn widths(svg: &str) -> Vec<f64> {
        let rects = svg.split("<rect ").skip(1);
        let attribute = |rest: &str| {
            let (_, after) = rest.split_once(" width=\"")?;
            after.split('"').next()?.parse().ok()
        };
        rects.filter_map(attribute).collect()
    }

    #[test]
    fn a_bar_is_as_long_as_its_number() {
        let svg = chart(vec![
            bar("a", &[(Fill::Dark, 10)]),
            bar("b", &[(Fill::Dark, 5), (Fill::Striped, 5)]),
            bar("c", &[]),
        ])
        .svg();
        let widths = widths(&svg);
        let [whole, half, rest] = widths.as_slice() else {
            panic!("three rectangles: {widths:?}");
        };
        assert!(
            (whole - half - rest).abs() < 0.2 && (half - rest).abs() < 0.2,
            "{widths:?}"
        );
    }

    #[test]
    fn what_is_below_zero_goes_to_the_left() {
        let svg = chart(vec![bar("a", &[(Fill::Dark, 10), (Fill::Light, -10)])]).svg();
        let widths = widths(&svg);
        assert_eq!(widths.first(), widths.last());
        assert!(svg.contains(">-10<") && svg.contains(">10<"), "{svg}");
    }

    #[test]
    fn texts_are_escaped_and_a_picture_without_bars_is_whole() {
        let svg = chart(vec![bar("<script>", &[(Fill::Dark, 1)])]).svg();
        assert!(
            svg.contains("A &lt;b&gt;</title>") && svg.contains("&quot;d&quot; &amp; e</desc>")
        );
        assert!(!svg.contains("<script>"));
        let empty = chart(Vec::new()).svg();
        assert!(
            empty.starts_with("<svg ") && empty.ends_with("</svg>"),
            "{empty}"
        );
        assert!(!empty.contains("NaN") && !empty.contains("inf"), "{empty}");
    }
}
