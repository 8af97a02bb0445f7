//! What a run over all lives came to, for the ledger, for screens and for `--json`.

use chrono::NaiveDate;
use serde_json::{Map, Value as Json, json};

use super::LifePlan;
use super::rules::Situation;
use crate::ledger::{NewComponent, ReconNo};

/// How many lives have come to a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepFigure {
    /// The step's place in the plan.
    pub step: usize,
    /// Subjects with at least one event of it.
    pub subjects: i64,
    /// Its events.
    pub events: i64,
}

/// All lives on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifeOutcome {
    /// The life's name: its job's.
    pub name: String,
    /// The day: what happened later is not looked at.
    pub business_date: NaiveDate,
    /// Subjects with at least one event.
    pub subjects: i64,
    /// Events.
    pub events: i64,
    /// Every step that occurs.
    pub steps: Vec<StepFigure>,
    /// Breaks by how the event fails.
    pub found: Vec<(Situation, i64)>,
    /// Steps that lack the one before them and still wait for it; no breaks.
    pub waiting: i64,
    /// Open breaks of earlier runs that do not hold any more.
    pub gone: i64,
}

/// Lives that the ledger keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifeRecorded {
    /// What they came to.
    pub outcome: LifeOutcome,
    /// The number in the ledger.
    pub recon: ReconNo,
    /// Which of its name and day, from 1.
    pub version: i64,
}

impl LifeOutcome {
    /// How many breaks; what still waits is none.
    pub fn breaks(&self) -> i64 {
        self.found.iter().map(|(_, count)| count).sum()
    }

    /// Its figures as the ledger keeps them.
    pub fn summary(&self, plan: &LifePlan) -> Json {
        let found: Map<String, Json> = self
            .found
            .iter()
            .map(|(situation, count)| (situation.word().to_owned(), Json::from(*count)))
            .collect();
        json!({
            "subject": plan.subject.as_str(),
            "subjects": self.subjects,
            "events": self.events,
            "breaks": self.breaks(),
            "in_transit": self.waiting,
            "found": found,
            "gone": self.gone,
        })
    }

    pub(super) fn components(&self, plan: &LifePlan) -> Vec<NewComponent> {
        let of = |figure: &StepFigure| {
            let step = plan.steps.get(figure.step)?;
            Some(NewComponent {
                name: step.name.to_string(),
                title: step.title.zh.clone(),
                count: Some(figure.subjects),
                amount: None,
                detail: json!({ "title_en": step.title.en, "events": figure.events }),
            })
        };
        self.steps.iter().filter_map(of).collect()
    }

    /// What it came to in a sentence or two, in Chinese and in English.
    pub fn sentences(&self, plan: &LifePlan) -> Vec<(String, String)> {
        let mut said = vec![(
            format!(
                "{} {} 个、事件 {} 个：异常 {} 项，待到 {} 项，本次消除 {} 项",
                plan.title.zh,
                self.subjects,
                self.events,
                self.breaks(),
                self.waiting,
                self.gone
            ),
            format!(
                "{} {}, {} events: {} out of order, {} waiting, {} gone since",
                self.subjects,
                plan.title.en,
                self.events,
                self.breaks(),
                self.waiting,
                self.gone
            ),
        )];
        if !self.found.is_empty() {
            let each = |of: &dyn Fn(Situation) -> &'static str| {
                let parts = self.found.iter();
                parts
                    .map(|(situation, count)| format!("{} {count}", of(*situation)))
                    .collect::<Vec<_>>()
            };
            said.push((
                each(&Situation::title_zh).join("，"),
                each(&Situation::title_en).join(", "),
            ));
        }
        said
    }
}
