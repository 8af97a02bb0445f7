//! The first sheet: what the report is, whether both sides agree, what is open, where to look.

use super::sheet::Sheet;
use super::{Book, Place, Style, Tally};
use crate::id::Fen;
use crate::ledger::{BreakKind, BreakRow, FundsEffect};
use crate::reconcile::Figure;
use crate::report::cell::Cell;
use crate::report::tables::{amount_known, break_title};
use crate::report::view::{Maker, items};
use crate::report::{ReportError, words};

/// Widths of the five columns, so that the sheet fits on A4 upright.
const WIDTHS: [usize; 5] = [26, 8, 14, 26, 18];

/// Writes the cover over the tables that are complete.
pub(in crate::report) fn cover(
    book: &mut Book,
    make: &Maker<'_>,
    version: i64,
) -> Result<(), ReportError> {
    book.end()?;
    let l = make.request.language;
    let mut sheet = book.sheet(l.pick("封面", "Cover"))?;
    sheet.fixed(&WIDTHS);
    let mut page = Page {
        sheet: &mut sheet,
        book,
        make,
        tally: Tally::default(),
    };
    page.head(version)?;
    page.tie_out()?;
    page.breaks()?;
    page.contents()?;
    page.signatures()?;
    let tally = page.tally;
    sheet.close()?;
    book.tally.neutralised += tally.neutralised;
    book.tally.long_numbers += tally.long_numbers;
    book.keep(Place::Cover, sheet);
    Ok(())
}

struct Page<'p> {
    sheet: &'p mut Sheet,
    book: &'p Book,
    make: &'p Maker<'p>,
    tally: Tally,
}

impl Page<'_> {
    fn t<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        self.make.request.language.pick(zh, en)
    }

    fn put(&mut self, at: u16, cell: &Cell<'_>, style: Style) -> Result<(), ReportError> {
        let formats = &self.book.formats;
        self.sheet.put(at, cell, style, formats, &mut self.tally)
    }

    fn row(&mut self, cells: [Cell<'_>; 5], style: Style) -> Result<(), ReportError> {
        for (at, cell) in (0..).zip(&cells) {
            self.put(at, cell, style)?;
        }
        self.sheet.down()
    }

    fn loose(&mut self, text: &str, style: Style) -> Result<(), ReportError> {
        self.sheet.across((0, 4), text, style, &self.book.formats)?;
        self.sheet.down()
    }

    fn section(&mut self, zh: &str, en: &str) -> Result<(), ReportError> {
        self.sheet.down()?;
        let text = self.t(zh, en).to_owned();
        self.loose(&text, Style::Section)
    }

    fn fact(&mut self, zh: &str, en: &str, value: &str) -> Result<(), ReportError> {
        let label = self.t(zh, en).to_owned();
        self.put(0, &Cell::Text(&label), Style::Strong)?;
        let formats = &self.book.formats;
        self.sheet.across((1, 4), value, Style::Body, formats)?;
        self.sheet.down()
    }

    fn head(&mut self, version: i64) -> Result<(), ReportError> {
        let (request, content) = (self.make.request, self.make.content);
        let l = request.language;
        let title = request.title.in_language(l).to_owned();
        let (name, day) = (request.name.to_string(), request.business_date.to_string());
        let written = format!(
            "{}（{}）",
            request.local(request.context.now),
            request.context.given.zone
        );
        let recon = &content.recon;
        let reconciled = format!(
            "{}　{}{}　{}{}　{}",
            request.reconcile.0,
            l.pick("编号 ", "no. "),
            recon.recon_no,
            l.pick("第 ", "run "),
            format_args!("{}{}", recon.version, l.pick(" 次", "")),
            request.local(recon.at)
        );
        let inputs = content.inputs.to_string();
        let result = self.make.result();
        self.sheet.lines(2);
        self.loose(&title, Style::Title)?;
        self.sheet.down()?;
        self.fact("报告", "Report", &name)?;
        self.fact("业务日期", "Business day", &day)?;
        let version = format!("{}{version}{}", l.pick("第 ", ""), l.pick(" 版", ""));
        self.fact("版本", "Version", &version)?;
        self.fact("单位", "Unit", l.pick("元", "yuan"))?;
        self.fact("对账结果", "Result", result)?;
        self.fact("对账", "Reconciliation", &reconciled)?;
        self.fact("生成时间", "Written at", &written)?;
        self.fact("依据摘要", "Digest of inputs", &inputs)
    }

    fn heading(&mut self, titles: [(&str, &str); 5]) -> Result<(), ReportError> {
        let l = self.make.request.language;
        let cells = titles.map(|(zh, en)| Cell::Text(l.pick(zh, en)));
        self.row(cells, Style::Heading)
    }

    fn tie_out(&mut self) -> Result<(), ReportError> {
        let make = self.make;
        let lines = make.balance();
        if lines.is_empty() {
            return Ok(());
        }
        self.section("平衡关系", "Tie-out")?;
        self.heading([
            ("项目", "Item"),
            ("笔数", "Rows"),
            ("金额（元）", "Amount (yuan)"),
            ("大写金额", "In capitals"),
            ("说明", "Note"),
        ])?;
        for line in lines {
            let style = match line.kind {
                "part" => Style::Body,
                "differs" => Style::Bad,
                _ => Style::Strong,
            };
            self.balance_row(&line.title, line.figure, &line.note, style)?;
        }
        for text in make.formulas() {
            self.loose(&text, Style::Loose)?;
        }
        Ok(())
    }

    fn balance_row(
        &mut self,
        title: &str,
        figure: Option<Figure>,
        note: &str,
        style: Style,
    ) -> Result<(), ReportError> {
        let capitals = figure.map(|figure| figure.amount.capitals());
        let cells = [
            Cell::Text(title),
            Cell::int(figure.map(|figure| figure.count)),
            Cell::money(figure.map(|figure| figure.amount)),
            Cell::text(capitals.as_deref()),
            Cell::Text(note),
        ];
        self.row(cells, style)
    }

    fn breaks(&mut self) -> Result<(), ReportError> {
        self.section("差异清单", "Breaks")?;
        self.heading([
            ("差异", "Break"),
            ("项数", "Items"),
            ("金额（元）", "Amount (yuan)"),
            ("类型／资金", "Type / funds"),
            ("结果", "Result"),
        ])?;
        let make = self.make;
        for found in make.total_breaks() {
            let title = break_title(found, make.request).to_owned();
            self.break_row(&title, &[found], (found.kind, found.funds_effect), None)?;
        }
        if make.content.matched.is_some() {
            return self.kinds();
        }
        let plan = make.request.subject().totals();
        for check in plan.into_iter().flat_map(|plan| &plan.checks) {
            let reason = check.reason.as_str();
            let found: Vec<&BreakRow> = make.breaks_of(reason).collect();
            let title = check.title.in_language(make.request.language).to_owned();
            let not_checked = make.not_checked(reason);
            let kinds = (check.kind, check.funds_effect);
            self.break_row(&title, &found, kinds, not_checked.as_deref())?;
        }
        Ok(())
    }

    /// Breaks of rows matched: a line for each kind and what it does to funds.
    fn kinds(&mut self) -> Result<(), ReportError> {
        let l = self.make.request.language;
        let make = self.make;
        for (kind, sums) in make.kinds() {
            for effect in FundsEffect::ALL {
                let of = sums.iter().filter(|sum| sum.funds_effect == *effect);
                let (items, amount) = of.fold((0, 0_i64), |(items, amount), sum| {
                    (items + sum.items, amount.saturating_add(sum.amount))
                });
                if items > 0 {
                    let kinds = (kind, *effect);
                    self.found_row(words::kind(kind, l), (items, amount), kinds, None)?;
                }
            }
        }
        Ok(())
    }

    fn break_row(
        &mut self,
        title: &str,
        found: &[&BreakRow],
        kinds: (BreakKind, FundsEffect),
        not_checked: Option<&str>,
    ) -> Result<(), ReportError> {
        let known = found.iter().filter(|found| amount_known(found));
        let amount: i64 = known.map(|found| found.amount).fold(0, i64::saturating_add);
        let items = found.iter().map(|found| items(found)).sum();
        self.found_row(title, (items, amount), kinds, not_checked)
    }

    fn found_row(
        &mut self,
        title: &str,
        (items, amount): (i64, i64),
        (kind, effect): (BreakKind, FundsEffect),
        not_checked: Option<&str>,
    ) -> Result<(), ReportError> {
        let l = self.make.request.language;
        let kinds = format!("{}／{}", words::kind(kind, l), words::effect(effect, l));
        let style = if items == 0 { Style::Body } else { Style::Bad };
        self.put(0, &Cell::Text(title), style)?;
        self.put(1, &Cell::Int(items), style)?;
        self.put(2, &Cell::Money(Fen(amount)), style)?;
        self.put(3, &Cell::Text(&kinds), Style::Body)?;
        match (not_checked, items == 0) {
            (Some(why), _) => {
                let text = format!("{}{why}", l.pick("未检查：", "not checked: "));
                self.put(4, &Cell::Text(&text), Style::Bad)?;
            }
            (None, true) => self.put(4, &Cell::Text(l.pick("无", "none")), Style::Body)?,
            (None, false) => {
                let target = format!("internal:'{}'!A1", l.pick("差异", "Breaks"));
                let text = l.pick("见差异表", "see Breaks");
                self.sheet.link(4, text, &target, &self.book.formats)?;
            }
        }
        self.sheet.down()
    }

    fn contents(&mut self) -> Result<(), ReportError> {
        self.section("目录", "Contents")?;
        let l = self.make.request.language;
        for (at, (zh, en)) in (0..).zip([("工作表", "Sheet"), ("行数", "Rows")]) {
            self.put(at, &Cell::Text(l.pick(zh, en)), Style::Heading)?;
        }
        self.sheet.down()?;
        let mut sheets: Vec<_> = self.book.done.iter().collect();
        sheets.sort_by_key(|done| done.place);
        for done in sheets {
            self.entry(&done.name, Some(done.rows.into()))?;
        }
        self.entry(l.pick("说明", "Notes"), None)
    }

    fn entry(&mut self, name: &str, rows: Option<i64>) -> Result<(), ReportError> {
        let target = format!("internal:'{name}'!A1");
        self.sheet.link(0, name, &target, &self.book.formats)?;
        self.put(1, &Cell::int(rows), Style::Body)?;
        self.sheet.down()
    }

    fn signatures(&mut self) -> Result<(), ReportError> {
        let l = self.make.request.language;
        let mut who = self.make.request.plan.signatures_in(l);
        if who.is_empty() {
            return Ok(());
        }
        who.push(l.pick("日期", "Date"));
        let colon = l.pick("：", ":");
        let texts: Vec<String> = who
            .iter()
            .map(|who| format!("{who}{colon}＿＿＿＿＿"))
            .collect();
        self.sheet.down()?;
        self.sheet.down()?;
        self.sheet.lines(2);
        self.loose(&texts.join("　"), Style::Loose)
    }
}
