//! The codes of this module's problems and failures, for `dukou explain`.

use crate::diag::Code;

/// Parts of a life that do not fit together.
pub(super) const BAD_LIFE: Code = Code {
    id: "bad-life",
    title: "parts of a life that do not fit together",
    title_zh: "生命周期定义有误",
    help: "A life names its steps once, gives each at least one source, and demands only steps that it \
           has. A source says whose life its rows belong to, by `subject` or by `via`, and when, by a \
           date or a moment. docs/reference/job_life.toml shows every key in use.",
};

/// A timeline longer than can be shown.
pub(super) const LIFE_TOO_LONG: Code = Code {
    id: "life-too-long",
    title: "the timeline of one subject is too long",
    title_zh: "单个主体的事件过多",
    help: "A subject with more than 10,000 events is hardly one: look whether the column that names \
           subjects holds a value that stands for many, such as a zero or a test number.",
};

/// What this module complains about.
pub const CODES: &[Code] = &[BAD_LIFE, LIFE_TOO_LONG];
