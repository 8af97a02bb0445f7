//! How an XML document is laid out as a whole.

use super::path::{PathError, absolute_steps};
use crate::text::Encoding;

/// What to do about an element or attribute that no field wants and that leads to none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownElements {
    /// Leave it out, with all it holds.
    #[default]
    Ignore,
    /// Refuse the record it stands in; the whole content if it stands in none.
    Refuse,
}

/// Where a value that records share may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SharedValues {
    /// Before the end of the records that take it; so every record is given as it ends.
    #[default]
    Before,
    /// Also behind them: records wait for the end of the document, which has to be small.
    Anywhere,
}

/// How lines end where the writer breaks them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum XmlLineEnd {
    /// `\n`.
    #[default]
    Lf,
    /// `\r\n`.
    CrLf,
}

impl XmlLineEnd {
    /// Its characters.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
        }
    }
}

/// `[format.xml]`, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlPlan {
    /// Of the content's bytes. An XML declaration that says otherwise is refused. Default UTF-8.
    pub encoding: Encoding,
    /// The URI that all known elements must be in; `None` goes by local name only. Written as the
    /// root's default namespace.
    pub namespace: Option<String>,
    /// Whether what is read must be in the namespace. Default yes.
    pub namespace_required: bool,
    /// Where shared values may stand. Default `Before`.
    pub shared: SharedValues,
    /// Whether an XML declaration is written. Default yes.
    pub declaration: bool,
    /// Spaces of indentation per level, written; 0 writes all on one line. Default 2.
    pub indent: usize,
    /// How written lines end. Default LF.
    pub line_end: XmlLineEnd,
    /// What unknown elements get. Default `Ignore`.
    pub unknown: UnknownElements,
    /// Whether XML white space around an element's text is dropped on reading. Default no.
    pub trim: bool,
}

impl Default for XmlPlan {
    fn default() -> Self {
        Self {
            encoding: Encoding::Utf8,
            namespace: None,
            namespace_required: true,
            shared: SharedValues::Before,
            declaration: true,
            indent: 2,
            line_end: XmlLineEnd::Lf,
            unknown: UnknownElements::Ignore,
            trim: false,
        }
    }
}

impl XmlPlan {
    /// The namespace that what is read must be in.
    pub(super) fn demanded_namespace(&self) -> Option<&str> {
        let namespace = self.namespace.as_deref();
        namespace.filter(|_| self.namespace_required)
    }
}

/// Which elements are records of a kind, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlSelect {
    pub(super) path: Vec<String>,
    pub(super) skip_empty: bool,
}

impl XmlSelect {
    /// Every element at `path` is a record: local names from the root, `Message/Body/Transaction`.
    pub fn new(path: &str) -> Result<Self, PathError> {
        absolute_steps(path).map(|path| Self {
            path,
            skip_empty: false,
        })
    }

    /// An element without text, attributes and child elements is not a record of the kind.
    #[must_use]
    pub fn skip_empty(mut self, skip: bool) -> Self {
        self.skip_empty = skip;
        self
    }

    /// Whether an element without text, attributes and child elements is no record.
    pub fn skips_empty(&self) -> bool {
        self.skip_empty
    }

    /// The path as text, without a leading slash.
    pub fn path(&self) -> String {
        self.path.join("/")
    }
}
