//! Large delimited files: recharge details of a day as we have them and as a bank has them, for
//! benchmarks and limits.
//!
//! Responsible for the bytes of files in GBK, about 178 a line, as `fixtures/bench` maps them:
//! a header with count and sum, then 14 columns a line. Every line is a function of seed and
//! number, and so is its place, so memory is flat whatever the number of rows. Neither file is in
//! the order of its key. The bank's has the same rows in an order of its own, a stated number of
//! them missing, more, or with another amount.

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

/// How the bank's rows differ from ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Differences {
    /// Rows that the bank does not have.
    pub missing: u64,
    /// Rows that only the bank has.
    pub extra: u64,
    /// Rows whose amount is one fen higher at the bank.
    pub differing: u64,
}

/// Writes a file of `rows` recharges on a day, shuffled; the same arguments give the same bytes.
///
/// Fails with [`SimulateError::Request`] when there are more rows than [`MAX_ROWS`].
pub fn write_delimited(
    rows: u64,
    seed: u64,
    business_date: NaiveDate,
    out: &Path,
) -> Result<Delimited, SimulateError> {
    check_rows(rows)?;
    let order = Shuffle::new(&[seed, OUR_ORDER], rows);
    let ours = (0..rows).map(|place| (order.at(place), 0));
    write_rows(ours, seed, business_date, out)
}

/// Writes the bank's file about the same recharges as [`write_delimited`] with the same arguments:
/// in another order, and with the differences that are asked for.
///
/// Fails with [`SimulateError::Request`] when there are more rows than [`MAX_ROWS`], or more
/// missing and differing ones than rows.
pub fn write_bank(
    rows: u64,
    seed: u64,
    business_date: NaiveDate,
    differences: Differences,
    out: &Path,
) -> Result<Delimited, SimulateError> {
    let Differences {
        missing,
        extra,
        differing,
    } = differences;
    let total = rows.saturating_add(extra);
    check_rows(total)?;
    if missing.saturating_add(differing) > rows {
        let problem = format!(
            "{missing} missing and {differing} differing rows are asked for, of {rows} in all"
        );
        return Err(SimulateError::Request {
            problems: vec![problem],
        });
    }
    let order = Shuffle::new(&[seed, THEIR_ORDER], total);
    let chosen = Shuffle::new(&[seed, CHOSEN], rows);
    let theirs = (0..total).filter_map(move |place| {
        let row = order.at(place);
        if row >= rows {
            return Some((row, 0));
        }
        let rank = chosen.at(row);
        (rank >= missing).then_some((row, i64::from(rank < missing + differing)))
    });
    write_rows(theirs, seed, business_date, out)
}

/// What the shuffles of one seed are for; far beyond the number of any row.
const THEIR_ORDER: u64 = u64::MAX;
const CHOSEN: u64 = u64::MAX - 1;
const OUR_ORDER: u64 = u64::MAX - 2;

/// Every number below `len` once, in an order that looks random, without a list of them: a
/// Feistel network of four rounds, walked until it comes back below `len`.
#[derive(Debug, Clone)]
struct Shuffle {
    keys: [u64; 4],
    half_bits: u32,
    len: u64,
}

impl Shuffle {
    fn new(parts: &[u64], len: u64) -> Self {
        let mut random = Random::of(parts);
        let bits = u64::BITS - len.saturating_sub(1).leading_zeros();
        Self {
            keys: std::array::from_fn(|_| random.next()),
            half_bits: bits.div_ceil(2).max(1),
            len,
        }
    }

    /// The number at a place; both below `len`.
    fn at(&self, place: u64) -> u64 {
        let mask = (1 << self.half_bits) - 1;
        let mut number = place;
        loop {
            let (mut left, mut right) = (number >> self.half_bits, number & mask);
            for key in self.keys {
                let mixed = Random::of(&[key, right]).next() & mask;
                (left, right) = (right, left ^ mixed);
            }
            number = (left << self.half_bits) | right;
            if number < self.len {
                return number;
            }
        }
    }
}

fn check_rows(rows: u64) -> Result<(), SimulateError> {
    if rows <= MAX_ROWS {
        return Ok(());
    }
    let problem = format!("{rows} rows are asked for, at most {MAX_ROWS} are possible");
    Err(SimulateError::Request {
        problems: vec![problem],
    })
}

/// Writes lines by their numbers, each with what its amount is raised by.
fn write_rows(
    lines: impl Iterator<Item = (u64, i64)> + Clone,
    seed: u64,
    business_date: NaiveDate,
    out: &Path,
) -> Result<Delimited, SimulateError> {
    let (mut rows, mut sum) = (0, Fen::ZERO);
    for (row, more) in lines.clone() {
        rows += 1;
        // At most 10^8 rows of at most 200,001 fen.
        sum.0 += amount(&mut line_random(seed, row)) + more;
    }
    let bytes = write_stream(out, |file| {
        let failed = |error: io::Error| SimulateError::Folder {
            path: out.to_owned(),
            error,
        };
        let mut text = format!("H,{},{rows},{}\n", business_date.format("%Y%m%d"), sum.0);
        for (row, more) in lines {
            line((seed, row), more, business_date, &mut text);
            if text.len() >= PIECE_BYTES {
                flush(&mut text, file).map_err(failed)?;
            }
        }
        flush(&mut text, file).map_err(failed)
    })?;
    Ok(Delimited {
        rows,
        amount: sum,
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

fn line((seed, row): (u64, u64), more: i64, date: NaiveDate, text: &mut String) {
    let mut random = line_random(seed, row);
    let amount = amount(&mut random);
    let balance = amount + random.below(500_000).cast_signed();
    let amount = amount + more;
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
    use std::collections::BTreeSet;
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

    fn bank(rows: u64, seed: u64, differences: Differences) -> (Delimited, Vec<String>) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("BANK_20260105.txt");
        let written = write_bank(rows, seed, day(), differences, &path).expect("written");
        let bytes = fs::read(&path).expect("it is there");
        let text = Encoding::Gbk.decode(&bytes).expect("GBK").into_owned();
        (written, text.lines().skip(1).map(str::to_owned).collect())
    }

    #[test]
    fn a_file_has_every_row_once_and_not_in_the_order_of_its_key() {
        let (_, bytes) = written(500, 7);
        let text = Encoding::Gbk.decode(&bytes).expect("GBK").into_owned();
        let lines: Vec<&str> = text.lines().skip(1).collect();
        // The first 20 characters of a key are the row's own number behind the day.
        let found: Vec<&str> = lines.iter().filter_map(|line| line.get(..20)).collect();
        let mut sorted = found.clone();
        sorted.sort_unstable();
        let every: Vec<String> = (0..500)
            .map(|row| format!("610120260105{row:08}"))
            .collect();
        assert_eq!(sorted, every);
        // In a shuffle about half of all neighbours stand the wrong way round.
        let falls = found
            .windows(2)
            .filter(|pair| pair.first() > pair.last())
            .count();
        assert!((200..300).contains(&falls), "{falls} neighbours of 499");
    }

    #[test]
    fn the_bank_has_the_same_rows_in_another_order() {
        let (ours, bytes) = written(500, 7);
        let text = Encoding::Gbk.decode(&bytes).expect("GBK").into_owned();
        let mut lines: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
        let (theirs, mut shuffled) = bank(500, 7, Differences::default());
        assert_eq!(theirs, ours);
        assert_ne!(shuffled, lines);
        shuffled.sort();
        lines.sort();
        assert_eq!(shuffled, lines);
    }

    #[test]
    fn the_bank_differs_by_exactly_what_is_asked_for() {
        let differences = Differences {
            missing: 5,
            extra: 7,
            differing: 11,
        };
        let (ours, _) = written(300, 3);
        let (_, alike) = bank(300, 3, Differences::default());
        let (theirs, lines) = bank(300, 3, differences);
        assert_eq!((theirs.rows, lines.len()), (302, 302));
        let alike: BTreeSet<&str> = alike.iter().map(String::as_str).collect();
        let id = |line: &str| line.split(',').next().map(str::to_owned);
        let ids: BTreeSet<_> = alike.iter().map(|line| id(line)).collect();
        let same = lines
            .iter()
            .filter(|line| alike.contains(line.as_str()))
            .count();
        let known = lines.iter().filter(|line| ids.contains(&id(line))).count();
        assert_eq!((same, known), (300 - 5 - 11, 300 - 5));
        assert_ne!(theirs.amount, ours.amount);
    }

    #[test]
    fn more_differences_than_rows_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bank.txt");
        let differences = Differences {
            missing: 6,
            extra: 0,
            differing: 5,
        };
        let error = write_bank(10, 1, day(), differences, &path).expect_err("too many");
        assert_eq!(
            error.to_string(),
            "the request cannot be simulated: 6 missing and 5 differing rows are asked for, of 10 \
             in all"
        );
    }

    #[test]
    fn a_shuffle_gives_every_number_once() {
        for len in [0, 1, 2, 3, 64, 65, 1000] {
            let shuffle = Shuffle::new(&[9], len);
            let mut all: Vec<u64> = (0..len).map(|place| shuffle.at(place)).collect();
            all.sort_unstable();
            assert_eq!(all, (0..len).collect::<Vec<_>>());
        }
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
