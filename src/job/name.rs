//! `name = "…"` of a send, and the name by which an acknowledgement finds what it means: templates
//! with placeholders.
//!
//! The one invariant: a name that [`NameTemplate::new`] accepted is never given twice on one
//! connection, because a number or a moment that is never given twice is in it.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use crate::mapping::{HasTime, TimeFormat};

/// The widest number in a name, in digits.
const MAX_WIDTH: usize = 40;

const KNOWN: &str = "use {number}, {number:020}, {day_number:03}, {business_date}, \
                     {business_date:%Y-%m-%d}, {now:%Y%m%d%H%M%S%f}, {setting:name} or {key:column}";

/// An outbound name with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameTemplate(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Number { width: usize },
    DayNumber { width: usize },
    BusinessDate(Option<TimeFormat>),
    Now(TimeFormat),
    Key(String),
}

/// What the placeholders of one name stand for.
#[derive(Debug, Clone, Copy)]
pub struct NameValues<'v> {
    /// The message number.
    pub number: i64,
    /// The number within the business day; asked for with [`NameTemplate::wants_day_number`].
    pub day_number: i64,
    /// The business day.
    pub business_date: NaiveDate,
    /// A moment that no other name of the connection has, in the zone of the settings; asked for
    /// with [`NameTemplate::wants_moment`].
    pub moment: NaiveDateTime,
    /// Columns that say which rows are sent.
    pub key: &'v BTreeMap<String, String>,
}

impl NameTemplate {
    /// Checks a template; the message says what is wrong with it. `settings` are the texts of
    /// `[values]`.
    pub fn new(text: &str, settings: &BTreeMap<String, String>) -> Result<Self, String> {
        let pieces = split(text, "the name")?
            .into_iter()
            .map(|part| match part {
                Part::Text(text) => Ok(Piece::Text(text)),
                Part::Inside(inside) => piece(&inside, settings),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let has = |wanted: fn(&Piece) -> bool| pieces.iter().any(wanted);
        let is_of_day = has(|p| matches!(p, Piece::DayNumber { .. }))
            && has(|p| matches!(p, Piece::BusinessDate(_)));
        let is_unique = has(|p| matches!(p, Piece::Number { .. })) || has(is_precise) || is_of_day;
        if !is_unique {
            return Err(
                "the name needs `{number}`, or `{business_date}` with `{day_number}`, or \
                        `{now:…}` with %Y %m %d %H %M %S and %f (milliseconds), so that no two \
                        files share it"
                    .to_owned(),
            );
        }
        Ok(Self(pieces))
    }

    /// Whether a number within the business day is in it.
    pub fn wants_day_number(&self) -> bool {
        self.0.iter().any(|p| matches!(p, Piece::DayNumber { .. }))
    }

    /// Whether the moment of composing is in it.
    pub fn wants_moment(&self) -> bool {
        self.0.iter().any(|p| matches!(p, Piece::Now(_)))
    }

    /// The columns that it takes from the rows sent.
    pub fn key_columns(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Key(column) => Some(column.as_str()),
            _ => None,
        })
    }

    /// The name; `None` when a column has no value or the day cannot be written.
    pub fn name(&self, values: &NameValues<'_>) -> Option<String> {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => Some(text.clone()),
            Piece::Number { width } => Some(format!("{:0width$}", values.number)),
            Piece::DayNumber { width } => Some(format!("{:0width$}", values.day_number)),
            Piece::BusinessDate(None) => Some(values.business_date.format("%Y%m%d").to_string()),
            Piece::BusinessDate(Some(format)) => {
                format.write(values.business_date.and_time(chrono::NaiveTime::MIN))
            }
            Piece::Now(format) => format.write(values.moment),
            Piece::Key(column) => values.key.get(column).cloned(),
        };
        self.0.iter().map(piece).collect()
    }
}

/// Whether two moments a millisecond apart are written differently.
fn is_precise(piece: &Piece) -> bool {
    let Piece::Now(format) = piece else {
        return false;
    };
    let has = |part: &str| format.as_str().contains(part);
    has("%S") && has("%f")
}

fn piece(inside: &str, settings: &BTreeMap<String, String>) -> Result<Piece, String> {
    let unknown = || format!("`{{{inside}}}` is not a placeholder: {KNOWN}");
    let (word, detail) = match inside.split_once(':') {
        None => (inside, None),
        Some((word, detail)) => (word, Some(detail)),
    };
    let width = || match detail {
        None => Ok(0),
        Some(digits) => match digits.parse() {
            Ok(width) if width <= MAX_WIDTH => Ok(width),
            _ => Err(unknown()),
        },
    };
    let format = |text: &str, has_time| {
        TimeFormat::new(text, has_time).map_err(|found| format!("`{{{inside}}}`: {found}"))
    };
    match (word, detail) {
        ("number", _) => Ok(Piece::Number { width: width()? }),
        ("day_number", _) => Ok(Piece::DayNumber { width: width()? }),
        ("business_date", None) => Ok(Piece::BusinessDate(None)),
        ("business_date", Some(text)) => {
            format(text, HasTime::No).map(Some).map(Piece::BusinessDate)
        }
        ("now", Some(text)) => format(text, HasTime::Yes).map(Piece::Now),
        ("key", Some(column)) => Ok(Piece::Key(column.to_owned())),
        ("setting", Some(name)) => match settings.get(name) {
            Some(text) => Ok(Piece::Text(text.clone())),
            None => Err(format!(
                "the settings have no value `{name}`: add `{name} = \"…\"` to `[values]`"
            )),
        },
        _ => Err(unknown()),
    }
}

/// The name of a delivery, put together from what an acknowledging file says: captures of its own
/// name, what the route found, fields of the record that stands for the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentName(Vec<Part>);

impl SentName {
    /// Checks a template; the message says what is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        let parts = split(text, "the sent name")?;
        if !parts.iter().any(|part| matches!(part, Part::Inside(_))) {
            let message = "the sent name needs a capture or a field, such as `{file_name}`: it is \
                           another one for every file";
            return Err(message.to_owned());
        }
        Ok(Self(parts))
    }

    /// The captures and fields that it wants.
    pub fn wants(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Inside(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The name; `None` when something that it wants is not said.
    pub fn name(&self, mut said: impl FnMut(&str) -> Option<String>) -> Option<String> {
        let parts = self.0.iter();
        parts
            .map(|part| match part {
                Part::Text(text) => Some(text.clone()),
                Part::Inside(name) => said(name),
            })
            .collect()
    }
}

/// A stretch of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// What stands between braces.
    Inside(String),
}

fn split(text: &str, what: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((inside, tail)) = after.split_once('}') else {
            return Err(format!("a `{{` without its `}}` in {what}"));
        };
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        parts.push(Part::Inside(inside.to_owned()));
        rest = tail;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> Result<NameTemplate, String> {
        let settings = BTreeMap::from([("province".to_owned(), "61".to_owned())]);
        NameTemplate::new(text, &settings)
    }

    fn named(text: &str) -> Option<String> {
        let day = NaiveDate::from_ymd_opt(2026, 1, 5).expect("a day");
        let key = BTreeMap::from([("card_id".to_owned(), "6101".to_owned())]);
        template(text).expect("a template").name(&NameValues {
            number: 42,
            day_number: 3,
            business_date: day,
            moment: day.and_hms_milli_opt(8, 30, 1, 7).expect("a moment"),
            key: &key,
        })
    }

    #[test]
    fn a_name_has_its_number_padded_and_its_day() {
        let name = named("CZ_{business_date}_{number:020}.xml");
        assert_eq!(
            name.as_deref(),
            Some("CZ_20260105_00000000000000000042.xml")
        );
    }

    #[test]
    fn a_name_has_the_moment_to_the_millisecond_settings_and_columns() {
        let name = named("BASIC_CARDUPLOAD_REQ_{setting:province}_{now:%Y%m%d%H%M%S%f}.json");
        let expected = "BASIC_CARDUPLOAD_REQ_61_20260105083001007.json";
        assert_eq!(name.as_deref(), Some(expected));
        let name = named("req_{business_date:%y%m%d}_{day_number:03}_{key:card_id}.txt");
        assert_eq!(name.as_deref(), Some("req_260105_003_6101.txt"));
        assert_eq!(
            named("{number}_{key:obu_id}"),
            None,
            "no such column is sent"
        );
    }

    #[test]
    fn a_name_that_two_files_could_share_is_refused() {
        let message = "the name needs `{number}`, or `{business_date}` with `{day_number}`, or \
                       `{now:…}` with %Y %m %d %H %M %S and %f (milliseconds), so that no two \
                       files share it";
        for text in [
            "a.xml",
            "{day_number}.txt",
            "{now:%Y%m%d%H%M%S}",
            "{key:card_id}",
        ] {
            assert_eq!(template(text), Err(message.to_owned()), "{text}");
        }
    }

    #[test]
    fn an_unknown_placeholder_is_refused() {
        let unknown = |inside: &str| {
            Err(format!(
                "`{{{inside}}}` is not a placeholder: use {{number}}, {{number:020}}, \
                 {{day_number:03}}, {{business_date}}, {{business_date:%Y-%m-%d}}, \
                 {{now:%Y%m%d%H%M%S%f}}, {{setting:name}} or {{key:column}}"
            ))
        };
        assert_eq!(template("{nr}.xml"), unknown("nr"));
        assert_eq!(template("{number:x}.xml"), unknown("number:x"));
        assert_eq!(template("{number:041}.xml"), unknown("number:041"));
        assert_eq!(
            template("{number}_{setting:city}"),
            Err("the settings have no value `city`: add `city = \"…\"` to `[values]`".to_owned())
        );
        assert_eq!(
            template("{number}_{now:%H}"),
            Err("`{now:%H}`: the format has no %Y".to_owned())
        );
        assert_eq!(
            template("{number"),
            Err("a `{` without its `}` in the name".to_owned())
        );
    }

    #[test]
    fn a_sent_name_is_put_together_from_what_a_file_says() {
        let sent = SentName::new("req_{day}_{batch}.txt").expect("a template");
        assert_eq!(sent.wants().collect::<Vec<_>>(), ["day", "batch"]);
        let said = |name: &str| (name != "batch").then(|| "20260301".to_owned());
        assert_eq!(sent.name(said), None);
        let said = |name: &str| Some(if name == "day" { "20260301" } else { "001" }.to_owned());
        assert_eq!(sent.name(said).as_deref(), Some("req_20260301_001.txt"));
        assert_eq!(
            SentName::new("req.txt"),
            Err(
                "the sent name needs a capture or a field, such as `{file_name}`: it is another \
                 one for every file"
                    .to_owned()
            )
        );
    }
}
