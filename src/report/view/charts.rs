//! What is drawn: both sides, the age of breaks, the groups of each part, codes.

use std::collections::BTreeSet;

use super::{ChartView, Maker};
use crate::id::Fen;
use crate::ledger::FundsEffect;
use crate::reconcile::{Group, MatchPlan, PartFigure, ReconcilePlan, Whose};
use crate::report::Subject;
use crate::report::chart::{Bar, Chart, Fill, Unit};
use crate::report::tables::by_code;
use crate::report::words::{self, money, number};

/// The most bars of one chart.
const MAX_BARS: usize = 40;
/// The first day of each age, in working days.
const AGES: [i64; 5] = [0, 2, 4, 6, 11];
const FILLS: [Fill; 3] = [Fill::Middle, Fill::Light, Fill::Dark];

impl Maker<'_> {
    pub(super) fn charts(&self) -> Vec<ChartView> {
        let both = self.balance_chart().into_iter().chain(self.age_chart());
        let all = both.chain(self.group_charts()).chain(self.code_charts());
        all.map(|chart| ChartView {
            // Where the page's template puts it.
            kind: chart.id.trim_start_matches("chart-").to_owned(),
            svg: chart.svg(),
            title: chart.title,
        })
        .collect()
    }

    /// What they state over what we recognise. Only the total is stated, so only totals are drawn.
    fn balance_chart(&self) -> Option<Chart> {
        match self.request.subject() {
            Subject::Totals(plan) => self.total_chart(plan),
            Subject::Rows(plan) => Some(self.sides_chart(plan)),
        }
    }

    /// Both sides, each by what was matched, what is in transit and what is broken.
    fn sides_chart(&self, plan: &MatchPlan) -> Chart {
        let l = self.language;
        let fills = [Fill::Dark, Fill::Light, Fill::Striped];
        let words = [
            l.pick("已匹配", "matched"),
            l.pick("未达账项", "in transit"),
            l.pick("差异", "broken"),
        ];
        let bars = Whose::BOTH.map(|whose| {
            let thirds = self.thirds(whose);
            let amounts = thirds.map(|figure| figure.amount.0);
            Bar {
                label: plan.side(whose).title.in_language(l).to_owned(),
                parts: fills.into_iter().zip(amounts).collect(),
                value: money(Fen(amounts.into_iter().fold(0, i64::saturating_add))),
            }
        });
        let told = Whose::BOTH.map(|whose| {
            let parts = words.iter().zip(self.thirds(whose));
            let parts = parts.map(|(word, figure)| format!("{word} {}", money(figure.amount)));
            let title = plan.side(whose).title.in_language(l);
            format!("{title} {}", parts.collect::<Vec<_>>().join(" "))
        });
        Chart {
            id: "chart-balance".to_owned(),
            title: l
                .pick("双方金额的去向（元）", "What became of both sides, in yuan")
                .to_owned(),
            description: told.join(l.pick("；", "; ")),
            unit: Unit::Money,
            bars: bars.into(),
            legend: fills.into_iter().zip(words.map(str::to_owned)).collect(),
        }
    }

    fn total_chart(&self, plan: &ReconcilePlan) -> Option<Chart> {
        let l = self.language;
        let theirs = plan.claimed.as_ref()?.title.in_language(l);
        let claimed = self.content.figure("claimed")?;
        let (ours, difference) = (
            self.content.figure("ours")?,
            self.content.figure("difference")?,
        );
        let parts: Vec<(Fill, &PartFigure)> = FILLS
            .into_iter()
            .cycle()
            .zip(
                self.content
                    .parts
                    .iter()
                    .filter(|part| part.unknown.is_none()),
            )
            .collect();
        let bar = |label: &str, parts: Vec<(Fill, i64)>, amount| Bar {
            label: label.to_owned(),
            parts,
            value: money(amount),
        };
        let stacked = parts.iter().map(|(fill, part)| {
            (
                *fill,
                part.figure.amount.0.saturating_mul(part.signs.amount),
            )
        });
        let mut legend = vec![(Fill::Dark, theirs.to_owned())];
        legend.extend(
            parts
                .iter()
                .map(|(fill, part)| (*fill, part.title.in_language(l).to_owned())),
        );
        legend.push((Fill::Striped, l.pick("差额", "Difference").to_owned()));
        Some(Chart {
            id: "chart-balance".to_owned(),
            title: l
                .pick("对方与我方金额（元）", "Both sides, in yuan")
                .to_owned(),
            description: format!(
                "{theirs} {}{} {}{} {}",
                money(claimed.amount),
                l.pick("；我方合计", "; our total"),
                money(ours.amount),
                l.pick("；差额", "; difference"),
                money(difference.amount)
            ),
            unit: Unit::Money,
            bars: vec![
                bar(theirs, vec![(Fill::Dark, claimed.amount.0)], claimed.amount),
                bar(
                    l.pick("我方合计", "Our total"),
                    stacked.collect(),
                    ours.amount,
                ),
                bar(
                    l.pick("差额", "Difference"),
                    vec![(Fill::Striped, difference.amount.0)],
                    difference.amount,
                ),
            ],
            legend,
        })
    }

    /// How long breaks have been there, by what they do to funds.
    fn age_chart(&self) -> Option<Chart> {
        let l = self.language;
        // One break needs no picture.
        if self.content.sums.iter().map(|sum| sum.items).sum::<i64>() < 2 {
            return None;
        }
        let fills = [Fill::Light, Fill::Dark, Fill::Striped];
        let effects = || FundsEffect::ALL.iter().zip(fills);
        let bars = AGES.iter().enumerate().map(|(at, from)| {
            let until = AGES.get(at + 1).copied();
            let found: Vec<_> = self
                .content
                .sums
                .iter()
                .filter(|found| {
                    let age = self.days(found.first_seen);
                    age >= *from && until.is_none_or(|until| age < until)
                })
                .collect();
            let of = |effect: FundsEffect| {
                let fitting = found.iter().filter(|one| one.funds_effect == effect);
                fitting.map(|one| one.items).sum::<i64>()
            };
            let label = match until {
                Some(until) => format!("{from}–{}", until - 1),
                None => format!("{from}{}", l.pick(" 及以上", " and more")),
            };
            Bar {
                label: format!("{label}{}", l.pick(" 个工作日", " working days")),
                parts: effects()
                    .map(|(effect, fill)| (fill, of(*effect)))
                    .collect(),
                value: format!(
                    "{}{}",
                    number(found.iter().map(|one| one.items).sum()),
                    l.pick(" 项", "")
                ),
            }
        });
        Some(Chart {
            id: "chart-ages".to_owned(),
            title: l
                .pick("差异账龄（项数）", "Age of breaks, items")
                .to_owned(),
            description: l
                .pick(
                    "按首次发现至账龄截止日的工作日分段，分长款、短款和无资金影响",
                    "By working days since they were first seen: long, short, no effect on funds",
                )
                .to_owned(),
            unit: Unit::Count,
            legend: effects()
                .map(|(effect, fill)| (fill, words::effect(*effect, l).to_owned()))
                .collect(),
            bars: bars.collect(),
        })
    }

    /// The groups of every part that has several, in their order; those that a break or candidate
    /// touches are marked.
    fn group_charts(&self) -> Vec<Chart> {
        let l = self.language;
        let touched = self.touched();
        let parts = self.content.parts.iter();
        parts
            .filter(|part| part.groups.len() > 1)
            .map(|part| {
                let title = part.title.in_language(l);
                let varying = varying(&part.groups);
                let mut groups: Vec<&Group> = part.groups.iter().collect();
                let more = groups.len().saturating_sub(MAX_BARS);
                if more > 0 {
                    groups.sort_by_key(|group| std::cmp::Reverse(group.amount.0.saturating_abs()));
                    groups.truncate(MAX_BARS);
                }
                let is_marked = |group: &Group| touched.iter().any(|one| belongs(one, group));
                let bars = groups
                    .iter()
                    .map(|group| self.group_bar(group, &varying, is_marked(group)));
                let mut legend = Vec::new();
                if groups.iter().any(|group| is_marked(group)) {
                    legend = vec![
                        (Fill::Middle, title.to_owned()),
                        (
                            Fill::Striped,
                            l.pick("涉及差异或其可能来源", "touched by a break or candidate")
                                .to_owned(),
                        ),
                    ];
                }
                let rest = match more {
                    0 => String::new(),
                    more => format!(
                        "{}{more}{}",
                        l.pick("；金额较小的 ", "; "),
                        l.pick(" 组未画出，见表", " smaller ones are in the table only")
                    ),
                };
                Chart {
                    id: format!("chart-part-{}", part.name),
                    title: format!(
                        "{title}{}",
                        l.pick("：各组金额（元）", ": amounts by group, in yuan")
                    ),
                    description: format!(
                        "{}{}{}{rest}",
                        number(part.groups.len() as i64),
                        l.pick(" 组，合计 ", " groups, in total "),
                        money(part.figure.amount)
                    ),
                    unit: Unit::Money,
                    legend,
                    bars: bars.collect(),
                }
            })
            .collect()
    }

    fn group_bar(&self, group: &Group, varying: &[usize], is_marked: bool) -> Bar {
        let l = self.language;
        let keys = group.key.iter().enumerate();
        let label: Vec<String> = keys
            .filter(|(at, _)| varying.contains(at))
            .map(|(_, value)| super::figures::cell(value))
            .collect();
        let label = match (label.is_empty(), group.file) {
            (true, Some(file)) => self.place(file.0, None),
            _ => label.join(" / "),
        };
        Bar {
            label,
            parts: vec![(
                if is_marked {
                    Fill::Striped
                } else {
                    Fill::Middle
                },
                group.amount.0,
            )],
            value: match group.count {
                0 => l.pick("无计入记录", "no rows counted").to_owned(),
                count => format!(
                    "{}　{}{}",
                    money(group.amount),
                    number(count),
                    l.pick(" 笔", " rows")
                ),
            },
        }
    }

    /// What breaks and candidates are about: `service_provider_id=…;message_id=…;…`.
    fn touched(&self) -> BTreeSet<&str> {
        let breaks = self
            .content
            .breaks
            .iter()
            .map(|found| found.object.as_str());
        let candidates = self.content.candidates.iter().flat_map(|one| &one.rows);
        breaks
            .chain(candidates.map(|row| row.object.as_str()))
            .collect()
    }

    /// Rows by code, the most frequent first; codes without a row are in the table only.
    fn code_charts(&self) -> Vec<Chart> {
        let l = self.language;
        let plan = self.request.subject().totals();
        let declared = plan.into_iter().flat_map(|plan| &plan.distributions);
        let all = declared.zip(&self.content.distributions);
        let mut charts = Vec::new();
        for (at, (distribution, groups)) in all.enumerate() {
            let mut codes = by_code(self.request.rules, groups);
            codes.retain(|(_, _, figure)| figure.count != 0);
            codes.sort_by_key(|(_, _, figure)| std::cmp::Reverse(figure.count));
            codes.truncate(MAX_BARS);
            if codes.is_empty() {
                continue;
            }
            let title = distribution.title.in_language(l);
            let bars = codes.iter().map(|(code, rule, figure)| Bar {
                label: format!("{code} {}", rule.title),
                parts: vec![(Fill::Middle, figure.count)],
                value: format!(
                    "{}{}　{}",
                    number(figure.count),
                    l.pick(" 笔", " rows"),
                    money(figure.amount)
                ),
            });
            charts.push(Chart {
                id: format!("chart-codes-{at}"),
                title: format!("{title}{}", l.pick("（笔数、金额）", ", rows and amounts")),
                description: l
                    .pick(
                        "按笔数从多到少；没有记录的代码只列在表中",
                        "The most frequent first; codes without a row are in the table only",
                    )
                    .to_owned(),
                unit: Unit::Count,
                legend: Vec::new(),
                bars: bars.collect(),
            });
        }
        charts
    }
}

/// The columns of the key whose values differ between groups.
fn varying(groups: &[Group]) -> Vec<usize> {
    let Some(first) = groups.first() else {
        return Vec::new();
    };
    let columns = first.key.iter().enumerate();
    columns
        .filter(|(at, value)| groups.iter().any(|group| group.key.get(*at) != Some(value)))
        .map(|(at, _)| at)
        .collect()
}

/// Whether an object is the group or a row of it.
fn belongs(object: &str, group: &Group) -> bool {
    let rest = object.strip_prefix(group.object.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(';'))
}
