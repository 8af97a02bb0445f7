//! `dukou status`: what happened, what is open, what to do next.

use std::fmt::Write as _;

use chrono::NaiveDate;
use clap::Args;
use serde_json::json;

use super::answer::Answer;
use super::arguments::day;
use super::desk::Desk;
use super::error::CliError;
use super::mapped;
use super::sheet::section;
use super::table::{Table, long, number, text};
use super::words::{self, moment};
use crate::clock::Clock;
use crate::job::Configuration;
use crate::ledger::{
    self, ClaimRow, DeliveryRow, EventRow, FileRow, FileState, GapRow, RejectCount, Status,
};

const EXAMPLES: &str = "\
Examples:
  dukou status                              everything that is open, and counts of all files
  dukou status --business-date 2026-03-09   counts of that day's files; what is open whatever its day
  dukou status --json";

/// Show what happened.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct StatusArgs {
    /// Count only files of this business day.
    #[arg(long, value_name = "DAY", value_parser = day)]
    business_date: Option<NaiveDate>,
}

/// `dukou status`
pub(super) async fn run(args: &StatusArgs, desk: &mut Desk<'_>) -> Result<Answer, CliError> {
    let engine = desk.engine().await?;
    let mut status = ledger::overview(engine.database(), args.business_date).await?;
    let now = engine.clock().now();
    let unacknowledged = status.unacknowledged.into_iter();
    status.unacknowledged = unacknowledged.map(|row| row.as_of(now)).collect();
    let view = View {
        status: &status,
        configuration: engine.configuration(),
        clock: engine.clock(),
        width: desk.width().saturating_sub(2),
    };
    Ok(Answer::shown(json!({ "status": status }), view.shown()).next(next(&status)))
}

/// Entries of one list that a screen shows; `--json` has them all.
const SHOWN: usize = 10;

/// The first entries as a table, and how many more there are.
fn first<T>(items: &[T], shown: impl FnOnce(&[T]) -> String) -> String {
    let (head, rest) = items.split_at(items.len().min(SHOWN));
    let mut text = shown(head);
    if !rest.is_empty() {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "…还有 {} 项", rest.len());
    }
    text
}

struct View<'v> {
    status: &'v Status,
    configuration: &'v Configuration,
    clock: &'v Clock,
    width: usize,
}

impl View<'_> {
    fn shown(&self) -> String {
        let mut out = self.counts();
        for (title, body) in [
            (
                "挂起待处理的文件",
                first(&self.status.held, |rows| self.held(rows)),
            ),
            (
                "未处理的拒收记录",
                first(&self.status.rejects, |rows| self.rejects(rows)),
            ),
            ("缺号", first(&self.status.gaps, |rows| self.gaps(rows))),
            (
                "未送达",
                first(&self.status.unsent, |rows| self.deliveries(rows)),
            ),
            (
                "未获确认",
                first(&self.status.unacknowledged, |rows| {
                    self.unacknowledged(rows)
                }),
            ),
            (
                "占用中",
                first(&self.status.claims, |rows| self.claims(rows)),
            ),
            (
                "未阅的提醒",
                first(&self.status.events, |rows| self.events(rows)),
            ),
            ("最近的执行记录", self.runs()),
        ] {
            out.push_str(&section(title, &body));
        }
        out
    }

    fn counts(&self) -> String {
        let day = self
            .status
            .business_date
            .map_or_else(|| "全部".to_owned(), |day| day.to_string());
        if self.status.files.is_empty() {
            return format!("文件（{day}）：没有\n");
        }
        let counted = self.status.files.iter();
        let parts: Vec<String> = counted
            .map(|one| format!("{} {}", words::file_state(one.state), one.count))
            .collect();
        format!("文件（{day}）：{}\n", parts.join("，"))
    }

    fn held(&self, rows: &[FileRow]) -> String {
        let columns = [
            number("编号"),
            long("文件名"),
            text("代码"),
            text("收到"),
            long("原因"),
        ];
        Table::of(columns, rows, |file| {
            [
                file.file_no.to_string(),
                file.name.clone(),
                file.code.clone().unwrap_or_default(),
                moment(self.clock, file.received_at),
                file.reason.clone().unwrap_or_default(),
            ]
        })
        .shown(self.width)
    }

    fn rejects(&self, rows: &[RejectCount]) -> String {
        let columns = [
            number("文件"),
            long("文件名"),
            text("对接单位"),
            number("记录"),
        ];
        Table::of(columns, rows, |file| {
            [
                file.file_no.to_string(),
                file.name.clone(),
                file.partner.clone(),
                file.open.to_string(),
            ]
        })
        .shown(self.width)
    }

    fn gaps(&self, rows: &[GapRow]) -> String {
        let columns = [
            long("接口"),
            long("范围"),
            number("从"),
            number("到"),
            text("发现"),
        ];
        Table::of(columns, rows, |gap| {
            [
                mapped::mapping_title(self.configuration, &gap.interface),
                gap.scope.clone(),
                gap.first_missing.to_string(),
                gap.last_missing.to_string(),
                moment(self.clock, gap.found_at),
            ]
        })
        .shown(self.width)
    }

    fn deliveries(&self, rows: &[DeliveryRow]) -> String {
        let columns = [
            number("编号"),
            long("文件名"),
            text("用途"),
            text("状态"),
            text("生成"),
            long("最近的错误"),
        ];
        Table::of(columns, rows, |row| {
            [
                row.delivery_no.to_string(),
                row.name.clone(),
                words::purpose(row.purpose).to_owned(),
                words::delivery_state(row.state).to_owned(),
                moment(self.clock, row.created_at),
                row.last_error.clone().unwrap_or_default(),
            ]
        })
        .shown(self.width)
    }

    fn unacknowledged(&self, rows: &[DeliveryRow]) -> String {
        let columns = [
            number("编号"),
            long("文件名"),
            text("用途"),
            text("状态"),
            text("送达"),
            text("确认期限"),
            long("对方结果"),
        ];
        Table::of(columns, rows, |row| {
            [
                row.delivery_no.to_string(),
                row.name.clone(),
                words::purpose(row.purpose).to_owned(),
                words::delivery(row),
                words::moment_or_none(self.clock, row.sent_at),
                words::moment_or_none(self.clock, row.due_at),
                row.ack_result.clone().unwrap_or_default(),
            ]
        })
        .shown(self.width)
    }

    fn claims(&self, rows: &[ClaimRow]) -> String {
        let columns = [long("文件名"), long("进程"), text("占用至")];
        Table::of(columns, rows, |claim| {
            [
                claim.name.clone(),
                claim.holder.clone(),
                moment(self.clock, claim.leased_until),
            ]
        })
        .shown(self.width)
    }

    fn events(&self, rows: &[EventRow]) -> String {
        let columns = [text("级别"), text("时间"), long("内容")];
        Table::of(columns, rows, |event| {
            [
                words::level(event.level).to_owned(),
                moment(self.clock, event.at),
                event.sentence.clone(),
            ]
        })
        .shown(self.width)
    }

    fn runs(&self) -> String {
        let columns = [
            number("编号"),
            long("作业"),
            text("记账日期"),
            text("状态"),
            text("开始"),
            text("结束"),
        ];
        Table::of(columns, self.status.runs.iter().take(8), |run| {
            [
                run.run_no.to_string(),
                run.job.clone(),
                run.business_date.to_string(),
                words::run_state(run.state).to_owned(),
                moment(self.clock, run.started_at),
                words::moment_or_none(self.clock, run.finished_at),
            ]
        })
        .shown(self.width)
    }
}

/// The commands that take an operator on.
fn next(status: &Status) -> Vec<String> {
    let mut next = Vec::new();
    if let Some(file) = status.held.first() {
        next.push(format!(
            "dukou files show {}          看挂起的文件，再 supersede 或 refuse",
            file.file_no
        ));
    }
    if let Some(file) = status.rejects.first() {
        next.push(format!(
            "dukou rejects list --file {}   看拒收的记录",
            file.file_no
        ));
    }
    let landed = status
        .files
        .iter()
        .any(|count| count.state == FileState::Landed && count.count > 0);
    if landed || !status.unsent.is_empty() {
        next.push("dukou recover                补做中断的工作，再次发送".to_owned());
    }
    if let Some(delivery) = status.unacknowledged.first() {
        next.push(format!(
            "dukou deliveries show {}     对方还没有确认",
            delivery.delivery_no
        ));
    }
    next
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a wrong index fails the test")]
mod tests {
    use super::*;

    fn empty() -> Status {
        Status {
            business_date: None,
            files: Vec::new(),
            held: Vec::new(),
            rejects: Vec::new(),
            gaps: Vec::new(),
            unsent: Vec::new(),
            unacknowledged: Vec::new(),
            claims: Vec::new(),
            runs: Vec::new(),
            events: Vec::new(),
        }
    }

    #[test]
    fn nothing_open_asks_for_nothing() {
        assert!(next(&empty()).is_empty());
    }

    #[test]
    fn a_long_list_says_how_much_more_there_is() {
        let numbers: Vec<usize> = (0..12).collect();
        let shown = first(&numbers, |head| format!("{} shown\n", head.len()));
        assert_eq!(shown, "10 shown\n…还有 2 项\n");
        assert_eq!(
            first(&numbers[..2], |head| format!("{} shown\n", head.len())),
            "2 shown\n"
        );
    }

    #[test]
    fn open_rejects_lead_to_their_list() {
        let reject = RejectCount {
            file_no: 7,
            name: "a.txt".to_owned(),
            partner: "etc_clearing".to_owned(),
            open: 3,
        };
        let status = Status {
            rejects: vec![reject],
            ..empty()
        };
        assert_eq!(
            next(&status),
            ["dukou rejects list --file 7   看拒收的记录"]
        );
    }
}
