//! Whether the last line of a file has its line end.

/// Whether the last line needs a line end, and whether one is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::format) enum FinalLineEnd {
    /// Read with or without, written with.
    Optional,
    /// Refused without, written with.
    Required,
    /// Read with or without, written without: a peer whose closing line ends the file.
    Omitted,
}

impl FinalLineEnd {
    /// What is written before and after a line: where the last line has no end, the end of each
    /// stands before the next.
    pub(in crate::format) fn around(
        self,
        end: &'static [u8],
        lines: u64,
    ) -> (&'static [u8], &'static [u8]) {
        match (self, lines) {
            (Self::Omitted, 0) => (b"", b""),
            (Self::Omitted, _) => (end, b""),
            _ => (b"", end),
        }
    }
}
