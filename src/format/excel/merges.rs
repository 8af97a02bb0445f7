//! Which wanted cells belong to merged areas, and the values that areas spread downwards.

use super::cell::{Area, Batch, Cell, CellValue, letters};
use super::codes::{self, refuse};
use super::heading::Header;
use super::rows::Row;
use crate::format::FormatError;

/// The merged areas of the wanted columns, as rows pass.
#[derive(Debug, Default)]
pub(super) struct Merges {
    columns: Vec<Column>,
}

#[derive(Debug, Default)]
struct Column {
    column: u32,
    /// The row of headings.
    header: u32,
    /// Below the headings, from the top down, none over another.
    areas: Vec<Area>,
    at: usize,
    /// The area whose first row passed, and the value in it, as a batch of one cell.
    spread: Option<(Area, Option<Batch>)>,
}

impl Merges {
    /// The areas that hold cells of wanted columns below the headings.
    pub(super) fn new(header: &Header, areas: &[Area]) -> Result<Self, FormatError> {
        let wanted = header.columns.iter();
        let columns = wanted.map(|column| match column {
            None => Ok(Column::default()),
            Some(column) => Column::new(*column, header.row, areas),
        });
        Ok(Self {
            columns: columns.collect::<Result<_, _>>()?,
        })
    }

    /// Notes what a row spreads; to be called for every row, in their order.
    pub(super) fn pass(&mut self, row: Row<'_>) {
        for column in &mut self.columns {
            if !column.areas.is_empty() {
                column.pass(row);
            }
        }
    }

    /// The area that holds the passing row's cell of a wanted column.
    pub(super) fn area(&self, wanted: usize, row: u32) -> Option<Area> {
        let column = self.columns.get(wanted)?;
        let area = column.areas.get(column.at)?;
        area.holds(row, column.column).then_some(*area)
    }

    /// What the area spreads to the passing row.
    pub(super) fn spread(&self, wanted: usize, area: Area) -> Spread<'_> {
        let own = self
            .columns
            .get(wanted)
            .and_then(|column| column.spread.as_ref());
        match own.filter(|(own, _)| *own == area) {
            None => Spread::FromHeadings,
            Some((_, None)) => Spread::Nothing,
            Some((_, Some(batch))) => match batch.cells.first() {
                None => Spread::Nothing,
                Some(cell) => Spread::Value(batch, cell),
            },
        }
    }
}

/// What a merged area gives its rows.
pub(super) enum Spread<'m> {
    /// It begins at the headings.
    FromHeadings,
    /// It is empty.
    Nothing,
    Value(&'m Batch, &'m Cell),
}

impl Column {
    fn new(column: u32, header: u32, areas: &[Area]) -> Result<Self, FormatError> {
        let is_below =
            |area: &&Area| area.bottom > header && (area.left..=area.right).contains(&column);
        let mut own: Vec<Area> = areas.iter().filter(is_below).copied().collect();
        own.sort_unstable_by_key(|area| area.top);
        let pairs = own.iter().zip(own.iter().skip(1));
        if let Some((first, second)) = { pairs }.find(|(one, next)| next.top <= one.bottom) {
            let message = format!(
                "the merged areas {} and {} overlap in column {}",
                first.shown(),
                second.shown(),
                letters(column)
            );
            return Err(refuse(codes::PART, message));
        }
        Ok(Self {
            column,
            header,
            areas: own,
            at: 0,
            spread: None,
        })
    }

    fn pass(&mut self, row: Row<'_>) {
        let number = row.number();
        while self
            .areas
            .get(self.at)
            .is_some_and(|area| area.bottom < number)
        {
            self.at += 1;
        }
        let area = self.areas.get(self.at).copied();
        let area = area.filter(|area| area.top <= number && area.top > self.header);
        let is_known = |area: &Area| self.spread.as_ref().is_some_and(|(own, _)| own == area);
        let Some(area) = area.filter(|area| !is_known(area)) else {
            return;
        };
        // An area whose first row is blank, so that it never passed, is empty.
        let cell = row.cell(area.left).filter(|_| area.top == number);
        self.spread = Some((area, cell.map(|cell| alone(row, cell))));
    }
}

/// A cell with its text in a batch of its own.
fn alone(row: Row<'_>, cell: &Cell) -> Batch {
    let mut batch = Batch::default();
    let mut cell = cell.clone();
    if let CellValue::Text(range) | CellValue::Error(range) = &mut cell.value {
        *range = batch.push_text(row.batch.text(range));
    }
    batch.cells.push(cell);
    batch
}
