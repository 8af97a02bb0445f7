//! Why a key cannot be had or used.

use chrono::NaiveDate;

use super::plan::KeyUse;
use crate::diag::{Code, codes};
use crate::id::KeyName;
use crate::secret::SecretError;

codes! {
    pub(super) Code;
    /// A key is not what it should be.
    KEY_UNUSABLE = "key-unusable", "a key cannot be used", "密钥不可用",
        "`[key.NAME]` of the settings says where each version is kept and how it is written \
         (`encoding`). The message says which version, and what was expected; it never shows the key. \
         Put the right file, variable or credential there, for the account that runs dukou.";
    /// No version of a key is valid.
    KEY_NOT_VALID = "key-not-valid", "no version of a key is valid on the day", "当日没有有效的密钥版本",
        "Each version of `[key.NAME]` is used from `since` to `until`, both included. A file is opened \
         with the versions of the day on which it came, a delivery sealed with the newest of the day on \
         which it was composed. Add the new version, or move the dates; then `dukou recover`, or \
         `dukou rejects retry FILE` for what was held.";
    /// The configuration and the keys do not fit.
    KEY_MISSING = "key-missing", "a key is not in the settings, or is another kind of key", "密钥未配置或类型不符",
        "An envelope names the key. A delivery names the keys that it was composed with: restore \
         `[key.NAME]` and run `dukou recover`, or cancel the delivery with `dukou deliveries cancel`.";
}

/// Why a key cannot be had or used. No message holds anything of a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Where it is kept there is nothing to read.
    #[error("version {version} of key `{name}`: {source}")]
    Secret {
        /// The key.
        name: KeyName,
        /// The version, from 1 in the order of the settings.
        version: usize,
        /// Why.
        source: SecretError,
    },
    /// What is kept there is no such key.
    #[error(
        "version {version} of key `{name}` is not an `{kind}` key in `{encoding}`: expected {shape}{found}",
        kind = .purpose.word(), shape = .purpose.shape()
    )]
    Unreadable {
        /// The key.
        name: KeyName,
        /// The version, from 1 in the order of the settings.
        version: usize,
        /// What it should be.
        purpose: KeyUse,
        /// How it should be written.
        encoding: &'static str,
        /// How many bytes were found, where that tells something.
        found: String,
    },
    /// No version is valid on the day.
    #[error("no version of key `{name}` is valid on {day}")]
    NotValid {
        /// The key.
        name: KeyName,
        /// The day.
        day: NaiveDate,
    },
    /// The settings have no such key.
    #[error("there is no key `{name}` in the settings")]
    Unknown {
        /// What was asked for.
        name: KeyName,
    },
    /// The key is for something else.
    #[error("key `{name}` is an `{is}` key, and {wanted} needs another", is = .is.word())]
    WrongUse {
        /// The key.
        name: KeyName,
        /// What it is for.
        is: KeyUse,
        /// What was to be computed.
        wanted: &'static str,
    },
}

impl KeyError {
    /// The code that `dukou explain` knows.
    pub fn code(&self) -> &'static Code {
        match self {
            Self::Secret { .. } | Self::Unreadable { .. } => &KEY_UNUSABLE,
            Self::NotValid { .. } => &KEY_NOT_VALID,
            Self::Unknown { .. } | Self::WrongUse { .. } => &KEY_MISSING,
        }
    }
}
