//! Reads a dataset's file; every problem in it is reported at once.

use super::codes::{
    DATASET_COLUMN, DATASET_FOLDER, DATASET_KEY, DATASET_NAME, DATASET_TYPE, UNKNOWN_COLUMN,
};
use super::column::{Class, Column, ColumnType};
use super::names::unknown;
use super::table::{Dataset, Datasets, MAX_COLUMNS};
use crate::diag::{Place, Problem, Problems, Source};
use crate::document::{Document, Item, Key, KeyKind, Section, Shape};
use crate::id::Ident;
use crate::value::Value;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Tables whose names begin so are the hub's or the database's own.
const RESERVED_TABLES: [&str; 5] = ["dukou_", "sqlite_", "pg_", "ix_", "ledger_"];
/// Columns whose names begin so are lineage.
const RESERVED_COLUMNS: &str = "lineage_";

const TYPES: &[&str] = &["text", "integer", "money", "date", "instant", "decimal"];
const CLASSES: &[&str] = &["none", "personal", "sensitive"];

/// The keys of a column.
const COLUMN_KEYS: &[Key] = &[
    Key::required(
        "type",
        KeyKind::OneOf(TYPES),
        "What the column holds; money is stored in fen.",
    ),
    Key::required(
        "title",
        KeyKind::Name,
        "Chinese title, on screen and in reports.",
    ),
    Key::required("title_en", KeyKind::Name, "English title."),
    Key::with_default(
        "class",
        KeyKind::OneOf(CLASSES),
        "none",
        "Personal-data class: what is not `none` is masked for whoever has no right to it.",
    ),
    Key::optional(
        "doc",
        KeyKind::Name,
        "What else a reader of the dictionary must know.",
    ),
    Key::optional(
        "precision",
        KeyKind::Integer { min: 1, max: 18 },
        "Of a decimal: digits in all.",
    ),
    Key::optional(
        "scale",
        KeyKind::Integer { min: 0, max: 18 },
        "Of a decimal: digits behind the point.",
    ),
];

/// The keys of a dataset's file.
pub const DATASET_KEYS: &[Key] = &[
    Key::required(
        "title",
        KeyKind::Name,
        "Chinese title, on screen and in reports.",
    ),
    Key::required("title_en", KeyKind::Name, "English title."),
    Key::optional(
        "doc",
        KeyKind::Name,
        "What else a reader of the dictionary must know.",
    ),
    Key::required(
        "key",
        KeyKind::TextList,
        "The natural key: the columns that tell a row from all others, never null.",
    ),
    Key::required(
        "distribution",
        KeyKind::Name,
        "The key column that decides where a row lives in a distributed store.",
    ),
    Key::optional(
        "indexes",
        KeyKind::Any,
        "Lists of columns that are searched together, such as [[\"card_id\", \"terminal_no\"]].",
    ),
    Key::with_default(
        "file_index",
        KeyKind::Boolean,
        "true",
        "Whether the rows of one file are found by an index. Without it a load is a third faster, and superseding a file reads the whole table.",
    ),
    Key::optional(
        "effective",
        KeyKind::Name,
        "The instant in the key from which a row is in force, until the next row of the same other key columns.",
    ),
    Key::required(
        "column",
        KeyKind::NamedTables(COLUMN_KEYS),
        "The columns, in the order of reports.",
    ),
];

impl Datasets {
    /// Reads every `*.toml` of a folder; `shown` is the folder in messages. Files with errors are
    /// left out and remembered as broken, their problems are reported.
    pub fn read_dir(folder: &Path, shown: &Path, problems: &mut Problems) -> Self {
        let mut paths = match toml_files(folder) {
            Ok(paths) => paths,
            Err(error) => {
                let message = format!("the folder `{}` cannot be read: {error}", shown.display());
                let place = Source::new(shown, "").place(0..0);
                let help = "make it: every dataset is a file in it";
                problems.push(Problem::error(&DATASET_FOLDER, place, message).help(help));
                return Self::default();
            }
        };
        paths.sort();
        let mut broken = Vec::new();
        let mut read_one = |path: PathBuf| {
            let shown = shown.join(path.file_name()?);
            let read = Document::read(&path, &shown, problems)
                .and_then(|document| Dataset::read(&document, problems));
            if read.is_none() {
                broken.extend(path.file_stem().and_then(OsStr::to_str).map(str::to_owned));
            }
            read
        };
        let mut datasets: Self = paths.into_iter().filter_map(&mut read_one).collect();
        for name in &broken {
            datasets.note_broken(name);
        }
        datasets
    }
}

fn toml_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            paths.push(path);
        }
    }
    Ok(paths)
}

impl Dataset {
    /// Reads a dataset; its name is the stem of the document's path. `None` when anything is
    /// wrong, and then `problems` has at least one more error.
    pub fn read(document: &Document, problems: &mut Problems) -> Option<Self> {
        let before = problems.error_count();
        let root = document.root(DATASET_KEYS, problems);
        let name = read_name(document.source(), problems);
        let columns = read_columns(&root, problems);
        let key = read_key(&root, &columns, problems);
        let distribution = read_in_key(&root, "distribution", &key, &columns, problems);
        let effective = read_in_key(&root, "effective", &key, &columns, problems);
        check_effective(effective.as_ref(), &columns, problems);
        let indexes = read_indexes(&root, &columns, problems);
        if problems.error_count() > before {
            return None;
        }
        Some(Self {
            name: name?,
            title: root.text("title")?.value,
            title_en: root.text("title_en")?.value,
            doc: root.text("doc").map(|doc| doc.value),
            key,
            distribution: distribution?.value,
            indexes,
            has_file_index: root.boolean("file_index").is_none_or(|item| item.value),
            effective: effective.map(|effective| effective.value),
            columns: columns.right,
        })
    }
}

fn read_name(source: &Source, problems: &mut Problems) -> Option<Ident> {
    let stem = source.path().file_stem().and_then(|stem| stem.to_str());
    let stem = stem.unwrap_or_default();
    let place = source.place(0..0);
    let reserved = RESERVED_TABLES
        .iter()
        .find(|prefix| stem.starts_with(**prefix));
    if let Some(prefix) = reserved {
        let message =
            format!("dataset `{stem}`: names that begin with `{prefix}` are the hub's own");
        problems.push(Problem::error(&DATASET_NAME, place, message).help("rename the file"));
        return None;
    }
    match Ident::new(stem) {
        Ok(name) => Some(name),
        Err(error) => {
            let message = format!("a dataset has the name of its file: {error}");
            problems.push(Problem::error(&DATASET_NAME, place, message).help("rename the file"));
            None
        }
    }
}

/// The columns that are right, and the names of all.
struct Columns {
    right: Vec<Column>,
    written: Vec<String>,
}

impl Columns {
    /// The column of a name; an unknown one is a problem, one with a problem of its own is not
    /// reported again.
    fn named(&self, name: &Item<String>, problems: &mut Problems) -> Option<&Column> {
        let found = self
            .right
            .iter()
            .find(|column| column.name.as_str() == name.value);
        let is_written = self.written.contains(&name.value);
        if found.is_none() && !is_written && !self.written.is_empty() {
            let message = format!("there is no column `{}` in this dataset", name.value);
            let known: Vec<&str> = self.written.iter().map(String::as_str).collect();
            problems.push(unknown(&UNKNOWN_COLUMN, name, message, &known));
        }
        found
    }
}

fn read_columns(root: &Section<'_>, problems: &mut Problems) -> Columns {
    let tables = root.named_tables("column");
    let count = tables.len();
    if root.has("column") && !(1..=MAX_COLUMNS).contains(&count) {
        let place = root.key_place("column").unwrap_or_else(|| root.place());
        let message =
            format!("a dataset has between 1 and {MAX_COLUMNS} columns, and this one has {count}");
        problems.push(Problem::error(&DATASET_COLUMN, place, message));
    }
    let read_one = |(name, table): &(Item<String>, Section<'_>)| read_column(name, table, problems);
    Columns {
        right: tables.iter().filter_map(read_one).collect(),
        written: tables.iter().map(|(name, _)| name.value.clone()).collect(),
    }
}

fn read_column(
    name: &Item<String>,
    table: &Section<'_>,
    problems: &mut Problems,
) -> Option<Column> {
    let ident = read_column_name(name, problems);
    let column_type = read_type(table, problems);
    let class = match table.word("class")?.value {
        "personal" => Class::Personal,
        "sensitive" => Class::Sensitive,
        _ => Class::None,
    };
    Some(Column {
        name: ident?,
        column_type: column_type?,
        title: table.text("title")?.value,
        title_en: table.text("title_en")?.value,
        class,
        doc: table.text("doc").map(|doc| doc.value),
    })
}

fn read_column_name(name: &Item<String>, problems: &mut Problems) -> Option<Ident> {
    let fault = if name.value.starts_with(RESERVED_COLUMNS) {
        format!(
            "column `{}`: names that begin with `lineage_` are the hub's own",
            name.value
        )
    } else {
        match Ident::new(&name.value) {
            Ok(ident) => return Some(ident),
            Err(error) => format!("a column cannot be called so: {error}"),
        }
    };
    problems.push(Problem::error(&DATASET_NAME, name.place.clone(), fault));
    None
}

fn read_type(table: &Section<'_>, problems: &mut Problems) -> Option<ColumnType> {
    let word = table.word("type")?;
    let digits = |name| {
        let item = table.integer(name)?;
        u8::try_from(item.value)
            .ok()
            .map(|value| Item::new(value, item.place))
    };
    let (precision, scale) = (digits("precision"), digits("scale"));
    let plain = match word.value {
        "text" => ColumnType::Text,
        "integer" => ColumnType::Integer,
        "money" => ColumnType::Money,
        "date" => ColumnType::Date,
        "instant" => ColumnType::Instant,
        _ => return read_decimal(&word.place, precision, scale, problems),
    };
    for digits in [precision, scale].into_iter().flatten() {
        let message = format!("a column of type `{plain}` has no `precision` and no `scale`");
        problems.push(
            Problem::error(&DATASET_TYPE, digits.place, message)
                .help("remove it, or make the column a `decimal`"),
        );
    }
    Some(plain)
}

fn read_decimal(
    place: &Place,
    precision: Option<Item<u8>>,
    scale: Option<Item<u8>>,
    problems: &mut Problems,
) -> Option<ColumnType> {
    let (Some(precision), Some(scale)) = (precision, scale) else {
        let message = "a `decimal` column needs `precision` and `scale`";
        problems.push(
            Problem::error(&DATASET_TYPE, place.clone(), message)
                .help("such as `precision = 12, scale = 3` for 123456789.012"),
        );
        return None;
    };
    if scale.value > precision.value {
        let message = format!(
            "`scale` is {} and cannot be more than `precision`, which is {}",
            scale.value, precision.value
        );
        problems.push(Problem::error(&DATASET_TYPE, scale.place, message));
        return None;
    }
    Some(ColumnType::Decimal {
        precision: precision.value,
        scale: scale.value,
    })
}

fn read_key(root: &Section<'_>, columns: &Columns, problems: &mut Problems) -> Vec<Ident> {
    let Some(names) = root.texts("key") else {
        return Vec::new();
    };
    if names.is_empty() {
        let place = root.key_place("key").unwrap_or_else(|| root.place());
        let message = "`key` names no column and needs at least one";
        problems.push(Problem::error(&DATASET_KEY, place, message));
    }
    read_names(&names, columns, problems)
}

/// Columns by name, each once.
fn read_names(names: &[Item<String>], columns: &Columns, problems: &mut Problems) -> Vec<Ident> {
    let mut found: Vec<Ident> = Vec::new();
    for name in names {
        let Some(column) = columns.named(name, problems) else {
            continue;
        };
        if found.contains(&column.name) {
            let message = format!("column `{}` is named twice", name.value);
            problems.push(Problem::error(&DATASET_KEY, name.place.clone(), message));
        } else {
            found.push(column.name.clone());
        }
    }
    found
}

/// A column that must stand in the key.
fn read_in_key(
    root: &Section<'_>,
    what: &str,
    key: &[Ident],
    columns: &Columns,
    problems: &mut Problems,
) -> Option<Item<Ident>> {
    let name = root.text(what)?;
    let column = columns.named(&name, problems)?;
    if !key.contains(&column.name) && !key.is_empty() {
        let message = format!("`{what}` is `{}`, which is not in `key`", name.value);
        problems.push(
            Problem::error(&DATASET_KEY, name.place, message)
                .help("add it to `key`, or name a column that is there"),
        );
        return None;
    }
    Some(Item::new(column.name.clone(), name.place))
}

fn check_effective(effective: Option<&Item<Ident>>, columns: &Columns, problems: &mut Problems) {
    let Some(name) = effective else { return };
    let column = columns
        .right
        .iter()
        .find(|column| column.name == name.value);
    if let Some(column) = column
        && column.column_type != ColumnType::Instant
    {
        let message = format!(
            "`effective` is `{}`, which is `{}` and must be `instant`",
            name.value, column.column_type
        );
        problems.push(Problem::error(&DATASET_KEY, name.place.clone(), message));
    }
}

fn read_indexes(root: &Section<'_>, columns: &Columns, problems: &mut Problems) -> Vec<Vec<Ident>> {
    let mut indexes: Vec<Vec<Ident>> = Vec::new();
    for (place, names) in index_lists(root, problems) {
        let index = read_names(&names, columns, problems);
        if indexes.contains(&index) {
            let message = "this index is there already";
            problems.push(Problem::error(&DATASET_KEY, place, message).help("remove it"));
        } else {
            indexes.push(index);
        }
    }
    indexes
}

/// The lists of texts behind `indexes`, none of them empty.
fn index_lists(root: &Section<'_>, problems: &mut Problems) -> Vec<(Place, Vec<Item<String>>)> {
    let lists = match root.shape("indexes", problems) {
        None => return Vec::new(),
        Some(Shape::List(lists)) => lists.value,
        Some(other) => vec![other],
    };
    let mut found = Vec::new();
    for list in lists {
        match texts_of(&list) {
            Some(names) if !names.is_empty() => found.push((list.place(), names)),
            _ => {
                let message = "`indexes` is a list of lists of columns";
                let help = "write `indexes = [[\"a\"], [\"b\", \"c\"]]`";
                problems.push(Problem::error(&DATASET_KEY, list.place(), message).help(help));
            }
        }
    }
    found
}

/// The texts of a list of texts.
pub(super) fn texts_of(shape: &Shape<'_>) -> Option<Vec<Item<String>>> {
    let Shape::List(list) = shape else {
        return None;
    };
    list.value.iter().map(text_of).collect()
}

/// The text of a scalar text.
pub(super) fn text_of(shape: &Shape<'_>) -> Option<Item<String>> {
    match shape {
        Shape::Scalar(Item {
            value: Value::Text(text),
            place,
        }) => Some(Item::new(text.clone(), place.clone())),
        _ => None,
    }
}
