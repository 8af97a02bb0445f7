//! Tokens of an XML document, turned into records.

use std::io::Read;

use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::{BytesDecl, BytesPI, BytesStart, Event};
use quick_xml::reader::Reader as Tokenizer;

use super::chars::is_local_name;
use super::codes::malformed;
use super::declaration;
use super::plan::XmlPlan;
use super::source::Source;
use super::tag::Tag;
use super::walk::Walk;
use super::{DOCTYPE, ENCODING_MISMATCH, TRUNCATED};
use crate::format::nested::{broken, shown};
use crate::format::{FormatError, Layout, Limits, Next};
use crate::record::WireRecord;
use crate::text::Encoding;

/// Reads records from one XML document.
///
/// A record is given at its end tag: records inside an element come before the element's own, and
/// are numbered so. A shared value is the one that stands before that end tag, inside the nearest
/// element that holds both; where there is none, the slot is absent.
/// `End` is given only when the whole document has been proven to be well-formed.
pub struct XmlReader {
    tokens: Tokenizer<Source>,
    walk: Walk,
    /// The token at hand; reused.
    token: Vec<u8>,
    /// Bytes that the tokenizer never sees: a byte order mark, and what the walk takes itself.
    base: u64,
    /// Where the document begins.
    first: u64,
    /// Whether the last token began or ended an element, so that the tokenizer holds nothing.
    is_between: bool,
    encoding: Encoding,
}

impl XmlReader {
    pub(in crate::format) fn open(
        plan: &XmlPlan,
        layout: &Layout,
        limits: &Limits,
        content: Box<dyn Read + Send>,
    ) -> Result<Self, FormatError> {
        let mut source = Source::new(content, plan.encoding, limits);
        let base = source.sniff()?;
        let mut tokens = Tokenizer::from_reader(source);
        let config = tokens.config_mut();
        config.check_end_names = true;
        config.check_comments = true;
        Ok(Self {
            tokens,
            walk: Walk::new(plan, layout, limits),
            token: Vec::new(),
            base,
            first: base,
            is_between: false,
            encoding: plan.encoding,
        })
    }

    pub(in crate::format) fn next(&mut self, record: &mut WireRecord) -> Result<Next, FormatError> {
        loop {
            if let Some(next) = self.walk.released(record) {
                return Ok(next);
            }
            let mut at = self.base + self.tokens.buffer_position();
            if self.is_between {
                let leaves = self.walk.leaves(at, self.tokens.get_mut());
                let taken = leaves.map_err(|error| self.raw(error))?;
                self.base += taken;
                at += taken;
            }
            match self.token(at, record) {
                Ok(None) => {}
                Ok(Some(next)) => return Ok(next),
                Err(Halt::Given(error)) => return Err(self.raw(error)),
                Err(Halt::Raw(error)) => return Err(error),
            }
        }
    }

    /// Reads one token, which begins at `at`.
    fn token(&mut self, at: u64, record: &mut WireRecord) -> Result<Option<Next>, Halt> {
        self.token.clear();
        self.tokens.get_mut().begin();
        let event = match self.tokens.read_event_into(&mut self.token) {
            Ok(event) => event,
            Err(error) => return Err(self.stopped(&error, at)),
        };
        let end = self.base + self.tokens.buffer_position();
        let source = self.tokens.get_mut();
        self.is_between = matches!(event, Event::Start(_) | Event::Empty(_) | Event::End(_));
        match event {
            Event::Start(tag) => self.walk.start(opened(&tag, at, false), source)?,
            Event::Empty(tag) => {
                self.walk.start(opened(&tag, at, true), source)?;
                return Ok(self.walk.end(end, source, record)?);
            }
            Event::End(_) => return Ok(self.walk.end(end, source, record)?),
            Event::Text(text) => self.walk.text(&text, at)?,
            Event::CData(text) => self.walk.cdata(&text, at)?,
            Event::GeneralRef(name) => self.walk.reference(&name, at)?,
            Event::Comment(text) => self.walk.aside(["<!--", &text, "-->"], at)?,
            Event::PI(instruction) => {
                check_instruction(&instruction, at)?;
                self.walk.aside(["<?", &instruction, "?>"], at)?;
            }
            Event::Decl(text) => check_declaration(&text, at, self.first, self.encoding)?,
            Event::DocType(_) => return Err(doctype(at).into()),
            Event::Eof => {
                self.walk.finish(at)?;
                return Ok(Some(Next::End));
            }
        }
        Ok(None)
    }

    /// Why the tokenizer stopped at the token that begins at `at`.
    fn stopped(&mut self, error: &Error, at: u64) -> Halt {
        // However its inside is broken or large, this is what it is.
        if self.token.starts_with(b"<!D") || self.token.starts_with(b"<!d") {
            return doctype(at).into();
        }
        if let Some(failure) = self.tokens.get_mut().failed() {
            return Halt::Raw(failure);
        }
        self.broken_token(error, at).into()
    }

    fn broken_token(&self, error: &Error, at: u64) -> FormatError {
        match error {
            Error::Syntax(SyntaxError::InvalidBangMarkup) => {
                malformed(at, "`<!` begins neither a comment nor a CDATA section")
            }
            Error::Syntax(cause) => broken(&TRUNCATED, at, cause.to_string()),
            Error::IllFormed(cause) => malformed(at, ill_formed(cause)),
            Error::Encoding(_) => {
                let valid = std::str::from_utf8(&self.token)
                    .map_or_else(|error| error.valid_up_to(), str::len);
                let byte = self.token.get(valid).copied().unwrap_or_default();
                let text = format!("the byte 0x{byte:02x} is not UTF-8 here");
                broken(&ENCODING_MISMATCH, at + valid as u64, text)
            }
            other => malformed(at, other.to_string()),
        }
    }

    /// The same complaint with its offset in the raw content.
    fn raw(&mut self, error: FormatError) -> FormatError {
        let source = self.tokens.get_mut();
        match error {
            FormatError::Malformed {
                code,
                offset,
                detail,
            } => FormatError::Malformed {
                code,
                offset: source.raw_offset(offset),
                detail,
            },
            FormatError::Limit {
                code,
                what,
                limit,
                offset,
            } => FormatError::Limit {
                code,
                what,
                limit,
                offset: source.raw_offset(offset),
            },
            other @ (FormatError::Read(_) | FormatError::Workbook { .. }) => other,
        }
    }
}

/// Why reading stops, its offset in what the source gave out or in the raw content.
enum Halt {
    Given(FormatError),
    Raw(FormatError),
}

impl From<FormatError> for Halt {
    fn from(error: FormatError) -> Self {
        Self::Given(error)
    }
}

fn opened<'a>(tag: &'a BytesStart<'_>, at: u64, is_empty: bool) -> Tag<'a> {
    Tag {
        name: tag.name().0,
        attributes: tag.attributes_raw(),
        is_empty,
        at,
    }
}

fn doctype(at: u64) -> FormatError {
    broken(
        &DOCTYPE,
        at,
        "the content has a DOCTYPE, which is refused whatever it says",
    )
}

fn check_declaration(
    text: &BytesDecl<'_>,
    at: u64,
    base: u64,
    encoding: Encoding,
) -> Result<(), FormatError> {
    if at != base {
        let text = "an XML declaration stands elsewhere than at the start";
        return Err(malformed(at, text));
    }
    match declaration::label(text, at)? {
        Some(label) if !declaration::agrees(label, encoding) => {
            let text = format!(
                "the XML declaration says `{}`, expected {encoding}",
                shown(label)
            );
            Err(broken(&ENCODING_MISMATCH, at, text))
        }
        _ => Ok(()),
    }
}

fn check_instruction(instruction: &BytesPI<'_>, at: u64) -> Result<(), FormatError> {
    let target = instruction.target();
    if is_local_name(target) && !target.eq_ignore_ascii_case("xml") {
        return Ok(());
    }
    let text = format!("`{}` cannot name a processing instruction", shown(target));
    Err(malformed(at, text))
}

fn ill_formed(cause: &IllFormedError) -> String {
    match cause {
        IllFormedError::MismatchedEndTag { expected, found } => {
            format!("`</{}>` ends `{}`", shown(found), shown(expected))
        }
        IllFormedError::UnmatchedEndTag(found) => {
            format!("`</{}>` ends nothing", shown(found))
        }
        IllFormedError::UnclosedReference => "an `&` in text has no `;`".to_owned(),
        IllFormedError::DoubleHyphenInComment => "a comment has `--` inside".to_owned(),
        other => other.to_string(),
    }
}
