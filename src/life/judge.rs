//! One timeline, judged in memory: for screens, and as the measure of what the database finds.

use super::LifePlan;
use super::events::Event;
use super::rules::{Demand, Rule, Situation};

/// An event that fails a demand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Its place among the events.
    pub event: usize,
    /// The rule's place in the plan.
    pub rule: usize,
    /// How it fails.
    pub situation: Situation,
    /// The event that it stands before, behind or beside.
    pub other: Option<usize>,
}

/// Everything out of order in the events of one subject, which stand in the order of
/// [`timeline`](super::timeline).
pub fn judge(plan: &LifePlan, events: &[Event]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, event) in events.iter().enumerate() {
        for (number, rule) in plan.rules.iter().enumerate() {
            if rule.step != event.step {
                continue;
            }
            if let Some((situation, other)) = rule.fails(events, at, event) {
                findings.push(Finding {
                    event: at,
                    rule: number,
                    situation,
                    other,
                });
            }
        }
    }
    findings
}

impl Rule {
    fn fails(
        &self,
        events: &[Event],
        at: usize,
        event: &Event,
    ) -> Option<(Situation, Option<usize>)> {
        let concerned = |other: &&(usize, &Event)| {
            !self.by_item || (!event.item.is_empty() && other.1.item == event.item)
        };
        let of_step = |step: usize| {
            let of_step = events.iter().enumerate();
            let of_step: Vec<(usize, &Event)> =
                of_step.filter(|(_, other)| other.step == step).collect();
            of_step
        };
        match &self.demand {
            Demand::After(before) => {
                let found: Vec<(usize, &Event)> =
                    before.iter().flat_map(|step| of_step(*step)).collect();
                let first = found
                    .iter()
                    .filter(concerned)
                    .min_by_key(|(at, other)| (other.from, *at));
                match first {
                    None => Some((Situation::Missing, None)),
                    Some((other, first)) if first.from > event.to => {
                        Some((Situation::TooEarly, Some(*other)))
                    }
                    Some(_) => None,
                }
            }
            Demand::NeverAfter(end) => {
                let found = of_step(*end);
                let mut ends = found.iter().filter(concerned);
                let first = ends.clone().next().map(|(first, _)| *first);
                let has_ended = ends.any(|(_, end)| end.to < event.from);
                has_ended.then_some((Situation::TooLate, first))
            }
            Demand::Once => {
                let found = of_step(event.step);
                let first = found.iter().find(concerned);
                first
                    .filter(|(first, _)| *first < at)
                    .map(|(first, _)| (Situation::Repeated, Some(*first)))
            }
        }
    }
}
