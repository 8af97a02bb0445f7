//! What is kept somewhere, read as a key. What is wrong is said without a word of it.

use super::held::{Held, Material};
use super::plan::{KeyEncoding, KeyUse};
use super::sm2::{Private, Public};
use crate::secret::Secret;
use crate::text::{from_base64, from_hex};

/// The key that a text is; the error is the number of bytes found, where it could be decoded.
pub(super) fn key(
    purpose: KeyUse,
    encoding: KeyEncoding,
    written: &Secret<String>,
) -> Result<Held, Option<usize>> {
    let text = written.expose();
    let material = match (purpose, encoding) {
        (KeyUse::Token, _) => token(text).map(Material::Token),
        (KeyUse::Sm2Private, KeyEncoding::Pem) => Private::from_pem(text).map(Material::Sm2Private),
        (KeyUse::Sm2Public, KeyEncoding::Pem) => Public::from_pem(text).map(Material::Sm2Public),
        _ => {
            let bytes = bytes(encoding, text).ok_or(None)?;
            let count = bytes.expose().len();
            return material(purpose, bytes)
                .map(Held::software)
                .ok_or(Some(count));
        }
    };
    material.map(Held::software).ok_or(None)
}

fn bytes(encoding: KeyEncoding, text: &str) -> Option<Secret<Vec<u8>>> {
    let bytes = match encoding {
        KeyEncoding::Hex => from_hex(text)?,
        KeyEncoding::Base64 => from_base64(text)?,
        KeyEncoding::Text => text.as_bytes().to_vec(),
        KeyEncoding::Pem => return None,
    };
    Some(Secret::new(bytes))
}

fn material(purpose: KeyUse, bytes: Secret<Vec<u8>>) -> Option<Material> {
    let length = bytes.expose().len();
    match purpose {
        KeyUse::Sm4 => (length == 16).then_some(Material::Sm4(bytes)),
        KeyUse::Aes => (length == 16 || length == 32).then_some(Material::Aes(bytes)),
        KeyUse::Hmac => (length > 0).then_some(Material::Hmac(bytes)),
        KeyUse::Sm2Private => Private::from_bytes(bytes.expose()).map(Material::Sm2Private),
        KeyUse::Sm2Public => Public::from_bytes(bytes.expose()).map(Material::Sm2Public),
        KeyUse::Token => None,
    }
}

fn token(text: &str) -> Option<Secret<String>> {
    let is_visible = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    is_visible.then(|| Secret::new(text.to_owned()))
}
