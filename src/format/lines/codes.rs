//! What files made of lines can be refused for, delimited and fixed alike.

use crate::diag::codes;

codes! {
    pub(in crate::format) &Code;

    /// A line ends other than declared.
    LINE_END = "line-end", "a line ends other than declared", "行尾与声明不符",
        "The format declares `line_end`. With `any`, LF and CRLF may be mixed.";
    /// A carriage return does not end a line.
    BARE_CR = "bare-cr", "a carriage return does not end a line", "回车符不在行尾",
        "A line ends with LF or CRLF; a lone CR never ends one. Inside a quoted field it may stand.";
    /// A line is none of the declared kinds of record.
    UNMATCHED_RECORD = "unmatched-record", "a line is of no declared kind", "行不属于任何已声明的记录类型",
        "No kind's `match` fits the line and no kind is without one. Declare the kind, or leave `match` out of the main one. \
         Where kinds say by `inside`, `closes`, `occurs` or `after` where they stand, such a line holds the whole file.";
    /// A line is longer than `record_bytes`.
    RECORD_TOO_LONG = "record-too-long", "a line is longer than the limit", "行超过长度上限",
        "The limit is the setting `record_bytes`. A line this long usually means a wrong `line_end` or a file that is \
         no text.";
    /// The content is larger than `content_bytes`.
    CONTENT_TOO_LARGE = "lines-content-too-large", "the content is larger than the limit", "文件内容超过大小上限",
        "The limit is the setting `content_bytes`, counted after the envelope is opened.";
    /// A byte order mark stands where none may.
    UNEXPECTED_BOM = "unexpected-bom", "the content begins with a byte order mark", "文件开头有字节顺序标记",
        "In delimited text `bom = \"optional\"` admits a UTF-8 byte order mark. With another encoding the mark means that the file is in \
         UTF-8 after all.";
    /// The content is UTF-16.
    UTF_16 = "utf-16-content", "the content is UTF-16", "文件内容为 UTF-16 编码",
        "Lines are read in UTF-8, GBK or GB18030. Ask the partner for one of them.";
    /// The last line has no line end although it must.
    MISSING_FINAL_LINE_END = "missing-final-line-end", "the last line has no line end", "最后一行缺少换行",
        "The format declares `final_line_end = \"required\"`, so a last line without one means that the file was cut.";
    /// A record would not be read back as one of its kind.
    UNWRITABLE_RECORD = "unwritable-record", "a record would be read back as another kind", "记录写出后无法还原为同类记录",
        "The line that would be written fits the `match` of another kind, or not that of its own, or stands in the wrong \
         place of the file.";
    /// A record stands where none of its kind may.
    MISPLACED_RECORD = "misplaced-record", "a record stands where its kind may not", "记录位置不符",
        "The mapping says by `inside`, `closes` and `after` which kind of record stands in which group. A record outside of \
         its group, after its section or after the end of the file means that lines are missing, doubled or out of order, so \
         the whole file is held. So does a line of no kind, also a blank one or a second header: it may begin or end a group. \
         In delimited text `blank_lines = \"skip\"` passes blank lines over.";
    /// A kind of record comes more often than it may.
    REPEATED_RECORD = "repeated-record", "a kind of record comes once too often", "记录重复出现",
        "The mapping says by `occurs` how often a kind comes in its group or in the file. A second header often means that \
         two files were joined.";
    /// A kind of record that must come did not.
    MISSING_RECORD = "missing-record", "a kind of record that must come is missing", "缺少必有的记录",
        "The mapping says by `occurs` and `closes` which records a group or the file must have. A missing trailer often means \
         that the file was cut.";
    /// `inside`, `closes`, `occurs` and `after` do not fit together.
    RECORD_STRUCTURE = "record-structure", "the groups of records do not fit together", "记录分组声明有误",
        "`inside` and `closes` name the kind of record that begins the group; `occurs` says how often a kind comes in it; \
         `after` names kinds of the same group that may not come any more.";
}
