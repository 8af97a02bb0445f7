//! Where the SQL of the two databases differs.

use crate::id::Ident;
use crate::value::Kind;

/// The SQL a database speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Dialect {
    /// The type of a column, for DDL. Text sorts by bytes on both: PostgreSQL's is `COLLATE "C"`.
    pub fn column_type(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Self::Postgres, Kind::Text) => "TEXT COLLATE \"C\"",
            _ => self.cast_type(kind),
        }
    }

    /// The type in `CAST(… AS …)`.
    pub fn cast_type(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Self::Sqlite, Kind::Int | Kind::Instant) => "INTEGER",
            (Self::Sqlite, Kind::Text | Kind::Date) | (Self::Postgres, Kind::Text) => "TEXT",
            (Self::Sqlite, Kind::Bytes) => "BLOB",
            (Self::Postgres, Kind::Int) => "BIGINT",
            (Self::Postgres, Kind::Date) => "DATE",
            (Self::Postgres, Kind::Instant) => "TIMESTAMPTZ",
            (Self::Postgres, Kind::Bytes) => "BYTEA",
        }
    }

    /// What ends a `CREATE TABLE` whose rows are stored in the order of their primary key.
    pub fn clustered(self) -> &'static str {
        match self {
            Self::Sqlite => "WITHOUT ROWID",
            Self::Postgres => "",
        }
    }

    /// An identifier between double quotes; a keyword is then a name like any other.
    pub fn quote(self, name: &Ident) -> String {
        quote(name)
    }

    /// Replaces `{int} {text} {date} {instant} {bytes}` by column types and `{clustered}` by
    /// [`Dialect::clustered`], so that each table is written once.
    pub fn render(self, ddl: &str) -> String {
        [
            ("{int}", self.column_type(Kind::Int)),
            ("{text}", self.column_type(Kind::Text)),
            ("{date}", self.column_type(Kind::Date)),
            ("{instant}", self.column_type(Kind::Instant)),
            ("{bytes}", self.column_type(Kind::Bytes)),
            ("{clustered}", self.clustered()),
        ]
        .iter()
        .fold(ddl.to_owned(), |text, (placeholder, by)| {
            text.replace(placeholder, by)
        })
    }
}

pub(super) fn quote(name: &Ident) -> String {
    format!("\"{name}\"")
}

/// `"a", "b"`.
pub(super) fn quote_list<'a>(names: impl IntoIterator<Item = &'a Ident>) -> String {
    names.into_iter().map(quote).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_written_once_for_both_databases() {
        let ddl = "CREATE TABLE t (a {int}, b {text}, c {date}, d {instant}, e {bytes}, PRIMARY KEY (a)) {clustered}";
        assert_eq!(
            Dialect::Sqlite.render(ddl),
            "CREATE TABLE t (a INTEGER, b TEXT, c TEXT, d INTEGER, e BLOB, PRIMARY KEY (a)) WITHOUT ROWID"
        );
        assert_eq!(
            Dialect::Postgres.render(ddl).trim_end(),
            "CREATE TABLE t (a BIGINT, b TEXT COLLATE \"C\", c DATE, d TIMESTAMPTZ, e BYTEA, PRIMARY KEY (a))"
        );
    }
}
