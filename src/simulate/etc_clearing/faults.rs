//! What a simulated day may have wrong, and how much of it.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::simulate::SimulateError;

/// One kind of fault. What is counted is said per kind: packages, rows or files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Packages that the clearing statement lists and that arrive only after they are asked for.
    Missing,
    /// Packages that arrive again, byte for byte.
    Repeated,
    /// Packages that arrive again under their id with other content.
    Changed,
    /// Packages that arrive cut in the middle, and whole later.
    Malformed,
    /// Packages whose count is one too many at first.
    WrongCount,
    /// Packages whose body names another message id than their header at first.
    WrongHeader,
    /// Packages of a version that nobody speaks at first.
    WrongVersion,
    /// Packages for another issuer at first.
    WrongIssuer,
    /// Rows with an unreadable field that is neither their number nor their fee.
    DataError,
    /// Rows that repeat an earlier row of their package.
    Duplicate,
    /// Rows of a test card.
    TestCard,
    /// Rows of a card type that does not exist.
    BadCardType,
    /// Rows of a transaction type that does not exist.
    BadTransType,
    /// Rows dated after the clearing day.
    LaneClock,
    /// Rows more than 30 days older than the clearing day.
    Overdue,
    /// Rows above 5000.00 yuan.
    OverLimit,
    /// Rows of a card that no list knows.
    CardUnknown,
    /// Rows of an expired card.
    CardExpired,
    /// Rows after their card was suspended on the same day; each has an earlier row to be accepted.
    CardStatus,
    /// Rows of a blacklisted card; each has a row of a released card to be accepted.
    CardBlacklist,
    /// Rows of a blacklisted tag.
    ObuBlacklist,
    /// Rows of two days before whose dispute is decided: pay.
    Released,
    /// Rows of two days before whose dispute is decided: bad debt.
    BadDebt,
    /// Disputed rows that the clearing statement includes although nothing was decided.
    ClearedAlthoughDisputed,
    /// Packages with a space in the times, a known peer's habit.
    SpacedTime,
    /// Packages with the specification's `OBUState` for `OBEState`.
    ObuState,
    /// Dispute result files without the optional amount.
    NoDisputeAmount,
}

use Fault::{
    BadCardType, BadDebt, BadTransType, CardBlacklist, CardExpired, CardStatus, CardUnknown,
    Changed, ClearedAlthoughDisputed, DataError, Duplicate, LaneClock, Malformed, Missing,
    NoDisputeAmount, ObuBlacklist, ObuState, OverLimit, Overdue, Released, Repeated, SpacedTime,
    TestCard, WrongCount, WrongHeader, WrongIssuer, WrongVersion,
};

/// Word, Chinese title, reason code of the dispute (0: none), count in a demonstration.
const TABLE: [(Fault, &str, &str, i64, u32); 27] = [
    (Missing, "missing", "缺失的交易包", 0, 1),
    (Repeated, "repeated", "重复发送的交易包", 0, 1),
    (Changed, "changed", "同号异文的交易包", 0, 1),
    (Malformed, "malformed", "残缺的交易包", 0, 1),
    (WrongCount, "wrong_count", "笔数不符的交易包", 0, 0),
    (WrongHeader, "wrong_header", "报文头有误的交易包", 0, 0),
    (WrongVersion, "wrong_version", "版本有误的交易包", 0, 0),
    (WrongIssuer, "wrong_issuer", "发行方有误的交易包", 0, 0),
    (DataError, "data_error", "数据域错误", 6, 6),
    (Duplicate, "duplicate", "重复交易", 2, 5),
    (TestCard, "test_card", "测试交易", 13, 0),
    (BadCardType, "bad_card_type", "卡类型无效", 15, 0),
    (BadTransType, "bad_trans_type", "交易类型无效", 4, 0),
    (LaneClock, "lane_clock", "车道时钟错误", 16, 0),
    (Overdue, "overdue", "逾期", 5, 0),
    (OverLimit, "over_limit", "超过限额", 7, 7),
    (CardUnknown, "card_unknown", "卡不存在", 8, 0),
    (CardExpired, "card_expired", "卡已过期", 10, 0),
    (CardStatus, "card_status", "卡状态不符", 9, 10),
    (CardBlacklist, "card_blacklist", "卡在黑名单中", 11, 9),
    (ObuBlacklist, "obu_blacklist", "标签在黑名单中", 11, 0),
    (Released, "released", "历史争议放行", 0, 5),
    (BadDebt, "bad_debt", "历史争议坏账", 0, 1),
    (
        ClearedAlthoughDisputed,
        "cleared_although_disputed",
        "争议未决即清分的交易",
        0,
        1,
    ),
    (SpacedTime, "spaced_time", "时间带空格的交易包", 0, 1),
    (ObuState, "obu_state", "以 OBUState 书写的交易包", 0, 1),
    (
        NoDisputeAmount,
        "no_dispute_amount",
        "缺金额的争议文件",
        0,
        1,
    ),
];

impl Fault {
    /// All kinds.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.0)
    }

    fn row(self) -> Option<&'static (Self, &'static str, &'static str, i64, u32)> {
        TABLE.iter().find(|row| row.0 == self)
    }

    /// Its word on the command line.
    pub fn word(self) -> &'static str {
        self.row().map_or("", |row| row.1)
    }

    /// On screen.
    pub fn title(self) -> &'static str {
        self.row().map_or("", |row| row.2)
    }

    /// The reason code it is disputed with, for faults of rows (partner facts: etc, section 2.5).
    pub fn reason(self) -> Option<i64> {
        self.row().map(|row| row.3).filter(|reason| *reason > 0)
    }
}

/// How many of each fault.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(BTreeMap<Fault, u32>);

impl Faults {
    /// A day without any.
    pub fn none() -> Self {
        Self::default()
    }

    /// A demonstration: one of each kind of damaged package, 37 disputes of five reasons, six
    /// earlier disputes decided, one row cleared although disputed, three peer habits.
    pub fn demo() -> Self {
        let counts = TABLE.iter().map(|row| (row.0, row.4));
        Self(counts.filter(|(_, count)| *count > 0).collect())
    }

    /// How many of a fault.
    pub fn count(&self, fault: Fault) -> u32 {
        self.0.get(&fault).copied().unwrap_or_default()
    }

    /// The same with another number of a fault.
    #[must_use]
    pub fn with(mut self, fault: Fault, count: u32) -> Self {
        self.0.insert(fault, count);
        self.0.retain(|_, count| *count > 0);
        self
    }

    /// All that are not zero.
    pub fn iter(&self) -> impl Iterator<Item = (Fault, u32)> + '_ {
        self.0.iter().map(|(fault, count)| (*fault, *count))
    }

    /// Reads `none`, `demo`, `word=count` or several of them with commas; later ones win.
    pub fn parse(text: &str) -> Result<Self, SimulateError> {
        let mut faults = Self::none();
        let mut problems = Vec::new();
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            match part {
                "none" => faults = Self::none(),
                "demo" => faults = Self::demo(),
                _ => match one(part) {
                    Ok((fault, count)) => faults = faults.with(fault, count),
                    Err(problem) => problems.push(problem),
                },
            }
        }
        if problems.is_empty() {
            Ok(faults)
        } else {
            Err(SimulateError::Request { problems })
        }
    }
}

fn one(part: &str) -> Result<(Fault, u32), String> {
    let (word, count) = part
        .split_once('=')
        .ok_or_else(|| format!("`{part}` is not `none`, `demo` or `fault=count`"))?;
    let fault = Fault::all().find(|fault| fault.word() == word);
    let fault = fault.ok_or_else(|| unknown(word))?;
    let count = count.parse();
    let count = count
        .ok()
        .ok_or_else(|| format!("the count in `{part}` is not a whole number"))?;
    Ok((fault, count))
}

fn unknown(word: &str) -> String {
    let words: Vec<&str> = Fault::all().map(Fault::word).collect();
    let near = crate::diag::did_you_mean(word, words.iter().copied());
    let help = near.map_or_else(
        || format!("write one of {}", words.join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    format!("there is no fault `{word}`: {help}")
}

impl Serialize for Faults {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(fault, count)| (fault.word(), count)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demonstration_has_37_disputes_of_five_reasons() {
        let demo = Faults::demo();
        let disputes = demo.iter().filter(|(fault, _)| fault.reason().is_some());
        let disputes: Vec<(i64, u32)> = disputes
            .filter_map(|(fault, count)| Some((fault.reason()?, count)))
            .collect();
        assert_eq!(disputes, [(6, 6), (2, 5), (7, 7), (9, 10), (11, 9)]);
        assert_eq!(disputes.iter().map(|(_, count)| count).sum::<u32>(), 37);
    }

    #[test]
    fn faults_are_read_from_words_and_later_ones_win() {
        let faults = Faults::parse("demo, missing=2,malformed=0").expect("good words");
        assert_eq!(faults, Faults::demo().with(Missing, 2).with(Malformed, 0));
        assert_eq!(
            Faults::parse("missing=1,none").expect("good words"),
            Faults::none()
        );
        assert_eq!(Faults::parse("").expect("nothing"), Faults::none());
    }

    #[test]
    fn every_bad_word_is_said_at_once() {
        let error = Faults::parse("mising=1,missing=x,all").expect_err("three bad words");
        assert_eq!(
            error.to_string(),
            "the request cannot be simulated: there is no fault `mising`: did you mean \
             `missing`?; the count in `missing=x` is not a whole number; `all` is not `none`, \
             `demo` or `fault=count`"
        );
    }

    #[test]
    fn every_fault_has_its_own_word_and_row() {
        let words: std::collections::BTreeSet<&str> = Fault::all().map(Fault::word).collect();
        assert_eq!(words.len(), TABLE.len());
        assert!(
            Fault::all()
                .zip(TABLE)
                .all(|(fault, row)| fault.title() == row.2)
        );
    }
}
