//! What is there after a story, as the files that its folder `expected` would hold.
//!
//! Tables are CSV whose header chooses the columns. Rows of a dataset stand in the order of its
//! key, files and deliveries in that of their numbers, so that equal outcomes are equal texts.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::books::{Books, known};
use super::play::Played;
use crate::cli::error::{CliError, io_error};
use crate::cli::folders::files_below;
use crate::cli::screen::Screen;
use crate::cli::{mapped, shown};
use crate::dataset::{Condition, Dataset, Direction, LINEAGE, Select, select_all};
use crate::id::Ident;
use crate::ledger::DeliveryRow;
use crate::value::Value;

/// Files by their path below `expected`.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// Everything that a story left behind, in the columns that the expected files choose. A table
/// that nobody chose columns of is there only when it has rows; of datasets, only those that are
/// expected, or all when `expected` is empty.
pub(super) async fn observe(played: &Played, expected: &Files) -> Result<Files, CliError> {
    let mut found = Files::new();
    let books = Books::read(played.engine.database()).await?;
    for (name, text) in books.tables(|name| header(expected, name))? {
        found.insert(name.to_owned(), text.into_bytes());
    }
    sent(played, &books.deliveries, &mut found)?;
    reports(played, expected, &mut found)?;
    datasets(played, expected, &mut found).await?;
    Ok(found)
}

/// The columns that an expected table chooses.
fn header(expected: &Files, name: &str) -> Result<Option<Vec<String>>, CliError> {
    let Some(bytes) = expected.get(name) else {
        return Ok(None);
    };
    let text = std::str::from_utf8(bytes).map_err(|_not_text| CliError::Usage {
        message: format!("`expected/{name}` is not UTF-8"),
    })?;
    let first = text.lines().next().unwrap_or_default();
    let names = first.trim_start_matches('\u{feff}').trim_end().split(',');
    Ok(Some(names.map(str::to_owned).collect()))
}

/// A header that names a column which is not there.
pub(super) fn no_column(table: &str, column: &str, known: &[String]) -> CliError {
    CliError::Unknown {
        what: "column",
        name: column.to_owned(),
        next: format!("`expected/{table}` can have {}", known.join(", ")),
    }
}

/// The bytes of every delivery as they lie at the partner.
fn sent(played: &Played, deliveries: &[DeliveryRow], found: &mut Files) -> Result<(), CliError> {
    for delivery in deliveries {
        let Some(directory) = played.connections.get(&delivery.connection) else {
            continue;
        };
        let path = directory.join(&delivery.path).join(&delivery.name);
        if path.is_file() {
            let reading = io_error(format!("reading `{}`", path.display()));
            let folder = Path::new("outbox")
                .join(&delivery.connection)
                .join(&delivery.path);
            let below = folder.join(&delivery.name);
            found.insert(
                below.display().to_string(),
                fs::read(&path).map_err(reading)?,
            );
        }
    }
    Ok(())
}

/// The files of reports that are expected: `reports/JOB/DAY/vN/breaks.csv`; all their tables when
/// nothing is.
fn reports(played: &Played, expected: &Files, found: &mut Files) -> Result<(), CliError> {
    let root = &played.engine.configuration().settings.paths.reports;
    if !root.is_dir() {
        return Ok(());
    }
    for path in files_below(root)? {
        let below = path.strip_prefix(root).unwrap_or(&path);
        let name = Path::new("reports").join(below).display().to_string();
        let is_table = path.extension().is_some_and(|ending| ending == "csv");
        if expected.contains_key(&name) || (expected.is_empty() && is_table) {
            let reading = io_error(format!("reading `{}`", path.display()));
            found.insert(name, fs::read(&path).map_err(reading)?);
        }
    }
    Ok(())
}

async fn datasets(played: &Played, expected: &Files, found: &mut Files) -> Result<(), CliError> {
    let configuration = played.engine.configuration();
    for path in expected.keys() {
        let name = path
            .strip_prefix("datasets/")
            .and_then(|name| name.strip_suffix(".csv"));
        if let Some(name) = name
            && configuration.datasets.get(name).is_none()
        {
            return Err(CliError::Unknown {
                what: "dataset",
                name: name.to_owned(),
                next: format!("rename or remove `expected/{path}`"),
            });
        }
    }
    for dataset in configuration.datasets.iter() {
        let path = format!("datasets/{}.csv", dataset.name());
        let header = header(expected, &path)?;
        if header.is_none() && !expected.is_empty() {
            continue;
        }
        let is_chosen = header.is_some();
        let all = || {
            dataset
                .columns()
                .iter()
                .map(|column| column.name.to_string())
                .collect()
        };
        let columns: Vec<String> = header.unwrap_or_else(all);
        let rows = rows(played, dataset, &path, &columns).await?;
        if is_chosen || !rows.is_empty() {
            found.insert(path, csv(&columns, rows.into_iter()).into_bytes());
        }
    }
    Ok(())
}

/// The rows of a dataset by their key, in the chosen columns.
async fn rows(
    played: &Played,
    dataset: &Dataset,
    path: &str,
    columns: &[String],
) -> Result<Vec<Vec<String>>, CliError> {
    for column in columns {
        if dataset.column(column).is_none() && !LINEAGE.contains(&column.as_str()) {
            let known: Vec<String> = dataset
                .columns()
                .iter()
                .map(|known| known.name.to_string())
                .collect();
            return Err(no_column(path, column, &known));
        }
    }
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    let key = dataset.key().iter().map(Ident::as_str);
    let order: Vec<_> = key.map(|name| (name, Direction::Rising)).collect();
    let condition = Condition::always(dataset.name());
    let question = Select {
        dataset,
        columns: &names,
        condition: &condition,
        order_by: &order,
        limit: None,
    };
    let given = mapped::given(&played.engine);
    let rows = select_all(played.engine.database(), question, &given).await?;
    let clock = played.engine.clock();
    let shown = |(column, value): (&String, &Value)| match dataset.column(column) {
        Some(column) => shown::value(Screen::USUAL, clock, column.column_type, value),
        None => known(value.as_int()),
    };
    let row = |values: &Vec<Value>| columns.iter().zip(values).map(shown).collect();
    Ok(rows.iter().map(row).collect())
}

/// A header and rows, separated by commas, quoted where needed.
pub(super) fn csv(header: &[String], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        format!("{}\n", cells.join(","))
    };
    let mut text = line(header);
    for row in rows {
        text.push_str(&line(&row));
    }
    text
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_only_where_they_must_be() {
        let header = ["a".to_owned(), "b".to_owned()];
        let row = vec!["x,\"y\"".to_owned(), "渡 口".to_owned()];
        assert_eq!(
            csv(&header, std::iter::once(row)),
            "a,b\n\"x,\"\"y\"\"\",渡 口\n"
        );
    }

    #[test]
    fn the_header_of_an_expected_table_chooses_its_columns() {
        let text = "\u{feff}code,name\r\nold,rows\r\n";
        let expected = Files::from([("t.csv".to_owned(), text.as_bytes().to_vec())]);
        let chosen = header(&expected, "t.csv").expect("it is text");
        assert_eq!(chosen, Some(vec!["code".to_owned(), "name".to_owned()]));
        assert_eq!(header(&expected, "u.csv").expect("absent"), None);
    }
}
