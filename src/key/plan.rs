//! Which keys there are, as the settings say.

use chrono::NaiveDate;

use crate::id::KeyName;
use crate::secret::SecretReference;

/// What a key is for. A key serves one algorithm only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyUse {
    /// SM4, 16 bytes.
    Sm4,
    /// AES, 16 or 32 bytes.
    Aes,
    /// HMAC, 1 byte or more.
    Hmac,
    /// An SM2 private key: signs, and opens what was encrypted for us.
    Sm2Private,
    /// An SM2 public key: proves the partner's signatures, and encrypts for the partner.
    Sm2Public,
    /// A text that a partner issued and wants to see again, such as an access token.
    Token,
}

impl KeyUse {
    /// All, in the order of the settings' reference.
    pub const ALL: [Self; 6] = [
        Self::Sm4,
        Self::Aes,
        Self::Hmac,
        Self::Sm2Private,
        Self::Sm2Public,
        Self::Token,
    ];

    /// Its word in the settings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sm4 => "sm4",
            Self::Aes => "aes",
            Self::Hmac => "hmac",
            Self::Sm2Private => "sm2_private",
            Self::Sm2Public => "sm2_public",
            Self::Token => "token",
        }
    }

    /// What a version of it must be.
    pub(super) fn shape(self) -> &'static str {
        match self {
            Self::Sm4 => "16 bytes",
            Self::Aes => "16 or 32 bytes",
            Self::Hmac => "1 byte or more",
            Self::Sm2Private => "a number of 32 bytes below the order of the curve",
            Self::Sm2Public => {
                "a point of the curve: 64 bytes, 65 that begin with 04, or 33 that begin with 02 or 03"
            }
            Self::Token => "visible ASCII characters",
        }
    }
}

/// How a key is written where it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyEncoding {
    /// Hex digits of one case.
    Hex,
    /// Base64.
    Base64,
    /// The characters are the bytes, as the bank's 16-character keys are.
    Text,
    /// PKCS#8 (`PRIVATE KEY`), SEC 1 (`EC PRIVATE KEY`) or SPKI (`PUBLIC KEY`), as OpenSSL writes
    /// them; SM2 only.
    Pem,
}

impl KeyEncoding {
    /// Its words in the settings.
    pub const WORDS: &'static [&'static str] = &["hex", "base64", "text", "pem"];

    /// The encoding of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "hex" => Some(Self::Hex),
            "base64" => Some(Self::Base64),
            "text" => Some(Self::Text),
            "pem" => Some(Self::Pem),
            _ => None,
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hex => "hex",
            Self::Base64 => "base64",
            Self::Text => "text",
            Self::Pem => "pem",
        }
    }
}

/// A key of the settings, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPlan {
    /// Its name.
    pub name: KeyName,
    /// What it is for.
    pub purpose: KeyUse,
    /// How all of its versions are written.
    pub encoding: KeyEncoding,
    /// Its versions; at least one.
    pub versions: Vec<VersionPlan>,
}

/// One version of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionPlan {
    /// Where it is kept.
    pub value: SecretReference,
    /// The first day on which it is used; from ever when absent.
    pub since: Option<NaiveDate>,
    /// The last day on which it is used; for ever when absent.
    pub until: Option<NaiveDate>,
}

impl VersionPlan {
    /// Whether it is used on a day.
    pub fn is_valid_on(&self, day: NaiveDate) -> bool {
        self.since.is_none_or(|since| since <= day) && self.until.is_none_or(|until| day <= until)
    }
}
