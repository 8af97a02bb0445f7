//! The day written out: what arrives in which order.

use std::path::{Path, PathBuf};

use super::edit;
use super::faults::Fault;
use super::figures;
use super::lists;
use super::package::compose;
use super::partner::{Partner, file_name};
use super::plan::{DayPlan, PackagePlan, Plan, Role};
use super::request::Request;
use super::results::{self, Amount};
use super::statement::{ListFile, SentFile, Statement, Tally};
use super::summary;
use crate::job::Configuration;
use crate::simulate::SimulateError;
use crate::simulate::output::{claim_folder, make_folder, seal, write_bytes, write_stream};

/// The folders below the output folder, one per wave; each is copied into the connection's
/// directory as a whole.
pub const WAVES: [&str; 6] = [
    "1_lists",
    "2_history",
    "3_transactions",
    "4_again",
    "5_results",
    "6_resent",
];

/// How far the writing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Files and packages that are done.
    pub done: u64,
    /// All of them.
    pub total: u64,
}

/// Writes a clearing centre's day into `out`, an empty or new folder, and says what it planted;
/// the same is in `statement.json` and, in Chinese, in `statement.txt`.
///
/// The same request gives the same bytes. Memory holds one package and some hundred bytes for
/// each other one.
pub fn write(
    request: &Request,
    configuration: &Configuration,
    out: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<Statement, SimulateError> {
    let plan = Plan::new(request)?;
    let partner = Partner::of(configuration)?;
    claim_folder(out)?;
    for (index, wave) in WAVES.iter().enumerate() {
        make_folder(
            &out.join(wave)
                .join(if index == 0 { "lists" } else { "to_issuer" }),
        )?;
    }
    let statement = figures::statement(request, &partner, &plan);
    let packages = statement.packages.len() as u64;
    let total = packages + statement.dispute_files.len() as u64 + 4;
    let progress = Counter {
        report: progress,
        progress: Progress { done: 0, total },
    };
    let mut writing = Writing {
        partner: &partner,
        plan: &plan,
        out,
        sealed_max_bytes: request.sealed_max_bytes,
        statement,
        progress,
    };
    writing.lists()?;
    if let Some(history) = &plan.history {
        writing.packages(history, 2)?;
    }
    writing.packages(&plan.day, 3)?;
    writing.results()?;
    let mut statement = writing.statement;
    statement
        .files
        .sort_by_key(|file| (file.wave, file.message_id));
    summary::write(&statement, out)?;
    Ok(statement)
}

struct Counter<'c> {
    report: &'c mut dyn FnMut(Progress),
    progress: Progress,
}

impl Counter<'_> {
    fn step(&mut self) {
        self.progress.done += 1;
        (self.report)(self.progress);
    }
}

/// A message as the statement calls it.
struct Label<'l> {
    title: &'static str,
    sender: &'l str,
    message_id: i64,
    note: Option<&'static str>,
    answer: i64,
}

struct Writing<'w> {
    partner: &'w Partner,
    plan: &'w Plan,
    out: &'w Path,
    sealed_max_bytes: u64,
    statement: Statement,
    progress: Counter<'w>,
}

impl Writing<'_> {
    fn lists(&mut self) -> Result<(), SimulateError> {
        type List = fn(&Partner, &Plan, &mut dyn std::io::Write) -> Result<u64, SimulateError>;
        let lists: [(&str, List); 3] = [
            ("CARDSTATUS", lists::card_status),
            ("CARDBLACK", lists::card_blacklist),
            ("OBUBLACK", lists::obu_blacklist),
        ];
        let [wave, ..] = WAVES;
        for (name, list) in lists {
            let date = self.plan.day.date.format("%Y%m%d");
            let path = format!("{wave}/lists/{name}_{date}_001.txt");
            let mut rows = 0;
            write_stream(&self.out.join(&path), |out| {
                rows = list(self.partner, self.plan, out)?;
                Ok(())
            })?;
            self.statement.lists.push(ListFile { path, rows });
            self.progress.step();
        }
        Ok(())
    }

    fn packages(&mut self, day: &DayPlan, wave: u8) -> Result<(), SimulateError> {
        for package in &day.packages {
            self.package(day, package, wave)?;
            self.progress.step();
        }
        Ok(())
    }

    fn package(
        &mut self,
        day: &DayPlan,
        package: &PackagePlan,
        wave: u8,
    ) -> Result<(), SimulateError> {
        let text = compose(self.partner, day, package, false)?;
        let good = self.sealed(day, package, &text)?;
        let label = |note, answer| Label {
            title: "原始交易包",
            sender: package.provider.id,
            message_id: package.message_id,
            note,
            answer,
        };
        match package.role {
            Role::Plain => self.send(wave, &label(None, 1), &good),
            Role::Missing => self.send(6, &label(Some("按补发请求发送"), 1), &good),
            Role::Repeated => {
                self.send(wave, &label(None, 1), &good)?;
                self.send(4, &label(Some("重复发送，内容相同"), 5), &good)
            }
            Role::Changed => {
                self.send(wave, &label(None, 1), &good)?;
                let other = compose(self.partner, day, package, true)?;
                let other = self.sealed(day, package, &other)?;
                self.send(4, &label(Some("同号异文"), 4), &other)
            }
            Role::Damaged(fault) => {
                let bad = edit::damage(&text, fault)?;
                let bad = self.sealed(day, package, &bad)?;
                let (note, answer) = damaged(fault);
                self.send(wave, &label(Some(note), answer), &bad)?;
                self.send(4, &label(Some("更正后重新发送"), 1), &good)
            }
        }
    }

    fn sealed(
        &self,
        day: &DayPlan,
        package: &PackagePlan,
        text: &str,
    ) -> Result<Vec<u8>, SimulateError> {
        let sealed = seal(&file_name(package.message_id), text.as_bytes())?;
        let found = (day.records, sealed.len() as u64);
        check_size(package.message_id, found, self.sealed_max_bytes)?;
        Ok(sealed)
    }

    fn results(&mut self) -> Result<(), SimulateError> {
        let (partner, plan) = (self.partner, self.plan);
        let centre = partner.centre.as_str();
        for (index, file) in (0..).zip(self.statement.dispute_files.clone()) {
            let is_left_out = index < plan.without_amount;
            let amount = if is_left_out {
                Amount::LeftOut
            } else {
                Amount::Written
            };
            let content = results::dispute_results(partner, plan, &self.statement, &file, amount)?;
            let label = Label {
                title: "争议处理结果",
                sender: centre,
                message_id: file.message_id,
                note: is_left_out.then_some("未写金额"),
                answer: 1,
            };
            self.send(5, &label, &seal(&file_name(file.message_id), &content)?)?;
            self.progress.step();
        }
        let content = results::clearing(partner, plan, &self.statement)?;
        let message_id = self.statement.clearing.message_id;
        let is_equal = self.statement.difference_before_resend == Tally::default();
        let label = Label {
            title: "清分",
            sender: centre,
            message_id,
            note: self.statement.packages.is_empty().then_some("空日"),
            answer: if is_equal { 1 } else { 8 },
        };
        self.send(5, &label, &seal(&file_name(message_id), &content)?)?;
        self.progress.step();
        Ok(())
    }

    fn send(&mut self, wave: u8, label: &Label<'_>, sealed: &[u8]) -> Result<(), SimulateError> {
        let folder = WAVES
            .get(usize::from(wave) - 1)
            .copied()
            .unwrap_or_default();
        let path = format!("{folder}/to_issuer/{}", file_name(label.message_id));
        write_bytes(&PathBuf::from(self.out).join(&path), sealed)?;
        self.statement.files.push(SentFile {
            wave,
            path,
            title: label.title,
            sender_id: label.sender.to_owned(),
            message_id: label.message_id,
            note: label.note,
            answer: label.answer,
        });
        Ok(())
    }
}

/// What a damaged package is called, and the answer it gets (partner facts: etc, section 2.8).
fn damaged(fault: Fault) -> (&'static str, i64) {
    match fault {
        Fault::WrongCount => ("笔数不符", 4),
        Fault::WrongHeader => ("报文头与报文体编号不符", 2),
        Fault::WrongVersion => ("版本有误", 7),
        Fault::WrongIssuer => ("发行方不是本方", 6),
        _ => ("报文残缺", 3),
    }
}

fn check_size(
    message_id: i64,
    (records, bytes): (u32, u64),
    limit: u64,
) -> Result<(), SimulateError> {
    if bytes <= limit {
        return Ok(());
    }
    // One in fifty less, because packages differ.
    let fitting = u64::from(records) * limit / bytes * 49 / 50;
    Err(SimulateError::TooLarge {
        message_id,
        records,
        bytes,
        limit,
        fitting,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::etc_clearing::MAX_FRAMED_BYTES;

    #[test]
    fn a_message_larger_than_its_transport_carries_is_refused_with_what_would_fit() {
        assert!(check_size(7, (1000, 999_999), MAX_FRAMED_BYTES).is_ok());
        assert!(check_size(7, (10_000, 2_000_000), 2_000_000).is_ok());
        let error = check_size(7, (10_000, 2_000_000), MAX_FRAMED_BYTES).expect_err("too large");
        assert_eq!(
            error.to_string(),
            "package 7 has 10000 records and takes 2000000 bytes sealed, but a message has at most \
             999999: ask for at most 4899 records per package, or for larger messages"
        );
    }
}
