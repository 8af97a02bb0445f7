//! `[[control]]`, as written → checked against the records.

use super::control::{ControlPlan, Counted, Filter, Hash, Promise, Total, Within};
use super::field::{FieldKind, FieldPlan};
use super::options::BAD_MAPPING;
use super::promises::Checked;
use crate::dataset::Class;
use crate::diag::{Problem, Problems};
use crate::document::{Item, Key, KeyKind, NamedValues, Section};
use crate::value::Value;

/// The keys of a control.
pub(super) const CONTROL_KEYS: &[Key] = &[
    Key::required("name", KeyKind::Name, "The control's name on screen."),
    Key::optional(
        "declared",
        KeyKind::Name,
        "`record.field` that states the promise; of a sequence, its first number.",
    ),
    Key::optional(
        "count",
        KeyKind::TextOrList,
        "The kinds of record that are counted together, headers and trailers too if they are named; `*` is every kind, \
         and a `-` before a kind takes its records off.",
    ),
    Key::optional(
        "sum",
        KeyKind::TextOrList,
        "The `record.field`s to sum, integers or money; a `-` before one subtracts it.",
    ),
    Key::optional(
        "hash",
        KeyKind::Table(HASH_KEYS),
        "A hash total: digits of a field, summed as a number that means nothing.",
    ),
    Key::optional(
        "equal",
        KeyKind::TextOrList,
        "The `record.field`s that must all have one value.",
    ),
    Key::optional(
        "context",
        KeyKind::Name,
        "The value of the surroundings that `equal` must have too: a capture of the file's name such as `business_date`, a \
         value that the job sets.",
    ),
    Key::optional(
        "sequence",
        KeyKind::TextOrList,
        "The `record.field`s that are numbered together without a hole.",
    ),
    Key::optional(
        "start",
        KeyKind::ANY_INTEGER,
        "The first number of a sequence; what `declared` says, or 1, when absent.",
    ),
    Key::optional(
        "within",
        KeyKind::Name,
        "The record that begins a group, when each group has its own promise.",
    ),
    Key::optional(
        "where",
        KeyKind::Values,
        "Only records whose fields have these values: `{ direction = \"D\" }`.",
    ),
    Key::optional(
        "minus_where",
        KeyKind::Values,
        "Records whose fields have these values are subtracted.",
    ),
];

const HASH_KEYS: &[Key] = &[
    Key::required(
        "of",
        KeyKind::TextOrList,
        "The `record.field`s whose digits are summed.",
    ),
    Key::optional(
        "first_digits",
        KeyKind::Integer { min: 1, max: 18 },
        "Only so many from the left.",
    ),
    Key::optional(
        "last_digits",
        KeyKind::Integer { min: 1, max: 18 },
        "Only so many from the right.",
    ),
    Key::optional(
        "modulus",
        KeyKind::POSITIVE,
        "Only the rest of a division by it is kept: 10000000000 keeps the last 10 digits of the sum.",
    ),
];

/// What a control may be, of which it is exactly one.
const TOTALS: &[&str] = &["count", "sum", "hash", "equal", "sequence"];

impl Checked<'_> {
    /// Reads a control; all its mistakes are reported.
    pub(super) fn control(
        &self,
        section: &Section<'_>,
        problems: &mut Problems,
    ) -> Option<ControlPlan> {
        let before = problems.error_count();
        let refuse = |key: &str, message: String| {
            let place = section.key_place(key).unwrap_or_else(|| section.place());
            Problem::error(&BAD_MAPPING, place, message)
        };
        let named: Vec<&str> = (TOTALS.iter().copied())
            .filter(|key| section.has(key))
            .collect();
        let what = match named.as_slice() {
            [what] => *what,
            [] => {
                let message = "a control has one of `count`, `sum`, `hash`, `equal` and `sequence`";
                problems.push(refuse("name", message.to_owned()));
                return None;
            }
            [first, second, ..] => {
                let message = format!("a control has either `{first}` or `{second}`");
                problems.push(refuse(second, message));
                return None;
            }
        };
        let only = [
            ("context", &["equal"][..]),
            ("start", &["sequence"]),
            ("declared", &["count", "sum", "hash", "sequence"]),
            ("where", &["count", "sum", "hash"]),
            ("minus_where", &["count", "sum"]),
        ];
        for (key, totals) in only {
            if section.has(key) && !totals.contains(&what) {
                problems.push(refuse(key, format!("`{key}` does not go with `{what}`")));
            }
        }
        if matches!(what, "count" | "sum" | "hash") && !section.has("declared") {
            let message = format!("a `{what}` needs `declared`, the field that states the promise");
            problems.push(refuse(what, message));
        }
        let declared = self.declared(section, problems);
        let mut counted = self.counted(what, section, problems);
        self.read_filters(section, &mut counted, problems);
        let within = self.within(section, declared, &counted, problems);
        self.check_types(what, section, declared, &counted, problems);
        let plan = ControlPlan {
            name: section.text("name")?.value,
            declared,
            is_optional: declared
                .and_then(|promise| self.field_plan(promise.record, promise.field))
                .is_none_or(|field| !field.required),
            total: total(what, section, problems),
            within,
            is_money: self.is_money(what, declared, &counted),
            class: (counted.iter())
                .filter_map(|counted| self.field_plan(counted.record, counted.field?))
                .map(|field| field.class)
                .find(|class| *class != Class::None)
                .unwrap_or(Class::None),
            counted,
        };
        (problems.error_count() == before).then_some(plan)
    }

    fn declared(&self, section: &Section<'_>, problems: &mut Problems) -> Option<Promise> {
        let item = section.text("declared")?;
        let (record, field) = self.field(&item, problems)?;
        let plan = self.field_plan(record, field)?;
        if !is_number(plan) {
            let message = format!(
                "`{}` states a promise, so it must be an integer or an amount",
                plan.name
            );
            problems.push(Problem::error(&BAD_MAPPING, item.place, message));
        }
        Some(Promise { record, field })
    }

    /// The records that belong to a control, in the order in which they are named.
    fn counted(&self, what: &str, section: &Section<'_>, problems: &mut Problems) -> Vec<Counted> {
        let items = match what {
            "hash" => section.table("hash").and_then(|hash| hash.texts("of")),
            _ => section.texts(what),
        };
        let mut all = Vec::new();
        for item in items.unwrap_or_default() {
            let (is_minus, item) = match item.value.strip_prefix('-') {
                Some(rest) if matches!(what, "count" | "sum") => {
                    (true, Item::new(rest.to_owned(), item.place))
                }
                _ => (false, item),
            };
            let entry = |record, field| Counted {
                record,
                field,
                is_minus,
                filters: Vec::new(),
                minus_filters: Vec::new(),
            };
            if what == "count" && item.value == "*" {
                all.extend((0..self.records.len()).map(|record| entry(record, None)));
            } else if what == "count" {
                all.extend((self.record(&item, problems)).map(|record| entry(record, None)));
            } else if let Some((record, field)) = self.field(&item, problems) {
                all.push(entry(record, Some(field)));
            }
        }
        all
    }

    /// `where` and `minus_where`: every counted record must have the fields.
    fn read_filters(
        &self,
        section: &Section<'_>,
        counted: &mut [Counted],
        problems: &mut Problems,
    ) {
        for key in ["where", "minus_where"] {
            for (name, values) in section.values(key).unwrap_or_default() {
                for counted in counted.iter_mut() {
                    let Some(field) = self.field_of(counted.record, &name, problems) else {
                        break;
                    };
                    let filter = self.filter(
                        counted.record,
                        field,
                        &(name.clone(), values.clone()),
                        problems,
                    );
                    let filters = match key {
                        "where" => &mut counted.filters,
                        _ => &mut counted.minus_filters,
                    };
                    filters.extend(filter);
                }
            }
        }
    }

    fn filter(
        &self,
        record: usize,
        field: usize,
        (name, values): &NamedValues,
        problems: &mut Problems,
    ) -> Option<Filter> {
        let plan = self.field_plan(record, field)?;
        let is_text = matches!(plan.kind, FieldKind::Text(_) | FieldKind::Fixed(_));
        let is_int = matches!(plan.kind, FieldKind::Int { .. });
        let fits = |value: &Value| match value {
            Value::Text(_) => is_text,
            Value::Int(_) => is_int,
            _ => false,
        };
        if let Some(wrong) = values.iter().find(|value| !fits(&value.value)) {
            let message = format!(
                "`{}` is compared with values of its own type: a text or an integer",
                name.value
            );
            problems.push(Problem::error(&BAD_MAPPING, wrong.place.clone(), message));
            return None;
        }
        let values = values.iter().map(|value| value.value.clone()).collect();
        Some(Filter { field, values })
    }

    fn within(
        &self,
        section: &Section<'_>,
        declared: Option<Promise>,
        counted: &[Counted],
        problems: &mut Problems,
    ) -> Option<Within> {
        let item = section.text("within")?;
        let group = self.record(&item, problems)?;
        let refuse = |message: String| Problem::error(&BAD_MAPPING, item.place.clone(), message);
        if self.layout.standing(group).is_none() {
            if declared.is_none_or(|promise| promise.record != group) {
                let message = "`within` names the record that states the promise";
                problems.push(refuse(message.to_owned()));
            }
            return Some(Within {
                group,
                closer: None,
                is_ahead: false,
            });
        }
        let kinds = 0..self.records.len();
        if !kinds
            .clone()
            .any(|kind| self.layout.parent(kind) == Some(group))
        {
            let problem = refuse(format!("`{}` begins no group", item.value));
            problems.push(problem.help(format!(
                "say of the records in it that they stand there: `inside = \"{}\"`",
                item.value
            )));
            return None;
        }
        let named = counted.iter().map(|counted| counted.record);
        for record in named.chain(declared.map(|promise| promise.record)) {
            if !self.is_in(record, group) {
                let name = self.records.get(record).map_or("", |record| &record.name);
                let message = format!("`{name}` does not stand in the group of `{}`", item.value);
                problems.push(refuse(message));
            }
        }
        let closes = |kind: &usize| {
            let standing = self.layout.standing(*kind);
            standing.is_some_and(|standing| standing.closes == Some(group))
        };
        Some(Within {
            group,
            closer: kinds.clone().find(closes),
            is_ahead: true,
        })
    }

    /// Whether a kind begins a group or stands in it, at any depth.
    fn is_in(&self, kind: usize, group: usize) -> bool {
        let mut at = Some(kind);
        // A chain of groups is no longer than there are kinds.
        (0..=self.records.len()).any(|_| {
            let is_it = at == Some(group);
            at = at.and_then(|kind| self.layout.parent(kind));
            is_it
        })
    }

    fn check_types(
        &self,
        what: &str,
        section: &Section<'_>,
        declared: Option<Promise>,
        counted: &[Counted],
        problems: &mut Problems,
    ) {
        let place = || section.key_place(what).unwrap_or_else(|| section.place());
        let fields = || {
            let fields = counted.iter();
            fields.filter_map(|counted| self.field_plan(counted.record, counted.field?))
        };
        let wrong = match what {
            "sum" => fields().find(|field| !is_number(field)),
            "sequence" => fields().find(|field| !matches!(field.kind, FieldKind::Int { .. })),
            "hash" => fields().find(|field| {
                let is_text = matches!(field.kind, FieldKind::Text(None) | FieldKind::Fixed(_));
                !is_text && !matches!(field.kind, FieldKind::Int { .. })
            }),
            _ => None,
        };
        if let Some(field) = wrong {
            let wanted = match what {
                "sum" => "an integer or an amount",
                "sequence" => "an integer",
                _ => "a text of digits or an integer",
            };
            let message = format!("`{}` is in a `{what}`, so it must be {wanted}", field.name);
            problems.push(Problem::error(&BAD_MAPPING, place(), message));
        }
        let one = section.has("context") || declared.is_some();
        if what == "equal" && counted.len() < 2 && !one {
            let message = "`equal` needs two fields, or one and `context`";
            problems.push(Problem::error(&BAD_MAPPING, place(), message));
        }
    }

    fn is_money(&self, what: &str, declared: Option<Promise>, counted: &[Counted]) -> bool {
        let promise = declared.map(|promise| (promise.record, promise.field));
        let first = || Some((counted.first()?.record, counted.first()?.field?));
        let field = match what {
            "equal" => first(),
            "hash" => None,
            _ => promise,
        };
        field
            .and_then(|(record, field)| self.field_plan(record, field))
            .is_some_and(|field| matches!(field.kind, FieldKind::Money { .. }))
    }

    fn field_plan(&self, record: usize, field: usize) -> Option<&FieldPlan> {
        self.records.get(record)?.fields.get(field)
    }
}

fn is_number(field: &FieldPlan) -> bool {
    matches!(
        field.kind,
        FieldKind::Int { .. } | FieldKind::Money { .. } | FieldKind::Decimal { .. }
    )
}

fn total(what: &str, section: &Section<'_>, problems: &mut Problems) -> Total {
    match what {
        "count" => Total::Count,
        "sum" => Total::Sum,
        "hash" => Total::Hash(
            section
                .table("hash")
                .map_or_else(Hash::default, |table| hash(&table, problems)),
        ),
        "equal" => Total::Equal {
            context: section.text("context").map(|item| item.value),
        },
        _ => Total::Sequence {
            start: section.integer("start").map(|item| item.value),
        },
    }
}

fn hash(table: &Section<'_>, problems: &mut Problems) -> Hash {
    let count = |key| table.count(key).map(|item| item.value as usize);
    let hash = Hash {
        first_digits: count("first_digits"),
        last_digits: count("last_digits"),
        modulus: table.integer("modulus").map(|item| item.value),
    };
    if let (Some(_), Some(_), Some(place)) = (
        hash.first_digits,
        hash.last_digits,
        table.key_place("last_digits"),
    ) {
        let message = "a hash total has the first digits or the last ones";
        problems.push(Problem::error(&BAD_MAPPING, place, message));
    }
    hash
}
