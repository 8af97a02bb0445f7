//! One package of original transactions (5/7/1), written through its mapping.

use super::edit;
use super::faults::Fault;
use super::partner::{Partner, file_name};
use super::plan::{DayPlan, PackagePlan};
use super::statement::Tally;
use super::transactions::{Transaction, transactions};
use crate::id::Fen;
use crate::mapping::FileWriter;
use crate::simulate::SimulateError;
use crate::simulate::sheet::Sheet;

/// What a package amounts to.
#[derive(Debug, Default)]
pub(super) struct PackageTotals {
    /// All rows.
    pub(super) all: Tally,
    /// The disputed ones.
    pub(super) disputed: Tally,
    /// Row from 0, fault, fee; in order.
    pub(super) disputes: Vec<(u32, Fault, Fen)>,
}

/// Adds a package up without writing it.
pub(super) fn totals(day: &DayPlan, package: &PackagePlan, is_changed: bool) -> PackageTotals {
    let mut totals = PackageTotals::default();
    let mut disputed = package.disputed().peekable();
    for (row, transaction) in (0..).zip(transactions(day, package, is_changed)) {
        totals.all.add(transaction.fee);
        if let Some((_, fault, _)) = disputed.next_if(|(at, _, _)| *at == row) {
            totals.disputed.add(transaction.fee);
            totals.disputes.push((row, fault, transaction.fee));
        }
    }
    totals
}

/// The text of a package, with the faults of its rows and the habits of its sender in it.
pub(super) fn compose(
    partner: &Partner,
    day: &DayPlan,
    package: &PackagePlan,
    is_changed: bool,
) -> Result<String, SimulateError> {
    let file = file_name(package.message_id);
    let written = |error| SimulateError::Write {
        file: file.clone(),
        error,
    };
    let mapping = &*partner.transactions;
    let mut writer = FileWriter::new(mapping, &partner.clock, Vec::new()).map_err(written)?;
    let header = header(partner, day, package, totals(day, package, is_changed).all)?;
    header.write(&mut writer).map_err(written)?;
    let mut sheet = Sheet::of(mapping, "transaction")?;
    sheet
        .set("clear_target_date", day.date)
        .set("service_provider_id", package.provider.id)
        .set("message_id", package.message_id)
        .set("service_type", 1_i64)
        .set("card_net", super::cards::CARD_NET)
        .set("obu_net", super::cards::CARD_NET)
        .set("obu_state", "0000")
        .set("customized_data", "");
    for transaction in transactions(day, package, is_changed) {
        fill(partner, &transaction, &mut sheet)?;
        sheet.write(&mut writer).map_err(written)?;
    }
    let content = writer.finish().map_err(written)?;
    let what = "text in UTF-8".to_owned();
    let mut text = String::from_utf8(content).or(Err(SimulateError::NotEditable { what }))?;
    for (row, fault, number) in package.disputed() {
        if fault == Fault::DataError {
            text = edit::spoil(text, i64::from(row) + 1, number)?;
        }
    }
    if package.has_spaced_time {
        text = edit::space_times(&text)?;
    }
    if package.has_obu_state {
        text = edit::rename_obu_state(&text)?;
    }
    Ok(text)
}

fn header<'p>(
    partner: &'p Partner,
    day: &DayPlan,
    package: &PackagePlan,
    total: Tally,
) -> Result<Sheet<'p>, SimulateError> {
    let mut sheet = Sheet::of(&partner.transactions, "package")?;
    sheet
        .set("sender_id", package.provider.id)
        .set("receiver_id", partner.issuer.as_str())
        .set("clear_target_date", day.date)
        .set("service_provider_id", package.provider.id)
        .set("issuer_id", partner.issuer.as_str())
        .set("message_id", package.message_id)
        .set("kind", package.kind.word())
        .set("record_count", total.count)
        .set("amount", total.amount.0);
    Ok(sheet)
}

fn fill(
    partner: &Partner,
    transaction: &Transaction,
    sheet: &mut Sheet<'_>,
) -> Result<(), SimulateError> {
    let card = &transaction.card;
    sheet
        .set("trans_id", transaction.trans_id)
        .set("transaction_time", partner.moment(transaction.time)?)
        .set("fee", transaction.fee.0)
        .set(
            "service_description",
            format!("{}站至{}站", transaction.entry, transaction.exit),
        )
        .set("service_detail", detail(transaction))
        .set("card_type", transaction.card_type)
        .set("card_id", card.id.as_str())
        .set("card_license", card.plate.as_str())
        .set("card_trans_no", format!("{:04X}", transaction.card_counter))
        .set("pre_balance", transaction.pre_balance.0)
        .set("post_balance", post_balance(transaction).0)
        .set("tac", format!("{:08X}", transaction.tac))
        .set("trans_type", transaction.trans_type)
        .set(
            "terminal_no",
            format!("00006101{:04}", transaction.terminal),
        )
        .set(
            "terminal_trans_no",
            format!("{:08X}", transaction.terminal_sequence),
        )
        .set("obu_id", card.obu_id.as_str())
        .set("obu_license", card.plate.as_str())
        .set("algorithm", 1 + i64::from(transaction.tac & 1));
    Ok(())
}

/// Charge cards carry no money.
fn post_balance(transaction: &Transaction) -> Fen {
    match transaction.pre_balance {
        Fen::ZERO => Fen::ZERO,
        Fen(before) => Fen(before - transaction.fee.0),
    }
}

/// The passage in 11 parts (partner facts: etc, section 2.4): vehicle class, then exit and entry
/// with kind, network, station, lane and time.
fn detail(transaction: &Transaction) -> String {
    let entered = transaction.time - chrono::TimeDelta::minutes(transaction.minutes_on_road);
    let lane = transaction.terminal % 12 + 1;
    format!(
        "{}|04|6101|{}站|{lane:04}|{}|03|6101|{}站|{:04}|{}",
        transaction.card.vehicle_class,
        transaction.exit,
        transaction.time.format("%Y%m%d %H%M%S"),
        transaction.entry,
        transaction.card_counter % 12 + 1,
        entered.format("%Y%m%d %H%M%S"),
    )
}
