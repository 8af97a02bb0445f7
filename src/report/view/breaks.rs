//! Breaks, checks and candidates, as the page shows them.

use chrono::NaiveDate;
use serde_json::Value as Json;

use super::{
    BreakLine, CandidateLine, CandidateRowLine, CheckTable, MAX_ROWS, Maker, MatrixLine, NONE,
};
use crate::id::Fen;
use crate::ledger::{BreakRow, BreakSum, FundsEffect};
use crate::reconcile::Language;
use crate::report::tables::{amount_known, break_title};
use crate::report::trace;
use crate::report::words::{self, money, number};

impl Maker<'_> {
    pub(super) fn matrix(&self) -> Vec<MatrixLine> {
        self.kinds()
            .map(|(kind, breaks)| MatrixLine {
                kind: words::kind(kind, self.language).to_owned(),
                cells: FundsEffect::ALL
                    .iter()
                    .map(|effect| {
                        let of = |found: &&&BreakSum| found.funds_effect == *effect;
                        let cell: Vec<&BreakSum> = breaks.iter().filter(of).copied().collect();
                        self.cell(&cell)
                    })
                    .collect(),
                total: self.cell(&breaks),
            })
            .collect()
    }

    fn cell(&self, breaks: &[&BreakSum]) -> String {
        if breaks.is_empty() {
            return NONE.to_owned();
        }
        let items = number(breaks.iter().map(|sum| sum.items).sum());
        let sizes = breaks.iter().map(|sum| sum.size);
        let amount: i64 = sizes.fold(0, i64::saturating_add);
        format!(
            "{items}{}{}",
            self.language.pick(" 项 / ", " / "),
            money(Fen(amount))
        )
    }

    /// Breaks that no check found: the difference itself, a day without a statement.
    pub(in crate::report) fn total_breaks(&self) -> impl Iterator<Item = &BreakRow> {
        let plan = self.request.subject().totals();
        let of_a_check = move |found: &&BreakRow| {
            let mut checks = plan.into_iter().flat_map(|plan| &plan.checks);
            checks.any(|check| Some(check.reason.as_str()) == found.reason.as_deref())
        };
        // What rows are matched to has tables of its own.
        let breaks = self.content.breaks.iter();
        breaks.filter(move |found| plan.is_some() && !of_a_check(found))
    }

    /// The breaks that a check found.
    pub(in crate::report) fn breaks_of(&self, reason: &str) -> impl Iterator<Item = &BreakRow> {
        let breaks = self.content.breaks.iter();
        breaks.filter(move |found| found.reason.as_deref() == Some(reason))
    }

    pub(super) fn totals(&self) -> Vec<BreakLine> {
        let breaks = self.total_breaks();
        breaks.map(|found| self.break_line(found)).collect()
    }

    pub(super) fn checks(&self) -> Vec<CheckTable> {
        let plan = self.request.subject().totals();
        let l = self.language;
        plan.into_iter()
            .flat_map(|plan| &plan.checks)
            .map(|check| {
                let reason = check.reason.as_str();
                let found: Vec<&BreakRow> = self.breaks_of(reason).collect();
                CheckTable {
                    anchor: format!("check-{reason}"),
                    title: check.title.in_language(l).to_owned(),
                    kind: words::kind(check.kind, l).to_owned(),
                    effect: words::effect(check.funds_effect, l).to_owned(),
                    items: number(found.iter().map(|found| items(found)).sum()),
                    not_checked: self.not_checked(reason),
                    rows: found
                        .iter()
                        .take(MAX_ROWS)
                        .map(|found| self.break_line(found))
                        .collect(),
                    more: found.len().saturating_sub(MAX_ROWS),
                }
            })
            .collect()
    }

    /// Why a check was not made, if it was not.
    pub(in crate::report) fn not_checked(&self, reason: &str) -> Option<String> {
        let list = self.content.recon.summary.get("not_checked")?.as_array()?;
        let found = list
            .iter()
            .find(|entry| entry.get("reason").and_then(Json::as_str) == Some(reason))?;
        Some(found.get("why")?.as_str()?.to_owned())
    }

    pub(super) fn break_line(&self, found: &BreakRow) -> BreakLine {
        let l = self.language;
        let known = amount_known(found);
        let unknown = || l.pick("未知", "unknown").to_owned();
        let file = found.detail.get("file").and_then(Json::as_i64);
        let record = found.detail.get("record").and_then(Json::as_i64);
        BreakLine {
            number: found.break_no,
            kind: words::kind(found.kind, l).to_owned(),
            effect: words::effect(found.funds_effect, l).to_owned(),
            title: break_title(found, self.request).to_owned(),
            object: self.object(found),
            count: if known {
                number(found.count)
            } else {
                unknown()
            },
            amount: if known {
                money(Fen(found.amount))
            } else {
                unknown()
            },
            first_seen: found.first_seen.to_string(),
            age: self.age(found.first_seen),
            state: words::state(found.state, l).to_owned(),
            note: self.note(found),
            source: file.map_or(String::new(), |file| self.place(file, record)),
            trace: file.map_or(String::new(), |file| trace::of_record(file, record)),
        }
    }

    /// Working days since it was first seen; natural days when the calendar lacks the year.
    pub(in crate::report) fn days(&self, from: NaiveDate) -> i64 {
        let to = self.content.as_of;
        let working = self.request.context.calendar.working_days_between(from, to);
        working.unwrap_or_else(|_| (to - from).num_days())
    }

    /// In working days; in natural days when the calendar lacks the year.
    pub(super) fn age(&self, from: NaiveDate) -> String {
        let to = self.content.as_of;
        match self.request.context.calendar.working_days_between(from, to) {
            Ok(days) => format!("{days}{}", self.language.pick(" 个工作日", " working days")),
            Err(_) => format!(
                "{}{}",
                (to - from).num_days(),
                self.language.pick(" 天", " days")
            ),
        }
    }

    /// What the check shows of the row, and its deadline.
    fn note(&self, found: &BreakRow) -> String {
        let l = self.language;
        let shown = found.detail.get("shown").and_then(Json::as_array);
        let one = |column: &Json| {
            let text = |key: &str| column.get(key).and_then(Json::as_str);
            let title = text(l.pick("title", "title_en"))?;
            Some(format!("{title} {}", text("value").unwrap_or(NONE)))
        };
        let mut notes: Vec<String> = shown.into_iter().flatten().filter_map(one).collect();
        notes.push(self.deadline(found));
        notes.retain(|note| !note.is_empty());
        notes.join(l.pick("；", "; "))
    }

    pub(super) fn deadline(&self, found: &BreakRow) -> String {
        let text = |key: &str| found.detail.get(key).and_then(Json::as_str);
        let (Some(since), Some(deadline)) = (text("since"), text("deadline")) else {
            return String::new();
        };
        let days = found.detail.get("days_late").and_then(Json::as_i64);
        let days = days.map_or(NONE.to_owned(), |days| days.to_string());
        let working = found.detail.get("working").and_then(Json::as_bool) == Some(true);
        match (self.language, working) {
            (Language::Chinese, true) => {
                format!("{since} 提出，期限 {deadline}，逾期 {days} 个工作日")
            }
            (Language::Chinese, false) => format!("{since} 提出，期限 {deadline}，逾期 {days} 天"),
            (Language::English, true) => {
                format!("since {since}, due {deadline}, {days} working days late")
            }
            (Language::English, false) => {
                format!("since {since}, due {deadline}, {days} days late")
            }
        }
    }

    /// `文件 12 a.xml 第 7 条`.
    pub(super) fn place(&self, file: i64, record: Option<i64>) -> String {
        if file <= 0 {
            return String::new();
        }
        let name = self
            .content
            .source(file)
            .and_then(|source| source.name())
            .unwrap_or(NONE);
        let record = record.map_or(String::new(), |record| match self.language {
            Language::Chinese => format!(" 第 {record} 条"),
            Language::English => format!(" record {record}"),
        });
        format!(
            "{}{file} {name}{record}",
            self.language.pick("文件 ", "file ")
        )
    }

    pub(super) fn candidates(&self) -> Vec<CandidateLine> {
        let amount = |fen: Option<i64>| fen.map_or(NONE.to_owned(), |fen| money(Fen(fen)));
        self.content
            .candidates
            .iter()
            .map(|candidate| CandidateLine {
                rank: candidate.rank,
                fit: match candidate.fit {
                    crate::reconcile::Fit::Exact => self.language.pick("金额与笔数相同", "exact"),
                    crate::reconcile::Fit::Missing => self.language.pick("未收到", "not received"),
                    crate::reconcile::Fit::Amount => {
                        self.language.pick("仅金额相同", "amount only")
                    }
                    crate::reconcile::Fit::Near => self.language.pick("金额接近", "close"),
                },
                text: self
                    .language
                    .pick(&candidate.text, &candidate.text_en)
                    .to_owned(),
                count: number(candidate.count),
                amount: amount(candidate.amount),
                rows: candidate
                    .rows
                    .iter()
                    .map(|row| CandidateRowLine {
                        object: row.object.clone(),
                        amount: amount(row.amount),
                        source: self.place(row.file, Some(row.record)),
                        trace: trace::of_record(row.file, Some(row.record)),
                    })
                    .collect(),
            })
            .collect()
    }

    /// The words for what is no row: the total, the rest.
    fn object(&self, found: &BreakRow) -> String {
        match found.object.as_str() {
            "total" => self.language.pick("合计", "total").to_owned(),
            "rest" => self.language.pick("其余", "the rest").to_owned(),
            other => other.to_owned(),
        }
    }
}

/// How many rows of a check a break stands for.
pub(in crate::report) fn items(found: &BreakRow) -> i64 {
    found
        .detail
        .get("items")
        .and_then(Json::as_i64)
        .unwrap_or(1)
}
