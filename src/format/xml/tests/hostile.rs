//! Content made to break, mislead or exhaust a reader.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::*;
use crate::text::Encoding;

fn rows() -> Layout {
    layout(vec![kind("file", "F", &["Id"]), kind("row", "F/R", &["A"])])
}

/// Content, code and message.
const BROKEN: &[(&str, &str, &str)] = &[
    (
        "",
        "xml-truncated",
        "the content ends before a root element (at byte 0)",
    ),
    (
        "<!-- only -->",
        "xml-truncated",
        "the content ends before a root element (at byte 13)",
    ),
    (
        "<F><R><A>1",
        "xml-truncated",
        "the content ends inside `A`, 3 levels deep (at byte 10)",
    ),
    (
        "<F><R><A>1</A></R>",
        "xml-truncated",
        "the content ends inside `F`, 1 levels deep (at byte 18)",
    ),
    (
        "<F><R><A>1</A></R></F",
        "xml-truncated",
        "tag not closed: `>` not found before end of input (at byte 18)",
    ),
    (
        "<F><R a='1",
        "xml-truncated",
        "attribute value not closed: `'` not found before end of input (at byte 3)",
    ),
    (
        "<F/><F/>",
        "xml-malformed",
        "a second root element `F` begins (at byte 4)",
    ),
    (
        "<F/>x",
        "xml-malformed",
        "text stands outside the root element (at byte 4)",
    ),
    (
        "x<F/>",
        "xml-malformed",
        "text stands outside the root element (at byte 0)",
    ),
    (
        "<F/><![CDATA[]]>",
        "xml-malformed",
        "a CDATA section stands outside the root element (at byte 4)",
    ),
    (
        "<F/>&amp;",
        "xml-malformed",
        "a reference stands outside the root element (at byte 4)",
    ),
    (
        "<F><R></F></R>",
        "xml-malformed",
        "`</F>` ends `R` (at byte 6)",
    ),
    (
        "<F></F></F>",
        "xml-malformed",
        "`</F>` ends nothing (at byte 7)",
    ),
    (
        "<F a=1/>",
        "xml-malformed",
        "the value of the attribute `a` has no quotes (at byte 0)",
    ),
    (
        "<F a='1' a='2'/>",
        "xml-malformed",
        "the attribute `a` stands twice in one element (at byte 0)",
    ),
    (
        "<F a='<'/>",
        "xml-malformed",
        "the value of the attribute `a` has a `<` (at byte 0)",
    ),
    (
        "<F a='1'b='2'/>",
        "xml-malformed",
        "white space is missing before an attribute (at byte 0)",
    ),
    (
        "<F>< R/></F>",
        "xml-malformed",
        "`` is not an element's name (at byte 3)",
    ),
    (
        "<F><1/></F>",
        "xml-malformed",
        "`1` is not an element's name (at byte 3)",
    ),
    (
        "<F></F x='1'>",
        "xml-malformed",
        "`</F x='1'>` ends `F` (at byte 3)",
    ),
    (
        "<F>a]]>b</F>",
        "xml-malformed",
        "`]]>` stands in text (at byte 3)",
    ),
    (
        "<F>a\0b</F>",
        "xml-malformed",
        "the control character 0x00 is not allowed in XML (at byte 4)",
    ),
    (
        "<F><Z>\u{1b}[2J</Z></F>",
        "xml-malformed",
        "the control character 0x1b is not allowed in XML (at byte 6)",
    ),
    (
        "<F>\u{ffff}</F>",
        "xml-malformed",
        "U+FFFE or U+FFFF is not allowed in XML (at byte 3)",
    ),
    (
        "<F><!-- a--b --></F>",
        "xml-malformed",
        "a comment has `--` inside (at byte 3)",
    ),
    (
        "<F><!x></F>",
        "xml-malformed",
        "`<!` begins neither a comment nor a CDATA section (at byte 3)",
    ),
    (
        " <?xml version='1.0'?><F/>",
        "xml-malformed",
        "an XML declaration stands elsewhere than at the start (at byte 1)",
    ),
    (
        "<F><?XML a?></F>",
        "xml-malformed",
        "`XML` cannot name a processing instruction (at byte 3)",
    ),
    (
        "<?xml version='1.1'?><F/>",
        "xml-malformed",
        "the XML version is `1.1`, expected `1.0` (at byte 0)",
    ),
    (
        "<F xmlns:a=''/>",
        "xml-malformed",
        "the prefix `a` cannot be declared so (at byte 0)",
    ),
    (
        "<F>a & b</F>",
        "xml-malformed",
        "an `&` in text has no `;` (at byte 5)",
    ),
    (
        "<F>&#0;</F>",
        "entity",
        "`&#0;` is neither a predefined entity nor a character that XML allows (at byte 3)",
    ),
    (
        "<F><Z>&nbsp;</Z></F>",
        "entity",
        "`&nbsp;` is neither a predefined entity nor a character that XML allows (at byte 6)",
    ),
    (
        "<F><Z a='&x;'/></F>",
        "entity",
        "`&x;` is neither a predefined entity nor a character that XML allows (at byte 3)",
    ),
];

#[test]
fn what_is_not_well_formed_is_refused_whole_with_its_place() {
    for (content, code, message) in BROKEN {
        let found = refusal(read(content, &rows()));
        assert_eq!(found, (*code, (*message).to_owned()), "{content:?}");
    }
}

#[test]
fn a_doctype_is_refused_whatever_it_says() {
    let ten = |n: i32| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10));
    let entities = (1..10).map(ten).collect::<Vec<_>>().concat();
    let laughs = format!("<!DOCTYPE F [<!ENTITY l0 \"lol\">{entities}]><F>&l9;</F>");
    let endless = format!("<!DOCTYPE F [{}", " ".repeat(1 << 20));
    for content in [
        "<!DOCTYPE F><F/>",
        "<!doctype html><F/>",
        "<!DOCTYPE F SYSTEM \"http://127.0.0.1:9/x.dtd\"><F/>",
        "<!DOCTYPE F [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><F><R><A>&x;</A></R></F>",
        "<!DOCTYPE",
        laughs.as_str(),
        endless.as_str(),
    ] {
        let (code, message) = refusal(read(content, &rows()));
        assert_eq!(code, "doctype");
        assert_eq!(
            message,
            "the content has a DOCTYPE, which is refused whatever it says (at byte 0)"
        );
    }
}

#[test]
fn the_encoding_must_be_what_it_says() {
    let plate = "<F><R><A>陕A00001蓝</A></R></F>";
    let gbk = Encoding::Gbk.encode(plate).expect("GBK has it");
    let labelled = |label: &str, bytes: &[u8]| {
        let mut all = format!("<?xml version='1.0' encoding='{label}'?>").into_bytes();
        all.extend_from_slice(bytes);
        all
    };
    let utf16: Vec<u8> = plate.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let with_mark = [b"\xff\xfe".as_slice(), &utf16].concat();
    for (content, encoding, message) in [
        (
            labelled("UTF-8", &gbk),
            Encoding::Utf8,
            "the byte 0xc9 is not UTF-8 here (at byte 47)",
        ),
        (
            labelled("GBK", plate.as_bytes()),
            Encoding::Utf8,
            "the XML declaration says `GBK`, expected UTF-8 (at byte 0)",
        ),
        (
            labelled("UTF-8", plate.as_bytes()),
            Encoding::Gbk,
            "the XML declaration says `UTF-8`, expected GBK (at byte 0)",
        ),
        (
            labelled("UTF-7", b"<F/>"),
            Encoding::Utf8,
            "the XML declaration says `UTF-7`, expected UTF-8 (at byte 0)",
        ),
        (
            labelled("IBM037", b"<F/>"),
            Encoding::Utf8,
            "the XML declaration says `IBM037`, expected UTF-8 (at byte 0)",
        ),
        (
            b"\x4c\x6f\xa7\x94\x93\x40".to_vec(),
            Encoding::Utf8,
            "the content begins as EBCDIC does; only UTF-8, GBK and GB18030 are read (at byte 0)",
        ),
        (
            utf16,
            Encoding::Utf8,
            "the content begins as UTF-16 does; only UTF-8, GBK and GB18030 are read (at byte 0)",
        ),
        (
            with_mark,
            Encoding::Utf8,
            "the content begins as UTF-16 does; only UTF-8, GBK and GB18030 are read (at byte 0)",
        ),
        (
            b"\xef\xbb\xbf<F/>".to_vec(),
            Encoding::Gbk,
            "the text begins with a UTF-8 byte order mark but is declared GBK (at byte 0)",
        ),
        (
            b"<F><Z>\xc0\xaf</Z></F>".to_vec(),
            Encoding::Utf8,
            "the byte 0xc0 is not UTF-8 here (at byte 6)",
        ),
    ] {
        let plan = XmlPlan {
            encoding,
            ..XmlPlan::default()
        };
        let found = refusal(read_with(&content, &plan, &rows()));
        assert_eq!(found, ("encoding-mismatch", message.to_owned()));
    }
}

/// `head`, then `piece` over and over; counts what is taken.
struct Flood {
    head: &'static [u8],
    piece: Vec<u8>,
    left: u64,
    taken: Arc<AtomicU64>,
}

impl Read for Flood {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let mut count = self.head.read(out)?;
        if count == 0 {
            let pieces = self.piece.iter().cycle().take(self.left as usize);
            for (to, from) in out.iter_mut().zip(pieces) {
                *to = *from;
                count += 1;
            }
            let turn = count % self.piece.len();
            self.piece.rotate_left(turn);
            self.left -= count as u64;
        }
        self.taken.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[test]
fn floods_are_stopped_at_a_limit_before_they_are_held() {
    const HUGE: u64 = 512 << 20;
    let started = Instant::now();
    for (head, piece, what, at_most) in [
        (b"<F><R><A>".as_slice(), "x", "xml_text_bytes", 1 << 20),
        (b"<F><Z>", "x", "xml_text_bytes", 1 << 20),
        (b"<F><!--", "x", "xml_text_bytes", 1 << 20),
        (b"<F><![CDATA[", "x", "xml_text_bytes", 1 << 20),
        (b"<F><?p ", "x", "xml_text_bytes", 1 << 20),
        (b"<F a='", "x", "xml_text_bytes", 1 << 20),
        (b"<F", " a='1'", "xml_text_bytes", 1 << 20),
        (b"<F><A", "A", "xml_text_bytes", 1 << 20),
        (b"<F>&", "x", "xml_text_bytes", 1 << 20),
        (b"", " ", "xml_text_bytes", 1 << 20),
        (b"<F><R><A>", "x&amp;", "xml_text_bytes", 4 << 20),
        (b"<F><R><A>", "x<!---->", "xml_text_bytes", 4 << 20),
        (b"<F>", "<R>", "xml_depth", 1 << 20),
        (b"<F>", "<Z>", "xml_depth", 1 << 20),
    ] {
        let taken = Arc::new(AtomicU64::new(0));
        let flood = Flood {
            head,
            piece: piece.as_bytes().to_vec(),
            left: HUGE,
            taken: Arc::clone(&taken),
        };
        let plan = XmlPlan::default();
        let result = read_from(Box::new(flood), &plan, &rows(), &Limits::default());
        match result.expect_err("it is too much") {
            FormatError::Limit { what: found, .. } => assert_eq!(found, what, "{piece}"),
            other => unreachable!("{piece}: {other}"),
        }
        assert!(taken.load(Ordering::Relaxed) < at_most, "{piece}");
    }
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "it must be fast"
    );
}

#[test]
fn numbers_of_attributes_namespaces_and_levels_are_limited() {
    let attributes = |count: usize, name: &str| -> String {
        let all: Vec<String> = (0..count).map(|n| format!(" {name}{n}='1'")).collect();
        all.concat()
    };
    for (content, message) in [
        (
            format!("<F{}/>", attributes(257, "a")),
            "xml_attributes is larger than the limit of 256 (at byte 0)",
        ),
        (
            format!("<F{}/>", attributes(20_000, "a")),
            "xml_attributes is larger than the limit of 256 (at byte 0)",
        ),
        (
            format!("<F{}/>", attributes(800_000, "a")),
            "xml_text_bytes is larger than the limit of 262144 (at byte 262160)",
        ),
        (
            format!("<F{}/>", attributes(10_000, "xmlns:n")),
            "xml_namespaces is larger than the limit of 64 (at byte 0)",
        ),
        (
            format!("<F xmlns:a='1'><R{}/></F>", attributes(64, "xmlns:n")),
            "xml_namespaces is larger than the limit of 64 (at byte 15)",
        ),
        (
            format!("<F>{}", "<R>".repeat(100_000)),
            "xml_depth is larger than the limit of 64 (at byte 192)",
        ),
    ] {
        let found = refusal(read(&content, &rows()));
        assert_eq!(found, ("xml-limit-exceeded", message.to_owned()));
    }
    for good in [
        format!("<F{}/>", attributes(256, "a")),
        format!("<F{}/>", attributes(64, "xmlns:n")),
        format!("<F>{}{}</F>", "<R>".repeat(63), "</R>".repeat(63)),
        format!("<F><Id>{}</Id></F>", "x".repeat(256 << 10)),
        format!("<F><!--{}--></F>", "x".repeat(256 << 10)),
        format!("<F><![CDATA[{}]]></F>", "x".repeat(256 << 10)),
    ] {
        assert!(read(&good, &rows()).is_ok(), "at the limit is within it");
    }
}

#[test]
fn records_and_content_are_limited_too() {
    let limits = Limits {
        record_bytes: 100,
        content_bytes: 1000,
        ..Limits::default()
    };
    let read = |content: String| {
        let content = Box::new(std::io::Cursor::new(content));
        refusal(read_from(content, &XmlPlan::default(), &rows(), &limits))
    };
    assert_eq!(
        read(format!("<F><R><A>{}</A></R></F>", "x".repeat(101))).1,
        "record_bytes is larger than the limit of 100 (at byte 6)"
    );
    assert_eq!(
        read(format!("<F><R><Z>{}</Z></R></F>", "x".repeat(101))).1,
        "record_bytes is larger than the limit of 100 (at byte 3)"
    );
    assert_eq!(
        read(format!("<F>{}</F>", " ".repeat(1000))).1,
        "content_bytes is larger than the limit of 1000 (at byte 1000)"
    );
}

#[test]
fn a_wrapped_copy_of_a_record_is_not_one() {
    let content = "<F><Signature><Object><R><A>1</A></R></Object></Signature>\
        <Wrapper><F><R><A>2</A></R></F></Wrapper><R><A>3</A></R></F>";
    let all = read(content, &rows()).expect("well-formed");
    assert_eq!(all.of(1), [[Some("3")]]);
}
