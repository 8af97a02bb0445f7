//! Records of every format, read with every mapping of it.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::sync::{Arc, LazyLock};

use dukou::clock::{Clock, parse_zone};
use dukou::format::json::JsonRoute;
use dukou::format::{
    Extent, FormatPlan, Limits, Next, Reader, RoutePath, Writer, XmlRoute, peek_route,
};
use dukou::mapping::{Context, Mapper, Mapping};

use crate::configured;
use crate::prepared::files;

/// Where files are that a mapping is for.
const FOLDERS: &[&str] = &[
    "fixtures/canonical",
    "fixtures/hostile/files",
    "fixtures/partner_list",
];

/// Mappings of one format, one of which each input chooses.
pub struct Mappings(Vec<(String, Arc<Mapping>)>);

impl Mappings {
    pub fn new(wanted: fn(&FormatPlan) -> bool) -> Self {
        let found = configured::mappings(wanted);
        assert!(!found.is_empty(), "no mapping has the format");
        Self(found)
    }

    /// The mapping that the first byte chooses. A new mapping takes only its share of the bytes, so
    /// that the kept corpus goes on meaning what it meant.
    pub fn chosen(&self, byte: u8) -> &Mapping {
        let weight = |name: &str| {
            let bytes = name.bytes().chain([byte]);
            // FNV-1a, and a last stir: the weights of a name must look unlike each other.
            let hash = bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
            let stirred = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            stirred ^ (stirred >> 29)
        };
        let chosen = self.0.iter().max_by_key(|(name, _)| weight(name));
        &chosen.expect("there are some").1
    }

    /// A byte that chooses this mapping.
    fn byte_of(&self, mapping: &Mapping) -> u8 {
        let mut bytes = 0..=u8::MAX;
        let found = bytes.find(|byte| std::ptr::eq(self.chosen(*byte), mapping));
        found.expect("every mapping has its share of the bytes")
    }

    /// For every mapping the files that are of it, and one that is written with it.
    pub fn seeds(&self) -> Vec<Vec<u8>> {
        let contents: Vec<_> = FOLDERS.iter().flat_map(|folder| files(folder)).collect();
        let mut seeds = Vec::new();
        for (name, mapping) in &self.0 {
            let stem = name.rsplit('/').next().unwrap_or(name);
            let (folder, file) = (format!("/{stem}/"), format!("/{stem}."));
            let of_it = |path: &str| path.contains(&folder) || path.contains(&file);
            let is_outlets = |path: &str| stem == "outlets" && path.contains("OUTLETS");
            let mut own: Vec<Vec<u8>> = (contents.iter())
                .filter(|(path, _)| of_it(path) || is_outlets(path))
                .map(|(_, bytes)| bytes.clone())
                .collect();
            own.extend(written(mapping));
            let byte = self.byte_of(mapping);
            for content in own {
                seeds.push([&[byte], content.as_slice()].concat());
            }
        }
        seeds
    }

    /// The written content of every mapping that can write, behind the byte that chooses it.
    pub fn written(&self) -> Vec<(u8, Vec<u8>)> {
        let all = self.0.iter();
        let of_all =
            all.filter_map(|(_, mapping)| Some((self.byte_of(mapping), written(mapping)?)));
        of_all.collect()
    }
}

/// Two records of every kind, each field one digit.
fn written(mapping: &Mapping) -> Option<Vec<u8>> {
    let mut writer = Writer::new(&mapping.format, &mapping.layout, Vec::new()).ok()?;
    for (kind, layout) in mapping.layout.records.iter().enumerate() {
        for digit in ["1", "2"] {
            let fields = vec![Some(digit); layout.slots.len()];
            // What cannot stand here stays away.
            let _ = writer.record(kind, &fields);
        }
    }
    writer.finish().ok()
}

macro_rules! of_format {
    ($run:ident, $seeds:ident, $kind:ident, $mappings:ident) => {
        static $mappings: LazyLock<Mappings> =
            LazyLock::new(|| Mappings::new(|format| matches!(format, FormatPlan::$kind(_))));

        pub fn $run(data: &[u8]) {
            let Some((byte, content)) = data.split_first() else {
                return;
            };
            read(
                LazyLock::force(&$mappings).chosen(*byte),
                &Limits::default(),
                content.to_vec(),
            );
        }

        pub fn $seeds() -> Vec<Vec<u8>> {
            $mappings.seeds()
        }
    };
}
of_format!(csv, csv_seeds, Csv, CSV);
of_format!(fixed, fixed_seeds, Fixed, FIXED);
of_format!(json, json_seeds, Json, JSON);
of_format!(xml, xml_seeds, Xml, XML);

/// Reads content to its end, record by record, as the engine does.
pub fn read(mapping: &Mapping, limits: &Limits, content: Vec<u8>) {
    let length = content.len() as u64;
    let content: Box<dyn Read + Send> = Box::new(Cursor::new(content));
    let opened = Reader::open(&mapping.format, &mapping.layout, limits, content);
    let Ok(mut reader) = opened else { return };
    let clock = Clock::system(parse_zone("Asia/Shanghai").expect("a zone"));
    let values = BTreeMap::from([("file_name".to_owned(), "fuzzed".to_owned())]);
    let mut mapper = Mapper::new(
        mapping,
        Context {
            clock: &clock,
            values,
        },
    );
    let mut record = reader.record();
    loop {
        match reader.next(&mut record) {
            Ok(Next::Record) => {
                record.seal();
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
    let _ = (reader.notes(), mapper.finish());
}

pub fn route(data: &[u8]) {
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

pub fn route_seeds() -> Vec<Vec<u8>> {
    let json = br#"{"header": {"type": "a"}, "batch": {"id": "1", "rows": [1, null, "x"]}}"#;
    let message =
        (files("fixtures/canonical").into_iter()).filter(|(path, _)| path.ends_with("xml"));
    message
        .map(|(_, bytes)| bytes)
        .chain([json.to_vec()])
        .collect()
}
