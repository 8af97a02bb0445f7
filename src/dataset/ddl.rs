//! The SQL that makes a dataset's table and indexes.

use super::column::Column;
use super::sql::{quote, quote_list};
use super::table::{Dataset, LINEAGE};
use crate::db::Dialect;
use crate::id::Ident;
use crate::value::Kind;
use std::fmt::Write;

/// Longest index name that both databases keep whole: 63 bytes (PostgreSQL, NAMEDATALEN - 1).
const MAX_NAME: usize = 63;

impl Dataset {
    /// The table, then its indexes, one statement each.
    pub fn ddl(&self, dialect: Dialect) -> Vec<String> {
        let mut statements = vec![self.create_table(dialect)];
        statements.extend(
            self.wanted_indexes()
                .map(|columns| self.create_index(&columns)),
        );
        statements
    }

    pub(super) fn create_table(&self, dialect: Dialect) -> String {
        let mut sql = format!("CREATE TABLE {} (\n", quote(&self.name));
        for column in &self.columns {
            let kind = dialect.column_type(column.column_type.kind());
            let null = if self.is_nullable(column.name.as_str()) {
                ""
            } else {
                " NOT NULL"
            };
            line(&mut sql, &format!("{} {kind}{null}", quote(&column.name)));
        }
        for name in LINEAGE {
            let kind = dialect.column_type(Kind::Int);
            line(&mut sql, &format!("{} {kind} NOT NULL", quote(name)));
        }
        let key = format!("  PRIMARY KEY ({})\n)", quote_list(&self.key));
        sql.push_str(&key);
        if !dialect.clustered().is_empty() {
            sql.push(' ');
            sql.push_str(dialect.clustered());
        }
        sql
    }

    pub(super) fn add_column(&self, column: &Column, dialect: Dialect) -> String {
        format!(
            "ALTER TABLE {} ADD COLUMN {} {}",
            quote(&self.name),
            quote(&column.name),
            dialect.column_type(column.column_type.kind())
        )
    }

    pub(super) fn create_index(&self, columns: &[Ident]) -> String {
        format!(
            "CREATE INDEX IF NOT EXISTS {} ON {} ({})",
            quote(index_name(&self.name, columns)),
            quote(&self.name),
            quote_list(columns)
        )
    }

    /// The declared indexes and, if it is wanted, the one on `lineage_file`.
    pub(super) fn wanted_indexes(&self) -> impl Iterator<Item = Vec<Ident>> {
        let lineage = LINEAGE.first().filter(|_| self.has_file_index);
        let lineage = lineage.and_then(|name| Ident::new(name).ok());
        let lineage = lineage.into_iter().map(|name| vec![name]);
        self.indexes.iter().cloned().chain(lineage)
    }
}

fn line(sql: &mut String, text: &str) {
    sql.push_str("  ");
    sql.push_str(text);
    sql.push_str(",\n");
}

/// `ix_TABLE_COLUMN_COLUMN`; a longer one ends in a checksum of the whole.
fn index_name(table: &Ident, columns: &[Ident]) -> String {
    let mut name = format!("ix_{table}");
    for column in columns {
        let _ = write!(name, "_{column}");
    }
    if name.len() > MAX_NAME {
        let checksum = fnv1a(name.as_bytes());
        name.truncate(MAX_NAME - 9);
        let _ = write!(name, "_{checksum:08x}");
    }
    name
}

/// 32-bit FNV-1a: small, and the same in every version of this program.
fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}
