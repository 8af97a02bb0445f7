//! The codes of problems with a file's shape.

use crate::diag::Code;

/// The file is missing, a folder, or not ours to read.
pub(super) const FILE_UNREADABLE: Code = Code {
    id: "file-unreadable",
    title: "a configuration file cannot be read",
    title_zh: "配置文件无法读取",
    help: "The file does not exist, is not a regular file, or may not be read by the user that \
           runs dukou. Paths are relative to the settings file. Check the path and the permissions.",
};

/// Over the limit.
pub(super) const FILE_TOO_LARGE: Code = Code {
    id: "configuration-too-large",
    title: "a configuration file is too large",
    title_zh: "配置文件过大",
    help: "A configuration file may have at most 4 MiB. Split it: one job or one mapping per file, \
           and long lists of codes into code tables.",
};

/// Saved in another encoding, often GBK.
pub(super) const NOT_UTF8: Code = Code {
    id: "not-utf8",
    title: "a configuration file is not UTF-8",
    title_zh: "配置文件不是 UTF-8 编码",
    help: "Configuration is written in UTF-8, with or without a byte order mark. Save the file as \
           UTF-8 in the editor, or convert it: iconv -f GBK -t UTF-8 OLD > NEW.",
};

/// Not TOML.
pub(super) const TOML_SYNTAX: Code = Code {
    id: "toml-syntax",
    title: "a statement is not valid TOML",
    title_zh: "TOML 语法错误",
    help: "The statement cannot be understood and is left out; the rest of the file is still \
           checked. Texts stand in quotes, lists in [ ], tables in { } or under a [header].",
};

/// Written twice.
pub(super) const DUPLICATE_KEY: Code = Code {
    id: "repeated-key",
    title: "a key or a table is written twice",
    title_zh: "键或表重复定义",
    help: "Each key stands at most once in a table, and each table has one [header]. Remove one of \
           them; to list several tables write [[name]] for each.",
};

/// Nobody reads it.
pub(super) const UNKNOWN_KEY: Code = Code {
    id: "unknown-key",
    title: "a key is not known here",
    title_zh: "未知的键",
    help: "No part of dukou reads this key at this place, so it would silently do nothing. Correct \
           its spelling, or move it under the table it belongs to.",
};

/// Needed and absent.
pub(super) const MISSING_KEY: Code = Code {
    id: "missing-key",
    title: "a required key is missing",
    title_zh: "缺少必填的键",
    help: "The table cannot be used without this key. Add it under the table's header.",
};

/// Another type than declared.
pub(super) const WRONG_TYPE: Code = Code {
    id: "wrong-type",
    title: "a value has the wrong type",
    title_zh: "值的类型不对",
    help: "A text is written in quotes, an integer without; a list in [ ], a table in { } or under \
           a [header].",
};

/// Not of the closed set.
pub(super) const UNKNOWN_WORD: Code = Code {
    id: "unknown-word",
    title: "a word is not one of those allowed here",
    title_zh: "取值不在允许的范围内",
    help: "The key accepts a closed set of words. The problem lists them.",
};

/// Right type, impossible value.
pub(super) const OUT_OF_RANGE: Code = Code {
    id: "out-of-range",
    title: "a value is outside its limits",
    title_zh: "值超出允许的范围",
    help: "The value has the right type, but is too small, too large, empty, or no date or time of \
           the calendar. The problem says what is allowed.",
};

/// None or several of a kind's tables.
pub(super) const NOT_ONE_KIND: Code = Code {
    id: "not-one-kind",
    title: "exactly one of several tables must be there",
    title_zh: "必须且只能选择一种类型",
    help: "A kind is chosen by writing its table, such as [source.sftp]. Exactly one of the kinds \
           must be there: add one, or remove all but one.",
};

/// A password in a file.
pub(super) const SECRET_LITERAL: Code = Code {
    id: "secret-literal",
    title: "a secret is written into a configuration file",
    title_zh: "配置文件中写入了明文密钥",
    help: "Secrets are never values: files are copied, printed and kept in version control. Write \
           where the secret is kept: { env = \"NAME\" }, { file = \"PATH\" } or \
           { credential = \"NAME\" }. Change the secret if the file was ever shared.",
};

/// A reference that names no one place.
pub(super) const SECRET_REFERENCE: Code = Code {
    id: "secret-reference",
    title: "a reference to a secret is not complete",
    title_zh: "密钥引用不正确",
    help: "A secret is named by exactly one of { env = \"NAME\" }, { file = \"PATH\" } and \
           { credential = \"NAME\" }, each a text that is not empty.",
};

/// Every code of this module.
pub const CODES: &[Code] = &[
    FILE_UNREADABLE,
    FILE_TOO_LARGE,
    NOT_UTF8,
    TOML_SYNTAX,
    DUPLICATE_KEY,
    UNKNOWN_KEY,
    MISSING_KEY,
    WRONG_TYPE,
    UNKNOWN_WORD,
    OUT_OF_RANGE,
    NOT_ONE_KIND,
    SECRET_LITERAL,
    SECRET_REFERENCE,
];
