//! The hub's books as tables of a story: files, rejects, deliveries, in columns that it chooses.

use super::observed::{csv, no_column};
use crate::cli::error::CliError;
use crate::db::Database;
use crate::ledger::{
    self, DeliveryFilter, DeliveryRow, FileFilter, FileRow, RejectFilter, RejectRow,
};

/// Entries of one kind that a story may have.
const MOST: u32 = 100_000;

/// A column: its name, and what it says of an entry.
type Column<T> = (&'static str, fn(&T) -> String);

/// A reject with the name of its file.
struct Refused {
    file: String,
    row: RejectRow,
}

/// The columns of `files.csv`; those that are written when nobody chose come first.
const FILES: &[Column<FileRow>] = &[
    ("connection", |file| file.connection.clone()),
    ("path", |file| file.path.clone()),
    ("name", |file| file.name.clone()),
    ("state", |file| file.state.as_str().to_owned()),
    ("code", |file| known(file.code.as_ref())),
    ("decoded", |file| file.decoded.to_string()),
    ("loaded", |file| file.loaded.to_string()),
    ("rejected", |file| file.rejected.to_string()),
    ("duplicates", |file| file.duplicates.to_string()),
    ("flagged", |file| file.flagged.to_string()),
    ("partner", |file| file.partner.clone()),
    ("mapping", |file| known(file.mapping.as_ref())),
    ("read", |file| known(file.read_label.as_ref())),
    ("identity", |file| known(file.identity.as_ref())),
    ("business_date", |file| known(file.business_date)),
    ("promised", |file| known(file.promised)),
    ("reason", |file| known(file.reason.as_ref())),
];

/// Of `rejects.csv`.
const REJECTS: &[Column<Refused>] = &[
    ("file", |reject| reject.file.clone()),
    ("record", |reject| reject.row.record_no.to_string()),
    ("field", |reject| known(reject.row.field.as_ref())),
    ("code", |reject| reject.row.code.clone()),
    ("detail", |reject| reject.row.detail.clone()),
    ("kind", |reject| reject.row.kind.as_str().to_owned()),
    ("state", |reject| reject.row.state.as_str().to_owned()),
    ("byte_offset", |reject| reject.row.byte_offset.to_string()),
    ("byte_length", |reject| reject.row.byte_length.to_string()),
];

/// Of `deliveries.csv`.
const DELIVERIES: &[Column<DeliveryRow>] = &[
    ("connection", |delivery| delivery.connection.clone()),
    ("path", |delivery| delivery.path.clone()),
    ("name", |delivery| delivery.name.clone()),
    ("mapping", |delivery| delivery.mapping.clone()),
    ("state", |delivery| delivery.state.as_str().to_owned()),
    ("purpose", |delivery| delivery.purpose.as_str().to_owned()),
    ("message_no", |delivery| known(delivery.message_no)),
    ("business_date", |delivery| known(delivery.business_date)),
    ("ack_result", |delivery| known(delivery.ack_result.as_ref())),
];

/// Everything that the books say after a story, files and deliveries in the order of their numbers.
pub(super) struct Books {
    files: Vec<FileRow>,
    rejects: Vec<Refused>,
    pub(super) deliveries: Vec<DeliveryRow>,
}

impl Books {
    /// Reads them.
    pub(super) async fn read(database: &Database) -> Result<Self, CliError> {
        let filter = FileFilter {
            limit: MOST,
            ..FileFilter::default()
        };
        let mut files = ledger::list_files(database, &filter).await?;
        files.reverse();
        let filter = DeliveryFilter {
            limit: MOST,
            ..DeliveryFilter::default()
        };
        let mut deliveries = ledger::list_deliveries(database, &filter).await?;
        deliveries.reverse();
        let filter = RejectFilter {
            limit: MOST,
            ..RejectFilter::default()
        };
        let rejects = ledger::list_rejects(database, &filter).await?;
        let named = |row: RejectRow| {
            let file = files.iter().find(|file| file.file_no == row.file_no);
            let file = known(file.map(|file| &file.name));
            Refused { file, row }
        };
        Ok(Self {
            rejects: rejects.into_iter().map(named).collect(),
            files,
            deliveries,
        })
    }

    /// The tables, each in the columns that `chosen` gives for its name; one that nobody chose
    /// columns of is there only when it has rows.
    pub(super) fn tables(
        &self,
        chosen: impl Fn(&str) -> Result<Option<Vec<String>>, CliError>,
    ) -> Result<Vec<(&'static str, String)>, CliError> {
        let tables = [
            (
                "files.csv",
                table("files.csv", FILES, 10, &self.files, chosen("files.csv")?)?,
            ),
            (
                "rejects.csv",
                table(
                    "rejects.csv",
                    REJECTS,
                    4,
                    &self.rejects,
                    chosen("rejects.csv")?,
                )?,
            ),
            (
                "deliveries.csv",
                table(
                    "deliveries.csv",
                    DELIVERIES,
                    5,
                    &self.deliveries,
                    chosen("deliveries.csv")?,
                )?,
            ),
        ];
        let there = tables.into_iter();
        Ok(there
            .filter_map(|(name, text)| Some((name, text?)))
            .collect())
    }
}

/// A table in the chosen columns, or in its first `usual` ones.
fn table<T>(
    name: &str,
    columns: &[Column<T>],
    usual: usize,
    entries: &[T],
    chosen: Option<Vec<String>>,
) -> Result<Option<String>, CliError> {
    if chosen.is_none() && entries.is_empty() {
        return Ok(None);
    }
    let names = || columns.iter().map(|(name, _)| (*name).to_owned());
    let chosen = chosen.unwrap_or_else(|| names().take(usual).collect());
    let found = chosen.iter().map(|wanted| {
        let column = columns.iter().find(|(name, _)| name == wanted);
        let column = column.map(|(_, says)| *says);
        column.ok_or_else(|| no_column(name, wanted, &names().collect::<Vec<_>>()))
    });
    let found = found.collect::<Result<Vec<fn(&T) -> String>, CliError>>()?;
    let rows = entries
        .iter()
        .map(|entry| found.iter().map(|says| says(entry)).collect());
    Ok(Some(csv(&chosen, rows)))
}

/// A value, or nothing when it is not known.
pub(super) fn known(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column<&str>] = &[
        ("name", |name| (*name).to_owned()),
        ("length", |name| name.len().to_string()),
    ];

    fn shown(entries: &[&'static str], chosen: Option<&str>) -> Result<Option<String>, String> {
        let chosen = chosen.map(|header| header.split(',').map(str::to_owned).collect());
        let table = table("t.csv", COLUMNS, 1, entries, chosen);
        table.map_err(|error| error.to_string())
    }

    #[test]
    fn the_columns_are_those_chosen_or_the_usual_ones() {
        let text = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(shown(&["ab"], None), text("name\nab\n"));
        assert_eq!(
            shown(&["ab"], Some("length,name")),
            text("length,name\n2,ab\n")
        );
        assert_eq!(shown(&[], Some("length")), text("length\n"));
        assert_eq!(shown(&[], None), Ok(None));
        assert_eq!(
            shown(&["ab"], Some("lenght")),
            Err("there is no column `lenght`".to_owned())
        );
    }
}
