//! All keys, and those of one day.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;

use super::KeyError;
use super::held::Held;
use super::parse;
use super::plan::{KeyPlan, KeyUse, VersionPlan};
use crate::id::KeyName;
use crate::secret::resolve;

/// All keys of the settings, open. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Keys(Arc<BTreeMap<KeyName, Versions>>);

#[derive(Debug)]
struct Versions {
    purpose: KeyUse,
    /// Newest first.
    held: Vec<(VersionPlan, Held)>,
}

impl Keys {
    /// No keys at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// Fetches and checks every version of every key; all that is wrong is told.
    ///
    /// `base` is the folder that relative files start from; `env` looks up an environment variable.
    pub fn open<'p>(
        plans: impl IntoIterator<Item = &'p KeyPlan>,
        base: &Path,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<KeyError>> {
        let mut keys = BTreeMap::new();
        let mut errors = Vec::new();
        for plan in plans {
            let mut held = Vec::new();
            for (index, version) in plan.versions.iter().enumerate() {
                match open_version(plan, index + 1, version, base, env) {
                    Ok(key) => held.push((version.clone(), key)),
                    Err(error) => errors.push(error),
                }
            }
            // Of equal days the one that stands last is the newest.
            held.reverse();
            held.sort_by_key(|(version, _)| std::cmp::Reverse(version.since));
            let purpose = plan.purpose;
            keys.insert(plan.name.clone(), Versions { purpose, held });
        }
        match errors.is_empty() {
            true => Ok(Self(Arc::new(keys))),
            false => Err(errors),
        }
    }

    /// The keys as they are on a day.
    pub fn on(&self, day: NaiveDate) -> Keyring {
        Keyring {
            keys: self.clone(),
            day,
        }
    }
}

fn open_version(
    plan: &KeyPlan,
    number: usize,
    version: &VersionPlan,
    base: &Path,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Held, KeyError> {
    let written = resolve(&version.value, base, env).map_err(|source| KeyError::Secret {
        name: plan.name.clone(),
        version: number,
        source,
    })?;
    parse::key(plan.purpose, plan.encoding, &written).map_err(|found| KeyError::Unreadable {
        name: plan.name.clone(),
        version: number,
        purpose: plan.purpose,
        encoding: plan.encoding.word(),
        found: found.map_or_else(String::new, |bytes| format!(", found {bytes} bytes")),
    })
}

/// The keys as they are on one day.
#[derive(Debug, Clone)]
pub struct Keyring {
    keys: Keys,
    day: NaiveDate,
}

impl Keyring {
    /// No keys, for envelopes that need none.
    pub fn none() -> Self {
        Keys::none().on(NaiveDate::MIN)
    }

    /// The version to seal with: the newest that is valid.
    pub fn current(&self, name: &KeyName) -> Result<&Held, KeyError> {
        let valid = self.valid(name)?;
        valid.first().copied().ok_or_else(|| self.not_valid(name))
    }

    /// The versions to open with, newest first; at least one.
    pub fn valid(&self, name: &KeyName) -> Result<Vec<&Held>, KeyError> {
        let versions = self.versions(name)?;
        let valid: Vec<&Held> = versions
            .held
            .iter()
            .filter(|(plan, _)| plan.is_valid_on(self.day))
            .map(|(_, held)| held)
            .collect();
        match valid.is_empty() {
            true => Err(self.not_valid(name)),
            false => Ok(valid),
        }
    }

    /// That a key is of another kind than a computation needs.
    pub fn wrong_use(&self, name: &KeyName, wanted: &'static str) -> KeyError {
        match self.versions(name) {
            Ok(versions) => KeyError::WrongUse {
                name: name.clone(),
                is: versions.purpose,
                wanted,
            },
            Err(error) => error,
        }
    }

    fn versions(&self, name: &KeyName) -> Result<&Versions, KeyError> {
        let found = self.keys.0.get(name);
        found.ok_or_else(|| KeyError::Unknown { name: name.clone() })
    }

    fn not_valid(&self, name: &KeyName) -> KeyError {
        KeyError::NotValid {
            name: name.clone(),
            day: self.day,
        }
    }
}
