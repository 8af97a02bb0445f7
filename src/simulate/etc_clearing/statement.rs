//! What was planted, and what an issuer must make of it: computed from the plan, never read back.

use chrono::NaiveDate;
use serde::Serialize;

use super::faults::Faults;
use crate::id::Fen;

/// A number of rows and their amount; in JSON `count` and `amount_fen`, in 分.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Rows.
    pub count: i64,
    /// Their fees.
    #[serde(rename = "amount_fen", serialize_with = "fen")]
    pub amount: Fen,
}

impl Tally {
    /// Adds one row.
    pub fn add(&mut self, fee: Fen) {
        self.count += 1;
        self.amount.0 += fee.0;
    }

    /// Adds others.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            amount: Fen(self.amount.0 + other.amount.0),
        }
    }

    /// Takes others away.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self {
            count: self.count - other.count,
            amount: Fen(self.amount.0 - other.amount.0),
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands the field over by reference"
)]
fn fen<S: serde::Serializer>(amount: &Fen, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(amount.0)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands the field over by reference"
)]
fn day<S: serde::Serializer>(day: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

/// A list of cards or tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListFile {
    /// Below the output folder.
    pub path: String,
    /// Rows, a header not counted.
    pub rows: u64,
}

/// A message of the centre, in the order of sending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SentFile {
    /// Which wave it comes in, 2 to 6.
    pub wave: u8,
    /// Below the output folder.
    pub path: String,
    /// What it is, in Chinese.
    pub title: &'static str,
    /// Who sent it; its confirmation goes there.
    pub sender_id: String,
    /// Its id; two files with the same id and sender are the same message sent again.
    pub message_id: i64,
    /// What is special about it, in Chinese; nothing when it is as it should be.
    pub note: Option<&'static str>,
    /// The result code of the issuer's confirmation (partner facts: etc, section 2.8).
    pub answer: i64,
}

/// A package of original transactions, in its true content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackageStatement {
    /// Its clearing target day.
    #[serde(serialize_with = "day")]
    pub clear_target_date: NaiveDate,
    /// The collector.
    pub service_provider_id: &'static str,
    /// Its id.
    pub message_id: i64,
    /// `stored_value` or `charge_card`.
    pub kind: &'static str,
    /// What becomes of it: `plain`, or the word of its fault.
    pub fate: &'static str,
    /// All its rows.
    pub received: Tally,
    /// The rows that are disputed.
    pub disputed: Tally,
    /// The rows that are accounted, as its accounting answer must say.
    pub accounted: Tally,
}

/// A row that must be disputed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DisputeStatement {
    /// The package's clearing target day.
    #[serde(serialize_with = "day")]
    pub clear_target_date: NaiveDate,
    /// The collector.
    pub service_provider_id: &'static str,
    /// The package.
    pub message_id: i64,
    /// The row in it, from 1.
    pub trans_id: i64,
    /// The reason code (partner facts: etc, section 2.5).
    pub reason: i64,
    /// The word of what was planted.
    pub fault: &'static str,
    /// Its fee.
    #[serde(rename = "fee_fen", serialize_with = "fen")]
    pub fee: Fen,
    /// The dispute result, 0 pay or 1 bad debt; none when nothing is decided.
    pub result: Option<i64>,
    /// Whether the clearing statement includes it although nothing is decided.
    pub is_cleared_undecided: bool,
}

/// A row that must be accepted although its card is suspended or listed at another time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AcceptedStatement {
    /// The collector.
    pub service_provider_id: &'static str,
    /// The package.
    pub message_id: i64,
    /// The row in it, from 1.
    pub trans_id: i64,
    /// Why it is here, in Chinese.
    pub why: &'static str,
}

/// Disputes of the day with one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonStatement {
    /// The reason code.
    pub reason: i64,
    /// How many, and their fees.
    pub disputed: Tally,
}

/// A dispute result file (5/7/2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DisputeFileStatement {
    /// The collector.
    pub service_provider_id: &'static str,
    /// Its file id, the clearing day.
    pub file_id: i64,
    /// Its message id.
    pub message_id: i64,
    /// Rows to be paid.
    pub released: Tally,
    /// Rows that nobody pays.
    pub bad_debt: Tally,
}

/// The clearing statement (5/5/2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClearingStatement {
    /// Its message id.
    pub message_id: i64,
    /// What it says the day comes to.
    pub total: Tally,
    /// Packages that it lists.
    pub packages: u32,
    /// Dispute files that it lists.
    pub dispute_files: u32,
}

/// What the day's packages come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DayTotals {
    /// Packages.
    pub packages: u32,
    /// All rows.
    pub received: Tally,
    /// Disputed rows.
    pub disputed: Tally,
    /// Accounted rows.
    pub accounted: Tally,
}

/// All that was planted, and the figures that follow from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// The clearing target day.
    #[serde(serialize_with = "day")]
    pub date: NaiveDate,
    /// Records asked for in each package.
    pub records: u32,
    /// The seed asked for.
    pub seed: u64,
    /// The faults asked for.
    pub faults: Faults,
    /// The issuer.
    pub issuer_id: String,
    /// The clearing centre.
    pub centre_id: String,
    /// The lists of wave 1.
    pub lists: Vec<ListFile>,
    /// The messages of waves 2 to 6.
    pub files: Vec<SentFile>,
    /// The packages, those of two days before first.
    pub packages: Vec<PackageStatement>,
    /// The rows to be disputed, in the order of the packages.
    pub disputes: Vec<DisputeStatement>,
    /// The day's disputes by reason code.
    pub reasons: Vec<ReasonStatement>,
    /// Rows that a careless rule would dispute.
    pub accepted: Vec<AcceptedStatement>,
    /// The dispute result files.
    pub dispute_files: Vec<DisputeFileStatement>,
    /// The clearing statement.
    pub clearing: ClearingStatement,
    /// The day after all waves.
    pub day: DayTotals,
    /// The day after wave 5: without the packages that are asked for.
    pub day_before_resend: DayTotals,
    /// Two days before.
    pub history: DayTotals,
    /// Rows released by dispute results.
    pub released: Tally,
    /// What the clearing statement has over accounted and released, after all waves.
    pub difference: Tally,
    /// The same after wave 5.
    pub difference_before_resend: Tally,
}

impl Statement {
    /// How many accounting answers (5/5/1) the issuer sends over all waves: one per package.
    pub fn accounting_answers(&self) -> u32 {
        self.history.packages + self.day.packages
    }

    /// The packages that arrive only after they are asked for.
    pub fn missing(&self) -> impl Iterator<Item = &PackageStatement> {
        self.packages
            .iter()
            .filter(|package| package.fate == "missing")
    }

    /// The rows that are cleared although they are disputed and nothing is decided.
    pub fn cleared_undecided(&self) -> impl Iterator<Item = &DisputeStatement> {
        self.disputes
            .iter()
            .filter(|dispute| dispute.is_cleared_undecided)
    }

    /// The day's disputes, those of two days before left out.
    pub fn disputes_of_the_day(&self) -> impl Iterator<Item = &DisputeStatement> {
        self.disputes
            .iter()
            .filter(|dispute| dispute.clear_target_date == self.date)
    }
}
