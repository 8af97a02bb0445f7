//! GBK and GB18030 as one-to-one tables.
//!
//! The assignments are taken from `encoding_rs` (the WHATWG index, which follows GB18030-2022) once
//! and made one-to-one: where two byte sequences mean one character, the one the standard writes
//! is canonical and the other is refused. An exact answer to "where is the wrong byte" and a fast
//! way back to bytes are why decoding is not left to the crate.

use std::sync::LazyLock;

use encoding_rs::GB18030;

use super::encoding::{Step, Stop};
use super::error::Fault;

/// Which forms of GB18030 an encoding has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Forms {
    /// One and two bytes: GBK.
    Two,
    /// One, two and four bytes.
    TwoAndFour,
}

/// The bytes of one character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Code {
    bytes: [u8; 4],
    length: usize,
}

impl Code {
    /// A single byte.
    pub(super) fn one(byte: u8) -> Self {
        Self {
            bytes: [byte, 0, 0, 0],
            length: 1,
        }
    }

    fn two([lead, trail]: [u8; 2]) -> Self {
        Self {
            bytes: [lead, trail, 0, 0],
            length: 2,
        }
    }

    /// The four-byte form with this linear number.
    fn four(pointer: u32) -> Self {
        let digit = |value: u32| 0x30 + (value % 10) as u8;
        let bytes = [
            0x81 + (pointer / 12_600) as u8,
            digit(pointer / 1_260),
            0x81 + (pointer / 10 % 126) as u8,
            digit(pointer),
        ];
        Self { bytes, length: 4 }
    }

    /// One, two or four bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

const LEADS: std::ops::RangeInclusive<u8> = 0x81..=0xFE;
const TRAILS: std::ops::RangeInclusive<u8> = 0x40..=0xFE;
const TRAIL_COUNT: usize = 191;
/// Four-byte forms numbered below this are in the Basic Multilingual Plane.
const BMP_FOURS: u32 = 39_420;
/// The four-byte form of U+10000; the rest of Unicode follows in order.
const FIRST_ASTRAL: u32 = 189_000;
const FOUR_MARK: u32 = 1 << 16;

struct Tables {
    /// By lead and trail: the character's UTF-8 and its length, which is 0 where there is no
    /// character or another form is canonical.
    pairs: Vec<[u8; 4]>,
    /// By number of the four-byte form: the character, or 0 likewise.
    fours: Vec<u16>,
    /// By character: its two bytes, or `FOUR_MARK` + the number of its four-byte form, or 0.
    codes: Vec<u32>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(Tables::build);

impl Tables {
    fn build() -> Self {
        let mut tables = Self {
            pairs: Vec::with_capacity(LEADS.len() * TRAIL_COUNT),
            fours: Vec::with_capacity(BMP_FOURS as usize),
            codes: vec![0; 1 << 16],
        };
        for lead in LEADS {
            for trail in TRAILS {
                let code = u32::from(u16::from_be_bytes([lead, trail]));
                let char = tables.claim(&[lead, trail], code);
                tables.pairs.push(spelled(char));
            }
        }
        for pointer in 0..BMP_FOURS {
            let char = tables.claim(Code::four(pointer).bytes(), FOUR_MARK | pointer);
            tables.fours.push(char);
        }
        tables
    }

    /// The character of `bytes`, if no earlier sequence has it; pairs come before fours, and the
    /// symbols of row 1 before their aliases, as the standard writes them.
    fn claim(&mut self, bytes: &[u8], code: u32) -> u16 {
        let Some(char) = foreign(bytes).and_then(|char| u16::try_from(u32::from(char)).ok()) else {
            return 0;
        };
        match self.codes.get_mut(usize::from(char)) {
            Some(free @ 0) => {
                *free = code;
                char
            }
            _ => 0,
        }
    }

    /// Appends the characters of two-byte forms, as many as there are; gives the bytes after them.
    fn pairs_into<'b>(&self, bytes: &'b [u8], utf8: &mut Vec<u8>) -> &'b [u8] {
        let mut end = utf8.len();
        // The most that they can be.
        utf8.resize(end + bytes.len() / 2 * 3, 0);
        let mut pairs = 0;
        for pair in bytes.chunks_exact(2) {
            let &[lead, trail] = pair else { break };
            let Some([spelled @ .., length]) = self.pair(lead, trail) else {
                break;
            };
            // A character of two bytes is followed by a byte that the next one overwrites.
            if let Some(room) = utf8.get_mut(end..end + 3) {
                room.copy_from_slice(spelled);
            }
            end += usize::from(*length);
            pairs += 1;
        }
        utf8.truncate(end);
        bytes.get(2 * pairs..).unwrap_or_default()
    }

    #[inline]
    fn pair(&self, lead: u8, trail: u8) -> Option<&[u8; 4]> {
        let row = usize::from(lead.wrapping_sub(*LEADS.start()));
        let column = usize::from(trail.wrapping_sub(*TRAILS.start()));
        if column >= TRAIL_COUNT {
            return None;
        }
        let spelled = self.pairs.get(row * TRAIL_COUNT + column)?;
        (spelled[3] > 0).then_some(spelled)
    }

    fn four(&self, pointer: u32) -> Option<char> {
        match pointer.checked_sub(FIRST_ASTRAL) {
            Some(beyond) => char::from_u32(0x1_0000 + beyond),
            None => assigned(*self.fours.get(pointer as usize)?),
        }
    }
}

/// The UTF-8 of a character above ASCII, and its length; all zero for 0.
fn spelled(value: u16) -> [u8; 4] {
    let mut spelled = [0; 4];
    if let Some(char) = assigned(value) {
        let length = char.encode_utf8(&mut spelled).len();
        spelled[3] = length as u8;
    }
    spelled
}

fn assigned(value: u16) -> Option<char> {
    char::from_u32(u32::from(value)).filter(|char| *char != '\0')
}

/// What `encoding_rs` makes of one sequence of two or four bytes.
fn foreign(bytes: &[u8]) -> Option<char> {
    let text = GB18030.decode_without_bom_handling_and_without_replacement(bytes)?;
    let mut chars = text.chars();
    let first = chars.next()?;
    chars.next().is_none().then_some(first)
}

/// The bytes of a character above ASCII.
pub(super) fn code(char: char, forms: Forms) -> Option<Code> {
    let number = u32::from(char);
    let code = match number.checked_sub(0x1_0000) {
        Some(beyond) => Code::four(FIRST_ASTRAL + beyond),
        None => match *TABLES.codes.get(number as usize)? {
            0 => return None,
            pair if pair < FOUR_MARK => Code::two((pair as u16).to_be_bytes()),
            four => Code::four(four ^ FOUR_MARK),
        },
    };
    (forms == Forms::TwoAndFour || code.length == 2).then_some(code)
}

/// Appends the UTF-8 of `bytes` to `utf8`, as far as it goes.
pub(super) fn decode_into(bytes: &[u8], forms: Forms, utf8: &mut Vec<u8>) -> Step {
    let tables = &*TABLES;
    let mut rest = bytes;
    let mut four_bytes = false;
    let stop = loop {
        match rest {
            [] => break Stop::End,
            [lead, ..] if lead.is_ascii() => {
                let plain = encoding_rs::Encoding::ascii_valid_up_to(rest);
                let (plain, after) = rest.split_at_checked(plain).unwrap_or((rest, &[]));
                utf8.extend_from_slice(plain);
                rest = after;
            }
            _ => {
                let after = tables.pairs_into(rest, utf8);
                if after.len() < rest.len() {
                    rest = after;
                    continue;
                }
                match rare(tables, rest, forms) {
                    Ok(char) => {
                        four_bytes = true;
                        utf8.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                        rest = rest.get(4..).unwrap_or_default();
                    }
                    Err(stop) => break stop,
                }
            }
        }
    };
    Step {
        consumed: bytes.len() - rest.len(),
        four_bytes,
        stop,
    }
}

/// The four-byte form at the start of `rest`, or why there is none.
fn rare(tables: &Tables, rest: &[u8], forms: Forms) -> Result<char, Stop> {
    let wrong = |length, fault| Err(Stop::Wrong { length, fault });
    match *rest {
        [lead, ..] if !LEADS.contains(&lead) => wrong(1, Fault::Unassigned),
        [lead, second, ..] if !second.is_ascii_digit() => {
            if foreign(&[lead, second]).is_some() {
                wrong(2, Fault::Alias)
            } else {
                // An ASCII byte after a lead is no part of the damage: it may be a separator.
                wrong(if second.is_ascii() { 1 } else { 2 }, Fault::Unassigned)
            }
        }
        [_, _, third, ..] if !LEADS.contains(&third) => wrong(1, Fault::Unassigned),
        [_, _, _, fourth, ..] if !fourth.is_ascii_digit() => wrong(1, Fault::Unassigned),
        [first, second, third, fourth, ..] => {
            if forms == Forms::Two {
                return wrong(4, Fault::FourBytes);
            }
            let pointer = u32::from(first - 0x81) * 12_600
                + u32::from(second - 0x30) * 1_260
                + u32::from(third - 0x81) * 10
                + u32::from(fourth - 0x30);
            match tables.four(pointer) {
                Some(char) => Ok(char),
                None if foreign(&[first, second, third, fourth]).is_some() => {
                    wrong(4, Fault::Alias)
                }
                None => wrong(4, Fault::Unassigned),
            }
        }
        _ => Err(Stop::Incomplete),
    }
}

/// How many bytes `text` had, given that GB18030 bytes were decoded to it.
pub(super) fn raw_length(text: &str, four_bytes: bool) -> usize {
    if !four_bytes {
        return text
            .bytes()
            .map(|byte| usize::from(byte < 0x80) + 2 * usize::from(byte >= 0xC0))
            .sum();
    }
    text.chars()
        .map(|char| match u32::from(char) {
            0..0x80 => 1,
            number => match TABLES.codes.get(number as usize) {
                Some(code) if *code < FOUR_MARK => 2,
                _ => 4,
            },
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `encoding_rs` writes for a character, without replacement.
    fn foreign_bytes(char: char) -> Option<Vec<u8>> {
        let mut out = [0_u8; 8];
        let mut buffer = [0_u8; 4];
        let text: &str = char.encode_utf8(&mut buffer);
        let (result, _, written) = GB18030
            .new_encoder()
            .encode_from_utf8_without_replacement(text, &mut out, true);
        (result == encoding_rs::EncoderResult::InputEmpty)
            .then(|| out.iter().take(written).copied().collect())
    }

    #[test]
    fn the_canonical_form_is_the_one_the_standard_encoder_writes() {
        let tables = &*TABLES;
        let mut pairs = 0;
        for char in (0x80..=0xFFFF_u32).filter_map(char::from_u32) {
            let Some(code) = code(char, Forms::TwoAndFour) else {
                // Private-use characters that GB18030-2022 gave to real ones; no way back.
                let number = u32::from(char);
                assert!(
                    (0xE000..=0xF8FF).contains(&number),
                    "U+{number:04X} has no form"
                );
                continue;
            };
            pairs += u32::from(code.length == 2);
            // The encoder is slow for rare characters: every 7th of them is enough.
            if code.length == 2 && u32::from(char) % 7 == 0 {
                assert_eq!(
                    Some(code.bytes().to_vec()),
                    foreign_bytes(char),
                    "U+{:04X}",
                    u32::from(char)
                );
            }
        }
        // 126 leads x 190 trails, less the one alias of the ideographic space.
        assert_eq!(pairs, 126 * 190 - 1);
        assert!(tables.pair(0x81, 0x7F).is_none());
    }

    #[test]
    fn only_known_private_use_characters_have_no_form() {
        let missing: Vec<u32> = (0x80..=0xFFFF_u32)
            .filter_map(char::from_u32)
            .filter(|char| code(*char, Forms::TwoAndFour).is_none())
            .map(u32::from)
            .collect();
        assert!(missing.contains(&0xE5E5), "the alias of the space");
        assert!(missing.contains(&0xE81E), "replaced by U+9FB4");
        assert!(missing.len() < 32, "{missing:X?}");
    }

    #[test]
    fn every_four_byte_form_of_the_supplementary_planes_returns() {
        for number in (0x1_0000..=0x10_FFFF_u32).step_by(257).chain([0x10_FFFF]) {
            let char = char::from_u32(number).expect("no surrogates there");
            let code = code(char, Forms::TwoAndFour).expect("every one has a form");
            assert_eq!(foreign(code.bytes()), Some(char));
            let mut utf8 = Vec::new();
            let step = decode_into(code.bytes(), Forms::TwoAndFour, &mut utf8);
            assert_eq!(
                (step.stop, utf8),
                (Stop::End, char.to_string().into_bytes())
            );
        }
        let mut utf8 = Vec::new();
        let past_the_end = b"\xE3\x32\x9A\x36";
        assert_eq!(
            decode_into(past_the_end, Forms::TwoAndFour, &mut utf8).stop,
            Stop::Wrong {
                length: 4,
                fault: Fault::Unassigned
            }
        );
    }

    #[test]
    fn a_raw_length_is_known_from_the_text() {
        assert_eq!(raw_length("陕A é", false), 6);
        assert_eq!(raw_length("陕A㐂😀", true), 11);
    }
}
