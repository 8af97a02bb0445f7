//! The values of a job that `context` can name in a `[[compose]]`, and how they are found.
//!
//! What is promised when the job is checked ([`of_files`]) is what [`values_of_file`] gives when rows
//! are composed: the two stand beside each other so that they stay the same.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::concerns;
use super::pull::ReadPlan;
use super::send::SendPlan;
use crate::dataset::{Certainty, ColumnType, Promised};
use crate::value::Value;

const BUSINESS_DATE: &str = "business_date";
const FILE_NAME: &str = "file_name";

/// What an `[answer]` may refer to in its own job.
pub(super) struct Files<'f> {
    pub(super) known_reads: &'f [&'f str],
    pub(super) reads: &'f [ReadPlan],
    /// The placeholders of the pattern.
    pub(super) captures: Vec<&'f str>,
    /// The names of `[route]`.
    pub(super) routes: Vec<&'f str>,
    pub(super) sends: &'f BTreeMap<String, SendPlan>,
}

fn promised(name: &str, column_type: ColumnType, certainty: Certainty) -> Promised {
    Promised {
        name: name.to_owned(),
        column_type,
        certainty,
    }
}

/// The business day of a run or of a file.
pub(super) fn business_date() -> Promised {
    promised(BUSINESS_DATE, ColumnType::Date, Certainty::Always)
}

/// What is known of every file of these reads (all when empty) when its answer is composed.
pub(super) fn of_files(reads: &[String], files: &Files<'_>) -> Vec<Promised> {
    let concerned: Vec<&ReadPlan> = files
        .reads
        .iter()
        .filter(|read| concerns(reads, &read.name))
        .collect();
    let mut known = vec![
        business_date(),
        promised(FILE_NAME, ColumnType::Text, Certainty::Always),
    ];
    // First: what the name always says stands in for what the content may say.
    for name in &files.captures {
        known.push(promised(name, ColumnType::Text, Certainty::Always));
    }
    let set: BTreeSet<&str> = concerned
        .iter()
        .flat_map(|read| read.set.keys())
        .map(String::as_str)
        .collect();
    for name in set {
        let is_always = concerned.iter().all(|read| read.set.contains_key(name));
        let certainty = if is_always {
            Certainty::Always
        } else {
            Certainty::Sometimes
        };
        known.push(promised(name, ColumnType::Text, certainty));
    }
    for name in &files.routes {
        known.push(promised(name, ColumnType::Text, Certainty::Sometimes));
    }
    known
}

/// The values for a message of our own accord.
pub fn values_of_day(day: NaiveDate) -> BTreeMap<String, Value> {
    BTreeMap::from([(BUSINESS_DATE.to_owned(), Value::Date(day))])
}

/// The values for a file's answer: captures, over them what the route found, over that what its
/// read sets, as the mapping of the file has them too.
pub fn values_of_file(
    day: NaiveDate,
    name: &str,
    captures: &BTreeMap<String, String>,
    route: &BTreeMap<String, String>,
    set: &BTreeMap<String, String>,
) -> BTreeMap<String, Value> {
    let texts = [captures, route, set].into_iter().flatten();
    let mut values: BTreeMap<String, Value> = texts
        .map(|(name, text)| (name.clone(), Value::Text(text.clone())))
        .collect();
    values.insert(FILE_NAME.to_owned(), Value::from(name));
    values.extend(values_of_day(day));
    values
}
