//! How cells look.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, FormatUnderline};

use crate::report::cell::Cell;

/// What a cell is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Style {
    /// A cell of a table.
    Body,
    /// The same, to be seen first.
    Strong,
    /// The same, for what is wrong.
    Bad,
    /// The heading of a column.
    Heading,
    /// The heading of a section.
    Section,
    /// The title of the workbook.
    Title,
    /// Text between tables.
    Loose,
}

const STYLES: [Style; 7] = [
    Style::Body,
    Style::Strong,
    Style::Bad,
    Style::Heading,
    Style::Section,
    Style::Title,
    Style::Loose,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Count,
    Number,
    Money,
    Date,
    Moment,
    /// A text that leads elsewhere.
    Link,
    /// A number that leads elsewhere.
    Jump,
}

const KINDS: [Kind; 8] = [
    Kind::Text,
    Kind::Count,
    Kind::Number,
    Kind::Money,
    Kind::Date,
    Kind::Moment,
    Kind::Link,
    Kind::Jump,
];

impl Kind {
    pub(super) fn of(cell: &Cell<'_>) -> Self {
        match cell {
            Cell::Text(_) | Cell::Blank => Self::Text,
            Cell::Int(_) => Self::Count,
            Cell::No(_) | Cell::Line(_) => Self::Number,
            Cell::Money(_) => Self::Money,
            Cell::Date(_) => Self::Date,
            Cell::Moment(_) => Self::Moment,
        }
    }

    fn number_format(self) -> &'static str {
        match self {
            // Text stays text when it is edited.
            Self::Text | Self::Link => "@",
            Self::Count => "#,##0",
            Self::Number | Self::Jump => "0",
            Self::Money => "#,##0.00",
            Self::Date => "yyyy-mm-dd",
            Self::Moment => "yyyy-mm-dd hh:mm:ss",
        }
    }
}

/// Every combination, made once.
#[derive(Debug)]
pub(super) struct Formats {
    all: Vec<Format>,
    other: Format,
}

impl Formats {
    pub(super) fn new() -> Self {
        let every = STYLES
            .iter()
            .flat_map(|style| KINDS.iter().map(|kind| format(*style, *kind)));
        Self {
            all: every.collect(),
            other: Format::new(),
        }
    }

    pub(super) fn of(&self, style: Style, kind: Kind) -> &Format {
        let at = style as usize * KINDS.len() + kind as usize;
        self.all.get(at).unwrap_or(&self.other)
    }
}

fn format(style: Style, kind: Kind) -> Format {
    let format = Format::new()
        .set_num_format(kind.number_format())
        .set_align(FormatAlign::Top);
    let format = match kind {
        // Off the number in the column before.
        Kind::Text => format
            .set_text_wrap()
            .set_align(FormatAlign::Left)
            .set_indent(1),
        Kind::Link => format
            .set_underline(FormatUnderline::Single)
            .set_align(FormatAlign::Left)
            .set_indent(1),
        Kind::Jump => format
            .set_underline(FormatUnderline::Single)
            .set_align(FormatAlign::Right),
        _ => format.set_align(FormatAlign::Right),
    };
    match style {
        Style::Body => bordered(format),
        Style::Strong => bordered(format).set_bold(),
        Style::Bad => bordered(format)
            .set_bold()
            .set_font_color(Color::RGB(0x00A4_0000)),
        // Grey enough to be seen in black and white.
        Style::Heading => bordered(format)
            .set_bold()
            .set_align(FormatAlign::Center)
            .set_background_color(Color::RGB(0x00E4_E4E4)),
        Style::Section => format.set_bold().set_font_size(12.0),
        Style::Title => format
            .set_bold()
            .set_font_size(18.0)
            .set_align(FormatAlign::Center),
        Style::Loose => format.set_font_color(Color::RGB(0x0044_4444)),
    }
}

fn bordered(format: Format) -> Format {
    format
        .set_border(FormatBorder::Thin)
        .set_border_color(Color::RGB(0x008A_8A8A))
}
