//! What the books keep of records and files beside their rows: raw bytes of rejects, and notes.

use std::collections::BTreeSet;
use std::io;

use serde_json::json;

use super::content;
use super::judge::{Findings, Work};
use super::{Engine, EngineError};
use crate::db::Transaction;
use crate::format::shown_records;
use crate::job::ReadPlan;
use crate::ledger::{self, Level, NewEvent};
use crate::record::Reject;

impl Findings<'_> {
    /// What was found beside the records.
    pub(super) fn notes(&self) -> &[String] {
        self.staged.as_ref().map_or(&[], |staged| &staged.notes)
    }
}

impl Engine {
    /// The bytes of refused records: those of the content, or for records without bytes of their
    /// own the text that shows them.
    pub(super) fn raw_of(
        &self,
        work: &Work<'_>,
        read: &ReadPlan,
        rejects: &[Reject],
    ) -> Result<io::Result<Vec<Vec<u8>>>, EngineError> {
        let content = self.content(work)?;
        let mapping = &read.mapping;
        if !mapping.format.shares_bytes() {
            return Ok(content::raw_bytes(content, rejects));
        }
        let wanted: BTreeSet<u64> = rejects.iter().map(|reject| reject.place.record.0).collect();
        let limits = &self.configuration.settings.limits;
        let shown = shown_records(&mapping.format, &mapping.layout, limits, content, &wanted);
        let texts = shown.map_err(|error| io::Error::other(error.to_string()));
        Ok(texts.map(|texts| {
            let raw = |reject: &Reject| texts.get(&reject.place.record.0).cloned();
            rejects
                .iter()
                .map(|reject| raw(reject).unwrap_or_default().into_bytes())
                .collect()
        }))
    }

    /// Books what was found beside the records of a file that is loaded.
    pub(super) async fn raise_notes(
        &self,
        tx: &mut Transaction,
        work: &Work<'_>,
        findings: &Findings<'_>,
    ) -> Result<(), EngineError> {
        for note in findings.notes() {
            let name = work.name.escape_debug();
            let sentence = format!("file {} `{name}`: {note}", work.file);
            let event = NewEvent {
                level: Level::Info,
                name: "file_noted",
                partner: Some(work.job.partner.as_str()),
                file: Some(work.file),
                sentence: &sentence,
                fields: json!({ "name": work.name, "note": note }),
            };
            ledger::raise(tx, &event, self.clock.now()).await?;
        }
        Ok(())
    }
}
