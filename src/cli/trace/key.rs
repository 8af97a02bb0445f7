//! What is traced, as a person writes it.

use crate::cli::error::CliError;

/// What is traced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    /// Rows of a dataset with these values.
    Rows {
        dataset: String,
        conditions: Vec<(String, String)>,
    },
    /// A file, or one record of it.
    File { file: i64, record: Option<i64> },
    /// A delivery.
    Delivery(i64),
    /// The life of one subject: `vin:LTSTCA1A7P1000001`.
    Life { word: String, subject: String },
}

impl Key {
    /// As the audit names it; without the values, which may be personal.
    pub(super) fn object(&self) -> String {
        match self {
            Self::Rows {
                dataset,
                conditions,
            } => {
                let columns: Vec<&str> = conditions
                    .iter()
                    .map(|(column, _)| column.as_str())
                    .collect();
                format!("{dataset} by {}", columns.join(", "))
            }
            Self::File { file, record: None } => format!("file {file}"),
            Self::File {
                file,
                record: Some(record),
            } => format!("file {file} record {record}"),
            Self::Delivery(delivery) => format!("delivery {delivery}"),
            Self::Life { word, .. } => format!("life by {word}"),
        }
    }
}

/// Reads a key: `file 12`, `file:12/5`, `delivery 3`, `DATASET column=value …`,
/// `DATASET:column=value,column=value`, `WORD:SUBJECT` of a declared life.
pub(super) fn parse(words: &[String], record: Option<i64>) -> Result<Key, CliError> {
    let Some((first, rest)) = words.split_first() else {
        return Err(usage("say what to trace"));
    };
    let (head, inline) = match first.split_once(':') {
        Some((head, inline)) => (head, Some(inline)),
        None => (first.as_str(), None),
    };
    match head {
        "file" => file(inline, rest, record),
        "delivery" => Ok(Key::Delivery(number(only(inline, rest)?, "delivery")?)),
        // Values of a row are written with `=`; the name of a subject never needs one.
        word if inline.is_some_and(|text| !text.is_empty() && !text.contains('=')) => {
            Ok(Key::Life {
                word: word.to_owned(),
                subject: only(inline, rest)?.to_owned(),
            })
        }
        dataset => {
            let inline = inline.into_iter().flat_map(|text| text.split(','));
            let conditions = inline.chain(rest.iter().map(String::as_str)).map(condition);
            let conditions = conditions.collect::<Result<Vec<_>, _>>()?;
            if conditions.is_empty() {
                return Err(usage(&format!(
                    "say which row of `{dataset}`: `column=value`"
                )));
            }
            Ok(Key::Rows {
                dataset: dataset.to_owned(),
                conditions,
            })
        }
    }
}

fn file(inline: Option<&str>, rest: &[String], record: Option<i64>) -> Result<Key, CliError> {
    let text = only(inline, rest)?;
    let (file, inside) = match text.split_once('/') {
        Some((file, inside)) => (file, Some(number(inside, "record")?)),
        None => (text, None),
    };
    Ok(Key::File {
        file: number(file, "file")?,
        record: inside.or(record),
    })
}

/// The one word that says which.
fn only<'w>(inline: Option<&'w str>, rest: &'w [String]) -> Result<&'w str, CliError> {
    match (inline, rest) {
        (Some(inline), []) => Ok(inline),
        (None, [one]) => Ok(one),
        _ => Err(usage("give one number, such as `file 12` or `delivery 3`")),
    }
}

fn number(text: &str, what: &str) -> Result<i64, CliError> {
    let parsed = text.parse::<i64>().ok().filter(|number| *number > 0);
    parsed.ok_or_else(|| usage(&format!("`{text}` is no {what} number")))
}

fn condition(text: &str) -> Result<(String, String), CliError> {
    let parts = text.split_once('=');
    let parts = parts.map(|(column, value)| (column.trim().to_owned(), value.trim().to_owned()));
    parts.ok_or_else(|| usage(&format!("`{text}` is not `column=value`")))
}

fn usage(message: &str) -> CliError {
    CliError::Usage {
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str, record: Option<i64>) -> Result<Key, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&words, record).map_err(|error| error.to_string())
    }

    fn rows(dataset: &str, conditions: &[(&str, &str)]) -> Key {
        let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        Key::Rows {
            dataset: dataset.to_owned(),
            conditions: conditions.iter().map(owned).collect(),
        }
    }

    #[test]
    fn a_key_is_written_in_words_or_in_one() {
        for (line, record, key) in [
            (
                "file 12",
                None,
                Key::File {
                    file: 12,
                    record: None,
                },
            ),
            (
                "file:12",
                None,
                Key::File {
                    file: 12,
                    record: None,
                },
            ),
            (
                "file 12",
                Some(5),
                Key::File {
                    file: 12,
                    record: Some(5),
                },
            ),
            (
                "file:12/5",
                None,
                Key::File {
                    file: 12,
                    record: Some(5),
                },
            ),
            ("delivery 3", None, Key::Delivery(3)),
            ("delivery:3", None, Key::Delivery(3)),
            (
                "vin:LTSTCA1A7P1000001",
                None,
                Key::Life {
                    word: "vin".to_owned(),
                    subject: "LTSTCA1A7P1000001".to_owned(),
                },
            ),
            ("etc a=1 b=x", None, rows("etc", &[("a", "1"), ("b", "x")])),
            (
                "etc:a=1,b=x c=y=z",
                None,
                rows("etc", &[("a", "1"), ("b", "x"), ("c", "y=z")]),
            ),
        ] {
            assert_eq!(parsed(line, record), Ok(key), "{line}");
        }
    }

    #[test]
    fn a_bad_key_says_what_is_wrong() {
        for (line, message) in [
            ("file", "give one number, such as `file 12` or `delivery 3`"),
            ("file x", "`x` is no file number"),
            ("file:12/0", "`0` is no record number"),
            ("delivery -1", "`-1` is no delivery number"),
            (
                "etc_transaction",
                "say which row of `etc_transaction`: `column=value`",
            ),
            ("etc_transaction 5", "`5` is not `column=value`"),
        ] {
            assert_eq!(parsed(line, None), Err(message.to_owned()), "{line}");
        }
    }

    #[test]
    fn the_audit_names_columns_and_no_values() {
        assert_eq!(
            rows("etc", &[("card_id", "6101"), ("a", "1")]).object(),
            "etc by card_id, a"
        );
    }
}
