//! Cipher block chaining (GB/T 17964, NIST SP 800-38A) over SM4 and AES, a run of blocks at a time.

use aes::{Aes128, Aes256};
use cbc::cipher::array::Array;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use sm4::Sm4;

/// Bytes of a block of SM4 and of AES.
pub const BLOCK: usize = 16;

/// Encrypts; the chain goes on from call to call.
pub struct CbcEncryptor(Encrypting);

enum Encrypting {
    Sm4(Box<cbc::Encryptor<Sm4>>),
    Aes128(Box<cbc::Encryptor<Aes128>>),
    Aes256(Box<cbc::Encryptor<Aes256>>),
}

/// Decrypts; the chain goes on from call to call.
pub struct CbcDecryptor(Decrypting);

enum Decrypting {
    Sm4(Box<cbc::Decryptor<Sm4>>),
    Aes128(Box<cbc::Decryptor<Aes128>>),
    Aes256(Box<cbc::Decryptor<Aes256>>),
}

impl CbcEncryptor {
    pub(super) fn sm4(key: &[u8], iv: &[u8; BLOCK]) -> Option<Self> {
        Some(Self(Encrypting::Sm4(made(key, iv)?)))
    }

    pub(super) fn aes(key: &[u8], iv: &[u8; BLOCK]) -> Option<Self> {
        let made = match key.len() {
            16 => Encrypting::Aes128(made(key, iv)?),
            _ => Encrypting::Aes256(made(key, iv)?),
        };
        Some(Self(made))
    }

    /// Encrypts whole blocks in place; bytes behind the last whole one are left as they are.
    pub fn encrypt(&mut self, blocks: &mut [u8]) {
        let (blocks, _) = Array::slice_as_chunks_mut(blocks);
        match &mut self.0 {
            Encrypting::Sm4(cbc) => cbc.encrypt_blocks(blocks),
            Encrypting::Aes128(cbc) => cbc.encrypt_blocks(blocks),
            Encrypting::Aes256(cbc) => cbc.encrypt_blocks(blocks),
        }
    }
}

impl CbcDecryptor {
    pub(super) fn sm4(key: &[u8], iv: &[u8; BLOCK]) -> Option<Self> {
        Some(Self(Decrypting::Sm4(made(key, iv)?)))
    }

    pub(super) fn aes(key: &[u8], iv: &[u8; BLOCK]) -> Option<Self> {
        let made = match key.len() {
            16 => Decrypting::Aes128(made(key, iv)?),
            _ => Decrypting::Aes256(made(key, iv)?),
        };
        Some(Self(made))
    }

    /// Decrypts whole blocks in place; bytes behind the last whole one are left as they are.
    pub fn decrypt(&mut self, blocks: &mut [u8]) {
        let (blocks, _) = Array::slice_as_chunks_mut(blocks);
        match &mut self.0 {
            Decrypting::Sm4(cbc) => cbc.decrypt_blocks(blocks),
            Decrypting::Aes128(cbc) => cbc.decrypt_blocks(blocks),
            Decrypting::Aes256(cbc) => cbc.decrypt_blocks(blocks),
        }
    }
}

/// A mode over a key and a start; `None` for a key of another length.
fn made<M: KeyIvInit>(key: &[u8], iv: &[u8; BLOCK]) -> Option<Box<M>> {
    M::new_from_slices(key, iv).ok().map(Box::new)
}
