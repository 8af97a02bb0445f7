//! `dukou explain`: what a code means and what to do about it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value as Json, json};

use super::answer::Answer;
use super::codes;
use super::desk::Desk;
use super::error::CliError;
use super::screen::Screen;
use super::table::{Table, long, text};
use super::words;
use crate::diag::{Code, did_you_mean};
use crate::job::{Configuration, JobKind};

const EXAMPLES: &str = "\
Examples:
  dukou explain unknown-key
  dukou explain                 all codes
  dukou explain --markdown --out docs/reference/codes.md";

/// Say what a code means.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExplainArgs {
    /// The code, as messages and lists show it.
    code: Option<String>,
    /// All codes by area, as one page in Markdown.
    #[arg(long, conflicts_with = "code")]
    markdown: bool,
    /// The file to write the page to; without it, the screen.
    #[arg(long, value_name = "FILE", requires = "markdown")]
    out: Option<PathBuf>,
}

/// `dukou explain`
pub(super) fn run(args: &ExplainArgs, desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    if args.markdown {
        return desk.page(&markdown(), args.out.as_deref());
    }
    let Some(id) = &args.code else {
        return Ok(all(desk.screen()));
    };
    if let Some(code) = codes::find(id) {
        return Ok(one(code));
    }
    // A code of a job's own `[[refuse]]` rules; without a configuration there are none.
    if desk.settings_path().is_ok()
        && let Ok(configuration) = desk.configuration()
        && let Some(answer) = declared(&configuration, id)
    {
        return Ok(answer);
    }
    let near = did_you_mean(id, codes::all().iter().map(|code| code.id));
    Err(CliError::UnknownCode {
        code: id.clone(),
        near,
    })
}

fn to_json(code: &Code) -> Json {
    json!({ "code": code.id, "title": code.title, "title_zh": code.title_zh, "help": code.help })
}

fn one(code: &Code) -> Answer {
    let text = format!(
        "{}\n{}\n{}\n\n{}",
        code.id, code.title_zh, code.title, code.help
    );
    Answer::shown(to_json(code), text)
}

fn all(screen: Screen) -> Answer {
    let all = codes::all();
    let columns = [
        text(words::CODE),
        text(words::MEANING_ZH),
        long(words::MEANING_EN),
    ];
    let table = Table::of(columns, &all, |code| {
        [code.id, code.title_zh, code.title].map(str::to_owned)
    });
    let json: Vec<Json> = all.iter().map(|code| to_json(code)).collect();
    Answer::shown(json!({ "codes": json }), table.shown(screen))
}

/// What is in charge where codes come from, in Chinese.
const AREAS: &[(&str, &str)] = &[
    ("calendar", "工作日历"),
    ("cli", "命令行"),
    ("dataset", "数据集"),
    ("db", "数据库"),
    ("document", "配置文件"),
    ("engine", "执行"),
    ("envelope", "封装"),
    ("format", "格式"),
    ("job", "作业"),
    ("ledger", "账本"),
    ("life", "生命周期"),
    ("mapping", "映射"),
    ("reconcile", "对账"),
    ("report", "报告"),
    ("settings", "设置"),
    ("simulate", "模拟"),
    ("transport", "传输"),
];

/// `src/format/csv/codes.rs` is the area `format csv`.
fn area(path: &str) -> String {
    let below = path.strip_prefix("src/").unwrap_or(path);
    let folders: Vec<&str> = below.split('/').collect();
    let names = folders.split_last().map_or(&[][..], |(_, folders)| folders);
    names.join(" ")
}

/// Every code by area, as one page.
fn markdown() -> String {
    let mut page = "# 代码 · Codes\n\n由程序生成，勿手工修改。每条信息、每个挂起的文件、每条拒收记录都带一个代码。\n\
                    Generated from the program; do not edit. Every message, held file and reject carries a code.\n"
        .to_owned();
    let mut areas: BTreeMap<String, Vec<&Code>> = BTreeMap::new();
    for (path, declared) in codes::GATHERED {
        areas.entry(area(path)).or_default().extend(*declared);
    }
    for (area, mut codes) in areas {
        codes.sort_by_key(|code| code.id);
        let module = area.split(' ').next().unwrap_or_default();
        let title = AREAS.iter().find(|(name, _)| *name == module);
        let title = title.map_or("", |(_, title)| title);
        // Writing to a `String` cannot fail.
        let _ = writeln!(page, "\n## {title} {area}");
        for code in codes {
            let Code {
                id,
                title,
                title_zh,
                help,
            } = code;
            let _ = writeln!(page, "\n### `{id}`\n\n{title_zh} · {title}\n\n{help}");
        }
    }
    page
}

/// A code that a job declares.
fn declared(configuration: &Configuration, id: &str) -> Option<Answer> {
    configuration.jobs.iter().find_map(|(job, declared)| {
        let JobKind::Pull(plan) = &declared.kind else { return None };
        let rule = plan.refuse.iter().find(|rule| rule.code == id)?;
        let title = &rule.title;
        let help = format!(
            "A `[[refuse]]` rule of the job `{job}` over `{}`. The file is held and nothing of it is \
             loaded; its reason names the first rows that met the rule.",
            rule.dataset.name()
        );
        let json = json!({ "code": id, "title": title, "title_zh": title, "help": help, "job": job.as_str() });
        Some(Answer::shown(json, format!("{id}\n{title}\n\n{help}")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_explained_in_both_languages() {
        let code = codes::find("no-settings").expect("a code of the CLI");
        let answer = one(code);
        assert_eq!(
            answer.text,
            "no-settings\n找不到设置文件\nthere is no settings file\n\nStart `dukou` in the \
             directory of `dukou.toml` or below it, or name the file with `--settings PATH`.\n"
        );
        assert_eq!(answer.json.get("title_zh"), Some(&json!("找不到设置文件")));
    }

    #[test]
    fn the_page_has_every_code_once_under_its_area() {
        let page = markdown();
        for code in codes::all() {
            let heading = format!("\n### `{}`\n", code.id);
            assert_eq!(page.matches(&heading).count(), 1, "{heading}");
        }
        assert!(page.contains("\n## 格式 format csv\n"), "areas are named");
    }

    #[test]
    fn without_a_code_all_are_listed_within_the_screen() {
        let answer = all(Screen::USUAL);
        let count = answer
            .json
            .pointer("/codes")
            .and_then(Json::as_array)
            .map(Vec::len);
        assert_eq!(count, Some(codes::all().len()));
        for line in answer.text.lines() {
            assert!(crate::text::display_width(line) <= 100, "{line}");
        }
    }
}
