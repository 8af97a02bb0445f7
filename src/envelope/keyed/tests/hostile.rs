//! What is cut, altered, of another or too large is refused, with its code and in one sentence.

use super::*;

/// Whether an envelope proves its content.
fn is_proving(envelope: &Envelope) -> bool {
    !matches!(envelope, Envelope::Cbc(_))
}

#[test]
fn a_flipped_bit_anywhere_is_refused_by_everything_that_proves() {
    let keys = keys();
    for (sealing, opening) in pairs().into_iter().filter(|(one, _)| is_proving(one)) {
        let sealed = seal(&sealing, b"{\"amount\":100}\n", &keys).expect("sealed");
        // Every bit of the first and last bytes, one bit of every byte between.
        for at in 0..sealed.len() {
            let is_edge = at < 4 || at + 4 >= sealed.len();
            let bits = if is_edge {
                0..8
            } else {
                at as u32 % 8..at as u32 % 8 + 1
            };
            for bit in bits {
                let mut altered = sealed.clone();
                altered[at] ^= 1 << bit;
                let opened = open(&opening, &altered, &keys);
                assert!(opened.is_err(), "byte {at}, bit {bit} of {opening:?}");
            }
        }
    }
}

#[test]
fn what_is_cut_is_refused() {
    let keys = keys();
    for (sealing, opening) in pairs() {
        let sealed = seal(&sealing, b"{\"amount\":100}\n", &keys).expect("sealed");
        for end in 0..sealed.len() {
            let cut = sealed.get(..end).expect("within");
            assert!(open(&opening, cut, &keys).is_err(), "{end} of {opening:?}");
        }
        if is_proving(&sealing) {
            let longer = [&sealed[..], b"x"].concat();
            assert!(open(&opening, &longer, &keys).is_err(), "{opening:?}");
        }
    }
}

#[test]
fn wrong_keys_wrong_padding_and_altered_bytes_are_one_sentence() {
    let envelope = cbc(BlockCipher::Sm4, "sm4", Iv::Zero, Armour::Binary);
    let sealed = seal(&envelope, b"content", &keys()).expect("sealed");
    let expected = (
        "envelope-undecryptable",
        "the sm4_cbc envelope cannot be opened: it does not open with key `sm4`: another key, \
         another `iv`, or altered bytes"
            .to_owned(),
    );
    let wrong = ring(&[("sm4", KeyUse::Sm4, "ffffffffffffffffffffffffffffffff")]);
    assert_eq!(open(&envelope, &sealed, &wrong), Err(expected.clone()));
    let mut altered = sealed.clone();
    altered[3] ^= 1;
    assert_eq!(open(&envelope, &altered, &keys()), Err(expected));
}

#[test]
fn every_padding_is_looked_at_whole() {
    // One block whose clear text is chosen: encrypted without padding of its own.
    let keys = keys();
    let envelope = cbc(BlockCipher::Sm4, "sm4", Iv::Zero, Armour::Binary);
    let held = keys.current(&name("sm4")).expect("a key");
    let opened = |clear: [u8; 16]| {
        let mut block = clear;
        held.cbc_encryptor(&[0; 16])
            .expect("sm4")
            .encrypt(&mut block);
        open(&envelope, &block, &keys).map_err(|(code, _)| code)
    };
    for padding in 1..=16_u8 {
        let mut good = [b'a'; 16];
        let from = 16 - usize::from(padding);
        good[from..].fill(padding);
        assert_eq!(opened(good), Ok(vec![b'a'; from]));
        if padding > 1 {
            let mut wrong = good;
            wrong[from] ^= 0x40;
            assert_eq!(opened(wrong), Err("envelope-undecryptable"), "{padding}");
        }
    }
    for last in [0, 17, 255] {
        let mut wrong = [last; 16];
        wrong[15] = last;
        assert_eq!(opened(wrong), Err("envelope-undecryptable"), "{last}");
    }
}

#[test]
fn bytes_that_cannot_be_blocks_are_counted() {
    let envelope = cbc(BlockCipher::Aes, "aes", Iv::Prefixed, Armour::Binary);
    for count in [0, 1, 15, 16, 33] {
        assert_eq!(
            open(&envelope, &vec![1; count], &keys()),
            Err((
                "envelope-damaged",
                format!(
                    "the aes_cbc envelope cannot be opened: {count} bytes are no whole number of \
                     blocks of 16"
                )
            ))
        );
    }
}

#[test]
fn another_sender_another_user_and_another_code_are_refused() {
    let keys = keys();
    let place = ProofPlace::LastLine { is_ended: true };
    let sealing = proof(signature("theirs", SignatureForm::Rs), place, Armour::Hex);
    let sealed = seal(&sealing, b"line\n", &keys).expect("sealed");
    let of_us = proof(
        signature("ours_public", SignatureForm::Rs),
        place,
        Armour::Hex,
    );
    assert_eq!(
        open(&of_us, &sealed, &keys),
        Err((
            "envelope-unproven",
            "the sm2_signature envelope cannot be opened: the proof does not fit key \
             `ours_public`: another key, another sender, or altered bytes"
                .to_owned()
        ))
    );
    let other_user = Proof::Sm2 {
        key: name("theirs_public"),
        user_id: "somebody else".to_owned(),
        form: SignatureForm::Rs,
    };
    let refused = open(&proof(other_user, place, Armour::Hex), &sealed, &keys);
    assert_eq!(refused.expect_err("unproven").0, "envelope-unproven");
}

#[test]
fn content_beyond_its_limit_is_refused_before_it_is_yielded() {
    let keys = keys();
    let small = |envelope: &Envelope| {
        let mut small = envelope.clone();
        match &mut small {
            Envelope::Cbc(plan) => plan.max_content_bytes = 100,
            Envelope::Proof(plan) => plan.max_content_bytes = 100,
            Envelope::Sm2(plan) => plan.max_content_bytes = 100,
            Envelope::PsbcSop(plan) => plan.max_content_bytes = 100,
            _ => {}
        }
        small
    };
    for (sealing, opening) in pairs() {
        let opening = small(&opening);
        let fits = [vec![b'x'; 99], vec![b'\n']].concat();
        let sealed = seal(&sealing, &fits, &keys).expect("sealed");
        assert_eq!(open(&opening, &sealed, &keys), Ok(fits), "{opening:?}");
        for length in [101, 5_000, 50_000] {
            let content = [vec![b'x'; length - 1], vec![b'\n']].concat();
            let sealed = seal(&sealing, &content, &keys).expect("sealed");
            assert_eq!(
                open(&opening, &sealed, &keys),
                Err((
                    "envelope-too-large",
                    format!(
                        "the {} envelope cannot be opened: it has more content than \
                         `max_content_bytes = 100`",
                        opening.word()
                    )
                ))
            );
        }
    }
}

#[test]
fn an_old_key_opens_beside_the_new_one_and_the_new_one_seals() {
    let (old, new) = (
        "00112233445566778899aabbccddeeff",
        "0123456789abcdeffedcba9876543210",
    );
    let before = ring(&[("sm4", KeyUse::Sm4, old)]);
    let after = ring(&[("sm4", KeyUse::Sm4, new)]);
    let both = ring(&[("sm4", KeyUse::Sm4, old), ("sm4", KeyUse::Sm4, new)]);
    let envelope = cbc(BlockCipher::Sm4, "sm4", Iv::Prefixed, Armour::Binary);
    let content = b"content".to_vec();
    let sealed = seal(&envelope, &content, &before).expect("sealed");
    assert_eq!(open(&envelope, &sealed, &both), Ok(content.clone()));
    assert!(open(&envelope, &sealed, &after).is_err());
    let sealed = seal(&envelope, &content, &both).expect("sealed");
    assert_eq!(open(&envelope, &sealed, &after), Ok(content.clone()));
    // The same of a proof.
    let signed = proof(hmac(MacAlgorithm::Sm3), ProofPlace::Trailer, Armour::Binary);
    let old_ring = ring(&[("hmac", KeyUse::Hmac, "01")]);
    let both = ring(&[("hmac", KeyUse::Hmac, "01"), ("hmac", KeyUse::Hmac, "02")]);
    let sealed = seal(&signed, &content, &old_ring).expect("sealed");
    assert_eq!(open(&signed, &sealed, &both), Ok(content));
}

#[test]
fn without_its_key_nothing_opens_and_nothing_is_sealed() {
    let none = Keyring::none();
    for (sealing, opening) in pairs() {
        let sealed = seal(&sealing, b"content\n", &keys()).expect("sealed");
        let refused = open(&opening, &sealed, &none).expect_err("no keys");
        assert_eq!(refused.0, "key-missing", "{}", refused.1);
        let error = seal(&sealing, b"content\n", &none).expect_err("no keys");
        assert!(error.starts_with("there is no key `"), "{error}");
    }
}

#[test]
fn what_an_envelope_cannot_hold_is_not_sealed() {
    let place = ProofPlace::LastLine { is_ended: true };
    let line = proof(hmac(MacAlgorithm::Sm3), place, Armour::Hex);
    assert_eq!(
        seal(&line, b"no line end", &keys()),
        Err(
            "the hmac envelope cannot be sealed: its last line is the proof, so the content must \
             end in a line end"
                .to_owned()
        )
    );
    assert!(seal(&line, b"", &keys()).is_ok());
    let sm2 = sm2("ours_public", Sm2Order::C1C3C2, true, Armour::Binary);
    assert_eq!(
        seal(&sm2, b"", &keys()),
        Err("the sm2 envelope cannot be sealed: SM2 cannot encrypt empty content".to_owned())
    );
}
