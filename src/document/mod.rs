//! TOML files that people write, read with places, section by section, with recovery.
//!
//! Responsible for syntax, for the shape that a table of [`Key`]s declares, and for keeping
//! secrets out of everything shown. Not for meaning: whether a name exists or two keys fit
//! together is the caller's check. `settings`, `job`, `mapping`, `dataset` and the options of every
//! component read through it. The one invariant: [`Document::root`] reports every problem of shape
//! in the whole file, once; the getters of a [`Section`] then only read, and answer `None` for what
//! is absent or was already reported.

mod check;
mod codes;
mod file;
mod key;
mod parse;
mod schema;
mod section;
mod sensitive;
mod shape;
mod statements;
mod tree;
mod value;

use crate::diag::{Place, Problems, Source};

pub use codes::CODES;
pub use file::MAX_BYTES;
pub use key::{Key, KeyKind, Presence, key_table_faults};
pub use schema::schema;
pub use section::Section;
pub use shape::Shape;

use parse::Damage;

/// A value that someone wrote, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<T> {
    /// The value.
    pub value: T,
    /// Where it stands; for a default, where the table begins.
    pub place: Place,
}

impl<T> Item<T> {
    /// A value at a place.
    pub fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }

    /// The same place with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Item<U> {
        Item::new(change(self.value), self.place)
    }
}

/// A free name with its scalars.
pub type NamedValues = (Item<String>, Vec<Item<crate::value::Value>>);

/// A parsed file. Statements with broken syntax were reported and left out.
#[derive(Debug)]
pub struct Document {
    source: Source,
    root: tree::Node,
    damage: Damage,
}

impl Document {
    /// Parses a text; every broken statement becomes a problem, the healthy rest is kept.
    pub fn parse(source: Source, problems: &mut Problems) -> Self {
        parse::parse(source, problems)
    }

    /// Reads and parses a file of at most [`MAX_BYTES`]; a missing, unreadable, too large or
    /// wrongly encoded file becomes a problem and gives `None`. `shown` is the path in messages.
    pub fn read(
        path: &std::path::Path,
        shown: &std::path::Path,
        problems: &mut Problems,
    ) -> Option<Self> {
        let source = file::read(path, shown, problems)?;
        Some(Self::parse(source, problems))
    }

    /// The top of the file, checked against `keys` down to the last nested table: unknown and
    /// missing keys, wrong types, words and ranges are all reported here.
    ///
    /// Call it once; a second call would report everything again.
    pub fn root(&self, keys: &'static [Key], problems: &mut Problems) -> Section<'_> {
        let root = Section::root(self, keys);
        check::section(&root, problems);
        root
    }

    /// The file's text and name.
    pub fn source(&self) -> &Source {
        &self.source
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod trial;
#[cfg(test)]
pub(crate) use trial::read_text;
