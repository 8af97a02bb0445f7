//! The content of a landed file: its route peeked at, its bytes cut out.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::codes::MALFORMED;
use crate::diag::Code;
use crate::envelope::{Envelope, EnvelopeError};
use crate::format::{Extent, peek_route};
use crate::job::{PullJob, ReadPlan};
use crate::ledger::MAX_RAW_BYTES;
use crate::record::Reject;
use crate::text::Encoding;

/// How much of the content a route may need.
const PEEK_BYTES: u64 = 64 << 10;

/// The names of envelopes, as the books keep them.
pub(super) fn envelope_names(envelopes: &[Envelope]) -> Option<String> {
    let names: Vec<&str> = envelopes.iter().map(Envelope::word).collect();
    (!names.is_empty()).then(|| names.join("+"))
}

/// The envelopes as a delivery needs them to be sealed again.
pub(super) fn envelopes_written(envelopes: &[Envelope]) -> Option<String> {
    let written: Vec<String> = envelopes.iter().map(Envelope::written).collect();
    (!written.is_empty()).then(|| written.join("+"))
}

/// What a file is routed by.
#[derive(Debug, Default)]
pub(super) struct Route {
    /// The values, by the route's names.
    pub(super) values: BTreeMap<String, String>,
    /// Why the content's start cannot be read, when it cannot.
    pub(super) damage: Option<(&'static Code, String)>,
}

/// The values that a file is routed by. What the content does not say, a capture of the same name
/// in the file's name may.
pub(super) fn route(
    plan: &PullJob,
    captures: &BTreeMap<String, String>,
    content: Box<dyn Read + Send>,
) -> Route {
    let mut route = Route {
        values: route_of_name(plan, captures),
        damage: None,
    };
    if plan.route_content.is_empty() {
        return route;
    }
    let mut start = Vec::new();
    let read = content.take(PEEK_BYTES).read_to_end(&mut start);
    let extent = match start.len() as u64 {
        PEEK_BYTES => Extent::Beginning,
        _ => Extent::Whole,
    };
    let paths: Vec<_> = plan.route_content.iter().map(|(_, path)| path).collect();
    let peek = peek_route(&start, extent, &paths);
    let unread = read.err();
    let unread = unread.map(|error| (unread_code(&error), error.to_string()));
    route.damage = unread.or(peek.damage.map(|reason| (&MALFORMED, reason)));
    for ((name, _), found) in plan.route_content.iter().zip(peek.values) {
        let number = || captures.get(name).map(|text| trimmed_number(text));
        if let Some(value) = found.or_else(number) {
            route.values.insert(name.clone(), value);
        }
    }
    route
}

/// What is wrong with content that cannot be read: a keyed envelope's own code tells wrong keys from
/// wrong signatures; whatever else is damaged is malformed.
pub(super) fn unread_code(error: &io::Error) -> &'static Code {
    EnvelopeError::from_io(error)
        .and_then(EnvelopeError::keyed_code)
        .unwrap_or(&MALFORMED)
}

/// The read of a job that takes a file with these captures of its name and this content: for
/// whoever has a file and no store.
pub fn read_taking<'p>(
    plan: &'p PullJob,
    captures: &BTreeMap<String, String>,
    content: Box<dyn Read + Send>,
) -> Option<&'p ReadPlan> {
    let Route { values, .. } = route(plan, captures, content);
    plan.reads.iter().find(|read| read.fits(&values))
}

/// What the name alone says.
pub(super) fn route_of_name(
    plan: &PullJob,
    captures: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let said = plan.route_name.iter().filter_map(|(name, capture)| {
        let value = captures.get(capture)?;
        Some((name.clone(), value.clone()))
    });
    said.collect()
}

/// So many characters of three bytes and more that are all UTF-8 are no accident of GBK.
const SURELY_UTF_8: usize = 4;

/// Why content declared as GBK or GB18030 is something else: nearly all UTF-8 decodes as GBK, to
/// other characters, and nothing else would notice.
pub(super) fn wrong_encoding(
    declared: Option<Encoding>,
    content: impl Read,
) -> io::Result<Option<String>> {
    let Some(declared @ (Encoding::Gbk | Encoding::Gb18030)) = declared else {
        return Ok(None);
    };
    let mut start = Vec::new();
    content.take(PEEK_BYTES).read_to_end(&mut start)?;
    let text = match str::from_utf8(&start) {
        Ok(text) => text,
        // The peek cut a character.
        Err(found) if found.error_len().is_none() => {
            let whole = start.get(..found.valid_up_to()).unwrap_or_default();
            str::from_utf8(whole).unwrap_or_default()
        }
        Err(_) => return Ok(None),
    };
    let wide = text.chars().filter(|found| found.len_utf8() > 2).count();
    Ok((wide >= SURELY_UTF_8).then(|| {
        format!("the content is UTF-8, and the mapping says {declared}: one of them is wrong")
    }))
}

/// A zero-padded number of a name, as the content writes it.
fn trimmed_number(text: &str) -> String {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let digits = text.trim_start_matches('0');
        return if digits.is_empty() {
            "0".to_owned()
        } else {
            digits.to_owned()
        };
    }
    text.to_owned()
}

/// The raw bytes of rejects, cut out of the content in one pass; `rejects` in any order. A record
/// longer than the books keep is cut at its end.
pub(super) fn raw_bytes(
    mut content: Box<dyn Read + Send>,
    rejects: &[Reject],
) -> io::Result<Vec<Vec<u8>>> {
    let mut order: Vec<usize> = (0..rejects.len()).collect();
    order.sort_by_key(|index| rejects.get(*index).map(|reject| reject.place.offset));
    let mut cut: Vec<Vec<u8>> = vec![Vec::new(); rejects.len()];
    // What was read last and where it begins: a record inside another lies in the other's bytes.
    let (mut start, mut read): (u64, Vec<u8>) = (0, Vec::new());
    for index in order {
        let Some(place) = rejects.get(index).map(|reject| reject.place) else {
            continue;
        };
        let position = start + read.len() as u64;
        if let Some(skip) = place.offset.checked_sub(position) {
            io::copy(&mut content.by_ref().take(skip), &mut io::sink())?;
            (start, read) = (place.offset, Vec::new());
        }
        let from = (place.offset - start) as usize;
        let to = from + place.length.min(MAX_RAW_BYTES as u64) as usize;
        let lacking = to.saturating_sub(read.len()) as u64;
        content.by_ref().take(lacking).read_to_end(&mut read)?;
        let bytes = read.get(from..to.min(read.len())).unwrap_or_default();
        set(&mut cut, index, bytes.to_vec());
    }
    Ok(cut)
}

fn set(cut: &mut [Vec<u8>], index: usize, bytes: Vec<u8>) {
    if let Some(slot) = cut.get_mut(index) {
        *slot = bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RecordNo;
    use crate::record::Place;

    fn reject(offset: u64, length: u64) -> Reject {
        let place = Place {
            record: RecordNo(1),
            offset,
            length,
        };
        Reject {
            code: &MALFORMED,
            place,
            field: None,
            detail: String::new(),
        }
    }

    #[test]
    fn utf_8_under_a_declaration_of_gbk_is_noticed_and_gbk_is_not() {
        let doubt = |declared, bytes: &[u8]| {
            wrong_encoding(declared, bytes).expect("bytes in memory can be read")
        };
        let text = "编号,停车场名称,泊位数\n0101,钟楼停车场,320\n";
        let gbk = Encoding::Gbk.encode(text).expect("GBK has these");
        assert_eq!(
            doubt(Some(Encoding::Gbk), text.as_bytes()).as_deref(),
            Some("the content is UTF-8, and the mapping says GBK: one of them is wrong")
        );
        let long = "陕".repeat(40_000);
        assert!(doubt(Some(Encoding::Gb18030), long.as_bytes()).is_some());
        assert_eq!(doubt(Some(Encoding::Gbk), &gbk), None);
        assert_eq!(doubt(Some(Encoding::Utf8), text.as_bytes()), None);
        assert_eq!(doubt(None, text.as_bytes()), None);
        // Few characters may be either: these two of GBK are UTF-8 as well.
        let union = Encoding::Gbk.encode("联通").expect("GBK has these");
        assert_eq!(doubt(Some(Encoding::Gbk), &union), None);
    }

    #[test]
    fn a_record_inside_another_has_its_bytes_too() {
        let content: Box<dyn Read + Send> = Box::new(&b"0123456789abcdef"[..]);
        let rejects = [reject(4, 2), reject(2, 8), reject(8, 4), reject(13, 1)];
        let cut = raw_bytes(content, &rejects).expect("bytes in memory");
        assert_eq!(cut, [&b"45"[..], b"23456789", b"89ab", b"d"]);
    }

    #[test]
    fn raw_bytes_are_cut_in_one_pass_whatever_the_order() {
        let content: Box<dyn Read + Send> = Box::new(&b"0123456789abcdef"[..]);
        let rejects = [reject(10, 3), reject(2, 4), reject(2, 4), reject(14, 9)];
        let cut = raw_bytes(content, &rejects).expect("bytes in memory");
        assert_eq!(cut, [&b"abc"[..], b"2345", b"2345", b"ef"]);
    }

    #[test]
    fn a_padded_number_of_a_name_is_the_number() {
        assert_eq!(trimmed_number("00000000000000000101"), "101");
        assert_eq!(trimmed_number("000"), "0");
        assert_eq!(trimmed_number("A01"), "A01");
    }
}
