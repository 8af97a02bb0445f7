//! The codes of this module's failures, for `dukou explain`.

use crate::diag::Code;

/// Every code of this module.
pub const CODES: &[Code] = &[
    UNREACHABLE,
    BUSY,
    REFUSED,
    COMMIT_UNKNOWN,
    OTHER_PROGRAM,
    VALUE,
    SOURCE,
];

pub(super) const UNREACHABLE: Code = Code {
    id: "store-unreachable",
    title: "the database cannot be opened",
    title_zh: "数据库无法打开",
    help: "Check the address under `[store]`, that the file's folder may be written or the server runs, and the user's rights. Nothing has been changed.",
};
pub(super) const BUSY: Code = Code {
    id: "store-busy",
    title: "the database is busy or was interrupted",
    title_zh: "数据库繁忙或连接中断",
    help: "The transaction was rolled back and is tried again by itself. If it stays so, look for a long load in another process, or for a server that is restarting.",
};
pub(super) const REFUSED: Code = Code {
    id: "store-refused",
    title: "the database refused a statement",
    title_zh: "数据库拒绝执行语句",
    help: "The transaction was rolled back. The message names the statement and the reason; a full disk and missing rights are the usual ones outside the program.",
};
pub(super) const COMMIT_UNKNOWN: Code = Code {
    id: "commit-unknown",
    title: "the answer to a commit was lost",
    title_zh: "提交结果未知",
    help: "The connection broke after the commit was sent. Run `dukou recover`: it looks by identity whether the work is stored, and never does it twice.",
};
pub(super) const OTHER_PROGRAM: Code = Code {
    id: "store-other-program",
    title: "the database was made by another version",
    title_zh: "数据库版本不符",
    help: "A later program has migrated this database, or the address points to a foreign one. Use that program, or restore the copy made before the upgrade.",
};
pub(super) const VALUE: Code = Code {
    id: "store-value",
    title: "a value cannot be stored",
    title_zh: "数值无法入库",
    help: "A text has a NUL or more than 16 MiB, or a year is outside 1 to 9999. The mapping should have rejected the record: add a check to its field.",
};
pub(super) const SOURCE: Code = Code {
    id: "store-source",
    title: "the rows of a load could not be read",
    title_zh: "装载数据源读取失败",
    help: "The staged rows could not be read back while they were loaded; the transaction was rolled back. Check the disk of the staging folder.",
};
