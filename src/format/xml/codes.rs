//! What reading and writing XML can complain about.

use crate::diag::Code;
use crate::format::FormatError;
use crate::format::nested::{self, broken};

/// The content is not well-formed XML.
pub const MALFORMED: Code = Code {
    id: "xml-malformed",
    title: "the content is not well-formed XML",
    title_zh: "内容不是格式良好的 XML",
    help: "The file breaks a rule of XML 1.0: an end tag that does not match, an attribute without \
           quotes or given twice, text outside the root element, a second root, a character that \
           XML forbids. Nothing of it is loaded. The byte offset says where; ask the partner for a \
           correct file.",
};
/// The content ends in the middle.
pub const TRUNCATED: Code = Code {
    id: "xml-truncated",
    title: "the XML ends before its root element does",
    title_zh: "XML 内容不完整",
    help: "The content ended while elements were still open: it was cut off while being written or \
           carried. Nothing of it is loaded. Fetch the file again, or ask the partner to send it \
           again under the same identity.",
};
/// A document type declaration.
pub const DOCTYPE: Code = Code {
    id: "doctype",
    title: "the XML has a DOCTYPE, which is refused",
    title_zh: "XML 含有 DOCTYPE，拒收",
    help: "A document type declaration can define entities that grow without bound or that read \
           other files, and no exchange needs one. The file is refused without looking inside it. \
           Ask the partner to leave the DOCTYPE out.",
};
/// An entity other than the five predefined ones.
pub const ENTITY: Code = Code {
    id: "entity",
    title: "the XML uses an entity that is not defined",
    title_zh: "XML 引用了未定义的实体",
    help: "Only `&amp;` `&lt;` `&gt;` `&apos;` `&quot;` and references to characters that XML \
           allows are known, because a DOCTYPE is refused. Ask the partner to write the character \
           itself.",
};
/// The bytes are not in the encoding that they should be in.
pub const ENCODING_MISMATCH: Code = Code {
    id: "encoding-mismatch",
    title: "the XML is not in the encoding that it or its mapping says",
    title_zh: "XML 的编码与声明或映射不符",
    help: "The XML declaration, the byte order mark, the bytes themselves and `encoding` in the \
           mapping's `[format.xml]` must agree. Correct `encoding` if the partner changed it, else \
           ask for a correct file.",
};
/// The root element is another one.
pub const WRONG_ROOT: Code = Code {
    id: "wrong-root",
    title: "the XML's root element is not the mapping's",
    title_zh: "XML 根元素与映射不符",
    help: "All record paths of a mapping begin with the same root element; this file begins with \
           another. It is another kind of message, or the mapping names the wrong root.",
};
/// A known element in another namespace.
pub const WRONG_NAMESPACE: Code = Code {
    id: "wrong-namespace",
    title: "an XML element is in another namespace than the mapping's",
    title_zh: "XML 元素的命名空间与映射不符",
    help: "The mapping's `[format.xml]` has a `namespace`, and an element whose local name and \
           position it knows is in another one, or uses a prefix that is not declared. Correct \
           `namespace`, or remove it to go by local names only.",
};
/// An element or attribute that no field wants.
pub const UNKNOWN_ELEMENT: Code = Code {
    id: "unknown-element",
    title: "the XML has an element or attribute that no field wants",
    title_zh: "XML 含有映射未声明的元素或属性",
    help: "`unknown_elements = \"refuse\"` is set. Add a field for it, or set \"ignore\".",
};
/// One slot, two elements.
pub const DUPLICATE_ELEMENT: Code = Code {
    id: "duplicate-element",
    title: "an element that may stand once stands twice",
    title_zh: "只应出现一次的元素重复出现",
    help: "A field takes its value from one element, and the record (or the header that all \
           records share) has two: which one counts cannot be guessed. If it may repeat, declare \
           it as a record of its own.",
};
/// Text beside child elements.
pub const MIXED_CONTENT: Code = Code {
    id: "mixed-content",
    title: "an element that should have text only has child elements too",
    title_zh: "应为纯文本的元素含有子元素",
    help: "A field takes the text of an element, and that element has both text and child \
           elements. Map the children instead, or ask the partner for a correct file.",
};
/// An element that is carried as it stands cannot stand alone.
pub const CARRIED_PREFIX: Code = Code {
    id: "xml-carried-prefix",
    title: "an element that is carried uses a prefix that is declared outside of it",
    title_zh: "原样保留的元素使用了外部声明的前缀",
    help: "A field `*` carries elements as they stand and writes them back into a document of our \
           own, which does not declare that prefix. Map the element, or ask the partner to declare \
           the prefix in it.",
};
/// More than a limit.
pub const LIMIT_EXCEEDED: Code = Code {
    id: "xml-limit-exceeded",
    title: "the XML is larger, deeper or denser than a limit allows",
    title_zh: "XML 超出限制",
    help: "The named limit protects the machine from hostile content. If the partner's files are \
           really like that, raise the limit of this name in the settings.",
};
/// A value that XML or the encoding cannot hold.
pub const UNWRITABLE: Code = Code {
    id: "xml-unwritable",
    title: "a record cannot be written as XML",
    title_zh: "记录无法写成 XML",
    help: "A value has a character that XML forbids or the encoding does not have, or records come \
           in an order that the document cannot have. Nothing is sent.",
};
/// A mapping that no XML document can satisfy.
pub const LAYOUT: Code = Code {
    id: "xml-layout",
    title: "the mapping's XML paths contradict each other",
    title_zh: "映射的 XML 路径互相矛盾",
    help: "All records stand under one root element, no two at the same path; a field is the text \
           of an element without child elements; fields that are written under one element stand \
           together.",
};
/// A path that cannot be read.
pub const PATH: Code = Code {
    id: "xml-path",
    title: "an XML path cannot be read",
    title_zh: "XML 路径有误",
    help: "A path is local element names with `/` between: `ICCard/CardId`. It starts with `/` to \
           be absolute, may end in `@Name` for an attribute, and is `.` for the record's own text.",
};

/// A key of `[format.xml]` that makes no sense.
pub const OPTION: Code = Code {
    id: "xml-option",
    title: "a setting of `[format.xml]` makes no sense",
    title_zh: "`[format.xml]` 的设置不合理",
    help: "The message names the key and why: a namespace that the encoding cannot write, or a key \
           that means nothing beside another. Correct it or leave it out.",
};

/// What this module can complain about.
pub const CODES: &[Code] = &[
    MALFORMED,
    TRUNCATED,
    DOCTYPE,
    ENTITY,
    ENCODING_MISMATCH,
    WRONG_ROOT,
    WRONG_NAMESPACE,
    UNKNOWN_ELEMENT,
    DUPLICATE_ELEMENT,
    MIXED_CONTENT,
    CARRIED_PREFIX,
    LIMIT_EXCEEDED,
    UNWRITABLE,
    LAYOUT,
    PATH,
    OPTION,
];

/// The whole content is refused, because it is not XML.
pub(super) fn malformed(offset: u64, detail: impl Into<String>) -> FormatError {
    broken(&MALFORMED, offset, detail)
}

/// The whole content is refused, because a limit is passed.
pub(super) fn over(what: &'static str, limit: u64, offset: u64) -> FormatError {
    nested::over(&LIMIT_EXCEEDED, what, limit, offset)
}
