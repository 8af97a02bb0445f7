//! What is exchanged with whom: every message that a job reads or writes.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::options::{Job, JobKind};
use super::send::SendPlan;
use super::{Configuration, PullJob};
use crate::envelope::Envelope;
use crate::id::{Ident, JobName, PartnerName};
use crate::mapping::Mapping;

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the partner to us.
    In,
    /// From us to the partner.
    Out,
}

impl Direction {
    /// Its stable word: `in` or `out`.
    pub fn word(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One message of a partner in one direction, as one job handles it.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The institution at the other end: the job's.
    pub partner: PartnerName,
    /// How the message is laid out.
    pub mapping: Arc<Mapping>,
    /// Which way it goes.
    pub direction: Direction,
    /// The job that handles it.
    pub job: JobName,
    /// What is around the content, outermost first, as words.
    pub envelopes: Vec<&'static str>,
}

impl Exchange {
    /// The datasets that its records fill or are read from, each once, in the order of the mapping.
    pub fn datasets(&self) -> Vec<&Ident> {
        let mut names = Vec::new();
        let records = self.mapping.records.iter();
        for dataset in records.filter_map(|record| record.dataset.as_ref()) {
            if !names.contains(&dataset.name()) {
                names.push(dataset.name());
            }
        }
        names
    }
}

impl Configuration {
    /// Every message that a job reads or writes, once for each job, by partner, message, direction
    /// and job.
    pub fn exchanges(&self) -> Vec<Exchange> {
        let mut found = BTreeMap::new();
        for job in self.jobs.values() {
            for (mapping, direction, envelopes) in messages(job) {
                let name = mapping.name.to_string();
                let key = (job.partner.clone(), name, direction, job.name.clone());
                found.entry(key).or_insert_with(|| Exchange {
                    partner: job.partner.clone(),
                    mapping: Arc::clone(mapping),
                    direction,
                    job: job.name.clone(),
                    envelopes,
                });
            }
        }
        found.into_values().collect()
    }

    /// The mappings that no job uses.
    pub fn unused_mappings(&self) -> Vec<&Mapping> {
        let exchanges = self.exchanges();
        let is_used = |mapping: &Mapping| {
            let mut used = exchanges.iter();
            used.any(|exchange| exchange.mapping.name == mapping.name)
        };
        let all = self.mappings.values().map(AsRef::as_ref);
        all.filter(|mapping| !is_used(mapping)).collect()
    }
}

type Message<'j> = (&'j Arc<Mapping>, Direction, Vec<&'static str>);

fn messages(job: &Job) -> Vec<Message<'_>> {
    match &job.kind {
        JobKind::Pull(plan) => of_pull(plan),
        JobKind::Push(plan) => vec![(&plan.mapping, Direction::Out, sealed(Some(&plan.send)))],
        _ => Vec::new(),
    }
}

fn of_pull(plan: &PullJob) -> Vec<Message<'_>> {
    let around: Vec<&'static str> = plan.envelopes.iter().map(Envelope::word).collect();
    let reads = plan.reads.iter();
    let mut messages: Vec<Message<'_>> = reads
        .map(|read| (&read.mapping, Direction::In, around.clone()))
        .collect();
    let reply = plan.reply.iter().map(|one| (&one.mapping, &one.send));
    let answer = plan.answer.iter().map(|one| (&one.mapping, &one.send));
    for (mapping, send) in reply.chain(answer) {
        messages.push((mapping, Direction::Out, sealed(plan.sends.get(send))));
    }
    messages
}

/// What is put around a message, outermost first.
fn sealed(send: Option<&SendPlan>) -> Vec<&'static str> {
    let innermost_first = send.map_or(&[][..], |send| &send.envelopes);
    innermost_first.iter().rev().map(Envelope::word).collect()
}
