//! What reports complain about.

use crate::diag::Code;

/// There is nothing to report about.
pub const REPORT_NO_RECONCILIATION: Code = Code {
    id: "report-no-reconciliation",
    title: "the day has not been reconciled",
    title_zh: "该日尚未对账",
    help: "A report shows a reconciliation that the ledger keeps. Run the reconciliation's job for the \
           day first: dukou run JOB --business-date DAY.",
};

/// The store and the ledger disagree.
pub const REPORT_STORE_CHANGED: Code = Code {
    id: "report-store-changed",
    title: "the rows have changed since the reconciliation",
    title_zh: "对账之后数据已变化",
    help: "Every figure of a report is tied to its rows, and they no longer add up to what the \
           reconciliation found: files were loaded in between. Reconcile the day again, then write the \
           report.",
};

/// A file could not be written.
pub const REPORT_NOT_WRITTEN: Code = Code {
    id: "report-not-written",
    title: "a report could not be written",
    title_zh: "报告无法写出",
    help: "Check the free space and the permissions of the reports folder. Nothing was recorded; run \
           the report again.",
};

/// The page could not be filled.
pub const REPORT_PAGE: Code = Code {
    id: "report-page",
    title: "a report's page could not be filled",
    title_zh: "报告页面无法生成",
    help: "This is an error of the program: keep the message and report it.",
};

/// The workbook could not be filled.
pub const REPORT_BOOK: Code = Code {
    id: "report-workbook",
    title: "a report's workbook could not be filled",
    title_zh: "报告工作簿无法生成",
    help: "This is an error of the program: keep the message and report it. Leave `xlsx` out of the \
           job's `formats` until it is mended.",
};

/// A key of `[report]` contradicts another.
pub const REPORT_OPTIONS: Code = Code {
    id: "report-options",
    title: "a report's options do not fit together",
    title_zh: "报告选项不一致",
    help: "`formats` names at least one format besides `zip`, and `signatures_en` has as many entries as \
           `signatures`.",
};

/// What this module complains about.
pub const CODES: &[Code] = &[
    REPORT_NO_RECONCILIATION,
    REPORT_STORE_CHANGED,
    REPORT_NOT_WRITTEN,
    REPORT_PAGE,
    REPORT_BOOK,
    REPORT_OPTIONS,
];
