//! What reading and writing JSON can complain about.

use crate::diag::Code;
use crate::format::FormatError;
use crate::format::nested::{self, broken};

/// The content is not JSON.
pub const MALFORMED: Code = Code {
    id: "json-malformed",
    title: "the content is not JSON",
    title_zh: "内容不是合法的 JSON",
    help: "The content breaks a rule of RFC 8259: a comma or bracket too many or too few, a name \
           without quotes, `NaN`, a comment, a control character inside a text, anything after the \
           end. Nothing of it is loaded; of content with one document a line, only that line is \
           refused. The byte offset says where; ask the partner for a correct file.",
};
/// The content ends in the middle.
pub const TRUNCATED: Code = Code {
    id: "json-truncated",
    title: "the JSON ends before it is complete",
    title_zh: "JSON 内容不完整",
    help: "The content ended while an object, array or text was still open: it was cut off while \
           being written or carried. Nothing of it is loaded. Fetch the file again, or ask the \
           partner to send it again under the same identity.",
};
/// The bytes are not in the encoding that they should be in.
pub const ENCODING: Code = Code {
    id: "json-encoding",
    title: "the JSON is not in the mapping's encoding",
    title_zh: "JSON 的编码与映射不符",
    help: "The byte order mark and the bytes themselves must agree with `encoding` in the mapping's \
           `[format.json]`. Correct `encoding` if the partner changed it, else ask for a correct \
           file.",
};
/// The outermost value is of another kind.
pub const WRONG_ROOT: Code = Code {
    id: "json-wrong-root",
    title: "the outermost value is of another kind than the mapping's paths begin with",
    title_zh: "JSON 最外层与映射不符",
    help: "The mapping's paths begin in an array (`[]`) and the content is an object, or the other \
           way round. It is another kind of message, or the mapping's paths are wrong.",
};
/// A value of another kind than its path says.
pub const TYPE: Code = Code {
    id: "json-type",
    title: "a value is of another JSON type than the mapping says",
    title_zh: "JSON 值的类型与映射不符",
    help: "A path that goes on needs an object, `[]` needs an array, a field needs a text, a number \
           or a boolean; with `types = \"declared\"` exactly the one it is written as. Correct the \
           mapping, or ask the partner for a correct file.",
};
/// One name, two values.
pub const DUPLICATE_MEMBER: Code = Code {
    id: "json-duplicate-member",
    title: "an object has the same name twice",
    title_zh: "JSON 对象中名称重复",
    help: "Which of the two values counts cannot be guessed, and different programs guess \
           differently. The record is refused; the whole content where records lie below the name \
           or share its value.",
};
/// A member that no field wants.
pub const UNKNOWN_MEMBER: Code = Code {
    id: "json-unknown-member",
    title: "an object has a name that no field wants",
    title_zh: "JSON 含有映射未声明的名称",
    help: "`unknown_members = \"refuse\"` is set. Add a field for it, or set \"ignore\".",
};
/// A null where none may be.
pub const NULL: Code = Code {
    id: "json-null",
    title: "a value is null where the mapping allows none",
    title_zh: "JSON 值为 null，映射不允许",
    help: "A record is never null unless it has `skip_empty = true`, and a field is not with \
           `nulls = \"refuse\"`. Ask the partner, or allow it.",
};
/// A number that is too long to be written out.
pub const NUMBER: Code = Code {
    id: "json-number",
    title: "a number cannot be written out exactly",
    title_zh: "JSON 数值无法精确展开",
    help: "A number with an exponent is written out without one, exactly, when that takes at most \
           64 digits: `1.2e3` is `1200`. This one takes more. Ask the partner for a plain number.",
};
/// A text with a character that is none.
pub const TEXT: Code = Code {
    id: "json-text",
    title: "a text of the JSON has a character that cannot be",
    title_zh: "JSON 文本含有非法字符",
    help: "Half a surrogate pair (`\\ud800` alone), the character NUL, or bytes that are not in the \
           encoding. Nothing is guessed: the record is refused. Ask the partner for the right text.",
};
/// A shared value after the records that share it.
pub const LATE_VALUE: Code = Code {
    id: "json-late-value",
    title: "a value that records share comes after them",
    title_zh: "共享值出现在明细之后",
    help: "Records are read as they come, so a value that they take by an absolute path must stand \
           before them in the content. Ask the partner to write it first, or take it from the \
           enclosing record, whose values are complete at its end.",
};
/// More than a limit.
pub const LIMIT_EXCEEDED: Code = Code {
    id: "json-limit-exceeded",
    title: "the JSON is larger, deeper or denser than a limit allows",
    title_zh: "JSON 超出限制",
    help: "The named limit protects the machine from hostile content. If the partner's files are \
           really like that, raise the limit of this name in the settings.",
};
/// Records that cannot be written.
pub const UNWRITABLE: Code = Code {
    id: "json-unwritable",
    title: "a record cannot be written as JSON",
    title_zh: "记录无法写成 JSON",
    help: "A value declared as a number or boolean is none, or records come in an order that the \
           document cannot have. Nothing is sent.",
};
/// A mapping that no document can satisfy.
pub const LAYOUT: Code = Code {
    id: "json-layout",
    title: "the mapping's JSON paths contradict each other",
    title_zh: "映射的 JSON 路径互相矛盾",
    help: "No two records stand at the same path; what has names below it is an object, what has \
           `[]` is an array, what a field takes is neither; fields that are written into one object \
           stand together.",
};
/// A path that cannot be read.
pub const PATH: Code = Code {
    id: "json-path",
    title: "a JSON path cannot be read",
    title_zh: "JSON 路径有误",
    help: "A path is names with `/` between and `[]` for every element of an array: \
           `data/orders[]`. It starts with `/` to be absolute and is `.` for the value itself. A \
           name with `/`, `.`, `[`, `]` stands in quotes: `\"a.b\"/c`.",
};
/// A key of `[format.json]` that makes no sense.
pub const OPTION: Code = Code {
    id: "json-option",
    title: "a setting of `[format.json]` makes no sense",
    title_zh: "`[format.json]` 的设置不合理",
    help: "The message names the key and why. Correct it or leave it out.",
};

/// What this module can complain about.
pub const CODES: &[Code] = &[
    MALFORMED,
    TRUNCATED,
    ENCODING,
    WRONG_ROOT,
    TYPE,
    DUPLICATE_MEMBER,
    UNKNOWN_MEMBER,
    NULL,
    NUMBER,
    TEXT,
    LATE_VALUE,
    LIMIT_EXCEEDED,
    UNWRITABLE,
    LAYOUT,
    PATH,
    OPTION,
];

/// The whole content is refused, because it is not JSON.
pub(super) fn malformed(offset: u64, detail: impl Into<String>) -> FormatError {
    broken(&MALFORMED, offset, detail)
}

/// The whole content is refused, because a limit is passed.
pub(super) fn over(what: &'static str, limit: usize, offset: u64) -> FormatError {
    nested::over(&LIMIT_EXCEEDED, what, limit as u64, offset)
}

/// A name as a message may show it, of bytes that need not be UTF-8.
pub(super) fn shown(bytes: &[u8]) -> String {
    const ENOUGH: usize = 256;
    nested::shown(&String::from_utf8_lossy(
        bytes.get(..ENOUGH).unwrap_or(bytes),
    ))
}

/// A byte as a message may show it.
pub(super) fn shown_byte(byte: u8) -> String {
    if byte.is_ascii_graphic() {
        format!("`{}`", char::from(byte))
    } else {
        format!("the byte 0x{byte:02x}")
    }
}
