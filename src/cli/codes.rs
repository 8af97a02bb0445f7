//! Every code that the program can show, gathered for `dukou explain`.

use crate::diag::{Code, codes};
use crate::{
    calendar, dataset, db, document, engine, envelope, format, job, key, ledger, life, mapping,
    reconcile, report, settings, simulate, transport,
};

codes! {
    pub(super) Code;

    USAGE = "usage", "the command line cannot be understood", "命令行有误",
        "`dukou help` lists the verbs, `dukou VERB --help` says what a verb takes, with examples.";
    NO_SETTINGS = "no-settings", "there is no settings file", "找不到设置文件",
        "Start `dukou` in the directory of `dukou.toml` or below it, or name the file with \
         `--settings PATH`.";
    BAD_CONFIGURATION = "bad-configuration", "the configuration has errors", "配置有误",
        "`dukou check` shows every problem with its place. Nothing was opened or changed.";
    UNKNOWN_CODE = "no-such-code", "there is no such code", "代码不存在",
        "`dukou explain` without a code lists them all.";
    FAILED = "failed", "an operation did not work", "操作失败",
        "The message says what was done to what, and why it did not work. Mend the cause and do it \
         again: every verb can be repeated, and `dukou recover` completes what was begun.";
    NOT_OURS = "not-ours", "a directory holds something that the program did not put there", "目录非本程序所有",
        "The demonstration wipes its directory before it begins, and only one that an earlier \
         demonstration made. Name another one with `--dir`.";
    BAD_STORY = "bad-story", "a story cannot be played as it is written", "故事文件有误",
        "`story.toml` says which jobs run in which order, at which moment and for which day. See \
         docs/guide/test-with-stories.md and docs/reference/story.toml.";
    DEMO_DIFFERS = "demo-differs", "the hub's figures differ from the simulator's statement", "演示结果不符",
        "The two are computed from different sources and must be equal. Keep the directory and \
         report this as a defect.";
}

/// The codes of each module, by the file that declares them.
pub(super) const GATHERED: &[(&str, &[Code])] = &[
    ("src/calendar/mod.rs", calendar::CODES),
    ("src/cli/codes.rs", CODES),
    ("src/dataset/codes.rs", dataset::CODES),
    ("src/db/codes.rs", db::CODES),
    ("src/document/codes.rs", document::CODES),
    ("src/engine/codes.rs", engine::CODES),
    ("src/envelope/mod.rs", envelope::CODES),
    ("src/format/csv/codes.rs", format::csv::CODES),
    ("src/format/excel/codes.rs", format::excel::CODES),
    ("src/format/error.rs", format::CODES),
    ("src/format/fixed/codes.rs", format::fixed::CODES),
    ("src/format/lines/codes.rs", format::lines::CODES),
    ("src/format/json/codes.rs", format::json::CODES),
    ("src/format/xml/codes.rs", format::xml::CODES),
    ("src/key/error.rs", key::CODES),
    ("src/job/codes.rs", job::CODES),
    ("src/ledger/codes.rs", ledger::CODES),
    ("src/life/codes.rs", life::CODES),
    ("src/mapping/mod.rs", mapping::CODES),
    ("src/reconcile/codes.rs", reconcile::CODES),
    ("src/report/codes.rs", report::CODES),
    ("src/settings/mod.rs", settings::CODES),
    ("src/simulate/joint/mod.rs", simulate::joint::CODES),
    ("src/transport/codes.rs", transport::CODES),
];

/// Every code, by id.
pub(super) fn all() -> Vec<&'static Code> {
    let mut all: Vec<&Code> = GATHERED
        .iter()
        .flat_map(|(_, codes)| codes.iter())
        .collect();
    all.sort_by_key(|code| code.id);
    all
}

/// The code with an id.
pub(super) fn find(id: &str) -> Option<&'static Code> {
    all().into_iter().find(|code| code.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn declaring(directory: &Path, root: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(directory)
            .expect("the tree is readable")
            .flatten()
        {
            let path = entry.path();
            if path.is_dir() {
                declaring(&path, root, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("sources are text");
            // `diag::codes!` declares a list too.
            let takes_macro =
                |line: &str| line.starts_with("use crate::diag") && line.contains("codes");
            let has_macro = text.lines().any(takes_macro);
            let declares = |line: &str| {
                line.trim_start().starts_with("pub const CODES:")
                    || has_macro && line.starts_with("codes! {")
            };
            let below = path.strip_prefix(root).expect("it is below");
            let is_macro = below == Path::new("src/diag/declare.rs");
            if !is_macro && text.lines().any(declares) {
                found.insert(below.display().to_string());
            }
        }
    }

    #[test]
    fn every_list_of_codes_in_the_tree_is_gathered() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = BTreeSet::new();
        declaring(&root.join("src"), root, &mut found);
        let gathered: BTreeSet<String> = GATHERED
            .iter()
            .map(|(path, _)| (*path).to_owned())
            .collect();
        assert_eq!(found, gathered);
    }

    #[test]
    fn a_code_has_one_meaning() {
        let mut seen: Vec<&Code> = Vec::new();
        for code in all() {
            if let Some(other) = seen.iter().find(|other| other.id == code.id) {
                assert_eq!(*other, code, "`{}` is declared twice", code.id);
            }
            seen.push(code);
        }
    }

    #[test]
    fn every_code_says_what_it_is_in_both_languages_and_what_to_do() {
        for code in all() {
            let is_kebab = code
                .id
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            assert!(is_kebab, "`{}`", code.id);
            assert!(
                !code.title.is_empty() && !code.title_zh.is_empty(),
                "`{}`",
                code.id
            );
            assert!(code.help.len() > 20, "`{}` needs help", code.id);
        }
    }
}
