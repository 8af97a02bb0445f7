//! Two sets of files beside each other, as a person reads the difference.

use serde::Serialize;

use super::observed::Files;
use crate::cli::table::one_line;

/// Lines of one difference that are shown.
const SHOWN: usize = 20;

/// Pairs of lines that are compared one by one at most; beyond it all lines between the equal ends
/// count as changed.
const COMPARED: usize = 1_000_000;

/// How a file differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Difference {
    /// Its path below `expected`.
    pub(super) path: String,
    pub(super) kind: Kind,
    /// `- expected` and `+ found`, in their order; empty where neither the bytes nor what is sealed in
    /// them is text.
    pub(super) lines: Vec<String>,
    /// How many more lines differ than are kept.
    pub(super) more: usize,
    /// The first byte that differs, from 0.
    pub(super) first_byte: Option<usize>,
}

/// In what way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// Expected, and not there.
    Missing,
    /// There, and not expected.
    Unexpected,
    /// Other content.
    Differs,
}

/// Everything that differs, by path. `open` gives the text inside of a sealed file, for people.
pub(super) fn compare(
    expected: &Files,
    found: &Files,
    open: &dyn Fn(&str, &[u8]) -> Option<String>,
) -> Vec<Difference> {
    let mut paths: Vec<&String> = expected.keys().chain(found.keys()).collect();
    paths.sort();
    paths.dedup();
    let one = |path: &String| {
        let (expected, found) = (expected.get(path), found.get(path));
        let kind = match (expected, found) {
            (Some(_), None) => Kind::Missing,
            (None, Some(_)) => Kind::Unexpected,
            (Some(expected), Some(found)) if expected != found => Kind::Differs,
            _ => return None,
        };
        let bytes = |side: Option<&Vec<u8>>| side.cloned().unwrap_or_default();
        Some(difference(
            path,
            kind,
            &bytes(expected),
            &bytes(found),
            open,
        ))
    };
    paths.into_iter().filter_map(one).collect()
}

fn difference(
    path: &str,
    kind: Kind,
    expected: &[u8],
    found: &[u8],
    open: &dyn Fn(&str, &[u8]) -> Option<String>,
) -> Difference {
    let text = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.to_owned()),
        Err(_) => open(path, bytes),
    };
    let mut lines = match (text(expected), text(found)) {
        (Some(expected), Some(found)) => changed_lines(&expected, &found),
        _ => Vec::new(),
    };
    let more = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    let pairs = expected.iter().zip(found);
    let equal = pairs
        .take_while(|(expected, found)| expected == found)
        .count();
    Difference {
        path: path.to_owned(),
        kind,
        lines,
        more,
        first_byte: (kind == Kind::Differs).then_some(equal),
    }
}

/// The lines that only one side has: `- ` expected, `+ ` found.
fn changed_lines(expected: &str, found: &str) -> Vec<String> {
    let expected: Vec<&str> = expected.split_inclusive('\n').collect();
    let found: Vec<&str> = found.split_inclusive('\n').collect();
    let is_equal = |(one, other): &(&&str, &&str)| one == other;
    let head = expected.iter().zip(&found).take_while(is_equal).count();
    let (expected, found) = (tail(&expected, head), tail(&found, head));
    let ends = expected.iter().rev().zip(found.iter().rev());
    let foot = ends.take_while(|(one, other)| one == other).count();
    let expected = expected.get(..expected.len() - foot).unwrap_or_default();
    let found = found.get(..found.len() - foot).unwrap_or_default();
    if expected.len().saturating_mul(found.len()) > COMPARED {
        let only = expected.iter().map(|line| marked('-', line));
        return only
            .chain(found.iter().map(|line| marked('+', line)))
            .collect();
    }
    walk(expected, found)
}

fn tail<'s, 't>(lines: &'s [&'t str], from: usize) -> &'s [&'t str] {
    lines.get(from..).unwrap_or_default()
}

/// Walks both sides along their longest common part.
fn walk(expected: &[&str], found: &[&str]) -> Vec<String> {
    let common = common_lengths(expected, found);
    let length = |e: usize, f: usize| {
        common
            .get(e)
            .and_then(|row| row.get(f))
            .copied()
            .unwrap_or(0)
    };
    let (mut e, mut f) = (0, 0);
    let mut lines = Vec::new();
    loop {
        match (expected.get(e), found.get(f)) {
            (Some(one), Some(other)) if one == other => (e, f) = (e + 1, f + 1),
            (Some(one), other) if other.is_none() || length(e + 1, f) >= length(e, f + 1) => {
                lines.push(marked('-', one));
                e += 1;
            }
            (_, Some(other)) => {
                lines.push(marked('+', other));
                f += 1;
            }
            (_, None) => return lines,
        }
    }
}

/// For each pair of places, how many lines the two rests have in common, in order.
fn common_lengths(expected: &[&str], found: &[&str]) -> Vec<Vec<u32>> {
    let mut rows: Vec<Vec<u32>> = vec![vec![0; found.len() + 1]];
    for line in expected.iter().rev() {
        let below = rows.last().cloned().unwrap_or_default();
        let mut row = vec![0; found.len() + 1];
        for (at, other) in found.iter().enumerate().rev() {
            let of = |row: &[u32], at: usize| row.get(at).copied().unwrap_or(0);
            let longest = if line == other {
                of(&below, at + 1) + 1
            } else {
                of(&below, at).max(of(&row, at + 1))
            };
            if let Some(cell) = row.get_mut(at) {
                *cell = longest;
            }
        }
        rows.push(row);
    }
    rows.reverse();
    rows
}

/// A line with its side; what ends it is shown when it is unusual.
fn marked(side: char, line: &str) -> String {
    let text = line.strip_suffix('\n').unwrap_or(line);
    let text = text.replace('\r', "\\r");
    format!("{side} {}", one_line(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(entries: &[(&str, &[u8])]) -> Files {
        let owned = entries
            .iter()
            .map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()));
        owned.collect()
    }

    #[test]
    fn equal_files_do_not_differ() {
        let both = files(&[("a.csv", b"a\n1\n"), ("outbox/x", &[0, 255])]);
        assert_eq!(compare(&both, &both, &|_, _| None), []);
    }

    #[test]
    fn only_the_lines_that_differ_are_shown() {
        let expected = files(&[("a.csv", b"a\n1\n2\n3\n4\n")]);
        let found = files(&[("a.csv", b"a\n1\n2,x\n3\nnew\n4\n")]);
        let differences = compare(&expected, &found, &|_, _| None);
        assert_eq!(
            differences,
            [Difference {
                path: "a.csv".to_owned(),
                kind: Kind::Differs,
                lines: ["- 2", "+ 2,x", "+ new"].map(str::to_owned).into(),
                more: 0,
                first_byte: Some(5),
            }]
        );
    }

    #[test]
    fn files_of_one_side_and_bytes_that_are_no_text_are_said_as_such() {
        let expected = files(&[("gone.csv", b"a\n"), ("outbox/x", &[1, 0xFF, 3])]);
        let found = files(&[("new.csv", b"b\r\n"), ("outbox/x", &[1, 0xFF, 4])]);
        let shown: Vec<_> = compare(&expected, &found, &|_, _| None)
            .into_iter()
            .map(|one| (one.path, one.kind, one.lines, one.first_byte))
            .collect();
        assert_eq!(
            shown,
            [
                (
                    "gone.csv".to_owned(),
                    Kind::Missing,
                    vec!["- a".to_owned()],
                    None
                ),
                (
                    "new.csv".to_owned(),
                    Kind::Unexpected,
                    vec!["+ b\\r".to_owned()],
                    None
                ),
                ("outbox/x".to_owned(), Kind::Differs, Vec::new(), Some(2)),
            ]
        );
    }

    #[test]
    fn a_long_difference_is_cut_and_says_how_much_is_left() {
        let many: String = (0..50).map(|line| format!("{line}\n")).collect();
        let differences = compare(&files(&[("a", many.as_bytes())]), &Files::new(), &|_, _| {
            None
        });
        let sizes = differences.first().map(|one| (one.lines.len(), one.more));
        assert_eq!(sizes, Some((20, 30)));
    }

    #[test]
    fn what_is_sealed_is_shown_opened() {
        let expected = files(&[("outbox/x", &[0xFF, 1])]);
        let found = files(&[("outbox/x", &[0xFF, 2])]);
        let open = |_: &str, bytes: &[u8]| bytes.last().map(|last| format!("<a>{last}</a>"));
        let differences = compare(&expected, &found, &open);
        let lines = differences.first().map(|one| one.lines.clone());
        let wanted = ["- <a>1</a>", "+ <a>2</a>"].map(str::to_owned);
        assert_eq!(lines, Some(wanted.into()));
    }
}
