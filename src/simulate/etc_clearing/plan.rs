//! Which package is which, and where each fault stands: all that a day is, before any row is made.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::assign::{Item, assign, roles_and_habits};
use super::cards::CardKind;
use super::faults::Fault;
use super::request::Request;
use crate::simulate::SimulateError;

/// A collector of tolls, made up: its participant id and name.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
}

/// The collectors whose packages the centre forwards.
pub(super) const PROVIDERS: [Provider; 3] = [
    Provider {
        id: "00000000000000A1",
        name: "渡东高速（虚构）",
    },
    Provider {
        id: "00000000000000A2",
        name: "渡西高速（虚构）",
    },
    Provider {
        id: "00000000000000A3",
        name: "渡北高速（虚构）",
    },
];

/// What becomes of a whole package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Plain,
    /// Sent only when asked for.
    Missing,
    /// Sent twice.
    Repeated,
    /// Sent twice, the second time with other content.
    Changed,
    /// Sent with this fault first, as it should be later.
    Damaged(Fault),
}

/// What stands in a row that is not ordinary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// The row is disputed for this fault, the how-many-eth of its kind.
    Disputed { fault: Fault, number: u32 },
    /// The row that a duplicate repeats.
    Original { number: u32 },
    /// Accepted: the card was suspended later, before the row at `disputed`.
    BeforeSuspension { number: u32, disputed: u32 },
    /// Accepted: the card had been on the blacklist and was released.
    AfterRelease { number: u32 },
}

/// One package.
#[derive(Debug)]
pub(super) struct PackagePlan {
    /// From 0 within its day.
    pub(super) ordinal: u32,
    pub(super) provider: &'static Provider,
    pub(super) message_id: i64,
    pub(super) kind: CardKind,
    pub(super) role: Role,
    /// A space stands in the times.
    pub(super) has_spaced_time: bool,
    /// The tag's state has the specification's name.
    pub(super) has_obu_state: bool,
    /// By row, from 0; never the first row, which routes the package by its card type.
    pub(super) marks: BTreeMap<u32, Mark>,
}

/// All packages with one clearing target day.
#[derive(Debug)]
pub(super) struct DayPlan {
    pub(super) date: NaiveDate,
    pub(super) seed: u64,
    /// In each package.
    pub(super) records: u32,
    /// Ordinary cards of each kind.
    pub(super) population: u32,
    pub(super) packages: Vec<PackagePlan>,
}

/// A whole simulation.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) day: DayPlan,
    /// Two days before, when earlier disputes are to be decided.
    pub(super) history: Option<DayPlan>,
    /// (ordinal, row) of disputed rows that are cleared although nothing was decided.
    pub(super) cleared: BTreeSet<(u32, u32)>,
    /// So many dispute files have no amount.
    pub(super) without_amount: u32,
}

/// Days since 2000-01-01: the part of message ids that keeps days apart.
pub(super) fn day_number(date: NaiveDate) -> u32 {
    let first = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default();
    u32::try_from(date.signed_duration_since(first).num_days()).unwrap_or_default()
}

/// A message id: `sender` × 10¹¹ + day × 10⁶ + `number`, so that neither two senders nor two days
/// share one.
pub(super) fn message_id(sender: u32, date: NaiveDate, number: u32) -> i64 {
    i64::from(sender) * 100_000_000_000
        + i64::from(day_number(date)) * 1_000_000
        + i64::from(number)
}

impl Plan {
    /// Plans a request; fails with every reason why it cannot be.
    pub(super) fn new(request: &Request) -> Result<Self, SimulateError> {
        let mut problems = request.problems();
        if request.packages == 0 && request.faults.iter().next().is_some() {
            problems.push(
                "a day without packages is empty and has no faults: simulate it with `none`"
                    .to_owned(),
            );
        }
        if !problems.is_empty() {
            return Err(SimulateError::Request { problems });
        }
        let mut day = DayPlan::new(request, request.date, request.packages, request.records, 1);
        roles_and_habits(&mut day, &request.faults, &mut problems);
        assign(&mut day, &Item::of_the_day(&request.faults), &mut problems);
        let cleared = cleared(
            &day,
            request.faults.count(Fault::ClearedAlthoughDisputed),
            &mut problems,
        );
        let history = history(request, &mut problems);
        let without_amount = request.faults.count(Fault::NoDisputeAmount);
        let files = history.as_ref().map_or(0, |day| {
            day.packages
                .iter()
                .filter(|package| !package.marks.is_empty())
                .count()
        });
        if without_amount as usize > files {
            let word = Fault::NoDisputeAmount.word();
            problems.push(format!(
                "`{word}={without_amount}` is asked for, but there are {files} dispute files"
            ));
        }
        if problems.is_empty() {
            Ok(Self {
                day,
                history,
                cleared,
                without_amount,
            })
        } else {
            Err(SimulateError::Request { problems })
        }
    }
}

/// The packages two days before, each of another provider, with the rows whose disputes are
/// decided.
fn history(request: &Request, problems: &mut Vec<String>) -> Option<DayPlan> {
    let items = Item::of_history(&request.faults);
    let date = request.date.checked_sub_days(Days::new(2))?;
    if items.is_empty() {
        return None;
    }
    let packages = request.packages.min(PROVIDERS.len() as u32);
    let mut day = DayPlan::new(request, date, packages, request.records.min(200), 900_001);
    assign(&mut day, &items, problems);
    Some(day)
}

/// Rows after a suspension first: they show best that nothing was decided about them.
fn cleared(day: &DayPlan, count: u32, problems: &mut Vec<String>) -> BTreeSet<(u32, u32)> {
    let mut rows: Vec<(bool, u32, u32)> = day
        .packages
        .iter()
        .flat_map(|package| {
            package
                .marks
                .iter()
                .map(|(row, mark)| (package.ordinal, *row, *mark))
        })
        .filter_map(|(ordinal, row, mark)| match mark {
            Mark::Disputed { fault, .. } => Some((fault != Fault::CardStatus, ordinal, row)),
            _ => None,
        })
        .collect();
    rows.sort_unstable();
    if count as usize > rows.len() {
        let word = Fault::ClearedAlthoughDisputed.word();
        problems.push(format!(
            "`{word}={count}` is asked for, but {} rows are disputed",
            rows.len()
        ));
    }
    rows.into_iter()
        .take(count as usize)
        .map(|(_, ordinal, row)| (ordinal, row))
        .collect()
}

impl DayPlan {
    fn new(request: &Request, date: NaiveDate, packages: u32, records: u32, first: u32) -> Self {
        let rows = u64::from(request.packages) * u64::from(request.records);
        let providers = PROVIDERS.len() as u32;
        let package = |ordinal: u32| {
            let sender = ordinal % providers;
            let provider = PROVIDERS.get(sender as usize)?;
            let is_stored_value = (ordinal / providers).is_multiple_of(2);
            Some(PackagePlan {
                ordinal,
                provider,
                message_id: message_id(sender + 1, date, first + ordinal / providers),
                kind: if is_stored_value {
                    CardKind::StoredValue
                } else {
                    CardKind::ChargeCard
                },
                role: Role::Plain,
                has_spaced_time: false,
                has_obu_state: false,
                marks: BTreeMap::new(),
            })
        };
        Self {
            date,
            seed: request.seed,
            records,
            population: (rows / 3).clamp(20, 20_000) as u32,
            packages: (0..packages).filter_map(package).collect(),
        }
    }

    /// Midnight at its beginning.
    pub(super) fn midnight(&self) -> NaiveDateTime {
        self.date.and_time(NaiveTime::MIN)
    }

    /// When a row's vehicle left: each package has its own slice of the day, in order.
    pub(super) fn time(&self, ordinal: u32, row: u32) -> NaiveDateTime {
        let packages = (self.packages.len() as u64).max(1);
        let inside = u64::from(row) * 86_400 / u64::from(self.records.max(1));
        let second = (u64::from(ordinal) * 86_400 + inside) / packages;
        self.midnight() + TimeDelta::seconds(second.cast_signed())
    }

    /// When the row after a suspension is: never in the first hour, so that the whole story is on
    /// one day.
    pub(super) fn time_suspended(&self, ordinal: u32, row: u32) -> NaiveDateTime {
        self.time(ordinal, row)
            .max(self.midnight() + TimeDelta::hours(1))
    }
}

impl PackagePlan {
    /// Its rows that are disputed, in order: row, fault, number.
    pub(super) fn disputed(&self) -> impl Iterator<Item = (u32, Fault, u32)> + '_ {
        self.marks.iter().filter_map(|(row, mark)| match mark {
            Mark::Disputed { fault, number } => Some((*row, *fault, *number)),
            _ => None,
        })
    }
}
