//! The real-time envelope of PSBC's open platform (bank.md §1), exactly.
//!
//! | member | is |
//! |---|---|
//! | `request` or `response` | Base64 of SM4-CBC of the inner JSON; the IV is the platform's constant |
//! | `encryptKey` | upper-case hex of SM2 of the 16 characters that are the SM4 key: `04`, C1, C2, C3 |
//! | `accessToken` | a token, often empty or null |
//! | `signature` | SM2 of the three texts above, one after another, as `hex(r)#hex(s)`; user id: the merchant's number |
//!
//! The signature covers the Base64 with the line ends that the bank's encoder puts into it.

use std::io::{Read, Write};

use serde::{Deserialize, Serialize};

use super::proof::{rs_decoded, rs_encoded};
use super::whole::{self, too_large};
use super::{Content, PsbcSopPlan, Sm2Order, SopBody, Stop, sm2, unsealable, without_key};
use crate::digest::Sha256;
use crate::envelope::{ENVELOPE_UNDECRYPTABLE, ENVELOPE_UNPROVEN, EnvelopeError, Refused, Sealed};
use crate::key::{BLOCK, Held, Keyring};
use crate::text::{from_base64, from_hex, to_base64, to_hex};

const KIND: &str = "psbc_sop";

/// Characters of a session key.
const SESSION: usize = 16;

/// Characters of a line of Base64 by Java's encoder.
const LINE: usize = 76;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Outer {
    request: Option<String>,
    response: Option<String>,
    #[serde(rename = "encryptKey")]
    encrypt_key: String,
    #[serde(rename = "accessToken")]
    access_token: Option<String>,
    signature: String,
}

#[derive(Serialize)]
struct Made<'m> {
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<&'m str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<&'m str>,
    #[serde(rename = "encryptKey")]
    encrypt_key: &'m str,
    #[serde(rename = "accessToken")]
    access_token: &'m str,
    signature: &'m str,
}

/// The inner JSON, once the signature proves it.
pub(super) fn open(sealed: Sealed, plan: &PsbcSopPlan, keys: &Keyring) -> Result<Content, Stop> {
    // Base64 takes 4 for 3, and each of its line ends two more in JSON.
    let most = plan
        .max_content_bytes
        .saturating_mul(2)
        .saturating_add(8 << 10);
    let text = whole::bytes(KIND, sealed, most, 0).map_err(|stop| match stop {
        Stop::Refused(_) => too_large(KIND, plan.max_content_bytes).into(),
        below @ Stop::Below(_) => below,
    })?;
    let outer: Outer = serde_json::from_slice(&text).map_err(|error| {
        // serde's message may quote a value.
        let (line, column) = (error.line(), error.column());
        Refused::damaged(
            KIND,
            format!("line {line}, column {column} is not the bank's JSON"),
        )
    })?;
    let found = match plan.body {
        SopBody::Request => outer.request.as_ref().filter(|_| outer.response.is_none()),
        SopBody::Response => outer.response.as_ref().filter(|_| outer.request.is_none()),
    };
    let body = found
        .ok_or_else(|| Refused::damaged(KIND, format!("it has no `{}` alone", plan.body.word())))?;
    prove(&outer, body, plan, keys)?;
    let session = session_key(&outer.encrypt_key, plan, keys)?;
    let content = decrypted(body, &session, plan)?;
    if content.len() as u64 > plan.max_content_bytes {
        return Err(too_large(KIND, plan.max_content_bytes).into());
    }
    Ok(Box::new(std::io::Cursor::new(content)))
}

fn prove(outer: &Outer, body: &str, plan: &PsbcSopPlan, keys: &Keyring) -> Result<(), Refused> {
    let name = &plan.partner_key;
    let signature = rs_decoded(&outer.signature)
        .ok_or_else(|| Refused::damaged(KIND, "its signature is not `hex(r)#hex(s)`"))?;
    let valid = keys
        .valid(name)
        .map_err(|error| without_key(KIND, &error))?;
    for held in valid {
        let mut signed = held
            .sm2_signed(&plan.merchant_id)
            .ok_or_else(|| without_key(KIND, &keys.wrong_use(name, "verifying with SM2")))?;
        let token = outer.access_token.as_deref().unwrap_or_default();
        for part in [body, &outer.encrypt_key, token] {
            signed.update(part.as_bytes());
        }
        if signed.verify(&signature) {
            return Ok(());
        }
    }
    Err(Refused {
        code: &ENVELOPE_UNPROVEN,
        kind: KIND,
        detail: format!(
            "its signature does not fit key `{name}` and merchant `{}`: another key, another \
             merchant, or altered bytes",
            plan.merchant_id.escape_debug()
        ),
    })
}

fn session_key(hex: &str, plan: &PsbcSopPlan, keys: &Keyring) -> Result<Held, Refused> {
    let bytes = from_hex(hex)
        .ok_or_else(|| Refused::damaged(KIND, "its `encryptKey` is not hex of one case"))?;
    let cipher = sm2::parted(&bytes, Sm2Order::C1C2C3, true).map_err(|refused| Refused {
        kind: KIND,
        ..refused
    })?;
    let key = sm2::decrypted(KIND, &cipher, &plan.own_key, keys)?;
    Held::session(key).ok_or_else(|| {
        Refused::damaged(
            KIND,
            format!("its session key has not {SESSION} characters"),
        )
    })
}

fn decrypted(body: &str, session: &Held, plan: &PsbcSopPlan) -> Result<Vec<u8>, Refused> {
    let undecryptable = || Refused {
        code: &ENVELOPE_UNDECRYPTABLE,
        kind: KIND,
        detail: "its body does not open with its own session key: another `iv`, or the sender's \
                 mistake"
            .to_owned(),
    };
    let mut blocks =
        from_base64(body).ok_or_else(|| Refused::damaged(KIND, "its body is not whole base64"))?;
    let mut cbc = session.cbc_decryptor(&plan.iv).ok_or_else(undecryptable)?;
    if blocks.is_empty() || !blocks.len().is_multiple_of(BLOCK) {
        return Err(undecryptable());
    }
    cbc.decrypt(&mut blocks);
    let padding = blocks
        .last_chunk()
        .and_then(super::cbc::padding)
        .ok_or_else(undecryptable)?;
    blocks.truncate(blocks.len() - padding as usize);
    Ok(blocks)
}

/// Seals one message.
pub(super) fn seal(
    content: &mut dyn Read,
    sealed: &mut dyn Write,
    plan: &PsbcSopPlan,
    keys: &Keyring,
) -> Result<(), EnvelopeError> {
    let content = sm2::small(KIND, content, plan.max_content_bytes)?;
    let own = keys.current(&plan.own_key)?;
    let once = own
        .once(KIND, &Sha256::of(&content).0)
        .ok_or_else(|| keys.wrong_use(&plan.own_key, "making numbers that are used once"))?;
    let session = once.characters(SESSION);
    let encrypt_key = keys
        .current(&plan.partner_key)?
        .sm2_encrypt(session.expose(), &once_for_key(own, &content)?)
        .ok_or_else(|| sm2::wrong_key(keys, &plan.partner_key))?;
    let encrypt_key = to_hex(&sm2::joined(&encrypt_key, Sm2Order::C1C2C3, true)).to_uppercase();
    let session = Held::session(session).ok_or_else(|| unsealable(KIND, "no session key"))?;
    let body =
        encrypted(content, &session, plan).ok_or_else(|| unsealable(KIND, "no session key"))?;
    let token = match &plan.access_token {
        Some(name) => keys
            .current(name)?
            .token()
            .ok_or_else(|| keys.wrong_use(name, "an access token"))?
            .expose()
            .clone(),
        None => String::new(),
    };
    let mut signed = own
        .sm2_signed(&plan.merchant_id)
        .ok_or_else(|| keys.wrong_use(&plan.own_key, "signing with SM2"))?;
    for part in [&body, &encrypt_key, &token] {
        signed.update(part.as_bytes());
    }
    let signature = signed
        .sign()
        .ok_or_else(|| keys.wrong_use(&plan.own_key, "signing with SM2"))?;
    let made = Made {
        request: (plan.body == SopBody::Request).then_some(body.as_str()),
        response: (plan.body == SopBody::Response).then_some(body.as_str()),
        encrypt_key: &encrypt_key,
        access_token: &token,
        signature: &rs_encoded(&signature),
    };
    let json = serde_json::to_vec(&made).map_err(|error| EnvelopeError::Write(error.into()))?;
    sealed.write_all(&json).map_err(EnvelopeError::Write)
}

/// The number for the session key's encryption is another one than the key itself is made from.
fn once_for_key(own: &Held, content: &[u8]) -> Result<crate::key::Once, EnvelopeError> {
    own.once("psbc_sop key", &Sha256::of(content).0)
        .ok_or_else(|| unsealable(KIND, "the key makes no numbers that are used once"))
}

fn encrypted(content: Vec<u8>, session: &Held, plan: &PsbcSopPlan) -> Option<String> {
    let mut blocks = content;
    let padding = BLOCK - blocks.len() % BLOCK;
    blocks.resize(blocks.len() + padding, padding as u8);
    session.cbc_encryptor(&plan.iv)?.encrypt(&mut blocks);
    let text = to_base64(&blocks);
    if !plan.is_broken {
        return Some(text);
    }
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(LINE)
        .filter_map(|line| str::from_utf8(line).ok())
        .collect();
    Some(lines.join("\n"))
}
