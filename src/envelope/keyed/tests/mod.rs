//! Keyed envelopes: what is sealed opens to itself, and nothing else opens.

mod bank;
mod hostile;
mod round;

use std::io::{Cursor, Read};
use std::path::Path;

use chrono::NaiveDate;

use super::*;
use crate::envelope::Envelope;
use crate::id::KeyName;
use crate::key::{KeyEncoding, KeyPlan, KeyUse, Keyring, Keys, MacAlgorithm, VersionPlan};
use crate::secret::SecretReference;

/// The example keys of GB/T 32918.5 and of a second pair, made for these tests.
const OURS: &str = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";
const OURS_PUBLIC: &str = "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020\
                           ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
const THEIRS: &str = "02fdd79a9b98549775454202165bdcfa98956b12440ead426c80b5f5d53edbd2";
const THEIRS_PUBLIC: &str = "bdb8d35905ff444cb0c7375b6e9346b2a8fe2aa31166e654af8c0e17dce249bd\
                             f0cf2098d8b455a7b86d6706691d290cbc3f83377c940b8841be4f9505bfba19";

const USER: &str = "1234567812345678";

fn name(text: &str) -> KeyName {
    KeyName::new(text).expect("a name")
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 10).expect("a day")
}

/// Keys by name, what they are for and what they are; equal names are versions.
fn ring(keys: &[(&str, KeyUse, &str)]) -> Keyring {
    let mut plans: Vec<KeyPlan> = Vec::new();
    for (number, (key, purpose, _)) in keys.iter().enumerate() {
        let version = VersionPlan {
            value: SecretReference::Env(format!("V{number}")),
            since: None,
            until: None,
        };
        match plans.iter_mut().find(|plan| plan.name.as_str() == *key) {
            Some(plan) => plan.versions.push(version),
            None => plans.push(KeyPlan {
                name: name(key),
                purpose: *purpose,
                encoding: KeyEncoding::Hex,
                versions: vec![version],
            }),
        }
    }
    let env = |variable: &str| {
        let number: usize = variable.strip_prefix('V')?.parse().ok()?;
        keys.get(number).map(|(_, _, value)| (*value).to_owned())
    };
    Keys::open(&plans, Path::new("."), &env)
        .expect("good keys")
        .on(day())
}

/// Every key that the tests use, of both sides.
fn keys() -> Keyring {
    ring(&[
        ("sm4", KeyUse::Sm4, "0123456789abcdeffedcba9876543210"),
        ("aes", KeyUse::Aes, "2b7e151628aed2a6abf7158809cf4f3c"),
        (
            "aes256",
            KeyUse::Aes,
            "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
        ),
        ("hmac", KeyUse::Hmac, "736563726574"),
        ("ours", KeyUse::Sm2Private, OURS),
        ("ours_public", KeyUse::Sm2Public, OURS_PUBLIC),
        ("theirs", KeyUse::Sm2Private, THEIRS),
        ("theirs_public", KeyUse::Sm2Public, THEIRS_PUBLIC),
        ("token", KeyUse::Token, "abc-123"),
    ])
}

fn seal(envelope: &Envelope, content: &[u8], keys: &Keyring) -> Result<Vec<u8>, String> {
    let mut sealed = Vec::new();
    let count = envelope
        .seal_with(&mut &*content, &mut sealed, keys)
        .map_err(|error| error.to_string())?;
    assert_eq!(count, sealed.len() as u64);
    Ok(sealed)
}

/// The content, or the code and the sentence of what refused it.
fn open(
    envelope: &Envelope,
    sealed: &[u8],
    keys: &Keyring,
) -> Result<Vec<u8>, (&'static str, String)> {
    let sealed = Sealed::Stream(Box::new(Cursor::new(sealed.to_vec())));
    let mut opened = envelope.open_with(sealed, keys);
    let mut content = Vec::new();
    match opened.read_to_end(&mut content) {
        Ok(_) => Ok(content),
        Err(error) => {
            assert_eq!(content, b"", "nothing is yielded of what is refused");
            let again = opened.read(&mut [0; 8]).expect_err("it fails again");
            assert_eq!(again.to_string(), error.to_string());
            let found = EnvelopeError::from_io(&error).expect("an envelope's error");
            let code = found.code().expect("a code").id;
            Err((code, error.to_string()))
        }
    }
}

fn cbc(cipher: BlockCipher, key: &str, iv: Iv, armour: Armour) -> Envelope {
    Envelope::Cbc(CbcPlan {
        cipher,
        key: name(key),
        iv,
        armour,
        max_content_bytes: 1 << 20,
        spool: None,
    })
}

fn proof(proof: Proof, place: ProofPlace, armour: Armour) -> Envelope {
    Envelope::Proof(ProofPlan {
        proof,
        place,
        armour,
        max_content_bytes: 1 << 20,
        spool: None,
    })
}

fn hmac(algorithm: MacAlgorithm) -> Proof {
    let key = name("hmac");
    Proof::Hmac { key, algorithm }
}

fn signature(key: &str, form: SignatureForm) -> Proof {
    Proof::Sm2 {
        key: name(key),
        user_id: USER.to_owned(),
        form,
    }
}

fn sm2(key: &str, order: Sm2Order, has_prefix: bool, armour: Armour) -> Envelope {
    Envelope::Sm2(Sm2Plan {
        key: name(key),
        one_time_key: Some(name("theirs")),
        order,
        has_prefix,
        armour,
        max_content_bytes: 1 << 20,
    })
}

/// The bank's envelope as one side has it.
fn sop(own: &str, partner: &str, body: SopBody, is_broken: bool) -> Envelope {
    Envelope::PsbcSop(PsbcSopPlan {
        own_key: name(own),
        partner_key: name(partner),
        merchant_id: "6100000001".to_owned(),
        iv: *b"0123456789abcdef",
        body,
        access_token: Some(name("token")),
        is_broken,
        max_content_bytes: 1 << 20,
    })
}

/// Every envelope, as whoever seals has it and as whoever opens has it.
fn pairs() -> Vec<(Envelope, Envelope)> {
    let mut pairs = Vec::new();
    for armour in [Armour::Binary, Armour::Hex, Armour::Base64] {
        for iv in [Iv::Zero, Iv::Fixed([7; 16]), Iv::Prefixed] {
            for (cipher, key) in [
                (BlockCipher::Sm4, "sm4"),
                (BlockCipher::Aes, "aes"),
                (BlockCipher::Aes, "aes256"),
            ] {
                let both = cbc(cipher, key, iv, armour);
                pairs.push((both.clone(), both));
            }
        }
        for order in [Sm2Order::C1C2C3, Sm2Order::C1C3C2] {
            for has_prefix in [false, true] {
                pairs.push((
                    sm2("ours_public", order, has_prefix, armour),
                    sm2("ours", order, has_prefix, armour),
                ));
            }
        }
    }
    pairs.extend(proofs());
    for is_broken in [false, true] {
        for body in [SopBody::Request, SopBody::Response] {
            pairs.push((
                sop("theirs", "ours_public", body, is_broken),
                sop("ours", "theirs_public", body, is_broken),
            ));
        }
    }
    pairs
}

/// Every proof in every place where it may stand.
fn proofs() -> Vec<(Envelope, Envelope)> {
    let places = [
        ProofPlace::Trailer,
        ProofPlace::FirstLine,
        ProofPlace::LastLine { is_ended: true },
        ProofPlace::LastLine { is_ended: false },
    ];
    let mut pairs = Vec::new();
    for place in places {
        for armour in [Armour::Binary, Armour::Hex, Armour::Base64] {
            for algorithm in [MacAlgorithm::Sha256, MacAlgorithm::Sm3] {
                let both = proof(hmac(algorithm), place, armour);
                pairs.push((both.clone(), both));
            }
            for form in [SignatureForm::Raw, SignatureForm::Der, SignatureForm::Rs] {
                pairs.push((
                    proof(signature("theirs", form), place, armour),
                    proof(signature("theirs_public", form), place, armour),
                ));
            }
        }
    }
    // What a job is not allowed to declare either.
    pairs.retain(|(sealing, _)| match sealing {
        Envelope::Proof(plan) if plan.place == ProofPlace::Trailer => plan.fixed_bytes().is_some(),
        Envelope::Proof(plan) => plan.is_text(),
        _ => true,
    });
    pairs
}
