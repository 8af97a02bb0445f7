//! Bytes as text that survives every channel: hexadecimal (RFC 4648, section 8) and Base64
//! (section 4).

use std::fmt::Write as _;

use base64ct::{Base64, Encoding as _};

/// Bytes in lower-case hex.
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes of hex digits that are all of one case: what one program wrote has one, and a digit
/// whose case was turned is damage. `None` for anything else.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let has = |case: fn(&u8) -> bool| text.as_bytes().iter().any(case);
    if has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) {
        return None;
    }
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pair = |[high, low]: &[u8; 2]| Some((digit(*high)? << 4 | digit(*low)?) as u8);
    let bytes = pairs.iter().map(pair).collect::<Option<Vec<u8>>>()?;
    rest.is_empty().then_some(bytes)
}

/// Bytes in Base64, padded, without line ends.
pub fn to_base64(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

/// The bytes of padded Base64; blanks and line ends do not count. `None` for anything else, and
/// for a text that another text would be written as.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    let is_blank = |found: char| matches!(found, ' ' | '\t' | '\r' | '\n');
    if !text.contains(is_blank) {
        return Base64::decode_vec(text).ok();
    }
    let dense: String = text.chars().filter(|found| !is_blank(*found)).collect();
    Base64::decode_vec(&dense).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_of_one_case_is_read_and_any_other_text_is_not() {
        assert_eq!(to_hex(&[0, 0x1f, 0xa9]), "001fa9");
        assert_eq!(from_hex("001fa9"), Some(vec![0, 0x1f, 0xa9]));
        assert_eq!(from_hex("001FA9"), Some(vec![0, 0x1f, 0xa9]));
        assert_eq!(from_hex(""), Some(Vec::new()));
        for bad in ["0", "001Fa9", "+1", "0x", "1 ", "名"] {
            assert_eq!(from_hex(bad), None, "{bad}");
        }
    }

    /// RFC 4648, section 10.
    #[test]
    fn base64_gives_the_values_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(to_base64(bytes.as_bytes()), text);
            assert_eq!(from_base64(text), Some(bytes.as_bytes().to_vec()));
        }
        assert_eq!(from_base64("Zm9v\r\nYmFy\n"), Some(b"foobar".to_vec()));
        for bad in ["Zg", "Zg=", "Zh==", "Zg==Zg==", "Zg==x", "Z-==", "名"] {
            assert_eq!(from_base64(bad), None, "{bad}");
        }
    }
}
