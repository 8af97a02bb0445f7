//! open(seal(x)) = x, whatever x and whatever the envelope.

use proptest::prelude::*;

use super::*;

/// Content that every envelope can hold: not empty, and ending in a line end.
fn content() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..400).prop_map(|mut bytes| {
        bytes.push(b'\n');
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_is_sealed_opens_to_itself_and_is_sealed_alike(content in content()) {
        let keys = keys();
        for (sealing, opening) in pairs() {
            let sealed = seal(&sealing, &content, &keys).expect("it holds this");
            prop_assert_eq!(seal(&sealing, &content, &keys), Ok(sealed.clone()));
            prop_assert_eq!(open(&opening, &sealed, &keys), Ok(content.clone()), "{:?}", opening);
        }
    }

    #[test]
    fn any_bytes_are_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let keys = keys();
        for (_, opening) in pairs() {
            drop(open(&opening, &bytes, &keys));
        }
    }
}

#[test]
fn content_of_every_length_around_a_block_and_a_buffer_comes_back() {
    let keys = keys();
    let around = |middle: usize| middle - 17..middle + 18;
    let lengths = (0..50).chain(around(64 << 10)).chain(around(48 << 10));
    let both = [
        cbc(BlockCipher::Sm4, "sm4", Iv::Zero, Armour::Binary),
        cbc(BlockCipher::Aes, "aes256", Iv::Prefixed, Armour::Base64),
        cbc(BlockCipher::Sm4, "sm4", Iv::Prefixed, Armour::Hex),
    ];
    for length in lengths {
        let content: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        for envelope in &both {
            let sealed = seal(envelope, &content, &keys).expect("sealed");
            assert!(
                open(envelope, &sealed, &keys) == Ok(content.clone()),
                "{length}"
            );
        }
    }
}

#[test]
fn another_content_has_another_start_of_its_chain() {
    let envelope = cbc(BlockCipher::Sm4, "sm4", Iv::Prefixed, Armour::Binary);
    let start = |content: &[u8]| {
        let sealed = seal(&envelope, content, &keys()).expect("sealed");
        sealed.get(..16).expect("a prefix").to_vec()
    };
    assert_ne!(start(b"content 1"), start(b"content 2"));
    assert_eq!(start(b"content 1"), start(b"content 1"));
}

#[test]
fn base64_is_read_with_line_ends_and_blanks() {
    let envelope = cbc(BlockCipher::Sm4, "sm4", Iv::Zero, Armour::Base64);
    let content = vec![b'x'; 200_000];
    let sealed = seal(&envelope, &content, &keys()).expect("sealed");
    let lines: Vec<u8> = sealed
        .chunks(76)
        .flat_map(|line| [line, b"\r\n"].concat())
        .collect();
    assert!(open(&envelope, &lines, &keys()) == Ok(content));
}

#[test]
fn what_the_books_keep_of_an_envelope_makes_it_again() {
    let spool = std::env::temp_dir();
    for (sealing, _) in pairs() {
        let written = sealing.written();
        let again = Envelope::for_sealing(&written, "a.txt.enc", &spool).expect("known");
        let [again] = again.as_slice() else {
            panic!("one envelope: {written}");
        };
        assert_eq!(again.written(), written);
        let content = b"content\n";
        assert_eq!(
            seal(again, content, &keys()),
            seal(&sealing, content, &keys()),
            "{written}"
        );
    }
    let several = "zip+sm4_cbc(key=sm4 iv=zero armour=binary)";
    let found = Envelope::for_sealing(several, "a.txt.zip.sm4", &spool).expect("known");
    let [Envelope::Zip(zip), Envelope::Cbc(_)] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(zip.entry, "a.txt");
}

#[test]
fn what_names_no_envelope_is_an_error_and_never_clear_text() {
    let spool = std::env::temp_dir();
    for unknown in [
        "zipp",
        "sm4_cbc",
        "sm4_cbc(key=a)",
        "sm2()",
        "gzip+none(key=a)",
    ] {
        let error = Envelope::for_sealing(unknown, "a", &spool).expect_err("unknown");
        let last = unknown.rsplit('+').next().expect("one");
        assert_eq!(error.to_string(), format!("there is no envelope `{last}`"));
    }
}
