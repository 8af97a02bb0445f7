//! One version of a key, in the hands of whoever holds it and computes with it.
//!
//! [`Held`] is the provider interface: a closed set of holders, of which `Software` is the one there
//! is. Each operation is one that a cryptographic device offers too (GM/T 0018 calls them
//! `SDF_InternalSign_ECC`, `SDF_InternalDecrypt_ECC`, `SDF_Encrypt`, `SDF_CalculateMAC`), so that a
//! device is a further variant here and nothing elsewhere (docs/adr/0017).

use super::cbc::{CbcDecryptor, CbcEncryptor};
use super::mac::{Mac, MacAlgorithm};
use super::once::Once;
use super::sm2::{Private, Public, Signed, Sm2Cipher};
use crate::secret::Secret;

/// One version of a key. Each operation is `None` when the key is of another kind.
#[derive(Debug, Clone)]
pub struct Held(Holder);

#[derive(Debug, Clone)]
enum Holder {
    Software(Material),
}

/// A key in the memory of this process; wiped when dropped.
#[derive(Debug, Clone)]
pub(super) enum Material {
    /// 16 bytes.
    Sm4(Secret<Vec<u8>>),
    /// 16 or 32 bytes.
    Aes(Secret<Vec<u8>>),
    Hmac(Secret<Vec<u8>>),
    Sm2Private(Private),
    Sm2Public(Public),
    Token(Secret<String>),
}

impl Held {
    pub(super) fn software(material: Material) -> Self {
        Self(Holder::Software(material))
    }

    /// Encrypts blocks with SM4 or AES in CBC mode.
    pub fn cbc_encryptor(&self, iv: &[u8; 16]) -> Option<CbcEncryptor> {
        let Holder::Software(material) = &self.0;
        match material {
            Material::Sm4(key) => CbcEncryptor::sm4(key.expose(), iv),
            Material::Aes(key) => CbcEncryptor::aes(key.expose(), iv),
            _ => None,
        }
    }

    /// Decrypts blocks with SM4 or AES in CBC mode.
    pub fn cbc_decryptor(&self, iv: &[u8; 16]) -> Option<CbcDecryptor> {
        let Holder::Software(material) = &self.0;
        match material {
            Material::Sm4(key) => CbcDecryptor::sm4(key.expose(), iv),
            Material::Aes(key) => CbcDecryptor::aes(key.expose(), iv),
            _ => None,
        }
    }

    /// A running HMAC over nothing yet.
    pub fn mac(&self, algorithm: MacAlgorithm) -> Option<Mac> {
        let Holder::Software(material) = &self.0;
        match material {
            Material::Hmac(key) => Mac::new(algorithm, key.expose()),
            _ => None,
        }
    }

    /// A running SM2 signature of `user_id` over nothing yet: to sign with a private key, to
    /// verify with a public one (or with the private one's own).
    pub fn sm2_signed(&self, user_id: &str) -> Option<Signed> {
        let Holder::Software(material) = &self.0;
        match material {
            Material::Sm2Private(private) => Signed::by(private.clone(), user_id),
            Material::Sm2Public(public) => Signed::of(public.clone(), user_id),
            _ => None,
        }
    }

    /// Encrypts for the holder of the private key (GB/T 32918.4); `None` also for empty content.
    pub fn sm2_encrypt(&self, content: &[u8], once: &Once) -> Option<Sm2Cipher> {
        let Holder::Software(material) = &self.0;
        match material {
            Material::Sm2Public(public) => public.encrypt(content, once),
            _ => None,
        }
    }

    /// Decrypts what was encrypted for us; `Some(None)` when it was not, or was altered.
    pub fn sm2_decrypt(&self, cipher: &Sm2Cipher) -> Option<Option<Secret<Vec<u8>>>> {
        let Holder::Software(material) = &self.0;
        match material {
            Material::Sm2Private(private) => Some(private.decrypt(cipher)),
            _ => None,
        }
    }

    /// Numbers that are used once, for one purpose and one content: nobody without this key can
    /// foretell them, and the same content has the same ones. Of secret keys only.
    pub fn once(&self, purpose: &str, content: &[u8; 32]) -> Option<Once> {
        let Holder::Software(material) = &self.0;
        match material {
            Material::Sm4(key) | Material::Aes(key) | Material::Hmac(key) => {
                Once::new(key.expose(), purpose, content)
            }
            Material::Sm2Private(private) => Once::new(private.bytes().expose(), purpose, content),
            Material::Sm2Public(_) | Material::Token(_) => None,
        }
    }

    /// The text of a token.
    pub fn token(&self) -> Option<&Secret<String>> {
        let Holder::Software(material) = &self.0;
        match material {
            Material::Token(text) => Some(text),
            _ => None,
        }
    }

    /// A session key for SM4 that came with one message; `None` unless it has 16 bytes.
    pub fn session(bytes: Secret<Vec<u8>>) -> Option<Self> {
        (bytes.expose().len() == 16).then(|| Self::software(Material::Sm4(bytes)))
    }
}
