//! A partner's view: which files it sends, and how their records come from the world.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::template::Template;
use super::world::{WorldPlan, WorldRow};
use super::wrong;
use crate::diag::{Problem, Problems, did_you_mean};
use crate::document::{Document, Item, Key, KeyKind, Section};
use crate::envelope::{Envelope, GzipPlan, Lz77Plan, ZipPlan};
use crate::job::Configuration;
use crate::mapping::Mapping;
use crate::value::Value;

const PLANT_KEYS: &[Key] = &[
    Key::required(
        "title",
        KeyKind::Name,
        "What the disagreement is, in Chinese.",
    ),
    Key::required(
        "row",
        KeyKind::Integer {
            min: 1,
            max: 100_000,
        },
        "Of which row of this record, counted from 1.",
    ),
    Key::optional("leave_out", KeyKind::Boolean, "The row is not told."),
    Key::optional("twice", KeyKind::Boolean, "The row is told twice."),
    Key::optional(
        "set",
        KeyKind::Values,
        "What is told otherwise: column = \"template\".",
    ),
];

const RECORD_KEYS: &[Key] = &[
    Key::required("record", KeyKind::Name, "The mapping's kind of record."),
    Key::optional(
        "from",
        KeyKind::Name,
        "The world's table: a record for each of its rows; one record when absent.",
    ),
    Key::optional(
        "where",
        KeyKind::Values,
        "Only rows whose columns have one of these texts.",
    ),
    Key::required(
        "set",
        KeyKind::Values,
        "The record's fields: field = \"template\".",
    ),
    Key::optional(
        "plant",
        KeyKind::TableList(PLANT_KEYS),
        "What this partner tells otherwise.",
    ),
];

const FILE_KEYS: &[Key] = &[
    Key::required("mapping", KeyKind::Name, "The mapping it is written with."),
    Key::optional(
        "sheet",
        KeyKind::Name,
        "The sheet of a workbook whose mapping only knows what its name is like.",
    ),
    Key::with_default("path", KeyKind::Text, "", "The folder at the connection."),
    Key::required(
        "name",
        KeyKind::Name,
        "Its name, a template of `{day}` and `{date}`.",
    ),
    Key::with_default(
        "envelope",
        KeyKind::OneOf(&["none", "lz77", "gzip", "zip"]),
        "none",
        "What is put around it.",
    ),
    Key::optional(
        "sm3",
        KeyKind::Name,
        "A file with its SM3 digest, a template of `{name}`.",
    ),
    Key::optional(
        "flag",
        KeyKind::Name,
        "An empty file that says it is complete, a template of `{name}`.",
    ),
    Key::required(
        "record",
        KeyKind::TableList(RECORD_KEYS),
        "Its records in order.",
    ),
];

/// The keys of a `view.toml`.
pub const VIEW_KEYS: &[Key] = &[
    Key::required(
        "title",
        KeyKind::Name,
        "What the partner tells, in Chinese.",
    ),
    Key::required(
        "connection",
        KeyKind::Name,
        "Whose directory its files belong into.",
    ),
    Key::required("file", KeyKind::TableList(FILE_KEYS), "Its files in order."),
];

/// A partner's view of the world.
#[derive(Debug)]
pub struct View {
    /// The partner.
    pub partner: String,
    /// What it tells.
    pub title: String,
    /// Whose directory its files belong into.
    pub connection: String,
    pub(super) files: Vec<FilePlan>,
}

#[derive(Debug)]
pub(super) struct FilePlan {
    pub(super) mapping: Arc<Mapping>,
    pub(super) path: String,
    pub(super) name: Template,
    pub(super) envelope: Option<Envelope>,
    pub(super) sm3: Option<Template>,
    pub(super) flag: Option<Template>,
    pub(super) records: Vec<RecordView>,
}

#[derive(Debug)]
pub(super) struct RecordView {
    pub(super) record: String,
    pub(super) from: Option<String>,
    pub(super) conditions: BTreeMap<String, Vec<String>>,
    pub(super) set: Vec<(String, Template)>,
    pub(super) plants: Vec<Plant>,
}

/// What a partner tells otherwise.
#[derive(Debug)]
pub(super) struct Plant {
    pub(super) title: String,
    pub(super) row: u64,
    pub(super) times: usize,
    pub(super) set: Vec<(String, Template)>,
}

impl RecordView {
    /// Whether a row of the world is told.
    pub(super) fn tells(&self, row: &WorldRow) -> bool {
        let has = |(column, wanted): (&String, &Vec<String>)| {
            row.get(column).is_some_and(|found| wanted.contains(found))
        };
        self.conditions.iter().all(has)
    }
}

/// What the parts of a view may refer to.
struct Desk<'d> {
    world: &'d WorldPlan,
    configuration: &'d Configuration,
}

impl View {
    pub(super) fn read(
        document: &Document,
        partner: &str,
        world: &WorldPlan,
        configuration: &Configuration,
        problems: &mut Problems,
    ) -> Option<Self> {
        let before = problems.error_count();
        let desk = Desk {
            world,
            configuration,
        };
        let root = document.root(VIEW_KEYS, problems);
        let connection = root.text("connection")?;
        let mut known = configuration.settings.connections.keys();
        if !known.any(|name| name.as_str() == connection.value) {
            let message = format!(
                "there is no connection `{}` in the settings",
                connection.value
            );
            problems.push(wrong(connection.place.clone(), message));
        }
        let files = root.table_list("file");
        let files = files.iter().filter_map(|file| desk.file(file, problems));
        let view = Self {
            partner: partner.to_owned(),
            title: root.text("title")?.value,
            connection: connection.value,
            files: files.collect(),
        };
        (problems.error_count() == before).then_some(view)
    }
}

impl Desk<'_> {
    fn file(&self, section: &Section<'_>, problems: &mut Problems) -> Option<FilePlan> {
        let item = section.text("mapping")?;
        let mappings = &self.configuration.mappings;
        let Some(mapping) = mappings.get(&item.value) else {
            problems.push(unknown(
                &item,
                "mapping",
                mappings.keys().map(String::as_str),
            ));
            return None;
        };
        let mapping = match section.text("sheet") {
            Some(sheet) => Arc::new(Mapping {
                format: mapping.format.clone().with_sheet(&sheet.value),
                ..Mapping::clone(mapping)
            }),
            None => Arc::clone(mapping),
        };
        if let Some(why) = mapping.format.unwritable(&mapping.layout) {
            let message = format!("`{}` cannot be written: {why}", mapping.name);
            problems.push(wrong(item.place, message).help("name its `sheet`, if it is that"));
        }
        let records = section.table_list("record");
        let records = records
            .iter()
            .filter_map(|record| self.record(record, &mapping, problems))
            .collect();
        let name = section.text("name")?;
        Some(FilePlan {
            mapping,
            path: section.text("path")?.value,
            name: template(&name, problems, |name| matches!(name, "day" | "date"))?,
            envelope: match section.word("envelope")?.value {
                "lz77" => Some(Envelope::Lz77(Lz77Plan::default())),
                "gzip" => Some(Envelope::Gzip(GzipPlan::default())),
                "zip" => Some(Envelope::Zip(ZipPlan::default())),
                _ => None,
            },
            sm3: beside(section, "sm3", problems),
            flag: beside(section, "flag", problems),
            records,
        })
    }

    fn record(
        &self,
        section: &Section<'_>,
        mapping: &Mapping,
        problems: &mut Problems,
    ) -> Option<RecordView> {
        let item = section.text("record")?;
        let Some((_, plan)) = mapping.record(&item.value) else {
            let known = mapping.records.iter().map(|record| record.name.as_str());
            problems.push(unknown(&item, "record", known));
            return None;
        };
        let from = section.text("from");
        if let Some(from) = &from
            && !self.world.tables().any(|table| table == from.value)
        {
            problems.push(unknown(from, "table of the world", self.world.tables()));
            return None;
        }
        let from = from.map(|from| from.value);
        let has_value = |name: &str| match &from {
            _ if self.world.has_sum(name) => true,
            Some(table) => self.world.has(table, name) || name == "date",
            None => matches!(name, "n" | "day" | "date"),
        };
        let mut conditions = BTreeMap::new();
        for (column, texts) in section.values("where").unwrap_or_default() {
            if !has_value(&column.value) {
                let message = format!("there is no column `{}`", column.value);
                problems.push(wrong(column.place.clone(), message));
            }
            let texts = texts.iter().filter_map(|item| item.value.as_text());
            conditions.insert(column.value, texts.map(str::to_owned).collect());
        }
        let sets = |section: &Section<'_>, problems: &mut Problems| {
            let mut set = Vec::new();
            for (field, texts) in section.values("set").unwrap_or_default() {
                let [
                    Item {
                        value: Value::Text(text),
                        place,
                    },
                ] = texts.as_slice()
                else {
                    let message = format!("`{}` needs one template in quotes", field.value);
                    problems.push(wrong(field.place, message));
                    continue;
                };
                if plan.field(&field.value).is_none() {
                    let known = plan.fields.iter().map(|field| field.name.as_str());
                    problems.push(unknown(&field, "field", known));
                }
                let item = Item::new(text.clone(), place.clone());
                set.extend(template(&item, problems, has_value).map(|text| (field.value, text)));
            }
            set
        };
        let set = sets(section, problems);
        let mut plants = Vec::new();
        for plant in section.table_list("plant") {
            let is = |key: &str| plant.boolean(key).is_some_and(|item| item.value);
            plants.push(Plant {
                title: plant.text("title")?.value,
                row: plant.count("row")?.value,
                times: match (is("leave_out"), is("twice")) {
                    (true, _) => 0,
                    (false, true) => 2,
                    (false, false) => 1,
                },
                set: sets(&plant, problems),
            });
        }
        Some(RecordView {
            record: item.value,
            from,
            conditions,
            set,
            plants,
        })
    }
}

/// The name of a file beside another.
fn beside(section: &Section<'_>, key: &str, problems: &mut Problems) -> Option<Template> {
    template(&section.text(key)?, problems, |name| name == "name")
}

fn template(
    item: &Item<String>,
    problems: &mut Problems,
    has_value: impl Fn(&str) -> bool,
) -> Option<Template> {
    let template = Template::new(&item.value)
        .map_err(|why| problems.push(wrong(item.place.clone(), why)))
        .ok()?;
    for name in template.names() {
        if !has_value(name) {
            let message = format!("there is no column `{name}` to fill `{{{name}}}` with");
            problems.push(wrong(item.place.clone(), message));
        }
    }
    Some(template)
}

fn unknown<'a>(
    item: &Item<String>,
    what: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Problem {
    let problem = wrong(
        item.place.clone(),
        format!("there is no {what} `{}`", item.value),
    );
    match did_you_mean(&item.value, known) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem,
    }
}
