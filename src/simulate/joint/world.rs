//! The world: tables of made-up rows, each column made in one declared way.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::template::Template;
use super::{JointRequest, wrong};
use crate::diag::Problems;
use crate::document::{Document, Item, Key, KeyKind, Section};
use crate::id::Fen;
use crate::identifier::Identifier;
use crate::simulate::etc_clearing::ordinary_card;
use crate::simulate::random::Random;

const RANGE_KEYS: &[Key] = &[
    Key::required(
        "from",
        KeyKind::Integer {
            min: -100_000_000,
            max: 100_000_000,
        },
        "The least.",
    ),
    Key::required(
        "to",
        KeyKind::Integer {
            min: -100_000_000,
            max: 100_000_000,
        },
        "The greatest.",
    ),
];

const COLUMN_KEYS: &[Key] = &[
    Key::optional(
        "text",
        KeyKind::Name,
        "A template: `{n}` is the row's number, `{day}` the business day, other names are columns before this one, or `{table.column}` of the table that `of` names.",
    ),
    Key::optional(
        "cycle",
        KeyKind::TextList,
        "One after the other, row by row.",
    ),
    Key::optional("pick", KeyKind::TextList, "One of these by chance."),
    Key::optional(
        "integer",
        KeyKind::Table(RANGE_KEYS),
        "A whole number by chance.",
    ),
    Key::optional(
        "fen",
        KeyKind::Table(RANGE_KEYS),
        "An amount by chance, in 分, written in yuan.",
    ),
    Key::optional(
        "days",
        KeyKind::Table(RANGE_KEYS),
        "A day by chance, so many days after the business day; negative: before.",
    ),
    Key::optional(
        "clearing",
        KeyKind::OneOf(&["card_id", "plate", "obu_id"]),
        "Of the stored-value card that row n is to the simulated clearing centre with the same seed.",
    ),
    Key::optional(
        "specimen",
        KeyKind::Name,
        "A made-up number of a kind, such as `vin`; a template whose text is the kind's word.",
    ),
];

const TABLE_KEYS: &[Key] = &[
    Key::required("name", KeyKind::Name, "The table's name."),
    Key::required(
        "rows",
        KeyKind::Integer {
            min: 1,
            max: 100_000,
        },
        "How many rows.",
    ),
    Key::optional(
        "of",
        KeyKind::TextList,
        "Tables before it: row n belongs to row n of each, from the beginning again when it has fewer.",
    ),
    Key::required(
        "column",
        KeyKind::NamedTables(COLUMN_KEYS),
        "Its columns in order.",
    ),
];

/// The keys of `world.toml`.
pub const WORLD_KEYS: &[Key] = &[
    Key::required("title", KeyKind::Name, "What the world is, in a sentence."),
    Key::required(
        "table",
        KeyKind::TableList(TABLE_KEYS),
        "Its tables in order.",
    ),
];

/// How a world is made.
#[derive(Debug)]
pub struct WorldPlan {
    tables: Vec<TablePlan>,
}

#[derive(Debug)]
struct TablePlan {
    name: String,
    rows: u64,
    of: Vec<String>,
    columns: Vec<(String, Made)>,
}

/// How a column's values are made.
#[derive(Debug)]
enum Made {
    Text(Template),
    Cycle(Vec<String>),
    Pick(Vec<String>),
    Integer(i64, i64),
    Fen(i64, i64),
    Days(i64, i64),
    Clearing(&'static str),
    Specimen(Template),
}

/// A row: its values by column, those of the tables it belongs to as `table.column`.
pub(super) type WorldRow = BTreeMap<String, String>;

/// A world that was made.
#[derive(Debug)]
pub struct World {
    tables: BTreeMap<String, Vec<WorldRow>>,
    /// What amounts add up to, in yuan, as `sum.TABLE.COLUMN`.
    pub(super) sums: WorldRow,
}

impl World {
    /// The rows of a table.
    pub(super) fn rows(&self, table: &str) -> &[WorldRow] {
        self.tables.get(table).map_or(&[], Vec::as_slice)
    }

    /// How many rows each table has.
    pub fn sizes(&self) -> impl Iterator<Item = (&str, usize)> {
        self.tables
            .iter()
            .map(|(name, rows)| (name.as_str(), rows.len()))
    }
}

/// Names that every row has.
const GIVEN: [&str; 2] = ["n", "day"];

impl WorldPlan {
    /// Reads and checks a world; all its problems are reported.
    pub(super) fn read(document: &Document, problems: &mut Problems) -> Option<Self> {
        let before = problems.error_count();
        let root = document.root(WORLD_KEYS, problems);
        let mut plan = Self { tables: Vec::new() };
        for section in root.table_list("table") {
            if let Some(table) = plan.read_table(&section, problems) {
                plan.tables.push(table);
            }
        }
        (problems.error_count() == before).then_some(plan)
    }

    /// Whether a table has a value of this name for a template.
    pub(super) fn has(&self, table: &str, name: &str) -> bool {
        let table = self.tables.iter().find(|known| known.name == table);
        table.is_some_and(|table| {
            GIVEN.contains(&name) || table.names(self).any(|known| known == name)
        })
    }

    /// Whether a template may name this sum: `sum.TABLE.COLUMN` of a column of amounts.
    pub(super) fn has_sum(&self, name: &str) -> bool {
        let mut parts = name.splitn(3, '.');
        let parts = (parts.next(), parts.next(), parts.next());
        let (Some("sum"), Some(table), Some(column)) = parts else {
            return false;
        };
        let table = self.tables.iter().find(|known| known.name == table);
        table.is_some_and(|table| table.amounts().any(|known| known == column))
    }

    /// The names of its tables.
    pub(super) fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.iter().map(|table| table.name.as_str())
    }

    fn read_table(&self, section: &Section<'_>, problems: &mut Problems) -> Option<TablePlan> {
        let mut table = TablePlan {
            name: section.text("name")?.value,
            rows: section.count("rows")?.value,
            of: Vec::new(),
            columns: Vec::new(),
        };
        for owner in section.texts("of").unwrap_or_default() {
            match self.tables().any(|name| name == owner.value) {
                true => table.of.push(owner.value),
                false => problems.push(wrong(
                    owner.place,
                    format!("there is no table `{}` before", owner.value),
                )),
            }
        }
        for (name, section) in section.named_tables("column") {
            if let Some(made) = self.read_column(&table, &section, problems) {
                table.columns.push((name.value, made));
            }
        }
        Some(table)
    }

    fn read_column(
        &self,
        table: &TablePlan,
        section: &Section<'_>,
        problems: &mut Problems,
    ) -> Option<Made> {
        let mut template = |item: Item<String>| {
            let template = Template::new(&item.value)
                .map_err(|why| problems.push(wrong(item.place.clone(), why)))
                .ok()?;
            for name in template.names() {
                if !GIVEN.contains(&name) && !table.names(self).any(|known| known == name) {
                    let message =
                        format!("`{}` has no column `{name}` before this one", table.name);
                    problems.push(wrong(item.place.clone(), message));
                }
            }
            Some(template)
        };
        let range = |key: &str| {
            let range = section.table(key)?;
            Some((range.integer("from")?.value, range.integer("to")?.value))
        };
        let texts = |key: &str| {
            let texts = section.texts(key)?;
            Some(texts.into_iter().map(|item| item.value).collect::<Vec<_>>())
        };
        let mut made: Vec<Made> = Vec::new();
        made.extend(section.text("text").and_then(&mut template).map(Made::Text));
        made.extend(
            section
                .text("specimen")
                .and_then(&mut template)
                .map(Made::Specimen),
        );
        made.extend(
            section
                .word("clearing")
                .map(|item| Made::Clearing(item.value)),
        );
        made.extend(texts("cycle").map(Made::Cycle));
        made.extend(texts("pick").map(Made::Pick));
        made.extend(range("integer").map(|(from, to)| Made::Integer(from, to)));
        made.extend(range("fen").map(|(from, to)| Made::Fen(from, to)));
        made.extend(range("days").map(|(from, to)| Made::Days(from, to)));
        if made.len() != 1 {
            let message = "a column is made in exactly one way: by `text`, `cycle`, `pick`, `integer`, \
                           `fen`, `days`, `clearing` or `specimen`";
            problems.push(wrong(section.place(), message));
            return None;
        }
        made.pop()
    }

    /// Makes the world: the same request gives the same world.
    pub fn make(&self, request: &JointRequest) -> World {
        let mut world = World {
            tables: BTreeMap::new(),
            sums: WorldRow::new(),
        };
        for (at, table) in (0_u64..).zip(&self.tables) {
            let count = table.rows * u64::from(request.scale);
            let rows: Vec<WorldRow> = (1..=count)
                .map(|n| table.row(n, at, request, &world))
                .collect();
            for column in table.amounts() {
                let amounts = rows
                    .iter()
                    .filter_map(|row| Fen::from_yuan(row.get(column)?).ok());
                let sum: i64 = amounts.map(|amount| amount.0).sum();
                let name = format!("sum.{}.{column}", table.name);
                world.sums.insert(name, Fen(sum).to_string());
            }
            world.tables.insert(table.name.clone(), rows);
        }
        world
    }
}

impl TablePlan {
    /// Its columns of amounts.
    fn amounts(&self) -> impl Iterator<Item = &str> {
        let columns = self.columns.iter();
        columns.filter_map(|(name, made)| matches!(made, Made::Fen(..)).then_some(name.as_str()))
    }

    /// What a template of it may name.
    fn names<'p>(&'p self, plan: &'p WorldPlan) -> impl Iterator<Item = String> + 'p {
        let owned = self
            .of
            .iter()
            .filter_map(|owner| plan.tables.iter().find(|one| one.name == *owner));
        let owned = owned.flat_map(|owner| {
            let columns = owner.columns.iter();
            columns.map(|(column, _)| format!("{}.{column}", owner.name))
        });
        self.columns
            .iter()
            .map(|(name, _)| name.clone())
            .chain(owned)
    }

    fn row(&self, n: u64, table: u64, request: &JointRequest, world: &World) -> WorldRow {
        let mut row = WorldRow::new();
        row.insert("n".to_owned(), n.to_string());
        row.insert("day".to_owned(), request.date.to_string());
        for owner in &self.of {
            let rows = world.rows(owner);
            let at = (n - 1).checked_rem(rows.len() as u64).unwrap_or_default();
            for (name, value) in rows.get(at as usize).into_iter().flatten() {
                if !GIVEN.contains(&name.as_str()) && !name.contains('.') {
                    row.insert(format!("{owner}.{name}"), value.clone());
                }
            }
        }
        for (at, (name, made)) in (0_u64..).zip(&self.columns) {
            let mut random = Random::of(&[request.seed, table, at, n]);
            let value = made.value(&row, n, &mut random, request);
            row.insert(name.clone(), value);
        }
        row
    }
}

impl Made {
    fn value(&self, row: &WorldRow, n: u64, random: &mut Random, request: &JointRequest) -> String {
        let date = request.date;
        match self {
            Self::Clearing(what) => {
                let [card_id, plate, obu_id] = ordinary_card(request.seed, n);
                match *what {
                    "card_id" => card_id,
                    "plate" => plate,
                    _ => obu_id,
                }
            }
            Self::Text(template) => template.filled(row),
            Self::Cycle(all) => {
                let at = (n - 1).checked_rem(all.len() as u64).unwrap_or_default();
                all.get(at as usize).cloned().unwrap_or_default()
            }
            Self::Pick(all) => {
                let at = random.below(all.len() as u64);
                all.get(at as usize).cloned().unwrap_or_default()
            }
            Self::Integer(from, to) => between(random, *from, *to).to_string(),
            Self::Fen(from, to) => Fen(between(random, *from, *to)).to_string(),
            Self::Days(from, to) => shifted(date, between(random, *from, *to)).to_string(),
            Self::Specimen(kind) => {
                let kind = Identifier::named(&kind.filled(row));
                kind.map(|kind| kind.specimen(random.next()))
                    .unwrap_or_default()
            }
        }
    }
}

fn between(random: &mut Random, from: i64, to: i64) -> i64 {
    let span = (to - from).max(0).unsigned_abs() + 1;
    from + random.below(span).cast_signed()
}

fn shifted(date: NaiveDate, days: i64) -> NaiveDate {
    let step = Days::new(days.unsigned_abs());
    let day = match days {
        0.. => date.checked_add_days(step),
        _ => date.checked_sub_days(step),
    };
    day.unwrap_or(date)
}
