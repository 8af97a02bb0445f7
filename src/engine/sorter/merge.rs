//! Merging sorted spools into one order.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use super::{Block, SortedRow};
use crate::id::RecordNo;
use crate::record::Place;

/// Bytes of a spool's read buffer while merging.
const MERGE_BUFFER: usize = 256 << 10;

/// Bytes of a block of merged rows, and how many of them are made before they are asked for.
const MERGE_BLOCK: usize = 256 << 10;
const BLOCKS_AHEAD: usize = 4;

/// The rows of all spools in key order, merged ahead by a thread of its own.
#[derive(Debug)]
pub(super) struct Merged {
    blocks: Receiver<io::Result<Block>>,
    used: Sender<Block>,
    /// Gives the spools back when it ends; taken only while it is waited for.
    merging: Option<JoinHandle<Merge>>,
    block: Block,
    next: usize,
    /// The empty block came, which is sent last.
    is_at_end: bool,
}

impl Merged {
    /// Merges these spools, each of them sorted.
    pub(super) fn of(spools: Vec<File>) -> io::Result<Self> {
        Self::start(Merge::new(spools))
    }

    fn start(merge: Merge) -> io::Result<Self> {
        let (to, blocks) = sync_channel(BLOCKS_AHEAD);
        let (used, again) = channel();
        let worker = thread::Builder::new().name("merger".to_owned());
        Ok(Self {
            blocks,
            used,
            merging: Some(worker.spawn(move || merge.run(&to, &again))?),
            block: Block::default(),
            next: 0,
            is_at_end: false,
        })
    }

    pub(super) fn next(&mut self) -> io::Result<Option<SortedRow<'_>>> {
        if self.next == self.block.entries.len() && !self.is_at_end {
            let died = |_| io::Error::other("the thread that merges the spools died");
            let block = self.blocks.recv().map_err(died)??;
            let used = std::mem::replace(&mut self.block, block);
            // After the last block nobody wants it.
            let _ = self.used.send(used);
            self.next = 0;
            self.is_at_end = self.block.entries.is_empty();
        }
        let row = self.block.row(self.next);
        self.next += 1;
        Ok(row)
    }

    pub(super) fn rewind(&mut self) -> io::Result<()> {
        // Without a receiver the merger stops.
        (_, self.blocks) = sync_channel(0);
        let Some(merging) = self.merging.take() else {
            return Err(io::Error::other(
                "the spools were lost when they were rewound before",
            ));
        };
        let merge = merging.join().unwrap_or_else(|panic| resume_unwind(panic));
        *self = Self::start(merge)?;
        Ok(())
    }
}

/// Merges sorted spools.
#[derive(Debug)]
struct Merge {
    spools: Vec<BufReader<File>>,
    heap: BinaryHeap<Head>,
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
    fn new(files: Vec<File>) -> Self {
        let spools = files
            .into_iter()
            .map(|file| BufReader::with_capacity(MERGE_BUFFER, file))
            .collect();
        Self {
            spools,
            heap: BinaryHeap::new(),
        }
    }

    /// Sends all rows from the first in blocks, an empty one last; ends early when nobody listens.
    fn run(mut self, to: &SyncSender<io::Result<Block>>, again: &Receiver<Block>) -> Self {
        if let Err(error) = self.rewind() {
            // Nobody listens: then nobody needs to know.
            let _ = to.send(Err(error));
            return self;
        }
        loop {
            let block = self.fill(again.try_recv().unwrap_or_default());
            let is_last = block
                .as_ref()
                .map_or(true, |block| block.entries.is_empty());
            if to.send(block).is_err() || is_last {
                return self;
            }
        }
    }

    fn rewind(&mut self) -> io::Result<()> {
        self.heap.clear();
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

    /// The next rows, as many as a block takes.
    fn fill(&mut self, mut block: Block) -> io::Result<Block> {
        block.clear();
        while block.size() < MERGE_BLOCK {
            let Some(mut head) = self.heap.peek_mut() else {
                break;
            };
            block.push(&head.key, head.place, |arena| {
                arena.extend_from_slice(&head.row);
            });
            let more = match self.spools.get_mut(head.spool) {
                Some(spool) => read_entry(spool, &mut head)?,
                None => false,
            };
            if !more {
                PeekMut::pop(head);
            }
        }
        Ok(block)
    }
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
