//! Looking into the first bytes of a document for the values a file is routed by.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::json::{JsonRoute, peek_json};

/// Deeper elements are never routed by.
const MAX_DEPTH: usize = 64;

/// An absolute path to an element's text or an attribute: `/Message/Header/MessageType`,
/// `/Message/Body/@ContentType`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlRoute {
    steps: Vec<String>,
    attribute: Option<String>,
}

impl XmlRoute {
    /// Checks a path; the message says what is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("`{text}` is not an absolute path: write `/Root/Element` or `/Root/@attribute`")
        };
        let mut steps: Vec<String> = text
            .strip_prefix('/')
            .ok_or_else(wrong)?
            .split('/')
            .map(str::to_owned)
            .collect();
        let attribute = match steps.last() {
            Some(last) if last.starts_with('@') => steps.pop(),
            _ => None,
        };
        let attribute = attribute.map(|name| name.trim_start_matches('@').to_owned());
        let has_names = !steps.is_empty() && steps.iter().chain(&attribute).all(|s| !s.is_empty());
        if has_names {
            Ok(Self { steps, attribute })
        } else {
            Err(wrong())
        }
    }
}

/// Where in the content a value stands that files are routed by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoutePath {
    /// In an XML document.
    Xml(XmlRoute),
    /// In a JSON document.
    Json(JsonRoute),
}

/// How much of a document its start is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// There is more.
    Beginning,
}

/// What the start of a document shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peek {
    /// The first value of each path.
    pub values: Vec<Option<String>>,
    /// Why the start is no start of a document, when it is none: nothing after it was looked at.
    pub damage: Option<String>,
}

/// The first value of each path in the start of a document: of XML when it begins with `<` or no
/// path is one of JSON, else of JSON. Looking ends at the first damage, or when all is found;
/// staging then says exactly what is wrong and where.
pub fn peek_route(start: &[u8], extent: Extent, paths: &[&RoutePath]) -> Peek {
    let (mut xml, mut json) = (Vec::new(), Vec::new());
    for (slot, path) in paths.iter().enumerate() {
        match path {
            RoutePath::Xml(path) => xml.push((slot, path)),
            RoutePath::Json(path) => json.push((slot, path)),
        }
    }
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let is_xml = text.trim_ascii_start().starts_with(b"<");
    let (slots, found): (Vec<usize>, Peek) = if json.is_empty() || (is_xml && !xml.is_empty()) {
        let (slots, paths): (Vec<usize>, Vec<&XmlRoute>) = xml.into_iter().unzip();
        (slots, peek_xml(start, extent, &paths))
    } else {
        let (slots, paths): (Vec<usize>, Vec<&JsonRoute>) = json.into_iter().unzip();
        (slots, peek_json(start, extent, &paths))
    };
    let mut peek = Peek {
        values: vec![None; paths.len()],
        damage: found.damage,
    };
    for (slot, value) in slots.into_iter().zip(found.values) {
        if let Some(place) = peek.values.get_mut(slot) {
            *place = value;
        }
    }
    peek
}

fn peek_xml(start: &[u8], extent: Extent, paths: &[&XmlRoute]) -> Peek {
    let mut peek = Peek {
        values: vec![None; paths.len()],
        damage: None,
    };
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let mut reader = Reader::from_reader(start);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<String> = Vec::new();
    let mut has_root = false;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                has_root = true;
                open.push(tag.local_name().as_ref().to_owned());
                if open.len() > MAX_DEPTH {
                    return peek;
                }
                note_attributes(&tag, &open, paths, &mut peek.values);
            }
            Ok(Event::End(_)) => {
                open.pop();
            }
            Ok(Event::Text(text)) => note_text(&text, &open, paths, &mut peek.values),
            Ok(Event::DocType(_)) => {
                peek.damage = Some("a document type declaration is never accepted".to_owned());
            }
            Ok(Event::Eof) => {
                if extent == Extent::Whole && !(has_root && open.is_empty()) {
                    peek.damage = Some("the document ends before it is complete".to_owned());
                }
                return peek;
            }
            Err(found) => {
                // A start that was cut off inside a tag is no damage of the document.
                if extent == Extent::Whole {
                    peek.damage = Some(found.to_string());
                }
                return peek;
            }
            Ok(_) => {}
        }
        if peek.damage.is_some() || peek.values.iter().all(Option::is_some) {
            return peek;
        }
    }
}

fn note_attributes(
    tag: &BytesStart<'_>,
    open: &[String],
    paths: &[&XmlRoute],
    found: &mut [Option<String>],
) {
    for (path, slot) in paths.iter().zip(found) {
        let Some(wanted) = path.attribute.as_ref().filter(|_| path.steps == open) else {
            continue;
        };
        let value = tag
            .attributes()
            .take(256)
            .flatten()
            .find(|attribute| attribute.key.local_name().as_ref() == wanted)
            .map(|attribute| attribute.value.into_owned());
        if slot.is_none() {
            *slot = value;
        }
    }
}

fn note_text(text: &str, open: &[String], paths: &[&XmlRoute], found: &mut [Option<String>]) {
    for (path, slot) in paths.iter().zip(found) {
        if slot.is_none() && path.attribute.is_none() && path.steps == open {
            *slot = Some(text.trim().to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peek(text: &str) -> Peek {
        let paths = ["/M/H/Type", "/M/B/@ContentType", "/M/B/T/Card"]
            .map(|path| XmlRoute::new(path).expect("a path"));
        peek_xml(
            text.as_bytes(),
            Extent::Whole,
            &paths.iter().collect::<Vec<_>>(),
        )
    }

    #[test]
    fn the_first_value_of_each_path_is_found() {
        let found = peek(
            r#"<?xml version="1.0"?><M><H><Type> 7 </Type></H><B ContentType="1"><T><Card>22</Card></T><T><Card>23</Card></T></B></M>"#,
        );
        let values = ["7", "1", "22"].map(|value| Some(value.to_owned()));
        assert_eq!(
            found,
            Peek {
                values: values.to_vec(),
                damage: None
            }
        );
    }

    #[test]
    fn damage_ends_the_looking_and_is_said() {
        let cut = peek("<M><H><Type>7</Type></H><B");
        assert_eq!(cut.values, [Some("7".to_owned()), None, None]);
        assert!(cut.damage.is_some(), "a tag is not closed");
        let open = peek("<M><H><Type>7</Type></H>");
        assert_eq!(
            open.damage.as_deref(),
            Some("the document ends before it is complete")
        );
        let typed = peek("<!DOCTYPE M [<!ENTITY a 'b'>]><M><H><Type>7</Type></H></M>");
        assert_eq!(typed.values, [None, None, None]);
        assert_eq!(
            typed.damage.as_deref(),
            Some("a document type declaration is never accepted")
        );
        assert!(peek("").damage.is_some());
        assert!(peek("not xml at all").damage.is_some());
    }

    #[test]
    fn a_path_is_absolute_and_has_names() {
        assert!(XmlRoute::new("/a/b").is_ok());
        for bad in ["a/b", "/", "", "/a//b", "/@x", "/a/@"] {
            assert!(XmlRoute::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_job_may_route_xml_and_json_by_the_same_name() {
        let paths = [
            RoutePath::Xml(XmlRoute::new("/M/Type").expect("a path")),
            RoutePath::Json(JsonRoute::new("/head/type").expect("a path")),
        ];
        let paths: Vec<&RoutePath> = paths.iter().collect();
        let values = |text: &str| peek_route(text.as_bytes(), Extent::Whole, &paths).values;
        assert_eq!(
            values(" <M><Type>7</Type></M>"),
            [Some("7".to_owned()), None]
        );
        assert_eq!(
            values("{\"head\":{\"type\":8}}"),
            [None, Some("8".to_owned())]
        );
    }
}
