//! Sorting a file's rows by key in bounded memory.
//!
//! Rows gather in one arena; when it is full they are sorted and written to an unnamed spool file,
//! which the system removes even after a crash. Reading merges the spools ([`merge`]). A database
//! that receives rows in key order loads them several times faster than in the order of the file.

mod merge;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use merge::Merged;

use crate::record::{Place, Row};

/// Where one row lies in the arena; the first 16 key bytes in which keys differ beside it, so that
/// most comparisons touch nothing else.
#[derive(Debug, Clone, Copy)]
struct Entry {
    prefix: u128,
    start: u32,
    key: u32,
    row: u32,
    place: Place,
}

/// Gathers rows, then gives them back in key order; equal keys in record order.
///
/// A full block is sorted and written by a thread of its own while the next one fills.
#[derive(Debug)]
pub(super) struct Sorter {
    block: Block,
    budget: usize,
    /// The block that is being written.
    writing: Option<JoinHandle<io::Result<(File, Block)>>>,
    spools: Vec<File>,
    directory: PathBuf,
    count: u64,
}

/// Rows in memory.
#[derive(Debug, Default)]
struct Block {
    arena: Vec<u8>,
    entries: Vec<Entry>,
}

impl Sorter {
    /// An empty sorter that keeps at most `budget` bytes in memory and spools into `directory`.
    pub(super) fn new(directory: &Path, budget: usize) -> Self {
        Self {
            block: Block::default(),
            // One block fills while the other is written.
            budget: (budget / 2).clamp(1 << 16, 1 << 30),
            writing: None,
            spools: Vec::new(),
            directory: directory.to_owned(),
            count: 0,
        }
    }

    /// Adds a row.
    pub(super) fn push(&mut self, key: &[u8], row: &Row, place: Place) -> io::Result<()> {
        let block = &self.block;
        if !block.entries.is_empty() && block.size() + key.len() + row.len() > self.budget {
            self.spill()?;
        }
        self.block.push(key, place, |arena| row.append_to(arena));
        self.count += 1;
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        let empty = self.written()?.unwrap_or_default();
        let full = std::mem::replace(&mut self.block, empty);
        let directory = self.directory.clone();
        let writer = thread::Builder::new().name("sorter".to_owned());
        self.writing = Some(writer.spawn(move || full.write(&directory))?);
        Ok(())
    }

    /// Waits for the block that is being written, and gives it back empty.
    fn written(&mut self) -> io::Result<Option<Block>> {
        let Some(writing) = self.writing.take() else {
            return Ok(None);
        };
        let outcome = writing.join();
        let (spool, block) = outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        self.spools.push(spool);
        Ok(Some(block))
    }

    /// Ends the gathering.
    pub(super) fn finish(mut self) -> io::Result<Sorted> {
        if self.spools.is_empty() && self.writing.is_none() {
            self.block.sort();
            let source = Source::Memory {
                block: self.block,
                next: 0,
            };
            return Ok(Sorted {
                source,
                count: self.count,
            });
        }
        if !self.block.entries.is_empty() {
            self.spill()?;
        }
        self.written()?;
        let source = Source::Spools(Merged::of(self.spools)?);
        Ok(Sorted {
            source,
            count: self.count,
        })
    }
}

impl Block {
    fn clear(&mut self) {
        self.arena.clear();
        self.entries.clear();
    }

    fn row(&self, index: usize) -> Option<SortedRow<'_>> {
        let entry = self.entries.get(index)?;
        let start = entry.start as usize;
        let middle = start + entry.key as usize;
        let end = middle + entry.row as usize;
        Some(SortedRow {
            key: self.arena.get(start..middle).unwrap_or_default(),
            row: self.arena.get(middle..end).unwrap_or_default(),
            place: entry.place,
        })
    }

    fn size(&self) -> usize {
        self.arena.len() + self.entries.len() * size_of::<Entry>()
    }

    /// Adds a row that `append_row` appends to the arena.
    fn push(&mut self, key: &[u8], place: Place, append_row: impl FnOnce(&mut Vec<u8>)) {
        let start = self.arena.len();
        self.arena.extend_from_slice(key);
        let middle = self.arena.len();
        append_row(&mut self.arena);
        self.entries.push(Entry {
            prefix: 0,
            start: start as u32,
            key: key.len() as u32,
            row: (self.arena.len() - middle) as u32,
            place,
        });
    }

    fn sort(&mut self) {
        let arena = &self.arena;
        let full = |entry: &Entry| {
            let start = entry.start as usize;
            arena
                .get(start..start + entry.key as usize)
                .unwrap_or_default()
        };
        // Keys of one file often begin alike (the business date, the day's part of a number): the
        // bytes beside the entry are those that tell keys apart.
        let mut keys = self.entries.iter().map(full);
        let mut alike = keys.next().unwrap_or_default();
        for key in keys {
            if !key.starts_with(alike) {
                alike = common(alike, key);
            }
        }
        let alike = alike.len();
        for entry in &mut self.entries {
            entry.prefix = prefix(full(entry).get(alike..).unwrap_or_default());
        }
        self.entries.sort_unstable_by(|a, b| {
            a.prefix
                .cmp(&b.prefix)
                .then_with(|| full(a).cmp(full(b)))
                .then_with(|| a.place.record.cmp(&b.place.record))
        });
    }

    /// Writes the rows in order to a spool; the block comes back empty, its memory kept.
    fn write(mut self, directory: &Path) -> io::Result<(File, Self)> {
        self.sort();
        let file = tempfile::tempfile_in(directory)?;
        let mut out = BufWriter::with_capacity(1 << 20, file);
        for entry in &self.entries {
            write_entry(&mut out, entry, &self.arena)?;
        }
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        self.clear();
        Ok((file, self))
    }
}

/// Rows in key order; can be read again from the start.
#[derive(Debug)]
pub(super) struct Sorted {
    source: Source,
    count: u64,
}

#[derive(Debug)]
enum Source {
    Memory { block: Block, next: usize },
    Spools(Merged),
}

/// One row given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SortedRow<'a> {
    pub(super) key: &'a [u8],
    pub(super) row: &'a [u8],
    pub(super) place: Place,
}

impl Sorted {
    /// How many rows there are, equal keys included.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The next row in key order.
    pub(super) fn next(&mut self) -> io::Result<Option<SortedRow<'_>>> {
        match &mut self.source {
            Source::Memory { block, next } => {
                let row = block.row(*next);
                *next += 1;
                Ok(row)
            }
            Source::Spools(merged) => merged.next(),
        }
    }

    /// Starts again at the first row.
    pub(super) fn rewind(&mut self) -> io::Result<()> {
        match &mut self.source {
            Source::Memory { next, .. } => {
                *next = 0;
                Ok(())
            }
            Source::Spools(merged) => merged.rewind(),
        }
    }
}

/// What two keys have alike at their beginning.
fn common<'k>(a: &'k [u8], b: &[u8]) -> &'k [u8] {
    let alike = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    a.get(..alike).unwrap_or_default()
}

/// The first 16 bytes as a number that orders as they do; a shorter key counts as filled with zeros.
fn prefix(key: &[u8]) -> u128 {
    let mut bytes = [0_u8; 16];
    for (byte, from) in bytes.iter_mut().zip(key) {
        *byte = *from;
    }
    u128::from_be_bytes(bytes)
}

fn write_entry(out: &mut impl Write, entry: &Entry, arena: &[u8]) -> io::Result<()> {
    out.write_all(&entry.key.to_le_bytes())?;
    out.write_all(&entry.row.to_le_bytes())?;
    out.write_all(&entry.place.record.0.to_le_bytes())?;
    out.write_all(&entry.place.offset.to_le_bytes())?;
    out.write_all(&entry.place.length.to_le_bytes())?;
    let start = entry.start as usize;
    let end = start + entry.key as usize + entry.row as usize;
    out.write_all(arena.get(start..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RecordNo;
    use crate::value::ValueRef;

    type Read = (Vec<u8>, Vec<u8>, u64);

    /// A row of this number and nothing else.
    fn row(number: u64) -> Row {
        let mut row = Row::new();
        row.push(ValueRef::Int(number.cast_signed()));
        row
    }

    fn bytes(number: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        row(number).append_to(&mut bytes);
        bytes
    }

    fn read_all(sorted: &mut Sorted) -> Vec<Read> {
        let mut all = Vec::new();
        while let Some(row) = sorted.next().expect("a spool of this test") {
            all.push((row.key.to_vec(), row.row.to_vec(), row.place.record.0));
        }
        all
    }

    fn sorted(budget: usize, rows: &[(String, u64)]) -> Sorted {
        let directory = tempfile::tempdir().expect("a directory");
        let mut sorter = Sorter::new(directory.path(), budget);
        for (key, record) in rows {
            let place = Place {
                record: RecordNo(*record),
                offset: record * 7,
                length: 3,
            };
            sorter
                .push(key.as_bytes(), &row(*record), place)
                .expect("space");
        }
        sorter.finish().expect("space")
    }

    #[test]
    fn rows_come_back_in_key_order_and_equal_keys_in_record_order() {
        // A fixed shuffle of 20,000 keys with every key twice.
        let rows: Vec<(String, u64)> = (0..20_000_u64)
            .map(|i| {
                (
                    format!("key-with-a-long-common-head-{:05}", i * 7919 % 10_000),
                    i + 1,
                )
            })
            .collect();
        let mut expected: Vec<Read> = rows
            .iter()
            .map(|(key, no)| (key.clone().into_bytes(), bytes(*no), *no))
            .collect();
        expected.sort_by(|a, b| (&a.0, a.2).cmp(&(&b.0, b.2)));
        for budget in [1 << 16, 1 << 30] {
            let mut sorted = sorted(budget, &rows);
            assert_eq!(sorted.count(), 20_000);
            assert_eq!(read_all(&mut sorted), expected);
            sorted.rewind().expect("a spool of this test");
            assert_eq!(
                read_all(&mut sorted),
                expected,
                "a second reading is the same"
            );
        }
    }

    #[test]
    fn nothing_pushed_is_nothing_given_back() {
        assert_eq!(read_all(&mut sorted(1 << 20, &[])), []);
    }
}
