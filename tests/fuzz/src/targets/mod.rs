//! One function for each thing that reads what strangers wrote.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{Cursor, Read};
use std::os::unix::ffi::OsStrExt;
use std::sync::{Arc, LazyLock};

use dukou::clock::{Clock, parse_zone};
use dukou::envelope::{Envelope, GzipPlan, Lz77Plan, ZipPlan};
use dukou::format::json::JsonRoute;
use dukou::format::{Extent, FormatPlan, Limits, Next, Reader, RoutePath, XmlRoute, peek_route};
use dukou::mapping::{Context, Mapper, Mapping};
use dukou::text::Encoding;
use dukou::transport::RemoteName;

use crate::configured;

/// All targets, by name.
pub const ALL: &[(&str, fn(&[u8]))] = &[
    ("csv", csv),
    ("fixed", fixed),
    ("json", json),
    ("xml", xml),
    ("xlsx", xlsx),
    ("lz77", lz77),
    ("gzip", gzip),
    ("zip", zip),
    ("mapping", mapping),
    ("remote_name", remote_name),
    ("text", text),
    ("route", route),
];

/// What opened content may grow to here: far below the fuzzer's limit of memory.
const MAX_OPENED: u64 = 16 << 20;

fn csv(data: &[u8]) {
    static CSV: LazyLock<Vec<Arc<Mapping>>> =
        LazyLock::new(|| configured::mappings(|format| matches!(format, FormatPlan::Csv(_))));
    records(&CSV, data);
}

fn xml(data: &[u8]) {
    static XML: LazyLock<Vec<Arc<Mapping>>> =
        LazyLock::new(|| configured::mappings(|format| matches!(format, FormatPlan::Xml(_))));
    records(&XML, data);
}

fn fixed(data: &[u8]) {
    static FIXED: LazyLock<Vec<Arc<Mapping>>> =
        LazyLock::new(|| configured::mappings(|format| matches!(format, FormatPlan::Fixed(_))));
    records(&FIXED, data);
}

fn json(data: &[u8]) {
    static JSON: LazyLock<Vec<Arc<Mapping>>> =
        LazyLock::new(|| configured::mappings(|format| matches!(format, FormatPlan::Json(_))));
    records(&JSON, data);
}

fn xlsx(data: &[u8]) {
    static EXCEL: LazyLock<Vec<Arc<Mapping>>> =
        LazyLock::new(|| configured::mappings(|format| matches!(format, FormatPlan::Excel(_))));
    records(&EXCEL, data);
}

/// The first byte chooses the mapping, the rest is the content.
fn records(mappings: &[Arc<Mapping>], data: &[u8]) {
    let Some((choice, content)) = data.split_first() else {
        return;
    };
    let mapping = &mappings[usize::from(*choice) % mappings.len()];
    let content: Box<dyn Read + Send> = Box::new(Cursor::new(content.to_vec()));
    let opened = Reader::open(&mapping.format, &mapping.layout, &Limits::default(), content);
    let Ok(mut reader) = opened else { return };
    let clock = Clock::system(parse_zone("Asia/Shanghai").expect("a zone"));
    let mut mapper = Mapper::new(
        mapping,
        Context {
            clock: &clock,
            values: BTreeMap::from([("file_name".to_owned(), "fuzzed".to_owned())]),
        },
    );
    let mut record = reader.record();
    let length = data.len() as u64;
    loop {
        match reader.next(&mut record) {
            Ok(Next::Record) => {
                record.decode();
                let place = record.place();
                assert!(
                    place.offset + place.length <= length,
                    "a record beyond the content"
                );
                let _ = mapper.map(&record);
            }
            Ok(Next::Refused(reject)) => {
                assert!(reject.place.offset <= length, "a reject beyond the content");
            }
            Ok(Next::End) | Err(_) => break,
        }
    }
    let _ = mapper.finish();
}

fn lz77(data: &[u8]) {
    opened_and_sealed(
        &Envelope::Lz77(Lz77Plan {
            max_content_bytes: MAX_OPENED,
        }),
        data,
    );
}

fn gzip(data: &[u8]) {
    opened_and_sealed(
        &Envelope::Gzip(GzipPlan {
            max_content_bytes: MAX_OPENED,
            // What is sealed here may be one byte, repeated.
            max_ratio: 10_000,
        }),
        data,
    );
}

fn zip(data: &[u8]) {
    opened_and_sealed(
        &Envelope::Zip(ZipPlan {
            entry: "content.txt".to_owned(),
            max_content_bytes: MAX_OPENED,
            max_total_bytes: MAX_OPENED,
            max_ratio: 10_000,
            ..ZipPlan::default()
        }),
        data,
    );
}

fn opened_and_sealed(envelope: &Envelope, data: &[u8]) {
    opened(envelope, data);
    // What is sealed opens to itself.
    let mut sealed = Vec::new();
    envelope
        .seal(&mut &data[..], &mut sealed)
        .expect("memory takes it");
    let mut again = Vec::new();
    let opened = envelope
        .open(Box::new(Cursor::new(sealed)))
        .read_to_end(&mut again);
    match opened {
        Ok(_) => assert_eq!(again, data, "sealed and opened"),
        // An archive within an archive is refused where none is declared.
        Err(error) => assert!(matches!(envelope, Envelope::Zip(_)), "{error}"),
    }
}

fn opened(envelope: &Envelope, data: &[u8]) {
    let content = envelope.open(Box::new(Cursor::new(data.to_vec())));
    let count = std::io::copy(&mut content.take(MAX_OPENED + 1), &mut std::io::sink());
    if let Ok(count) = count {
        assert!(count <= MAX_OPENED, "more than its limit");
    }
}

fn mapping(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = configured::mapping(text);
    }
}

fn remote_name(data: &[u8]) {
    match RemoteName::clean(OsStr::from_bytes(data)) {
        Ok(name) => {
            let text = name.as_str();
            assert_eq!(text.as_bytes(), data, "a name is taken as it is or refused");
            assert!(!text.is_empty() && text != "." && text != "..", "a path: {text:?}");
            assert!(!text.contains(['/', '\\', '\0', '\n', '\r']), "a path: {text:?}");
        }
        Err(refused) => assert!(!refused.shown.contains('\n'), "shown in one line"),
    }
}

fn text(data: &[u8]) {
    for encoding in Encoding::ALL {
        if let Ok(text) = encoding.decode(data) {
            let again = encoding.encode(&text).expect("what was decoded has bytes");
            assert_eq!(again.as_ref(), data, "{encoding} there and back");
        }
    }
}

fn route(data: &[u8]) {
    static PATHS: LazyLock<Vec<RoutePath>> = LazyLock::new(|| {
        let xml = |path| RoutePath::Xml(XmlRoute::new(path).expect("a path"));
        let json = |path| RoutePath::Json(JsonRoute::new(path).expect("a path"));
        vec![
            xml("/Message/Header/MessageClass"),
            xml("/Message/Body/@ContentType"),
            json("/header/type"),
            json("/batch/id"),
        ]
    });
    let paths: Vec<&RoutePath> = PATHS.iter().collect();
    for extent in [Extent::Whole, Extent::Beginning] {
        let _ = peek_route(data, extent, &paths);
    }
}
