//! Checked names: of jobs, mappings, partners, connections, and SQL identifiers.

use std::fmt;

/// Why a text is not a name of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The text is empty.
    #[error("a name cannot be empty")]
    Empty,
    /// The text has more bytes than the kind allows.
    #[error("`{name}` is longer than {limit} bytes")]
    TooLong {
        /// What was given.
        name: String,
        /// The most bytes allowed.
        limit: usize,
    },
    /// A character outside `a-z 0-9 _` (and `/` between the parts of a path-like name).
    #[error("`{name}` has a character other than a-z, 0-9 and _, or does not start with a letter")]
    Character {
        /// What was given.
        name: String,
    },
}

const MAX_PART: usize = 48;

fn check_part(whole: &str, part: &str) -> Result<(), NameError> {
    if part.is_empty() {
        return Err(NameError::Empty);
    }
    if part.len() > MAX_PART {
        return Err(NameError::TooLong {
            name: whole.to_owned(),
            limit: MAX_PART,
        });
    }
    let starts = part.starts_with(|c: char| c.is_ascii_lowercase());
    let fits = part
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if starts && fits {
        Ok(())
    } else {
        Err(NameError::Character {
            name: whole.to_owned(),
        })
    }
}

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident, $parts:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Checks `text`; every part starts with a letter and has only `a-z 0-9 _`.
            pub fn new(text: &str) -> Result<Self, NameError> {
                if text.split('/').count() > $parts {
                    return Err(NameError::Character { name: text.to_owned() });
                }
                text.split('/').try_for_each(|part| check_part(text, part))?;
                Ok(Self(text.to_owned()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

name_type!(
    /// A job: its path below `jobs/` without `.toml`, such as `etc_clearing/receive_transactions`.
    JobName, 3
);
name_type!(
    /// A mapping: its path below `mappings/` without `.toml`.
    MappingName, 3
);
name_type!(
    /// A partner (对接单位).
    PartnerName, 1
);
name_type!(
    /// A connection of the settings file.
    ConnectionName, 1
);
name_type!(
    /// A key of the settings file.
    KeyName, 1
);
name_type!(
    /// An SQL identifier (table, column) that is safe to put between double quotes.
    Ident, 1
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_only_small_letters_digits_and_underscores() {
        for good in ["a", "card_status", "t2", "etc_clearing"] {
            assert_eq!(Ident::new(good).expect("a good name").as_str(), good);
        }
        for bad in ["", "2a", "A", "a-b", "a b", "a\"b", "_a", "a/b", "名"] {
            assert!(Ident::new(bad).is_err(), "{bad} must be refused");
        }
    }

    #[test]
    fn a_job_is_named_by_its_path() {
        assert!(JobName::new("etc_clearing/receive_transactions").is_ok());
        assert!(JobName::new("../receive").is_err());
        assert!(JobName::new("/a").is_err());
    }
}
