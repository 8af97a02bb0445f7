//! Rows matched one by one, as the page shows them: both sides' equations, breaks by kind and
//! state, what earlier days left open and this day cleared.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value as Json;

use super::{Balance, MAX_ROWS, Maker, NONE};
use crate::dataset::ColumnType;
use crate::id::{Fen, FileNo};
use crate::ledger::{BreakKind, BreakRow, BreakState, BreakSum, ClosedAs, MatchRow, ReconNo};
use crate::reconcile::{Figure, MatchPlan, Whose};
use crate::report::matched::{Matched, of_side};
use crate::report::tables::{amount_known, break_title};
use crate::report::trace;
use crate::report::words::{self, money, number};

/// What only rows matched one by one have.
#[derive(Debug, Serialize)]
pub(super) struct MatchedView {
    sides: [String; 2],
    rules: Vec<String>,
    kinds: Vec<KindLine>,
    listed: Vec<KindTable>,
    cleared: Vec<PairLine>,
    cleared_more: i64,
    cleared_count: String,
    matches: Vec<MatchLine>,
    matches_more: i64,
    match_count: String,
}

/// All breaks of a kind, by what became of them.
#[derive(Debug, Serialize)]
struct KindLine {
    anchor: String,
    kind: &'static str,
    items: String,
    /// Rows and amount of ours and theirs.
    sides: [[String; 2]; 2],
    difference: String,
    /// New, from before; open, disposed, matched later, carried on, gone.
    states: [String; 7],
}

#[derive(Debug, Serialize)]
struct KindTable {
    anchor: String,
    kind: &'static str,
    items: String,
    difference: String,
    rows: Vec<PairLine>,
    more: i64,
}

#[derive(Debug, Serialize)]
struct PairLine {
    number: i64,
    title: String,
    object: String,
    effect: &'static str,
    ours: String,
    theirs: String,
    difference: String,
    compared: String,
    first_seen: String,
    age: String,
    state: String,
    places: Vec<PlaceLine>,
}

#[derive(Debug, Serialize)]
struct PlaceLine {
    source: String,
    trace: String,
}

#[derive(Debug, Serialize)]
struct MatchLine {
    number: i64,
    pass: String,
    side: String,
    object: String,
    amount: String,
    source: String,
    trace: String,
}

impl Maker<'_> {
    pub(super) fn matched(&self) -> Option<MatchedView> {
        let matched = self.content.matched.as_ref()?;
        let plan = self.request.subject().rows()?;
        let rest = |all: i64| (all - MAX_ROWS as i64).max(0);
        let cleared = matched.cleared_sums.iter().map(|sum| sum.items).sum();
        Some(MatchedView {
            sides: Whose::BOTH
                .map(|whose| plan.side(whose).title.in_language(self.language).into()),
            rules: self.rules(plan),
            kinds: self
                .kinds()
                .map(|(kind, sums)| self.kind_line(kind, &sums))
                .collect(),
            listed: self
                .kinds()
                .map(|(kind, sums)| self.kind_table(kind, &sums))
                .collect(),
            cleared: matched
                .cleared
                .iter()
                .map(|found| self.pair_line(found))
                .collect(),
            cleared_more: rest(cleared),
            cleared_count: number(cleared),
            matches: matched
                .matches
                .iter()
                .map(|row| self.match_line(row))
                .collect(),
            matches_more: rest(matched.match_count),
            match_count: number(matched.match_count),
        })
    }

    /// The breaks of each kind that there are.
    pub(in crate::report) fn kinds(&self) -> impl Iterator<Item = (BreakKind, Vec<&BreakSum>)> {
        let mut kinds: BTreeMap<BreakKind, Vec<&BreakSum>> = BTreeMap::new();
        for sum in &self.content.sums {
            kinds.entry(sum.kind).or_default().push(sum);
        }
        kinds.into_iter()
    }

    fn kind_line(&self, kind: BreakKind, sums: &[&BreakSum]) -> KindLine {
        let side = |whose| {
            let figure = of_side(sums.iter().copied(), whose);
            [number(figure.count), money(figure.amount)]
        };
        let items = |wanted: &dyn Fn(&BreakSum) -> bool| {
            let fitting = sums.iter().filter(|sum| wanted(sum));
            match fitting.map(|sum| sum.items).sum() {
                0 => NONE.to_owned(),
                items => number(items),
            }
        };
        let day = self.request.business_date;
        let closed = |how: ClosedAs| items(&move |sum: &BreakSum| sum.closed_as == Some(how));
        KindLine {
            anchor: anchor(kind),
            kind: words::kind(kind, self.language),
            items: items(&|_| true),
            sides: [side(Whose::Ours), side(Whose::Theirs)],
            difference: difference(sums),
            states: [
                items(&|sum| sum.first_seen >= day),
                items(&|sum| sum.first_seen < day),
                items(&|sum| matches!(sum.state, BreakState::Open | BreakState::Overdue)),
                items(&|sum| sum.state == BreakState::Disposed),
                closed(ClosedAs::Matched),
                closed(ClosedAs::Carried),
                closed(ClosedAs::Gone),
            ],
        }
    }

    fn kind_table(&self, kind: BreakKind, sums: &[&BreakSum]) -> KindTable {
        let items: i64 = sums.iter().map(|sum| sum.items).sum();
        let listed = self
            .content
            .breaks
            .iter()
            .filter(|found| found.kind == kind);
        let rows: Vec<PairLine> = listed.map(|found| self.pair_line(found)).collect();
        KindTable {
            anchor: anchor(kind),
            kind: words::kind(kind, self.language),
            items: number(items),
            difference: difference(sums),
            more: items - i64::try_from(rows.len()).unwrap_or(items),
            rows,
        }
    }

    fn pair_line(&self, found: &BreakRow) -> PairLine {
        let amount = |fen: Option<i64>| fen.map_or(NONE.to_owned(), |fen| money(Fen(fen)));
        let place = |file: Option<FileNo>, record| {
            file.map(|file| PlaceLine {
                source: self.place(file.0, record),
                trace: trace::of_record(file.0, record),
            })
        };
        let ours = place(found.ours_file, found.ours_record);
        let theirs = place(found.theirs_file, found.theirs_record);
        PairLine {
            number: found.break_no,
            title: break_title(found, self.request).to_owned(),
            object: found.object.clone(),
            effect: words::effect(found.funds_effect, self.language),
            ours: amount(found.ours_amount),
            theirs: amount(found.theirs_amount),
            difference: amount(amount_known(found).then_some(found.amount)),
            compared: self.compared(found),
            first_seen: found.first_seen.to_string(),
            age: self.age(found.first_seen),
            state: self.ending(found),
            places: ours.into_iter().chain(theirs).collect(),
        }
    }

    /// `已由后来的文件匹配（2026-01-06）`.
    fn ending(&self, found: &BreakRow) -> String {
        let ending = words::ending(found.state, found.closed_as, self.language);
        match found.closed_by.and_then(|by| self.day_of(by)) {
            Some(day) => format!("{ending} {day}"),
            None => ending.to_owned(),
        }
    }

    /// The day of a reconciliation that closed something.
    pub(in crate::report) fn day_of(&self, recon: ReconNo) -> Option<NaiveDate> {
        let Matched { closers, .. } = self.content.matched.as_ref()?;
        closers.get(&recon).copied()
    }

    /// The columns that differ, with both sides' values; of personal ones only that they do.
    pub(in crate::report) fn compared(&self, found: &BreakRow) -> String {
        let compared = found.detail.get("compared").and_then(Json::as_object);
        let columns = compared.into_iter().flatten();
        let texts: Vec<String> = columns
            .filter_map(|(name, values)| self.differing(name, values))
            .collect();
        texts.join(self.language.pick("；", "; "))
    }

    fn differing(&self, name: &str, values: &Json) -> Option<String> {
        let l = self.language;
        let plan = self.request.subject().rows()?;
        let dataset = plan.ours.selection.dataset();
        let title = dataset.column(name);
        let title = title.map_or(name, |column| l.pick(&column.title, &column.title_en));
        let colon = l.pick("：", ": ");
        if let Some(agrees) = values.as_bool() {
            let differs = l.pick("不同（内容不显示）", "differs (not shown)");
            return (!agrees).then(|| format!("{title}{colon}{differs}"));
        }
        let (ours, theirs) = (values.get(0)?, values.get(1)?);
        let is_money = dataset.type_of(name) == Some(ColumnType::Money);
        (ours != theirs).then(|| {
            let [ours, theirs] = [ours, theirs].map(|value| shown(value, is_money));
            format!("{title}{colon}{ours} / {theirs}")
        })
    }

    fn match_line(&self, row: &MatchRow) -> MatchLine {
        MatchLine {
            number: row.match_no,
            pass: self.pass_title(&row.pass).to_owned(),
            side: self.side_title(&row.side).to_owned(),
            object: row.object.clone(),
            amount: row.amount.map_or(NONE.to_owned(), |fen| money(Fen(fen))),
            source: self.place(row.file.0, Some(row.record)),
            trace: trace::of_record(row.file.0, Some(row.record)),
        }
    }

    /// What a pass is called; its word, if the job no longer has it.
    pub(in crate::report) fn pass_title<'t>(&'t self, name: &'t str) -> &'t str {
        let plan = self.request.subject().rows();
        let mut passes = plan.into_iter().flat_map(|plan| &plan.passes);
        let found = passes.find(|pass| pass.name.as_str() == name);
        found.map_or(name, |pass| pass.title.in_language(self.language))
    }

    /// What a side is called, by its word in the ledger.
    pub(in crate::report) fn side_title<'t>(&'t self, word: &'t str) -> &'t str {
        let whose = Whose::BOTH.into_iter().find(|whose| whose.word() == word);
        match (self.request.subject().rows(), whose) {
            (Some(plan), Some(whose)) => plan.side(whose).title.in_language(self.language),
            _ => word,
        }
    }

    /// Both sides' equations, line by line, and their difference; the names are the version's own,
    /// whatever the job says now.
    pub(super) fn row_balance(&self) -> Vec<Balance> {
        let l = self.language;
        let lines = self.content.components.iter().map(|component| {
            let english = component.detail.get("title_en").and_then(Json::as_str);
            let unpriced = component.detail.get("unpriced").and_then(Json::as_i64);
            let term = component.name.split_once('.').map_or("", |(_, term)| term);
            let (kind, sign) = match term {
                "loaded" => ("claimed", "＋"),
                "carried" => ("part", "＋"),
                "" => (
                    if self.content.agrees() {
                        "agrees"
                    } else {
                        "differs"
                    },
                    "",
                ),
                _ => ("part", "－"),
            };
            Balance {
                kind,
                name: component.name.clone(),
                title: l
                    .pick(&component.title, english.unwrap_or(&component.title))
                    .to_owned(),
                figure: self.content.figure(&component.name),
                sign: sign.to_owned(),
                note: match unpriced.unwrap_or_default() {
                    0 if term.is_empty() => self.result().to_owned(),
                    0 => String::new(),
                    rows => format!("{rows}{}", l.pick(" 笔没有金额", " rows have no amount")),
                },
            }
        });
        lines.collect()
    }

    /// Where the rows of a line of the equations stand on the page.
    pub(super) fn row_anchor(&self, line: &Balance) -> Option<String> {
        let (side, term) = line
            .name
            .split_once('.')
            .unwrap_or(("", line.name.as_str()));
        match term {
            "loaded" => Some(format!("part-{side}")),
            "in_transit" => Some(anchor(BreakKind::InTransit)),
            "broken" | "difference" => Some("breaks".to_owned()),
            _ => None,
        }
    }

    pub(super) fn row_formulas(&self, plan: &MatchPlan) -> [String; 2] {
        let l = self.language;
        Whose::BOTH.map(|whose| {
            format!(
                "{}{}",
                plan.side(whose).title.in_language(l),
                l.pick(
                    "：当日 + 以前未达 = 各规则匹配 + 未达账项 + 差异（金额和笔数都成立）",
                    ": of the day + carried over = matched by each pass + in transit + broken, in amount and in rows",
                )
            )
        })
    }

    /// What was matched by what, as the version says.
    fn rules(&self, plan: &MatchPlan) -> Vec<String> {
        let l = self.language;
        let passes = self
            .content
            .recon
            .summary
            .get("passes")
            .and_then(Json::as_array);
        let both = |pair: &Json| {
            let name = |at: usize| pair.get(at).and_then(Json::as_str).unwrap_or_default();
            match name(0) == name(1) {
                true => name(0).to_owned(),
                false => format!("{} = {}", name(0), name(1)),
            }
        };
        let list = |pairs: Option<&Json>, inner: Option<&str>| {
            let pairs = pairs.and_then(Json::as_array).into_iter().flatten();
            let pairs = pairs.filter_map(|one| inner.map_or(Some(one), |key| one.get(key)));
            pairs.map(both).collect::<Vec<_>>().join(l.pick("、", ", "))
        };
        let rules = passes.into_iter().flatten().map(|pass| {
            let name = pass.get("pass").and_then(Json::as_str).unwrap_or_default();
            let on = list(pass.get("on"), None);
            let mut text = format!(
                "{}（{name}）{}{on}",
                self.pass_title(name),
                l.pick("：", ": ")
            );
            let compared = list(pass.get("compare"), Some("columns"));
            if !compared.is_empty() {
                text.push_str(l.pick("；核对 ", "; compared "));
                text.push_str(&compared);
            }
            if let Some(fen) = pass.get("tolerance").and_then(Json::as_i64) {
                text.push_str(l.pick("；金额相差不超过 ", "; amounts apart at most "));
                text.push_str(&money(Fen(fen)));
            }
            if let Some(minutes) = pass.get("minutes").and_then(Json::as_i64) {
                let apart = l.pick("；时间相差不超过（分钟） ", "; minutes apart at most ");
                text.push_str(&format!("{apart}{minutes}"));
            }
            if let Some(side) = pass.get("group").and_then(Json::as_str) {
                let sum = l.pick("；按键合计一方：", "; added up by key: ");
                text.push_str(&format!("{sum}{}", self.side_title(side)));
            }
            text
        });
        let transit = format!(
            "{}{}",
            l.pick(
                "未匹配的记录视为未达的天数（含当日）：",
                "Days that an unmatched row is in transit, its own counted: "
            ),
            plan.transit.number
        );
        rules.chain([transit]).collect()
    }

    /// Matched, in transit and broken of a side, as the ledger has them.
    pub(super) fn thirds(&self, whose: Whose) -> [Figure; 3] {
        let of = |term: &str| {
            let name = format!("{}.{term}", whose.word());
            self.content.figure(&name).unwrap_or_default()
        };
        let all = of("loaded").amount.0.saturating_add(of("carried").amount.0);
        let count = of("loaded").count.saturating_add(of("carried").count);
        let (waiting, broken) = (of("in_transit"), of("broken"));
        let matched = Figure::new(
            count
                .saturating_sub(waiting.count)
                .saturating_sub(broken.count),
            all.saturating_sub(waiting.amount.0)
                .saturating_sub(broken.amount.0),
        );
        [matched, waiting, broken]
    }
}

/// Where the page lists a kind.
fn anchor(kind: BreakKind) -> String {
    format!("kind-{kind}")
}

fn difference(sums: &[&BreakSum]) -> String {
    let amounts = sums.iter().map(|sum| sum.amount);
    money(Fen(amounts.fold(0, i64::saturating_add)))
}

/// A value as JSON has it, for people.
fn shown(value: &Json, is_money: bool) -> String {
    match value {
        Json::Null => NONE.to_owned(),
        Json::Number(fen) if is_money => {
            fen.as_i64().map_or(NONE.to_owned(), |fen| money(Fen(fen)))
        }
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
