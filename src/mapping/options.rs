//! mappings/NAME.toml, as written → a checked [`Mapping`].

use std::sync::Arc;

use super::CodeTable;
use super::control_options::CONTROL_KEYS;
use super::field_options::{FIELD_KEYS, FieldReader};
use super::find::{FIND_KEYS, read_finds};
use super::plan::{FlagPlan, Mapping, RecordPlan, Status};
use super::promises::Checked;
use crate::dataset::{ColumnType, Dataset, Datasets};
use crate::db::OnConflict;
use crate::diag::{Code, Place, Problem, Problems, did_you_mean};
use crate::document::{Document, Item, Key, KeyKind, Section};
use crate::format::{self, FormatPlan, Layout, RecordLayout, Select};
use crate::id::MappingName;

/// A name that nothing has.
pub(super) const UNKNOWN_NAME: Code = Code {
    id: "unknown-name",
    title: "a name that is not declared",
    title_zh: "名称未定义",
    help: "The name must be one that another file or section declares: a dataset, a column, a \
           record, a code table, a mapping, a connection. Check the spelling.",
};

/// Keys that do not fit together.
pub(super) const BAD_MAPPING: Code = Code {
    id: "bad-mapping",
    title: "parts of a mapping that do not fit together",
    title_zh: "映射定义有误",
    help: "The message says which parts. docs/reference/mapping_*.toml show every key in use.",
};

const IDENTITY_KEYS: &[Key] = &[
    Key::optional(
        "record",
        KeyKind::Name,
        "The record that has the columns; the first when absent.",
    ),
    Key::optional(
        "columns",
        KeyKind::TextList,
        "Fields that together identify a file.",
    ),
    Key::optional(
        "context",
        KeyKind::TextList,
        "Values of the surroundings that identify it: `file_name`, captures of the name.",
    ),
];

const SEQUENCE_KEYS: &[Key] = &[
    Key::required(
        "number",
        KeyKind::Name,
        "`record.field` that is numbered without a hole.",
    ),
    Key::required(
        "scope",
        KeyKind::TextList,
        "`record.field`s within which it is.",
    ),
];

const FLAG_KEYS: &[Key] = &[
    Key::required(
        "needs",
        KeyKind::TextList,
        "Fields that must be readable for a row to be loaded flagged.",
    ),
    Key::required(
        "note",
        KeyKind::Name,
        "The text column that says what was wrong.",
    ),
];

const RECORD_KEYS: &[Key] = &[
    Key::optional(
        "dataset",
        KeyKind::Name,
        "The dataset its rows fill; none for a record that only promises.",
    ),
    Key::with_default(
        "on_conflict",
        KeyKind::OneOf(&["reject", "keep_first", "replace_if_newer"]),
        "reject",
        "What happens to a row whose key is already there.",
    ),
    Key::optional(
        "newer_by",
        KeyKind::Name,
        "The column that says which row is newer, for `replace_if_newer`.",
    ),
    Key::optional(
        "flag",
        KeyKind::Table(FLAG_KEYS),
        "Load a row with unreadable fields flagged instead of refusing it.",
    ),
    Key::optional(
        "csv",
        KeyKind::Table(format::csv::RECORD_KEYS),
        "How its lines are told from others.",
    ),
    Key::optional(
        "excel",
        KeyKind::Table(format::excel::RECORD_KEYS),
        "How its rows are told from others.",
    ),
    Key::optional(
        "fixed",
        KeyKind::Table(format::fixed::RECORD_KEYS),
        "How its lines are told from others, and the places of its columns.",
    ),
    format::lines::RECORD_KEYS[0],
    format::lines::RECORD_KEYS[1],
    format::lines::RECORD_KEYS[2],
    format::lines::RECORD_KEYS[3],
    Key::optional(
        "xml",
        KeyKind::Table(format::xml::RECORD_KEYS),
        "Where its element stands.",
    ),
    Key::optional(
        "json",
        KeyKind::Table(format::json::RECORD_KEYS),
        "Where its value stands.",
    ),
    Key::required(
        "field",
        KeyKind::NamedTables(FIELD_KEYS),
        "Its fields by column name, in the written order.",
    ),
];

/// The keys of a mapping file.
pub const MAPPING_KEYS: &[Key] = &[
    Key::required("title", KeyKind::Name, "What it is, in Chinese."),
    Key::optional("title_en", KeyKind::Name, "What it is, in English."),
    Key::required(
        "status",
        KeyKind::OneOf(&["public", "profile"]),
        "`public`: built from public facts; `profile`: stands in for a contract's own layout.",
    ),
    Key::required(
        "format",
        KeyKind::Table(format::FORMAT_KEYS),
        "How the file is laid out as a whole.",
    ),
    Key::required(
        "identity",
        KeyKind::Table(IDENTITY_KEYS),
        "What makes a file this file.",
    ),
    Key::optional(
        "sequence",
        KeyKind::Table(SEQUENCE_KEYS),
        "A number that is contiguous.",
    ),
    Key::required(
        "record",
        KeyKind::NamedTables(RECORD_KEYS),
        "The kinds of record.",
    ),
    Key::optional(
        "find",
        KeyKind::NamedTables(FIND_KEYS),
        "Rows for numbers that stand somewhere inside of texts.",
    ),
    Key::optional(
        "control",
        KeyKind::TableList(CONTROL_KEYS),
        "What a header or trailer promises.",
    ),
];

/// What a mapping may refer to.
pub struct World<'w> {
    /// All datasets.
    pub datasets: &'w Datasets,
    /// Looks a code table up by name.
    pub codes: &'w dyn Fn(&str) -> Option<Arc<CodeTable>>,
    /// The names of all code tables, for suggestions.
    pub code_names: Vec<String>,
}

impl Mapping {
    /// Reads and checks a mapping; all its problems are reported, and it is given only when it
    /// has no error.
    pub fn read(
        document: &Document,
        name: MappingName,
        world: &World<'_>,
        problems: &mut Problems,
    ) -> Option<Self> {
        let before = problems.error_count();
        let root = document.root(MAPPING_KEYS, problems);
        let format = root
            .table("format")
            .and_then(|section| FormatPlan::read(&section, problems));
        let mut reader = MappingReader {
            world,
            is_whole: format.is_some(),
            format: format.as_ref(),
            records: Vec::new(),
        };
        reader.read_selects(&root, problems);
        // Kinds are known by their index: without the format or one of them the others, and what
        // names them, cannot be read. What is wrong with it is said already.
        if !reader.has_its_datasets(problems) || !reader.is_whole {
            return None;
        }
        let (mut records, layout) = reader.read_records(problems);
        let checked = Checked {
            records: &records,
            layout: &layout,
        };
        let identity = root
            .table("identity")
            .and_then(|section| checked.identity(&section, problems));
        let sequence = root
            .table("sequence")
            .and_then(|section| checked.sequence(&section, problems));
        let controls = root
            .table_list("control")
            .iter()
            .filter_map(|section| checked.control(section, problems))
            .collect();
        let (finds, found) = read_finds(&root, world, &checked, problems);
        records.extend(found);
        if let Some(format) = &format {
            format.check_layout(&layout, &reader.places(), problems);
        }
        let mapping = Self {
            name,
            title: root.text("title")?.value,
            title_en: root
                .text("title_en")
                .map(|item| item.value)
                .unwrap_or_default(),
            status: match root.word("status")?.value {
                "public" => Status::Public,
                _ => Status::Profile,
            },
            read_only: format
                .as_ref()
                .and_then(|format| format.unwritable(&layout)),
            format: format?,
            layout,
            identity: identity?,
            sequence,
            records,
            finds,
            controls,
        };
        (problems.error_count() == before).then_some(mapping)
    }
}

struct MappingReader<'w, 'd> {
    world: &'w World<'w>,
    is_whole: bool,
    format: Option<&'w FormatPlan>,
    records: Vec<(Item<String>, Section<'d>, Select)>,
}

impl<'d> MappingReader<'_, 'd> {
    fn read_selects(&mut self, root: &Section<'d>, problems: &mut Problems) {
        for (name, section) in root.named_tables("record") {
            let select = self.format.and_then(|format| {
                let own = section.table(format.kind_name());
                for other in format::KINDS {
                    if *other != format.kind_name()
                        && let Some(place) = section.key_place(other)
                    {
                        let message = format!(
                            "`{other}` does not fit a mapping with `[format.{}]`",
                            format.kind_name()
                        );
                        problems.push(Problem::error(&BAD_MAPPING, place, message));
                    }
                }
                Select::read(format, own.as_ref(), &name, problems)
            });
            match select {
                Some(select) => self.records.push((name, section, select)),
                None => self.is_whole = false,
            }
        }
        if let (Some(format), true) = (self.format, self.is_whole) {
            let named: Vec<(Item<String>, Section<'_>)> = (self.records.iter())
                .map(|(name, section, _)| (name.clone(), section.clone()))
                .collect();
            let standings = format.read_standings(&named, problems);
            for ((_, _, select), standing) in self.records.iter_mut().zip(standings) {
                select.stand(standing);
            }
            let place = root.key_place("format").unwrap_or_else(|| root.place());
            format.check_records(&self.selects(), &place, problems);
        }
    }

    fn selects(&self) -> Vec<(Item<String>, Select)> {
        self.records
            .iter()
            .map(|(name, _, select)| (name.clone(), select.clone()))
            .collect()
    }

    fn places(&self) -> Vec<Place> {
        self.records
            .iter()
            .map(|(name, _, _)| name.place.clone())
            .collect()
    }

    /// Whether the datasets that records fill are there: without a dataset's columns nothing can be
    /// said about the record's fields, nor about what names them. A broken dataset's own problems
    /// are reported already.
    fn has_its_datasets(&self, problems: &mut Problems) -> bool {
        let datasets = self.world.datasets;
        let named = self
            .records
            .iter()
            .filter_map(|(_, section, _)| section.text("dataset"));
        let missing: Vec<Item<String>> = named
            .filter(|name| datasets.get(&name.value).is_none())
            .collect();
        for name in missing
            .iter()
            .filter(|name| !datasets.is_broken(&name.value))
        {
            problems.push(unknown(name, "dataset", datasets.names()));
        }
        missing.is_empty()
    }

    fn read_records(&self, problems: &mut Problems) -> (Vec<RecordPlan>, Layout) {
        let mut plans = Vec::new();
        let mut layout = Layout::default();
        let known = self.selects();
        for (own, (name, section, select)) in self.records.iter().enumerate() {
            let dataset = self.dataset(section);
            let mut fields = FieldReader {
                record: &name.value,
                dataset: dataset.as_deref(),
                world: self.world,
                format: self.format,
                own,
                known: &known,
                slots: Vec::new(),
            };
            let field_plans = fields.read_all(section, problems);
            let slots = super::cells::typed(fields.slots, &field_plans);
            let plan = RecordPlan {
                name: name.value.clone(),
                on_conflict: on_conflict(section, dataset.as_deref(), problems),
                flag: flag(section, dataset.as_deref(), &field_plans, problems),
                by_column: by_column(dataset.as_deref(), &field_plans),
                kinds: dataset.as_deref().map(Dataset::kinds).unwrap_or_default(),
                key: dataset
                    .as_deref()
                    .map(Dataset::key_positions)
                    .unwrap_or_default(),
                fields: field_plans,
                dataset,
            };
            check_key(&plan, name, problems);
            plans.push(plan);
            layout.records.push(RecordLayout {
                name: name.value.clone(),
                select: select.clone(),
                slots,
            });
        }
        (plans, layout)
    }

    fn dataset(&self, section: &Section<'_>) -> Option<Arc<Dataset>> {
        let name = section.text("dataset")?;
        self.world.datasets.get(&name.value).cloned().map(Arc::new)
    }
}

/// An unknown name, with the nearest known one.
pub(super) fn unknown<'a>(
    item: &Item<String>,
    what: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Problem {
    let message = format!("there is no {what} `{}`", item.value);
    let problem = Problem::error(&UNKNOWN_NAME, item.place.clone(), message);
    match did_you_mean(&item.value, known) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem,
    }
}

fn on_conflict(
    section: &Section<'_>,
    dataset: Option<&Dataset>,
    problems: &mut Problems,
) -> OnConflict {
    let newer = section.text("newer_by");
    match section.word("on_conflict").map(|item| item.value) {
        Some("keep_first") => OnConflict::KeepFirst,
        Some("replace_if_newer") => {
            let column = newer.as_ref().and_then(|name| {
                let dataset = dataset?;
                let found = dataset.column(&name.value);
                if found.is_none() {
                    let names = dataset.columns().iter().map(|column| column.name.as_str());
                    problems.push(unknown(name, "column", names));
                }
                found
            });
            if newer.is_none() {
                let message =
                    "`replace_if_newer` needs `newer_by`, the column that tells which row is newer";
                problems.push(Problem::error(&BAD_MAPPING, section.place(), message));
            }
            column.map_or(OnConflict::Reject, |column| {
                OnConflict::ReplaceIfNewer(column.name.clone())
            })
        }
        _ => OnConflict::Reject,
    }
}

fn flag(
    section: &Section<'_>,
    dataset: Option<&Dataset>,
    fields: &[super::FieldPlan],
    problems: &mut Problems,
) -> Option<FlagPlan> {
    let flag = section.table("flag")?;
    let dataset = dataset?;
    let note = flag.text("note")?;
    let index = dataset.columns().iter().position(|column| {
        column.name.as_str() == note.value && column.column_type == ColumnType::Text
    });
    if index.is_none() {
        let names = dataset.columns().iter().map(|column| column.name.as_str());
        problems.push(unknown(&note, "text column", names));
    }
    let mut needs = Vec::new();
    for need in flag.texts("needs")? {
        match fields.iter().position(|field| field.name == need.value) {
            Some(index) => needs.push(index),
            None => {
                problems.push(unknown(
                    &need,
                    "field",
                    fields.iter().map(|f| f.name.as_str()),
                ));
            }
        }
    }
    Some(FlagPlan {
        needs,
        note: index?,
    })
}

fn by_column(dataset: Option<&Dataset>, fields: &[super::FieldPlan]) -> Vec<Option<usize>> {
    let columns = dataset.map_or(0, |dataset| dataset.columns().len());
    (0..columns)
        .map(|column| fields.iter().position(|field| field.column == Some(column)))
        .collect()
}

/// Every key column must be filled by a required field.
fn check_key(plan: &RecordPlan, name: &Item<String>, problems: &mut Problems) {
    let Some(dataset) = &plan.dataset else { return };
    for column in &plan.key {
        let Some(declared) = dataset.columns().get(*column) else {
            continue;
        };
        let field = plan.by_column.get(*column).copied().flatten();
        let is_filled = field
            .and_then(|field| plan.fields.get(field))
            .is_some_and(|f| f.required);
        if !is_filled {
            let message = format!(
                "`{}` belongs to the key of `{}`, so record `{}` must have a required field for it",
                declared.name,
                dataset.name(),
                plan.name
            );
            problems.push(Problem::error(&BAD_MAPPING, name.place.clone(), message));
        }
    }
}
