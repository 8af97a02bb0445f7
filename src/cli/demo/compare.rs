//! The hub's figures against the simulator's statement, line by line.
//!
//! The statement comes from the simulator's plan, the hub's figures from its tables, its ledger
//! and the messages that the centre received: none from the other.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use serde::{Serialize, Serializer};

use super::days::{Demo, RECONCILE};
use crate::cli::error::CliError;
use crate::cli::screen::Screen;
use crate::cli::table::{Table, long, text};
use crate::cli::words::{self, Word};
use crate::dataset::{self, Condition, Dataset};
use crate::id::Fen;
use crate::ledger::{self, BreakFilter, ComponentRow, ReconNo};
use crate::simulate::etc_clearing::{Received, Tally};
use crate::value::Value;

/// One figure of both sides.
#[derive(Debug)]
pub(super) struct Line {
    title: String,
    hub: String,
    statement: String,
}

impl Line {
    fn new(title: impl Into<String>, hub: impl Into<String>, statement: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            hub: hub.into(),
            statement: statement.into(),
        }
    }

    fn tallies(
        screen: Screen,
        title: impl Into<String>,
        hub: Option<Tally>,
        statement: Tally,
    ) -> Self {
        let shown = |tally: Tally| screen.fill(words::TALLY, &[&tally.count, &tally.amount]);
        let none = || screen.say(words::NONE).to_owned();
        Self::new(title, hub.map_or_else(none, shown), shown(statement))
    }

    /// Whether the two sides are the same.
    pub(super) fn agrees(&self) -> bool {
        self.hub == self.statement
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut line = serializer.serialize_struct("Line", 4)?;
        line.serialize_field("title", &self.title)?;
        line.serialize_field("hub", &self.hub)?;
        line.serialize_field("statement", &self.statement)?;
        line.serialize_field("agrees", &self.agrees())?;
        line.end()
    }
}

/// All lines as a table.
pub(super) fn table(lines: &[Line], screen: Screen) -> String {
    let columns = [
        text(words::NOTHING),
        text(words::ITEM),
        long(words::HUB),
        long(words::STATEMENT),
    ];
    Table::of(columns, lines, |line| {
        let mark = if line.agrees() { "✓" } else { "✗" };
        [
            mark.to_owned(),
            line.title.clone(),
            line.hub.clone(),
            line.statement.clone(),
        ]
    })
    .shown(screen)
}

/// Every figure that both sides know.
pub(super) async fn all(demo: &Demo<'_, '_>) -> Result<Vec<Line>, CliError> {
    let sums = Sums { demo };
    let mut lines = sums.stored().await?;
    let received = demo.centre.received(&demo.place.configuration)?;
    let received: Vec<Received> = received.into_iter().flatten().collect();
    lines.push(answers(demo, &received));
    lines.push(accounting(demo, &received));
    lines.push(sums.requested().await?);
    lines.extend(sums.reconciled().await?);
    Ok(lines)
}

/// The result code of every confirmation.
fn answers(demo: &Demo<'_, '_>, received: &[Received]) -> Line {
    let files = demo.statement.files.iter();
    let mut expected: Vec<(String, i64, i64)> = files
        .map(|file| (file.sender_id.clone(), file.message_id, file.answer))
        .collect();
    let mut sent: Vec<(String, i64, i64)> = received
        .iter()
        .filter_map(|message| match message {
            Received::Confirmation {
                receiver_id,
                confirmed_id,
                result,
                ..
            } => Some((receiver_id.clone(), *confirmed_id, *result)),
            _ => None,
        })
        .collect();
    expected.sort();
    sent.sort();
    same_lists(demo.screen(), words::COMPARE_ANSWERS, &sent, &expected)
}

/// Every accounting answer with its amount and its disputes.
fn accounting(demo: &Demo<'_, '_>, received: &[Received]) -> Line {
    type Answer = (String, i64, i64, i64, Vec<(i64, i64)>);
    let mut expected: Vec<Answer> = demo
        .statement
        .packages
        .iter()
        .map(|package| {
            let of_package = demo.statement.disputes.iter().filter(|dispute| {
                dispute.message_id == package.message_id
                    && dispute.service_provider_id == package.service_provider_id
            });
            let disputes = of_package
                .map(|dispute| (dispute.trans_id, dispute.reason))
                .collect();
            let tally = package.accounted;
            let provider = package.service_provider_id.to_owned();
            (
                provider,
                package.message_id,
                tally.count,
                tally.amount.0,
                disputes,
            )
        })
        .collect();
    let mut sent: Vec<Answer> = received
        .iter()
        .filter_map(|message| match message {
            Received::Accounting {
                service_provider_id,
                message_id,
                accounted,
                disputes,
                ..
            } => {
                let provider = service_provider_id.clone();
                Some((
                    provider,
                    *message_id,
                    accounted.count,
                    accounted.amount.0,
                    disputes.clone(),
                ))
            }
            _ => None,
        })
        .collect();
    expected
        .iter_mut()
        .chain(&mut sent)
        .for_each(|answer| answer.4.sort_unstable());
    expected.sort();
    sent.sort();
    same_lists(demo.screen(), words::COMPARE_ACCOUNTING, &sent, &expected)
}

/// Two sorted lists: how many entries, and the first that only one side has.
fn same_lists<T: PartialEq + std::fmt::Debug>(
    screen: Screen,
    title: Word,
    hub: &[T],
    statement: &[T],
) -> Line {
    let side = |ours: &[T], theirs: &[T]| {
        let only = ours.iter().find(|entry| !theirs.contains(entry));
        let only = only.map(|entry| screen.fill(words::ONLY_HERE, &[&format!("{entry:?}")]));
        screen.fill(
            words::LIST_LENGTH,
            &[&ours.len(), &only.unwrap_or_default()],
        )
    };
    Line::new(
        screen.say(title),
        side(hub, statement),
        side(statement, hub),
    )
}

struct Sums<'s, 'd, 'o> {
    demo: &'s Demo<'d, 'o>,
}

impl Sums<'_, '_, '_> {
    fn dataset(&self, name: &str) -> Result<&Dataset, CliError> {
        self.demo
            .place
            .configuration
            .datasets
            .get(name)
            .ok_or_else(|| CliError::Unknown {
                what: "dataset",
                name: name.to_owned(),
                next: "the demonstration needs the shipped mappings".to_owned(),
            })
    }

    /// What the tables of transactions say.
    async fn stored(&self) -> Result<Vec<Line>, CliError> {
        let statement = &self.demo.statement;
        let day = statement.date;
        let before = day.checked_sub_days(Days::new(2)).unwrap_or(day);
        let mut lines = Vec::new();
        let screen = self.demo.screen();
        for ([received_title, disputed_title, accounted_title], day, totals) in [
            (
                [
                    words::DAY_RECEIVED,
                    words::DAY_DISPUTED,
                    words::DAY_ACCOUNTED,
                ],
                day,
                statement.day,
            ),
            (
                [
                    words::BEFORE_RECEIVED,
                    words::BEFORE_DISPUTED,
                    words::BEFORE_ACCOUNTED,
                ],
                before,
                statement.history,
            ),
        ] {
            let received = self.transactions(day, None).await?;
            let disputed = self.disputed(day).await?;
            let accounted = received.minus(disputed);
            for (title, hub, said) in [
                (received_title, received, totals.received),
                (disputed_title, disputed, totals.disputed),
                (accounted_title, accounted, totals.accounted),
            ] {
                lines.push(Line::tallies(screen, screen.say(title), Some(hub), said));
            }
        }
        for reason in &statement.reasons {
            let hub = self.transactions(day, Some(reason.reason)).await?;
            let title = screen.fill(words::DAY_DISPUTED_FOR, &[&reason.reason]);
            lines.push(Line::tallies(screen, title, Some(hub), reason.disputed));
        }
        Ok(lines)
    }

    /// Disputed rows of a day: those with any of the partner's reason codes, 1 to 17 and 100.
    async fn disputed(&self, day: NaiveDate) -> Result<Tally, CliError> {
        let mut sum = Tally::default();
        for reason in (1..=17).chain([100]) {
            sum = sum.plus(self.transactions(day, Some(reason)).await?);
        }
        Ok(sum)
    }

    async fn transactions(&self, day: NaiveDate, reason: Option<i64>) -> Result<Tally, CliError> {
        let dataset = self.dataset("etc_transaction")?;
        let mut condition = Condition::always(dataset.name());
        for (name, value) in [
            ("clear_target_date", Some(Value::Date(day))),
            ("decision", reason.map(Value::Int)),
        ] {
            if let (Some(column), Some(value)) = (dataset.column(name), value) {
                condition = condition.and_equals(&column.name, column.column_type, value);
            }
        }
        let database = self.demo.engine.database();
        let given = crate::cli::mapped::given(&self.demo.engine);
        Ok(Tally {
            count: dataset::count(database, dataset, &condition, &given).await?,
            amount: Fen(dataset::sum(database, dataset, "fee", &condition, &given).await?),
        })
    }

    /// The packages that were asked for again.
    async fn requested(&self) -> Result<Line, CliError> {
        let screen = self.demo.screen();
        let dataset = self.dataset("etc_resend_request_package")?;
        let condition = Condition::always(dataset.name());
        let given = crate::cli::mapped::given(&self.demo.engine);
        let rows =
            dataset::rows_by_key(self.demo.engine.database(), dataset, &condition, &given).await?;
        let at = dataset.position("message_id");
        let asked: BTreeSet<i64> = rows
            .iter()
            .filter_map(|row| row.get(at?).and_then(Value::as_int))
            .collect();
        let missing: BTreeSet<i64> = self
            .demo
            .statement
            .missing()
            .map(|package| package.message_id)
            .collect();
        Ok(Line::new(
            screen.say(words::COMPARE_REQUESTED),
            joined(&asked, screen),
            joined(&missing, screen),
        ))
    }

    /// What the reconciliation came to, before and after the resent packages.
    async fn reconciled(&self) -> Result<Vec<Line>, CliError> {
        let screen = self.demo.screen();
        let statement = &self.demo.statement;
        let database = self.demo.engine.database();
        let row = ledger::latest_reconciliation(database, RECONCILE, Some(statement.date)).await?;
        let Some(recon) = row.map(|row| row.recon_no) else {
            let [title, none, some] =
                [words::DEMO_RECONCILES, words::NONE, words::SOME].map(|word| screen.say(word));
            return Ok(vec![Line::new(title, none, some)]);
        };
        let now = ledger::list_components(database, recon).await?;
        let mut lines = Vec::new();
        if let Some(first) = self.demo.first_recon.filter(|first| *first != recon) {
            let then = ledger::list_components(database, first).await?;
            lines.push(Line::tallies(
                screen,
                screen.say(words::DIFFERENCE_BEFORE),
                component(&then, "difference"),
                statement.difference_before_resend,
            ));
        }
        for (title, name, expected) in [
            (words::CLEARED, "claimed", statement.clearing.total),
            (
                words::RECONCILED_ACCOUNTED,
                "accounted",
                statement.day.accounted,
            ),
            (words::RELEASED, "released", statement.released),
            (words::DIFFERENCE, "difference", statement.difference),
        ] {
            let hub = component(&now, name);
            lines.push(Line::tallies(screen, screen.say(title), hub, expected));
        }
        lines.push(self.candidates(recon).await?);
        Ok(lines)
    }

    /// Whether the rows that were cleared undecided are among the candidates of the difference.
    async fn candidates(&self, recon: ReconNo) -> Result<Line, CliError> {
        let filter = BreakFilter {
            recon: Some(recon),
            limit: 1_000,
            ..BreakFilter::default()
        };
        let breaks = ledger::list_breaks(self.demo.engine.database(), &filter).await?;
        let rows: Vec<&str> = breaks
            .iter()
            .filter_map(|found| found.candidates.as_array())
            .flatten()
            .filter_map(|candidate| candidate.get("rows")?.as_array())
            .flatten()
            .filter_map(|row| row.get("object")?.as_str())
            .collect();
        let planted = self.demo.statement.cleared_undecided();
        let (mut found, mut wanted) = (0, 0);
        for dispute in planted {
            wanted += 1;
            let (message, trans) = (dispute.message_id.to_string(), dispute.trans_id.to_string());
            let names_it = |object: &str| {
                let parts: Vec<&str> = object.split(|c: char| !c.is_ascii_alphanumeric()).collect();
                parts.contains(&message.as_str()) && parts.last() == Some(&trans.as_str())
            };
            found += usize::from(rows.iter().any(|object| names_it(object)));
        }
        let screen = self.demo.screen();
        let said = |count: usize| screen.fill(words::AMONG_CANDIDATES, &[&count]);
        Ok(Line::new(
            screen.say(words::CLEARED_UNDECIDED),
            said(found),
            said(wanted),
        ))
    }
}

fn component(components: &[ComponentRow], name: &str) -> Option<Tally> {
    let found = components.iter().find(|component| component.name == name)?;
    Some(Tally {
        count: found.count?,
        amount: Fen(found.amount?),
    })
}

fn joined(numbers: &BTreeSet<i64>, screen: Screen) -> String {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    if numbers.is_empty() {
        screen.say(words::NONE).to_owned()
    } else {
        screen.listed(&numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_agrees_only_when_both_sides_are_the_same() {
        let tally = |count, fen| Tally {
            count,
            amount: Fen(fen),
        };
        assert!(Line::tallies(Screen::USUAL, "a", Some(tally(1, 50)), tally(1, 50)).agrees());
        assert!(!Line::tallies(Screen::USUAL, "a", Some(tally(1, 51)), tally(1, 50)).agrees());
        assert!(!Line::tallies(Screen::USUAL, "a", None, tally(0, 0)).agrees());
    }

    #[test]
    fn lists_name_the_first_entry_that_only_one_side_has() {
        let line = same_lists(Screen::USUAL, words::ITEM, &[1, 2], &[1, 3]);
        assert_eq!(line.hub, "2 个，独有 2");
        assert_eq!(line.statement, "2 个，独有 3");
        assert!(!line.agrees());
        assert!(same_lists(Screen::USUAL, words::ITEM, &[1], &[1]).agrees());
    }

    #[test]
    fn the_table_marks_what_differs() {
        let lines = [Line::new("一", "1", "1"), Line::new("二", "1", "2")];
        let shown = table(&lines, Screen::USUAL);
        assert!(shown.contains("✓  一"), "{shown}");
        assert!(shown.contains("✗  二"), "{shown}");
    }
}
