//! Companion files of what is fetched and of what is sent: found, read, kept, finished, written.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom, Write};

use super::judge::Work;
use super::threads::blocking;
use super::{Engine, EngineError, RunReport, Skipped};
use crate::digest::{PeerDigest, PeerHasher};
use crate::id::FileDigest;
use crate::job::{PullJob, SendPlan};
use crate::transport::{
    CompanionKind, Entry, Folder, MAX_COMPANION_BYTES, Promise, RemoteName, Transport,
};

/// A listed file with its companions, all of them complete.
#[derive(Debug, Clone)]
pub(super) struct Ready {
    pub(super) entry: Entry,
    pub(super) companions: Vec<(CompanionKind, Entry)>,
}

impl Engine {
    /// Joins listed files with their companions. What is a companion by its name is no data; a file
    /// without all of its companions waits, and so does a companion without its file.
    pub(super) fn join_companions(
        &self,
        plan: &PullJob,
        files: Vec<Entry>,
        report: &mut RunReport,
    ) -> Result<Vec<Ready>, EngineError> {
        let mut there = self.companions_there(plan)?;
        let is_companion = |name: &RemoteName| {
            let mut known = plan.companions.iter();
            known.any(|(_, companion)| companion.fits(name))
        };
        let mut ready = Vec::new();
        for entry in files {
            if is_companion(&entry.name) {
                continue;
            }
            let mut companions = Vec::new();
            let mut missing = Vec::new();
            for (kind, name) in &plan.companions {
                let name = name.beside(entry.name.as_str());
                match there.remove(&name) {
                    Some(found) => companions.push((*kind, found)),
                    None => missing.push(format!("`{name}`")),
                }
            }
            if missing.is_empty() {
                ready.push(Ready { entry, companions });
            } else {
                let why = format!("waits for {}", missing.join(", "));
                report.skipped.push(waiting(entry.name.as_str(), why));
            }
        }
        for name in there.into_keys() {
            let why = "waits for the file that it belongs to".to_owned();
            report.skipped.push(waiting(&name, why));
        }
        Ok(ready)
    }

    /// The complete companions in a job's folder, by name.
    fn companions_there(&self, plan: &PullJob) -> Result<BTreeMap<String, Entry>, EngineError> {
        let transport = self.transport(&plan.connection)?;
        let now = self.clock.now();
        let mut there = BTreeMap::new();
        for (_, companion) in &plan.companions {
            let Ok(pattern) = companion.pattern() else {
                continue;
            };
            let listed = transport.list(&plan.folder, &pattern)?.files;
            let stable = listed
                .into_iter()
                .filter(|entry| entry.is_stable(entry, now, plan.stable_secs));
            there.extend(stable.map(|entry| (entry.name.as_str().to_owned(), entry)));
        }
        Ok(there)
    }

    /// What the companions of a file say, as the books keep it; none when there are none.
    pub(super) async fn promise(
        &self,
        plan: &PullJob,
        ready: &Ready,
    ) -> Result<Option<String>, EngineError> {
        if ready.companions.is_empty() {
            return Ok(None);
        }
        let transport = self.transport(&plan.connection)?.clone();
        let ready = ready.clone();
        blocking("reading companion files", move || {
            let mut promise = Promise::default();
            for (kind, companion) in &ready.companions {
                let mut content = Vec::new();
                let file = transport.open_read(companion)?;
                file.take(MAX_COMPANION_BYTES + 1)
                    .read_to_end(&mut content)
                    .map_err(|source| EngineError::Io {
                        doing: "reading a companion file",
                        source,
                    })?;
                let (name, file) = (companion.name.as_str(), ready.entry.name.as_str());
                promise.add(*kind, name, &content, file);
            }
            Ok(Some(promise.to_string()))
        })
        .await
    }

    /// What of a file's promise its bytes break.
    pub(super) async fn broken_promise(
        &self,
        work: &Work<'_>,
    ) -> Result<Option<String>, EngineError> {
        let promise = Promise::parse(work.promise.unwrap_or_default());
        if promise.is_empty() {
            return Ok(None);
        }
        let file = self.landed_file(work)?;
        blocking("comparing a file with its companions", move || {
            let broken = promise.broken_by(file).map_err(|source| EngineError::Io {
                doing: "reading a landed file",
                source,
            })?;
            Ok((!broken.is_empty()).then(|| broken.join("; ")))
        })
        .await
    }

    /// Finishes the companions of a file in the way of the file, before the file itself: a file that
    /// is gone then never leaves one behind.
    pub(super) fn finish_companions(
        &self,
        plan: &PullJob,
        transport: &Transport,
        file: &str,
    ) -> Result<(), EngineError> {
        if plan.companions.is_empty() {
            return Ok(());
        }
        let there = self.companions_there(plan)?;
        for (_, companion) in &plan.companions {
            if let Some(entry) = there.get(&companion.beside(file)) {
                transport.finish(entry, &plan.finish)?;
            }
        }
        Ok(())
    }
}

fn waiting(name: &str, why: String) -> Skipped {
    Skipped {
        name: name.to_owned(),
        code: "not-ready".to_owned(),
        reason: why,
        is_refused: false,
    }
}

/// The companions of a delivery as the books keep them: kind and name, the flag last.
pub(super) fn companions_of(send: &SendPlan, name: &str) -> Option<String> {
    let line = |kind: CompanionKind| {
        let mut known = send.companions.iter();
        let (_, companion) = known.find(|(known, _)| *known == kind)?;
        Some(format!("{}\t{}", kind.word(), companion.beside(name)))
    };
    let lines: Vec<String> = CompanionKind::ALL.into_iter().filter_map(line).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Writes the companions of a delivered file, in the order of the books. Each may be there already
/// from an attempt that did not live to say so; other bytes under its name are never overwritten.
pub(super) fn deliver_companions(
    transport: &Transport,
    folder: &Folder,
    companions: &str,
    (name, digest): (&str, FileDigest),
    staged: &mut (impl Read + Seek),
) -> Result<(), EngineError> {
    let io = |source| EngineError::Io {
        doing: "writing a companion file",
        source,
    };
    for line in companions.lines() {
        let Some((word, companion)) = line.split_once('\t') else {
            continue;
        };
        let content = match word {
            "md5" => sum(PeerDigest::Md5.hasher(), staged).map_err(io)?,
            "sm3" => sum(PeerDigest::Sm3.hasher(), staged).map_err(io)?,
            "sha256" => digest.to_string(),
            _ => String::new(),
        };
        let mut local = tempfile::tempfile().map_err(io)?;
        if !content.is_empty() {
            writeln!(local, "{content}  {name}").map_err(io)?;
        }
        local.seek(SeekFrom::Start(0)).map_err(io)?;
        let companion = RemoteName::clean(companion)
            .map_err(|refused| EngineError::NotNow(refused.to_string()))?;
        transport.deliver(&mut local, folder, &companion)?;
    }
    Ok(())
}

fn sum(mut hasher: PeerHasher, staged: &mut (impl Read + Seek)) -> std::io::Result<String> {
    staged.seek(SeekFrom::Start(0))?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = staged.read(&mut buffer)?;
        let part = buffer.get(..count).unwrap_or_default();
        if part.is_empty() {
            return Ok(hasher.finish());
        }
        hasher.update(part);
    }
}
