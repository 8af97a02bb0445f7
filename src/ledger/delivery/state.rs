//! The states of a delivery and which change is allowed.

use crate::ledger::cell::words;

words! {
    /// What became of a delivery.
    pub enum DeliveryState {
        /// Decided; its bytes are not in the outbox yet.
        Composed = "composed",
        /// Its bytes are in the outbox.
        Staged = "staged",
        /// Its request went out, or began to, and nobody knows what became of it.
        Unproven = "unproven",
        /// At the partner, as far as the transport can tell.
        Sent = "sent",
        /// The partner accepted it.
        Acknowledged = "acknowledged",
        /// The partner refused it.
        Refused = "refused",
        /// The partner did not answer in time.
        Overdue = "overdue",
        /// The partner did not take it as it was; another one was sent in its place.
        Replaced = "replaced",
        /// It is not to be sent (any more).
        Cancelled = "cancelled",
    }
}

words! {
    /// What a delivery is for.
    pub enum Purpose {
        /// Confirms that a file came and could be read.
        Confirmation = "confirmation",
        /// The business answer to a file; exactly one.
        BusinessAnswer = "business_answer",
        /// Asks for something.
        Request = "request",
        /// Tells something of our own.
        Report = "report",
    }
}

words! {
    /// What proves that a delivery is done.
    pub enum DoneWhen {
        /// Having been sent: no acknowledgement is owed.
        Sent = "sent",
        /// The partner's acknowledgement.
        Acknowledged = "acknowledged",
    }
}

impl DeliveryState {
    /// Whether a delivery in this state may enter `to`.
    pub fn may_become(self, to: Self) -> bool {
        use DeliveryState::{
            Acknowledged, Cancelled, Composed, Overdue, Refused, Replaced, Sent, Staged, Unproven,
        };
        matches!(
            (self, to),
            (Composed, Staged | Cancelled)
                | (Staged, Sent | Composed | Cancelled | Unproven)
                // Its answer may come before anybody could say that it was sent.
                | (
                    Unproven,
                    Sent | Staged | Acknowledged | Refused | Replaced | Composed | Cancelled,
                )
                | (Sent, Acknowledged | Refused | Overdue | Composed | Replaced)
                | (
                    Overdue,
                    Acknowledged | Refused | Composed | Cancelled | Replaced
                )
                | (Refused, Composed | Cancelled)
                | (Acknowledged, Composed)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_moves_only_along_the_allowed_ways() {
        let allowed: Vec<String> = DeliveryState::ALL
            .iter()
            .flat_map(|from| DeliveryState::ALL.iter().map(move |to| (*from, *to)))
            .filter(|(from, to)| from.may_become(*to))
            .map(|(from, to)| format!("{from} -> {to}"))
            .collect();
        assert_eq!(
            allowed,
            [
                "composed -> staged",
                "composed -> cancelled",
                "staged -> composed",
                "staged -> unproven",
                "staged -> sent",
                "staged -> cancelled",
                "unproven -> composed",
                "unproven -> staged",
                "unproven -> sent",
                "unproven -> acknowledged",
                "unproven -> refused",
                "unproven -> replaced",
                "unproven -> cancelled",
                "sent -> composed",
                "sent -> acknowledged",
                "sent -> refused",
                "sent -> overdue",
                "sent -> replaced",
                "acknowledged -> composed",
                "refused -> composed",
                "refused -> cancelled",
                "overdue -> composed",
                "overdue -> acknowledged",
                "overdue -> refused",
                "overdue -> replaced",
                "overdue -> cancelled",
            ]
        );
    }
}
