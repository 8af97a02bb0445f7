//! Paths of elements and attributes by local name.

use std::fmt;

use super::chars::is_local_name;

/// Why a text is not a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing, or an empty step.
    #[error("`{path}` has an empty step: write element names with one `/` between")]
    EmptyStep {
        /// What was given.
        path: String,
    },
    /// A step that is not a local name.
    #[error("`{step}` in `{path}` is not a local name: no prefix, spaces or wildcards")]
    Step {
        /// What was given.
        path: String,
        /// The step.
        step: String,
    },
    /// An attribute anywhere but at the end.
    #[error("`{path}` goes on after an attribute: `@Name` stands last")]
    AfterAttribute {
        /// What was given.
        path: String,
    },
    /// An attribute where only an element can be.
    #[error("`{path}` names an attribute: a record is an element")]
    RecordAttribute {
        /// What was given.
        path: String,
    },
}

/// Where a slot's value stands in an XML document: one element's text or one attribute.
///
/// `Fee`, `ICCard/CardId`, `@Count`, `Body/@ContentType` and `.` are relative to the record;
/// `/Message/Header/MessageId` is absolute and shared by all records after it. `*` is every element
/// of the record that no field or record wants, as it stands, with its place among the others.
/// An attribute is one without a prefix: `xsi:type` never stands in for `type`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlField {
    pub(super) absolute: bool,
    pub(super) steps: Vec<String>,
    pub(super) attribute: Option<String>,
    /// Everything in the record that no field wants, as it stands.
    pub(super) is_rest: bool,
}

impl XmlField {
    /// Reads a `from` of a mapping.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        if text == "." || text == "*" {
            return Ok(Self {
                absolute: false,
                steps: Vec::new(),
                attribute: None,
                is_rest: text == "*",
            });
        }
        let (absolute, rest) = match text.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut steps: Vec<String> = Vec::new();
        let mut attribute = None;
        for step in rest.split('/') {
            if attribute.is_some() {
                return Err(PathError::AfterAttribute { path: text.into() });
            }
            match step.strip_prefix('@') {
                Some(name) => attribute = Some(checked(text, name)?.to_owned()),
                None => steps.push(checked(text, step)?.to_owned()),
            }
        }
        if absolute && steps.is_empty() {
            return Err(PathError::EmptyStep { path: text.into() });
        }
        Ok(Self {
            absolute,
            steps,
            attribute,
            is_rest: false,
        })
    }

    /// Whether the value is everything in the record that no field wants.
    pub fn is_rest(&self) -> bool {
        self.is_rest
    }

    /// Whether the value is shared by records rather than the record's own.
    pub fn is_absolute(&self) -> bool {
        self.absolute
    }
}

impl fmt::Display for XmlField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_rest {
            return f.write_str("*");
        }
        let mut text = String::new();
        for step in &self.steps {
            if !text.is_empty() {
                text.push('/');
            }
            text.push_str(step);
        }
        if let Some(name) = &self.attribute {
            if !text.is_empty() {
                text.push('/');
            }
            text.push('@');
            text.push_str(name);
        }
        match (self.absolute, text.is_empty()) {
            (true, _) => write!(f, "/{text}"),
            (false, true) => f.write_str("."),
            (false, false) => f.write_str(&text),
        }
    }
}

/// The steps of a record's path; a leading `/` may be left out.
pub(super) fn absolute_steps(path: &str) -> Result<Vec<String>, PathError> {
    let steps = path.strip_prefix('/').unwrap_or(path);
    if steps.contains('@') {
        return Err(PathError::RecordAttribute { path: path.into() });
    }
    steps
        .split('/')
        .map(|step| checked(path, step).map(str::to_owned))
        .collect()
}

fn checked<'a>(path: &str, step: &'a str) -> Result<&'a str, PathError> {
    if step.is_empty() {
        return Err(PathError::EmptyStep { path: path.into() });
    }
    if is_local_name(step) {
        Ok(step)
    } else {
        Err(PathError::Step {
            path: path.into(),
            step: step.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_shows_as_it_was_written() {
        for text in [
            "Fee",
            "ICCard/CardId",
            "@MessageCount",
            "Body/@ContentType",
            ".",
            "*",
            "/Message/Header/MessageId",
            "/Message/Body/@ContentType",
            "车牌/颜色",
        ] {
            let field = XmlField::parse(text).expect("a good path");
            assert_eq!(field.to_string(), text);
        }
    }

    #[test]
    fn a_bad_path_says_which_step_is_bad() {
        for (text, message) in [
            (
                "",
                "`` has an empty step: write element names with one `/` between",
            ),
            (
                "A//B",
                "`A//B` has an empty step: write element names with one `/` between",
            ),
            (
                "/",
                "`/` has an empty step: write element names with one `/` between",
            ),
            (
                "n:Fee",
                "`n:Fee` in `n:Fee` is not a local name: no prefix, spaces or wildcards",
            ),
            (
                "A/*",
                "`*` in `A/*` is not a local name: no prefix, spaces or wildcards",
            ),
            (
                "@a/b",
                "`@a/b` goes on after an attribute: `@Name` stands last",
            ),
        ] {
            let error = XmlField::parse(text).expect_err("a bad path");
            assert_eq!(error.to_string(), message);
        }
        let error = absolute_steps("Message/@Count").expect_err("a record is an element");
        assert_eq!(
            error.to_string(),
            "`Message/@Count` names an attribute: a record is an element"
        );
        assert_eq!(absolute_steps("/A/B"), absolute_steps("A/B"));
    }
}
