//! What a workbook can be refused for.

use crate::diag::{Code, codes};
use crate::format::FormatError;

codes! {
    pub(super) &Code;

    /// The content is no workbook of a declared kind.
    NOT_A_WORKBOOK = "excel-not-a-workbook", "the content is no workbook of the declared kind", "不是所声明的工作簿",
        "The format declares `workbook`: `xlsx` (default), `xls` or `any`. A web page or a delimited text with the ending \
         `.xls` is no workbook: ask the partner to save it as xlsx.";
    /// The workbook is locked with a password.
    ENCRYPTED = "excel-encrypted", "the workbook is encrypted", "工作簿已加密",
        "A workbook with a password to open it cannot be read. Ask the partner for one without, in an agreed envelope.";
    /// The workbook carries a program.
    MACROS = "excel-macros", "the workbook carries macros", "工作簿含有宏",
        "Workbooks with macros (xlsm, a VBA project, a macro sheet) are never read. Ask the partner to save it as xlsx.";
    /// The workbook takes values from other files.
    EXTERNAL_LINK = "excel-external-link", "the workbook links to other workbooks", "工作簿链接到外部文件",
        "Values that come from another file may be out of date and cannot be proven. The partner must break the links \
         (data, edit links) and send the workbook again.";
    /// The package around the parts is damaged or laid out to deceive.
    PACKAGE = "excel-package", "the package of the workbook is damaged or unsafe", "工作簿压缩包损坏或不安全",
        "A part is damaged, encrypted, named twice or outside the package, or parts overlap. Nothing in it can be trusted.";
    /// A part breaks the rules of its format.
    PART = "excel-part", "a part of the workbook breaks its format", "工作簿内部结构错误",
        "The message names the part. Opening the workbook in a spreadsheet program and saving it again usually mends it.";
    /// The workbook asks for more than a limit allows.
    LIMIT = "excel-limit", "the workbook is larger than a limit", "工作簿超过上限",
        "The message names the limit, a setting of `[limits]` whose name begins with `workbook_`. Raise it only for a partner \
         whose files are known to need it.";
    /// The sheet to be read is not there.
    SHEET = "excel-sheet", "the declared sheet is not there exactly once", "找不到所声明的工作表",
        "The format names its `sheet`, or a `sheet_pattern` that one visible sheet must match; without either the first \
         visible sheet is read.";
    /// Something is hidden where nothing may be.
    HIDDEN = "excel-hidden", "the workbook hides sheets, rows or columns", "工作簿含有隐藏内容",
        "The format declares `hidden = \"refuse\"`. With `report` hidden rows are read like all others and named in the notes.";
    /// No row is the row of headings.
    HEADER_MISSING = "excel-header-missing", "the row of headings is not found", "未找到表头行",
        "One of the first `header_within` rows must have every wanted heading. Add what the partner writes to `columns`, or \
         name columns that may be missing in `optional_columns`.";
    /// More than one row is the row of headings.
    HEADER_AMBIGUOUS = "excel-header-ambiguous", "more than one row could be the row of headings", "表头行不唯一",
        "Two rows have every wanted heading, so it is not known where the records begin. Lower `header_within` if the second \
         belongs to another table.";
    /// A heading stands twice.
    HEADING_TWICE = "excel-heading-twice", "two columns of the sheet have headings of one column", "列名重复",
        "Columns are found by their headings and the synonyms of `columns`, so only one column of the sheet may fit each.";
    /// A column that nothing reads.
    EXTRA_COLUMN = "excel-extra-column", "the sheet has a column that nothing reads", "存在未声明的列",
        "Declare the column, or `extra_columns = \"ignore\"`.";
    /// Rows or cells stand in the wrong order.
    ORDER = "excel-order", "rows or cells of the sheet stand in the wrong order", "行或单元格次序错误",
        "Rows and cells of a sheet are written in ascending order, each once; other orders are made to deceive or damaged.";
    /// The helper for old workbooks failed.
    XLS_FAILED = "excel-xls-failed", "the helper that reads old workbooks failed", "读取 xls 的辅助进程失败",
        "The file made its reader stop; the hub itself is unaffected. Ask the partner to save the workbook as xlsx.";
    /// The helper for old workbooks met its limit.
    XLS_LIMIT = "excel-xls-limit", "the helper that reads old workbooks met its limit", "读取 xls 的辅助进程超出限制",
        "Old workbooks are read in a process of their own with `workbook_xls_memory_bytes` and `workbook_xls_seconds`. Ask \
         the partner to save the workbook as xlsx, or raise the limit.";
    /// A cell is an error.
    ERROR_CELL = "excel-error-cell", "a cell is an error", "单元格为错误值",
        "The cell shows #N/A, #REF! or the like instead of a value. The partner must mend its formula.";
    /// A long number was rounded.
    LONG_NUMBER = "excel-long-number", "a long number is stored as a number", "长数字以数值存储，精度已丢失",
        "A workbook keeps 15 digits of a number, so numbers of cards, accounts and the like must be text. Numbers of 15 and more \
         digits are refused: the partner must format the column as text and enter them again.";
    /// A number is none.
    BAD_NUMBER = "excel-number", "a cell is no finite number", "单元格数值无效",
        "Infinite numbers and such that are not numbers do not occur in real workbooks.";
    /// A day does not exist.
    NO_SUCH_DAY = "excel-no-such-day", "a cell names a day that does not exist", "日期不存在",
        "Days are counted from 1900 or 1904; the 1900 count has a 29th of February that never was, and neither count has days \
         before its first or after the year 9999.";
    /// A value is shared by merged cells.
    MERGED_CELL = "excel-merged-cell", "a value of the record stands in merged cells", "单元格已合并",
        "With `merged = \"spread\"` the value of cells merged downwards belongs to every row of the area. Cells merged across \
         columns that are read are always refused.";
    /// A formula has no result.
    NO_RESULT = "excel-formula-without-result", "a formula was never calculated", "公式没有计算结果",
        "The workbook was written by a program that does not calculate. Opening it in a spreadsheet program and saving it again \
         fills in the results.";
    /// A formula stands where none may.
    FORMULA = "excel-formula", "a value is a formula", "单元格为公式",
        "The format declares `formulas = \"refuse\"`. The partner must send values.";
    /// The row of headings stands again.
    REPEATED_HEADER = "excel-repeated-header", "the row of headings is repeated", "表头行重复出现",
        "A row equal to the headings stands among the records; the sheet was probably joined from several.";
    /// A row is of no declared kind.
    UNMATCHED_ROW = "excel-unmatched-row", "a row is of no declared kind", "行不属于任何已声明的记录类型",
        "No kind's `match` fits the row and no kind is without one.";
    /// A text is too long.
    LONG_TEXT = "excel-long-text", "a text of a cell is longer than the limit", "单元格文字超过长度上限",
        "The limit is the setting `field_bytes`.";
    /// A text was damaged before it came.
    BROKEN_TEXT = "excel-broken-text", "a text of a cell has a character that stands for a lost one", "单元格文字含有无法识别的字符",
        "The text has the character U+FFFD, or half of one. The partner's program lost the character: the value must be \
         entered again.";
    /// A value cannot stand in a cell.
    UNWRITABLE_CELL = "unwritable-cell", "a value cannot be written into a cell", "单元格无法写出",
        "A cell holds at most 32,767 characters and a sheet 1,048,576 rows. U+FFFD stands for a lost character, U+FFFE and \
         U+FFFF are none; with `trim` a text cannot begin or end with a blank.";
    /// A row would not be read back as one of its kind.
    UNWRITABLE_ROW = "unwritable-row", "a row would be read back as something else", "行写出后无法还原",
        "The row that would be written fits the `match` of another kind, or not that of its own, repeats the headings, or shows \
         nothing at all. Nothing is sent.";
    /// A setting cannot be used.
    EXCEL_OPTION = "excel-option", "a setting of a workbook cannot be used", "工作簿设置无效",
        "The message says which settings of `[format.excel]` do not fit together. docs/reference/mapping_excel.toml shows all.";
    /// A `match` cannot tell rows apart.
    EXCEL_MATCH = "excel-match", "a `match` cannot tell rows apart", "记录类型的匹配条件无效",
        "A `match` names the texts of a row that is of its kind, such as `one_of = [\"合计\"]`, and optionally the `column` they \
         stand in. At most one kind has no `match`: it takes every row that no other kind takes.";
}

/// The whole workbook is refused.
pub(super) fn refuse(code: &'static Code, detail: impl Into<String>) -> FormatError {
    FormatError::Workbook {
        code,
        detail: detail.into(),
    }
}

/// The workbook asks for more than a setting allows.
pub(super) fn over(what: &str, limit: u64, setting: &str) -> FormatError {
    refuse(
        LIMIT,
        format!("{what} is more than {limit}, the setting `{setting}`"),
    )
}

/// A partner's text in a message, not without end.
pub(super) fn short(text: &str) -> String {
    const MOST: usize = 40;
    let clean = |char: char| if char.is_control() { '\u{FFFD}' } else { char };
    let mut shown: String = text.chars().take(MOST).map(clean).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

/// Several of a partner's texts in a message, not without end.
pub(super) fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    const MOST: usize = 20;
    let texts: Vec<&str> = texts.into_iter().collect();
    let mut shown: Vec<String> = texts
        .iter()
        .take(MOST)
        .map(|text| format!("`{}`", short(text)))
        .collect();
    if texts.len() > MOST {
        shown.push(format!("and {} more", texts.len() - MOST));
    }
    shown.join(", ")
}

/// Looks a code up that the helper for old workbooks names.
pub(super) fn named(id: &str) -> Option<&'static Code> {
    CODES.iter().find(|code| code.id == id)
}
