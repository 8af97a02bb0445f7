//! Signatures of requests: a digest or an HMAC (RFC 2104) over a text.

use std::fmt::Write as _;

use super::plan::{HashKind, Output, SignPlan};
use crate::digest::{PeerDigest, Sha256};

/// The block of MD5, SHA-256 and SM3 alike, in bytes.
const BLOCK: usize = 64;

/// The signature over a text.
pub(super) fn signature(plan: &SignPlan, text: &str, secret: &str) -> String {
    let signed = match plan.is_url_encoded {
        true => url_encoded(text),
        false => text.to_owned(),
    };
    let bytes = match plan.is_hmac {
        true => hmac(plan.with, secret.as_bytes(), signed.as_bytes()),
        false => hash(plan.with, signed.as_bytes()),
    };
    match plan.output {
        Output::Lower => hex(&bytes),
        Output::Upper => hex(&bytes).to_uppercase(),
        Output::Base64 => base64(&bytes),
    }
}

fn hash(kind: HashKind, bytes: &[u8]) -> Vec<u8> {
    let text = match kind {
        HashKind::Md5 => PeerDigest::Md5.of(bytes),
        HashKind::Sm3 => PeerDigest::Sm3.of(bytes),
        HashKind::Sha256 => Sha256::of(bytes).to_string(),
    };
    let digits = text.as_bytes().chunks_exact(2);
    let byte = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(text, 16).ok()
    };
    digits.filter_map(byte).collect()
}

fn hmac(kind: HashKind, key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut block = if key.len() > BLOCK {
        hash(kind, key)
    } else {
        key.to_vec()
    };
    block.resize(BLOCK, 0);
    let padded = |pad: u8| block.iter().map(move |byte| byte ^ pad);
    let inner: Vec<u8> = padded(0x36).chain(bytes.iter().copied()).collect();
    let outer: Vec<u8> = padded(0x5c).chain(hash(kind, &inner)).collect();
    hash(kind, &outer)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4_usize {
            let digit = (bits >> (18 - 6 * at)) & 63;
            let digit = DIGITS.get(digit as usize).copied().unwrap_or(b'=');
            text.push(if at > group.len() {
                '='
            } else {
                char::from(digit)
            });
        }
    }
    text
}

/// Percent-encoding of everything but letters, digits and `- _ . ~` (RFC 3986).
pub(super) fn url_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_gives_the_values_of_rfc_2202_and_4231() {
        let text = b"what do ya want for nothing?";
        assert_eq!(
            hex(&hmac(HashKind::Md5, b"Jefe", text)),
            "750c783e6ab0b503eaa86e310a5db738"
        );
        assert_eq!(
            hex(&hmac(HashKind::Sha256, b"Jefe", text)),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(&hmac(
                HashKind::Sha256,
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First"
            )),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn base64_gives_the_values_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn what_no_address_has_is_percent_encoded() {
        assert_eq!(url_encoded("a b&c=陕@_-.~"), "a%20b%26c%3D%E9%99%95%40_-.~");
    }
}
