//! Figures, their parts and their sources, as the page shows them.

use super::{
    Balance, CodeLine, DistributionTable, GroupLine, MAX_ROWS, Maker, NONE, PartTable, SourceLine,
    SummaryLine,
};
use crate::reconcile::{Figure, Group, PartFigure, Title};
use crate::report::book::titles;
use crate::report::content::SourceFile;
use crate::report::details::Lines;
use crate::report::tables::by_code;
use crate::report::words::{money, number};
use crate::report::{Subject, trace};
use crate::value::Value;

impl Maker<'_> {
    /// What the reconciliation came to, in a word.
    pub(in crate::report) fn result(&self) -> &'static str {
        let (content, l) = (self.content, self.language);
        let agrees = l.pick("相符", "agrees");
        match (&content.matched, content.recon.agrees) {
            (None, true) if self.request.subject().is_inspection() => {
                l.pick("未发现问题", "nothing found")
            }
            (_, true) => agrees,
            (Some(_), false) if content.agrees() => {
                l.pick("相符，另有未达账项", "agrees, but for items in transit")
            }
            (None, false) if content.figure("claimed").is_none() => {
                l.pick("未收到对方报表", "no statement received")
            }
            (_, false) => l.pick("不符", "differs"),
        }
    }

    /// The equation in words: amounts, then counts; of rows matched, that of each side. An
    /// inspection has none.
    pub(in crate::report) fn formulas(&self) -> Vec<String> {
        match self.request.subject() {
            Subject::Totals(plan) => match &plan.claimed {
                None => Vec::new(),
                Some(claimed) => self.total_formulas(&claimed.title).into(),
            },
            Subject::Rows(plan) => self.row_formulas(plan).into(),
        }
    }

    fn total_formulas(&self, theirs: &Title) -> [String; 2] {
        let formula = |name: &str, sign: fn(&PartFigure) -> i64| {
            let mut text = format!(
                "{name}{}{} =",
                self.language.pick("：", ": "),
                theirs.in_language(self.language)
            );
            for (at, part) in self
                .content
                .parts
                .iter()
                .filter(|part| sign(part) != 0)
                .enumerate()
            {
                let sign = match (at, sign(part)) {
                    (0, 1) => "",
                    (_, 1) => "+ ",
                    _ => "− ",
                };
                text.push_str(&format!(" {sign}{}", part.title.in_language(self.language)));
            }
            text
        };
        [
            formula(self.language.pick("金额", "Amount"), |part| {
                part.signs.amount
            }),
            formula(self.language.pick("笔数", "Rows"), |part| {
                part.signs.count
            }),
        ]
    }

    /// The equation, line by line: theirs, our parts, our total, the difference; of rows matched,
    /// that of each side and their difference.
    pub(in crate::report) fn balance(&self) -> Vec<Balance> {
        match self.request.subject() {
            Subject::Totals(plan) => match &plan.claimed {
                None => Vec::new(),
                Some(claimed) => self.total_balance(&claimed.title),
            },
            Subject::Rows(_) => self.row_balance(),
        }
    }

    fn total_balance(&self, theirs: &Title) -> Vec<Balance> {
        let l = self.language;
        let claimed = self.content.figure("claimed");
        let mut lines = vec![Balance {
            kind: "claimed",
            name: "claimed".to_owned(),
            title: theirs.in_language(l).to_owned(),
            figure: claimed,
            sign: String::new(),
            note: match claimed {
                None => l.pick("未收到当日报表", "there is no statement for the day"),
                Some(_) => "",
            }
            .to_owned(),
        }];
        lines.extend(self.content.parts.iter().map(|part| Balance {
            kind: "part",
            name: part.name.to_string(),
            title: part.title.in_language(l).to_owned(),
            figure: Some(part.figure),
            sign: sign(part),
            note: part.unknown.clone().unwrap_or_default(),
        }));
        lines.push(Balance {
            kind: "ours",
            name: "ours".to_owned(),
            title: l.pick("我方合计", "Our total").to_owned(),
            figure: self.content.figure("ours"),
            sign: String::new(),
            note: String::new(),
        });
        lines.push(self.difference());
        lines
    }

    fn difference(&self) -> Balance {
        let l = self.language;
        let figure = self.content.figure("difference");
        let is_zero = figure.is_some_and(Figure::is_zero);
        let note = match (is_zero, figure) {
            (true, _) => l.pick("相符", "agrees"),
            (false, Some(_)) => l.pick("不符", "differs"),
            (false, None) => l.pick("无法计算", "cannot be told"),
        };
        Balance {
            kind: if is_zero { "agrees" } else { "differs" },
            name: "difference".to_owned(),
            title: l
                .pick("差额（对方减我方）", "Difference (theirs less ours)")
                .to_owned(),
            figure,
            sign: String::new(),
            note: note.to_owned(),
        }
    }

    pub(super) fn summary(&self) -> Vec<SummaryLine> {
        let lines = self.balance().into_iter();
        lines
            .map(|line| SummaryLine {
                anchor: match (&self.content.matched, line.kind) {
                    (Some(_), _) => self.row_anchor(&line),
                    (None, "claimed") => Some("sources".to_owned()),
                    (None, "part") => Some(format!("part-{}", line.name)),
                    (None, "ours") => None,
                    (None, _) => Some("breaks".to_owned()),
                },
                lines: self.lines(self.index.part(line.rows())),
                kind: line.kind,
                sign: line.sign,
                title: line.title,
                count: line
                    .figure
                    .map_or(NONE.to_owned(), |figure| number(figure.count)),
                amount: line
                    .figure
                    .map_or(NONE.to_owned(), |figure| money(figure.amount)),
                capitals: line
                    .figure
                    .map_or(NONE.to_owned(), |figure| figure.amount.capitals()),
                note: line.note,
            })
            .collect()
    }

    /// `3–61` or `3`; none when no tables are written.
    pub(super) fn lines(&self, lines: Option<Lines>) -> Option<String> {
        let Lines { first, last } = lines.filter(|_| self.request.plan.has_tables())?;
        Some(if first == last {
            first.to_string()
        } else {
            format!("{first}–{last}")
        })
    }

    pub(super) fn parts(&self) -> Vec<PartTable> {
        let parts = self.content.parts.iter().zip(self.request.parts());
        parts
            .map(|(part, rows)| PartTable {
                anchor: format!("part-{}", part.name),
                title: part.title.in_language(self.language).to_owned(),
                columns: rows.map_or(Vec::new(), |rows| {
                    titles(rows.selection, rows.by, self.request)
                }),
                unknown: part.unknown.clone(),
                count: number(part.figure.count),
                amount: money(part.figure.amount),
                unpriced: part.unpriced,
                rows: part
                    .groups
                    .iter()
                    .take(MAX_ROWS)
                    .map(|group| self.group(part, group))
                    .collect(),
                more: part.groups.len().saturating_sub(MAX_ROWS),
            })
            .collect()
    }

    pub(super) fn group(&self, part: &PartFigure, group: &Group) -> GroupLine {
        let source = group.file.and_then(|file| self.content.files.get(&file));
        let more = match group.files {
            ..=1 => String::new(),
            files => format!(" (+{})", files - 1),
        };
        GroupLine {
            key: group.key.iter().map(cell).collect(),
            object: group.object.clone(),
            count: number(group.count),
            amount: money(group.amount),
            has_rows: group.count > 0,
            file: group
                .file
                .map_or(NONE.to_owned(), |file| format!("{file}{more}")),
            name: source
                .and_then(|source| source.name())
                .unwrap_or(NONE)
                .to_owned(),
            digest: source
                .and_then(|source| source.known.as_ref())
                .map_or(NONE.to_owned(), |known| known.digest.short()),
            lines: self.lines(self.index.group(part.name.as_str(), &group.object)),
        }
    }

    pub(super) fn distributions(&self) -> Vec<DistributionTable> {
        let plan = self.request.subject().totals();
        let declared = plan.into_iter().flat_map(|plan| &plan.distributions);
        let all = declared.zip(&self.content.distributions);
        all.map(|(distribution, groups)| DistributionTable {
            title: distribution.title.in_language(self.language).to_owned(),
            rows: by_code(self.request.rules, groups)
                .into_iter()
                .map(|(code, rule, figure)| CodeLine {
                    code,
                    title: rule.title,
                    count: number(figure.count),
                    amount: money(figure.amount),
                    not_checked: rule.not_checked,
                })
                .collect(),
        })
        .collect()
    }

    pub(super) fn sources(&self) -> (Vec<SourceLine>, usize) {
        let line = |source: &SourceFile| {
            let figure = self
                .index
                .by_file
                .get(&source.file)
                .copied()
                .unwrap_or_default();
            let known = source.known.as_ref();
            SourceLine {
                file: source.file.0,
                name: source.name().unwrap_or(NONE).to_owned(),
                digest: source.digest().unwrap_or_else(|| NONE.to_owned()),
                received_at: known.map_or(NONE.to_owned(), |known| {
                    self.request.local(known.received_at)
                }),
                count: number(figure.count),
                amount: money(figure.amount),
            }
        };
        let files = &self.content.files;
        let lines = files.values().take(MAX_ROWS).map(line).collect();
        (lines, files.len().saturating_sub(MAX_ROWS))
    }

    /// How rows lead to their bytes, by example: a whole group, and one record of its file.
    pub(super) fn trace(&self) -> Vec<String> {
        for (part, rows) in self.content.parts.iter().zip(self.request.parts()) {
            let Some(rows) = rows else { continue };
            let Some(group) = part.groups.iter().find(|group| group.count > 0) else {
                continue;
            };
            let record = group.file.map(|file| trace::of_record(file.0, Some(1)));
            if rows.by.is_empty() {
                return record.into_iter().collect();
            }
            let by = rows.by.iter().map(crate::id::Ident::as_str);
            let values: Vec<String> = group.key.iter().map(cell).collect();
            let dataset = rows.selection.dataset().name().as_str();
            let rows = trace::of_rows(dataset, by.zip(&values));
            return std::iter::once(rows).chain(record).collect();
        }
        vec![trace::of_record(1, Some(1))]
    }
}

/// `＋`, or one sign for amounts and one for counts.
fn sign(part: &PartFigure) -> String {
    let sign = |sign: i64| match sign {
        1 => "＋",
        -1 => "－",
        _ => "○",
    };
    let (amount, count) = (sign(part.signs.amount), sign(part.signs.count));
    if amount == count {
        return amount.to_owned();
    }
    format!("{amount}/{count}")
}

/// A value of a key as text.
pub(super) fn cell(value: &Value) -> String {
    match value {
        Value::Null(_) => NONE.to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Date(day) => day.to_string(),
        Value::Instant(moment) => moment.to_rfc3339(),
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
    }
}
