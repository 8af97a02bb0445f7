//! What this module can complain about.

use crate::diag::Code;

/// Parts of a job that do not fit together.
pub(super) const BAD_JOB: Code = Code {
    id: "bad-job",
    title: "a job that cannot be used",
    title_zh: "作业定义有误",
    help: "The message says which part. docs/reference/job.toml shows every key in use.",
};

/// A file of the configuration that cannot be used at all.
pub(super) const UNREADABLE_CONFIGURATION: Code = Code {
    id: "unreadable-configuration",
    title: "a file or directory of the configuration cannot be read",
    title_zh: "配置无法读取",
    help: "Check that the path exists, is readable, and has a name of small letters, digits and _.",
};

/// All of them.
pub const CODES: &[Code] = &[BAD_JOB, UNREADABLE_CONFIGURATION];
