//! `dukou exchanges`: what is exchanged with whom, and which fixtures show it.
//!
//! The one invariant: everything comes from the checked configuration and the fixtures; nothing
//! about a partner is written here.

mod fixtures;
mod page;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value as Json, json};

use super::answer::Answer;
use super::desk::Desk;
use super::error::CliError;
use super::screen::Screen;
use super::sheet::lines;
use super::table::{Table, long, number, text};
use super::words::{self, Word};
use crate::job::{Configuration, Direction, Exchange};
use crate::mapping::{Mapping, Status};
use fixtures::Fixtures;

const EXAMPLES: &str = "\
Examples:
  dukou exchanges                                 every message of every partner, on the screen
  dukou exchanges --json                          the same as data, with what has no fixture
  dukou exchanges --markdown --out docs/EXCHANGES.md

A fixture is golden for a message when a story of `dukou test` loads or sends it, or when a canonical
file in `fixtures/canonical` is read and written with its mapping. It is hostile when a story expects
the file held, or a record refused.";

/// What is exchanged with whom.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExchangesArgs {
    /// As one page in Markdown.
    #[arg(long)]
    markdown: bool,
    /// The file to write the page to; without it, the screen.
    #[arg(long, value_name = "FILE", requires = "markdown")]
    out: Option<PathBuf>,
    /// Where the fixtures are; without it `fixtures` beside the settings.
    #[arg(long, value_name = "DIR")]
    fixtures: Option<PathBuf>,
}

/// What is known of all exchanges.
struct Known<'c> {
    configuration: &'c Configuration,
    exchanges: Vec<Exchange>,
    fixtures: Fixtures,
}

/// `dukou exchanges`
pub(super) fn run(args: &ExchangesArgs, desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    let configuration = desk.configuration()?;
    let settings = desk.settings_path()?;
    let beside = settings.parent().unwrap_or(Path::new("."));
    let folder = match &args.fixtures {
        Some(folder) => folder.clone(),
        None => beside.join("fixtures"),
    };
    let known = Known {
        configuration: &configuration,
        exchanges: configuration.exchanges(),
        fixtures: fixtures::of(&folder, &settings, &configuration)?,
    };
    if args.markdown {
        return desk.page(&page::markdown(&known), args.out.as_deref());
    }
    Ok(known.shown(desk.screen()))
}

impl Known<'_> {
    /// The fixtures of an exchange by name: golden ones of its direction, then its hostile ones.
    fn golden(&self, exchange: &Exchange) -> Vec<String> {
        let mapping = exchange.mapping.name.as_str();
        self.fixtures.golden(mapping, exchange.direction)
    }

    fn hostile(&self, exchange: &Exchange) -> Vec<String> {
        match exchange.direction {
            Direction::In => self.fixtures.hostile(exchange.mapping.name.as_str()),
            Direction::Out => Vec::new(),
        }
    }

    /// What has no fixture: `etc_clearing/clearing in`, or a partner without a hostile one.
    fn lacking(&self) -> Vec<String> {
        let mut lacking = Vec::new();
        let mut partners: Vec<&str> = Vec::new();
        for exchange in &self.exchanges {
            if self.golden(exchange).is_empty() {
                let (mapping, direction) = (&exchange.mapping.name, exchange.direction);
                let said = format!("{mapping} {direction}: no golden fixture");
                if !lacking.contains(&said) {
                    lacking.push(said);
                }
            }
            let partner = exchange.partner.as_str();
            if exchange.direction == Direction::In && !partners.contains(&partner) {
                partners.push(partner);
            }
        }
        let harmless = partners
            .into_iter()
            .filter(|partner| !self.fixtures.has_hostile(partner));
        lacking.extend(harmless.map(|partner| format!("{partner}: no hostile fixture")));
        lacking
    }

    fn shown(&self, screen: Screen) -> Answer {
        let columns = [
            text(words::PARTNER),
            long(words::CONTENT),
            text(words::DIRECTION),
            text(words::FORMAT),
            text(words::ENVELOPE),
            text(words::EVIDENCE),
            long(words::JOB),
            number(words::FIXTURES),
        ];
        let table = Table::of(columns, &self.exchanges, |one| {
            [
                one.partner.to_string(),
                title(&one.mapping, screen),
                screen.say(direction(one.direction)).to_owned(),
                one.mapping.format.kind_name().to_owned(),
                one.envelopes.join("+"),
                screen.say(evidence(one.mapping.status)).to_owned(),
                one.job.to_string(),
                (self.golden(one).len() + self.hostile(one).len()).to_string(),
            ]
        });
        let mut shown = table.shown(screen);
        let unused = self.configuration.unused_mappings();
        let unused: Vec<String> = unused.iter().map(|one| one.name.to_string()).collect();
        shown.push_str(&screen.section(words::UNUSED_MAPPINGS, &lines(unused.clone())));
        let lacking = self.lacking();
        shown.push_str(&screen.section(words::LACKING_FIXTURES, &lines(lacking.clone())));
        let json = json!({
            "exchanges": self.exchanges.iter().map(|one| self.json(one)).collect::<Vec<_>>(),
            "unused_mappings": unused,
            "lacking": lacking,
        });
        Answer::shown(json, shown)
    }

    fn json(&self, one: &Exchange) -> Json {
        let datasets = one.datasets();
        json!({
            "partner": one.partner.as_str(),
            "mapping": one.mapping.name.as_str(),
            "title": one.mapping.title,
            "title_en": one.mapping.title_en,
            "direction": one.direction.word(),
            "format": one.mapping.format.kind_name(),
            "envelopes": one.envelopes,
            "evidence": evidence_word(one.mapping.status),
            "datasets": datasets.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
            "job": one.job.as_str(),
            "golden": self.golden(one),
            "hostile": self.hostile(one),
        })
    }
}

fn title(mapping: &Mapping, screen: Screen) -> String {
    screen.pick(&mapping.title, &mapping.title_en).to_owned()
}

fn direction(direction: Direction) -> Word {
    match direction {
        Direction::In => words::DIRECTION_IN,
        Direction::Out => words::DIRECTION_OUT,
    }
}

fn evidence(status: Status) -> Word {
    match status {
        Status::Public => words::EVIDENCE_PUBLIC,
        Status::Profile => words::EVIDENCE_PROFILE,
    }
}

fn evidence_word(status: Status) -> &'static str {
    match status {
        Status::Public => "public",
        Status::Profile => "profile",
    }
}
