//! The rows of a package: a function of the plan, so that they can be made as often as needed.

use std::collections::BTreeMap;

use chrono::{NaiveDateTime, TimeDelta};

use super::cards::{Card, CardKind, Holder};
use super::faults::Fault;
use super::plan::{DayPlan, Mark, PackagePlan};
use crate::id::Fen;
use crate::simulate::random::Random;

/// What the card of a planted row is for; part of its number.
pub(super) mod purpose {
    pub(in crate::simulate) const UNKNOWN: u32 = 1;
    pub(in crate::simulate) const EXPIRED: u32 = 2;
    pub(in crate::simulate) const SUSPENDED: u32 = 3;
    pub(in crate::simulate) const BLACKLISTED: u32 = 4;
    pub(in crate::simulate) const RELEASED: u32 = 5;
    pub(in crate::simulate) const TAG_BLACKLISTED: u32 = 6;
    pub(in crate::simulate) const HISTORY_PAID: u32 = 7;
    pub(in crate::simulate) const HISTORY_BAD: u32 = 8;
}

/// One transaction, as its package has it.
#[derive(Debug, Clone)]
pub(super) struct Transaction {
    /// From 1.
    pub(super) trans_id: i64,
    pub(super) time: NaiveDateTime,
    pub(super) fee: Fen,
    pub(super) card_type: i64,
    pub(super) card: Card,
    pub(super) pre_balance: Fen,
    pub(super) card_counter: u32,
    pub(super) trans_type: &'static str,
    pub(super) terminal: u32,
    pub(super) terminal_sequence: u32,
    pub(super) tac: u32,
    pub(super) entry: &'static str,
    pub(super) exit: &'static str,
    pub(super) minutes_on_road: i64,
}

impl Transaction {
    /// Raises the fee; a card that carries money carried as much more before.
    fn charge_more(&mut self, more: Fen) {
        self.fee.0 += more.0;
        if self.pre_balance != Fen::ZERO {
            self.pre_balance.0 += more.0;
        }
    }
}

/// Places of Shaanxi, for entries and exits.
const STATIONS: [&str; 20] = [
    "灞桥",
    "未央",
    "曲江",
    "三桥",
    "长安",
    "临潼",
    "蓝田",
    "咸阳西",
    "杨凌",
    "宝鸡东",
    "凤翔",
    "铜川新区",
    "渭南西",
    "华阴",
    "韩城",
    "商洛西",
    "安康北",
    "汉中东",
    "延安南",
    "榆林北",
];

/// The card that a planted row uses; `None` when any will do.
pub(super) fn holder(day: &DayPlan, mark: Mark) -> Option<Holder> {
    let (purpose, number) = match mark {
        Mark::BeforeSuspension { number, .. } => (purpose::SUSPENDED, number),
        Mark::AfterRelease { number } => (purpose::RELEASED, number),
        Mark::Original { .. } => return None,
        Mark::Disputed { fault, number } => match fault {
            Fault::CardUnknown => (purpose::UNKNOWN, number),
            Fault::CardExpired => (purpose::EXPIRED, number),
            Fault::CardStatus => (purpose::SUSPENDED, number),
            Fault::CardBlacklist => (purpose::BLACKLISTED, number),
            Fault::ObuBlacklist => (purpose::TAG_BLACKLISTED, number),
            Fault::Released => (purpose::HISTORY_PAID, number),
            Fault::BadDebt => (purpose::HISTORY_BAD, number),
            _ => return None,
        },
    };
    Some(Holder::Planted {
        purpose,
        day: day.date,
        number,
    })
}

/// The rows of a package in order. `is_changed` gives the other content of a package that arrives
/// a second time: its first fee is one yuan higher.
pub(super) fn transactions<'p>(
    day: &'p DayPlan,
    package: &'p PackagePlan,
    is_changed: bool,
) -> impl Iterator<Item = Transaction> + 'p {
    let parts = [
        day.seed,
        u64::from(super::plan::day_number(day.date)),
        u64::from(package.ordinal),
    ];
    let mut random = Random::of(&parts);
    let mut originals: BTreeMap<u32, Transaction> = BTreeMap::new();
    (0..day.records).map(move |row| {
        let mark = package.marks.get(&row).copied();
        let mut transaction = ordinary(day, package, row, mark, &mut random);
        if is_changed && row == 0 {
            transaction.charge_more(Fen(100));
        }
        match mark {
            Some(Mark::Original { number }) => {
                originals.insert(number, transaction.clone());
            }
            Some(Mark::Disputed {
                fault: Fault::Duplicate,
                number,
            }) => {
                if let Some(original) = originals.remove(&number) {
                    let trans_id = transaction.trans_id;
                    transaction = Transaction {
                        trans_id,
                        ..original
                    };
                }
            }
            Some(mark) => plant(day, package, row, mark, &mut transaction),
            None => {}
        }
        transaction
    })
}

fn ordinary(
    day: &DayPlan,
    package: &PackagePlan,
    row: u32,
    mark: Option<Mark>,
    random: &mut Random,
) -> Transaction {
    let anyone = Holder::Ordinary(random.below(u64::from(day.population)) as u32);
    let holder = mark.and_then(|mark| holder(day, mark)).unwrap_or(anyone);
    // Rows without a fee must be sent as well; a planted one always has a fee.
    let is_free = random.below(50) == 0 && mark.is_none();
    let toll = 300 + random.below(48_000).cast_signed();
    let entry = random.below(STATIONS.len() as u64);
    let way = 1 + random.below(STATIONS.len() as u64 - 1);
    let station = |at: u64| {
        let index = at as usize % STATIONS.len();
        STATIONS.get(index).copied().unwrap_or_default()
    };
    let fee = Fen(if is_free { 0 } else { toll });
    let pre_balance = match package.kind {
        CardKind::StoredValue => Fen(toll + random.below(90_000).cast_signed()),
        CardKind::ChargeCard => Fen::ZERO,
    };
    Transaction {
        trans_id: i64::from(row) + 1,
        time: day.time(package.ordinal, row),
        fee,
        card_type: package.kind.code(),
        card: Card::of(day.seed, package.kind, holder),
        pre_balance,
        card_counter: random.below(0x10000) as u32,
        trans_type: if random.below(10) == 0 { "06" } else { "09" },
        terminal: random.below(400) as u32,
        terminal_sequence: package.ordinal.wrapping_mul(day.records).wrapping_add(row),
        tac: random.next() as u32,
        entry: station(entry),
        exit: station(entry + way),
        minutes_on_road: 10 + random.below(180).cast_signed(),
    }
}

/// Makes the row what its mark says, apart from its card.
fn plant(
    day: &DayPlan,
    package: &PackagePlan,
    row: u32,
    mark: Mark,
    transaction: &mut Transaction,
) {
    match mark {
        Mark::BeforeSuspension { disputed, .. } => {
            let later = day.time_suspended(package.ordinal, disputed);
            transaction.time = later - TimeDelta::minutes(40);
        }
        Mark::Disputed { fault, .. } => match fault {
            Fault::CardStatus => transaction.time = day.time_suspended(package.ordinal, row),
            Fault::TestCard => transaction.card_type = 51,
            Fault::BadCardType => transaction.card_type = 99,
            Fault::BadTransType => transaction.trans_type = "05",
            Fault::LaneClock => transaction.time += TimeDelta::days(1),
            Fault::Overdue => transaction.time -= TimeDelta::days(31),
            Fault::OverLimit => {
                transaction.charge_more(Fen(500_001));
            }
            _ => {}
        },
        Mark::Original { .. } | Mark::AfterRelease { .. } => {}
    }
}

/// When the card of a row after a suspension was suspended.
pub(super) fn suspended_at(day: &DayPlan, ordinal: u32, row: u32) -> NaiveDateTime {
    day.time_suspended(ordinal, row) - TimeDelta::minutes(20)
}
