//! Addresses of databases, checked without touching file, network or environment.

use super::Dialect;
use crate::secret::Secret;
use std::fmt;
use std::path::{Path, PathBuf};

/// Where a database is. Neither `Debug` nor `Display` shows a password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(Place);

#[derive(Clone, PartialEq, Eq)]
enum Place {
    Sqlite(PathBuf),
    Postgres(String),
}

/// Why a text is not a database's address. No message repeats the text: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlProblem {
    /// Neither of the two schemes.
    #[error(
        "a database address starts with `sqlite://` or `postgres://`, such as `sqlite://var/dukou.db`"
    )]
    Scheme,
    /// No usable path after `sqlite://`.
    #[error("`sqlite://` needs the path of a file, such as `sqlite://var/dukou.db`")]
    SqlitePath,
    /// A parameter that the PostgreSQL driver does not know.
    #[error(
        "`{name}` is not a parameter of a `postgres://` address; known are sslmode, sslrootcert, sslcert, sslkey, host, port, dbname, user, password, application_name"
    )]
    Parameter {
        /// The parameter's name.
        name: String,
    },
}

const PARAMETERS: &[&str] = &[
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
];

impl DatabaseUrl {
    /// Reads `sqlite://PATH` or `postgres://USER[:PASSWORD]@HOST[:PORT]/DATABASE[?sslmode=…]`.
    pub fn parse(text: &str) -> Result<Self, UrlProblem> {
        if let Some(path) = text.strip_prefix("sqlite://") {
            // Every pooled connection to `:memory:` would be a database of its own.
            if path.is_empty() || path.starts_with(':') || path.contains(['?', '\0']) {
                return Err(UrlProblem::SqlitePath);
            }
            return Ok(Self(Place::Sqlite(PathBuf::from(path))));
        }
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(UrlProblem::Scheme);
        }
        check_parameters(text)?;
        Ok(Self(Place::Postgres(text.to_owned())))
    }

    /// The same address with a relative SQLite path taken from `base`.
    #[must_use]
    pub fn relative_to(self, base: &Path) -> Self {
        match self.0 {
            Place::Sqlite(path) => Self(Place::Sqlite(base.join(path))),
            place @ Place::Postgres(_) => Self(place),
        }
    }

    /// The same address with the password of its user, kept apart from the settings file. Nothing
    /// changes for SQLite.
    #[must_use]
    pub fn with_password(self, password: &Secret<String>) -> Self {
        match self.0 {
            Place::Postgres(text) => {
                let sign = if text.contains('?') { '&' } else { '?' };
                let escaped: String = password.expose().bytes().map(percent).collect();
                Self(Place::Postgres(format!("{text}{sign}password={escaped}")))
            }
            place @ Place::Sqlite(_) => Self(place),
        }
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        match self.0 {
            Place::Sqlite(_) => Dialect::Sqlite,
            Place::Postgres(_) => Dialect::Postgres,
        }
    }

    /// The file, if it is SQLite's.
    pub fn sqlite_path(&self) -> Option<&Path> {
        match &self.0 {
            Place::Sqlite(path) => Some(path),
            Place::Postgres(_) => None,
        }
    }

    /// The whole text with its password, for the driver only; empty for SQLite.
    pub(super) fn postgres_text(&self) -> &str {
        match &self.0 {
            Place::Sqlite(_) => "",
            Place::Postgres(text) => text,
        }
    }
}

/// A byte as it may stand in a parameter of an address.
fn percent(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() {
        return char::from(byte).to_string();
    }
    format!("%{byte:02X}")
}

/// Unknown parameters are refused here because the driver would log them with their values.
fn check_parameters(text: &str) -> Result<(), UrlProblem> {
    let Some((_, query)) = text.rsplit_once('?') else {
        return Ok(());
    };
    for pair in query.split('&') {
        let (name, _) = pair.split_once('=').unwrap_or(("", pair));
        if !PARAMETERS.contains(&name) {
            // A piece that is not `name=value` may be the rest of a password: not repeated.
            let shown = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            return Err(UrlProblem::Parameter {
                name: if shown { name } else { "?" }.to_owned(),
            });
        }
    }
    Ok(())
}

/// The part of a PostgreSQL address that is certainly no secret.
fn without_secrets(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = (rest.get(..end)?, rest.get(end..)?);
    let path = tail.split(['?', '#']).next().unwrap_or("");
    // An `@` anywhere else means that an unescaped password was cut in the wrong place.
    if tail.contains('@') {
        return None;
    }
    let (user, host) = match authority.split_once('@') {
        Some((user, host)) => (user.split(':').next().unwrap_or(""), host),
        None => ("", authority),
    };
    let port = host.rsplit_once(':').map_or("", |(_, port)| port);
    if host.contains('@') || !port.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let at = if user.is_empty() { "" } else { "@" };
    Some(format!("postgres://{user}{at}{host}{path}"))
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Place::Postgres(text) => f.write_str(
                without_secrets(text)
                    .as_deref()
                    .unwrap_or("postgres://(address not shown)"),
            ),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (text, shown) in [
            (
                "postgres://du:geheim@db.example:5432/hub",
                "postgres://du@db.example:5432/hub",
            ),
            ("postgres://db/hub?password=geheim", "postgres://db/hub"),
            (
                "postgres://du:ge/heim@db/hub",
                "postgres://(address not shown)",
            ),
            (
                "postgres://du:ge@heim@db/hub",
                "postgres://(address not shown)",
            ),
            ("postgres://du:geheim", "postgres://(address not shown)"),
            ("sqlite://var/dukou.db", "sqlite://var/dukou.db"),
        ] {
            let url = DatabaseUrl::parse(text).expect("an address");
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), format!("DatabaseUrl({shown})"));
        }
    }

    #[test]
    fn an_address_of_another_kind_is_refused_without_repeating_it() {
        for (text, problem) in [
            ("mysql://du:geheim@db/hub", UrlProblem::Scheme),
            ("sqlite://", UrlProblem::SqlitePath),
            ("sqlite://:memory:", UrlProblem::SqlitePath),
            (
                "postgres://db/hub?pasword=geheim",
                UrlProblem::Parameter {
                    name: "pasword".to_owned(),
                },
            ),
            (
                "postgres://du:ge?heim@db/hub",
                UrlProblem::Parameter {
                    name: String::new(),
                },
            ),
        ] {
            assert_eq!(DatabaseUrl::parse(text), Err(problem));
        }
    }

    #[test]
    fn a_relative_file_is_taken_from_the_given_folder_and_an_absolute_one_is_not() {
        let file = |text: &str| {
            DatabaseUrl::parse(text)
                .expect("an address")
                .relative_to(Path::new("/srv/hub"))
        };
        assert_eq!(
            file("sqlite://var/a.db").sqlite_path(),
            Some(Path::new("/srv/hub/var/a.db"))
        );
        assert_eq!(
            file("sqlite:///data/a.db").sqlite_path(),
            Some(Path::new("/data/a.db"))
        );
    }
}
