//! Lives (`[life]`): one timeline per subject over several datasets, and what is out of order in it.
//!
//! A life declares a subject (a vehicle by its VIN, a card by its number), the steps it may go
//! through, where each step's rows are, and which steps must stand before which. Responsible for:
//! reading the declaration, the timeline of one subject, judging all subjects by set-based SQL on
//! either database, and keeping what is out of order as breaks. Not for: when it runs (`engine`),
//! how a timeline looks (`cli`), what people decide about a break (`ledger`). The one invariant:
//! **a step is out of order only when its moments cannot be read otherwise**: an event known by its
//! day lasts the whole day, and one without a moment contradicts nothing.

mod codes;
mod error;
mod events;
mod found;
mod judge;
mod keep;
mod outcome;
mod read;
mod rules;
mod run;

#[cfg(test)]
mod tests;

use crate::dataset::{Class, Condition, Dataset};
use crate::id::Ident;

pub use codes::CODES;
pub use error::LifeError;
pub use events::{Event, MAX_EVENTS, timeline};
pub use judge::{Finding, judge};
pub use outcome::{LifeOutcome, LifeRecorded, StepFigure};
pub use read::LIFE_KEYS;
pub use rules::{Demand, Rule, Situation};
pub use run::{Context, run};

/// A title in both languages; the English one falls back to the Chinese one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A checked `[life]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifePlan {
    /// What subjects are asked for by: `vin` in `dukou trace vin:…`.
    pub subject: Ident,
    /// What a subject is called.
    pub title: Title,
    /// So many days a step that lacks the one before it is in transit, its own day counted; then it
    /// is a break.
    pub wait_days: i64,
    /// The steps, in the order in which they are told when their moments say nothing.
    pub steps: Vec<Step>,
    /// What is demanded of the steps.
    pub rules: Vec<Rule>,
}

/// One step of a life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// A stable word.
    pub name: Ident,
    /// What it is called.
    pub title: Title,
    /// Where its rows are.
    pub sources: Vec<Source>,
}

/// Rows of one dataset that are a step of the subject's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The dataset.
    pub dataset: Dataset,
    /// Which of its rows.
    pub condition: Condition,
    /// Whose life a row belongs to.
    pub whose: Whose,
    /// The column that says when: a date or an instant.
    pub at: Ident,
    /// The column that tells several of the same step apart, such as a load's number.
    pub item: Option<Ident>,
    /// Columns that are shown with the step.
    pub show: Vec<Ident>,
}

/// How a row names the subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// In a column of its own.
    Column(Ident),
    /// Through rows of another dataset.
    Via(Box<Via>),
}

/// Rows of another dataset that say whose life a row belongs to: an exporter's filing belongs to
/// every vehicle that is exported by that exporter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via {
    /// The other dataset.
    pub dataset: Dataset,
    /// Which of its rows.
    pub condition: Condition,
    /// Its column that names the subject.
    pub subject: Ident,
    /// (Its column, our column) that are equal.
    pub on: Vec<(Ident, Ident)>,
}

impl LifePlan {
    /// A step's place by its name.
    pub fn step(&self, name: &str) -> Option<usize> {
        self.steps
            .iter()
            .position(|step| step.name.as_str() == name)
    }

    /// How personal a subject is: as personal as in the most personal of the columns that name it.
    pub fn class(&self) -> Class {
        let classes = self.sources().map(|source| match &source.whose {
            Whose::Column(name) => source.dataset.class(name.as_str()),
            Whose::Via(via) => via.dataset.class(via.subject.as_str()),
        });
        classes.max().unwrap_or_default()
    }

    /// Every source, in the order of the steps.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.steps.iter().flat_map(|step| &step.sources)
    }

    /// Every source with its step's place.
    fn sources_by_step(&self) -> impl Iterator<Item = (usize, &Source)> {
        let steps = self.steps.iter().enumerate();
        steps.flat_map(|(at, step)| step.sources.iter().map(move |source| (at, source)))
    }
}
