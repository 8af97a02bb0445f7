//! What a life demands of the order of its steps.

use super::LifePlan;
use crate::ledger::BreakKind;

/// A demand on one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The step whose events are judged.
    pub step: usize,
    /// What is demanded.
    pub demand: Demand,
    /// Whether it is asked within one item instead of the whole life.
    pub by_item: bool,
}

/// What is demanded of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Demand {
    /// One of these steps stands before it.
    After(Vec<usize>),
    /// This step does not stand before it.
    NeverAfter(usize),
    /// It happens once.
    Once,
}

/// How an event fails a demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Situation {
    /// The step before it is nowhere.
    Missing,
    /// The step before it came later.
    TooEarly,
    /// The step that ends what it belongs to came before.
    TooLate,
    /// It happened before.
    Repeated,
}

impl Situation {
    /// All.
    pub const ALL: [Self; 4] = [Self::Missing, Self::TooEarly, Self::TooLate, Self::Repeated];

    /// Its stable word, which is the reason of a break.
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing_step",
            Self::TooEarly => "too_early",
            Self::TooLate => "too_late",
            Self::Repeated => "repeated_step",
        }
    }

    /// As analysts call it.
    pub fn title_zh(self) -> &'static str {
        match self {
            Self::Missing => "缺少前序",
            Self::TooEarly => "次序颠倒",
            Self::TooLate => "终止后又发生",
            Self::Repeated => "重复发生",
        }
    }

    /// The same in English.
    pub fn title_en(self) -> &'static str {
        match self {
            Self::Missing => "a step before it is missing",
            Self::TooEarly => "too early",
            Self::TooLate => "too late",
            Self::Repeated => "repeated",
        }
    }

    /// The kind of break that it is.
    pub fn kind(self) -> BreakKind {
        match self {
            Self::Missing | Self::TooEarly | Self::TooLate => BreakKind::Status,
            Self::Repeated => BreakKind::Duplicate,
        }
    }
}

impl Rule {
    /// The rule as the ledger names it: `declared.after.licensed`.
    pub fn name(&self, plan: &LifePlan) -> String {
        let step = |at: usize| plan.steps.get(at).map_or("", |step| step.name.as_str());
        let steps = |ats: &[usize]| ats.iter().map(|at| step(*at)).collect::<Vec<_>>().join("+");
        let own = step(self.step);
        let item = if self.by_item { "_item" } else { "" };
        match &self.demand {
            Demand::After(before) => format!("{own}.after{item}.{}", steps(before)),
            Demand::NeverAfter(end) => format!("{own}.never_after{item}.{}", step(*end)),
            Demand::Once => format!("{own}.once{item}"),
        }
    }

    /// How an event that fails it is told, in Chinese and in English.
    pub fn told(&self, plan: &LifePlan, situation: Situation) -> (String, String) {
        let step = |at: usize| plan.steps.get(at).map(|step| &step.title);
        let own = step(self.step);
        let own = (
            own.map_or("", |title| &title.zh),
            own.map_or("", |title| &title.en),
        );
        let others: Vec<usize> = match &self.demand {
            Demand::After(before) => before.clone(),
            Demand::NeverAfter(end) => vec![*end],
            Demand::Once => Vec::new(),
        };
        let titles: Vec<_> = others.into_iter().filter_map(step).collect();
        let zh: Vec<String> = titles
            .iter()
            .map(|title| format!("“{}”", title.zh))
            .collect();
        let en: Vec<String> = titles
            .iter()
            .map(|title| format!("`{}`", title.en))
            .collect();
        let (zh, en) = (zh.join("或"), en.join(" or "));
        match situation {
            Situation::Missing => (
                format!("“{}”之前没有{zh}", own.0),
                format!("`{}` without {en} before it", own.1),
            ),
            Situation::TooEarly => (
                format!("“{}”早于{zh}", own.0),
                format!("`{}` before {en}", own.1),
            ),
            Situation::TooLate => (
                format!("{zh}之后又有“{}”", own.0),
                format!("`{}` after {en}", own.1),
            ),
            Situation::Repeated => (
                format!("“{}”不止一次", own.0),
                format!("`{}` more than once", own.1),
            ),
        }
    }

    /// The ways in which it can be failed.
    pub(super) fn situations(&self) -> &'static [Situation] {
        match self.demand {
            Demand::After(_) => &[Situation::Missing, Situation::TooEarly],
            Demand::NeverAfter(_) => &[Situation::TooLate],
            Demand::Once => &[Situation::Repeated],
        }
    }
}
