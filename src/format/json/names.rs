//! The names that open objects have had, so that none comes twice.

use std::collections::HashSet;

/// So many names of one object are compared one by one; more are hashed.
const FEW: usize = 32;

/// Names of all open objects that no path leads to; those of the innermost stand last.
#[derive(Debug, Default)]
pub(super) struct Names {
    bytes: Vec<u8>,
    /// Where each name ends in `bytes`.
    ends: Vec<usize>,
    /// Names of the innermost object once they are many; hashed with a random key, so that no
    /// content can make it slow.
    many: Option<HashSet<Box<[u8]>>>,
    /// Sets of the objects around it.
    outer: Vec<Option<HashSet<Box<[u8]>>>>,
}

/// Where the names of one object begin.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mark {
    bytes: usize,
    names: usize,
}

impl Names {
    /// An object begins.
    pub(super) fn open(&mut self) -> Mark {
        self.outer.push(self.many.take());
        Mark {
            bytes: self.bytes.len(),
            names: self.ends.len(),
        }
    }

    /// The object of this mark, the innermost, ends.
    pub(super) fn close(&mut self, mark: Mark) {
        self.bytes.truncate(mark.bytes);
        self.ends.truncate(mark.names);
        self.many = self.outer.pop().flatten();
    }

    /// Nothing is open.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Notes a name of the innermost object; `false` when it was there already.
    pub(super) fn note(&mut self, mark: Mark, name: &[u8]) -> bool {
        if let Some(many) = &mut self.many {
            return many.insert(name.into());
        }
        let mut start = mark.bytes;
        for end in self.ends.iter().skip(mark.names) {
            if self.bytes.get(start..*end) == Some(name) {
                return false;
            }
            start = *end;
        }
        self.bytes.extend_from_slice(name);
        self.ends.push(self.bytes.len());
        if self.ends.len() - mark.names > FEW {
            self.hash(mark);
        }
        true
    }

    fn hash(&mut self, mark: Mark) {
        let mut many = HashSet::new();
        let mut start = mark.bytes;
        for end in self.ends.iter().skip(mark.names) {
            many.insert(self.bytes.get(start..*end).unwrap_or_default().into());
            start = *end;
        }
        self.bytes.truncate(mark.bytes);
        self.ends.truncate(mark.names);
        self.many = Some(many);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_new_once_per_object_however_many_there_are() {
        let mut names = Names::default();
        let outer = names.open();
        for number in 0..100 {
            assert!(names.note(outer, format!("n{number}").as_bytes()));
        }
        let inner = names.open();
        assert!(names.note(inner, b"n1"), "another object");
        assert!(!names.note(inner, b"n1"));
        names.close(inner);
        assert!(!names.note(outer, b"n99"));
        assert!(!names.note(outer, b"n0"));
        names.close(outer);
        let next = names.open();
        assert!(names.note(next, b"n0"));
    }
}
