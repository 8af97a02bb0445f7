//! What text of fixed width can be refused for.

use crate::diag::codes;

pub(super) use crate::format::lines::codes::{
    LINE_END, MISSING_FINAL_LINE_END, RECORD_TOO_LONG, UNEXPECTED_BOM, UNMATCHED_RECORD,
    UNWRITABLE_RECORD, UTF_16,
};

codes! {
    pub(super) &Code;

    /// A record has more or fewer bytes than its kind.
    RECORD_LENGTH = "record-length", "a record has the wrong number of bytes", "记录字节数不符",
        "Lengths are bytes: a Chinese character has 2 in GBK and 3 in UTF-8. `short_lines = \"pad\"` admits lines whose \
         trailing blanks were taken off, `long_lines = \"blank\"` lines with blanks after their last field.";
    /// The content ends inside a record of a file without line ends.
    CUT_RECORD = "cut-record", "the content ends in the middle of a record", "文件在记录中间结束",
        "Without line ends every record has exactly `length` bytes. A last one with fewer means that the file was cut, or \
         that a byte is missing somewhere, so that every record after it is shifted.";
    /// The edge of a field goes through a character.
    CUT_CHARACTER = "cut-character", "a character is cut by the edge of a field", "字段边界截断了汉字",
        "Fields are cut by bytes, then decoded. A character of two bytes that begins in one field and ends in the next means \
         that the peer cut the text by bytes, that the record is shifted, or that the places in the mapping are wrong.";
    /// The sign of a number is not where or what it must be.
    SIGN_FORM = "sign-form", "a number has no sign of the declared form", "数字的符号位不符",
        "The `sign` of the column's style says where the sign of a number stands: see docs/reference/mapping_fixed.toml.";
    /// A byte between fields is not the declared one.
    GAP_BYTE = "gap-byte", "a byte between fields is not the declared one", "字段之间的字节不符",
        "With `between` that byte stands before every field but the first; with `gaps = \"blank\"` all bytes that no field \
         names are blanks. Another byte there often means that the record is shifted.";
    /// The file ends with a byte 1A.
    END_OF_FILE_MARK = "end-of-file-mark", "the content ends with a byte 1A", "文件末尾有 1A 结束符",
        "Old systems end a text file with the byte 1A (Ctrl-Z). `end_of_file_mark = \"optional\"` admits it.";
    /// A value cannot stand in its field.
    UNFITTING_VALUE = "field-does-not-fit", "a value cannot be written into its field", "字段值无法写入定长字段",
        "A value is never cut: it must fit the field's bytes in the file's encoding, have a sign that the field can show, and \
         read back as itself, so that it cannot begin or end with the byte that pads it.";
    /// A setting of `[format.fixed]` cannot be used.
    FIXED_OPTION = "fixed-option", "a setting of text of fixed width cannot be used", "定长文本的设置无效",
        "A pad and `between` are one ASCII character that can be no part of another one in the file's encoding. Without line \
         ends, `length` says how many bytes a record has.";
    /// A `match` cannot tell records apart.
    FIXED_MATCH = "fixed-match", "a `match` cannot tell records apart", "定长记录类型的匹配条件无效",
        "A `match` has one or more of `first`, `last`, `length` and `at` with `equals` or `one_of`; all must hold. At most one \
         kind has no `match`: it takes every record that no other kind takes.";
    /// The `columns` of a kind are not as they must be.
    FIXED_COLUMNS = "fixed-columns", "the columns of a kind of record are wrong", "定长记录的列声明无效",
        "A column is `name = [start, length]` with the first byte counted from 1, `name = length` when it follows the column \
         above, or `name = [start, length, \"style\"]`. Columns do not overlap; bytes that no column names are gaps.";
    /// A `from` names no column.
    UNKNOWN_COLUMN = "unknown-fixed-column", "a `from` names no column", "`from` 指向的列不存在",
        "`from` is the name of a column, or `kind.column` for the last record of another kind.";
}
