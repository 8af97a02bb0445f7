//! A large delimited file: recharge details of a bank-like partner, for benchmarks and limits.
//!
//! Responsible for the bytes of one file in GBK, about 178 a line, as `fixtures/bench` maps them:
//! a header with count and sum, then 14 columns a line. Every line is a function of seed and
//! number, so memory is flat whatever the number of rows.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use chrono::{NaiveDate, NaiveTime, TimeDelta};

use super::SimulateError;
use super::output::write_stream;
use super::random::Random;
use crate::id::Fen;
use crate::text::Encoding;

/// The most rows of a file; their numbers have eight digits.
pub const MAX_ROWS: u64 = 99_999_999;

/// Lines are encoded and written in pieces of this size.
const PIECE_BYTES: usize = 64 << 10;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimited {
    /// Rows, the header not counted.
    pub rows: u64,
    /// The sum of all amounts.
    pub amount: Fen,
    /// Size of the file.
    pub bytes: u64,
}

const OUTLETS: [&str; 8] = [
    "渡口银行未央支行",
    "渡口银行灞桥支行",
    "渡口银行雁塔支行",
    "渡口银行临潼支行",
    "渡口银行宝鸡支行",
    "渡口银行渭南支行",
    "渡口银行汉中支行",
    "渡口银行延安支行",
];
const PLACES: [&str; 8] = [
    "曲江站服务厅",
    "三桥站服务厅",
    "灞桥站服务厅",
    "长安站服务厅",
    "杨凌站服务厅",
    "华阴站服务厅",
    "韩城站服务厅",
    "榆林站服务厅",
];
const OPERATORS: [&str; 6] = [
    "测试员甲",
    "测试员乙",
    "测试员丙",
    "测试员丁",
    "测试员戊",
    "测试员己",
];
const REMARKS: [&str; 4] = [
    "柜面充值，回单已打印",
    "自助终端充值，未打印",
    "手机银行充值，已通知",
    "网上银行充值，已通知",
];

/// Writes a file of `rows` recharges on a day; the same arguments give the same bytes.
///
/// Fails with [`SimulateError::Request`] when there are more rows than [`MAX_ROWS`].
pub fn write_delimited(
    rows: u64,
    seed: u64,
    business_date: NaiveDate,
    out: &Path,
) -> Result<Delimited, SimulateError> {
    if rows > MAX_ROWS {
        let problem = format!("{rows} rows are asked for, at most {MAX_ROWS} are possible");
        return Err(SimulateError::Request {
            problems: vec![problem],
        });
    }
    let amount: Fen = (0..rows)
        .map(|row| Fen(amount(&mut line_random(seed, row))))
        .sum();
    let bytes = write_stream(out, |file| {
        let failed = |error: io::Error| SimulateError::Folder {
            path: out.to_owned(),
            error,
        };
        let mut text = format!("H,{},{rows},{}\n", business_date.format("%Y%m%d"), amount.0);
        for row in 0..rows {
            line(seed, row, business_date, &mut text);
            if text.len() >= PIECE_BYTES {
                flush(&mut text, file).map_err(failed)?;
            }
        }
        flush(&mut text, file).map_err(failed)
    })?;
    Ok(Delimited {
        rows,
        amount,
        bytes,
    })
}

fn flush(text: &mut String, file: &mut dyn Write) -> io::Result<()> {
    let bytes = Encoding::Gbk.encode(text).map_err(io::Error::other)?;
    file.write_all(&bytes)?;
    text.clear();
    Ok(())
}

fn line_random(seed: u64, row: u64) -> Random {
    Random::of(&[seed, row])
}

/// 10.00 to 2000.00 yuan; the first number of a line, so that the sum needs no other.
fn amount(random: &mut Random) -> i64 {
    1_000 + random.below(199_001).cast_signed()
}

fn line(seed: u64, row: u64, date: NaiveDate, text: &mut String) {
    let mut random = line_random(seed, row);
    let amount = amount(&mut random);
    let balance = amount + random.below(500_000).cast_signed();
    let second = TimeDelta::seconds(random.below(86_400).cast_signed());
    let time = date.and_time(NaiveTime::MIN) + second;
    let letter = random.one_of(&["A", "B", "C", "D"]);
    let colour = random.one_of(&["蓝", "黄", "绿"]);
    // Writing into a text cannot fail.
    let _ = writeln!(
        text,
        "6101{}{row:08}{:04},{date},61012026{:012},陕{letter}I{:04}{colour},{},{},{},{amount},\
         {balance},{time},{:02},{},00006101{:04X},{}",
        date.format("%Y%m%d"),
        random.below(10_000),
        random.below(1_000_000_000_000),
        random.below(10_000),
        random.one_of(&OUTLETS),
        random.one_of(&PLACES),
        random.one_of(&OPERATORS),
        1 + random.below(4),
        u8::from(random.below(100) == 0),
        random.below(0x10000),
        random.one_of(&REMARKS),
    );
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;
    use crate::clock::Clock;
    use crate::diag::Problems;
    use crate::job::Configuration;
    use crate::simulate::decode::decode;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 5).expect("a day")
    }

    fn written(rows: u64, seed: u64) -> (Delimited, Vec<u8>) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("RECHARGE_20260105.txt");
        let delimited = write_delimited(rows, seed, day(), &path).expect("written");
        (delimited, fs::read(&path).expect("it is there"))
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
        let (one, bytes) = written(300, 7);
        assert_eq!(written(300, 7), (one, bytes.clone()));
        assert_ne!(bytes, written(300, 8).1);
        assert_eq!(one.bytes, bytes.len() as u64);
    }

    #[test]
    fn a_line_has_about_178_bytes() {
        let (delimited, _) = written(1000, 1);
        let each = delimited.bytes / delimited.rows;
        assert!((174..=182).contains(&each), "{each} bytes a line");
    }

    #[test]
    fn every_line_reads_back_through_the_mapping_and_the_totals_agree() {
        let settings = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/bench/dukou.toml");
        let mut problems = Problems::new();
        let configuration = Configuration::read(&settings, &mut problems);
        let configuration = configuration.unwrap_or_else(|| panic!("{problems:?}"));
        let mapping = configuration
            .mappings
            .get("bench/recharge_details")
            .expect("fixtures/bench has it");
        let clock = Clock::fixed(chrono::DateTime::UNIX_EPOCH, configuration.settings.zone);
        for rows in [0, 1, 500] {
            let (delimited, bytes) = written(rows, 3);
            let content = Box::new(io::Cursor::new(bytes));
            let decoded = decode("RECHARGE_20260105.txt", mapping, &clock, &[], content);
            let decoded = decoded.expect("readable");
            assert!(decoded.is_sound(), "{:?}", decoded.rejects.first());
            assert_eq!(decoded.rows.len() as u64, rows);
            let sum: i64 = decoded.rows.iter().map(|row| row.int("amount")).sum();
            assert_eq!(Fen(sum), delimited.amount);
        }
    }

    #[test]
    fn more_rows_than_have_numbers_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("big.txt");
        let error = write_delimited(100_000_000, 1, day(), &path).expect_err("too many");
        assert_eq!(
            error.to_string(),
            "the request cannot be simulated: 100000000 rows are asked for, at most 99999999 are \
             possible"
        );
        assert!(!path.exists());
    }
}
