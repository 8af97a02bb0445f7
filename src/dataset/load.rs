//! Bulk load: staged rows into a dataset's table, with their lineage.

use super::error::DatasetError;
use super::table::{Dataset, LINEAGE};
use crate::db::{BulkInsert, OnConflict, RowSource, RowWriter, SourceError, Transaction};
use crate::id::{FileNo, Ident};
use crate::record::{Place, RowReader};
use crate::value::{Kind, ValueRef};

/// One staged row: its values in the order of the dataset's columns, encoded as
/// [`crate::record::Row`] does, and where it came from.
#[derive(Debug, Clone, Copy)]
pub struct Staged<'a> {
    /// The encoded values.
    pub row: &'a [u8],
    /// Its record in the file.
    pub place: Place,
}

/// Staged rows, sorted by the dataset's key, each key once.
pub trait StagedRows: Send {
    /// The next row, `None` after the last.
    fn next(&mut self) -> std::io::Result<Option<Staged<'_>>>;

    /// Begins again with the first row; a load asks for it when it meets a known key.
    fn rewind(&mut self) -> std::io::Result<()>;
}

/// What a load did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoadOutcome {
    /// Rows inserted, or that replaced an older one.
    pub loaded: u64,
    /// Rows not loaded because their key was known.
    pub conflicts: u64,
    /// Where these stand, in the order of the key; at most [`crate::db::MAX_SKIPPED_ORDINALS`].
    pub conflict_places: Vec<Place>,
}

/// Loads all of `rows` into the table of `dataset` as rows of `file`.
///
/// Errors: [`DatasetError::Store`]; the transaction can then only be rolled back.
pub async fn load(
    transaction: &mut Transaction,
    dataset: &Dataset,
    on_conflict: OnConflict,
    rows: &mut dyn StagedRows,
    file: FileNo,
) -> Result<LoadOutcome, DatasetError> {
    let insert = BulkInsert {
        table: dataset.name().clone(),
        columns: columns(dataset),
        key: dataset.key().to_vec(),
        on_conflict,
    };
    let kinds = dataset.kinds();
    let mut source = WithLineage {
        rows: &mut *rows,
        kinds: &kinds,
        file,
    };
    let outcome = transaction.bulk_insert(&insert, &mut source).await?;
    let conflict_places =
        places(rows, &outcome.skipped_ordinals).map_err(|error| crate::db::DbError::Source {
            table: dataset.name().to_string(),
            row: 0,
            source: error.into(),
        })?;
    Ok(LoadOutcome {
        loaded: outcome.written,
        conflicts: outcome.skipped,
        conflict_places,
    })
}

fn columns(dataset: &Dataset) -> Vec<(Ident, Kind)> {
    let declared = dataset
        .columns()
        .iter()
        .map(|column| (column.name.clone(), column.column_type.kind()));
    let lineage = LINEAGE
        .iter()
        .filter_map(|name| Ident::new(name).ok())
        .map(|name| (name, Kind::Int));
    declared.chain(lineage).collect()
}

struct WithLineage<'a> {
    rows: &'a mut dyn StagedRows,
    kinds: &'a [Kind],
    file: FileNo,
}

impl RowSource for WithLineage<'_> {
    fn next(&mut self, row: &mut RowWriter<'_>) -> Result<bool, SourceError> {
        let Some(staged) = self.rows.next()? else {
            return Ok(false);
        };
        let mut values = RowReader::new(staged.row)?;
        for kind in self.kinds {
            row.put(values.next(*kind)?);
        }
        let place = staged.place;
        row.put(ValueRef::Int(self.file.0));
        row.put(ValueRef::Int(place.record.0.cast_signed()));
        row.put(ValueRef::Int(place.offset.cast_signed()));
        row.put(ValueRef::Int(place.length.cast_signed()));
        Ok(true)
    }

    fn rewind(&mut self) -> Result<(), SourceError> {
        Ok(self.rows.rewind()?)
    }
}

/// The places of the rows at these rising positions.
fn places(rows: &mut dyn StagedRows, ordinals: &[u64]) -> std::io::Result<Vec<Place>> {
    let mut places = Vec::with_capacity(ordinals.len());
    let mut wanted = ordinals.iter();
    let Some(mut next) = wanted.next() else {
        return Ok(places);
    };
    rows.rewind()?;
    for ordinal in 0_u64.. {
        let Some(staged) = rows.next()? else { break };
        if ordinal == *next {
            places.push(staged.place);
            match wanted.next() {
                Some(later) => next = later,
                None => break,
            }
        }
    }
    Ok(places)
}
