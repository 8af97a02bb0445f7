//! Code tables: a partner's codes ⇄ the store's own, one TSV file each.
//!
//! A line is `canonical<TAB>wire<TAB>title<TAB>title_en`. Several wire codes may mean the same;
//! the first written is the one that goes out. A canonical code whose wire code is empty is one that
//! the partner has no code for: it is never read, and refused on writing. An unknown code is refused,
//! never passed through.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::diag::{Code, Problem, Problems, Source};

/// The file of a code table is wrong.
pub(super) const BAD_CODE_TABLE: Code = Code {
    id: "bad-code-table",
    title: "a line of a code table cannot be used",
    title_zh: "代码表有误",
    help: "A line has four fields separated by tabs: canonical code, the partner's code, Chinese \
           title, English title. The partner's code must be unique in the table; it is empty where \
           the partner has none.",
};

/// The store's code is one that the partner has no code for.
pub(super) const NO_PARTNER_CODE: Code = Code {
    id: "no-partner-code",
    title: "a canonical code that the partner has no code for",
    title_zh: "对方无对应代码",
    help: "The code table has the canonical code with an empty partner's code: none was agreed. Ask \
           the partner, then write the agreed code into the table in mappings/codes. It is never sent \
           as another code.",
};

/// One line of a code table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeEntry {
    /// As the store keeps it.
    pub canonical: String,
    /// As the partner writes it; empty when it has no code for this.
    pub wire: String,
    /// In Chinese.
    pub title: String,
    /// In English.
    pub title_en: String,
}

/// A checked code table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeTable {
    entries: Vec<CodeEntry>,
    by_wire: HashMap<String, usize>,
    by_canonical: HashMap<String, usize>,
}

impl CodeTable {
    /// Reads a table, reporting every line that cannot be used.
    pub fn read(source: &Source, problems: &mut Problems) -> Self {
        let mut table = Self::default();
        let mut offset = 0;
        for line in source.text.split_inclusive('\n') {
            let start = offset;
            offset += line.len();
            let line = line.trim_end_matches(['\n', '\r']);
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Err(found) = table.add(line) {
                let place = source.place(start..start + line.len());
                problems.push(Problem::error(&BAD_CODE_TABLE, place, found));
            }
        }
        table
    }

    fn add(&mut self, line: &str) -> Result<(), String> {
        let fields: Vec<&str> = line.split('\t').collect();
        let [canonical, wire, title, title_en] = fields.as_slice() else {
            return Err(format!(
                "found {} fields, expected 4 separated by tabs",
                fields.len()
            ));
        };
        if canonical.is_empty() {
            return Err("the canonical code cannot be empty".to_owned());
        }
        let index = self.entries.len();
        let known = self.by_canonical.get(*canonical);
        let known = known.and_then(|index| self.entries.get(*index));
        if known.is_some_and(|known| known.wire.is_empty() || wire.is_empty()) {
            return Err(format!(
                "`{canonical}` is there twice, once without a partner's code"
            ));
        }
        if !wire.is_empty() {
            match self.by_wire.entry((*wire).to_owned()) {
                Entry::Occupied(_) => {
                    return Err(format!("the partner's code `{wire}` is there twice"));
                }
                Entry::Vacant(place) => place.insert(index),
            };
        }
        self.by_canonical
            .entry((*canonical).to_owned())
            .or_insert(index);
        self.entries.push(CodeEntry {
            canonical: (*canonical).to_owned(),
            wire: (*wire).to_owned(),
            title: (*title).to_owned(),
            title_en: (*title_en).to_owned(),
        });
        Ok(())
    }

    /// The store's code for a partner's.
    pub fn canonical(&self, wire: &str) -> Option<&str> {
        self.entries
            .get(*self.by_wire.get(wire)?)
            .map(|entry| entry.canonical.as_str())
    }

    /// The partner's code for the store's.
    pub fn wire(&self, canonical: &str) -> Option<&str> {
        self.entries
            .get(*self.by_canonical.get(canonical)?)
            .map(|entry| entry.wire.as_str())
            .filter(|wire| !wire.is_empty())
    }

    /// Whether the store's code stands in the table, with or without a partner's code.
    pub fn knows(&self, canonical: &str) -> bool {
        self.by_canonical.contains_key(canonical)
    }

    /// The Chinese title of the store's code.
    pub fn title(&self, canonical: &str) -> Option<&str> {
        self.entries
            .get(*self.by_canonical.get(canonical)?)
            .map(|entry| entry.title.as_str())
    }

    /// All lines in the file's order.
    pub fn entries(&self) -> &[CodeEntry] {
        &self.entries
    }

    /// The partner's codes, for messages: the first ten.
    pub(super) fn known(&self) -> String {
        let known: Vec<&str> = self
            .entries
            .iter()
            .map(|e| e.wire.as_str())
            .filter(|wire| !wire.is_empty())
            .take(10)
            .collect();
        let more = if self.by_wire.len() > 10 { ", …" } else { "" };
        format!("{}{more}", known.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_maps_both_ways_and_reports_every_bad_line() {
        let text = "# comment\nnormal\t1\t正常\tnormal\nlost\t6\t挂失\tlost\nlost\t7\t挂失\tlost\nx\t1\t重\tagain\nbad line\nopen\t2\t启\topen\n";
        let mut problems = Problems::new();
        let table = CodeTable::read(&Source::new("codes/s.tsv", text), &mut problems);
        assert_eq!(table.canonical("7"), Some("lost"));
        assert_eq!(table.wire("lost"), Some("6"));
        assert_eq!(table.canonical("9"), None);
        // The line that is refused takes no place, so no other code leads to the line behind it.
        assert_eq!(table.canonical("1"), Some("normal"));
        assert_eq!(table.canonical("2"), Some("open"));
        let found: Vec<(usize, String)> = problems
            .sorted()
            .into_iter()
            .map(|problem| (problem.place.line_column().0, problem.message))
            .collect();
        assert_eq!(
            found,
            [
                (5, "the partner's code `1` is there twice".to_owned()),
                (6, "found 1 fields, expected 4 separated by tabs".to_owned()),
            ]
        );
    }

    #[test]
    fn a_code_the_partner_has_not_is_known_never_read_and_never_written() {
        let text = "resident_id\t101\t身份证\tID\nhermit\t\t隐士证\thermit\nhermit\t7\t隐士证\thermit\nresident_id\t\t身份证\tID\n";
        let mut problems = Problems::new();
        let table = CodeTable::read(&Source::new("codes/d.tsv", text), &mut problems);
        assert_eq!((table.wire("hermit"), table.knows("hermit")), (None, true));
        assert_eq!(table.canonical(""), None);
        assert_eq!(table.title("hermit"), Some("隐士证"));
        assert_eq!(table.known(), "101");
        assert_eq!(
            problems.lines(),
            [
                "3:1 bad-code-table: `hermit` is there twice, once without a partner's code",
                "4:1 bad-code-table: `resident_id` is there twice, once without a partner's code",
            ]
        );
    }
}
