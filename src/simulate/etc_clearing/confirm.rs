//! The centre reads what the issuer sent, and confirms its accounting answers.

use std::fs::{self, File};
use std::path::Path;

use chrono::TimeDelta;

use super::partner::{Partner, file_name};
use crate::envelope::{Envelope, Lz77Plan};
use crate::job::Configuration;
use crate::mapping::FileWriter;
use crate::simulate::SimulateError;
use crate::simulate::decode::{Decoded, DecodedRow, decode};
use crate::simulate::output::{make_folder, seal, write_bytes};
use crate::simulate::sheet::Sheet;
use crate::value::Value;

use super::statement::Tally;
use crate::id::Fen;

/// The centre's confirmations have numbers of their own: this plus the number confirmed. So the
/// same answer confirmed twice is the same message.
const FIRST_CONFIRMATION: i64 = 990_000_000_000;

/// A message that the issuer sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// An accounting answer (5/5/1).
    Accounting {
        /// The issuer's message id.
        accounting_id: i64,
        /// The collector of the package.
        service_provider_id: String,
        /// The package.
        message_id: i64,
        /// Rows of the package.
        record_count: i64,
        /// What is accounted: rows without dispute, and the amount it says.
        accounted: Tally,
        /// (row of the package, reason code), in order.
        disputes: Vec<(i64, i64)>,
        /// Whether its counts are as promised and every field is readable.
        is_sound: bool,
    },
    /// A confirmation (class 6).
    Confirmation {
        /// The issuer's message id.
        confirmation_id: i64,
        /// Whom it answers.
        receiver_id: String,
        /// The message confirmed.
        confirmed_id: i64,
        /// Type of the message confirmed.
        message_type: i64,
        /// The result code.
        result: i64,
    },
    /// Another message, such as a resend request.
    Other {
        /// Its file.
        file: String,
    },
}

/// A confirmation that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// Its file, below the folder.
    pub file: String,
    /// The issuer's message.
    pub accounting_id: i64,
    /// 1, or 4 when the answer's totals are wrong.
    pub result: i64,
}

/// Reads the messages of the issuer's outgoing folder, in the order of their names.
pub fn received(
    from_issuer: &Path,
    configuration: &Configuration,
) -> Result<Vec<Received>, SimulateError> {
    let partner = Partner::of(configuration)?;
    let files = names(from_issuer)?.into_iter();
    files
        .map(|file| one(&partner, from_issuer, file).map(|message| message.0))
        .collect()
}

/// Confirms the accounting answers of the issuer's outgoing folder: one message (6/5/1) for each
/// into `out`.
pub fn confirm(
    from_issuer: &Path,
    configuration: &Configuration,
    out: &Path,
) -> Result<Vec<Confirmed>, SimulateError> {
    let partner = Partner::of(configuration)?;
    make_folder(out)?;
    let mut confirmed = Vec::new();
    for file in names(from_issuer)? {
        let (message, decoded) = one(&partner, from_issuer, file)?;
        let Received::Accounting {
            accounting_id,
            is_sound,
            ..
        } = message
        else {
            continue;
        };
        let Some(answer) = decoded.of("accounting").next() else {
            continue;
        };
        let result = if is_sound { 1 } else { 4 };
        let number = FIRST_CONFIRMATION + accounting_id;
        let file = file_name(number);
        let content = confirmation(&partner, number, answer, result, &file)?;
        write_bytes(&out.join(&file), &seal(&file, &content)?)?;
        confirmed.push(Confirmed {
            file,
            accounting_id,
            result,
        });
    }
    Ok(confirmed)
}

fn names(folder: &Path) -> Result<Vec<String>, SimulateError> {
    let failed = |error| SimulateError::Folder {
        path: folder.to_owned(),
        error,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry
            .map_err(failed)?
            .file_name()
            .to_string_lossy()
            .into_owned();
        if name.ends_with(".xml.lz77") && !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn one(
    partner: &Partner,
    folder: &Path,
    file: String,
) -> Result<(Received, Decoded), SimulateError> {
    let path = folder.join(&file);
    let read = |mapping| {
        let sealed = File::open(&path).map_err(|error| SimulateError::Folder {
            path: path.clone(),
            error,
        })?;
        let content = Envelope::Lz77(Lz77Plan::default()).open(Box::new(sealed));
        decode(&file, mapping, &partner.clock, &[], content)
    };
    let decoded = read(&partner.accounting)?;
    let answer = decoded.of("accounting").next();
    if let Some(message) = answer.map(|answer| accounting(answer, &decoded)) {
        return Ok((message, decoded));
    }
    let decoded = read(&partner.confirmation)?;
    let message = decoded
        .of("confirmation")
        .next()
        .map(|row| Received::Confirmation {
            confirmation_id: row.int("confirmation_id"),
            receiver_id: row.text("receiver_id").to_owned(),
            confirmed_id: row.int("confirmed_id"),
            message_type: row.int("message_type"),
            result: row.int("result"),
        });
    Ok((message.unwrap_or(Received::Other { file }), decoded))
}

fn accounting(answer: &DecodedRow, decoded: &Decoded) -> Received {
    let record_count = answer.int("record_count");
    let count = record_count - answer.int("disputed_count");
    let disputes = decoded
        .of("dispute")
        .map(|row| (row.int("trans_id"), row.int("reason")));
    Received::Accounting {
        accounting_id: answer.int("accounting_id"),
        service_provider_id: answer.text("service_provider_id").to_owned(),
        message_id: answer.int("message_id"),
        record_count,
        accounted: Tally {
            count,
            amount: Fen(answer.int("amount")),
        },
        disputes: disputes.collect(),
        is_sound: decoded.is_sound(),
    }
}

fn confirmation(
    partner: &Partner,
    number: i64,
    answer: &DecodedRow,
    result: i64,
    file: &str,
) -> Result<Vec<u8>, SimulateError> {
    let failed = |error| SimulateError::Write {
        file: file.to_owned(),
        error,
    };
    let processed = match answer.values.get("process_time") {
        Some(Value::Instant(moment)) => *moment + TimeDelta::minutes(1),
        _ => partner.clock.now(),
    };
    let mapping = &*partner.confirmation;
    let mut writer = FileWriter::new(mapping, &partner.clock, Vec::new()).map_err(failed)?;
    let mut sheet = Sheet::of(mapping, "confirmation")?;
    sheet
        .set("message_class", 6_i64)
        .set("message_type", 5_i64)
        .set("sender_id", partner.centre.as_str())
        .set("receiver_id", partner.issuer.as_str())
        .set("confirmation_id", number)
        .set("content_type", 1_i64)
        .set("confirmed_id", answer.int("accounting_id"))
        .set("process_time", processed)
        .set("result", result);
    sheet.write(&mut writer).map_err(failed)?;
    writer.finish().map_err(failed)
}
