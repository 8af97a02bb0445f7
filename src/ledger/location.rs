//! Where a file is at a partner.

use std::fmt;

/// Where a file is: the connection, the folder below its root, the name there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Location {
    /// The connection of the settings file.
    pub connection: String,
    /// The folder, with `/`, empty for the connection's root.
    pub path: String,
    /// The name, without folder.
    pub name: String,
}

impl Location {
    /// From its three parts.
    pub fn new(
        connection: impl Into<String>,
        path: impl Into<String>,
        name: impl Into<String>,
    ) -> Self {
        Self {
            connection: connection.into(),
            path: path.into(),
            name: name.into(),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slash = if self.path.is_empty() { "" } else { "/" };
        write!(f, "`{}:{}{slash}{}`", self.connection, self.path, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_shows_as_connection_and_path() {
        assert_eq!(
            Location::new("centre", "to_issuer", "a.xml").to_string(),
            "`centre:to_issuer/a.xml`"
        );
        assert_eq!(
            Location::new("centre", "", "a.xml").to_string(),
            "`centre:a.xml`"
        );
    }
}
