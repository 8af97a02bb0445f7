//! The demonstration's directory: wiped when it is its own, filled with the shipped configuration.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::DemoArgs;
use crate::cli::error::{CliError, io_error};
use crate::cli::folders::copy_tree;
use crate::clock::Clock;
use crate::diag::Problems;
use crate::job::Configuration;
use crate::settings::Language;
use crate::transport::write_atomic;

/// Marks a directory as a demonstration's.
const MARK: &str = ".dukou-demo";

/// Where the demonstration is.
pub(super) struct Place {
    pub(super) root: PathBuf,
    pub(super) settings: PathBuf,
    /// The partner's directory: the connection's.
    pub(super) partner: PathBuf,
    /// What the simulator wrote, and what the centre has taken.
    pub(super) centre: PathBuf,
    pub(super) configuration: Arc<Configuration>,
}

/// Makes the directory and reads the configuration that it now has.
pub(super) fn make(
    directory: &Path,
    from: &Configuration,
    args: &DemoArgs,
) -> Result<Place, CliError> {
    let root = std::path::absolute(directory)
        .map_err(io_error(format!("finding `{}`", directory.display())))?;
    clear(&root, args.keep)?;
    write_text(
        &root.join(MARK),
        "A demonstration of dukou made this directory and may wipe it.\n",
    )?;
    copy_tree(&from.settings.paths.jobs, &root.join("jobs"))?;
    copy_tree(&from.settings.paths.mappings, &root.join("mappings"))?;
    let settings = root.join("dukou.toml");
    write_text(&settings, &settings_text(from, args.store.as_deref()))?;
    let mut problems = Problems::new();
    let configuration =
        Configuration::read(&settings, &mut problems).ok_or_else(|| CliError::Configuration {
            problems: problems.sorted(),
        })?;
    Ok(Place {
        partner: root.join("partners/etc_clearing"),
        centre: root.join("centre"),
        configuration: Arc::new(configuration),
        settings,
        root,
    })
}

/// Wipes an earlier demonstration; refuses anything else.
fn clear(root: &Path, keep: bool) -> Result<(), CliError> {
    let doing = || io_error(format!("clearing `{}`", root.display()));
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(doing()(error)),
    };
    let Some(first) = entries.flatten().next() else {
        return Ok(());
    };
    if keep || !root.join(MARK).is_file() {
        return Err(CliError::NotOurs {
            path: root.to_owned(),
            found: first.file_name().to_string_lossy().into_owned(),
        });
    }
    fs::remove_dir_all(root).map_err(doing())
}

/// The demonstration's settings: the same values and zone, everything else its own.
fn settings_text(from: &Configuration, store: Option<&str>) -> String {
    let settings = &from.settings;
    let mut text = format!(
        "# Made by `dukou demo`.\ntimezone = {}\nlanguage = {}\n\n[store]\nurl = {}\n\n[paths]\narchive = \"archive\"\n\
         staging = \"staging\"\noutbox = \"outbox\"\nreports = \"reports\"\n\n[values]\n",
        quoted(settings.zone.name()),
        quoted(match settings.language {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        }),
        quoted(store.unwrap_or("sqlite://dukou.db")),
    );
    for (name, value) in &settings.values {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{name} = {}", quoted(value));
    }
    for name in settings.connections.keys() {
        let _ = write!(
            text,
            "\n[connection.{name}.dir]\npath = \"partners/{name}\"\n"
        );
    }
    text
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let escaped = text.chars().fold(String::new(), |mut out, char| {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            char if char.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(char));
            }
            char => out.push(char),
        }
        out
    });
    format!("\"{escaped}\"")
}

fn write_text(path: &Path, text: &str) -> Result<(), CliError> {
    write_atomic(path, |out| out.write_all(text.as_bytes()))?;
    Ok(())
}

/// The clock of a demonstration: the machine's.
pub(super) fn clock(configuration: &Configuration) -> Clock {
    Clock::system(configuration.settings.zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_directory_is_wiped() {
        let outer = tempfile::tempdir().expect("a directory");
        let root = outer.path().join("demo");
        assert!(clear(&root, false).is_ok(), "a missing one is fine");
        write_text(&root.join("precious.txt"), "x").expect("a file");
        let error = clear(&root, false).expect_err("not ours");
        assert_eq!(
            error.to_string(),
            format!(
                "`{}` holds `precious.txt`, which no demonstration put there",
                root.display()
            )
        );
        write_text(&root.join(MARK), "").expect("a file");
        assert!(clear(&root, true).is_err(), "an earlier one is to be kept");
        assert!(clear(&root, false).is_ok());
        assert!(!root.exists());
    }

    #[test]
    fn a_value_is_quoted_as_toml_reads_it() {
        assert_eq!(quoted("a\"b\\c\n渡"), "\"a\\\"b\\\\c\\u000A渡\"");
    }
}
