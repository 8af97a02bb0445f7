//! The statement on paper: JSON for programs, Chinese text for people.

use std::fmt::Write as _;
use std::path::Path;

use super::plan::PROVIDERS;
use super::statement::{DayTotals, Statement, Tally};
use crate::simulate::SimulateError;
use crate::transport::write_atomic;

/// Writes `statement.json` and `statement.txt`.
pub(super) fn write(statement: &Statement, out: &Path) -> Result<(), SimulateError> {
    write_atomic(&out.join("statement.json"), |file| {
        serde_json::to_writer_pretty(&mut *file, statement)?;
        file.write_all(b"\n")
    })?;
    let text = text(statement);
    write_atomic(&out.join("statement.txt"), |file| {
        file.write_all(text.as_bytes())
    })?;
    Ok(())
}

fn tally(tally: Tally) -> String {
    format!("{} 笔，{} 元", tally.count, tally.amount)
}

fn text(statement: &Statement) -> String {
    let mut text = String::new();
    // Writing into a text cannot fail.
    let _ = compose(statement, &mut text);
    text
}

fn compose(statement: &Statement, text: &mut String) -> std::fmt::Result {
    writeln!(text, "清分中心模拟说明（全部数据为虚构）")?;
    writeln!(
        text,
        "清分目标日：{}　随机种子：{}",
        statement.date, statement.seed
    )?;
    writeln!(
        text,
        "发行方：{}　清分中心：{}",
        statement.issuer_id, statement.centre_id
    )?;
    for provider in &PROVIDERS {
        writeln!(text, "收费方：{}　{}", provider.id, provider.name)?;
    }
    writeln!(text, "\n一、埋设的情形")?;
    if statement.faults.iter().next().is_none() {
        writeln!(text, "　　无")?;
    }
    for (fault, count) in statement.faults.iter() {
        let reason = fault
            .reason()
            .map(|code| format!("（原因代码 {code}）"))
            .unwrap_or_default();
        writeln!(text, "　　{}{reason}：{count}", fault.title())?;
    }
    totals(statement, text)?;
    writeln!(text, "\n三、当日争议")?;
    for reason in &statement.reasons {
        writeln!(
            text,
            "　　原因代码 {}：{}",
            reason.reason,
            tally(reason.disputed)
        )?;
    }
    for dispute in statement.disputes_of_the_day() {
        let mark = if dispute.is_cleared_undecided {
            "　※ 未决即清分"
        } else {
            ""
        };
        let (package, row) = (dispute.message_id, dispute.trans_id);
        writeln!(
            text,
            "　　　　{package} 第 {row} 笔：代码 {}，{} 元{mark}",
            dispute.reason, dispute.fee
        )?;
    }
    writeln!(text, "\n四、应当认可的交易")?;
    for row in &statement.accepted {
        writeln!(
            text,
            "　　{} 第 {} 笔：{}",
            row.message_id, row.trans_id, row.why
        )?;
    }
    messages(statement, text)
}

fn totals(statement: &Statement, text: &mut String) -> std::fmt::Result {
    writeln!(text, "\n二、应得的数字")?;
    day(text, "前两日", &statement.history)?;
    day(text, "当日（补发之前）", &statement.day_before_resend)?;
    day(text, "当日（补发之后）", &statement.day)?;
    for file in &statement.dispute_files {
        let (id, provider) = (file.file_id, file.service_provider_id);
        let (paid, bad) = (tally(file.released), tally(file.bad_debt));
        writeln!(
            text,
            "　　争议文件 {id}（收费方 {provider}）：放行 {paid}；坏账 {bad}"
        )?;
    }
    writeln!(text, "　　争议放行合计：{}", tally(statement.released))?;
    writeln!(text, "　　清分：{}", tally(statement.clearing.total))?;
    writeln!(
        text,
        "　　清分与（记账＋放行）之差，补发之前：{}",
        tally(statement.difference_before_resend)
    )?;
    writeln!(
        text,
        "　　清分与（记账＋放行）之差，补发之后：{}",
        tally(statement.difference)
    )?;
    for package in statement.missing() {
        writeln!(
            text,
            "　　缺包：{}（收费方 {}）",
            package.message_id, package.service_provider_id
        )?;
    }
    writeln!(
        text,
        "　　记账报文应发：{} 个",
        statement.accounting_answers()
    )
}

fn day(text: &mut String, title: &str, day: &DayTotals) -> std::fmt::Result {
    let (received, disputed) = (tally(day.received), tally(day.disputed));
    let accounted = tally(day.accounted);
    writeln!(
        text,
        "　　{title}：{} 包，收到 {received}；争议 {disputed}；记账 {accounted}",
        day.packages
    )
}

fn messages(statement: &Statement, text: &mut String) -> std::fmt::Result {
    writeln!(text, "\n五、文件（按到达顺序）与应有的确认结果")?;
    for list in &statement.lists {
        writeln!(text, "　　{}：{} 行", list.path, list.rows)?;
    }
    for file in &statement.files {
        let note = file
            .note
            .map(|note| format!("（{note}）"))
            .unwrap_or_default();
        writeln!(
            text,
            "　　{}：{}{note}，确认 {}",
            file.path, file.title, file.answer
        )?;
    }
    Ok(())
}
