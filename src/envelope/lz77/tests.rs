//! The container as a whole: the partner's sample, every kind of damage, chance.

#![expect(clippy::indexing_slicing, reason = "tests cut their own inputs")]

use std::io::{self, Read};

use proptest::prelude::*;

use super::*;
use crate::envelope::{Damage, Envelope, EnvelopeError, Lz77Plan};

const SAMPLE: &[u8] =
    include_bytes!("../../../fixtures/partners/etc_clearing/samples/01_txn_package_5_7_1.xml.lz77");
const SAMPLE_XML: &[u8] =
    include_bytes!("../../../fixtures/partners/etc_clearing/samples/01_txn_package_5_7_1.xml");

fn open_within(sealed: &[u8], max_content_bytes: u64) -> Result<Vec<u8>, EnvelopeError> {
    let envelope = Envelope::Lz77(Lz77Plan { max_content_bytes });
    let mut opened = envelope.open(Box::new(std::io::Cursor::new(sealed.to_vec())));
    let mut content = Vec::new();
    match opened.read_to_end(&mut content) {
        Ok(_) => Ok(content),
        Err(error) => Err(error.downcast().expect("an envelope error")),
    }
}

fn open(sealed: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    open_within(sealed, 1 << 20)
}

fn sealed(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let envelope = Envelope::Lz77(Lz77Plan::default());
    let count = envelope
        .seal(&mut &*content, &mut out)
        .expect("memory does not fail");
    assert_eq!(count, out.len() as u64);
    out
}

/// A block from its lengths and a text of bits.
fn block(raw: u16, bits: &str) -> Vec<u8> {
    let bits: Vec<u8> = bits.bytes().filter(|bit| *bit != b' ').collect();
    let data: Vec<u8> = bits
        .chunks(8)
        .map(|chunk| {
            let byte = chunk.iter().fold(0, |byte, bit| byte << 1 | (bit - b'0'));
            byte << (8 - chunk.len())
        })
        .collect();
    let mut out = raw.to_be_bytes().to_vec();
    out.extend((data.len() as u16).to_be_bytes());
    out.extend(data);
    out
}

fn damage(sealed: &[u8]) -> (u64, u64, Damage) {
    match open(sealed) {
        Err(EnvelopeError::Damaged {
            block,
            offset,
            damage,
        }) => (block, offset, damage),
        other => unreachable!("damage expected, not {other:?}"),
    }
}

/// Repeatable bytes without pattern.
fn noise(length: usize, mut state: u64) -> Vec<u8> {
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    })
    .take(length)
    .collect()
}

fn xml_like(length: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut number = 0_u64;
    while out.len() < length {
        number += 1;
        out.extend(
            format!(
                "    <Transaction>\n      <TransId>{number}</TransId>\n      \
                 <Fee>{}.{:02}</Fee>\n    </Transaction>\n",
                number * 7 % 300,
                number * 31 % 100
            )
            .bytes(),
        );
    }
    out.truncate(length);
    out
}

#[test]
fn the_partners_container_opens_to_the_file_beside_it() {
    let content = open(SAMPLE).expect("a good container");
    assert!(content == SAMPLE_XML, "byte for byte");
}

#[test]
fn sealing_the_sample_takes_no_more_room_than_the_partner_needs() {
    let ours = sealed(SAMPLE_XML);
    assert!(ours.len() <= SAMPLE.len(), "{} bytes", ours.len());
    assert!(open(&ours).expect("good") == SAMPLE_XML);
}

#[test]
fn empty_content_has_no_block() {
    assert_eq!(sealed(b""), b"");
    assert_eq!(open(b"").expect("empty"), b"");
}

#[test]
fn contents_of_every_interesting_size_return() {
    for size in [1, 2, 3, 255, 65_535, 65_536, 65_537, 131_072, 200_000] {
        for content in [xml_like(size), noise(size, 9), vec![b'0'; size]] {
            let back = open(&sealed(&content)).expect("good");
            assert!(back == content, "{size} bytes");
        }
    }
}

#[test]
fn content_without_pattern_is_stored_as_it_is() {
    let content = noise(65_536 + 10, 3);
    let out = sealed(&content);
    assert_eq!(out.len(), content.len() + 8);
    assert_eq!(out[..4], [0, 0, 0, 0], "65,536 is written as 0");
    assert_eq!(out[4..100], content[..96]);
    assert_eq!(out[65_540..65_544], [0, 10, 0, 10]);
}

#[test]
fn text_shrinks_well_and_always_to_the_same_bytes() {
    let content = xml_like(150_000);
    let out = sealed(&content);
    assert!(out.len() * 6 < content.len(), "{} bytes", out.len());
    assert_eq!(out, sealed(&content));
}

#[test]
fn tokens_mean_what_the_specification_says() {
    let a = "0 01100001";
    let b = "0 01100010";
    let c = "0 01100011";
    for (raw, bits, content) in [
        // a match of 2 at position 0, 2 produced: 1 bit of position
        (4, format!("{a}{b} 1 0 0"), "abab"),
        // 3 produced: 2 bits; position 1
        (5, format!("{a}{b}{c} 1 0 01"), "abcbc"),
        // q = 1, remainder 0: a match of 3
        (6, format!("{a}{b}{c} 1 100 00"), "abcabc"),
        // one byte produced: no position bits, and the copy overlaps what it writes
        (3, format!("{a} 1 0"), "aaa"),
        // q = 2, remainder 3: a match of 8 that overlaps
        (10, format!("{a}{b} 1 11011 0"), "ababababab"),
    ] {
        let content = content.as_bytes();
        assert_eq!(open(&block(raw, &bits)).expect("good"), content, "{bits}");
    }
}

#[test]
fn a_container_cut_anywhere_between_blocks_and_bytes_is_damaged() {
    let content = xml_like(70_000);
    let out = sealed(&content);
    let second = 4 + usize::from(u16::from_be_bytes([out[2], out[3]]));
    for cut in (1..200)
        .chain(second - 3..second + 200)
        .chain([out.len() - 1])
    {
        if cut == second {
            assert!(open(&out[..cut]).expect("one whole block") == content[..65_536]);
        } else {
            let (block, _, _) = damage(&out[..cut]);
            assert_eq!(block, if cut < second { 1 } else { 2 }, "cut at {cut}");
        }
    }
    assert_eq!(damage(&out[..3]), (1, 0, Damage::HeaderCut { found: 3 }));
    assert_eq!(
        damage(&out[..10]),
        (
            1,
            4,
            Damage::BlockCut {
                promised: second - 4,
                found: 6
            }
        )
    );
}

#[test]
fn bytes_after_the_last_block_are_damage() {
    let mut out = sealed(b"abc");
    out.push(0);
    assert_eq!(damage(&out), (2, 7, Damage::HeaderCut { found: 1 }));
}

#[test]
fn broken_rules_are_named_with_block_and_byte() {
    let a = "0 01100001";
    for (sealed, offset, expected) in [
        (
            vec![0, 2, 0, 3, 1, 2, 3],
            0,
            Damage::StoredLonger { stored: 3, raw: 2 },
        ),
        (
            vec![0, 2, 0, 0],
            0,
            Damage::StoredLonger {
                stored: 65_536,
                raw: 2,
            },
        ),
        (
            block(9, &format!("{a}{a}")),
            6,
            Damage::BitsEnd {
                produced: 2,
                raw: 9,
            },
        ),
        (
            block(3, "1 0 0"),
            4,
            Damage::MatchOutside {
                position: 0,
                produced: 0,
            },
        ),
        (
            block(9, &format!("{a}{a}{a} 1 0 11")),
            7,
            Damage::MatchOutside {
                position: 3,
                produced: 3,
            },
        ),
        (
            block(4, &format!("{a}{a} 1 100 0")),
            6,
            Damage::MatchTooLong {
                length: 3,
                missing: 2,
            },
        ),
        (
            block(0, &format!("{a} 1 1111111111111111")),
            5,
            Damage::MatchTooLong {
                length: 65_537,
                missing: 65_535,
            },
        ),
        (
            block(9, &format!("{a} 1 11011 0 00000000")),
            6,
            Damage::Unused { unused: 1 },
        ),
    ] {
        assert_eq!(damage(&sealed), (1, offset, expected), "{sealed:?}");
    }
}

#[test]
fn messages_say_where_and_what() {
    let error = open(&[0, 2, 0, 3, 1, 2, 3]).expect_err("damaged");
    assert_eq!(
        error.to_string(),
        "block 1 of the container is damaged at byte 0: 3 bytes are stored for 2 bytes of content"
    );
    assert_eq!(error.code().map(|code| code.id), Some("envelope-damaged"));
}

#[test]
fn content_past_the_limit_is_refused_before_it_is_yielded() {
    let out = sealed(&vec![b'0'; 200_000]);
    assert_eq!(
        open_within(&out, 200_000).expect("at the limit").len(),
        200_000
    );
    let error = open_within(&out, 199_999).expect_err("past it");
    assert!(matches!(
        error,
        EnvelopeError::TooLarge {
            limit: 199_999,
            block: 4,
            ..
        }
    ));
}

#[test]
fn damage_repeats_when_read_again() {
    let envelope = Envelope::Lz77(Lz77Plan::default());
    let mut opened = envelope.open(Box::new([0_u8, 2, 0, 3].as_slice()));
    for _ in 0..2 {
        let error = opened.read(&mut [0; 4]).expect_err("damaged");
        assert!(EnvelopeError::from_io(&error).is_some());
    }
}

#[test]
fn a_reader_that_fails_inside_a_block_is_not_read_on() {
    /// Yields some bytes, fails once, and would yield the rest.
    struct Hiccup(Vec<&'static [u8]>);
    impl Read for Hiccup {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            match self.0.pop() {
                Some(b"") => Err(io::ErrorKind::TimedOut.into()),
                Some(part) => {
                    out[..part.len()].copy_from_slice(part);
                    Ok(part.len())
                }
                None => Ok(0),
            }
        }
    }
    let parts = vec![b"abc".as_slice(), b"", b"\x00\x03", b"\x00\x03"];
    let mut opened = Envelope::Lz77(Lz77Plan::default()).open(Box::new(Hiccup(parts)));
    for _ in 0..2 {
        let error = opened.read(&mut [0; 8]).expect_err("the reader failed");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(EnvelopeError::from_io(&error).is_none());
    }
}

#[test]
fn altered_containers_never_panic_and_never_pass_the_limit() {
    let whole = sealed(&xml_like(3_000));
    let mut dice = noise(20_000 * 8, 77).into_iter().map(usize::from);
    let mut roll = |sides: usize| {
        let (high, low) = (dice.next().unwrap_or(1), dice.next().unwrap_or(2));
        (high * 256 + low) % sides
    };
    let mut refused = 0;
    for _ in 0..20_000 {
        let mut sealed = whole.clone();
        for _ in 0..=roll(2) {
            let at = roll(sealed.len());
            match roll(4) {
                0 => sealed[at] ^= 1 << roll(8),
                1 => sealed[at] = 0xFF,
                2 => drop(sealed.remove(at)),
                _ => sealed.truncate(at.max(1)),
            }
        }
        match open_within(&sealed, 70_000) {
            Ok(content) => assert!(content.len() <= 70_000),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 5_000, "{refused} of 20,000 refused");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_sealed_opens_to_itself(
        words in proptest::collection::vec("[a-c]{1,9}|[^a]{0,3}", 0..400)
    ) {
        let content = words.concat().into_bytes();
        prop_assert_eq!(open(&sealed(&content)).expect("good"), content);
    }

    #[test]
    fn any_bytes_open_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(content) = open(&bytes) {
            prop_assert_eq!(open(&sealed(&content)).expect("good"), content);
        }
    }
}

#[test]
fn positions_take_the_bits_the_sample_was_written_with() {
    let widths = [(0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (65_535, 16)];
    for (produced, bits) in widths {
        assert_eq!(position_bits(produced), bits, "{produced}");
    }
    for (length, q) in [(2, 0), (3, 1), (4, 1), (5, 2), (8, 2), (9, 3), (65_536, 15)] {
        assert_eq!(length_q(length), q, "{length}");
    }
}
