//! Which names a job takes: `*`, `?` and `{placeholder}`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use regex::Regex;

use super::RemoteName;

const MAX_BYTES: usize = 255;

/// A checked file name pattern.
///
/// `*` stands for any characters, `?` for one, and `{name}` for one or more of `A-Z a-z 0-9 _ -`,
/// which are captured under that name. Everything else stands for itself; case matters. Matching
/// takes time linear in the name, whatever the pattern.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

/// What is wrong with a pattern; places are byte offsets in its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// No characters, or more than 255 bytes.
    #[error("a pattern has 1 to 255 bytes; this one has {bytes}")]
    Length {
        /// How many it has.
        bytes: usize,
    },
    /// A character that no clean name has, so that nothing would ever match.
    #[error("no file name has `{}`; a pattern is for the name alone", character.escape_default())]
    Impossible {
        /// The character.
        character: char,
        /// Where it stands.
        at: usize,
    },
    /// A `{` without its `}`, or a `}` without its `{`.
    #[error("a brace without its partner; a placeholder is written `{{name}}`")]
    Brace {
        /// Where it stands.
        at: usize,
    },
    /// A placeholder's name is not `a-z 0-9 _`, beginning with a letter.
    #[error("`{{{name}}}` is not a placeholder; its name begins with a letter and has a-z, 0-9, _")]
    Placeholder {
        /// What stands between the braces.
        name: String,
        /// Where the `{` stands.
        at: usize,
    },
    /// The same placeholder twice.
    #[error("the placeholder `{{{name}}}` stands twice; each name can be captured once")]
    Repeated {
        /// The name.
        name: String,
        /// Where the second `{` stands.
        at: usize,
    },
    /// More placeholders than the matcher has room for.
    #[error("the pattern is too large to match: {reason}")]
    TooComplex {
        /// What the matcher says.
        reason: String,
    },
}

impl Pattern {
    /// Checks and prepares a pattern.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        if text.is_empty() || text.len() > MAX_BYTES {
            return Err(PatternError::Length { bytes: text.len() });
        }
        let regex = Regex::new(&translate(text)?).map_err(|error| PatternError::TooComplex {
            reason: error.to_string(),
        })?;
        Ok(Self {
            text: text.to_owned(),
            regex,
        })
    }

    /// What the placeholders stand for in this name, or `None` when the name does not fit.
    pub fn captures(&self, name: &RemoteName) -> Option<BTreeMap<String, String>> {
        let found = self.regex.captures(name.as_str())?;
        let names = self.regex.capture_names().flatten();
        let pairs = names.filter_map(|key| {
            let value = found.name(key)?;
            Some((key.to_owned(), value.as_str().to_owned()))
        });
        Some(pairs.collect())
    }

    /// The names of its placeholders.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.regex.capture_names().flatten()
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

fn translate(text: &str) -> Result<String, PatternError> {
    let mut regex = String::from(r"\A(?s:");
    let mut seen = BTreeSet::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            '{' => {
                let name = placeholder(text, at)?;
                if !seen.insert(name) {
                    return Err(PatternError::Repeated {
                        name: name.to_owned(),
                        at,
                    });
                }
                regex.extend(["(?<", name, ">[A-Za-z0-9_-]+)"]);
                // The name is ASCII: as many characters as bytes, and the closing brace.
                chars.nth(name.len());
            }
            '}' => return Err(PatternError::Brace { at }),
            '/' | '\\' | ':' | '<' | '>' | '"' | '|' => {
                return Err(PatternError::Impossible { character: c, at });
            }
            c if c.is_control() => return Err(PatternError::Impossible { character: c, at }),
            c => regex.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    regex.push_str(r")\z");
    Ok(regex)
}

fn placeholder(text: &str, at: usize) -> Result<&str, PatternError> {
    let inside = text.get(at + 1..).unwrap_or("");
    let Some((name, _)) = inside.split_once('}') else {
        return Err(PatternError::Brace { at });
    };
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if starts && name.chars().all(fits) {
        Ok(name)
    } else {
        Err(PatternError::Placeholder {
            name: name.to_owned(),
            at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captures(pattern: &str, name: &str) -> Option<Vec<(String, String)>> {
        let pattern = Pattern::new(pattern).expect("a good pattern");
        let name = RemoteName::clean(name).expect("a clean name");
        Some(pattern.captures(&name)?.into_iter().collect())
    }

    #[test]
    fn stars_and_question_marks_stand_for_characters_and_dots_for_themselves() {
        assert_eq!(captures("*.xml.lz77", "a.xml.lz77"), Some(vec![]));
        assert_eq!(captures("*.xml", "aXxml"), None);
        assert_eq!(captures("*.xml", "a.xml.lz77"), None);
        assert_eq!(captures("对?.csv", "对账.csv"), Some(vec![]));
        assert_eq!(captures("对?.csv", "对.csv"), None);
        assert_eq!(captures("a(b)+[c]$^.txt", "a(b)+[c]$^.txt"), Some(vec![]));
        assert_eq!(captures("a.txt", "A.txt"), None);
    }

    #[test]
    fn placeholders_capture_what_stands_in_their_place() {
        let found = captures(
            "CHK_{provider}_{business_date}*.txt",
            "CHK_PSBC_20261122-1.txt",
        );
        let expected = [("business_date", "20261122-1"), ("provider", "PSBC")];
        assert_eq!(
            found,
            Some(expected.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec())
        );
        assert_eq!(captures("CHK_{date}.txt", "CHK_.txt"), None);
        assert_eq!(captures("CHK_{date}.txt", "CHK_2026年.txt"), None);
    }

    #[test]
    fn a_pattern_that_cannot_mean_anything_says_where_and_why() {
        for (pattern, message) in [
            ("", "a pattern has 1 to 255 bytes; this one has 0"),
            (
                "in/*.xml",
                "no file name has `/`; a pattern is for the name alone",
            ),
            (
                "a\n",
                "no file name has `\\n`; a pattern is for the name alone",
            ),
            (
                "{date",
                "a brace without its partner; a placeholder is written `{name}`",
            ),
            (
                "date}",
                "a brace without its partner; a placeholder is written `{name}`",
            ),
            (
                "{date:%Y}",
                "`{date:%Y}` is not a placeholder; its name begins with a letter and has a-z, 0-9, _",
            ),
            (
                "{a}-{a}",
                "the placeholder `{a}` stands twice; each name can be captured once",
            ),
        ] {
            let error = Pattern::new(pattern).expect_err(pattern);
            assert_eq!(error.to_string(), message);
        }
        let error = Pattern::new("账{a}-{a}").expect_err("twice");
        assert_eq!(
            error,
            PatternError::Repeated {
                name: "a".to_owned(),
                at: 7
            }
        );
    }

    #[test]
    fn a_pattern_of_many_stars_does_not_take_exponential_time() {
        let stars = "*a".repeat(120);
        assert_eq!(captures(&stars, &"a".repeat(119)), None);
        assert_eq!(captures(&stars, &"a".repeat(255)), Some(vec![]));
    }
}
