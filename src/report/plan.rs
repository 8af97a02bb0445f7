//! A checked `[report]` table.

use super::codes::REPORT_OPTIONS;
use crate::diag::{Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section};
use crate::reconcile::Language;

const FORMATS: &[&str] = &["html", "csv", "xlsx", "zip"];

/// The keys of `[report]` in a job.
pub const REPORT_KEYS: &[Key] = &[
    Key::required(
        "reconcile",
        KeyKind::Name,
        "The job whose latest result for the day it shows: a `[reconcile]` or a `[match]`.",
    ),
    Key::optional(
        "rules",
        KeyKind::Name,
        "The job whose decide rules give the codes of distributions their titles, and say what is not checked.",
    ),
    Key::optional(
        "formats",
        KeyKind::WordList(FORMATS),
        "What is written: `html`, a page that prints on A4; `csv`, tables; `xlsx`, a workbook; `zip`, all of these in one archive with their digests. All when absent.",
    ),
    Key::optional(
        "signatures",
        KeyKind::TextList,
        "Who signs the page, in Chinese.",
    ),
    Key::optional("signatures_en", KeyKind::TextList, "The same in English."),
];

/// How a report is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportPlan {
    /// The job whose decide rules explain codes.
    pub rules: Option<String>,
    /// Whether the page is written.
    pub html: bool,
    /// Whether the tables are written.
    pub csv: bool,
    /// Whether the workbook is written.
    pub xlsx: bool,
    /// Whether everything written is packed into one archive.
    pub zip: bool,
    /// Who signs, in Chinese and in English.
    pub signatures: Vec<(String, String)>,
}

impl ReportPlan {
    /// Reads and checks a section that declares [`REPORT_KEYS`]; the job it names is checked by
    /// the caller, who knows all jobs. `None` when anything is wrong.
    pub fn read(section: &Section<'_>, problems: &mut Problems) -> Option<Self> {
        let before = problems.error_count();
        let formats = section.words("formats");
        if formats.as_ref().is_some_and(Vec::is_empty) {
            wrong(section, "formats", "`formats` names no format", problems);
        }
        let has = |format| match &formats {
            None => true,
            Some(formats) => formats.iter().any(|item| item.value == format),
        };
        if has("zip") && !["html", "csv", "xlsx"].iter().any(|format| has(format)) {
            let message = "`formats` names `zip` alone, and there is nothing to pack";
            wrong(section, "formats", message, problems);
        }
        let signatures = texts(section.texts("signatures"));
        let english = match section.texts("signatures_en") {
            None => signatures.clone(),
            some => texts(some),
        };
        if english.len() != signatures.len() {
            let message = format!(
                "`signatures_en` has {} entries and `signatures` has {}",
                english.len(),
                signatures.len()
            );
            wrong(section, "signatures_en", &message, problems);
        }
        (problems.error_count() == before).then(|| Self {
            rules: section.text("rules").map(|rules| rules.value),
            html: has("html"),
            csv: has("csv"),
            xlsx: has("xlsx"),
            zip: has("zip"),
            signatures: signatures.into_iter().zip(english).collect(),
        })
    }

    /// Whether the rows are written in some form.
    pub(super) fn has_tables(&self) -> bool {
        self.csv || self.xlsx
    }

    /// The file that stands for the report: its digest is the report's.
    pub(super) fn main_file(&self) -> &'static str {
        match self {
            Self { html: true, .. } => super::PAGE,
            Self { xlsx: true, .. } => super::BOOK,
            _ => "summary.csv",
        }
    }

    pub(super) fn signatures_in(&self, language: Language) -> Vec<&str> {
        self.signatures
            .iter()
            .map(|(zh, en)| language.pick(zh, en))
            .collect()
    }
}

fn texts(items: Option<Vec<Item<String>>>) -> Vec<String> {
    let items = items.unwrap_or_default().into_iter();
    items.map(|item| item.value).collect()
}

fn wrong(section: &Section<'_>, key: &str, message: &str, problems: &mut Problems) {
    let place = section.key_place(key).unwrap_or_else(|| section.place());
    problems.push(Problem::error(&REPORT_OPTIONS, place, message));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{key_table_faults, read_text};

    fn read(text: &str) -> (Option<ReportPlan>, Vec<String>) {
        let (plan, problems) = read_text(text, REPORT_KEYS, ReportPlan::read);
        (plan, problems.lines())
    }

    #[test]
    fn the_keys_are_well_formed() {
        assert_eq!(key_table_faults(REPORT_KEYS), Vec::<String>::new());
    }

    #[test]
    fn a_report_writes_every_format_unless_told_otherwise() {
        let (plan, problems) = read("reconcile = 'a'\nsignatures = ['制表']\n");
        assert_eq!(problems, Vec::<String>::new());
        let plan = plan.expect("no problem");
        assert!(plan.html && plan.csv && plan.xlsx && plan.zip);
        assert_eq!(plan.signatures_in(Language::English), ["制表"]);
    }

    #[test]
    fn an_archive_of_nothing_is_refused() {
        let (plan, problems) = read("reconcile = 'a'\nformats = ['zip']\n");
        assert_eq!(plan, None);
        assert_eq!(
            problems,
            ["2:1 report-options: `formats` names `zip` alone, and there is nothing to pack"]
        );
    }

    #[test]
    fn options_that_do_not_fit_are_told_at_once() {
        let (plan, problems) =
            read("reconcile = 'a'\nformats = []\nsignatures = ['制表']\nsignatures_en = []\n");
        assert_eq!(plan, None);
        assert_eq!(
            problems,
            [
                "2:1 report-options: `formats` names no format",
                "4:1 report-options: `signatures_en` has 0 entries and `signatures` has 1",
            ]
        );
    }
}
