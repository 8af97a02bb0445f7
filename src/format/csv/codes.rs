//! What delimited text can be refused for.

use crate::diag::codes;

pub(super) use crate::format::lines::codes::{
    BARE_CR, LINE_END, MISSING_FINAL_LINE_END, RECORD_TOO_LONG, UNEXPECTED_BOM, UNMATCHED_RECORD,
    UNWRITABLE_RECORD, UTF_16,
};

codes! {
    pub(super) &Code;

    /// A record has more or fewer fields than its kind has columns.
    COLUMN_COUNT = "column-count", "a line has the wrong number of fields", "行的字段数不符",
        "The line is split on the declared separator. One field too many often means a separator inside a value that \
         should have been quoted; one too few, a line that was cut or a file with another layout.";
    /// A quote stands inside a field that does not begin with one.
    STRAY_QUOTE = "stray-quote", "a quote stands inside an unquoted field", "未加引号的字段内出现引号",
        "A field with a quote in it must be quoted as a whole, and the quote doubled. If the partner never quotes, \
         declare `quote = \"none\"`.";
    /// Something other than a separator follows a closing quote.
    TEXT_AFTER_QUOTE = "text-after-quote", "text follows a closing quote", "结束引号之后还有文字",
        "After the quote that ends a field only a separator or the line's end may come; a quote inside a quoted field \
         is written twice.";
    /// A field has more bytes than `field_bytes`.
    FIELD_TOO_LONG = "field-too-long", "a field is longer than the limit", "字段超过长度上限",
        "The limit is the setting `field_bytes`. A field this long usually means that separators or quotes are missing.";
    /// A record has a zero byte.
    NUL_BYTE = "nul-byte", "a line has a NUL byte", "行内含有空字节",
        "Text never has zero bytes. They come from a file in UTF-16, or from one whose blocks were never written.";
    /// A line lacks the declared separator at its end.
    TRAILING_SEPARATOR = "trailing-separator", "a line does not end with a separator", "行尾缺少分隔符",
        "The format declares `trailing_separator = \"required\"`: each line ends with one after its last field. A line \
         without it may have been cut.";
    /// The header row stands again among the records.
    REPEATED_HEADER = "repeated-header", "the header row is repeated", "表头行重复出现",
        "A line equal to the header row stands among the records; the file was probably joined from several.";
    /// A line cannot be decoded, and must be before it can be split.
    UNDECODABLE_LINE = "undecodable-line", "a line is not valid in its encoding", "行的编码无效",
        "The separator's bytes can be part of a character in this encoding, so that lines are decoded before they are \
         split; this one has bytes that are no character.";
    /// A quote is never closed.
    UNTERMINATED_QUOTE = "unterminated-quote", "a quote is opened and never closed", "引号未闭合",
        "Nothing after the quote can be trusted, so the whole file is refused. The partner must double quotes inside \
         values; if it never quotes, declare `quote = \"none\"`.";
    /// A line has more fields than `columns`.
    TOO_MANY_COLUMNS = "too-many-columns", "a line has more fields than the limit", "行的字段数超过上限",
        "The limit is the setting `columns`; far more fields than that are no table.";
    /// The content is empty although a header row is declared.
    EMPTY_FILE = "empty-file", "the file is empty although a header row is declared", "文件为空，缺少表头行",
        "A file without records still has its header row; one without any byte was probably not written to its end.";
    /// The header row is not the declared one.
    HEADER_MISMATCH = "header-mismatch", "the header row is not the declared one", "表头行与声明不符",
        "With `header = \"name\"` all wanted columns must be there, in any order; with `header = \"position\"` exactly the \
         declared ones in their order. `extra_columns = \"ignore\"` admits columns that nothing reads.";
    /// The header row names a column twice.
    DUPLICATE_HEADER = "duplicate-header", "the header row names a column twice", "表头行中列名重复",
        "Columns are found by name, so a name may stand only once.";
    /// A byte order mark is declared and absent.
    MISSING_BOM = "missing-bom", "the content lacks its byte order mark", "文件开头缺少字节顺序标记",
        "The format declares `bom = \"required\"`.";
    /// A value cannot stand in a field.
    UNWRITABLE_VALUE = "unwritable-field", "a value cannot be written as a field", "字段值无法写出",
        "Without quotes a value may have no separator and no line end; a NUL never may, and every character must exist \
         in the file's encoding.";
    /// A setting of `[format.csv]` cannot be used.
    CSV_OPTION = "csv-option", "a setting of delimited text cannot be used", "分隔文本的设置无效",
        "The separator is one or more characters of the file's encoding, without line ends and without the quote. The \
         quote is `none` or one ASCII sign.";
    /// A `match` cannot tell lines apart.
    CSV_MATCH = "csv-match", "a `match` cannot tell lines apart", "记录类型的匹配条件无效",
        "A `match` has one or more of `first`, `last`, `column` with `equals` or `one_of`, `starts_with` and `fields`; all \
         must hold. At most one kind has no `match`: it takes every line that no other kind takes.";
    /// The `columns` of a kind are not as they must be.
    CSV_COLUMNS = "csv-columns", "the columns of a kind of record are wrong", "记录类型的列声明无效",
        "`columns` names the fields of a line in their order, each name once. It may be left out only by the kind \
         without `match` of a format with `header = \"name\"`.";
    /// A `from` names no column.
    UNKNOWN_COLUMN = "unknown-csv-column", "a `from` names no column", "`from` 指向的列不存在",
        "`from` is the name of a column, its number from 1, or `kind.column` for the last line of another kind.";
}
