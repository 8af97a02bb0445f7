//! Encodings, and values that are written as text.

use std::io::Read;

use dukou::clock::parse_zone;
use dukou::dataset::{Class, mask};
use dukou::db::DatabaseUrl;
use dukou::id::{ConnectionName, Fen, FileDigest, Ident, JobName, MappingName, PartnerName};
use dukou::mapping::{HasTime, TimeFormat};
use dukou::text::{
    Align, Encoding, Transcoder, bom_length, display_width, pad_to_width, truncate_to_width,
};

use crate::prepared::files;

/// Every encoding, there and back, at once and as a stream.
pub fn text(data: &[u8]) {
    for encoding in Encoding::ALL {
        let whole = encoding.decode(data);
        if let Ok(text) = &whole {
            let again = encoding.encode(text).expect("what was decoded has bytes");
            assert_eq!(again.as_ref(), data, "{encoding} there and back");
        }
        let mut reader = Transcoder::new(Drops(data), encoding);
        let mut streamed = String::new();
        let read = reader.read_to_string(&mut streamed);
        if let (Ok(0), Ok(text)) = (bom_length(data, encoding), &whole) {
            read.expect("as a stream too");
            assert_eq!(&streamed, text, "{encoding} as a stream");
        }
        assert!(reader.raw_offset(streamed.len() as u64) <= data.len() as u64);
    }
}

/// Some bytes at a time.
struct Drops<'d>(&'d [u8]);

impl Read for Drops<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = into.len().min(self.0.len()).min(7);
        let (now, rest) = self.0.split_at(count);
        into[..count].copy_from_slice(now);
        self.0 = rest;
        Ok(count)
    }
}

pub fn text_seeds() -> Vec<Vec<u8>> {
    let texts = [
        "陕A12345,西安绕城高速公路",
        "㐂😀",
        "\u{feff}a",
        "纸\u{e000}",
        "€",
    ];
    let encoded = texts.iter().flat_map(|text| {
        let all = Encoding::ALL.into_iter();
        all.filter_map(|encoding| encoding.encode(text).ok().map(|bytes| bytes.into_owned()))
    });
    let lists = files("fixtures/canonical/etc_clearing")
        .into_iter()
        .map(|(_, bytes)| bytes);
    encoded
        .chain(lists.filter(|bytes| bytes.len() < 2_000))
        .collect()
}

/// Amounts, days, digests, names, zones, addresses of stores; a day behind its format.
pub fn values(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    amounts(text);
    names(text);
    widths(text);
    if let Some((format, moment)) = text.split_once('\n') {
        moments(format, moment);
    }
    if let Some(digest) = FileDigest::from_hex(text) {
        assert_eq!(digest.to_string(), text.to_ascii_lowercase());
    }
    let _ = (parse_zone(text), DatabaseUrl::parse(text));
    for class in [Class::Personal, Class::Sensitive] {
        assert_eq!(
            mask(class, text).chars().count(),
            text.chars().count(),
            "masked: {text:?}"
        );
    }
}

fn amounts(text: &str) {
    if let Ok(fen) = Fen::from_yuan(text) {
        assert_eq!(Fen::from_yuan(&fen.to_string()), Ok(fen), "{text:?}");
        let _ = fen.capitals();
    }
    if let Ok(fen) = Fen::from_fen(text) {
        assert_eq!(Fen::from_fen(&fen.0.to_string()), Ok(fen), "{text:?}");
        let _ = fen.capitals();
    }
}

fn names(text: &str) {
    let given = [
        Ident::new(text).map(|name| name.as_str().to_owned()),
        JobName::new(text).map(|name| name.as_str().to_owned()),
        MappingName::new(text).map(|name| name.as_str().to_owned()),
        PartnerName::new(text).map(|name| name.as_str().to_owned()),
        ConnectionName::new(text).map(|name| name.as_str().to_owned()),
    ];
    for name in given.into_iter().flatten() {
        assert_eq!(name, text, "a name is taken as it is or refused");
    }
}

fn widths(text: &str) {
    let cut = truncate_to_width(text, 12);
    assert!(display_width(&cut) <= 12, "{cut:?}");
    for align in [Align::Left, Align::Right] {
        let _ = pad_to_width(text, 12, align);
    }
}

fn moments(format: &str, text: &str) {
    for has_time in [HasTime::No, HasTime::Yes] {
        let Ok(format) = TimeFormat::new(format, has_time) else {
            continue;
        };
        if let Some(moment) = format.read(text) {
            let again = format.write(moment).expect("what was read can be written");
            assert_eq!(
                format.read(&again),
                Some(moment),
                "{text:?} is read as {again:?}"
            );
        }
    }
}

pub fn value_seeds() -> Vec<Vec<u8>> {
    let texts = [
        "123.45",
        "-0.05",
        "9223372036854775807",
        "-92233720368547758.07",
        "%Y-%m-%d\n2026-11-22",
        "%Y%m%d%H%M%S%f\n20261122235959999",
        "%Y-%m-%dT%H:%M:%S\n2024-02-29T00:00:60",
        "etc_clearing/receive_transactions",
        "Asia/Shanghai",
        "sqlite://var/dukou.db",
        "postgres://user@host:5432/dukou?sslmode=require",
        "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
        "陕A12345",
        "e\u{301}👩‍👩‍👧",
    ];
    texts.map(|text| text.as_bytes().to_vec()).into()
}
