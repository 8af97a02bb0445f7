//! Opening a container, one block at a time.

use std::io::{self, Read};

use super::bits::BitReader;
use super::{BLOCK, MAX_Q, position_bits};
use crate::envelope::{Damage, EnvelopeError, Lz77Plan};

/// The content of a container, as a stream. Memory: two blocks.
#[derive(Debug)]
pub(in crate::envelope) struct Opened<R> {
    sealed: R,
    limit: u64,
    /// Content of the current block, of which `taken` bytes have been handed out.
    content: Vec<u8>,
    taken: usize,
    stored: Vec<u8>,
    /// Blocks begun, content bytes opened, container bytes read.
    block: u64,
    yielded: u64,
    offset: u64,
    state: State,
}

#[derive(Debug)]
enum State {
    Reading,
    Ended,
    /// Where and how it failed, to fail the same way again.
    Failed(Fault),
    /// The reader below failed inside a block: what it yields next cannot be placed.
    Lost(io::ErrorKind),
}

/// A failure that can be told again and again.
#[derive(Debug, Clone, Copy)]
enum Fault {
    Damaged {
        block: u64,
        offset: u64,
        damage: Damage,
    },
    TooLarge {
        limit: u64,
        block: u64,
        offset: u64,
    },
}

/// What ends the reading of a block: the container, or the reader below it.
enum Stop {
    Fault(Fault),
    Below(io::Error),
}

impl From<Fault> for EnvelopeError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Damaged {
                block,
                offset,
                damage,
            } => Self::Damaged {
                block,
                offset,
                damage,
            },
            Fault::TooLarge {
                limit,
                block,
                offset,
            } => Self::TooLarge {
                limit,
                block,
                offset,
            },
        }
    }
}

impl<R: Read> Opened<R> {
    /// Opens the container that `sealed` yields; nothing is read yet.
    pub(in crate::envelope) fn new(sealed: R, plan: &Lz77Plan) -> Self {
        Self {
            sealed,
            limit: plan.max_content_bytes,
            content: Vec::new(),
            taken: 0,
            stored: Vec::new(),
            block: 0,
            yielded: 0,
            offset: 0,
            state: State::Reading,
        }
    }

    /// Opens the next block; afterwards there is content or the state is no longer `Reading`.
    fn advance(&mut self) -> Result<(), Stop> {
        let Some((raw, stored)) = self.header()? else {
            self.state = State::Ended;
            return Ok(());
        };
        let start = self.offset;
        self.offset += 4;
        if stored > raw {
            return Err(self.damaged(start, Damage::StoredLonger { stored, raw }));
        }
        self.yielded += raw as u64;
        if self.yielded > self.limit {
            return Err(Stop::Fault(Fault::TooLarge {
                limit: self.limit,
                block: self.block,
                offset: start,
            }));
        }
        self.data(stored)?;
        self.content.clear();
        self.taken = 0;
        if stored == raw {
            std::mem::swap(&mut self.content, &mut self.stored);
        } else if let Err((byte, damage)) = expand(&self.stored, raw, &mut self.content) {
            self.content.clear();
            return Err(self.damaged(self.offset + byte as u64, damage));
        }
        self.offset += stored as u64;
        Ok(())
    }

    /// The raw and the stored length of the next block; `None` at the end of the container.
    fn header(&mut self) -> Result<Option<(usize, usize)>, Stop> {
        self.stored.clear();
        let mut four = (&mut self.sealed).take(4);
        let found = four.read_to_end(&mut self.stored).map_err(Stop::Below)?;
        if found == 0 {
            return Ok(None);
        }
        self.block += 1;
        let [a, b, c, d] = *self.stored.as_slice() else {
            return Err(self.damaged(self.offset, Damage::HeaderCut { found }));
        };
        let length = |high, low| match u16::from_be_bytes([high, low]) {
            0 => BLOCK,
            length => usize::from(length),
        };
        Ok(Some((length(a, b), length(c, d))))
    }

    /// Reads what is stored of the block.
    fn data(&mut self, promised: usize) -> Result<(), Stop> {
        self.stored.clear();
        let mut data = (&mut self.sealed).take(promised as u64);
        let found = data.read_to_end(&mut self.stored).map_err(Stop::Below)?;
        if found < promised {
            return Err(self.damaged(self.offset, Damage::BlockCut { promised, found }));
        }
        Ok(())
    }

    fn damaged(&self, offset: u64, damage: Damage) -> Stop {
        Stop::Fault(Fault::Damaged {
            block: self.block,
            offset,
            damage,
        })
    }
}

impl<R: Read> Read for Opened<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.content.len() {
            match &self.state {
                State::Ended => return Ok(0),
                State::Failed(fault) => return Err(EnvelopeError::from(*fault).into()),
                State::Lost(kind) => return Err((*kind).into()),
                State::Reading => {}
            }
            match self.advance() {
                Ok(()) => {}
                Err(Stop::Below(error)) => {
                    self.state = State::Lost(error.kind());
                    return Err(error);
                }
                Err(Stop::Fault(fault)) => self.state = State::Failed(fault),
            }
        }
        let mut rest = self.content.get(self.taken..).unwrap_or_default();
        let count = rest.read(out)?;
        self.taken += count;
        Ok(count)
    }
}

/// The content of one block of bits; the error says at which byte of `stored` it lies.
fn expand(stored: &[u8], raw: usize, content: &mut Vec<u8>) -> Result<(), (usize, Damage)> {
    let mut bits = BitReader::new(stored);
    content.reserve(raw);
    while content.len() < raw {
        let byte = bits.byte();
        token(&mut bits, raw, content).map_err(|damage| (byte, damage))?;
    }
    match bits.unused() {
        0 => Ok(()),
        unused => Err((stored.len() - unused, Damage::Unused { unused })),
    }
}

/// One literal or one match.
fn token(bits: &mut BitReader<'_>, raw: usize, content: &mut Vec<u8>) -> Result<(), Damage> {
    let produced = content.len();
    let end = Damage::BitsEnd { produced, raw };
    if bits.take(1).ok_or(end)? == 0 {
        content.push(bits.take(8).ok_or(end)? as u8);
        return Ok(());
    }
    let length = match bits.take_ones(MAX_Q).ok_or(end)? {
        0 => 2,
        q if q > MAX_Q => BLOCK + 1,
        q => (1 << q) + bits.take(q).ok_or(end)? as usize + 1,
    };
    let missing = raw - produced;
    if length > missing {
        return Err(Damage::MatchTooLong { length, missing });
    }
    let position = bits.take(position_bits(produced)).ok_or(end)? as usize;
    if position >= produced {
        return Err(Damage::MatchOutside { position, produced });
    }
    copy(content, position, length);
    Ok(())
}

/// Appends `length` bytes from `position` on, which may include bytes that it appends itself.
fn copy(content: &mut Vec<u8>, position: usize, length: usize) {
    let mut missing = length;
    while missing > 0 {
        let part = missing.min(content.len() - position);
        content.extend_from_within(position..position + part);
        missing -= part;
    }
}
