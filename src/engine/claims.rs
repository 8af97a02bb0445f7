//! Working on one file under a claim.

use super::{Engine, EngineError, LEASE_SECS};
use crate::ledger::{self, Claim, ClaimOutcome, Location};

/// Whether a file could be claimed.
pub(super) enum Claimed {
    /// It is ours.
    Yes(Claim),
    /// Somebody else works on it, until then at the latest.
    Busy(String),
}

impl Engine {
    /// Claims a location; an own process that is certainly gone holds nothing.
    pub(super) async fn claim(&self, location: &Location) -> Result<Claimed, EngineError> {
        let now = self.clock.now();
        let outcome = ledger::claim(&self.db, location, &self.node, now, LEASE_SECS).await?;
        Ok(match outcome {
            ClaimOutcome::Claimed(claim) => Claimed::Yes(claim),
            ClaimOutcome::Busy { holder, .. } => Claimed::Busy(holder),
        })
    }

    pub(super) async fn release(&self, claim: Claim) -> Result<(), EngineError> {
        Ok(ledger::release(&self.db, claim, self.clock.now()).await?)
    }
}
