//! Sorting a file's rows by key in bounded memory.
//!
//! Rows gather in one arena; when it is full they are sorted and written to an unnamed spool file,
//! which the system removes even after a crash. Reading merges the spools. A database that
//! receives rows in key order loads them several times faster than in the order of the file.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::id::RecordNo;
use crate::record::Place;

/// Bytes of a spool's read buffer while merging.
const MERGE_BUFFER: usize = 256 << 10;

/// Where one row lies in the arena; the first key bytes beside it, so that most comparisons
/// touch nothing else.
#[derive(Debug, Clone, Copy)]
struct Entry {
    prefix: u128,
    start: u32,
    key: u32,
    row: u32,
    place: Place,
}

/// Gathers rows, then gives them back in key order; equal keys in record order.
#[derive(Debug)]
pub(super) struct Sorter {
    arena: Vec<u8>,
    entries: Vec<Entry>,
    budget: usize,
    spools: Vec<File>,
    directory: PathBuf,
    count: u64,
}

impl Sorter {
    /// An empty sorter that keeps at most `budget` bytes in memory and spools into `directory`.
    pub(super) fn new(directory: &Path, budget: usize) -> Self {
        Self {
            arena: Vec::new(),
            entries: Vec::new(),
            budget: budget.clamp(1 << 16, 1 << 30),
            spools: Vec::new(),
            directory: directory.to_owned(),
            count: 0,
        }
    }

    /// Adds a row.
    pub(super) fn push(&mut self, key: &[u8], row: &[u8], place: Place) -> io::Result<()> {
        let used = self.arena.len() + self.entries.len() * size_of::<Entry>();
        if used + key.len() + row.len() > self.budget && !self.entries.is_empty() {
            self.spill()?;
        }
        self.entries.push(Entry {
            prefix: prefix(key),
            start: self.arena.len() as u32,
            key: key.len() as u32,
            row: row.len() as u32,
            place,
        });
        self.arena.extend_from_slice(key);
        self.arena.extend_from_slice(row);
        self.count += 1;
        Ok(())
    }

    fn sort(&mut self) {
        let arena = &self.arena;
        let full = |entry: &Entry| {
            let start = entry.start as usize;
            arena
                .get(start..start + entry.key as usize)
                .unwrap_or_default()
        };
        self.entries.sort_by(|a, b| {
            a.prefix
                .cmp(&b.prefix)
                .then_with(|| full(a).cmp(full(b)))
                .then_with(|| a.place.record.cmp(&b.place.record))
        });
    }

    fn spill(&mut self) -> io::Result<()> {
        self.sort();
        let file = tempfile::tempfile_in(&self.directory)?;
        let mut out = BufWriter::with_capacity(1 << 20, file);
        for entry in &self.entries {
            write_entry(&mut out, entry, &self.arena)?;
        }
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        self.spools.push(file);
        self.entries.clear();
        self.arena.clear();
        Ok(())
    }

    /// Ends the gathering.
    pub(super) fn finish(mut self) -> io::Result<Sorted> {
        if self.spools.is_empty() {
            self.sort();
            let source = Source::Memory {
                arena: self.arena,
                entries: self.entries,
                next: 0,
            };
            return Ok(Sorted {
                source,
                count: self.count,
            });
        }
        if !self.entries.is_empty() {
            self.spill()?;
        }
        let source = Source::Spools(Merge::new(self.spools)?);
        Ok(Sorted {
            source,
            count: self.count,
        })
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
    Memory {
        arena: Vec<u8>,
        entries: Vec<Entry>,
        next: usize,
    },
    Spools(Merge),
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
            Source::Memory {
                arena,
                entries,
                next,
            } => {
                let Some(entry) = entries.get(*next) else {
                    return Ok(None);
                };
                *next += 1;
                let start = entry.start as usize;
                let middle = start + entry.key as usize;
                let end = middle + entry.row as usize;
                Ok(Some(SortedRow {
                    key: arena.get(start..middle).unwrap_or_default(),
                    row: arena.get(middle..end).unwrap_or_default(),
                    place: entry.place,
                }))
            }
            Source::Spools(merge) => merge.next(),
        }
    }

    /// Starts again at the first row.
    pub(super) fn rewind(&mut self) -> io::Result<()> {
        match &mut self.source {
            Source::Memory { next, .. } => {
                *next = 0;
                Ok(())
            }
            Source::Spools(merge) => merge.rewind(),
        }
    }
}

/// Merges sorted spools.
#[derive(Debug)]
struct Merge {
    spools: Vec<BufReader<File>>,
    heap: BinaryHeap<Head>,
    current: Option<Head>,
}

/// The row at the front of a spool; the heap's greatest is the smallest key.
#[derive(Debug)]
struct Head {
    key: Vec<u8>,
    row: Vec<u8>,
    place: Place,
    spool: usize,
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Head {}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        (&other.key, other.place.record).cmp(&(&self.key, self.place.record))
    }
}

impl Merge {
    fn new(files: Vec<File>) -> io::Result<Self> {
        let spools = files
            .into_iter()
            .map(|file| BufReader::with_capacity(MERGE_BUFFER, file))
            .collect();
        let mut merge = Self {
            spools,
            heap: BinaryHeap::new(),
            current: None,
        };
        merge.rewind()?;
        Ok(merge)
    }

    fn rewind(&mut self) -> io::Result<()> {
        self.heap.clear();
        self.current = None;
        for (index, spool) in self.spools.iter_mut().enumerate() {
            spool.seek(SeekFrom::Start(0))?;
            let mut head = Head {
                key: Vec::new(),
                row: Vec::new(),
                place: Place::default(),
                spool: index,
            };
            if read_entry(spool, &mut head)? {
                self.heap.push(head);
            }
        }
        Ok(())
    }

    fn next(&mut self) -> io::Result<Option<SortedRow<'_>>> {
        if let Some(mut head) = self.current.take()
            && let Some(spool) = self.spools.get_mut(head.spool)
            && read_entry(spool, &mut head)?
        {
            self.heap.push(head);
        }
        self.current = self.heap.pop();
        Ok(self.current.as_ref().map(|head| SortedRow {
            key: &head.key,
            row: &head.row,
            place: head.place,
        }))
    }
}

/// The first 16 key bytes as a number that orders as they do.
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

/// Reads an entry into `head`; `false` at the end of the spool.
fn read_entry(spool: &mut BufReader<File>, head: &mut Head) -> io::Result<bool> {
    let mut fixed = [0_u8; 32];
    if !read_whole(spool, &mut fixed)? {
        return Ok(false);
    }
    let mut fields = fixed.as_slice();
    let key = take_u32(&mut fields)?;
    let row = take_u32(&mut fields)?;
    head.place = Place {
        record: RecordNo(take_u64(&mut fields)?),
        offset: take_u64(&mut fields)?,
        length: take_u64(&mut fields)?,
    };
    head.key.resize(key as usize, 0);
    head.row.resize(row as usize, 0);
    spool.read_exact(&mut head.key)?;
    spool.read_exact(&mut head.row)?;
    Ok(true)
}

/// Fills `buffer`; `false` when the spool ended exactly before it.
fn read_whole(spool: &mut BufReader<File>, buffer: &mut [u8]) -> io::Result<bool> {
    use std::io::BufRead;
    if spool.fill_buf()?.is_empty() {
        return Ok(false);
    }
    spool.read_exact(buffer).map(|()| true)
}

fn take_u32(fields: &mut &[u8]) -> io::Result<u32> {
    let mut bytes = [0_u8; 4];
    fields.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn take_u64(fields: &mut &[u8]) -> io::Result<u64> {
    let mut bytes = [0_u8; 8];
    fields.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = (Vec<u8>, Vec<u8>, u64);

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
                .push(key.as_bytes(), &record.to_le_bytes(), place)
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
            .map(|(key, no)| (key.clone().into_bytes(), no.to_le_bytes().to_vec(), *no))
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
