//! Reads `[format.csv]`.

use crate::diag::{Problem, Problems};
use crate::document::{Item, Section};
use crate::format::csv::codes;
use crate::format::csv::plan::{
    BlankLines, Bom, CsvPlan, ExtraColumns, FinalLineEnd, Header, LineEnd, TrailingSeparator, Trim,
};
use crate::text::Encoding;

impl CsvPlan {
    /// Reads `[format.csv]`, a table checked against [`FORMAT_KEYS`](super::FORMAT_KEYS).
    pub fn read(section: &Section<'_>, problems: &mut Problems) -> Option<Self> {
        let before = problems.error_count();
        let word = |name| section.word(name).map(|item| item.value);
        // All of what is wrong is said, also when the encoding is not known.
        let encoding: Option<Encoding> = word("encoding").and_then(|name| name.parse().ok());
        let or_utf8 = encoding.unwrap_or(Encoding::Utf8);
        let trim = match word("trim") {
            Some("spaces") => Trim::Spaces,
            _ => Trim::None,
        };
        let quote = section
            .text("quote")
            .and_then(|item| quote(&item, problems));
        let separator = section.text("separator");
        if let Some(item) = &separator {
            check_separator(item, or_utf8, quote, trim, problems);
        }
        let bom = bom(section, or_utf8, problems);
        let plan = Self {
            encoding: encoding?,
            separator: separator?.value,
            quote,
            line_end: match word("line_end")? {
                "lf" => LineEnd::Lf,
                "crlf" => LineEnd::Crlf,
                _ => LineEnd::Any,
            },
            final_line_end: match word("final_line_end")? {
                "required" => FinalLineEnd::Required,
                "omitted" => FinalLineEnd::Omitted,
                _ => FinalLineEnd::Optional,
            },
            blank_lines: match word("blank_lines")? {
                "skip" => BlankLines::Skip,
                _ => BlankLines::Keep,
            },
            header: match word("header")? {
                "name" => Header::Name,
                "position" => Header::Position,
                _ => Header::None,
            },
            extra_columns: match word("extra_columns")? {
                "ignore" => ExtraColumns::Ignore,
                _ => ExtraColumns::Refuse,
            },
            trailing_separator: match word("trailing_separator")? {
                "required" => TrailingSeparator::Required,
                "optional" => TrailingSeparator::Optional,
                _ => TrailingSeparator::None,
            },
            bom: bom?,
            trim,
        };
        if section.has("extra_columns") && plan.header != Header::Name {
            let place = section.key_place("extra_columns")?;
            let message = "`extra_columns` means nothing without `header = \"name\"`";
            problems.push(Problem::warning(codes::CSV_OPTION, place, message));
        }
        (problems.error_count() == before).then_some(plan)
    }
}

/// The quote; `None` if there is none, or none that can be used.
fn quote(item: &Item<String>, problems: &mut Problems) -> Option<u8> {
    match item.value.as_bytes() {
        b"none" => None,
        [byte] if byte.is_ascii_punctuation() => Some(*byte),
        _ => {
            let message = format!("`{}` cannot be a quote", shown(&item.value));
            let problem = Problem::error(codes::CSV_OPTION, item.place.clone(), message);
            problems.push(problem.help("write one ASCII sign such as \"'\", or \"none\""));
            None
        }
    }
}

/// A text with its control characters escaped.
fn shown(text: &str) -> String {
    let escaped = |char: char| -> String {
        if char.is_control() {
            char.escape_default().collect()
        } else {
            char.to_string()
        }
    };
    text.chars().map(escaped).collect()
}

fn check_separator(
    item: &Item<String>,
    encoding: Encoding,
    quote: Option<u8>,
    trim: Trim,
    problems: &mut Problems,
) {
    let separator = &item.value;
    let encoded = encoding.encode(separator);
    let reason = if separator.is_empty() {
        "is empty".to_owned()
    } else if separator.contains(['\r', '\n', '\0']) {
        "has a line end or a NUL".to_owned()
    } else if quote.is_some_and(|quote| separator.contains(char::from(quote))) {
        "has the quote in it".to_owned()
    } else if trim == Trim::Spaces && separator.contains(' ') {
        "has a space, which `trim = \"spaces\"` would take off fields".to_owned()
    } else if let Err(error) = encoded {
        format!("cannot be in the file: {error}")
    } else {
        return;
    };
    let message = format!("the separator `{}` {reason}", shown(separator));
    problems.push(Problem::error(
        codes::CSV_OPTION,
        item.place.clone(),
        message,
    ));
}

fn bom(section: &Section<'_>, encoding: Encoding, problems: &mut Problems) -> Option<Bom> {
    let item = section.word("bom")?;
    let bom = match item.value {
        "required" => Bom::Required,
        "optional" => Bom::Optional,
        _ => Bom::Refuse,
    };
    if bom != Bom::Refuse && encoding.encode("\u{FEFF}").is_err() {
        let message = format!("{encoding} has no byte order mark");
        let problem = Problem::error(codes::CSV_OPTION, item.place, message);
        problems.push(problem.help("leave `bom` out"));
    }
    Some(bom)
}
