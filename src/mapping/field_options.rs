//! `[record.NAME.field]`, as written → checked fields and the slots they read.

use regex::Regex;

use super::amount::AmountSign;
use super::datetime::{HasTime, TimeFormat};
use super::field::{FieldKind, FieldPlan, FieldSourcePlan, Part, TextCheck};
use super::identify::IdentifierPlan;
use super::mapper::Cause;
use super::options::{BAD_MAPPING, World, unknown};
use super::time_options;
use super::time_options::stands_apart;
use crate::dataset::{Class, ColumnType, Dataset};
use crate::diag::{Place, Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section};
use crate::format::{FieldSource, FormatPlan, Select};
use crate::id::Fen;
use crate::value::Value;

const PART_KEYS: &[Key] = &[
    Key::required("separator", KeyKind::Text, "What stands between the parts."),
    Key::required("index", KeyKind::POSITIVE, "Which part, from 1."),
];

/// The keys of a field.
pub(super) const FIELD_KEYS: &[Key] = &[
    Key::optional(
        "from",
        KeyKind::TextOrList,
        "Where it stands in the record; of several places the first that is there wins, and the first is written.",
    ),
    Key::optional(
        "context",
        KeyKind::Name,
        "A value of the surroundings instead: `file_name`, a capture of the name, a `set` of the job.",
    ),
    Key::optional(
        "value",
        KeyKind::Text,
        "The only text it may have; it is written, and not stored unless a column has its name.",
    ),
    Key::optional(
        "also",
        KeyKind::TextList,
        "Other texts that are accepted when reading.",
    ),
    Key::optional(
        "same_as",
        KeyKind::Name,
        "Another field of the record that it must repeat.",
    ),
    Key::optional(
        "type",
        KeyKind::OneOf(&["text", "integer", "money", "date", "instant"]),
        "The type of a field that is checked but not stored.",
    ),
    Key::optional(
        "hex",
        KeyKind::ScalarOrList,
        "Hexadecimal digits of this length, or one of these lengths; kept in upper case.",
    ),
    Key::optional(
        "digits",
        KeyKind::POSITIVE,
        "Exactly so many decimal digits; a number has zeros in front.",
    ),
    Key::optional(
        "max_bytes",
        KeyKind::POSITIVE,
        "At most so many bytes in GB18030; a Chinese character is 2.",
    ),
    Key::optional(
        "pattern",
        KeyKind::Text,
        "A regular expression that the whole text matches.",
    ),
    Key::optional(
        "check",
        KeyKind::Any,
        "The kind of number it must be, such as \"vin\" or \"resident_id\"; or { document = \"id_type\" }: a document whose \
         canonical type the field named has. Kept in upper case.",
    ),
    Key::optional("one_of", KeyKind::TextList, "The texts that are possible."),
    Key::optional(
        "min",
        KeyKind::Scalar,
        "The least number; for money a text in yuan such as \"0.01\".",
    ),
    Key::optional(
        "max",
        KeyKind::Scalar,
        "The greatest number; for money a text in yuan.",
    ),
    Key::optional(
        "unit",
        KeyKind::OneOf(&["yuan", "fen", "wan_yuan"]),
        "How an amount is written: `123.45`, `12345`, or `1.5` for 15,000 yuan (万元, at most six decimals).",
    ),
    Key::with_default(
        "decimals",
        KeyKind::OneOf(&["two", "optional"]),
        "two",
        "Of an amount in yuan: always two, or 12.5 and 12 are amounts too (two are written). Optional in workbooks and JSON.",
    ),
    Key::optional(
        "thousands",
        KeyKind::OneOf(&[",", "'"]),
        "What stands between groups of three digits of an amount in yuan, `1,234.50`; in delimited and XML files.",
    ),
    Key::with_default(
        "sign",
        KeyKind::OneOf(AmountSign::WORDS),
        "minus",
        "Where the sign of an amount in yuan is: `-1.50`, leading also `+1.50`, trailing_minus `1.50-`, trailing also \
         `1.50+`, parentheses `(1.50)`; in delimited and XML files.",
    ),
    Key::optional(
        "implied_decimals",
        KeyKind::Integer { min: 0, max: 9 },
        "An amount or decimal is written without its point, the last so many digits being decimals: `0001250` is 12.50 \
         with 2. Instead of `unit`.",
    ),
    Key::optional(
        "format",
        KeyKind::TextOrList,
        "How a day or moment is written: %Y %m %d %H %M %S %f (milliseconds), %y for a year of this century in two digits, \
         %-m %-d %-H for numbers without a zero in front, between any other characters; the first is written.",
    ),
    time_options::TIME,
    time_options::TIME_OF_DAY,
    Key::optional(
        "codes",
        KeyKind::Name,
        "The code table, a file of mappings/codes.",
    ),
    Key::with_default(
        "unknown_codes",
        KeyKind::OneOf(&["refuse", "note"]),
        "refuse",
        "What becomes of a code that the table does not have: `note` leaves the column empty and counts it in the file's notes.",
    ),
    Key::with_default(
        "required",
        KeyKind::Boolean,
        "true",
        "Whether a record without it is refused.",
    ),
    Key::with_default(
        "keep_empty",
        KeyKind::Boolean,
        "false",
        "Whether an empty text is a text rather than absent.",
    ),
    Key::optional(
        "part",
        KeyKind::Table(PART_KEYS),
        "Only a part of a separated text; never written.",
    ),
    Key::with_default(
        "cause",
        KeyKind::OneOf(&["version", "header", "content"]),
        "content",
        "What an unreadable field says about the file, for the answer's code.",
    ),
];

/// Reads the fields of one kind of record.
pub(super) struct FieldReader<'r> {
    pub(super) record: &'r str,
    pub(super) dataset: Option<&'r Dataset>,
    pub(super) world: &'r World<'r>,
    pub(super) format: Option<&'r FormatPlan>,
    pub(super) own: usize,
    pub(super) known: &'r [(Item<String>, Select)],
    pub(super) slots: Vec<Vec<FieldSource>>,
}

impl FieldReader<'_> {
    /// Reads all fields in the written order.
    pub(super) fn read_all(
        &mut self,
        section: &Section<'_>,
        problems: &mut Problems,
    ) -> Vec<FieldPlan> {
        let tables = section.named_tables("field");
        tables
            .iter()
            .filter_map(|(name, field)| self.read(name, field, &tables, problems))
            .collect()
    }

    fn read(
        &mut self,
        name: &Item<String>,
        section: &Section<'_>,
        others: &[(Item<String>, Section<'_>)],
        problems: &mut Problems,
    ) -> Option<FieldPlan> {
        let dataset = self.dataset;
        let column = dataset.and_then(|dataset| {
            dataset
                .columns()
                .iter()
                .position(|column| column.name.as_str() == name.value)
        });
        let declared = column.and_then(|column| dataset?.columns().get(column));
        let ty = self.column_type(&name.value, section);
        let is_number = self.is_number(name, section, others);
        let identifier = self.identifier(section, others, problems);
        let source = self.source(name, section, is_number, problems)?;
        let time = self.time_of_day(ty, section, problems);
        let kind = if let Some(kind) = fixed(section) {
            kind
        } else if let Some(other) = section.text("same_as") {
            let Some(index) = others
                .iter()
                .position(|(name, _)| name.value == other.value)
            else {
                let known = others.iter().map(|(name, _)| name.value.as_str());
                problems.push(unknown(&other, "field", known));
                return None;
            };
            FieldKind::SameAs(index)
        } else {
            let Some(ty) = ty else {
                problems.push(self.not_stored(name));
                return None;
            };
            self.kind(ty, section, problems)?
        };
        Some(FieldPlan {
            name: name.value.clone(),
            column,
            source,
            time,
            part: section.table("part").and_then(|part| {
                let index = usize::try_from(part.count("index")?.value).ok()?;
                Some(Part {
                    separator: part.text("separator")?.value,
                    index,
                })
            }),
            kind,
            checks: checks(section, problems),
            identifier,
            notes_unknown_codes: section
                .word("unknown_codes")
                .is_some_and(|item| item.value == "note"),
            required: section.boolean("required").is_none_or(|item| item.value),
            keep_empty: section.boolean("keep_empty").is_some_and(|item| item.value),
            cause: match section.word("cause").map(|item| item.value) {
                Some("version") => Cause::Version,
                Some("header") => Cause::Header,
                _ => Cause::Content,
            },
            class: match declared.map_or(Class::None, |column| column.class) {
                // Not only what is stored is shown in messages.
                Class::None if identifier.is_some_and(IdentifierPlan::is_personal) => {
                    Class::Personal
                }
                class => class,
            },
        })
    }

    fn not_stored(&self, name: &Item<String>) -> Problem {
        let message = match self.dataset {
            Some(dataset) => format!(
                "dataset `{}` has no column `{}`",
                dataset.name(),
                name.value
            ),
            None => format!(
                "record `{}` fills no dataset, so `{}` needs a `type`",
                self.record, name.value
            ),
        };
        let names = self
            .dataset
            .map(|dataset| dataset.columns())
            .unwrap_or_default();
        let near = crate::diag::did_you_mean(&name.value, names.iter().map(|c| c.name.as_str()));
        let help = match near {
            Some(near) => format!(
                "did you mean `{near}`? a field that is only checked has `value`, `same_as` or `type`"
            ),
            None => "a field that is only checked has `value`, `same_as` or `type`".to_owned(),
        };
        Problem::error(&BAD_MAPPING, name.place.clone(), message).help(help)
    }

    fn source(
        &mut self,
        name: &Item<String>,
        section: &Section<'_>,
        is_number: bool,
        problems: &mut Problems,
    ) -> Option<FieldSourcePlan> {
        match (section.texts("from"), section.text("context")) {
            (Some(from), None) => {
                let format = self.format?;
                let sources: Vec<FieldSource> = from
                    .iter()
                    .filter_map(|from| {
                        FieldSource::read(format, from, self.own, self.known, problems)
                    })
                    .map(|source| {
                        if is_number {
                            source.of_number()
                        } else {
                            source
                        }
                    })
                    .collect();
                if sources.len() != from.len() {
                    return None;
                }
                // Several columns may read one field (a text and a part of it): one slot serves all.
                let slot = self.slots.iter().position(|slot| *slot == sources);
                Some(FieldSourcePlan::Slot(slot.unwrap_or_else(|| {
                    self.slots.push(sources);
                    self.slots.len() - 1
                })))
            }
            (None, Some(context)) => Some(FieldSourcePlan::Context(context.value)),
            _ => {
                let message = format!("`{}` needs either `from` or `context`", name.value);
                problems.push(Problem::error(&BAD_MAPPING, name.place.clone(), message));
                None
            }
        }
    }

    fn column_type(&self, name: &str, section: &Section<'_>) -> Option<ColumnType> {
        let column = self.dataset.and_then(|dataset| dataset.column(name));
        let column = column.map(|column| column.column_type);
        column.or_else(|| match section.word("type")?.value {
            "text" => Some(ColumnType::Text),
            "integer" => Some(ColumnType::Integer),
            "money" => Some(ColumnType::Money),
            "date" => Some(ColumnType::Date),
            _ => Some(ColumnType::Instant),
        })
    }

    /// Whether a field holds a number, its own or that of the field it must repeat.
    fn is_number(
        &self,
        name: &Item<String>,
        section: &Section<'_>,
        others: &[(Item<String>, Section<'_>)],
    ) -> bool {
        if section.has("value") {
            return false;
        }
        let model = section.text("same_as").and_then(|model| {
            let is_it = |(name, _): &&(Item<String>, Section<'_>)| name.value == model.value;
            others.iter().find(is_it)
        });
        let (name, section) = model.map_or((name, section), |(name, section)| (name, section));
        let ty = self.column_type(&name.value, section);
        matches!(
            ty,
            Some(ColumnType::Integer | ColumnType::Money | ColumnType::Decimal { .. })
        )
    }

    fn kind(
        &self,
        ty: ColumnType,
        section: &Section<'_>,
        problems: &mut Problems,
    ) -> Option<FieldKind> {
        refuse_misfits(ty, section, problems);
        match ty {
            ColumnType::Text => self.text_kind(section, problems),
            ColumnType::Integer => Some(FieldKind::Int {
                min: bound(section, "min", problems, int_bound).unwrap_or(i64::MIN),
                max: bound(section, "max", problems, int_bound).unwrap_or(i64::MAX),
            }),
            ColumnType::Decimal { scale, .. } => Some(FieldKind::Decimal {
                scale: u32::from(scale),
                implied: section
                    .count("implied_decimals")
                    .map(|item| item.value as u32),
            }),
            ColumnType::Money => Some(FieldKind::Money {
                unit: super::amount_options::unit(section, self.format, problems)?,
                min: bound(section, "min", problems, money_bound).unwrap_or(Fen(i64::MIN)),
                max: bound(section, "max", problems, money_bound).unwrap_or(Fen(i64::MAX)),
            }),
            // Only cells are days already; what the surroundings say is text everywhere.
            ColumnType::Date if self.is_workbook() && !section.has("context") => {
                super::cells::day_formats(section, problems).map(FieldKind::Date)
            }
            ColumnType::Instant if self.is_workbook() && !section.has("context") => {
                super::cells::moment_formats(section, problems).map(FieldKind::Instant)
            }
            ColumnType::Date => formats(section, HasTime::No, problems).map(FieldKind::Date),
            ColumnType::Instant if stands_apart(section) => {
                formats(section, HasTime::No, problems).map(FieldKind::Instant)
            }
            ColumnType::Instant => formats(section, HasTime::Yes, problems).map(FieldKind::Instant),
        }
    }

    pub(super) fn is_workbook(&self) -> bool {
        matches!(self.format, Some(FormatPlan::Excel(_)))
    }

    fn text_kind(&self, section: &Section<'_>, problems: &mut Problems) -> Option<FieldKind> {
        let Some(name) = section.text("codes") else {
            return Some(FieldKind::Text(None));
        };
        match (self.world.codes)(&name.value) {
            Some(table) => Some(FieldKind::Text(Some(table))),
            None => {
                let known = self.world.code_names.iter().map(String::as_str);
                problems.push(unknown(&name, "code table", known));
                None
            }
        }
    }
}

/// How an amount is written.
/// Reports keys that say nothing about a value of this type.
fn refuse_misfits(ty: ColumnType, section: &Section<'_>, problems: &mut Problems) {
    let is_money = ty == ColumnType::Money;
    let is_time = matches!(ty, ColumnType::Date | ColumnType::Instant);
    let is_decimal = matches!(ty, ColumnType::Decimal { .. });
    let has_bounds = is_money || ty == ColumnType::Integer;
    let rules = [
        ("unit", is_money, "an amount"),
        ("decimals", is_money, "an amount"),
        ("thousands", is_money, "an amount"),
        ("sign", is_money, "an amount"),
        (
            "implied_decimals",
            is_money || is_decimal,
            "an amount or a decimal number",
        ),
        ("format", is_time, "a day or a moment"),
        ("time", ty == ColumnType::Instant, "a moment"),
        ("time_of_day", ty == ColumnType::Instant, "a moment"),
        ("codes", ty == ColumnType::Text, "a text"),
        ("check", ty == ColumnType::Text, "a text"),
        ("min", has_bounds, "an integer or an amount"),
        ("max", has_bounds, "an integer or an amount"),
    ];
    for (key, fits, what) in rules {
        if let (false, Some(place)) = (fits, section.key_place(key)) {
            let message = format!("`{key}` is about {what}, and this field is none");
            problems.push(Problem::error(&BAD_MAPPING, place, message));
        }
    }
}

fn fixed(section: &Section<'_>) -> Option<FieldKind> {
    let value = section.text("value")?.value;
    let also = section.texts("also").unwrap_or_default();
    let values = std::iter::once(value).chain(also.into_iter().map(|item| item.value));
    Some(FieldKind::Fixed(values.collect()))
}

pub(super) fn formats(
    section: &Section<'_>,
    time: HasTime,
    problems: &mut Problems,
) -> Option<Vec<TimeFormat>> {
    let Some(texts) = section.texts("format") else {
        let message = "a day or moment needs its `format`, such as \"%Y-%m-%d\"";
        problems.push(Problem::error(&BAD_MAPPING, section.place(), message));
        return None;
    };
    let mut formats = Vec::new();
    for text in texts {
        match TimeFormat::new(&text.value, time) {
            Ok(format) => formats.push(format),
            Err(found) => {
                problems.push(Problem::error(&BAD_MAPPING, text.place, found.to_string()));
            }
        }
    }
    (!formats.is_empty()).then_some(formats)
}

fn bound<T>(
    section: &Section<'_>,
    key: &str,
    problems: &mut Problems,
    read: impl Fn(&Value) -> Option<T>,
) -> Option<T> {
    let item = section.scalar(key)?;
    let value = read(&item.value);
    if value.is_none() {
        let message =
            format!("`{key}` is a whole number, or for money a text in yuan such as \"0.01\"");
        problems.push(Problem::error(&BAD_MAPPING, item.place, message));
    }
    value
}

fn int_bound(value: &Value) -> Option<i64> {
    value.as_int()
}

fn money_bound(value: &Value) -> Option<Fen> {
    Fen::from_yuan(value.as_text()?).ok()
}

fn checks(section: &Section<'_>, problems: &mut Problems) -> Vec<TextCheck> {
    let mut checks = Vec::new();
    if let Some(items) = section.scalars("hex") {
        let lengths = items
            .iter()
            .filter_map(|item| hex_length(item, problems))
            .collect();
        checks.push(TextCheck::Hex(lengths));
    }
    if let Some(digits) = section.count("digits") {
        checks.push(TextCheck::Digits(digits.value as usize));
    }
    if let Some(values) = section.texts("one_of") {
        checks.push(TextCheck::OneOf(
            values.into_iter().map(|item| item.value).collect(),
        ));
    }
    if let Some(max) = section.count("max_bytes") {
        checks.push(TextCheck::MaxBytes(max.value as usize));
    }
    if let Some(pattern) = section.text("pattern") {
        match Regex::new(&format!("^(?:{})$", pattern.value)) {
            Ok(regex) => checks.push(TextCheck::Pattern(regex)),
            Err(found) => problems.push(bad_pattern(pattern.place, &found)),
        }
    }
    checks
}

fn hex_length(item: &Item<Value>, problems: &mut Problems) -> Option<usize> {
    let length = item
        .value
        .as_int()
        .and_then(|value| usize::try_from(value).ok());
    if length.is_none_or(|length| length == 0) {
        let message = "`hex` is a length in digits, or a list of lengths";
        problems.push(Problem::error(&BAD_MAPPING, item.place.clone(), message));
    }
    length
}

fn bad_pattern(place: Place, found: &regex::Error) -> Problem {
    let reason = found.to_string();
    let last = reason.lines().last().unwrap_or_default().trim().to_owned();
    Problem::error(
        &BAD_MAPPING,
        place,
        format!("the pattern is not a regular expression: {last}"),
    )
}
