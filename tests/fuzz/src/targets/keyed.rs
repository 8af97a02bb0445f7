//! Envelopes that need keys, opened with keys that are known here.

use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::LazyLock;

use chrono::NaiveDate;
use dukou::envelope::{
    Armour, BlockCipher, CbcPlan, Envelope, Iv, Proof, ProofPlace, ProofPlan, PsbcSopPlan, Sealed,
    SignatureForm, Sm2Order, Sm2Plan, SopBody,
};
use dukou::id::KeyName;
use dukou::key::{KeyEncoding, KeyPlan, KeyUse, Keyring, Keys, MacAlgorithm, VersionPlan};
use dukou::secret::SecretReference;

/// What opened content may grow to here.
const MAX_OPENED: u64 = 1 << 20;

/// The example keys of GM/T 0002 and GB/T 32918.5: both sides have them.
static KEYS: LazyLock<Keyring> = LazyLock::new(|| {
    let private = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";
    let public = "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020\
                  ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
    let keys = [
        ("sm4", KeyUse::Sm4, "0123456789abcdeffedcba9876543210"),
        ("hmac", KeyUse::Hmac, "736563726574"),
        ("private", KeyUse::Sm2Private, private),
        ("public", KeyUse::Sm2Public, public),
    ];
    let plans = keys.map(|(key, purpose, _)| KeyPlan {
        name: name(key),
        purpose,
        encoding: KeyEncoding::Hex,
        versions: vec![VersionPlan {
            value: SecretReference::Env(key.to_owned()),
            since: None,
            until: None,
        }],
    });
    let value = |wanted: &str| {
        let found = keys.iter().find(|(key, _, _)| *key == wanted)?;
        Some(found.2.to_owned())
    };
    Keys::open(&plans, Path::new("."), &value)
        .expect("good keys")
        .on(NaiveDate::default())
});

fn name(text: &str) -> KeyName {
    KeyName::new(text).expect("a name")
}

pub fn sm4_cbc(data: &[u8]) {
    of_all(&chains(), data);
}

pub fn sm4_cbc_seeds() -> Vec<Vec<u8>> {
    seeds(&chains())
}

fn chains() -> Vec<(Envelope, Envelope)> {
    let forms = [
        (Iv::Zero, Armour::Binary),
        (Iv::Prefixed, Armour::Hex),
        (Iv::Prefixed, Armour::Base64),
    ];
    let plan = |(iv, armour)| {
        Envelope::Cbc(CbcPlan {
            cipher: BlockCipher::Sm4,
            key: name("sm4"),
            iv,
            armour,
            max_content_bytes: MAX_OPENED,
            spool: None,
        })
    };
    forms.map(|form| (plan(form), plan(form))).to_vec()
}

pub fn hmac(data: &[u8]) {
    of_all(&codes(), data);
}

pub fn hmac_seeds() -> Vec<Vec<u8>> {
    seeds(&codes())
}

fn codes() -> Vec<(Envelope, Envelope)> {
    let proof = || Proof::Hmac {
        key: name("hmac"),
        algorithm: MacAlgorithm::Sm3,
    };
    let both = |place, armour| {
        (
            proved(proof(), place, armour),
            proved(proof(), place, armour),
        )
    };
    vec![
        both(ProofPlace::Trailer, Armour::Binary),
        both(ProofPlace::FirstLine, Armour::Hex),
        both(ProofPlace::LastLine { is_ended: true }, Armour::Base64),
    ]
}

fn proved(proof: Proof, place: ProofPlace, armour: Armour) -> Envelope {
    Envelope::Proof(ProofPlan {
        proof,
        place,
        armour,
        max_content_bytes: MAX_OPENED,
        spool: None,
    })
}

pub fn sm2_signature(data: &[u8]) {
    of_all(&signatures(), data);
}

pub fn sm2_signature_seeds() -> Vec<Vec<u8>> {
    seeds(&signatures())
}

fn signatures() -> Vec<(Envelope, Envelope)> {
    let pair = |form, place, armour| {
        let proof = |key: &str| Proof::Sm2 {
            key: name(key),
            user_id: "1234567812345678".to_owned(),
            form,
        };
        (
            proved(proof("private"), place, armour),
            proved(proof("public"), place, armour),
        )
    };
    vec![
        pair(SignatureForm::Raw, ProofPlace::Trailer, Armour::Binary),
        pair(SignatureForm::Der, ProofPlace::FirstLine, Armour::Base64),
        pair(
            SignatureForm::Rs,
            ProofPlace::LastLine { is_ended: false },
            Armour::Hex,
        ),
    ]
}

pub fn sm2(data: &[u8]) {
    of_all(&ciphers(), data);
}

pub fn sm2_seeds() -> Vec<Vec<u8>> {
    seeds(&ciphers())
}

fn ciphers() -> Vec<(Envelope, Envelope)> {
    let plan = |key: &str, order, has_prefix, armour| {
        Envelope::Sm2(Sm2Plan {
            key: name(key),
            one_time_key: Some(name("hmac")),
            order,
            has_prefix,
            armour,
            max_content_bytes: MAX_OPENED,
        })
    };
    let pair = |order, has_prefix, armour| {
        (
            plan("public", order, has_prefix, armour),
            plan("private", order, has_prefix, armour),
        )
    };
    vec![
        pair(Sm2Order::C1C3C2, true, Armour::Binary),
        pair(Sm2Order::C1C2C3, false, Armour::Base64),
    ]
}

pub fn psbc_sop(data: &[u8]) {
    of_all(&messages(), data);
}

pub fn psbc_sop_seeds() -> Vec<Vec<u8>> {
    seeds(&messages())
}

fn messages() -> Vec<(Envelope, Envelope)> {
    let plan = |body| {
        Envelope::PsbcSop(PsbcSopPlan {
            own_key: name("private"),
            partner_key: name("public"),
            merchant_id: "6100000001".to_owned(),
            iv: *b"0123456789abcdef",
            body,
            access_token: None,
            is_broken: body == SopBody::Response,
            max_content_bytes: MAX_OPENED,
        })
    };
    let bodies = [SopBody::Request, SopBody::Response];
    bodies.map(|body| (plan(body), plan(body))).to_vec()
}

fn seeds(pairs: &[(Envelope, Envelope)]) -> Vec<Vec<u8>> {
    let contents = [&b"a\n"[..], b"{\"head\":{},\"body\":{}}\n", &[b'\n'; 300]];
    let seal = |envelope: &Envelope, mut content: &[u8]| {
        let mut sealed = Vec::new();
        envelope
            .seal_with(&mut content, &mut sealed, &KEYS)
            .expect("memory takes it");
        sealed
    };
    pairs
        .iter()
        .flat_map(|(sealing, _)| contents.map(|content| seal(sealing, content)))
        .collect()
}

fn of_all(pairs: &[(Envelope, Envelope)], data: &[u8]) {
    for (sealing, opening) in pairs {
        if let Ok(content) = opened(opening, data) {
            assert!(content.len() as u64 <= MAX_OPENED, "more than its limit");
        }
        // What can be sealed opens to itself.
        let mut sealed = Vec::new();
        if sealing
            .seal_with(&mut &data[..], &mut sealed, &KEYS)
            .is_ok()
        {
            let again = opened(opening, &sealed).expect("what was sealed opens");
            assert_eq!(again, data, "sealed and opened");
        }
    }
}

fn opened(envelope: &Envelope, data: &[u8]) -> std::io::Result<Vec<u8>> {
    let sealed = Sealed::Stream(Box::new(Cursor::new(data.to_vec())));
    let mut content = Vec::new();
    envelope
        .open_with(sealed, &KEYS)
        .take(MAX_OPENED + 1)
        .read_to_end(&mut content)?;
    Ok(content)
}
