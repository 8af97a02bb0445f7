//! What a verb answers: for people, for programs, and as an exit code.

use serde_json::{Map, Value as Json};

use super::screen::Screen;
use super::words::{self, Word};
use crate::text::{Align, display_width, pad_to_width};

/// How a verb ended; that it could not run is an error instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// Done: 0.
    Done,
    /// Done, but something is held, refused or does not agree: 1.
    Attention,
    /// Looked at, and it cannot be used as it is: 2.
    Unusable,
}

impl Exit {
    /// 0 when all is well, else 1.
    pub(super) fn clean(is_clean: bool) -> Self {
        if is_clean {
            Self::Done
        } else {
            Self::Attention
        }
    }

    /// As the system sees it.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Attention => 1,
            Self::Unusable => 2,
        }
    }
}

/// A command to try next, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    command: String,
    why: String,
}

impl Step {
    /// A command and what it is for.
    pub(super) fn new(command: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            command: command.into(),
            why: why.into(),
        }
    }

    /// A command and a word about it.
    pub(super) fn said(screen: Screen, command: impl Into<String>, why: Word) -> Self {
        Self::new(command, screen.say(why))
    }
}

impl From<String> for Step {
    fn from(command: String) -> Self {
        Self::new(command, "")
    }
}

/// What a verb answers.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) exit: Exit,
    /// One object with stable keys.
    pub(super) json: Json,
    /// For people; ends with a line end unless empty.
    pub(super) text: String,
    /// Commands to try next.
    pub(super) next: Vec<Step>,
    /// Whether `--quiet` hides the text when all went well.
    is_act: bool,
}

impl Answer {
    /// The answer of a verb that was asked to show something.
    pub(super) fn shown(json: Json, text: impl Into<String>) -> Self {
        let text = ended(text.into());
        Self {
            exit: Exit::Done,
            json,
            text,
            next: Vec::new(),
            is_act: false,
        }
    }

    /// The answer of a verb that did something.
    pub(super) fn done(exit: Exit, json: Json, text: impl Into<String>) -> Self {
        Self {
            exit,
            is_act: true,
            ..Self::shown(json, text)
        }
    }

    /// Adds commands to try next.
    pub(super) fn next(mut self, next: impl IntoIterator<Item = impl Into<Step>>) -> Self {
        self.next = next.into_iter().map(Into::into).collect();
        self
    }

    /// The one JSON document: the object, and what to do next.
    pub(super) fn document(&self) -> Json {
        let mut object = match &self.json {
            Json::Object(object) => object.clone(),
            other => Map::from_iter([("value".to_owned(), other.clone())]),
        };
        if !self.next.is_empty() {
            let commands = self
                .next
                .iter()
                .map(|step| Json::from(step.command.as_str()));
            object.insert("next".to_owned(), commands.collect());
        }
        Json::Object(object)
    }

    /// The text, with what to do next.
    pub(super) fn shown_text(&self, screen: Screen, is_quiet: bool) -> String {
        if is_quiet {
            let is_hidden = self.is_act && self.exit == Exit::Done;
            return if is_hidden {
                String::new()
            } else {
                self.text.clone()
            };
        }
        let steps = steps(&self.next);
        format!("{}{}", self.text, screen.section(words::NEXT, &steps))
    }
}

/// Commands, a line each, what they are for one below the other.
fn steps(steps: &[Step]) -> String {
    let with_why = steps.iter().filter(|step| !step.why.is_empty());
    let widest = with_why.map(|step| display_width(&step.command)).max();
    let line = |step: &Step| {
        let command = pad_to_width(&step.command, widest.unwrap_or(0), Align::Left);
        format!("{command}    {}", step.why).trim_end().to_owned()
    };
    super::sheet::lines(steps.iter().map(line))
}

fn ended(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn quiet_hides_what_went_well_and_shows_what_did_not() {
        let well = Answer::done(Exit::Done, json!({}), "5 files");
        assert_eq!(well.shown_text(Screen::USUAL, true), "");
        assert_eq!(well.shown_text(Screen::USUAL, false), "5 files\n");
        let held = Answer::done(Exit::Attention, json!({}), "1 held");
        assert_eq!(held.shown_text(Screen::USUAL, true), "1 held\n");
        let listed = Answer::shown(json!({}), "a list");
        assert_eq!(listed.shown_text(Screen::USUAL, true), "a list\n");
    }

    #[test]
    fn what_to_do_next_is_in_both_forms_but_not_when_quiet() {
        let answer = Answer::shown(json!({ "files": [] }), "none").next([
            Step::new("dukou status", ""),
            Step::new("dukou recover", "b"),
            Step::new("dukou files show 12", "a"),
        ]);
        assert_eq!(
            answer.shown_text(Screen::USUAL, false),
            "none\n\n下一步：\n  dukou status\n  dukou recover          b\n  dukou files show 12    a\n"
        );
        assert_eq!(answer.shown_text(Screen::USUAL, true), "none\n");
        assert_eq!(
            answer.document(),
            json!({ "files": [], "next": ["dukou status", "dukou recover", "dukou files show 12"] })
        );
    }

    #[test]
    fn exit_codes_are_0_1_2() {
        let exits = [Exit::clean(true), Exit::clean(false), Exit::Unusable];
        assert_eq!(exits.map(Exit::code), [0, 1, 2]);
    }
}
