//! Bytes on their way out, written many at a time.

use std::io::{self, Write};

const BATCH_BYTES: usize = 64 << 10;

/// An output and what is not written to it yet: one batch and one record at the most.
pub(in crate::format) struct Batch<W: Write> {
    output: W,
    /// Append here.
    pub(in crate::format) bytes: Vec<u8>,
}

impl<W: Write> Batch<W> {
    pub(in crate::format) fn new(output: W) -> Self {
        Self {
            output,
            bytes: Vec::with_capacity(BATCH_BYTES),
        }
    }

    /// A record is complete: writes once there is enough.
    pub(in crate::format) fn end_record(&mut self) -> io::Result<()> {
        if self.bytes.len() >= BATCH_BYTES {
            self.output.write_all(&self.bytes)?;
            self.bytes.clear();
        }
        Ok(())
    }

    /// Writes what is left and gives the output back, flushed.
    pub(in crate::format) fn finish(mut self) -> io::Result<W> {
        self.output.write_all(&self.bytes)?;
        self.output.flush()?;
        Ok(self.output)
    }
}
