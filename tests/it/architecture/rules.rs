//! The rules, each a function from a text to what breaks it.

use std::collections::BTreeSet;

use super::scan::{self, Source};
use super::{
    FORBIDDEN, FREE, File, Finding, MAX_LINES, MAX_MAIN_LINES, OWNERS, ROWS, WITHOUT_TOKIO,
};

const THE_ROOT: &str = "a name taken from the crate's root hides which module it is from: write \
                        `crate::MODULE::…`";

/// The row of a module.
fn row(module: &str) -> Option<usize> {
    ROWS.iter().position(|row| row.contains(&module))
}

fn finding(file: &File, line: usize, rule: &'static str, text: String) -> Finding {
    Finding {
        path: file.path.clone(),
        line,
        rule,
        text,
    }
}

fn unlisted(module: &str) -> String {
    format!(
        "the module `{module}` is not in the table: choose its row and add it to ROWS and to \
         docs/ARCHITECTURE.md"
    )
}

/// A module uses only modules of lower rows.
pub(super) fn edges(file: &File) -> Vec<Finding> {
    let source = Source::new(&file.path, &file.text);
    let Some(own) = row(source.module()) else {
        return vec![finding(file, 1, "edge", unlisted(source.module()))];
    };
    let mut findings = Vec::new();
    for path in source.paths() {
        let Some(target) = path.inside_crate() else {
            continue;
        };
        let text = match target.first().map(String::as_str) {
            // Stories that `tests/it` plays too name the crate by an alias; they are compiled for
            // tests alone.
            None | Some("*" | "self") if file.path.ends_with("/tests.rs") => continue,
            None | Some("*" | "self") => THE_ROOT.to_owned(),
            Some(module) if module == source.module() => continue,
            Some(module) => match row(module) {
                Some(row) if row < own => continue,
                Some(row) => format!(
                    "`{}` (row {own}) uses `{module}` (row {row}), but a module uses only lower \
                     rows: move what both need down, or hand it in from above",
                    source.module()
                ),
                None => format!(
                    "`{module}` is not a module of the table: write `crate::MODULE::…`, or add \
                     the module to ROWS"
                ),
            },
        };
        findings.push(finding(file, path.line, "edge", text));
    }
    findings
}

/// A crate is used only by its owners, and tokio by no pure module.
pub(super) fn crates(file: &File) -> Vec<Finding> {
    let source = Source::new(&file.path, &file.text);
    let module = source.module();
    let local: BTreeSet<String> = source.local_names();
    let mut findings = Vec::new();
    for path in source.paths() {
        let Some(name) = path.outside_crate() else {
            continue;
        };
        let owners = OWNERS.iter().find(|(owned, _)| *owned == name);
        let text = match owners {
            Some((_, owners)) if !owners.contains(&module) && !local.contains(name) => format!(
                "`{module}` uses the crate `{name}`, which belongs to `{}`: ask that module for \
                 what is needed",
                owners.join("`, `")
            ),
            None if name == "tokio" && WITHOUT_TOKIO.contains(&module) => format!(
                "`{module}` uses the crate `tokio`, but it is a pure module: do the waiting in \
                 `engine` and hand in the bytes"
            ),
            _ => continue,
        };
        findings.push(finding(file, path.line, "crate-owner", text));
    }
    findings
}

/// Every module of the crate has a row.
pub(super) fn modules(file: &File) -> Vec<Finding> {
    let declared = scan::declared_modules(&file.text);
    let unknown = declared.into_iter().filter(|(name, _)| row(name).is_none());
    unknown
        .map(|(name, line)| finding(file, line, "unlisted-module", unlisted(&name)))
        .collect()
}

/// A file is short enough to be read.
pub(super) fn length(file: &File) -> Option<Finding> {
    let limit = match file.path.as_str() {
        "src/main.rs" => MAX_MAIN_LINES,
        path if path.starts_with("src/") => MAX_LINES,
        _ => return None,
    };
    let lines = file.text.lines().count();
    let text = format!(
        "{lines} lines, at most {limit} are allowed: one kind, one file; split it by what it is \
         responsible for"
    );
    (lines > limit).then(|| finding(file, lines, "file-length", text))
}

/// Files and modules are named after what they are responsible for.
pub(super) fn names(file: &File) -> Vec<Finding> {
    let stem = file.path.strip_suffix(".rs").unwrap_or(&file.path);
    let steps = stem.split('/').map(|step| (step.to_owned(), 1));
    let named = steps.chain(scan::declared_modules(&file.text));
    let bad = named.filter(|(name, _)| FORBIDDEN.contains(&name.as_str()));
    bad.map(|(name, line)| {
        let text = format!(
            "`{name}` says nothing about what is inside: name the file or module after what it is \
             responsible for"
        );
        finding(file, line, "forbidden-name", text)
    })
    .collect()
}

/// Every dependency has an owner or is free.
pub(super) fn dependencies(cargo_toml: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut is_inside = false;
    for (number, line) in cargo_toml.lines().enumerate() {
        if line.starts_with('[') {
            is_inside = line.trim() == "[dependencies]";
        }
        let Some((name, _)) = line.split_once('=').filter(|_| is_inside) else {
            continue;
        };
        // Only this package's library has another name than the package.
        let name = match name.trim() {
            "md-5" => "md5".to_owned(),
            name => name.replace('-', "_"),
        };
        if FREE.contains(&name.as_str()) || OWNERS.iter().any(|(owned, _)| *owned == name) {
            continue;
        }
        findings.push(Finding {
            path: "Cargo.toml".to_owned(),
            line: number + 1,
            rule: "crate-owner",
            text: format!(
                "the crate `{name}` has no owner: add it to OWNERS, or to FREE if every module \
                 may use it"
            ),
        });
    }
    findings
}
