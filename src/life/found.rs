//! Each demand as one statement: which events fail it, and how.

use super::rules::{Demand, Rule, Situation};
use super::run::is_dated;

impl Rule {
    /// Inserts what fails the rule; a missing step is still waited for by events from a moment on.
    pub(super) fn found_sql(&self, number: usize, waits_from: i64) -> String {
        let (scope, item) = match self.by_item {
            true => (1, "e.item"),
            false => (0, "''"),
        };
        let same = format!("f.scope = {scope} AND f.subject = e.subject AND f.item = {item}");
        let select = match &self.demand {
            Demand::After(before) => after(before, &same, number, waits_from),
            Demand::NeverAfter(end) => format!(
                "SELECT e.n, {number}, '{}', f.n, 0 FROM _life_event AS e JOIN _life_first AS f ON \
                 {same} AND f.step = {end} AND f.hi < e.lo WHERE e.step = {{step}}",
                Situation::TooLate.word()
            ),
            Demand::Once => format!(
                "SELECT e.n, {number}, '{}', f.n, 0 FROM _life_event AS e JOIN _life_first AS f ON \
                 {same} AND f.step = e.step AND f.n < e.n WHERE e.step = {{step}}",
                Situation::Repeated.word()
            ),
        };
        let select = select.replace("{step}", &self.step.to_string());
        format!("INSERT INTO _life_found (n, rule, situation, other, is_waiting) {select}")
    }
}

/// Of several steps the one that came first counts.
fn after(before: &[usize], same: &str, number: usize, waits_from: i64) -> String {
    let steps: Vec<String> = before.iter().map(ToString::to_string).collect();
    let steps = steps.join(", ");
    let first = format!("FROM _life_first AS f WHERE {same} AND f.step IN ({steps})");
    let (missing, early) = (Situation::Missing.word(), Situation::TooEarly.word());
    format!(
        "SELECT e.n, {number}, CASE WHEN EXISTS (SELECT 1 {first}) THEN '{early}' ELSE '{missing}' \
         END, (SELECT f.n {first} ORDER BY f.lo, f.n LIMIT 1), CASE WHEN EXISTS (SELECT 1 {first}) \
         THEN 0 WHEN e.lo >= {waits_from} AND {dated} THEN 1 ELSE 0 END FROM _life_event AS e WHERE \
         e.step = {{step}} AND NOT EXISTS (SELECT 1 {first} AND f.lo <= e.hi)",
        dated = is_dated("e"),
    )
}
