//! Which package gets which fault: spread evenly, each row at most once.

use super::faults::{Fault, Faults};
use super::plan::{DayPlan, Mark, Role};
use crate::simulate::random::Random;

/// A fault of rows to be placed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    fault: Fault,
    number: u32,
}

impl Item {
    /// The disputes of the day.
    pub(super) fn of_the_day(faults: &Faults) -> Vec<Self> {
        let disputes = faults.iter().filter(|(fault, _)| fault.reason().is_some());
        disputes
            .flat_map(|(fault, count)| Self::several(fault, count))
            .collect()
    }

    /// The earlier disputes that are decided.
    pub(super) fn of_history(faults: &Faults) -> Vec<Self> {
        let decided = [Fault::Released, Fault::BadDebt];
        decided
            .into_iter()
            .flat_map(|fault| Self::several(fault, faults.count(fault)))
            .collect()
    }

    fn several(fault: Fault, count: u32) -> impl Iterator<Item = Self> {
        (0..count).map(move |number| Self { fault, number })
    }

    /// How many rows of one package it takes: some faults need a row that is accepted beside them.
    fn rows(self) -> u32 {
        match self.fault {
            Fault::Duplicate | Fault::CardStatus | Fault::CardBlacklist => 2,
            _ => 1,
        }
    }

    /// The mark of the row that is accepted; `disputed` is the other one.
    fn witness(self, disputed: u32) -> Option<Mark> {
        let number = self.number;
        match self.fault {
            Fault::Duplicate => Some(Mark::Original { number }),
            Fault::CardStatus => Some(Mark::BeforeSuspension { number, disputed }),
            Fault::CardBlacklist => Some(Mark::AfterRelease { number }),
            _ => None,
        }
    }
}

/// Gives packages their roles and habits, in an order that depends on the seed.
pub(super) fn roles_and_habits(day: &mut DayPlan, faults: &Faults, problems: &mut Vec<String>) {
    let several =
        |fault: Fault, role: Role| std::iter::repeat_n(role, faults.count(fault) as usize);
    let damages = [
        Fault::Malformed,
        Fault::WrongCount,
        Fault::WrongHeader,
        Fault::WrongVersion,
        Fault::WrongIssuer,
    ];
    let roles: Vec<Role> = several(Fault::Missing, Role::Missing)
        .chain(several(Fault::Repeated, Role::Repeated))
        .chain(several(Fault::Changed, Role::Changed))
        .chain(
            damages
                .into_iter()
                .flat_map(|fault| several(fault, Role::Damaged(fault))),
        )
        .collect();
    let order = shuffled(day);
    if roles.len() > order.len() {
        let (needed, there) = (roles.len(), order.len());
        problems.push(format!(
            "the faults need {needed} packages of their own, but the day has {there}"
        ));
    }
    for (index, role) in order.iter().zip(roles) {
        if let Some(package) = day.packages.get_mut(*index) {
            package.role = role;
        }
    }
    habits(day, &order, faults, problems);
}

/// Habits go to other packages than the roles as long as there are others.
fn habits(day: &mut DayPlan, order: &[usize], faults: &Faults, problems: &mut Vec<String>) {
    let mut candidates = order.iter().rev().cycle();
    for fault in [Fault::SpacedTime, Fault::ObuState] {
        let count = faults.count(fault) as usize;
        if count > order.len() {
            let (word, there) = (fault.word(), order.len());
            problems.push(format!(
                "`{word}={count}` is asked for, but the day has {there} packages"
            ));
            continue;
        }
        for index in candidates.by_ref().take(count) {
            let Some(package) = day.packages.get_mut(*index) else {
                continue;
            };
            match fault {
                Fault::SpacedTime => package.has_spaced_time = true,
                _ => package.has_obu_state = true,
            }
        }
    }
}

fn shuffled(day: &DayPlan) -> Vec<usize> {
    let mut order: Vec<usize> = (0..day.packages.len()).collect();
    let mut random = Random::of(&[day.seed, 1]);
    for last in (1..order.len()).rev() {
        order.swap(last, random.below(last as u64 + 1) as usize);
    }
    order
}

/// Places the items over all packages that arrive in time, never in a package's first row.
pub(super) fn assign(day: &mut DayPlan, items: &[Item], problems: &mut Vec<String>) {
    let records = day.records;
    let mut free: Vec<(usize, u32)> = day
        .packages
        .iter()
        .enumerate()
        .filter(|(_, package)| package.role != Role::Missing)
        .map(|(index, _)| (index, 0))
        .collect();
    let places = records.saturating_sub(1);
    let needed: u64 = items.iter().map(|item| u64::from(item.rows())).sum();
    // One more for a pair that does not fit into a last single place.
    let each = needed.div_ceil((free.len() as u64).max(1)) + 1;
    let stride = (u64::from(places) / each).clamp(1, u64::from(u32::MAX)) as u32;
    let fits = |used: u32, item: Item| {
        u64::from(used + item.rows() - 1) * u64::from(stride) < u64::from(places)
    };
    let mut cursor = day.seed as usize % free.len().max(1);
    for item in items {
        let next = (0..free.len())
            .map(|step| (cursor + step) % free.len())
            .find(|place| free.get(*place).is_some_and(|(_, used)| fits(*used, *item)));
        let Some((place, (index, used))) =
            next.and_then(|place| Some((place, free.get_mut(place)?)))
        else {
            problems.push(shortage(day, needed, free.len(), places));
            return;
        };
        cursor = place + 1;
        let row = |slot: u32| 1 + slot * stride;
        let disputed = row(*used + item.rows() - 1);
        if let Some(package) = day.packages.get_mut(*index) {
            if let Some(witness) = item.witness(disputed) {
                package.marks.insert(row(*used), witness);
            }
            let Item { fault, number } = *item;
            package
                .marks
                .insert(disputed, Mark::Disputed { fault, number });
        }
        *used += item.rows();
    }
}

fn shortage(day: &DayPlan, needed: u64, packages: usize, places: u32) -> String {
    format!(
        "the faults of {} need {needed} rows, some of them in pairs, but {packages} packages have \
         {places} rows each beside their first: ask for more records or fewer faults",
        day.date
    )
}
