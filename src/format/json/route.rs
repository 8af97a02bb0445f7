//! Looking into the first bytes of a JSON document for the values a file is routed by.

use super::codes::shown;
use super::escape::push_unescaped;
use super::path::{JsonPath, Step};
use crate::format::{Extent, Limits, Peek};
use crate::text::Encoding;

use super::window::{Token, Window};

/// An absolute path to a text, number or boolean: `/header/type`, `/data/orders[]/kind`.
///
/// The bytes are looked at as they are: in GBK a route must stand before the first character that
/// is not ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonRoute(JsonPath);

impl JsonRoute {
    /// Checks a path; the message says what is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        let path = JsonPath::parse(text).map_err(|error| error.to_string())?;
        if path.absolute {
            Ok(Self(path))
        } else {
            Err(format!(
                "`{text}` is not an absolute path: write `/name/name`"
            ))
        }
    }
}

/// The first value of each path in the start of a document, or of its first line. Looking ends at
/// the first damage, or when all is found; staging then says exactly what is wrong and where.
pub fn peek_json(start: &[u8], extent: Extent, paths: &[&JsonRoute]) -> Peek {
    let mut peek = Peek {
        values: vec![None; paths.len()],
        damage: None,
    };
    let content = std::io::Cursor::new(start.to_vec());
    let limits = Limits::default();
    let looked = Window::open(Box::new(content), Encoding::Utf8, &limits).and_then(|window| {
        let mut look = Look {
            window,
            depth: limits.json_depth,
            at: Vec::new(),
            paths,
            values: &mut peek.values,
        };
        look.value()
    });
    let is_complete = peek.values.iter().all(Option::is_some);
    if let Err(damage) = looked
        && !is_complete
        && extent == Extent::Whole
    {
        peek.damage = Some(damage.to_string());
    }
    peek
}

struct Look<'a> {
    window: Window,
    depth: usize,
    at: Vec<Step>,
    paths: &'a [&'a JsonRoute],
    values: &'a mut Vec<Option<String>>,
}

/// Recursion is bounded by `depth`.
impl Look<'_> {
    fn value(&mut self) -> Result<(), crate::format::FormatError> {
        let byte = self.window.skip_space(true)?;
        let token = match byte {
            Some(b'{') => return self.object(),
            Some(b'[') => return self.array(),
            Some(b'"') => self.window.text()?,
            Some(b'-' | b'0'..=b'9') => self.window.number()?,
            Some(_) => self.window.word()?,
            None => {
                return Err(super::window::truncated(
                    self.window.at(),
                    "a value is missing",
                ));
            }
        };
        self.note(&token);
        Ok(())
    }

    fn note(&mut self, token: &Token) {
        let bytes = self.window.bytes(&token.range);
        for (path, slot) in self.paths.iter().zip(self.values.iter_mut()) {
            if slot.is_none() && path.0.steps == self.at {
                let mut text = Vec::new();
                if push_unescaped(&mut text, bytes).is_ok() {
                    *slot = String::from_utf8(text).ok();
                }
            }
        }
    }

    fn is_done(&self) -> bool {
        self.values.iter().all(Option::is_some)
    }

    fn object(&mut self) -> Result<(), crate::format::FormatError> {
        self.enter()?;
        if self.window.skip_space(true)? == Some(b'}') {
            self.window.take();
            return Ok(());
        }
        loop {
            self.expect(b'"', false)?;
            let name = self.window.text()?;
            let mut text = Vec::new();
            let bytes = self.window.bytes(&name.range);
            let name = match push_unescaped(&mut text, bytes) {
                Ok(()) => String::from_utf8_lossy(&text).into_owned(),
                Err(_) => shown(bytes),
            };
            self.expect(b':', true)?;
            self.at.push(Step::Name(name));
            self.value()?;
            self.at.pop();
            if self.is_done() || self.ends(b'}')? {
                return Ok(());
            }
        }
    }

    fn array(&mut self) -> Result<(), crate::format::FormatError> {
        self.enter()?;
        if self.window.skip_space(true)? == Some(b']') {
            self.window.take();
            return Ok(());
        }
        loop {
            self.at.push(Step::Each);
            self.value()?;
            self.at.pop();
            if self.is_done() || self.ends(b']')? {
                return Ok(());
            }
        }
    }

    fn enter(&mut self) -> Result<(), crate::format::FormatError> {
        if self.at.len() >= self.depth {
            let at = self.window.at();
            return Err(super::codes::over("json_depth", self.depth, at));
        }
        self.window.take();
        Ok(())
    }

    /// Takes a comma, or the end of the object or array; whether it was the end.
    fn ends(&mut self, end: u8) -> Result<bool, crate::format::FormatError> {
        let is_end = self.window.skip_space(true)? == Some(end);
        self.expect(if is_end { end } else { b',' }, true)?;
        Ok(is_end)
    }

    fn expect(&mut self, byte: u8, takes: bool) -> Result<(), crate::format::FormatError> {
        match self.window.skip_space(true)? {
            Some(found) if found == byte => {
                if takes {
                    self.window.take();
                }
                Ok(())
            }
            found => {
                let found = found.map_or("the end".to_owned(), super::codes::shown_byte);
                let expected = char::from(byte);
                let text = format!("{found} stands where `{expected}` is expected");
                Err(super::codes::malformed(self.window.at(), text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peek(text: &[u8], extent: Extent) -> Peek {
        let paths = ["/head/type", "/data/rows[]/kind", "/count"]
            .map(|path| JsonRoute::new(path).expect("a path"));
        peek_json(text, extent, &paths.iter().collect::<Vec<_>>())
    }

    fn values(found: [Option<&str>; 3]) -> Vec<Option<String>> {
        found.map(|value| value.map(str::to_owned)).to_vec()
    }

    #[test]
    fn the_first_value_of_each_path_is_found() {
        let text = "\u{feff} {\"head\":{\"type\":\"a\\u4e2d\"},\"x\":[1,{}],\
                    \"data\":{\"rows\":[{\"kind\":7},{\"kind\":8}]},\"count\":true} ";
        let found = peek(text.as_bytes(), Extent::Whole);
        let expected = values([Some("a中"), Some("7"), Some("true")]);
        assert_eq!((found.values, found.damage), (expected, None));
    }

    #[test]
    fn a_cut_start_is_no_damage_and_a_cut_document_is() {
        let text = b"{\"head\":{\"type\":\"a\"},\"data\":{\"ro";
        let start = peek(text, Extent::Beginning);
        assert_eq!(
            (start.values, start.damage),
            (values([Some("a"), None, None]), None)
        );
        let whole = peek(text, Extent::Whole);
        assert_eq!(
            whole.damage.as_deref(),
            Some("the content ends: a text does not end (at byte 29)")
        );
        for damaged in ["", "[", "{\"a\" 1}", "{]", "nul", "{\"a\":1,}"] {
            assert!(
                peek(damaged.as_bytes(), Extent::Whole).damage.is_some(),
                "{damaged}"
            );
        }
        let deep = "[".repeat(1_000_000);
        assert!(peek(deep.as_bytes(), Extent::Whole).damage.is_some());
    }

    #[test]
    fn a_path_is_absolute() {
        assert_eq!(
            JsonRoute::new("head/type"),
            Err("`head/type` is not an absolute path: write `/name/name`".to_owned())
        );
        assert!(JsonRoute::new("/").is_err());
    }
}
