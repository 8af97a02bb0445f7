//! The name under which a delivery is sent.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::Value as Json;

use super::reply::Outgoing;
use super::{Engine, EngineError};
use crate::db::Transaction;
use crate::job::NameValues;
use crate::ledger;
use crate::transport::RemoteName;

impl Engine {
    /// The name of what is composed: given once and kept with the delivery, so that it is the same
    /// however often it is rendered and sent.
    pub(super) async fn name_of(
        &self,
        tx: &mut Transaction,
        outgoing: &Outgoing<'_>,
    ) -> Result<String, EngineError> {
        let (send, day) = (outgoing.send, outgoing.business_date);
        let mut day_number = 0;
        if send.name.wants_day_number() {
            let counter = format!("{}/{}", send.counter, day.format("%Y%m%d"));
            day_number = ledger::next_number(tx, &counter).await?;
        }
        let mut moment = self.clock.now();
        if send.name.wants_moment() {
            // One counter for the connection: no two files of it share a moment.
            let counter = format!("moment/{}", send.connection);
            let millis = ledger::next_moment(tx, &counter, moment.timestamp_millis()).await?;
            moment = DateTime::from_timestamp_millis(millis).unwrap_or(moment);
        }
        let key = texts(&outgoing.key);
        let values = NameValues {
            number: outgoing.number,
            day_number,
            business_date: day,
            moment: self.clock.local(moment).naive_local(),
            key: &key,
        };
        let unnameable = |why: String| EngineError::Unnameable {
            job: outgoing.job.name.to_string(),
            why,
        };
        let name = (send.name.name(&values))
            .ok_or_else(|| unnameable("a column of the name has no value".to_owned()))?;
        RemoteName::clean(&name).map_err(|refused| unnameable(refused.to_string()))?;
        Ok(name)
    }
}

/// Columns that say which rows are sent, as texts.
fn texts(key: &Json) -> BTreeMap<String, String> {
    let columns = key.as_object().into_iter().flatten();
    let text = |value: &Json| match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    };
    columns
        .filter_map(|(name, value)| Some((name.clone(), text(value)?)))
        .collect()
}
