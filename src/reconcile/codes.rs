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

/// A check found what was not there before.
pub const BREAKS_FOUND: Code = Code {
    id: "breaks-found",
    title: "a check found what no run before had found",
    title_zh: "检查发现新的差异",
    help: "The check says `alert`. A report of the job lists what it found, each with the place of its row in the \
           partner's file; it stays open until a later run does not find it any more, or two people dispose of it.",
};

/// A sum beyond 64 bits.
pub const RECONCILE_OVERFLOW: Code = Code {
    id: "reconcile-overflow",
    title: "a sum is too large to be an amount",
    title_zh: "合计超出金额范围",
    help: "The sum of the amounts or counts does not fit 64 bits of 分. One of the rows must be wrong: \
           look for an absurd amount in the dataset named.",
};

/// A pass of `[match]` that contradicts itself.
pub const MATCH_PASS: Code = Code {
    id: "match-pass",
    title: "a pass of `[match]` contradicts itself",
    title_zh: "逐笔对账的匹配规则自相矛盾",
    help: "A pass has a name of its own and `on`: the columns that are equal. With nothing else it pairs by the \
           exact key and compares; with `tolerance` it takes the closest pairs; with `group` it adds up the rows \
           of one side. docs/reference/job_match.toml shows every key.",
};

/// More pairs than a pass may weigh.
pub const MATCH_PAIRS: Code = Code {
    id: "match-pairs",
    title: "a pass with a tolerance has too many possible pairs",
    title_zh: "容差匹配的候选配对过多",
    help: "Too many rows share one key and lie within the tolerance. Name more columns in `on`, or narrow the \
           tolerance; an exact pass before it leaves fewer rows.",
};

/// The sums of a side do not tie out.
pub const MATCH_TIE_OUT: Code = Code {
    id: "match-tie-out",
    title: "what was matched, in transit and broken is not what was loaded",
    title_zh: "逐笔对账合计不平",
    help: "Nothing was kept. Either rows were loaded while the day was being matched: run it again. Or it is a \
           bug: report it with the message.",
};

/// What this module complains about.
pub const CODES: &[Code] = &[
    RECONCILE_COLUMN,
    RECONCILE_TIE,
    RECONCILE_PART,
    BREAKS_FOUND,
    RECONCILE_OVERFLOW,
    MATCH_PASS,
    MATCH_PAIRS,
    MATCH_TIE_OUT,
];
