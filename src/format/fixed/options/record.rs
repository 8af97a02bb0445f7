//! Reads what tells a kind of record from the others, and the places of its columns.

use crate::diag::{Place, Problem, Problems, did_you_mean};
use crate::document::{Item, NamedValues, Section};
use crate::format::fixed::codes::{FIXED_COLUMNS, FIXED_MATCH};
use crate::format::fixed::plan::{FixedPlan, LineEnd};
use crate::format::fixed::select::{Column, Condition, FixedSelect};
use crate::format::lines::Standing;
use crate::format::matching::{check_distinct, flag};
use crate::value::Value;

impl FixedSelect {
    /// Reads the `fixed` table of a `[record.NAME]`, a table checked against
    /// [`RECORD_KEYS`](super::RECORD_KEYS).
    pub fn read(section: &Section<'_>, plan: &FixedPlan, problems: &mut Problems) -> Option<Self> {
        let before = problems.error_count();
        let mut columns = Columns {
            plan,
            all: Vec::new(),
        };
        for column in section.values("columns").unwrap_or_default() {
            columns.read(column, problems);
        }
        if columns.all.is_empty() && section.has("columns") && problems.error_count() == before {
            let place = section
                .key_place("columns")
                .unwrap_or_else(|| section.place());
            let message = format!("{} `columns` names none", section.label());
            problems.push(Problem::error(FIXED_COLUMNS, place, message));
        }
        let length = columns.length(section, problems);
        columns.check_places(length, problems);
        let conditions = match section.table("match") {
            Some(table) => Conditions {
                table,
                plan,
                length,
            }
            .read(problems),
            None => Vec::new(),
        };
        (problems.error_count() == before).then(|| Self {
            conditions,
            length,
            columns: columns.sorted(),
            standing: Standing::default(),
        })
    }
}

/// Columns being read.
struct Columns<'p> {
    plan: &'p FixedPlan,
    all: Vec<(Column, Place)>,
}

impl Columns<'_> {
    fn read(&mut self, (name, values): NamedValues, problems: &mut Problems) {
        let place = name.place.clone();
        let number = |item: &Item<Value>| {
            let number = item
                .value
                .as_int()
                .and_then(|int| usize::try_from(int).ok());
            number.filter(|number| (1..=1 << 20).contains(number))
        };
        let read = match values.as_slice() {
            [length] => number(length).map(|length| (self.next_start(), length, None)),
            [start, length] => number(start)
                .zip(number(length))
                .map(|(s, l)| (s - 1, l, None)),
            [start, length, style] if style.value.as_text().is_some() => number(start)
                .zip(number(length))
                .map(|(start, length)| (start - 1, length, Some(style))),
            _ => None,
        };
        let Some((start, length, style)) = read else {
            let message = format!("`{}` is no place of a column", name.value);
            let problem = Problem::error(FIXED_COLUMNS, place, message);
            let help = "write `[start, length]` with the first byte counted from 1, a length alone \
                        when it follows the column above, or `[start, length, \"style\"]`";
            problems.push(problem.help(help));
            return;
        };
        let style = match style.map(|item| (item, item.value.as_text().unwrap_or_default())) {
            None => None,
            Some((item, word)) => match self.plan.styles.get(word) {
                Some(style) => Some(style.clone()),
                None => {
                    problems.push(self.unknown_style(item, word));
                    None
                }
            },
        };
        let column = Column {
            name: name.value,
            start,
            length,
            style,
        };
        self.all.push((column, place));
    }

    /// Where a column begins that follows the one above.
    fn next_start(&self) -> usize {
        let gap = usize::from(self.plan.between.is_some());
        self.all.last().map_or(0, |(column, _)| column.end() + gap)
    }

    fn unknown_style(&self, item: &Item<Value>, word: &str) -> Problem {
        let names = || self.plan.styles.keys().map(String::as_str);
        let known: Vec<String> = names().map(|name| format!("`{name}`")).collect();
        let help = did_you_mean(word, names()).map_or_else(
            || {
                format!(
                    "declare `[format.fixed.style.{word}]`, or write {}",
                    known.join(" or ")
                )
            },
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!("there is no style `{word}`");
        Problem::error(FIXED_COLUMNS, item.place.clone(), message).help(help)
    }

    /// Bytes of a record: as its kind says, as the format says, or up to the last column.
    fn length(&self, section: &Section<'_>, problems: &mut Problems) -> usize {
        let own = section.count("length");
        if let (LineEnd::None, Some(own), Some(all)) = (self.plan.line_end, &own, self.plan.length)
            && own.value as usize != all
        {
            let message =
                format!("without line ends all records have the format's `length`, which is {all}");
            problems.push(Problem::error(FIXED_COLUMNS, own.place.clone(), message));
        }
        let ends = self.all.iter().map(|(column, _)| column.end());
        own.map(|item| item.value as usize)
            .or(self.plan.length)
            .unwrap_or_else(|| ends.max().unwrap_or_default())
    }

    /// Whether every column lies within the record and beside the others.
    fn check_places(&self, length: usize, problems: &mut Problems) {
        for (at, (column, place)) in self.all.iter().enumerate() {
            let refuse = |message: String| Problem::error(FIXED_COLUMNS, place.clone(), message);
            let bytes = |column: &Column| format!("bytes {} to {}", column.start + 1, column.end());
            let before = self.all.iter().take(at);
            let overlapped = before
                .map(|(other, _)| other)
                .find(|other| column.start < other.end() && other.start < column.end());
            if let Some(other) = overlapped {
                problems.push(refuse(format!(
                    "`{}` ({}) overlaps `{}` ({})",
                    column.name,
                    bytes(column),
                    other.name,
                    bytes(other)
                )));
            } else if column.end() > length {
                problems.push(refuse(format!(
                    "`{}` ends at byte {}, but the record has {length}",
                    column.name,
                    column.end()
                )));
            } else if self.plan.between.is_some() && self.touches(column) {
                problems.push(refuse(format!(
                    "`{}` begins at byte {}, which leaves none for `between`",
                    column.name,
                    column.start + 1
                )));
            }
        }
    }

    /// Whether another column ends right before this one.
    fn touches(&self, column: &Column) -> bool {
        let is_before = |(other, _): &(Column, Place)| other.end() == column.start;
        self.all.iter().any(is_before)
    }

    fn sorted(self) -> Vec<Column> {
        let mut columns: Vec<Column> = self.all.into_iter().map(|(column, _)| column).collect();
        columns.sort_by_key(|column| column.start);
        columns
    }
}

/// A `match` being read.
struct Conditions<'a> {
    table: Section<'a>,
    plan: &'a FixedPlan,
    length: usize,
}

impl Conditions<'_> {
    fn read(&self, problems: &mut Problems) -> Vec<Condition> {
        let flags = [("first", Condition::First), ("last", Condition::Last)];
        let mut conditions: Vec<Condition> = (flags.into_iter())
            .filter_map(|(name, condition)| {
                flag(&self.table, name, FIXED_MATCH, problems).then_some(condition)
            })
            .collect();
        conditions.extend(self.at(problems));
        conditions.extend(
            (self.table.count("length")).map(|item| Condition::Length(item.value as usize)),
        );
        if conditions.is_empty() && self.table.keys_in_order().is_empty() {
            let message = format!("{} there is no condition", self.table.label());
            let problem = Problem::error(FIXED_MATCH, self.table.place(), message);
            problems
                .push(problem.help("leave `match` out for the kind that takes all other records"));
        }
        conditions
    }

    fn at(&self, problems: &mut Problems) -> Option<Condition> {
        let equals = self.table.text("equals").map(|item| vec![item]);
        let one_of = self.table.texts("one_of");
        let at = self.table.count("at");
        let refuse = |name: &str, message: &str| {
            let place = (self.table.key_place(name)).unwrap_or_else(|| self.table.place());
            Problem::error(FIXED_MATCH, place, message)
        };
        if equals.is_some() && one_of.is_some() {
            problems.push(refuse("one_of", "`one_of` and `equals` exclude each other"));
        }
        let has_equals = equals.is_some();
        let values = equals.or(one_of);
        match (&at, &values) {
            (None, None) => return None,
            (Some(_), None) => {
                problems.push(refuse("at", "`at` needs `equals` or `one_of`"));
            }
            (None, Some(_)) if has_equals => {
                problems.push(refuse("equals", "`equals` needs `at`, a byte from 1"));
            }
            (None, Some(_)) => {
                problems.push(refuse("one_of", "`one_of` needs `at`, a byte from 1"));
            }
            (Some(_), Some(values)) if values.is_empty() => {
                problems.push(refuse("one_of", "`one_of` lists nothing"));
            }
            _ => {}
        }
        let at = (at?.value as usize).checked_sub(1)?;
        let values = values?;
        for value in &values {
            self.check_value(at, value, problems);
        }
        Some(Condition::At {
            at,
            values: values.into_iter().map(|item| item.value).collect(),
        })
    }

    /// Whether a text can stand at a place of the record.
    fn check_value(&self, at: usize, item: &Item<String>, problems: &mut Problems) {
        let text = &item.value;
        let message = match self.plan.encoding.encode(text) {
            Err(error) => format!("`{text}` can never be in the file: {error}"),
            Ok(bytes) if bytes.is_empty() => "an empty text stands everywhere".to_owned(),
            Ok(bytes) if at + bytes.len() > self.length => format!(
                "`{text}` would end at byte {}, but the record has {}",
                at + bytes.len(),
                self.length
            ),
            Ok(_) => return,
        };
        problems.push(Problem::error(FIXED_MATCH, item.place.clone(), message));
    }
}

/// Checks the kinds of record of a file together.
pub fn check_records(records: &[(Item<String>, FixedSelect)], problems: &mut Problems) {
    fn conditions(select: &FixedSelect) -> Option<&[Condition]> {
        let conditions = select.conditions.as_slice();
        (!conditions.is_empty()).then_some(conditions)
    }
    let help = "give each kind something that tells its records from the others'";
    check_distinct(records, conditions, (FIXED_MATCH, help), problems);
}
