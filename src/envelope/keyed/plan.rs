//! What is declared of keyed envelopes.

use std::path::PathBuf;

use crate::id::KeyName;
use crate::key::MacAlgorithm;

/// How sealed bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Armour {
    /// As they are.
    Binary,
    /// Hex digits of one case; written in lower case.
    Hex,
    /// Base64; blanks and line ends do not count.
    Base64,
}

impl Armour {
    /// Its words in a job.
    pub const WORDS: &'static [&'static str] = &["binary", "hex", "base64"];

    /// The form of a word; any other is binary.
    pub fn of_word(word: &str) -> Self {
        match word {
            "hex" => Self::Hex,
            "base64" => Self::Base64,
            _ => Self::Binary,
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Hex => "hex",
            Self::Base64 => "base64",
        }
    }
}

/// A cipher of blocks of 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockCipher {
    /// SM4 (GM/T 0002).
    Sm4,
    /// AES (FIPS 197), by the key's length.
    Aes,
}

/// What a chain of blocks begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Iv {
    /// 16 zero bytes, as China Minsheng Bank (CMBC) has it (bank.md §2).
    Zero,
    /// The same 16 bytes for every file.
    Fixed([u8; 16]),
    /// 16 bytes that stand before the blocks, other ones for every content.
    Prefixed,
}

/// SM4 or AES in CBC mode with PKCS#7 padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CbcPlan {
    /// The cipher.
    pub cipher: BlockCipher,
    /// The key.
    pub key: KeyName,
    /// What the chain begins with.
    pub iv: Iv,
    /// How the blocks are written.
    pub armour: Armour,
    /// The most bytes of content that it may open to.
    pub max_content_bytes: u64,
    /// Where unnamed spool files lie; the system's temporary directory when absent.
    pub spool: Option<PathBuf>,
}

/// What proves the content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// A code that both sides can make.
    Hmac {
        /// The key.
        key: KeyName,
        /// Over which digest.
        algorithm: MacAlgorithm,
    },
    /// A signature that only one side can make.
    Sm2 {
        /// Opened: the partner's public key. Sealed: our private key.
        key: KeyName,
        /// Who signs.
        user_id: String,
        /// How r and s are put together.
        form: SignatureForm,
    },
}

/// How r and s of a signature are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureForm {
    /// r and s, 32 bytes each.
    Raw,
    /// A DER sequence of two integers (GM/T 0009).
    Der,
    /// `hex(r)#hex(s)`; when read, leading zeros may be missing (bank.md §1).
    Rs,
}

impl SignatureForm {
    /// Its words in a job.
    pub const WORDS: &'static [&'static str] = &["raw", "der", "rs"];

    /// The form of a word; any other is raw.
    pub fn of_word(word: &str) -> Self {
        match word {
            "der" => Self::Der,
            "rs" => Self::Rs,
            _ => Self::Raw,
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Der => "der",
            Self::Rs => "rs",
        }
    }
}

/// Where a proof stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofPlace {
    /// The last bytes, without anything between.
    Trailer,
    /// A line before the content.
    FirstLine,
    /// A line behind the content, which itself ends in a line end.
    LastLine {
        /// Whether a line end follows it.
        is_ended: bool,
    },
}

impl ProofPlace {
    /// Its words in a job.
    pub const WORDS: &'static [&'static str] =
        &["trailer", "first_line", "last_line", "last_line_open"];

    /// The place of a word; any other is the trailer.
    pub fn of_word(word: &str) -> Self {
        match word {
            "first_line" => Self::FirstLine,
            "last_line" => Self::LastLine { is_ended: true },
            "last_line_open" => Self::LastLine { is_ended: false },
            _ => Self::Trailer,
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Trailer => "trailer",
            Self::FirstLine => "first_line",
            Self::LastLine { is_ended: true } => "last_line",
            Self::LastLine { is_ended: false } => "last_line_open",
        }
    }
}

/// A proof beside the content, which stays readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofPlan {
    /// What proves it.
    pub proof: Proof,
    /// Where it stands.
    pub place: ProofPlace,
    /// How its bytes are written; `hex(r)#hex(s)` is text already.
    pub armour: Armour,
    /// The most bytes of content.
    pub max_content_bytes: u64,
    /// Where unnamed spool files lie; the system's temporary directory when absent.
    pub spool: Option<PathBuf>,
}

impl ProofPlan {
    /// Bytes of a proof that always takes as many.
    pub fn fixed_bytes(&self) -> Option<u64> {
        let raw: u64 = match &self.proof {
            Proof::Hmac { .. } => 32,
            Proof::Sm2 { form, .. } => match form {
                SignatureForm::Raw => 64,
                SignatureForm::Rs => return Some(129),
                SignatureForm::Der => return None,
            },
        };
        Some(match self.armour {
            Armour::Binary => raw,
            Armour::Hex => raw * 2,
            Armour::Base64 => raw.div_ceil(3) * 4,
        })
    }

    /// Whether its bytes may have line ends among them.
    pub fn is_text(&self) -> bool {
        let is_rs = matches!(
            self.proof,
            Proof::Sm2 {
                form: SignatureForm::Rs,
                ..
            }
        );
        is_rs || self.armour != Armour::Binary
    }
}

/// In which order SM2 encryption writes its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sm2Order {
    /// Point, encrypted content, digest: the order of 2010.
    C1C2C3,
    /// Point, digest, encrypted content: the order of GB/T 32918.4.
    C1C3C2,
}

impl Sm2Order {
    /// Its words in a job.
    pub const WORDS: &'static [&'static str] = &["c1c3c2", "c1c2c3"];

    /// The order of a word; any other is that of the standard.
    pub fn of_word(word: &str) -> Self {
        match word {
            "c1c2c3" => Self::C1C2C3,
            _ => Self::C1C3C2,
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::C1C2C3 => "c1c2c3",
            Self::C1C3C2 => "c1c3c2",
        }
    }
}

/// The whole content encrypted with SM2, for small content: it is held in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sm2Plan {
    /// Opened: our private key. Sealed: the partner's public key.
    pub key: KeyName,
    /// Sealed: a secret key of ours that numbers used once are made from.
    pub one_time_key: Option<KeyName>,
    /// The order of the parts.
    pub order: Sm2Order,
    /// Whether `04` stands before the point.
    pub has_prefix: bool,
    /// How the parts are written.
    pub armour: Armour,
    /// The most bytes of content.
    pub max_content_bytes: u64,
}

/// Which way the bank's real-time envelope goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SopBody {
    /// Member `request`: a call of ours, or a callback of the bank.
    Request,
    /// Member `response`: the answer to either.
    Response,
}

impl SopBody {
    /// Its words in a job, which are the names of the member.
    pub const WORDS: &'static [&'static str] = &["request", "response"];

    /// The way of a word; any other is a request.
    pub fn of_word(word: &str) -> Self {
        match word {
            "response" => Self::Response,
            _ => Self::Request,
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
        }
    }
}

/// The real-time envelope of PSBC's open platform (bank.md §1): JSON in JSON, held in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PsbcSopPlan {
    /// Our private key: signs what leaves, opens the session key of what comes.
    pub own_key: KeyName,
    /// The bank's public key: proves what comes, encrypts the session key of what leaves.
    pub partner_key: KeyName,
    /// The merchant's number, which is the user id of either side's signature.
    pub merchant_id: String,
    /// The platform's constant that the chain of blocks begins with.
    pub iv: [u8; 16],
    /// Which way it goes.
    pub body: SopBody,
    /// The access token of what leaves; empty when absent.
    pub access_token: Option<KeyName>,
    /// Whether the Base64 of what leaves is broken after 76 characters, as the bank's own is.
    pub is_broken: bool,
    /// The most bytes of content.
    pub max_content_bytes: u64,
}
