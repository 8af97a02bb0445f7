//! What the centre itself says: dispute results (5/7/2) and the clearing statement (5/5/2).

use chrono::TimeDelta;

use super::edit;
use super::partner::{Partner, file_name};
use super::plan::{PROVIDERS, Plan};
use super::statement::{DisputeFileStatement, DisputeStatement, Statement, Tally};
use crate::mapping::FileWriter;
use crate::simulate::SimulateError;
use crate::simulate::sheet::Sheet;

fn written(message_id: i64) -> impl Fn(crate::format::WriteError) -> SimulateError {
    move |error| SimulateError::Write {
        file: file_name(message_id),
        error,
    }
}

/// The content of a dispute result file.
pub(super) fn dispute_results(
    partner: &Partner,
    plan: &Plan,
    statement: &Statement,
    file: &DisputeFileStatement,
    has_amount: Amount,
) -> Result<Vec<u8>, SimulateError> {
    let failed = written(file.message_id);
    let mapping = &*partner.dispute_result;
    let mut writer = FileWriter::new(mapping, &partner.clock, Vec::new()).map_err(&failed)?;
    let mut header = Sheet::of(mapping, "file")?;
    header
        .set("sender_id", partner.centre.as_str())
        .set("receiver_id", partner.issuer.as_str())
        .set("header_id", file.message_id)
        .set("clearing_operator_id", partner.centre.as_str())
        .set("service_provider_id", file.service_provider_id)
        .set("issuer_id", partner.issuer.as_str())
        .set("file_id", file.file_id)
        .set(
            "process_time",
            partner.moment(plan.day.midnight() + TimeDelta::hours(20))?,
        )
        .set("record_count", file.released.count + file.bad_debt.count)
        .set("amount", file.released.amount.0);
    if has_amount == Amount::LeftOut {
        header.leave_out("amount");
    }
    header.write(&mut writer).map_err(&failed)?;
    let decided: Vec<&DisputeStatement> = statement
        .disputes
        .iter()
        .filter(|dispute| dispute.result.is_some())
        .filter(|dispute| dispute.service_provider_id == file.service_provider_id)
        .collect();
    let (mut package, mut result) = (
        Sheet::of(mapping, "package")?,
        Sheet::of(mapping, "result")?,
    );
    for sheet in [&mut package, &mut result] {
        sheet
            .set("file_id", file.file_id)
            .set("service_provider_id", file.service_provider_id);
    }
    for rows in decided.chunk_by(|one, next| one.message_id == next.message_id) {
        let Some(first) = rows.first() else { continue };
        let mut paid = Tally::default();
        rows.iter()
            .filter(|row| row.result == Some(0))
            .for_each(|row| paid.add(row.fee));
        package
            .set("message_id", first.message_id)
            .set("record_count", rows.len() as i64)
            .set("amount", paid.amount.0);
        package.write(&mut writer).map_err(&failed)?;
        for row in rows {
            result
                .set("message_id", row.message_id)
                .set("trans_id", row.trans_id)
                .set("result", row.result.unwrap_or_default());
            result.write(&mut writer).map_err(&failed)?;
        }
    }
    writer.finish().map_err(&failed)
}

/// Whether a dispute file has the optional amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Amount {
    Written,
    LeftOut,
}

/// The content of the clearing statement.
pub(super) fn clearing(
    partner: &Partner,
    plan: &Plan,
    statement: &Statement,
) -> Result<Vec<u8>, SimulateError> {
    let clearing = &statement.clearing;
    let failed = written(clearing.message_id);
    let mapping = &*partner.clearing;
    let mut writer = FileWriter::new(mapping, &partner.clock, Vec::new()).map_err(&failed)?;
    let mut day = Sheet::of(mapping, "day")?;
    day.set("sender_id", partner.centre.as_str())
        .set("receiver_id", partner.issuer.as_str())
        .set("header_id", clearing.message_id)
        .set("clear_target_date", statement.date)
        .set("amount", clearing.total.amount.0)
        .set("record_count", clearing.total.count)
        .set(
            "process_time",
            partner.moment(plan.day.midnight() + TimeDelta::hours(25))?,
        )
        .set("issuer_id", partner.issuer.as_str());
    day.write(&mut writer).map_err(&failed)?;
    for provider in &PROVIDERS {
        let packages: Vec<i64> = statement
            .packages
            .iter()
            .filter(|package| package.clear_target_date == statement.date)
            .filter(|package| package.service_provider_id == provider.id)
            .map(|package| package.message_id)
            .collect();
        let files: Vec<i64> = statement
            .dispute_files
            .iter()
            .filter(|file| file.service_provider_id == provider.id)
            .map(|file| file.file_id)
            .collect();
        let is_empty_day = statement.packages.is_empty();
        let is_first = PROVIDERS
            .first()
            .is_some_and(|first| first.id == provider.id);
        if packages.is_empty() && files.is_empty() && !(is_empty_day && is_first) {
            continue;
        }
        let mut list = Sheet::of(mapping, "provider")?;
        list.set("clear_target_date", statement.date)
            .set("package_count", packages.len() as i64)
            .set("file_count", files.len() as i64)
            .set("service_provider_id", provider.id);
        list.write(&mut writer).map_err(&failed)?;
        for (record, column, numbers) in [
            ("package", "message_id", packages),
            ("dispute_file", "file_id", files),
        ] {
            let mut sheet = Sheet::of(mapping, record)?;
            sheet
                .set("clear_target_date", statement.date)
                .set("service_provider_id", provider.id);
            for number in numbers {
                sheet
                    .set(column, number)
                    .write(&mut writer)
                    .map_err(&failed)?;
            }
        }
    }
    let content = writer.finish().map_err(&failed)?;
    if statement.packages.is_empty() {
        return with_empty_id(content);
    }
    Ok(content)
}

fn with_empty_id(content: Vec<u8>) -> Result<Vec<u8>, SimulateError> {
    let what = "text in UTF-8".to_owned();
    let text = String::from_utf8(content).or(Err(SimulateError::NotEditable { what }))?;
    edit::empty_day(&text).map(String::into_bytes)
}
