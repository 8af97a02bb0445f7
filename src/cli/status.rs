//! `dukou status`: what happened, what is open, what to do next.

use chrono::NaiveDate;
use clap::Args;
use serde_json::json;

use super::answer::{Answer, Step};
use super::arguments::day;
use super::desk::Desk;
use super::error::CliError;
use super::mapped;
use super::screen::Screen;
use super::shown::{self, moment};
use super::table::{Table, long, number, text};
use super::words;
use crate::clock::Clock;
use crate::job::Configuration;
use crate::ledger::{
    self, ClaimRow, DeliveryRow, EventRow, FileRow, FileState, GapRow, RejectCount, Status,
};

const EXAMPLES: &str = "\
Examples:
  dukou status                              everything that is open, and counts of all files
  dukou status --business-date 2026-03-09   counts of that day's files; what is open whatever its day
  dukou status --json";

/// Show what happened.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct StatusArgs {
    /// Count only files of this business day.
    #[arg(long, value_name = "DAY", value_parser = day)]
    business_date: Option<NaiveDate>,
}

/// `dukou status`
pub(super) async fn run(args: &StatusArgs, desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    let engine = desk.engine().await?;
    let mut status = ledger::overview(engine.database(), args.business_date).await?;
    let now = engine.clock().now();
    let unacknowledged = status.unacknowledged.into_iter();
    status.unacknowledged = unacknowledged.map(|row| row.as_of(now)).collect();
    let view = View {
        status: &status,
        configuration: engine.configuration(),
        clock: engine.clock(),
        screen: desk.screen().inner(),
    };
    Ok(Answer::shown(json!({ "status": status }), view.shown()).next(next(&status, desk.screen())))
}

/// Entries of one list that a screen shows; `--json` has them all.
const SHOWN: usize = 10;

/// The first entries as a table, and how many more there are.
fn first<T>(items: &[T], screen: Screen, shown: impl FnOnce(&[T]) -> String) -> String {
    let (head, rest) = items.split_at(items.len().min(SHOWN));
    let mut text = shown(head);
    if !rest.is_empty() {
        text.push_str(&screen.fill(words::MORE, &[&rest.len()]));
        text.push('\n');
    }
    text
}

struct View<'v> {
    status: &'v Status,
    configuration: &'v Configuration,
    clock: &'v Clock,
    screen: Screen,
}

impl View<'_> {
    fn shown(&self) -> String {
        let mut out = self.counts();
        let (status, screen) = (self.status, self.screen);
        let rejects = first(&status.rejects, screen, |rows| self.rejects(rows));
        let unsent = first(&status.unsent, screen, |rows| self.deliveries(rows));
        let unacknowledged = first(&status.unacknowledged, screen, |rows| {
            self.unacknowledged(rows)
        });
        for (title, body) in [
            (
                words::HELD_FILES,
                first(&status.held, screen, |rows| self.held(rows)),
            ),
            (words::OPEN_REJECTS, rejects),
            (
                words::GAPS,
                first(&status.gaps, screen, |rows| self.gaps(rows)),
            ),
            (words::UNSENT, unsent),
            (words::UNACKNOWLEDGED, unacknowledged),
            (
                words::CLAIMS,
                first(&status.claims, screen, |rows| self.claims(rows)),
            ),
            (
                words::EVENTS,
                first(&status.events, screen, |rows| self.events(rows)),
            ),
            (words::LATEST_RUNS, self.runs()),
        ] {
            out.push_str(&screen.section(title, &body));
        }
        out
    }

    fn counts(&self) -> String {
        let (status, screen) = (self.status, self.screen);
        let day = status
            .business_date
            .map_or_else(|| screen.say(words::ALL).to_owned(), |day| day.to_string());
        let counted = status.files.iter().map(|one| {
            let state = screen.say(words::file_state(one.state));
            screen.fill(words::STATE_COUNT, &[&state, &one.count])
        });
        let mut parts: Vec<String> = counted.collect();
        if parts.is_empty() {
            parts.push(screen.say(words::NONE).to_owned());
        }
        let files = screen.listed(&parts);
        format!("{}\n", screen.fill(words::FILES_OF, &[&day, &files]))
    }

    fn held(&self, rows: &[FileRow]) -> String {
        let columns = [
            number(words::NUMBER),
            long(words::FILE_NAME),
            text(words::CODE),
            text(words::RECEIVED),
            long(words::REASON),
        ];
        Table::of(columns, rows, |file| {
            [
                file.file_no.to_string(),
                file.name.clone(),
                file.code.clone().unwrap_or_default(),
                moment(self.clock, file.received_at),
                file.reason.clone().unwrap_or_default(),
            ]
        })
        .shown(self.screen)
    }

    fn rejects(&self, rows: &[RejectCount]) -> String {
        let columns = [
            number(words::FILE),
            long(words::FILE_NAME),
            text(words::PARTNER),
            number(words::RECORD),
        ];
        Table::of(columns, rows, |file| {
            [
                file.file_no.to_string(),
                file.name.clone(),
                file.partner.clone(),
                file.open.to_string(),
            ]
        })
        .shown(self.screen)
    }

    fn gaps(&self, rows: &[GapRow]) -> String {
        let columns = [
            long(words::INTERFACE),
            long(words::SCOPE),
            number(words::FIRST),
            number(words::LAST),
            text(words::FOUND),
        ];
        Table::of(columns, rows, |gap| {
            [
                mapped::mapping_title(self.configuration, &gap.interface, self.screen),
                gap.scope.clone(),
                gap.first_missing.to_string(),
                gap.last_missing.to_string(),
                moment(self.clock, gap.found_at),
            ]
        })
        .shown(self.screen)
    }

    fn deliveries(&self, rows: &[DeliveryRow]) -> String {
        let columns = [
            number(words::NUMBER),
            long(words::FILE_NAME),
            text(words::PURPOSE),
            text(words::STATE),
            text(words::CREATED),
            long(words::LAST_ERROR),
        ];
        Table::of(columns, rows, |row| {
            [
                row.delivery_no.to_string(),
                row.name.clone(),
                self.screen.say(words::purpose(row.purpose)).to_owned(),
                self.screen.say(words::delivery_state(row.state)).to_owned(),
                moment(self.clock, row.created_at),
                row.last_error.clone().unwrap_or_default(),
            ]
        })
        .shown(self.screen)
    }

    fn unacknowledged(&self, rows: &[DeliveryRow]) -> String {
        let columns = [
            number(words::NUMBER),
            long(words::FILE_NAME),
            text(words::PURPOSE),
            text(words::STATE),
            text(words::SENT),
            text(words::DUE),
            long(words::PARTNER_RESULT),
        ];
        Table::of(columns, rows, |row| {
            [
                row.delivery_no.to_string(),
                row.name.clone(),
                self.screen.say(words::purpose(row.purpose)).to_owned(),
                self.screen.say(words::delivery(row)).to_owned(),
                shown::moment_or_none(self.clock, row.sent_at),
                shown::moment_or_none(self.clock, row.due_at),
                row.ack_result.clone().unwrap_or_default(),
            ]
        })
        .shown(self.screen)
    }

    fn claims(&self, rows: &[ClaimRow]) -> String {
        let columns = [
            long(words::FILE_NAME),
            long(words::PROCESS),
            text(words::CLAIMED_UNTIL),
        ];
        Table::of(columns, rows, |claim| {
            [
                claim.name.clone(),
                claim.holder.clone(),
                moment(self.clock, claim.leased_until),
            ]
        })
        .shown(self.screen)
    }

    fn events(&self, rows: &[EventRow]) -> String {
        let columns = [text(words::LEVEL), text(words::TIME), long(words::CONTENT)];
        Table::of(columns, rows, |event| {
            [
                self.screen.say(words::level(event.level)).to_owned(),
                moment(self.clock, event.at),
                event.sentence.clone(),
            ]
        })
        .shown(self.screen)
    }

    fn runs(&self) -> String {
        let columns = [
            number(words::NUMBER),
            long(words::JOB),
            text(words::BUSINESS_DATE),
            text(words::STATE),
            text(words::STARTED),
            text(words::FINISHED),
        ];
        Table::of(columns, self.status.runs.iter().take(8), |run| {
            [
                run.run_no.to_string(),
                run.job.clone(),
                run.business_date.to_string(),
                self.screen.say(words::run_state(run.state)).to_owned(),
                moment(self.clock, run.started_at),
                shown::moment_or_none(self.clock, run.finished_at),
            ]
        })
        .shown(self.screen)
    }
}

/// The commands that take an operator on.
fn next(status: &Status, screen: Screen) -> Vec<Step> {
    let mut next = Vec::new();
    let mut step = |command: String, why| next.push(Step::said(screen, command, why));
    if let Some(file) = status.held.first() {
        let command = format!("dukou files show {}", file.file_no);
        step(command, words::DO_SHOW_HELD);
    }
    if let Some(file) = status.rejects.first() {
        let command = format!("dukou rejects list --file {}", file.file_no);
        step(command, words::DO_SHOW_REJECTS);
    }
    let landed = status
        .files
        .iter()
        .any(|count| count.state == FileState::Landed && count.count > 0);
    if landed || !status.unsent.is_empty() {
        step("dukou recover".to_owned(), words::DO_RECOVER);
    }
    if let Some(delivery) = status.unacknowledged.first() {
        let command = format!("dukou deliveries show {}", delivery.delivery_no);
        step(command, words::DO_SHOW_UNACKNOWLEDGED);
    }
    next
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a wrong index fails the test")]
mod tests {
    use super::*;

    fn empty() -> Status {
        Status {
            business_date: None,
            files: Vec::new(),
            held: Vec::new(),
            rejects: Vec::new(),
            gaps: Vec::new(),
            unsent: Vec::new(),
            unacknowledged: Vec::new(),
            claims: Vec::new(),
            runs: Vec::new(),
            events: Vec::new(),
        }
    }

    #[test]
    fn nothing_open_asks_for_nothing() {
        assert!(next(&empty(), Screen::USUAL).is_empty());
    }

    #[test]
    fn a_long_list_says_how_much_more_there_is() {
        let numbers: Vec<usize> = (0..12).collect();
        let shown = first(&numbers, Screen::USUAL, |head| {
            format!("{} shown\n", head.len())
        });
        assert_eq!(shown, "10 shown\n…还有 2 项\n");
        assert_eq!(
            first(&numbers[..2], Screen::USUAL, |head| format!(
                "{} shown\n",
                head.len()
            )),
            "2 shown\n"
        );
    }

    #[test]
    fn open_rejects_lead_to_their_list() {
        let reject = RejectCount {
            file_no: 7,
            name: "a.txt".to_owned(),
            partner: "etc_clearing".to_owned(),
            open: 3,
        };
        let status = Status {
            rejects: vec![reject],
            ..empty()
        };
        assert_eq!(
            next(&status, Screen::USUAL),
            [Step::new("dukou rejects list --file 7", "看拒收的记录")]
        );
    }
}
