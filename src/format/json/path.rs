//! Paths of values: names with `/` between, `[]` for the elements of an array.

use std::fmt;

/// Why a text is not a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing, or an empty step.
    #[error("`{path}` has an empty step: write names with one `/` between")]
    EmptyStep {
        /// What was given.
        path: String,
    },
    /// A step that is neither a name nor `[]`.
    #[error(
        "`{step}` in `{path}` is not a step: write a name, `[]` behind it for the elements of its \
         array, and quotes around a name with other signs"
    )]
    Step {
        /// What was given.
        path: String,
        /// The step.
        step: String,
    },
    /// A dot where a slash is meant.
    #[error("`{step}` in `{path}` has a dot: write `/` between steps, or quotes around the name")]
    Dot {
        /// What was given.
        path: String,
        /// The step.
        step: String,
    },
    /// A quote that does not end.
    #[error("`{path}` has a quoted name that does not end")]
    Quote {
        /// What was given.
        path: String,
    },
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// The member of an object.
    Name(String),
    /// Every element of an array.
    Each,
}

/// Where values stand: `id`, `card/number`, `tags[]`, `"a.b"/c`, `.` for the value itself;
/// `/data/date` begins at the outermost value of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonPath {
    pub(super) absolute: bool,
    pub(super) steps: Vec<Step>,
}

impl JsonPath {
    /// Reads a path.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        if text == "." {
            return Ok(Self {
                absolute: false,
                steps: Vec::new(),
            });
        }
        let (absolute, rest) = match text.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut steps = Vec::new();
        let mut rest = Some(rest);
        while let Some(part) = rest {
            rest = push_step(text, part, &mut steps)?;
        }
        Ok(Self { absolute, steps })
    }

    /// Whether it begins at the outermost value rather than at the record.
    pub fn is_absolute(&self) -> bool {
        self.absolute
    }
}

/// Reads the step that `part` begins with; gives what follows its `/`.
fn push_step<'a>(
    path: &str,
    part: &'a str,
    steps: &mut Vec<Step>,
) -> Result<Option<&'a str>, PathError> {
    let (name, tail, is_quoted) = match part.strip_prefix('"') {
        Some(inside) => {
            let (name, tail) = inside
                .split_once('"')
                .ok_or_else(|| PathError::Quote { path: path.into() })?;
            (name, tail, true)
        }
        None => {
            let end = part.find(['/', '[']).unwrap_or(part.len());
            let (name, tail) = part.split_at_checked(end).unwrap_or((part, ""));
            (name, tail, false)
        }
    };
    let whole = || {
        let end = part.len() - tail.len() + tail.find('/').unwrap_or(tail.len());
        part.get(..end).unwrap_or(part).to_owned()
    };
    let begins_with_list = name.is_empty() && !is_quoted && tail.starts_with("[]");
    if begins_with_list && !steps.is_empty() {
        let step = whole();
        return Err(PathError::Step {
            path: path.into(),
            step,
        });
    }
    if !begins_with_list {
        if name.is_empty() {
            return Err(PathError::EmptyStep { path: path.into() });
        }
        if !is_quoted {
            check_name(path, name)?;
        }
        steps.push(Step::Name(name.to_owned()));
    }
    let mut tail = tail;
    while let Some(after) = tail.strip_prefix("[]") {
        steps.push(Step::Each);
        tail = after;
    }
    match tail.strip_prefix('/') {
        Some(next) => Ok(Some(next)),
        None if tail.is_empty() => Ok(None),
        None => Err(PathError::Step {
            path: path.into(),
            step: whole(),
        }),
    }
}

fn check_name(path: &str, name: &str) -> Result<(), PathError> {
    let (path, step) = (path.to_owned(), name.to_owned());
    if name.contains('.') {
        return Err(PathError::Dot { path, step });
    }
    let is_bad = |c: char| matches!(c, ']' | '"' | '*') || c.is_control() || c.is_whitespace();
    if name.contains(is_bad) {
        return Err(PathError::Step { path, step });
    }
    Ok(())
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.absolute {
            f.write_str("/")?;
        } else if self.steps.is_empty() {
            return f.write_str(".");
        }
        f.write_str(&joined(&self.steps))
    }
}

/// Steps as they are written.
pub(super) fn joined(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Each => text.push_str("[]"),
            Step::Name(name) => {
                if !text.is_empty() {
                    text.push('/');
                }
                if check_name("", name).is_ok() && !name.contains(['/', '[']) {
                    text.push_str(name);
                } else {
                    text.push_str(&format!("\"{name}\""));
                }
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_shows_as_it_was_written() {
        for text in [
            ".",
            "id",
            "card/number",
            "data/orders[]",
            "[]",
            "[]/items[]",
            "rows[][]",
            "/data/date",
            "/[]/id",
            "\"a.b\"/c",
            "\"/data/x\"[]/y",
            "车牌/颜色",
        ] {
            let path = JsonPath::parse(text).expect("a good path");
            assert_eq!(path.to_string(), text);
        }
    }

    #[test]
    fn a_bad_path_says_which_step_is_bad() {
        let step = "is not a step: write a name, `[]` behind it for the elements of its array, \
                    and quotes around a name with other signs";
        for (text, message) in [
            (
                "",
                "`` has an empty step: write names with one `/` between".to_owned(),
            ),
            (
                "a//b",
                "`a//b` has an empty step: write names with one `/` between".to_owned(),
            ),
            (
                "/",
                "`/` has an empty step: write names with one `/` between".to_owned(),
            ),
            (
                "data.orders[]",
                "`data.orders` in `data.orders[]` has a dot: write `/` between steps, or quotes \
                 around the name"
                    .to_owned(),
            ),
            ("a[0]/b", format!("`a[0]` in `a[0]/b` {step}")),
            ("a/[]", format!("`[]` in `a/[]` {step}")),
            ("a/*", format!("`*` in `a/*` {step}")),
            (
                "\"a",
                "`\"a` has a quoted name that does not end".to_owned(),
            ),
        ] {
            let error = JsonPath::parse(text).expect_err("a bad path");
            assert_eq!(error.to_string(), message);
        }
    }
}
