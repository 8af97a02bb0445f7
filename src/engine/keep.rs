//! What the books keep of a decided file besides its rows: rejects and key duplicates with their raw
//! bytes, controls, gaps in its numbers.

use std::iter;

use serde_json::json;

use super::judge::{Findings, Work};
use super::{Engine, EngineError};
use crate::db::Transaction;
use crate::id::FileNo;
use crate::job::ReadPlan;
use crate::ledger::{self, Keep, Level, NewControl, NewEvent, NewReject, RejectKind};
use crate::mapping::ControlResult;
use crate::record::Reject;

impl Engine {
    pub(super) async fn keep_rejects(
        &self,
        tx: &mut Transaction,
        file: FileNo,
        findings: &Findings<'_>,
        keep: Keep,
    ) -> Result<(), EngineError> {
        let Some(staged) = &findings.staged else {
            return Ok(());
        };
        let rejects: Vec<NewReject<'_>> = staged
            .rejects
            .iter()
            .zip(&findings.raw)
            .map(|(reject, raw)| NewReject {
                reject,
                raw,
                kind: RejectKind::Reject,
            })
            .collect();
        ledger::add_rejects(tx, file, &rejects, keep).await?;
        Ok(())
    }

    /// Keeps rows with known keys, with their raw bytes, beside the rejects.
    pub(super) async fn keep_duplicates(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        read: &ReadPlan,
        duplicates: &[Reject],
    ) -> Result<(), EngineError> {
        if duplicates.is_empty() {
            return Ok(());
        }
        let raw = self
            .raw_of(work, read, duplicates)?
            .map_err(|source| EngineError::Io {
                doing: "reading duplicates from the archive",
                source,
            })?;
        let rejects: Vec<NewReject<'_>> = duplicates
            .iter()
            .zip(&raw)
            .map(|(reject, raw)| NewReject {
                reject,
                raw,
                kind: RejectKind::DuplicateKey,
            })
            .collect();
        ledger::add_rejects(tx, work.file, &rejects, Keep::First).await?;
        Ok(())
    }

    /// Keeps every promise of a file beside what was decoded.
    pub(super) async fn keep_controls(
        &self,
        tx: &mut Transaction,
        file: FileNo,
        findings: &Findings<'_>,
    ) -> Result<(), EngineError> {
        // What was read of a malformed file says nothing about its promises.
        let Some(staged) = findings
            .staged
            .as_ref()
            .filter(|staged| staged.malformed.is_none())
        else {
            return Ok(());
        };
        let controls: Vec<NewControl> = staged
            .summary
            .controls
            .iter()
            .flat_map(kept_control)
            .collect();
        Ok(ledger::add_controls(tx, file, &controls).await?)
    }

    /// Opens or fills a gap in the numbers of a scope that is contiguous.
    pub(super) async fn note_sequence(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        read: &ReadPlan,
        findings: &Findings<'_>,
    ) -> Result<(), EngineError> {
        let sequence = findings
            .staged
            .as_ref()
            .and_then(|staged| staged.summary.sequence.clone());
        let Some((scope, number)) = sequence else {
            return Ok(());
        };
        let (partner, interface) = (work.job.partner.as_str(), read.mapping.name.as_str());
        let now = self.clock.now();
        let noted = ledger::note_sequence(tx, partner, interface, &scope, number, now).await?;
        if let ledger::Noted::Opened(gap) = noted {
            let sentence = format!(
                "`{interface}` of `{scope}` skips from {} to {number}",
                gap.first_missing - 1
            );
            let event = NewEvent {
                level: Level::Alert,
                name: "sequence-gap",
                partner: Some(partner),
                file: Some(work.file),
                sentence: &sentence,
                fields: json!({ "first": gap.first_missing, "last": gap.last_missing }),
            };
            ledger::raise(tx, &event, now).await?;
        }
        Ok(())
    }
}

/// A control as the books keep it, and behind it how many groups more disagree.
fn kept_control(control: &ControlResult) -> impl Iterator<Item = NewControl> {
    let (declared, computed) = control.shown();
    let kept = NewControl {
        name: control.name.clone(),
        declared: control.declared.as_ref().map(|_| declared),
        computed: control.computed.as_ref().map(|_| computed),
        agrees: control.agrees(),
    };
    let others = (control.others > 0).then(|| NewControl {
        name: format!("{}: {} more groups", control.name, control.others),
        declared: None,
        computed: None,
        agrees: false,
    });
    iter::once(kept).chain(others)
}
