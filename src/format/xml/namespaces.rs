//! Which prefix stands for which namespace, as far as a mapping cares: the wanted one or another.

use crate::format::{FormatError, Limits};

use super::codes::over;

/// The declarations in scope.
#[derive(Debug)]
pub(super) struct Namespaces {
    wanted: Option<String>,
    bindings: Vec<Binding>,
    /// The prefixes of all bindings, one after the other.
    prefixes: String,
}

#[derive(Debug)]
struct Binding {
    /// Of the element that declares it.
    depth: usize,
    /// Where its prefix begins.
    start: usize,
    wanted: bool,
}

impl Namespaces {
    /// None declared yet. Without a wanted one every namespace is as good.
    pub(super) fn new(wanted: Option<&str>) -> Self {
        Self {
            wanted: wanted.map(str::to_owned),
            bindings: Vec::new(),
            prefixes: String::new(),
        }
    }

    /// Declares a prefix (empty: the default) for the element at `depth` and all inside.
    ///
    /// At most `xml_namespaces` may be in scope at once, so that looking one up stays cheap.
    pub(super) fn declare(
        &mut self,
        prefix: &str,
        uri: &[u8],
        depth: usize,
        limits: &Limits,
        at: u64,
    ) -> Result<(), FormatError> {
        if self.bindings.len() >= limits.xml_namespaces {
            return Err(over("xml_namespaces", limits.xml_namespaces as u64, at));
        }
        self.bindings.push(Binding {
            depth,
            start: self.prefixes.len(),
            wanted: self
                .wanted
                .as_ref()
                .is_none_or(|wanted| wanted.as_bytes() == uri),
        });
        self.prefixes.push_str(prefix);
        Ok(())
    }

    /// The element at `depth` ends.
    pub(super) fn close(&mut self, depth: usize) {
        while let Some(last) = self.bindings.pop_if(|last| last.depth >= depth) {
            self.prefixes.truncate(last.start);
        }
    }

    /// Whether the innermost declaration of a prefix is that of an element at `depth` or deeper.
    pub(super) fn is_declared_in(&self, prefix: &str, depth: usize) -> bool {
        let mut end = self.prefixes.len();
        for binding in self.bindings.iter().rev() {
            if self.prefixes.get(binding.start..end) == Some(prefix) {
                return binding.depth >= depth;
            }
            end = binding.start;
        }
        false
    }

    /// Whether a prefix stands for the wanted namespace; `None` when nothing declares it.
    pub(super) fn is_wanted(&self, prefix: &str) -> Option<bool> {
        let mut end = self.prefixes.len();
        for binding in self.bindings.iter().rev() {
            if self.prefixes.get(binding.start..end) == Some(prefix) {
                return Some(binding.wanted);
            }
            end = binding.start;
        }
        match prefix {
            "" => Some(self.wanted.is_none()),
            // Bound without a declaration (Namespaces in XML 1.0, section 3).
            "xml" => Some(false),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_declaration_counts_until_its_element_ends() {
        let limits = Limits::default();
        let mut scope = Namespaces::new(Some("urn:a"));
        assert_eq!(scope.is_wanted(""), Some(false));
        let mut declare = |prefix, uri: &str, depth| {
            scope
                .declare(prefix, uri.as_bytes(), depth, &limits, 0)
                .expect("within the limit");
        };
        declare("", "urn:a", 1);
        declare("x", "urn:a", 1);
        declare("x", "urn:b", 2);
        assert_eq!(scope.is_wanted(""), Some(true));
        assert_eq!(scope.is_wanted("x"), Some(false));
        assert_eq!(scope.is_wanted("y"), None);
        scope.close(2);
        assert_eq!(scope.is_wanted("x"), Some(true));
        scope.close(1);
        assert_eq!(scope.is_wanted("x"), None);
    }
}
