//! The codes of this module's problems and failures, for `dukou explain`.

use crate::diag::Code;

/// Every code of this module.
pub const CODES: &[Code] = &[
    DATASET_FOLDER,
    DATASET_NAME,
    DATASET_COLUMN,
    DATASET_KEY,
    DATASET_TYPE,
    UNKNOWN_DATASET,
    UNKNOWN_COLUMN,
    CONDITION_VALUE,
    CONDITION_SHAPE,
    COMPOSE_SET,
    STORE_NOT_ADDITIVE,
    STORE_OUTDATED,
    DATASET_USE,
];

/// No folder, no datasets.
pub(super) const DATASET_FOLDER: Code = Code {
    id: "dataset-folder",
    title: "the folder of the datasets cannot be read",
    title_zh: "数据集目录无法读取",
    help: "Datasets are read from `mappings/datasets/` beside the settings file. Check that the folder \
           exists and may be read by the user that runs dukou.",
};

/// A dataset's or a column's name cannot be one.
pub(super) const DATASET_NAME: Code = Code {
    id: "dataset-name",
    title: "a dataset or a column cannot have this name",
    title_zh: "数据集或列名不合规",
    help: "A dataset is named by its file, and dataset and column names are SQL names: they start \
           with a small letter and have only a-z, 0-9 and _. Datasets cannot begin with `dukou_`, \
           `sqlite_`, `pg_`, `ix_` or `ledger_`, columns not with `lineage_`: the hub makes those itself.",
};

/// Too many columns, or none.
pub(super) const DATASET_COLUMN: Code = Code {
    id: "dataset-column",
    title: "the columns of a dataset cannot be a table",
    title_zh: "数据集列定义有误",
    help: "A dataset has between 1 and 200 columns under `[column]`, in the order in which reports \
           and the dictionary show them.",
};

/// The key, distribution, effective or an index is not right.
pub(super) const DATASET_KEY: Code = Code {
    id: "dataset-key",
    title: "the key of a dataset does not fit its columns",
    title_zh: "数据集主键定义有误",
    help: "`key` names the columns that tell one row from all others. The `distribution` column and \
           the `effective` column stand in the key, because every unique key must hold on one node \
           of a distributed store, and because rows in force follow one another within a key.",
};

/// A type is not known or not complete.
pub(super) const DATASET_TYPE: Code = Code {
    id: "dataset-type",
    title: "the type of a column is not complete",
    title_zh: "列类型定义不完整",
    help: "A `decimal` column states `precision` (digits in all, 1 to 18) and `scale` (digits behind \
           the point, at most `precision`); no other type has them.",
};

/// No such dataset.
pub(super) const UNKNOWN_DATASET: Code = Code {
    id: "unknown-dataset",
    title: "no dataset has this name",
    title_zh: "未知的数据集",
    help: "A dataset is declared by a file of its name in `mappings/datasets/`.",
};

/// No such column.
pub(super) const UNKNOWN_COLUMN: Code = Code {
    id: "unknown-column",
    title: "the dataset has no such column",
    title_zh: "未知的列",
    help: "Columns are declared under `[column]` in the dataset's file in `mappings/datasets/`.",
};

/// A value does not have its column's type.
pub(super) const CONDITION_VALUE: Code = Code {
    id: "condition-value",
    title: "a value does not fit its column",
    title_zh: "条件值与列类型不符",
    help: "Values are written as their column wants them: text in quotes, integers without, money in \
           yuan as text (\"2000.00\"), dates as text (\"2026-01-02\"), moments with their offset \
           (\"2026-01-02T03:04:05+08:00\"), decimals as text with all their decimals.",
};

/// A comparison, lookup or rule has the wrong parts.
pub(super) const CONDITION_SHAPE: Code = Code {
    id: "condition-shape",
    title: "a condition cannot be understood",
    title_zh: "条件写法有误",
    help: "`where` gives each column a value, a list of values, or a table of `equals`, `not`, `null`, \
           `above`, `at_least`, `below` and `at_most`, whose operand may be a column: `{ column = \"x\", \
           days = 1 }`. `exists` and `missing` name a `dataset`, the columns that tie it to this one \
           (`on`), and, where only the row in force counts, the moment (`at`).",
};

/// A composed row is not complete or not typed.
pub(super) const COMPOSE_SET: Code = Code {
    id: "compose-set",
    title: "a composed row does not fit its dataset",
    title_zh: "组包取值有误",
    help: "`[compose.set]` gives each column of the composed dataset exactly one of `column`, `value`, \
           `now`, `setting`, `number`, `context`, `count` and `sum`, of the column's type. Columns of \
           the key must be set; others may stay empty.",
};

/// The declarations changed by more than additions.
pub(super) const STORE_NOT_ADDITIVE: Code = Code {
    id: "store-not-additive",
    title: "a dataset changed by more than additions",
    title_zh: "数据集变更无法自动迁移",
    help: "The store is migrated by adding tables, columns and indexes only, so that no row is ever \
           rewritten by an edit of a file. To change a type or a key, declare a new dataset and load \
           it from the archive, where every file still is.",
};

/// Somebody forgot to migrate.
pub(super) const STORE_OUTDATED: Code = Code {
    id: "store-outdated",
    title: "the store lacks something that is declared",
    title_zh: "数据库结构未更新",
    help: "Datasets were added or extended since the last migration. Look at `dukou store migrate \
           --dry-run`, then run `dukou store migrate`.",
};

/// The program asked for what a dataset does not have.
pub(super) const DATASET_USE: Code = Code {
    id: "dataset-use",
    title: "a dataset was used in a way it does not allow",
    title_zh: "数据集使用方式有误",
    help: "A job, a report or a composition asks for a column, a type or a value that is not there. \
           Run `dukou check`; if it finds nothing, this is a fault of the program.",
};
