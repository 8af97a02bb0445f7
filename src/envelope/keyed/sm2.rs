//! SM2 encryption of small content (GB/T 32918.4): the parts, in either order, with or without the
//! point's `04`.

use std::io::{Read, Write};

use super::whole::{self, too_large};
use super::{Content, Sm2Order, Sm2Plan, Stop, armour, unsealable, without_key};
use crate::digest::Sha256;
use crate::envelope::{ENVELOPE_UNDECRYPTABLE, EnvelopeError, Refused, Sealed};
use crate::id::KeyName;
use crate::key::{CIPHER_OVERHEAD, KeyError, Keyring, Sm2Cipher};
use crate::secret::Secret;

const KIND: &str = "sm2";

/// The content, once C3 proves it.
pub(super) fn open(sealed: Sealed, plan: &Sm2Plan, keys: &Keyring) -> Result<Content, Stop> {
    let around = CIPHER_OVERHEAD as u64;
    let most = armour::most_bytes(plan.armour, plan.max_content_bytes.saturating_add(around));
    let text = whole::bytes(KIND, sealed, most, 0).map_err(|stop| match stop {
        Stop::Refused(_) => too_large(KIND, plan.max_content_bytes).into(),
        below @ Stop::Below(_) => below,
    })?;
    let bytes = armour::decoded(KIND, plan.armour, text)?;
    let cipher = parted(&bytes, plan.order, plan.has_prefix)?;
    if cipher.encrypted.len() as u64 > plan.max_content_bytes {
        return Err(too_large(KIND, plan.max_content_bytes).into());
    }
    let content = decrypted(KIND, &cipher, &plan.key, keys)?;
    // From here on it is content like any other.
    Ok(Box::new(std::io::Cursor::new(content.expose().clone())))
}

/// The parts of what was encrypted.
pub(super) fn parted(
    bytes: &[u8],
    order: Sm2Order,
    has_prefix: bool,
) -> Result<Sm2Cipher, Refused> {
    let parts = || {
        let bytes = match has_prefix {
            true => bytes.strip_prefix(&[4])?,
            false => bytes,
        };
        let (point, rest) = bytes.split_first_chunk::<64>()?;
        let (code, encrypted) = match order {
            Sm2Order::C1C3C2 => rest.split_first_chunk::<32>()?,
            Sm2Order::C1C2C3 => {
                let (encrypted, code) = rest.split_last_chunk::<32>()?;
                (code, encrypted)
            }
        };
        (!encrypted.is_empty()).then(|| Sm2Cipher {
            point: *point,
            encrypted: encrypted.to_vec(),
            code: *code,
        })
    };
    parts().ok_or_else(|| {
        let point = if has_prefix {
            "04 and a point"
        } else {
            "a point"
        };
        let count = bytes.len();
        Refused::damaged(
            KIND,
            format!("{count} bytes are not {point} of 64 bytes, a digest of 32 and content"),
        )
    })
}

/// What was encrypted for a version of our private key.
pub(super) fn decrypted(
    kind: &'static str,
    cipher: &Sm2Cipher,
    name: &KeyName,
    keys: &Keyring,
) -> Result<Secret<Vec<u8>>, Refused> {
    let valid = keys
        .valid(name)
        .map_err(|error| without_key(kind, &error))?;
    for held in valid {
        let found = held
            .sm2_decrypt(cipher)
            .ok_or_else(|| without_key(kind, &keys.wrong_use(name, "decrypting with SM2")))?;
        if let Some(content) = found {
            return Ok(content);
        }
    }
    Err(Refused {
        code: &ENVELOPE_UNDECRYPTABLE,
        kind,
        detail: format!(
            "it does not open with key `{name}`: another key, another order of its parts, or altered \
             bytes"
        ),
    })
}

/// The parts in their order.
pub(super) fn joined(cipher: &Sm2Cipher, order: Sm2Order, has_prefix: bool) -> Vec<u8> {
    let prefix: &[u8] = if has_prefix { &[4] } else { &[] };
    let (point, code) = (&cipher.point[..], &cipher.code[..]);
    match order {
        Sm2Order::C1C2C3 => [prefix, point, &cipher.encrypted, code].concat(),
        Sm2Order::C1C3C2 => [prefix, point, code, &cipher.encrypted].concat(),
    }
}

/// Encrypts all content.
pub(super) fn seal(
    content: &mut dyn Read,
    sealed: &mut dyn Write,
    plan: &Sm2Plan,
    keys: &Keyring,
) -> Result<(), EnvelopeError> {
    let content = small(KIND, content, plan.max_content_bytes)?;
    let name = plan
        .one_time_key
        .as_ref()
        .ok_or_else(|| unsealable(KIND, "it has no `one_time_key`"))?;
    let once = keys
        .current(name)?
        .once(KIND, &Sha256::of(&content).0)
        .ok_or_else(|| keys.wrong_use(name, "making numbers that are used once"))?;
    if content.is_empty() {
        return Err(unsealable(KIND, "SM2 cannot encrypt empty content"));
    }
    let cipher = keys
        .current(&plan.key)?
        .sm2_encrypt(&content, &once)
        .ok_or_else(|| wrong_key(keys, &plan.key))?;
    let bytes = joined(&cipher, plan.order, plan.has_prefix);
    let text = armour::encoded(plan.armour, &bytes);
    sealed.write_all(&text).map_err(EnvelopeError::Write)
}

pub(super) fn wrong_key(keys: &Keyring, name: &KeyName) -> KeyError {
    keys.wrong_use(name, "encrypting with SM2")
}

/// Content that is sealed in memory.
pub(super) fn small(
    kind: &'static str,
    content: &mut dyn Read,
    most: u64,
) -> Result<Vec<u8>, EnvelopeError> {
    let mut bytes = Vec::new();
    let read = content.take(most.saturating_add(1)).read_to_end(&mut bytes);
    if read.map_err(EnvelopeError::Read)? as u64 > most {
        let detail = format!("it has more content than `max_content_bytes = {most}`");
        return Err(unsealable(kind, detail));
    }
    Ok(bytes)
}
