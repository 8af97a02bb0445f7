//! What the last line of a kind leaves for the records of other kinds.

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
