//! Named keys, and everything that is computed with them: SM2, SM4, AES, HMAC.
//!
//! Responsible for turning what the settings name into keys at *open*, for choosing the version of
//! a key that a day asks for, and for the computations themselves. Not for layouts around their
//! results (`envelope`) nor for what a partner is told. `settings` reads plans, `engine` opens them,
//! `envelope` computes. The one invariant: no key leaves this module, neither as bytes nor in a
//! message; whoever holds a [`Held`] can only ask it to compute.
//!
//! Standards: GM/T 0002 (SM4), GM/T 0003 and GB/T 32918 (SM2), GM/T 0004 and GB/T 32905 (SM3),
//! GB/T 17964 (CBC), FIPS 197 (AES), RFC 2104 (HMAC).

mod cbc;
mod error;
mod held;
mod mac;
mod once;
mod parse;
mod plan;
mod ring;
mod sm2;
#[cfg(test)]
mod tests;

pub use cbc::{BLOCK, CbcDecryptor, CbcEncryptor};
pub use error::{CODES, KeyError};
pub use held::Held;
pub use mac::{Mac, MacAlgorithm};
pub use once::Once;
pub use plan::{KeyEncoding, KeyPlan, KeyUse, VersionPlan};
pub use ring::{Keyring, Keys};
pub use sm2::{
    CIPHER_OVERHEAD, MAX_USER_ID_BYTES, SIGNATURE_BYTES, Signed, Sm2Cipher, signature_from_der,
    signature_to_der,
};
