//! Bytes of one part, counted and looked at before any parser collects them.
//!
//! A tokenizer keeps a whole text, tag or comment before it gives it away, and the reader of cells
//! sets no bound. So every part is read through here first, to its end. The one invariant: what
//! passes has no document type, no zero byte, and no text, tag, comment, CDATA section or
//! processing instruction of more than `token_bytes`.

use std::io::{self, Read};

use memchr::{memchr, memchr3};

/// What one part may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Bytes of the part.
    pub(super) bytes: u64,
    /// What that bound is, in a message.
    pub(super) what: &'static str,
    /// The number that the message names.
    pub(super) limit: u64,
    /// Bytes of one token.
    pub(super) token_bytes: usize,
    /// Tags.
    pub(super) tags: u64,
}

/// Why no more bytes come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    #[error("{what} of more than {limit}")]
    Large { what: &'static str, limit: u64 },
    #[error("a document type declaration, which is never accepted")]
    DocumentType,
    #[error("a zero byte: parts are read in UTF-8 only")]
    ZeroByte,
    #[error("a comment that is not well-formed")]
    Comment,
}

impl Refused {
    /// The reason inside an error of a reader above, if it is one of these.
    pub(super) fn of(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }
}

/// Where in the markup the next byte stands. Quotes are followed as the tokenizer follows them: in
/// start and end tags alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    Open,
    Tag,
    Quoted(u8),
    Bang,
    Dash,
    /// Bytes of the comment so far (at most 2 are counted), and dashes at its end.
    Comment(u8, u8),
    /// Brackets at its end.
    CData(u8),
    Instruction(bool),
}

/// Reads a part and refuses what breaks its bounds. A part that is no XML is only counted.
pub(super) struct Guard<R> {
    inner: R,
    bounds: Bounds,
    is_xml: bool,
    state: State,
    run: usize,
    bytes: u64,
    tags: u64,
}

impl<R: Read> Guard<R> {
    pub(super) fn new(inner: R, is_xml: bool, bounds: Bounds) -> Self {
        Self {
            inner,
            bounds,
            is_xml,
            state: State::Text,
            run: 0,
            bytes: 0,
            tags: 0,
        }
    }

    /// Bytes that passed.
    pub(super) fn passed(&self) -> u64 {
        self.bytes
    }

    fn look(&mut self, mut rest: &[u8]) -> Result<(), Refused> {
        if memchr(0, rest).is_some() {
            return Err(Refused::ZeroByte);
        }
        while let Some((first, after)) = rest.split_first() {
            // Long stretches are skipped at once.
            let skipped = match self.state {
                State::Text => memchr(b'<', rest).unwrap_or(rest.len()),
                State::Tag => memchr3(b'>', b'"', b'\'', rest).unwrap_or(rest.len()),
                State::Quoted(quote) => memchr(quote, rest).unwrap_or(rest.len()),
                _ => 0,
            };
            if skipped > 0 {
                self.grow(skipped)?;
                rest = rest.get(skipped..).unwrap_or_default();
                continue;
            }
            self.step(*first)?;
            rest = after;
        }
        Ok(())
    }

    fn step(&mut self, byte: u8) -> Result<(), Refused> {
        self.grow(1)?;
        self.state = match (self.state, byte) {
            (State::Text, _) => {
                self.run = 0;
                self.tags += 1;
                if self.tags > self.bounds.tags {
                    let limit = self.bounds.tags;
                    return Err(Refused::Large {
                        what: "tags",
                        limit,
                    });
                }
                State::Open
            }
            (State::Open, b'!') => State::Bang,
            (State::Open, b'?') => State::Instruction(false),
            (State::Tag | State::Open, b'>') => self.end(),
            (State::Tag | State::Open, b'"' | b'\'') => State::Quoted(byte),
            (State::Open | State::Tag | State::Quoted(_), _) => State::Tag,
            (State::Bang, b'-') => State::Dash,
            (State::Bang, b'[') => State::CData(0),
            (State::Bang, _) => return Err(Refused::DocumentType),
            (State::Dash, b'-') => State::Comment(0, 0),
            (State::Dash, _) => return Err(Refused::Comment),
            (State::Comment(0, _) | State::Comment(1, 1), b'>') => {
                return Err(Refused::Comment);
            }
            (State::Comment(_, 2), b'>') => self.end(),
            (State::Comment(seen, dashes), b'-') => {
                State::Comment((seen + 1).min(2), (dashes + 1).min(2))
            }
            (State::Comment(seen, _), _) => State::Comment((seen + 1).min(2), 0),
            (State::CData(2), b'>') => self.end(),
            (State::CData(brackets), b']') => State::CData((brackets + 1).min(2)),
            (State::CData(_), _) => State::CData(0),
            (State::Instruction(true), b'>') => self.end(),
            (State::Instruction(_), byte) => State::Instruction(byte == b'?'),
        };
        Ok(())
    }

    fn end(&mut self) -> State {
        self.run = 0;
        State::Text
    }

    fn grow(&mut self, count: usize) -> Result<(), Refused> {
        self.run += count;
        if self.run <= self.bounds.token_bytes {
            return Ok(());
        }
        Err(Refused::Large {
            what: "a text or tag",
            limit: self.bounds.token_bytes as u64,
        })
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        self.bytes += count as u64;
        if self.bytes > self.bounds.bytes {
            let Bounds { what, limit, .. } = self.bounds;
            return Err(io::Error::other(Refused::Large { what, limit }));
        }
        if self.is_xml {
            self.look(out.get(..count).unwrap_or_default())
                .map_err(io::Error::other)?;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(text: &str, step: usize) -> Result<u64, Refused> {
        let bounds = Bounds {
            bytes: 1 << 20,
            what: "a part",
            limit: 1 << 20,
            token_bytes: 24,
            tags: 9,
        };
        let mut guard = Guard::new(text.as_bytes(), true, bounds);
        let mut out = vec![0; step];
        loop {
            match guard.read(&mut out) {
                Ok(0) => return Ok(guard.passed()),
                Ok(_) => {}
                Err(error) => return Err(Refused::of(&error).expect("only these are made")),
            }
        }
    }

    #[test]
    fn tokens_are_measured_whatever_stands_inside_them() {
        let long = "x".repeat(25);
        let many = "<a/>".repeat(10);
        let large = |what, limit| Err(Refused::Large { what, limit });
        let token = || large("a text or tag", 24);
        let cases: &[(String, Result<u64, Refused>)] = &[
            ("<a b='>'>t</a><!-- <b> -->".into(), Ok(26)),
            ("<a><![CDATA[]]]]></a>".into(), Ok(21)),
            ("<?xml version='1.0'?><a/>".into(), Ok(25)),
            (format!("<a>{long}</a>"), token()),
            (format!("<a b=\"{long}\"/>"), token()),
            (
                format!("<a>{}</a>", "<!--".to_owned() + &"<b>".repeat(9)),
                token(),
            ),
            (format!("<![CDATA[{}", "<b>".repeat(9)), token()),
            (format!("<?a {}", "<b>".repeat(9)), token()),
            (format!("</a \"{}", "<b>".repeat(9)), token()),
            (many, large("tags", 9)),
            ("<!DOCTYPE a>".into(), Err(Refused::DocumentType)),
            ("<!ENTITY a 'b'>".into(), Err(Refused::DocumentType)),
            ("<!-->-->".into(), Err(Refused::Comment)),
            ("<!--->-->".into(), Err(Refused::Comment)),
            ("<a>\0</a>".into(), Err(Refused::ZeroByte)),
        ];
        for (text, expected) in cases {
            for step in [1, 3, 64] {
                assert_eq!(&pass(text, step), expected, "{text}");
            }
        }
    }

    #[test]
    fn a_part_of_too_many_bytes_is_refused_and_one_that_is_no_xml_only_counted() {
        let bounds = Bounds {
            bytes: 3,
            what: "a part",
            limit: 3,
            token_bytes: 1,
            tags: 0,
        };
        let mut sink = Vec::new();
        let mut guard = Guard::new(&b"\0<<"[..], false, bounds);
        assert_eq!(guard.read_to_end(&mut sink).expect("three bytes"), 3);
        let error = Guard::new(&b"abcd"[..], false, bounds)
            .read_to_end(&mut sink)
            .expect_err("four bytes");
        let what = "a part";
        assert_eq!(Refused::of(&error), Some(Refused::Large { what, limit: 3 }));
    }
}
