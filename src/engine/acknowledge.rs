//! A file of the partner that acknowledges a delivery of ours: matched by the number it names.

use std::collections::BTreeMap;

use serde_json::json;

use super::codes::{DELIVERY_REFUSED, UNKNOWN_ACKNOWLEDGEMENT};
use super::judge::{Findings, Work};
use super::{Engine, EngineError};
use crate::db::Transaction;
use crate::diag::Code;
use crate::job::{Acknowledges, ReadPlan};
use crate::ledger::{self, Acknowledgement, DeliveryRow, DeliveryState, Level, NewEvent};
use crate::step::{self, Step};
use crate::value::Value;

/// What a file says about a delivery.
struct Said {
    number: String,
    result: String,
    answer: Acknowledgement,
}

impl Said {
    /// `None` when the file names no number or no result.
    fn of(plan: &Acknowledges, values: &BTreeMap<String, Value>) -> Option<Self> {
        let text = |name: &str| match values.get(name) {
            Some(Value::Int(number)) => Some(number.to_string()),
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let result = text(&plan.result)?;
        Some(Self {
            number: text(&plan.number)?,
            answer: if plan.accepted.contains(&result) {
                Acknowledgement::Accepted
            } else {
                Acknowledgement::Refused
            },
            result,
        })
    }

    fn state(&self) -> DeliveryState {
        match self.answer {
            Acknowledgement::Accepted => DeliveryState::Acknowledged,
            Acknowledgement::Refused => DeliveryState::Refused,
        }
    }
}

impl Engine {
    /// Notes in the file's own transaction what it says about a delivery; also after the time.
    pub(super) async fn acknowledge(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        read: &ReadPlan,
        findings: &Findings<'_>,
    ) -> Result<(), EngineError> {
        let values = findings
            .staged
            .as_ref()
            .map(|staged| &staged.summary.file_values);
        let said = read.acknowledges.as_ref().zip(values);
        let Some(said) = said.and_then(|(plan, values)| Said::of(plan, values)) else {
            return Ok(());
        };
        let (number, result) = (&said.number, &said.result);
        let Some(delivery) = self.delivery_meant(tx, work, number).await? else {
            let sentence = format!(
                "file {} confirms message {number}, which was never sent",
                work.file
            );
            return self
                .alert(tx, work, &UNKNOWN_ACKNOWLEDGEMENT, &sentence, &said)
                .await;
        };
        // The same acknowledgement again changes nothing.
        if !delivery.state.may_become(said.state()) {
            return Ok(());
        }
        let now = self.clock.now();
        let number_of = delivery.delivery_no;
        ledger::mark_acknowledged(tx, number_of, said.answer, result, Some(work.file), now).await?;
        step::reached(Step::AcknowledgementNoted);
        if said.answer == Acknowledgement::Accepted {
            return Ok(());
        }
        let sentence =
            format!("delivery {number_of} (message {number}) was answered with {result}");
        self.alert(tx, work, &DELIVERY_REFUSED, &sentence, &said)
            .await
    }

    async fn delivery_meant(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        number: &str,
    ) -> Result<Option<DeliveryRow>, EngineError> {
        let Ok(number) = number.parse() else {
            return Ok(None);
        };
        let partner = work.job.partner.as_str();
        let connection = work.plan.connection.as_str();
        Ok(ledger::find_by_number(tx, partner, connection, number).await?)
    }

    async fn alert(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        code: &'static Code,
        sentence: &str,
        said: &Said,
    ) -> Result<(), EngineError> {
        let event = NewEvent {
            level: Level::Alert,
            name: code.id,
            partner: Some(work.job.partner.as_str()),
            file: Some(work.file),
            sentence,
            fields: json!({ "number": said.number, "result": said.result }),
        };
        ledger::raise(tx, &event, self.clock.now()).await?;
        Ok(())
    }
}
