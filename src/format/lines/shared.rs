//! What the last line of a kind leaves for the records of other kinds, and where slots find it.

/// Where a slot's bytes come from: the first source that is there.
pub(in crate::format) struct Pick {
    pub(in crate::format) slot: usize,
    pub(in crate::format) sources: Vec<Source>,
}

/// One place of a slot's bytes.
#[derive(Debug, Clone, Copy)]
pub(in crate::format) enum Source {
    /// Of the record itself, by the format's own count.
    Own(usize),
    /// Among the values of other kinds.
    Shared(usize),
}

/// All fields that a kind wants of another one, each once, in the layout's order.
pub(in crate::format) fn shared_fields<'f, F: Clone + PartialEq + 'f>(
    fields: impl Iterator<Item = &'f F>,
    is_of_another: impl Fn(&F) -> bool,
) -> Vec<F> {
    let mut shared: Vec<F> = Vec::new();
    for field in fields.filter(|field| is_of_another(field)) {
        if !shared.contains(field) {
            shared.push(field.clone());
        }
    }
    shared
}

/// Values of the last line of some kinds, for the records of others.
#[derive(Default)]
pub(in crate::format) struct Shared {
    values: Vec<(bool, Vec<u8>)>,
}

impl Shared {
    /// The bytes at an index, if the last line had them.
    pub(in crate::format) fn get(&self, index: usize) -> Option<&[u8]> {
        let (is_set, bytes) = self.values.get(index)?;
        is_set.then_some(bytes)
    }

    /// Keeps bytes, or forgets those of the line before.
    pub(in crate::format) fn set(&mut self, index: usize, bytes: Option<&[u8]>) {
        if self.values.len() <= index {
            self.values.resize_with(index + 1, Default::default);
        }
        if let Some((is_set, value)) = self.values.get_mut(index) {
            *is_set = bytes.is_some();
            value.clear();
            value.extend_from_slice(bytes.unwrap_or_default());
        }
    }
}
