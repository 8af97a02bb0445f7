//! What a version says that the one before did not.

use std::collections::{BTreeMap, BTreeSet};

use super::Request;
use super::content::{Content, figure};
use super::words::{kind as kind_word, money, number};
use crate::ledger::{BreakKind, BreakRow, BreakSum, ComponentRow};
use crate::reconcile::Figure;
use serde_json::Value as Json;

/// The most breaks named as new or gone.
const MAX_NAMED: usize = 10;

/// One sentence for each change; empty for a first version.
pub(super) fn since_previous(content: &Content, request: &Request<'_>) -> Vec<String> {
    let Some(previous) = &content.previous else {
        return Vec::new();
    };
    let l = request.language;
    if previous.report.recon_no == Some(content.recon.recon_no) {
        let text = match content.matched {
            None => l.pick(
                "与上一版依据同一次对账，数字没有变化",
                "the same reconciliation as the version before: no figure has changed",
            ),
            Some(_) => l.pick(
                "与上一版依据同一次对账，数字没有变化；差异的状态以本版生成时账本所知为准",
                "the same matching as the version before: no figure has changed; the states of breaks are as the ledger knew them when this version was written",
            ),
        };
        return vec![text.to_owned()];
    }
    let mut changes = Vec::new();
    for component in &content.components {
        let now = figure(&content.components, &component.name);
        let then = figure(&previous.components, &component.name);
        if now != then {
            let title = title(component, request);
            changes.push(format!(
                "{title}{}{} → {}",
                l.pick("：", ": "),
                shown(then, l),
                shown(now, l)
            ));
        }
    }
    if content.matched.is_some() {
        changes.extend(kinds(&previous.sums, &content.sums, l));
        return or_none(changes, l);
    }
    let (new, gone) = apart(&previous.breaks, &content.breaks);
    changes.extend(named(l.pick("新增差异", "new breaks"), &new, l));
    changes.extend(named(l.pick("已消除差异", "breaks gone"), &gone, l));
    or_none(changes, l)
}

fn or_none(mut changes: Vec<String>, l: crate::reconcile::Language) -> Vec<String> {
    if changes.is_empty() {
        let text = l.pick(
            "重新对账，数字没有变化",
            "reconciled again: no figure has changed",
        );
        changes.push(text.to_owned());
    }
    changes
}

/// Kinds of breaks of which there are more or fewer than before.
fn kinds(then: &[BreakSum], now: &[BreakSum], l: crate::reconcile::Language) -> Vec<String> {
    let items = |sums: &[BreakSum], kind: BreakKind| -> i64 {
        let fitting = sums.iter().filter(|sum| sum.kind == kind);
        fitting.map(|sum| sum.items).sum()
    };
    let changed = BreakKind::ALL.iter().filter_map(|kind| {
        let (then, now) = (items(then, *kind), items(now, *kind));
        (then != now).then(|| {
            let unit = l.pick(" 项", " items");
            let (then, now) = (number(then), number(now));
            let kind = kind_word(*kind, l);
            format!("{kind}{}{then} → {now}{unit}", l.pick("：", ": "))
        })
    });
    changed.collect()
}

fn title(component: &ComponentRow, request: &Request<'_>) -> String {
    let (name, stored) = (component.name.as_str(), component.title.as_str());
    let l = request.language;
    let Some(plan) = request.subject().totals() else {
        let english = component.detail.get("title_en").and_then(Json::as_str);
        return l.pick(stored, english.unwrap_or(stored)).to_owned();
    };
    let part = plan.parts.iter().find(|part| part.name.as_str() == name);
    match (name, part) {
        (_, Some(part)) => part.title.in_language(l).to_owned(),
        ("claimed", _) => plan.claimed.as_ref().map_or_else(
            || stored.to_owned(),
            |claimed| claimed.title.in_language(l).to_owned(),
        ),
        ("ours", _) => l.pick("我方合计", "Our total").to_owned(),
        ("difference", _) => l.pick("差额", "Difference").to_owned(),
        _ => stored.to_owned(),
    }
}

fn shown(figure: Option<Figure>, l: crate::reconcile::Language) -> String {
    match figure {
        None => l.pick("无", "none").to_owned(),
        Some(figure) => format!(
            "{}{}{}{}",
            number(figure.count),
            l.pick(" 笔 ", " rows "),
            money(figure.amount),
            l.pick(" 元", " yuan"),
        ),
    }
}

/// Breaks that are only in the second, and those that are only in the first, in order.
fn apart(then: &[BreakRow], now: &[BreakRow]) -> (Vec<String>, Vec<String>) {
    let by_identity = |breaks: &[BreakRow]| -> BTreeMap<(Option<String>, String), String> {
        breaks
            .iter()
            .map(|found| {
                let key = (found.reason.clone(), found.object.clone());
                (key, format!("{} {}", found.title, found.object))
            })
            .collect()
    };
    let (then, now) = (by_identity(then), by_identity(now));
    let known: BTreeSet<_> = then.keys().collect();
    let new = now.iter().filter(|(key, _)| !known.contains(key));
    let gone = then.iter().filter(|(key, _)| !now.contains_key(*key));
    (
        new.map(|(_, text)| text.clone()).collect(),
        gone.map(|(_, text)| text.clone()).collect(),
    )
}

fn named(what: &str, texts: &[String], l: crate::reconcile::Language) -> Option<String> {
    if texts.is_empty() {
        return None;
    }
    let shown: Vec<&str> = texts.iter().take(MAX_NAMED).map(String::as_str).collect();
    let more = if texts.len() > MAX_NAMED { " …" } else { "" };
    Some(format!(
        "{what} {}{}{}{more}",
        texts.len(),
        l.pick(" 项：", ": "),
        shown.join(l.pick("；", "; "))
    ))
}
