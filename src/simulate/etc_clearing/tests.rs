//! Whole days, written into a folder and read back through the mappings.

#![expect(
    clippy::indexing_slicing,
    reason = "a test that indexes wrongly fails, as it should"
)]

mod answers;
mod rules;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use tempfile::TempDir;

use super::*;
use crate::clock::Clock;
use crate::diag::Problems;
use crate::envelope::{Envelope, Lz77Plan};
use crate::id::Fen;
use crate::job::Configuration;
use crate::simulate::SimulateError;
use crate::simulate::decode::{Decoded, decode};

fn configuration() -> Configuration {
    let settings = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("dukou.toml");
    let mut problems = Problems::new();
    let configuration = Configuration::read(&settings, &mut problems);
    configuration.unwrap_or_else(|| panic!("{problems:?}"))
}

fn date() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 5).expect("a day")
}

/// A simulated day in a folder that goes with it.
struct Day {
    configuration: Configuration,
    folder: TempDir,
    statement: Statement,
}

impl Day {
    fn of(request: &Request) -> Self {
        let configuration = configuration();
        let folder = tempfile::tempdir().expect("a folder");
        let statement = write(request, &configuration, folder.path(), &mut |_| {});
        let statement = statement.expect("it can be simulated");
        Self {
            configuration,
            folder,
            statement,
        }
    }

    fn demo() -> Self {
        Self::of(&Request::new(date(), 24, 20, 1))
    }

    fn read(&self, path: &str, mapping: &str) -> Result<Decoded, SimulateError> {
        let file = File::open(self.folder.path().join(path)).expect("it was written");
        let content: Box<dyn std::io::Read + Send> = if path.contains("/to_issuer/") {
            Envelope::Lz77(Lz77Plan::default()).open(Box::new(file))
        } else {
            Box::new(file)
        };
        let mapping = &self.configuration.mappings[mapping];
        let clock = Clock::fixed(
            chrono::DateTime::UNIX_EPOCH,
            self.configuration.settings.zone,
        );
        let set = [("kind", "as the job says")];
        decode(path, mapping, &clock, &set, content)
    }

    /// The packages that the issuer accepts, each with its rows.
    fn accepted(&self) -> impl Iterator<Item = (&statement::SentFile, Decoded)> {
        let files = self.statement.files.iter();
        let accepted = files.filter(|file| file.title == "原始交易包" && file.answer == 1);
        accepted.map(|file| {
            let decoded = self.read(&file.path, "etc_clearing/transaction_package");
            (file, decoded.expect("readable"))
        })
    }

    fn text(&self, path: &str) -> String {
        let file = File::open(self.folder.path().join(path)).expect("it was written");
        let mut content = Envelope::Lz77(Lz77Plan::default()).open(Box::new(file));
        let mut text = String::new();
        std::io::Read::read_to_string(&mut content, &mut text).expect("text");
        text
    }

    fn package(&self, message_id: i64) -> &PackageStatement {
        let mut packages = self.statement.packages.iter();
        packages
            .find(|package| package.message_id == message_id)
            .expect("it is stated")
    }
}

/// Every file below a folder, by its path.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(&path).expect("a folder") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below").to_owned();
                files.insert(name, fs::read(&path).expect("readable"));
            }
        }
    }
    files
}

fn tally_of(decoded: &Decoded) -> Tally {
    let mut tally = Tally::default();
    decoded
        .of("transaction")
        .for_each(|row| tally.add(Fen(row.int("fee"))));
    tally
}

#[test]
fn the_same_request_gives_the_same_bytes_and_another_seed_gives_others() {
    let one = Day::demo();
    let two = Day::demo();
    assert_eq!(files(one.folder.path()), files(two.folder.path()));
    assert_eq!(one.statement, two.statement);
    let other = Day::of(&Request::new(date(), 24, 20, 2));
    assert_ne!(files(one.folder.path()), files(other.folder.path()));
}

#[test]
fn every_package_reads_back_without_a_reject_and_as_stated() {
    let day = Day::demo();
    let packages = day
        .statement
        .files
        .iter()
        .filter(|file| file.title == "原始交易包");
    let mut read = 0;
    for file in packages.filter(|file| matches!(file.answer, 1 | 5)) {
        let decoded = day
            .read(&file.path, "etc_clearing/transaction_package")
            .expect("readable");
        assert!(
            decoded.is_sound(),
            "{}: {:?}",
            file.path,
            decoded.rejects.first()
        );
        let package = day.package(file.message_id);
        assert_eq!(tally_of(&decoded), package.received);
        let header = decoded.of("package").next().expect("it has a header");
        assert_eq!(
            header.text("service_provider_id"),
            package.service_provider_id
        );
        assert_eq!(header.int("message_id"), package.message_id);
        let card_type = decoded
            .of("transaction")
            .next()
            .map(|row| row.int("card_type"));
        assert_eq!(
            card_type,
            Some(if package.kind == "stored_value" {
                22
            } else {
                23
            })
        );
        read += 1;
    }
    // Three of history, 24 of the day, one of them twice.
    assert_eq!(read, 28);
}

#[test]
fn flagged_rows_are_the_planted_data_errors() {
    let day = Day::demo();
    let mut flagged = Vec::new();
    for (file, decoded) in day.accepted() {
        let rows = decoded.of("transaction").filter(|row| row.is_flagged);
        flagged.extend(rows.map(|row| (file.message_id, row.int("trans_id"))));
    }
    let mut planted: Vec<(i64, i64)> = day
        .statement
        .disputes
        .iter()
        .filter(|dispute| dispute.reason == 6)
        .map(|dispute| (dispute.message_id, dispute.trans_id))
        .collect();
    flagged.sort_unstable();
    planted.sort_unstable();
    assert_eq!(flagged, planted);
    assert_eq!(planted.len(), 6);
}

#[test]
fn the_figures_of_the_statement_tie_out() {
    let day = Day::demo();
    let statement = &day.statement;
    for totals in [
        statement.day,
        statement.day_before_resend,
        statement.history,
    ] {
        assert_eq!(totals.accounted.plus(totals.disputed), totals.received);
    }
    assert_eq!(statement.day.packages, 24);
    assert_eq!(statement.day.received.count, 480);
    assert_eq!(statement.day.disputed.count, 37);
    let reasons: Vec<(i64, i64)> = statement
        .reasons
        .iter()
        .map(|reason| (reason.reason, reason.disputed.count))
        .collect();
    assert_eq!(reasons, [(2, 5), (6, 6), (7, 7), (9, 10), (11, 9)]);
    let missing: Vec<_> = statement.missing().collect();
    assert_eq!(missing.len(), 1);
    assert_eq!(
        statement
            .day_before_resend
            .received
            .plus(missing[0].received),
        statement.day.received
    );
    assert_eq!(statement.released.count, 5);
    let bad: i64 = statement
        .dispute_files
        .iter()
        .map(|file| file.bad_debt.count)
        .sum();
    assert_eq!(bad, 1);
    let ours = statement.day.accounted.plus(statement.released);
    assert_eq!(statement.clearing.total, ours.plus(statement.difference));
    let undecided: Vec<_> = statement.cleared_undecided().collect();
    assert_eq!(undecided.len(), 1);
    assert_eq!(
        statement.difference,
        Tally {
            count: 1,
            amount: undecided[0].fee
        }
    );
    assert_eq!(
        statement.difference_before_resend,
        statement.difference.plus(missing[0].accounted)
    );
    assert_eq!(statement.accounting_answers(), 27);
}

#[test]
fn dispute_results_and_clearing_read_back_as_stated() {
    let day = Day::demo();
    let statement = &day.statement;
    let file = |message_id: i64| {
        let mut files = statement.files.iter();
        files
            .find(|file| file.message_id == message_id)
            .expect("it was sent")
    };
    let mut without_amount = 0;
    for stated in &statement.dispute_files {
        let sent = file(stated.message_id);
        let decoded = day
            .read(&sent.path, "etc_clearing/dispute_result")
            .expect("readable");
        assert!(decoded.is_sound(), "{:?}", decoded.rejects.first());
        assert_eq!((sent.wave, sent.answer), (5, 1));
        let header = decoded.of("file").next().expect("a header");
        assert_eq!(header.int("file_id"), 20_260_105);
        assert_eq!(
            header.int("record_count"),
            stated.released.count + stated.bad_debt.count
        );
        match header.values["amount"].as_int() {
            Some(amount) => assert_eq!(Fen(amount), stated.released.amount),
            None => without_amount += 1,
        }
        let paid = decoded
            .of("result")
            .filter(|row| row.int("result") == 0)
            .count();
        assert_eq!(paid as i64, stated.released.count);
    }
    assert_eq!(without_amount, 1);
    let sent = file(statement.clearing.message_id);
    assert_eq!((sent.wave, sent.answer), (5, 8));
    let decoded = day
        .read(&sent.path, "etc_clearing/clearing")
        .expect("readable");
    assert!(decoded.is_sound(), "{:?}", decoded.rejects.first());
    let header = decoded.of("day").next().expect("a header");
    assert_eq!(header.int("record_count"), statement.clearing.total.count);
    assert_eq!(Fen(header.int("amount")), statement.clearing.total.amount);
    assert_eq!(decoded.of("package").count(), 24);
    assert_eq!(
        decoded.of("dispute_file").count(),
        statement.dispute_files.len()
    );
}

#[test]
fn damaged_packages_are_damaged_as_stated_and_come_again_as_they_should_be() {
    let faults = Faults::none()
        .with(Fault::Malformed, 1)
        .with(Fault::WrongCount, 1)
        .with(Fault::WrongHeader, 1)
        .with(Fault::WrongVersion, 1)
        .with(Fault::WrongIssuer, 1)
        .with(Fault::Changed, 1);
    let day = Day::of(&Request {
        faults,
        ..Request::new(date(), 6, 5, 3)
    });
    let mut answers = Vec::new();
    for file in day
        .statement
        .files
        .iter()
        .filter(|file| !matches!(file.answer, 1 | 8))
    {
        answers.push(file.answer);
        let decoded = day.read(&file.path, "etc_clearing/transaction_package");
        match file.note {
            Some("报文残缺") => assert!(decoded.is_err()),
            Some("笔数不符") => {
                let decoded = decoded.expect("well-formed");
                assert!(decoded.rejects.is_empty() && !decoded.is_sound());
            }
            Some("报文头与报文体编号不符") => {
                use crate::mapping::Cause;
                assert_eq!(decoded.expect("well-formed").rejects[0].1, Cause::Header);
            }
            Some("版本有误") => {
                use crate::mapping::Cause;
                assert_eq!(decoded.expect("well-formed").rejects[0].1, Cause::Version);
            }
            Some("发行方不是本方") => {
                let decoded = decoded.expect("well-formed");
                assert!(decoded.is_sound());
                let issuer = decoded
                    .of("package")
                    .next()
                    .map(|row| row.text("issuer_id").to_owned());
                assert_ne!(issuer, Some(day.statement.issuer_id.clone()));
            }
            Some("同号异文") => {
                let decoded = decoded.expect("well-formed");
                assert!(decoded.is_sound());
                let stated = day.package(file.message_id).received;
                let more = Tally {
                    count: 0,
                    amount: Fen(100),
                };
                assert_eq!(tally_of(&decoded), stated.plus(more));
            }
            other => panic!("{}: {other:?}", file.path),
        }
    }
    answers.sort_unstable();
    assert_eq!(answers, [2, 3, 4, 4, 6, 7]);
    let corrected = day
        .statement
        .files
        .iter()
        .filter(|file| file.note == Some("更正后重新发送"));
    assert_eq!(
        corrected
            .filter(|file| file.wave == 4 && file.answer == 1)
            .count(),
        5
    );
}

#[test]
fn peer_habits_are_in_the_bytes_of_one_package_each() {
    let day = Day::demo();
    let files = day.statement.files.iter();
    let packages = files.filter(|file| file.title == "原始交易包" && file.answer == 1);
    let texts: Vec<String> = packages.map(|file| day.text(&file.path)).collect();
    let having = |mark: &str| texts.iter().filter(|text| text.contains(mark)).count();
    assert_eq!(texts.len(), 27);
    assert_eq!(having("<Time>2026-01-05 "), 1);
    assert_eq!(having("<OBUState>"), 1);
    assert_eq!(having("<OBEState>"), 26);
}

#[test]
fn a_repeated_package_is_the_same_bytes_under_the_same_name() {
    let day = Day::demo();
    let again: Vec<&SentFile> = day
        .statement
        .files
        .iter()
        .filter(|file| file.answer == 5)
        .collect();
    assert_eq!(again.len(), 1);
    let bytes = |path: &str| fs::read(day.folder.path().join(path)).expect("it was written");
    let first = again[0].path.replace("4_again", "3_transactions");
    assert_eq!(bytes(&again[0].path), bytes(&first));
}

#[test]
fn an_empty_day_has_a_clearing_statement_with_an_empty_message_id() {
    let day = Day::of(&Request::new(date(), 0, 1, 1));
    assert_eq!(day.statement.files.len(), 1);
    let file = &day.statement.files[0];
    assert_eq!((file.answer, file.note), (1, Some("空日")));
    assert!(
        day.text(&file.path).contains("      <MessageId/>\n"),
        "{}",
        day.text(&file.path)
    );
    let decoded = day
        .read(&file.path, "etc_clearing/clearing")
        .expect("readable");
    assert!(decoded.is_sound(), "{:?}", decoded.rejects.first());
    assert_eq!(decoded.of("package").count(), 0);
    assert_eq!(
        decoded.of("day").next().map(|row| row.int("amount")),
        Some(0)
    );
}

#[test]
fn small_days_are_simulated_without_faults() {
    for (packages, records) in [(1, 1), (3, 5)] {
        let request = Request::new(date(), packages, records, 9);
        assert_eq!(request.faults, Faults::none());
        let day = Day::of(&request);
        let statement = &day.statement;
        assert_eq!(statement.day.packages, packages);
        assert_eq!(statement.day.accounted, statement.day.received);
        assert_eq!(statement.clearing.total, statement.day.received);
        assert_eq!(statement.difference, Tally::default());
        assert_eq!(
            statement
                .files
                .iter()
                .filter(|file| file.answer == 1)
                .count() as u32,
            packages + 1
        );
    }
}

#[test]
fn the_statement_is_written_for_programs_and_for_people() {
    let day = Day::demo();
    let read = |name: &str| fs::read_to_string(day.folder.path().join(name)).expect("written");
    let json: serde_json::Value = serde_json::from_str(&read("statement.json")).expect("JSON");
    assert_eq!(
        json["clearing"]["total"]["amount_fen"],
        day.statement.clearing.total.amount.0
    );
    assert_eq!(json["faults"]["missing"], 1);
    let text = read("statement.txt");
    for line in [
        "　　卡状态不符（原因代码 9）：10".to_owned(),
        "　　记账报文应发：27 个".to_owned(),
        format!(
            "　　清分：{} 笔，{} 元",
            day.statement.clearing.total.count, day.statement.clearing.total.amount
        ),
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}

#[test]
fn progress_ends_where_it_said_it_would() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut last = None;
    let request = Request::new(date(), 24, 20, 1);
    write(&request, &configuration(), folder.path(), &mut |progress| {
        last = Some(progress);
    })
    .expect("it can be simulated");
    // 3 lists, 3 packages of history, 24 of the day, 3 dispute files, the clearing statement.
    assert_eq!(
        last,
        Some(Progress {
            done: 34,
            total: 34
        })
    );
}

#[test]
fn every_reason_why_a_request_is_impossible_is_said() {
    let late = NaiveDate::from_ymd_opt(2100, 1, 1).expect("a day");
    let request = Request {
        date: late,
        packages: 100_001,
        records: 0,
        ..Request::new(date(), 1, 1, 1)
    };
    assert_eq!(
        request.check().expect_err("three reasons").to_string(),
        "the request cannot be simulated: the date 2100-01-01 is not from 2019-01-01 to \
         2098-12-31; 100001 packages are asked for, at most 100000 are possible; 0 records per \
         package are asked for, 1 to 10000 are possible"
    );
    let request = Request {
        faults: Faults::demo(),
        ..Request::new(date(), 4, 3, 1)
    };
    assert_eq!(
        request.check().expect_err("too small").to_string(),
        "the request cannot be simulated: the faults of 2026-01-05 need 61 rows, some of them in \
         pairs, but 3 packages have 2 rows each beside their first: ask for more records or fewer \
         faults"
    );
}

#[test]
fn a_folder_with_something_in_it_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("old")).expect("a folder");
    let request = Request::new(date(), 1, 1, 1);
    let error = write(&request, &configuration(), folder.path(), &mut |_| {});
    let error = error.expect_err("it is not empty").to_string();
    let path = folder.path().display();
    assert_eq!(
        error,
        format!(
            "`{path}` is not empty: name a new folder, so that nothing of an earlier simulation is mixed in"
        )
    );
}
