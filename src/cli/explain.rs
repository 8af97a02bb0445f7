//! `dukou explain`: what a code means and what to do about it.

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
  dukou explain                 all codes";

/// Say what a code means.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExplainArgs {
    /// The code, as messages and lists show it.
    code: Option<String>,
}

/// `dukou explain`
pub(super) fn run(args: &ExplainArgs, desk: &mut Desk<'_>) -> Result<Answer, CliError> {
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
