//! Composed deliveries on their way: rendered, sealed, staged in the outbox, sent, proven.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::PathBuf;

use super::claims::Claimed;
use super::companions::deliver_companions;
use super::threads::blocking;
use super::{DeliveryReport, Engine, EngineError, RunReport};
use crate::digest::DigestWrite;
use crate::envelope::Envelope;
use crate::id::{ConnectionName, FileDigest, FileNo};
use crate::key::Keyring;
use crate::ledger::{self, DeliveryFilter, DeliveryRow, DeliveryState, Sending};
use crate::step::{self, Step};
use crate::transport::{Doubt, Folder, RemoteName, write_atomic};

/// Deliveries looked at in one go.
const PAGE: u32 = 1_000;

impl Engine {
    /// Delivers what answers a file.
    pub(super) async fn deliver_for(
        &self,
        file: FileNo,
        report: &mut RunReport,
    ) -> Result<(), EngineError> {
        let filter = DeliveryFilter {
            answers_file: Some(file),
            limit: PAGE,
            ..DeliveryFilter::default()
        };
        let mut rows = ledger::list_deliveries(&self.db, &filter).await?;
        rows.reverse();
        for row in rows {
            self.deliver_one(&row, report).await?;
        }
        Ok(())
    }

    /// Delivers everything that is composed or staged, and first what may be sent again because nobody
    /// knows what became of it: what comes into doubt now waits for the next run.
    pub(super) async fn deliver_pending(&self, report: &mut RunReport) -> Result<(), EngineError> {
        for (connection, transport) in &self.transports {
            if transport.doubt() != Doubt::IsSentAgain {
                continue;
            }
            for row in ledger::unproven_deliveries(&self.db, connection.as_str(), PAGE).await? {
                self.deliver_one(&row, report).await?;
            }
        }
        for row in ledger::pending_deliveries(&self.db, PAGE).await? {
            self.deliver_one(&row, report).await?;
        }
        Ok(())
    }

    /// Whether a delivery is to be sent by whoever comes by.
    fn is_pending(&self, row: &DeliveryRow) -> bool {
        match row.state {
            DeliveryState::Composed | DeliveryState::Staged => true,
            DeliveryState::Unproven => (self.transports.iter())
                .find(|(name, _)| name.as_str() == row.connection)
                .is_some_and(|(_, transport)| transport.doubt() == Doubt::IsSentAgain),
            _ => false,
        }
    }

    async fn deliver_one(
        &self,
        row: &DeliveryRow,
        report: &mut RunReport,
    ) -> Result<(), EngineError> {
        if !self.is_pending(row) {
            return Ok(());
        }
        let claim = match self.claim(&row.location()).await? {
            Claimed::Yes(claim) => claim,
            Claimed::Busy(_) => return Ok(()),
        };
        step::reached(Step::DeliveryClaimed);
        // Another process may have sent it before we got the claim.
        let row = ledger::show_delivery(&self.db, row.delivery_no).await?;
        let mut done = DeliveryReport::new(row.delivery_no, &row.name, &row.mapping);
        if self.is_pending(&row) {
            match self.send(&row).await {
                Ok(()) => {}
                Err(
                    error @ (EngineError::Transport(_)
                    | EngineError::Unrenderable { .. }
                    | EngineError::MappingGone { .. }
                    | EngineError::Envelope(_)
                    | EngineError::Write(_)),
                ) => {
                    done.error = Some(self.failed(&row, &error).await?);
                }
                Err(error) => return Err(error),
            }
            report.deliveries.push(done);
        }
        self.release(claim).await?;
        step::reached(Step::DeliveryReleased);
        Ok(())
    }

    async fn send(&self, row: &DeliveryRow) -> Result<(), EngineError> {
        let staged = self.stage_delivery(row).await?;
        let path = staged.path.clone();
        let connection = ConnectionName::new(&row.connection).map_err(|_not_a_name| {
            EngineError::UnknownConnection {
                name: row.connection.clone(),
            }
        })?;
        let transport = self.transport(&connection)?.clone();
        let delivery = row.delivery_no.0;
        let (folder, name) = (row.path.clone(), row.name.clone());
        let companions = row.companions.clone().unwrap_or_default();
        let doubt = transport.doubt();
        if doubt != Doubt::IsLookedUp {
            // What a killed process began must not look as if it had not: see `Doubt`.
            let mut tx = self.db.begin().await?;
            if row.state != DeliveryState::Unproven {
                ledger::mark_unproven(&mut tx, row.delivery_no).await?;
            }
            tx.commit().await?;
        }
        let sent = blocking("delivering a file", move || {
            let mut local = open_for_reading(&path)?;
            let folder = Folder::new(&folder).unwrap_or_else(|_root| Folder::root());
            let name = RemoteName::clean(&name).map_err(|refused| EngineError::Unrenderable {
                delivery,
                why: refused.to_string(),
            })?;
            let sent = transport.deliver(&mut local, &folder, &name)?;
            step::reached(Step::DeliveryNamed);
            let file = (name.as_str(), sent.digest);
            // Whoever waits for one of these must find the file whole.
            deliver_companions(&transport, &folder, &companions, file, &mut local)?;
            Ok(sent)
        })
        .await;
        let sent = match sent {
            Ok(sent) => sent,
            Err(error) if doubt != Doubt::IsLookedUp => {
                self.end_doubt(row, &error, doubt).await?;
                return Err(error);
            }
            Err(error) => return Err(error),
        };
        let now = self.clock.now();
        let receipt = format!("sha256 {}", sent.digest);
        let mut tx = self.db.begin().await?;
        let sent_as = Sending {
            receipt: Some(&receipt),
            due_at: self.due_when_sent(row, now)?,
        };
        match ledger::mark_sent(&mut tx, row.delivery_no, &sent_as, now).await {
            // Its answer was read before we came to say that it was sent.
            Err(ledger::LedgerError::Transition { .. }) if doubt != Doubt::IsLookedUp => {}
            marked => marked?,
        }
        step::reached(Step::DeliverySending);
        tx.commit().await?;
        step::reached(Step::DeliverySent);
        crate::event::emit(&crate::event::DeliverySent {
            partner: &row.partner,
            delivery_no: row.delivery_no,
            file_name: &row.name,
            bytes: sent.bytes,
        });
        // What is proven to have arrived need not wait here any longer; rendering makes it again.
        std::fs::remove_file(&staged.path)
            .or_else(|error| {
                if error.kind() == io::ErrorKind::NotFound {
                    Ok(())
                } else {
                    Err(error)
                }
            })
            .map_err(|source| EngineError::Io {
                doing: "clearing the outbox",
                source,
            })?;
        step::reached(Step::DeliveryCleared);
        Ok(())
    }

    /// After a request that failed: it is as if it had not been, or its outcome stays unknown, and a
    /// person is told when nobody else will find out.
    async fn end_doubt(
        &self,
        row: &DeliveryRow,
        error: &EngineError,
        doubt: Doubt,
    ) -> Result<(), EngineError> {
        let mut tx = self.db.begin().await?;
        if !error.is_outcome_unknown() {
            ledger::mark_not_sent(&mut tx, row.delivery_no).await?;
            tx.commit().await?;
            return Ok(());
        }
        ledger::note_doubt(&mut tx, row.delivery_no, &error.to_string()).await?;
        if doubt == Doubt::IsAsked {
            let sentence = format!("delivery {} (`{}`): {error}", row.delivery_no, row.name);
            let event = ledger::NewEvent {
                level: ledger::Level::Alert,
                name: error.code().id,
                partner: Some(row.partner.as_str()),
                file: None,
                sentence: &sentence,
                fields: serde_json::json!({ "delivery": row.delivery_no.0 }),
            };
            ledger::raise(&mut tx, &event, self.clock.now()).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Renders and seals a delivery into the outbox, and notes its digest.
    async fn stage_delivery(&self, row: &DeliveryRow) -> Result<StagedDelivery, EngineError> {
        let content = self.render(row).await?;
        step::reached(Step::DeliveryRendered);
        let path = self.outbox_path(row);
        let words = row.envelope.as_deref().unwrap_or_default();
        let spool = &self.configuration.settings.paths.staging;
        let envelopes = Envelope::for_sealing(words, &row.name, spool)?;
        let target = path.clone();
        // Those of the day it was composed on: sealed again, it has the same bytes.
        let keys = self.keys_at(row.created_at);
        let (digest, bytes) = blocking("sealing a file", move || {
            seal(content, &envelopes, &keys, &target)
        })
        .await?;
        step::reached(Step::DeliverySealed);
        let mut tx = self.db.begin().await?;
        if row.state == DeliveryState::Composed {
            ledger::mark_staged(&mut tx, row.delivery_no, digest, bytes.cast_signed()).await?;
        } else if row.digest.is_some_and(|known| known != digest) {
            return Err(EngineError::Unrenderable {
                delivery: row.delivery_no.0,
                why: "the store now gives other bytes than those staged before".to_owned(),
            });
        }
        tx.commit().await?;
        step::reached(Step::DeliveryStaged);
        Ok(StagedDelivery { path })
    }

    /// Where a delivery waits: `outbox/connection/folder/name`.
    pub(super) fn outbox_path(&self, row: &DeliveryRow) -> PathBuf {
        let outbox = &self.configuration.settings.paths.outbox;
        let folder = Folder::new(&row.path)
            .map(|folder| folder.to_string())
            .unwrap_or_default();
        outbox
            .join(&row.connection)
            .join(folder)
            .join(row.name.replace(['/', '\\'], "_"))
    }

    async fn failed(&self, row: &DeliveryRow, error: &EngineError) -> Result<String, EngineError> {
        let text = error.to_string();
        let mut tx = self.db.begin().await?;
        // Before it was staged there is no attempt to count: it stays composed and is tried again.
        match ledger::mark_attempt_failed(&mut tx, row.delivery_no, &text).await {
            Ok(()) => tx.commit().await?,
            Err(ledger::LedgerError::Transition { .. }) => tx.rollback().await?,
            Err(error) => return Err(error.into()),
        }
        Ok(text)
    }
}

struct StagedDelivery {
    path: PathBuf,
}

fn open_for_reading(path: &std::path::Path) -> Result<File, EngineError> {
    File::open(path).map_err(|source| EngineError::Io {
        doing: "opening a file of the outbox",
        source,
    })
}

/// Puts envelopes around content, innermost first, into a file that appears whole or not at all.
fn seal(
    content: File,
    envelopes: &[Envelope],
    keys: &Keyring,
    target: &std::path::Path,
) -> Result<(FileDigest, u64), EngineError> {
    let io = |source| EngineError::Io {
        doing: "sealing a file",
        source,
    };
    let mut current = content;
    for envelope in envelopes {
        let mut sealed = tempfile::tempfile().map_err(io)?;
        let mut reader = BufReader::new(current);
        envelope.seal_with(&mut reader, &mut sealed, keys)?;
        sealed.seek(SeekFrom::Start(0)).map_err(io)?;
        current = sealed;
    }
    let mut result = None;
    write_atomic(target, |out| {
        let mut hashed = DigestWrite::new(out);
        io::copy(&mut current.by_ref(), &mut hashed)?;
        let (_, digest, bytes) = hashed.finish();
        result = Some((digest, bytes));
        Ok(())
    })?;
    result.ok_or(EngineError::WorkerLost {
        doing: "sealing a file",
    })
}
