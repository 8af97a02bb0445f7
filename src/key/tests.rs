//! Vectors of the standards, and what is said of keys that are none.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::sm2::{Private, Public};
use super::*;
use crate::id::KeyName;
use crate::secret::SecretReference;
use crate::text::{from_hex, to_hex};

/// GB/T 32918.5, annexes A and C: the private key, the public one, and the number for one message.
const PRIVATE: &str = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8";
const PUBLIC: &str = "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020\
                      CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13";
const K: &str = "59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21";

fn hex(text: &str) -> Vec<u8> {
    from_hex(text).expect("hex")
}

fn block(text: &str) -> [u8; 16] {
    hex(text).try_into().expect("16 bytes")
}

fn name(text: &str) -> KeyName {
    KeyName::new(text).expect("a name")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn version(variable: &str, since: Option<&str>, until: Option<&str>) -> VersionPlan {
    VersionPlan {
        value: SecretReference::Env(variable.to_owned()),
        since: since.map(day),
        until: until.map(day),
    }
}

/// Opens one key whose versions are these texts, in variables `V1`, `V2`, …
fn open_versions(
    purpose: KeyUse,
    encoding: KeyEncoding,
    versions: Vec<VersionPlan>,
    values: &[&str],
) -> Result<Keys, Vec<String>> {
    let plan = KeyPlan {
        name: name("k"),
        purpose,
        encoding,
        versions,
    };
    let env = |variable: &str| {
        let number: usize = variable.strip_prefix('V')?.parse().ok()?;
        values.get(number - 1).map(|value| (*value).to_owned())
    };
    Keys::open([&plan], std::path::Path::new("."), &env)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn held(purpose: KeyUse, encoding: KeyEncoding, value: &str) -> Held {
    let keys = open_versions(purpose, encoding, vec![version("V1", None, None)], &[value]);
    let ring = keys.expect("a good key").on(day("2026-03-10"));
    ring.current(&name("k")).expect("valid").clone()
}

fn refused(purpose: KeyUse, encoding: KeyEncoding, value: &str) -> String {
    open_versions(purpose, encoding, vec![version("V1", None, None)], &[value])
        .expect_err("it must be refused")
        .join("; ")
}

#[test]
fn sm4_gives_the_value_of_gmt_0002() {
    let text = "0123456789abcdeffedcba9876543210";
    let key = held(KeyUse::Sm4, KeyEncoding::Hex, text);
    let mut bytes = hex(text);
    key.cbc_encryptor(&[0; 16])
        .expect("sm4")
        .encrypt(&mut bytes);
    assert_eq!(to_hex(&bytes), "681edf34d206965e86b3e94f536e4246");
    key.cbc_decryptor(&[0; 16])
        .expect("sm4")
        .decrypt(&mut bytes);
    assert_eq!(to_hex(&bytes), text);
}

/// NIST SP 800-38A, F.2.1 and F.2.5.
#[test]
fn aes_in_cbc_mode_gives_the_values_of_nist() {
    let iv = block("000102030405060708090a0b0c0d0e0f");
    let clear = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";
    for (key, encrypted) in [
        (
            "2b7e151628aed2a6abf7158809cf4f3c",
            "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2",
        ),
        (
            "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
            "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d",
        ),
    ] {
        let key = held(KeyUse::Aes, KeyEncoding::Hex, key);
        let mut bytes = hex(clear);
        // The chain goes on from call to call.
        let mut encryptor = key.cbc_encryptor(&iv).expect("aes");
        bytes
            .chunks_mut(16)
            .for_each(|block| encryptor.encrypt(block));
        assert_eq!(to_hex(&bytes), encrypted);
        let mut decryptor = key.cbc_decryptor(&iv).expect("aes");
        bytes
            .chunks_mut(16)
            .for_each(|block| decryptor.decrypt(block));
        assert_eq!(to_hex(&bytes), clear);
    }
}

/// RFC 4231, sections 4.2 and 4.3.
#[test]
fn hmac_gives_the_values_of_rfc_4231() {
    for (key, text, code) in [
        (
            "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
            "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            "4a656665",
            "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
    ] {
        let key = held(KeyUse::Hmac, KeyEncoding::Hex, key);
        let mut mac = key.mac(MacAlgorithm::Sha256).expect("hmac");
        mac.update(text.as_bytes());
        assert_eq!(to_hex(&mac.clone().finish()), code);
        assert!(mac.clone().verify(&hex(code)));
        assert!(!mac.verify(&hex(code)[..31]));
    }
}

/// GB/T 32918.5, annex A: r and s of `message digest`.
#[test]
fn sm2_signatures_are_those_of_gbt_32918() {
    let signature: [u8; 64] = hex(
        "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3\
         B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA",
    )
    .try_into()
    .expect("64 bytes");
    let public = held(KeyUse::Sm2Public, KeyEncoding::Hex, PUBLIC);
    let private = held(KeyUse::Sm2Private, KeyEncoding::Hex, PRIVATE);
    let signed = |key: &Held, user_id: &str| {
        let mut signed = key.sm2_signed(user_id).expect("sm2");
        signed.update(b"message ");
        signed.update(b"digest");
        signed
    };
    let user = "1234567812345678";
    assert!(signed(&public, user).verify(&signature));
    assert!(!signed(&public, "1234567812345679").verify(&signature));
    let own = signed(&private, user).sign().expect("a private key");
    assert_eq!(signed(&private, user).sign(), Some(own), "always the same");
    assert!(signed(&public, user).verify(&own));
    assert_eq!(signed(&public, user).sign(), None);
    for index in 0..64 {
        let mut altered = own;
        altered[index] ^= 1;
        assert!(!signed(&public, user).verify(&altered), "{index}");
    }
    assert!(!signed(&public, user).verify(&[0; 64]));
    let der = signature_to_der(&own).expect("good numbers");
    assert_eq!(signature_from_der(&der), Some(own));
    assert_eq!(signature_from_der(&der[1..]), None);
    assert_eq!(signature_to_der(&[0; 64]), None);
}

/// GB/T 32918.5, annex C: `encryption standard`, encrypted.
#[test]
fn sm2_encryption_is_that_of_gbt_32918() {
    let public = Public::from_bytes(&hex(PUBLIC)).expect("a point");
    let private = Private::from_bytes(&hex(PRIVATE)).expect("a number");
    let k = hex(K).try_into().expect("32 bytes");
    let cipher = public
        .encrypt_with(b"encryption standard", &k)
        .expect("a good number");
    assert_eq!(
        to_hex(&cipher.point).to_uppercase(),
        "04EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73\
         E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0"
    );
    assert_eq!(
        to_hex(&cipher.encrypted),
        "21886ca989ca9c7d58087307ca93092d651efa"
    );
    assert_eq!(
        to_hex(&cipher.code),
        "59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766"
    );
    let content = private.decrypt(&cipher).expect("its own");
    assert_eq!(content.expose(), b"encryption standard");
}

#[test]
fn whatever_is_altered_of_an_sm2_cipher_does_not_open() {
    let public = held(KeyUse::Sm2Public, KeyEncoding::Hex, PUBLIC);
    let private = held(KeyUse::Sm2Private, KeyEncoding::Hex, PRIVATE);
    let once = private.once("test", &[7; 32]).expect("a secret key");
    let cipher = public.sm2_encrypt(b"content", &once).expect("content");
    assert_eq!(public.sm2_encrypt(b"", &once), None);
    let opens = |cipher: &Sm2Cipher| private.sm2_decrypt(cipher).expect("private").is_some();
    assert!(opens(&cipher));
    for index in 0..64 {
        let mut altered = cipher.clone();
        altered.point[index] ^= 0x10;
        assert!(!opens(&altered), "point {index}");
    }
    for index in 0..7 {
        let mut altered = cipher.clone();
        altered.encrypted[index] ^= 1;
        assert!(!opens(&altered), "content {index}");
    }
    for index in 0..32 {
        let mut altered = cipher.clone();
        altered.code[index] ^= 0x80;
        assert!(!opens(&altered), "digest {index}");
    }
}

#[test]
fn numbers_used_once_depend_on_key_purpose_and_content() {
    let key = held(KeyUse::Hmac, KeyEncoding::Text, "a secret");
    let other = held(KeyUse::Hmac, KeyEncoding::Text, "b secret");
    let made = |key: &Held, purpose: &str, content: u8| {
        let once = key.once(purpose, &[content; 32]).expect("secret");
        to_hex(once.at(0).expose())
    };
    let first = made(&key, "iv", 1);
    assert_eq!(made(&key, "iv", 1), first);
    for another in [
        made(&other, "iv", 1),
        made(&key, "key", 1),
        made(&key, "iv", 2),
    ] {
        assert_ne!(another, first);
    }
    let once = key.once("key", &[1; 32]).expect("secret");
    assert_ne!(once.at(0).expose(), once.at(1).expose());
    let characters = once.characters(100);
    assert_eq!(characters.expose().len(), 100);
    assert!(characters.expose().iter().all(u8::is_ascii_alphanumeric));
    let public = held(KeyUse::Sm2Public, KeyEncoding::Hex, PUBLIC);
    assert!(public.once("iv", &[1; 32]).is_none());
}

#[test]
fn what_is_no_such_key_is_refused_without_a_word_of_it() {
    let sentence = |kind: &str, encoding: &str, rest: &str| {
        format!("version 1 of key `k` is not an `{kind}` key in `{encoding}`: expected {rest}")
    };
    assert_eq!(
        refused(KeyUse::Sm4, KeyEncoding::Hex, "00112233"),
        sentence("sm4", "hex", "16 bytes, found 4 bytes")
    );
    assert_eq!(
        refused(KeyUse::Sm4, KeyEncoding::Hex, "not hex at all"),
        sentence("sm4", "hex", "16 bytes")
    );
    assert_eq!(
        refused(KeyUse::Aes, KeyEncoding::Text, "0123456789abcdef01234567"),
        sentence("aes", "text", "16 or 32 bytes, found 24 bytes")
    );
    let number = "a number of 32 bytes below the order of the curve";
    let order = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d5412";
    for last in ["3", "4"] {
        assert_eq!(
            refused(
                KeyUse::Sm2Private,
                KeyEncoding::Hex,
                &format!("{order}{last}")
            ),
            sentence("sm2_private", "hex", &format!("{number}, found 32 bytes"))
        );
    }
    // n - 1 is a number below the order, and the only one that cannot sign.
    assert_eq!(
        refused(KeyUse::Sm2Private, KeyEncoding::Hex, &format!("{order}2")),
        sentence("sm2_private", "hex", &format!("{number}, found 32 bytes"))
    );
    assert_eq!(
        refused(
            KeyUse::Sm2Private,
            KeyEncoding::Pem,
            "-----BEGIN PRIVATE KEY-----"
        ),
        sentence("sm2_private", "pem", number)
    );
    let point =
        "a point of the curve: 64 bytes, 65 that begin with 04, or 33 that begin with 02 or 03";
    let outside = PUBLIC.replace("AD13", "AD14");
    assert_eq!(
        refused(KeyUse::Sm2Public, KeyEncoding::Hex, &outside),
        sentence("sm2_public", "hex", &format!("{point}, found 64 bytes"))
    );
    assert_eq!(
        refused(KeyUse::Token, KeyEncoding::Text, "two words"),
        sentence("token", "text", "visible ASCII characters")
    );
}

#[test]
fn every_key_that_cannot_be_had_is_told_at_once() {
    let versions = vec![version("V1", None, None), version("V2", None, None)];
    let errors = open_versions(KeyUse::Sm4, KeyEncoding::Hex, versions, &["00"]);
    assert_eq!(
        errors.expect_err("both"),
        [
            "version 1 of key `k` is not an `sm4` key in `hex`: expected 16 bytes, found 1 bytes",
            "version 2 of key `k`: environment variable `V2` is not set; set it where dukou is \
             started",
        ]
    );
}

#[test]
fn a_day_has_the_versions_that_are_valid_and_seals_with_the_newest() {
    let versions = vec![
        version("V1", None, Some("2026-03-31")),
        version("V2", Some("2026-03-15"), Some("2026-12-31")),
    ];
    let old = "00".repeat(16);
    let new = "11".repeat(16);
    let keys = open_versions(KeyUse::Sm4, KeyEncoding::Hex, versions, &[&old, &new]);
    let keys = keys.expect("good keys");
    let first_block = |held: &Held| {
        let mut block = [0; 16];
        held.cbc_encryptor(&[0; 16])
            .expect("sm4")
            .encrypt(&mut block);
        block
    };
    let of = |value: &str| first_block(&held(KeyUse::Sm4, KeyEncoding::Hex, value));
    let (old, new) = (of(&old), of(&new));
    for (on, valid) in [
        ("2026-03-14", vec![old]),
        ("2026-03-15", vec![new, old]),
        ("2026-03-31", vec![new, old]),
        ("2026-04-01", vec![new]),
    ] {
        let ring = keys.on(day(on));
        let found = ring.valid(&name("k")).expect("some");
        let found: Vec<_> = found.into_iter().map(first_block).collect();
        assert_eq!(found, valid, "{on}");
        let current = ring.current(&name("k")).expect("one");
        assert_eq!(Some(&first_block(current)), valid.first(), "{on}");
    }
    let late = keys.on(day("2027-01-01"));
    let error = late.current(&name("k")).expect_err("none");
    assert_eq!(
        error.to_string(),
        "no version of key `k` is valid on 2027-01-01"
    );
    assert_eq!(error.code().id, "key-not-valid");
    let unknown = late.current(&name("z")).expect_err("no such key");
    assert_eq!(unknown.to_string(), "there is no key `z` in the settings");
}

#[test]
fn a_key_is_never_shown() {
    let secret = "00112233445566778899aabbccddeeff";
    for (purpose, value) in [(KeyUse::Sm4, secret), (KeyUse::Sm2Private, PRIVATE)] {
        let keys = open_versions(
            purpose,
            KeyEncoding::Hex,
            vec![version("V1", None, None)],
            &[value],
        );
        let shown = format!("{:?}", keys.expect("good"));
        assert!(
            shown.contains("Secret(…)") || shown.contains("Private { .. }"),
            "{shown}"
        );
        assert!(
            !shown.to_lowercase().contains(&value.to_lowercase()),
            "{shown}"
        );
    }
}

proptest! {
    #[test]
    fn what_is_encrypted_with_sm2_decrypts_to_itself(content in prop::collection::vec(any::<u8>(), 1..200)) {
        let public = held(KeyUse::Sm2Public, KeyEncoding::Hex, PUBLIC);
        let private = held(KeyUse::Sm2Private, KeyEncoding::Hex, PRIVATE);
        let once = private.once("test", &[1; 32]).expect("secret");
        let cipher = public.sm2_encrypt(&content, &once).expect("content");
        let opened = private.sm2_decrypt(&cipher).expect("private").expect("its own");
        prop_assert_eq!(opened.expose(), &content);
    }
}
