//! Secrets: where they come from, and a wrapper that does not let them out by accident.
//!
//! Responsible for `Secret<T>` (no `Debug` content, no `Display`, no serialisation, wiped when
//! dropped) and for resolving a [`SecretReference`] into one. Not for reading references from
//! settings (`document` does) nor for when to resolve them (the *open* phase). The one invariant:
//! no error of this module holds a secret's content.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use zeroize::{Zeroize, Zeroizing};

/// The largest secret file, in bytes.
pub const MAX_BYTES: u64 = 64 * 1024;

/// A value that never appears in `Debug`, has no `Display`, and is wiped when dropped.
#[derive(Clone)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes a value into custody.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for the one call that needs it.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// The value, to be changed where it lies.
    pub fn expose_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Where a secret is kept. It holds a name only, so it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SecretReference {
    /// An environment variable.
    Env(String),
    /// A file, relative to the settings file.
    File(PathBuf),
    /// A systemd credential (`LoadCredential=`), by name.
    Credential(String),
}

impl fmt::Display for SecretReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "environment variable `{name}`"),
            Self::File(path) => write!(f, "file `{}`", path.display()),
            Self::Credential(name) => write!(f, "credential `{name}`"),
        }
    }
}

/// Why a secret could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The environment has no such variable.
    #[error("environment variable `{name}` is not set; set it where dukou is started")]
    Unset {
        /// The variable.
        name: String,
    },
    /// systemd passed no credentials to this process.
    #[error(
        "credential `{name}` was not passed: `CREDENTIALS_DIRECTORY` is not set; \
         add `LoadCredential={name}:…` to the unit"
    )]
    NoCredentials {
        /// The credential.
        name: String,
    },
    /// A credential's name that could lead out of the credentials' directory.
    #[error("credential name `{name}` must be a plain file name, without `/`")]
    CredentialName {
        /// The credential.
        name: String,
    },
    /// The file cannot be opened or read.
    #[error("secret file `{}` cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A directory, a pipe or a device.
    #[error("secret file `{}` is not a regular file", path.display())]
    NotAFile {
        /// The file.
        path: PathBuf,
    },
    /// More than [`MAX_BYTES`].
    #[error("secret file `{}` has more than {MAX_BYTES} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// Not UTF-8.
    #[error("secret file `{}` is not UTF-8", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// Nothing there: an empty password would be tried silently.
    #[error("the secret in {reference} is empty")]
    Empty {
        /// Where it should have been.
        reference: SecretReference,
    },
}

/// Fetches the secret that a reference names.
///
/// `base` is the folder that relative files start from; `env` looks up an environment variable.
/// One trailing line end of a file is not part of the secret.
pub fn resolve(
    reference: &SecretReference,
    base: &Path,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Secret<String>, SecretError> {
    let text = match reference {
        SecretReference::Env(name) => {
            env(name).ok_or_else(|| SecretError::Unset { name: name.clone() })?
        }
        SecretReference::File(path) => read(&base.join(path))?,
        SecretReference::Credential(name) => read(&credential_path(name, env)?)?,
    };
    if text.is_empty() {
        return Err(SecretError::Empty {
            reference: reference.clone(),
        });
    }
    Ok(Secret::new(text))
}

/// Where systemd puts a credential: `$CREDENTIALS_DIRECTORY/NAME` (systemd.exec(5)).
fn credential_path(
    name: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<PathBuf, SecretError> {
    if name.is_empty() || name == "." || name == ".." || name.contains(['/', '\0']) {
        return Err(SecretError::CredentialName {
            name: name.to_owned(),
        });
    }
    let directory = env("CREDENTIALS_DIRECTORY").ok_or_else(|| SecretError::NoCredentials {
        name: name.to_owned(),
    })?;
    Ok(Path::new(&directory).join(name))
}

fn read(path: &Path) -> Result<String, SecretError> {
    let path_buf = || path.to_owned();
    let unreadable = |source| SecretError::Unreadable {
        path: path_buf(),
        source,
    };
    // Asked before opening: opening a pipe would wait for a writer.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(SecretError::NotAFile { path: path_buf() });
    }
    // Room for all of it at once, so that growing leaves no copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES as usize + 2));
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(SecretError::TooLarge { path: path_buf() });
    }
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return Err(SecretError::NotText { path: path_buf() });
    };
    let text = text.strip_suffix('\n').unwrap_or(text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_env(_: &str) -> Option<String> {
        None
    }

    fn file(content: &[u8]) -> (tempfile::TempDir, SecretReference) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("pw"), content).expect("written");
        (folder, SecretReference::File("pw".into()))
    }

    fn message(result: Result<Secret<String>, SecretError>) -> String {
        result.expect_err("it must be refused").to_string()
    }

    #[test]
    fn debug_shows_nothing_of_the_secret() {
        assert_eq!(
            format!("{:?}", Secret::new("hunter2".to_owned())),
            "Secret(…)"
        );
    }

    #[test]
    fn a_file_gives_its_text_without_the_last_line_end() {
        for content in ["pass word\n", "pass word\r\n", "pass word"] {
            let (folder, reference) = file(content.as_bytes());
            let secret = resolve(&reference, folder.path(), &no_env).expect("resolved");
            assert_eq!(secret.expose(), "pass word");
        }
    }

    #[test]
    fn a_file_of_64_kib_is_read_and_one_byte_more_is_refused() {
        let limit = MAX_BYTES as usize;
        let (folder, reference) = file(&vec![b'x'; limit]);
        let secret = resolve(&reference, folder.path(), &no_env).expect("resolved");
        assert_eq!(secret.expose().len(), limit);

        let (folder, reference) = file(&vec![b'x'; limit + 1]);
        let expected = format!(
            "secret file `{}` has more than 65536 bytes",
            folder.path().join("pw").display()
        );
        assert_eq!(
            message(resolve(&reference, folder.path(), &no_env)),
            expected
        );
    }

    #[test]
    fn an_empty_secret_and_a_folder_are_refused() {
        let (folder, reference) = file(b"\n");
        assert_eq!(
            message(resolve(&reference, folder.path(), &no_env)),
            "the secret in file `pw` is empty"
        );
        let reference = SecretReference::File(".".into());
        assert!(matches!(
            resolve(&reference, folder.path(), &no_env),
            Err(SecretError::NotAFile { .. })
        ));
    }

    #[test]
    fn the_environment_is_asked_by_name() {
        let env = |name: &str| (name == "DB_PASSWORD").then(|| "pw".to_owned());
        let known = SecretReference::Env("DB_PASSWORD".into());
        let secret = resolve(&known, Path::new("."), &env).expect("resolved");
        assert_eq!(secret.expose(), "pw");
        let unknown = SecretReference::Env("DB_PASWORD".into());
        assert_eq!(
            message(resolve(&unknown, Path::new("."), &env)),
            "environment variable `DB_PASWORD` is not set; set it where dukou is started"
        );
    }

    #[test]
    fn a_credential_is_read_from_the_directory_that_systemd_names() {
        let (folder, _) = file(b"pw\n");
        let directory = folder.path().display().to_string();
        let env = |name: &str| (name == "CREDENTIALS_DIRECTORY").then(|| directory.clone());
        let credential = SecretReference::Credential("pw".into());
        let secret = resolve(&credential, Path::new("/"), &env).expect("resolved");
        assert_eq!(secret.expose(), "pw");

        let outside = SecretReference::Credential("../pw".into());
        assert_eq!(
            message(resolve(&outside, Path::new("/"), &env)),
            "credential name `../pw` must be a plain file name, without `/`"
        );
        assert_eq!(
            message(resolve(&credential, Path::new("/"), &no_env)),
            "credential `pw` was not passed: `CREDENTIALS_DIRECTORY` is not set; \
             add `LoadCredential=pw:…` to the unit"
        );
    }
}
