//! What a matching came to, for the ledger, for screens and for `--json`.

use chrono::NaiveDate;
use serde_json::{Map, Value as Json, json};

use super::figures::SideFigures;
use super::plan::{MatchPlan, MatchedColumns, Pass, PassKind, Whose};
use crate::ledger::{BreakKind, NewComponent, ReconNo};
use crate::reconcile::figure::Figure;
use crate::reconcile::title::Language;
use crate::reconcile::{ReconcileError, Title};

/// The rows of two sides on a day, matched.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchOutcome {
    /// The reconciliation's name: its job's.
    pub name: String,
    /// The day.
    pub business_date: NaiveDate,
    /// Our side.
    pub ours: SideFigures,
    /// The other side.
    pub theirs: SideFigures,
    /// Breaks and items in transit by kind, each with its difference: theirs less ours.
    pub found: Vec<BreakFigure>,
    /// How many open items of earlier days were matched.
    pub cleared: i64,
    /// How many open items of earlier days are no rows of their side any more.
    pub gone: i64,
    /// How many later days were matched before: they may have claimed rows that this one sees
    /// otherwise, and must be matched again.
    pub later_days: i64,
}

/// Breaks of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakFigure {
    /// The kind.
    pub kind: BreakKind,
    /// How many, and what they come to together.
    pub figure: Figure,
}

/// A matching that the ledger keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchRecorded {
    /// What it came to.
    pub outcome: MatchOutcome,
    /// Its number in the ledger.
    pub recon: ReconNo,
    /// Which of its name and day, from 1.
    pub version: i64,
}

impl MatchOutcome {
    /// A side.
    pub fn side(&self, whose: Whose) -> &SideFigures {
        match whose {
            Whose::Ours => &self.ours,
            Whose::Theirs => &self.theirs,
        }
    }

    /// How many breaks; what is in transit is none.
    pub fn breaks(&self) -> i64 {
        let broken = self
            .found
            .iter()
            .filter(|one| one.kind != BreakKind::InTransit);
        broken.map(|one| one.figure.count).sum()
    }

    /// How many rows are in transit.
    pub fn in_transit(&self) -> i64 {
        let waiting = self
            .found
            .iter()
            .filter(|one| one.kind == BreakKind::InTransit);
        waiting.map(|one| one.figure.count).sum()
    }

    /// Whether every row of the day is matched.
    pub fn agrees(&self) -> bool {
        self.found.is_empty()
    }

    /// The other side's rows of the day less ours.
    pub fn difference(&self) -> Result<Figure, ReconcileError> {
        self.theirs.loaded.minus(self.ours.loaded, "difference")
    }

    /// Its figures as the ledger keeps them, with the rules that gave them; money in 分.
    pub fn summary(&self, plan: &MatchPlan) -> Json {
        let found: Map<String, Json> = self
            .found
            .iter()
            .map(|one| (one.kind.to_string(), figure(one.figure)))
            .collect();
        json!({
            "ours": side(plan, &self.ours),
            "theirs": side(plan, &self.theirs),
            "difference": self.difference().ok().map(figure),
            "breaks": self.breaks(),
            "in_transit": self.in_transit(),
            "found": found,
            "cleared": self.cleared,
            "gone": self.gone,
            "passes": plan.passes.iter().map(rule).collect::<Vec<_>>(),
            "not_checked": [],
        })
    }

    /// The terms of both sides' equations and the difference.
    pub(super) fn components(&self, plan: &MatchPlan) -> Vec<NewComponent> {
        let mut components = Vec::new();
        for whose in Whose::BOTH {
            let (side, figures) = (plan.side(whose), self.side(whose));
            let mut add = |part: &str, what: &Title, figure: Figure, detail: Json| {
                components.push(NewComponent {
                    name: format!("{}.{part}", whose.word()),
                    title: format!("{}·{}", side.title.zh, what.zh),
                    count: Some(figure.count),
                    amount: Some(figure.amount.0),
                    detail: with_title(detail, format!("{}: {}", side.title.en, what.en)),
                });
            };
            let dataset = side.selection.dataset().name().as_str();
            let loaded = json!({ "dataset": dataset, "unpriced": figures.unpriced });
            add(
                "loaded",
                &title("当日", "of the day"),
                figures.loaded,
                loaded,
            );
            add(
                "carried",
                &title("以前未达", "carried over"),
                figures.carried,
                json!({}),
            );
            for (pass, matched) in plan.passes.iter().zip(&figures.matched) {
                let name = format!("matched.{}", pass.name);
                add(&name, &pass.title, *matched, rule(pass));
            }
            add(
                "in_transit",
                &title("未达账项", "in transit"),
                figures.in_transit,
                json!({}),
            );
            add(
                "broken",
                &title("差异", "broken"),
                figures.broken,
                json!({}),
            );
        }
        let difference = self.difference().ok();
        components.push(NewComponent {
            name: "difference".to_owned(),
            title: "当日差额".to_owned(),
            count: difference.map(|figure| figure.count),
            amount: difference.map(|figure| figure.amount.0),
            detail: with_title(json!({}), "difference of the day".to_owned()),
        });
        components
    }

    /// The outcome in sentences, a line each.
    pub fn sentences(&self, plan: &MatchPlan, language: Language) -> Vec<String> {
        let mut lines = Vec::new();
        for whose in Whose::BOTH {
            lines.extend(self.side_sentence(plan, whose, language));
        }
        let kinds: Vec<String> = self
            .found
            .iter()
            .map(|one| {
                let name = language.pick(one.kind.title_zh(), one.kind.as_str());
                format!("{name} {}", one.figure.count)
            })
            .collect();
        lines.push(match (kinds.is_empty(), language) {
            (true, Language::Chinese) => "双方逐笔一致".to_owned(),
            (true, Language::English) => "both sides agree, row by row".to_owned(),
            (false, Language::Chinese) => format!("差异与未达：{}", kinds.join("，")),
            (false, Language::English) => format!("breaks and in transit: {}", kinds.join(", ")),
        });
        if self.cleared + self.gone > 0 {
            lines.push(match language {
                Language::Chinese => format!(
                    "以前未达账项：销去 {} 笔，{} 笔的数据已不在",
                    self.cleared, self.gone
                ),
                Language::English => format!(
                    "open items of earlier days: {} cleared, {} whose rows are gone",
                    self.cleared, self.gone
                ),
            });
        }
        if self.later_days > 0 {
            lines.push(match language {
                Language::Chinese => format!(
                    "之后的 {} 天已对过账，请按日期顺序重新对账",
                    self.later_days
                ),
                Language::English => format!(
                    "{} later days were matched before: match them again, in their order",
                    self.later_days
                ),
            });
        }
        lines
    }

    fn side_sentence(&self, plan: &MatchPlan, whose: Whose, language: Language) -> Option<String> {
        let figures = self.side(whose);
        let matched = figures.all_matched().ok()?;
        let name = plan.side(whose).title.in_language(language);
        let rows = |figure: Figure| match language {
            Language::Chinese => format!("{} 笔 {} 元", figure.count, figure.amount),
            Language::English => format!("{} rows {} yuan", figure.count, figure.amount),
        };
        let parts = [
            figures.loaded,
            figures.carried,
            matched,
            figures.in_transit,
            figures.broken,
        ];
        let [loaded, carried, matched, in_transit, broken] = parts.map(rows);
        Some(match language {
            Language::Chinese => format!(
                "{name}：当日 {loaded} + 以前未达 {carried} = 已匹配 {matched} + 未达 {in_transit} \
                 + 差异 {broken}"
            ),
            Language::English => format!(
                "{name}: of the day {loaded} + carried over {carried} = matched {matched} + in \
                 transit {in_transit} + broken {broken}"
            ),
        })
    }
}

fn title(zh: &str, en: &str) -> Title {
    Title {
        zh: zh.to_owned(),
        en: en.to_owned(),
    }
}

fn with_title(mut detail: Json, title_en: String) -> Json {
    if let Some(detail) = detail.as_object_mut() {
        detail.insert("title_en".to_owned(), title_en.into());
    }
    detail
}

fn figure(figure: Figure) -> Json {
    json!({"count": figure.count, "amount": figure.amount.0})
}

fn side(plan: &MatchPlan, figures: &SideFigures) -> Json {
    let matched: Map<String, Json> = plan
        .passes
        .iter()
        .zip(&figures.matched)
        .map(|(pass, matched)| (pass.name.to_string(), figure(*matched)))
        .collect();
    json!({
        "loaded": figure(figures.loaded),
        "carried": figure(figures.carried),
        "matched": matched,
        "in_transit": figure(figures.in_transit),
        "broken": figure(figures.broken),
        "unpriced": figures.unpriced,
    })
}

/// A pass's rule, so that a version says by what it matched whatever the job says later.
fn rule(pass: &Pass) -> Json {
    let columns = |one: &MatchedColumns| json!([one.ours.as_str(), one.theirs.as_str()]);
    let compare: Vec<Json> = pass
        .compare
        .iter()
        .map(|one| json!({"kind": one.kind, "columns": columns(&one.columns)}))
        .collect();
    let mut rule = json!({
        "pass": pass.name.as_str(),
        "on": pass.on.iter().map(columns).collect::<Vec<_>>(),
        "compare": compare,
        "kept_by_row": pass.is_kept_by_row(),
    });
    let more = match &pass.kind {
        PassKind::Exact(_) => json!({}),
        PassKind::Near { amount, time } => json!({
            "tolerance": amount.0,
            "minutes": time.as_ref().map(|time| time.minutes),
            "at": time.as_ref().map(|time| columns(&time.at)),
        }),
        PassKind::Grouped { many, amount } => json!({
            "group": many.word(),
            "tolerance": amount.0,
        }),
    };
    if let (Some(rule), Json::Object(more)) = (rule.as_object_mut(), more) {
        rule.extend(more);
    }
    rule
}
