//! SM2 (GB/T 32918, GM/T 0003): signatures with a user's id, and encryption.
//!
//! The curve, points and signatures are the `sm2` crate's. Encryption stands here, over its points:
//! the crate compares C3 with the first difference's time, takes compressed C1, and wants
//! randomness (docs/adr/0017).

use sm2::dsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::PrimeField as _;
use sm2::elliptic_curve::sec1::ToSec1Point as _;
use sm2::elliptic_curve::subtle::ConstantTimeEq as _;
use sm2::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use sm2::{AffinePoint, FieldBytes, NonZeroScalar, PublicKey, Scalar, SecretKey};
use sm3::{Digest as _, Sm3};

use super::once::Once;
use crate::secret::Secret;

/// Bytes of a signature: r and s, 32 each.
pub const SIGNATURE_BYTES: usize = 64;

/// Bytes that encryption adds, `04` of the point included: C1 and C3.
pub const CIPHER_OVERHEAD: usize = 1 + 64 + 32;

/// Its length in bits is written in 16 bits (GB/T 32918.2, section 5.5).
pub const MAX_USER_ID_BYTES: usize = 8191;

/// a, b, and the base point's x and y (GB/T 32918.5), which a user's digest begins with.
const CURVE: [[u8; 32]; 4] = [
    field("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC"),
    field("28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93"),
    field("32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7"),
    field("BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0"),
];

#[expect(
    clippy::indexing_slicing,
    reason = "a constant: an index out of bounds does not compile"
)]
const fn field(hex: &str) -> [u8; 32] {
    const fn digit(byte: u8) -> u8 {
        match byte {
            b'0'..=b'9' => byte - b'0',
            _ => byte - b'A' + 10,
        }
    }
    let hex = hex.as_bytes();
    let mut bytes = [0; 32];
    let mut at = 0;
    while at < 32 {
        bytes[at] = digit(hex[2 * at]) << 4 | digit(hex[2 * at + 1]);
        at += 1;
    }
    bytes
}

/// A public key: a point of the curve, not its neutral one.
#[derive(Debug, Clone)]
pub(super) struct Public(PublicKey);

/// A private key with its public one; wiped when dropped.
#[derive(Clone)]
pub(super) struct Private {
    secret: SecretKey,
    public: Public,
}

impl std::fmt::Debug for Private {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Private").finish_non_exhaustive()
    }
}

impl Public {
    /// From x and y, with or without the `04` before them, or compressed.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let key = match (bytes.len(), bytes.first()) {
            (64, _) => PublicKey::from_sec1_bytes(&[&[4], bytes].concat()),
            (65, Some(4)) | (33, Some(2 | 3)) => PublicKey::from_sec1_bytes(bytes),
            _ => return None,
        };
        key.ok().map(Self)
    }

    pub(super) fn from_pem(text: &str) -> Option<Self> {
        PublicKey::from_public_key_pem(last_block(text))
            .ok()
            .map(Self)
    }

    /// Z: the digest of who signs (GB/T 32918.2, section 5.5).
    fn user_digest(&self, user_id: &str) -> Option<[u8; 32]> {
        if user_id.len() > MAX_USER_ID_BYTES {
            return None;
        }
        let mut digest = Sm3::new();
        digest.update(u16::try_from(user_id.len() * 8).ok()?.to_be_bytes());
        digest.update(user_id);
        CURVE.iter().for_each(|value| digest.update(value));
        let point = self.0.as_affine().to_sec1_point(false);
        digest.update(point.as_bytes().get(1..)?);
        Some(digest.finalize().into())
    }

    /// Encrypts (GB/T 32918.4, section 6); `None` for empty content.
    pub(super) fn encrypt(&self, content: &[u8], once: &Once) -> Option<Sm2Cipher> {
        if content.is_empty() {
            return None;
        }
        // Almost always the first will do; the standard asks to go on where it does not.
        (0..=u32::MAX).find_map(|place| self.encrypt_with(content, once.at(place).expose()))
    }

    /// The same with a number that is used once; `None` when it must be another.
    pub(super) fn encrypt_with(&self, content: &[u8], k: &[u8; 32]) -> Option<Sm2Cipher> {
        let k = Scalar::from_repr(FieldBytes::from(*k)).into_option()?;
        let k = NonZeroScalar::new(k).into_option()?;
        let point = PublicKey::from_secret_scalar(&k);
        let shared = Shared::new((self.0.to_projective() * *k).to_affine())?;
        let mut encrypted = content.to_vec();
        shared.mask(&mut encrypted)?;
        let code = shared.code(content);
        let point = point.as_affine().to_sec1_point(false);
        Some(Sm2Cipher {
            point: point.as_bytes().get(1..)?.try_into().ok()?,
            encrypted,
            code,
        })
    }
}

impl Private {
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 32] = bytes.try_into().ok()?;
        Self::new(SecretKey::from_bytes(&FieldBytes::from(*bytes)).ok()?)
    }

    pub(super) fn from_pem(text: &str) -> Option<Self> {
        let text = last_block(text);
        let key = SecretKey::from_pkcs8_pem(text).ok();
        Self::new(key.or_else(|| SecretKey::from_sec1_pem(text).ok())?)
    }

    /// `None` for the one number that cannot sign: with it 1 + d has no inverse.
    fn new(secret: SecretKey) -> Option<Self> {
        let sum = *secret.to_nonzero_scalar() + Scalar::ONE;
        let public = Public(secret.public_key());
        (!bool::from(sum.is_zero())).then_some(Self { secret, public })
    }

    pub(super) fn bytes(&self) -> Secret<Vec<u8>> {
        Secret::new(self.secret.to_bytes().to_vec())
    }

    /// Decrypts (GB/T 32918.4, section 7); whatever is wrong, the answer is the same.
    pub(super) fn decrypt(&self, cipher: &Sm2Cipher) -> Option<Secret<Vec<u8>>> {
        let point = Public::from_bytes(&cipher.point)?.0.to_projective();
        let shared = Shared::new((point * *self.secret.to_nonzero_scalar()).to_affine())?;
        let mut content = Secret::new(cipher.encrypted.clone());
        shared.mask(content.expose_mut())?;
        let code = shared.code(content.expose());
        bool::from(code.ct_eq(&cipher.code)).then_some(content)
    }
}

/// OpenSSL's older commands write the curve's name as a block before the key's.
fn last_block(text: &str) -> &str {
    let start = text.rfind("-----BEGIN").unwrap_or_default();
    text.get(start..).unwrap_or_default().trim()
}

/// What SM2 encryption makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sm2Cipher {
    /// C1: x and y, without the `04` before them.
    pub point: [u8; 64],
    /// C2: as long as the content.
    pub encrypted: Vec<u8>,
    /// C3: the digest that proves it.
    pub code: [u8; 32],
}

/// The point that only the two sides know.
struct Shared(Secret<[u8; 64]>);

impl Shared {
    fn new(point: AffinePoint) -> Option<Self> {
        let point = point.to_sec1_point(false);
        let bytes: [u8; 64] = point.as_bytes().get(1..)?.try_into().ok()?;
        Some(Self(Secret::new(bytes)))
    }

    /// Adds the stream of GB/T 32918.4, section 5.4.3, to bytes; `None` when it is all zero or would
    /// be too long.
    fn mask(&self, bytes: &mut [u8]) -> Option<()> {
        let mut any = 0;
        for (index, part) in bytes.chunks_mut(32).enumerate() {
            let count = u32::try_from(index + 1).ok()?;
            let mut digest = Sm3::new();
            digest.update(self.0.expose());
            digest.update(count.to_be_bytes());
            let stream = digest.finalize();
            for (byte, mask) in part.iter_mut().zip(stream) {
                *byte ^= mask;
                any |= mask;
            }
        }
        (any != 0).then_some(())
    }

    /// C3 of content.
    fn code(&self, content: &[u8]) -> [u8; 32] {
        let (x, y) = self.0.expose().split_at(32);
        let mut digest = Sm3::new();
        digest.update(x);
        digest.update(content);
        digest.update(y);
        digest.finalize().into()
    }
}

/// A running signature: what was added so far, and whose it is.
#[derive(Clone)]
pub struct Signed {
    digest: Sm3,
    public: Public,
    private: Option<Private>,
}

impl Signed {
    pub(super) fn by(private: Private, user_id: &str) -> Option<Self> {
        let mut signed = Self::of(private.public.clone(), user_id)?;
        signed.private = Some(private);
        Some(signed)
    }

    pub(super) fn of(public: Public, user_id: &str) -> Option<Self> {
        let mut digest = Sm3::new();
        digest.update(public.user_digest(user_id)?);
        Some(Self {
            digest,
            public,
            private: None,
        })
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
    }

    /// The signature over all bytes added: r and s. `None` without a private key.
    pub fn sign(self) -> Option<[u8; SIGNATURE_BYTES]> {
        // The user's digest is in ours already.
        let key = SigningKey::new("", &self.private?.secret).ok()?;
        let signature: Signature = key.sign_prehash(&self.digest.finalize()).ok()?;
        Some(signature.to_bytes().into())
    }

    /// Whether `signature`, r and s, is one over all bytes added.
    pub fn verify(self, signature: &[u8; SIGNATURE_BYTES]) -> bool {
        let Ok(signature) = Signature::from_slice(signature) else {
            return false;
        };
        VerifyingKey::new("", self.public.0).is_ok_and(|key| {
            key.verify_prehash(&self.digest.finalize(), &signature)
                .is_ok()
        })
    }
}

/// r and s out of a DER signature (GM/T 0009); `None` for anything that is not exactly one.
pub fn signature_from_der(bytes: &[u8]) -> Option<[u8; SIGNATURE_BYTES]> {
    Signature::from_der(bytes)
        .ok()
        .map(|signature| signature.to_bytes().into())
}

/// r and s as DER; `None` when one of them is no such number.
pub fn signature_to_der(signature: &[u8; SIGNATURE_BYTES]) -> Option<Vec<u8>> {
    let signature = Signature::from_slice(signature).ok()?;
    Some(signature.to_der().as_bytes().to_vec())
}
