//! Tables for people: Chinese counts as two columns, the whole fits the screen.

use std::borrow::Cow;

use comfy_table::{CellAlignment, LineStyle, TableStyle};

use super::screen::Screen;
use super::words::Word;
use crate::text::{Align, display_width, truncate_to_width};

/// Spaces between two columns.
const GAP: usize = 2;

/// What a column that gives way keeps.
const LEAST: usize = 8;

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    title: Word,
    align: Align,
    gives_way: bool,
}

/// Text that is short and always shown whole.
pub(super) const fn text(title: Word) -> Column {
    Column {
        title,
        align: Align::Left,
        gives_way: false,
    }
}

/// Text that is cut with `…` when the screen is too narrow.
pub(super) const fn long(title: Word) -> Column {
    Column {
        title,
        align: Align::Left,
        gives_way: true,
    }
}

/// A number or an amount: on the right.
pub(super) const fn number(title: Word) -> Column {
    Column {
        title,
        align: Align::Right,
        gives_way: false,
    }
}

/// A table.
#[derive(Debug)]
pub(super) struct Table<const N: usize> {
    columns: [Column; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// A table with a row for each item.
    pub(super) fn of<T>(
        columns: [Column; N],
        items: impl IntoIterator<Item = T>,
        row: impl FnMut(T) -> [String; N],
    ) -> Self {
        Self {
            columns,
            rows: items.into_iter().map(row).collect(),
        }
    }

    /// The table within the screen where possible, each line ended; nothing without rows.
    pub(super) fn shown(&self, screen: Screen) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let rows: Vec<[String; N]> = self
            .rows
            .iter()
            .map(|row| row.each_ref().map(|cell| one_line(cell).into_owned()))
            .collect();
        let titles = self.columns.map(|column| screen.say(column.title));
        let widths = fitted(&self.columns, natural(titles, &rows), screen.width);
        let mut table = comfy_table::Table::new();
        table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')));
        table.set_header(titles);
        for row in &rows {
            let cells = row.iter().zip(widths);
            table.add_row(cells.map(|(cell, width)| truncate_to_width(cell, width).into_owned()));
        }
        for (at, column) in self.columns.iter().enumerate() {
            if let Some(shown) = table.column_mut(at) {
                shown.set_padding((0, if at + 1 == N { 0 } else { GAP as u16 }));
                shown.set_cell_alignment(match column.align {
                    Align::Left => CellAlignment::Left,
                    Align::Right => CellAlignment::Right,
                });
            }
        }
        let mut text = String::new();
        for line in table.lines() {
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// How wide each column would like to be.
fn natural<const N: usize>(titles: [&str; N], rows: &[[String; N]]) -> [usize; N] {
    let mut widths = titles.map(display_width);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(display_width(cell));
        }
    }
    widths
}

/// Takes from the widest column that gives way until all fit, or none can give more.
fn fitted<const N: usize>(
    columns: &[Column; N],
    mut widths: [usize; N],
    room: usize,
) -> [usize; N] {
    let gaps = GAP * N.saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > room {
        let widest = widths
            .iter_mut()
            .zip(columns)
            .filter(|(width, column)| column.gives_way && **width > LEAST)
            .max_by_key(|(width, _)| **width);
        match widest {
            Some((width, _)) => *width -= 1,
            None => break,
        }
    }
    widths
}

/// Text on one line, without anything that moves a cursor.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_control) {
        let shown = text.chars().map(|char| match char {
            '\n' | '\r' | '\t' => " ".to_owned(),
            char if char.is_control() => char.escape_default().to_string(),
            char => char.to_string(),
        });
        Cow::Owned(shown.collect())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::words;
    use crate::settings::Language;

    fn wide(width: usize) -> Screen {
        Screen {
            width,
            ..Screen::USUAL
        }
    }

    fn files() -> Table<3> {
        let rows = [
            ["1", "00000000000000000042.xml.lz77", "已载入"],
            ["12", "清分结果.txt", "同号异文"],
        ];
        Table::of(
            [
                number(words::NUMBER),
                long(words::FILE_NAME),
                text(words::STATE),
            ],
            rows,
            |row| row.map(str::to_owned),
        )
    }

    #[test]
    fn chinese_columns_line_up_and_numbers_stand_on_the_right() {
        assert_eq!(
            files().shown(wide(100)),
            "编号  文件名                         状态\n\
             ─────────────────────────────────────────────\n\
            \x20  1  00000000000000000042.xml.lz77  已载入\n\
            \x20 12  清分结果.txt                   同号异文\n"
        );
    }

    #[test]
    fn the_headings_are_those_of_the_language() {
        let english = Screen {
            language: Language::English,
            ..Screen::USUAL
        };
        let shown = files().shown(english);
        assert!(
            shown.starts_with("No.  File name                      State\n"),
            "{shown}"
        );
    }

    #[test]
    fn a_long_name_gives_way_and_says_so() {
        let shown = files().shown(wide(30));
        assert!(shown.contains("0000000000000…"), "{shown}");
        for line in shown.lines() {
            assert!(display_width(line) <= 30, "{line}");
        }
    }

    #[test]
    fn nothing_moves_the_cursor() {
        let table = Table::of([text(words::STATE)], ["x\u{1b}[2J\ny"], |cell| {
            [cell.to_owned()]
        });
        assert_eq!(table.shown(wide(80)), "状态\n────────────\nx\\u{1b}[2J y\n");
    }

    #[test]
    fn a_table_without_rows_is_nothing() {
        assert_eq!(
            Table::of([text(words::STATE)], [""; 0], |cell| [cell.to_owned()]).shown(wide(80)),
            ""
        );
    }
}
