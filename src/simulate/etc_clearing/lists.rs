//! The lists of wave 1: what each card's status was and from when, and both blacklists.

use std::io::Write;

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};

use super::cards::{CARD_NET, Card, CardKind, Holder};
use super::faults::Fault;
use super::partner::Partner;
use super::plan::{DayPlan, Mark, PackagePlan, Plan, day_number};
use super::transactions::{holder, suspended_at};
use crate::mapping::{FileWriter, Mapping};
use crate::simulate::SimulateError;
use crate::simulate::sheet::Sheet;

/// The issuer as lists name it, six digits; made up.
const ISSUER: &str = "610101";

/// A planted row with the card it uses: the lists must say what makes it what it is.
struct Planted<'p> {
    day: &'p DayPlan,
    package: &'p PackagePlan,
    row: u32,
    mark: Mark,
    card: Card,
}

fn planted(day: &DayPlan) -> impl Iterator<Item = Planted<'_>> {
    let all = day.packages.iter().flat_map(|package| {
        package
            .marks
            .iter()
            .map(move |(row, mark)| (package, *row, *mark))
    });
    all.filter_map(|(package, row, mark)| {
        let card = Card::of(day.seed, package.kind, holder(day, mark)?);
        Some(Planted {
            day,
            package,
            row,
            mark,
            card,
        })
    })
}

fn days(plan: &Plan) -> impl Iterator<Item = &DayPlan> {
    plan.history.iter().chain([&plan.day])
}

/// Noon, some days before the day.
fn noon_before(day: &DayPlan, days: u64) -> NaiveDateTime {
    day.midnight() - TimeDelta::days(days.cast_signed()) + TimeDelta::hours(12)
}

/// Writes the card status list; gives its rows.
pub(super) fn card_status(
    partner: &Partner,
    plan: &Plan,
    out: &mut dyn Write,
) -> Result<u64, SimulateError> {
    let mut list = StatusList::new(partner, out)?;
    for kind in [CardKind::StoredValue, CardKind::ChargeCard] {
        for number in 0..plan.day.population {
            let card = Card::of(plan.day.seed, kind, Holder::Ordinary(number));
            list.normal(&card, kind, far_future())?;
        }
    }
    for day in days(plan) {
        for one in planted(day) {
            match one.mark {
                // Its history is written with the row after the suspension.
                Mark::BeforeSuspension { .. }
                | Mark::Disputed {
                    fault: Fault::CardUnknown,
                    ..
                } => {}
                Mark::Disputed {
                    fault: Fault::CardExpired,
                    ..
                } => {
                    let expired = day.date.checked_sub_days(Days::new(10)).unwrap_or(day.date);
                    list.normal(&one.card, one.package.kind, expired)?;
                }
                Mark::Disputed {
                    fault: Fault::CardStatus,
                    ..
                } => {
                    list.normal(&one.card, one.package.kind, far_future())?;
                    let at = suspended_at(one.day, one.package.ordinal, one.row);
                    list.row(
                        &one.card,
                        one.package.kind,
                        far_future(),
                        "suspended_with_card",
                        at,
                    )?;
                }
                _ => list.normal(&one.card, one.package.kind, far_future())?,
            }
        }
    }
    list.finish()
}

fn far_future() -> NaiveDate {
    NaiveDate::from_ymd_opt(2099, 12, 31).unwrap_or_default()
}

struct StatusList<'p, 'o> {
    partner: &'p Partner,
    writer: FileWriter<'p, &'o mut dyn Write>,
    sheet: Sheet<'p>,
    rows: u64,
}

fn written(list: &str) -> impl Fn(crate::format::WriteError) -> SimulateError {
    move |error| SimulateError::Write {
        file: list.to_owned(),
        error,
    }
}

impl<'p, 'o> StatusList<'p, 'o> {
    fn new(partner: &'p Partner, out: &'o mut dyn Write) -> Result<Self, SimulateError> {
        let writer = FileWriter::new(&partner.card_status, &partner.clock, out);
        let mut sheet = Sheet::of(&partner.card_status, "card")?;
        sheet.set("card_net", CARD_NET);
        Ok(Self {
            partner,
            writer: writer.map_err(written("CARDSTATUS"))?,
            sheet,
            rows: 0,
        })
    }

    fn normal(
        &mut self,
        card: &Card,
        kind: CardKind,
        until: NaiveDate,
    ) -> Result<(), SimulateError> {
        let issued = card.issued.and_time(chrono::NaiveTime::MIN);
        self.row(card, kind, until, "normal", issued)
    }

    fn row(
        &mut self,
        card: &Card,
        kind: CardKind,
        until: NaiveDate,
        status: &str,
        from: NaiveDateTime,
    ) -> Result<(), SimulateError> {
        self.rows += 1;
        self.sheet
            .set("card_id", card.id.as_str())
            .set("status", status)
            .set("effective_at", self.partner.moment(from)?)
            .set("card_type", kind.code())
            .set("valid_from", card.issued)
            .set("valid_until", until);
        self.sheet
            .write(&mut self.writer)
            .map_err(written("CARDSTATUS"))
    }

    fn finish(self) -> Result<u64, SimulateError> {
        self.writer.finish().map_err(written("CARDSTATUS"))?;
        Ok(self.rows)
    }
}

/// One entry of a blacklist: the card or tag, the kind of list, in or out, and from when.
struct Entry {
    id: String,
    list_type: &'static str,
    status: &'static str,
    from: NaiveDateTime,
}

/// Writes the card blacklist; gives its rows.
pub(super) fn card_blacklist(
    partner: &Partner,
    plan: &Plan,
    out: &mut dyn Write,
) -> Result<u64, SimulateError> {
    let mut entries = Vec::new();
    for day in days(plan) {
        for Planted { mark, card, .. } in planted(day) {
            let mut entry = |list_type, status, from| {
                entries.push(Entry {
                    id: card.id.clone(),
                    list_type,
                    status,
                    from,
                });
            };
            match mark {
                Mark::Disputed {
                    fault: Fault::CardBlacklist,
                    ..
                } => {
                    entry("lost", "entered", noon_before(day, 1));
                }
                Mark::AfterRelease { .. } => {
                    entry("overdrawn", "entered", noon_before(day, 10));
                    entry("overdrawn", "released", noon_before(day, 5));
                }
                Mark::Disputed {
                    fault: Fault::Released,
                    ..
                } => {
                    // On the list on the day of the transaction, and no longer when it is decided.
                    entry("overdrawn", "entered", noon_before(day, 1));
                    entry("overdrawn", "released", noon_before(&plan.day, 1));
                }
                Mark::Disputed {
                    fault: Fault::BadDebt,
                    ..
                } => {
                    entry("closed_without_card", "entered", noon_before(day, 1));
                }
                _ => {}
            }
        }
    }
    blacklist(
        partner,
        plan,
        &partner.card_blacklist,
        ["card_net", "card_id"],
        &entries,
        out,
    )
}

/// Writes the tag blacklist; gives its rows.
pub(super) fn obu_blacklist(
    partner: &Partner,
    plan: &Plan,
    out: &mut dyn Write,
) -> Result<u64, SimulateError> {
    let is_listed = |one: &Planted<'_>| {
        matches!(
            one.mark,
            Mark::Disputed {
                fault: Fault::ObuBlacklist,
                ..
            }
        )
    };
    let entries: Vec<Entry> = planted(&plan.day)
        .filter(is_listed)
        .map(|one| Entry {
            id: one.card.obu_id,
            list_type: "suspended",
            status: "entered",
            from: noon_before(&plan.day, 1),
        })
        .collect();
    blacklist(
        partner,
        plan,
        &partner.obu_blacklist,
        ["obu_net", "obu_id"],
        &entries,
        out,
    )
}

fn blacklist(
    partner: &Partner,
    plan: &Plan,
    mapping: &Mapping,
    [net, id]: [&str; 2],
    entries: &[Entry],
    out: &mut dyn Write,
) -> Result<u64, SimulateError> {
    let failed = written(mapping.name.as_str());
    let mut writer = FileWriter::new(mapping, &partner.clock, out).map_err(&failed)?;
    let mut header = Sheet::of(mapping, "header")?;
    let made_at = format!("{}001000", plan.day.date.format("%Y%m%d"));
    header
        .set("issuer", ISSUER)
        .set("list_no", i64::from(day_number(plan.day.date)))
        .set("made_at", made_at)
        .set("count", entries.len() as i64);
    header.write(&mut writer).map_err(&failed)?;
    let mut sheet = Sheet::of(mapping, "entry")?;
    sheet.set(net, CARD_NET).set("issuer_id", ISSUER);
    for entry in entries {
        sheet
            .set(id, entry.id.as_str())
            .set("type", entry.list_type)
            .set("status", entry.status)
            .set("effective_at", partner.moment(entry.from)?);
        sheet.write(&mut writer).map_err(&failed)?;
    }
    writer.finish().map_err(&failed)?;
    Ok(entries.len() as u64)
}
