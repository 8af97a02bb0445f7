//! The centre at its desk: its mappings, its clock, the ids of both sides.

use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::clock::Clock;
use crate::job::Configuration;
use crate::mapping::Mapping;
use crate::simulate::SimulateError;

/// What every message of the centre needs.
pub(super) struct Partner {
    /// Stands still; only its zone is used.
    pub(super) clock: Clock,
    /// Participant id of the issuer, the receiver.
    pub(super) issuer: String,
    /// Participant id of the centre.
    pub(super) centre: String,
    pub(super) transactions: Arc<Mapping>,
    pub(super) dispute_result: Arc<Mapping>,
    pub(super) clearing: Arc<Mapping>,
    pub(super) confirmation: Arc<Mapping>,
    pub(super) accounting: Arc<Mapping>,
    pub(super) card_status: Arc<Mapping>,
    pub(super) card_blacklist: Arc<Mapping>,
    pub(super) obu_blacklist: Arc<Mapping>,
}

impl Partner {
    /// The centre of a configuration.
    pub(super) fn of(configuration: &Configuration) -> Result<Self, SimulateError> {
        let mapping = |name: &str| {
            let name = format!("etc_clearing/{name}");
            let found = configuration.mappings.get(&name).cloned();
            found.ok_or(SimulateError::NoMapping { mapping: name })
        };
        let setting = |name: &str| {
            let found = configuration.settings.values.get(name).cloned();
            found.ok_or_else(|| SimulateError::NoSetting {
                name: name.to_owned(),
            })
        };
        Ok(Self {
            clock: Clock::fixed(DateTime::<Utc>::UNIX_EPOCH, configuration.settings.zone),
            issuer: setting("issuer_id")?,
            centre: setting("centre_id")?,
            transactions: mapping("transaction_package")?,
            dispute_result: mapping("dispute_result")?,
            clearing: mapping("clearing")?,
            confirmation: mapping("confirmation")?,
            accounting: mapping("accounting")?,
            card_status: mapping("card_status_list")?,
            card_blacklist: mapping("card_blacklist")?,
            obu_blacklist: mapping("obu_blacklist")?,
        })
    }

    /// The moment of a local time.
    pub(super) fn moment(&self, local: NaiveDateTime) -> Result<DateTime<Utc>, SimulateError> {
        Ok(self.clock.instant_of(local)?)
    }
}

/// The name of a message in the centre's folders: its id, 20 digits.
pub(super) fn file_name(message_id: i64) -> String {
    format!("{message_id:020}.xml.lz77")
}
