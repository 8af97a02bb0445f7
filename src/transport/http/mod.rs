//! The `http` transport: a file is uploaded with one request, and the body of the answer is kept as a
//! file of its own that a job reads like any other.
//!
//! Responsible for one bounded exchange with a peer whose address is on the list and whose certificate
//! is right, and for saying whether a request that failed can have been carried out. Not for what an
//! answer means. The one invariant: what the peer answered lies on the disk before anybody is told
//! that the upload worked.

mod body;
mod chunks;
mod error;
mod exchange;
mod plan;
mod sign;
mod template;
#[cfg(test)]
mod tests;
mod wire;

use std::fs::File;
use std::io::{Seek as _, SeekFrom};

pub use error::HttpError;
pub use plan::{Base, BodyPlan, HashKind, HttpPlan, HttpTimes, Output, SignPlan, Subnet};
pub use template::{SAID_OF_FILE, SAID_OF_SIGN, Template};

use super::deliver::{Delivered, DeliveryOutcome};
use super::{DirTransport, Folder, RemoteName, TransportError, write_atomic};
use crate::digest::DigestRead;
use crate::secret::Secret;

/// What the answer to a file is called, after the file's own name.
pub const ANSWER_ENDING: &str = ".answer";

/// An open connection to a peer that takes uploads.
#[derive(Debug, Clone)]
pub struct HttpTransport {
    pub(super) answers: DirTransport,
    plan: HttpPlan,
    secret: Option<Secret<String>>,
    tls: Option<exchange::Tls>,
}

impl HttpTransport {
    /// Opens the folder of answers and reads the certificates; nothing is sent.
    pub fn open(plan: HttpPlan, secret: Option<Secret<String>>) -> Result<Self, TransportError> {
        let answers = DirTransport::open(&plan.answers, super::MAX_ENTRIES)?;
        let tls = match plan.base.is_tls {
            true => Some(exchange::Tls::open(plan.ca_file.as_deref())?),
            false => None,
        };
        Ok(Self {
            answers,
            plan,
            secret,
            tls,
        })
    }

    /// Whether the peer takes the same file twice without doing anything twice.
    pub(super) fn may_repeat(&self) -> bool {
        self.plan.may_repeat
    }

    /// Uploads the whole of `local`. An answer that lies there already ends a repeated sending: it was
    /// asked and said something that nobody has read yet.
    pub(super) fn deliver(
        &self,
        local: &mut File,
        folder: &Folder,
        name: &RemoteName,
    ) -> Result<Delivered, TransportError> {
        let path = folder.below(&self.plan.answers);
        let path = path.join(format!("{name}{ANSWER_ENDING}"));
        let io = |source| TransportError::io("read", &path, source);
        local.seek(SeekFrom::Start(0)).map_err(io)?;
        let mut hashed = DigestRead::new(&mut *local);
        std::io::copy(&mut hashed, &mut std::io::sink()).map_err(io)?;
        let (_, digest, bytes) = hashed.finish();
        let delivered = |outcome| Delivered {
            bytes,
            digest,
            outcome,
        };
        if path.exists() {
            return Ok(delivered(DeliveryOutcome::AlreadyThere));
        }
        let secret = self.secret.as_ref().map(|secret| secret.expose().as_str());
        let request = body::Request::compose(&self.plan, local, (name.as_str(), bytes), secret)?;
        let answer = exchange::exchange(&self.plan, self.tls.as_ref(), &request, local)?;
        let is_kept = write_atomic(&path, |out| out.write_all(&answer));
        // The peer has done its work: not being able to keep what it said leaves the outcome open.
        is_kept.map_err(|error| HttpError::OutcomeUnknown {
            host: self.plan.base.host.clone(),
            why: format!("its answer could not be kept: {error}"),
        })?;
        Ok(delivered(DeliveryOutcome::Written))
    }
}
