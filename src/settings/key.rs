//! `[key.NAME]`: which keys there are, where their versions are kept, and from when to when each is
//! used.

use super::BAD_SETTING;
use crate::diag::{Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section};
use crate::id::KeyName;
use crate::key::{KeyEncoding, KeyPlan, KeyUse, VersionPlan};

const VERSION_KEYS: &[Key] = &[
    Key::required("value", KeyKind::Secret, "Where this version is kept."),
    Key::optional(
        "since",
        KeyKind::Date,
        "The first day on which it is used; from ever when absent.",
    ),
    Key::optional(
        "until",
        KeyKind::Date,
        "The last day on which it is used; for ever when absent.",
    ),
];

const VERSIONS: Key = Key::required(
    "versions",
    KeyKind::TableList(VERSION_KEYS),
    "The key's versions: files are opened with every version of their day, and sealed with the newest.",
);

const SYMMETRIC_KEYS: &[Key] = &[
    Key::with_default(
        "encoding",
        KeyKind::OneOf(&["hex", "base64", "text"]),
        "hex",
        "How it is written; `text`: the characters are the bytes.",
    ),
    VERSIONS,
];

const SM2_KEYS: &[Key] = &[
    Key::with_default(
        "encoding",
        KeyKind::OneOf(&["hex", "base64", "pem"]),
        "hex",
        "How it is written; `pem`: as OpenSSL writes it.",
    ),
    VERSIONS,
];

const TOKEN_KEYS: &[Key] = &[VERSIONS];

/// The keys of a key.
pub(super) const KEY_KEYS: &[Key] = &[
    Key::kind("sm4", KeyKind::Table(SYMMETRIC_KEYS), "SM4: 16 bytes."),
    Key::kind(
        "aes",
        KeyKind::Table(SYMMETRIC_KEYS),
        "AES: 16 or 32 bytes.",
    ),
    Key::kind(
        "hmac",
        KeyKind::Table(SYMMETRIC_KEYS),
        "HMAC: 1 byte or more.",
    ),
    Key::kind(
        "sm2_private",
        KeyKind::Table(SM2_KEYS),
        "Our SM2 private key: signs, and decrypts.",
    ),
    Key::kind(
        "sm2_public",
        KeyKind::Table(SM2_KEYS),
        "A partner's SM2 public key: verifies, and encrypts.",
    ),
    Key::kind(
        "token",
        KeyKind::Table(TOKEN_KEYS),
        "A text that a partner issued, such as an access token.",
    ),
];

/// Reads one key.
pub(super) fn read(
    name: &Item<String>,
    section: &Section<'_>,
    problems: &mut Problems,
) -> Option<(KeyName, KeyPlan)> {
    let checked = KeyName::new(&name.value)
        .map_err(|found| {
            let problem = Problem::error(&BAD_SETTING, name.place.clone(), found.to_string());
            problems.push(problem);
        })
        .ok();
    let words = KeyUse::ALL.map(KeyUse::word);
    let (word, table) = section.one_of_tables(&words, problems)?;
    let purpose = KeyUse::ALL.into_iter().find(|kind| kind.word() == word)?;
    let encoding = match purpose {
        KeyUse::Token => KeyEncoding::Text,
        _ => KeyEncoding::of_word(table.word("encoding")?.value)?,
    };
    let sections = table.table_list("versions");
    if sections.is_empty() && table.has("versions") {
        let place = table.key_place("versions").unwrap_or_else(|| table.place());
        let message = format!("key `{}` has no version: write at least one", name.value);
        problems.push(Problem::error(&BAD_SETTING, place, message));
    }
    let versions: Vec<VersionPlan> = sections
        .iter()
        .filter_map(|section| version(section, problems))
        .collect();
    let name = checked?;
    (!versions.is_empty()).then(|| {
        let plan = KeyPlan {
            name: name.clone(),
            purpose,
            encoding,
            versions,
        };
        (name, plan)
    })
}

fn version(section: &Section<'_>, problems: &mut Problems) -> Option<VersionPlan> {
    let plan = VersionPlan {
        value: section.secret("value")?.value,
        since: section.date("since").map(|item| item.value),
        until: section.date("until").map(|item| item.value),
    };
    if let (Some(since), Some(until)) = (plan.since, section.date("until"))
        && until.value < since
    {
        let message = format!(
            "the version is used until {}, which is before {since}, since when it is used",
            until.value
        );
        problems.push(Problem::error(&BAD_SETTING, until.place, message));
    }
    Some(plan)
}
