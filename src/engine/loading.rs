//! Sorted rows on their way into a dataset: each key once, duplicates remembered.

use std::collections::BTreeSet;
use std::io;

use super::sorter::Sorted;
use crate::dataset::{Staged as StagedRow, StagedRows};
use crate::id::RecordNo;
use crate::record::Place;

/// Duplicates of one file that are remembered with their place.
const PLACES_KEPT: usize = 100_000;

/// Gives sorted rows with each key once: the lowest record number wins.
pub(super) struct UniqueRows<'s> {
    sorted: &'s mut Sorted,
    last_key: Vec<u8>,
    row: Vec<u8>,
    is_first: bool,
    given: u64,
    /// How many rows had the key of an earlier record.
    pub(super) duplicates: u64,
    /// Where they stand.
    pub(super) places: Vec<Place>,
    watch: &'s (dyn Fn(u64) + Send + Sync),
}

/// Rows between two calls of the watcher.
const WATCH_EVERY: u64 = 8192;

impl<'s> UniqueRows<'s> {
    /// Rows of `sorted`; `watch` hears now and then how many were given.
    pub(super) fn new(sorted: &'s mut Sorted, watch: &'s (dyn Fn(u64) + Send + Sync)) -> Self {
        Self {
            sorted,
            last_key: Vec::new(),
            row: Vec::new(),
            is_first: true,
            given: 0,
            duplicates: 0,
            places: Vec::new(),
            watch,
        }
    }
}

impl StagedRows for UniqueRows<'_> {
    fn next(&mut self) -> io::Result<Option<StagedRow<'_>>> {
        let place = loop {
            let Some(row) = self.sorted.next()? else {
                return Ok(None);
            };
            if self.is_first || row.key != self.last_key.as_slice() {
                self.is_first = false;
                self.last_key.clear();
                self.last_key.extend_from_slice(row.key);
                self.row.clear();
                self.row.extend_from_slice(row.row);
                break row.place;
            }
            self.duplicates += 1;
            if self.places.len() < PLACES_KEPT {
                self.places.push(row.place);
            }
        };
        self.given += 1;
        if self.given.is_multiple_of(WATCH_EVERY) {
            (self.watch)(self.given);
        }
        Ok(Some(StagedRow {
            row: &self.row,
            place,
        }))
    }

    fn rewind(&mut self) -> io::Result<()> {
        self.is_first = true;
        self.given = 0;
        self.duplicates = 0;
        self.places.clear();
        self.sorted.rewind()
    }
}

/// Gives only the rows of chosen records, each key once.
pub(super) struct ChosenRows<'s> {
    sorted: &'s mut Sorted,
    wanted: &'s BTreeSet<RecordNo>,
    row: Vec<u8>,
    /// The records given.
    pub(super) chosen: BTreeSet<RecordNo>,
}

impl<'s> ChosenRows<'s> {
    /// The rows of `sorted` whose record is wanted.
    pub(super) fn new(sorted: &'s mut Sorted, wanted: &'s BTreeSet<RecordNo>) -> Self {
        Self {
            sorted,
            wanted,
            row: Vec::new(),
            chosen: BTreeSet::new(),
        }
    }
}

impl StagedRows for ChosenRows<'_> {
    fn next(&mut self) -> io::Result<Option<StagedRow<'_>>> {
        let place = loop {
            let Some(row) = self.sorted.next()? else {
                return Ok(None);
            };
            if self.wanted.contains(&row.place.record) {
                self.row.clear();
                self.row.extend_from_slice(row.row);
                break row.place;
            }
        };
        self.chosen.insert(place.record);
        Ok(Some(StagedRow {
            row: &self.row,
            place,
        }))
    }

    fn rewind(&mut self) -> io::Result<()> {
        self.chosen.clear();
        self.sorted.rewind()
    }
}
