//! What is asked for.

use chrono::NaiveDate;

use super::faults::Faults;
use super::plan::Plan;
use crate::simulate::SimulateError;

/// A clearing centre's day to simulate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The clearing target day, 2019-01-01 to 2098-12-31.
    pub date: NaiveDate,
    /// Packages of the day, at most 100,000; none gives an empty day.
    pub packages: u32,
    /// Records in each package, 1 to 10,000.
    pub records: u32,
    /// Other seeds give other cards, fees and places.
    pub seed: u64,
    /// What is planted.
    pub faults: Faults,
    /// Bytes of a sealed package at most; more is refused.
    pub sealed_max_bytes: u64,
}

/// Bytes of a sealed message at most where the centre's own transport carries it: its length is six
/// digits there (partner facts: etc, section 1.1). A directory carries more.
pub const MAX_FRAMED_BYTES: u64 = 999_999;

/// The most packages of a day.
pub const MAX_PACKAGES: u32 = 100_000;

/// The most records of a package; one source says to keep under it (partner facts: etc, 2.5).
pub const MAX_RECORDS: u32 = 10_000;

/// The most of any one fault.
const MAX_FAULTS: u32 = 9_999;

impl Request {
    /// A request with the faults of a demonstration, or with none when the day is too small for
    /// all of them; packages are no larger than the centre's own transport carries.
    pub fn new(date: NaiveDate, packages: u32, records: u32, seed: u64) -> Self {
        let demo = Self {
            date,
            packages,
            records,
            seed,
            faults: Faults::demo(),
            sealed_max_bytes: MAX_FRAMED_BYTES,
        };
        match Plan::new(&demo) {
            Ok(_) => demo,
            Err(_) => Self {
                faults: Faults::none(),
                ..demo
            },
        }
    }

    /// Fails with every reason why the request cannot be simulated.
    pub fn check(&self) -> Result<(), SimulateError> {
        Plan::new(self).map(drop)
    }

    /// What is wrong with the numbers themselves.
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let first = NaiveDate::from_ymd_opt(2019, 1, 1).unwrap_or_default();
        let last = NaiveDate::from_ymd_opt(2098, 12, 31).unwrap_or_default();
        if self.date < first || self.date > last {
            problems.push(format!(
                "the date {} is not from {first} to {last}",
                self.date
            ));
        }
        if self.packages > MAX_PACKAGES {
            let found = self.packages;
            problems.push(format!(
                "{found} packages are asked for, at most {MAX_PACKAGES} are possible"
            ));
        }
        if self.records == 0 || self.records > MAX_RECORDS {
            let found = self.records;
            problems.push(format!(
                "{found} records per package are asked for, 1 to {MAX_RECORDS} are possible"
            ));
        }
        for (fault, count) in self.faults.iter().filter(|(_, count)| *count > MAX_FAULTS) {
            let word = fault.word();
            problems.push(format!(
                "`{word}={count}` is asked for, at most {MAX_FAULTS} are possible"
            ));
        }
        problems
    }
}
