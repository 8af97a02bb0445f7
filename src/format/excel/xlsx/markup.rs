//! Tags of a part, one after the other: the little of XML that a survey of a workbook needs.

use std::io::{BufReader, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::QName;

use super::package::unreadable;
use crate::format::FormatError;
use crate::format::excel::codes::{self, refuse, short};

/// Reads the tags of a part.
pub(super) struct Markup<'r> {
    part: String,
    reader: quick_xml::Reader<BufReader<&'r mut dyn Read>>,
    buffer: Vec<u8>,
    /// Open elements.
    depth: usize,
}

/// What stands next.
pub(super) enum Tag<'b> {
    Open(BytesStart<'b>),
    Close(String),
    /// So many bytes of text.
    Text(usize),
    End,
}

/// More open elements than any part of a workbook has.
const MOST_DEPTH: usize = 64;

impl<'r> Markup<'r> {
    pub(super) fn new(part: &str, content: &'r mut dyn Read) -> Self {
        let mut reader =
            quick_xml::Reader::from_reader(BufReader::with_capacity(64 << 10, content));
        reader.config_mut().expand_empty_elements = true;
        Self {
            part: part.to_owned(),
            reader,
            buffer: Vec::new(),
            depth: 0,
        }
    }

    pub(super) fn next(&mut self) -> Result<Tag<'_>, FormatError> {
        self.buffer.clear();
        let event = self.reader.read_event_into(&mut self.buffer);
        match event {
            Ok(Event::Start(tag)) => {
                self.depth += 1;
                if self.depth > MOST_DEPTH {
                    let message = format!("the part `{}` is nested too deeply", short(&self.part));
                    return Err(refuse(codes::PART, message));
                }
                Ok(Tag::Open(tag))
            }
            Ok(Event::End(tag)) => {
                self.depth = self.depth.saturating_sub(1);
                Ok(Tag::Close(tag.local_name().as_ref().to_owned()))
            }
            Ok(Event::Eof) if self.depth > 0 => {
                let message = format!("the part `{}` ends too early", short(&self.part));
                Err(refuse(codes::PART, message))
            }
            Ok(Event::Eof) => Ok(Tag::End),
            Ok(Event::Text(text)) => Ok(Tag::Text(text.len())),
            Ok(Event::CData(text)) => Ok(Tag::Text(text.len())),
            Ok(Event::GeneralRef(_)) => Ok(Tag::Text(1)),
            Ok(_) => Ok(Tag::Text(0)),
            Err(quick_xml::Error::Io(error)) => Err(unreadable(&self.part, &error)),
            Err(error) => {
                let why = short(&error.to_string());
                let message = format!("the part `{}` is not well-formed: {why}", self.part);
                Err(refuse(codes::PART, message))
            }
        }
    }
}

/// The value of an attribute, by its whole name: another reader must find the same one.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    find(tag, |key| key.as_ref() == name)
}

/// The value of an attribute, by its name without a prefix.
pub(super) fn local_attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    find(tag, |key| key.local_name().as_ref() == name)
}

fn find(tag: &BytesStart<'_>, is_wanted: impl Fn(QName<'_>) -> bool) -> Option<String> {
    let found = tag
        .attributes()
        .with_checks(false)
        .take(64)
        .flatten()
        .find(|attribute| is_wanted(attribute.key))?;
    let value = quick_xml::escape::unescape(&found.value).ok()?;
    Some(value.into_owned())
}

/// Whether an attribute is true, as XML Schema writes it.
pub(super) fn is_true(tag: &BytesStart<'_>, name: &str) -> bool {
    attribute(tag, name).is_some_and(|value| value == "1" || value == "true")
}
