//! Envelopes that need keys, as a job declares them.

use super::codes::BAD_JOB;
use super::{World, unknown};
use crate::diag::{Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section};
use crate::envelope::{
    Armour, BlockCipher, CbcPlan, Envelope, Iv, Proof, ProofPlace, ProofPlan, PsbcSopPlan,
    SignatureForm, Sm2Order, Sm2Plan, SopBody,
};
use crate::id::KeyName;
use crate::key::{KeyUse, MAX_USER_ID_BYTES, MacAlgorithm};
use crate::text::from_hex;

/// The user id of GB/T 35276 where two sides agreed on none.
const DEFAULT_USER_ID: &str = "1234567812345678";

/// The most content that is held in memory, in bytes.
const MEMORY: KeyKind = KeyKind::Integer {
    min: 1,
    max: 64 << 20,
};

const ARMOUR: Key = Key::with_default(
    "text",
    KeyKind::OneOf(Armour::WORDS),
    "binary",
    "How the sealed bytes are written.",
);

const MAX_CONTENT: Key = Key::optional(
    "max_content_bytes",
    KeyKind::POSITIVE,
    "Bytes of content; the limit of the settings when absent.",
);

const CBC_KEYS: &[Key] = &[
    Key::required("key", KeyKind::Name, "The key of the settings."),
    Key::with_default(
        "iv",
        KeyKind::OneOf(&["prefixed", "zero", "fixed"]),
        "prefixed",
        "What the chain begins with: 16 bytes before the blocks, 16 zero bytes, or `fixed_iv`.",
    ),
    Key::optional(
        "fixed_iv",
        KeyKind::Name,
        "With `iv = \"fixed\"`: 16 bytes as 32 hex digits, or as 16 characters.",
    ),
    ARMOUR,
    MAX_CONTENT,
];

const PLACE: Key = Key::with_default(
    "place",
    KeyKind::OneOf(ProofPlace::WORDS),
    "trailer",
    "Where the proof stands: the last bytes, a line before the content, or a line behind it (`_open`: without a line end).",
);

const HMAC_KEYS: &[Key] = &[
    Key::required("key", KeyKind::Name, "The key of the settings."),
    Key::with_default(
        "algorithm",
        KeyKind::OneOf(&["sm3", "sha256"]),
        "sm3",
        "Over which digest.",
    ),
    PLACE,
    ARMOUR,
    MAX_CONTENT,
];

const SIGNATURE_KEYS: &[Key] = &[
    Key::required(
        "key",
        KeyKind::Name,
        "Opened: the partner's public key. Sealed: our private key.",
    ),
    Key::with_default("user_id", KeyKind::Name, DEFAULT_USER_ID, "Who signs."),
    Key::with_default(
        "form",
        KeyKind::OneOf(SignatureForm::WORDS),
        "raw",
        "How r and s are put together: 64 bytes, DER, or `hex(r)#hex(s)`.",
    ),
    PLACE,
    ARMOUR,
    MAX_CONTENT,
];

const ORDER: Key = Key::with_default(
    "order",
    KeyKind::OneOf(Sm2Order::WORDS),
    "c1c3c2",
    "The order of point (C1), encrypted content (C2) and digest (C3).",
);

const POINT_PREFIX: Key = Key::with_default(
    "point_prefix",
    KeyKind::Boolean,
    "true",
    "Whether `04` stands before the point.",
);

const SM2_MAX: Key = Key::with_default(
    "max_content_bytes",
    MEMORY,
    "1048576",
    "Bytes of content: they are held in memory.",
);

const SM2_OPENED_KEYS: &[Key] = &[
    Key::required("key", KeyKind::Name, "Our private key."),
    ORDER,
    POINT_PREFIX,
    ARMOUR,
    SM2_MAX,
];

const SM2_SEALED_KEYS: &[Key] = &[
    Key::required("key", KeyKind::Name, "The partner's public key."),
    Key::required(
        "one_time_key",
        KeyKind::Name,
        "A secret key of ours, of which the number for one message is made.",
    ),
    ORDER,
    POINT_PREFIX,
    ARMOUR,
    SM2_MAX,
];

const OWN_KEY: Key = Key::required(
    "own_key",
    KeyKind::Name,
    "Our SM2 private key: signs what leaves, opens what comes.",
);

const PARTNER_KEY: Key = Key::required(
    "partner_key",
    KeyKind::Name,
    "The bank's SM2 public key: proves what comes, encrypts what leaves.",
);

const MERCHANT_ID: Key = Key::required(
    "merchant_id",
    KeyKind::Name,
    "The merchant's number: the user id of both sides' signatures.",
);

const SOP_IV: Key = Key::required(
    "fixed_iv",
    KeyKind::Name,
    "The platform's constant: 16 characters, or 16 bytes as 32 hex digits.",
);

const SOP_BODY: Key = Key::with_default(
    "body",
    KeyKind::OneOf(SopBody::WORDS),
    "request",
    "The member that holds the content.",
);

const SOP_MAX: Key = Key::with_default(
    "max_content_bytes",
    MEMORY,
    "4194304",
    "Bytes of content: they are held in memory.",
);

const PSBC_SOP_OPENED_KEYS: &[Key] =
    &[OWN_KEY, PARTNER_KEY, MERCHANT_ID, SOP_IV, SOP_BODY, SOP_MAX];

const PSBC_SOP_SEALED_KEYS: &[Key] = &[
    OWN_KEY,
    PARTNER_KEY,
    MERCHANT_ID,
    SOP_IV,
    SOP_BODY,
    Key::optional(
        "access_token",
        KeyKind::Name,
        "The `token` key of the settings that is sent along; none when absent.",
    ),
    Key::with_default(
        "broken_lines",
        KeyKind::Boolean,
        "false",
        "Whether the Base64 is broken after 76 characters, as the bank's own is.",
    ),
    SOP_MAX,
];

pub(super) const SM4_CBC: Key = Key::kind(
    "sm4_cbc",
    KeyKind::Table(CBC_KEYS),
    "SM4 in CBC mode, padded (PKCS#7).",
);
pub(super) const AES_CBC: Key = Key::kind(
    "aes_cbc",
    KeyKind::Table(CBC_KEYS),
    "AES of 128 or 256 bits in CBC mode, padded (PKCS#7).",
);
pub(super) const HMAC: Key = Key::kind(
    "hmac",
    KeyKind::Table(HMAC_KEYS),
    "A code beside readable content, which both sides can make.",
);
pub(super) const SM2_SIGNATURE: Key = Key::kind(
    "sm2_signature",
    KeyKind::Table(SIGNATURE_KEYS),
    "A signature (SM2 with SM3) beside readable content.",
);
pub(super) const SM2_OPENED: Key = Key::kind(
    "sm2",
    KeyKind::Table(SM2_OPENED_KEYS),
    "Small content, encrypted with SM2 as a whole.",
);
pub(super) const SM2_SEALED: Key = Key::kind(
    "sm2",
    KeyKind::Table(SM2_SEALED_KEYS),
    "Small content, encrypted with SM2 as a whole.",
);
pub(super) const PSBC_SOP_OPENED: Key = Key::kind(
    "psbc_sop",
    KeyKind::Table(PSBC_SOP_OPENED_KEYS),
    "The real-time envelope of PSBC's open platform: JSON with SM4, SM2 and a signature.",
);
pub(super) const PSBC_SOP_SEALED: Key = Key::kind(
    "psbc_sop",
    KeyKind::Table(PSBC_SOP_SEALED_KEYS),
    "The real-time envelope of PSBC's open platform: JSON with SM4, SM2 and a signature.",
);

/// Which way an envelope is gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Opened,
    Sealed,
}

/// Reads one keyed envelope.
pub(super) fn read(
    kind: &str,
    section: &Section<'_>,
    way: Way,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<Envelope> {
    match kind {
        "sm4_cbc" => cbc(BlockCipher::Sm4, section, world, problems),
        "aes_cbc" => cbc(BlockCipher::Aes, section, world, problems),
        "hmac" => hmac(section, world, problems),
        "sm2_signature" => signature(section, way, world, problems),
        "sm2" => sm2(section, way, world, problems),
        _ => psbc_sop(section, way, world, problems),
    }
}

fn armour(section: &Section<'_>) -> Option<Armour> {
    Some(Armour::of_word(section.word("text")?.value))
}

fn max_content(section: &Section<'_>, world: &World<'_>) -> u64 {
    section
        .count("max_content_bytes")
        .map_or(world.settings.limits.content_bytes, |item| item.value)
}

/// A key of the settings that one of some uses fits.
fn key(
    section: &Section<'_>,
    name: &str,
    uses: &[KeyUse],
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<KeyName> {
    let item = section.text(name)?;
    let keys = &world.settings.keys;
    let Some((found, plan)) = keys.iter().find(|(known, _)| known.as_str() == item.value) else {
        let known = keys.keys().map(KeyName::as_str);
        problems.push(unknown(&item, "key", known));
        return None;
    };
    if uses.contains(&plan.purpose) {
        return Some(found.clone());
    }
    let wanted: Vec<String> = uses.iter().map(|one| format!("`{}`", one.word())).collect();
    let message = format!(
        "key `{found}` is an `{}` key; `{name}` {} needs {}",
        plan.purpose.word(),
        section.label(),
        wanted.join(" or ")
    );
    problems.push(Problem::error(&BAD_JOB, item.place, message));
    None
}

fn cbc(
    cipher: BlockCipher,
    section: &Section<'_>,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<Envelope> {
    let purpose = match cipher {
        BlockCipher::Sm4 => KeyUse::Sm4,
        BlockCipher::Aes => KeyUse::Aes,
    };
    let key = key(section, "key", &[purpose], world, problems);
    let iv = iv(section, problems);
    Some(Envelope::Cbc(CbcPlan {
        cipher,
        key: key?,
        iv: iv?,
        armour: armour(section)?,
        max_content_bytes: max_content(section, world),
        spool: Some(world.settings.paths.staging.clone()),
    }))
}

fn iv(section: &Section<'_>, problems: &mut Problems) -> Option<Iv> {
    let word = section.word("iv")?;
    let fixed = section.text("fixed_iv");
    match (word.value, fixed) {
        ("fixed", Some(item)) => block(&item, problems).map(Iv::Fixed),
        ("fixed", None) => {
            let message = "`iv = \"fixed\"` needs `fixed_iv`, its 16 bytes".to_owned();
            problems.push(Problem::error(&BAD_JOB, word.place, message));
            None
        }
        (_, Some(item)) => {
            let message = "`fixed_iv` is only used with `iv = \"fixed\"`".to_owned();
            problems.push(Problem::error(&BAD_JOB, item.place, message));
            None
        }
        ("zero", None) => Some(Iv::Zero),
        (_, None) => Some(Iv::Prefixed),
    }
}

/// 16 bytes: as 32 hex digits, or as 16 characters.
fn block(item: &Item<String>, problems: &mut Problems) -> Option<[u8; 16]> {
    let text = &item.value;
    let bytes = match text.len() {
        16 => Some(text.as_bytes().to_vec()),
        _ => from_hex(text),
    };
    let block = bytes.and_then(|bytes| bytes.try_into().ok());
    if block.is_none() {
        let message = "`fixed_iv` is 32 hex digits of one case, or 16 characters".to_owned();
        problems.push(Problem::error(&BAD_JOB, item.place.clone(), message));
    }
    block
}

fn hmac(section: &Section<'_>, world: &World<'_>, problems: &mut Problems) -> Option<Envelope> {
    let key = key(section, "key", &[KeyUse::Hmac], world, problems);
    let algorithm = match section.word("algorithm")?.value {
        "sha256" => MacAlgorithm::Sha256,
        _ => MacAlgorithm::Sm3,
    };
    let proof = Proof::Hmac {
        key: key?,
        algorithm,
    };
    proof_of(proof, section, world, problems)
}

fn signature(
    section: &Section<'_>,
    way: Way,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<Envelope> {
    let purpose = match way {
        Way::Opened => KeyUse::Sm2Public,
        Way::Sealed => KeyUse::Sm2Private,
    };
    let key = key(section, "key", &[purpose], world, problems);
    let proof = Proof::Sm2 {
        key: key?,
        user_id: user_id(section, "user_id", problems)?,
        form: SignatureForm::of_word(section.word("form")?.value),
    };
    proof_of(proof, section, world, problems)
}

fn user_id(section: &Section<'_>, name: &str, problems: &mut Problems) -> Option<String> {
    let item = section.text(name)?;
    if item.value.len() > MAX_USER_ID_BYTES {
        let message = format!("`{name}` may have {MAX_USER_ID_BYTES} bytes at most");
        problems.push(Problem::error(&BAD_JOB, item.place, message));
        return None;
    }
    Some(item.value)
}

fn proof_of(
    proof: Proof,
    section: &Section<'_>,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<Envelope> {
    let place = section.word("place")?;
    let plan = ProofPlan {
        proof,
        place: ProofPlace::of_word(place.value),
        armour: armour(section)?,
        max_content_bytes: max_content(section, world),
        spool: Some(world.settings.paths.staging.clone()),
    };
    let wrong = match plan.place {
        ProofPlace::Trailer if plan.fixed_bytes().is_none() => {
            "a DER signature has no fixed length: it stands in a line of its own, not as the trailer"
        }
        ProofPlace::FirstLine | ProofPlace::LastLine { .. } if !plan.is_text() => {
            "what stands in a line is text: write `text = \"hex\"` or `text = \"base64\"`"
        }
        _ => return Some(Envelope::Proof(plan)),
    };
    problems.push(Problem::error(&BAD_JOB, place.place, wrong.to_owned()));
    None
}

fn sm2(
    section: &Section<'_>,
    way: Way,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<Envelope> {
    let secret = [KeyUse::Sm2Private, KeyUse::Sm4, KeyUse::Aes, KeyUse::Hmac];
    let (key, one_time_key) = match way {
        Way::Opened => {
            let private = [KeyUse::Sm2Private];
            (key(section, "key", &private, world, problems), Some(None))
        }
        Way::Sealed => {
            let public = [KeyUse::Sm2Public];
            let once = key(section, "one_time_key", &secret, world, problems);
            let public = key(section, "key", &public, world, problems);
            (public, once.map(Some))
        }
    };
    Some(Envelope::Sm2(Sm2Plan {
        key: key?,
        one_time_key: one_time_key?,
        order: Sm2Order::of_word(section.word("order")?.value),
        has_prefix: section.boolean("point_prefix")?.value,
        armour: armour(section)?,
        max_content_bytes: section.count("max_content_bytes")?.value,
    }))
}

fn psbc_sop(
    section: &Section<'_>,
    way: Way,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<Envelope> {
    let own_key = key(section, "own_key", &[KeyUse::Sm2Private], world, problems);
    let partner_key = key(
        section,
        "partner_key",
        &[KeyUse::Sm2Public],
        world,
        problems,
    );
    let iv = section
        .text("fixed_iv")
        .and_then(|item| block(&item, problems));
    let (access_token, is_broken) = match way {
        Way::Opened => (None, false),
        Way::Sealed => {
            let is_wanted = section.has("access_token");
            let token = key(section, "access_token", &[KeyUse::Token], world, problems);
            if is_wanted && token.is_none() {
                return None;
            }
            (token, section.boolean("broken_lines")?.value)
        }
    };
    Some(Envelope::PsbcSop(PsbcSopPlan {
        own_key: own_key?,
        partner_key: partner_key?,
        merchant_id: user_id(section, "merchant_id", problems)?,
        iv: iv?,
        body: SopBody::of_word(section.word("body")?.value),
        access_token,
        is_broken,
        max_content_bytes: section.count("max_content_bytes")?.value,
    }))
}
