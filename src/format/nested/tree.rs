//! The wanted paths of a layout as one tree, and what stands at them.
//!
//! What a node is, is the format's own; how nodes are numbered, kept and found is the same. The one
//! invariant: a node's number is an index into the [`Nodes`] that made it.

/// What a value is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::format) enum Capture {
    /// A source of the open record of a kind.
    Local { kind: usize, source: usize },
    /// A value that records share.
    Shared(usize),
}

/// Where one source of a slot is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::format) enum Kept {
    Local(usize),
    Shared(usize),
}

/// The nodes of one tree, by number; none is ever lost.
#[derive(Debug)]
pub(in crate::format) struct Nodes<N> {
    all: Vec<N>,
}

impl<N> Nodes<N> {
    /// A tree of one node, number 0.
    pub(in crate::format) fn new(root: N) -> Self {
        Self { all: vec![root] }
    }

    /// Takes a node in; gives its number.
    pub(in crate::format) fn add(&mut self, node: N) -> usize {
        self.all.push(node);
        self.all.len() - 1
    }

    /// A node of this tree.
    #[expect(
        clippy::indexing_slicing,
        reason = "numbers of nodes come from this tree only, which never loses one"
    )]
    pub(in crate::format) fn at(&self, number: usize) -> &N {
        &self.all[number]
    }

    /// A node of this tree, to change it.
    #[expect(
        clippy::indexing_slicing,
        reason = "numbers of nodes come from this tree only, which never loses one"
    )]
    pub(in crate::format) fn at_mut(&mut self, number: usize) -> &mut N {
        &mut self.all[number]
    }

    /// All nodes, by number.
    pub(in crate::format) fn all(&self) -> &[N] {
        &self.all
    }
}

/// The values that records share: one for each path and each node that it ends with.
pub(in crate::format) struct SharedKeys<'a, P> {
    known: Vec<(&'a P, usize)>,
}

impl<'a, P: PartialEq> SharedKeys<'a, P> {
    /// No shared value yet.
    pub(in crate::format) fn new() -> Self {
        Self { known: Vec::new() }
    }

    /// The number of the value at `path` that ends with the node `clear`, and whether it is new.
    pub(in crate::format) fn number(&mut self, path: &'a P, clear: usize) -> (usize, bool) {
        let known = self.known.iter().position(|known| *known == (path, clear));
        let number = known.unwrap_or(self.known.len());
        if known.is_none() {
            self.known.push((path, clear));
        }
        (number, known.is_none())
    }
}

/// The position of the first that fits, looking from `hint` on and then before it, because
/// documents mostly keep an order.
pub(in crate::format) fn position_from<T>(
    all: &[T],
    hint: usize,
    fits: impl Fn(&T) -> bool,
) -> Option<usize> {
    let (before, after) = all.split_at_checked(hint).unwrap_or((all, &[]));
    let after = after.iter().position(&fits).map(|at| hint + at);
    after.or_else(|| before.iter().position(&fits))
}
