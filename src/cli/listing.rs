//! What every list of the books is narrowed by, and how its states are named on the command line.

use std::fmt::Write as _;

use chrono::NaiveDate;
use clap::Args;

use super::arguments::day;

/// Which entries of a list, and how many of them.
#[derive(Debug, Clone, Args)]
pub(super) struct Narrowing {
    /// Of this partner.
    #[arg(long)]
    pub(super) partner: Option<String>,
    /// Of this business day.
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(super) business_date: Option<NaiveDate>,
    /// With this text in the name.
    #[arg(long, value_name = "TEXT")]
    pub(super) name: Option<String>,
    /// Below this number: the last one of the page before.
    #[arg(long, value_name = "NUMBER")]
    pub(super) before: Option<i64>,
    /// At most so many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) limit: u32,
}

impl Narrowing {
    /// The command for the next page, when this one is full: of `dukou VERB list` in a state, after
    /// the last number of those shown.
    pub(super) fn next_page(
        &self,
        verb: &str,
        state: Option<&str>,
        shown: usize,
        last: Option<i64>,
    ) -> Option<String> {
        let last = last.filter(|_| shown == self.limit as usize)?;
        let mut command = format!("dukou {verb} list");
        for (option, value) in [
            ("state", state.map(str::to_owned)),
            ("partner", self.partner.clone()),
            (
                "business-date",
                self.business_date.map(|day| day.to_string()),
            ),
            ("name", self.name.clone()),
            ("limit", Some(self.limit.to_string())),
            ("before", Some(last.to_string())),
        ] {
            if let Some(value) = value {
                // Writing to a `String` cannot fail.
                let _ = write!(command, " --{option} {value}");
            }
        }
        Some(command)
    }
}

/// The state with a word, or a sentence that names them all.
pub(super) fn state<S: Copy>(
    word: &str,
    all: &[S],
    as_word: fn(S) -> &'static str,
) -> Result<S, String> {
    let found = all.iter().find(|state| as_word(**state) == word);
    let known = || {
        let words: Vec<&str> = all.iter().map(|state| as_word(*state)).collect();
        format!("the states are {}", words.join(", "))
    };
    found.copied().ok_or_else(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{DeliveryState, FileState};

    #[test]
    fn a_state_is_one_of_the_ledgers_words() {
        let file = |word| state(word, FileState::ALL, FileState::as_str);
        assert_eq!(file("held"), Ok(FileState::Held));
        assert_eq!(
            file("hold"),
            Err(
                "the states are landed, loaded, held, duplicate, superseded, refused, opened"
                    .to_owned()
            )
        );
        let delivery = |word| state(word, DeliveryState::ALL, DeliveryState::as_str);
        assert_eq!(delivery("sent"), Ok(DeliveryState::Sent));
    }

    #[test]
    fn only_a_full_page_has_a_next_one() {
        let two = Narrowing {
            partner: Some("bank".to_owned()),
            business_date: None,
            name: None,
            before: None,
            limit: 2,
        };
        let command = two.next_page("files", Some("held"), 2, Some(7));
        assert_eq!(
            command.as_deref(),
            Some("dukou files list --state held --partner bank --limit 2 --before 7")
        );
        assert_eq!(two.next_page("files", None, 1, Some(7)), None);
    }
}
