//! What a reconciliation complains about.

use crate::diag::Code;

/// A column of a type that cannot be used so.
pub const RECONCILE_COLUMN: Code = Code {
    id: "reconcile-column",
    title: "a reconciliation uses a column as what it is not",
    title_zh: "对账使用的列类型不符",
    help: "`date` names a date column, `amount` a money column, `count` an integer column, and \
           `overdue.column` a date or an instant. The data dictionary says what each column is.",
};

/// Rows tied by less than a key would be counted twice.
pub const RECONCILE_TIE: Code = Code {
    id: "reconcile-tie",
    title: "rows are tied by less than a whole key",
    title_zh: "对账的关联列不足以唯一确定一行",
    help: "`members` and `amount_from` name a dataset of which at most one row may belong to each \
           row counted, or rows would count twice. Add the missing columns of its key to `on`.",
};

/// A part that is known and unknown at once, or neither.
pub const RECONCILE_PART: Code = Code {
    id: "reconcile-part",
    title: "a part of a reconciliation contradicts itself",
    title_zh: "对账的组成项自相矛盾",
    help: "A part either names the `dataset` and the `amount` that it sums, or says in `unknown` why it \
           cannot be known yet and is taken as zero. Its signs are -1, 0 or 1, and names are used once.",
};

/// A sum beyond 64 bits.
pub const RECONCILE_OVERFLOW: Code = Code {
    id: "reconcile-overflow",
    title: "a sum is too large to be an amount",
    title_zh: "合计超出金额范围",
    help: "The sum of the amounts or counts does not fit 64 bits of 分. One of the rows must be wrong: \
           look for an absurd amount in the dataset named.",
};

/// What this module complains about.
pub const CODES: &[Code] = &[
    RECONCILE_COLUMN,
    RECONCILE_TIE,
    RECONCILE_PART,
    RECONCILE_OVERFLOW,
];
